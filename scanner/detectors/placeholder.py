"""Is this value a stand-in for a secret? Judged by the value: a blob's path is not known."""

import re
from itertools import pairwise
from typing import Final

_LONGEST_JUDGED: Final = 160
"""In longer random values a four-letter word turns up by chance."""

# Words that a random value of a token's length holds about once in ten thousand.
_STAND_IN_WORDS: Final = re.compile(
    rb"example|exampel|placeholder|change[_-]?(?:me|it|this)|replace[_-]?(?:me|this|with)|redacted"
    rb"|insert[_-]?(?:your|here)|your[_-]|[_-]your|_here\b|dummy|dummi|sample|not[_-]?(?:a[_-]?)?real"
    rb"|notreal|fake|foo[_-]?bar|foobar|bogus|sanitized|scrubbed|removed|censored|undefined"
    rb"|lorem|ipsum|mocked?[_-]|[_-]mock|deadbeef|cafebabe|hunter2|correcthorse"
    rb"|<[a-z _-]{2,40}>|\{\{|\$\{|%[sdv]\b|%\(",
    re.IGNORECASE,
)
# What no provider puts into a token, and people do put into passwords.
_CHOSEN_WORDS: Final = re.compile(
    rb"letmein|p[a4@]ssw[o0]rd|asdf|qwert|zxcv|1q2w3e|testtest|abc123", re.IGNORECASE
)
_RUN: Final = re.compile(rb"(.)\1{4}|x{4}|X{4}|\.{3}|\*{3}|_{4}", re.DOTALL)
_SHORT_CYCLE: Final = re.compile(rb"(..)\1{3}|(.{3,6})\2{2}", re.DOTALL)
_SEQUENCES: Final = (
    b"0123456789012345678901234567890",
    b"1234567890abcdef1234567890abcdef",
    b"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz0123456789",
    b"9876543210fedcba",
    b"1a2b3c4d5e6f7g8h9i0j1k2l3m4n5o6p",
    b"qwertyuiopasdfghjklzxcvbnm",
    b"a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6e7f8g9h0i1j2k3l4m5n6o7p8q9r0",
)
_SEQUENCE_LENGTH: Final = 6
_NOT_LETTERS: Final = re.compile(rb"[^a-z]+")
_NOT_DIGITS: Final = re.compile(rb"[^0-9]+")
_LEAST_COUNTED: Final = 12
_SHARE_OF_STEPS: Final = 0.75
_BLANKED: Final = re.compile(rb"[xX]{8}|\*{8}|\.{8}")

# What stands in code where a literal would stand.
_REFERENCE: Final = re.compile(
    rb"^\$|\{[A-Za-z_][\w.:-]*\}|^%[A-Za-z_]+%$|\$\{|\{\{|\}\}|<%|#\{|\$\(|process\.env|os\.environ|getenv|env\[|ENV\[|env\."
    rb"|secrets\.|vault:|ssm:|arn:aws|::|->|\(\)|==[^=]|&&|\|\||!=",
)


def stand_in(value: bytes) -> str | None:
    """Why a value of a provider's own format is only a stand-in, or None."""
    if len(value) <= _LONGEST_JUDGED and _CHOSEN_WORDS.search(value):
        return "holds a placeholder's word"
    reason = filler(value)
    if reason is not None:
        return reason
    if len(value) <= _LONGEST_JUDGED and has_sequence(value):
        return "holds a run of the alphabet, the digits or the keyboard"
    return None


def filler(value: bytes) -> str | None:
    """Why a value only fills the place of another, whoever would have made that: a placeholder's
    word, a repetition. Milder than `stand_in`, for passwords that a person may have chosen."""
    if len(value) > _LONGEST_JUDGED:
        return "partly blanked out" if _BLANKED.search(value) else None
    if _STAND_IN_WORDS.search(value):
        return "holds a placeholder's word"
    if _RUN.search(value) or _SHORT_CYCLE.search(value):
        return "repeats itself"
    if len(value) >= 16 and len(set(value)) < 6:
        return "few distinct characters"
    if counts_up(value):
        return "counts up"
    return None


def counts_up(value: bytes) -> bool:
    """Whether the letters by themselves run through the alphabet, or the digits by themselves
    count: `AB1C2defGH3ijk`, as manuals make keys that are none. In a random value of hex digits
    one step in six is such a step; here three in four must be."""
    return _runs(_NOT_LETTERS.sub(b"", value.lower())) or _runs(_NOT_DIGITS.sub(b"", value))


def _runs(signs: bytes) -> bool:
    if len(signs) < _LEAST_COUNTED:
        return False
    steps = sum(
        later - sign == 1 or (sign, later) == (ord("9"), ord("0"))
        for sign, later in pairwise(signs)
    )
    return steps >= _SHARE_OF_STEPS * (len(signs) - 1)


def has_sequence(value: bytes, length: int = _SEQUENCE_LENGTH) -> bool:
    """Six characters in the order of the alphabet, the digits or a keyboard row."""
    lower = value.lower()
    return any(
        lower[index : index + length] in sequence
        for index in range(len(lower) - length + 1)
        for sequence in _SEQUENCES
    )


def is_sequence(value: bytes) -> bool:
    """Whether the whole value runs along the alphabet, the digits or a keyboard row."""
    return len(value) >= _SEQUENCE_LENGTH and has_sequence(value, len(value))


def reference(value: bytes) -> str | None:
    """Why a value is code or a template that fetches the secret from elsewhere, or None."""
    if _REFERENCE.search(value):
        return "refers to a value kept elsewhere"
    return None
