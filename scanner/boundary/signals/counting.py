"""Whether a word has become more or less frequent: the cheap question before the real one.

Most changes to a test or a workflow gain no skip mark and lose no assertion. Counting bytes says so
in microseconds, where reading lines takes milliseconds, and a history asks thousands of times.
"""

from collections.abc import Iterable, Sequence


def any_gained(words: Iterable[bytes], olds: Sequence[bytes], new: bytes) -> bool:
    """Whether one of the words stands more often in `new` than in each of `olds`."""
    return any(
        new.count(word) > max((old.count(word) for old in olds), default=0) for word in words
    )


def any_lost(words: Iterable[bytes], olds: Sequence[bytes], new: bytes) -> bool:
    """Whether one of the words stands less often in `new` than in each of `olds`."""
    return any(
        new.count(word) < min((old.count(word) for old in olds), default=0) for word in words
    )
