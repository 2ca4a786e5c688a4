"""Playbooks, disclosure duties and framework identifiers: what a record offers its responder."""

from enum import StrEnum
from pathlib import Path

import msgspec

from scanner.errors import RuleError
from scanner.model import Category
from scanner.rules.loading import load_directory, load_file, root


class ContainmentAction(StrEnum):
    """What a person may do first. None of it is ever done by this program."""

    RESTRICT_TO_READ_ONLY = "restrict_to_read_only"
    DISABLE_TOOL = "disable_tool"
    TIGHTEN_GUARDRAIL = "tighten_guardrail"
    RATE_LIMIT_USER = "rate_limit_user"
    ROLLBACK_PROMPT = "rollback_prompt"
    ROLLBACK_MODEL = "rollback_model"
    REVERT_CHANGE = "revert_change"
    SUSPEND_ACCESS = "suspend_access"
    ROTATE_CREDENTIAL = "rotate_credential"
    KILL_SWITCH = "kill_switch"


class Containment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One containment proposal."""

    action: ContainmentAction
    level: int
    """1 (throttle) to 6 (stop everything): how much of the agents' work it takes away."""
    reversible: bool
    when: str
    """The condition under which a person should do it."""
    text: str


class Escalation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A condition that takes the incident to somebody else."""

    trigger: str
    to: str


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One item of a checklist."""

    id: str
    """Unique over all playbooks, e.g. `c4-contain-1`; people refer to it."""
    text: str


class Checklist(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The steps to a resolution, by phase, in order."""

    containment: tuple[Step, ...]
    investigation: tuple[Step, ...]
    remediation: tuple[Step, ...]
    review: tuple[Step, ...]

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps of all phases."""
        return (*self.containment, *self.investigation, *self.remediation, *self.review)


class OtherNames(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What other incident taxonomies call this category."""

    archetype: str
    incident_class: str
    incident_type: str
    agent_class: str


class Playbook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How one category of incident is found, handed over and closed."""

    category: Category
    name: str
    meaning: str
    usual_severity: str
    """On the category scale: High, Medium, or that it varies."""
    assigned_by_scanner: bool
    other_names: OtherNames
    detection: tuple[str, ...]
    first_responder: str
    escalation: tuple[Escalation, ...]
    containment: tuple[Containment, ...]
    """Reversible ones first, and among them the least disruptive first."""
    not_automated: tuple[str, ...]
    checklist: Checklist
    regression_test: str


class Duty(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A duty to tell somebody. Whether it applies is a decision of people with legal knowledge."""

    id: str
    trigger: str
    deadline: str
    hours: int | None
    """Hours from the start of the clock, where the deadline is a number of hours."""
    audience: str
    content: tuple[str, ...]
    basis: str
    clock: str
    """What starts the clock; a person sets the time."""
    verified_on: str | None
    """`YYYY-MM-DD` of the last comparison with the text of the law; None: check before relying."""
    categories: tuple[Category, ...]
    note: str = ""


class Disclosure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The dated list of duties in `rules/disclosure.yaml`."""

    schema: int
    as_of: str
    duties: tuple[Duty, ...]

    def of(self, category: Category) -> tuple[Duty, ...]:
        """The duties to look at for one category, in the order of the file."""
        return tuple(duty for duty in self.duties if category in duty.categories)


class Identifier(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An entry of a public framework."""

    id: str
    name: str


class FrameworkIds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where one category stands in the public frameworks."""

    category: Category
    atlas: tuple[Identifier, ...] = ()
    attack: tuple[Identifier, ...] = ()
    owasp_llm: tuple[Identifier, ...] = ()
    owasp_agentic: tuple[Identifier, ...] = ()
    cwe: tuple[Identifier, ...] = ()
    csf: tuple[Identifier, ...] = ()


class Frameworks(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole of `rules/frameworks.yaml`."""

    schema: int
    editions: dict[str, str]
    """The edition of each framework that the identifiers were taken from."""
    categories: tuple[FrameworkIds, ...]

    def of(self, category: Category) -> FrameworkIds:
        """The identifiers of one category; none at all if the file has no entry."""
        found = (one for one in self.categories if one.category is category)
        return next(found, FrameworkIds(category=category))


def load_playbooks(base: Path | None = None) -> dict[Category, Playbook]:
    """One playbook for each category. Raises `RuleError`.

    A file named unlike its category, a category without a playbook, a step id used twice and an
    irreversible proposal before a reversible one are errors.
    """
    playbooks: dict[Category, Playbook] = {}
    taken: set[str] = set()
    for stem, playbook in load_directory("playbooks", Playbook, base).items():
        where = f"playbooks/{stem}.yaml"
        if stem != f"category-{playbook.category.value}":
            raise RuleError(f"{where}: category is {playbook.category.value}, unlike the file name")
        for step in playbook.checklist.steps:
            if step.id in taken:
                raise RuleError(f"{where}: checklist: the id {step.id!r} is used twice")
            taken.add(step.id)
        order = [not one.reversible for one in playbook.containment]
        if order != sorted(order):
            raise RuleError(f"{where}: containment: reversible proposals must come first")
        playbooks[playbook.category] = playbook
    missing = [category.value for category in Category if category not in playbooks]
    if missing:
        raise RuleError(f"playbooks: no file for category {missing[0]}")
    return playbooks


def load_disclosure(base: Path | None = None) -> Disclosure:
    """The dated disclosure duties. Raises `RuleError`."""
    return load_file((base or root()) / "disclosure.yaml", Disclosure)


def load_frameworks(base: Path | None = None) -> Frameworks:
    """The framework identifiers by category. Raises `RuleError`."""
    return load_file((base or root()) / "frameworks.yaml", Frameworks)
