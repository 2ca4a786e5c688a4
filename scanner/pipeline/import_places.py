"""Finds the places that another tool's report names in the repository that is scanned."""

import os
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Final, NamedTuple

from scanner.interop.reports import ImportedSecret
from scanner.model import Files, Location, Where
from scanner.sources.packing import blob_id
from scanner.suppress import InlineIgnore, inline_ignore

_LONGEST_LINE: Final = 2_000
_MOST_PARTS: Final = 40


class Ground(NamedTuple):
    """What places are looked for in."""

    files: Files
    where: Where
    """What `files` are: the working tree, or a commit of a bare repository."""
    root: str | None
    """The directory of the files, absolute; None where there is none."""
    object_format: str
    read_at: Callable[[str, str], bytes | None]
    """A file's bytes in a commit (by its id, full or short); None when either is not there."""
    in_head: Callable[[str, str | None], bool | None]
    excluded: Callable[[str], bool]


class FoundPlace(NamedTuple):
    """A place that is there."""

    location: Location
    notes: tuple[str, ...]
    """What differs from the report, in words."""
    ignore: InlineIgnore | None


class Places:
    """Answers for one scan; remembers what it has read last, since reports go file by file."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._last: tuple[tuple[str, str], bytes | None] | None = None

    def find(self, secret: ImportedSecret, rule: str) -> FoundPlace | None:
        """The place of an entry; None when neither the files nor the commit hold its path.

        The line is left out when the file ends before it.
        """
        for path in self._candidates(secret.path):
            data = self._read(secret.commit or "", path)
            if data is not None:
                return self._found(secret, rule, path, data, at_commit=secret.commit is not None)
            if secret.commit is not None and (data := self._read("", path)) is not None:
                place = self._found(secret, rule, path, data, at_commit=False)
                note = f"the report's commit {secret.commit[:12]} is not here, the file is"
                return place._replace(notes=(note, *place.notes))
        return None

    def _candidates(self, path: str) -> list[str]:
        """What the path may be relative to the repository: as it stands, inside its root, and,
        since tools run elsewhere, without its first directories."""
        outer = path.split("!", 1)[0]  # gitleaks' way to name an archive's member
        root = self._ground.root
        if root is not None and outer.startswith(root.rstrip("/") + "/"):
            return [outer[len(root.rstrip("/")) + 1 :]]
        parts = [part for part in PurePosixPath(outer).parts if part not in ("/", ".")]
        if not parts or ".." in parts or "\n" in outer or len(parts) > _MOST_PARTS:
            return []
        # Never down to a bare name: any README.md would fit.
        shortest = 1 if len(parts) == 1 else 2
        return ["/".join(parts[first:]) for first in range(len(parts) - shortest + 1)]

    def _read(self, commit: str, path: str) -> bytes | None:
        if self._last is None or self._last[0] != (commit, path):
            ground = self._ground
            data = ground.read_at(commit, path) if commit else ground.files.read(path)
            self._last = ((commit, path), data)
        return self._last[1]

    def _found(
        self, secret: ImportedSecret, rule: str, path: str, data: bytes, *, at_commit: bool
    ) -> FoundPlace:
        ground = self._ground
        notes = [] if path == _plain(secret.path) else [f"reported at {secret.path}"]
        line = secret.line
        if line is not None and line > data.count(b"\n") + 1:
            notes.append(f"the file ends before line {line}: it changed since the report")
            line = None
        current = not at_commit or ground.files.read(path) == data
        blob = blob_id(data, ground.object_format)
        location = Location(
            where=ground.where if current else Where.COMMIT,
            path=path,
            line=line,
            commit=secret.commit if at_commit else None,
            blob=blob,
            tracking=ground.files.tracking(path) if current else None,
            in_head=ground.in_head(path, blob),
        )
        return FoundPlace(location, tuple(notes), _ignored(data, line, rule))


def _plain(path: str) -> str:
    return os.path.normpath(path).replace(os.sep, "/")


def _ignored(data: bytes, line: int | None, rule: str) -> InlineIgnore | None:
    if line is None:
        return None
    start = 0
    before = b""
    for _ in range(line - 1):
        end = data.find(b"\n", start)
        before = data[max(start, end - _LONGEST_LINE) : end]
        start = end + 1
    end = data.find(b"\n", start, start + _LONGEST_LINE)
    return inline_ignore(data[start : end if end >= 0 else start + _LONGEST_LINE], before, rule)
