"""Personal data in bulk: from what was found in contents to one finding a file."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import PurePosixPath
from typing import Final, NamedTuple, Protocol

import msgspec

from scanner.attribution import Attributor
from scanner.incidents import Kind, assess, gather
from scanner.model import (
    Basis,
    Change,
    DataMatch,
    Event,
    Evidence,
    Files,
    Finding,
    Location,
    Origin,
    Reach,
    Severity,
    Where,
)
from scanner.pipeline.data_sightings import RULE, DataSighting, DataSightings, sight
from scanner.pipeline.digest import Digester
from scanner.pipeline.forked import spread
from scanner.pipeline.places import Trees, with_fingerprint
from scanner.pipeline.provenance import PlaceKey, Provenance
from scanner.rules.personal import PersonalRule

TITLE: Final = "Personal data in bulk"

_CURRENT: Final = (Where.WORKTREE, Where.INDEX, Where.COMMIT)
_ORDER: Final = {where: rank for rank, where in enumerate(Where)}
_MANY_ROWS: Final = 10_000
_FEW_ROWS: Final = 20
_MOST_VERSIONS: Final = 4
# Files that exist to name people, by the names that projects give them.
_CREDITS: Final = frozenset(
    {
        "authors", "maintainers", "credits", "contributors", "codeowners", "owners", "mailmap",
        "thanks", "committers", "copyright", "people", "alumni", "humans", "signers",
        "allowed_signers", "all-contributorsrc", "acknowledgements", "acknowledgments", "emeritus",
        "cla", "changelog", "changes", "history", "news",
    }
)  # fmt: skip
_STEPS: Final = (
    "Take the rows out of the repository and put generated ones in their place; keep the real ones "
    "in a store with access control.",
    "Find out who has a clone, and whether an agent has read the file: the rows stay in the "
    "history until it is rewritten.",
    "Ask whoever answers for data protection whether this has to be notified (GDPR Articles 33 and "
    "34, or the law of the persons' country).",
)


class Reader(Protocol):
    """What knows the contents: the subject of a scan."""

    @property
    def files(self) -> Files:
        """The files at hand."""

    def read_blob(self, blob: str) -> bytes | None:
        """One blob of the object database."""


class People(Protocol):
    """What reads a content closely: a detector's session."""

    def people(self, content: bytes) -> DataMatch | None:
        """Personal data in bulk."""


def read_closely(
    reader: Reader,
    people: People,
    trees: Trees,
    provenance: Provenance,
    extra: Sequence[Origin],
    processes: int = 1,
) -> dict[str, DataSighting]:
    """Reads the suspects at hand, and of every path the first of its former versions up to one that
    holds such data: that is when it came. Each further version would say the same again."""
    sightings: dict[str, DataSighting] = {}
    for found in spread(
        lambda files: _read(reader, people, files),
        _suspects(trees, provenance, extra),
        processes,
    ):
        sightings.update(found)
    return sightings


class _Suspect(NamedTuple):
    """One file with what is to be read of it."""

    path: str
    at_hand: tuple[str, ...]
    """Blobs that are all read."""
    versions: tuple[str, ...]
    """Blobs of which the first that holds such data is enough."""


def _read(reader: Reader, people: People, files: Iterable[_Suspect]) -> dict[str, DataSighting]:
    sightings: dict[str, DataSighting] = {}

    def holds(blob: str, path: str) -> bool:
        if blob not in sightings:
            content = reader.read_blob(blob) or reader.files.read(path)
            match = people.people(content) if content is not None else None
            if content is None or match is None:
                return False
            sightings[blob] = sight(content, match)
        return True

    for file in files:
        for blob in file.at_hand:
            holds(blob, file.path)
        any(holds(blob, file.path) for blob in file.versions)
    return sightings


def _suspects(
    trees: Trees, provenance: Provenance, extra: Sequence[Origin]
) -> tuple[_Suspect, ...]:
    at_hand = {origin.blob: origin.path for origin in (*trees.worktree, *extra)}
    at_hand |= {blob: path for tree in (trees.index, trees.head) for path, blob in tree.items()}
    present: dict[str, list[str]] = {}
    for blob, path in at_hand.items():
        present.setdefault(path, []).append(blob)
    versions = _versions(provenance)
    return tuple(
        _Suspect(path, tuple(present.get(path, ())), tuple(versions.get(path, ())[:_MOST_VERSIONS]))
        for path in dict.fromkeys((*present, *versions))
        if not names_contributors(path)
    )


