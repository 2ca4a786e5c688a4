"""A TOML settings file: its values, the lines of its keys, or the reason why it is none."""

import re
import tomllib
from collections.abc import Iterator, Mapping

import msgspec

from scanner.reach.formats.toml_lines import key_lines
from scanner.reach.tree import Unreadable

LARGEST = 262_144
"""Characters of a file that is still parsed."""


class TomlFile(msgspec.Struct, frozen=True):
    """What an agent would read; empty and `broken` where it cannot."""

    path: str
    """As a person would write it; a user's own file begins with `~/`."""
    values: Mapping[str, object]
    lines: Mapping[tuple[str, ...], int]
    error: str = ""
    """Why it cannot be used; "" while it can."""
    error_line: int | None = None

    def get(self, *keys: str) -> object:
        """The value below nested keys, or None."""
        value: object = self.values
        for key in keys:
            if not isinstance(value, Mapping):
                return None
            value = value.get(key)
        return value

    def table(self, *keys: str) -> Mapping[str, object]:
        """The table below nested keys; empty where there is none."""
        value = self.get(*keys)
        return value if isinstance(value, Mapping) else {}

    def tables(self, *keys: str) -> Iterator[tuple[str, Mapping[str, object]]]:
        """The tables inside a table, by name."""
        for name, value in self.table(*keys).items():
            if isinstance(value, Mapping):
                yield name, value

    def line(self, *keys: str) -> int:
        """The line of a key, or of the nearest table around it."""
        for end in range(len(keys), 0, -1):
            if keys[:end] in self.lines:
                return self.lines[keys[:end]]
        return 1

    def source(self, *keys: str) -> str:
        """`path:line` of a key."""
        return f"{self.path}:{self.line(*keys)}"


def read_toml(path: str, text: str | Unreadable | None) -> TomlFile | None:
    """The file behind what `Tree.text` gave; None where there is none. Never raises."""
    if text is None:
        return None
    if isinstance(text, Unreadable):
        return TomlFile(path, {}, {}, text.reason)
    if len(text) > LARGEST:
        return TomlFile(path, {}, {}, "it is too large")
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        return TomlFile(path, {}, {}, "not valid TOML", int(line.group(1)) if line else None)
    except (RecursionError, ValueError):
        return TomlFile(path, {}, {}, "not valid TOML")
    return TomlFile(path, values, key_lines(text))
