"""The matrix as one HTML file: no script, no network, readable in light and in dark.

Every text goes through `html.escape`; addresses become links only where they begin with `https://`.
A content security policy forbids what the file does not need, should an escape ever fail.
"""

from collections.abc import Iterator
from html import escape
from typing import BinaryIO

from scanner.model import Reach, Verdict
from scanner.model.matrix import Cell, Column, Matrix, Row
from scanner.sinks import _reach_words as words
from scanner.sinks._describe import CHANNELS, count, instant, short
from scanner.sinks._options import Options
from scanner.sinks._printable import printable

_CLASSES = {
    Verdict.AUTO: "auto",
    Verdict.NO_PROMPT: "open",
    Verdict.PROMPT: "ask",
    Verdict.BYPASS_ONLY: "ask",
    Verdict.UNKNOWN: "unknown",
    Verdict.BLOCKED: "shut",
    Verdict.NOT_APPLICABLE: "none",
}

_STYLE = """
:root { color-scheme: light dark; --ground: #fff; --text: #1b1b1f; --quiet: #5c5f66;
  --line: #d5d8de; --head: #f2f3f6; --auto: #b3001b; --open: #b3001b; --ask: #7a5200;
  --unknown: #6a2c9b; --shut: #0b6b32; --none: #5c5f66; }
@media (prefers-color-scheme: dark) { :root { --ground: #16171a; --text: #e6e7ea;
  --quiet: #a2a6ae; --line: #3a3d44; --head: #22242a; --auto: #ff8b8b; --open: #ff8b8b;
  --ask: #f0c05a; --unknown: #d1a3ff; --shut: #7ddc9f; --none: #a2a6ae; } }
body { margin: 0; padding: 1.5rem; background: var(--ground); color: var(--text);
  font: 15px/1.45 system-ui, sans-serif; }
h1 { font-size: 1.4rem; margin: 0 0 .3rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
p, ul { margin: .3rem 0; max-width: 75rem; } li { margin: .25rem 0; overflow-wrap: anywhere; }
.quiet { color: var(--quiet); }
.frame { overflow: auto; max-height: 85vh; border: 1px solid var(--line); margin: 1rem 0;
  width: fit-content; max-width: 100%; }
table { border-collapse: separate; border-spacing: 0; }
th, td { padding: .4rem .6rem; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--line); border-right: 1px solid var(--line); }
thead th { position: sticky; top: 0; background: var(--head); z-index: 2; min-width: 6.5rem; }
tbody th { position: sticky; left: 0; background: var(--ground); z-index: 1; font-weight: 400;
  max-width: 24rem; overflow-wrap: anywhere; }
thead th:first-child { left: 0; z-index: 3; }
code { font: 13px/1.4 ui-monospace, monospace; overflow-wrap: anywhere; }
summary { cursor: pointer; }
details dl { width: 22rem; max-width: 60vw; margin: .5rem 0 0; font-size: 13px; }
dt { font-weight: 600; margin-top: .5rem; } dd { margin: 0; overflow-wrap: anywhere; }
b.auto { color: var(--auto); } b.open { color: var(--open); } b.ask { color: var(--ask); }
b.unknown { color: var(--unknown); } b.shut { color: var(--shut); } b.none { color: var(--none); }
a { color: inherit; }
@media print { .frame { max-height: none; overflow: visible; } thead th, tbody th {
  position: static; } }
"""


def write(matrix: Matrix, stream: BinaryIO, options: Options) -> None:
    """Write the document."""
    for line in _document(matrix, options):
        stream.write(f"{line}\n".encode())


def _text(value: str, limit: int | None = None) -> str:
    return escape(printable(value, limit), quote=True)


def _link(source: str) -> str:
    """An address as a link, anything else as code."""
    shown = _text(source, 300)
    if source.startswith("https://") and printable(source) == source:
        address = escape(source, quote=True)
        return f'<a href="{address}" rel="noopener noreferrer">{shown}</a>'
    return f"<code>{shown}</code>"


def _document(matrix: Matrix, options: Options) -> Iterator[str]:
    name = _text(matrix.repository.name, 120) or "repository"
    yield "<!doctype html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    yield (
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
        "form-action 'none'\">"
    )
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>Reach: {name}</title><style>{_STYLE}</style></head><body>"
    yield from _heading(matrix, name)
    if matrix.rows and matrix.columns:
        yield from _table(matrix)
    yield from _section("What would change", _changes(matrix))
    yield from _section("What is open, and why", _open(matrix))
    yield from _section("What holds", _stops(matrix))
    yield from _section("Settings to look at", _concerns(matrix))
    yield from _section("What could not be read", _problems(matrix))
    yield from _section("What was seen", _seen(matrix))
    yield "</body></html>"


def _heading(matrix: Matrix, name: str) -> Iterator[str]:
    repository = matrix.repository
    yield f"<h1>Which agent can see which secret: {name}</h1>"
    head = f" at <code>{_text(short(repository.head))}</code>" if repository.head else ""
    made = instant(matrix.started)
    tally = ", ".join(
        f'<b class="{_CLASSES[verdict]}">{number:,} {words.LONG_VERDICTS[verdict]}</b>'
        for verdict, number in words.tally(matrix)
    )
    yield (
        f"<p>{words.counted(matrix)} against "
        f"{count(len(matrix.columns), 'agent')}{head}{f': {tally}' if tally else ''}.</p>"
    )
    if matrix.what_if is not None:
        paths = ", ".join(f"<code>{_text(path, 200)}</code>" for path in matrix.what_if.paths)
        yield f"<p>This is how it would be with a changed {paths}.</p>"
    version = _text(matrix.tool.version)
    yield f'<p class="quiet">agentreach {version}{f", {made}" if made else ""}. A cell opens.</p>'


