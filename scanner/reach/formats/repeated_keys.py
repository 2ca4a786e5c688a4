"""Keys that stand twice in one JSON object: most readers take the last and drop the first."""

import re

import msgspec

_TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/|(?P<text>"(?:[^"\\]|\\.)*")(?P<colon>\s*:)?|(?P<mark>[{}\[\]])', re.DOTALL
)
MOST = 100
"""Repetitions that are told of one file."""


class RepeatedKey(msgspec.Struct, frozen=True):
    """What stands at `line` gives way to what stands at `again`."""

    key: str
    line: int
    again: int


def repeated_keys(text: str) -> tuple[RepeatedKey, ...]:
    """Of a text that parses as JSON, comments or not; keys are compared as they are written."""
    found: list[RepeatedKey] = []
    seen: list[dict[str, int] | None] = []
    line, at = 1, 0
    for token in _TOKEN.finditer(text):
        line += text.count("\n", at, token.start())
        at = token.start()
        mark = token["mark"]
        if mark in ("{", "["):
            seen.append({} if mark == "{" else None)
        elif mark and seen:
            seen.pop()
        keys = seen[-1] if seen else None
        if keys is None or not token["colon"]:
            continue
        key = token["text"][1:-1]
        if key in keys and len(found) < MOST:
            found.append(RepeatedKey(key, keys[key], line))
        keys[key] = line
    return tuple(found)
