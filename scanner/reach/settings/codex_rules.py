"""Codex's execution rules (`.codex/rules/*.rules`): programs allowed outside the sandbox unasked.

The files are Starlark, whose calls parse as Python; nothing is evaluated
(developers.openai.com/codex/rules). Only rules that amount to "any command" are of interest.
"""

import ast
from collections.abc import Iterator

import msgspec

LARGEST = 65_536
"""Characters of a file that is still parsed."""
_SHELLS = ["bash", "sh", "zsh", "fish", "dash", "ksh", "pwsh", "powershell", "cmd"]
_INTERPRETERS = ["python", "python3", "node", "deno", "bun", "perl", "ruby", "php"]
_RUNNERS = frozenset({*_SHELLS, *_INTERPRETERS, "env", "sudo", "xargs", "eval", "exec"})
"""Programs that run whatever their arguments say."""


class RunnerRule(msgspec.Struct, frozen=True):
    """An `allow` rule for a program that runs anything."""

    line: int
    program: str


def runner_rules(text: str) -> Iterator[RunnerRule]:
    """The rules whose whole pattern is such a program, by line. Never raises."""
    if len(text) > LARGEST:
        return
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for statement in body:
        call = statement.value if isinstance(statement, ast.Expr) else None
        if isinstance(call, ast.Call) and _name(call) == "prefix_rule":
            program = _whole_program(call)
            if program is not None:
                yield RunnerRule(call.lineno, program)


def _name(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _whole_program(call: ast.Call) -> str | None:
    arguments = {word.arg: word.value for word in call.keywords}
    decision = arguments.get("decision")
    if decision is not None and _texts(decision) != ["allow"]:
        return None
    pattern = arguments.get("pattern")
    if not isinstance(pattern, ast.List) or not pattern.elts:
        return None
    rest = pattern.elts[1:]
    # `bash -c` and `bash -lc` still take any command.
    if any(set(_texts(node)) - {"-c", "-lc", "-e"} or not _texts(node) for node in rest):
        return None
    return next((text for text in _texts(pattern.elts[0]) if text in _RUNNERS), None)


def _texts(node: ast.expr) -> list[str]:
    """The text, or the alternatives of a list."""
    nodes = node.elts if isinstance(node, ast.List) else [node]
    return [one.value for one in nodes if isinstance(one, ast.Constant) and type(one.value) is str]
