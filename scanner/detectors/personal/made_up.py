"""Signs that rows were made by a generator of test data and describe nobody."""

import string
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from scanner.detectors.personal.headings import words
from scanner.detectors.personal.measure import Measured
from scanner.detectors.personal.tables import Cell, Table

_DIGITS: Final = string.digits + string.ascii_lowercase
# What json-generator.com and randomuser.me put into every record unless told otherwise.
_TEMPLATES: Final = (
    frozenset({"eyecolor", "favoritefruit", "greeting"}),
    frozenset({"nat", "cell", "md5", "sha1", "sha256", "thumbnail"}),
)
_MOST: Final = 0.5
_LEAST_CELLS: Final = 8


def reasons(table: Table, found: Iterable[Measured]) -> tuple[str, ...]:
    """Why the rows look made up, in words; none for most tables of real data."""
    said: dict[str, None] = {}
    named = {"".join(words(column.heading)) for column in table.columns if column.heading}
    if any(template <= named for template in _TEMPLATES):
        said["the columns are those that a known generator of test data fills by default"] = None
    for one in found:
        if one.made_up >= _MOST * one.cells and one.made_up >= 3:
            said[f"most {one.rule.name} are ones that are reserved or published for examples"] = (
                None
            )
        if one.serial:
            said[f"the {one.rule.name} count up one by one, as generated ones do"] = None
        if one.rule.kind == "email-address":
            said.update(dict.fromkeys(_addresses(one.column.cells)))
    return tuple(said)


def _addresses(cells: Sequence[Cell]) -> Iterable[str]:
    names = [cell.text.lower().partition("@")[0] for cell in cells]
    if len(names) < _LEAST_CELLS:
        return
    stems = Counter(name.strip(string.digits) for name in names if name[-1:].isdigit())
    if stems and stems.most_common(1)[0][1] >= _MOST * len(names):
        yield "most addresses are one name with a number behind it"
    numbered = sum(
        1 for cell, name in zip(cells, names, strict=True) if name.endswith(_base36(cell.row))
    )
    if numbered >= 0.9 * len(names):
        yield "the addresses end in the number of their row, as a known generator's do"


def _base36(number: int) -> str:
    digits = ""
    while True:
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
        if number == 0:
            return digits
