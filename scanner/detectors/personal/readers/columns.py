"""From rows or named values to columns, thinned evenly."""

from collections.abc import Sequence

from scanner.detectors.personal.tables import (
    LONGEST_CELL,
    MOST_CELLS,
    MOST_COLUMNS,
    Cell,
    Column,
    evenly,
)

_EMPTY = frozenset({"", "null", "none", "nil", "n/a", "na", "-", "\\n", "undefined", "nan", "~"})

Span = tuple[int, int]


def is_empty(text: str) -> bool:
    """Whether a cell says that there is no value."""
    return text.lower() in _EMPTY


def clean(text: str) -> str:
    """A cell without what surrounds it."""
    return text[:LONGEST_CELL].strip().strip("\"'").strip()


def columns_of(
    headings: Sequence[str | None],
    rows: Sequence[Sequence[str]],
    scale: float,
    span: Span,
) -> tuple[Column, ...]:
    """Columns of rows that all have as many cells as there are headings.

    `scale` is the number of rows of the content for each row here; `span` is where the headings
    (or the first row) stand.
    """
    picked = evenly(len(rows), MOST_CELLS)
    share = len(rows) / len(picked) * scale if len(picked) else 0.0
    columns: list[Column] = []
    for index, heading in enumerate(headings[:MOST_COLUMNS]):
        cells = []
        for row in picked:
            text = clean(rows[row][index])
            if not is_empty(text):
                cells.append(Cell(row, text))
        columns.append(Column(heading, tuple(cells), round(len(cells) * share), *span))
    return tuple(columns)
