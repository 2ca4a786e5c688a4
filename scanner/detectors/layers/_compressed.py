"""A content that is one compressed file: what gzip, bzip2, xz and zstd have in common."""

from collections.abc import Callable, Iterator

from scanner.detectors.layers._streams import Decoder, Ending, open_stream, reopen, room
from scanner.detectors.layers._work import Derived, Work, whole
from scanner.model import Layer


def derive_file(
    content: bytes, kind: str, magic: bytes, new_decoder: Callable[[], Decoder], work: Work
) -> Iterator[Derived]:
    """The unpacked file, if the content starts with the magic; what could be read of a bad one."""
    if not content.startswith(magic):
        return
    opened = open_stream(content, new_decoder, room(work, len(content)), again=magic)
    if opened.ending is not Ending.WHOLE:
        work.problem(f"a {kind} file {opened.ending.value}; the rest was not looked at")
    if opened.data:
        yield Derived(Layer(kind, ((0, opened.used),)), opened.data)


def unwrap_file(
    content: bytes, layer: Layer, magic: bytes, new_decoder: Callable[[], Decoder]
) -> bytes:
    """The unpacked file again. Raises `ValueError`."""
    start, end = whole(layer, content)
    return reopen(content[start:end], new_decoder, again=magic, kind=layer.kind)
