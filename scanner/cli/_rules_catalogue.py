"""Every rule of every kind, as `rules list` and `rules show` need it."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, Literal

import msgspec

from scanner.rules.secrets import SecretFile, SecretRule
from scanner.rules.words import Fact, facts, visible

Kind = Literal["secret", "boundary", "flow", "personal", "concern", "policy"]

KINDS: Final[tuple[Kind, ...]] = ("secret", "boundary", "flow", "personal", "concern", "policy")


class Entry(msgspec.Struct, frozen=True):
    """A rule of any kind, as it is listed. The field names are those of the JSON output."""

    id: str
    kind: Kind
    provider: str
    """The rule file's name; `agentreach` for what no file declares."""
    title: str
    severity: str
    confidence: str | None
    """Before any check speaks; None where each file's contents decide it."""


def secret_files(cached_in: Path | None) -> Mapping[str, SecretFile]:
    """The shipped providers by name, with the rules as they are written."""
    from scanner.rules.loading import load_directory

    return load_directory("secrets", SecretFile, None, cached_in)


def entries(cached_in: Path | None) -> Iterator[Entry]:
    """All rules: by kind, then by file, then as written."""
    yield from _secret_entries(cached_in)
    yield from _boundary_entries()
    yield from _flow_entries()
    yield from _personal_entries(cached_in)
    yield from _concern_entries()
    yield from _policy_entries()


def _secret_entries(cached_in: Path | None) -> Iterator[Entry]:
    from scanner.detectors.detect_secrets_adapter import adapter_rules

    for provider, file in secret_files(cached_in).items():
        for rule in file.rules:
            yield _secret_entry(rule, provider)
    for rule in adapter_rules():
        yield _secret_entry(rule, "detect-secrets")


def _secret_entry(rule: SecretRule, provider: str) -> Entry:
    return Entry(rule.id, "secret", provider, rule.name, rule.severity.value, rule.confidence.value)


def _boundary_entries() -> Iterator[Entry]:
    from scanner.rules.boundaries import SCOPE_RULES, load_boundary_files

    for name, scope in SCOPE_RULES.items():
        yield Entry(name, "boundary", "agentreach", scope.title, scope.severity.value, "high")
    for file in load_boundary_files():
        for rule in file.rules:
            severity, confidence = rule.severity.value, rule.confidence.value
            yield Entry(rule.id, "boundary", file.subject, rule.title, severity, confidence)


def _flow_entries() -> Iterator[Entry]:
    from scanner.rules.dataflow import load_flow_rules

    for name, rule in load_flow_rules().items():
        yield Entry(name, "flow", name, rule.title, rule.severity.value, "high")


def _personal_entries(cached_in: Path | None) -> Iterator[Entry]:
    from scanner.rules.personal import load_personal_rules

    for rule in load_personal_rules(cached_in=cached_in):
        yield Entry(rule.kind, "personal", rule.kind, rule.name, rule.severity.value, None)


def _concern_entries() -> Iterator[Entry]:
    from scanner.rules.concerns import load_concern_rules

    for kind, rule in load_concern_rules().items():
        yield Entry(kind.value, "concern", "agentreach", rule.title, rule.severity.value, None)


def _policy_entries() -> Iterator[Entry]:
    from scanner.rules.policy import load_policy_file

    for kind, rule in load_policy_file().rules.items():
        yield Entry(kind.value, "policy", "agentreach", rule.title, rule.severity.value, None)


def told(entry: Entry, cached_in: Path | None) -> tuple[Fact, ...]:
    """Everything about one rule, in the order to be read."""
    if entry.kind == "secret":
        return tuple(_about_secret(entry, cached_in))
    if entry.kind == "boundary":
        return tuple(_about_boundary(entry))
    if entry.kind == "flow":
        return tuple(_about_flow(entry))
    if entry.kind == "concern":
        return tuple(_about_concern(entry))
    if entry.kind == "policy":
        return tuple(_about_policy(entry))
    return tuple(_about_personal(entry, cached_in))


