"""Stage 2: runs a rule's own expression in the windows that stage 1 left."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from scanner.detectors.candidate import CONTEXT, Candidate
from scanner.detectors.pattern import compile_boundary, compile_rule
from scanner.detectors.stage1 import Window
from scanner.model import Batch
from scanner.rules.secrets import SecretRule

_MOST_REMEMBERED: Final = 100_000
"""Windows whose matches are kept; each takes about 300 bytes."""


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
