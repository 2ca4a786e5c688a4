"""Reads a rule's expression: refuses what the two engines do not share, and derives stage 1.

Stage 1 only has to notice that a match may begin. So the pattern it searches for is a *required
prefix* of the rule's pattern: the parse tree written out again up to where it gets long, with
trailing repeats cut to their minimum and zero-width tests left out. Every match of the rule starts
with a match of its prefix; and the prefix reports few end offsets where the whole pattern would
report one for every character of a variable tail.
"""

import importlib
import re
from functools import cache
from typing import Any, Final

import msgspec

from scanner.errors import RuleError
from scanner.rules.secrets import SecretRule

MAXIMUM_WIDTH: Final = 4096
"""Bytes a match may span; longer only for what has a body between two marks, as a PEM block."""
MAXIMUM_BODY_WIDTH: Final = 16_384

_LONG_REPEAT: Final = 400
_PREFIX_OF_LONG_REPEAT: Final = 24
_MOST_ALTERNATIVES: Final = 32

# The parser of the standard library's own `re`. Private by name, but the only parser that reads
# exactly what stage 2 will run; its node names have been the same since Python 3.7.
_parser: Any = importlib.import_module("re._parser")
_constants: Any = importlib.import_module("re._constants")

_CATEGORIES: Final = {
    "CATEGORY_DIGIT": r"\d",
    "CATEGORY_NOT_DIGIT": r"\D",
    "CATEGORY_SPACE": r"\s",
    "CATEGORY_NOT_SPACE": r"\S",
    "CATEGORY_WORD": r"\w",
    "CATEGORY_NOT_WORD": r"\W",
}
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
        tree = _parser.parse(rule.pattern.encode("ascii"), _flags(rule))
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
    writer = _Prefix(rule)
    prefixes = tuple(writer.of(nodes) for nodes in alternatives(list(tree)))
    widths = [_parser.parse(text.encode("ascii"), _flags(rule)).getwidth() for text in prefixes]
    shortest = min(int(low) for low, _ in widths)
    longest = max(int(high) for _, high in widths)
    return Plan(prefixes, shortest, longest, most, _literals(tree))


def parse(text: str, rule: SecretRule) -> Any:
    """The parse tree of a part of a rule's pattern; for the siblings of this module only."""
    return _parser.parse(text.encode("ascii"), _flags(rule))


def required_literals(text: bytes, flags: int) -> tuple[bytes, ...]:
    """Lower-case strings one of which stands in every match; empty when there is no such set."""
    return _literals(_parser.parse(text, flags))


def prefix_of(nodes: list[Any], rule: SecretRule) -> str:
    """The required prefix of a sequence of nodes, as a pattern for Hyperscan."""
    return _Prefix(rule).of(nodes)


def compile_rule(rule: SecretRule) -> re.Pattern[bytes]:
    """The pattern that stage 2 runs. Raises `RuleError`."""
    try:
        return re.compile(rule.pattern.encode("ascii"), _flags(rule))
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


def _flags(rule: SecretRule) -> int:
    return re.IGNORECASE if rule.case_insensitive else 0


def _width_in_words(width: int) -> str:
    return "unbounded" if width >= 1 << 20 else f"{width} bytes wide"


def _has_long_repeat(tree: Any) -> bool:
    """Only one repeat may make a match long, such as the body of a PEM block."""
    long = [node for node in _walk(tree) if name_of(node) in _REPEATS and node[1][1] > 1500]
    return len(long) == 1


_REPEATS: Final = frozenset({"MAX_REPEAT", "MIN_REPEAT"})


def name_of(node: Any) -> str:
    """The kind of a node of a parse tree, such as `LITERAL`."""
    return str(node[0])


def _children(node: Any) -> list[Any]:
    name, value = name_of(node), node[1]
    if name in _REPEATS:
        return [value[2]]
    if name == "SUBPATTERN":
        return [value[3]]
    if name == "BRANCH":
        return list(value[1])
    return []


def _walk(tree: Any) -> list[Any]:
    found = []
    for node in tree:
        found.append(node)
        for child in _children(node):
            found.extend(_walk(child))
    return found


def alternatives(nodes: list[Any]) -> list[list[Any]]:
    """The sequences that a pattern which starts with a choice stands for, else the pattern itself.

    Not for speed: Vectorscan 5.4.12, which the `hyperscan` wheel holds, misses a second match of
    `(?:a[a-z]{0,20}key|x-key): ...` when `x-key` matched before. Apart it finds both.
    """
    if not nodes or (len(nodes) > 1 and name_of(nodes[0]) not in {"SUBPATTERN", "BRANCH"}):
        return [nodes]
    first, rest = nodes[0], nodes[1:]
    if name_of(first) == "BRANCH":
        choices = [list(branch) for branch in first[1][1]]
        found = [each for choice in choices for each in alternatives([*choice, *rest])]
        return found if len(found) <= _MOST_ALTERNATIVES else [nodes]
    if name_of(first) == "SUBPATTERN" and not (first[1][1] or first[1][2]):
        return alternatives([*first[1][3], *rest])
    return [nodes]


