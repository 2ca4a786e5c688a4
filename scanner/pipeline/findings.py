"""From what was seen to findings: category, severity, reach and attribution put together."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property

import msgspec

from scanner.attribution import Attributor
from scanner.incidents import Kind, Note, assess, gather
from scanner.model import (
    Attribution,
    Basis,
    BoundaryMatch,
    Change,
    Channel,
    Confidence,
    Event,
    Evidence,
    Finding,
    FlowMatch,
    Location,
    Reach,
    Secret,
    Tracking,
    Verdict,
    WayIn,
    Where,
)
from scanner.pipeline.digest import Digester
from scanner.pipeline.places import SecretPlaces, with_fingerprint
from scanner.pipeline.provenance import Provenance, SecretKey
from scanner.pipeline.ways import ways
from scanner.rules.secrets import SecretRule

ReachOf = Callable[[Location], tuple[Reach, ...]]

_REACH_PLACES = 20
"""Reach is asked of so many different places of one secret; more would not change the widest."""

_WAYS_IN = 5

_NOTES = {
    "encrypted": Note.ENCRYPTED,
    "expired": Note.EXPIRED,
    "test mode": Note.TEST_MODE,
    "test-mode": Note.TEST_MODE,
    "placeholder": Note.PLACEHOLDER,
}


class FindingBuilder:
    """Builds findings of one scan; holds what all of them need."""

    def __init__(
        self,
        open_digester: Callable[[], Digester],
        rules: Mapping[str, SecretRule],
        attributor: Attributor,
        reach_of: ReachOf,
        way_in: Callable[[Location], WayIn | None],
        in_head: Callable[[str, str | None], bool | None],
    ) -> None:
        self._open_digester = open_digester
        self._rules = rules
        self._attributor = attributor
        self._reach_of = reach_of
        self._way_in = way_in
        self._in_head = in_head

    @cached_property
    def _digester(self) -> Digester:
        return self._open_digester()

    def secret(self, key: SecretKey, places: SecretPlaces, provenance: Provenance) -> Finding:
        """The finding of one secret, with all its places."""
        rule = self._rules[key[0]]
        ways_in = {place: self._way_in(place) for place in places.locations}
        locations = tuple(
            self._stamp(rule.id, key[1], _with_route(place, way)) for place, way in ways_in.items()
        )
        introduced, attribution = self._introduced(key, provenance)
        answers = {place: self._reach_of(place) for place in _reach_places(locations)}
        reach = widest_of(answers.values())
        locations = _sent_first(locations, answers)
        confidence = places.sight.confidence
        if rule.generic and all(place.where is Where.MESSAGE for place in locations):
            # What a message assigns to a name is nearly always an example of what the change does.
            confidence = Confidence.LOW
        assessment = assess(
            gather(
                kind=Kind.SECRET,
                rule=rule.id,
                severity=rule.severity,
                confidence=confidence,
                locations=locations,
                reach=reach,
                attribution=attribution,
                notes=_notes(places.sight.evidence),
            )
        )
        return Finding(
            fingerprint=self._digester.subject("secret", rule.id, key[1]),
            rule=rule.id,
            category=assessment.category,
            severity=assessment.severity,
            confidence=confidence,
            title=rule.name,
            locations=locations,
            secret=Secret(digest=key[1], kind=rule.name, masked=places.sight.masked),
            introduced=introduced,
            removed=None if _still_present(locations) else provenance.removed.get(key),
            attribution=attribution,
            reach=reach,
            evidence=(
                *_secret_evidence(places, assessment.evidence),
                *_carried(ways_in.values()),
                *ways(locations),
            ),
            remediation=_secret_remediation(rule, locations),
            references=rule.references,
        )

    def _introduced(
        self, key: SecretKey, provenance: Provenance
    ) -> tuple[Event | None, Attribution | None]:
        known = provenance.introduced.get(key)
        if known is None:
            return None, None
        event, change = known
        return event, self._attributor.attribute(change)

    def _stamp(self, rule: str, subject: str, place: Location) -> Location:
        path = place.path or place.commit or place.where.value
        return with_fingerprint(place, self._digester.subject("place", rule, path, subject))

    def boundary(self, change: Change, attribution: Attribution, match: BoundaryMatch) -> Finding:
        """The finding of one overstep of one change."""
        blobs = {path.path: path.new_blob for path in change.paths}
        subject = change.commit or "staged"
        places = tuple(
            self._stamp(
                match.rule,
                subject,
                Location(
                    where=change.where,
                    path=path,
                    line=match.line if path == match.paths[0] else None,
                    commit=change.commit,
                    blob=blobs.get(path),
                    in_head=self._in_head(path, blobs.get(path)),
                    ref=change.ref,
                ),
            )
            for path in match.paths or ("",)
        )
        assessment = assess(
            gather(
                kind=Kind.BOUNDARY,
                rule=match.rule,
                severity=match.severity,
                confidence=match.confidence,
                locations=places,
                attribution=attribution,
            )
        )
        return Finding(
            fingerprint=self._digester.subject("boundary", match.rule, subject),
            rule=match.rule,
            category=assessment.category,
            severity=assessment.severity,
            confidence=match.confidence,
            title=match.title,
            locations=places,
            introduced=_change_event(change, match),
            attribution=attribution,
            evidence=(*match.evidence, assessment.evidence),
            remediation=match.remediation,
            task=match.task,
            seeds_incident=match.seeds_incident,
        )

    def flow(self, match: FlowMatch, location: Location) -> Finding:
        """The finding of one data flow in one file."""
        subject = f"{match.symbol}:{match.title}"
        place = self._stamp(match.rule, subject, location)
        assessment = assess(
            gather(
                kind=Kind.FLOW,
                rule=match.rule,
                severity=match.severity,
                confidence=match.confidence,
                locations=(place,),
                declared=match.category,
            )
        )
        return Finding(
            fingerprint=self._digester.subject("flow", match.rule, place.path, subject),
            rule=match.rule,
            category=assessment.category,
            severity=assessment.severity,
            confidence=match.confidence,
            title=match.title,
            locations=(place,),
            evidence=(*match.evidence, assessment.evidence),
            remediation=match.remediation,
        )


def _with_route(place: Location, way: WayIn | None) -> Location:
    return place if way is None else msgspec.structs.replace(place, route=way.route)


def _carried(found: Iterable[WayIn | None]) -> tuple[Evidence, ...]:
    """How configuration carries the value into processes, each way once."""
    said = {way.words: way for way in found if way is not None}
    return tuple(
        Evidence(f"comes in by configuration: {way.words}", Basis.CONFIG, way.source)
        for way in list(said.values())[:_WAYS_IN]
    )


def widest_of(answers: Iterable[Sequence[Reach]]) -> tuple[Reach, ...]:
    """For each agent and channel the answer that exposes most, over all places."""
    best: dict[tuple[str, Channel], Reach] = {}
    for answer in answers:
        for reach in answer:
            key = (reach.agent, reach.channel)
            known = best.get(key)
            if known is None or reach.verdict.rank < known.verdict.rank:
                best[key] = reach
    channels = list(Channel)
    return tuple(
        best[key] for key in sorted(best, key=lambda key: (key[0], channels.index(key[1])))
    )


def _sent_first(
    locations: tuple[Location, ...], answers: Mapping[Location, Sequence[Reach]]
) -> tuple[Location, ...]:
    """A place that an agent loads into its prompt by itself is the one to look at first."""
    sent = {
        place.path
        for place, answer in answers.items()
        for reach in answer
        if reach.channel is Channel.PROMPT and reach.verdict is Verdict.AUTO
    }
    return tuple(sorted(locations, key=lambda place: place.path not in sent))


def _reach_places(locations: Sequence[Location]) -> list[Location]:
    """One location for each place that reach can tell apart."""
    distinct: dict[tuple[object, ...], Location] = {}
    for place in locations:
        distinct.setdefault((place.where, place.path, place.tracking, place.in_head), place)
    return list(distinct.values())[:_REACH_PLACES]


def _notes(evidence: Iterable[str]) -> tuple[Note, ...]:
    found = (note for text in evidence for words, note in _NOTES.items() if words in text.lower())
    return tuple(dict.fromkeys(found))


def _still_present(locations: Collection[Location]) -> bool:
    return any(place.in_head or place.where in (Where.WORKTREE, Where.INDEX) for place in locations)


def _secret_evidence(places: SecretPlaces, reason: Evidence) -> tuple[Evidence, ...]:
    evidence = [Evidence(text) for text in places.sight.evidence]
    evidence += [Evidence(note) for note in places.refused]
    if places.dropped:
        evidence.append(Evidence(f"{places.dropped} more places are not listed", Basis.DERIVED))
    return (*evidence, reason)


def _secret_remediation(rule: SecretRule, locations: Sequence[Location]) -> tuple[str, ...]:
    rotate = rule.rotate or f"Revoke it at {rule.references[0]} and issue a new one."
    steps = [rotate]
    if any(place.tracking is Tracking.IGNORED for place in locations):
        steps.append(
            "Keep it out of the working tree: a secrets manager, or the environment of the one "
            "process that needs it."
        )
    elif _still_present(locations):
        steps.append(
            "Take it out of the file and read it from a secrets manager or the environment."
        )
    else:
        steps.append("It stays readable in git's objects: rotation is what ends the exposure.")
    return tuple(steps)


def _change_event(change: Change, match: BoundaryMatch) -> Event | None:
    if change.commit is None:
        return None
    return Event(
        commit=change.commit,
        path=match.paths[0] if match.paths else "",
        author=change.author,
        time=change.author_time,
        committed=change.committer_time,
        subject=change.subject,
    )
