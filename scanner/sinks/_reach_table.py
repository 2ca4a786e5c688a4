"""The table of the matrix on a terminal: in words, or in letters where there are many agents."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from scanner.model.matrix import Column, Matrix, Row
from scanner.sinks import _reach_words as words
from scanner.sinks._describe import CHANNELS
from scanner.sinks._layout import Line, Piece, row
from scanner.sinks._printable import printable

_CELL = 12
_WIDE_CELL = 15
_LABEL = 30
_LETTERS_CELL = 3
_LETTERS_LABEL = 26
_WIDEST_LABEL = 60
_MOST_LINES = 150
"""A table of words that takes more lines than this, and more than one block, is in letters."""
_REPEAT = 50
"""Rows after which the heading of a table in letters stands again."""


class _Grid(NamedTuple):
    """Columns of the terminal."""

    digits: int
    label: int
    """With the number and the gap behind it."""
    cell: int


def table(matrix: Matrix, width: int) -> Iterator[Line]:
    """One row a secret and one column an agent, in as many blocks as the width asks for."""
    fitting = max(1, (width - _LABEL) // _CELL)
    blocks = -(-len(matrix.columns) // fitting)
    if blocks > 1 and blocks * len(matrix.rows) * 3 > _MOST_LINES:
        yield from _in_letters(matrix, width)
        return
    for part in _parts(len(matrix.columns), blocks):
        yield from _block(matrix, part, width)
        yield ()


def _parts(number: int, blocks: int) -> Iterator[slice]:
    """Blocks of nearly equal size."""
    size = -(-number // blocks)
    return (slice(first, first + size) for first in range(0, number, size))


# ------------------------------------------------------------------ in words


def _block(matrix: Matrix, part: slice, width: int) -> Iterator[Line]:
    columns = matrix.columns[part]
    digits = len(str(len(matrix.rows)))
    wanted = digits + 3 + _widest(matrix)
    roomy = wanted + len(columns) * _WIDE_CELL <= width
    cell = _WIDE_CELL if roomy else _CELL
    label = max(_LABEL, min(width - len(columns) * cell, wanted))
    grid = _Grid(digits, label, cell)
    for parts in _headings(columns, cell - 1):
        yield (Piece(" " * label), *(Piece(name.ljust(cell), "title") for name in parts))
    for number, entry in enumerate(matrix.rows, 1):
        yield from _entry(entry, number, grid, part)


def _widest(matrix: Matrix) -> int:
    lines = ((words.where(one.finding), words.what(one.finding)) for one in matrix.rows)
    return max(max(len(place), len(what)) for place, what in lines)


def _headings(columns: Sequence[Column], width: int) -> Iterator[list[str]]:
    """Names broken into lines of a cell's width, the last line next to the table."""
    broken = [_broken(printable(column.name, 40), width) for column in columns]
    height = max(len(lines) for lines in broken)
    for index in range(height):
        above = [index - height + len(lines) for lines in broken]
        yield [lines[at] if at >= 0 else "" for at, lines in zip(above, broken, strict=True)]


def _broken(name: str, width: int) -> list[str]:
    lines = [""]
    for word in name.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()[:width]
    return lines


def _entry(entry: Row, number: int, grid: _Grid, part: slice) -> Iterator[Line]:
    """Place and verdicts, kind and channels; a long place has a line to itself."""
    lead, indent = f"{number:>{grid.digits}} ", " " * (grid.digits + 1)
    room = grid.label - len(lead)
    place = words.where(entry.finding)
    kind, more = _cut(words.what(entry.finding), room - 1)
    cells = entry.cells[part]
    verdicts = [
        Piece(words.SHORT_VERDICTS[cell.verdict].ljust(grid.cell), words.STYLES[cell.verdict])
        for cell in cells
    ]
    channels = [Piece(words.channel_of(cell).ljust(grid.cell), "dim") for cell in cells]
    if len(place) >= room:
        yield (Piece(lead, "dim"), Piece(place, "path"))
        yield (Piece(indent), Piece(kind.ljust(room)), *verdicts)
        yield (Piece(indent), Piece(more.ljust(room)), *channels)
        return
    yield (Piece(lead, "dim"), Piece(place.ljust(room), "path"), *verdicts)
    yield (Piece(indent), Piece(kind.ljust(room)), *channels)
    if more:
        yield (Piece(indent), Piece(more))


def _cut(text: str, room: int) -> tuple[str, str]:
    """Broken at a blank, where one is."""
    if len(text) <= room:
        return text, ""
    head = text[: room + 1].rpartition(" ")[0].rstrip() or text[:room]
    rest = text[len(head) :].strip()
    return head, rest if len(rest) <= room else f"{rest[: room - 1]}…"


# ------------------------------------------------------------------ in letters


def _in_letters(matrix: Matrix, width: int) -> Iterator[Line]:
    """Two letters a cell; each agent's name stands on a line that leads to its column."""
    fitting = max(1, (width - _LETTERS_LABEL) // _LETTERS_CELL)
    digits = len(str(len(matrix.rows)))
    for part in _parts(len(matrix.columns), -(-len(matrix.columns) // fitting)):
        columns = matrix.columns[part]
        label = min(width - len(columns) * _LETTERS_CELL, _WIDEST_LABEL)
        grid = _Grid(digits, label, _LETTERS_CELL)
        for start in range(0, len(matrix.rows), _REPEAT):
            yield from _stairs(columns, label)
            for number, entry in enumerate(matrix.rows[start : start + _REPEAT], start + 1):
                yield _letters(entry, number, grid, part)
            yield ()
    yield from _legend(matrix, width)
    yield ()


def _stairs(columns: Sequence[Column], label: int) -> Iterator[Line]:
    bar = "|".ljust(_LETTERS_CELL)
    for index, column in enumerate(columns):
        name = f"{printable(column.name, label - 4)} "
        yield (Piece(name.ljust(label - 1, "."), "title"), Piece(" " + bar * index + "|", "dim"))


def _letters(entry: Row, number: int, grid: _Grid, part: slice) -> Line:
    lead = f"{number:>{grid.digits}} "
    room = grid.label - len(lead) - 1
    place = words.where(entry.finding)
    if len(place) > room:
        # The end tells files apart; the other formats and --explain have the whole.
        place = "…" + place[-(room - 1) :]
    cells = (
        Piece(words.letters(cell).ljust(grid.cell), words.STYLES[cell.verdict])
        for cell in entry.cells[part]
    )
    return (Piece(lead, "dim"), Piece(place.ljust(room + 1), "path"), *cells)


def _legend(matrix: Matrix, width: int) -> Iterator[Line]:
    verdicts = [
        f"{words.LETTERS[verdict]} {words.LONG_VERDICTS[verdict]}"
        for verdict, _ in words.tally(matrix)
    ]
    cells = (cell for entry in matrix.rows for cell in entry.cells)
    used = {cell.deciding[0].reach.channel for cell in cells if cell.deciding}
    ways = [
        f"{letter} {CHANNELS[channel]}"
        for channel, letter in words.CHANNEL_LETTERS.items()
        if channel in used
    ]
    text = f"{', '.join(verdicts)}; by {', '.join(ways)}"
    yield from row("LEGEND", [Piece(text)], width, style="title")
