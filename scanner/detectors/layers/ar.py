"""`ar` archives: Debian packages, static libraries.

Format: https://man7.org/linux/man-pages/man5/deb.5.html and the System V form it names.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from scanner.detectors.layers._work import Derived, Hits, Work, member_name, whole
from scanner.detectors.trigger import Trigger
from scanner.model import Layer

ARCHIVE: Final = True
_KIND: Final = "ar"

_MAGIC: Final = b"!<arch>\n"
_HEADER: Final = 60
_HEADER_END: Final = b"`\n"


def triggers(prefixes: Sequence[bytes]) -> Iterator[Trigger]:
    """The magic; it counts only at the start."""
    del prefixes
    yield Trigger("magic", r"!<arch>\n")


def derive(content: bytes, hits: Hits, work: Work) -> Iterator[Derived]:
    """The members, in order."""
    del hits
    if not content.startswith(_MAGIC):
        return
    position = len(_MAGIC)
    while position + _HEADER <= len(content):
        header = content[position : position + _HEADER]
        digits = header[48:58].strip()
        if not header.endswith(_HEADER_END) or not digits.isdigit():
            work.problem("an ar archive is damaged; the rest was not looked at")
            return
        start = position + _HEADER
        end = start + int(digits)
        position = end + end % 2
        if end > len(content):
            work.problem("a member of an ar archive is larger than the archive, or cut off")
            end = len(content)
        if end > start:
            name = member_name(header[:16].rstrip(b" ").rstrip(b"/"))
            yield Derived(Layer(_KIND, ((start, end),), name), content[start:end])


def unwrap(content: bytes, layer: Layer) -> bytes:
    """The member."""
    start, end = whole(layer, content)
    return content[start:end]


def position(content: bytes, layer: Layer, offset: int) -> int:
    """Exact."""
    del content
    return layer.spans[0][0] + offset
