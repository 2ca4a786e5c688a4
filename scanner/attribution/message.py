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
_BLANK = re.compile(r"\n[^\S\n]*\n")
_TRAILER = re.compile(r"([A-Za-z][A-Za-z0-9-]{1,40})[ \t]?:[ \t]*(\S.*)")
_PERSON = re.compile(r"([^<>]*)<([^<>@\s]+@[^<>@\s]+)>|([^<>]*)\s([^<>@\s]+@[^<>@\s]+)")
_MERGE = re.compile(
    # `git merge` and GitLab. Not `Merge branch 'x' of <url>`: that is a pull, which joins two
    # states of one branch.
    r"Merge branch '(?:origin/)?([^\s']+)'(?! of )"
    # GitHub's button; the word before the first slash is the owner.
    r"|Merge pull request #\d+ from [^\s/]+/(\S+)"
    # The word before the first slash is the remote's name.
    r"|Merge remote-tracking branch '[^\s'/]+/([^\s']+)'(?! of )"
    # Bitbucket Cloud; Bitbucket Data Center; Gitea and Forgejo, whose title may hold anything.
    r"|Merged in (\S+) \(pull request #\d+\)"
    r"|Merge pull request #\d+ in \S+ from (\S+) to \S+"
    r"|Merge pull request '.*' \(#\d+\) from (?:[^\s/:]+:)?(\S+) into \S+"
)
_REF = re.compile(r"refs/(?:heads|remotes/[^/]+)/(.+)")


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


def lines(
    message: str, telling: re.Pattern[str], later: re.Pattern[str] | None = None
) -> Iterator[Line]:
    """The lines that `telling` matches at their beginning, stripped or not; without blank,
    over-long, fenced and quoted ones.

    `later` is the same expression behind a line feed, with which a message is searched at once
    rather than line by line: the quick way. It must not match over the end of a line.
    """
    body = message.rstrip()
    escapes = "\\" in body and "\\n" in body
    told = _rows(body, telling) if later is None or escapes else _found(f"\n{body}", later)
    last = _last_blank(body)
    # One character is found far quicker than several.
    fences = ("`" in body and "```" in body) or ("~" in body and "~~~" in body)
    fenced = _fenced(body.split("\n")) if fences else ()
    for number, row in told:
        if number in fenced or row.lstrip().startswith(">"):
            continue
        # Agents that hand `git commit -m` a message with escapes leave it all on one line.
        first, *others = row.split("\\n") if escapes else (row,)
        # `git log` indents messages, and people indent examples.
        doubt = "indented" if first[:1] in (" ", "\t") else ""
        text = first.strip()
        if text and len(text) <= LINE_LIMIT:
            yield Line(number + 1, text, doubt, number > last)
        for other in others:
            text = other.strip()
            if text and len(text) <= LINE_LIMIT and telling.match(text):
                yield Line(number + 1, text, "after a literal \\n", number > last)


def _found(text: str, later: re.Pattern[str]) -> Iterator[tuple[int, str]]:
    """Numbers, from 0, and texts of the lines that `later` finds; each has a line feed before."""
    number, start = -1, 0
    for match in later.finditer(text):
        begin = match.start() + 1
        number += text.count("\n", start, begin)
        start, end = begin, text.find("\n", begin)
        yield number, text[begin:end] if end >= 0 else text[begin:]


def _rows(body: str, telling: re.Pattern[str]) -> Iterator[tuple[int, str]]:
    """The same, and those lines that have an escape somewhere."""
    for number, row in enumerate(body.split("\n")):
        if "\\n" in row or telling.match(row):
            yield number, row


def _last_blank(body: str) -> int:
    """The number, from 0, of the last blank line that has another before it; else -1."""
    at = -1
    for match in _BLANK.finditer(body):
        at = match.start()
    return body.count("\n", 0, at) + 1 if at >= 0 else -1


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
    """The branch that a merge commit's subject says was merged, in the words of `git merge` and of
    the code hosts' buttons. The owner of a fork is dropped."""
    if not subject.startswith("Merge") or len(subject) > LINE_LIMIT:
        return None
    match = _MERGE.match(subject)
    return match[match.lastindex or 0] if match else None


def branch_of(ref: str) -> str | None:
    """The branch that a full ref name is, here or on a remote; None for any other ref."""
    match = _REF.fullmatch(ref)
    return match[1] if match else None
