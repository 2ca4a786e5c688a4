"""How much a value is like text: character trigrams and a list of words, counted in real sources.

The model says how many bits a character costs after the two before it. Text and names cost about
three bits, characters drawn at random as many as their alphabet has and more. Built by
`tools/build_language_model.py` and kept in `rules/language/`.
"""

import math
import re
from functools import cache
from pathlib import Path
from typing import Final

from scanner.errors import RuleError
from scanner.rules.loading import root

SYMBOLS: Final = b" abcdefghijklmnopqrstuvwxyz0123456789"
"""What the model tells apart: letters without case, digits, and one sign for all others."""

_SIZE: Final = len(SYMBOLS)
_STEPS_A_BIT: Final = 16
_FOLDED: Final = bytes(max(SYMBOLS.find(bytes([byte]).lower()), 0) for byte in range(256))
_HUMP: Final = re.compile(rb"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_LETTERS: Final = re.compile(rb"[A-Za-z]+")
_LONGEST_WORD: Final = 20
_LEAST_WORD: Final = 3
_LONGEST_JUDGED: Final = 200
_LONGEST_STAND_IN: Final = 60
_SHORT_STAND_INS: Final = frozenset((b"my", b"db", b"id", b"is", b"pw"))

# Bits a character above (or below) what the value's own alphabet costs; measured, see
# docs/detection-generic.md.
_RANDOM_EXCESS: Final = 0.15


def fold(value: bytes) -> bytes:
    """Each byte as an index into `SYMBOLS`; a hump of camel case parts words as a sign does."""
    return _HUMP.sub(b" ", value).translate(_FOLDED)


class LanguageModel:
    """Immutable but for what it remembers; shared by threads."""

    def __init__(self, table: bytes, words: bytes, stand_ins: bytes = b"") -> None:
        """`stand_ins` are the words of which placeholders and throw-away passwords are made.
        Raises `RuleError` for a table that is not whole."""
        if len(table) != _SIZE**3:
            raise RuleError("language/trigrams.bin is damaged", hint="reinstall agentreach")
        self._table = table
        self._words = frozenset(words.split())
        self._stand_ins = frozenset(stand_ins.split())

    def bits(self, value: bytes) -> float:
        """Bits a character of the value under the model; 0 for nothing."""
        symbols = fold(value[:_LONGEST_JUDGED])
        first = second = total = 0
        table = self._table
        for third in symbols:
            total += table[(first * _SIZE + second) * _SIZE + third]
            first, second = second, third
        size = min(len(value), _LONGEST_JUDGED)
        return total / _STEPS_A_BIT / size if size else 0.0

    def excess(self, value: bytes) -> float:
        """`bits` less what a character of the value's own alphabet costs when drawn at random:
        about -2 for words, above 0 for what was drawn."""
        return self.bits(value) - math.log2(alphabet_size(value))

    def is_word(self, word: bytes) -> bool:
        """Whether a lower-case word is in the list."""
        return word in self._words

    def is_stand_in(self, run: bytes) -> bool:
        """Whether a run of lower-case letters is a stand-in's word, or several in a row such as
        `mysecrettoken`."""
        if run in self._stand_ins:
            return True
        if len(run) > _LONGEST_STAND_IN:
            return False
        reached = [True] + [False] * len(run)
        for end in range(2, len(run) + 1):
            reached[end] = any(
                reached[start] and run[start:end] in self._stand_ins
                for start in range(max(0, end - _LONGEST_WORD), end - 1)
                if end - start >= _LEAST_WORD or run[start:end] in _SHORT_STAND_INS
            )
        return reached[-1]

    def worded(self, value: bytes) -> float:
        """The share of the value's letters that stands in words of the list, 0 to 1."""
        letters = covered = 0
        for run in _LETTERS.findall(_HUMP.sub(b" ", value[:_LONGEST_JUDGED])):
            letters += len(run)
            covered += self._covered(run.lower())
        return covered / letters if letters else 0.0

    def _covered(self, run: bytes) -> int:
        """The most letters of a run that words can cover without overlap."""
        best = [0] * (len(run) + 1)
        for end in range(1, len(run) + 1):
            top = best[end - 1]
            for start in range(max(0, end - _LONGEST_WORD), end - _LEAST_WORD + 1):
                reach = best[start] + end - start
                if reach > top and run[start:end] in self._words:
                    top = reach
            best[end] = top
        return best[-1]

    def is_random(self, value: bytes) -> bool:
        """Whether the value looks drawn at random rather than put together from words."""
        return self.excess(value) > _RANDOM_EXCESS and self.worded(value) < 0.5


def alphabet_size(value: bytes) -> int:
    """How many characters the smallest usual alphabet has that the value is written in.

    Case is left out, as in the model.
    """
    lower = value.lower()
    digits = any(48 <= byte <= 57 for byte in lower)
    letters = [byte for byte in lower if 97 <= byte <= 122]
    if digits and all(byte <= 102 for byte in letters):
        return 16 if letters else 10
    return 26 + (10 if digits else 0)


@cache
def language() -> LanguageModel:
    """The model that is shipped; read when the first candidate needs it.

    Raises `RuleError` where the files are missing.
    """
    directory: Path = root() / "language"
    try:
        table = (directory / "trigrams.bin").read_bytes()
        words = (directory / "words.txt").read_bytes()
        stand_ins = (directory / "stand-ins.txt").read_bytes()
    except OSError as error:
        raise RuleError(
            f"no language model: {error.strerror}", hint="reinstall agentreach"
        ) from error
    return LanguageModel(table, words, stand_ins)
