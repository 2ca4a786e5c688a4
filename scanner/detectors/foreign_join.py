"""Our own detector and a configuration's foreign rules as one session: one secret is one match."""

from collections.abc import Collection
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

import msgspec

from scanner.detectors.foreign import PREFIX, ForeignSession
from scanner.model import Batch, Confidence, Match

if TYPE_CHECKING:
    from scanner.detectors.session import DetectorSession, Seen


class JoinedSession:
    """One thread's scanner. Not to be shared.

    Where both see a secret, our rule speaks for it, since it says more, and the foreign one is
    evidence; only our `generic` rules (by id) yield to a foreign one. The configuration's general
    allowlists hold for our matches too: with `useDefault`, our rules stand in for those that they
    were written for. Foreign rules are for files: commit messages and names, which a batch calls by
    another name than a blob's id, are not given to them.
    """

    def __init__(
        self, own: "DetectorSession", foreign: ForeignSession, generic: Collection[str]
    ) -> None:
        self._own = own
        self._generic = frozenset(generic)
        self._foreign = foreign
        self._bound = foreign.rules.bound_to_paths

    def scan(self, batch: Batch) -> list[tuple[int, Match]]:
        """Only the secrets, by content and then by start."""
        return self.look(batch).matches

    def look(self, batch: Batch) -> "Seen":
        """Everything in a batch."""
        seen = self._own.look(batch)
        own = [
            (content, match)
            for content, match in seen.matches
            if not self._foreign.allows(batch, content, match)
        ]
        theirs = [
            (content, match)
            for content, match in self._foreign.scan(batch)
            if ":" not in batch.blobs[content]
        ]
        return seen._replace(matches=join_matches(own, theirs, self._generic, self._bound))


def join_matches(
    own: list[tuple[int, Match]],
    foreign: list[tuple[int, Match]],
    generic: Collection[str] = (),
    bound: Collection[str] = (),
) -> list[tuple[int, Match]]:
    """Both lists as one, without spans that overlap; sorted by content and then by start.

    `bound` are foreign rules that hold in some paths only. Which path it is, is not known here, so
    they say nothing of a match of ours that stands by itself.
    """
    if not foreign:
        return own
    ours: dict[int, list[Match]] = {}
    for content, match in own:
        ours.setdefault(content, []).append(match)
    for content, group in groupby(foreign, key=itemgetter(0)):
        matches = ours.setdefault(content, [])
        for _, match in sorted(group, key=_preference):
            at = _overlapping(matches, match)
            if at is None:
                matches.append(match)
            else:
                matches[at] = _agreed(matches[at], match, generic, bound)
    return [
        (content, match)
        for content in sorted(ours)
        for match in sorted(ours[content], key=lambda match: match.start)
    ]


def _preference(item: tuple[int, Match]) -> tuple[object, ...]:
    """A rule that calls itself generic yields to another; then the longer match counts."""
    match = item[1]
    return "generic" in match.rule, match.start - match.end, match.start, match.rule


def _overlapping(matches: list[Match], match: Match) -> int | None:
    """The first match there is in the same bytes; spans in wrapped contents are other bytes."""
    for index, other in enumerate(matches):
        if not other.layers and other.start < match.end and match.start < other.end:
            return index
    return None


def _agreed(match: Match, other: Match, generic: Collection[str], bound: Collection[str]) -> Match:
    """What two matches of the same bytes come to. The user's own rule is a statement: what it
    agrees with is not of low confidence."""
    if other.rule in bound and match.confidence is not Confidence.LOW:
        return match
    confidence = max(match.confidence, Confidence.MEDIUM, key=lambda level: level.rank)
    if match.rule in generic and "generic" not in other.rule:
        evidence = (*other.evidence, f"{match.rule} agrees")
        return msgspec.structs.replace(other, evidence=evidence, confidence=confidence)
    said = f"{other.rule.removeprefix(PREFIX)}, a {other.evidence[0]}, agrees"
    if said in match.evidence:
        return match
    return msgspec.structs.replace(match, evidence=(*match.evidence, said), confidence=confidence)
