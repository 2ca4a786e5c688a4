"""Stage 1: one pass over a buffer of many contents says where to look closer.

For a rule that is a window in which a match may begin, for a trigger the offsets at which it was
seen. Both engines give windows that cover every match a hit can belong to; windows of one rule that
overlap are joined, so no match ever stands across the edge of a window.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Final, NamedTuple, Protocol

import msgspec

from scanner.detectors.compiled import Compiled
from scanner.detectors.pattern import Plan, required_literals
from scanner.detectors.trigger import Trigger
from scanner.model import Batch

_INDEX_SHIFT: Final = 40
_OFFSET_MASK: Final = (1 << _INDEX_SHIFT) - 1

_MOST_PIECES: Final = 20_000
"""Pieces of text whose words are remembered; each takes some 350 bytes."""

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


class HyperscanStage1:
    """One Hyperscan pass over the whole buffer; each hit is the end offset of a rule's required
    prefix, of a trigger, or of the gate, behind which a second database finds the rules."""

    def __init__(self, compiled: Compiled) -> None:
        import hyperscan

        self._compiled = compiled
        self._plans = compiled.plans
        self._triggers = compiled.triggers
        self._scratch = hyperscan.Scratch(compiled.database)
        self._words_scratch = hyperscan.Scratch(compiled.words) if compiled.words else None
        self._words_of: dict[bytes, tuple[tuple[int, int], ...]] = {}

    def look(self, batch: Batch) -> Look:
        """See `Stage1`."""
        look = Look({}, {})
        if not batch.size:
            return look
        hits = self._hits(batch)
        if not hits:
            return look
        hits.sort()
        rules = bisect_left(hits, len(self._plans) << _INDEX_SHIFT)
        triggers = len(self._plans) + len(self._triggers)
        gated = bisect_left(hits, triggers << _INDEX_SHIFT)
        windows = [*self._windows(batch, hits[:rules]), *self._named(batch, hits[gated:])]
        for window in _joined(windows):
            look.windows.setdefault(window.content, []).append(window)
        self._signal(batch, hits[rules:gated], look.signals)
        return look

    def _hits(self, batch: Batch) -> list[int]:
        hits: list[int] = []

        def note(index: int, _start: int, end: int, _flags: int, _context: object) -> None:
            hits.append(index << _INDEX_SHIFT | end)

        data = memoryview(batch.buffer)[: batch.size]
        self._compiled.database.scan(data, match_event_handler=note, scratch=self._scratch)
        return hits

    def _windows(self, batch: Batch, hits: Sequence[int]) -> Iterator[Window]:
        starts, ends, plans = batch.starts, batch.ends, self._plans
        for hit in hits:
            rule, end = hit >> _INDEX_SHIFT, hit & _OFFSET_MASK
            content = bisect_right(starts, end - 1) - 1
            if content < 0 or end > ends[content]:
                continue  # in a header between two contents
            plan = plans[rule]
            begin = starts[content]
            last = end - plan.prefix_least - begin
            if last < 0:
                continue  # across the border of two contents
            low = max(0, end - plan.prefix_most - begin)
            high = min(ends[content] - begin, last + plan.width)
            yield Window(rule, content, low, high, last)

    def _named(self, batch: Batch, hits: Sequence[int]) -> Iterator[Window]:
        """The windows of the rules behind the gate: what stands before each of its hits is searched
        for their words, and remembered, since history shows it again and again."""
        gate = self._compiled.gate
        if gate is None or not hits:
            return
        places = list(_before(batch, [hit & _OFFSET_MASK for hit in hits], gate.reach))
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

    def _signal(
        self, batch: Batch, hits: Sequence[int], signals: dict[int, dict[str, list[int]]]
    ) -> None:
        starts, ends = batch.starts, batch.ends
        for hit in hits:
            trigger = self._triggers[(hit >> _INDEX_SHIFT) - len(self._plans)]
            end = hit & _OFFSET_MASK
            content = bisect_right(starts, end - 1) - 1
            if content < 0 or end > ends[content]:
                continue
            offset = end - starts[content]
            signals.setdefault(content, {}).setdefault(trigger.name, []).append(offset)
        for content, found in signals.items():
            signals[content] = {name: sorted(set(offsets)) for name, offsets in found.items()}


class _Place(NamedTuple):
    """A piece of text, and where it comes from."""

    text: bytes
    content: int
    offset: int
    """In the content."""


def _before(batch: Batch, ends: Sequence[int], reach: int) -> Iterator[_Place]:
    """The bytes before each of some ascending offsets, inside its content."""
    view = memoryview(batch.buffer)
    for end in ends:
        content = bisect_right(batch.starts, end - 1) - 1
        if content < 0 or end > batch.ends[content]:
            continue
        begin = batch.starts[content]
        low = max(begin, end - reach)
        yield _Place(bytes(view[low:end]), content, low - begin)


def _joined(windows: Iterable[Window]) -> Iterator[Window]:
    """Windows of one rule in one content that touch, put together."""
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


class _Sign(NamedTuple):
    """A trigger for the engine `re`."""

    name: str
    pattern: re.Pattern[bytes]
    literals: tuple[bytes, ...]
    """Lower-case strings one of which stands in every match; empty where there is no such set."""

    @classmethod
    def of(cls, trigger: Trigger) -> "_Sign":
        """Compile one."""
        flags = re.IGNORECASE if trigger.case_insensitive else 0
        text = trigger.pattern.encode("ascii")
        return cls(trigger.name, re.compile(text, flags), required_literals(text, flags))


class ReStage1:
    """Without Hyperscan: every content in which one of a rule's required strings stands."""

    def __init__(self, plans: Sequence[Plan], triggers: Sequence[Trigger]) -> None:
        self._always = [number for number, plan in enumerate(plans) if not plan.literals]
        self._rules_of: dict[bytes, list[int]] = {}
        for number, plan in enumerate(plans):
            for literal in plan.literals:
                self._rules_of.setdefault(literal, []).append(number)
        self._triggers = tuple(map(_Sign.of, triggers))

    def look(self, batch: Batch) -> Look:
        """See `Stage1`."""
        look = Look({}, {})
        for content in range(len(batch)):
            data = batch.content(content)
            lower = data.lower()
            rules = set(self._always)
            for literal, own in self._rules_of.items():
                if literal in lower:
                    rules.update(own)
            if rules:
                size = len(data)
                look.windows[content] = [
                    Window(rule, content, 0, size, size) for rule in sorted(rules)
                ]
            signals: dict[str, set[int]] = {}
            for sign in self._triggers:
                if sign.literals and not any(literal in lower for literal in sign.literals):
                    continue
                if ends := _ends(sign.pattern, data):
                    signals.setdefault(sign.name, set()).update(ends)
            if signals:
                look.signals[content] = {name: sorted(ends) for name, ends in signals.items()}
        return look


def _ends(pattern: re.Pattern[bytes], data: bytes) -> set[int]:
    """Where matches end, those that overlap too, as Hyperscan reports them."""
    ends: set[int] = set()
    found = pattern.search(data)
    while found:
        ends.add(found.end())
        found = pattern.search(data, found.start() + 1)
    return ends
