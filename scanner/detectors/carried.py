"""What a content has in common with the one before it, so that it need not be searched again.

A history is read in families of deltas: a version of a file comes right behind one that it differs
from in little. What ends in the same beginning or stands in the same end was found there already.
A pattern looks at no byte behind its match, and how wide that can be is known: nothing is lost.
"""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

import msgspec

from scanner.model import Batch

_WORTH_COMPARING: Final = 4096
"""Bytes; below this, searching takes no longer than comparing."""
_WORTH_SKIPPING: Final = 2048
_PROBE: Final = 64
_FIRST_STEP: Final = 1024
_EXACT_TO: Final = 32


class Reach(msgspec.Struct, frozen=True, array_like=True):
    """How wide a match of any pattern can be, in bytes."""

    most: int
    """Of patterns that can span lines."""
    on_one_line: int
    """Of those that cannot."""


class Carried(NamedTuple):
    """One content whose beginning and end are those of the content before it in the batch."""

    content: int
    same: int
    """Bytes of the beginning: what ends within them ends in the content before as well."""
    low: int
    high: int
    """The part that is searched. What ends behind it ends in the content before as well, just as
    far from the end."""


def carried(batch: Batch, reach: Reach) -> list[Carried]:
    """The contents of which only a part needs to be searched, in their order."""
    buffer = batch.buffer
    if isinstance(buffer, memoryview):
        return []
    found = []
    with memoryview(buffer) as view:
        for content in range(1, len(batch)):
            start, end = batch.starts[content], batch.ends[content]
            if end - start >= _WORTH_COMPARING:
                before = (batch.starts[content - 1], batch.ends[content - 1])
                one = _compared(buffer, view, content, before, (start, end), reach)
                if one.high - one.low <= end - start - _WORTH_SKIPPING:
                    found.append(one)
    return found


def stretches(batch: Batch, parts: list[Carried]) -> Iterator[tuple[int, int]]:
    """The parts of the buffer to search, ascending: all but what is carried over."""
    begin = 0
    for part in parts:
        start, end = batch.starts[part.content], batch.ends[part.content]
        if begin < start:
            yield begin, start
        yield start + part.low, start + part.high
        begin = end
    if begin < batch.size:
        yield begin, batch.size


def _compared(
    buffer: bytes | bytearray,
    view: memoryview,
    content: int,
    before: tuple[int, int],
    now: tuple[int, int],
    reach: Reach,
) -> Carried:
    size = now[1] - now[0]
    most = min(size, before[1] - before[0])
    one, two = before[0], now[0]

    def equal_from(low: int, high: int) -> bool:
        return buffer.startswith(view[one + low : one + high], two + low)

    def equal_up_to(low: int, high: int) -> bool:
        return buffer.startswith(view[before[1] - high : before[1] - low], now[1] - high)

    same = _common(most, equal_from)
    ending = size - _common(most - same, equal_up_to)
    low, high = max(0, same - reach.most), min(size, ending + reach.most)
    # A wider pattern stays on its line: it matters only where the line goes on.
    if low and buffer.rfind(b"\n", now[0] + low, now[0] + same) < 0:
        wide = max(0, same - reach.on_one_line)
        low = max(wide, buffer.rfind(b"\n", now[0] + wide, now[0] + low) - now[0])
    if high < size and buffer.find(b"\n", now[0] + ending, now[0] + high) < 0:
        wide = min(size, ending + reach.on_one_line)
        line_end = buffer.find(b"\n", now[0] + high, now[0] + wide) - now[0]
        high = line_end if line_end >= 0 else wide
    return Carried(content, same, low, high)


def _common(most: int, equal: Callable[[int, int], bool]) -> int:
    """How many bytes, at least, are the same from the first on; `equal` compares a stretch."""
    if most < _PROBE or not equal(0, _PROBE):
        return 0
    low, high, step = _PROBE, most, _FIRST_STEP
    while low < high:
        middle = low + min(step, high - low)
        if not equal(low, middle):
            high = middle
            break
        low, step = middle, 4 * step
    while high - low > _EXACT_TO:
        middle = (low + high) // 2
        if equal(low, middle):
            low = middle
        else:
            high = middle
    return low
