"""The words of the matrix in all formats for people, and its cells folded by what decides them.

Everything returned has passed `printable`.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from scanner.model import Basis, Channel, Concern, Finding, Reach, Verdict
from scanner.model.matrix import Cell, Matrix, Row, View
from scanner.sinks._describe import CHANNELS, VERDICTS, count, place, source_place
from scanner.sinks._printable import printable

SHORT_VERDICTS = {
    Verdict.AUTO: "auto",
    Verdict.NO_PROMPT: "no prompt",
    Verdict.PROMPT: "asks",
    Verdict.BYPASS_ONLY: "bypass",
    Verdict.UNKNOWN: "unknown",
    Verdict.BLOCKED: "blocked",
    Verdict.NOT_APPLICABLE: "none",
}
"""For a cell; widest first."""

LETTERS = {
    Verdict.AUTO: "A",
    Verdict.NO_PROMPT: "N",
    Verdict.PROMPT: "P",
    Verdict.BYPASS_ONLY: "B",
    Verdict.UNKNOWN: "?",
    Verdict.BLOCKED: "x",
    Verdict.NOT_APPLICABLE: "-",
}
"""For a cell of a table with many agents."""

LONG_VERDICTS = {
    **VERDICTS,
    Verdict.AUTO: "sent automatically",
    Verdict.NOT_APPLICABLE: "no way there",
}

SHORT_CHANNELS = {
    **CHANNELS,
    Channel.FILE_TOOLS: "files",
    Channel.ENVIRONMENT: "env",
    Channel.GIT_OBJECTS: "git",
    Channel.TRACES: "traces",
}

CHANNEL_LETTERS = {
    Channel.PROMPT: "p",
    Channel.INDEX: "i",
    Channel.FILE_TOOLS: "f",
    Channel.SHELL: "s",
    Channel.ENVIRONMENT: "e",
    Channel.GIT_OBJECTS: "g",
    Channel.TRACES: "t",
    Channel.COPIES: "c",
}

STYLES = {
    Verdict.AUTO: "open",
    Verdict.NO_PROMPT: "open",
    Verdict.PROMPT: "ask",
    Verdict.BYPASS_ONLY: "ask",
    Verdict.UNKNOWN: "unknown",
    Verdict.BLOCKED: "shut",
    Verdict.NOT_APPLICABLE: "dim",
}
"""Names of styles; a colour never says more than the word does."""

_CLAUSE = 160
_RUNS = 12
_LINES = 3
"""Lines of one settings file that are named."""
_SETTLED = (Verdict.BLOCKED, Verdict.NOT_APPLICABLE)


def counted(matrix: Matrix) -> str:
    """`2 secrets, 1 file with personal data`."""
    secrets = sum(row.finding.secret is not None for row in matrix.rows)
    people = len(matrix.rows) - secrets
    parts = [count(secrets, "secret")] if secrets or not people else []
    if people:
        parts.append(count(people, "file with personal data", "files with personal data"))
    return ", ".join(parts)


def where(finding: Finding) -> str:
    """The most telling place."""
    return place(finding.locations[0])


def what(finding: Finding) -> str:
    """The kind and the mask; for personal data the title."""
    if finding.secret is None:
        return printable(finding.title, 120)
    return f"{printable(finding.title, 100)}  {printable(finding.secret.masked, 60)}"


def handle(finding: Finding) -> str:
    """What `--explain` takes: the first digits of the fingerprint."""
    return printable(finding.fingerprint[:8])


def channel_of(cell: Cell) -> str:
    """`shell`, or `files +2` where more channels are as wide."""
    deciding = cell.deciding
    if not deciding or cell.verdict is Verdict.NOT_APPLICABLE:
        return ""
    more = f" +{len(deciding) - 1}" if len(deciding) > 1 else ""
    return SHORT_CHANNELS[deciding[0].reach.channel] + more


def letters(cell: Cell) -> str:
    """Two letters: verdict and deciding channel."""
    deciding = cell.deciding
    if not deciding or cell.verdict is Verdict.NOT_APPLICABLE:
        return LETTERS[cell.verdict]
    return LETTERS[cell.verdict] + CHANNEL_LETTERS[deciding[0].reach.channel]


def channels(views: Iterable[View]) -> str:
    """`file tools, shell`, each once."""
    return ", ".join(dict.fromkeys(CHANNELS[view.reach.channel] for view in views))


def source(reach: Reach) -> str:
    """Where to check it; empty where there is nothing to open."""
    return printable(reach.source, 300) if reach.source else ""


def basis(reach: Reach) -> str:
    """The whole reason, with the versions that it holds for."""
    versions = f" (versions {printable(reach.versions, 80)})" if reach.versions else ""
    return printable(reach.basis, 1_000) + versions


def view_place(row: Row, view: View) -> str:
    """Where the view is of, for a secret in more places than one."""
    return place(row.finding.locations[view.place]) if view.place else ""


class Reason(msgspec.Struct, frozen=True):
    """Cells that are open, or not known, in the same way and for the same reason."""

    verdict: Verdict
    channels: str
    agents: tuple[str, ...]
    """Names, in the order of the columns."""
    rows: tuple[int, ...]
    """Numbers from 1, ascending."""
    words: str


def reasons(matrix: Matrix) -> tuple[Reason, ...]:
    """What stays open and why: widest first, then what concerns most cells."""
    single: dict[tuple[str, Verdict, str, str], list[int]] = {}
    for number, row in enumerate(matrix.rows, 1):
        for column, cell in zip(matrix.columns, row.cells, strict=True):
            if cell.verdict in _SETTLED:
                continue
            ways = channels(cell.deciding) or "some channel"
            key = (column.name, cell.verdict, ways, _why(row, cell))
            single.setdefault(key, []).append(number)
    folded: dict[tuple[Verdict, str, str, tuple[int, ...]], list[str]] = {}
    for (agent, verdict, ways, words), rows in single.items():
        folded.setdefault((verdict, ways, words, tuple(rows)), []).append(printable(agent, 40))
    found = [
        Reason(verdict, ways, tuple(agents), rows, words)
        for (verdict, ways, words, rows), agents in folded.items()
    ]
    return tuple(
        sorted(found, key=lambda one: (one.verdict.rank, -len(one.rows) * len(one.agents)))
    )


class Stop(msgspec.Struct, frozen=True):
    """One file's controls that hold for one agent."""

    source: str
    """`file:4, 16, 20 and 7 more`."""
    agent: str
    verdict: Verdict
    channels: str
    rows: tuple[int, ...]


