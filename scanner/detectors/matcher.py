"""Stage 1 and 2: from a buffer of many contents to the places where a rule's pattern matches.

Stage 1 finds where a match may begin, stage 2 runs the rule's own expression there. The engine
`hyperscan` does stage 1 in one pass for all rules; the engine `re` does without it. Both give the
same answers: a window of stage 2 covers every match that a hit of stage 1 can belong to, windows of
one rule that overlap are joined, so no match ever stands across the edge of a window.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Any, Final, Protocol

import msgspec

from scanner.detectors.candidate import CONTEXT, Candidate
from scanner.detectors.pattern import Plan, compile_boundary, compile_rule
from scanner.model import Batch
from scanner.rules.secrets import SecretRule

_RULE_SHIFT: Final = 40
_OFFSET_MASK: Final = (1 << _RULE_SHIFT) - 1
_MOST_REMEMBERED: Final = 100_000
"""Windows whose matches are kept; each takes about 300 bytes."""


class Window(msgspec.Struct, frozen=True):
    """A part of one content in which one rule may match."""

    rule: int
    content: int
    start: int
    end: int
    """Offsets in the content."""
    last: int
    """No match starts behind this offset, so there is nothing to search for there."""


class Stage1(Protocol):
    """Finds windows; one object a thread."""

    def windows(self, batch: Batch) -> Iterator[Window]:
        """Windows of one rule in one content are disjoint and ascending."""


class HyperscanStage1:
    """One Hyperscan pass over the whole buffer; each hit is an end offset of a rule's prefix."""

    def __init__(self, plans: Sequence[Plan], database: Any, scratch: Any) -> None:
        self._plans = plans
        self._database = database
        self._scratch = scratch

    def windows(self, batch: Batch) -> Iterator[Window]:
        """See `Stage1`."""
        hits: list[int] = []
        if not batch.size:
            return

        def note(rule: int, _start: int, end: int, _flags: int, _context: object) -> None:
            hits.append(rule << _RULE_SHIFT | end)

        data = memoryview(batch.buffer)[: batch.size]
        self._database.scan(data, match_event_handler=note, scratch=self._scratch)
        if hits:
            hits.sort()
            yield from self._joined(batch, hits)

    def _joined(self, batch: Batch, hits: list[int]) -> Iterator[Window]:
        current: list[int] | None = None  # the fields of a window
        starts, ends, plans = batch.starts, batch.ends, self._plans
        for hit in hits:
            rule, end = hit >> _RULE_SHIFT, hit & _OFFSET_MASK
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
            if current and current[0] == rule and current[1] == content and low <= current[3]:
                current[3] = max(current[3], high)
                current[4] = last
                continue
            if current:
                yield Window(*current)
            current = [rule, content, low, high, last]
        if current:
            yield Window(*current)


class ReStage1:
    """Without Hyperscan: every content in which one of the rule's required strings stands."""

    def __init__(self, plans: Sequence[Plan]) -> None:
        self._plans = plans

    def windows(self, batch: Batch) -> Iterator[Window]:
        """See `Stage1`."""
        for content in range(len(batch)):
            size = batch.ends[content] - batch.starts[content]
            lower = batch.content(content).lower()
            for rule, plan in enumerate(self._plans):
                if not plan.literals or any(literal in lower for literal in plan.literals):
                    yield Window(rule, content, 0, size, size)


class Matcher:
    """Runs the rules' own expressions in the windows of stage 1. Shared by threads; a rule's
    expression is compiled when it is first needed, because most never are."""

    def __init__(self, rules: Sequence[SecretRule]) -> None:
        self._rules = rules
        self._compiled: list[tuple[re.Pattern[bytes], re.Pattern[bytes] | None] | None]
        self._compiled = [None] * len(rules)
        self._seen: dict[tuple[int, int, int, int], tuple[tuple[int, int, int], ...]] = {}

    def candidates(self, batch: Batch, window: Window) -> Iterator[Candidate]:
        """Every match in the window, leftmost first, that has its boundaries."""
        rule = self._rules[window.rule]
        view = memoryview(batch.buffer)
        begin, end = batch.starts[window.content], batch.ends[window.content]
        # One byte more on either side, if the content has it, for \b and the boundary.
        low = max(0, window.start - 1)
        data = bytes(view[begin + low : min(end, begin + window.end + 1)])
        for start, stop, match_start in self._spans(
            window.rule, data, window.start - low, window.last - low
        ):
            yield _candidate(rule, view[begin:end], (low + start, low + stop), low + match_start)

    def _spans(
        self, rule: int, data: bytes, position: int, last: int
    ) -> tuple[tuple[int, int, int], ...]:
        """Start and end of the secret, and start of the match, for each match in a window.

        History shows the same window again with every version of its file: what was found in it is
        remembered, under a hash that is keyed anew in every process.
        """
        key = (rule, hash(data), position, last)
        known = self._seen.get(key)
        if known is None:
            known = tuple(self._search(rule, data, position, last))
            if len(self._seen) >= _MOST_REMEMBERED:
                self._seen.clear()
            self._seen[key] = known
        return known

    def _search(
        self, rule: int, data: bytes, position: int, last: int
    ) -> Iterator[tuple[int, int, int]]:
        pattern, boundary = self._expressions(rule)
        group: str | int = "secret" if "secret" in pattern.groupindex else 0
        while position <= last and (found := pattern.search(data, position)):
            start, stop = found.span(group)
            if start < 0 or start == stop or _touches(boundary, data, start, stop):
                position = found.start() + 1
                continue
            position = max(stop, found.start() + 1)
            yield start, stop, found.start()

    def _expressions(self, index: int) -> tuple[re.Pattern[bytes], re.Pattern[bytes] | None]:
        compiled = self._compiled[index]
        if compiled is None:
            rule = self._rules[index]
            compiled = compile_rule(rule), compile_boundary(rule)
            self._compiled[index] = compiled
        return compiled


def _touches(boundary: re.Pattern[bytes] | None, data: bytes, start: int, stop: int) -> bool:
    if boundary is None:
        return False
    return bool(
        (start > 0 and boundary.match(data, start - 1))
        or (stop < len(data) and boundary.match(data, stop))
    )


def _candidate(
    rule: SecretRule, content: memoryview, span: tuple[int, int], match_start: int
) -> Candidate:
    """Offsets are in the content."""
    low = max(0, min(match_start, span[0]) - CONTEXT)
    high = min(len(content), span[1] + CONTEXT)
    return Candidate(
        rule,
        bytes(content[low:high]),
        (span[0] - low, span[1] - low),
        match_start - low,
        low,
        (low == 0, high == len(content)),
    )
