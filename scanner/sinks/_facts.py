"""Which evidence a person needs at first reading, and in how few words.

Everything returned has passed `printable`, except what is an `Evidence` still.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from scanner.model import Basis, Evidence, Finding
from scanner.sinks._describe import SEVERITY_TABLE, place, source_place
from scanner.sinks._printable import printable

_OBJECT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_EXPLANATION = re.compile(r"[;.] (?=[A-Z])")
_CLAUSE_END = re.compile(r"(?:[.!?;:]|,)(?= )")
_STEP = 400
"""Longest piece of a step worth cutting at words; more fills no two lines of any terminal."""
_FACT = 240
_SOURCE = 400


def known(finding: Finding) -> list[Evidence]:
    """All evidence but what cannot be known from the repository."""
    return [item for item in finding.evidence if item.basis is not Basis.UNKNOWN]


def unknown(finding: Finding) -> list[Evidence]:
    """What cannot be known, and where to ask."""
    return [item for item in finding.evidence if item.basis is Basis.UNKNOWN]


def telling(evidence: Iterable[Evidence], task: str | None) -> list[Evidence]:
    """Without reasons of the severity, and without the task's terms, which the heading states."""
    about_task = f"task {task} "
    return [
        item
        for item in evidence
        if item.source != SEVERITY_TABLE and not (task and item.text.startswith(about_task))
    ]


def terms(findings: Sequence[Finding], task: str) -> str:
    """`allows src/payments/** (.agentreach/tasks.yml:3)`: the task's scope where it is known."""
    stated = [
        item
        for finding in findings
        for item in finding.evidence
        if item.text.startswith(f"task {task} ") and source_place(item.source) is not None
    ]
    if not stated:
        return ""
    # A finding may state one permission alone; the whole scope is the longest.
    scope = max(stated, key=lambda item: len(item.text))
    words = printable(scope.text.removeprefix(f"task {task} "), _FACT)
    return f"{words} ({printable(scope.source or '', _SOURCE)})"


def brief(item: Evidence, finding: Finding) -> str:
    """The fact without its explanation, and without what the finding's first place says already."""
    at = finding.locations[0]
    text = _EXPLANATION.split(item.text, maxsplit=1)[0]
    if at.path:
        text = text.removeprefix(f"{at.path}: ").replace(f" {at.path}: ", ": ", 1)
    words = printable(text, _FACT)
    source = item.source
    if not source or "://" in source or _OBJECT.fullmatch(source):
        return words
    shown = printable(source, _SOURCE)
    here = place(at)
    if shown == printable(at.path) or here == shown or here.startswith(f"{shown}:"):
        return words
    elsewhere = source_place(source)
    if elsewhere is not None and elsewhere[0] == at.path:
        shown = f"line {elsewhere[1]}"
    return words if shown in words else f"{words} ({shown})"


def shortened(step: str) -> Iterator[str]:
    """The step itself, then cut at ends of sentences or clauses, then at words; ever shorter."""
    yield step
    ends = [match.end() for match in _CLAUSE_END.finditer(step)]
    for end in reversed(ends):
        kept = step[:end]
        yield kept if kept[-1] in ".!?" else f"{kept.rstrip(';,:')}…"
    for end in range(min(ends[0] if ends else len(step), _STEP), 0, -8):
        words = step[:end].rpartition(" ")[0]
        if words:
            yield f"{words}…"
    yield f"{step[:20]}…"
