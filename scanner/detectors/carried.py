"""What a content has in common with one just before it, so that it need not be searched again.

A history is read in families of deltas: a version of a file comes soon behind one that it differs
from in little. What ends in the same stretch of bytes was found there already. A pattern looks at
no byte behind its match, and how wide that can be is known: nothing is lost.
"""

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

import msgspec

from scanner.detectors.common import Place, edges, stretches
from scanner.model import Batch

_WORTH_COMPARING: Final = 8192
"""Bytes of a content; below this, searching takes no longer than comparing."""
_WORTH_SKIPPING: Final = 2048
_WORTH_A_PART: Final = 2048
_WORTH_ANOTHER: Final = 49_152
"""Bytes that differ; above this, one content more is compared with."""
_NEARBY: Final = 3
"""Contents that one is compared with at most, the small ones not counted."""
KEPT: Final = -1
"""In place of a source's number: what was kept of an earlier batch."""


class Reach(msgspec.Struct, frozen=True, array_like=True):
    """How wide a match of any pattern can be, in bytes."""

    most: int
    """Of patterns that can span lines."""
    on_one_line: int
    """Of those that cannot."""


class Part(NamedTuple):
    """A part of a content of which all is known from the source."""

    after: int
    until: int
    """What ends behind `after`, and not behind `until`, ends in the source as well."""
    shift: int
    """How much further on in this content."""
    again: int
    """Where the search goes on, to find all that ends behind `until`."""


class Carried(NamedTuple):
    """One content of which parts are known from one before it."""

    content: int
    source: int
    """Its number in the batch, or `KEPT`."""
    parts: Sequence[Part]
    """Ascending and disjoint in both contents."""

    def gaps(self, size: int) -> Iterator[tuple[int, int]]:
        """What of the content is searched; `size` is the content's."""
        begin = 0
        for part in self.parts:
            if begin < part.after:
                yield begin, part.after
            begin = part.again
        if begin < size:
            yield begin, size

    def hits(self, own: Iterable[int], before: Iterable[int], mask: int) -> list[int]:
        """All hits of the content: its own in what was searched, and those that the source has in
        what is the same. In each number the bits of `mask` are the offset of its end."""
        untils = [part.until for part in self.parts]
        theirs = [part.until - part.shift for part in self.parts]
        found = []
        for hit in own:
            at = bisect_left(untils, hit & mask)
            if at == len(untils) or hit & mask <= self.parts[at].after:
                found.append(hit)
        for hit in before:
            at = bisect_left(theirs, hit & mask)
            if at < len(theirs):
                part = self.parts[at]
                if (hit & mask) + part.shift > part.after:
                    found.append(hit + part.shift)
        return found


def carried(batch: Batch, reach: Reach, kept: bytes | None = None) -> list[Carried]:
    """The contents of which only parts need to be searched, in their order.

    `kept`: a content that was before those of the batch; its number as a source is `KEPT`.
    """
    if isinstance(batch.buffer, memoryview):
        return []
    found = []
    with memoryview(batch.buffer) as view, memoryview(kept or b"") as view_of_kept:
        before: deque[tuple[int, Place]] = deque(maxlen=_NEARBY)
        if kept is not None:
            before.append((KEPT, Place(kept, view_of_kept, 0, len(kept))))
        for content, (start, end) in enumerate(zip(batch.starts, batch.ends, strict=True)):
            if end - start < _WORTH_COMPARING:
                continue
            one = Place(batch.buffer, view, start, end)
            if before:
                source, other, known = _nearest(one, before)
                parts = _parts(one, stretches(one, other, known), reach)
                if parts:
                    found.append(Carried(content, source, parts))
            before.append((content, one))
    return found


def searched(batch: Batch, found: Iterable[Carried]) -> Iterator[tuple[int, int]]:
    """The parts of the buffer to search, ascending: all contents but what is carried over."""
    begin, following = 0, 0
    for one in found:
        start, end = batch.starts[one.content], batch.ends[one.content]
        if following < one.content:
            yield begin, start
        for low, high in one.gaps(end - start):
            yield start + low, start + high
        begin, following = end, one.content + 1
    if following < len(batch):
        yield begin, batch.size


def _nearest(one: Place, before: Sequence[tuple[int, Place]]) -> tuple[int, Place, tuple[int, int]]:
    """The content that has most in common at the edges, the last one first, and how much."""
    size = least = one.end - one.start
    best = (*before[-1], (0, 0))
    for number, other in reversed(before):
        beginning, ending = edges(one, other)
        if size - beginning - ending < least:
            best = (number, other, (beginning, ending))
            least = size - beginning - ending
        if least <= _WORTH_ANOTHER:
            break
    return best


def _parts(one: Place, same: Iterable[tuple[int, int, int]], reach: Reach) -> list[Part]:
    """Empty if it is not worth it."""
    size = one.end - one.start
    found, saved = [], 0
    for begin, end, shift in same:
        after = _after(one, begin, reach) if begin or shift else 0
        again = _again(one, end, reach) if end < size else size
        if after + _WORTH_A_PART <= again:
            found.append(Part(after, end, shift, again))
            saved += again - after
    return found if saved >= _WORTH_SKIPPING else []


def _after(one: Place, begin: int, reach: Reach) -> int:
    """Up to where a match can end that begins before the stretch."""
    buffer, _, start, stop = one
    size = stop - start
    most = min(size, begin + reach.most)
    # A wider pattern stays on its line: it matters only where the line goes on.
    if most == size or buffer.find(b"\n", start + begin, start + most) >= 0:
        return most
    wide = min(size, begin + reach.on_one_line)
    line_end = buffer.find(b"\n", start + most, start + wide) - start
    return line_end if line_end >= 0 else wide


def _again(one: Place, end: int, reach: Reach) -> int:
    """From where on a match can begin that ends behind the stretch."""
    buffer, start = one.buffer, one.start
    most = max(0, end - reach.most)
    if not most or buffer.rfind(b"\n", start + most, start + end) >= 0:
        return most
    wide = max(0, end - reach.on_one_line)
    return max(wide, buffer.rfind(b"\n", start + wide, start + most) - start)
