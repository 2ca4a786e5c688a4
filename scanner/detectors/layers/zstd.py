"""A Zstandard file (RFC 8878); opened where the standard library can, which is from Python 3.14."""

import importlib
from collections.abc import Callable, Iterator, Sequence
from typing import Final, cast

from scanner.detectors.layers._compressed import derive_file, unwrap_file
from scanner.detectors.layers._streams import Decoder
from scanner.detectors.layers._work import Derived, Hits, Work
from scanner.detectors.trigger import Trigger
from scanner.model import Layer

ARCHIVE: Final = True
_KIND: Final = "zstd"
_MAGIC: Final = b"\x28\xb5\x2f\xfd"


def triggers(prefixes: Sequence[bytes]) -> Iterator[Trigger]:
    """The magic; it counts only at the start."""
    del prefixes
    yield Trigger("magic", r"\x28\xb5\x2f\xfd")


def derive(content: bytes, hits: Hits, work: Work) -> Iterator[Derived]:
    """The unpacked file; a problem where this Python has no decoder."""
    del hits
    if not content.startswith(_MAGIC):
        return
    try:
        decoder = _decoder()
    except ImportError:
        work.problem("a Zstandard file is not opened: that needs Python 3.14")
        return
    yield from derive_file(content, _KIND, _MAGIC, decoder, work)


def unwrap(content: bytes, layer: Layer) -> bytes:
    """The unpacked file."""
    try:
        decoder = _decoder()
    except ImportError as error:
        raise ValueError("this Python cannot open Zstandard") from error
    return unwrap_file(content, layer, _MAGIC, decoder)


def position(content: bytes, layer: Layer, offset: int) -> int:
    """The start: a compressed byte has no place of its own."""
    del content, offset
    return layer.spans[0][0]


def _decoder() -> Callable[[], Decoder]:
    """Raises `ImportError`."""
    module = importlib.import_module("compression.zstd")
    return cast(Callable[[], Decoder], module.ZstdDecompressor)
