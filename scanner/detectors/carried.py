"""What a content has in common with one just before it, so that it need not be searched again.

A history is read in families of deltas: a version of a file comes soon behind one that it differs
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
_WORTH_ANOTHER: Final = 49_152
"""Bytes left to search; above this, one content more is compared with."""
_NEARBY: Final = 3
"""Contents that one is compared with at most."""
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
    """One content that shares its beginning or its end with one before it in the batch."""

    content: int
    source: int
    """The content before it that it is compared with."""
    same: int
    """Bytes of the beginning: what ends within them ends in the source as well."""
    low: int
    high: int
    """The part that is searched. What ends behind it ends in the source as well, just as far from
    the end."""

    @property
    def left(self) -> int:
        """Bytes to search."""
        return self.high - self.low


def carried(batch: Batch, reach: Reach) -> list[Carried]:
    """The contents of which only a part needs to be searched, in their order."""
    buffer = batch.buffer
    if isinstance(buffer, memoryview):
        return []
    found = []
    with memoryview(buffer) as view:
        for content in range(1, len(batch)):
            size = batch.ends[content] - batch.starts[content]
            if size < _WORTH_COMPARING:
                continue
            best = Carried(content, content, 0, 0, size)
            for source in range(content - 1, max(-1, content - 1 - _NEARBY), -1):
                one = _compared(batch, view, (content, source), reach)
                best = min(best, one, key=_left)
                if best.left <= _WORTH_ANOTHER:
                    break
            if best.left <= size - _WORTH_SKIPPING:
                found.append(best)
    return found


def _left(one: Carried) -> int:
    return one.left


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


def _compared(batch: Batch, view: memoryview, pair: tuple[int, int], reach: Reach) -> Carried:
    buffer = batch.buffer
    assert not isinstance(buffer, memoryview)
    start, end = batch.starts[pair[0]], batch.ends[pair[0]]
    first, last = batch.starts[pair[1]], batch.ends[pair[1]]
    size, most = end - start, min(end - start, last - first)

    def equal_from(low: int, high: int) -> bool:
        return buffer.startswith(view[first + low : first + high], start + low)

    def equal_up_to(low: int, high: int) -> bool:
        return buffer.startswith(view[last - high : last - low], end - high)

    same = _common(most, equal_from)
    ending = size - _common(most - same, equal_up_to)
    low, high = max(0, same - reach.most), min(size, ending + reach.most)
    # A wider pattern stays on its line: it matters only where the line goes on.
    if low and buffer.rfind(b"\n", start + low, start + same) < 0:
        wide = max(0, same - reach.on_one_line)
        low = max(wide, buffer.rfind(b"\n", start + wide, start + low) - start)
    if high < size and buffer.find(b"\n", start + ending, start + high) < 0:
        wide = min(size, ending + reach.on_one_line)
        line_end = buffer.find(b"\n", start + high, start + wide) - start
        high = line_end if line_end >= 0 else wide
    return Carried(*pair, same, low, high)


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
