"""What the readers make of a content: columns of cells, whatever its format was."""

import msgspec

MOST_COLUMNS = 200
"""Wider tables are measurements or one-hot encodings; only so many columns are looked at."""
MOST_CELLS = 400
"""So many cells of a column are kept, evenly spread; what is said of more is an estimate."""
LONGEST_CELL = 200
"""Characters; what is longer is text and kept up to here."""


class Cell(msgspec.Struct, frozen=True):
    """One value and the number of its row, from 0. Lives only while a content is examined."""

    row: int
    text: str


class Column(msgspec.Struct, frozen=True):
    """Cells that stand under one heading; cells without a value are left out."""

    heading: str | None
    cells: tuple[Cell, ...]
    filled: int
    """How many rows have a value here, estimated where `cells` is a sample."""
    start: int
    end: int
    """Where the heading stands, or the first row."""


class Table(msgspec.Struct, frozen=True):
    """Rows that are all of one sort."""

    form: str
    """In words, e.g. "comma-separated rows"."""
    columns: tuple[Column, ...]
    rows: int
    sampled: bool
    """Not every row was looked at."""
    start: int
    end: int
    named_values: bool = False
    """Each value had its name beside it, as in JSON; else names stand once above the rows."""


def evenly(count: int, most: int) -> range | list[int]:
    """At most `most` of the numbers 0..count-1, evenly spread and ascending, the first included."""
    if count <= most:
        return range(count)
    return [index * count // most for index in range(most)]
