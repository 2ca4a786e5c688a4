"""Texts in which single characters are written as escapes: decoding, and the way back."""

import re
from collections.abc import Callable
from typing import Final

Escape = Callable[[re.Match[bytes]], bytes]

_REACH: Final = 64 << 10


def origin(text: bytes, pattern: re.Pattern[bytes], escape: Escape, offset: int) -> int:
    """The index in `text` of what gives the byte at `offset` of `pattern.sub(escape, text)`."""
    read = written = 0
    for found in pattern.finditer(text):
        plain = found.start() - read
        if offset < written + plain:
            return read + offset - written
        written += plain
        value = len(escape(found))
        if offset < written + value:
            return found.start()
        written += value
        read = found.end()
    return min(len(text), read + offset - written)


def around(content: bytes, index: int, stop: re.Pattern[bytes]) -> tuple[int, int]:
    """The stretch around `index` without a match of `stop`, which matches single bytes."""
    low = max(0, index - _REACH)
    start = low
    before = content[low:index]
    last = None
    size = 256
    while last is None and size < 2 * _REACH:
        tail = before[-size:]
        for last in stop.finditer(tail):
            start = low + len(before) - len(tail) + last.end()
        size *= 4
    found = stop.search(content, index, index + _REACH)
    return start, found.start() if found else min(len(content), index + _REACH)
