"""What each kind of concern is reported as: the whole of `rules/concerns.yaml`."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from scanner.errors import RuleError
from scanner.model import Category, ConcernKind, Severity
from scanner.rules.loading import load_file, root

FILE = "concerns.yaml"


class ConcernRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How one kind of concern is told."""

    kind: ConcernKind
    """Its value is the rule's id."""
    title: str
    severity: Severity
    """Before the severity table looks at where it stands."""
    category: Category
    why: str
    """What it means for whoever relies on the setting."""
    remediation: tuple[str, ...]
    """What helps against every one of the kind, as sentences."""
    references: tuple[str, ...] = ()
    """Beside the vendor's documentation, which each concern names itself."""


class _ConcernFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    schema: int
    concerns: tuple[ConcernRule, ...]


def load_concern_rules(base: Path | None = None) -> Mapping[ConcernKind, ConcernRule]:
    """The rule of every kind, in the order of the file.

    Raises `RuleError` for a kind that is there twice and for one that is not there.
    """
    path = (base or root()) / FILE
    rules: dict[ConcernKind, ConcernRule] = {}
    for rule in load_file(path, _ConcernFile).concerns:
        if rule.kind in rules:
            raise RuleError(f"{path}: {rule.kind} is there twice")
        rules[rule.kind] = rule
    if missing := [kind.value for kind in ConcernKind if kind not in rules]:
        raise RuleError(f"{path}: nothing about {missing[0]}")
    return rules
