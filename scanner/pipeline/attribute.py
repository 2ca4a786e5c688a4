"""Marks of agents over the commits of a repository, counted."""

import time
from collections.abc import Iterator, Mapping, Sequence

from scanner.config import Config
from scanner.detectors import SecretDetector
from scanner.gitio import Repository, open_repository
from scanner.gitio.commit_log import Selection, commit_log, mailmapped, substitutes
from scanner.gitio.signed_objects import commit_reader
from scanner.model import Change, Identity, Problem, Tool
from scanner.model.attribute_report import Asked, AttributeReport
from scanner.pipeline.attribute_question import Question, check
from scanner.pipeline.attribute_tally import Tallies
from scanner.pipeline.redact import redact
from scanner.pipeline.signing import RepositoryAttributor
from scanner.pipeline.squash import recover
from scanner.pipeline.subjects import repository_info
from scanner.pipeline.workers import Progress, Silence
from scanner.rules import digest
from scanner.rules.agents import AgentFile, load_agents
from scanner.rules.secrets import SecretRule, load_secret_rules
from scanner.rules.signatures import Field
from scanner.version import __version__

_STEP = 1000
"""Commits between two signs of progress."""


def run_attribute(
    config: Config, question: Question, progress: Progress | None = None
) -> AttributeReport:
    """Count the marks. Of `config` only `path` and `cache_directory` matter.

    Raises `ConfigError` for a question that contradicts itself and `GitError` where there is no
    repository or no such revision; what could not be read is in the report's problems.
    """
    check(question)
    begun = time.time()
    with open_repository(config.path) as repository:
        run = _Run(config, question, repository)
        run.count(progress or Silence())
        detector, rules = secret_detector(config)
        report = run.report(begun, detector.engine)
        return redact(report, detector.session(), rules, ())


class _Run:
    """One count over one repository."""

    def __init__(self, config: Config, question: Question, repository: Repository) -> None:
        self._config = config
        self._question = question
        self._repository = repository
        self._tallies = Tallies(question)
        self._problems: list[Problem] = []
        self._notes: list[str] = []

    def count(self, progress: Progress) -> None:
        """Read the commits."""
        agents = load_agents(cached_in=self._config.cache_directory)
        selection = _selection(
            self._repository, self._question, self._notes, openpgp=_asks_for_openpgp(agents)
        )
        if selection is None:
            return
        attributor = self._attributor(agents, selection, progress)
        tallies = self._tallies
        progress.stage("reading commits")
        for number, change in enumerate(self._changes(selection), 1):
            if tallies.wants(change):
                tallies.add(change, attributor.attribute(change))
            if not number % _STEP:
                progress.advance(_STEP, 0)
        if tallies.edges:
            self._problems.append(_edge(tallies.edges))

    def _attributor(
        self, agents: Sequence[AgentFile], selection: Selection, progress: Progress
    ) -> RepositoryAttributor:
        attributor = RepositoryAttributor(agents, commit_reader(self._repository))
        if self._question.squashes:
            progress.stage("reading pull requests")
            found = recover(self._repository, attributor.attribute, selection.revisions)
            attributor.learn(found.attributions)
            self._problems += found.problems
            if found.attributions:
                self._notes.append(_recovered(len(found.attributions)))
        return attributor

    def _changes(self, selection: Selection) -> Iterator[Change]:
        for item in commit_log(self._repository, selection):
            if isinstance(item, Problem):
                self._problems.append(item)
            else:
                yield item

    def report(self, begun: float, engine: str) -> AttributeReport:
        """What was counted."""
        question, tallies = self._question, self._tallies
        rules = digest(cached_in=self._config.cache_directory)
        return AttributeReport(
            tool=Tool(__version__, rules, engine),
            repository=repository_info(self._repository),
            asked=_asked(question),
            tally=tallies.all.tally(),
            merges=tallies.merges,
            agents=tallies.agents(),
            weeks=tallies.weeks(),
            authors=tallies.authors(self._renamed),
            directories=tallies.directories(),
            commits=tuple(tallies.commits) if "commit" in question.by else None,
            impossible_dates=tallies.impossible,
            problems=tuple(dict.fromkeys(self._problems)),
            notes=(*self._notes, *_notes(self._repository, question, tallies)),
            started=int(begun),
            seconds=round(time.time() - begun, 3),
        )

    def _renamed(self, people: list[Identity]) -> list[Identity]:
        return mailmapped(self._repository, people) if self._question.mailmap else people


