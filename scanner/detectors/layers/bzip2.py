"""A bzip2 file."""

from collections.abc import Iterator, Sequence
from typing import Final

from scanner.detectors.layers._compressed import derive_file, unwrap_file
from scanner.detectors.layers._streams import Decoder
from scanner.detectors.layers._work import Derived, Hits, Work
from scanner.detectors.trigger import Trigger
from scanner.model import Layer

ARCHIVE: Final = True
_KIND: Final = "bzip2"
_MAGIC: Final = b"BZh"


def triggers(prefixes: Sequence[bytes]) -> Iterator[Trigger]:
    """The magic; it counts only at the start."""
    del prefixes
    yield Trigger("magic", r"BZh[1-9]1AY&SY")


def derive(content: bytes, hits: Hits, work: Work) -> Iterator[Derived]:
    """The unpacked file."""
    del hits
    return derive_file(content, _KIND, _MAGIC, _decoder, work)


def unwrap(content: bytes, layer: Layer) -> bytes:
    """The unpacked file."""
    return unwrap_file(content, layer, _MAGIC, _decoder)


def position(content: bytes, layer: Layer, offset: int) -> int:
    """The start: a compressed byte has no place of its own."""
    del content, offset
    return layer.spans[0][0]


def _decoder() -> Decoder:
    import bz2

    return bz2.BZ2Decompressor()
