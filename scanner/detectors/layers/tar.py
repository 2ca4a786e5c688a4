"""Tar archives, plain ones: POSIX (ustar, pax) and GNU; container images and their layers too.

A packed one is reached through its compression's own layer. Links and devices have no bytes; of a
sparse file the stored parts are given, without the holes.
Formats: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html and
https://www.gnu.org/software/tar/manual/html_node/Standard.html
"""

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from scanner.detectors.layers._work import Derived, Hits, Work, member_name, whole
from scanner.detectors.trigger import Trigger
from scanner.model import Layer

ARCHIVE: Final = True
_KIND: Final = "tar"

_BLOCK: Final = 512
_MAGIC_AT: Final = 257
_MAGIC: Final = b"ustar"
_REGULAR: Final = b"0\x007S"
_SPARSE: Final = b"S"
_LONG_NAME: Final = b"L"
_ABOUT_NEXT: Final = b"xX"
_NO_DATA: Final = b"123456"
_LONGEST_NAME: Final = 1 << 16


class _Header(msgspec.Struct, frozen=True):
    name: bytes
    size: int
    kind: bytes
    more: bool
    """A sparse file whose map goes on in blocks of its own."""


class _Next(msgspec.Struct, frozen=True):
    """What an entry says about the one behind it."""

    name: bytes | None = None
    size: int | None = None


def triggers(prefixes: Sequence[bytes]) -> Iterator[Trigger]:
    """The magic of a header; it counts only in the first block."""
    del prefixes
    yield Trigger("magic", r"ustar[\x00 ][0 ]")


def derive(content: bytes, hits: Hits, work: Work) -> Iterator[Derived]:
    """The regular files, in order."""
    del hits
    if not content.startswith(_MAGIC, _MAGIC_AT):
        return
    position, following = 0, _Next()
    while position + _BLOCK <= len(content):
        block = content[position : position + _BLOCK]
        position += _BLOCK
        if not block.strip(b"\0"):
            continue  # the end, or two archives in a row
        header = _header(block)
        if header is None:
            work.problem("a tar archive is damaged; the rest was not looked at")
            return
        start = _behind_map(content, position) if header.more else position
        size = header.size if following.size is None else following.size
        size = 0 if header.kind in _NO_DATA else size
        position = start + -(-size // _BLOCK) * _BLOCK
        if start + size > len(content):
            work.problem("a member of a tar archive is larger than the archive, or cut off")
        data = content[start : start + size]
        if header.kind == _LONG_NAME or header.kind in _ABOUT_NEXT:
            following = _about_next(data, header.kind, following)
            continue
        if header.kind in _REGULAR and data:
            name = member_name(following.name or header.name)
            yield Derived(Layer(_KIND, ((start, start + len(data)),), name), data)
        following = _Next()


def _behind_map(content: bytes, position: int) -> int:
    """Behind the blocks that go on with a sparse file's map; each says whether one more comes."""
    while content[position + 504 : position + 505] == b"\x01":
        position += _BLOCK
    return position + _BLOCK


def unwrap(content: bytes, layer: Layer) -> bytes:
    """The member."""
    start, end = whole(layer, content)
    return content[start:end]


def position(content: bytes, layer: Layer, offset: int) -> int:
    """Exact."""
    del content
    return layer.spans[0][0] + offset


def _header(block: bytes) -> _Header | None:
    """What a block says; None when its checksum does not fit."""
    expected = _number(block[148:156])
    if expected != sum(block[:148]) + 8 * 32 + sum(block[156:]):
        return None
    size = _number(block[124:136])
    if size is None:
        return None
    kind = block[156:157]
    name = block[:100].split(b"\0", 1)[0]
    prefix = block[345:500].split(b"\0", 1)[0]
    if prefix and block.startswith(b"ustar\0", _MAGIC_AT):
        name = prefix + b"/" + name
    return _Header(name, size, kind, more=kind == _SPARSE and block[482:483] == b"\x01")


def _number(field: bytes) -> int | None:
    """Octal digits, or GNU's binary form for large ones; None when it is neither, or negative."""
    if field[0] == 0x80:
        return int.from_bytes(field[1:], "big")
    digits = field.split(b"\0", 1)[0].strip()
    if digits.translate(None, b"01234567"):
        return None
    return int(digits or b"0", 8)


def _about_next(data: bytes, kind: bytes, known: _Next) -> _Next:
    if kind == _LONG_NAME:
        return _Next(data[:_LONGEST_NAME].split(b"\0", 1)[0], known.size)
    name, size = known.name, known.size
    position = 0
    while position < len(data):
        length, space, _ = data[position : position + 20].partition(b" ")
        if not space or not length.isdigit() or int(length) <= len(length) + 1:
            break
        record = data[position + len(length) + 1 : position + int(length) - 1]
        key, _, value = record.partition(b"=")
        if key == b"path":
            name = value[:_LONGEST_NAME]
        elif key == b"size" and value.isdigit() and len(value) < 20:
            size = int(value)
        position += int(length)
    return _Next(name, size)
