"""Joins line evidence and commits' marks with `git blame`: who wrote the lines that survive."""

import os
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from scanner.attribution import Attributor
from scanner.attribution.lines import Tools
from scanner.config import DEFAULT_MAX_BYTES, Config
from scanner.errors import ConfigError
from scanner.gitio import Repository, open_repository
from scanner.gitio.blame import BlameOptions, exact_arguments
from scanner.gitio.line_history import LineHistory, ignored_file
from scanner.gitio.values import TreeEntry
from scanner.model import Problem
from scanner.model.lines import FileLines, LineQuestion, LineReport, Shares, Skip
from scanner.pipeline.line_blame import Blamed, Blamer
from scanner.pipeline.line_cache import BlameCache
from scanner.pipeline.line_counts import LineCounter, directories, runs_of
from scanner.pipeline.line_evidence import TRACES, Evidence, Gatherer, Lines, note_places
from scanner.pipeline.line_files import Chosen, choose_files, summary
from scanner.pipeline.line_ignored import IgnoredRevisions, ignored_revisions
from scanner.pipeline.line_marks import Marked, read_marks
from scanner.pipeline.subjects import repository_info
from scanner.pipeline.workers import Progress
from scanner.rules.agents import AgentFile, load_agents

_CAUSES = 5
_NO_EVIDENCE = Evidence({}, (), ())


def run_lines(config: Config, question: LineQuestion, progress: Progress) -> LineReport:
    """Count the surviving lines of a revision by origin.

    The files are those of the revision's tree; what is not committed is not counted. Of `config` it
    reads `path`, `subpaths`, `exclude`, `jobs`, `max_bytes`, `cache_directory` and
    `project_settings` (whether the project's own `.git-blame-ignore-revs` counts). Raises
    `ConfigError` for a path outside of the repository, a bad pattern or an unreadable file of
    revisions, `GitError` for no repository or an unknown revision. What cannot be read is in
    `LineReport.problems`; when there is any, or `complete` is false, the exit code is 3.
    """
    begun = time.monotonic()
    limit = config.max_bytes or DEFAULT_MAX_BYTES
    with open_repository(config.path.absolute(), limit=limit) as repository:
        session = _Session(repository, config, _narrowed(question, config, repository))
        report = session.report(progress)
    return msgspec.structs.replace(report, seconds=time.monotonic() - begun)


class _Revisions(msgspec.Struct, frozen=True):
    commit: str
    bottoms: tuple[str, ...]
    """As `^<id>`."""

    @property
    def all(self) -> tuple[str, ...]:
        return (self.commit, *self.bottoms)


