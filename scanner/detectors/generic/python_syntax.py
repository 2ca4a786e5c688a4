"""The part that a literal plays in a Python statement, read from its syntax tree.

Only the statement around a candidate is parsed, and only for candidates that would be reported: a
parse of every version of a file would be too slow. The value itself is replaced by a marker before
parsing, so that the tree never holds it. The standard library's `ast` is enough, because the
marker says where the value is. LibCST would keep positions, and takes a fifth of a second to
import: longer than all the rest of a staged scan may take.
"""

import ast
import re
from collections.abc import Iterator
from enum import Enum
from typing import Final

from scanner.detectors.candidate import Candidate

_MARKER: Final = b"agentreach_marker"
_MARKER_TEXT: Final = _MARKER.decode()
_PYTHON_LINE: Final = re.compile(
    rb"^[ \t]*(?:(?:async[ ])?def[ ]\w+\(.*|class[ ]\w+.*:|from[ ][\w.]+[ ]import[ ].*"
    rb"|import[ ][\w.]+|elif[ ].*:|except[ ].*:|with[ ].*:|if[ ][^{(\n]*:|for[ ]\w+[ ]in[ ].*:"
    rb"|@[\w.]+(?:\(.*\))?)[ \t]*$",
    re.MULTILINE,
)
_FOREIGN_LINE: Final = re.compile(rb"[;{][ \t]*$|^[ \t]*(?:end|\}|//|/\*)", re.MULTILINE)
# An escape says nothing about a statement's structure, and an unknown one makes `ast` warn.
_ESCAPE: Final = re.compile(r"\\[^\n]")
_QUOTES: Final = (b'"', b"'")
_LEAST_PYTHON_LINES: Final = 2
_MOST_LINES: Final = 12
_MOST_BYTES: Final = 2000
"""Of the deepest statement of this size the parser needs less than 256 KiB of stack."""
_DEEPEST: Final = 30
_OPENING: Final = b"([{"
_CLOSING: Final = b")]}"

# Callables whose first argument names what they fetch or describes it.
_LOOK_UPS: Final = frozenset(
    ("get", "getenv", "pop", "getpass", "input", "prompt", "_", "gettext", "getattr", "setdefault",
     "environ", "config", "env", "field", "add_argument", "compile", "match", "search", "split",
     "format", "open", "Path", "join", "reverse", "lookup", "find", "get_secret", "read")
)  # fmt: skip
_FORMATTERS: Final = frozenset(("format", "join", "format_map"))


class Part(Enum):
    """What the literal is in its statement; the value says it in words."""

    LITERAL = "a string literal in Python"
    DEFAULT = "a default that Python falls back to"
    REFERENCE = "a name in Python, not a literal"
    FRAGMENT = "only a part of the text that Python puts together"
    LOOKED_UP = "names what Python looks up"
    INDEX = "an index in Python"
    ANNOTATION = "a type in Python"


KEPT: Final = frozenset({Part.LITERAL, Part.DEFAULT})
"""The parts of which the value may be a secret."""


def part(candidate: Candidate) -> Part | None:
    """The part the candidate plays; None where the content is not Python or cannot be parsed, and
    where the value stands in a comment or inside of a longer text."""
    if not _is_python(candidate.around):
        return None
    for text in _statements(candidate):
        try:
            statement = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue  # MemoryError is how CPython's parser says that it is too deep
        return _part_in(statement, _quote_around(candidate))
    return None


def _is_python(data: bytes) -> bool:
    lines = len(_PYTHON_LINE.findall(data))
    return lines >= _LEAST_PYTHON_LINES and lines > len(_FOREIGN_LINE.findall(data))


def _quote_around(candidate: Candidate) -> str:
    before = candidate.data[max(0, candidate.start - 1) : candidate.start]
    return before.decode() if before in _QUOTES and candidate.after[:1] == before else ""


def _statements(candidate: Candidate) -> Iterator[str]:
    """Texts of the lines around the candidate that may be its whole statement, shortest first."""
    low, high = candidate.line
    data = candidate.data
    marked = data[: candidate.start] + _MARKER + data[candidate.end :]
    high += len(_MARKER) - (candidate.end - candidate.start)
    tried: set[tuple[int, int]] = set()
    for _ in range(_MOST_LINES):
        end = _balanced_end(marked, low, high)
        if end is not None and (low, end) not in tried:
            tried.add((low, end))
            text = _dedented(marked[low:end])
            if text is not None:
                yield text
        if low <= 0:
            return
        low = marked.rfind(b"\n", 0, low - 1) + 1


def _balanced_end(data: bytes, low: int, high: int) -> int | None:
    """The end of the line where the brackets opened since `low` are closed, or None.

    Brackets in strings are counted too; such a statement is not judged.
    """
    end = high
    for _ in range(_MOST_LINES):
        if end - low > _MOST_BYTES:
            return None
        depth = deepest = 0
        for byte in data[low:end]:
            if byte in _OPENING:
                depth += 1
                deepest = max(deepest, depth)
            elif byte in _CLOSING:
                depth -= 1
        if deepest > _DEEPEST or depth < 0:
            return None
        if depth == 0:
            return end
        following = data.find(b"\n", end + 1)
        if end >= len(data):
            return None
        end = len(data) if following < 0 else following
    return None


