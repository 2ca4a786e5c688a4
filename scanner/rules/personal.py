"""Personal-data rules: one kind of data a file in `rules/personal-data/`."""

from pathlib import Path

import msgspec

from scanner.errors import RuleError
from scanner.model import Severity
from scanner.rules.loading import load_directory


class PersonalRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One kind of personal data, and how a column of it is recognised."""

    kind: str
    """Kebab case; the file's name, e.g. `national-id-pl`."""
    name: str
    """What the values are, in the plural and in lower case where the language allows."""
    validator: str
    """A function of `scanner.detectors.personal.validators`; an argument may follow a colon."""
    severity: Severity
    columns: tuple[str, ...]
    """Headings that say so, as words in lower case. A heading fits when it ends with one of them:
    `customer_email` and `CustomerEmail` both end with `email`. The first one is in its examples."""
    references: tuple[str, ...]
    """The law or standard that makes it personal, and the one that states its format."""
    examples: tuple[str, ...]
    """Templates (see `scanner.rules.examples`) of the shape of a value; of a kind with a check
    digit only some of what a template expands to is valid."""
    counter_examples: tuple[str, ...]
    """Templates of what is never valid."""
    remediation: tuple[str, ...] = ()
    """What to do beside the steps that every finding of personal data names."""
    country: str = ""
    """ISO 3166-1 alpha-2, for what one country issues."""
    not_columns: tuple[str, ...] = ()
    """Headings that end like one of `columns` and mean something else."""
    alone: bool = True
    """Tells of a person by itself; else it counts only beside something that names one."""
    names_person: bool = False
    """What stands beside it is about a person."""
    context: bool = False
    """Tells only that what stands beside it is about a person; never a finding by itself."""
    least_rows: int = 10
    """Fewer different values are single mentions."""
    chance: float = 1.0
    """The share of made-up values of the right shape that the validator accepts; 1 when it can
    check no more than the shape."""
    heading_needed: bool = True
    """The values alone never convince."""
    noticed: int = 3
    """How many of `columns`, from the first, make a content worth reading wherever they stand; the
    others are only seen beside these, or beside e-mail addresses. Each one costs a little speed."""
    excluded: tuple[str, ...] = ()
    """Values that are published as examples, written without their last digit."""


def load_personal_rules(
    base: Path | None = None, *, cached_in: Path | None = None
) -> tuple[PersonalRule, ...]:
    """All kinds of personal data, by file name. Raises `RuleError`."""
    rules = load_directory("personal-data", PersonalRule, base, cached_in)
    for stem, rule in rules.items():
        where = f"personal-data/{stem}.yaml"
        if rule.kind != stem:
            raise RuleError(f"{where}: kind is {rule.kind!r}, not {stem!r}")
        if not 0 < rule.chance <= 1:
            raise RuleError(f"{where}: chance: a share of more than 0, at most 1")
        if rule.context and not rule.names_person:
            raise RuleError(f"{where}: context: only of a kind that names a person")
        if not rule.columns and rule.heading_needed:
            raise RuleError(f"{where}: columns: needed, as the values alone do not convince")
    return tuple(rules.values())
