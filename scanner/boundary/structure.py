"""Reads YAML, JSON with comments, and TOML written by strangers into one small tree with lines.

YAML is built from parser events, not composed: nothing is constructed, aliases of collections stay
opaque, and depth and size are bounded, so no document can exhaust the stack or the memory.
"""

import re
import tomllib
from collections.abc import Iterator
from typing import NamedTuple

import msgspec
import yaml

MAX_BYTES = 1 << 20
MAX_DEPTH = 60
MAX_NODES = 50_000

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class StructureError(ValueError):
    """The document cannot be read; `line` is where, when known. The text never quotes it."""

    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


class Node:
    """A scalar (`text`), a list (`items`) or a mapping (`keys`, in file order), and its line."""

    __slots__ = ("items", "keys", "line", "text")

    def __init__(self, line: int | None, text: str | None = None) -> None:
        self.line = line
        self.text = text
        self.items: list[Node] = []
        self.keys: list[tuple[str, Node]] = []

    def get(self, *path: str) -> "Node | None":
        """The node under a chain of mapping keys."""
        node: Node | None = self
        for key in path:
            node = next((value for name, value in node.keys if name == key), None) if node else None
        return node


class Leaf(NamedTuple):
    """One scalar and the way to it; a list item's step is `[]`."""

    path: tuple[str, ...]
    text: str
    line: int | None


def leaves(node: Node) -> Iterator[Leaf]:
    """Every scalar below a node, in file order. An empty mapping or list has none."""
    stack: list[tuple[tuple[str, ...], Node]] = [((), node)]
    while stack:
        path, current = stack.pop()
        if current.text is not None:
            yield Leaf(path, current.text, current.line)
        stack.extend(((*path, "[]"), item) for item in reversed(current.items))
        stack.extend((((*path, key), value) for key, value in reversed(current.keys)))


def read(path: str, data: bytes) -> Node:
    """Decode by the path's suffix: `.json` and `.jsonc`, `.toml`, everything else YAML.

    Raises `StructureError`.
    """
    if len(data) > MAX_BYTES:
        raise StructureError(f"larger than {MAX_BYTES} bytes")
    if path.endswith((".json", ".jsonc", ".code-workspace")):
        return read_json(data)
    if path.endswith(".toml"):
        return _read_toml(data)
    return read_yaml(data)


# ------------------------------------------------------------------------------ YAML


def read_yaml(data: bytes) -> Node:
    """The first document. An empty one is an empty mapping."""
    try:
        return _Builder().build(data)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise StructureError("not valid YAML", mark.line + 1 if mark else None) from None
    except UnicodeError:
        raise StructureError("not valid UTF-8") from None


class _Builder:
    """Turns events into nodes with an explicit stack."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self.stack: list[Node] = []
        self.keys: list[str | None] = []
        self.anchors: dict[str, str] = {}
        self.count = 0

    def build(self, data: bytes) -> Node:
        for event in yaml.parse(data, Loader=_Loader):
            if isinstance(event, yaml.DocumentEndEvent):
                break
            self._take(event)
        return self.root or Node(1)

    def _take(self, event: yaml.Event) -> None:
        line = event.start_mark.line + 1 if event.start_mark else None
        if isinstance(event, yaml.ScalarEvent):
            if event.anchor:
                self.anchors[event.anchor] = event.value
            self._place(Node(line, event.value), event.value)
        elif isinstance(event, yaml.AliasEvent):
            text = self.anchors.get(event.anchor or "", "")
            self._place(Node(line, text), text)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            if len(self.stack) >= MAX_DEPTH:
                raise StructureError("nested too deeply", line)
            node = Node(line)
            self._place(node, "?")
            self.stack.append(node)
            # A mapping waits for a key (None); a sequence never does ("").
            self.keys.append(None if isinstance(event, yaml.MappingStartEvent) else "")
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self.stack.pop()
            self.keys.pop()

    def _place(self, node: Node, as_key: str) -> None:
        self.count += 1
        if self.count > MAX_NODES:
            raise StructureError("too many values", node.line)
        if not self.stack:
            self.root = node
        elif self.keys[-1] == "":
            self.stack[-1].items.append(node)
        elif self.keys[-1] is None:
            # The empty key must not read as "sequence".
            self.keys[-1] = as_key or "~"
        else:
            self.stack[-1].keys.append((self.keys[-1], node))
            self.keys[-1] = None


# ------------------------------------------------------------------------------ JSON, TOML

_JSON_TOKEN = re.compile(
    rb"""
      (?P<text> "(?:[^"\\]|\\.)*+" )
    | (?P<comment> //[^\n]*+ | /\*(?:[^*]|\*(?!/))*+\*/ )
    | (?P<trailing> ,(?=\s*+[\]}]) )
    """,
    re.VERBOSE | re.DOTALL,
)


def read_json(data: bytes) -> Node:
    """JSON, with comments and trailing commas as editors allow them. Nodes have no lines."""
    bare = _JSON_TOKEN.sub(lambda found: found[0] if found["text"] else b" ", data)
    bare = _JSON_TOKEN.sub(lambda found: found[0] if found["text"] else b" ", bare)
    try:
        value = msgspec.json.decode(bare or b"{}")
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        raise StructureError("not valid JSON") from None
    return _from_value(value)


def _read_toml(data: bytes) -> Node:
    try:
        value = tomllib.loads(data.decode())
    except (tomllib.TOMLDecodeError, RecursionError, UnicodeError):
        raise StructureError("not valid TOML") from None
    return _from_value(value)


def _from_value(value: object) -> Node:
    root = Node(None)
    work: list[tuple[Node, object, int]] = [(root, value, 0)]
    count = 0
    while work:
        node, current, depth = work.pop()
        count += 1
        if depth > MAX_DEPTH or count > MAX_NODES:
            raise StructureError("nested too deeply or too large")
        if isinstance(current, dict):
            for key, inner in current.items():
                child = Node(None)
                node.keys.append((str(key), child))
                work.append((child, inner, depth + 1))
        elif isinstance(current, list):
            for inner in current:
                child = Node(None)
                node.items.append(child)
                work.append((child, inner, depth + 1))
        else:
            node.text = _scalar(current)
    return root


def _scalar(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
