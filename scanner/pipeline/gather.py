"""Contents, changes, places, judgement: the steps of one scan, whatever it is a scan of."""

from collections.abc import Collection, Iterable, Iterator
from typing import Protocol

import msgspec

from scanner.model import (
    AgentUse,
    Batch,
    Change,
    Coverage,
    Files,
    Finding,
    Location,
    Origin,
    Problem,
    Reach,
    RepositoryInfo,
    Where,
)
from scanner.pipeline.findings import FindingBuilder
from scanner.pipeline.flows import check_flows
from scanner.pipeline.history import History, Messages, read_history
from scanner.pipeline.places import SecretPlaces, Trees, join, secret_key
from scanner.pipeline.provenance import Provenance, SecretKey, secrets_by_blob
from scanner.pipeline.redact import redact
from scanner.pipeline.setup import Setup
from scanner.pipeline.workers import Progress, Scanned, Sightings, scan_streams
from scanner.reach import ReachModel


class Subject(Protocol):
    """What is scanned: a whole repository, a range, the staged set, a directory, standard input."""

    info: RepositoryInfo
    files: Files
    flows_in: Where
    only_introduced: bool
    """Report only secrets that the changes at hand brought in."""

    def streams(self, setup: Setup, problems: list[Problem]) -> list[Iterator[Batch]]:
        """The contents, in streams that may be consumed in parallel."""

    def changes(self, setup: Setup) -> Iterable[Change | Problem]:
        """The changes; every call reads them anew."""

    def read_blob(self, blob: str) -> bytes | None:
        """One blob."""

    def trees(self, blobs: Collection[str]) -> Trees:
        """The states at hand, restricted to these blobs."""

    def elsewhere(self, unseen: Collection[str]) -> Iterable[Origin]:
        """Origins outside files; `unseen` are blobs that no change, tree or file accounts for."""

    def in_head(self, path: str, blob: str | None) -> bool | None:
        """Whether HEAD holds this blob at this path; None when there is no HEAD to ask."""

    def flow_paths(self) -> Iterable[str]:
        """Paths whose data flow is to be checked."""

    def file_count(self) -> int:
        """How many files on disk are part of the subject."""

    def notes(self) -> tuple[str, ...]:
        """Limits that are not errors."""


class Gathered(msgspec.Struct, frozen=True):
    """What a scan brought to light, before baseline and incidents."""

    findings: tuple[Finding, ...]
    agents: tuple[AgentUse, ...]
    coverage: Coverage
    problems: tuple[Problem, ...]
    repository: RepositoryInfo


def gather(subject: Subject, setup: Setup, progress: Progress) -> Gathered:
    """Run all steps in order."""
    problems: list[Problem] = []
    progress.stage("reading contents")
    streams = subject.streams(setup, problems) if setup.config.contents else []
    scanned = scan_streams(streams, setup.config.workers, setup.worker, progress)
    sightings = scanned.sightings
    progress.stage("reading changes")
    provenance = Provenance(
        secrets_by_blob(
            {blob: {secret_key(sighting) for sighting in seen} for blob, seen in sightings.items()}
        )
    )
    history = read_history(
        subject.changes(setup),
        setup.attributor,
        setup.boundary,
        provenance,
        Messages(*setup.worker()),
        subject.read_blob,
        progress,
    )
    problems += history.problems
    progress.stage("judging")
    model = ReachModel.build(subject.files, setup.agents, history=history.agents)
    problems += model.problems
    builder = FindingBuilder(
        setup.digester, setup.rules, setup.attributor, _reach_of(model, setup), subject.in_head
    )
    secrets, suppressed = _secret_findings(
        subject, setup, {**sightings, **history.messages}, provenance, history, builder
    )
    oversteps = [builder.boundary(*overstep) for overstep in history.oversteps]
    flows = [
        builder.flow(flow.match, flow.location)
        for flow in check_flows(
            subject.files, subject.flows_in, subject.flow_paths(), setup.excluded, problems
        )
    ]
    gathered = Gathered(
        findings=(*secrets, *_kept(oversteps, setup), *flows),
        agents=model.agents,
        coverage=_coverage(subject, setup, history, scanned, suppressed, _unmodelled(model, setup)),
        problems=tuple(problems),
        repository=subject.info,
    )
    withheld = {origin.commit or "" for origin in history.message_origins}
    return redact(gathered, setup.detector.session(), setup.rules, withheld)


def _reach_of(model: ReachModel, setup: Setup) -> "_ReachOf":
    asked = {*setup.config.agents, *setup.settings.agents}
    modelled = _modelled(setup)
    in_use = {use.agent for use in model.agents} & modelled
    # With no agent in use here, the answer that helps is what each would see if somebody ran it.
    return _ReachOf(model, frozenset(in_use | asked or modelled))


def _modelled(setup: Setup) -> set[str]:
    return {agent.id for agent in setup.agents if agent.context is not None}


def _unmodelled(model: ReachModel, setup: Setup) -> tuple[str, ...]:
    modelled = _modelled(setup)
    names = [use.name for use in model.agents if use.agent not in modelled]
    return (f"Reach is not modelled for: {', '.join(names)}.",) if names else ()


class _ReachOf:
    """Asks the model about the same agents every time."""

    def __init__(self, model: ReachModel, agents: frozenset[str]) -> None:
        self._model = model
        self._agents = agents

    def __call__(self, place: Location) -> tuple[Reach, ...]:
        return self._model.reach(place, self._agents)


def _secret_findings(
    subject: Subject,
    setup: Setup,
    sightings: Sightings,
    provenance: Provenance,
    history: History,
    builder: FindingBuilder,
) -> tuple[list[Finding], int]:
    trees = subject.trees(sightings)
    placed = provenance.seen | {origin.blob for origin in trees.worktree}
    placed |= set(trees.index.values()) | set(trees.head.values())
    unseen = [blob for blob in sightings if blob not in placed and not blob.startswith("message:")]
    extra = [*history.message_origins, *subject.elsewhere(unseen)]
    findings: list[Finding] = []
    suppressed = 0
    for key, places in join(sightings, trees, provenance, extra).items():
        if subject.only_introduced and not _brought_in(key, places, provenance):
            continue
        suppressed += bool(places.ignored)
        locations = tuple(place for place in places.locations if not setup.excluded(place.path))
        if locations:
            findings.append(builder.secret(key, places._replace(locations=locations), provenance))
    return findings, suppressed


def _brought_in(key: SecretKey, places: SecretPlaces, provenance: Provenance) -> bool:
    return key in provenance.introduced or any(
        place.where in (Where.MESSAGE, Where.TAG) for place in places.locations
    )


def _kept(findings: Iterable[Finding], setup: Setup) -> Iterator[Finding]:
    return (
        finding
        for finding in findings
        if not all(setup.excluded(place.path) for place in finding.locations)
    )


def _coverage(
    subject: Subject,
    setup: Setup,
    history: History,
    scanned: Scanned,
    suppressed: int,
    unmodelled: tuple[str, ...],
) -> Coverage:
    notes = [*setup.notes, *subject.notes(), *unmodelled]
    if setup.config.exclude:
        notes.append(f"--exclude leaves out {', '.join(setup.config.exclude)}")
    if setup.config.disable:
        notes.append(f"--disable switches off {', '.join(setup.config.disable)}")
    return Coverage(
        commits=history.commits,
        blobs=scanned.contents,
        files=subject.file_count(),
        bytes=scanned.bytes,
        agent_commits=history.agents.total(),
        undeclared_commits=history.undeclared,
        suppressed=suppressed,
        notes=tuple(notes),
    )
