"""Puts keys into a table of a TOML text and leaves everything else as it stands.

The table is found by its header, or begun at the end of the text. Whether the change means what it
should is checked by reading the result with `tomllib`: a text where it does not, such as one with
an inline table of that name, is refused.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from scanner.reach.editing.edit_refused import EditRefusedError

_HEADER = re.compile(r"^[ \t]*\[(?!\[)[^\r\n]*", re.MULTILINE)
_ANY_HEADER = re.compile(r"^[ \t]*\[", re.MULTILINE)
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_PROBE = "agentreach-probe"


def put(text: str, table: Sequence[str], values: Mapping[str, str]) -> str:
    """The text with texts under keys of a table, behind its last entry. Keys that are there stay
    as they are. Raises `EditRefusedError`."""
    before = _parsed(text)
    there = _table(before, table)
    wanted = {key: value for key, value in values.items() if key not in there}
    if not wanted:
        return text
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = newline.join(f"{_key(key)} = {_string(value)}" for key, value in wanted.items())
    for changed in _candidates(text, table, lines, newline):
        try:
            after = _parsed(changed)
        except EditRefusedError:
            continue
        if after == _merged(before, table, wanted):
            return changed
    raise EditRefusedError(f"{'.'.join(table)} cannot be added to where it stands")


def _candidates(text: str, table: Sequence[str], lines: str, newline: str) -> list[str]:
    """Behind the last entry of each header that may be the table's; then a table at the end."""
    found = []
    for header in _HEADER.finditer(text):
        if _names(header.group()) != tuple(table):
            continue
        following = _ANY_HEADER.search(text, header.end())
        body = text[header.end() : following.start() if following else len(text)]
        at = header.end() + len(body.rstrip())
        found.append(f"{text[:at]}{newline}{lines}{text[at:] or newline}")
    name = ".".join(map(_key, table))
    gap = "" if not text or text.endswith("\n") else newline
    blank = newline if text.strip() else ""
    found.append(f"{text}{gap}{blank}[{name}]{newline}{lines}{newline}")
    return found


def _names(header: str) -> tuple[str, ...] | None:
    """The names that a header consists of."""
    try:
        node: Any = tomllib.loads(f"{header}\n{_PROBE} = 1\n")
    except (tomllib.TOMLDecodeError, RecursionError):
        return None
    names: list[str] = []
    while isinstance(node, dict) and _PROBE not in node:
        ((name, node),) = node.items()
        names.append(name)
    return tuple(names)


def _parsed(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError):
        raise EditRefusedError("it is not valid TOML") from None


def _table(values: Mapping[str, Any], table: Sequence[str]) -> Mapping[str, Any]:
    for key in table:
        inner = values.get(key, {})
        if not isinstance(inner, Mapping):
            raise EditRefusedError(f"{key} is no table")
        values = inner
    return values


def _merged(
    values: Mapping[str, Any], table: Sequence[str], wanted: Mapping[str, str]
) -> dict[str, Any]:
    if not table:
        return {**values, **wanted}
    inner = _merged(values.get(table[0], {}), table[1:], wanted)
    return {**values, table[0]: inner}


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _string(name)


def _string(text: str) -> str:
    if not text.isprintable():
        raise EditRefusedError("a name has characters that are not written here")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