def _versions(provenance: Provenance) -> dict[str, list[str]]:
    """Suspect blobs by path, in the order in which they came."""
    events = sorted(
        (event.committed, event.commit, event.path, key[1])
        for key, (event, _) in provenance.introduced.items()
        if key[0] == RULE
    )
    versions: dict[str, list[str]] = {}
    for _, _, path, blob in events:
        versions.setdefault(path, []).append(blob)
    return versions


class DataPlaces(NamedTuple):
    """One file with personal data, in all its states."""

    path: str
    origins: tuple[Origin, ...]
    """The most telling first."""


class PersonalFindings:
    """Builds the findings of one scan."""

    def __init__(
        self,
        open_digester: Callable[[], Digester],
        rules: Iterable[PersonalRule],
        attributor: Attributor,
        reach_of: Callable[[Location], tuple[Reach, ...]],
    ) -> None:
        self._open_digester = open_digester
        self._rules = {rule.kind: rule for rule in rules}
        self._attributor = attributor
        self._reach_of = reach_of

    @cached_property
    def _digester(self) -> Digester:
        return self._open_digester()

    def findings(
        self,
        sightings: DataSightings,
        trees: Trees,
        provenance: Provenance,
        extra: Iterable[Origin] = (),
    ) -> tuple[list[Finding], int]:
        """One finding a path, sorted by path, and how many files an ignore comment took away.

        `trees` must be restricted to blobs that include these; `extra` are origins outside files.
        """
        events = _Events(provenance, sightings)
        found: list[Finding] = []
        ignored = 0
        for file in _files(sightings, trees, provenance, extra):
            first = sightings[file.origins[0].blob]
            if first.ignore is not None and first.ignore.honoured:
                ignored += 1
            elif not names_contributors(file.path):
                found.append(self._finding(file, first, events, trees))
        return found, ignored

    def _finding(
        self, file: DataPlaces, first: DataSighting, events: "_Events", trees: Trees
    ) -> Finding:
        match = first.match
        place = self._place(file, first, trees)
        introduced, change = events.introduced.get(file.path, (None, None))
        attribution = self._attributor.attribute(change) if change is not None else None
        present = place.in_head or place.where in (Where.WORKTREE, Where.INDEX)
        if place.commit is None and place.where in _CURRENT and introduced is not None:
            place = msgspec.structs.replace(place, commit=introduced.commit)
        reach = self._reach_of(place)
        assessment = assess(
            gather(
                kind=Kind.PERSONAL_DATA,
                rule=RULE,
                severity=severity_of(match, self._rules),
                confidence=match.confidence,
                locations=(place,),
                reach=reach,
                attribution=attribution,
            )
        )
        return Finding(
            fingerprint=self._digester.subject("personal-data", RULE, file.path),
            rule=RULE,
            category=assessment.category,
            severity=assessment.severity,
            confidence=match.confidence,
            title=TITLE,
            locations=(place,),
            introduced=introduced,
            removed=None if present else events.removed.get(file.path),
            attribution=attribution,
            reach=reach,
            evidence=(*evidence_of(match, self._rules), *_refused(first), assessment.evidence),
            remediation=self._remediation(match),
            references=self._references(match),
        )

    def _place(self, file: DataPlaces, first: DataSighting, trees: Trees) -> Location:
        origin = file.origins[0]
        in_head = trees.head.get(file.path) == origin.blob if trees.has_head else None
        place = Location(
            where=origin.where,
            path=file.path,
            line=first.line,
            commit=origin.commit,
            blob=origin.blob,
            tracking=origin.tracking,
            in_head=in_head if origin.where in _CURRENT else None,
            ref=origin.ref,
        )
        return with_fingerprint(place, self._digester.subject("place", RULE, file.path))

    def _remediation(self, match: DataMatch) -> tuple[str, ...]:
        special = (
            step for kind in _kinds(match, self._rules) for step in self._rules[kind].remediation
        )
        return tuple(dict.fromkeys((*_STEPS, *special)))

    def _references(self, match: DataMatch) -> tuple[str, ...]:
        named = (
            reference
            for kind in _kinds(match, self._rules)
            for reference in self._rules[kind].references
        )
        return tuple(dict.fromkeys(named))


