"""One family of values a module; a rule names the function, and what it is asked after a colon.

A validator judges all cells of a column at once, because some (telephone numbers without a country
code) can only be judged together. It never raises on any text.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from scanner.detectors.personal.validators import (
    card,
    dates,
    email,
    iban,
    phone,
    shapes,
    standard_number,
)
from scanner.detectors.personal.validators.mark import Mark
from scanner.errors import RuleError
from scanner.rules.personal import PersonalRule

__all__ = ["VALIDATORS", "Mark", "Validator", "validator_of"]

Validator = Callable[[Sequence[str]], list[Mark]]
"""One mark for each cell, in order."""

VALIDATORS: Final[Mapping[str, Callable[[PersonalRule, str], Validator]]] = MappingProxyType(
    {
        "email": email.validator,
        "phone": phone.validator,
        "card": card.validator,
        "iban": iban.validator,
        "birth-date": dates.validator,
        "stdnum": standard_number.validator,
        "shape": shapes.validator,
        "person-name": shapes.person_name,
        "public-address": shapes.public_address,
    }
)
"""By the name that rules use; each is given the rule and what follows the colon."""


def validator_of(rule: PersonalRule) -> Validator:
    """The validator that a rule names. Raises `RuleError` when there is none, or its argument is
    of no use."""
    name, _, argument = rule.validator.partition(":")
    make = VALIDATORS.get(name)
    if make is None:
        raise RuleError(
            f"rule {rule.kind}: no validator {name!r}", hint=f"known: {', '.join(VALIDATORS)}"
        )
    return make(rule, argument)
