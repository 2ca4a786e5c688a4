"""The weeks as columns of a drawing: as many weeks a column as the width asks for.

The drawing begins where the first mark stands, because before it every share is nought, and never
before the first agents existed, so that one wrong date does not flatten everything else.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import msgspec

from scanner.model.attribute_report import Group, Outcome

_EARLIEST = date(2021, 1, 4)
"""A Monday before the first coding agent left a mark."""
_SCALES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)


class Column(msgspec.Struct, frozen=True):
    """The commits of some weeks in a row."""

    monday: date
    weeks: int
    commits: int
    agent: int
    agents: Mapping[str, int]

    @property
    def share(self) -> float | None:
        """0 to 1; None without commits."""
        return self.agent / self.commits if self.commits else None


class Series(msgspec.Struct, frozen=True):
    """What is drawn, and what is not."""

    columns: tuple[Column, ...]
    """Without gaps, earliest first; empty where there is no mark."""
    weeks: int
    """In a column."""
    top: float
    """The share at the upper edge."""
    before: int
    """Commits in the weeks before the first column."""
    before_marked: int
    """Of those, with an agent's mark: their dates are wrong."""


def series(weeks: Sequence[Group], room: int) -> Series:
    """At most `room` columns."""
    dated = [(date.fromisoformat(group.key), group) for group in weeks]
    marked = [day for day, group in dated if group.tally.agent and day >= _EARLIEST]
    if not marked:
        return Series((), 1, 1.0, sum(group.tally.commits for _, group in dated), 0)
    first, last = marked[0], dated[-1][0]
    step = max(1, -(-((last - first).days // 7 + 1) // max(room, 1)))
    columns = tuple(_columns(dated, first, last, step))
    highest = max(column.share or 0 for column in columns)
    before = [group.tally for day, group in dated if day < first]
    return Series(
        columns=columns,
        weeks=step,
        top=next(scale for scale in _SCALES if highest <= scale),
        before=sum(tally.commits for tally in before),
        before_marked=sum(tally.agent for tally in before),
    )


def _columns(
    dated: Sequence[tuple[date, Group]], first: date, last: date, step: int
) -> list[Column]:
    number = (last - first).days // 7 // step + 1
    commits, agent = [0] * number, [0] * number
    agents: list[Counter[str]] = [Counter() for _ in range(number)]
    for day, group in dated:
        if day < first:
            continue
        at = (day - first).days // 7 // step
        commits[at] += group.tally.commits
        agent[at] += group.tally.outcomes[Outcome.AGENT]
        agents[at].update(group.agents)
    return [
        Column(first + timedelta(weeks=at * step), step, commits[at], agent[at], agents[at])
        for at in range(number)
    ]
