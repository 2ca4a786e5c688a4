"""Comma, semicolon, tab and pipe separated rows, with or without headings."""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from scanner.detectors.personal.readers.columns import clean, columns_of
from scanner.detectors.personal.sample import Sample
from scanner.detectors.personal.tables import Table

_NAMES: Final = {
    ",": "comma-separated rows",
    ";": "semicolon-separated rows",
    "\t": "tab-separated rows",
    "|": "rows separated by bars",
}
_SNIFFED: Final = 60
"""Lines that decide on the separator."""
_AGREEING: Final = 0.8
_LEAST_ROWS: Final = 5
_LONGEST_LINE: Final = 32_768
_RULED: Final = re.compile(r"[\s|:+=-]*")
_DATA: Final = re.compile(r"@|\d{3}|^\W*\d")


class _Line(NamedTuple):
    start: int
    text: str


class _Shape(NamedTuple):
    separator: str
    width: int


def read_delimited(sample: Sample) -> list[Table]:
    """One table, when most lines have the same number of cells."""
    lines = list(_lines(sample))
    shape = _sniff([line.text for line in lines[:_SNIFFED]])
    if shape is None:
        return []
    rows: list[list[str]] = []
    starts: list[int] = []
    for line in lines:
        cells = split(line.text, shape.separator)
        if len(cells) == shape.width:
            rows.append(cells)
            starts.append(line.start)
    if len(rows) < max(_LEAST_ROWS, len(lines) * 0.6):
        return []
    headings = _headings(rows)
    body = rows[1:] if headings else rows
    first = next(line for line in lines if line.start == starts[0])
    span = (first.start, first.start + len(first.text.encode("utf-8", "surrogateescape")))
    return [
        Table(
            _NAMES[shape.separator],
            columns_of(headings or [None] * shape.width, body, sample.scale, span),
            round(len(body) * sample.scale),
            not sample.whole,
            *span,
        )
    ]


def split(line: str, separator: str) -> list[str]:
    """The cells of one line; quoted cells may hold the separator."""
    if separator == "|":
        line = line.strip().removeprefix("|").removesuffix("|")
    if '"' not in line:
        return line.split(separator)
    try:
        return next(csv.reader([line], delimiter=separator, skipinitialspace=True), [])
    except csv.Error:
        return []


def _lines(sample: Sample) -> Iterator[_Line]:
    for piece in sample.pieces:
        position = piece.start
        for raw in piece.data.split(b"\n"):
            size = len(raw) + 1
            text = raw.decode("utf-8", "surrogateescape").rstrip("\r")
            if position == 0:
                text = text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
            if text.strip() and not text.startswith("#") and not _RULED.fullmatch(text):
                yield _Line(position, text[:_LONGEST_LINE])
            position += size


def _sniff(lines: Sequence[str]) -> _Shape | None:
    """The separator that gives most lines the same number of cells, two or more."""
    if len(lines) < _LEAST_ROWS:
        return None
    best: tuple[int, _Shape] | None = None
    for separator in _NAMES:
        widths = Counter(len(split(line, separator)) for line in lines)
        width, agreeing = widths.most_common(1)[0]
        if width < 2 or agreeing < _AGREEING * len(lines):
            continue
        if best is None or (agreeing, width) > (best[0], best[1].width):
            best = (agreeing, _Shape(separator, width))
    return best[1] if best else None


def _headings(rows: Sequence[Sequence[str]]) -> list[str] | None:
    """The first row, if it looks unlike data: short texts, all different, no numbers."""
    first = [clean(cell) for cell in rows[0]]
    filled = [cell for cell in first if cell]
    if not filled or len(set(filled)) < len(filled) or len(filled) < len(first) * 0.5:
        return None
    if any(len(cell) > 60 or _DATA.search(cell) for cell in filled):
        return None
    return first
