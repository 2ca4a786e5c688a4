"""Reads a rule's expression: refuses what the two engines do not share, and derives stage 1.

Stage 1 only has to notice that a match may begin. So the pattern it searches for is a *required
prefix* of the rule's pattern: the parse tree written out again up to where it gets long, with
trailing repeats cut to their minimum and zero-width tests left out. Every match of the rule starts
with a match of its prefix; and the prefix reports few end offsets where the whole pattern would
report one for every character of a variable tail.
"""

import re
from functools import cache
from typing import Any, Final

import msgspec

from scanner.detectors.prefix import prefix_of
from scanner.detectors.tree import (
    MAXREPEAT,
    REPEATS,
    alternatives,
    children,
    flags_of,
    name_of,
    parse,
    parse_bytes,
    walk,
)
from scanner.errors import RuleError
from scanner.rules.secrets import SecretRule

MAXIMUM_WIDTH: Final = 4096
"""Bytes a match may span; longer only for what has a body between two marks, as a PEM block."""
MAXIMUM_BODY_WIDTH: Final = 16_384

_ZERO_WIDTH_WORD: Final = frozenset({"AT_BOUNDARY", "AT_NON_BOUNDARY"})


class Plan(msgspec.Struct, frozen=True):
    """What stage 1 searches for on behalf of one rule, and how far a match may reach from a hit."""

    prefixes: tuple[str, ...]
    """Patterns for Hyperscan; a match of one of them starts wherever a match of the rule starts."""
    prefix_least: int
    prefix_most: int
    """Width of the prefix in bytes."""
    width: int
    """The greatest width of a match of the whole rule."""
    literals: tuple[bytes, ...]
    """Lower-case strings one of which stands in every match; empty when there is no such set."""


def plan(rule: SecretRule) -> Plan:
    """Stage 1 of a rule. Raises `RuleError` for a pattern outside the shared subset, with a match
    of unbounded or excessive width, with nested repeats that can backtrack without end, or one
    that can match nothing at all."""
    try:
        tree = parse(rule.pattern, rule)
    except (re.error, UnicodeEncodeError, RecursionError, OverflowError) as error:
        raise RuleError(f"rule {rule.id}: pattern: {error}") from error
    _Linter(rule).lint(list(tree), None)
    least, most = (int(width) for width in tree.getwidth())
    limit = MAXIMUM_BODY_WIDTH if _has_long_repeat(tree) else MAXIMUM_WIDTH
    if most > limit:
        raise RuleError(
            f"rule {rule.id}: pattern: a match may be {_width_in_words(most)}, over {limit}",
            hint="bound every repeat, as in {20,200} for {20,}",
        )
    if least < 4:
        raise RuleError(f"rule {rule.id}: pattern: can match fewer than four bytes")
    prefixes = tuple(prefix_of(nodes, rule) for nodes in alternatives(list(tree)))
    widths = [parse(text, rule).getwidth() for text in prefixes]
    shortest = min(int(low) for low, _ in widths)
    longest = max(int(high) for _, high in widths)
    return Plan(prefixes, shortest, longest, most, _literals(tree))


def required_literals(text: bytes, flags: int) -> tuple[bytes, ...]:
    """Lower-case strings one of which stands in every match; empty when there is no such set."""
    return _literals(parse_bytes(text, flags))


def compile_rule(rule: SecretRule) -> re.Pattern[bytes]:
    """The pattern that stage 2 runs. Raises `RuleError`."""
    try:
        return re.compile(rule.pattern.encode("ascii"), flags_of(rule))
    except (re.error, UnicodeEncodeError, RecursionError, OverflowError) as error:
        raise RuleError(f"rule {rule.id}: pattern: {error}") from error


