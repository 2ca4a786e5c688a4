"""Dates of birth: the dates that a living person may have been born on."""

import re
from collections.abc import Sequence
from typing import Final

from scanner.detectors.personal.validators.mark import Mark
from scanner.rules.personal import PersonalRule

_ISO: Final = re.compile(
    r"(?P<year>\d{4})[-/.]?(?P<month>\d{2})[-/.]?(?P<day>\d{2})(?:[T ].{0,30})?"
)
_LOCAL: Final = re.compile(r"(?P<first>\d{1,2})[-/.](?P<second>\d{1,2})[-/.](?P<year>\d{4}|\d{2})")
_WORDS: Final = re.compile(r"(?:\d{1,2}[ -])?[A-Z][a-z]{2,8}[ -](?:\d{1,2},? )?(?P<year>\d{4})")
_OLDEST: Final = 1900
_YOUNGEST: Final = 2030
_EPOCH: Final = "1970-01-01"


def validator(rule: PersonalRule, argument: str) -> "_Judge":
    """Takes no argument."""
    del rule, argument
    return _Judge()


class _Judge:
    def __call__(self, cells: Sequence[str]) -> list[Mark]:
        """One mark for each cell."""
        return [
            Mark.VALID if is_birth_date(cell) and not cell.startswith(_EPOCH) else Mark.INVALID
            for cell in cells
        ]


def is_birth_date(text: str) -> bool:
    """Whether it is a date, in the usual orders, between 1900 and the near future."""
    if found := _ISO.fullmatch(text):
        return _fits(found["year"], found["month"], found["day"])
    if found := _LOCAL.fullmatch(text):
        year = found["year"]
        century = year if len(year) == 4 else f"19{year}"
        return _fits(century, found["second"], found["first"]) or _fits(
            century, found["first"], found["second"]
        )
    found = _WORDS.fullmatch(text)
    return found is not None and _OLDEST <= int(found["year"]) <= _YOUNGEST


def _fits(year: str, month: str, day: str) -> bool:
    return _OLDEST <= int(year) <= _YOUNGEST and 1 <= int(month) <= 12 and 1 <= int(day) <= 31
