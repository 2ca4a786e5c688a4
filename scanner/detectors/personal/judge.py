"""From tables to a verdict: which columns are whose data, and how sure that is."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from scanner.detectors.personal import made_up
from scanner.detectors.personal.headings import Vocabulary
from scanner.detectors.personal.measure import Measured, measure
from scanner.detectors.personal.readers.lines import LOG
from scanner.detectors.personal.tables import Column, Table
from scanner.detectors.personal.validators import Validator, validator_of
from scanner.detectors.personal.validators.phone import is_written_as_one
from scanner.model import Confidence
from scanner.rules.personal import PersonalRule

_PROBED: Final = 24
_MANY_ROWS: Final = 20
_SURE_SHARE: Final = 0.9
_LEAST_LOGGED: Final = 50
# What a column without a telling heading must look like before any validator is run on it.
_NUMBER: Final = re.compile(r"(?=(?:.*\d){7})[0-9A-Za-z][0-9A-Za-z ./-]{7,33}")
_DASHED_SSN: Final = re.compile(r"\d{3}-\d{2}-\d{4}")


class Verdict(msgspec.Struct, frozen=True):
    """What one table holds."""

    table: Table
    found: tuple[Measured, ...]
    """What counts, first what the finding is about and then what stands beside it."""
    confidence: Confidence
    reasons: tuple[str, ...]


class Judge:
    """Judges tables by the rules. Immutable; shared by threads."""

    def __init__(self, rules: Sequence[PersonalRule]) -> None:
        """Raises `RuleError` for a rule that names no validator."""
        self._vocabulary = Vocabulary(rules)
        self._validators = {rule.kind: validator_of(rule) for rule in rules}
        self._by_value = tuple(rule for rule in rules if not rule.heading_needed)
        self._by_kind = {rule.kind: rule for rule in rules}

    def judge(self, table: Table) -> Verdict | None:
        """The verdict on one table, or None when it holds no personal data in bulk."""
        found: list[Measured] = []
        plain: list[Column] = []
        for column in table.columns:
            one = self._by_heading(column)
            if one is not None:
                found.append(one)
            elif column.cells:
                plain.append(column)
        found += filter(None, (self._by_addresses(column) for column in plain))
        person = any(one.rule.names_person for one in found)
        taken = {id(one.column) for one in found}
        for column in plain:
            if id(column) not in taken:
                one = self._by_values(column, beside_person=person)
                if one is not None:
                    found.append(one)
        return _verdict(table, _best_of_each(found))

    def _by_heading(self, column: Column) -> Measured | None:
        measured = (
            measure(rule, self._validator(rule), column, by_heading=True)
            for rule in self._vocabulary.rules_of(column.heading)
        )
        found = [one for one in measured if one is not None and (one.convinces or one.made_up)]
        # Where several countries use the same heading, their check digits tell them apart.
        return max(
            found, key=lambda one: (one.convinces, one.share, -one.rule.chance), default=None
        )

    def _by_addresses(self, column: Column) -> Measured | None:
        probe = column.cells[:_PROBED]
        if sum("@" in cell.text for cell in probe) * 2 < len(probe):
            return None
        rule = self._by_kind.get("email-address")
        if rule is None:
            return None
        one = measure(rule, self._validator(rule), column, by_heading=False)
        return one if one is not None and (one.convinces or one.made_up) else None

    def _by_values(self, column: Column, *, beside_person: bool) -> Measured | None:
        probe = [cell.text for cell in column.cells[:_PROBED]]
        if sum(_NUMBER.fullmatch(text) is not None for text in probe) * 2 < len(probe):
            return self._by_writing(column, probe) if beside_person else None
        for rule in self._by_value:
            if rule.kind.startswith("national-id") and not beside_person:
                continue  # other numbers carry the same check digits
            first = measure(
                rule,
                self._validator(rule),
                msgspec.structs.replace(column, cells=column.cells[:_PROBED]),
                by_heading=False,
            )
            if first is None or first.well_formed < _SURE_SHARE:
                continue
            one = measure(rule, self._validator(rule), column, by_heading=False)
            if one is not None and one.convinces:
                return one
        return self._by_writing(column, probe) if beside_person else None

    def _by_writing(self, column: Column, probe: Sequence[str]) -> Measured | None:
        """Numbers beside a person that are written as only one kind of number is."""
        for kind, is_written in (
            ("national-id-us", lambda text: _DASHED_SSN.fullmatch(text) is not None),
            ("phone-number", is_written_as_one),
        ):
            rule = self._by_kind.get(kind)
            if rule is None or not all(map(is_written, probe)):
                continue
            one = measure(rule, self._validator(rule), column, by_heading=False)
            if one is not None:
                one = msgspec.structs.replace(one, by_writing=True)
                if one.convinces:
                    return one
        return None

    def _validator(self, rule: PersonalRule) -> Validator:
        return self._validators[rule.kind]


def _best_of_each(found: Iterable[Measured]) -> list[Measured]:
    """One column for each kind: the one with most valid values; in order of position."""
    best: dict[str, Measured] = {}
    for one in found:
        known = best.get(one.rule.kind)
        if known is None or one.rows > known.rows:
            best[one.rule.kind] = one
    return list(best.values())


def _verdict(table: Table, measured: Sequence[Measured]) -> Verdict | None:
    signs = made_up.reasons(table, measured)
    found = [one for one in measured if one.convinces]
    about = [one for one in found if _counts(one, found)]
    if not about or (table.form == LOG and about[0].different < _LEAST_LOGGED):
        return None
    confidence = max((_confidence(one, found) for one in about), key=lambda level: level.rank)
    if table.form == LOG and confidence is Confidence.HIGH:
        confidence = Confidence.MEDIUM
    beside = [one for one in found if one.rule.context]
    return Verdict(
        table,
        (*about, *beside),
        Confidence.LOW if signs else confidence,
        (*signs, *_shares(about)),
    )


def _counts(one: Measured, found: Sequence[Measured]) -> bool:
    """Whether a column tells of persons: by itself, or by what stands beside it."""
    if one.rule.context:
        return False
    return one.rule.alone or _has_person(one, found)


def _has_person(one: Measured, found: Sequence[Measured]) -> bool:
    return any(
        other.rule.names_person and other.rule.kind != one.rule.kind and other.rows * 2 >= one.rows
        for other in found
    )


def _confidence(one: Measured, found: Sequence[Measured]) -> Confidence:
    if one.rule.severity.rank <= 1:
        return Confidence.LOW
    person = _has_person(one, found)
    if not one.checked and not person:
        return Confidence.MEDIUM if one.by_heading and one.rule.names_person else Confidence.LOW
    sure = one.share >= _SURE_SHARE and one.well_formed >= _SURE_SHARE
    if one.by_heading and sure and one.different >= _MANY_ROWS:
        return Confidence.HIGH
    return Confidence.MEDIUM


def _shares(about: Iterable[Measured]) -> Iterable[str]:
    """What was checked, in words."""
    for one in about:
        percent = int(100 * one.share)
        if one.rule.kind == "email-address":
            continue
        if one.checked:
            yield f"{percent} % of the {one.rule.name} pass their check"
        elif one.rule.kind == "phone-number":
            yield f"{percent} % of the {one.rule.name} are valid in their numbering plan"
        else:
            yield f"{percent} % of the {one.rule.name} have the right shape, no more is known"
