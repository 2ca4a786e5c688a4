"""Secrets against agents: what `agentreach reach` finds out, and how one cell is reasoned."""

from collections.abc import Iterable
from functools import cached_property

import msgspec

from scanner.model.findings import Finding
from scanner.model.kinds import Problem
from scanner.model.reach import AgentUse, Channel, Concern, Reach, Verdict
from scanner.model.report import RepositoryInfo, Tool

MUST_BE_BLOCKED = (Channel.FILE_TOOLS, Channel.SHELL, Channel.GIT_OBJECTS)
"""An agent is only kept from a secret when all of these are blocked or do not exist."""


def overall(reaches: Iterable[Reach]) -> Verdict:
    """One agent's answer for a place, or for all places of a secret: its widest channel.

    `blocked` needs file tools, shell and git objects all blocked or not applicable: where one of
    them has no answer, the whole is unknown. Without any answer it is unknown too.
    """
    held: dict[Channel, Verdict] = {}
    for reach in reaches:
        known = held.get(reach.channel)
        if known is None or reach.verdict.rank < known.rank:
            held[reach.channel] = reach.verdict
    widest = min(held.values(), key=lambda verdict: verdict.rank, default=Verdict.UNKNOWN)
    closed = widest in (Verdict.BLOCKED, Verdict.NOT_APPLICABLE)
    if closed and any(channel not in held for channel in MUST_BE_BLOCKED):
        return Verdict.UNKNOWN
    return widest


class View(msgspec.Struct, frozen=True):
    """What one agent sees of a secret through one channel, at the place where it sees most."""

    reach: Reach
    place: int
    """The place's index in the finding's `locations`."""


class Cell(msgspec.Struct, frozen=True, dict=True):
    """One secret, one agent."""

    agent: str
    views: tuple[View, ...]
    """The widest view of each channel, in the order of `Channel`; all places taken together."""

    @cached_property
    def verdict(self) -> Verdict:
        """The overall verdict; see `overall`."""
        return overall(view.reach for view in self.views)

    @property
    def deciding(self) -> tuple[View, ...]:
        """The views as wide as the whole, in the order of `Channel`; empty when none is."""
        verdict = self.verdict
        return tuple(view for view in self.views if view.reach.verdict is verdict)


class Row(msgspec.Struct, frozen=True):
    """One secret, or one file with personal data, and what each agent sees of it."""

    finding: Finding
    """Its first location is the most telling one. Its own `reach` is the scan's: the cells are the
    answer here."""
    cells: tuple[Cell, ...]
    """In the order of the matrix' columns."""


class Column(msgspec.Struct, frozen=True):
    """One agent."""

    agent: str
    name: str
    use: AgentUse | None
    """How it shows in the repository; None when it was asked about without a sign of it."""


class CellChange(msgspec.Struct, frozen=True):
    """A cell that another settings file would change."""

    row: int
    """Index in the matrix' rows."""
    agent: str
    before: Cell
    after: Cell


class WhatIf(msgspec.Struct, frozen=True):
    """What other settings would change; the matrix shows how it would be then."""

    paths: tuple[str, ...]
    """Repository paths that were put in place of what is there, or taken away."""
    changes: tuple[CellChange, ...]
    new_concerns: tuple[Concern, ...]
    settled_concerns: tuple[Concern, ...]


class Matrix(msgspec.Struct, frozen=True):
    """Every secret against every agent that was asked about."""

    tool: Tool
    repository: RepositoryInfo
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    """Most severe first, then by path and line."""
    concerns: tuple[Concern, ...]
    """Of the columns' agents."""
    problems: tuple[Problem, ...]
    read: tuple[str, ...]
    """What was read beside the repository, in words; nothing unless the caller named it."""
    unseen: tuple[str, ...]
    """What may decide too and was not read, in words."""
    notes: tuple[str, ...]
    """Limits worth knowing that are not errors, in sentences."""
    what_if: WhatIf | None
    started: int
    scan_seconds: float
    matrix_seconds: float

    def verdicts(self) -> dict[Verdict, int]:
        """How many cells there are of each verdict; all verdicts, widest first."""
        counts = dict.fromkeys(Verdict, 0)
        for row in self.rows:
            for cell in row.cells:
                counts[cell.verdict] += 1
        return counts


class Step(msgspec.Struct, frozen=True):
    """The reasoning about one channel."""

    channel: Channel
    verdict: Verdict
    sentences: tuple[str, ...]
    """In the order in which a person would say them, with their final stops."""


class Explanation(msgspec.Struct, frozen=True):
    """Why one agent can, or cannot, see one secret."""

    title: str
    """What it is."""
    place: str
    others: int
    """Further places of the same secret that were looked at."""
    agent: str
    name: str
    verdict: Verdict
    summary: str
    steps: tuple[Step, ...]
    """Widest first."""
    unknown: tuple[str, ...]
    """What is not known and how to find out, in sentences."""
    closing: tuple[str, ...]
    """What would close it, in sentences."""
