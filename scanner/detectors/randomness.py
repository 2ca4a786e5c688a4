"""Is a text drawn at random, or put together from words?"""

import base64
import binascii
import math
import re
from collections import Counter
from itertools import pairwise
from typing import Final

_HEX: Final = re.compile(rb"(?:0x)?[0-9a-f]+", re.IGNORECASE)
_LEAST_JUDGED: Final = 8
_LEAST_CHANGES: Final = 0.16
_MOST_COMMON_PAIRS: Final = 0.46

# The most frequent pairs of letters in English words and in the names that programs use.
_COMMON_PAIRS: Final = frozenset(
    text.encode()
    for text in [
        "th",
        "he",
        "in",
        "er",
        "an",
        "re",
        "nd",
        "at",
        "on",
        "nt",
        "ha",
        "es",
        "st",
        "en",
        "ed",
        "to",
        "it",
        "ou",
        "ea",
        "hi",
        "is",
        "or",
        "ti",
        "as",
        "te",
        "et",
        "ng",
        "of",
        "al",
        "de",
        "se",
        "le",
        "sa",
        "si",
        "ar",
        "ve",
        "ra",
        "ld",
        "ur",
        "me",
        "ne",
        "ro",
        "om",
        "ic",
        "el",
        "io",
        "co",
        "ec",
        "il",
        "li",
        "ri",
        "la",
        "ce",
        "ta",
        "ma",
        "ch",
        "ho",
        "us",
        "ll",
        "ac",
        "ol",
        "ca",
        "di",
        "lo",
        "no",
        "so",
        "un",
        "ut",
        "ss",
        "em",
        "pe",
        "ul",
        "po",
        "wi",
        "su",
        "ge",
        "id",
        "am",
        "ad",
        "ke",
        "mo",
        "im",
        "ns",
        "ct",
        "tr",
        "pl",
        "ur",
        "ie",
        "tu",
        "sh",
        "ai",
        "pr",
        "ts",
        "do",
        "ow",
        "ag",
        "ig",
        "ef",
        "ay",
        "be",
        "ab",
        "oo",
        "mi",
        "ey",
        "ex",
        "ap",
        "up",
        "da",
        "na",
        "op",
        "os",
        "pa",
        "rt",
        "fi",
        "rs",
        "og",
        "ot",
        "ir",
        "cl",
        "ck",
        "ke",
        "ey",
        "au",
        "ub",
        "vi",
        "va",
        "db",
        "ss",
        "sw",
        "rd",
        "ee",
        "ni",
        "ev",
    ]
)


def is_hex(value: bytes) -> bool:
    """Hex digits only, with or without `0x`."""
    return _HEX.fullmatch(value) is not None


def is_random(value: bytes) -> bool:
    """Whether a value looks drawn at random, and not put together from words.

    Two signs. Letters and digits alternate: between lower case, upper case and digits a random
    base-62 text changes at 62 % of its places, base 36 at 40 %, hex at 47 %. And of its pairs of
    letters no more than chance makes are among the pairs that English is made of: about a fifth,
    where words have two thirds.
    """
    kinds = [kind for kind in map(_kind, value) if kind]
    if len(kinds) < _LEAST_JUDGED:
        return False
    changes = sum(1 for left, right in pairwise(kinds) if left != right)
    if changes / (len(kinds) - 1) < _LEAST_CHANGES:
        return False
    if is_hex(value):
        return True
    pairs = [bytes(pair) for pair in pairwise(value.lower()) if bytes(pair).isalpha()]
    common = sum(1 for pair in pairs if pair in _COMMON_PAIRS)
    return len(pairs) < 4 or common / len(pairs) < _MOST_COMMON_PAIRS


def _kind(byte: int) -> int:
    """1 lower, 2 upper, 3 digit, 0 other."""
    if 97 <= byte <= 122:
        return 1
    if 65 <= byte <= 90:
        return 2
    return 3 if 48 <= byte <= 57 else 0


def shannon(value: bytes) -> float:
    """Shannon's entropy in bits a character; 0 for nothing."""
    size = len(value)
    return -sum(n / size * math.log2(n / size) for n in Counter(value).values()) if size else 0.0


def hides_words(value: bytes) -> bool:
    """Base64 of a text that is itself no random one, such as a name that was encoded."""
    try:
        decoded = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return False
    return len(decoded) >= _LEAST_JUDGED and decoded.isascii() and not is_random(decoded)
