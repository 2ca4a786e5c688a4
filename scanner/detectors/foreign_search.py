"""Where foreign expressions match: Hyperscan finds the neighbourhood, `re` the match.

Without Hyperscan, or for an expression it does not take, `re` searches the contents that hold one
of the rule's keywords. Time is bounded in two ways: the reader of the rules bounds what one attempt
can cost, and a rule that has used up its seconds is no longer run.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from scanner.model import Batch
from scanner.rules.foreign import ForeignRule

_MOST_HITS: Final = 200_000
"""In one batch; triggers that fire on everything are no help, and `re` searches instead."""
_CHUNK: Final = 16_384


class Found(NamedTuple):
    """One match of a rule's expression in a content, and the secret in it."""

    start: int
    end: int
    secret_start: int
    secret_end: int


Intervals = list[tuple[int, int]]
"""Where a match may begin, first and last offset; ascending and disjoint."""


class Triggers:
    """The Hyperscan database of all rules' triggers. Shared by threads; each has its scanner."""

    def __init__(self, rules: Sequence[ForeignRule]) -> None:
        """Raises `ImportError` or `OSError` where Hyperscan does not load."""
        import hyperscan

        self._widths = tuple(rule.pattern.width if rule.pattern else 0 for rule in rules)
        triggers = {
            index: rule.pattern.trigger
            for index, rule in enumerate(rules)
            if rule.pattern and rule.pattern.trigger
        }
        with_start = int(hyperscan.HS_FLAG_SOM_LEFTMOST)
        self._database = _compiled(triggers, dict.fromkeys(triggers, with_start))
        if self._database is None and triggers:
            # One of them is too much: find out which do with what.
            flags = {index: _flags(trigger) for index, trigger in triggers.items()}
            usable = {index: flag for index, flag in flags.items() if flag is not None}
            triggers = {index: triggers[index] for index in usable}
            self._database = _compiled(triggers, usable)
        self.covered = frozenset(triggers if self._database is not None else ())
        """Indices of the rules whose trigger is looked for."""

    def scanner(self) -> "TriggerScanner":
        """One thread's scanner."""
        return TriggerScanner(self._database, self._widths)


def _compiled(triggers: Mapping[int, bytes], flags: Mapping[int, int]) -> Any:
    """The database, or None: for no triggers, and where Hyperscan does not take them."""
    import hyperscan

    if not triggers:
        return None
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    try:
        database.compile(
            expressions=list(triggers.values()),
            ids=list(triggers),
            elements=len(triggers),
            flags=[flags[index] for index in triggers],
        )
    except hyperscan.error:
        return None
    return database


def _flags(trigger: bytes) -> int | None:
    """The flags that Hyperscan takes a trigger with; None when it does not take it."""
    import hyperscan

    wanted = (int(hyperscan.HS_FLAG_SOM_LEFTMOST), 0)
    return next((flag for flag in wanted if _compiled({0: trigger}, {0: flag}) is not None), None)


class TriggerScanner:
    """Finds where triggers fire. Not to be shared."""

    def __init__(self, database: Any, widths: Sequence[int]) -> None:
        self._database = database
        self._widths = widths
        self._scratch: Any = None
        if database is not None:
            import hyperscan

            self._scratch = hyperscan.Scratch(database)

    def intervals(self, batch: Batch) -> dict[tuple[int, int], Intervals] | None:
        """By content and rule, where a match may begin; None when triggers fire nearly everywhere.

        Offsets are in the content.
        """
        if self._database is None or not batch.size:
            return {}
        import hyperscan

        hits: list[tuple[int, int, int]] = []

        def note(rule: int, start: int, end: int, _flags: int, _context: object) -> bool:
            hits.append((rule, start, end))
            return len(hits) >= _MOST_HITS

        data = memoryview(batch.buffer)[: batch.size]
        try:
            self._database.scan(data, match_event_handler=note, scratch=self._scratch)
        except hyperscan.error:
            if len(hits) < _MOST_HITS:
                raise
        if len(hits) >= _MOST_HITS:
            return None
        return self._by_content(batch, hits)

    def _by_content(
        self, batch: Batch, hits: list[tuple[int, int, int]]
    ) -> dict[tuple[int, int], Intervals]:
        found: dict[tuple[int, int], Intervals] = {}
        for rule, start, end in hits:
            content = bisect_right(batch.starts, end - 1) - 1
            if content < 0 or end > batch.ends[content]:
                continue  # between two contents
            base = batch.starts[content]
            # A match is never longer than its width, though a trigger may have begun before it.
            low = max(0, max(start, end - self._widths[rule]) - base)
            found.setdefault((content, rule), []).append((low, end - base))
        return {key: _united(spans) for key, spans in found.items()}


def _united(spans: Intervals) -> Intervals:
    united: Intervals = []
    for low, high in sorted(spans):
        if united and low <= united[-1][1]:
            united[-1] = (united[-1][0], max(united[-1][1], high))
        else:
            united.append((low, high))
    return united


def matches_from(
    pattern: re.Pattern[bytes], data: bytes, intervals: Intervals
) -> Iterator[re.Match[bytes] | None]:
    """Matches that begin in the intervals, leftmost first and without overlap; None in between for
    the caller to look at the clock."""
    position = 0
    for low, high in intervals:
        position = max(low, position)
        while position <= high:
            found = pattern.match(data, position)
            if found is None or found.end() == found.start():
                position += 1
                if not position % 64:
                    yield None
                continue
            yield found
            position = found.end()


def matches_anywhere(
    pattern: re.Pattern[bytes], data: bytes, width: int
) -> Iterator[re.Match[bytes] | None]:
    """Like `matches_from`, anywhere. Piece by piece, so that the clock can be looked at."""
    position = 0
    while position < len(data):
        limit = min(len(data), position + _CHUNK + width)
        found = pattern.search(data, position, limit)
        if found is not None and limit < len(data):
            # The end of the piece is not the end of the content: `$` may have thought so.
            found = pattern.match(data, found.start())
            if found is None:
                position += 1
                yield None
                continue
        if found is None:
            if limit == len(data):
                return
            position = max(position + 1, limit - width)
            yield None
        elif found.end() == found.start():
            position = found.end() + 1
            yield None
        else:
            yield found
            position = found.end()


def secret_span(found: re.Match[bytes], group: int) -> Found:
    """The secret of a match: the group that the rule names, else the first that took part in it and
    is not empty, else the whole match without line ends around it."""
    start, end = found.span()
    chosen: tuple[int, int] | None = None
    if group:
        chosen = found.span(group)
    else:
        spans = (found.span(number) for number in range(1, found.re.groups + 1))
        chosen = next((span for span in spans if span[0] < span[1]), None)
    if chosen is not None and chosen[0] >= 0:
        return Found(start, end, *chosen)
    text = found[0]
    left = len(text) - len(text.lstrip(b"\n"))
    return Found(start, end, start + left, start + max(left, len(text.rstrip(b"\n"))))
