"""UTF-32: files with a byte order mark, and stretches of it in any file."""

import codecs
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from scanner.detectors.layers._wide import derive_wide, position_wide, triggers_of, unwrap_wide
from scanner.detectors.layers._work import Derived, Hits, Work
from scanner.detectors.trigger import Trigger
from scanner.model import Layer

ARCHIVE: Final = False
_KIND: Final = "utf-32"
_WIDTH: Final = 4
_MARKS: Final[Mapping[bytes, str]] = MappingProxyType(
    {codecs.BOM_UTF32_LE: "utf-32-le", codecs.BOM_UTF32_BE: "utf-32-be"}
)


def triggers(prefixes: Sequence[bytes]) -> Iterator[Trigger]:
    """A byte order mark before ASCII, and beginnings and names of secrets in wide characters."""
    yield Trigger("mark", r"\xff\xfe\x00\x00[\x09-\x7e]\x00")
    yield Trigger("mark", r"\x00\x00\xfe\xff\x00\x00\x00[\x09-\x7e]")
    yield from triggers_of(prefixes, _WIDTH)


def derive(content: bytes, hits: Hits, work: Work) -> Iterator[Derived]:
    """The file's text, or the stretches around the hits."""
    ends = hits.get("stretch", ())
    return derive_wide(content, ends, _KIND, _WIDTH, _MARKS, work)


def unwrap(content: bytes, layer: Layer) -> bytes:
    """The text, in UTF-8."""
    return unwrap_wide(content, layer, _WIDTH, _MARKS)


def position(content: bytes, layer: Layer, offset: int) -> int:
    """Exact."""
    return position_wide(content, layer, offset, _WIDTH, _MARKS)
