"""One parsed Python file: its tree, what its names stand for, and positions on demand."""

import ast
from collections.abc import Iterator

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider


class UnparsableError(ValueError):
    """LibCST cannot read the file."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class SourceFile:
    """Positions are computed when the first is asked for: they cost more than everything else."""

    def __init__(self, path: str, module: cst.Module, tree: ast.Module | None = None) -> None:
        """`tree` is Python's own, where it could parse the file: its imports are read ten times
        faster."""
        self.path = path
        self.module = module
        self.aliases = dict(_imports(module) if tree is None else _imports_of(tree))
        """What imported names stand for: `{"env": "os.environ"}`. Imports anywhere in the file
        count everywhere in it; a name bound twice keeps its last meaning."""
        self._wrapper = MetadataWrapper(module, unsafe_skip_copy=True)

    @classmethod
    def parse(cls, path: str, data: bytes, tree: ast.Module | None = None) -> "SourceFile":
        """Raises `UnparsableError`. The data must have passed the driver's depth limit."""
        try:
            return cls(path, cst.parse_module(data), tree)
        except (cst.ParserSyntaxError, UnicodeError, ValueError):
            raise UnparsableError("not valid Python") from None

    def position(self, node: cst.CSTNode) -> tuple[int, int]:
        """Line and column of a node's first character; the column is 1-based."""
        where = self._wrapper.resolve(PositionProvider).get(node)
        if not isinstance(where, CodeRange):
            return (1, 1)
        return (where.start.line, where.start.column + 1)

    def qualified(self, node: cst.BaseExpression) -> str | None:
        """The dotted name an expression stands for, through this file's imports."""
        name = dotted(node)
        if name is None:
            return None
        head, dot, rest = name.partition(".")
        return self.aliases.get(head, head) + dot + rest


def dotted(node: cst.CSTNode) -> str | None:
    """`a.b.c` for names and attributes of names; None for anything else."""
    parts: list[str] = []
    while isinstance(node, cst.Attribute):
        parts.append(node.attr.value)
        node = node.value
    if not isinstance(node, cst.Name):
        return None
    parts.append(node.value)
    return ".".join(reversed(parts))


def _imports(module: cst.Module) -> Iterator[tuple[str, str]]:
    """Pairs of a name in this file and the dotted name it was imported as."""
    stack: list[cst.CSTNode] = [module]
    while stack:
        node = stack.pop()
        if isinstance(node, cst.Import):
            for alias in node.names:
                yield from _import(alias)
        elif isinstance(node, cst.ImportFrom):
            yield from _import_from(node)
        elif not isinstance(node, cst.BaseExpression):
            stack.extend(reversed(node.children))


def _imports_of(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """The same from Python's own tree, in the order of the text."""
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    for node in sorted(found, key=lambda node: (node.lineno, node.col_offset)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                head = alias.name.partition(".")[0]
                yield (alias.asname, alias.name) if alias.asname else (head, head)
        elif node.module and not node.level:
            for alias in node.names:
                if alias.name != "*":
                    yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def _import(alias: cst.ImportAlias) -> Iterator[tuple[str, str]]:
    name = dotted(alias.name)
    if name is None:
        return
    bound = _bound(alias)
    if bound is not None:
        yield bound, name
    else:  # `import a.b` binds `a`
        head = name.partition(".")[0]
        yield head, head


def _import_from(node: cst.ImportFrom) -> Iterator[tuple[str, str]]:
    if isinstance(node.names, cst.ImportStar) or node.module is None or node.relative:
        return
    package = dotted(node.module)
    for alias in node.names:
        name = dotted(alias.name)
        if package is not None and name is not None:
            yield _bound(alias) or name, f"{package}.{name}"


def _bound(alias: cst.ImportAlias) -> str | None:
    name = alias.asname.name if alias.asname else None
    return name.value if isinstance(name, cst.Name) else None
