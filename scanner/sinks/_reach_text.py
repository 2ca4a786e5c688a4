"""The matrix for a terminal: the table, what is open and why, what holds, what was not seen.

Nothing is said by colour alone.
"""

from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

from scanner.model import Verdict
from scanner.model.matrix import Matrix
from scanner.sinks import _reach_words as words
from scanner.sinks._describe import count, short
from scanner.sinks._foot import problems
from scanner.sinks._layout import Line, Piece, render, row, wrap
from scanner.sinks._options import Options
from scanner.sinks._printable import printable
from scanner.sinks._reach_table import table
from scanner.sinks.text import STYLES

_REASONS = 40
_LISTED = 25

_EXITS = {
    1: "some as wide as --fail-on or wider",
    3: "incomplete, something was not read",
}


def write(matrix: Matrix, stream: BinaryIO, options: Options) -> None:
    """Write it at `options.width` columns, 60 at least."""
    for line in render(
        _lines(matrix, max(options.width, 60), options), STYLES, color=options.color
    ):
        stream.write(line)


def _lines(matrix: Matrix, width: int, options: Options) -> Iterator[Line]:
    yield from wrap(_header(matrix), width, hang=2)
    yield ()
    if matrix.rows and matrix.columns:
        yield from table(matrix, width)
    sections = (
        _changes(matrix, width),
        _open(matrix, width),
        _stops(matrix, width),
        _concerns(matrix, width),
        problems(matrix.problems, width) if matrix.problems else (),
        _notes(matrix, width),
    )
    for section in sections:
        lines = tuple(section)
        yield from lines
        if lines:
            yield ()
    yield from wrap(_summary(matrix, options.exit_code), width, hang=2)


def _header(matrix: Matrix) -> Iterator[Piece]:
    repository = matrix.repository
    yield Piece(printable(repository.name, 80) or "repository", "title", whole=True)
    if repository.head:
        branch = f"{printable(repository.branch, 60)} " if repository.branch else ""
        yield Piece(f" · {branch}{short(repository.head)}")
    yield Piece(f" · {words.counted(matrix)} against {_agents(matrix)}")
    if matrix.what_if is not None:
        paths = ", ".join(printable(path, 120) for path in matrix.what_if.paths)
        yield Piece(f" · as it would be with a changed {paths}", "ask")


def _agents(matrix: Matrix) -> str:
    used = sum(column.use is not None for column in matrix.columns)
    number = count(len(matrix.columns), "agent")
    if used == len(matrix.columns):
        return f"{number} in use here"
    return f"{number}, {used} of them in use here" if used else f"{number}, none in use here"


# ------------------------------------------------------------------ below it


def _changes(matrix: Matrix, width: int) -> Iterator[Line]:
    if matrix.what_if is None:
        return
    if not matrix.what_if.changes:
        yield from row("CHANGES", [Piece("no cell would change")], width, style="title")
    names = {column.agent: column.name for column in matrix.columns}
    label = "CHANGES"
    for change in matrix.what_if.changes[:_LISTED]:
        before, after = change.before, change.after
        pieces = [
            Piece(f"row {change.row + 1} {printable(names[change.agent], 40)}: "),
            Piece(_cell(before.verdict, words.channel_of(before)), words.STYLES[before.verdict]),
            Piece(" -> "),
            Piece(_cell(after.verdict, words.channel_of(after)), words.STYLES[after.verdict]),
        ]
        if before.verdict is after.verdict:
            pieces.append(Piece(f"; {words.narrowed(before, after)}"))
        yield from row(label, pieces, width, style="title", hang=2)
        label = ""
    if (more := len(matrix.what_if.changes) - _LISTED) > 0:
        yield from row("", [Piece(f"and {more:,} more cells")], width)
    for concern in matrix.what_if.new_concerns[:_LISTED]:
        text = f"new: {words.concern_place(concern)} {printable(concern.words, 300)}"
        yield from row("", [Piece(text, "bad")], width, hang=2)
    for concern in matrix.what_if.settled_concerns[:_LISTED]:
        text = f"settled: {words.concern_place(concern)} {printable(concern.words, 300)}"
        yield from row("", [Piece(text)], width, hang=2)


