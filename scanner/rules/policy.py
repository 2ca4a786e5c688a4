"""Forms of disclosure, and what breaking a policy is reported as: all of `rules/policy.yaml`."""

import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

import msgspec

from scanner.errors import RuleError
from scanner.model import Category, Severity
from scanner.rules.loading import load_file, root

FILE = "policy.yaml"


class PolicyKind(StrEnum):
    """A way to break a project's policy on agents. The value is the rule's id."""

    FORBIDDEN = "agent-content-forbidden"
    UNDISCLOSED = "agent-undisclosed"
    FORM = "agent-disclosure-form"
    NOT_APPROVED = "agent-not-approved"
    SIGNED_OFF = "agent-signed-off"


class Form(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A disclosure that a project or foundation asks for: a trailer of the commit message."""

    id: str
    name: str
    """Whose form it is, as in "the Linux kernel's"."""
    shape: str
    """How it looks, for people."""
    keys: tuple[str, ...]
    """The trailer's names, compared without case."""
    values: tuple[str, ...]
    """Regular expressions for the whole value; one has to match."""
    explicit: bool = False
    """The key says by itself that it is about AI; under others people are thanked, too."""
    or_agent: bool = False
    """A value that names an agent in any other way will do."""
    signs_off: bool = True
    """Whether an agent may add Signed-off-by."""
    references: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    """Trailers of this form; each is a test."""
    counter_examples: tuple[str, ...] = ()


class PolicyRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How one way to break a policy is told."""

    kind: PolicyKind
    title: str
    severity: Severity
    category: Category
    why: str
    """What it means for whoever relies on the policy."""
    remediation: tuple[str, ...]
    references: tuple[str, ...] = ()


class PolicyFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    schema: int
    as_of: str
    """The day on which the forms were what their references say."""
    forms: tuple[Form, ...]
    findings: tuple[PolicyRule, ...]

    @property
    def rules(self) -> Mapping[PolicyKind, PolicyRule]:
        """The rule of every kind, in the order of the file."""
        return {rule.kind: rule for rule in self.findings}


def load_policy_file(base: Path | None = None) -> PolicyFile:
    """The forms and the rules.

    Raises `RuleError` for an id or kind that is there twice, a kind that is not there, and a value
    that is not a regular expression.
    """
    path = (base or root()) / FILE
    file = load_file(path, PolicyFile)
    names = [*(form.id for form in file.forms), *(rule.kind.value for rule in file.findings)]
    for name in names:
        if names.count(name) > 1:
            raise RuleError(f"{path}: {name} is there twice")
    if missing := [kind.value for kind in PolicyKind if kind.value not in names]:
        raise RuleError(f"{path}: nothing about {missing[0]}")
    for form in file.forms:
        for value in form.values:
            try:
                re.compile(value)
            except re.error as error:
                raise RuleError(f"{path}: {form.id}: {value!r}: {error}") from None
    return file
