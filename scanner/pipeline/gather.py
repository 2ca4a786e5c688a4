"""Contents, changes, places, judgement: the steps of one scan, whatever it is a scan of."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from scanner.attribution import Attributor
from scanner.model import AgentUse, Coverage, Finding, Problem, RepositoryInfo
from scanner.pipeline.content_findings import data_findings, followed, secret_findings
from scanner.pipeline.examine import Scanned, Worker
from scanner.pipeline.findings import FindingBuilder, ReachOf
from scanner.pipeline.flows import check_flows
from scanner.pipeline.history import History, Messages, read_history
from scanner.pipeline.opening import Opened
from scanner.pipeline.oversteps import Checks, ChecksApart, ChecksHere
from scanner.pipeline.provenance import Provenance, secrets_by_blob
from scanner.pipeline.redact import redact
from scanner.pipeline.setup import Setup
from scanner.pipeline.subject import Subject
from scanner.pipeline.touched import Touched
from scanner.pipeline.workers import Ahead, Progress, Scan
from scanner.reach import ReachModel

if TYPE_CHECKING:
    from scanner.pipeline.policy import PolicyPass
    from scanner.pipeline.signing import SignaturePass

_MOST_COMMON = frozenset({"claude-code", "codex", "cursor", "gemini-cli", "github-copilot"})
"""Agents to answer for where nothing shows which are in use."""


class Gathered(msgspec.Struct, frozen=True):
    """What a scan brought to light, before baseline and incidents."""

    findings: tuple[Finding, ...]
    agents: tuple[AgentUse, ...]
    coverage: Coverage
    problems: tuple[Problem, ...]
    repository: RepositoryInfo


class _Read(NamedTuple):
    """What the two passes over the repository brought."""

    scanned: Scanned
    provenance: Provenance
    history: History
    touched: Collection[str]
    """The paths that the changes touch, where the scan is about what changes brought in."""
    policy: "PolicyPass | None"
    signatures: "SignaturePass | None"


class _Found(NamedTuple):
    """What the contents, the changes and the reports of other tools come to."""

    findings: tuple[Finding, ...]
    suppressed: int
    """How many an inline ignore or another tool's allowlist took away."""
    notes: tuple[str, ...]


def gather(opened: Opened, setup: Setup, progress: Progress) -> Gathered:
    """Run all steps in order."""
    subject = opened.subject
    problems: list[Problem] = [*setup.problems]
    unread: list[Problem] = []
    scan = _begin(subject, setup, progress, unread)
    # Recovering the marks of squashes is a walk of its own, over commits; contents need none of it.
    # Each keeps its problems, so that their order does not depend on which is quicker.
    attributor = Ahead(lambda: subject.attributor(setup, problems))
    scanned = scan.result()
    setup = msgspec.structs.replace(setup, attributor=attributor.result())
    problems += [*unread, *_unopened(scanned.seen.unopened, subject)]
    read = _read(subject, setup, scanned, progress, problems)
    progress.stage("judging")
    model = ReachModel.build(subject.files, setup.agents, history=read.history.agents)
    problems += model.problems
    found = _findings(opened, setup, read, model, problems)
    gathered = Gathered(
        findings=found.findings,
        agents=model.agents,
        coverage=_coverage(subject, setup, read, found, _unmodelled(model, setup)),
        problems=tuple(problems),
        repository=subject.info,
    )
    withheld = {origin.commit or "" for origin in read.history.message_origins}
    return redact(gathered, setup.text_session(), setup.rules, withheld)


def _begin(subject: Subject, setup: Setup, progress: Progress, problems: list[Problem]) -> Scan:
    progress.stage("reading contents")
    streams = subject.streams(setup, problems) if setup.config.contents else []
    apart = setup.can_work_apart and subject.is_long

    def prepare() -> None:
        setup.detector.load()
        setup.digester()

    return Scan(
        streams,
        setup.config.workers,
        lambda: Worker(*setup.worker()),
        progress,
        apart=apart,
        prepare=prepare,
    )


