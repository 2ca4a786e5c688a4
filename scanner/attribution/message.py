"""The parts of a commit message that can carry a mark.

Trailers are looked for on every line and not only in the last paragraph, where
`git interpret-trailers` looks: a squash merge joins several messages and so leaves trailers in the
middle. Lines inside a closed Markdown fence and lines quoted with `>` are somebody's quotation.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

LINE_LIMIT = 500
"""Characters. A longer line is prose or data, never a trailer or a footer."""

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_TRAILER = re.compile(r"([A-Za-z][A-Za-z0-9-]{1,40})[ \t]?:[ \t]*(\S.*)")
_PERSON = re.compile(r"([^<>]*)<([^<>@\s]+@[^<>@\s]+)>|([^<>]*)\s([^<>@\s]+@[^<>@\s]+)")
_MERGE = re.compile(
    r"Merge (?:pull request #\d+ from [^\s/]+/(?P<pull>\S+)"
    # Not `Merge branch 'x' of <url>`: that is a pull, which joins two states of one branch.
    r"|(?:remote-tracking )?branch '(?:origin/)?(?P<branch>[^\s']+)'(?! of ))"
)


class Line(NamedTuple):
    """One line that may carry a mark."""

    number: int
    """In the message, from 1."""
    text: str
    """Without white space at both ends."""
    doubt: str
    """Why it may be quoted text; empty where nothing speaks for that."""
    last: bool
    """It stands in the message's last paragraph, where trailers belong."""


class Trailer(NamedTuple):
    """`Key: value`."""

    key: str
    """In lower case."""
    value: str


class Person(NamedTuple):
    """`Name <address>` as a trailer states it."""

    name: str
    email: str
    """In lower case."""


def lines(message: str) -> Iterator[Line]:
    """The message's lines, without blank, over-long, fenced and quoted ones."""
    rows = message.rstrip().split("\n")
    last = max((number for number, row in enumerate(rows) if not row.strip()), default=-1)
    fenced = _fenced(rows)
    for number, row in enumerate(rows):
        if number in fenced or row.lstrip().startswith(">"):
            continue
        # Agents that hand `git commit -m` a message with escapes leave it all on one line.
        first, *others = row.split("\\n")
        # `git log` indents messages, and people indent examples.
        doubt = "indented" if first[:1] in (" ", "\t") else ""
        for part, reason in ((first, doubt), *((other, "after a literal \\n") for other in others)):
            text = part.strip()
            if text and len(text) <= LINE_LIMIT:
                yield Line(number + 1, text, reason, number > last)


def _fenced(rows: list[str]) -> set[int]:
    """The numbers, from 0, of the lines of closed fences. One that nothing closes fences nothing,
    so that a stray mark in one message of a squash does not hide the trailers of all others."""
    found: set[int] = set()
    opened = -1
    fence = ""
    for number, row in enumerate(rows):
        match = _FENCE.match(row)
        if match is None:
            continue
        if not fence:
            opened, fence = number, match[1]
        elif match[1].startswith(fence) and not row[match.end() :].strip():
            found.update(range(opened, number + 1))
            fence = ""
    return found


def trailer(text: str) -> Trailer | None:
    """The line as a trailer, if it has the form of one."""
    match = _TRAILER.fullmatch(text)
    return Trailer(match[1].lower(), match[2]) if match else None


def person(value: str) -> Person | None:
    """A trailer's value as a person, if it has the form of one; without angle brackets too, as some
    agents write it."""
    match = _PERSON.fullmatch(value)
    if match is None:
        return None
    return Person((match[1] or match[3] or "").strip(), (match[2] or match[4]).lower())


def bare(text: str) -> str:
    """The line from its first letter, digit or opening bracket on: tools vary the emoji before."""
    for position, character in enumerate(text):
        if character.isalnum() or character == "[":
            return text[position:]
    return ""


def merged_branch(subject: str) -> str | None:
    """The branch that a merge commit's subject says was merged, in the words of GitHub's button
    and of `git merge`. The owner of a fork is dropped."""
    match = _MERGE.match(subject)
    return (match["pull"] or match["branch"]) if match else None
