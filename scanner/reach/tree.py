"""The repository's files as the reach model reads them: bounded, decoded, links followed inside."""

import posixpath
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import takewhile
from typing import Protocol, runtime_checkable

import msgspec

from scanner.model import Files, Location, Tracking, Where
from scanner.reach.matching.gitignore import IgnoreFile, Pattern, excludes, parse, parse_file

LARGEST_FILE = 1 << 20
"""Bytes of a configuration or instruction file that is still read."""
MOST_HOPS = 8


@runtime_checkable
class FollowsLinks(Protocol):
    """A `Files` that can tell where a symbolic link points."""

    def link(self, path: str) -> str | None:
        """The link's text as stored, or None if the path is no symbolic link."""


@runtime_checkable
class MayBeAbsent(Protocol):
    """A `Files` that may list a file that is not there: deleted, or not checked out."""

    def absent(self, path: str) -> bool:
        """Whether nothing stands at a path that is listed."""


class Unreadable(msgspec.Struct, frozen=True):
    """A file that is there and cannot be used."""

    path: str
    reason: str


class Place(msgspec.Struct, frozen=True):
    """What the verdicts depend on in a location."""

    path: str
    in_tree: bool | None
    """A file that tools can open stands there. None: not known."""
    committed: bool
    """A git object holds it."""
    tracking: Tracking


class Tree:
    """One state of the files. Directories are not kept: a path with something below it is one."""

    def __init__(self, files: Files) -> None:
        self._files = files
        # Asking a runtime protocol takes longer than the answer.
        self._links = files if isinstance(files, FollowsLinks) else None
        self._lacks = files if isinstance(files, MayBeAbsent) else None
        self.paths = tuple(sorted(files.paths()))
        self._known = frozenset(self.paths)
        self._names: dict[str, list[str]] = {}
        for path in self.paths:
            self._names.setdefault(path.rpartition("/")[2], []).append(path)
        self.resolve = lru_cache(maxsize=65_536)(self._resolve)
        self.text = lru_cache(maxsize=256)(self._text)
        self.patterns = lru_cache(maxsize=1024)(self._patterns)
        self._naming = lru_cache(maxsize=64)(self._all_naming)

    def exists(self, path: str) -> bool:
        """Whether there is a file, be it a link or inside a directory that is not listed."""
        return path in self._known or self._files.read(path) is not None or self._is_link(path)

    def _is_link(self, path: str) -> bool:
        return self._links is not None and self._links.link(path) is not None

    def tracking(self, path: str) -> Tracking:
        """What git makes of the path."""
        return self._files.tracking(path)

    def _resolve(self, path: str) -> str | None:
        """The path behind symbolic links, or None when it leads out of the repository."""
        if self._links is None:
            return path
        for _ in range(MOST_HOPS):
            target = self._links.link(path)
            if target is None:
                return path
            path = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
            if path.startswith(("/", "../")) or path == "..":
                return None
        return None

    def _text(self, path: str) -> str | Unreadable | None:
        """The decoded file, links followed; None when there is none."""
        real = self.resolve(path)
        if real is None:
            return Unreadable(path, "it is a link that leads out of the repository")
        data = self._files.read(real)
        if data is None:
            if path in self._known and not (self._lacks and self._lacks.absent(real)):
                return Unreadable(path, "it is a link, too large or unreadable")
            return None
        if len(data) > LARGEST_FILE:
            return Unreadable(path, f"it is larger than {LARGEST_FILE >> 20} MiB")
        try:
            return data.decode()
        except UnicodeDecodeError:
            return Unreadable(path, "it is not UTF-8")

    def _patterns(self, path: str, base: str = "") -> IgnoreFile | None:
        """The patterns of an ignore file; None where there is none or it cannot be read."""
        text = self.text(path)
        return parse_file(path, text, base) if isinstance(text, str) else None

    def plain_text(self, path: str) -> str:
        """The file's text, or "" when there is none to be had."""
        text = self.text(path)
        return text if isinstance(text, str) else ""

    def find(self, pattern: str) -> Iterator[str]:
        """The files that a gitignore pattern names, sorted; a literal path also where unlisted."""
        parsed = parse(pattern)
        if parsed is None:
            return
        literal = pattern.removeprefix("/")
        if parsed.anchored and not any(char in literal for char in "*?[\\") and literal[-1] != "/":
            if self.exists(literal):
                yield literal
            return
        yield from (path for path in self._candidates(parsed) if excludes(parsed, path))

    def _candidates(self, pattern: Pattern) -> Sequence[str]:
        """The paths that can match at all: few where a segment has no wildcards."""
        last = pattern.segments[-1]
        if last is not None and last.literal and not pattern.directory_only:
            return self._names.get(last.head, ())
        literal = takewhile(lambda glob: glob is not None and glob.literal, pattern.segments)
        prefix = "/".join(glob.head for glob in literal if glob is not None)
        if pattern.anchored and prefix:
            first = bisect_left(self.paths, f"{prefix}/")
            return self.paths[first : bisect_left(self.paths, f"{prefix}0", lo=first)]
        names = [glob.head for glob in pattern.segments if glob is not None and glob.literal]
        return self._naming(max(names, key=len)) if names else self.paths

    def _all_naming(self, name: str) -> Sequence[str]:
        """The paths that hold a name anywhere, sorted."""
        return [path for path in self.paths if name in path]


def place(location: Location, tree: Tree) -> Place:
    """The location in the terms of the model."""
    in_worktree = location.where is Where.WORKTREE
    in_tree = {Where.WORKTREE: True, Where.INDEX: True, Where.GIT_FILE: True}.get(location.where)
    if location.where in (Where.COMMIT, Where.STASH, Where.REFLOG, Where.UNREACHABLE):
        in_tree = location.in_head
    elif in_tree is None:
        in_tree = False
    if location.tracking is not None:
        tracking = location.tracking
    else:
        tracking = tree.tracking(location.path) if in_worktree else Tracking.UNKNOWN
    committed = location.where not in (Where.WORKTREE, Where.GIT_FILE, Where.STDIN)
    committed = committed or bool(location.in_head) or tracking is Tracking.TRACKED
    return Place(location.path, in_tree, committed, tracking)
