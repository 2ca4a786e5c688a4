"""Payment card numbers: issuer, length and check digit (ISO/IEC 7812-1)."""

import re
from collections.abc import Sequence
from typing import Final

from scanner.detectors.personal.validators.mark import Mark
from scanner.rules.personal import PersonalRule

_GROUPED: Final = re.compile(
    r"\d{12,19}|\d{4}(?:[ -]\d{4}){2}[ -]\d{1,7}|\d{4}[ -]\d{6}[ -]\d{4,5}"
)
# Prefixes and lengths as the card schemes publish them: Visa, Mastercard, American Express,
# Discover, Diners Club, JCB, UnionPay, Maestro, Mir.
_ISSUERS: Final = re.compile(
    r"4\d{12}(?:\d{3})?(?:\d{3})?"
    r"|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}"
    r"|3[47]\d{13}"
    r"|6(?:011|4[4-9]\d|5\d\d)\d{12}"
    r"|3(?:0[0-5]|09|[689]\d)\d{11}(?:\d{2})?"
    r"|35(?:2[89]|[3-8]\d)\d{12}"
    r"|62\d{14,17}|81\d{14}"
    r"|(?:5018|5020|5038|5893|6304|6759|676[1-3])\d{8,15}"
    r"|220[0-4]\d{12,15}"
)
_LEAST_DIFFERENT: Final = 4


def validator(rule: PersonalRule, argument: str) -> "_Judge":
    """Takes no argument; the rule names the numbers that providers publish for tests."""
    del argument
    return _Judge(frozenset(rule.excluded))


class _Judge:
    def __init__(self, published: frozenset[str]) -> None:
        self._published = published

    def __call__(self, cells: Sequence[str]) -> list[Mark]:
        """One mark for each cell."""
        return [self._judge(cell) for cell in cells]

    def _judge(self, text: str) -> Mark:
        if _GROUPED.fullmatch(text) is None:
            return Mark.INVALID
        digits = text.replace(" ", "").replace("-", "")
        if _ISSUERS.fullmatch(digits) is None or not passes_luhn(digits):
            return Mark.INVALID
        if digits[:-1] in self._published or len(set(digits)) < _LEAST_DIFFERENT:
            return Mark.MADE_UP
        # Half zeros: written by hand, as providers' test numbers are.
        return Mark.MADE_UP if digits.count("0") * 2 >= len(digits) else Mark.VALID


def passes_luhn(digits: str) -> bool:
    """ISO/IEC 7812-1, annex B: the check digit makes the weighted sum a multiple of ten."""
    total = 0
    for index, character in enumerate(reversed(digits)):
        digit = ord(character) - 48
        if index % 2:
            digit = digit * 2 - 9 if digit > 4 else digit * 2
        total += digit
    return total % 10 == 0
