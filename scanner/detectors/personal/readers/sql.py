"""SQL dumps: `INSERT INTO ... VALUES` and PostgreSQL's `COPY ... FROM stdin`."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from scanner.detectors.personal.readers.columns import columns_of
from scanner.detectors.personal.sample import Piece, Sample
from scanner.detectors.personal.tables import Table

_INSERT: Final = re.compile(
    rb"(?:INSERT|REPLACE)\s{1,9}(?:IGNORE\s{1,9}|OR\s\w{1,9}\s{1,9})?INTO\s{1,9}"
    rb"(?P<table>[\w.`\"\[\]]{1,130})\s{0,9}(?:\((?P<columns>[^()]{1,4000})\)\s{0,9})?"
    rb"VALUES?\s{0,9}(?=\()",
    re.IGNORECASE,
)
_COPY: Final = re.compile(
    rb"^COPY\s{1,9}(?P<table>[\w.\"]{1,130})\s{0,9}\((?P<columns>[^()]{1,4000})\)\s{1,9}"
    rb"FROM\s{1,9}stdin[^\n;]{0,200};\r?\n",
    re.IGNORECASE | re.MULTILINE,
)
_CREATE: Final = re.compile(
    rb"CREATE\s{1,9}TABLE\s{1,9}(?:IF\s{1,9}NOT\s{1,9}EXISTS\s{1,9})?"
    rb"(?P<table>[\w.`\"\[\]]{1,130})\s{0,9}\((?P<body>[^;]{1,8000})",
    re.IGNORECASE,
)
_DEFINED: Final = re.compile(
    rb"^\s{0,20}(?!(?:PRIMARY|UNIQUE|KEY|CONSTRAINT|INDEX|FOREIGN|CHECK|FULLTEXT)\b)"
    rb"[`\"\[]?(?P<name>[A-Za-z_]\w{0,62})[`\"\]]?\s{1,20}[A-Za-z]",
    re.MULTILINE | re.IGNORECASE,
)
_TOKEN: Final = re.compile(
    rb"[NEne]?'(?P<text>(?:[^'\\]|''|\\.)*)'|\"(?P<other>(?:[^\"\\]|\\.)*)\""
    rb"|(?P<mark>[(),;])|(?P<bare>[^\s'\"(),;][^'\"(),;]*)"
    rb"|['\"].*",  # a quote that is never closed takes the rest, so it is looked at once
    re.DOTALL,
)
_MARKS: Final = (
    b"INSERT ", b"insert ", b"Insert ", b"REPLACE INTO", b"replace into", b"FROM stdin",
    b"from stdin",
)  # fmt: skip
"""One of them stands in every dump; an expression that ignores case is slow to find nothing."""
_MOST_TABLES: Final = 60
_MOST_ROWS: Final = 40_000
_MOST_WIDTH: Final = 400


class _Statement(NamedTuple):
    table: bytes
    headings: tuple[str, ...]
    start: int
    end: int


class _Found:
    """Rows of one table, from all its statements."""

    def __init__(self, statement: _Statement) -> None:
        self.statement = statement
        self.rows: list[list[str]] = []


def read_sql(sample: Sample) -> list[Table]:
    """One table for each table that rows are put into."""
    if not any(mark in piece.data for piece in sample.pieces for mark in _MARKS):
        return []
    defined: dict[bytes, tuple[str, ...]] = {}
    found: dict[bytes, _Found] = {}
    current: _Statement | None = None
    for piece in sample.pieces:
        defined.update(_definitions(piece))
        for statement, row in _rows(piece, current, defined):
            current = statement
            if statement.table not in found and len(found) >= _MOST_TABLES:
                continue
            rows = found.setdefault(statement.table, _Found(statement)).rows
            if len(rows) < _MOST_ROWS and len(row) <= _MOST_WIDTH:
                rows.append(row)
    tables = [_table(one, sample) for one in found.values()]
    return [table for table in tables if table is not None]


def _definitions(piece: Piece) -> dict[bytes, tuple[str, ...]]:
    defined: dict[bytes, tuple[str, ...]] = {}
    for create in _CREATE.finditer(piece.data):
        names = tuple(name["name"].decode() for name in _DEFINED.finditer(create["body"]))
        defined[_plain(create["table"])] = names
        if len(defined) >= _MOST_TABLES:
            break
    return defined


def _plain(name: bytes) -> bytes:
    return re.sub(rb"[`\"\[\]]", b"", name).rpartition(b".")[2].lower()


def _names(text: bytes | None) -> tuple[str, ...]:
    if not text:
        return ()
    plain = re.sub(rb"[`\"\[\]\s]", b"", text).decode("utf-8", "replace")
    return tuple(plain.split(","))


def _rows(
    piece: Piece, current: _Statement | None, defined: dict[bytes, tuple[str, ...]]
) -> Iterator[tuple[_Statement, list[str]]]:
    """Every row of a piece; one that begins inside a statement belongs to `current`."""
    heads = sorted(
        [*_INSERT.finditer(piece.data), *_COPY.finditer(piece.data)], key=lambda head: head.start()
    )
    edges = [head.start() for head in heads] + [len(piece.data)]
    if current is not None and edges[0] > 0:
        first = piece.data.find(b"(", 0, edges[0])
        if first >= 0:
            for row in _tuples(piece.data, first, edges[0]):
                yield current, row
    for head, edge in zip(heads, edges[1:], strict=True):
        table = _plain(head["table"])
        headings = _names(head["columns"]) or defined.get(table, ())
        statement = _Statement(
            table, headings, piece.start + head.start(), piece.start + head.end()
        )
        rows = _copied if head.re is _COPY else _tuples
        for row in rows(piece.data, head.end(), edge):
            yield statement, row


def _copied(data: bytes, start: int, end: int) -> Iterator[list[str]]:
    for line in data[start:end].split(b"\n"):
        if line.startswith(b"\\."):
            return
        if line:
            yield line.decode("utf-8", "surrogateescape").rstrip("\r").split("\t")


def _tuples(data: bytes, start: int, end: int) -> Iterator[list[str]]:
    """The rows `(a, 'b', f(c))` up to the statement's end; an inner call's cells are dropped."""
    row: list[str] = []
    depth = 0
    position = start
    while position < end and (token := _TOKEN.search(data, position, end)):
        position = token.end()
        mark = token["mark"]
        if mark is None:
            if depth == 1:
                row.append(_text(token))
        elif mark == b"(":
            depth += 1
            if depth == 1:
                row = []
        elif mark == b")":
            if depth == 1:
                yield row
            depth = max(0, depth - 1)
        elif mark == b";" and depth == 0:
            return


def _text(token: re.Match[bytes]) -> str:
    raw = next((token[name] for name in ("text", "other", "bare") if token[name] is not None), b"")
    text = raw[:400].decode("utf-8", "surrogateescape").replace("''", "'")
    return re.sub(r"\\(.)", r"\1", text) if "\\" in text else text


def _table(found: _Found, sample: Sample) -> Table | None:
    statement, rows = found.statement, found.rows
    width = len(statement.headings) or (len(rows[0]) if rows else 0)
    rows = [row for row in rows if len(row) == width]
    if len(rows) < 3 or width == 0:
        return None
    headings: list[str | None] = list(statement.headings) or [None] * width
    span = (statement.start, statement.end)
    return Table(
        "rows of an SQL dump",
        columns_of(headings, rows, sample.scale, span),
        round(len(rows) * sample.scale),
        not sample.whole,
        *span,
    )
