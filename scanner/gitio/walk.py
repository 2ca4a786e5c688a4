"""Walks commits: where each belongs, and how to go on when git ends half-way."""

import contextlib
from collections.abc import Callable, Generator, Mapping, Sequence

from scanner.gitio.log import (
    LOG_OPTIONS,
    MESSAGE_LIMIT,
    PATH_OPTIONS,
    PATHS_LIMIT,
    LogParser,
    TooManyPathsError,
)
from scanner.gitio.process import Runner
from scanner.model import Change, Problem, Where

_MAX_GAPS = 8
_FSCK = "git fsck lists what is damaged; a fresh clone may have it whole"
_TREES = f"a clone made with --filter=tree:0 lacks trees: scan a full clone; otherwise {_FSCK}"

Step = Generator[Change | Problem, None, str | None]


class Place:
    """Tells where a commit belongs. Must be asked in git's order, children before parents.

    A stash entry is a commit whose second parent holds the index and whose third, if any, holds the
    untracked files; its first parent is ordinary history. `names` gives the name by which a commit
    was asked for, where that is no ref.
    """

    def __init__(self, stashes: Sequence[str], names: Mapping[str, str] | None = None) -> None:
        self._stashes = set(stashes)
        self.names: Mapping[str, str] = names or {}
        self.otherwise = Where.COMMIT

    def __call__(self, commit: str, parents: tuple[str, ...], ref: str) -> Where:
        """The place of one commit, which git found by `ref`."""
        if commit in self._stashes:
            self._stashes.update(parents[1:])
            return Where.STASH
        return Where.NOTE if ref.startswith("refs/notes/") else self.otherwise


class Walk:
    """One logical `git log`, continued behind commits that git can't show."""

    def __init__(
        self,
        runner: Runner,
        place: Place,
        boundary: frozenset[str],
        headers: Callable[[str, bytes], None] | None = None,
    ) -> None:
        self._runner = runner
        self._parser = LogParser(place, boundary, place.names, headers)
        self._seen = 0
        self._last: str | None = None

    def changes(
        self, selection: Sequence[str], stdin: Sequence[str]
    ) -> Generator[Change | Problem, None, None]:
        """The commits of `git log <selection>`, which reads the revisions in `stdin` as well."""
        for _ in range(_MAX_GAPS):
            complaint = yield from self._run(selection, stdin)
            if complaint is None:
                break
            # The commit git stopped at, once more without its paths; then on behind it.
            if not (yield from self._bridge(selection, stdin, complaint)):
                break
        else:
            yield Problem("git", self._name(), "paths of the commits behind it not read", _TREES)
            complaint = yield from self._run(selection, stdin, "--no-patch")
            if complaint is not None:
                yield self._end(complaint)
        yield from self._cut_messages()

    def _bridge(self, selection: Sequence[str], stdin: Sequence[str], complaint: str) -> "Bridge":
        before = self._seen
        again = yield from self._run(selection, stdin, "--no-patch", "--max-count=1")
        if self._seen == before:
            yield self._end(again or complaint)
            return False
        yield Problem("git", self._name(), f"its paths can't be read: {complaint}", _TREES)
        if again is not None:
            yield self._end(again)
        return again is None

    def _run(self, selection: Sequence[str], stdin: Sequence[str], *extra: str) -> Step:
        """One git process, from the first commit not yet seen; its complaint if it died.

        `extra` options stand in place of those that ask for paths.
        """
        skip = f"--skip={self._seen}"
        paths = () if extra else PATH_OPTIONS
        arguments = ["log", *LOG_OPTIONS, *paths, *extra, skip, *selection, "--"]
        with self._runner.start(arguments, stdin=True) as process:
            process.widen()
            if process.stdin is not None:
                with contextlib.suppress(BrokenPipeError):
                    process.stdin.write("".join(f"{line}\n" for line in stdin).encode("ascii"))
            process.close_stdin()
            try:
                for change in self._parser.parse(process.stdout):
                    self._seen += 1
                    self._last = change.commit
                    yield change
            except TooManyPathsError as over:
                self._seen += 1
                self._last = over.change.commit
                yield over.change
                return f"more than {PATHS_LIMIT} paths, of which only the first were read"
            status = process.finish()
            if status:
                return process.complaint or f"git log ended with {status}"
            if process.complaint:
                yield Problem("git", "history", f"git warned: {process.complaint}", _FSCK)
        return None

    def _end(self, complaint: str) -> Problem:
        reason = f"history can't be read: {complaint}"
        if self._last:
            reason = f"history behind this commit can't be read: {complaint}"
        return Problem("git", self._name(), reason, _FSCK)

    def _name(self) -> str:
        return self._last or "history"

    def _cut_messages(self) -> Generator[Problem, None, None]:
        for commit in self._parser.cut_messages:
            yield Problem("git", commit, f"its message was read up to {MESSAGE_LIMIT} bytes only")
        self._parser.cut_messages.clear()


Bridge = Generator[Change | Problem, None, bool]
