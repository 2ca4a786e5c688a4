"""Telephone numbers, by the numbering plans that `phonenumbers` holds."""

import re
from collections.abc import Sequence
from typing import Final

from scanner.detectors.personal.validators.mark import Mark
from scanner.rules.personal import PersonalRule

_SHAPE: Final = re.compile(
    r"(?:tel:)?\+?[\d(][\d ().\-/]{5,20}\d(?:[ ,]*(?:x|ext\.?) ?\d{1,6})?", re.I
)
# Written as a telephone number and as nothing else.
_WRITTEN: Final = re.compile(
    r"(?:tel:)?(?:\+|00|\().*|0\d+[ /-].*|\d{3}[-. ]\d{3}[-. ]\d{4}.*", re.I
)
# The North American plan keeps 555-0100 to 555-0199 for fiction; Ofcom has ranges for drama.
_FICTION: Final = re.compile(r"555[ .-]?01\d\d(?!\d)|(?:\+?44|0)[ ]?7700[ ]?900\d{3}")
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d|\d\d[./-]\d\d[./-]\d{4}|\d{1,3}(?:\.\d{1,3}){3}")
_REGIONS: Final = (
    "US", "GB", "DE", "FR", "IT", "ES", "NL", "BR", "IN", "AU", "JP", "MX", "PL", "SE", "TR", "CN",
)  # fmt: skip
"""Tried when no number of a column has a country code; the most populous users of source code."""
_PROBED: Final = 24


def validator(rule: PersonalRule, argument: str) -> "_Judge":
    """Takes no argument."""
    del rule, argument
    return _Judge()


class _Judge:
    def __call__(self, cells: Sequence[str]) -> list[Mark]:
        """One mark for each cell; numbers without a country code by the region that fits best."""
        shaped = [cell for cell in cells if _is_shaped(cell)]
        if len(shaped) * 2 < len(cells):
            return [Mark.INVALID] * len(cells)
        local = [cell for cell in shaped if not cell.removeprefix("tel:").startswith("+")]
        region = _region(local[:: max(1, len(local) // _PROBED)][:_PROBED])
        return [_judge(cell, region) for cell in cells]


def is_written_as_one(text: str) -> bool:
    """Whether the way it is written says that it is a telephone number."""
    return _is_shaped(text) and _WRITTEN.fullmatch(text) is not None


def _is_shaped(text: str) -> bool:
    return (
        _SHAPE.fullmatch(text) is not None
        and _DATE.fullmatch(text) is None
        and 7 <= sum(map(str.isdigit, text)) <= 17
        and len(set(text)) > 3
    )


def _region(cells: Sequence[str]) -> str | None:
    if not cells:
        return None
    scores = {name: sum(_is_valid(cell, name) for cell in cells) for name in _REGIONS}
    return max(_REGIONS, key=lambda name: scores[name])


def _judge(text: str, region: str | None) -> Mark:
    if not _is_shaped(text) or not _is_valid(text, region):
        return Mark.INVALID if not _FICTION.search(text) else Mark.MADE_UP
    return Mark.MADE_UP if _FICTION.search(text) else Mark.VALID


def _is_valid(text: str, region: str | None) -> bool:
    import phonenumbers

    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_valid_number(number)
