"""Checks rules against their own examples, in both engines: what tests and `rules check` run."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from scanner.detectors.compiled import load_or_compile
from scanner.detectors.judgement import resolve_checks
from scanner.detectors.pattern import compile_boundary, compile_rule, plan
from scanner.detectors.secret_detector import SecretDetector
from scanner.errors import RuleError
from scanner.model import Batch, Match
from scanner.rules.examples import expand_with_values
from scanner.rules.secrets import SecretRule

_ID: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_REFERENCE: Final = re.compile(r"https://[a-z0-9.-]+\.[a-z]{2,}(?:[/?#][^\s]*)?", re.IGNORECASE)
_OTHER_SCANNERS: Final = re.compile(
    r"gitleaks|trufflehog|trufflesecurity|kingfisher|noseyparker|betterleaks|secretlint|titus"
    r"|credsweeper|ggshield|gitguardian|detect-secrets",
    re.IGNORECASE,
)
_LEAST_COUNTER_EXAMPLES: Final = 2


class RuleFault(msgspec.Struct, frozen=True):
    """One thing wrong with one rule."""

    rule: str
    field: str
    """The key in the rule's file, e.g. `examples[2]`."""
    message: str


def check_rules(rules: Sequence[SecretRule], *, seeds: int = 1) -> list[RuleFault]:
    """Everything wrong with the rules, by rule; an empty list says that they are fit for use.

    Each example is expanded `seeds` times and must give a match of its rule with the span on the
    generated value; no counter-example may. Hyperscan is left out where it does not load.
    """
    faults = [fault for rule in rules for fault in _static_faults(rule)]
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            faults.append(RuleFault(rule.id, "id", "used twice"))
        seen.add(rule.id)
    broken = {fault.rule for fault in faults if fault.field in {"pattern", "checks", "boundary"}}
    sound = [rule for rule in rules if rule.id not in broken]
    detectors = [SecretDetector(sound, engine="re", adapter=False)]
    try:
        load_or_compile(sound, None)
        detectors.append(SecretDetector(sound, engine="hyperscan", adapter=False))
    except (ImportError, OSError):
        pass
    except RuleError as error:
        faults.append(RuleFault("", "pattern", error.message))
    for detector in detectors:
        for rule in sound:
            faults.extend(_example_faults(detector, rule, seeds))
    return sorted(set(faults), key=lambda fault: (fault.rule, fault.field, fault.message))


def _static_faults(rule: SecretRule) -> Iterator[RuleFault]:
    if not _ID.fullmatch(rule.id):
        yield RuleFault(rule.id, "id", "not in kebab case")
    try:
        plan(rule)
        compile_rule(rule)
    except RuleError as error:
        yield RuleFault(rule.id, "pattern", error.message)
    try:
        compile_boundary(rule)
    except RuleError as error:
        yield RuleFault(rule.id, "boundary", error.message)
    try:
        resolve_checks(rule)
    except RuleError as error:
        yield RuleFault(rule.id, "checks", error.message)
    if not rule.examples:
        yield RuleFault(rule.id, "examples", "at least one is needed")
    if len(rule.counter_examples) < _LEAST_COUNTER_EXAMPLES:
        yield RuleFault(rule.id, "counter_examples", "at least two are needed")
    if not rule.references:
        yield RuleFault(rule.id, "references", "the provider's documentation is needed")
    for reference in rule.references:
        if not _REFERENCE.fullmatch(reference):
            yield RuleFault(rule.id, "references", f"no https address: {reference}")
        elif _OTHER_SCANNERS.search(reference):
            yield RuleFault(rule.id, "references", f"another scanner's: {reference}")
    if not rule.rotate:
        yield RuleFault(rule.id, "rotate", "how to revoke it is needed")


def _example_faults(detector: SecretDetector, rule: SecretRule, seeds: int) -> Iterator[RuleFault]:
    session = detector.session()
    for kind, templates in (
        ("examples", rule.examples),
        ("counter_examples", rule.counter_examples),
    ):
        for index, template in enumerate(templates):
            field = f"{kind}[{index}]"
            for seed in range(seeds):
                try:
                    expansion = expand_with_values(template, seed)
                except RuleError as error:
                    yield RuleFault(rule.id, field, error.message)
                    break
                data = expansion.data
                batch = Batch(data, len(data), ["0" * 40], [0], [len(data)])
                found = [match for _, match in session.scan(batch)]
                reason = (
                    _missed(rule, found, data, expansion.values)
                    if kind == "examples"
                    else _matched(rule, found)
                )
                if reason:
                    yield RuleFault(rule.id, field, f"{reason} (engine {detector.engine})")


def _matched(rule: SecretRule, found: Sequence[Match]) -> str | None:
    return "matches" if any(match.rule == rule.id for match in found) else None


def _missed(
    rule: SecretRule, found: Sequence[Match], data: bytes, values: Sequence[tuple[int, int]]
) -> str | None:
    """Why an example is not found as it should be, or None."""
    own = [match for match in found if match.rule == rule.id]
    if not own:
        others = sorted({match.rule for match in found})
        return f"found by {', '.join(others)} instead" if others else "is not found"
    if not values:
        return "holds no generated value"
    for match in own:
        if not data.startswith(rule.public_prefix.encode(), match.start):
            return f"the secret does not start with {rule.public_prefix!r}"
        for start, end in values:
            inside = match.start <= start and end <= match.end
            apart = end <= match.start or match.end <= start
            if not inside and not apart:
                return "the secret's span cuts through a generated value"
    if not any(m.start <= start and end <= m.end for m in own for start, end in values):
        return "the secret's span holds no generated value"
    return None
