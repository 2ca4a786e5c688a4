"""Values that have a shape and no check digit."""

import ipaddress
import re
from collections.abc import Sequence
from typing import Final

from scanner.detectors.personal.validators.mark import Mark
from scanner.errors import RuleError
from scanner.rules.personal import PersonalRule

_NAME: Final = re.compile(r"[^\W\d_][\w'\u2019.-]*(?:,? [^\W\d_][\w'\u2019.-]*){0,4}")
_LONGEST: Final = 64


def validator(rule: PersonalRule, argument: str) -> "_Shape":
    """The argument is a regular expression for the whole value. Raises `RuleError`."""
    try:
        expression = re.compile(argument, re.IGNORECASE)
    except re.error as error:
        raise RuleError(f"rule {rule.kind}: shape: {error}") from error
    return _Shape(expression, frozenset(rule.excluded))


class _Shape:
    def __init__(self, expression: re.Pattern[str], published: frozenset[str]) -> None:
        self._expression = expression
        self._published = published

    def __call__(self, cells: Sequence[str]) -> list[Mark]:
        """One mark for each cell."""
        return [self._judge(cell) for cell in cells]

    def _judge(self, text: str) -> Mark:
        if len(text) > _LONGEST or self._expression.fullmatch(text) is None:
            return Mark.INVALID
        return Mark.MADE_UP if text[:-1] in self._published else Mark.VALID


def person_name(rule: PersonalRule, argument: str) -> "_PersonName":
    """Takes no argument."""
    del rule, argument
    return _PersonName()


class _PersonName:
    def __call__(self, cells: Sequence[str]) -> list[Mark]:
        """Names begin with a capital letter, in scripts that have them."""
        return [
            Mark.VALID
            if len(cell) <= _LONGEST and _NAME.fullmatch(cell) and not cell.islower()
            else Mark.INVALID
            for cell in cells
        ]


def public_address(rule: PersonalRule, argument: str) -> "_PublicAddress":
    """Takes no argument."""
    del rule, argument
    return _PublicAddress()


class _PublicAddress:
    def __call__(self, cells: Sequence[str]) -> list[Mark]:
        """Internet addresses that may be a person's: not private, local or for documentation."""
        return [_address(cell) for cell in cells]


def _address(text: str) -> Mark:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return Mark.INVALID
    return Mark.VALID if address.is_global else Mark.MADE_UP
