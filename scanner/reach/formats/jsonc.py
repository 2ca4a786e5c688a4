"""JSON with the line of every value, so that a verdict can name the line that decides.

Comments, trailing commas and a byte order mark are accepted and reported in `Document.strict`: some
agents accept them, others throw the whole file away. Nesting is bounded; nothing is evaluated.
"""

import json
import re
from bisect import bisect_right

import msgspec

DEEPEST = 100

Plain = str | int | float | bool | None

_SPACE = re.compile(r"[ \t\r\n]*")
_LINE_COMMENT = re.compile(r"//[^\n]*")
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"')
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_WORDS: tuple[tuple[str, bool | None], ...] = (("true", True), ("false", False), ("null", None))


class Scalar(msgspec.Struct, frozen=True):
    """A string, number, truth value or null."""

    line: int
    value: Plain


class Array(msgspec.Struct, frozen=True):
    """A list."""

    line: int
    items: tuple["Node", ...]


class Object(msgspec.Struct, frozen=True):
    """A mapping; of a key given twice the last counts."""

    line: int
    members: dict[str, "Node"]


Node = Scalar | Array | Object


class Document(msgspec.Struct, frozen=True):
    """A parsed file, or the reason why it is none."""

    root: Node | None
    strict: bool
    """False when it needed leniency: comments, trailing commas, a byte order mark."""
    error: str = ""
    line: int = 1
    """Of the error, or of the first place that is not plain JSON."""


def parse(text: str) -> Document:
    """Parse a whole file. Never raises."""
    reader = _Reader(text.removeprefix("\ufeff"))
    if text.startswith("\ufeff"):
        reader.lenient_at = 0
    try:
        root = reader.value(0)
        reader.skip()
        if reader.at != len(reader.text):
            raise _SyntaxError("text after the end")
    except _SyntaxError as error:
        return Document(None, False, str(error), reader.line(reader.at))
    lenient = reader.lenient_at
    return Document(root, lenient is None, line=reader.line(lenient or 0))


def get(node: Node | None, *keys: str) -> Node | None:
    """The value below nested keys, or None where one is missing."""
    for key in keys:
        if not isinstance(node, Object):
            return None
        node = node.members.get(key)
    return node


def boolean(node: Node | None) -> bool | None:
    """The truth value, or None for anything else."""
    return node.value if isinstance(node, Scalar) and isinstance(node.value, bool) else None


def string(node: Node | None) -> str | None:
    """The string, or None for anything else."""
    return node.value if isinstance(node, Scalar) and isinstance(node.value, str) else None


def strings(node: Node | None) -> tuple[tuple[str, int], ...]:
    """The strings of a list, or the one string, each with its line; anything else is left out."""
    items = node.items if isinstance(node, Array) else (node,)
    return tuple(
        (item.value, item.line)
        for item in items
        if isinstance(item, Scalar) and isinstance(item.value, str)
    )


class _SyntaxError(Exception):
    pass


class _Reader:
    """A recursive descent over one text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lenient_at: int | None = None
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def line(self, at: int) -> int:
        return bisect_right(self._starts, at)

    def skip(self) -> None:
        """Over white space and comments."""
        while True:
            match = _SPACE.match(self.text, self.at)
            self.at = match.end() if match else self.at
            if self.text.startswith("//", self.at):
                comment = _LINE_COMMENT.match(self.text, self.at)
                end = comment.end() if comment else self.at
            elif self.text.startswith("/*", self.at):
                end = self.text.find("*/", self.at + 2) + 2
                if end < 2:
                    raise _SyntaxError("a comment has no end")
            else:
                return
            self._lenient()
            self.at = end

    def value(self, depth: int) -> Node:
        self.skip()
        if depth > DEEPEST:
            raise _SyntaxError("nested too deeply")
        line = self.line(self.at)
        char = self.text[self.at : self.at + 1]
        if char == "{":
            return self._object(line, depth)
        if char == "[":
            return self._array(line, depth)
        if char == '"':
            return Scalar(line, self._string())
        for word, value in _WORDS:
            if self.text.startswith(word, self.at):
                self.at += len(word)
                return Scalar(line, value)
        return Scalar(line, self._number())

    def _object(self, line: int, depth: int) -> Object:
        members: dict[str, Node] = {}
        self.at += 1
        while not self._closed("}", bool(members)):
            key = self._string()
            self.skip()
            if not self.text.startswith(":", self.at):
                raise _SyntaxError("a colon is missing")
            self.at += 1
            members[key] = self.value(depth + 1)
        return Object(line, members)

    def _array(self, line: int, depth: int) -> Array:
        items: list[Node] = []
        self.at += 1
        while not self._closed("]", bool(items)):
            items.append(self.value(depth + 1))
        return Array(line, tuple(items))

    def _closed(self, bracket: str, comma_due: bool) -> bool:
        """Step over the closing bracket, or over the comma before the next entry."""
        self.skip()
        comma = False
        if comma_due and self.text.startswith(",", self.at):
            comma = True
            self.at += 1
            self.skip()
        if self.text.startswith(bracket, self.at):
            if comma:
                self._lenient()
            self.at += 1
            return True
        if self.at >= len(self.text):
            raise _SyntaxError("the file ends too early")
        if comma_due and not comma:
            raise _SyntaxError("a comma is missing")
        return False

    def _string(self) -> str:
        match = _STRING.match(self.text, self.at)
        if match is None:
            raise _SyntaxError("a string was expected")
        try:
            value = json.loads(match.group())
        except ValueError:
            raise _SyntaxError("a string has an invalid escape") from None
        self.at = match.end()
        return str(value)

    def _number(self) -> int | float:
        match = _NUMBER.match(self.text, self.at)
        if match is None:
            raise _SyntaxError("a value was expected")
        self.at = match.end()
        # Integers of thousands of digits are refused by int(); no setting is one.
        text = match.group()
        return float(text) if len(text) > 18 or not text.lstrip("-").isdigit() else int(text)

    def _lenient(self) -> None:
        if self.lenient_at is None:
            self.lenient_at = self.at
