"""Runs every check over one file, as cheaply and as safely as can be.

Order of cost: a byte search, Python's own parser, LibCST's (five times slower), positions (ten
times; only for a file that has a match). Python's parser goes first because LibCST's is native code
that exhausts the stack on deep nesting and takes the process with it: nothing reaches it that is
not known to be shallow, or to be survived (`probe`).
"""

import ast
import importlib
import pkgutil
import re
import warnings
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Protocol

from scanner.dataflow.probe import survives
from scanner.model import FlowMatch, Problem

if TYPE_CHECKING:
    from scanner.dataflow.source import SourceFile

MAX_BYTES = 1 << 20
MAX_DEPTH = 150
MAX_NODES = 200_000

_PYTHON_2 = re.compile(
    rb"(?m)^[ \t]*(?:print[ \t]+[\"'\w(]|exec[ \t]+[\"']|raise[ \t]+\w+[ \t]*,"
    rb"|except[ \t]+[\w.]+[ \t]*,[ \t]*\w+[ \t]*:)|\bur[\"']"
)


class Check(Protocol):
    """What a module in `scanner.dataflow.checks` offers; its docstring is its documentation."""

    GOOD: tuple[str, ...]
    """Whole files without a match."""
    BAD: tuple[str, ...]
    """Whole files with one match on every line that ends in `# here`, and no other. A literal
    `"GENERATED"` stands for a made-up credential, which the tests put in its place."""

    def triggered(self, data: bytes) -> bool:
        """Whether a file with these bytes can have a match; costs a byte search, loads nothing."""

    def run(self, source: "SourceFile") -> list[FlowMatch]:
        """Matches, ordered by position."""


@cache
def checks() -> dict[str, Check]:
    """Every check by the name of its module. Loads neither LibCST nor a rule."""
    from scanner.dataflow import checks as package

    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    return {name: importlib.import_module(f"{package.__name__}.{name}") for name in names}


def has_trigger(data: bytes) -> bool:
    """Whether parsing the file could bring a match for any check. Costs a byte search."""
    return any(check.triggered(data) for check in checks().values())


def check_file(path: str, data: bytes) -> list[FlowMatch] | Problem:
    """Every match in one Python file, ordered by position.

    A file without a trigger has none and is not parsed, so whether it could be parsed stays unsaid.
    One with a trigger that is too large, too deeply nested or not Python 3 is a `Problem`.
    """
    wanted = [check for check in checks().values() if check.triggered(data)]
    if not wanted:
        return []
    tree = _parsed(data)
    if isinstance(tree, str):
        return Problem("dataflow", path, tree)
    if tree is not None:
        scopes = list(_scopes(tree, data))
        wanted = [check for check in wanted if any(map(check.triggered, scopes))]
    if not wanted:
        return []
    from scanner.dataflow.source import SourceFile, UnparsableError

    try:
        source = SourceFile.parse(path, data, tree)
        matches = [match for check in wanted for match in check.run(source)]
    except UnparsableError as error:
        return Problem("dataflow", path, error.reason)
    except RecursionError:
        return Problem("dataflow", path, "nested too deeply to analyse")
    return sorted(matches, key=lambda match: (match.line, match.column, match.rule))


def _parsed(data: bytes) -> ast.Module | str | None:
    """Python's own tree; None where only LibCST knows the syntax; or why the file must not be given
    to LibCST, which never quotes it."""
    if len(data) > MAX_BYTES:
        return f"larger than {MAX_BYTES} bytes"
    try:
        with warnings.catch_warnings():
            # Invalid escapes and the like: the scanned code's own business.
            warnings.simplefilter("ignore")
            tree = ast.parse(data)
    except SyntaxError as error:
        if _PYTHON_2.search(data):
            return "Python 2 syntax is not analysed"
        # It may be newer than this interpreter: LibCST knows newer syntax.
        return None if survives(data) else _not_python(error)
    except (ValueError, RecursionError, MemoryError):
        return "not valid Python, or nested too deeply to parse"
    return _too_deep(tree) or tree


def _scopes(tree: ast.Module, data: bytes) -> Iterator[bytes]:
    """The text of each function, and of what lies outside functions.

    A flow stays in one of them, so a file in which no single one has a trigger has no match. Big
    files often have the source in one function and the sink in another, and LibCST is slow.
    """
    lines = data.splitlines(keepends=True)
    outside = [True] * len(lines)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            last = node.end_lineno or node.lineno
            yield b"".join(lines[node.lineno - 1 : last])
            outside[node.lineno : last] = [False] * (last - node.lineno)
    yield b"".join(line for line, keep in zip(lines, outside, strict=True) if keep)


def _not_python(error: SyntaxError) -> str:
    line = f" (line {error.lineno})" if error.lineno else ""
    return f"not valid Python{line}, or nested too deeply to parse"


def _too_deep(tree: ast.AST) -> str | None:
    level, depth, count = [tree], 0, 0
    while level:
        depth += 1
        count += len(level)
        if depth > MAX_DEPTH:
            return f"nested more than {MAX_DEPTH} levels"
        if count > MAX_NODES:
            return f"more than {MAX_NODES} syntax nodes"
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    return None
