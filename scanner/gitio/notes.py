"""Lists which commits a notes ref speaks of."""

import os
from collections.abc import Iterator

import msgspec

from scanner.errors import GitError
from scanner.gitio.listing import is_id
from scanner.gitio.process import Runner

_READ = 1 << 20
_RECORD_LIMIT = 1 << 16


class Note(msgspec.Struct, frozen=True):
    """One note: which object it stands on, and the blob that holds its text."""

    commit: str
    blob: str


def list_notes(runner: Runner, ref_target: str) -> Iterator[Note]:
    """The notes of one notes commit or tree, by the annotated object's id.

    A notes tree is keyed by the id in hex, which git spreads over directories as it grows
    (git-notes(1)); what has another name is not a note and left out. Raises `GitError` when the
    tree can't be read.
    """
    with runner.start(["ls-tree", "-r", "-z", "--full-tree", ref_target]) as process:
        rest = b""
        while data := os.read(process.stdout.fileno(), _READ):
            *records, rest = (rest + data).split(b"\0")
            for record in records:
                note = _note(record)
                if note is not None:
                    yield note
            rest = rest[:_RECORD_LIMIT]
        if process.finish():
            raise GitError(process.complaint or "a notes tree can't be read")


def _note(record: bytes) -> Note | None:
    head, _, path = record.partition(b"\t")
    fields = head.split(b" ")
    commit = path.replace(b"/", b"").decode("ascii", "replace")
    if len(fields) != 3 or fields[1] != b"blob" or not is_id(commit):
        return None
    return Note(commit, fields[2].decode("ascii"))
