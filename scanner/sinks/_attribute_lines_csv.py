"""Line shares as one CSV file (RFC 4180) in long form: a line a number.

Columns: `scope` is `total`, `directory` or `file`; `path`; `origin` as in `model.lines.Origin`;
`agent` where the origin has one; `lines`; `of` all lines of that scope; `complete` whether a share
of the two is one of everything that was asked for.
"""

import csv
from collections.abc import Iterator
from io import StringIO
from typing import BinaryIO

from scanner.model.lines import LineReport, Origin, Shares
from scanner.sinks._options import Options
from scanner.sinks._printable import printable

COLUMNS = ("scope", "path", "origin", "agent", "lines", "of", "complete")
_FORMULA = ("=", "+", "-", "@")


def write(report: LineReport, stream: BinaryIO, _options: Options) -> None:
    """Write the heading, the total, the directories, the files."""
    complete = "yes" if report.complete else "no"
    _line(stream, COLUMNS)
    for scope, path, shares in _scopes(report):
        for origin, agent, lines in _numbers(shares):
            cells = (scope, path, origin.value, agent, str(lines), str(shares.lines), complete)
            _line(stream, cells)


def _scopes(report: LineReport) -> Iterator[tuple[str, str, Shares]]:
    yield "total", "", report.total
    for directory in report.directories:
        if directory.path:
            yield "directory", directory.path, directory.shares
    for file in report.files:
        yield "file", file.path, file.shares


def _numbers(shares: Shares) -> Iterator[tuple[Origin, str, int]]:
    by_agent = (
        (Origin.ATTESTED, shares.attested),
        (Origin.MARKED, shares.marked),
        (Origin.BOT, shares.bots),
    )
    for origin, counts in by_agent:
        for agent, lines in counts.items():
            yield origin, agent, lines
    plain = (
        (Origin.HUMAN, shares.human),
        (Origin.UNKNOWN, shares.unknown),
        (Origin.CUT_OFF, shares.cut_off),
    )
    for origin, lines in plain:
        if lines:
            yield origin, "", lines


def _line(stream: BinaryIO, cells: tuple[str, ...]) -> None:
    buffer = StringIO()
    csv.writer(buffer).writerow([_cell(value) for value in cells])
    stream.write(buffer.getvalue().encode())


def _cell(value: str) -> str:
    """A spreadsheet takes some texts for formulas; a quotation mark before them makes them text."""
    shown = printable(value)
    return f"'{shown}" if shown.startswith(_FORMULA) else shown
