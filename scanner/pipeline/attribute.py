"""Marks of agents over the commits of a repository, counted."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from scanner.config import Config
from scanner.detectors import SecretDetector
from scanner.gitio import Repository, open_repository
from scanner.gitio.commit_log import CommitLog, Quiet, Selection, substitutes
from scanner.gitio.mailmap import mailmapped
from scanner.model import Change, Identity, Problem, Tool
from scanner.model.attribute_report import Asked, AttributeReport
from scanner.pipeline.attribute_question import Question, check
from scanner.pipeline.attribute_tally import Tallies
from scanner.pipeline.redact import redact
from scanner.pipeline.signing import MarkScreen, RepositoryAttributor
from scanner.pipeline.squash import Recovery, Squashes
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
        report = run.report(begun)
        return redact(report, run.detector.session(), run.detector.rules, ())


class _Run:
    """One count over one repository."""

    def __init__(self, config: Config, question: Question, repository: Repository) -> None:
        self._config = config
        self._question = question
        self._repository = repository
        self._tallies = Tallies(question)
        self._problems: list[Problem] = []
        self._notes: list[str] = []

    @cached_property
    def detector(self) -> SecretDetector:
        """What masks secrets in names."""
        return secret_detector(self._config)[0]

    @cached_property
    def _substitutes(self) -> tuple[int, bool]:
        return substitutes(self._repository)

    def count(self, progress: Progress) -> None:
        """Read the commits."""
        agents = load_agents(cached_in=self._config.cache_directory)
        openpgp = _asks_for_openpgp(agents)
        selection = _selection(self._repository, self._question, self._notes, openpgp=openpgp)
        if selection is None:
            return
        # git walks a range to its end before it prints: time to get ready.
        with CommitLog(self._repository, selection) as log:
            attributor = RepositoryAttributor.of(self._repository, agents)
            squashes = self._squashes(attributor, selection, progress)
            screen = self._screen(attributor, squashes)
            _ = self.detector, self._substitutes, digest(cached_in=self._config.cache_directory)
            progress.stage("reading commits")
            waiting = self._read(self._commits(log, screen), attributor, squashes, progress)
        if squashes is not None and waiting:
            self._learn(attributor, squashes.recovered())
            for number, change in waiting:
                self._tallies.add(change, attributor.attribute(change), number)
        self._tallies.settle()
        if self._tallies.edges:
            self._problems.append(_edge(self._tallies.edges))

    def _squashes(
        self, attributor: RepositoryAttributor, selection: Selection, progress: Progress
    ) -> Squashes | None:
        """What is to be shown every change, to get marks back for some of them afterwards.

        Where the selection lacks merges or paths, these are looked for beforehand in all of the
        range: a merge may tell that the commit below is a squash.
        """
        if not self._question.squashes:
            return None
        squashes = Squashes(self._repository, attributor.attribute)
        if not squashes.possible:
            return None
        if selection.merges and not selection.only:
            return squashes
        progress.stage("reading pull requests")
        self._learn(attributor, squashes.recovered_in(selection.revisions))
        return None

    def _read(
        self,
        commits: Iterable[Change | Quiet],
        attributor: RepositoryAttributor,
        squashes: Squashes | None,
        progress: Progress,
    ) -> list[tuple[int, Change]]:
        """Counts the commits but for those that may get marks yet; these, with their numbers."""
        tallies, waiting = self._tallies, []
        for number, item in enumerate(commits, 1):
            if not number % _STEP:
                progress.advance(_STEP, 0)
            if isinstance(item, Quiet):
                if tallies.wants(item):
                    tallies.add_quiet(item)
                continue
            waits = squashes is not None and squashes.add(item)
            if tallies.wants(item):
                if waits:
                    waiting.append((number, item))
                else:
                    tallies.add(item, attributor.attribute(item), number)
        return waiting

    def _learn(self, attributor: RepositoryAttributor, found: Recovery) -> None:
        attributor.learn(found.attributions)
        self._problems += found.problems
        if found.attributions:
            self._notes.append(_recovered(len(found.attributions)))

    def _screen(
        self, attributor: RepositoryAttributor, squashes: Squashes | None
    ) -> MarkScreen | None:
        """Sorts out the many commits that bear no mark; None where paths matter, or another commit
        tells what one is."""
        if "directory" in self._question.by or attributor.has_learned:
            return None
        if squashes is None:
            return MarkScreen(attributor)
        return MarkScreen(attributor, [squashes.expression]) if squashes.expression else None

    def _commits(self, log: CommitLog, screen: MarkScreen | None) -> Iterator[Change | Quiet]:
        for item in log if screen is None else log.screened(screen):
            if isinstance(item, Problem):
                self._problems.append(item)
            else:
                yield item

    def report(self, begun: float) -> AttributeReport:
        """What was counted."""
        question, tallies = self._question, self._tallies
        rules = digest(cached_in=self._config.cache_directory)
        return AttributeReport(
            tool=Tool(__version__, rules, self.detector.engine),
            repository=repository_info(self._repository),
            asked=_asked(question),
            tally=tallies.all.tally(),
            merges=tallies.merges,
            agents=tallies.agents(),
            weeks=tallies.weeks(),
            authors=tallies.authors(self._renamed),
            directories=tallies.directories(),
            commits=tallies.commits() if "commit" in question.by else None,
            impossible_dates=tallies.impossible,
            problems=tuple(dict.fromkeys(self._problems)),
            notes=(*self._notes, *_notes(self._substitutes, question, tallies)),
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


def _notes(substituted: tuple[int, bool], question: Question, tallies: Tallies) -> Iterator[str]:
    replaced, grafted = substituted
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
