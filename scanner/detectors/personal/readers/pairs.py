"""Formats that name each value: JSON, YAML, XML, LDIF and vCard, read as one stream of pairs.

A column is a name with all values that stand beside it. So documents that were cut off, nested, or
sampled in the middle read the same as whole ones, and no depth of nesting costs anything.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from scanner.detectors.personal.readers.columns import clean, is_empty
from scanner.detectors.personal.sample import Sample
from scanner.detectors.personal.tables import MOST_CELLS, Cell, Column, Table, evenly

_JSON: Final = re.compile(
    rb"[\"'](?P<name>[^\"'\\\n]{1,60})[\"'][ \t]{0,8}(?::|=>)[ \t]{0,8}\[?[ \t\r\n]{0,40}"
    rb"(?:\"(?P<double>(?:[^\"\\\n]|\\.){0,200})\"|'(?P<single>(?:[^'\\\n]|\\.){0,200})'"
    rb"|(?P<bare>[+-]?\d{1,30}(?![\d.])))"
)
_SCRIPT: Final = re.compile(
    rb"(?:^|[{,\s])(?P<name>[A-Za-z_]\w{1,59})[ \t]{0,4}:[ \t]{0,8}"
    rb"(?:\"(?P<double>(?:[^\"\\\n]|\\.){0,200})\"|'(?P<single>(?:[^'\\\n]|\\.){0,200})'"
    rb"|(?P<bare>\d{1,30}(?![\d.])))"
)
_YAML: Final = re.compile(
    rb"^[ \t]{0,60}(?:-[ \t]{1,8})?[\"']?(?P<name>[A-Za-z_\x80-\xff][^:\"'{}\[\]\n#]{0,58})[\"']?"
    rb"[ \t]{0,4}:[ \t]{1,8}(?:\"(?P<double>[^\"\n]{0,200})\"|'(?P<single>[^'\n]{0,200})'"
    rb"|(?P<bare>[^\s\"'{}\[\]#|>&*!%][^\n#]{0,200}))[ \t\r]{0,9}$",
    re.MULTILINE,
)
_ELEMENT: Final = re.compile(
    rb"<(?:[A-Za-z_]\w{0,40}:)?(?P<name>[A-Za-z_\x80-\xff][\w.\x80-\xff-]{0,59})"
    rb"(?:[ \t][^<>]{0,300})?>"
    rb"(?:<!\[CDATA\[)?(?P<bare>[^<>]{1,240})(?:\]\]>)?</"
)
_ATTRIBUTE: Final = re.compile(
    rb"[ \t\r\n](?P<name>[A-Za-z_\x80-\xff][\w.\x80-\xff-]{0,59})="
    rb"(?:\"(?P<double>[^\"<>\n]{0,200})\"|'(?P<single>[^'<>\n]{0,200})')"
)
_CARD: Final = re.compile(
    rb"^(?:item\d{1,4}\.)?(?P<name>[A-Z]{2,20})(?:;[^:\r\n]{0,200})?:(?P<bare>[^\r\n]{1,200})",
    re.MULTILINE | re.IGNORECASE,
)
_DIRECTORY: Final = re.compile(
    rb"^(?P<name>[A-Za-z][A-Za-z0-9;.-]{0,59}): (?P<bare>[^\r\n]{1,200})", re.MULTILINE
)

_MOST_PAIRS: Final = 120_000
"""Pairs that are looked at; a content of a million bytes seldom has more."""
_MOST_NAMES: Final = 500
_PROBED: Final = 4096


class _Form(NamedTuple):
    name: str
    expressions: tuple[re.Pattern[bytes], ...]


_JSON_FORM: Final = _Form("JSON records", (_JSON,))
_SCRIPT_FORM: Final = _Form("records in code", (_JSON, _SCRIPT))
_YAML_FORM: Final = _Form("YAML records", (_YAML,))
_XML_FORM: Final = _Form("XML records", (_ELEMENT, _ATTRIBUTE))
_CARD_FORM: Final = _Form("vCards", (_CARD,))
_DIRECTORY_FORM: Final = _Form("LDIF entries", (_DIRECTORY,))


class _Value(NamedTuple):
    start: int
    text: bytes


def read_pairs(sample: Sample) -> list[Table]:
    """One table of all names that have values more than twice."""
    form = _form(sample.pieces[0].data) if sample.pieces else None
    if form is None:
        return []
    found: dict[bytes, list[_Value]] = {}
    for name, value in _pairs(sample, form):
        if name in found or len(found) < _MOST_NAMES:
            found.setdefault(name, []).append(value)
    columns = [
        column for name, values in found.items() if (column := _column(name, values, sample.scale))
    ]
    if not columns:
        return []
    first = min(columns, key=lambda column: column.start)
    rows = max(column.filled for column in columns)
    return [Table(form.name, tuple(columns), rows, not sample.whole, first.start, first.end, True)]


def _form(data: bytes) -> _Form | None:
    head = data[:_PROBED].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head[:1] == b"<":
        return _XML_FORM
    if head[:12].upper().startswith(b"BEGIN:VCARD"):
        return _CARD_FORM
    if re.match(rb"(?:version: \d|dn:|#[^\n]*\n)", head) and re.search(rb"^dn:", data, re.M):
        return _DIRECTORY_FORM
    if re.match(rb"[{\[]\s*[{\[\"]", head):
        return _JSON_FORM
    if re.search(rb"^[ \t]{0,40}-[ \t]+[\"']?[A-Za-z_][\w .-]{0,40}[\"']?:[ \t]", data, re.M):
        return _YAML_FORM
    if re.search(
        rb"[{,][ \t\r\n]*[\"']?:?[A-Za-z_]\w{1,40}[\"']?[ \t]*(?::|=>)[ \t]*[\"'\d]", data
    ):
        return _SCRIPT_FORM
    if re.search(
        rb"^[A-Za-z_][\w.-]{0,60}:[ \t]*\r?\n[ \t]+[A-Za-z_][\w -]{0,40}:[ \t]", data, re.M
    ):
        return _YAML_FORM  # mappings under names, as database fixtures are written
    return None


def _pairs(sample: Sample, form: _Form) -> Iterator[tuple[bytes, _Value]]:
    left = _MOST_PAIRS
    for piece in sample.pieces:
        for expression in form.expressions:
            for pair in expression.finditer(piece.data):
                left -= 1
                if left < 0:
                    return
                value = pair[pair.lastgroup or "name"]
                yield pair["name"].strip(), _Value(piece.start + pair.start("name"), value)


def _column(name: bytes, values: list[_Value], scale: float) -> Column | None:
    if len(values) < 3:
        return None
    picked = evenly(len(values), MOST_CELLS)
    cells = []
    for index in picked:
        text = clean(_unescaped(values[index].text))
        if not is_empty(text):
            cells.append(Cell(index, text))
    if not cells:
        return None
    start = values[0].start
    filled = round(len(cells) * len(values) / len(picked) * scale)
    heading = name.decode("utf-8", "replace")
    return Column(heading, tuple(cells), filled, start, start + len(name))


def _unescaped(value: bytes) -> str:
    r"""Only what stands in values of interest: `\/`, `\"`, `\u0040`."""
    text = value.decode("utf-8", "surrogateescape")
    if "\\" in text:
        text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)
        text = re.sub(r"\\(.)", r"\1", text)
    return text