def names_contributors(path: str) -> bool:
    """Whether a file is there to name the people of a project: `AUTHORS`, `.mailmap`, a change log.

    Their addresses were published by the project, as a condition of contributing.
    """
    name = PurePosixPath(path.lower()).name.lstrip(".")
    return name.split(".")[0] in _CREDITS or name in _CREDITS


def severity_of(match: DataMatch, rules: Mapping[str, PersonalRule]) -> Severity:
    """The worst kind decides; contact data about many persons is one step worse than about few.

    A name with an address or a number, for ten thousand persons, is what a breach is made of; ten
    rows without anything else are hardly more than single mentions.
    """
    kinds = _kinds(match, rules)
    if not kinds:
        return Severity.LOW
    scale = list(Severity)
    rank = max(rules[kind].severity.rank for kind in kinds)
    if match.rows >= _MANY_ROWS:
        rank += 1
    elif match.rows < _FEW_ROWS:
        rank -= 1
    return scale[max(0, min(rank, len(scale) - 1))]


def evidence_of(match: DataMatch, rules: Mapping[str, PersonalRule]) -> tuple[Evidence, ...]:
    """Rows and counts by kind, the columns, and the detector's own reasons, in this order."""
    counts = [f"{rules[kind].name} in {count:,}" for kind, count in match.counts if kind in rules]
    lines = [Evidence(f"{match.rows:,} rows; {', '.join(counts)}")]
    if match.columns:
        lines.append(Evidence(f"columns: {', '.join(match.columns)}"))
    derived = (Evidence(text, Basis.DERIVED) for text in match.evidence)
    return (*lines, *derived)


def _kinds(match: DataMatch, rules: Mapping[str, PersonalRule]) -> list[str]:
    """Without those that only tell that the others are about persons."""
    return [kind for kind, _ in match.counts if kind in rules and not rules[kind].context]


def _refused(first: DataSighting) -> Sequence[Evidence]:
    return (Evidence(first.ignore.note),) if first.ignore is not None else ()


class _Events:
    """When such data came to each path, and when it last went."""

    def __init__(self, provenance: Provenance, sightings: DataSightings) -> None:
        self.introduced: dict[str, tuple[Event, Change]] = {}
        self.removed: dict[str, Event] = {}
        for key, (event, change) in provenance.introduced.items():
            if key[0] == RULE and key[1] in sightings:
                first = self.introduced.get(event.path)
                if first is None or _age(event) < _age(first[0]):
                    self.introduced[event.path] = (event, change)
        for key, event in provenance.removed.items():
            if key[0] == RULE:
                last = self.removed.get(event.path)
                if last is None or _age(event) > _age(last):
                    self.removed[event.path] = event


def _age(event: Event) -> tuple[int, str]:
    return (event.committed, event.commit)


def _files(
    sightings: DataSightings, trees: Trees, provenance: Provenance, extra: Iterable[Origin]
) -> list[DataPlaces]:
    """Every path that has or had such a blob, sorted, with its origins in order."""
    origins = {origin for origin in (*trees.worktree, *extra) if origin.blob in sightings}
    for where, tree in ((Where.INDEX, trees.index), (Where.COMMIT, trees.head)):
        origins.update(
            Origin(where, path, blob) for path, blob in tree.items() if blob in sightings
        )
    for key, place in provenance.places.items():
        if _is_ours(key) and place.blob in sightings:
            origins.add(Origin(key.where, key.path, place.blob, None, place.commit, place.ref))
    by_path: dict[str, list[Origin]] = {}
    for origin in origins:
        by_path.setdefault(origin.path, []).append(origin)
    return [
        DataPlaces(path, tuple(sorted(by_path[path], key=lambda origin: _rank(origin, trees))))
        for path in sorted(by_path)
    ]


def _is_ours(key: PlaceKey) -> bool:
    return key.secret[0] == RULE


def _rank(origin: Origin, trees: Trees) -> tuple[object, ...]:
    return (
        _ORDER[origin.where],
        trees.head.get(origin.path) != origin.blob,
        origin.commit is not None,
        origin.commit or "",
        origin.blob,
    )
