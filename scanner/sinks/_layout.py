"""Lines of styled words at a given width.

A word is never broken: a path or an address too long for its line runs over the edge, so that it
copies whole. rich is used for the width of characters and for colour, not for layout.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from typing import TYPE_CHECKING, NamedTuple

from scanner.sinks._printable import log_safe

if TYPE_CHECKING:
    from rich.text import Text

MARGIN = 10
"""Columns of the label at the left of every row."""

_SPACES = re.compile("( +)")


class Piece(NamedTuple):
    """Text in one style. Pieces follow each other without a gap unless they bring a space."""

    text: str
    style: str = ""
    whole: bool = False
    """Not broken at spaces either: a path."""


Line = tuple[Piece, ...]


class _Word(NamedTuple):
    spaces: int
    pieces: list[Piece]

    @property
    def width(self) -> int:
        return sum(_cells(piece.text) for piece in self.pieces)


def wrap(pieces: Iterable[Piece], width: int, hang: int = 0) -> Iterator[Line]:
    """Break a paragraph into lines of at most `width` columns, later ones indented by `hang`."""
    line: list[Piece] = []
    used = 0
    for word in _words(pieces):
        gap = word.spaces if line else 0
        if line and used + gap + word.width > width:
            yield tuple(line)
            line, used, gap = [Piece(" " * hang)] if hang else [], hang, 0
        _append(line, gap, word.pieces)
        used += gap + word.width
    if line:
        yield tuple(line)


def _append(line: list[Piece], gap: int, pieces: Sequence[Piece]) -> None:
    """Add a word, in one piece with what stands before it where the style is the same."""
    first, *rest = pieces
    if line and line[-1].style == first.style:
        line[-1] = first._replace(text=line[-1].text + " " * gap + first.text)
    else:
        line += [Piece(" " * gap), first] if gap else [first]
    line += rest


def _words(pieces: Iterable[Piece]) -> Iterator[_Word]:
    word: _Word | None = None
    spaces = 0
    for piece in pieces:
        for part in (piece.text,) if piece.whole else _SPACES.split(piece.text):
            if not part:
                continue
            if part.isspace() and not piece.whole:
                spaces += len(part)
                continue
            if word is not None and not spaces:
                word.pieces.append(piece._replace(text=part))
                continue
            if word is not None:
                yield word
            word, spaces = _Word(spaces, [piece._replace(text=part)]), 0
    if word is not None:
        yield word


def _cells(text: str) -> int:
    """Columns on a terminal. A hook's short plain report does without importing rich."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def row(
    label: str, pieces: Iterable[Piece], width: int, *, style: str = "dim", hang: int = 0
) -> Iterator[Line]:
    """A paragraph behind a label of at most `MARGIN - 2` characters."""
    first = Piece(label.ljust(MARGIN), style) if label else Piece(" " * MARGIN)
    for line in wrap(pieces, max(width - MARGIN, 20), hang):
        yield (first, *line)
        first = Piece(" " * MARGIN)


def render(lines: Iterable[Line], styles: dict[str, str], *, color: bool) -> Iterator[bytes]:
    """Each line as UTF-8 with its line feed, no blanks at its end, harmless to log readers.

    `styles` maps the pieces' style names to rich styles.
    """
    if not color:
        for line in lines:
            yield (log_safe("".join(piece.text for piece in line).rstrip()) + "\n").encode()
        return
    from rich.console import Console

    buffer = StringIO()
    # The empty environment: NO_COLOR and its kin are the command line's to read.
    console = Console(
        file=buffer, force_terminal=True, color_system="standard", highlight=False, _environ={}
    )
    for line in lines:
        console.print(_text(line, styles), soft_wrap=True)
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()


def _text(line: Sequence[Piece], styles: dict[str, str]) -> "Text":
    from rich.text import Text

    safe = log_safe("".join(piece.text for piece in line).rstrip())
    text = Text(safe)
    # Escaping a leading `::` lengthens the line by three characters before every later style.
    start = len(safe) - len("".join(piece.text for piece in line).rstrip())
    for piece in line:
        end = start + len(piece.text)
        if piece.style and piece.text.strip():
            text.stylize(styles.get(piece.style, ""), start, min(end, len(safe)))
        start = end
    return text
