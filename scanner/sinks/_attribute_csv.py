"""The attribution tables as one CSV file (RFC 4180) in long form: a line a number.

Columns: `by` names the table; `key` and `name` the week, author, directory, commit or agent;
`outcome`, `agent`, `role`, `tier` and `model` what is counted, empty where that is anything;
`commits` how many; `of` out of how many.
"""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO
from typing import TYPE_CHECKING, BinaryIO

from scanner.model.attribute_report import AttributeReport, Group, MarkedCommit, Outcome, Tally
from scanner.sinks._describe import instant
from scanner.sinks._printable import printable

if TYPE_CHECKING:
    from scanner.sinks._attribute import Drawing

COLUMNS = ("by", "key", "name", "outcome", "agent", "role", "tier", "model", "commits", "of")
_FORMULA = ("=", "+", "-", "@")
_Cells = tuple[str | int, ...]


def write(report: AttributeReport, stream: BinaryIO, drawing: "Drawing") -> None:
    """Write the heading, then all tables that were asked for, one after the other."""
    for line in (COLUMNS, *_rows(report)):
        buffer = StringIO()
        csv.writer(buffer).writerow([_cell(value) for value in line])
        stream.write(buffer.getvalue().encode())


def _cell(value: str | int) -> str | int:
    """A spreadsheet takes some texts for formulas; a quotation mark before them makes them text."""
    if isinstance(value, int):
        return value
    shown = printable(value)
    return f"'{shown}" if shown.startswith(_FORMULA) else shown


def _rows(report: AttributeReport) -> Iterator[_Cells]:
    yield from _outcomes("all", "", "", report.tally)
    whole = report.tally.commits
    for agent in report.agents:
        for one in agent.standings:
            kind = "bot" if agent.bot else ""
            cells = (kind, agent.agent, one.role.value, one.tier.value, "", one.commits, whole)
            yield ("agent", agent.agent, agent.name, *cells)
        for model, number in agent.models.items():
            yield ("model", agent.agent, agent.name, "", agent.agent, "", "", model, number, whole)
    yield from _groups("week", report.weeks or ())
    yield from _groups("author", report.authors or ())
    yield from _groups("directory", report.directories or ())
    yield from _commits(report.commits or ())


def _groups(by: str, groups: Iterable[Group]) -> Iterator[_Cells]:
    for group in groups:
        yield from _outcomes(by, group.key, group.name, group.tally)
        for agent, number in group.agents.items():
            cells = (Outcome.AGENT.value, agent, "", "", "", number, group.tally.commits)
            yield (by, group.key, group.name, *cells)


def _outcomes(by: str, key: str, name: str, tally: Tally) -> Iterator[_Cells]:
    for one, number in tally.outcomes.items():
        yield (by, key, name, one.value, "", "", "", "", number, tally.commits)


def _commits(commits: Iterable[MarkedCommit]) -> Iterator[_Cells]:
    """`name` is the time, where the commit states a possible one."""
    for one in commits:
        for mark in one.marks:
            standing = (mark.agent, mark.role.value, mark.tier.value, mark.model or "")
            yield (
                "commit",
                one.commit,
                instant(one.time) or "",
                one.outcome.value,
                *standing,
                1,
                1,
            )