class _Held(NamedTuple):
    """What one file holds, while it is gathered."""

    lines: set[int]
    ways: set[Channel]
    rows: set[int]


def stops(matrix: Matrix) -> tuple[Stop, ...]:
    """What blocks, or makes an agent ask: by agent and file, in the order of the rows."""
    held: dict[tuple[str, str, Verdict], _Held] = {}
    for number, row in enumerate(matrix.rows, 1):
        for column, cell in zip(matrix.columns, row.cells, strict=True):
            for reach in (view.reach for view in cell.views if _holds(view.reach)):
                path, line = source_place(reach.source) or (reach.source or "", 0)
                key = (printable(column.name, 40), printable(path, 300), reach.verdict)
                entry = held.setdefault(key, _Held(set(), set(), set()))
                entry.lines.add(line)
                entry.ways.add(reach.channel)
                entry.rows.add(number)
    order = list(Channel)
    return tuple(
        Stop(
            path + _lines(sorted(entry.lines - {0})),
            agent,
            verdict,
            ", ".join(CHANNELS[channel] for channel in sorted(entry.ways, key=order.index)),
            tuple(sorted(entry.rows)),
        )
        for (agent, path, verdict), entry in held.items()
    )


def _holds(reach: Reach) -> bool:
    asks = reach.verdict is Verdict.PROMPT and reach.grade is Basis.CONFIG
    return bool(reach.source) and (reach.verdict is Verdict.BLOCKED or asks)


def _lines(numbers: Sequence[int]) -> str:
    if not numbers:
        return ""
    more = f" and {len(numbers) - _LINES} more" if len(numbers) > _LINES else ""
    return f":{', '.join(map(str, numbers[:_LINES]))}{more}"


def concern_place(concern: Concern) -> str:
    """`path:line`; the home's files begin with `~/`."""
    path = printable(concern.path, 300)
    return f"{path}:{concern.line}" if concern.line is not None else path


def ranges(rows: Sequence[int]) -> str:
    """`1-3, 7`."""
    runs: list[tuple[int, int]] = []
    for number in rows:
        if runs and number == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    shown = [str(first) if first == last else f"{first}-{last}" for first, last in runs]
    more = f" and {len(shown) - _RUNS} more groups" if len(shown) > _RUNS else ""
    return ", ".join(shown[:_RUNS]) + more


def numbered(rows: Sequence[int]) -> str:
    """`row 2`, `rows 1-3, 7`."""
    return f"{'row' if len(rows) == 1 else 'rows'} {ranges(rows)}"


def tally(matrix: Matrix) -> Iterator[tuple[Verdict, int]]:
    """The verdicts that occur, with their cells."""
    return ((verdict, number) for verdict, number in matrix.verdicts().items() if number)


def _why(row: Row, cell: Cell) -> str:
    """The shortest true reason: of a setting where one decides, else of the vendor's words."""
    deciding = cell.deciding
    if not deciding:
        return "file tools, shell and git objects are not all answered for"
    configured = [view for view in deciding if view.reach.grade is Basis.CONFIG]
    view = (configured or list(deciding))[0]
    # What is not known is told by what is added to the rule; the rule alone would sound final.
    clauses = view.reach.basis.split("; ")[: 2 if cell.verdict is Verdict.UNKNOWN else 1]
    clause = _without_path("; ".join(clauses), row, view)
    at = source(view.reach)
    words = printable(clause, _CLAUSE)
    return words if not at or "://" in at or at in words else f"{words} ({at})"


def _without_path(text: str, row: Row, view: View) -> str:
    """`no rule covers it`: so that the same reason for many files is one reason."""
    path = row.finding.locations[view.place].path
    if not path:
        return text
    return re.sub(rf"(?<![\w./-]){re.escape(path)}(?![\w/-]|\.\w|:\d)", "it", text)


def narrowed(before: Cell, after: Cell) -> str:
    """The channels that change where the whole does not: `file tools no prompt -> blocked`."""
    old = {view.reach.channel: view.reach.verdict for view in before.views}
    new = {view.reach.channel: view.reach.verdict for view in after.views}
    parts = [
        f"{CHANNELS[channel]} {_verdict(old.get(channel))} -> {_verdict(new.get(channel))}"
        for channel in Channel
        if old.get(channel) is not new.get(channel)
    ]
    return ", ".join(parts)


def _verdict(verdict: Verdict | None) -> str:
    return SHORT_VERDICTS[verdict] if verdict is not None else "none"
