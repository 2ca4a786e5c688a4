"""The matrix as Markdown: a table, the reasons, and the whole basis of every cell folded away.

Everything from the repository is escaped: it makes no cell, no markup, no HTML and no link.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO

from scanner.model import Verdict
from scanner.model.matrix import Matrix, Row
from scanner.sinks import _reach_words as words
from scanner.sinks._describe import CHANNELS, count, short
from scanner.sinks._options import Options
from scanner.sinks._printable import log_safe, printable

_SPECIAL = re.compile(r"[\\`*_{}\[\]#!|~$]")
_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_START = re.compile(r"[-=+]|\d+[.)]")
_LINK = re.compile(r"://|(?i:www)\.")
_ADDRESS = re.compile(r"https://[A-Za-z0-9./?=_%~+#-]+")


def write(matrix: Matrix, stream: BinaryIO, options: Options) -> None:
    """Write it with a line feed after every line."""
    for line in _lines(matrix, options):
        stream.write(f"{log_safe(line)}\n".encode())


def escaped(text: str) -> str:
    """Anybody's words as plain text of CommonMark and of the extensions that code hosts have."""
    shown = "".join(_HTML.get(character, character) for character in printable(text))
    shown = _SPECIAL.sub(r"\\\g<0>", shown)
    shown = _LINK.sub(lambda link: f"{link[0][:-1]}\\{link[0][-1]}", shown)
    # Hosts look for names to notify in what is rendered, where a backslash is gone.
    shown = shown.replace("@", "<span>@</span>")
    return f"\\{shown}" if _START.match(shown) else shown


def code(text: str) -> str:
    """A path as a code span, which no extension looks into; also inside a table."""
    shown = printable(text)
    fence = "`" * (max((len(run) for run in re.findall("`+", shown)), default=0) + 1)
    gap = " " if shown.startswith("`") or shown.endswith("`") or not shown.strip() else ""
    return f"{fence}{gap}{shown}{gap}{fence}".replace("|", "\\|")


def _source(text: str) -> str:
    return f"<{text}>" if _ADDRESS.fullmatch(text) else code(text)


def _lines(matrix: Matrix, options: Options) -> Iterator[str]:
    repository = matrix.repository
    yield f"# Reach: {escaped(repository.name) or 'repository'}"
    yield ""
    head = f" at {short(repository.head)}" if repository.head else ""
    yield f"{words.counted(matrix)} against {count(len(matrix.columns), 'agent')}{head}."
    if matrix.what_if is not None:
        paths = ", ".join(code(path) for path in matrix.what_if.paths)
        yield f"This is how it would be with a changed {paths}."
    yield ""
    if matrix.rows and matrix.columns:
        yield from _table(matrix)
    yield from _section("What would change", _changes(matrix))
    yield from _section("What is open, and why", _open(matrix))
    yield from _section("What holds", _stops(matrix))
    yield from _section("Settings to look at", _concerns(matrix))
    yield from _section("What could not be read", _problems(matrix))
    yield from _section("What was seen", _seen(matrix))
    if matrix.rows:
        yield "## Every cell"
        yield ""
    for number, row in enumerate(matrix.rows, 1):
        yield from _details(matrix, number, row)


def _section(title: str, items: Iterator[str]) -> Iterator[str]:
    found = list(items)
    if found:
        yield f"## {title}"
        yield ""
        yield from (f"- {item}" for item in found)
        yield ""


def _table(matrix: Matrix) -> Iterator[str]:
    names = " | ".join(escaped(column.name) for column in matrix.columns)
    yield f"| | place | secret | {names} |"
    yield f"|--:|---|---|{'---|' * len(matrix.columns)}"
    for number, row in enumerate(matrix.rows, 1):
        cells = []
        for cell in row.cells:
            way = words.channel_of(cell)
            verdict = words.SHORT_VERDICTS[cell.verdict]
            shown = f"**{verdict}**" if words.STYLES[cell.verdict] == "open" else verdict
            cells.append(f"{shown}<br>{escaped(way)}" if way else shown)
        place, what = code(words.where(row.finding)), escaped(words.what(row.finding))
        yield f"| {number} | {place} | {what} | {' | '.join(cells)} |"
    yield ""