class _Linter:
    """Refuses what is not in the subset both engines share, and what can backtrack without end."""

    _ALLOWED: Final = frozenset(
        {"LITERAL", "NOT_LITERAL", "ANY", "IN", "BRANCH", "SUBPATTERN", "AT"} | _REPEATS
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
            if name in _REPEATS:
                if node[1][1] is _constants.MAXREPEAT:
                    self._refuse("an unbounded repeat; write {0,64} for * and {1,64} for +")
                if around is not None and self._ambiguous(around):
                    self._refuse("a variable repeat directly inside another one")
                if node[1][1] > 1 and node[1][0] != node[1][1]:
                    repeat = node
            for child in _children(node):
                self.lint(list(child), repeat)

    @staticmethod
    def _ambiguous(outer: Any) -> bool:
        """Nothing but repeats inside the outer repeat: its rounds have no mark to tell them by."""
        body = list(outer[1][2])
        while len(body) == 1 and name_of(body[0]) == "SUBPATTERN":
            body = list(body[0][1][3])
        return all(name_of(node) in _REPEATS for node in body)

    def _refuse(self, reason: str) -> None:
        raise RuleError(f"rule {self._rule.id}: pattern: {reason}")


class _Prefix:
    """Writes the required prefix of a parse tree as a pattern for Hyperscan."""

    def __init__(self, rule: SecretRule) -> None:
        self._rule = rule

    def of(self, nodes: list[Any]) -> str:
        """Of one sequence of nodes."""
        for index, node in enumerate(nodes):
            if self._is_long(node):
                low = min(int(node[1][0]), _PREFIX_OF_LONG_REPEAT)
                body = self._group(self._sequence(node[1][2]))
                return self._sequence(nodes[:index]) + f"{body}{{{low}}}"
        return self._trimmed(nodes)

    @staticmethod
    def _is_long(node: Any) -> bool:
        return name_of(node) in _REPEATS and node[1][1] > _LONG_REPEAT and node[1][0] > 0

    def _trimmed(self, nodes: list[Any]) -> str:
        """A sequence whose variable tail is cut to its least."""
        while nodes:
            node = nodes[-1]
            head = self._sequence(nodes[:-1])
            name = name_of(node)
            if name == "AT" or (name in _REPEATS and node[1][0] == 0):
                nodes = nodes[:-1]
                continue
            if name in _REPEATS and node[1][0] != node[1][1]:
                return head + f"{self._group(self._sequence(node[1][2]))}{{{int(node[1][0])}}}"
            if name == "SUBPATTERN" and not (node[1][1] or node[1][2]):
                inner = self._trimmed(list(node[1][3]))
                if inner:
                    return head + self._group(inner)
                nodes = nodes[:-1]
                continue
            return head + self._node(node)
        return ""

    def _sequence(self, nodes: Any) -> str:
        return "".join(self._node(node) for node in nodes)

    @staticmethod
    def _group(text: str) -> str:
        return f"(?:{text})"

    def _node(self, node: Any) -> str:
        name, value = name_of(node), node[1]
        if name == "LITERAL":
            return f"\\x{value:02x}"
        if name == "NOT_LITERAL":
            return f"[^\\x{value:02x}]"
        if name == "ANY":
            return r"[^\n]"
        if name == "IN":
            return f"[{''.join(self._member(member) for member in value)}]"
        if name == "AT":
            return ""
        if name == "BRANCH":
            return self._group("|".join(self._sequence(branch) for branch in value[1]))
        if name == "SUBPATTERN":
            return self._subpattern(value)
        low, high, body = int(value[0]), int(value[1]), value[2]
        return f"{self._group(self._sequence(body))}{{{low},{high}}}"

    def _subpattern(self, value: Any) -> str:
        _, added, removed, body = value
        if removed or added & ~re.IGNORECASE:
            raise RuleError(f"rule {self._rule.id}: pattern: only the inline flag i is shared")
        start = "(?i:" if added & re.IGNORECASE else "(?:"
        return f"{start}{self._sequence(body)})"

    @staticmethod
    def _member(member: Any) -> str:
        name, value = name_of(member), member[1]
        if name == "NEGATE":
            return "^"
        if name == "RANGE":
            return f"\\x{value[0]:02x}-\\x{value[1]:02x}"
        if name == "CATEGORY":
            return _CATEGORIES[str(value)]
        return f"\\x{value:02x}"


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
        elif name_of(node) in _REPEATS and node[1][0] > 0:
            best = _better(best, _literals(node[1][2]))
    return best


def _better(left: tuple[bytes, ...], right: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """The set whose shortest string is longer."""
    return max(left, right, key=lambda texts: min((len(text) for text in texts), default=0))
