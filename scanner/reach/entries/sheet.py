"""A configuration file as one small tree in which every value knows where it stands."""

from collections.abc import Iterator

import msgspec

from scanner.reach.entries.entry import Span

DEEPEST = 60
MOST_NODES = 50_000


class SheetError(Exception):
    """The file cannot be read. The text never quotes it."""

    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


class Node(msgspec.Struct):
    """A scalar (`text`, None for null), a list (`items`) or a mapping (`members`)."""

    span: Span
    text: str | None = None
    items: list["Node"] = []
    members: dict[str, "Node"] = {}
    """Of a key given twice the last counts."""
    is_map: bool = False

    def get(self, *keys: str) -> "Node | None":
        """The value below nested keys, or None where one is missing."""
        node: Node | None = self
        for key in keys:
            node = node.members.get(key) if node is not None else None
        return node

    def string(self, *keys: str) -> str:
        """The scalar below nested keys, "" where there is none."""
        node = self.get(*keys)
        return (node.text or "") if node is not None else ""

    def pairs(self, *keys: str) -> Iterator[tuple[str, "Node"]]:
        """The members of the mapping below nested keys, in order."""
        node = self.get(*keys)
        if node is not None:
            yield from node.members.items()

    def listed(self, *keys: str) -> Iterator["Node"]:
        """The items of the list below nested keys; a scalar counts as a list of itself."""
        node = self.get(*keys)
        if node is None:
            return
        if node.text is not None:
            yield node
        yield from node.items

    def scalars(self) -> Iterator["Node"]:
        """Every text below, in order. Values that aliases repeat are given once."""
        seen: set[int] = set()
        stack = [self]
        while stack:
            node = stack.pop()
            if id(node) in seen:
                continue
            seen.add(id(node))
            if node.text is not None:
                yield node
            stack.extend(reversed([*node.items, *node.members.values()]))


EMPTY = Span(1)


def read_sheet(path: str, text: str) -> Node:
    """Decode by the path's ending: JSON (comments allowed), TOML, everything else YAML.

    An empty file is an empty mapping. Raises `SheetError`.
    """
    from scanner.reach.entries import sheet_json, sheet_toml, sheet_yaml

    if not text.strip():
        return Node(EMPTY, is_map=True)
    if path.endswith((".json", ".jsonc", ".code-workspace")):
        return sheet_json.read(text)
    if path.endswith(".toml"):
        return sheet_toml.read(text)
    return sheet_yaml.read(text)
