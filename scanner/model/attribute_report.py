"""What `agentreach attribute` finds out: marks counted over commits, and one commit explained.

A commit is counted once in each table row that it belongs to. An agent has at most one mark on a
commit, so its rows add up; a commit with the marks of several agents is in the rows of each.
"""

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from scanner.model.attribution import Attribution, Mark, Role, Tier
from scanner.model.changes import Identity
from scanner.model.kinds import Problem
from scanner.model.report import RepositoryInfo, Tool

WEEK = 7 * 24 * 60 * 60
"""Seconds. Weeks begin on Monday, in UTC; the epoch was a Thursday."""


class Outcome(StrEnum):
    """What the marks on one commit come to; every commit has exactly one outcome."""

    AGENT = "agent"
    """An agent has a mark as author or co-author."""
    OTHER_ROLE = "other-role"
    """Agents have marks, but in roles in which somebody else wrote the content."""
    BOT = "bot"
    """Only automations that are not AI have marks."""
    NONE = "no-evidence"
    """No mark. Never "human"."""


def outcome(attribution: Attribution) -> Outcome:
    """What the marks on one commit come to."""
    if not attribution.marks:
        return Outcome.NONE
    if attribution.agent is not None:
        return Outcome.AGENT
    bots_only = all(mark.bot for mark in attribution.marks)
    return Outcome.BOT if bots_only else Outcome.OTHER_ROLE


class Tally(msgspec.Struct, frozen=True):
    """Commits by outcome."""

    outcomes: Mapping[Outcome, int]
    """Every outcome, also those that are nought."""

    @property
    def commits(self) -> int:
        """All of them."""
        return sum(self.outcomes.values())

    @property
    def agent(self) -> int:
        """Commits that an agent made or helped to make, as far as marks tell."""
        return self.outcomes[Outcome.AGENT]


class Standing(msgspec.Struct, frozen=True):
    """How often an agent's mark has one role and one tier."""

    role: Role
    tier: Tier
    commits: int
    first: int | None
    """Time of the earliest; None where all state an impossible date."""
    last: int | None


class Agent(msgspec.Struct, frozen=True):
    """One agent or bot that has marks."""

    agent: str
    name: str
    bot: bool
    commits: int
    """With its mark in any role."""
    standings: tuple[Standing, ...]
    """By role, then strongest tier first; their commits add up to `commits`."""
    models: Mapping[str, int]
    """Commits by the model that the mark names, most frequent first; most marks name none."""


class Group(msgspec.Struct, frozen=True):
    """The commits of one week, author or directory."""

    key: str
    """A week's Monday as `2026-03-02`; an address; a directory, `.` for files at the root."""
    name: str
    """For people; an author's most recent name."""
    tally: Tally
    agents: Mapping[str, int]
    """Commits by agent id, of those with outcome `agent`; most frequent first."""


class MarkedCommit(msgspec.Struct, frozen=True):
    """One commit that bears marks."""

    commit: str
    time: int
    outcome: Outcome
    author: Identity
    marks: tuple[Mark, ...]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Which commits were counted, as the user said it."""

    revisions: str
    """A range, or `--all`."""
    since: int | None
    """Seconds since the epoch; the first that counts."""
    until: int | None
    """The last that counts."""
    date: str
    """Whose date counts, `committer` or `author`."""
    first_parent: bool
    merges: bool
    paths: tuple[str, ...]
    mailmap: bool
    depth: int
    """Levels of directories that are told apart."""


class AttributeReport(msgspec.Struct, frozen=True, kw_only=True):
    """The whole answer. A table that was not asked for is None."""

    tool: Tool
    repository: RepositoryInfo
    asked: Asked
    tally: Tally
    merges: int
    """Of the commits: those with several parents."""
    agents: tuple[Agent, ...]
    """Agents before bots, most commits first."""
    weeks: tuple[Group, ...] | None
    """Only weeks with commits, earliest first. Commits with an impossible date are in none."""
    authors: tuple[Group, ...] | None
    """Most commits with outcome `agent` first, then most commits."""
    directories: tuple[Group, ...] | None
    """In the same order. A commit counts in every directory that it touches."""
    commits: tuple[MarkedCommit, ...] | None
    """Newest first as git orders them; commits without a mark are not listed."""
    impossible_dates: int
    """Commits that state a time before 1971 or in the future."""
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    """Limits worth knowing that are not errors, in sentences."""
    started: int
    seconds: float


class ExplainedMark(msgspec.Struct, frozen=True):
    """One mark in sentences."""

    mark: Mark
    meaning: tuple[str, ...]
    """What its kind, role and tier mean, a sentence each. The evidence is the mark's own."""


class CommitExplanation(msgspec.Struct, frozen=True, kw_only=True):
    """One commit: what speaks for an agent, what was looked for in vain, and what that means."""

    commit: str
    subject: str
    author: Identity
    author_time: int
    committer: Identity
    committer_time: int
    outcome: Outcome
    marks: tuple[ExplainedMark, ...]
    missing: tuple[str, ...]
    """What was looked for and is not there, in sentences."""
    about: tuple[str, ...]
    """What the kind of commit (merge, squash, revert ...) means for its marks, in sentences."""
    conclusion: tuple[str, ...]
    problems: tuple[Problem, ...]