def told_of_own(files: Iterable[SecretFile], name: str) -> tuple[Entry, tuple[Fact, ...]] | None:
    """The same for a rule of the user's own; None when no file has it."""
    for file in files:
        for rule in file.rules:
            if rule.id == name:
                return _secret_entry(rule, file.provider), tuple(_in_words(rule, file))
    return None


def _about_secret(entry: Entry, cached_in: Path | None) -> Iterator[Fact]:
    from scanner.detectors.detect_secrets_adapter import adapter_rules

    file = secret_files(cached_in).get(entry.provider)
    rules = file.rules if file is not None else adapter_rules()
    yield from _in_words(next(rule for rule in rules if rule.id == entry.id), file)


def _in_words(rule: SecretRule, file: SecretFile | None) -> Iterator[Fact]:
    from scanner.detectors.explain import check_summaries

    if file is not None:
        yield Fact("provider", (visible(f"{file.name}, {file.url}"),))
    yield from facts(rule, check_summaries())


def _about_boundary(entry: Entry) -> Iterator[Fact]:
    from scanner.rules.boundaries import load_boundary_files

    yield Fact("severity", (entry.severity,))
    for file in load_boundary_files():
        for rule in file.rules:
            if rule.id == entry.id:
                yield Fact("why", (file.why,))
                yield Fact("paths", rule.paths or file.paths, code=True)
                yield Fact("do", rule.remediation)
                yield Fact("references", file.references)
                return
    yield Fact("declared", ("in .agentreach/tasks/<id>.yml, as docs/boundaries.md describes",))


def _about_flow(entry: Entry) -> Iterator[Fact]:
    from scanner.rules.dataflow import load_flow_rules

    rule = load_flow_rules()[entry.id]
    yield Fact("severity", (entry.severity,))
    yield Fact("do", rule.remediation)
    yield Fact("references", rule.references)


def _about_concern(entry: Entry) -> Iterator[Fact]:
    from scanner.model import ConcernKind
    from scanner.rules.concerns import load_concern_rules

    rule = load_concern_rules()[ConcernKind(entry.id)]
    yield Fact("severity", (entry.severity,))
    yield Fact("why", (rule.why,))
    yield Fact("reported", ("for the agents in use; docs/reach-agents.md says what each reads",))
    yield Fact("do", rule.remediation)
    if rule.references:
        yield Fact("references", rule.references)


def _about_policy(entry: Entry) -> Iterator[Fact]:
    from scanner.rules.policy import PolicyKind, load_policy_file

    rule = load_policy_file().rules[PolicyKind(entry.id)]
    yield Fact("severity", (entry.severity,))
    yield Fact("why", (rule.why,))
    yield Fact("reported", ("where .agentreach.yml has a policy; see docs/policy.md",))
    yield Fact("do", rule.remediation)
    if rule.references:
        yield Fact("references", rule.references)


def _about_personal(entry: Entry, cached_in: Path | None) -> Iterator[Fact]:
    from scanner.rules.personal import load_personal_rules

    rules = load_personal_rules(cached_in=cached_in)
    rule = next(rule for rule in rules if rule.kind == entry.id)
    yield Fact("severity", (entry.severity,))
    yield Fact("reported", ("as personal-data-in-bulk, one finding a file, never with a value",))
    if rule.country:
        yield Fact("country", (rule.country,))
    if rule.columns:
        yield Fact("columns", (", ".join(rule.columns),))
    if rule.heading_needed and not rule.context:
        yield Fact("needs", ("a heading that says so: the values alone never convince",))
    if rule.context:
        yield Fact("needs", ("other data beside it: it only tells that this is about a person",))
    elif not rule.alone:
        yield Fact("needs", ("something beside it that names a person",))
    yield Fact("rows", (f"{rule.least_rows} different values at least",))
    yield Fact("check", (rule.validator,))
    yield Fact("do", rule.remediation)
    yield Fact("references", rule.references)
