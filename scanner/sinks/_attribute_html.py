"""The attribution tables as one HTML file: no script, no network, in light and in dark.

Every text goes through `html.escape`. A content security policy forbids what the file does not
need, should an escape ever fail.
"""

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING, BinaryIO

from scanner.model.attribute_report import AttributeReport, Group, MarkedCommit
from scanner.sinks import _attribute_words as words
from scanner.sinks._attribute_svg import drawing_of
from scanner.sinks._describe import day, instant, mark, short
from scanner.sinks._printable import printable

if TYPE_CHECKING:
    from scanner.sinks._attribute import Drawing

_LISTED = 500

_STYLE = """
:root { color-scheme: light dark; --ground: #fff; --text: #1b1b1f; --quiet: #5c5f66;
  --line: #d5d8de; --head: #f2f3f6; }
@media (prefers-color-scheme: dark) { :root { --ground: #16171a; --text: #e6e7ea;
  --quiet: #a2a6ae; --line: #3a3d44; --head: #22242a; } }
body { margin: 0 auto; padding: 1.5rem; max-width: 62rem; background: var(--ground);
  color: var(--text); font: 15px/1.45 system-ui, sans-serif; }
h1 { font-size: 1.4rem; margin: 0 0 .3rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
p, ul { margin: .3rem 0; } li { margin: .25rem 0; overflow-wrap: anywhere; }
.quiet { color: var(--quiet); } .frame { overflow-x: auto; }
svg { width: 100%; height: auto; border: 1px solid var(--line); margin: 1rem 0; }
table { border-collapse: collapse; width: 100%; }
th, td { padding: .3rem .6rem; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--line); }
thead th { background: var(--head); } tbody th { font-weight: 600; }
.number { text-align: right; white-space: nowrap; }
code { font: 13px/1.4 ui-monospace, monospace; overflow-wrap: anywhere; }
"""


def write(report: AttributeReport, stream: BinaryIO, drawing: "Drawing") -> None:
    """Write the document."""
    for line in _document(report):
        stream.write(f"{line}\n".encode())


def _text(value: str, limit: int | None = None) -> str:
    return escape(printable(value, limit), quote=True)


def _document(report: AttributeReport) -> Iterator[str]:
    name = _text(report.repository.name, 120) or "repository"
    yield "<!doctype html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    yield (
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
        "form-action 'none'\">"
    )
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>Attribution: {name}</title><style>{_STYLE}</style></head><body>"
    yield from _heading(report, name)
    yield from _outcomes(report)
    if report.weeks is not None:
        yield from drawing_of(report)
    yield from _agents(report)
    names = words.names(report)
    yield from _groups("author", report.authors or (), names)
    yield from _groups("directory", report.directories or (), names)
    yield from _commits(report.commits or ())
    yield from _section(
        "What could not be read",
        (f"<code>{_text(one.where)}</code>: {_text(one.reason)}" for one in report.problems),
    )
    yield from _section("Notes", (words.NOT_HUMAN, *(_text(note) for note in report.notes)))
    yield "</body></html>"


def _heading(report: AttributeReport, name: str) -> Iterator[str]:
    head = report.repository.head
    place = f" at <code>{_text(short(head))}</code>" if head else ""
    yield f"<h1>Which commits bear an agent's mark: {name}</h1>"
    yield f"<p>{_text(words.subject(report))}{place}.</p>"
    made, version = instant(report.started), _text(report.tool.version)
    yield f'<p class="quiet">agentreach {version}{f", {made}" if made else ""}.</p>'


def _section(title: str, items: Iterable[str]) -> Iterator[str]:
    found = list(items)
    if found:
        yield f"<h2>{title}</h2><ul>"
        yield from (f"<li>{item}</li>" for item in found)
        yield "</ul>"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]], numbers: range) -> Iterator[str]:
    """`rows` are escaped already; the first cell heads its row, those in `numbers` are numbers."""

    def kind(index: int) -> str:
        return ' class="number"' if index in numbers else ""

    yield '<div class="frame" tabindex="0"><table><thead><tr>'
    yield "".join(f'<th scope="col"{kind(at)}>{head}</th>' for at, head in enumerate(heads))
    yield "</tr></thead><tbody>"
    for first, *rest in rows:
        cells = "".join(f"<td{kind(at)}>{cell}</td>" for at, cell in enumerate(rest, 1))
        yield f'<tr><th scope="row">{first}</th>{cells}</tr>'
    yield "</tbody></table></div>"


def _outcomes(report: AttributeReport) -> Iterator[str]:
    whole = report.tally.commits
    counted = report.tally.outcomes.items()
    rows = (
        (words.OUTCOMES[one], f"{number:,}", escape(words.percent(number, whole)))
        for one, number in counted
    )
    yield from _table(("commits", "number", "share"), rows, range(1, 3))


def _agents(report: AttributeReport) -> Iterator[str]:
    for title, bot in (("Agents", False), ("Bots that are not AI", True)):
        chosen = tuple(one for one in report.agents if one.bot is bot)
        if not chosen:
            continue
        yield f"<h2>{title}</h2>"
        heads = ("agent", "role", "tier", "commits", "share", "first", "last")
        rows = (
            (
                *(escape(text) for text in (line.name, line.role, line.tier, line.commits)),
                *(escape(text) for text in (line.share, line.first, line.last)),
            )
            for line in words.rows(chosen, report.tally.commits)
        )
        yield from _table(heads, rows, range(3, 5))
        yield from (
            f'<p class="quiet">{_text(one.name, 60)}: {escape(words.models(one))}</p>'
            for one in chosen
            if one.models
        )


def _groups(label: str, groups: Sequence[Group], names: dict[str, str]) -> Iterator[str]:
    if not groups:
        return
    yield f"<h2>By {label}</h2>"
    rows = (
        (
            f"<code>{_text(group.key)}</code>" if label == "directory" else escape(named),
            f"{group.tally.commits:,}",
            f"{group.tally.agent:,}",
            escape(words.percent(group.tally.agent, group.tally.commits)),
            escape(words.by_agents(group, names)),
        )
        for group, named in zip(groups[:_LISTED], words.labels(groups), strict=False)
    )
    heads = (label, "commits", "with an agent's mark", "share", "agents")
    yield from _table(heads, rows, range(1, 4))
    if len(groups) > _LISTED:
        yield f'<p class="quiet">And {len(groups) - _LISTED:,} more: --format csv has all.</p>'


def _commits(commits: Sequence[MarkedCommit]) -> Iterator[str]:
    if not commits:
        return
    yield "<h2>Commits with marks</h2>"
    rows = (
        (
            f"<code>{_text(short(one.commit))}</code>",
            escape(day(one.time)),
            "<br>".join(escape(mark(each)) for each in one.marks),
        )
        for one in commits
    )
    yield from _table(("commit", "date", "marks"), rows, range(0))
