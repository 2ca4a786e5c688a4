"""Random characters for examples: from a seeded source, and unlike any placeholder."""

import random
import re
import string
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from scanner.rules.checksums import BASE58, BASE62, BECH32

_DIGITS: Final = string.digits
_LETTERS: Final = string.ascii_uppercase + string.ascii_lowercase

ALPHABETS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "alnum": BASE62,
        "base62": BASE62,
        "lower": string.ascii_lowercase,
        "upper": string.ascii_uppercase,
        "letter": _LETTERS,
        "digit": _DIGITS,
        "hex": "0123456789abcdef",
        "HEX": "0123456789ABCDEF",
        "base32": string.ascii_uppercase + "234567",
        "base36": _DIGITS + string.ascii_lowercase,
        "BASE36": _DIGITS + string.ascii_uppercase,
        "base58": BASE58,
        "base64": BASE62 + "+/",
        "base64url": BASE62 + "-_",
        "bech32": BECH32.upper(),
    }
)
"""Alphabets by template name; the argument is the number of characters."""

# What a placeholder filter would rightly refuse; a random value holds one now and then.
UNLIKELY: Final = re.compile(
    r"(.)\1\1|012|123|234|345|456|567|678|789|890|abc|bcd|cde|def|qwe|asd|zxc|xxx"
    r"|test|fake|demo|dumm|sampl|exampl|pass|secret|token|change|redact|mask|your|none|null|key",
    re.IGNORECASE,
)


def characters(source: random.Random, alphabet: str, length: int) -> str:
    """Characters that look random, also to a filter for words, runs and sequences."""
    while True:
        parts: list[str] = []
        tail = ""
        while len(parts) < length:
            character = source.choice(alphabet)
            if UNLIKELY.search(tail + character):
                continue
            parts.append(character)
            tail = (tail + character)[-6:]
        text = "".join(parts)
        # Chance may give only letters, or few distinct characters; a real secret hardly ever has.
        needs_digit = length >= 12 and not _is_letters(alphabet)
        needs_letter = length >= 12 and not alphabet.isdigit()
        if needs_digit and not any(character in _DIGITS for character in text):
            continue
        if needs_letter and not any(character in _LETTERS for character in text):
            continue
        if len(set(text)) >= min(len(alphabet), length) // 2:
            return text


def _is_letters(alphabet: str) -> bool:
    return not any(character in _DIGITS for character in alphabet)
