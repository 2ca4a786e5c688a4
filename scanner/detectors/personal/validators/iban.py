"""International bank account numbers: country, length and check digits (ISO 13616)."""

import re
from collections.abc import Sequence
from typing import Final

from scanner.detectors.personal.validators.mark import Mark
from scanner.rules.personal import PersonalRule

_SHAPE: Final = re.compile(r"[A-Z]{2}\d\d(?: ?[A-Z0-9]){11,30}")


def validator(rule: PersonalRule, argument: str) -> "_Judge":
    """Takes no argument; the rule names accounts that are published as examples."""
    del argument
    return _Judge(frozenset(rule.excluded))


class _Judge:
    def __init__(self, published: frozenset[str]) -> None:
        self._published = published

    def __call__(self, cells: Sequence[str]) -> list[Mark]:
        """One mark for each cell."""
        return [self._judge(cell) for cell in cells]

    def _judge(self, text: str) -> Mark:
        if _SHAPE.fullmatch(text) is None:
            return Mark.INVALID
        from stdnum import iban

        number = text.replace(" ", "")
        # The registry's length and structure, and mod 97; a country's own check digits are not in
        # every bank's numbers.
        if not iban.is_valid(number, check_country=False):
            return Mark.INVALID
        if number[:-1] in self._published or len(set(number[4:])) < 3:
            return Mark.MADE_UP
        return Mark.VALID
