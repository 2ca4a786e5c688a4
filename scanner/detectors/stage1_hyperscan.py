"""Stage 1 by Hyperscan, over a whole buffer at once."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Final

from scanner.detectors.carried import KEPT, Reach, carried, searched
from scanner.detectors.compiled import Compiled
from scanner.detectors.stage1 import Look, Window
from scanner.model import Batch

_INDEX_SHIFT: Final = 40
_OFFSET_MASK: Final = (1 << _INDEX_SHIFT) - 1
_BEHIND_BITS: Final = 10
"""Enough for the bytes from a word's end to that of the gate's match."""

_Span = tuple[int, int, int, int]
"""A window of one content: its rule, start, end and last."""

_WORTH_KEEPING: Final = 1 << 16
_MOST_PIECES: Final = 20_000
"""Pieces of text whose words are remembered; each takes some 350 bytes."""


class HyperscanStage1:
    """One Hyperscan pass over all that is new in the buffer; each hit is the end offset of a rule's
    required prefix, of a trigger, or of the gate, behind which a second database finds the rules.
    """

    def __init__(self, compiled: Compiled) -> None:
        import hyperscan

        self.searched = 0
        """Bytes that were not known from an earlier content, so far."""
        self._compiled = compiled
        self._plans = compiled.plans
        self._extents = [
            (plan.prefix_least, plan.prefix_most, plan.width) for plan in compiled.plans
        ]
        self._triggers = compiled.triggers
        self._first_gate = (len(self._plans) + len(self._triggers)) << _INDEX_SHIFT
        self._scratch = hyperscan.Scratch(compiled.database)
        self._words_scratch = hyperscan.Scratch(compiled.words) if compiled.words else None
        self._kept: bytes | None = None
        self._hits_of_kept: Sequence[int] = ()
        self._words_of: dict[bytes, tuple[tuple[int, int], ...]] = {}

    @property
    def reach(self) -> Reach:
        """How wide matches can be."""
        return self._compiled.reach

    def look(self, batch: Batch) -> Look:
        """See `Stage1`."""
        windows: dict[int, list[Window]] = {}
        signals: dict[int, dict[str, list[int]]] = {}
        for content, hits in self._hits(batch).items():
            hits.sort()
            rules = bisect_left(hits, len(self._plans) << _INDEX_SHIFT)
            triggers = bisect_left(hits, self._first_gate, rules)
            size = batch.ends[content] - batch.starts[content]
            spans = [*self._spans(size, hits[:rules]), *self._named_spans(size, hits[triggers:])]
            if spans:
                windows[content] = _windows(content, spans)
            if triggers > rules:
                signals[content] = self._signals(hits[rules:triggers])
        return Look(windows, signals)

    def _hits(self, batch: Batch) -> dict[int, list[int]]:
        """By content: the number of what ends there, shifted, and the offset in the content.

        In place of the gate's own number stands, behind all others, what `_named` found before it.
        """
        found: dict[int, list[int]] = {}
        gated: list[tuple[int, int]] = []
        parts = carried(batch, self.reach, self._kept)
        starts, ends = batch.starts, batch.ends
        for hit in self._search(batch, searched(batch, parts)):
            end = hit & _OFFSET_MASK
            content = bisect_right(starts, end - 1) - 1
            if content < 0 or end > ends[content]:
                continue  # in a header between two contents
            if hit < self._first_gate:
                found.setdefault(content, []).append(hit - starts[content])
            else:
                gated.append((content, end - starts[content]))
        for content, hit in self._named(batch, gated):
            found.setdefault(content, []).append(hit)
        for one in parts:
            own = found.get(one.content, ())
            before = self._hits_of_kept if one.source == KEPT else found.get(one.source, ())
            if own or before:
                found[one.content] = one.hits(own, before, _OFFSET_MASK)
        self._keep(batch, found)
        return found

    def _keep(self, batch: Batch, found: Mapping[int, Sequence[int]]) -> None:
        """The last content, if it is large: few of its kind fit into a batch, and the next batch
        begins with another one. What was unwrapped in between is mostly small."""
        last = len(batch) - 1
        if last >= 0 and batch.ends[last] - batch.starts[last] >= _WORTH_KEEPING:
            self._kept = bytes(batch.content(last))
            self._hits_of_kept = found.get(last, ())

    def _search(self, batch: Batch, parts: Iterable[tuple[int, int]]) -> list[int]:
        hits: list[int] = []

        def note(index: int, _start: int, end: int, _flags: int, begin: int) -> None:
            hits.append(index << _INDEX_SHIFT | (begin + end))

        with memoryview(batch.buffer) as view:
            for begin, end in parts:
                self.searched += end - begin
                with view[begin:end] as part:
                    self._compiled.database.scan(
                        part, match_event_handler=note, context=begin, scratch=self._scratch
                    )
        return hits

    def _spans(self, size: int, hits: Sequence[int]) -> list[_Span]:
        found: list[_Span] = []
        for hit in hits:
            rule, end = hit >> _INDEX_SHIFT, hit & _OFFSET_MASK
            least, most, width = self._extents[rule]
            last = end - least
            if last >= 0:  # else across the border of two contents
                # Here and below, `min` and `max` would take a tenth of the pass.
                start = end - most if end > most else 0
                stop = last + width if last + width < size else size
                found.append((rule, start, stop, last))
        return found

    def _signals(self, hits: Sequence[int]) -> dict[str, list[int]]:
        found: dict[str, set[int]] = {}
        for hit in hits:
            trigger = self._triggers[(hit >> _INDEX_SHIFT) - len(self._plans)]
            found.setdefault(trigger.name, set()).add(hit & _OFFSET_MASK)
        return {name: sorted(offsets) for name, offsets in found.items()}

    def _named(self, batch: Batch, hits: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
        """By content, a hit for each word of a rule behind the gate: what stands before each of the
        gate's hits is searched for them, and remembered, since history shows it again and again."""
        gate = self._compiled.gate
        if gate is None or not hits:
            return
        texts = []
        with memoryview(batch.buffer) as view:
            for content, end in hits:
                begin = batch.starts[content]
                low = end - gate.reach if end > gate.reach else 0
                texts.append(bytes(view[begin + low : begin + end]))
        if len(self._words_of) > _MOST_PIECES:
            self._words_of.clear()
        self._search_words(set(texts) - self._words_of.keys())
        for (content, end), text in zip(hits, texts, strict=True):
            for number, within in self._words_of[text]:
                behind = len(text) - within
                yield (
                    content,
                    self._first_gate + ((number << _BEHIND_BITS | behind) << _INDEX_SHIFT) + end,
                )

    def _named_spans(self, size: int, hits: Sequence[int]) -> Iterator[_Span]:
        gate = self._compiled.gate
        if gate is None:
            return
        for hit in hits:
            number, behind = divmod((hit - self._first_gate) >> _INDEX_SHIFT, 1 << _BEHIND_BITS)
            named = gate.rules[number]
            end = (hit & _OFFSET_MASK) - behind
            last = end - named.least
            stop = last + self._extents[named.rule][2]
            yield named.rule, max(0, end - named.most), min(size, stop), last

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


def _windows(content: int, spans: list[_Span]) -> list[Window]:
    """Those of one rule that touch are put together."""
    found: list[Window] = []
    spans.sort()
    rule, start, end, last = spans[0]
    for following, begin, stop, final in spans:
        if following == rule and begin <= end:
            end = stop if stop > end else end
            last = final if final > last else last
        else:
            found.append(Window(rule, content, start, end, last))
            rule, start, end, last = following, begin, stop, final
    found.append(Window(rule, content, start, end, last))
    return found
