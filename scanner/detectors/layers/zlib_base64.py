"""A zlib stream (RFC 1950) in base64, as tools write that put state into one string."""

import zlib
from collections.abc import Iterator, Sequence
from typing import Final

from scanner.detectors.layers._sextets import character, decode, readable, sample
from scanner.detectors.layers._streams import Ending, Opened, open_stream, reopen, room
from scanner.detectors.layers._work import Derived, Hits, Work, flat, whole
from scanner.detectors.trigger import Trigger
from scanner.model import Layer

ARCHIVE: Final = False
_KIND: Final = "zlib-base64"

_RUN: Final = 57
_HEAD: Final = 60
_PROBE: Final = 400
_FIRST: Final = 64 << 10
# The header for the usual and for the best compression, and what may follow it. Each is spelled
# out, because two letters alone are too common for the pass over all bytes.
_STARTS: Final = ("eJw", "eJx", "eJy", "eJz", "eNo", "eNp", "eNq", "eNr")


def triggers(prefixes: Sequence[bytes]) -> Iterator[Trigger]:
    """The encoded header of a stream, at the start of a long run."""
    del prefixes
    for start in _STARTS:
        yield Trigger("header", rf"{start}[A-Za-z0-9+/_-]{{{_RUN}}}")


def derive(content: bytes, hits: Hits, work: Work) -> Iterator[Derived]:
    """Every stream that unpacks to text."""
    done = 0
    for end in flat(hits):
        start = end - _HEAD
        if start < done or not _unpacks_to_text(sample(content, start, _PROBE)):
            continue
        opened = _opened(content, start, work)
        if opened.ending is Ending.CUT:  # what is damaged may never have been one
            work.problem(f"a zlib stream in base64 {opened.ending.value}; the rest was not read")
        # Characters that give at least the bytes used; unwrapping passes over what is behind.
        done = start + -(-opened.used * 4 // 3)
        if opened.data:
            yield Derived(Layer(_KIND, ((start, done),)), opened.data)


def unwrap(content: bytes, layer: Layer) -> bytes:
    """The unpacked text."""
    start, end = whole(layer, content)
    data = decode(content[start:end])
    used = open_stream(data, zlib.decompressobj, 1 << 30).used
    return reopen(data[:used], zlib.decompressobj, kind=layer.kind)


def position(content: bytes, layer: Layer, offset: int) -> int:
    """The start of the run."""
    del content, offset
    return layer.spans[0][0]


def _opened(content: bytes, start: int, work: Work) -> Opened:
    """The stream whose run starts here. A run may go on far behind its stream: it is decoded only
    as far as the stream needs."""
    size = _FIRST
    while True:
        data = sample(content, start, size)
        opened = open_stream(data, zlib.decompressobj, room(work, len(data)))
        if opened.ending is not Ending.SHORT or character(len(data)) < size - 4:
            return opened
        size *= 4


def _unpacks_to_text(data: bytes) -> bool:
    try:
        return readable(zlib.decompressobj().decompress(data, 64))
    except zlib.error:
        return False
