"""The attribution tables for a terminal. Nothing is said by colour alone."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, BinaryIO

from scanner.model.attribute_report import AttributeReport, Group, MarkedCommit, Outcome
from scanner.sinks import _attribute_words as words
from scanner.sinks._attribute_chart import chart
from scanner.sinks._describe import count, day, short
from scanner.sinks._describe import mark as _mark
from scanner.sinks._foot import problems
from scanner.sinks._layout import Line, Piece, render, row, wrap
from scanner.sinks._printable import printable
from scanner.sinks.text import STYLES

if TYPE_CHECKING:
    from scanner.sinks._attribute import Drawing

_NARROWEST = 72
_NAME = 17
_WIDEST_NAME = 30
_ROLE, _TIER, _NUMBER, _SHARE, _DATE = 15, 10, 8, 8, 11
_FIXED = _ROLE + _TIER + _NUMBER + _SHARE + 2 * _DATE
_LISTED = 20
_COMMITS = 50
_STYLES = {Outcome.AGENT: "open", Outcome.OTHER_ROLE: "ask", Outcome.NONE: "unknown"}


def write(report: AttributeReport, stream: BinaryIO, drawing: "Drawing") -> None:
    """Write it at the given width, 72 columns at least."""
    options = drawing.options
    lines = _lines(report, max(options.width, _NARROWEST), drawing)
    for line in render(lines, STYLES, color=options.color):
        stream.write(line)


def _lines(report: AttributeReport, width: int, drawing: "Drawing") -> Iterator[Line]:
    yield from wrap(_header(report), width, hang=2)
    yield ()
    names = words.names(report)
    ascii_only = drawing.ascii_only
    sections = (
        _outcomes(report, width),
        _agents(report, width),
        chart(report.weeks or (), width, ascii_only=ascii_only),
        _groups("AUTHOR", report.authors or (), names, width),
        _groups("DIRECTORY", report.directories or (), names, width),
        _commits(report.commits or (), width),
        problems(report.problems, width) if report.problems else (),
        _notes(report, width),
    )
    for section in sections:
        lines = tuple(section)
        yield from lines
        if lines:
            yield ()
    yield from wrap(_summary(report, drawing.options.exit_code), width, hang=2)


def _header(report: AttributeReport) -> Iterator[Piece]:
    repository = report.repository
    yield Piece(printable(repository.name, 80) or "repository", "title", whole=True)
    if repository.head:
        branch = f"{printable(repository.branch, 60)} " if repository.branch else ""
        yield Piece(f" · {branch}{short(repository.head)}")
    yield Piece(f" · {words.subject(report)}")


def _outcomes(report: AttributeReport, width: int) -> Iterator[Line]:
    whole = report.tally.commits
    if not whole:
        return
    digits = len(f"{whole:,}")
    for one in Outcome:
        number = report.tally.outcomes[one]
        head = f"{number:>{digits},}  {words.percent(number, whole):>7}  "
        yield (Piece(head, _STYLES.get(one, "") if number else "dim"), Piece(words.OUTCOMES[one]))


def _agents(report: AttributeReport, width: int) -> Iterator[Line]:
    whole = report.tally.commits
    name = min(max(_NAME, width - _FIXED), _WIDEST_NAME)
    for label, bot in (("AGENT", False), ("BOT, NOT AI", True)):
        chosen = [one for one in report.agents if one.bot is bot]
        if chosen:
            yield (Piece(f"{label:<{name}}{_cells(_HEADING)}", "title"),)
        for agent in chosen:
            for line in words.rows((agent,), whole):
                yield (Piece(f"{_cut(line.name, name - 1):<{name}}", "title"), Piece(_cells(line)))
            if agent.models:
                for text in wrap([Piece(f"model: {words.models(agent)}", "dim")], width - name, 2):
                    yield (Piece(" " * name), *text)
    if sum(one.commits for one in report.agents if not one.bot) > _with_agents(report):
        yield (Piece(words.OVERLAP, "dim"),)


_HEADING = words.Row("", "ROLE", "TIER", "COMMITS", "SHARE", "FIRST", "LAST")


def _cells(line: words.Row) -> str:
    return (
        f"{line.role:<{_ROLE}}{line.tier:<{_TIER}}{line.commits:>{_NUMBER}}{line.share:>{_SHARE}}"
        f"{line.first:>{_DATE}}{line.last:>{_DATE}}"
    )


def _with_agents(report: AttributeReport) -> int:
    outcomes = report.tally.outcomes
    return outcomes[Outcome.AGENT] + outcomes[Outcome.OTHER_ROLE]


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[: room - 1]}…"


def _padded(text: str, width: int) -> str:
    """Exactly so many columns, with a blank at the end; names may have characters of two."""
    if text.isascii():
        return _cut(text, width - 1).ljust(width)
    from rich.cells import cell_len, set_cell_size

    whole = cell_len(text) < width
    return set_cell_size(text if whole else f"{set_cell_size(text, width - 2)}…", width)


def _groups(
    label: str, groups: Sequence[Group], names: dict[str, str], width: int
) -> Iterator[Line]:
    if not groups:
        return
    name = max(24, min(width // 2 - 9, 48))
    head = f"{label:<{name}}{'COMMITS':>{_NUMBER}}{'AGENT':>{_NUMBER}}{'SHARE':>{_SHARE}}"
    yield (Piece(head, "title"),)
    for group, shown in zip(groups[:_LISTED], words.labels(groups), strict=False):
        tally = group.tally
        if len(shown) >= name and label == "DIRECTORY":
            shown = f"…{shown[2 - name :]}"  # the end tells directories apart
        share = words.percent(tally.agent, tally.commits)
        line = f"{tally.commits:>{_NUMBER},}{tally.agent:>{_NUMBER},}{share:>{_SHARE}}"
        room = width - name - len(line) - 2
        who = _cut(words.by_agents(group, names), room) if room >= 12 else ""
        yield (Piece(_padded(shown, name)), Piece(line), Piece(f"  {who}", "dim"))
    if (more := len(groups) - _LISTED) > 0:
        marked = sum(group.tally.agent > 0 for group in groups[_LISTED:])
        rest = f"and {more:,} more, {marked:,} of them with an agent's mark: --format csv has all"
        yield (Piece(rest, "dim"),)


def _commits(commits: Sequence[MarkedCommit], width: int) -> Iterator[Line]:
    if not commits:
        return
    yield (Piece(f"{'COMMIT':<12}{'DATE':<12}MARKS", "title"),)
    for one in commits[:_COMMITS]:
        head = f"{short(one.commit):<12}{day(one.time):<12}"
        pieces = [Piece("; ".join(_mark(mark) for mark in one.marks))]
        for text in wrap(pieces, width - len(head), 2):
            yield (Piece(head), *text)
            head = " " * len(head)
    if (more := len(commits) - _COMMITS) > 0:
        yield (Piece(f"and {more:,} more: --format csv has all", "dim"),)


def _notes(report: AttributeReport, width: int) -> Iterator[Line]:
    if report.tally.outcomes[Outcome.NONE]:
        yield from row("NOTES", [Piece(words.NOT_HUMAN)], width, style="title", hang=2)
    label = "" if report.tally.outcomes[Outcome.NONE] else "NOTES"
    for note in report.notes:
        yield from row(label, [Piece(printable(note, 400))], width, style="title", hang=2)
        label = ""


def _summary(report: AttributeReport, exit_code: int | None) -> Iterator[Piece]:
    if not report.tally.commits:
        yield Piece("No commit was counted.", "bad" if report.problems else "")
        yield Piece(" · ")
    elif report.commits is None:
        yield Piece("one commit: agentreach attribute --commit ID · ", "dim")
    yield Piece(f"{count(report.tally.commits, 'commit')} in {report.seconds:.1f} s")
    if exit_code is not None:
        meaning = ": incomplete, something was not read" if exit_code == 3 else ""
        yield Piece(f" · exit {exit_code}{meaning}")
