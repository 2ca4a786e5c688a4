"""The share of commits with an agent's mark over time, as an SVG drawing.

It stands by itself: no script, no font, no address; colours follow the reader's light or dark
setting. The HTML file holds the same drawing.
"""

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING, BinaryIO

from scanner.model.attribute_report import AttributeReport
from scanner.sinks import _attribute_words as words
from scanner.sinks._attribute_series import Column, Series, series
from scanner.sinks._describe import count
from scanner.sinks._printable import printable

if TYPE_CHECKING:
    from scanner.sinks._attribute import Drawing

WIDTH, HEIGHT = 960, 330
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 16, 52, 62
_PLOT = HEIGHT - _TOP - _BOTTOM
_SIZES = 24
"""Height of the small bars below, which tell how many commits there were."""
_COLUMNS = 160
_LABELS = 8
_WIDEST = 40.0

STYLE = """
.ground { fill: #fff; } .text { fill: #1b1b1f; } .quiet { fill: #5c5f66; }
.bar { fill: #b4462a; } .size { fill: #9aa0aa; } .line { stroke: #d5d8de; }
@media (prefers-color-scheme: dark) { .ground { fill: #16171a; } .text { fill: #e6e7ea; }
  .quiet { fill: #a2a6ae; } .bar { fill: #f08a6c; } .size { fill: #6c727d; }
  .line { stroke: #3a3d44; } }
text { font: 12px system-ui, sans-serif; } .title { font-size: 15px; font-weight: 600; }
"""


def write(report: AttributeReport, stream: BinaryIO, drawing: "Drawing") -> None:
    """Write the drawing as a document."""
    stream.write(b'<?xml version="1.0" encoding="UTF-8"?>\n')
    for line in drawing_of(report):
        stream.write(f"{line}\n".encode())


def drawing_of(report: AttributeReport) -> Iterator[str]:
    """The `svg` element with its own style."""
    drawn = series(report.weeks or (), _COLUMNS)
    name = _text(report.repository.name, 60) or "repository"
    told = _text(_told(report, drawn))
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'role="img" aria-label="{told}"><style>{STYLE}</style>'
    )
    yield f'<rect class="ground" width="{WIDTH}" height="{HEIGHT}"/>'
    title = f"{name}: commits with an agent's mark"
    yield f'<text class="text title" x="{_LEFT}" y="22">{title}</text>'
    yield f'<text class="quiet" x="{_LEFT}" y="41">{told}</text>'
    if drawn.columns:
        yield from _grid(drawn)
        yield from _bars(drawn)
    else:
        yield f'<text class="text" x="{_LEFT}" y="{_TOP + 40}">Nothing to draw.</text>'
    yield "</svg>"


def _text(value: str, limit: int | None = None) -> str:
    return escape(printable(value, limit), quote=True)


def _told(report: AttributeReport, drawn: Series) -> str:
    tally = report.tally
    share = words.percent(tally.agent, tally.commits)
    text = f"{tally.agent:,} of {count(tally.commits, 'commit')} ({share})"
    if not drawn.columns:
        return text
    step = "a week" if drawn.weeks == 1 else f"{drawn.weeks} weeks"
    return f"{text}; a bar is {step}, the small bars below are all commits; no mark is no evidence"


def _grid(drawn: Series) -> Iterator[str]:
    for part in (0.0, 0.5, 1.0):
        y = _TOP + _PLOT * (1 - part)
        yield f'<line class="line" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:g}" y2="{y:g}"/>'
        label = f"{100 * drawn.top * part:g} %"
        at = f'x="{_LEFT - 6}" y="{y + 4:g}"'
        yield f'<text class="quiet" {at} text-anchor="end">{label}</text>'


def _bars(drawn: Series) -> Iterator[str]:
    number = len(drawn.columns)
    step = min((WIDTH - _LEFT - _RIGHT) / number, _WIDEST)
    wide = max(step - 1, step * 0.8)
    most = max(column.commits for column in drawn.columns)
    base = _TOP + _PLOT
    every = max(1, -(-number // _LABELS))
    for index, column in enumerate(drawn.columns):
        x = _LEFT + index * step
        yield f"<g><title>{_text(_tip(column))}</title>"
        if column.share:
            high = max(_PLOT * column.share / drawn.top, 1)
            yield _bar("bar", x, base - high, wide, high)
        if column.commits:
            high = max(_SIZES * column.commits / most, 0.5)
            yield _bar("size", x, base + 6 + _SIZES - high, wide, high)
        yield "</g>"
        if index % every == 0:
            month = column.monday.isoformat()[:_MONTH]
            yield f'<text class="quiet" x="{x:.1f}" y="{HEIGHT - 12}">{month}</text>'


_MONTH = len("2026-03")


def _bar(kind: str, x: float, y: float, wide: float, high: float) -> str:
    return f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{high:.1f}"/>'


def _tip(column: Column) -> str:
    span = "week" if column.weeks == 1 else f"{column.weeks} weeks"
    share = words.percent(column.agent, column.commits)
    agents = "".join(f", {agent} {number:,}" for agent, number in column.agents.items())
    return (
        f"{span} from {column.monday}: {column.agent:,} of "
        f"{count(column.commits, 'commit')} ({share}){agents}"
    )
