"""The shape of the JSON formats, version 1: what other programs read.

These types are the promise, so they stand apart from `scanner.model`, which may change. A field
or an enumeration's value may be added; none is renamed, retyped or removed without a new version.
Every field is always present; what is unknown or does not apply is null. All text has passed
`printable`. The enumerations are the model's own: their values are the vocabulary of every format.
"""

from typing import Final, Literal

import msgspec

from scanner.model import Basis, Channel, Confidence, Role, Severity, Tier, Tracking, Verdict, Where

SCHEMA: Final = "agentreach/report/v1"


class Wire(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of all: frozen, and closed against fields the schema does not name."""


class Tool(Wire, frozen=True):
    """Which program and rules made the report."""

    name: str
    version: str
    rules: str
    engine: str


class Repository(Wire, frozen=True):
    """What was scanned."""

    name: str
    path: str
    head: str | None
    branch: str | None
    object_format: str
    git: bool
    bare: bool
    shallow: bool
    partial: bool


class Evidence(Wire, frozen=True):
    """One fact, how it is known, and where to check it."""

    text: str
    basis: Basis
    source: str | None


class Agent(Wire, frozen=True):
    """An agent the repository is set up for or was worked on by."""

    agent: str
    name: str
    grade: str
    commits: int
    evidence: list[Evidence]


class Severities(Wire, frozen=True):
    """Findings of each severity."""

    critical: int
    high: int
    medium: int
    low: int
    info: int


class Coverage(Wire, frozen=True):
    """What was looked at, and what was left out on request."""

    commits: int
    blobs: int
    files: int
    bytes: int
    agent_commits: int
    undeclared_commits: int
    suppressed: int
    baselined: int
    uncertain: int
    notes: list[str]


class Summary(Wire, frozen=True):
    """The result in numbers. `complete` is false when anything was not scanned."""

    complete: bool
    findings: int
    severities: Severities
    incidents: int
    problems: int
    coverage: Coverage
    started: str | None
    seconds: float
    exit_code: int | None


class Secret(Wire, frozen=True):
    """A secret as it may be spoken of: keyed digest, kind, and a few public characters."""

    digest: str
    kind: str
    masked: str


class Location(Wire, frozen=True):
    """One place. Lines and columns start at 1; columns count bytes. `inside`: what it is wrapped in
    there, outermost first, such as `base64` or `zip member docs/.env`."""

    where: Where
    path: str
    commit: str | None
    blob: str | None
    line: int | None
    column: int | None
    tracking: Tracking | None
    in_head: bool | None
    ref: str | None
    inside: list[str]
    fingerprint: str


class Identity(Wire, frozen=True):
    """A name and an address as the commit states them: unverified."""

    name: str
    email: str


class Event(Wire, frozen=True):
    """A commit that brought something in or took it out. `exact` false: then or earlier."""

    commit: str
    path: str
    author: Identity
    authored: str | None
    committed: str | None
    subject: str
    exact: bool


class Mark(Wire, frozen=True):
    """One agent's mark on a commit."""

    agent: str
    name: str
    role: Role
    tier: Tier
    model: str | None
    bot: bool
    evidence: list[Evidence]


class Attribution(Wire, frozen=True):
    """A commit's marks. `agent` is the strongest one's; null is no evidence, never a human."""

    agent: str | None
    marks: list[Mark]


class Reach(Wire, frozen=True):
    """What one agent can see of the finding through one channel, and why."""

    agent: str
    verdict: Verdict
    channel: Channel
    basis: str
    source: str | None
    grade: Basis
    versions: str | None


class Finding(Wire, frozen=True):
    """One true thing a person should look at."""

    fingerprint: str
    rule: str
    category: int
    severity: Severity
    confidence: Confidence
    title: str
    secret: Secret | None
    locations: list[Location]
    introduced: Event | None
    removed: Event | None
    attribution: Attribution | None
    reach: list[Reach]
    evidence: list[Evidence]
    remediation: list[str]
    task: str | None
    incident: str | None
    references: list[str]


class Incident(Wire, frozen=True):
    """A candidate record; only a person confirms one."""

    id: str
    category: int
    title: str
    severity: Severity
    subject: str
    findings: list[str]
    status: str
    record: str | None


class Problem(Wire, frozen=True):
    """Something that was not scanned."""

    stage: str
    where: str
    reason: str
    hint: str | None


class Report(Wire, frozen=True):
    """The document of `--format json`."""

    schema: Literal["agentreach/report/v1"]
    tool: Tool
    repository: Repository
    agents: list[Agent]
    summary: Summary
    findings: list[Finding]
    incidents: list[Incident]
    problems: list[Problem]


# ------------------------------------------------------------------------------ one object a line


class HeaderLine(Wire, frozen=True, tag_field="type", tag="header"):
    """The first line."""

    schema: Literal["agentreach/report/v1"]
    tool: Tool
    repository: Repository
    agents: list[Agent]


class FindingLine(Finding, frozen=True, tag_field="type", tag="finding"):
    """One finding."""


class IncidentLine(Incident, frozen=True, tag_field="type", tag="incident"):
    """One candidate record."""


class ProblemLine(Problem, frozen=True, tag_field="type", tag="problem"):
    """One thing that was not scanned."""


class SummaryLine(Summary, frozen=True, tag_field="type", tag="summary"):
    """The last line; a stream without it was cut short."""


AnyLine = HeaderLine | FindingLine | IncidentLine | ProblemLine | SummaryLine
