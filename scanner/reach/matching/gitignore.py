"""Ignore patterns as git matches them (gitignore(5), git's dir.c and wildmatch.c), in bounded time.

Patterns come from the scanned repository, so nothing is turned into a regular expression: segments
are matched by `glob` beside this, and `**` over segments with one backtracking point as well. With
`fold` upper and lower case are the same, as in the npm package `ignore` that several agents
use, whose remaining rules are git's.
"""

from collections.abc import Sequence
from functools import lru_cache

import msgspec

from scanner.reach.matching.glob import ANYTHING, NOTHING, Segment, parse_segment, segment_matches

LONGEST_PATTERN = 1024
"""A longer pattern is taken to match nothing: it can never be the reason for a "blocked"."""
MOST_PATTERNS = 10_000
"""Patterns that are read of one file."""


class Pattern(msgspec.Struct, frozen=True):
    """One line of an ignore file."""

    text: str
    line: int
    negated: bool
    directory_only: bool
    anchored: bool
    segments: tuple[Segment, ...]


class IgnoreFile(msgspec.Struct, frozen=True):
    """The patterns of one file, relative to the directory `base` ("" for the root).

    The other fields are the positions of patterns that can match at all, by the lower-case name
    that must be there: a path's last segment, or for anchored patterns its first.
    """

    path: str
    base: str
    patterns: tuple[Pattern, ...]
    by_name: dict[str, tuple[int, ...]]
    by_first: dict[str, tuple[int, ...]]
    unnamed: tuple[int, ...]
    """Patterns that begin (anchored) or consist (the others) of more than literal characters."""

    @classmethod
    def of(cls, path: str, base: str, patterns: Sequence[Pattern]) -> "IgnoreFile":
        """The file with its positions filled in."""
        names: dict[str, list[int]] = {}
        firsts: dict[str, list[int]] = {}
        unnamed: list[int] = []
        for position, pattern in enumerate(patterns):
            glob = pattern.segments[0]
            if glob is None or not glob.literal:
                unnamed.append(position)
            else:
                table = firsts if pattern.anchored else names
                table.setdefault(glob.head.lower(), []).append(position)
        return cls(path, base, tuple(patterns), _frozen(names), _frozen(firsts), tuple(unnamed))

    def candidates(self, parts: Sequence[str]) -> list[Pattern]:
        """The patterns worth trying on a path relative to the base, the last one first."""
        named = self.by_name.get(parts[-1].lower(), ())
        first = self.by_first.get(parts[0].lower(), ())
        return [self.patterns[at] for at in sorted((*named, *first, *self.unnamed), reverse=True)]


def _frozen(table: dict[str, list[int]]) -> dict[str, tuple[int, ...]]:
    return {name: tuple(positions) for name, positions in table.items()}


class Hit(msgspec.Struct, frozen=True):
    """The pattern that decides on a path; `negated` means that it takes the path back in."""

    path: str
    line: int
    text: str
    negated: bool

    @property
    def source(self) -> str:
        """`file:line`."""
        return f"{self.path}:{self.line}"


def parse_file(path: str, text: str, base: str = "") -> IgnoreFile:
    """The patterns of an ignore file, in order."""
    patterns: list[Pattern] = []
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        if len(patterns) == MOST_PATTERNS:
            break
        if (pattern := parse(line.removesuffix("\r"), number)) is not None:
            patterns.append(pattern)
    return IgnoreFile.of(path, base, patterns)


@lru_cache(maxsize=8192)
def parse(line: str, number: int = 0) -> Pattern | None:
    """One line; None for a blank line, a comment and what can match nothing."""
    text = _trim(line)
    if not text or text.startswith("#") or len(text) > LONGEST_PATTERN:
        return None
    negated = text.startswith("!")
    body = text[1:] if negated else text
    directory_only = body.endswith("/")
    body = body[:-1] if directory_only else body
    anchored = "/" in body
    parts = body.removeprefix("/").split("/") if body else []
    if not parts or parts == [""]:
        return None
    segments: list[Segment] = []
    for part in parts:
        if part == "**" and anchored:
            if not segments or segments[-1] is not None:
                segments.append(None)
            continue
        if (glob := parse_segment(part)) is None:
            return None
        segments.append(glob)
    return Pattern(text, number, negated, directory_only, anchored, tuple(segments))


def decide(files: Sequence[IgnoreFile], path: str, *, fold: bool = False) -> Hit | None:
    """The pattern that decides on a path, or None. Later files and later lines win.

    A directory that is excluded takes everything below with it: nothing inside can come back.
    """
    parts = path.split("/")
    for depth in range(1, len(parts) + 1):
        directory = depth < len(parts)
        hit = _last(files, parts[:depth], directory, fold)
        if hit is not None and not (directory and hit.negated):
            return hit
        if not directory:
            return hit
    return None


def excludes(pattern: Pattern, path: str, *, fold: bool = False) -> bool:
    """Whether one pattern, taken alone and relative to the root, excludes a path."""
    if pattern.negated:
        return False
    parts = path.split("/")
    first = pattern.segments[0]
    if pattern.anchored and first is not None and not segment_matches(first, parts[0], fold):
        return False
    return any(
        _matches(pattern, parts[:depth], depth < len(parts), fold)
        for depth in range(1, len(parts) + 1)
    )


def _last(
    files: Sequence[IgnoreFile], parts: Sequence[str], directory: bool, fold: bool
) -> Hit | None:
    for file in reversed(files):
        base = file.base.split("/") if file.base else []
        if len(parts) <= len(base) or list(parts[: len(base)]) != base:
            continue
        relative = parts[len(base) :]
        for pattern in file.candidates(relative):
            if _matches(pattern, relative, directory, fold):
                return Hit(file.path, pattern.line, pattern.text, pattern.negated)
    return None


def _matches(pattern: Pattern, parts: Sequence[str], directory: bool, fold: bool) -> bool:
    if pattern.directory_only and not directory:
        return False
    if not pattern.anchored:
        glob = pattern.segments[0]
        return glob is not None and segment_matches(glob, parts[-1], fold)
    return _segments_match(pattern.segments, parts, fold)


def _segments_match(segments: Sequence[Segment], parts: Sequence[str], fold: bool) -> bool:
    """The same walk as `segment_matches`, with `**` in the part of `*`.

    A `**` at the end stands for at least one segment: `a/**` is what is inside a, not a itself.
    """
    inside = bool(segments) and segments[-1] is None
    if inside:
        segments = (*segments[:-1], None, ANYTHING)
    segment = at = 0
    wild, resume = -1, 0
    while at < len(parts):
        glob = segments[segment] if segment < len(segments) else NOTHING
        if glob is None:
            wild, resume = segment, at
            segment += 1
        elif segment_matches(glob, parts[at], fold):
            segment += 1
            at += 1
        elif wild >= 0:
            resume += 1
            segment, at = wild + 1, resume
        else:
            return False
    return segment == len(segments)


def _trim(line: str) -> str:
    """Without trailing spaces, unless a backslash protects one."""
    end = at = 0
    while at < len(line):
        if line[at] == "\\":
            at += 2
            end = min(at, len(line))
            continue
        if line[at] != " ":
            end = at + 1
        at += 1
    return line[:end]
