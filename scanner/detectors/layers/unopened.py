"""Containers that are recognised but not opened: each is named, so that nobody takes them for
scanned."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from scanner.detectors.layers._work import Derived, Hits, Work, literal
from scanner.detectors.trigger import Trigger
from scanner.model import Layer

ARCHIVE: Final = True

_MAGICS: Final[Mapping[bytes, str]] = MappingProxyType(
    {
        b"7z\xbc\xaf\x27\x1c": "a 7-Zip archive",
        b"Rar!\x1a\x07": "a RAR archive",
        b"\x04\x22\x4d\x18": "an LZ4 file",
        b"MSCF\0\0\0\0": "a cabinet archive",
        b"hsqs": "a SquashFS image",
        b"xar!\0\x1c": "a xar archive",
        b"\xed\xab\xee\xdb": "an RPM package",
        b"070701": "a cpio archive",
    }
)


def triggers(prefixes: Sequence[bytes]) -> Iterator[Trigger]:
    """The magics; they count only at the start."""
    del prefixes
    for magic in _MAGICS:
        yield Trigger("magic", literal(magic))


def derive(content: bytes, hits: Hits, work: Work) -> Iterator[Derived]:
    """Nothing but a problem."""
    del hits
    for magic, name in _MAGICS.items():
        if content.startswith(magic):
            work.problem(f"{name} is not opened")
    return iter(())


def unwrap(content: bytes, layer: Layer) -> bytes:
    """Always a `ValueError`: there are no such layers."""
    del content
    raise ValueError(f"a {layer.kind} layer holds nothing")


def position(content: bytes, layer: Layer, offset: int) -> int:
    """Always a `ValueError`: there are no such layers."""
    del content, offset
    raise ValueError(f"a {layer.kind} layer holds nothing")