def _read(
    subject: Subject,
    setup: Setup,
    scanned: Scanned,
    progress: Progress,
    problems: list[Problem],
) -> _Read:
    progress.stage("reading changes")
    provenance = Provenance(secrets_by_blob(followed(scanned.seen)))
    touched = Touched()
    changes = subject.changes(setup)
    policy, signatures = _policy_pass(subject, setup), _signature_pass(setup)
    history = read_history(
        touched.noting(changes) if subject.only_introduced else changes,
        setup.attributor,
        _checks(subject, setup),
        provenance,
        Messages(*setup.worker()),
        progress,
        [watcher for watcher in (policy, signatures) if watcher is not None],
    )
    problems += history.problems
    if policy is not None:
        problems += policy.problems
    return _Read(scanned, provenance, history, touched.paths, policy, signatures)


def _findings(
    opened: Opened, setup: Setup, read: _Read, model: ReachModel, problems: list[Problem]
) -> _Found:
    subject, reach_of = opened.subject, _reach_of(model, setup)
    seen, history, provenance = read.scanned.seen, read.history, read.provenance
    builder = FindingBuilder(
        setup.digester,
        setup.rules,
        setup.attributor,
        reach_of,
        model.way_in,
        subject.in_head,
    )
    secrets, suppressed = secret_findings(
        subject, setup, {**seen.sightings, **history.messages}, provenance, history, builder
    )
    notes: tuple[str, ...] = ()
    if setup.foreign.is_there:
        from scanner.pipeline.foreign_findings import with_foreign

        joined = with_foreign(opened, setup, secrets, builder, reach_of)
        secrets, notes = [*joined.findings], joined.notes
        suppressed += joined.suppressed
        problems += joined.problems
    oversteps = [builder.boundary(*overstep) for overstep in history.oversteps]
    flows = [
        builder.flow(flow.match, flow.location)
        for flow in check_flows(
            subject.files, subject.flows_in, subject.flow_paths(), setup.excluded, problems
        )
    ]
    secrets, oversteps, flows = _with_lines(subject, setup, read, (secrets, oversteps, flows))
    people, ignored = data_findings(subject, setup, seen, provenance, reach_of)
    concerns, silenced = _concern_findings(opened, setup, read, model, secrets)
    breaches = read.policy.findings(setup.digester) if read.policy is not None else ()
    accepted = read.policy.suppressed if read.policy is not None else 0
    unsigned = read.signatures.findings(setup.digester) if read.signatures is not None else ()
    findings = (
        *secrets,
        *_kept((*oversteps, *people), setup),
        *flows,
        *concerns,
        *breaches,
        *unsigned,
    )
    return _Found(findings, suppressed + ignored + silenced + accepted, notes)


def _with_lines(
    subject: Subject, setup: Setup, read: _Read, kinds: tuple[list[Finding], ...]
) -> Iterator[list[Finding]]:
    """The same findings, kind by kind, with what is known of their introducing lines."""
    findings = [finding for kind in kinds for finding in kind]
    evidence = subject.line_evidence(setup) if findings else None
    if evidence is not None:
        findings = evidence.added_to(findings, read.provenance, read.scanned.seen.sightings)
    ordered = iter(findings)
    return (list(islice(ordered, len(kind))) for kind in kinds)


def _checks(subject: Subject, setup: Setup) -> Checks:
    apart = setup.can_work_apart and subject.is_long
    return (ChecksApart if apart else ChecksHere)(setup.boundary, subject.read_blob)


def _policy_pass(subject: Subject, setup: Setup) -> "PolicyPass | None":
    if setup.policy is None:
        return None
    from scanner.pipeline.policy import PolicyPass

    return PolicyPass(setup.policy, setup.attributor, subject.beginning)


