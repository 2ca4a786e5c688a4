"""Undoes git's quoting of unusual paths in line-oriented output (core.quotePath, quote.c)."""

import re

_ESCAPE = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_LETTERS = {
    b"a": b"\a",
    b"b": b"\b",
    b"f": b"\f",
    b"n": b"\n",
    b"r": b"\r",
    b"t": b"\t",
    b"v": b"\v",
}


def unquoted(path: bytes) -> bytes:
    """The path itself; text without quotes around it stays as it is."""
    if len(path) < 2 or not (path.startswith(b'"') and path.endswith(b'"')):
        return path
    return _ESCAPE.sub(_character, path[1:-1])


def _character(match: re.Match[bytes]) -> bytes:
    text = match[1]
    if len(text) == 3:
        return bytes((int(text, 8) & 0xFF,))
    return _LETTERS.get(text, text)
