"""The attribution tables as Markdown. What comes from the repository is escaped."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, BinaryIO

from scanner.model.attribute_report import AttributeReport, Group, MarkedCommit, Outcome
from scanner.sinks import _attribute_words as words
from scanner.sinks._attribute_series import series
from scanner.sinks._describe import day, mark, short
from scanner.sinks._printable import log_safe
from scanner.sinks._reach_markdown import code, escaped

if TYPE_CHECKING:
    from scanner.sinks._attribute import Drawing

_LISTED = 50
_COLUMNS = 53
"""Rows of the table over time: a year of weeks, else longer steps."""


def write(report: AttributeReport, stream: BinaryIO, drawing: "Drawing") -> None:
    """Write it with a line feed after every line."""
    for line in _lines(report):
        stream.write(f"{log_safe(line)}\n".encode())


def _lines(report: AttributeReport) -> Iterator[str]:
    yield f"# Attribution: {escaped(report.repository.name) or 'repository'}"
    yield ""
    head = f" at {short(report.repository.head)}" if report.repository.head else ""
    yield f"{escaped(words.subject(report))}{head}."
    yield ""
    yield from _outcomes(report)
    yield from _agents(report)
    yield from _weeks(report.weeks or ())
    names = words.names(report)
    yield from _groups("author", report.authors or (), names)
    yield from _groups("directory", report.directories or (), names)
    yield from _commits(report.commits or ())
    problems = [f"{code(one.where)}: {escaped(one.reason)}" for one in report.problems]
    yield from _section("What could not be read", problems)
    yield from _section("Notes", [words.NOT_HUMAN, *(escaped(note) for note in report.notes)])


def _section(title: str, items: Sequence[str]) -> Iterator[str]:
    if items:
        yield from (f"## {title}", "")
        yield from (f"- {item}" for item in items)
        yield ""


def _outcomes(report: AttributeReport) -> Iterator[str]:
    whole = report.tally.commits
    yield from ("| commits | share | |", "|--:|--:|---|")
    for one in Outcome:
        number = report.tally.outcomes[one]
        yield f"| {number:,} | {escaped(words.percent(number, whole))} | {words.OUTCOMES[one]} |"
    yield ""


def _agents(report: AttributeReport) -> Iterator[str]:
    for title, bot in (("Agents", False), ("Bots that are not AI", True)):
        chosen = [one for one in report.agents if one.bot is bot]
        if not chosen:
            continue
        yield from (f"## {title}", "")
        yield "| agent | role | tier | commits | share | first | last |"
        yield "|---|---|---|--:|--:|---|---|"
        for agent in chosen:
            for line in words.rows((agent,), report.tally.commits):
                cells = (line.name, line.role, line.tier, line.commits, line.share)
                shown = " | ".join(escaped(cell) for cell in cells)
                yield f"| {shown} | {line.first} | {line.last} |"
        yield ""
        named = [one for one in chosen if one.models]
        yield from (f"- {escaped(one.name)}: {escaped(words.models(one))}" for one in named)
        yield from [""] if named else []


def _weeks(weeks: Sequence[Group]) -> Iterator[str]:
    drawn = series(weeks, _COLUMNS)
    if not drawn.columns:
        return
    step = "week" if drawn.weeks == 1 else f"{drawn.weeks} weeks"
    yield from ("## Over time", "")
    yield from (f"| {step} from | commits | with an agent's mark | share |", "|---|--:|--:|--:|")
    for column in drawn.columns:
        share = escaped(words.percent(column.agent, column.commits))
        yield f"| {column.monday} | {column.commits:,} | {column.agent:,} | {share} |"
    yield ""


def _groups(label: str, groups: Sequence[Group], names: dict[str, str]) -> Iterator[str]:
    if not groups:
        return
    yield from (f"## By {label}", "")
    yield f"| {label} | commits | with an agent's mark | share | agents |"
    yield "|---|--:|--:|--:|---|"
    for group, named in zip(groups[:_LISTED], words.labels(groups), strict=False):
        shown = code(group.key) if label == "directory" else escaped(named)
        share = escaped(words.percent(group.tally.agent, group.tally.commits))
        numbers = f"{group.tally.commits:,} | {group.tally.agent:,} | {share}"
        yield f"| {shown} | {numbers} | {escaped(words.by_agents(group, names))} |"
    yield ""
    if len(groups) > _LISTED:
        yield from (f"And {len(groups) - _LISTED:,} more: `--format csv` has all.", "")


def _commits(commits: Sequence[MarkedCommit]) -> Iterator[str]:
    if not commits:
        return
    yield from ("## Commits with marks", "", "| commit | date | marks |", "|---|---|---|")
    for one in commits:
        marks = escaped("; ".join(mark(each) for each in one.marks))
        yield f"| {code(short(one.commit))} | {day(one.time)} | {marks} |"
    yield ""
