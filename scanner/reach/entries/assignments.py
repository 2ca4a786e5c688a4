"""`NAME=value` lines of dotenv files and shell scripts, with the place of each value."""

import re
from bisect import bisect_right
from collections.abc import Iterator

import msgspec

from scanner.reach.entries.entry import Span

LONGEST_QUOTED = 16_384
"""Characters of a quoted value, which may have several lines: a key in PEM form fits."""

_DOTENV = re.compile(r"^[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]{0,200})[ \t]*=[ \t]*", re.MULTILINE)
_SHELL = re.compile(
    r"(?:^|[;&|({])[ \t]*(?:(export|declare -x|typeset -x|local|readonly)[ \t]+)?"
    r"([A-Za-z_]\w{0,200})=",
    re.MULTILINE,
)
_NEXT = re.compile(r"[ \t]+([A-Za-z_]\w{0,200})=")
_BARE = re.compile(r"[^\n]*")
_COMMENT = re.compile(r"[ \t]+#|^#")
_SHELL_WORD = re.compile(
    r"(?:\$\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)|`[^`\n]*`|\\.|[^\s;&|#'\"`])*"
)


class Assignment(msgspec.Struct, frozen=True):
    """One variable that a line sets. Not to be kept: it holds the value."""

    name: str
    span: Span
    value: str
    verbatim: bool
    """In single quotes: nothing in it is a reference."""
    exported: bool = False


class Lines:
    """Offsets of a text as lines and columns."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def span(self, start: int, end: int) -> Span:
        """The span of `text[start:end]`."""
        line, column = self.place(start)
        end_line, end_column = self.place(end)
        return Span(line, column, end_line if end_line != line else None, end_column)

    def place(self, at: int) -> tuple[int, int]:
        """Line and column of an offset, from 1."""
        line = bisect_right(self._starts, at)
        return line, at - self._starts[line - 1] + 1


def dotenv(text: str) -> Iterator[Assignment]:
    """The variables of a dotenv file, in order. A quoted value may have several lines."""
    if text.startswith("\ufeff"):
        text = f" {text[1:]}"
    lines = Lines(text)
    at = 0
    while match := _DOTENV.search(text, at):
        start, end, verbatim = _quoted(text, match.end())
        if start == match.end():
            bare = _BARE.match(text, start)
            end = bare.end() if bare else start
            comment = _COMMENT.search(text[start:end])
            end = start + len(
                (text[start : start + comment.start()] if comment else text[start:end]).rstrip()
            )
        yield Assignment(match.group(1), lines.span(start, end), text[start:end], verbatim)
        at = max(end, match.end())


def shell(text: str) -> Iterator[Assignment]:
    """The assignments of a shell script, in order; `exported` only where the line itself says so.

    Here-documents and quoting over several words are not followed.
    """
    lines = Lines(text)
    at = 0
    while match := _SHELL.search(text, at):
        if text[text.rfind("\n", 0, match.start(2)) + 1 : match.start(2)].lstrip().startswith("#"):
            at = _line_end(text, match.end())
            continue
        exported = match.group(1) in ("export", "declare -x", "typeset -x")
        name: str | None = match.group(2)
        at = match.end()
        while name is not None:
            start, end, verbatim = _quoted(text, at, in_shell=True)
            if start == at:
                word = _SHELL_WORD.match(text, at)
                end = word.end() if word else at
            yield Assignment(name, lines.span(start, end), text[start:end], verbatim, exported)
            at = end + (start != at)
            following = _NEXT.match(text, at) if match.group(1) else None
            name = following.group(1) if following else None
            at = following.end() if following else at


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return end if end >= 0 else len(text)


def _quoted(text: str, at: int, *, in_shell: bool = False) -> tuple[int, int, bool]:
    """Start and end of what stands within quotes, and whether it is verbatim; else twice `at`."""
    quote = text[at : at + 1]
    if quote not in ("'", '"', "`") or (quote == "`" and in_shell):
        return at, at, False
    limit = at + 1 + LONGEST_QUOTED
    closing = at + 1
    if in_shell and quote == '"' and text.startswith("$(", closing):
        closing = max(closing, text.find(")", closing, limit))
    while True:
        closing = text.find(quote, closing, limit)
        if closing < 0:
            return at, at, False
        if quote == "'" or not _escaped(text, closing):
            return at + 1, closing, quote == "'"
        closing += 1


def _escaped(text: str, at: int) -> bool:
    slashes = 0
    while slashes < at and text[at - 1 - slashes] == "\\":
        slashes += 1
    return slashes % 2 == 1