class _Session:
    """One answer."""

    def __init__(self, repository: Repository, config: Config, question: LineQuestion) -> None:
        self._repository = repository
        self._config = config
        self._question = question
        self._limit = config.max_bytes or DEFAULT_MAX_BYTES
        self._history = LineHistory(repository)
        self._revisions = _resolve(repository, question.revision)
        self._agents = load_agents(cached_in=config.cache_directory)

    def report(self, progress: Progress) -> LineReport:
        progress.stage("files")
        question = self._question
        entries = tuple(self._repository.tree_entries(self._revisions.commit))
        chosen = choose_files(entries, question)
        by_path = {entry.path: entry for entry in entries}
        ignored = ignored_revisions(
            self._repository,
            self._history,
            question.exactness,
            by_path,
            project=self._config.project_settings,
        )
        arguments = _arguments(question)
        progress.stage("blame")
        blamed = self._blame(chosen, arguments, ignored.commits, progress)
        progress.stage("evidence")
        surviving = _Surviving(blamed)
        marked = self._marks(surviving)
        evidence = self._evidence(surviving, by_path)
        counter = LineCounter(marked.attributions, evidence.claims, self._repository.boundaries)
        files = tuple(_files(blamed, surviving, counter, ranged=bool(self._revisions.bottoms)))
        return self._compose(chosen, blamed, ignored, arguments, marked, evidence, files)

    def _blame(
        self,
        chosen: Chosen,
        arguments: tuple[str, ...],
        ignored: tuple[str, ...],
        progress: Progress,
    ) -> list[Blamed]:
        with ignored_file(ignored) as file:
            options = BlameOptions(self._revisions.all, arguments, file)
            cache = BlameCache.open(
                self._config.cache_directory, self._repository, self._history, options, ignored
            )
            blamer = Blamer(
                self._repository,
                self._history,
                options,
                cache,
                forced=chosen.forced,
                limit=self._limit,
            )
            blamed = list(blamer.all(chosen.files, self._config.workers, progress))
            cache.close()
        return blamed

    def _marks(self, surviving: "_Surviving") -> Marked:
        tools = Tools(self._agents) if self._question.notes else None
        attributor = Attributor(self._agents)
        refs = self._repository.refs() if tools is not None else ()
        return read_marks(
            self._repository, self._history, attributor, tools, surviving.commits, refs
        )

    def _evidence(self, surviving: "_Surviving", by_path: Mapping[str, TreeEntry]) -> Evidence:
        if not self._question.notes:
            return _NO_EVIDENCE
        places = note_places(self._repository.refs())
        entry = by_path.get(TRACES)
        traces = self._repository.read_blob(entry.blob) if entry is not None else None
        if not places and traces is None:
            return _NO_EVIDENCE
        parents = self._history.parents((self._revisions.commit,))
        asked = parents
        if self._revisions.bottoms:
            asked = self._history.parents(self._revisions.all)
        gatherer = Gatherer(
            self._repository,
            self._history,
            Tools(self._agents),
            parents,
            asked,
            surviving.lines,
        )
        return gatherer.gather(places, traces)

    def _compose(
        self,
        chosen: Chosen,
        blamed: Sequence[Blamed],
        ignored: IgnoredRevisions,
        arguments: tuple[str, ...],
        marked: Marked,
        evidence: Evidence,
        files: tuple[FileLines, ...],
    ) -> LineReport:
        skipped = {reason: list(paths) for reason, paths in chosen.skipped.items()}
        for one in blamed:
            if one.skip is not None:
                skipped.setdefault(one.skip, []).append(one.entry.path)
        folders = directories(files)
        total = folders[0].shares if folders else Shares()
        problems = (*evidence.problems, *_problems(blamed, self._repository), *_unread(marked))
        return LineReport(
            repository=repository_info(self._repository),
            revision=self._question.revision,
            commit=self._revisions.commit,
            options=arguments,
            ignored_revisions=len(ignored.commits),
            total=total,
            directories=folders,
            files=files,
            skipped=summary(skipped),
            evidence=(*evidence.counts, *((marked.entire,) if marked.entire else ())),
            names=_names(total, self._agents),
            complete=Skip.UNREADABLE not in skipped and not total.cut_off and not marked.unread,
            notes=(*ignored.notes, *_notes(self._question, skipped, total)),
            problems=problems,
        )


class _Surviving:
    """The commits, and paths in them, that blamed lines come from."""

    def __init__(self, blamed: Iterable[Blamed]) -> None:
        commits: dict[str, None] = {}
        lines: set[Lines] = set()
        self._paths: dict[int, tuple[str, ...]] = {}
        for index, one in enumerate(blamed):
            if one.blame is None:
                continue
            paths = tuple(os.fsdecode(path) for path in one.blame.paths)
            self._paths[index] = paths
            for run in runs_of(one.blame, paths):
                commits[run.commit] = None
                lines.add((run.commit, run.path))
        self.commits = tuple(commits)
        self.lines = frozenset(lines)

    def paths(self, index: int) -> tuple[str, ...]:
        """The paths of one file's blame, decoded."""
        return self._paths[index]


