"""The line of every key of a TOML file: the standard library's parser does not keep positions.

Read by the grammar of TOML 1.0 (toml.io/en/v1.0.0). The text must have been accepted by `tomllib`
before; only then every lookup here is exact.
"""

import re
from bisect import bisect_right
from collections.abc import Mapping
from contextlib import suppress

_DEEPEST = 64
"""Arrays and inline tables inside each other; what lies deeper has no line."""
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SPACE = re.compile(r"[ \t]*")
_STRINGS = (
    re.compile(r'"""(?:[^"\\]|\\.|"(?!""))*"{3,5}', re.DOTALL),
    re.compile(r"'''(?:[^']|'(?!''))*'{3,5}"),
    re.compile(r'"(?:[^"\\\n]|\\.)*"'),
    re.compile(r"'[^'\n]*'"),
)
_OTHER = re.compile(r"[^,\]}#\n]*")


class TomlError(Exception):
    """The text is not what the parser accepted."""


def key_lines(text: str) -> Mapping[tuple[str, ...], int]:
    """Lines from 1 on, by the path of names to a key or a table; of several tables the first."""
    reader = _Reader(text.replace("\r\n", "\n"))
    with suppress(TomlError):  # what was found so far is right; the rest has no line
        reader.document()
    return reader.lines


class _Reader:
    """One pass over one text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[tuple[str, ...], int] = {}
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def document(self) -> None:
        table: tuple[str, ...] = ()
        while True:
            self._skip(_BLANK)
            if self.at >= len(self.text):
                return
            if self.text[self.at] == "[":
                self.at += 2 if self.text.startswith("[[", self.at) else 1
                table = self._name(())
                self._expect("]")
                self.at += self.text.startswith("]", self.at)
            else:
                self._pair(table, 0)

    def _pair(self, table: tuple[str, ...], depth: int) -> None:
        path = self._name(table)
        self._expect("=")
        self._value(path, depth)

    def _name(self, table: tuple[str, ...]) -> tuple[str, ...]:
        """A dotted key, each of its parts noted with its line."""
        path = table
        while True:
            self._skip(_SPACE)
            path = (*path, self._part())
            self.lines.setdefault(path, bisect_right(self._starts, self.at - 1))
            self._skip(_SPACE)
            if not self.text.startswith(".", self.at):
                return path
            self.at += 1

    def _part(self) -> str:
        for pattern in (_STRINGS[2], _STRINGS[3], _BARE):
            if match := pattern.match(self.text, self.at):
                self.at = match.end()
                return _plain(match.group())
        raise TomlError

    def _value(self, path: tuple[str, ...], depth: int) -> None:
        if depth > _DEEPEST:
            raise TomlError
        self._skip(_SPACE)
        char = self.text[self.at : self.at + 1]
        if char == "{":
            self._items("}", path, depth)
        elif char == "[":
            self._items("]", path, depth)
        else:
            for pattern in (*_STRINGS, _OTHER):
                if match := pattern.match(self.text, self.at):
                    self.at = match.end()
                    return

    def _items(self, end: str, path: tuple[str, ...], depth: int) -> None:
        """The entries of an array or an inline table, which stand under the same path."""
        self.at += 1
        while True:
            self._skip(_BLANK)
            if self.text.startswith(end, self.at):
                self.at += 1
                return
            if self.at >= len(self.text):
                raise TomlError
            before = self.at
            if end == "}":
                self._pair(path, depth + 1)
            else:
                self._value(path, depth + 1)
            self._skip(_BLANK)
            self.at += self.text.startswith(",", self.at)
            if self.at == before:
                raise TomlError

    def _skip(self, pattern: re.Pattern[str]) -> None:
        if match := pattern.match(self.text, self.at):
            self.at = match.end()

    def _expect(self, char: str) -> None:
        self._skip(_SPACE)
        if not self.text.startswith(char, self.at):
            raise TomlError
        self.at += 1


def _plain(text: str) -> str:
    """A key without its quotes; escapes by the parser itself, whose rules are TOML's."""
    if not text.startswith('"') or "\\" not in text:
        return text.strip("\"'") if text[0] in "\"'" else text
    import tomllib

    try:
        return str(tomllib.loads(f"key = {text}")["key"])
    except tomllib.TOMLDecodeError:
        raise TomlError from None