def _section(title: str, items: Iterator[str]) -> Iterator[str]:
    found = list(items)
    if found:
        yield f"<h2>{title}</h2><ul>"
        yield from (f"<li>{item}</li>" for item in found)
        yield "</ul>"


# ------------------------------------------------------------------ the table


def _table(matrix: Matrix) -> Iterator[str]:
    yield '<div class="frame" tabindex="0"><table><thead><tr><th scope="col">secret</th>'
    yield from (_head(column) for column in matrix.columns)
    yield "</tr></thead><tbody>"
    for number, row in enumerate(matrix.rows, 1):
        yield "<tr>"
        place, what = _text(words.where(row.finding)), _text(words.what(row.finding))
        yield f'<th scope="row">{number}. <code>{place}</code><br>'
        yield f'{what}<br><span class="quiet">{_text(words.handle(row.finding))}</span></th>'
        for cell in row.cells:
            yield from _cell(row, cell)
        yield "</tr>"
    yield "</tbody></table></div>"


def _head(column: Column) -> str:
    use = "" if column.use is not None else '<br><span class="quiet">not in use here</span>'
    return f'<th scope="col">{_text(column.name, 60)}{use}</th>'


def _cell(row: Row, cell: Cell) -> Iterator[str]:
    verdict = f'<b class="{_CLASSES[cell.verdict]}">{words.SHORT_VERDICTS[cell.verdict]}</b>'
    way = words.channel_of(cell)
    yield f"<td><details><summary>{verdict}{f'<br>{way}' if way else ''}</summary><dl>"
    for view in cell.views:
        reach = view.reach
        place = words.view_place(row, view)
        there = f" at <code>{_text(place)}</code>" if place else ""
        inner = words.LONG_VERDICTS[reach.verdict]
        yield f"<dt>{CHANNELS[reach.channel]}{there}: "
        yield f'<b class="{_CLASSES[reach.verdict]}">{inner}</b></dt><dd>{_basis(reach)}</dd>'
    yield "</dl></details></td>"


def _basis(reach: Reach) -> str:
    source = f" {_link(reach.source)}" if reach.source else ""
    return f'{_text(words.basis(reach))}{source} <span class="quiet">({reach.grade.value})</span>'


# ------------------------------------------------------------------ below it


def _changes(matrix: Matrix) -> Iterator[str]:
    if matrix.what_if is None:
        return
    if not matrix.what_if.changes:
        yield "No cell would change."
    names = {column.agent: column.name for column in matrix.columns}
    for change in matrix.what_if.changes:
        before, after = change.before.verdict, change.after.verdict
        inner = _text(words.narrowed(change.before, change.after))
        yield (
            f"row {change.row + 1}, {_text(names[change.agent], 60)}: "
            f'<b class="{_CLASSES[before]}">{words.SHORT_VERDICTS[before]}</b> → '
            f'<b class="{_CLASSES[after]}">{words.SHORT_VERDICTS[after]}</b> '
            f'<span class="quiet">({inner})</span>'
        )
    for title, concerns in (
        ("new", matrix.what_if.new_concerns),
        ("settled", matrix.what_if.settled_concerns),
    ):
        for concern in concerns:
            place = _text(words.concern_place(concern))
            yield f"{title}: <code>{place}</code> {_text(concern.words)}"


def _open(matrix: Matrix) -> Iterator[str]:
    for reason in words.reasons(matrix):
        verdict = words.LONG_VERDICTS[reason.verdict]
        yield (
            f"{_text(', '.join(reason.agents))}: "
            f'<b class="{_CLASSES[reason.verdict]}">{verdict}</b> by {reason.channels}, '
            f"{words.numbered(reason.rows)}: {_text(reason.words)}"
        )


def _stops(matrix: Matrix) -> Iterator[str]:
    for stop in words.stops(matrix):
        verb = "blocks" if stop.verdict is Verdict.BLOCKED else "asks before"
        rows = words.numbered(stop.rows)
        agent = _text(stop.agent)
        yield f"<code>{_text(stop.source)}</code> {agent}: {verb} {stop.channels}, {rows}"


def _concerns(matrix: Matrix) -> Iterator[str]:
    names = {column.agent: column.name for column in matrix.columns}
    for concern in matrix.concerns:
        place, agent = _text(words.concern_place(concern)), _text(names[concern.agent], 60)
        yield (
            f"<code>{place}</code> {agent}: {_text(concern.words)}. "
            f"{_text(concern.instead)}. {_link(concern.reference)}"
        )


def _problems(matrix: Matrix) -> Iterator[str]:
    for problem in matrix.problems:
        hint = f" ({_text(problem.hint)})" if problem.hint else ""
        yield f"<code>{_text(problem.where)}</code>: {_text(problem.reason)}{hint}"


def _seen(matrix: Matrix) -> Iterator[str]:
    yield from (f"read: {_text(text)}" for text in matrix.read)
    yield from (f"not seen: {_text(text)}" for text in matrix.unseen)
    yield from (_text(note) for note in matrix.notes)
