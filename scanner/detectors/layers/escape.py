"""Characters written as escapes in a string literal: Unicode, hex, octal and HTML's numbers."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from scanner.detectors.layers._substitution import around, origin
from scanner.detectors.layers._work import Derived, Hits, Work, flat, whole
from scanner.detectors.trigger import Trigger
from scanner.model import Layer

ARCHIVE: Final = False
_KIND: Final = "escape"

_ESCAPE: Final = re.compile(
    rb"\\u(?P<unit>[0-9A-Fa-f]{4})|\\u\{(?P<point>[0-9A-Fa-f]{1,6})\}|\\U(?P<long>[0-9A-Fa-f]{8})"
    rb"|\\x(?P<byte>[0-9A-Fa-f]{2})|\\(?P<octal>[01][0-7]{2})"
    rb"|&#x(?P<entity>[0-9A-Fa-f]{2,6});|&#(?P<number>[0-9]{2,7});"
)
_LINE: Final = re.compile(rb"[\r\n]")
_LAST_POINT: Final = 0x10FFFF


def triggers(prefixes: Sequence[bytes]) -> Iterator[Trigger]:
    """Printable ASCII that nobody has to escape, several characters of it in a row; and the equals
    sign and ampersand that Go and Java escape in JSON."""
    del prefixes
    yield Trigger("run", r"(?:\\u00[2-7][0-9a-f]){6}", case_insensitive=True)
    yield Trigger("run", r"(?:\\u\{[2-7][0-9a-f]\}){6}", case_insensitive=True)
    yield Trigger("run", r"(?:\\x[2-7][0-9a-f]){8}", case_insensitive=True)
    yield Trigger("run", r"(?:\\1[0-7][0-7]){6}")
    yield Trigger("run", r"(?:&#x[2-7][0-9a-f];){6}", case_insensitive=True)
    yield Trigger("run", r"(?:&#[0-9]{2,3};){6}")
    yield Trigger("sign", r"[a-z0-9_]{3}\\u00(?:3d|26)[^\\\"' ]{4}", case_insensitive=True)


def derive(content: bytes, hits: Hits, work: Work) -> Iterator[Derived]:
    """The line around each hit, so that the name before the string is seen with it."""
    del work
    done = 0
    for end in flat(hits):
        if end <= done:
            continue
        start, stop = around(content, end - 1, _LINE)
        start, done = max(start, done), stop
        yield Derived(Layer(_KIND, ((start, stop),)), _decode(content[start:stop]))


def unwrap(content: bytes, layer: Layer) -> bytes:
    """The decoded line."""
    start, end = whole(layer, content)
    return _decode(content[start:end])


def position(content: bytes, layer: Layer, offset: int) -> int:
    """Exact."""
    start, end = whole(layer, content)
    return start + origin(content[start:end], _ESCAPE, _character, offset)


def _decode(text: bytes) -> bytes:
    return _ESCAPE.sub(_character, text)


def _character(found: re.Match[bytes]) -> bytes:
    kind, digits = str(found.lastgroup), found[str(found.lastgroup)]
    if kind == "byte":
        return bytes((int(digits, 16),))
    base = {"octal": 8, "number": 10}.get(kind, 16)
    point = int(digits, base)
    if point > _LAST_POINT or 0xD800 <= point < 0xE000:
        return b"?"  # half of a pair, or nothing: no part of a credential
    return chr(point).encode()
