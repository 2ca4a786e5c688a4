"""Contents: bytes to look at, where they live, and how to get more."""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

import msgspec

from scanner.model.kinds import Tracking, Where


class Batch:
    """Many contents side by side in one buffer, so that one matcher call covers them all.

    Content `i` is `buffer[starts[i]:ends[i]]`; its git blob id (hex) is `blobs[i]`. Contents are
    ordered and do not overlap; bytes between them (object headers) belong to none. The buffer is
    valid until the producer is asked for its next batch: copy what must live longer.
    """

    __slots__ = ("blobs", "buffer", "ends", "size", "starts")

    def __init__(
        self,
        buffer: bytes | bytearray | memoryview,
        size: int,
        blobs: Sequence[str],
        starts: Sequence[int],
        ends: Sequence[int],
    ) -> None:
        self.buffer = buffer
        self.size = size
        """Only the first `size` bytes of the buffer are filled."""
        self.blobs = blobs
        self.starts = starts
        self.ends = ends

    def __len__(self) -> int:
        return len(self.blobs)

    def content(self, index: int) -> bytes:
        """A copy of one content."""
        return bytes(memoryview(self.buffer)[self.starts[index] : self.ends[index]])


_GAP = b"\n\0\n"
"""Between texts of our own making: no pattern spans it."""


def packed(texts: Sequence[bytes], names: Sequence[str] | None = None) -> Batch:
    """Texts of our own making as one batch. `names` stand in the place of the blob ids."""
    starts, ends, position = [], [], 0
    for text in texts:
        starts.append(position)
        position += len(text)
        ends.append(position)
        position += len(_GAP)
    buffer = _GAP.join(texts)
    return Batch(buffer, len(buffer), names or [""] * len(texts), starts, ends)


class Files(Protocol):
    """The files of one state of the repository (working tree, or a commit of a bare one)."""

    def read(self, path: str) -> bytes | None:
        """The bytes of a regular file, or None: absent, a directory, a link, or too large."""

    def paths(self) -> Iterable[str]:
        """Every path, sorted."""

    def tracking(self, path: str) -> Tracking:
        """What git makes of the path."""


class Origin(msgspec.Struct, frozen=True):
    """One place where a content lives, before anyone knows whether it holds something."""

    where: Where
    path: str
    blob: str
    tracking: Tracking | None = None
    commit: str | None = None
    ref: str | None = None


ReadBlob = Callable[[str], bytes | None]
"""Reads one blob by id; None when it is missing, corrupt or larger than the limit."""
