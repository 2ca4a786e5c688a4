"""Sources, sinks and sanitizers of the data-flow checks: one check a file in `rules/dataflow/`.

Qualified names are written as Python would import them (`os.getenv`). What is not listed does not
carry a value on: an unknown call's result is clean, which is why sanitizers need no list.
"""

from pathlib import Path

import msgspec

from scanner.errors import RuleError
from scanner.model import Category, Severity
from scanner.rules.loading import load_directory


class Names(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When an identifier says that its value is a secret. All in lower case but `exact_not`."""

    words: tuple[str, ...]
    """A name whose last word is one of these means a secret."""
    key_kinds: tuple[str, ...]
    """In code, `key` needs one of these before it."""
    not_kinds: tuple[str, ...]
    """A name with one of these among its words means none."""
    exact_not: tuple[str, ...] = ()
    """Environment variables that mean none."""


class Environment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Ways to read an environment variable."""

    mappings: tuple[str, ...]
    getters: tuple[str, ...]


class Propagators(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Calls whose result still shows their argument or receiver."""

    calls: tuple[str, ...]
    methods: tuple[str, ...]


class Sinks(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where values come out."""

    calls: tuple[str, ...]
    factories: tuple[str, ...]
    receivers: tuple[str, ...]
    """Last part of a receiver's name that makes it a logger, e.g. `logger` in `self.logger`."""
    methods: tuple[str, ...]
    ignored_keywords: tuple[str, ...]
    streams: tuple[str, ...]


class FlowRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one check looks for."""

    check: str
    """Kebab case; the file's name, and with underscores the name of its module."""
    title: str
    severity: Severity
    category: Category
    names: Names
    environment: Environment
    propagators: Propagators
    masking_slice: int
    """The most characters a slice may show and still count as masking."""
    sinks: Sinks
    terminal: tuple[str, ...]
    """Sinks whose output a person may have asked for; they lower the confidence."""
    remediation: tuple[str, ...]
    references: tuple[str, ...] = ()


def load_flow_rules(base: Path | None = None) -> dict[str, FlowRule]:
    """All data-flow rules by their check's name. Raises `RuleError` for a file named unlike it."""
    rules = load_directory("dataflow", FlowRule, base)
    for stem, rule in rules.items():
        if rule.check != stem:
            raise RuleError(f"dataflow/{stem}.yaml: check is {rule.check!r}, not {stem!r}")
    return rules
