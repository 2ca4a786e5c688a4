"""Protected paths and the signals of a weakened gate: one subject a file in `rules/boundaries/`."""

from pathlib import Path
from types import MappingProxyType
from typing import Literal, NamedTuple

import msgspec

from scanner.errors import RuleError
from scanner.model import Confidence, Severity
from scanner.rules.loading import load_directory


class Setting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One key of a settings file whose change widens what an agent may do."""

    key: str
    """Dotted way to a scalar; `*` is any one key, `[]` any list item, a trailing `**` anything
    below. A key that itself holds dots (VS Code) is written with the dots."""
    change: Literal["added", "removed", "becomes", "set"]
    """`added`: a value that was not there. `removed`: one that no longer is. `becomes`: changed to
    one of `values`. `set`: given, or changed to, any value."""
    text: str
    """What that means, e.g. "allows"."""
    values: tuple[str, ...] = ()
    """For `becomes`: the values that matter, as JSON writes them, without quotes."""
    show: Literal["key", "permission", "host"] = "key"
    """How much of the new value may be shown: nothing (the last key instead), the tool that a
    permission rule names, or an address's host."""
    when_created: bool = False
    """Also when the change creates the file; otherwise that counts as setting the project up."""


class ScopeRule(NamedTuple):
    """A rule about a task's scope. It needs no data: the task is the data."""

    title: str
    severity: Severity


SCOPE_RULES = MappingProxyType(
    {
        "scope-drift": ScopeRule("The change goes beyond its task's scope", Severity.MEDIUM),
        "scope-forbidden": ScopeRule(
            "The change touches a path that its task forbids", Severity.HIGH
        ),
        "scope-overreach": ScopeRule(
            "The change touches a protected path outside its task", Severity.HIGH
        ),
        "scope-unknown-task": ScopeRule(
            "The change names a task that no task file declares", Severity.LOW
        ),
    }
)


class Case(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A change to one file and whether the rule speaks up; each is a test. None: no such file."""

    path: str
    finds: bool
    before: str | None = None
    after: str | None = None


class BoundaryRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One way to overstep."""

    id: str
    """Kebab case, unique over all files."""
    title: str
    severity: Severity
    confidence: Confidence = Confidence.HIGH
    """The most it can be; weaker evidence of the agent lowers it."""
    signal: str = ""
    """`module.function` under `scanner.boundary.signals`. Empty: touching the path is enough."""
    settings: tuple[Setting, ...] = ()
    """For `signal: settings.changed`."""
    paths: tuple[str, ...] = ()
    """Patterns with the meaning of git's `:(glob)`; none: those of the file."""
    seeds_incident: bool = False
    gate: Literal["", "tests", "checks"] = ""
    """What kind of gate it weakens; two kinds together, or one together with another protected
    path, seed an incident."""
    created: Literal["ignore", "lower", "full"] = "lower"
    """What becomes of it when the change creates the file: nothing, one severity less and no
    incident, or no difference."""
    remediation: tuple[str, ...] = ()
    cases: tuple[Case, ...] = ()


class BoundaryFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One subject: paths that guard something, and the rules about them."""

    subject: str
    """Kebab case; the file's name."""
    title: str
    """What the paths are, as it reads after "touches", e.g. "CI configuration"."""
    why: str
    paths: tuple[str, ...]
    examples: tuple[str, ...]
    """Paths that must match."""
    counter_examples: tuple[str, ...]
    """Paths that must not."""
    not_paths: tuple[str, ...] = ()
    protected: bool = True
    """Outside a declared scope, touching one of these is overreach rather than drift."""
    rules: tuple[BoundaryRule, ...] = ()
    references: tuple[str, ...] = ()


def load_boundary_files(base: Path | None = None) -> tuple[BoundaryFile, ...]:
    """All subjects, ordered by name.

    Raises `RuleError` for a file named unlike its subject, an id used twice and settings without
    their signal.
    """
    seen: dict[str, str] = {}
    files = load_directory("boundaries", BoundaryFile, base)
    for stem, file in files.items():
        if file.subject != stem:
            raise RuleError(f"boundaries/{stem}.yaml: subject is {file.subject!r}, not {stem!r}")
        for rule in file.rules:
            if rule.id in seen:
                raise RuleError(
                    f"boundaries/{stem}.yaml: rule id {rule.id!r} is taken by {seen[rule.id]}.yaml"
                )
            if bool(rule.settings) != (rule.signal == "settings.changed"):
                raise RuleError(
                    f"boundaries/{stem}.yaml: {rule.id}: `settings` and `signal: settings.changed` "
                    "go together"
                )
            seen[rule.id] = stem
    return tuple(files.values())
