"""The reasoning about a cell, for reading."""

from collections.abc import Iterator, Sequence
from typing import BinaryIO

from scanner.model.matrix import Explanation
from scanner.sinks import _reach_words as words
from scanner.sinks._describe import CHANNELS, count
from scanner.sinks._layout import Line, Piece, render, wrap
from scanner.sinks._options import Options
from scanner.sinks._printable import printable
from scanner.sinks.text import STYLES

_SENTENCE = 1_000


def write(explanations: Sequence[Explanation], stream: BinaryIO, options: Options) -> None:
    """Write each, a blank line between."""
    width = max(options.width, 60)
    for index, explanation in enumerate(explanations):
        lines = [(), *_lines(explanation, width)] if index else _lines(explanation, width)
        for line in render(lines, STYLES, color=options.color):
            stream.write(line)


def _lines(told: Explanation, width: int) -> Iterator[Line]:
    head = [
        Piece(printable(told.title, 200), "title"),
        Piece(" at "),
        Piece(printable(told.place, 400), "path", whole=True),
    ]
    yield from wrap(head, width, hang=2)
    if told.others:
        also = f"It is also in {count(told.others, 'other file')}; every place was asked about."
        yield from wrap([Piece(also)], width)
    yield ()
    yield from wrap([Piece(printable(told.summary, _SENTENCE))], width)
    for step in told.steps:
        yield ()
        yield (
            Piece(f"{CHANNELS[step.channel].capitalize()}: "),
            Piece(words.LONG_VERDICTS[step.verdict], words.STYLES[step.verdict]),
        )
        yield from _sentences(step.sentences, width)
    for title, sentences in (
        ("Not known", told.unknown),
        ("What would close it", told.closing),
    ):
        if sentences:
            yield ()
            yield (Piece(title, "title"),)
            yield from _sentences(sentences, width)


def _sentences(sentences: Sequence[str], width: int) -> Iterator[Line]:
    for sentence in sentences:
        for index, line in enumerate(wrap([Piece(printable(sentence, _SENTENCE))], width - 4)):
            yield (Piece("    " if index else "  - "), *line)
