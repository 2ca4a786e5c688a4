"""Puts values into JSON text and leaves everything else as it stands.

Comments, order, indentation, trailing commas and line endings are a person's: the text is never
parsed and written out again, values are inserted at the offsets of what is there. A text that is no
JSON, or has another kind of value where a list or an object is needed, is refused.
"""

import json
import re
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from scanner.reach.editing.edit_refused import EditRefusedError
from scanner.reach.formats import jsonc

Value = str | bool | list["Value"] | dict[str, "Value"]
"""What can be inserted."""

_SPACE = re.compile(r"(?:[ \t\r\n]|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_SCALAR = re.compile(r"[^\s,\]}/]+")
_REST_OF_LINE = re.compile(r"[ \t]*(?://[^\r\n]*|/\*(?:(?!\*/)[^\r\n])*\*/)?[ \t]*(?=\r?\n)")
_INDENT = re.compile(r"^([ \t]+)\S", re.MULTILINE)
_USUAL_INDENT = "  "


class Span(msgspec.Struct, frozen=True):
    """A value and where it stands: offsets of its first character and behind its last."""

    start: int
    end: int
    members: dict[str, "Span"] | None = None
    """Of an object; of a key given twice the last, as readers take it."""
    items: tuple["Span", ...] | None = None
    """Of a list."""

    @property
    def last(self) -> int | None:
        """The offset behind the last child; None where there is none."""
        children = self.items if self.items is not None else tuple((self.members or {}).values())
        return max((child.end for child in children), default=None)

    @property
    def first(self) -> int | None:
        """The offset of the first item of a list."""
        return self.items[0].start if self.items else None


class _Cut(NamedTuple):
    """Replace `start:end` by a text."""

    start: int
    end: int
    text: str


def append(text: str | None, keys: Sequence[str], values: Sequence[Value]) -> str:
    """The text with values at the end of the list that the keys lead to; made where it is missing.

    `text` None stands for a file that is not there. Raises `EditRefusedError`.
    """
    return _insert(text, keys, list(values), front=False)


def prepend(text: str | None, keys: Sequence[str], values: Sequence[Value]) -> str:
    """The same at the beginning of the list, for rules of which the first one decides."""
    return _insert(text, keys, list(values), front=True)


def put(text: str | None, keys: Sequence[str], value: Value) -> str:
    """The text with a value under nested keys: in place of a scalar, else as the last member.

    Raises `EditRefusedError`, also where a list or an object stands there already.
    """
    if text is None:
        return _whole(_nested(keys, value))
    root = _spans(text)
    found = _find(root, keys)
    if found is None:
        return _add_member(text, root, keys, value)
    if found.members is not None or found.items is not None:
        raise EditRefusedError(f"{'.'.join(keys)} is no single value")
    return _applied(text, [_Cut(found.start, found.end, _compact(value))])


def value_at(text: str, keys: Sequence[str]) -> jsonc.Node | None:
    """What stands under nested keys now; None also where the text is no JSON."""
    return jsonc.get(jsonc.parse(text).root, *keys)


# ---------------------------------------------------------------------- inserting


def _insert(text: str | None, keys: Sequence[str], values: list[Value], *, front: bool) -> str:
    if text is None:
        return _whole(_nested(keys, values))
    root = _spans(text)
    found = _find(root, keys)
    if found is None:
        return _add_member(text, root, keys, values)
    if found.items is None:
        raise EditRefusedError(f"{'.'.join(keys)} is no list")
    if front and found.first is not None:
        return _before_first(text, found, found.first, values)
    return _behind_last(text, found, [_Piece("", value) for value in values])


class _Piece(NamedTuple):
    """A list's item, or an object's member with its key."""

    key: str
    value: Value

    def render(self, style: "_Style", base: str) -> str:
        name = f"{json.dumps(self.key, ensure_ascii=False)}: " if self.key else ""
        return name + style.render(self.value, base)


def _add_member(text: str, root: Span, keys: Sequence[str], value: Value) -> str:
    """Into the deepest object that is there."""
    span = root
    for depth, key in enumerate(keys):
        if span.members is None:
            raise EditRefusedError(f"{'.'.join(keys[:depth]) or 'the whole'} is no object")
        if key not in span.members:
            return _behind_last(text, span, [_Piece(key, _nested(keys[depth + 1 :], value))])
        span = span.members[key]
    raise EditRefusedError(f"{'.'.join(keys)} is there already")


def _behind_last(text: str, span: Span, pieces: Sequence[_Piece]) -> str:
    style = _Style.of(text)
    if span.last is None:
        return _into_empty(text, span, pieces, style)
    comma = _SPACE.match(text, span.last)
    behind = comma.end() if comma else span.last
    trailing = text.startswith(",", behind)
    at = behind + 1 if trailing else span.last
    first_line = text[span.start : _first_child(text, span)]
    if "\n" not in first_line:
        rendered = ", ".join(piece.render(_Style("", style.newline), "") for piece in pieces)
        gap = " " if trailing else ", "
        end = "," if trailing else ""
        return _applied(text, [_Cut(at, at, f"{gap}{rendered}{end}")])
    indent = _indent_at(text, _first_child(text, span))
    lines = f",{style.newline}".join(indent + piece.render(style, indent) for piece in pieces)
    end = "," if trailing else ""
    # A comment at the end of the last line belongs to what stands before it.
    rest = _REST_OF_LINE.match(text, at)
    line_end = rest.end() if rest else at
    cuts = [_Cut(line_end, line_end, f"{style.newline}{lines}{end}")]
    if not trailing:
        cuts.insert(0, _Cut(span.last, span.last, ","))
    return _applied(text, cuts)