def _files(
    blamed: Sequence[Blamed], surviving: _Surviving, counter: LineCounter, *, ranged: bool
) -> Iterable[FileLines]:
    """The files with lines; in a range that are those it changed."""
    for index, one in enumerate(blamed):
        if one.blame is None:
            continue
        shares = counter.count(runs_of(one.blame, surviving.paths(index)))
        if shares.lines or not ranged:
            yield FileLines(one.entry.path, one.entry.blob, shares)


def _resolve(repository: Repository, revision: str) -> _Revisions:
    ids = repository.resolve_range(revision)
    tops = [one for one in ids if not one.startswith("^")]
    if len(tops) != 1:
        raise ConfigError(
            f"{revision!r} has two ends", hint="A..B counts the lines of B that A did not have"
        )
    bottoms = tuple(one for one in ids if one.startswith("^"))
    return _Revisions(tops[0], bottoms)


def _narrowed(question: LineQuestion, config: Config, repository: Repository) -> LineQuestion:
    """With the configuration's paths and patterns."""
    paths = list(question.paths)
    root = repository.root
    for part in config.subpaths:
        if root is None:
            raise ConfigError(f"{part}: a bare repository has no files to name")
        place = Path(part.parent.resolve(), part.name)
        if not place.is_relative_to(root.resolve()):
            raise ConfigError(f"{part} lies outside {root}")
        paths.append(place.relative_to(root.resolve()).as_posix())
    exclude = (*question.exclude, *config.exclude)
    return msgspec.structs.replace(question, paths=tuple(paths), exclude=exclude)


def _arguments(question: LineQuestion) -> tuple[str, ...]:
    exactness = question.exactness
    return exact_arguments(
        moves=exactness.moves,
        copies=exactness.copies,
        copy_score=exactness.copy_score,
        ignore_whitespace=exactness.ignore_whitespace,
        roots=exactness.roots,
    )


def _problems(blamed: Iterable[Blamed], repository: Repository) -> Iterable[Problem]:
    """One a cause, with the number of files."""
    causes: dict[str, list[str]] = {}
    for one in blamed:
        if one.skip is Skip.UNREADABLE:
            causes.setdefault(one.complaint, []).append(one.entry.path)
    hint = "git fsck lists what is damaged"
    if repository.partial:
        hint = "this is a partial clone: fetch what it lacks, or use a full clone"
    for complaint, paths in sorted(causes.items(), key=lambda item: -len(item[1]))[:_CAUSES]:
        more = f", and {len(paths) - 1} more files" if len(paths) > 1 else ""
        yield Problem("attribution", paths[0], f"not blamed{more}: {complaint}", hint)
    rest = sum(len(paths) for paths in list(causes.values())) if len(causes) > _CAUSES else 0
    if rest:
        yield Problem("attribution", "blame", f"{rest} files in all could not be blamed", hint)


def _unread(marked: Marked) -> Iterable[Problem]:
    if marked.unread:
        reason = f"{marked.unread} commits that lines come from can't be read"
        yield Problem("attribution", "history", reason, "git fsck lists what is damaged")


def _notes(
    question: LineQuestion, skipped: Mapping[Skip, Sequence[str]], total: Shares
) -> Iterable[str]:
    if total.cut_off:
        yield (
            f"the clone is shallow: {total.cut_off} lines are as old as its edge or older, "
            "and where they come from is not known"
        )
    if not question.everything and not question.include:
        kinds = (Skip.GENERATED, Skip.VENDORED, Skip.LOCK)
        files = sum(len(skipped.get(kind, ())) for kind in kinds)
        if files:
            yield f"{files} generated and vendored files and lock files are not counted"
    if not question.notes:
        yield "line evidence was not read"


def _names(total: Shares, agents: Iterable[AgentFile]) -> dict[str, str]:
    occurring = {*total.attested, *total.marked, *total.bots}
    return {agent.id: agent.name for agent in agents if agent.id in occurring}
