"""Which of several matches on the same bytes speaks for them."""

from bisect import bisect_left, insort
from collections.abc import Sequence
from typing import NamedTuple

from scanner.model import Confidence, Match

_PADDING = 4


def unrefuted(
    matches: Sequence[tuple[bool, Match]], refuted: Sequence[tuple[int, int]]
) -> list[tuple[bool, Match]]:
    """Without the generic matches on what a specific rule knows to be no secret: a token whose
    checksum does not fit stays dropped, whatever name stands before it."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(refuted):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    kept: list[tuple[bool, Match]] = []
    for generic, match in matches:
        at = bisect_left(joined, (match.end, 0)) - 1  # the last span that starts before its end
        if not generic or at < 0 or joined[at][1] <= match.start:
            kept.append((generic, match))
    return kept


def resolve(matches: Sequence[tuple[bool, Match]]) -> list[Match]:
    """One match for one secret: of spans that overlap, a specific rule beats a generic one, then
    higher confidence, then the longer span, then the earlier. Sorted by start."""
    ranked = sorted(
        matches,
        key=lambda item: (
            item[0],
            -_rank(item[1].confidence),
            item[1].start - item[1].end,
            item[1].start,
            item[1].rule,
        ),
    )
    kept: list[tuple[int, int]] = []
    chosen: list[Match] = []
    for _, match in ranked:
        at = bisect_left(kept, (match.start, match.end))
        overlaps_next = at < len(kept) and kept[at][0] < match.end
        overlaps_previous = at > 0 and kept[at - 1][1] > match.start
        if overlaps_next or overlaps_previous:
            continue
        insort(kept, (match.start, match.end))
        chosen.append(match)
    chosen.sort(key=lambda match: match.start)
    return chosen


def _rank(confidence: Confidence) -> int:
    return confidence.rank


class Wrapped(NamedTuple):
    """A match inside an encoding or a container."""

    match: Match
    secret: bytes
    at: int
    """Where in the content it is to be shown."""


def without_echoes(data: bytes, plain: Sequence[Match], wrapped: Sequence[Wrapped]) -> list[Match]:
    """The matches of a content and of what is wrapped in it, without those that only repeat others.

    A text that was put together anew, such as a notebook's cells, shows its secrets a second time;
    and what is encoded may look like a secret before it is decoded.
    """
    shown = {
        (match.rule, data[match.start : match.end], _line(data, match.start)) for match in plain
    }
    chosen: list[Match] = []
    for match, secret, at in wrapped:
        key = (match.rule, secret, _line(data, at))
        if key not in shown and not any(_contains(one, match) for one in plain):
            shown.add(key)
            chosen.append(match)
    kept = [match for match in plain if not any(_swallows(one, match) for one in chosen)]
    return [*kept, *chosen]


def _line(data: bytes, at: int) -> int:
    """Where the line begins."""
    return data.rfind(b"\n", 0, at) + 1


def _contains(plain: Match, wrapped: Match) -> bool:
    """Whether a token of a known format, which is decoded here, is the secret itself."""
    start, end = wrapped.layers[0].spans[0][0], wrapped.layers[0].spans[-1][1]
    inside = plain.start <= start and end <= plain.end
    return inside and not plain.rule.startswith("generic-")


def _swallows(wrapped: Match, plain: Match) -> bool:
    """Whether a plain match is only the wrapped form of what was found unwrapped: doubtful, or
    named by nothing but what stands around it, or put together from several pieces."""
    spans = wrapped.layers[0].spans
    touched = [span for span in spans if span[0] < plain.end and plain.start < span[1]]
    if not touched:
        return False
    if len(spans) > 1:
        return len(touched) > 1
    inside = plain.start <= spans[0][0] + _PADDING and spans[0][1] <= plain.end + _PADDING
    weak = plain.confidence is not Confidence.HIGH or plain.rule.startswith("generic-")
    return inside and weak
