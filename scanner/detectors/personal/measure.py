"""How well the cells of one column fit one kind of data."""

import itertools
import math
from collections.abc import Sequence

import msgspec

from scanner.detectors.personal.tables import Column
from scanner.detectors.personal.validators import Mark, Validator
from scanner.rules.personal import PersonalRule

# Natural logarithms of how unlikely chance must be: one column in a thousand where the heading says
# the same, one in ten million where nothing else speaks and every column is tried.
_UNLIKELY_WITH_HEADING = math.log(1e3)
_UNLIKELY_ALONE = math.log(1e7)
_LEAST_SHARE_WITH_HEADING = 0.6
_LEAST_SHARE_ALONE = 0.9
_LEAST_SHARE_UNCHECKED = 0.8
_LEAST_DIFFERENT_SHARE = 0.3


class Measured(msgspec.Struct, frozen=True):
    """One column judged as one kind. No value of it."""

    rule: PersonalRule
    column: Column
    by_heading: bool
    cells: int
    valid: int
    impersonal: int
    made_up: int
    different: int
    """How many of the valid values differ."""
    serial: bool
    """The values count up one by one, as written by a program."""
    by_writing: bool = False
    """All values are written as only one kind of number is."""

    @property
    def share(self) -> float:
        """Of the cells that may be a person's, the share of valid ones."""
        judged = self.cells - self.impersonal - self.made_up
        return self.valid / judged if judged else 0.0

    @property
    def well_formed(self) -> float:
        """The share of cells with the right form, whoever's they are."""
        return (self.valid + self.impersonal + self.made_up) / self.cells

    @property
    def rows(self) -> int:
        """Rows of the content with a valid value, estimated where the column is a sample."""
        return round(self.column.filled * self.valid / self.cells)

    @property
    def checked(self) -> bool:
        """The validator tells far more than that the shape is right."""
        return self.rule.chance <= 0.2

    @property
    def convinces(self) -> bool:
        """The column is of this kind, as far as heading, share and statistics can tell."""
        if self.different < self.rule.least_rows:
            return False
        if self.by_writing:
            return self.share >= _LEAST_SHARE_ALONE
        if self.rule.chance >= 1:
            return self.by_heading and self.share >= _LEAST_SHARE_UNCHECKED
        if not self.by_heading and self.different < self.valid * _LEAST_DIFFERENT_SHARE:
            return False
        least = _LEAST_SHARE_WITH_HEADING if self.by_heading else _LEAST_SHARE_ALONE
        if self.well_formed < least:
            return False
        needed = _UNLIKELY_WITH_HEADING if self.by_heading else _UNLIKELY_ALONE
        return self._surprise() >= needed

    def _surprise(self) -> float:
        """Chernoff's bound on the probability that chance alone makes so many values valid, as a
        negative natural logarithm."""
        share = min(self.well_formed, 1.0)
        chance = self.rule.chance
        if share <= chance:
            return 0.0
        distance = share * math.log(share / chance)
        if share < 1:
            distance += (1 - share) * math.log((1 - share) / (1 - chance))
        return self.different * distance


def measure(
    rule: PersonalRule, validator: Validator, column: Column, *, by_heading: bool
) -> Measured | None:
    """Judge a column as a kind; None when it has no cells, or hardly one of them fits."""
    texts = [cell.text for cell in column.cells]
    if not texts:
        return None
    marks = validator(texts)
    valid = [text for text, mark in zip(texts, marks, strict=True) if mark is Mark.VALID]
    made_up = marks.count(Mark.MADE_UP)
    impersonal = marks.count(Mark.IMPERSONAL)
    if not valid and not made_up:
        return None
    return Measured(
        rule,
        column,
        by_heading,
        len(texts),
        len(valid),
        impersonal,
        made_up,
        len({text.casefold() for text in valid}),
        _is_serial(valid),
    )


def _is_serial(texts: Sequence[str]) -> bool:
    """Whether most values are the one before plus one, in their last digits."""
    if len(texts) < 5:
        return False
    numbers = [_number(text) for text in texts]
    steps = sum(
        1
        for before, after in itertools.pairwise(numbers)
        if before is not None and after is not None and 0 < after - before <= 1
    )
    return steps >= 0.8 * (len(texts) - 1)


def _number(text: str) -> int | None:
    digits = "".join(character for character in text if "0" <= character <= "9")
    return int(digits[-18:]) if digits else None
