"""The required prefix of a rule's pattern, as a pattern for Hyperscan."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from scanner.detectors.tree import REPEATS, name_of, parse
from scanner.errors import RuleError
from scanner.rules.secrets import SecretRule

_LONG_REPEAT: Final = 400
_PREFIX_OF_LONG_REPEAT: Final = 24
_WIDEST: Final = 500
"""Bytes that a prefix should span at most: the wider the widest, the more has to be searched again
around what is new in a version of a file."""
_TELLING: Final = 16
"""Bytes; a prefix that can be shorter than this is better too wide than cut."""

_CATEGORIES: Final = {
    "CATEGORY_DIGIT": r"\d",
    "CATEGORY_NOT_DIGIT": r"\D",
    "CATEGORY_SPACE": r"\s",
    "CATEGORY_NOT_SPACE": r"\S",
    "CATEGORY_WORD": r"\w",
    "CATEGORY_NOT_WORD": r"\W",
}


def prefix_of(nodes: list[Any], rule: SecretRule) -> str:
    """The required prefix of a sequence of nodes, as a pattern for Hyperscan."""
    return _Prefix(rule).of(nodes)


def written(nodes: list[Any], rule: SecretRule) -> str:
    """A sequence of nodes as a pattern for Hyperscan, without its zero-width tests."""
    return _Prefix(rule).sequence(nodes)


class _Prefix:
    """Writes the required prefix of a parse tree as a pattern for Hyperscan."""

    def __init__(self, rule: SecretRule) -> None:
        self._rule = rule

    def of(self, nodes: list[Any]) -> str:
        """Of one sequence of nodes."""
        for index, node in enumerate(nodes):
            if self._is_long(node):
                low = min(int(node[1][0]), _PREFIX_OF_LONG_REPEAT)
                body = self._group(self.sequence(node[1][2]))
                return self.sequence(nodes[:index]) + f"{body}{{{low}}}"
        whole = self._trimmed(nodes)
        return whole if self._width(whole)[1] <= _WIDEST else self._cut(nodes) or whole

    def _cut(self, nodes: list[Any]) -> str:
        """The longest beginning that is not too wide; empty if that is too short to be rare."""
        flat = list(_flattened(nodes))
        for count in range(len(flat) - 1, 0, -1):
            text = self._trimmed(flat[:count])
            if text and self._width(text)[1] <= _WIDEST:
                text = self._continued(text, flat[count]) or text
                return text if self._width(text)[0] >= _TELLING else ""
        return ""

    def _continued(self, text: str, node: Any) -> str:
        """A beginning with as many rounds of the repeat behind it as fit; empty for none."""
        if name_of(node) not in REPEATS:
            return ""
        body = self._group(self.sequence(node[1][2]))
        room = (_WIDEST - self._width(text)[1]) // max(1, self._width(body)[1])
        rounds = min(int(node[1][0]), room)
        return f"{text}{body}{{{rounds}}}" if rounds else ""

    def _width(self, text: str) -> tuple[int, int]:
        least, most = parse(text, self._rule).getwidth()
        return int(least), int(most)

    @staticmethod
    def _is_long(node: Any) -> bool:
        return name_of(node) in REPEATS and node[1][1] > _LONG_REPEAT and node[1][0] > 0

    def _trimmed(self, nodes: list[Any]) -> str:
        """A sequence whose variable tail is cut to its least."""
        while nodes:
            node = nodes[-1]
            head = self.sequence(nodes[:-1])
            name = name_of(node)
            if name == "AT" or (name in REPEATS and node[1][0] == 0):
                nodes = nodes[:-1]
                continue
            if name in REPEATS and node[1][0] != node[1][1]:
                return head + f"{self._group(self.sequence(node[1][2]))}{{{int(node[1][0])}}}"
            if name == "SUBPATTERN" and not (node[1][1] or node[1][2]):
                inner = self._trimmed(list(node[1][3]))
                if inner:
                    return head + self._group(inner)
                nodes = nodes[:-1]
                continue
            return head + self._node(node)
        return ""

    def sequence(self, nodes: Any) -> str:
        """Of all the nodes."""
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
            return self._group("|".join(self.sequence(branch) for branch in value[1]))
        if name == "SUBPATTERN":
            return self._subpattern(value)
        low, high, body = int(value[0]), int(value[1]), value[2]
        return f"{self._group(self.sequence(body))}{{{low},{high}}}"

    def _subpattern(self, value: Any) -> str:
        _, added, removed, body = value
        if removed or added & ~re.IGNORECASE:
            raise RuleError(f"rule {self._rule.id}: pattern: only the inline flag i is shared")
        start = "(?i:" if added & re.IGNORECASE else "(?:"
        return f"{start}{self.sequence(body)})"

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


def _flattened(nodes: Iterable[Any]) -> Iterator[Any]:
    """The same sequence without groups that only group."""
    for node in nodes:
        if name_of(node) == "SUBPATTERN" and not (node[1][1] or node[1][2]):
            yield from _flattened(node[1][3])
        else:
            yield node
