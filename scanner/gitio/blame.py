"""Asks `git blame` which commit brought each line: one process a file.

`--incremental` is read, because it names commits and lines without printing the contents. Format
(git-blame(1), "INCREMENTAL OUTPUT"): `<commit> <line there> <line here> <count>`, headers of which
those of a commit come once only, and `filename <path there>` as the last.
"""

from array import array
from collections.abc import Sequence
from typing import IO

import msgspec

from scanner.errors import GitError
from scanner.gitio.process import Runner
from scanner.gitio.quoted import unquoted

OPTIONS = ("--incremental", "--no-textconv", "--no-progress")
_HEADER_LIMIT = 1 << 16
_RUNS_LIMIT = 20_000_000


class Run(msgspec.Struct, frozen=True):
    """Neighbouring lines that one commit brought."""

    commit: str
    path: str
    """In that commit."""
    first: int
    """Line number in that commit's version of the file."""
    count: int


class Blame(msgspec.Struct, frozen=True):
    """All lines of one file. Runs are packed: four numbers each, in no order."""

    commits: tuple[str, ...]
    paths: tuple[bytes, ...]
    packed: bytes
    """Unsigned 32-bit numbers: index of commit, index of path, first line there, count."""
    outside: frozenset[int]
    """Indexes of commits that a range leaves out; all lines older than it are blamed on those.
    Without `--root` also of commits without parents."""

    @property
    def runs(self) -> "array[int]":
        """The packed numbers."""
        numbers = array("I")
        numbers.frombytes(self.packed)
        return numbers

    @property
    def lines(self) -> int:
        """How many lines there are, those outside of the range included."""
        return sum(self.runs[3::4])


class BlameOptions(msgspec.Struct, frozen=True):
    """What every file of one question is asked with."""

    revisions: tuple[str, ...]
    """The commit whose file is read, and commits that are left out with all before them, as
    `^<id>`."""
    arguments: tuple[str, ...] = ()
    """Further options, as `exact_arguments` makes them."""
    ignored_file: str | None = None
    """A file with full ids of commits to see through."""


def blame_file(runner: Runner, path: str, options: BlameOptions) -> Blame:
    """Blame one path of the revision's tree.

    Raises `GitError` when git can't, which it does for a missing or damaged blob or tree anywhere
    it has to look.
    """
    arguments = ["blame", *OPTIONS, *options.arguments]
    if options.ignored_file is not None:
        arguments += ["--ignore-revs-file", options.ignored_file]
    with runner.start([*arguments, *options.revisions, "--", path]) as process:
        parser = _Parser()
        parser.read(process.stdout)
        status = process.finish()
        if status:
            raise GitError(process.complaint or f"git blame ended with {status}")
    return parser.result()


class _Parser:
    def __init__(self) -> None:
        self._commits: dict[bytes, int] = {}
        self._paths: dict[bytes, int] = {}
        self._numbers = array("I")
        self._outside: set[int] = set()

    def read(self, stream: IO[bytes]) -> None:
        """Reads to the end. Raises `GitError` for what git does not write."""
        commit = first = count = 0
        expecting = True
        while line := stream.readline(_HEADER_LIMIT):
            if expecting:
                fields = line.split()
                if len(fields) != 4:
                    raise GitError("git blame wrote what is not understood")
                commit = self._commits.setdefault(fields[0], len(self._commits))
                first, count = int(fields[1]), int(fields[3])
                expecting = False
            elif line.startswith(b"filename "):
                name = unquoted(line[9:].rstrip(b"\n"))
                path = self._paths.setdefault(name, len(self._paths))
                self._numbers.extend((commit, path, first, count))
                if len(self._numbers) > 4 * _RUNS_LIMIT:
                    raise GitError("git blame told of more pieces than are read")
                expecting = True
            elif line == b"boundary\n":
                self._outside.add(commit)
            else:
                _pass_over(stream, line)

    def result(self) -> Blame:
        return Blame(
            commits=tuple(commit.decode("ascii", "replace") for commit in self._commits),
            paths=tuple(self._paths),
            packed=self._numbers.tobytes(),
            outside=frozenset(self._outside),
        )


def _pass_over(stream: IO[bytes], line: bytes) -> None:
    while line and not line.endswith(b"\n"):
        line = stream.readline(_HEADER_LIMIT)


def exact_arguments(
    *, moves: int | None, copies: int, copy_score: int, ignore_whitespace: bool, roots: bool = True
) -> tuple[str, ...]:
    """The options `-M`, `-C`, `-w` and `--root` in git's spelling; a score of 0 is git's own.

    The score stands on the first `-C` only: a later `-C` without one keeps it (builtin/blame.c).
    """
    arguments = ["--root"] if roots else []
    if moves is not None:
        arguments.append(f"-M{moves or ''}")
    if copies:
        arguments += [f"-C{copy_score or ''}", *["-C"] * (min(3, copies) - 1)]
    if ignore_whitespace:
        arguments.append("-w")
    return tuple(arguments)


def parse_ignored(data: bytes) -> tuple[Sequence[str], int]:
    """The ids in a file for `--ignore-revs-file`, and how many lines are neither id nor comment."""
    ids: dict[str, None] = {}
    wrong = 0
    for raw in data.split(b"\n"):
        text = raw.partition(b"#")[0].strip().decode("ascii", "replace").lower()
        if not text:
            continue
        if len(text) in (40, 64) and not text.strip("0123456789abcdef"):
            ids[text] = None
        else:
            wrong += 1
    return tuple(ids), wrong
