"""Jupyter notebooks: the sources and the printed outputs of cells, without their JSON strings.

Format: https://nbformat.readthedocs.io/en/latest/format_description.html (a multi-line string is
one string or a list of strings).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from scanner.detectors.layers._substitution import origin
from scanner.detectors.layers._work import Derived, Hits, Work, pieces
from scanner.detectors.trigger import Trigger
from scanner.model import Layer

ARCHIVE: Final = False
_KIND: Final = "notebook"

_TEXT: Final = re.compile(
    rb'"(?:source|text|traceback|text/plain|text/html|text/markdown|application/json)"'
    rb"\s{0,20}:\s{0,20}(\[?)"
)
_STRING: Final = re.compile(rb'[\s,]{0,200}"((?:[^"\\]++|\\.)*+)"', re.DOTALL)
_ESCAPE: Final = re.compile(rb'\\(?:u([0-9A-Fa-f]{4})|(["\\/bfnrt]))')
_PLAIN: Final[Mapping[bytes, bytes]] = MappingProxyType(
    {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}
)


def triggers(prefixes: Sequence[bytes]) -> Iterator[Trigger]:
    """The key that every notebook has."""
    del prefixes
    yield Trigger("key", r"\"nbformat\"")


def derive(content: bytes, hits: Hits, work: Work) -> Iterator[Derived]:
    """One text for each cell's source and each output."""
    del hits
    if not content[:1000].lstrip().startswith(b"{"):
        return
    position = 0
    while (found := _TEXT.search(content, position)) is not None:
        spans = tuple(_strings(content, found.end(), many=bool(found[1])))
        position = spans[-1][1] if spans else found.end()
        if spans:
            yield Derived(Layer(_KIND, spans), _joined(content, spans))


def _strings(content: bytes, position: int, *, many: bool) -> Iterator[tuple[int, int]]:
    while (found := _STRING.match(content, position)) is not None:
        yield found.span(1)
        position = found.end()
        if not many:
            return


def unwrap(content: bytes, layer: Layer) -> bytes:
    """The text of the cell or output."""
    pieces(layer, content)
    return _joined(content, layer.spans)


def position(content: bytes, layer: Layer, offset: int) -> int:
    """Exact."""
    for start, end in layer.spans:
        text = content[start:end]
        size = len(_ESCAPE.sub(_character, text))
        if offset < size:
            return start + origin(text, _ESCAPE, _character, offset)
        offset -= size
    return layer.spans[-1][1]


def _joined(content: bytes, spans: Sequence[tuple[int, int]]) -> bytes:
    return b"".join([_ESCAPE.sub(_character, content[start:end]) for start, end in spans])


def _character(found: re.Match[bytes]) -> bytes:
    if found[1] is None:
        return _PLAIN.get(found[2], found[2])
    point = int(found[1], 16)
    return b"?" if 0xD800 <= point < 0xE000 else chr(point).encode()
