"""Compressed streams, opened with a bound on what comes out.

Input goes in by small chunks. The chunk with which a limit is passed, or an error comes up, is left
out as a whole, so that the input that was used gives exactly the output that was kept: unwrapping
the same input again needs no limit and no luck.
"""

from collections.abc import Callable
from enum import Enum
from typing import Final, Protocol

import msgspec

from scanner.detectors.layers._work import Work

_CHUNK: Final = 16 << 10
_FREE: Final = 1 << 20
_MOST_STREAMS: Final = 1000
MOST: Final = 1 << 30
"""Bytes that unwrapping may give: a guard, not a limit that `derive` comes near."""


class Decoder(Protocol):
    """What the decompressors of the standard library have in common."""

    @property
    def eof(self) -> bool:
        """The stream's end was read."""

    @property
    def unused_data(self) -> bytes:
        """Input behind the stream's end."""

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        """At most `max_length` bytes more."""


class Ending(Enum):
    """How reading a stream came to its end; the value says it in words."""

    WHOLE = ""
    SHORT = "ends early"
    BROKEN = "is damaged"
    CUT = "expands to more than the limit"


class Opened(msgspec.Struct, frozen=True):
    """What came out of a stream."""

    data: bytes
    used: int
    """Where the part of the input that gives exactly `data` ends."""
    ending: Ending


def room(work: Work, size: int) -> int:
    """Bytes that a stream of `size` compressed bytes may expand to."""
    return min(work.left, max(_FREE, size * work.limits.ratio))


def open_stream(
    data: bytes,
    new_decoder: Callable[[], Decoder],
    most: int,
    *,
    again: bytes | None = None,
    start: int = 0,
    stop: int | None = None,
) -> Opened:
    """Decompress `data[start:stop]` to at most `most` bytes; with `again`, also the streams behind
    the first one that begin with these bytes."""
    out = bytearray()
    position, streams = start, 1
    stop = len(data) if stop is None else stop
    decoder = new_decoder()
    while position < stop:
        chunk = data[position : min(stop, position + _CHUNK)]
        try:
            more = decoder.decompress(chunk, most - len(out) + 1)
        except Exception:  # each library has its own error, and some have several
            return Opened(bytes(out), position, Ending.BROKEN)
        if len(out) + len(more) > most:
            return Opened(bytes(out), position, Ending.CUT)
        out += more
        position += len(chunk)
        if decoder.eof:
            position -= len(decoder.unused_data)
            if again is None or streams >= _MOST_STREAMS or not data.startswith(again, position):
                return Opened(bytes(out), position, Ending.WHOLE)
            decoder, streams = new_decoder(), streams + 1
    return Opened(bytes(out), position, Ending.SHORT)


def reopen(
    data: bytes, new_decoder: Callable[[], Decoder], *, again: bytes | None = None, kind: str
) -> bytes:
    """What `open_stream` gave, from the input it used. Raises `ValueError` if that is not so."""
    opened = open_stream(data, new_decoder, MOST, again=again)
    if opened.ending in {Ending.BROKEN, Ending.CUT} or opened.used != len(data):
        raise ValueError(f"not the bytes of a {kind} stream")
    return opened.data
