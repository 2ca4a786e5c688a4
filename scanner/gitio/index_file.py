"""Reads the entries of index files that git is not asked about: those of other worktrees.

git would need a process for each. The format, versions 2 to 4, is gitformat-index(5). Of a split
index both parts are read as they are: what the shared part names is in the file, used or not.
"""

import os
from collections.abc import Iterator

from scanner.gitio.values import IndexEntry

_HEADER = 12
_STAT = 40  # times, device, inode, mode, owner and size: ten words of 32 bits
_MODE = 24
_EXTENDED = 0x4000
_PATH_LIMIT = 4096 * 4


def parse_index(data: bytes, object_format: str) -> Iterator[IndexEntry]:
    """The entries as far as the file is well formed. Nothing for what is no index at all."""
    if len(data) < _HEADER or data[:4] != b"DIRC":
        return
    version, count = int.from_bytes(data[4:8], "big"), int.from_bytes(data[8:12], "big")
    if version not in (2, 3, 4):
        return
    width = 32 if object_format == "sha256" else 20
    position, previous = _HEADER, b""
    for _ in range(count):
        flags_at = position + _STAT + width
        if flags_at + 2 > len(data):
            return
        flags = int.from_bytes(data[flags_at : flags_at + 2], "big")
        at = flags_at + (4 if flags & _EXTENDED else 2)
        path, following = _path(data, at, previous, version)
        if path is None:
            return
        mode = int.from_bytes(data[position + _MODE : position + _MODE + 4], "big")
        blob = data[position + _STAT : flags_at].hex()
        yield IndexEntry(os.fsdecode(path), f"{mode:06o}", blob, flags >> 12 & 3)
        # Versions 2 and 3 pad each entry with one to eight NULs to a multiple of eight bytes.
        position = following if version == 4 else position + (following - position + 7) // 8 * 8
        previous = path


def _path(data: bytes, at: int, previous: bytes, version: int) -> tuple[bytes | None, int]:
    """A path and where its NUL ends; None where the data is damaged."""
    kept = b""
    if version == 4:
        removed, at = _variable_width(data, at)
        if removed > len(previous):
            return None, at
        kept = previous[: len(previous) - removed]
    end = data.find(b"\0", at, at + _PATH_LIMIT)
    if end < 0 or len(kept) > _PATH_LIMIT:
        return None, at
    return kept + data[at:end], end + 1


def _variable_width(data: bytes, at: int) -> tuple[int, int]:
    """The number of bytes that version 4 takes off the previous path, in pack's offset encoding."""
    value = 0
    for count in range(8):
        if at >= len(data):
            break
        byte = data[at]
        at += 1
        value = byte & 127 if count == 0 else ((value + 1) << 7) | (byte & 127)
        if not byte & 128:
            break
    return value, at
