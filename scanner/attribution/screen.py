"""Finds the few commit messages that may carry a mark among many, by one search over all of them.

What rules look for at the beginning of a line is looked for anywhere: that finds too much, which
costs time, and never too little. Hyperscan takes hundreds of words at the speed of memory.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import Any

Find = Callable[[bytes], Iterable[int]]
"""Where words end in a text."""

_ASCII = re.compile(r"[ -~]*")


class Screen:
    """Looks for words, in any case of ASCII letters. For one thread.

    Of a word with other characters only what stands before them counts.
    """

    def __init__(self, words: Iterable[str], *, expressions: Iterable[str] = ()) -> None:
        """`expressions` are looked for as well: of bounded width, as both Hyperscan and `re` have
        them."""
        wanted = _expressions(words, expressions)
        self._find = _with_hyperscan(wanted) or _with_re(wanted)

    def telling(self, messages: Sequence[bytes]) -> set[int]:
        """The indexes of those in which a word stands, and perhaps of some others."""
        ends = list(accumulate(len(message) + 1 for message in messages))
        return {bisect_left(ends, end) for end in self._find(b"\0".join(messages))}


def _expressions(words: Iterable[str], others: Iterable[str]) -> list[str]:
    plain = {match[0] for word in words if (match := _ASCII.match(word))}
    return [*("".join(map(_escaped, word)) for word in sorted(plain)), *others]


def _escaped(character: str) -> str:
    return character if character.isalnum() else f"\\x{ord(character):02x}"


def _with_hyperscan(expressions: Sequence[str]) -> Find | None:
    try:
        import hyperscan
    except (ImportError, OSError):
        return None
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    flags = int(hyperscan.HS_FLAG_CASELESS)
    database.compile(
        expressions=[one.encode() for one in expressions],
        elements=len(expressions),
        flags=[flags] * len(expressions),
    )
    scratch = hyperscan.Scratch(database)

    def find(text: bytes) -> list[int]:
        ends: list[int] = []

        def note(_word: int, _start: int, end: int, _flags: int, _context: Any) -> None:
            ends.append(end)

        if text:
            database.scan(text, match_event_handler=note, scratch=scratch)
        return ends

    return find


def _with_re(expressions: Sequence[str]) -> Find:
    pattern = re.compile("|".join(f"(?:{one})" for one in expressions).encode(), re.IGNORECASE)
    return lambda text: (match.end() for match in pattern.finditer(text))
