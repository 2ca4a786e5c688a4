"""Where a few lines of one file come from: `git blame` of these lines only, one process a file.

Format: git-blame(1), "INCREMENTAL OUTPUT". An entry begins with `<commit> <line there> <line here>
<count>` and ends with `filename <path there>`.
"""

import os
from collections.abc import Collection
from typing import IO, Final

import msgspec

from scanner.errors import GitError
from scanner.gitio.process import Runner
from scanner.gitio.quoted import unquoted

MOST_LINES: Final = 200
"""Lines of one file that are asked about; those with the lowest numbers."""
_OPTIONS: Final = ("--incremental", "--root", "--no-textconv", "--no-progress")
_HEADER_LIMIT: Final = 1 << 16


class LineOrigin(msgspec.Struct, frozen=True):
    """Where one line stood when it came in."""

    commit: str
    path: str
    line: int


def line_origins(
    runner: Runner, revision: str, path: str, lines: Collection[int]
) -> dict[int, LineOrigin]:
    """By line of the revision's file, where it comes from.

    Raises `GitError` when git can't tell: a line that the file does not have, a missing object.
    """
    wanted = sorted(lines)[:MOST_LINES]
    if not wanted:
        return {}
    ranges = [f"-L{line},{line}" for line in wanted]
    with runner.start(["blame", *_OPTIONS, *ranges, revision, "--", path]) as process:
        found = _read(process.stdout)
        status = process.finish()
        if status:
            raise GitError(process.complaint or f"git blame ended with {status}")
    return found


def _read(stream: IO[bytes]) -> dict[int, LineOrigin]:
    found: dict[int, LineOrigin] = {}
    head: list[bytes] = []
    while line := stream.readline(_HEADER_LIMIT):
        if not head:
            head = line.split()
            if len(head) != 4 or not all(field.isdigit() for field in head[1:]):
                raise GitError("git blame wrote what is not understood")
        elif line.startswith(b"filename "):
            name = os.fsdecode(unquoted(line[9:].rstrip(b"\n")))
            there, here, count = (int(field) for field in head[1:])
            for offset in range(min(count, MOST_LINES)):
                commit = head[0].decode("ascii", "replace")
                found[here + offset] = LineOrigin(commit, name, there + offset)
            head = []
        while not line.endswith(b"\n") and (line := stream.readline(_HEADER_LIMIT)):
            pass  # the rest of an over-long header
    return found
