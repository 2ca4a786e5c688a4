"""Bounds the work on large contents: the beginning, and windows that are spread evenly."""

from typing import Final

import msgspec

WHOLE: Final = 1 << 20
"""Bytes up to which a content is read whole."""
_HEAD: Final = 128 << 10
_WINDOW: Final = 32 << 10
_WINDOWS: Final = 24


class Piece(msgspec.Struct, frozen=True):
    """Some bytes of a content, and where they begin."""

    start: int
    data: bytes


class Sample(msgspec.Struct, frozen=True):
    """What is looked at of one content."""

    size: int
    pieces: tuple[Piece, ...]
    """Ascending and disjoint; all but the first begin behind a line end where there is one."""

    @property
    def whole(self) -> bool:
        """Everything is looked at."""
        return len(self.pieces) == 1 and len(self.pieces[0].data) == self.size

    @property
    def scale(self) -> float:
        """By how much to multiply what was counted in the pieces."""
        seen = sum(len(piece.data) for piece in self.pieces)
        return self.size / seen if seen else 1.0


def take(content: bytes) -> Sample:
    """The parts of a content to look at: everything up to a size, else an even sample."""
    size = len(content)
    if size <= WHOLE:
        return Sample(size, (Piece(0, content),))
    pieces = [_piece(content, 0, _HEAD, 0)]
    step = (size - _HEAD) // _WINDOWS
    for index in range(_WINDOWS):
        start = _HEAD + index * step
        pieces.append(_piece(content, start, min(size, start + _WINDOW), start))
    return Sample(size, tuple(piece for piece in pieces if piece.data))


def _piece(content: bytes, start: int, end: int, least: int) -> Piece:
    """From the first whole line to the last; a window inside one long line stays as it is."""
    if least:
        line = content.find(b"\n", start - 1, end)
        start = line + 1 if line >= 0 else start
    if end < len(content):
        last = content.rfind(b"\n", start, end)
        end = last + 1 if last >= 0 else end
    return Piece(start, content[start:end])
