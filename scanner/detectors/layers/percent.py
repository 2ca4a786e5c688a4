"""Percent-encoding (RFC 3986): credentials in a URL that is itself a parameter, forms, PEM keys."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from scanner.detectors.layers._substitution import around, origin
from scanner.detectors.layers._work import WORDS, Derived, Hits, Work, flat, literal, whole
from scanner.detectors.trigger import Trigger
from scanner.model import Layer

ARCHIVE: Final = False
_KIND: Final = "percent"

_ESCAPE: Final = re.compile(rb"%([0-9A-Fa-f]{2})|\+")
_FORM: Final = b"-----BEGIN+"
_STOP: Final = re.compile(rb"[\x00-\x20\"'<>\\`\x7f-\xff]")
_UNRESERVED: Final = frozenset(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
)
_LONGEST_ANCHOR: Final = 6
_NAMES: Final = r"(?:passw(?:or)?d|pwd|secret|token|api[_-]?key|access[_-]?key)"


def triggers(prefixes: Sequence[bytes]) -> Iterator[Trigger]:
    """Beginnings of secrets with every byte encoded, or only those that have to be; names with an
    encoded equals sign or colon; addresses with an encoded user."""
    for prefix in (*prefixes, *WORDS):
        head = prefix[:_LONGEST_ANCHOR]
        if len(head) > 3:
            yield Trigger("anchor", literal(_encoded(head, every=True)), case_insensitive=True)
        needed = _encoded(prefix, every=False)
        if needed != prefix:
            yield Trigger("anchor", literal(needed))
    yield Trigger("anchor", r"-----BEGIN(?:%20|\+)[A-Z]")
    yield Trigger("name", _NAMES + "(?:%22|%27)?(?:%3D|%3A)", case_insensitive=True)
    yield Trigger(
        "user", "%3A%2F%2F[A-Za-z0-9._~!$&*+,;=%-]{3,120}%40[a-z0-9]", case_insensitive=True
    )


def _encoded(text: bytes, *, every: bool) -> bytes:
    return b"".join(
        b"%%%02X" % byte if every or byte not in _UNRESERVED else bytes((byte,)) for byte in text
    )


def derive(content: bytes, hits: Hits, work: Work) -> Iterator[Derived]:
    """The stretch of an address or a form around each hit."""
    del work
    done = 0
    for end in flat(hits):
        if end <= done:
            continue
        start, stop = around(content, end - 1, _STOP)
        start, done = max(start, done), stop
        region = content[start:stop]
        data = _decode(region)
        if len(data) != len(region):
            yield Derived(Layer(_KIND, ((start, stop),)), data)


def unwrap(content: bytes, layer: Layer) -> bytes:
    """The decoded stretch."""
    start, end = whole(layer, content)
    return _decode(content[start:end])


def position(content: bytes, layer: Layer, offset: int) -> int:
    """Exact."""
    start, end = whole(layer, content)
    return start + origin(content[start:end], _ESCAPE, lambda _: b".", offset)


def _decode(region: bytes) -> bytes:
    plus = b" " if _FORM in region else b"+"
    return _ESCAPE.sub(
        lambda found: bytes((int(found[1], 16),)) if found[1] is not None else plus, region
    )
