"""Findings: true things that a person should look at, and where they are."""

import msgspec

from scanner.model.attribution import Attribution
from scanner.model.changes import Identity
from scanner.model.kinds import Category, Confidence, Evidence, Severity, Tracking, Where
from scanner.model.reach import Reach


class Secret(msgspec.Struct, frozen=True):
    """A secret as it may be spoken of outside the locating function."""

    digest: str
    """Keyed digest: the same secret has the same digest everywhere in one repository's reports."""
    kind: str
    """What it is, e.g. "GitHub personal access token (classic)"."""
    masked: str
    """A few leading and trailing characters where the format's prefix is public, else dots only."""


class Location(msgspec.Struct, frozen=True):
    """One place where a finding is."""

    where: Where
    path: str
    line: int | None = None
    column: int | None = None
    commit: str | None = None
    blob: str | None = None
    tracking: Tracking | None = None
    in_head: bool | None = None
    """The same blob stands in HEAD's tree at this path. None: not known (no HEAD, or not read)."""
    ref: str | None = None
    inside: tuple[str, ...] = ()
    """What it is wrapped in at this place, outermost first: `base64`, `zip member docs/.env`."""
    route: str | None = None
    """How a value at this place gets into an agent's processes, where configuration says it: one of
    `environment-variable`, `env-file`, `hardcoded`, `secrets-manager-misconfiguration`."""
    fingerprint: str = ""
    """Keyed digest of rule, normalised path and secret (or the finding's subject)."""


class Event(msgspec.Struct, frozen=True):
    """A commit that brought something in or took it out."""

    commit: str
    path: str
    author: Identity
    time: int
    """The author's date."""
    committed: int
    subject: str
    exact: bool = True
    """False at the edge of a shallow clone: it happened then or earlier."""


class Finding(msgspec.Struct, frozen=True):
    """One true thing a person should look at."""

    fingerprint: str
    rule: str
    category: Category
    severity: Severity
    confidence: Confidence
    title: str
    locations: tuple[Location, ...]
    """At least one; the most telling first (working tree, index, HEAD, then history)."""
    secret: Secret | None = None
    introduced: Event | None = None
    removed: Event | None = None
    """Set only when nothing in HEAD, the index or the working tree holds it any more."""
    attribution: Attribution | None = None
    """Of the introducing commit (or of the commit that acted); None when there is no commit."""
    reach: tuple[Reach, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    remediation: tuple[str, ...] = ()
    task: str | None = None
    incident: str | None = None
    """The id of the record this finding seeds, if it seeds one."""
    seeds_incident: bool = False
    references: tuple[str, ...] = ()

    @property
    def subject(self) -> str:
        """What makes findings belong together: the secret, the task, or the commit."""
        if self.secret is not None:
            return f"secret:{self.secret.digest}"
        if self.task is not None:
            return f"task:{self.task}"
        commit = self.locations[0].commit
        return f"commit:{commit}" if commit else f"finding:{self.fingerprint}"
