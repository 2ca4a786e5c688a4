"""Puts the halves of one credential together: a public id and the secret that belongs to it."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from scanner.detectors.candidate import CONTEXT, Candidate
from scanner.detectors.overlap import resolve
from scanner.detectors.pattern import compile_boundary, compile_companion
from scanner.model import Batch, Confidence, Match, Part
from scanner.rules.secrets import PART_LINES, SecretRule

if TYPE_CHECKING:
    from scanner.detectors.judgement import Judge

_LEVELS: Final = tuple(Confidence)
_NEIGHBOURS: Final = 8
"""Secrets on either side of an id that may be its own."""
_edge = cache(compile_boundary)


class Joiner:
    """Joins the matches of one content. Shared by threads."""

    def __init__(self, rules: Sequence[SecretRule]) -> None:
        self._rules = rules
        self._numbers = {rule.id: number for number, rule in enumerate(rules)}
        self._halves = {rule.id: rule for rule in rules if rule.part_of}
        self._companions = [rule for rule in rules if rule.companion is not None]
        self._ids = {*self._halves, *(rule.id for rule in self._companions)}

    def join(self, matches: list[Match], batch: Batch, content: int, judge: "Judge") -> list[Match]:
        """The matches, sorted by start, with each public half inside the match of its secret."""
        if not any(match.rule in self._ids for match in matches):
            return matches
        data = memoryview(batch.buffer)[batch.starts[content] : batch.ends[content]]
        beside = [
            one for owner in self._companions for one in self._beside(owner, matches, data, judge)
        ]
        if beside:
            known = [(self._is_vague(match), match) for match in matches]
            matches = resolve([*known, *((False, match) for match in beside)])
        return _joined(matches, data, self._halves)

    def _is_vague(self, match: Match) -> bool:
        """Whether a match says less than a companion does about the same bytes: it is a generic
        rule's, or that of a detect-secrets plugin."""
        number = self._numbers.get(match.rule)
        return number is None or self._rules[number].generic

    def _beside(
        self, owner: SecretRule, matches: Sequence[Match], data: memoryview, judge: "Judge"
    ) -> Iterator[Match]:
        """Secrets without a mark of their own that stand near the matches of one rule."""
        number = self._numbers.get(owner.companion.rule) if owner.companion else None
        if owner.companion is None or number is None:
            return
        rule = self._rules[number]
        near = [match for match in matches if match.rule == owner.id]
        for low, high in _regions(data, near, owner.companion.lines):
            text = bytes(data[low:high])
            for hit in compile_companion(owner).finditer(text):
                if not _cut_out(_edge(rule), text, hit.span("secret")):
                    judged = judge.judge(number, _candidate(rule, data, hit, low))
                    if judged is not None:
                        yield judged


def _regions(data: memoryview, matches: Sequence[Match], lines: int) -> Iterator[tuple[int, int]]:
    """The lines around each match and their line feeds, as far as a candidate's context goes; one
    region where they overlap, so that no byte is searched twice."""
    begin = stop = -1
    for match in matches:
        before = bytes(data[max(0, match.start - CONTEXT) : match.start]).split(b"\n")
        after = bytes(data[match.end : match.end + CONTEXT]).split(b"\n")
        low = max(0, match.start - len(b"\n".join(before[-1 - lines :])) - 1)
        high = min(len(data), match.end + len(b"\n".join(after[: lines + 1])) + 1)
        if low > stop:
            if stop > 0:
                yield begin, stop
            begin = low
        stop = max(stop, high)
    if stop > 0:
        yield begin, stop


def _candidate(rule: SecretRule, data: memoryview, hit: re.Match[bytes], origin: int) -> Candidate:
    """`origin` is where the text that was searched begins in the content."""
    start, end = (origin + at for at in hit.span("secret"))
    lead = origin + hit.start()
    low, high = max(0, min(lead, start) - CONTEXT), min(len(data), end + CONTEXT)
    whole = (low == 0, high == len(data))
    return Candidate(rule, bytes(data[low:high]), (start - low, end - low), lead - low, low, whole)