def _changes(matrix: Matrix) -> Iterator[str]:
    if matrix.what_if is None:
        return
    names = {column.agent: column.name for column in matrix.columns}
    if not matrix.what_if.changes:
        yield "No cell would change."
    for change in matrix.what_if.changes:
        before, after = change.before, change.after
        how = (
            words.narrowed(before, after)
            if before.verdict is after.verdict
            else f"{words.SHORT_VERDICTS[before.verdict]} -> {words.SHORT_VERDICTS[after.verdict]}"
        )
        yield f"row {change.row + 1}, {escaped(names[change.agent])}: {escaped(how)}"
    for title, concerns in (
        ("new", matrix.what_if.new_concerns),
        ("settled", matrix.what_if.settled_concerns),
    ):
        for concern in concerns:
            yield f"{title}: {code(words.concern_place(concern))} {escaped(concern.words)}"


def _open(matrix: Matrix) -> Iterator[str]:
    for reason in words.reasons(matrix):
        agents = escaped(", ".join(reason.agents))
        verdict = words.LONG_VERDICTS[reason.verdict]
        rows = words.numbered(reason.rows)
        yield f"**{agents}**: {verdict} by {reason.channels}, {rows}: {escaped(reason.words)}"


def _stops(matrix: Matrix) -> Iterator[str]:
    for stop in words.stops(matrix):
        verb = "blocks" if stop.verdict is Verdict.BLOCKED else "asks before"
        held = f"{verb} {stop.channels}, {words.numbered(stop.rows)}"
        yield f"{_source(stop.source)}: {escaped(stop.agent)}: {held}"


def _concerns(matrix: Matrix) -> Iterator[str]:
    names = {column.agent: column.name for column in matrix.columns}
    for concern in matrix.concerns:
        place, agent = code(words.concern_place(concern)), escaped(names[concern.agent])
        yield f"{place} ({agent}): {escaped(concern.words)}. {escaped(concern.instead)}."


def _problems(matrix: Matrix) -> Iterator[str]:
    for problem in matrix.problems:
        hint = f" ({escaped(problem.hint)})" if problem.hint else ""
        yield f"{code(problem.where)}: {escaped(problem.reason)}{hint}"


def _seen(matrix: Matrix) -> Iterator[str]:
    yield from (f"read: {escaped(text)}" for text in matrix.read)
    yield from (f"not seen: {escaped(text)}" for text in matrix.unseen)
    yield from (escaped(note) for note in matrix.notes)


def _details(matrix: Matrix, number: int, row: Row) -> Iterator[str]:
    # A summary is HTML, where a backslash escapes nothing.
    title = _as_html(f"{number}. {words.where(row.finding)}  {words.what(row.finding)}")
    yield f"<details><summary>{title}</summary>"
    yield ""
    for column, cell in zip(matrix.columns, row.cells, strict=True):
        yield f"- **{escaped(column.name)}**: {words.LONG_VERDICTS[cell.verdict]}"
        for view in cell.views:
            verdict = words.LONG_VERDICTS[view.reach.verdict]
            at = f" ({_source(view.reach.source)})" if view.reach.source else ""
            place = words.view_place(row, view)
            there = f" at {code(place)}" if place else ""
            basis = escaped(words.basis(view.reach))
            yield f"  - {CHANNELS[view.reach.channel]}{there}: {verdict}: {basis}{at}"
    yield ""
    yield "</details>"
    yield ""


def _as_html(text: str) -> str:
    shown = "".join(_HTML.get(character, character) for character in text)
    return shown.replace("@", "<span>@</span>")
