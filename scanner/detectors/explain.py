"""Why values on a line are, or are not, reported: the steps of the scan, told one by one."""

from collections.abc import Sequence
from typing import Final

import msgspec

from scanner.detectors.candidate import Candidate
from scanner.detectors.judgement import known_checks
from scanner.detectors.pattern import compile_boundary, compile_rule
from scanner.detectors.secret_detector import SecretDetector
from scanner.detectors.stage1 import Window
from scanner.model import Confidence, Match, packed
from scanner.rules.secrets import SecretRule

_MOST_REFUSED: Final = 100


class Step(msgspec.Struct, frozen=True):
    """What one check made of a candidate."""

    check: str
    dropped: bool
    reason: str
    """In words; empty when the check had nothing to say. Never a part of the value."""
    step: int
    """How it moved the confidence."""


class Judged(msgspec.Struct, frozen=True):
    """One candidate on the line, and what became of it."""

    rule: str
    start: int
    end: int
    """Offsets in the content."""
    base: Confidence
    """What the rule itself claims."""
    steps: tuple[Step, ...]
    match: Match | None
    """The match it was judged to be, before overlaps are resolved."""
    reported: bool
    """Whether it, and not another match on the same bytes, is what a scan reports."""
    whole: Match | None = None
    """The match that it is reported as a part of, when it is half of a credential."""


class Explained(msgspec.Struct, frozen=True):
    """Everything a scan considers on some lines of a content."""

    candidates: tuple[Judged, ...]
    """By position, then by rule."""
    reported: tuple[Match, ...]
    """What a scan reports there, also from inside encodings."""


class Refused(msgspec.Struct, frozen=True):
    """A place where a rule's pattern matches and its boundary does not let it."""

    start: int
    end: int
    """Of the secret, as offsets in the content."""
    before: bool
    """Whether the byte before it is of the rule's boundary."""
    behind: bool


def explain(detector: SecretDetector, content: bytes, low: int, high: int) -> Explained:
    """The candidates that touch `content[low:high]` and the matches that are reported there."""
    found = [match for _, match in detector.session().scan(packed([content]))]
    reported = tuple(match for match in found if _touches(_outer(match), low, high))
    return Explained(tuple(_judged(detector, content, low, high, found)), reported)


def refusals(rule: SecretRule, content: bytes) -> tuple[Refused, ...]:
    """Where only the boundary keeps a rule from matching, by position; the first hundred.

    Reads the whole content with the rule's own expression: for one rule, not for a scan.
    """
    pattern, boundary = compile_rule(rule), compile_boundary(rule)
    if boundary is None:
        return ()
    group: str | int = "secret" if "secret" in pattern.groupindex else 0
    found: list[Refused] = []
    for hit in pattern.finditer(content):
        start, end = hit.span(group)
        before = start > 0 and boundary.match(content, start - 1) is not None
        behind = 0 <= end < len(content) and boundary.match(content, end) is not None
        if 0 <= start < end and (before or behind):
            found.append(Refused(start, end, before, behind))
        if len(found) == _MOST_REFUSED:
            break
    return tuple(found)


def check_summaries() -> dict[str, str]:
    """What each check looks at, in one line without a full stop, by the name that rules use."""
    return {
        name: (check.__doc__ or "").strip().split("\n", 1)[0].rstrip(".")
        for name, check in sorted(known_checks().items())
    }


def _outer(match: Match) -> tuple[int, int]:
    if not match.layers:
        return match.start, match.end
    spans = match.layers[0].spans
    return spans[0][0], spans[-1][1]


def _touches(span: tuple[int, int], low: int, high: int) -> bool:
    return span[0] < high and low < span[1]


def _judged(
    detector: SecretDetector, content: bytes, low: int, high: int, matches: Sequence[Match]
) -> list[Judged]:
    batch = packed([content])
    plain = [match for match in matches if not match.layers]
    spans = {(match.rule, match.start, match.end) for match in plain}
    wholes = {(part.rule, part.start, part.end): match for match in plain for part in match.parts}
    found: list[Judged] = []
    for window in _windows(detector, content):
        for candidate in detector.matcher.candidates(batch, window):
            start, end = candidate.origin + candidate.start, candidate.origin + candidate.end
            if _touches((start, end), low, high):
                key = (candidate.rule.id, start, end)
                found.append(
                    Judged(
                        *key,
                        candidate.rule.confidence,
                        _steps(detector, window, candidate),
                        detector.judge.judge(window.rule, candidate),
                        key in spans,
                        wholes.get(key),
                    )
                )
    return sorted(found, key=lambda one: (one.start, one.rule))


def _windows(detector: SecretDetector, content: bytes) -> list[Window]:
    return detector.stage1().look(packed([content])).windows.get(0, [])


def _steps(detector: SecretDetector, window: Window, candidate: Candidate) -> tuple[Step, ...]:
    return tuple(
        Step(name, verdict.drop, verdict.reason, verdict.step)
        for name, verdict in detector.judge.verdicts(window.rule, candidate)
    )
