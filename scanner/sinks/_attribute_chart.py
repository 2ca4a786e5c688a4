"""The share of commits with an agent's mark over time, drawn with block characters or in ASCII."""

from collections.abc import Iterator, Sequence

from scanner.model.attribute_report import Group
from scanner.sinks._attribute_series import Column, Series, series
from scanner.sinks._describe import count
from scanner.sinks._layout import MARGIN, Line, Piece, row

_HEIGHT = 6
_WIDEST = 4
"""Characters of a column where there are few."""
_BLOCKS = " ▁▂▃▄▅▆▇█"
_ASCII = " .:#"
_MONTH = 7


def chart(weeks: Sequence[Group], width: int, *, ascii_only: bool) -> Iterator[Line]:
    """A heading, the drawing, how many commits there were, and when."""
    room = width - MARGIN
    drawn = series(weeks, room)
    if not drawn.columns:
        return
    yield from row("SHARE", [Piece(_heading(drawn))], width, style="title")
    wide = max(1, min(_WIDEST, room // len(drawn.columns)))
    for line in range(_HEIGHT, 0, -1):
        bars = "".join(
            _cell(column.share, drawn.top, line, ascii_only=ascii_only) * wide
            for column in drawn.columns
        )
        yield (Piece(_label(line, drawn.top)), Piece(bars, "open"))
    floor, none = ("-", " ") if ascii_only else ("─", " ")
    ground = "".join((floor if column.commits else none) * wide for column in drawn.columns)
    yield (Piece("0 %".rjust(MARGIN - 1) + " "), Piece(ground, "dim"))
    most = max(column.commits for column in drawn.columns)
    sizes = "".join(_level(column.commits / most, ascii_only) * wide for column in drawn.columns)
    yield (Piece("commits".rjust(MARGIN - 1) + " ", "dim"), Piece(sizes, "dim"))
    yield (Piece(" " * MARGIN), Piece(_months(drawn.columns, wide, room), "dim"))
    yield from row("", [Piece(text, "dim") for text in _rest(drawn, most)], width)


def _heading(drawn: Series) -> str:
    step = "a week" if drawn.weeks == 1 else f"{drawn.weeks} weeks"
    return f"of commits with an agent as author or co-author, {step} a column"


def _rest(drawn: Series, most: int) -> Iterator[str]:
    yield f"at most {count(most, 'commit')} in a column; a gap in the line: none"
    if drawn.before:
        marked = f"{drawn.before_marked:,}" if drawn.before_marked else "none"
        first = drawn.columns[0].monday
        yield f"; before {first}: {count(drawn.before, 'commit')}, {marked} with a mark"


def _label(line: int, top: float) -> str:
    """At the upper edge and in the middle, so that a height can be read off."""
    share = {_HEIGHT: top, _HEIGHT // 2: top / 2}.get(line)
    text = f"{100 * share:g} %" if share is not None else ""
    return text.rjust(MARGIN - 1) + " "


def _cell(share: float | None, top: float, line: int, *, ascii_only: bool) -> str:
    """One character of a bar: the part of its height that lies in this line, from 1 below."""
    if not share:
        return " "
    filled = share / top * _HEIGHT - (line - 1)
    if line == 1:
        filled = max(filled, 0.01)  # what is not nought is to be seen
    return _level(max(0.0, min(1.0, filled)), ascii_only)


def _level(part: float, ascii_only: bool) -> str:
    steps = _ASCII if ascii_only else _BLOCKS
    if part <= 0:
        return " "
    return steps[max(1, min(len(steps) - 1, round(part * (len(steps) - 1))))]


def _months(columns: Sequence[Column], wide: int, room: int) -> str:
    """`2025-03` under the column in which it stands, as many as fit with air between them."""
    text = ""
    for number, column in enumerate(columns):
        at = number * wide
        if (not text or at >= len(text) + 3) and at + _MONTH <= max(room, _MONTH):
            text = text.ljust(at) + column.monday.isoformat()[:_MONTH]
    return text
