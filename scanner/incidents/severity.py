"""Category and severity of a finding, decided by the one table in `rules/severity.yaml`."""

from collections.abc import Sequence
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import msgspec

from scanner.incidents.paths import PathClass, PathRow, classify
from scanner.model import (
    Attribution,
    Basis,
    Category,
    Channel,
    Confidence,
    Evidence,
    Location,
    Reach,
    Severity,
    Tracking,
    Verdict,
    Where,
)
from scanner.rules import load_file, root

TABLE = "severity.yaml"


class Kind(StrEnum):
    """What sort of thing was found."""

    SECRET = "secret"  # noqa: S105 - the name of a kind
    PERSONAL_DATA = "personal-data"
    BOUNDARY = "boundary"
    FLOW = "flow"
    CONCERN = "concern"


class Presence(StrEnum):
    """How present something still is; most present first."""

    DISK = "disk"  # working tree, index, standard input, a file under .git
    HEAD = "head"  # committed, and HEAD still holds it
    UNKNOWN = "unknown"  # committed; whether HEAD still holds it was not read
    HISTORY = "history"  # only in git's objects: old commits, stashes, messages, notes


class Note(StrEnum):
    """What is known about the credential itself."""

    ENCRYPTED = "encrypted"
    EXPIRED = "expired"
    TEST_MODE = "test-mode"
    PLACEHOLDER = "placeholder"
    PUBLIC = "public"


class FindingFacts(msgspec.Struct, frozen=True, kw_only=True):
    """All that the table may look at. `gather` fills it from a finding's parts."""

    kind: Kind
    rule: str
    severity: Severity
    """What the rule states, before any adjustment."""
    confidence: Confidence
    declared: Category | None = None
    """The category that the detector itself states (a data-flow check does, and the kind of a
    concern); it is kept."""
    presence: Presence = Presence.DISK
    tracking: Tracking | None = None
    verdict: Verdict = Verdict.UNKNOWN
    """The widest verdict of any agent over any channel."""
    channel: Channel | None = None
    """The channel of the widest verdict."""
    path_class: PathClass = PathClass.SOURCE
    by_agent: bool = False
    """The introducing commit carries the mark of an AI agent that wrote content."""
    notes: tuple[Note, ...] = ()
    names_secret: bool = False
    """A control without effect names a file with a secret that agents get at."""
    whole_file: bool = False
    """A concern is about a file as a whole, not about one setting in it."""


class Assessment(msgspec.Struct, frozen=True):
    """What the table says, and in whose words."""

    category: Category
    severity: Severity
    reason: str
    """The reasons of all rows that applied, in order, joined by semicolons."""
    rows: tuple[str, ...]
    """Ids of these rows."""

    @property
    def evidence(self) -> Evidence:
        """The decision as evidence for the finding; the record quotes it."""
        return Evidence(text=self.reason, basis=Basis.DERIVED, source=f"rules/{TABLE}")


class Conditions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The values that facts may have for a row to apply. None: the fact does not matter."""

    kind: tuple[Kind, ...] | None = None
    rule: tuple[str, ...] | None = None
    """Shell patterns."""
    severity: tuple[Severity, ...] | None = None
    confidence: tuple[Confidence, ...] | None = None
    declared: tuple[Category, ...] | None = None
    presence: tuple[Presence, ...] | None = None
    tracking: tuple[Tracking, ...] | None = None
    verdict: tuple[Verdict, ...] | None = None
    channel: tuple[Channel, ...] | None = None
    path_class: tuple[PathClass, ...] | None = None
    by_agent: tuple[bool, ...] | None = None
    notes: tuple[Note, ...] | None = None
    """Any one of them is enough."""
    names_secret: tuple[bool, ...] | None = None
    whole_file: tuple[bool, ...] | None = None

    def hold(self, facts: FindingFacts) -> bool:
        """Whether every named condition holds."""
        for name in self.__struct_fields__:
            wanted = getattr(self, name)
            if wanted is None:
                continue
            actual = getattr(facts, name)
            if name == "notes":
                held = any(note in wanted for note in actual)
            elif name == "rule":
                held = any(fnmatchcase(actual, pattern) for pattern in wanted)
            else:
                held = actual in wanted
            if not held:
                return False
        return True


class PlacementRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Decides the category; the first row that holds wins."""

    id: str
    when: Conditions
    category: Category
    reason: str


class AdjustmentRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Moves or limits the severity; every row that holds applies."""

    id: str
    when: Conditions
    reason: str
    step: int | None = None
    at_most: Severity | None = None

    def __post_init__(self) -> None:
        if (self.step is None) == (self.at_most is None):
            raise ValueError(f"row {self.id!r} needs exactly one of step and at_most")

    def apply(self, rank: int) -> int:
        """The severity's rank after this row, not yet kept within the scale."""
        if self.at_most is not None:
            return min(rank, self.at_most.rank)
        return rank + (self.step or 0)


