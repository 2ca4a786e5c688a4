"""The parse tree of a rule's expression, as the standard library's own parser makes it."""

import importlib
import re
from typing import Any, Final

from scanner.rules.secrets import SecretRule

# The parser of the standard library's own `re`. Private by name, but the only parser that reads
# exactly what stage 2 will run; its node names have been the same since Python 3.7.
_parser: Any = importlib.import_module("re._parser")
_constants: Any = importlib.import_module("re._constants")

REPEATS: Final = frozenset({"MAX_REPEAT", "MIN_REPEAT"})
MAXREPEAT: Final = _constants.MAXREPEAT

_MOST_ALTERNATIVES: Final = 32
_LINE_FEED: Final = 10
_WITH_LINE_FEED: Final = frozenset({"CATEGORY_SPACE", "CATEGORY_NOT_DIGIT", "CATEGORY_NOT_WORD"})


def parse(text: str, rule: SecretRule) -> Any:
    """The tree of a rule's pattern, or of a part of it."""
    return parse_bytes(text.encode("ascii"), flags_of(rule))


def parse_bytes(text: bytes, flags: int) -> Any:
    """The tree of any expression."""
    return _parser.parse(text, flags)


def flags_of(rule: SecretRule) -> int:
    """The flags that `re` compiles a rule's pattern with."""
    return re.IGNORECASE if rule.case_insensitive else 0


def name_of(node: Any) -> str:
    """The kind of a node of a parse tree, such as `LITERAL`."""
    return str(node[0])


def children(node: Any) -> list[Any]:
    """The sequences of nodes inside a node."""
    name, value = name_of(node), node[1]
    if name in REPEATS:
        return [value[2]]
    if name == "SUBPATTERN":
        return [value[3]]
    if name == "BRANCH":
        return list(value[1])
    return []


def walk(tree: Any) -> list[Any]:
    """All nodes, each before those inside it."""
    found = []
    for node in tree:
        found.append(node)
        for child in children(node):
            found.extend(walk(child))
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


def crosses_lines(tree: Any) -> bool:
    """Whether a match can hold a line feed."""
    return any(_takes_line_feed(node) for node in walk(tree))


def _takes_line_feed(node: Any) -> bool:
    name, value = name_of(node), node[1]
    if name in ("LITERAL", "NOT_LITERAL"):
        return bool(value == _LINE_FEED) == (name == "LITERAL")
    if name != "IN":
        return False
    inside = any(_is_line_feed(member) for member in value)
    negated = any(name_of(member) == "NEGATE" for member in value)
    return inside != negated


def _is_line_feed(member: Any) -> bool:
    name, value = name_of(member), member[1]
    if name == "RANGE":
        return bool(value[0] <= _LINE_FEED <= value[1])
    if name == "CATEGORY":
        return str(value) in _WITH_LINE_FEED
    return name == "LITERAL" and value == _LINE_FEED
