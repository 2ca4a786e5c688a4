"""One change as the signals see it: contents before and after, read at most once and bounded."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from scanner.boundary.structure import Node, StructureError, read
from scanner.model import Change, PathChange, Problem, ReadBlob
from scanner.rules.boundaries import BoundaryRule

CREATED = "the change creates the file; it may be setting the project up"
"""The doubt where nothing that was there before can have been weakened."""

MAX_BLOBS = 400
"""Blobs read for one change; beyond that a problem is noted and the rest counts as unreadable."""

_REGULAR = ("100644", "100755")


class Observation(NamedTuple):
    """One thing a signal saw. The text never quotes file content that could be a credential."""

    path: str
    text: str
    line: int | None = None
    doubt: str | None = None
    """Why it may not be a widening at all, in words."""


class View:
    """Reads the contents of one change. Not to be kept beyond it."""

    def __init__(self, change: Change, read_blob: ReadBlob) -> None:
        self.change = change
        self.problems: list[Problem] = []
        self._read_blob = read_blob
        self._contents: dict[str, bytes | None] = {}
        self._trees: dict[tuple[str, str], Node | None] = {}

    def olds(self, path: PathChange) -> tuple[bytes, ...]:
        """The contents before, one for each parent that had the path and could be read."""
        found = (self._content(path.path, blob) for blob in _present(path.old_blobs))
        return tuple(content for content in found if content is not None)

    def new(self, path: PathChange) -> bytes | None:
        """The content after; None when deleted, not a regular file, or not readable."""
        if path.new_blob is None or path.new_mode not in _REGULAR:
            return None
        return self._content(path.path, path.new_blob)

    def readable(self, path: PathChange) -> bool:
        """Whether both sides are known: a side that is missing must not read as empty."""
        olds = tuple(_present(path.old_blobs))
        if len(self.olds(path)) != len(olds):
            return False
        return path.new_blob is None or self.new(path) is not None

    def old_trees(self, path: PathChange) -> tuple[Node, ...]:
        """The settings before, decoded; what cannot be decoded is left out."""
        found = (self._tree(path.path, blob) for blob in _present(path.old_blobs))
        return tuple(tree for tree in found if tree is not None)

    def new_tree(self, path: PathChange) -> Node | None:
        """The settings after, decoded."""
        if path.new_blob is None or path.new_mode not in _REGULAR:
            return None
        return self._tree(path.path, path.new_blob)

    def decodable(self, path: PathChange) -> bool:
        """Like `readable`, for the decoded settings."""
        if len(self.old_trees(path)) != len(tuple(_present(path.old_blobs))):
            return False
        return path.new_blob is None or self.new_tree(path) is not None

    def _tree(self, path: str, blob: str) -> Node | None:
        key = (path, blob)
        if key not in self._trees:
            self._trees[key] = self._decode(path, blob)
        return self._trees[key]

    def _decode(self, path: str, blob: str) -> Node | None:
        data = self._content(path, blob)
        if data is None:
            return None
        try:
            return read(path, data)
        except StructureError as error:
            line = f", line {error.line}" if error.line else ""
            self._note(path, f"blob {blob[:12]} {error.reason}{line}")
            return None

    def _content(self, path: str, blob: str) -> bytes | None:
        if blob not in self._contents:
            if len(self._contents) >= MAX_BLOBS:
                self._note(path, f"the change has more than {MAX_BLOBS} contents to compare")
                return None
            self._contents[blob] = self._read_blob(blob)
            if self._contents[blob] is None:
                self._note(path, f"blob {blob[:12]} is missing or too large")
        return self._contents[blob]

    def _note(self, path: str, reason: str) -> None:
        commit = self.change.commit
        where = f"{commit[:12]}:{path}" if commit else path
        problem = Problem("boundary", where, reason)
        if problem not in self.problems:
            self.problems.append(problem)


Signal = Callable[[View, tuple[PathChange, ...], BoundaryRule], list[Observation]]
"""What every signal is: the paths are those the rule's patterns match, in path order."""


def created(path: PathChange) -> bool:
    """No parent had the path."""
    return not any(_present(path.old_blobs))


def setting_up(path: PathChange) -> str | None:
    """The doubt about anything said of a file that the change creates."""
    return CREATED if created(path) else None


def _present(blobs: Iterable[str]) -> Iterable[str]:
    return (blob for blob in blobs if blob.strip("0"))


def line_of(data: bytes, needle: bytes) -> int | None:
    """The first line that holds the bytes."""
    at = data.find(needle) if needle else -1
    return None if at < 0 else data.count(b"\n", 0, at) + 1