class Levels(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One severity on three other scales."""

    p0_p3: str
    p1_p3: str
    sev_1_4: str


class Crosswalk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of our severities on other scales, as long as it is suspected and once confirmed."""

    severity: Severity
    suspected: Levels
    confirmed: Levels


class Scales(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the levels of the other scales ask for, by level."""

    p0_p3: dict[str, str]
    p1_p3: dict[str, str]
    sev_1_4: dict[str, str]


class SeverityTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole of `rules/severity.yaml`."""

    schema: int
    placement: tuple[PlacementRow, ...]
    adjustments: tuple[AdjustmentRow, ...]
    paths: tuple[PathRow, ...]
    scales: Scales
    crosswalk: tuple[Crosswalk, ...]

    def levels(self, severity: Severity) -> Crosswalk:
        """The row of the crosswalk for one severity."""
        return next(row for row in self.crosswalk if row.severity is severity)


@cache
def severity_table(base: Path | None = None) -> SeverityTable:
    """The table as data, for documentation and for `assess`. Raises `RuleError`."""
    return load_file((base or root()) / TABLE, SeverityTable)


def path_class(path: str) -> PathClass:
    """What a repository path (forward slashes) is for, by the `paths` of the table."""
    return classify(path, severity_table().paths)


def assess(facts: FindingFacts, table: SeverityTable | None = None) -> Assessment:
    """Decide category and severity. The same facts always give the same answer."""
    table = table or severity_table()
    placed = next(row for row in table.placement if row.when.hold(facts))
    applied = [row for row in table.adjustments if row.when.hold(facts)]
    scale = list(Severity)
    rank = facts.severity.rank
    for row in applied:
        rank = max(0, min(row.apply(rank), len(scale) - 1))
    return Assessment(
        category=placed.category,
        severity=scale[rank],
        reason="; ".join([placed.reason, *(row.reason for row in applied)]),
        rows=(placed.id, *(row.id for row in applied)),
    )


def gather(
    *,
    kind: Kind,
    rule: str,
    severity: Severity,
    confidence: Confidence,
    locations: Sequence[Location],
    reach: Sequence[Reach] = (),
    attribution: Attribution | None = None,
    declared: Category | None = None,
    notes: Sequence[Note] = (),
    names_secret: bool = False,
    whole_file: bool = False,
) -> FindingFacts:
    """The facts of a finding with all its locations; the least harmless of each decides.

    A secret that stands in a test and in a source file is a secret in a source file. `severity` is
    the rule's own. `locations` must not be empty.
    """
    present = min(locations, key=lambda place: _PRESENCE_ORDER.index(presence(place)))
    widest = widest_reach(reach)
    classes = {path_class(place.path) for place in locations}
    return FindingFacts(
        kind=kind,
        rule=rule,
        severity=severity,
        confidence=confidence,
        declared=declared,
        presence=presence(present),
        tracking=_tracking(locations),
        verdict=widest.verdict if widest else Verdict.UNKNOWN,
        channel=widest.channel if widest else None,
        path_class=min(classes, key=_CLASS_ORDER.index),
        by_agent=attribution is not None and attribution.agent is not None,
        notes=tuple(notes),
        names_secret=names_secret,
        whole_file=whole_file,
    )


_PRESENCE_ORDER = tuple(Presence)
_CLASS_ORDER = tuple(PathClass)

_CHANNEL_ORDER = tuple(Channel)


def presence(place: Location) -> Presence:
    """How present one location still is."""
    if place.where in (Where.WORKTREE, Where.INDEX, Where.STDIN, Where.GIT_FILE):
        return Presence.DISK
    if place.where is not Where.COMMIT:
        return Presence.HISTORY
    if place.in_head is None:
        return Presence.UNKNOWN
    return Presence.HEAD if place.in_head else Presence.HISTORY


def widest_reach(reach: Sequence[Reach]) -> Reach | None:
    """The reach that exposes most; ties go to the channel that is listed first, then the agent."""
    return min(
        reach,
        key=lambda one: (
            one.verdict.rank,
            _CHANNEL_ORDER.index(one.channel),
            one.agent,
        ),
        default=None,
    )


def _tracking(locations: Sequence[Location]) -> Tracking | None:
    """Tracked if any copy on disk is: a tracked file also goes to every clone."""
    seen = {place.tracking for place in locations if place.tracking is not None}
    order = (Tracking.TRACKED, Tracking.UNTRACKED, Tracking.IGNORED, Tracking.UNKNOWN)
    return next((one for one in order if one in seen), None)
