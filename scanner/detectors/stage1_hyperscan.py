"""Stage 1 by Hyperscan, over a whole buffer at once."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Final, NamedTuple

from scanner.detectors.carried import Reach, carried, stretches
from scanner.detectors.compiled import Compiled
from scanner.detectors.stage1 import Look, Window
from scanner.model import Batch

_INDEX_SHIFT: Final = 40
_OFFSET_MASK: Final = (1 << _INDEX_SHIFT) - 1

_MOST_PIECES: Final = 20_000
"""Pieces of text whose words are remembered; each takes some 350 bytes."""


class HyperscanStage1:
    """One Hyperscan pass over all that is new in the buffer; each hit is the end offset of a rule's
    required prefix, of a trigger, or of the gate, behind which a second database finds the rules.
    """

    def __init__(self, compiled: Compiled) -> None:
        import hyperscan

        self._compiled = compiled
        self._plans = compiled.plans
        self._triggers = compiled.triggers
        self._first_gate = (len(self._plans) + len(self._triggers)) << _INDEX_SHIFT
        self._scratch = hyperscan.Scratch(compiled.database)
        self._words_scratch = hyperscan.Scratch(compiled.words) if compiled.words else None
        self._words_of: dict[bytes, tuple[tuple[int, int], ...]] = {}

    @property
    def reach(self) -> Reach:
        """How wide matches can be."""
        return self._compiled.reach

    def look(self, batch: Batch) -> Look:
        """See `Stage1`."""
        look = Look({}, {})
        gated: list[tuple[int, int]] = []
        for content, hits in self._hits(batch).items():
            hits.sort()
            rules = bisect_left(hits, len(self._plans) << _INDEX_SHIFT)
            triggers = bisect_left(hits, self._first_gate, rules)
            if rules:
                look.windows[content] = list(self._windows(batch, content, hits[:rules]))
            if triggers > rules:
                look.signals[content] = self._signals(hits[rules:triggers])
            gated += ((content, hit & _OFFSET_MASK) for hit in hits[triggers:])
        for window in self._named(batch, gated):
            look.windows.setdefault(window.content, []).append(window)
        for content, windows in look.windows.items():
            look.windows[content] = list(_joined(windows))
        return look

    def _hits(self, batch: Batch) -> dict[int, list[int]]:
        """By content: the number of what ends there, shifted, and the offset in the content."""
        found: dict[int, list[int]] = {}
        parts = carried(batch, self.reach)
        starts, ends = batch.starts, batch.ends
        for hit in self._search(batch, stretches(batch, parts)):
            end = hit & _OFFSET_MASK
            content = bisect_right(starts, end - 1) - 1
            if content >= 0 and end <= ends[content]:  # else in a header between two contents
                found.setdefault(content, []).append(hit - starts[content])
        for content, source, same, _, high in parts:
            before = found.get(source, ())
            own = found.get(content, ())
            if not (before or own):
                continue
            grown = (ends[content] - starts[content]) - (ends[source] - starts[source])
            both = [hit for hit in own if same < hit & _OFFSET_MASK <= high]
            both += [hit for hit in before if hit & _OFFSET_MASK <= same]
            both += [hit + grown for hit in before if (hit & _OFFSET_MASK) + grown > high]
            found[content] = both
        return found

    def _search(self, batch: Batch, parts: Iterable[tuple[int, int]]) -> list[int]:
        hits: list[int] = []

        def note(index: int, _start: int, end: int, _flags: int, begin: int) -> None:
            hits.append(index << _INDEX_SHIFT | (begin + end))

        with memoryview(batch.buffer) as view:
            for begin, end in parts:
                with view[begin:end] as part:
                    self._compiled.database.scan(
                        part, match_event_handler=note, context=begin, scratch=self._scratch
                    )
        return hits

    def _windows(self, batch: Batch, content: int, hits: Sequence[int]) -> Iterator[Window]:
        size = batch.ends[content] - batch.starts[content]
        for hit in hits:
            rule, end = hit >> _INDEX_SHIFT, hit & _OFFSET_MASK
            plan = self._plans[rule]
            last = end - plan.prefix_least
            if last >= 0:  # else across the border of two contents
                low = max(0, end - plan.prefix_most)
                yield Window(rule, content, low, min(size, last + plan.width), last)

    def _signals(self, hits: Sequence[int]) -> dict[str, list[int]]:
        found: dict[str, set[int]] = {}
        for hit in hits:
            trigger = self._triggers[(hit >> _INDEX_SHIFT) - len(self._plans)]
            found.setdefault(trigger.name, set()).add(hit & _OFFSET_MASK)
        return {name: sorted(offsets) for name, offsets in found.items()}

    def _named(self, batch: Batch, hits: Sequence[tuple[int, int]]) -> Iterator[Window]:
        """The windows of the rules behind the gate: what stands before each of its hits is searched
        for their words, and remembered, since history shows it again and again."""
        gate = self._compiled.gate
        if gate is None or not hits:
            return
        places = list(_before(batch, hits, gate.reach))
        if len(self._words_of) > _MOST_PIECES:
            self._words_of.clear()
        self._search_words({place.text for place in places if place.text not in self._words_of})
        for place in places:
            for number, end in self._words_of[place.text]:
                named = gate.rules[number]
                last = place.offset + end - named.least
                low = max(0, last + named.least - named.most)
                size = batch.ends[place.content] - batch.starts[place.content]
                width = self._plans[named.rule].width
                yield Window(named.rule, place.content, low, min(size, last + width), last)

    def _search_words(self, texts: Iterable[bytes]) -> None:
        """Which words, by number, end where in each of the texts."""
        gate = self._compiled.gate
        assert gate is not None
        new = list(texts)
        begins = [0, *accumulate(len(text) + 1 for text in new)]
        found: list[list[tuple[int, int]]] = [[] for _ in new]

        def note(word: int, _start: int, end: int, _flags: int, _context: object) -> None:
            index = bisect_right(begins, end - 1) - 1
            within = end - begins[index]
            if within >= gate.rules[word].least:  # else across two texts
                found[index].append((word, within))

        if new:
            self._compiled.words.scan(
                b"\n".join(new), match_event_handler=note, scratch=self._words_scratch
            )
        for text, words in zip(new, found, strict=True):
            self._words_of[text] = tuple(words)


class _Place(NamedTuple):
    """A piece of text, and where it comes from."""

    text: bytes
    content: int
    offset: int
    """In the content."""


def _before(batch: Batch, hits: Sequence[tuple[int, int]], reach: int) -> Iterator[_Place]:
    """The bytes before each of some offsets in contents."""
    view = memoryview(batch.buffer)
    for content, end in hits:
        low = max(0, end - reach)
        begin = batch.starts[content]
        yield _Place(bytes(view[begin + low : begin + end]), content, low)


def _joined(windows: Iterable[Window]) -> Iterator[Window]:
    """Windows of one content; those of one rule that touch put together."""
    current: Window | None = None
    for window in sorted(windows, key=lambda one: (one.content, one.rule, one.start)):
        same = current is not None and (current.rule, current.content) == (
            window.rule,
            window.content,
        )
        if current is not None and same and window.start <= current.end:
            current = Window(
                current.rule,
                current.content,
                current.start,
                max(current.end, window.end),
                max(current.last, window.last),
            )
            continue
        if current is not None:
            yield current
        current = window
    if current is not None:
        yield current
