"""Which lines commits really added: one `git diff-tree -U0` for any number of commits.

A merge adds a line when none of its parents has it there, as `git blame` sees it too; this is what
the columns of a combined diff say (diff-format(1)). The stream is read by the counts in the hunk
headers, never by what a line looks like: lines of a hostile file can look like headers.
"""

import os
import re
import threading
from collections.abc import Iterator, Sequence
from typing import IO

import msgspec

from scanner.gitio.process import Process, Runner
from scanner.gitio.quoted import unquoted

OPTIONS = (
    *("--stdin", "-r", "--root", "-c", "-p", "-U0", "-M", "--diff-algorithm=myers", "--no-color"),
    *("--no-ext-diff", "--no-textconv", "--src-prefix=a/", "--dst-prefix=b/"),
    *("--ignore-submodules=none", "--no-relative", "--always"),
)
_HUNK = re.compile(rb"@@(@*) (-[0-9,]+(?: -[0-9,]+)*) \+([0-9]+)(?:,([0-9]+))? @@")
_LINE_LIMIT = 1 << 16
_GAPS = 8


class Added(msgspec.Struct, frozen=True):
    """The lines one commit added, by path: pairs (first, last) in ascending order."""

    commit: str
    paths: dict[str, list[tuple[int, int]]]


def added_lines(runner: Runner, commits: Sequence[str]) -> Iterator[Added]:
    """What each of these commits added, in their order.

    A commit that git can't show (missing, or with missing trees or blobs) is left out; so are all
    others when that happens more than a few times. Commits with nothing added have no paths.
    """
    begin = 0
    for _ in range(_GAPS):
        seen = begin
        for added in _run(runner, commits[begin:]):
            seen = _position(commits, added.commit, seen) + 1
            yield added
        if seen >= len(commits):
            return
        begin = seen + 1  # git stopped at this one
        if begin >= len(commits):
            return


def _position(commits: Sequence[str], commit: str, start: int) -> int:
    for index in range(start, len(commits)):
        if commits[index] == commit:
            return index
    return start


def _run(runner: Runner, commits: Sequence[str]) -> Iterator[Added]:
    with runner.start(["diff-tree", *OPTIONS], stdin=True) as process:
        feeder = threading.Thread(target=_feed, args=(process, commits), daemon=True)
        feeder.start()
        last: Added | None = None
        for added in _Parser(process.stdout).commits():
            if last is not None:
                yield last
            last = added
        # git prints what it has of a commit before it finds that a blob is missing.
        if process.finish() == 0 and last is not None:
            yield last
        feeder.join()


def _feed(process: Process, commits: Sequence[str]) -> None:
    if process.stdin is None:
        return
    try:
        for commit in commits:
            process.stdin.write(f"{commit}\n".encode("ascii"))
    except (BrokenPipeError, ValueError):
        pass
    process.close_stdin()


class _Parser:
    """Reads one stream of patches."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._commit: str | None = None
        self._paths: dict[str, list[tuple[int, int]]] = {}
        self._path: str | None = None

    def commits(self) -> Iterator[Added]:
        """One a commit, in git's order."""
        while line := self._line():
            if line.startswith(b"@@"):
                self._hunk(line)
            elif line.startswith(b"+++ "):
                self._path = _new_path(line[4:].rstrip(b"\n"))
            elif line.startswith((b"diff --git ", b"diff --combined ", b"diff --cc ")):
                self._path = None
            elif (commit := line.rstrip(b"\n")) and _is_commit(commit):
                if self._commit is not None:
                    yield Added(self._commit, self._paths)
                self._commit = commit.decode("ascii")
                self._paths, self._path = {}, None
        if self._commit is not None:
            yield Added(self._commit, self._paths)

    def _line(self) -> bytes:
        """The next line, up to a limit; the rest of a longer one is passed over."""
        line = self._stream.readline(_LINE_LIMIT)
        tail = line
        while tail and not tail.endswith(b"\n"):
            tail = self._stream.readline(_LINE_LIMIT)
        return line

    def _hunk(self, header: bytes) -> None:
        match = _HUNK.match(header)
        if match is None:
            return
        first, length = int(match[3]), int(match[4] or b"1")
        if not match[1]:
            removed = _length(match[2])
            for _ in range(removed + length):
                self._content()
            self._add(first, first + length - 1)
            return
        self._combined([_length(side) for side in match[2].split(b" ")], first, length)

    def _combined(self, left: list[int], number: int, length: int) -> None:
        """A hunk against several parents: each line has one column for each of them."""
        width = len(left)
        while length > 0 or any(count > 0 for count in left):
            line = self._content()
            if not line:
                return
            columns = line[:width]
            gone = b"-" in columns
            for index, column in enumerate(columns):
                if column == 0x2D or (column == 0x20 and not gone):
                    left[index] -= 1
            if not gone:
                if columns == b"+" * width:
                    self._add(number, number)
                number += 1
                length -= 1

    def _content(self) -> bytes:
        """The next line of a hunk, without git's remark that a file ends without a line feed."""
        line = self._line()
        while line.startswith(b"\\ "):
            line = self._line()
        return line

    def _add(self, first: int, last: int) -> None:
        if self._path is None or last < first:
            return
        spans = self._paths.setdefault(self._path, [])
        if spans and spans[-1][1] + 1 == first:
            spans[-1] = (spans[-1][0], last)
        else:
            spans.append((first, last))


def _length(side: bytes) -> int:
    _, comma, length = side.partition(b",")
    return int(length) if comma else 1


def _new_path(text: bytes) -> str | None:
    # git ends a path that holds a blank with a tab, for GNU patch.
    path = unquoted(text[:-1] if text.endswith(b"\t") else text)
    return os.fsdecode(path[2:]) if path.startswith(b"b/") else None


def _is_commit(line: bytes) -> bool:
    return len(line) in (40, 64) and not line.strip(b"0123456789abcdef")
