"""Stage 1: one pass over a buffer of many contents says where to look closer.

For a rule that is a window in which a match may begin, for a trigger the offsets at which it was
seen. Both engines give windows that cover every match a hit can belong to; windows of one rule that
overlap are joined, so no match ever stands across the edge of a window.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

import msgspec

from scanner.model import Batch

Signals = Mapping[str, Sequence[int]]
"""Of one content: by a trigger's name, the ascending offsets at which matches of it end."""


class Window(msgspec.Struct, frozen=True):
    """A part of one content in which one rule may match."""

    rule: int
    content: int
    start: int
    end: int
    """Offsets in the content."""
    last: int
    """No match starts behind this offset, so there is nothing to search for there."""


class Look(NamedTuple):
    """What one pass noticed."""

    windows: dict[int, list[Window]]
    """By content; those of one rule are disjoint and ascending."""
    signals: dict[int, dict[str, list[int]]]
    """By content."""


class Stage1(Protocol):
    """Notices; one object a thread."""

    def look(self, batch: Batch) -> Look:
        """All windows and signals of a batch."""