def _signature_pass(setup: Setup) -> "SignaturePass | None":
    if type(setup.attributor) is Attributor:  # without commits; spares a hook the import
        return None
    from scanner.pipeline.signing import RepositoryAttributor, SignaturePass

    if not isinstance(setup.attributor, RepositoryAttributor):
        return None
    return SignaturePass(setup.attributor.verifier)


def _concern_findings(
    opened: Opened, setup: Setup, read: _Read, model: ReachModel, secrets: Sequence[Finding]
) -> tuple[list[Finding], int]:
    """Settings to look at, of the agents in use and those asked for, and how many were ignored."""
    in_use = {use.agent for use in model.agents}
    concerns = model.concerns(
        (in_use | _asked(setup)) & _modelled(setup),
        among=read.touched if opened.subject.only_introduced else None,
    )
    if not concerns:
        return [], 0
    from scanner.pipeline.concerns import ConcernFindings, Surface

    def covers(path: str) -> bool:
        return opened.covers(path) and not setup.excluded(path)

    builder = ConcernFindings(
        Surface(opened.subject.files, opened.root is not None, covers),
        {agent.id: agent.name for agent in setup.agents},
        setup.digester,
        _reach_of(model, setup),
    )
    return builder.findings(concerns, secrets)


def _unopened(found: Mapping[str, Sequence[str]], subject: Subject) -> Iterator[Problem]:
    """What is packed in a content and could not be looked at, by a path where one is at hand."""
    if not found:
        return
    trees = subject.trees(found)
    paths = {blob: path for tree in (trees.head, trees.index) for path, blob in tree.items()}
    paths.update((origin.blob, origin.path) for origin in trees.worktree)
    for blob, reasons in sorted(found.items()):
        for reason in reasons:
            yield Problem("detector", paths.get(blob, blob), reason)


def _reach_of(model: ReachModel, setup: Setup) -> ReachOf:
    """Asks the model about the same agents every time."""
    modelled = _modelled(setup)
    in_use = {use.agent for use in model.agents if use.grade != "weak"} & modelled
    # With no agent that is surely in use here, the answer that helps is what the most common ones
    # would see if somebody ran them; all two dozen would bury it.
    agents = frozenset(in_use | _asked(setup) or modelled & _MOST_COMMON)
    return lambda place: model.reach(place, agents)


def _asked(setup: Setup) -> set[str]:
    return {*setup.config.agents, *setup.settings.agents}


def _modelled(setup: Setup) -> set[str]:
    return {agent.id for agent in setup.agents if agent.context is not None}


def _unmodelled(model: ReachModel, setup: Setup) -> tuple[str, ...]:
    modelled = _modelled(setup)
    names = [use.name for use in model.agents if use.agent not in modelled]
    return (f"Reach is not modelled for: {', '.join(names)}.",) if names else ()


def _kept(findings: Iterable[Finding], setup: Setup) -> Iterator[Finding]:
    return (
        finding
        for finding in findings
        if not all(setup.excluded(place.path) for place in finding.locations)
    )


def _coverage(
    subject: Subject,
    setup: Setup,
    read: _Read,
    found: _Found,
    unmodelled: tuple[str, ...],
) -> Coverage:
    history, scanned = read.history, read.scanned
    notes = [*setup.notes, *found.notes, *subject.notes(), *unmodelled]
    if setup.config.exclude:
        notes.append(f"--exclude leaves out {', '.join(setup.config.exclude)}")
    notes += [f"--rules adds the rules of {path}" for path in setup.config.rules]
    if setup.config.disable:
        notes.append(f"--disable switches off {', '.join(setup.config.disable)}")
    return Coverage(
        commits=history.commits,
        blobs=scanned.contents,
        files=subject.file_count(),
        bytes=scanned.bytes,
        agent_commits=history.agents.total(),
        undeclared_commits=history.undeclared,
        suppressed=found.suppressed,
        notes=tuple(notes),
    )