def _dedented(text: bytes) -> str | None:
    """A statement at the margin, with a body where it needs one."""
    try:
        statement = text.decode().strip()
    except UnicodeDecodeError:
        return None
    if statement.startswith(("elif ", "except", "else", "finally", "case ")):
        return None
    statement = _ESCAPE.sub("__", statement)
    return statement + (" pass\n" if statement.endswith(":") else "\n")


def _part_in(statement: ast.Module, quote: str) -> Part | None:
    found = _path_to_marker(statement)
    if found is None:
        return None
    node, ancestors = found[-1], found[:-1]
    if not isinstance(node, ast.Constant):
        return Part.REFERENCE
    text = node.value.decode("latin-1") if isinstance(node.value, bytes) else str(node.value)
    whole = text == _MARKER_TEXT
    # Where the quotes around the value are no part of the text, more text is from other literals
    # in a row with this one.
    in_a_row = not whole and quote != "" and f"{quote}{_MARKER_TEXT}{quote}" not in text
    parent = ancestors[-1]
    if isinstance(parent, ast.JoinedStr) and not in_a_row:
        return Part.LITERAL if whole and len(parent.values) == 1 else _part_of_piece(parent, text)
    return _part_of_literal(node, ancestors) if whole or in_a_row else None


def _part_of_piece(whole: ast.JoinedStr, piece: str) -> Part | None:
    """A fragment where an expression touches the value; None inside of a longer text."""
    begins = piece.startswith(_MARKER_TEXT) and not _holds_piece(whole.values[0])
    ends = piece.endswith(_MARKER_TEXT) and not _holds_piece(whole.values[-1])
    return Part.FRAGMENT if begins or ends else None


def _holds_piece(part_of_text: ast.expr) -> bool:
    return isinstance(part_of_text, ast.Constant) and _MARKER_TEXT in str(part_of_text.value)


def _path_to_marker(root: ast.AST) -> tuple[ast.AST, ...] | None:
    """The nodes from the statement down to the one whose own text holds the marker."""
    stack: list[tuple[ast.AST, tuple[ast.AST, ...]]] = [(root, ())]
    while stack:
        node, above = stack.pop()
        if any(_holds_marker(own) for _, own in ast.iter_fields(node)):
            return (*above, node)
        below = (*above, node)
        stack.extend((child, below) for child in ast.iter_child_nodes(node))
    return None


def _holds_marker(own: object) -> bool:
    """Whether a node's own field has the marker: an identifier, a text, or bytes."""
    if isinstance(own, str):
        return _MARKER_TEXT in own
    return isinstance(own, bytes) and _MARKER in own


def _part_of_literal(literal: ast.AST, ancestors: tuple[ast.AST, ...]) -> Part:
    """From the literal outwards, until something decides."""
    child = literal
    for parent in reversed(ancestors):
        if isinstance(parent, ast.stmt | ast.arg):
            annotations = (getattr(parent, "annotation", None), getattr(parent, "returns", None))
            return Part.ANNOTATION if child in annotations else Part.LITERAL
        decided = _part_under(parent, child)
        if decided is not None:
            return decided
        child = parent
    return Part.LITERAL


def _part_under(parent: ast.AST, child: ast.AST) -> Part | None:
    """What an expression around makes of the literal, or None where it decides nothing."""
    match parent:
        case ast.BinOp() if not _all_literal(parent):
            return Part.FRAGMENT
        case ast.Subscript():
            return Part.INDEX
        case ast.Attribute(attr=name) if name in _FORMATTERS:
            return Part.FRAGMENT
        case ast.BoolOp(values=values):
            return Part.LITERAL if values[0] is child else Part.DEFAULT
        case ast.Call() if child is not parent.func:
            return _part_of_argument(parent, child)
        case ast.arguments():
            return Part.DEFAULT
        case _:
            return None


def _part_of_argument(call: ast.Call, argument: ast.AST) -> Part:
    callee = call.func
    name = ""
    if isinstance(callee, ast.Attribute):
        name = callee.attr
    elif isinstance(callee, ast.Name):
        name = callee.id
    if name not in _LOOK_UPS or isinstance(argument, ast.keyword):
        return Part.LITERAL
    return Part.LOOKED_UP if call.args[0] is argument else Part.DEFAULT


def _all_literal(operation: ast.BinOp) -> bool:
    """Whether literals alone are added up."""
    if not isinstance(operation.op, ast.Add):
        return False
    waiting: list[ast.expr] = [operation.left, operation.right]
    while waiting:
        side = waiting.pop()
        if isinstance(side, ast.BinOp) and isinstance(side.op, ast.Add):
            waiting += [side.left, side.right]
        elif not isinstance(side, ast.Constant):
            return False
    return True