def _cell(verdict: Verdict, channel: str) -> str:
    return (
        f"{words.SHORT_VERDICTS[verdict]} ({channel})" if channel else words.SHORT_VERDICTS[verdict]
    )


def _open(matrix: Matrix, width: int) -> Iterator[Line]:
    found = words.reasons(matrix)
    label = "OPEN"
    for reason in found[:_REASONS]:
        head = f"{', '.join(reason.agents)}: "
        pieces = [
            Piece(head, "title"),
            Piece(words.LONG_VERDICTS[reason.verdict], words.STYLES[reason.verdict]),
            Piece(f" by {reason.channels}, {words.numbered(reason.rows)}: {reason.words}"),
        ]
        yield from row(label, pieces, width, style="title", hang=2)
        label = ""
    if len(found) > _REASONS:
        rest = f"and {len(found) - _REASONS:,} more reasons: --format markdown has all"
        yield from row("", [Piece(rest)], width)


def _stops(matrix: Matrix, width: int) -> Iterator[Line]:
    found = words.stops(matrix)
    label = "HOLDS"
    for stop in islice(found, _LISTED):
        verb = "blocks" if stop.verdict is Verdict.BLOCKED else "asks before"
        pieces = [
            Piece(stop.source, "path", whole=True),
            Piece(f"  {stop.agent}: {verb} {stop.channels}, {words.numbered(stop.rows)}"),
        ]
        yield from row(label, pieces, width, style="title", hang=2)
        label = ""
    if len(found) > _LISTED:
        yield from row("", [Piece(f"and {len(found) - _LISTED:,} more controls")], width)


def _concerns(matrix: Matrix, width: int) -> Iterator[Line]:
    names = {column.agent: printable(column.name, 40) for column in matrix.columns}
    label = "SETTINGS"
    shown = matrix.concerns[:_LISTED]
    for index, concern in enumerate(shown):
        pieces = [
            Piece(words.concern_place(concern), "path", whole=True),
            Piece(f"  {names[concern.agent]}: {printable(concern.words, 400)}"),
        ]
        yield from row(label, pieces, width, style="title", hang=2)
        label = ""
        following = shown[index + 1] if index + 1 < len(shown) else None
        # The same advice for one setting after the other is said once, below the last.
        if following is None or following.instead != concern.instead:
            yield from row("", [Piece(f"→ {printable(concern.instead, 400)}")], width, hang=2)
    if len(matrix.concerns) > _LISTED:
        rest = f"and {len(matrix.concerns) - _LISTED:,} more settings to look at"
        yield from row("", [Piece(rest)], width)


def _notes(matrix: Matrix, width: int) -> Iterator[Line]:
    if matrix.read:
        read = ", ".join(printable(one, 300) for one in matrix.read)
        yield from row("READ", [Piece(read)], width, style="title", hang=2)
    unseen = ", ".join(printable(one, 200) for one in matrix.unseen)
    yield from row("UNSEEN", [Piece(unseen)], width, style="title", hang=2)
    for index, note in enumerate(matrix.notes[:_LISTED]):
        pieces = [Piece(printable(note, 400))]
        yield from row("" if index else "NOTES", pieces, width, style="title", hang=2)


def _summary(matrix: Matrix, exit_code: int | None) -> Iterator[Piece]:
    if not matrix.rows:
        bad = bool(matrix.problems)
        yield Piece("No secret and no personal data found", "bad" if bad else "good")
        yield Piece(" in what could be read; not everything could." if bad else ".")
    else:
        cells = len(matrix.rows) * len(matrix.columns)
        yield Piece(count(cells, "cell"), "title")
        for index, (verdict, number) in enumerate(words.tally(matrix)):
            yield Piece(", " if index else ": ")
            yield Piece(f"{number:,} {words.SHORT_VERDICTS[verdict]}", words.STYLES[verdict])
        yield Piece(
            f" · why: agentreach reach --explain {words.handle(matrix.rows[0].finding)} AGENT"
        )
    yield Piece(f" · scan {matrix.scan_seconds:.1f} s, matrix {matrix.matrix_seconds:.1f} s")
    if exit_code is not None:
        meaning = _EXITS.get(exit_code)
        yield Piece(f" · exit {exit_code}" + (f": {meaning}" if meaning else ""))
