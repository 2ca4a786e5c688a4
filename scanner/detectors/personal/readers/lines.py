"""Text without cells: one address a line, and log lines that name addresses."""

import re
from typing import Final

from scanner.detectors.personal.readers.columns import clean
from scanner.detectors.personal.sample import Sample
from scanner.detectors.personal.tables import MOST_CELLS, Cell, Column, Table, evenly

LIST: Final = "one address a line"
LOG: Final = "log lines"

_ADDRESS: Final = re.compile(rb"[\w.+%'-]{1,64}@[A-Za-z0-9.-]{1,253}\.[A-Za-z]{2,24}")
_ALONE: Final = re.compile(rb"[ \t\"'<]{0,4}" + _ADDRESS.pattern + rb"[ \t\"'>,;\r]{0,5}")
# A time of day, as logs have it; change logs of source code have a date only.
_LOGGED: Final = re.compile(
    rb"[\[(\"'{]?(?:\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d|\d\d[/.-]\w{2,3}[/.-]\d{2,4}[: ]\d\d:\d\d"
    rb"|[A-Z][a-z]{2}\s{1,2}\d{1,2} \d\d:\d\d:\d\d|\d{10,13}[ .\t])"
)
_LEAST_LINES: Final = 20
_ALONE_SHARE: Final = 0.8
_LOGGED_SHARE: Final = 0.6
_HEADING: Final = re.compile(rb"[A-Za-z_ \"'-]{1,40}\r?")


def read_lines(sample: Sample) -> list[Table]:
    """A list of addresses or a log, if the lines are mostly that."""
    lines: list[tuple[int, bytes]] = []
    for piece in sample.pieces:
        position = piece.start
        for line in piece.data.split(b"\n"):
            if line.strip():
                lines.append((position, line[:2000]))
            position += len(line) + 1
    if len(lines) < _LEAST_LINES:
        return []
    texts = [line for _, line in lines]
    if sum(map(bool, map(_ALONE.fullmatch, texts))) >= _ALONE_SHARE * len(lines):
        heading = texts[0] if _HEADING.fullmatch(texts[0]) else None
        return [_table(LIST, lines, heading, sample)]
    logged = sum(1 for line in texts if _LOGGED.match(line[:40]))
    if logged >= _LOGGED_SHARE * len(lines):
        return [_table(LOG, lines, None, sample)]
    return []


def _table(
    form: str, lines: list[tuple[int, bytes]], heading: bytes | None, sample: Sample
) -> Table:
    found = [
        (position, address[0])
        for position, line in lines
        if b"@" in line and (address := _ADDRESS.search(line)) is not None
    ]
    picked = evenly(len(found), MOST_CELLS)
    cells = tuple(
        Cell(index, clean(found[index][1].decode("utf-8", "surrogateescape"))) for index in picked
    )
    start = lines[0][0] if heading is not None or not found else found[0][0]
    end = start + len(lines[0][1] if heading is not None else b"")
    text = clean(heading.decode("utf-8", "replace")) if heading is not None else None
    filled = round(len(found) * sample.scale)
    column = Column(text, cells, filled, start, max(start, end))
    return Table(form, (column,), filled, not sample.whole, start, max(start, end))
