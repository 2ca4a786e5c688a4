"""The shape of `agentreach reach --format json`, version 1; the terms are those of `_wire`."""

from typing import Final, Literal

from scanner.model import Basis, Channel, ConcernKind, Severity, Verdict
from scanner.sinks._wire import Agent, Location, Problem, Repository, Secret, Tool, Wire

SCHEMA: Final = "agentreach/reach/v1"


class Column(Wire, frozen=True):
    """One agent. `use` is null where nothing in the repository shows that it is used."""

    agent: str
    name: str
    use: Agent | None


class View(Wire, frozen=True):
    """What the agent sees through one channel, at the place where it sees most: an index of the
    row's locations."""

    channel: Channel
    verdict: Verdict
    basis: str
    source: str | None
    grade: Basis
    versions: str | None
    location: int


class Cell(Wire, frozen=True):
    """One secret, one agent: the widest verdict, the channels that have it, and all channels.

    `blocked` is only said where file tools, shell and git objects are all blocked or do not exist.
    """

    agent: str
    verdict: Verdict
    deciding: list[Channel]
    channels: list[View]


class Row(Wire, frozen=True):
    """One secret, or one file with personal data; the most telling location first."""

    fingerprint: str
    rule: str
    category: int
    severity: Severity
    title: str
    secret: Secret | None
    incident: str | None
    locations: list[Location]
    cells: list[Cell]


class Concern(Wire, frozen=True):
    """A setting that a person should look at."""

    agent: str
    kind: ConcernKind
    path: str
    line: int | None
    subject: str
    words: str
    instead: str
    reference: str
    grade: Basis
    personal: bool


class Change(Wire, frozen=True):
    """A cell that changes: `row` is an index of `rows`, which hold the time after."""

    row: int
    fingerprint: str
    agent: str
    before: Cell
    after: Cell


class WhatIf(Wire, frozen=True):
    """What the settings that were put in place change."""

    paths: list[str]
    changes: list[Change]
    new_concerns: list[Concern]
    settled_concerns: list[Concern]


class Cells(Wire, frozen=True):
    """Cells of each verdict."""

    auto: int
    no_prompt: int
    prompt: int
    bypass_only: int
    unknown: int
    blocked: int
    not_applicable: int


class Summary(Wire, frozen=True):
    """The result in numbers. `complete` is false when anything was not read."""

    complete: bool
    rows: int
    columns: int
    cells: Cells
    read: list[str]
    unseen: list[str]
    notes: list[str]
    started: str | None
    scan_seconds: float
    matrix_seconds: float
    exit_code: int | None


class Matrix(Wire, frozen=True):
    """The document."""

    schema: Literal["agentreach/reach/v1"]
    tool: Tool
    repository: Repository
    summary: Summary
    columns: list[Column]
    rows: list[Row]
    concerns: list[Concern]
    what_if: WhatIf | None
    problems: list[Problem]
