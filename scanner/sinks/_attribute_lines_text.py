"""Line shares for a terminal. Nothing is said by colour alone."""

from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

from scanner.model.lines import LineReport, Shares
from scanner.sinks import _attribute_lines_words as words
from scanner.sinks._describe import count, short
from scanner.sinks._foot import problems
from scanner.sinks._layout import Line, Piece, render, row, wrap
from scanner.sinks._options import Options
from scanner.sinks._printable import printable
from scanner.sinks.text import STYLES

_NARROWEST = 80
_NUMBER = 10
_COLUMNS = ("lines", "attested", "by mark", "human", "unknown")


def write(report: LineReport, stream: BinaryIO, options: Options) -> None:
    """Write it at `options.width` columns, 80 at least."""
    lines = _lines(report, max(options.width, _NARROWEST), options)
    for line in render(lines, STYLES, color=options.color):
        stream.write(line)


def _lines(report: LineReport, width: int, options: Options) -> Iterator[Line]:
    yield from wrap(_header(report), width, hang=2)
    yield ()
    sections = (
        _origins(report, width),
        _agents(report),
        _places(report, width, verbose=options.verbose),
        _evidence(report, width),
        _skipped(report, width),
        problems(report.problems, width) if report.problems else (),
        _notes(report, width),
    )
    for section in sections:
        lines = tuple(section)
        yield from lines
        if lines:
            yield ()
    yield from wrap(_summary(report, options.exit_code), width, hang=2)


def _header(report: LineReport) -> Iterator[Piece]:
    yield Piece(printable(report.repository.name, 80) or "repository", "title", whole=True)
    yield Piece(f" · {printable(report.revision, 80)} {short(report.commit)}")
    yield Piece(f" · {count(report.total.lines, 'line')} in {count(len(report.files), 'file')}")
    yield Piece(f" · {words.revision(report)}")


def _origins(report: LineReport, width: int) -> Iterator[Line]:
    label = "LINES"
    for name, lines, meaning in words.origins(report.total):
        share = words.percent(lines, report.total.lines, complete=report.complete)
        pieces = [Piece(f"{lines:>10,}  {share:>8}  {name:<9} ", whole=True), Piece(meaning, "dim")]
        yield from row(label, pieces, width, hang=33)
        label = ""


def _agents(report: LineReport) -> Iterator[Line]:
    found = tuple(words.agents(report))
    if not found:
        return
    yield (
        Piece(f"{'AGENT':<34}{'attested':>{_NUMBER}}{'by mark':>{_NUMBER}}{'share':>10}", "dim"),
    )
    for name, attested, marked in found:
        share = words.percent(attested + marked, report.total.lines, complete=report.complete)
        cells = f"{attested:>{_NUMBER},}{marked:>{_NUMBER},}{share:>10}"
        yield (Piece(f"{printable(name, 32):<34}{cells}"),)


def _places(report: LineReport, width: int, *, verbose: bool) -> Iterator[Line]:
    title = "FILE" if verbose else "DIRECTORY"
    rows: list[tuple[str, Shares]]
    if verbose:
        rows = [(file.path, file.shares) for file in report.files]
    else:
        rows = [(f"{one.path}/", one.shares) for one in words.top_directories(report)]
    if not rows:
        return
    space = max(20, width - _NUMBER * (len(_COLUMNS) + 1))
    heads = "".join(f"{name:>{_NUMBER}}" for name in (*_COLUMNS, "agents"))
    yield (Piece(f"{title:<{space}}{heads}", "dim"),)
    limit = len(rows) if verbose else words.LISTED
    for path, shares in islice(rows, limit):
        yield (Piece(_fitted(path, space - 1).ljust(space), "path"), Piece(_cells(shares, report)))
    if len(rows) > limit:
        yield (Piece(f"and {len(rows) - limit:,} more; --verbose lists every file", "dim"),)


def _cells(shares: Shares, report: LineReport) -> str:
    numbers = (
        shares.lines,
        sum(shares.attested.values()),
        sum(shares.marked.values()),
        shares.human,
        shares.unknown,
    )
    share = words.percent(shares.agents, shares.lines, complete=report.complete)
    return "".join(f"{number:>{_NUMBER},}" for number in numbers) + f"{share:>{_NUMBER}}"


def _fitted(path: str, width: int) -> str:
    shown = printable(path)
    return shown if len(shown) <= width else f"…{shown[1 - width :]}"


def _evidence(report: LineReport, width: int) -> Iterator[Line]:
    label = "EVIDENCE"
    for counts in report.evidence:
        pieces = [
            Piece(f"{counts.form.value}, "),
            Piece(printable(counts.place, 120), "path", whole=True),
            Piece(f": {words.evidence(counts)}"),
        ]
        yield from row(label, pieces, width, hang=2)
        label = ""


def _skipped(report: LineReport, width: int) -> Iterator[Line]:
    label = "LEFT OUT"
    for skipped in report.skipped:
        pieces = [Piece(f"{count(skipped.files, 'file')}: {skipped.reason.value}")]
        yield from row(label, pieces, width, hang=2)
        label = ""


def _notes(report: LineReport, width: int) -> Iterator[Line]:
    label = "NOTES"
    notes = list(report.notes)
    if not report.complete:
        notes.insert(0, f"{words.INCOMPLETE} of the lines that could be told; not all could")
    for note in notes:
        yield from row(label, [Piece(printable(note, 300))], width, hang=2)
        label = ""


def _summary(report: LineReport, exit_code: int | None) -> Iterator[Piece]:
    share = words.percent(report.total.agents, report.total.lines, complete=report.complete)
    state = "" if report.complete else ", incomplete"
    yield Piece(f"{share} of the lines are by agents as far as evidence tells{state}", "title")
    yield Piece(f" · {report.seconds:.1f} s")
    if exit_code is not None:
        yield Piece(f" · exit {exit_code}")
