"""Packs many small contents into few large buffers."""

import hashlib
from collections.abc import Iterable, Iterator

import msgspec

from scanner.model import Batch, Tracking

BUFFER = 8 << 20
MINIMUM = 8
"""Bytes. No secret is shorter."""


class Origin(msgspec.Struct, frozen=True):
    """One place that holds a content."""

    path: str
    tracking: Tracking = Tracking.UNKNOWN


def blob_id(data: bytes, object_format: str) -> str:
    """The id git would give these bytes as a blob; `object_format` is `sha1` or `sha256`."""
    digest = hashlib.new(object_format, usedforsecurity=False)
    digest.update(b"blob %d\0" % len(data))
    digest.update(data)
    return digest.hexdigest()


def pack(contents: Iterable[tuple[str, bytes]], size: int = BUFFER) -> Iterator[Batch]:
    """Batches of at least one content and, unless a single one is larger, at most `size` bytes.

    The first of each pair stands in `Batch.blobs`. Contents are parted by a line feed.
    """
    parts: list[bytes] = []
    names: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    position = 0
    for name, data in contents:
        if names and position + len(data) > size:
            yield _batch(parts, names, starts, ends)
            parts, names, starts, ends, position = [], [], [], [], 0
        names.append(name)
        starts.append(position)
        position += len(data)
        ends.append(position)
        parts += (data, b"\n")
        position += 1
    if names:
        yield _batch(parts, names, starts, ends)


def _batch(parts: list[bytes], names: list[str], starts: list[int], ends: list[int]) -> Batch:
    buffer = b"".join(parts)
    return Batch(buffer, len(buffer), names, starts, ends)
