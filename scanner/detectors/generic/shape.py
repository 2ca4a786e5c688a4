"""How a value is put together: drawn at random, chosen by a person, or written as a name."""

import re
from enum import Enum
from typing import Final

from scanner.detectors import placeholder
from scanner.detectors.generic.language import LanguageModel, alphabet_size

_LEET: Final = bytes.maketrans(b"0134578@$!|", b"oieastbasil")
_DECORATION: Final = b"0123456789!@#$%^&*-_.?"
_PASSWORD_SIGNS: Final = b"!@#$%^&*?+="
_WORD: Final = re.compile(rb"[a-z]+")
_NAME_LIKE: Final = re.compile(rb"[A-Za-z]+(?:[-_. :/][A-Za-z]+)*[-_]?[0-9]{0,4}")
_PARTS: Final = re.compile(
    rb"[a-z0-9]{1,16}(?:[-_.:/][a-z0-9]{1,16}){1,40}|[A-Z0-9]{1,16}(?:[-_,][A-Z0-9]{1,16}){1,40}"
)
_CAPITALISED: Final = re.compile(rb"(?:[A-Z]{2,5}-)?[A-Z][a-z]{2,}(?:-[A-Za-z][a-z]+){0,3}[.:!?]?")
_CAMEL: Final = re.compile(rb"[a-z]{2,}(?:[A-Z][a-z]{1,}){1,6}[0-9]{0,2}")
_NAMES_ITSELF: Final = re.compile(rb"token|key|secret|password|credential", re.IGNORECASE)
_LOWER_PARTS: Final = re.compile(rb"_?[a-z]{1,16}(?:[-_.:/][a-z]{2,16}){1,40}[-_]?[0-9]{0,3}")


class Shape(Enum):
    """What a value looks like, from least to most like a secret."""

    STAND_IN = "made of words that stand for a secret"
    TRITE = "the first password that anyone would try"
    WEAK = "a word of stand-ins with digits"
    DIGITS = "digits alone"
    NAME = "a name made of words"
    WORD = "a word"
    DECORATED = "a word with digits"
    CHOSEN = "a chosen password"
    GIBBERISH = "no word of any kind"
    RANDOM = "drawn at random"


class Look:
    """The measures of one value, taken once."""

    __slots__ = (
        "classes",
        "digits",
        "excess",
        "lower",
        "model",
        "size",
        "special",
        "upper",
        "value",
        "worded",
    )

    def __init__(self, value: bytes, model: LanguageModel) -> None:
        self.value = value
        self.model = model
        self.size = len(value)
        self.lower = sum(97 <= byte <= 122 for byte in value)
        self.upper = sum(65 <= byte <= 90 for byte in value)
        self.digits = sum(48 <= byte <= 57 for byte in value)
        self.special = self.size - self.lower - self.upper - self.digits
        self.classes = sum(map(bool, (self.lower, self.upper, self.digits, self.special)))
        self.excess = model.excess(value)
        self.worded = model.worded(value)

    @property
    def letters(self) -> int:
        """ASCII letters in the value."""
        return self.lower + self.upper


def shape(value: bytes, model: LanguageModel) -> tuple[Shape, Look]:
    """The shape of a value and the measures behind it."""
    look = Look(value, model)
    return _shape(look), look


def _shape(look: Look) -> Shape:
    if not look.letters:
        return Shape.DIGITS if look.digits > look.special else Shape.STAND_IN
    reason = placeholder.filler(look.value)
    if reason is not None:
        return Shape.STAND_IN
    if is_stand_in(look.value, look.model):
        marked = look.upper or any(sign in look.value for sign in _PASSWORD_SIGNS)
        policy = look.lower and marked and look.digits and look.size >= 6
        if not policy and look.digits and not look.special and look.size >= 6:
            return Shape.WEAK
        return Shape.TRITE if policy else Shape.STAND_IN
    if _LOWER_PARTS.fullmatch(look.value):
        return Shape.NAME
    if _PARTS.fullmatch(look.value) and look.worded >= 0.5:
        return Shape.NAME
    if not look.digits and _CAPITALISED.fullmatch(look.value):
        return Shape.GIBBERISH if look.worded < 0.5 else Shape.WORD
    if _CAMEL.fullmatch(look.value) and (look.worded >= 0.4 or _NAMES_ITSELF.search(look.value)):
        return Shape.DECORATED if look.digits else Shape.NAME
    unlike_text = look.excess > _least_excess(look)
    if unlike_text and look.worded < 0.5:
        if look.size >= 16 or (look.size >= 10 and look.digits and look.letters):
            return Shape.RANDOM if _varied(look) else Shape.GIBBERISH
        return Shape.GIBBERISH
    if not look.digits and _NAME_LIKE.fullmatch(look.value):
        separated = any(sign in look.value for sign in b"-_. :/")
        return Shape.NAME if separated or (look.upper > 1 and look.lower) else Shape.WORD
    if _NAME_LIKE.fullmatch(look.value) and any(sign in look.value for sign in b"-_.:/"):
        return Shape.NAME
    if look.classes >= 3 or (look.special and look.digits):
        return Shape.CHOSEN
    if look.digits:
        return Shape.DECORATED
    return Shape.WORD if not look.special else Shape.CHOSEN


def _least_excess(look: Look) -> float:
    """Long values are measured well; of a short one more is demanded."""
    if look.size >= 12:
        return 0.15
    return 0.3 if look.size >= 8 else 0.6


def _varied(look: Look) -> bool:
    """Enough distinct characters for a value drawn from its alphabet."""
    distinct = len(set(look.value))
    return distinct >= min(look.size, alphabet_size(look.value)) * 0.4


def is_capitalised(value: bytes) -> bool:
    """Written as a word of a sentence or a label in any language is: `Kennwort`, `One-Time`."""
    return _CAPITALISED.fullmatch(value) is not None


def is_stand_in(value: bytes, model: LanguageModel) -> bool:
    """Made of nothing but words that stand for a secret, with digits and signs between them."""
    lower = value.lower()
    for text in (lower, lower.rstrip(_DECORATION).translate(_LEET)):
        words = _WORD.findall(text)
        if words and all(model.is_stand_in(word) for word in words):
            return True
    return False
