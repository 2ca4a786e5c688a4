"""The shapes of `agentreach attribute --format json`, version 1; the terms are those of `_wire`."""

from typing import Final, Literal

from scanner.model import Role, Tier
from scanner.model.attribute_report import Outcome
from scanner.sinks._wire import Mark, Problem, Repository, Tool, Wire

SCHEMA: Final = "agentreach/attribute/v1"
COMMIT_SCHEMA: Final = "agentreach/attribute-commit/v1"


class Asked(Wire, frozen=True):
    """Which commits were counted. Times are RFC 3339 in UTC; both bounds count."""

    revisions: str
    since: str | None
    until: str | None
    date: str
    first_parent: bool
    merges: bool
    paths: list[str]
    mailmap: bool
    depth: int


class Outcomes(Wire, frozen=True):
    """Commits by outcome; together they are all commits."""

    agent: int
    other_role: int
    bot: int
    no_evidence: int


class Summary(Wire, frozen=True):
    """The result in numbers. `complete` is false when anything was not read."""

    complete: bool
    commits: int
    merges: int
    outcomes: Outcomes
    impossible_dates: int
    notes: list[str]
    started: str | None
    seconds: float
    exit_code: int | None


class Standing(Wire, frozen=True):
    """How often an agent's mark has one role and one tier."""

    role: Role
    tier: Tier
    commits: int
    first: str | None
    last: str | None


class Agent(Wire, frozen=True):
    """One agent or bot; `standings` add up to `commits`."""

    agent: str
    name: str
    bot: bool
    commits: int
    standings: list[Standing]
    models: dict[str, int]


class Group(Wire, frozen=True):
    """The commits of one week (`key`: its Monday), author (an address) or directory."""

    key: str
    name: str
    commits: int
    outcomes: Outcomes
    agents: dict[str, int]


class Person(Wire, frozen=True):
    """As the commit states it; never verified."""

    name: str
    email: str


class MarkedCommit(Wire, frozen=True):
    """One commit that bears marks; the strongest first."""

    commit: str
    time: str | None
    outcome: Outcome
    author: Person
    marks: list[Mark]


class Document(Wire, frozen=True):
    """What was counted. A table that was not asked for is null."""

    schema: Literal["agentreach/attribute/v1"]
    tool: Tool
    repository: Repository
    asked: Asked
    summary: Summary
    agents: list[Agent]
    weeks: list[Group] | None
    authors: list[Group] | None
    directories: list[Group] | None
    commits: list[MarkedCommit] | None
    problems: list[Problem]


class ExplainedMark(Wire, frozen=True):
    """One mark, and in sentences what it means."""

    mark: Mark
    meaning: list[str]


class CommitDocument(Wire, frozen=True):
    """One commit explained."""

    schema: Literal["agentreach/attribute-commit/v1"]
    commit: str
    subject: str
    author: Person
    author_time: str | None
    committer: Person
    committer_time: str | None
    outcome: Outcome
    marks: list[ExplainedMark]
    missing: list[str]
    about: list[str]
    conclusion: list[str]
    problems: list[Problem]