def secret_detector(config: Config) -> tuple[SecretDetector, Mapping[str, SecretRule]]:
    """What masks secrets in names. Built as for a scan, so that its compiled cache serves both."""
    detector = SecretDetector(
        load_secret_rules(cached_in=config.cache_directory),
        engine="auto",
        cache_directory=config.cache_directory,
        adapter=True,
        archives=False,
        personal=True,
    )
    return detector, detector.rules


def _selection(
    repository: Repository, question: Question, notes: list[str], *, openpgp: bool
) -> Selection | None:
    """None, with a note, before the first commit."""
    revisions: tuple[str, ...] | None = None
    if question.revisions is not None:
        revisions = repository.resolve_range(question.revisions)
    elif not question.everything:
        if repository.head is None:
            notes.append(_unborn(repository))
            return None
        revisions = (repository.head,)
    return Selection(
        revisions=revisions,
        first_parent=question.first_parent,
        merges=question.merges,
        only=question.paths,
        paths="directory" in question.by,
        openpgp=openpgp,
    )


def _asks_for_openpgp(agents: Sequence[AgentFile]) -> bool:
    """Whether any agent is known by an OpenPGP key; SSH keys are written as fingerprints."""
    return any(
        Field.SIGNING_KEY in rule.fields
        and not all(one.startswith("SHA256:") for one in rule.values)
        for agent in agents
        for rule in agent.signatures
    )


def _unborn(repository: Repository) -> str:
    if any(ref.kind == "commit" for ref in repository.refs()):
        return "HEAD names no commit yet; --all reads what other refs hold"
    return "the repository has no commit yet"


def _recovered(number: int) -> str:
    commits = "1 squash commit has" if number == 1 else f"{number:,} squash commits have"
    return f"{commits} marks recovered from pull requests that are in this clone"


def _edge(number: int) -> Problem:
    where = "a commit" if number == 1 else f"{number:,} commits"
    return Problem(
        "git",
        "history",
        f"this clone is shallow: what lies behind {where} at its edge is not counted",
        "git fetch --unshallow brings the rest",
    )


def _notes(repository: Repository, question: Question, tallies: Tallies) -> Iterator[str]:
    replaced, grafted = substitutes(repository)
    if replaced:
        refs = "1 replace ref is" if replaced == 1 else f"{replaced:,} replace refs are"
        yield f"{refs} not applied: commits are read as they were made; git log shows substitutes"
    if grafted:
        yield "the grafts file is not applied: commits have the parents that they name themselves"
    if tallies.impossible:
        commits = (
            "1 commit states"
            if tallies.impossible == 1
            else f"{tallies.impossible:,} commits state"
        )
        yield f"{commits} a date before 1971 or in the future: counted, but in no week"
    if question.mailmap:
        yield "authors are counted by the mailmap of HEAD; marks are read without it"
    if question.paths and not tallies.all.outcomes:
        yield f"no commit in the range touches {' or '.join(question.paths)}"
    if tallies.edges and "directory" in question.by:
        yield "commits at the edge of the shallow clone are in no directory: their changes are lost"


def _asked(question: Question) -> Asked:
    return Asked(
        revisions=question.revisions or ("--all" if question.everything else "HEAD"),
        since=question.since,
        until=question.until,
        date=question.date,
        first_parent=question.first_parent,
        merges=question.merges,
        paths=question.paths,
        mailmap=question.mailmap,
        depth=question.depth,
    )
