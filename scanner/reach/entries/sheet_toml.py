"""TOML with the place of every value.

`tomllib` decides what is valid and what a value is; the reader here only finds out where each value
of a valid file stands, which `tomllib` does not tell.
"""

import re
import tomllib
from bisect import bisect_right
from typing import Any, NamedTuple

from scanner.reach.entries.entry import Span
from scanner.reach.entries.sheet import DEEPEST, EMPTY, MOST_NODES, Node, SheetError

_BLANK = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_KEY = re.compile(r"""[ \t]*(?:([A-Za-z0-9_-]+)|"((?:[^"\\\n]|\\.)*)"|'([^'\n]*)')[ \t]*""")
_STRING = re.compile(
    r'"{3}(?:[^"\\]|\\.|"{1,2}(?!"))*"{3,5}'
    r"|'{3}(?:[^']|'{1,2}(?!'))*'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_BARE = re.compile(r"[^,\]}#\n]*")
_LINE_NUMBER = re.compile(r"at line (\d+)")

Path = tuple[str | int, ...]


class _Extent(NamedTuple):
    start: int
    end: int


def read(text: str) -> Node:
    """Parse a whole file. Raises `SheetError`."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    try:
        value = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        found = _LINE_NUMBER.search(str(error))
        raise SheetError("not valid TOML", int(found.group(1)) if found else None) from None
    reader = _Reader(text)
    reader.run()
    return _Converter(text, reader.places).node(value, (), 0)


class _Reader:
    """Walks over a valid document and notes the extent of each scalar by its path."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.places: dict[Path, _Extent] = {}
        self._tables: dict[Path, int] = {}

    def run(self) -> None:
        base: Path = ()
        while self._skip():
            before = self.at
            if self.text.startswith("[", self.at):
                base = self._header()
            else:
                self._pair(base, 0)
            if self.at == before:  # cannot be for a valid file; never loop on one that surprises
                return

    def _skip(self) -> bool:
        match = _BLANK.match(self.text, self.at)
        self.at = match.end() if match else self.at
        return self.at < len(self.text)

    def _header(self) -> Path:
        several = self.text.startswith("[[", self.at)
        self.at += 2 if several else 1
        path = self._resolved(self._key())
        self.at += 2 if several else 1
        if several:
            index = self._tables.get(path, -1) + 1
            self._tables[path] = index
            path = (*path, index)
        return path

    def _resolved(self, key: list[str]) -> Path:
        """A header's path, through the last element of each array of tables on the way."""
        path: Path = ()
        for number, part in enumerate(key):
            path = (*path, part)
            if path in self._tables and number < len(key) - 1:
                path = (*path, self._tables[path])
        return path

    def _key(self) -> list[str]:
        parts = []
        while match := _KEY.match(self.text, self.at):
            self.at = match.end()
            parts.append(next(group for group in match.groups() if group is not None))
            if not self.text.startswith(".", self.at):
                break
            self.at += 1
        return parts

    def _pair(self, base: Path, depth: int) -> None:
        path = (*base, *self._key())
        if self.text.startswith("=", self.at):
            self.at += 1
            self._value(path, depth)

    def _value(self, path: Path, depth: int) -> None:
        self._skip()
        char = self.text[self.at : self.at + 1]
        if char in ("[", "{") and depth <= DEEPEST:
            self._collection(path, char, depth)
            return
        match = _STRING.match(self.text, self.at) or _BARE.match(self.text, self.at)
        if match is not None:
            self.places[path] = _Extent(match.start(), match.end())
            self.at = match.end()

    def _collection(self, path: Path, opening: str, depth: int) -> None:
        closing = "]" if opening == "[" else "}"
        self.at += 1
        index = 0
        while self._skip() and not self.text.startswith(closing, self.at):
            before = self.at
            if opening == "[":
                self._value((*path, index), depth + 1)
                index += 1
            else:
                self._pair(path, depth + 1)
            self._skip()
            if self.text.startswith(",", self.at):
                self.at += 1
            if self.at == before:
                return
        self.at += 1


class _Converter:
    """Puts values and places together."""

    def __init__(self, text: str, places: dict[Path, _Extent]) -> None:
        self._text = text
        self._places = places
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self._count = 0

    def node(self, value: Any, path: Path, depth: int) -> Node:
        self._count += 1
        if depth > DEEPEST or self._count > MOST_NODES:
            raise SheetError("nested too deeply, or too many values")
        if isinstance(value, dict):
            members = {
                key: self.node(inner, (*path, key), depth + 1) for key, inner in value.items()
            }
            return Node(EMPTY, members=members, is_map=True)
        if isinstance(value, list):
            items = [
                self.node(inner, (*path, index), depth + 1) for index, inner in enumerate(value)
            ]
            return Node(EMPTY, items=items)
        text = value if isinstance(value, str) else str(value).lower()
        return Node(self._span(path), text)

    def _span(self, path: Path) -> Span:
        extent = self._places.get(path)
        if extent is None:
            return EMPTY
        quotes = _quotes(self._text[extent.start : extent.start + 3])
        line, column = self._position(extent.start + quotes)
        end_line, end_column = self._position(extent.end - quotes)
        return Span(line, column, end_line if end_line != line else None, end_column)

    def _position(self, at: int) -> tuple[int, int]:
        line = bisect_right(self._starts, at)
        return line, at - self._starts[line - 1] + 1


def _quotes(start: str) -> int:
    if start in ('"""', "'''"):
        return 3
    return 1 if start[:1] in ('"', "'") else 0