@cache
def compile_companion(rule: SecretRule) -> re.Pattern[bytes]:
    """The pattern of what stands beside a rule's match. Raises `RuleError`, also for a rule that
    has none."""
    if rule.companion is None or "(?P<secret>" not in rule.companion.pattern:
        raise RuleError(f"rule {rule.id}: companion: a pattern with the group `secret` is needed")
    try:
        return re.compile(rule.companion.pattern.encode("ascii"))
    except (re.error, UnicodeEncodeError, RecursionError, OverflowError) as error:
        raise RuleError(f"rule {rule.id}: companion: {error}") from error


def compile_boundary(rule: SecretRule) -> re.Pattern[bytes] | None:
    """One byte that may not stand beside the secret; None when the rule has no such test."""
    if not rule.boundary:
        return None
    try:
        return re.compile(f"[{rule.boundary}]".encode("ascii"))
    except (re.error, UnicodeEncodeError) as error:
        raise RuleError(
            f"rule {rule.id}: boundary {rule.boundary!r} is no character class: {error}"
        ) from error


def _width_in_words(width: int) -> str:
    return "unbounded" if width >= 1 << 20 else f"{width} bytes wide"


def _has_long_repeat(tree: Any) -> bool:
    """Only one repeat may make a match long, such as the body of a PEM block."""
    long = [node for node in walk(tree) if name_of(node) in REPEATS and node[1][1] > 1500]
    return len(long) == 1


class _Linter:
    """Refuses what is not in the subset both engines share, and what can backtrack without end."""

    _ALLOWED: Final = frozenset(
        {"LITERAL", "NOT_LITERAL", "ANY", "IN", "BRANCH", "SUBPATTERN", "AT"} | REPEATS
    )

    def __init__(self, rule: SecretRule) -> None:
        self._rule = rule

    def lint(self, nodes: list[Any], around: Any | None) -> None:
        for node in nodes:
            name = name_of(node)
            if name not in self._ALLOWED:
                self._refuse(f"{name.lower().replace('_', ' ')} is not in the shared subset")
            if name == "AT" and str(node[1]) not in _ZERO_WIDTH_WORD:
                self._refuse("^, $, \\A and \\Z are not in the shared subset; use `boundary`")
            repeat = around
            if name in REPEATS:
                if node[1][1] is MAXREPEAT:
                    self._refuse("an unbounded repeat; write {0,64} for * and {1,64} for +")
                if around is not None and self._ambiguous(around):
                    self._refuse("a variable repeat directly inside another one")
                if node[1][1] > 1 and node[1][0] != node[1][1]:
                    repeat = node
            for child in children(node):
                self.lint(list(child), repeat)

    @staticmethod
    def _ambiguous(outer: Any) -> bool:
        """Nothing but repeats inside the outer repeat: its rounds have no mark to tell them by."""
        body = list(outer[1][2])
        while len(body) == 1 and name_of(body[0]) == "SUBPATTERN":
            body = list(body[0][1][3])
        return all(name_of(node) in REPEATS for node in body)

    def _refuse(self, reason: str) -> None:
        raise RuleError(f"rule {self._rule.id}: pattern: {reason}")


def _literals(tree: Any) -> tuple[bytes, ...]:
    """The most telling set of strings one of which is in every match (for the engine `re`)."""
    best: tuple[bytes, ...] = ()
    run = bytearray()
    for node in [*tree, None]:
        if node is not None and name_of(node) == "LITERAL":
            run.append(node[1])
            continue
        best = _better(best, (bytes(run).lower(),) if run else ())
        run.clear()
        if node is None:
            break
        if name_of(node) == "SUBPATTERN":
            best = _better(best, _literals(node[1][3]))
        elif name_of(node) == "BRANCH":
            sets = [_literals(branch) for branch in node[1][1]]
            if all(sets):
                best = _better(best, tuple(sorted({text for texts in sets for text in texts})))
        elif name_of(node) in REPEATS and node[1][0] > 0:
            best = _better(best, _literals(node[1][2]))
    return best


def _better(left: tuple[bytes, ...], right: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """The set whose shortest string is longer."""
    return max(left, right, key=lambda texts: min((len(text) for text in texts), default=0))
