"""Path patterns with the meaning of git's `:(glob)` pathspecs, case-sensitive.

`*` and `?` stay inside one path segment, `**` as a whole segment crosses any number of them,
`[...]` is a class that never holds a slash, a backslash takes the next character as it is. A
pattern without a wildcard names a file or a directory and all below it; a trailing slash always
means the directory and all below it. Source: gitglossary(7), "pathspec"; the tests hold this
module equal to `git ls-files`.

Patterns come from the repository under scan, so matching must not backtrack: every `*` but the
last of a segment, and every `**` but the last, is an atomic group that takes the leftmost place
where the rest fits, which is enough because what follows can only gain from more room.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

MAX_PATTERN = 512
_WILD = frozenset("*?[\\")
_CLASS = re.compile(r"\[([!^]?)(\]?(?:\\.|[^\]\\])*)\]", re.DOTALL)


class PatternError(ValueError):
    """The pattern cannot be used; the text says why."""


def compile_glob(pattern: str) -> re.Pattern[str]:
    """The expression whose `fullmatch` on a repository-relative path is the pattern's answer.

    Raises `PatternError` for an empty, absolute, overlong or upward-looking pattern.
    """
    _validate(pattern)
    text = pattern.removeprefix("./")
    directory = text.endswith("/")
    segments = [segment for segment in text.split("/") if segment]
    body = _join(segments)
    literal = not (_WILD & set(text))
    return re.compile(body + ("/.+" if directory else "(?:/.+)?" if literal else ""), re.DOTALL)


def _validate(pattern: str) -> None:
    if not pattern.strip("/.") and not pattern.strip("/"):
        raise PatternError("is empty; `**` means every path")
    if len(pattern) > MAX_PATTERN:
        raise PatternError(f"is longer than {MAX_PATTERN} characters")
    if pattern.startswith("/"):
        raise PatternError("starts with a slash; patterns are relative to the repository root")
    if pattern.startswith("!"):
        raise PatternError("is negated; list the paths under `forbidden` instead")
    if ".." in pattern.split("/"):
        raise PatternError("leaves the repository with `..`")


def _join(segments: list[str]) -> str:
    """Runs of plain segments between `**`; each run goes to the leftmost place where it fits."""
    runs: list[list[str]] = [[]]
    for segment in segments:
        if segment == "**":
            runs.append([])
        else:
            runs[-1].append(_segment(segment))
    head, tail = runs[0], runs[1:]
    if not tail:
        return "/".join(head)
    # Consecutive `**` are one.
    tail = [run for run in tail[:-1] if run] + [tail[-1]]
    out = "".join(piece + "/" for piece in head)
    for run in tail[:-1]:
        out += "(?>(?:[^/]+/)*?" + "".join(piece + "/" for piece in run) + ")"
    last = "/".join(tail[-1])
    return out + ("(?:[^/]+/)*" + last if last else ".+")


def _segment(segment: str) -> str:
    pieces = _pieces(segment)
    if len(pieces) == 1:
        return pieces[0]
    # The last star needs no atomic group: the segment's end anchors it.
    middle = "".join(f"(?>[^/]*?{piece})" for piece in pieces[1:-1] if piece)
    return f"{pieces[0]}{middle}[^/]*{pieces[-1]}(?=/|\\Z)"


def _pieces(segment: str) -> list[str]:
    """The segment split at its stars, each piece as an expression of fixed length."""
    pieces = [""]
    index = 0
    while index < len(segment):
        char = segment[index]
        found = _CLASS.match(segment, index) if char == "[" else None
        if char == "*":
            pieces.append("")
        elif char == "?":
            pieces[-1] += "[^/]"
        elif found:
            pieces[-1] += _class(found)
            index = found.end() - 1
        elif char == "\\" and index + 1 < len(segment):
            index += 1
            pieces[-1] += re.escape(segment[index])
        else:
            pieces[-1] += re.escape(char)
        index += 1
    return pieces


def _class(found: re.Match[str]) -> str:
    inside = re.sub(r"([\[&~|])", r"\\\1", found[2].replace("\\\\", "\\\\\\\\"))
    if inside.startswith("]"):
        inside = "\\" + inside
    try:
        re.compile(f"[{inside}]")
    except re.error:
        return re.escape(found[0])
    return f"(?!/)[{'^' if found[1] else ''}{inside}]"


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    return compile_glob(pattern)


class Globs:
    """Several patterns, asked together; they keep the order in which they were written."""

    __slots__ = ("_any", "patterns")

    def __init__(self, patterns: Iterable[str]) -> None:
        self.patterns = tuple(patterns)
        bodies = [_compiled(pattern).pattern for pattern in self.patterns]
        # One expression over all of them says no in one go, which is nearly always the answer.
        self._any = re.compile("|".join(f"(?:{body})" for body in bodies) or "(?!)", re.DOTALL)

    def first(self, path: str) -> str | None:
        """The first pattern that matches the path."""
        if path not in self:
            return None
        return next((p for p in self.patterns if _compiled(p).fullmatch(path)), None)

    def __contains__(self, path: str) -> bool:
        return self._any.fullmatch(path) is not None
