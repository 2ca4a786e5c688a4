"""Checks rules against their own examples, in both engines: what tests and `rules check` run."""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from scanner.detectors.judgement import resolve_checks
from scanner.detectors.pattern import (
    MAXIMUM_WIDTH,
    compile_boundary,
    compile_companion,
    compile_rule,
    plan,
)
from scanner.detectors.secret_detector import SecretDetector
from scanner.detectors.tree import parse
from scanner.errors import ConfigError, RuleError
from scanner.model import Match, packed
from scanner.rules.examples import expand_with_values
from scanner.rules.secrets import SecretRule

LEAST_COUNTER_EXAMPLES: Final = 3

_ID: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_REFERENCE: Final = re.compile(r"https://[a-z0-9.-]+\.[a-z]{2,}(?:[/?#][^\s]*)?", re.IGNORECASE)
_OTHER_SCANNERS: Final = re.compile(
    r"gitleaks|trufflehog|trufflesecurity|kingfisher|noseyparker|betterleaks|secretlint|titus"
    r"|credsweeper|ggshield|gitguardian|detect-secrets",
    re.IGNORECASE,
)
_BREAKING: Final = frozenset({"pattern", "checks", "boundary", "companion"})
"""Keys without which a detector cannot be made."""
_BATCH_BYTES: Final = 8 << 20
_PREAMBLE: Final = re.compile(r"rule (?P<rule>[^\s:]+): (?:(?:pattern|boundary|companion): )?")


class RuleFault(msgspec.Struct, frozen=True):
    """One thing wrong with one rule."""

    rule: str
    """Empty: of all rules together."""
    field: str
    """The key in the rule's file, e.g. `examples[2]`."""
    message: str


class _Case(NamedTuple):
    """One expanded template."""

    rule: SecretRule
    field: str
    data: bytes
    values: Sequence[tuple[int, int]] | None
    """Where the generated values are; None for a counter-example."""


def check_rules(
    rules: Sequence[SecretRule],
    *,
    beside: Sequence[SecretRule] = (),
    seeds: int = 1,
    cache_directory: Path | None = None,
) -> list[RuleFault]:
    """Everything wrong with the rules, by rule; an empty list says that they are fit for use.

    Each example is expanded `seeds` times and must give a match of its rule with the span on the
    generated value; no counter-example may match. Hyperscan is left out where it does not load.
    `beside` are sound rules of the same scan: ids must differ from theirs, `companion` and
    `part_of` may name them, and they match only as a companion. `cache_directory` is created when
    needed and keeps the compiled patterns.
    """
    faults = [fault for rule in rules for fault in _static_faults(rule)]
    faults += _faults_between(rules, beside)
    sound = _sound(rules, beside, {fault.rule for fault in faults if fault.field in _BREAKING})
    try:
        plain = _plain(sound)
    except RuleError:
        broken = [fault for rule in sound for fault in _pattern_faults(rule)]
        faults += broken
        sound = _sound(sound, (), {fault.rule for fault in broken})
        plain = _plain(sound)
    # Compiling for Hyperscan leaves the interpreter alone, so both engines work at the same time.
    with ThreadPoolExecutor(1) as pool:
        compiled = pool.submit(_hyperscan, sound, cache_directory)
        own = {rule.id for rule in rules}
        cases = [case for rule in sound if rule.id in own for case in _cases(rule, seeds, faults)]
        faults += _case_faults(plain, cases)
        try:
            detector = compiled.result()
        except RuleError as error:
            faults.append(_compile_fault(error))
        else:
            faults += _case_faults(detector, cases) if detector is not None else ()
    return sorted(set(faults), key=lambda fault: (fault.rule, fault.field, fault.message))


def engines() -> tuple[str, ...]:
    """The engines that examples are run in on this machine."""
    try:
        import_module("hyperscan")
    except (ImportError, OSError):
        return ("re",)
    return ("re", "hyperscan")


def _plain(rules: Sequence[SecretRule]) -> SecretDetector:
    return SecretDetector(rules, engine="re", adapter=False, unwrap=False)


def _hyperscan(rules: Sequence[SecretRule], cache_directory: Path | None) -> SecretDetector | None:
    """None where Hyperscan does not load."""
    try:
        return SecretDetector(
            rules, engine="hyperscan", cache_directory=cache_directory, adapter=False, unwrap=False
        )
    except ConfigError:
        return None


def _compile_fault(error: RuleError) -> RuleFault:
    found = _PREAMBLE.match(error.message)
    return RuleFault(found["rule"] if found else "", "pattern", _message(error))


def _sound(
    rules: Sequence[SecretRule], beside: Sequence[SecretRule], broken: Collection[str]
) -> list[SecretRule]:
    """The rules that a detector can be made of, each with the rule of its companion."""
    sound = {rule.id: rule for rule in rules if rule.id not in broken}
    known = {rule.id: rule for rule in beside} | sound
    for rule in list(sound.values()):
        if rule.companion is not None:
            if rule.companion.rule in known:
                sound[rule.companion.rule] = known[rule.companion.rule]
            else:
                del sound[rule.id]
    return list(sound.values())


# ---------------------------------------------------------------------------- without matching