def _into_empty(text: str, span: Span, pieces: Sequence[_Piece], style: "_Style") -> str:
    inner = text[span.start + 1 : span.end - 1]
    if not style.unit:
        rendered = ", ".join(piece.render(style, "") for piece in pieces)
        at = span.end - 1
        return _applied(text, [_Cut(at if inner.strip() else span.start + 1, at, rendered)])
    base = _indent_at(text, span.start)
    indent = base + style.unit
    lines = f",{style.newline}".join(indent + piece.render(style, indent) for piece in pieces)
    if inner.strip():
        # A comment is all that is inside: it stays, and what is new comes behind it.
        body = inner.rstrip()
        at = span.start + 1 + len(body)
        return _applied(text, [_Cut(at, span.end - 1, _framed(lines, base, style))])
    return _applied(text, [_Cut(span.start + 1, span.end - 1, _framed(lines, base, style))])


def _framed(lines: str, base: str, style: "_Style") -> str:
    return f"{style.newline}{lines}{style.newline}{base}"


def _before_first(text: str, span: Span, first: int, values: Sequence[Value]) -> str:
    style = _Style.of(text)
    if "\n" not in text[span.start : first]:
        rendered = "".join(f"{_compact(value)}, " for value in values)
        return _applied(text, [_Cut(first, first, rendered)])
    indent = _indent_at(text, first)
    rendered = "".join(f"{style.render(value, indent)},{style.newline}{indent}" for value in values)
    return _applied(text, [_Cut(first, first, rendered)])


def _first_child(text: str, span: Span) -> int:
    match = _SPACE.match(text, span.start + 1)
    return match.end() if match else span.start + 1


def _applied(text: str, cuts: Sequence[_Cut]) -> str:
    """The text with all replacements, which are in order; checked to be JSON still."""
    pieces, at = [], 0
    for cut in cuts:
        pieces += [text[at : cut.start], cut.text]
        at = cut.end
    changed = "".join([*pieces, text[at:]])
    if jsonc.parse(changed).root is None:
        raise EditRefusedError("what stands there does not take another entry")
    return changed


# ---------------------------------------------------------------------- the look of the text


class _Style(NamedTuple):
    """`unit` is what one level is indented by; "" where all stands in one line."""

    unit: str
    newline: str

    @classmethod
    def of(cls, text: str) -> "_Style":
        newline = "\r\n" if "\r\n" in text else "\n"
        indents = [match.group(1) for match in _INDENT.finditer(text)]
        if not indents and "\n" not in text.strip():
            return cls("" if _has_content(text) else _USUAL_INDENT, newline)
        unit = min(indents, key=len) if indents else _USUAL_INDENT
        return cls("\t" if unit.startswith("\t") else unit, newline)

    def render(self, value: Value, base: str) -> str:
        """A value; lists and objects over several lines where the text has lines."""
        if not self.unit or not isinstance(value, list | dict) or not value:
            return _compact(value)
        text = json.dumps(value, ensure_ascii=False, indent=self.unit)
        return text.replace("\n", f"{self.newline}{base}")


def _has_content(text: str) -> bool:
    return bool(text.strip().strip("{}[] \t"))


def _indent_at(text: str, at: int) -> str:
    """The blanks that the line of an offset begins with."""
    line = text[text.rfind("\n", 0, at) + 1 : at].removeprefix("\ufeff")
    return line[: len(line) - len(line.lstrip(" \t"))]


def _compact(value: Value) -> str:
    return json.dumps(value, ensure_ascii=False)


def _nested(keys: Sequence[str], value: Value) -> Value:
    for key in reversed(keys):
        value = {key: value}
    return value


def _whole(value: Value) -> str:
    return f"{json.dumps(value, ensure_ascii=False, indent=_USUAL_INDENT)}\n"


# ---------------------------------------------------------------------- offsets


def _find(span: Span, keys: Sequence[str]) -> Span | None:
    found: Span | None = span
    for key in keys:
        found = (found.members or {}).get(key) if found is not None else None
    return found


def _spans(text: str) -> Span:
    """The spans of a text that the tolerant reader accepts; bounded in depth by it."""
    document = jsonc.parse(text)
    if document.root is None:
        raise EditRefusedError(f"line {document.line}: {document.error}")
    return _Reader(text).value()


class _Reader:
    """Over a text that has been accepted already, so it checks nothing again."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 1 if text.startswith("\ufeff") else 0

    def _skip(self) -> None:
        match = _SPACE.match(self.text, self.at)
        self.at = match.end() if match else self.at

    def value(self) -> Span:
        self._skip()
        start = self.at
        opening = self.text[start]
        if opening == "{":
            members = self._members()
            return Span(start, self.at, members=members)
        if opening == "[":
            items = self._items()
            return Span(start, self.at, items=tuple(items))
        match = (_STRING if opening == '"' else _SCALAR).match(self.text, start)
        self.at = match.end() if match else start + 1
        return Span(start, self.at)

    def _members(self) -> dict[str, Span]:
        members: dict[str, Span] = {}
        self.at += 1
        while not self._closed("}"):
            key = _STRING.match(self.text, self.at)
            if key is None:
                raise EditRefusedError("a key is no string")
            self.at = key.end()
            self._skip()
            self.at += 1
            members[str(json.loads(key.group()))] = self.value()
        return members

    def _items(self) -> list[Span]:
        items: list[Span] = []
        self.at += 1
        while not self._closed("]"):
            items.append(self.value())
        return items

    def _closed(self, bracket: str) -> bool:
        self._skip()
        if self.text.startswith(",", self.at):
            self.at += 1
            self._skip()
        if self.text.startswith(bracket, self.at):
            self.at += 1
            return True
        if self.at >= len(self.text):
            raise EditRefusedError("the file ends too early")
        return False
