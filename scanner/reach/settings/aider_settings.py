"""Aider's YAML settings: each key from the highest file that has it, with its line."""

import re
from collections.abc import Iterator, Sequence

import msgspec

from scanner.reach.formats import jsonc, yaml_nodes
from scanner.reach.surroundings import GivenSettings
from scanner.reach.tree import Tree, Unreadable

CONFIG = ".aider.conf.yml"
_ASSIGNMENT = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)")


class Value(msgspec.Struct, frozen=True):
    """One text of a key; a list gives several."""

    text: str
    path: str
    line: int
    personal: bool

    @property
    def source(self) -> str:
        """`file:line`."""
        return f"{self.path}:{self.line}"

    @property
    def true(self) -> bool:
        """Whether a switch is on."""
        return self.text.lower() == "true"


class Broken(msgspec.Struct, frozen=True):
    """A file with which Aider does not start."""

    path: str
    line: int | None
    reason: str
    personal: bool


class AiderSettings:
    """The files in the order of their rank, highest first."""

    def __init__(self, tree: Tree, home: Tree | None, given: Sequence[GivenSettings]) -> None:
        self.broken: list[Broken] = []
        self.unreadable: list[Unreadable] = []
        self._values: dict[str, tuple[Value, ...]] = {}
        for entry in reversed(given):
            self._add(entry.path, entry.text, personal=True)
        for base, name, personal in ((tree, CONFIG, False), (home, f"~/{CONFIG}", True)):
            text = base.text(CONFIG) if base is not None else None
            if isinstance(text, Unreadable):
                self.unreadable.append(text)
            elif text is not None:
                self._add(name, text, personal=personal)

    def _add(self, path: str, text: str, *, personal: bool) -> None:
        document = yaml_nodes.parse(text)
        root = document.root
        if document.error or not (root is None or isinstance(root, jsonc.Object)):
            reason = document.error or "it is no mapping of keys to values"
            self.broken.append(Broken(path, document.line, reason, personal))
            return
        for name, node in root.members.items() if root is not None else ():
            values = tuple(_values(node, path, personal))
            if name == "yes":
                reason = "the key yes is gone; yes-always took its place"
                self.broken.append(Broken(path, node.line, reason, personal))
            if values:
                self._values.setdefault(name.removeprefix("--"), values)

    def all(self, key: str) -> tuple[Value, ...]:
        """The texts of a key, of the highest file that has it."""
        return self._values.get(key, ())

    def one(self, key: str) -> Value | None:
        """The last text of a key."""
        values = self.all(key)
        return values[-1] if values else None

    def on(self, key: str, *, default: bool = False) -> bool:
        """Whether a switch is on."""
        value = self.one(key)
        return value.true if value is not None else default


def _values(node: jsonc.Node, path: str, personal: bool) -> Iterator[Value]:
    items = node.items if isinstance(node, jsonc.Array) else (node,)
    for item in items:
        if isinstance(item, jsonc.Scalar) and item.value is not None:
            text = str(item.value).lower() if isinstance(item.value, bool) else str(item.value)
            yield Value(text, path, item.line, personal)


def assignments(text: str) -> Iterator[tuple[str, str, int]]:
    """Name, value and line of a `.env` file's plain assignments."""
    for number, line in enumerate(text.splitlines(), 1):
        match = _ASSIGNMENT.fullmatch(line)
        if match is not None:
            yield match.group(1), match.group(2).strip().strip("\"'"), number
