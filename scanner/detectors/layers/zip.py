"""Zip archives, and what is one by another name: wheels, jars, office documents, apps, nupkg.

Members are walked by their own headers, in the order they stand in; the directory at the end only
adds the sizes that a header leaves open. So an archive without its end is read as far as it goes,
and one whose directory lies, or whose members overlap, is read for what is there.
Format: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
"""

import struct
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from scanner.detectors.layers._streams import Decoder, Ending, open_stream, reopen, room
from scanner.detectors.layers._work import Derived, Hits, Work, member_name, whole
from scanner.detectors.trigger import Trigger
from scanner.model import Layer

ARCHIVE: Final = True
_KIND: Final = "zip"

_LOCAL: Final = b"PK\x03\x04"
_CENTRAL: Final = b"PK\x01\x02"
_END: Final = b"PK\x05\x06"
_DESCRIPTOR: Final = b"PK\x07\x08"
_HEADER: Final = struct.Struct("<4s5H3L2H")
_ENTRY: Final = struct.Struct("<4s6H3L5H2L")
_MOST_COMMENT: Final = 1 << 16
_ENCRYPTED: Final = 1
_SIZES_FOLLOW: Final = 8
_STORED: Final = 0
_DEFLATED: Final = 8
_BZIP2: Final = 12
_UNKNOWN: Final = 0xFFFFFFFF
_STARTS: Final = (_LOCAL, b"#!", b"MZ")
"""An archive may stand behind a script or a program that opens it."""


class _Member(msgspec.Struct, frozen=True):
    start: int
    """Of its header."""
    data: int
    """Of its packed bytes."""
    end: int | None
    """Of its packed bytes; None when no header says."""
    name: bytes
    method: int
    encrypted: bool
    disputed: bool
    """Header and directory give it different sizes; the smaller is taken."""


def triggers(prefixes: Sequence[bytes]) -> Iterator[Trigger]:
    """A member's header."""
    del prefixes
    yield Trigger("member", r"PK\x03\x04[\x00-\x3f]\x00")


def derive(content: bytes, hits: Hits, work: Work) -> Iterator[Derived]:
    """The members, in the order they stand in."""
    del hits
    if not content.startswith(_STARTS):
        return
    sizes = _sizes(content)
    if sizes is None:
        work.problem("a zip archive has no directory at its end; members may be missing")
    position = content.find(_LOCAL)
    while position >= 0:
        member = _member(content, position, sizes or {})
        if member is None:
            position = content.find(_LOCAL, position + 4)
            continue
        derived, end = _opened(content, member, work)
        if derived is not None:
            yield derived
        position = content.find(_LOCAL, end)


def unwrap(content: bytes, layer: Layer) -> bytes:
    """The unpacked member."""
    start, end = whole(layer, content)
    member = _member(content, start, {})
    if member is None or member.data > end:
        raise ValueError("not the bytes of a zip member")
    packed = content[member.data : end]
    if member.method == _STORED:
        return packed
    return reopen(packed, lambda: _decoder(member.method), kind=layer.kind)


def position(content: bytes, layer: Layer, offset: int) -> int:
    """The place of a stored byte; the member's start when it is packed."""
    start, end = whole(layer, content)
    member = _member(content, start, {})
    if member is not None and member.method == _STORED:
        return min(end, member.data + offset)
    return start


def _sizes(content: bytes) -> dict[int, int] | None:
    """From the directory: packed sizes by the offset of the member's header."""
    end = content.rfind(_END, max(0, len(content) - _MOST_COMMENT - 22))
    if end < 0 or len(content) < end + 22:
        return None
    position = int.from_bytes(content[end + 16 : end + 20], "little")
    if not content.startswith(_CENTRAL, position):
        position = max(0, end - int.from_bytes(content[end + 12 : end + 16], "little"))
    sizes: dict[int, int] = {}
    while content.startswith(_CENTRAL, position) and position + _ENTRY.size <= end:
        entry = _ENTRY.unpack_from(content, position)
        packed, name, extra, comment, offset = entry[8], entry[10], entry[11], entry[12], entry[16]
        if packed != _UNKNOWN:
            sizes.setdefault(offset, packed)
        position += _ENTRY.size + name + extra + comment
    return sizes


def _member(content: bytes, start: int, sizes: dict[int, int]) -> _Member | None:
    """What the header at `start` says, made to fit the content; None when it is no header."""
    if not content.startswith(_LOCAL, start) or start + _HEADER.size > len(content):
        return None
    _, _, flags, method, _, _, _, packed, _, name, extra = _HEADER.unpack_from(content, start)
    names = start + _HEADER.size
    data = names + name + extra
    if data > len(content):
        return None
    listed = sizes.get(start)
    size: int | None = packed
    if flags & _SIZES_FOLLOW or packed == _UNKNOWN:
        size = listed
    disputed = size is not None and listed is not None and size != listed
    if disputed and listed is not None:
        size = min(packed, listed)
    return _Member(
        start=start,
        data=data,
        end=None if size is None else data + size,
        name=content[names : names + name],
        method=method,
        encrypted=bool(flags & _ENCRYPTED),
        disputed=disputed,
    )


def _opened(content: bytes, member: _Member, work: Work) -> tuple[Derived | None, int]:
    """The member's bytes, and where to go on."""
    end = len(content) if member.end is None else member.end
    if end > len(content):
        work.problem("a member of a zip archive is larger than the archive, or cut off")
        end = len(content)
    if member.disputed:
        work.problem("a zip archive gives a member two sizes")
    if member.encrypted:
        work.problem("a member of a zip archive is encrypted")
        return None, member.data if member.end is None else end
    if member.method == _STORED:
        return _stored(content, member, end, work)
    if member.method not in {_DEFLATED, _BZIP2}:
        work.problem("a member of a zip archive is packed by a method that is not supported")
        return None, member.data if member.end is None else end
    most = room(work, end - member.data)
    opened = open_stream(
        content, lambda: _decoder(member.method), most, start=member.data, stop=end
    )
    if opened.ending is Ending.CUT:
        work.waste(most - len(opened.data))
    if opened.ending is not Ending.WHOLE:
        work.problem(f"a member of a zip archive {opened.ending.value}; the rest was not looked at")
    # A stream knows its own end; what a header says may hide the members behind it.
    goes_on = opened.used if opened.ending is Ending.WHOLE or member.end is None else end
    return _derived(member, opened.used, opened.data), goes_on


def _stored(content: bytes, member: _Member, end: int, work: Work) -> tuple[Derived | None, int]:
    if member.end is None:
        # No header says how long it is: up to what follows it.
        for mark in (_LOCAL, _CENTRAL, _DESCRIPTOR):
            found = content.find(mark, member.data, end)
            end = end if found < 0 else found
    if end - member.data > work.left:
        work.problem("a member of a zip archive is larger than the limit")
        return None, end
    return _derived(member, end, content[member.data : end]), end


def _derived(member: _Member, end: int, data: bytes) -> Derived | None:
    if not data:
        return None
    return Derived(Layer(_KIND, ((member.start, end),), member_name(member.name)), data)


def _decoder(method: int) -> Decoder:
    if method == _DEFLATED:
        import zlib

        return zlib.decompressobj(-15)
    if method == _BZIP2:
        import bz2

        return bz2.BZ2Decompressor()
    raise ValueError("a method of packing that is not supported")