def _static_faults(rule: SecretRule) -> Iterator[RuleFault]:
    if not _ID.fullmatch(rule.id):
        yield RuleFault(rule.id, "id", "not in kebab case")
    steps: tuple[tuple[str, Callable[[SecretRule], object]], ...] = (
        ("boundary", compile_boundary),
        ("checks", resolve_checks),
        ("companion", _sound_companion),
    )
    for field, step in steps:
        try:
            step(rule)
        except RuleError as error:
            yield RuleFault(rule.id, field, _message(error))
    if not rule.examples:
        yield RuleFault(rule.id, "examples", "at least one is needed")
    if len(set(rule.counter_examples)) < LEAST_COUNTER_EXAMPLES:
        yield RuleFault(
            rule.id, "counter_examples", "at least three different near misses are needed"
        )
    if not rule.rotate:
        yield RuleFault(rule.id, "rotate", "how to revoke it is needed")
    yield from _reference_faults(rule)


def _pattern_faults(rule: SecretRule) -> Iterator[RuleFault]:
    for step in (plan, compile_rule):
        try:
            step(rule)
        except RuleError as error:
            yield RuleFault(rule.id, "pattern", _message(error))


def _sound_companion(rule: SecretRule) -> None:
    """It is searched for in a few lines by `re` alone, so look-around is fine; size is not."""
    if rule.companion is None:
        return
    compile_companion(rule)
    if "{assign}" in rule.companion.pattern:
        raise RuleError("`{assign}` stands for something in `pattern` only")
    if int(parse(rule.companion.pattern, rule).getwidth()[1]) > MAXIMUM_WIDTH:
        raise RuleError(f"a match may be over {MAXIMUM_WIDTH} bytes wide")


def _reference_faults(rule: SecretRule) -> Iterator[RuleFault]:
    if not rule.references:
        yield RuleFault(rule.id, "references", "the provider's documentation is needed")
    for reference in rule.references:
        if not _REFERENCE.fullmatch(reference):
            yield RuleFault(rule.id, "references", f"no https address: {reference}")
        elif _OTHER_SCANNERS.search(reference):
            yield RuleFault(rule.id, "references", f"another scanner's: {reference}")


def _message(error: RuleError) -> str:
    """Without the rule and the key, which a fault names by itself; with what would help."""
    message = _PREAMBLE.sub("", error.message)
    return f"{message} ({error.hint})" if error.hint else message


def _faults_between(
    rules: Sequence[SecretRule], beside: Sequence[SecretRule]
) -> Iterator[RuleFault]:
    taken = {rule.id for rule in beside}
    for rule in rules:
        if rule.id in taken:
            yield RuleFault(rule.id, "id", "used twice")
        taken.add(rule.id)
    for rule in rules:
        for name in rule.part_of:
            if name not in taken or name == rule.id:
                yield RuleFault(rule.id, "part_of", f"there is no other rule {name!r}")
        if rule.companion is not None and rule.companion.rule not in taken:
            yield RuleFault(rule.id, "companion", f"there is no rule {rule.companion.rule!r}")


# -------------------------------------------------------------------------------- with matching


def _cases(rule: SecretRule, seeds: int, faults: list[RuleFault]) -> Iterator[_Case]:
    """The rule's templates, expanded; what cannot be expanded becomes a fault."""
    templates = [(f"examples[{n}]", text, True) for n, text in enumerate(rule.examples)]
    templates += [
        (f"counter_examples[{n}]", text, False) for n, text in enumerate(rule.counter_examples)
    ]
    for field, template, wanted in templates:
        for seed in range(seeds):
            try:
                expansion = expand_with_values(template, seed)
            except RuleError as error:
                faults.append(RuleFault(rule.id, field, _message(error)))
                break
            yield _Case(rule, field, expansion.data, expansion.values if wanted else None)


def _case_faults(detector: SecretDetector, cases: Sequence[_Case]) -> Iterator[RuleFault]:
    session = detector.session()
    for batch in _in_batches(cases):
        found: dict[int, list[Match]] = {}
        for index, match in session.scan(packed([case.data for case in batch])):
            found.setdefault(index, []).append(match)
        for index, case in enumerate(batch):
            reason = _judge(case, found.get(index, []))
            if reason:
                yield RuleFault(case.rule.id, case.field, f"{reason} (engine {detector.engine})")


def _in_batches(cases: Sequence[_Case]) -> Iterator[list[_Case]]:
    batch: list[_Case] = []
    size = 0
    for case in cases:
        batch.append(case)
        size += len(case.data)
        if size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _judge(case: _Case, found: Sequence[Match]) -> str | None:
    """Why an example is not found as it should be, or a counter-example is; else None."""
    own = [match for match in found if match.rule == case.rule.id]
    if case.values is None:
        return "matches" if own else None
    if not own:
        others = sorted({match.rule for match in found})
        return f"found by {', '.join(others)} instead" if others else "is not found"
    if not case.values:
        return "holds no generated value"
    for match in own:
        if not case.data.startswith(case.rule.public_prefix.encode(), match.start):
            return f"the secret does not start with {case.rule.public_prefix!r}"
        for start, end in case.values:
            inside = match.start <= start and end <= match.end
            apart = end <= match.start or match.end <= start
            if not inside and not apart:
                return "the secret's span cuts through a generated value"
    if not any(m.start <= start and end <= m.end for m in own for start, end in case.values):
        return "the secret's span holds no generated value"
    return None
