"""JSON with comments, with the column of every string."""

import json
import re
from bisect import bisect_right

from scanner.reach.entries.entry import Span
from scanner.reach.entries.sheet import Node, SheetError
from scanner.reach.formats import jsonc

_TOKEN = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"|//[^\n]*|/\*.*?\*/', re.DOTALL)
_COLON = re.compile(r"[ \t\r\n]*:")

Place = tuple[int, int]
Places = dict[tuple[int, str], Place | None]


def read(text: str) -> Node:
    """Parse a whole file. Raises `SheetError`."""
    text = text.removeprefix("\ufeff")
    document = jsonc.parse(text)
    if document.root is None:
        raise SheetError(f"not valid JSON: {document.error}", document.line)
    return _convert(document.root, _places(text))


def _places(text: str) -> Places:
    """Line and decoded text of each string to its first and last column; None if not the only."""
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    found: Places = {}
    for match in _TOKEN.finditer(text):
        if not match.group().startswith('"') or _COLON.match(text, match.end()):
            continue
        try:
            value = json.loads(match.group())
        except ValueError:
            continue
        line = bisect_right(starts, match.start())
        column = match.start() - starts[line - 1] + 2
        place = (column, column + len(match.group()) - 2)
        key = (line, value)
        found[key] = None if key in found else place
    return found


def _convert(node: jsonc.Node, places: Places) -> Node:
    if isinstance(node, jsonc.Object):
        members = {key: _convert(value, places) for key, value in node.members.items()}
        return Node(Span(node.line), members=members, is_map=True)
    if isinstance(node, jsonc.Array):
        return Node(Span(node.line), items=[_convert(item, places) for item in node.items])
    value = node.value
    if isinstance(value, str):
        place = places.get((node.line, value))
        if place is None:
            return Node(Span(node.line), value)
        return Node(Span(node.line, place[0], None, place[1]), value)
    if value is None:
        return Node(Span(node.line))
    return Node(Span(node.line), json.dumps(value))
