"""YAML from parser events: nothing is constructed, aliases are shared, not copied."""

import yaml

from scanner.reach.entries.entry import Span
from scanner.reach.entries.sheet import DEEPEST, EMPTY, MOST_NODES, Node, SheetError

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULLS = ("", "~", "null", "Null", "NULL")
_MOST_MERGES = 8


def read(text: str) -> Node:
    """The first document of a file. Raises `SheetError`."""
    return read_all(text)[0]


def read_all(text: str) -> list[Node]:
    """Every document, at least one. Raises `SheetError`."""
    builder = _Builder()
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            builder.take(event)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise SheetError("not valid YAML", mark.line + 1 if mark else None) from None
    return builder.documents or [Node(EMPTY, is_map=True)]


def _start(event: yaml.Event) -> tuple[int, int]:
    """Line and column, from 1."""
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)


def _span(event: yaml.ScalarEvent) -> Span:
    line, column = _start(event)
    end = event.end_mark
    if end is None:
        return Span(line)
    if end.line + 1 == line:
        quotes = event.style in ("'", '"')
        return Span(line, column + quotes, None, end.column + 1 - quotes)
    # A block scalar ends where the next line begins: its own last line is the one before.
    last = end.line if end.column == 0 else end.line + 1
    return Span(line, None, max(line, last))


class _Builder:
    """Turns events into nodes with an explicit stack, so that depth costs no recursion."""

    def __init__(self) -> None:
        self.documents: list[Node] = []
        self._stack: list[Node] = []
        self._keys: list[str | None] = []
        self._anchors: dict[str, Node] = {}
        self._count = 0

    def take(self, event: yaml.Event) -> None:
        """Use one event."""
        if isinstance(event, yaml.DocumentStartEvent):
            self._anchors = {}
        elif isinstance(event, yaml.ScalarEvent):
            null = event.implicit[0] and event.value in _NULLS
            self._place(
                Node(_span(event), None if null else event.value), event.anchor, event.value
            )
        elif isinstance(event, yaml.AliasEvent):
            # An alias to a collection that is still open would make a circle.
            known = self._anchors.get(event.anchor or "")
            circular = any(known is node for node in self._stack)
            node = Node(Span(_start(event)[0])) if known is None or circular else known
            self._place(node, None, "")
        elif isinstance(event, yaml.CollectionStartEvent):
            self._begin(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._stack.pop()
            self._keys.pop()

    def _begin(self, event: yaml.CollectionStartEvent) -> None:
        mapping = isinstance(event, yaml.MappingStartEvent)
        line = _start(event)[0]
        if len(self._stack) >= DEEPEST:
            raise SheetError("nested too deeply", line)
        node = Node(Span(line), is_map=mapping)
        self._place(node, event.anchor, None)
        self._stack.append(node)
        self._keys.append(None)

    def _place(self, node: Node, anchor: str | None, text: str | None) -> None:
        self._count += 1
        if self._count > MOST_NODES:
            raise SheetError(f"more than {MOST_NODES} values", node.span.line)
        if anchor:
            self._anchors[anchor] = node
        if not self._stack:
            self.documents.append(node)
            return
        parent = self._stack[-1]
        if not parent.is_map:
            parent.items.append(node)
        elif self._keys[-1] is None:
            self._keys[-1] = text if text is not None else ""
        else:
            self._member(parent, self._keys[-1], node)
            self._keys[-1] = None

    def _member(self, parent: Node, key: str, node: Node) -> None:
        if key != "<<":
            parent.members[key] = node
            return
        for merged in (node.items or [node])[:_MOST_MERGES]:
            self._count += len(merged.members)
            parent.members = {**merged.members, **parent.members}
