"""Hexadecimal digits, wherever the beginning of a secret shows through them."""

from collections.abc import Iterator, Sequence
from typing import Final

from scanner.detectors.layers._sextets import readable, run_end, run_start
from scanner.detectors.layers._work import WORDS, Derived, Hits, Work, flat, literal, whole
from scanner.detectors.trigger import Trigger
from scanner.model import Layer

ARCHIVE: Final = False
_KIND: Final = "hex"

_DIGITS: Final = b"0123456789abcdefABCDEF"
_LONGEST_ANCHOR: Final = 8
_SHORTEST_TEXT: Final = 10
_SHORT: Final = 3


def triggers(prefixes: Sequence[bytes]) -> Iterator[Trigger]:
    """The digits of each beginning; a short one only with digits of letters and digits behind."""
    for prefix in (*prefixes, *WORDS):
        digits = literal(prefix[:_LONGEST_ANCHOR].hex().encode())
        more = "(?:[2-7][0-9a-f]){4}" if len(prefix) <= _SHORT else ""
        yield Trigger("anchor", digits + more, case_insensitive=True)


def derive(content: bytes, hits: Hits, work: Work) -> Iterator[Derived]:
    """Every run of digits with a hit that is text where the hit ends."""
    done = 0
    for end in flat(hits):
        if end <= done:
            continue
        head = _decode(content[max(0, end - 6) : end + 30])
        if len(head) < _SHORTEST_TEXT or not readable(head):
            continue
        stop = run_end(content, end, _DIGITS)
        stop -= (stop - end) % 2
        start = run_start(content, end, _DIGITS)
        start += (end - start) % 2
        done = stop
        if (stop - start) // 2 > work.left:
            work.problem("hexadecimal text is larger than the limit")
            continue
        yield Derived(Layer(_KIND, ((start, stop),)), _decode(content[start:stop]))


def unwrap(content: bytes, layer: Layer) -> bytes:
    """The decoded bytes."""
    start, end = whole(layer, content)
    return bytes.fromhex(content[start:end].decode("ascii"))


def position(content: bytes, layer: Layer, offset: int) -> int:
    """Exact."""
    del content
    return layer.spans[0][0] + 2 * offset


def _decode(text: bytes) -> bytes:
    text = text[: run_end(text, 0, _DIGITS)]
    return bytes.fromhex(text[: len(text) // 2 * 2].decode("ascii"))
