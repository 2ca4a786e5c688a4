"""How rules look in a terminal: one line each, or one at length."""

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from scanner.cli._rules_catalogue import Entry
from scanner.rules.words import Fact

_SEVERITY: Final = 9
_LABEL: Final = 12
_MORE: Final = "\N{HORIZONTAL ELLIPSIS}"


def table(entries: Sequence[Entry], width: int) -> Iterator[str]:
    """A line for each rule, in at most `width` columns: severity, id, title. A title that is too
    long is cut, an id never."""
    longest = max((len(entry.id) for entry in entries), default=0)
    for entry in entries:
        head = f"{entry.severity:<{_SEVERITY}}{entry.id:<{longest}}  "
        room = max(0, width - len(head))
        title = entry.title
        yield head + (title if len(title) <= room else title[: max(0, room - 1)] + _MORE)


def paragraphs(facts: Iterable[Fact], width: int) -> Iterator[str]:
    """A fact after the other: its label, and beside it what it says. Prose is wrapped; code is
    not, so that it can be copied."""
    for fact in facts:
        label = fact.label
        for text in fact.texts:
            for one in _wrapped(fact, text, width - _LABEL - 2):
                yield f"  {label:<{_LABEL}}{one}".rstrip()
                label = ""


def _wrapped(fact: Fact, text: str, width: int) -> list[str]:
    if fact.code:
        return text.splitlines() or [""]
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False) or [""]