def _cut_out(edge: re.Pattern[bytes] | None, text: bytes, span: tuple[int, int]) -> bool:
    """Whether a span is only a piece of something longer."""
    start, end = span
    return edge is not None and bool(
        (start > 0 and edge.match(text, start - 1)) or (end < len(text) and edge.match(text, end))
    )


def _joined(
    matches: Sequence[Match], data: memoryview, rules: Mapping[str, SecretRule]
) -> list[Match]:
    parts: dict[int, list[Match]] = {}
    taken: set[int] = set()
    for kind in sorted({match.rule for match in matches} & rules.keys()):
        halves = [at for at, match in enumerate(matches) if match.rule == kind]
        wholes = [at for at, match in enumerate(matches) if match.rule in rules[kind].part_of]
        edges = _edges([matches[at] for at in halves], [matches[at] for at in wholes], data)
        for half, whole in _pairs(edges, len(wholes)):
            parts.setdefault(wholes[whole], []).append(matches[halves[half]])
            taken.add(halves[half])
    return [
        _with_parts(match, parts[at], rules) if at in parts else match
        for at, match in enumerate(matches)
        if at not in taken
    ]


class _Edge(NamedTuple):
    """A half and a whole that stand near enough to belong together."""

    half: int
    whole: int
    gap: int


def _edges(halves: Sequence[Match], wholes: Sequence[Match], data: memoryview) -> Iterator[_Edge]:
    """By half and then from the last whole to the first; of each half's wholes the nearest."""
    starts = [whole.start for whole in wholes]
    ends = [whole.end for whole in wholes]
    for number, half in enumerate(halves):
        here = bisect_left(starts, half.start)
        low = max(bisect_left(ends, half.start - CONTEXT), here - _NEIGHBOURS)
        high = min(bisect_left(starts, half.end + CONTEXT), here + _NEIGHBOURS)
        for at in range(high - 1, low - 1, -1):
            begin, stop = sorted((half.end, wholes[at].start, half.start, wholes[at].end))[1:3]
            if bytes(data[begin:stop]).count(b"\n") <= PART_LINES:
                yield _Edge(number, at, stop - begin)


class _Chain(NamedTuple):
    """Pairs that can stand together, as a list from the last to the first."""

    joined: int
    cost: int
    """Minus the sum of the gaps."""
    last: _Edge | None
    rest: "_Chain | None"


def _pairs(edges: Iterator[_Edge], wholes: int) -> Iterator[tuple[int, int]]:
    """The pairs that join the most halves, and of those the ones that stand nearest.

    Nearest first would not do: in `id, secret, id, secret` the second id may stand nearer to the
    first secret than its own does. But pairs are written one after another, so the first id has
    the first secret: what is sought is the heaviest chain of edges that ascends in both, which a
    tree of prefix maxima (Fenwick 1994) finds in E log E. An edge's forerunners end before its
    whole; those of the same half come from the last whole to the first, so none follows another.
    """
    none = _Chain(0, 0, None, None)
    tree = [none] * (wholes + 1)
    best = none
    for edge in edges:
        rest, at = none, edge.whole
        while at > 0:
            rest = max(rest, tree[at], key=_weight)
            at -= at & -at
        chain = _Chain(rest.joined + 1, rest.cost - edge.gap, edge, rest)
        best = max(best, chain, key=_weight)
        at = edge.whole + 1
        while at <= wholes:
            tree[at] = max(tree[at], chain, key=_weight)
            at += at & -at
    while best.last is not None and best.rest is not None:
        yield best.last.half, best.last.whole
        best = best.rest


def _weight(chain: _Chain) -> tuple[int, int]:
    return chain.joined, chain.cost


def _with_parts(match: Match, parts: Sequence[Match], rules: Mapping[str, SecretRule]) -> Match:
    evidence = [f"complete: with its {rules[part.rule].name}" for part in parts]
    evidence += [reason for part in parts for reason in part.evidence]
    return msgspec.structs.replace(
        match,
        confidence=_LEVELS[min(match.confidence.rank + 1, len(_LEVELS) - 1)],
        evidence=tuple(dict.fromkeys((*match.evidence, *evidence))),
        parts=tuple(Part(part.rule, part.start, part.end) for part in parts),
    )
