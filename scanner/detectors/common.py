"""What one content has in common with another: stretches of bytes, in order.

Versions of a file differ in a few places, so what is the same stands at the beginning, at the end,
and about where it stood between them. Nothing depends on finding all of it.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

_WORTH_A_STRETCH: Final = 4096
"""Bytes between two differences; for less, searching takes no longer than comparing."""
_WORTH_LOOKING: Final = 16384
_GRAIN: Final = 512
"""Bytes; to compare any closer takes longer than to search."""
_PROBE: Final = 64
_FIRST_SKIP: Final = _GRAIN + _PROBE
"""A difference is known to lie in the first `_GRAIN` bytes behind a stretch."""
_MOST_SKIPPED: Final = 4
"""The share of what is left that is skipped at most, as a divisor."""


class Place(NamedTuple):
    """Where a content lies in memory."""

    buffer: bytes | bytearray
    view: memoryview
    """Of the buffer: its slices are no copies."""
    start: int
    end: int


def edges(one: Place, other: Place) -> tuple[int, int]:
    """Bytes that are the same at the beginning, and behind those at the end."""
    buffer, _, start, end = one
    _, view, first, last = other
    most = min(end - start, last - first)
    beginning = _same(buffer, view, (start, first), most, 1)
    return beginning, _same(buffer, view, (end, last), most - beginning, -1)


def stretches(one: Place, other: Place, known: tuple[int, int]) -> Iterator[tuple[int, int, int]]:
    """What of a content is the same in another one: where it begins and ends, and how much further
    on that is than in the other. `known` are their edges.

    Ascending, and disjoint in both. Not all is found, and less than `_GRAIN` is missing at an end.
    """
    beginning, ending = known
    size, size_there = one.end - one.start, other.end - other.start
    if beginning:
        yield 0, beginning, 0
    if min(size, size_there) - beginning - ending >= _WORTH_LOOKING:
        apart = one.start - other.start
        for here, there, length in _between(one, other, known):
            yield here - one.start, here - one.start + length, here - there - apart
    if ending:
        yield size - ending, size, size - size_there


def _between(one: Place, other: Place, known: tuple[int, int]) -> Iterator[tuple[int, int, int]]:
    """Where between the edges of one content something begins that is the same in the other, where
    there, and its length.

    A few bytes are looked for in the other content around the place where they should be; if they
    are not there, ever more is skipped, and ever further around is looked.
    """
    here, there = one.start + known[0], other.start + known[0]
    end, last = one.end - known[1], other.end - known[1]
    skip = _FIRST_SKIP
    while skip <= min((end - here) // _MOST_SKIPPED, end - here - _WORTH_A_STRETCH):
        at, expected = here + skip, there + skip
        low, high = max(there, expected - skip), min(last, expected + skip + _PROBE)
        found = other.buffer.find(one.view[at : at + _PROBE], low, high)
        if (
            found < 0
            or found + _WORTH_A_STRETCH > last
            or not one.buffer.startswith(other.view[found : found + _WORTH_A_STRETCH], at)
        ):
            skip *= 2
            continue
        most = min(end - at, last - found)
        length = _same(one.buffer, other.view, (at, found), most, 1, _WORTH_A_STRETCH)
        before = 0
        if skip > _FIRST_SKIP:
            most = min(at - here, found - there)
            before = _same(one.buffer, other.view, (at, found), most, -1)
        yield at - before, found - before, before + length
        here, there = at + length, found + length
        skip = _FIRST_SKIP


def _same(
    buffer: bytes | bytearray,
    view: memoryview,
    offsets: tuple[int, int],
    most: int,
    sign: int,
    low: int = 0,
) -> int:
    """How many bytes, at least, are the same behind an offset in a buffer and one in a view, or, if
    the sign is negative, before them. There are less than `_GRAIN` more. `low` are known to be."""
    same = buffer.startswith
    here, there = offsets
    high, step = most, _GRAIN + low
    while low < most:
        middle = low + step if low + step < most else most
        begin, end = (low, middle) if sign > 0 else (-middle, -low)
        if not same(view[there + begin : there + end], here + begin):
            high = middle
            break
        low, step = middle, step * 4
    while high - low > _GRAIN:
        middle = (low + high) // 2
        begin, end = (low, middle) if sign > 0 else (-middle, -low)
        if same(view[there + begin : there + end], here + begin):
            low = middle
        else:
            high = middle
    return low
