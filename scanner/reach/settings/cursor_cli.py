"""The permissions of Cursor's command line: `Read(glob)`, `Shell(command)`; a deny wins.

https://cursor.com/docs/cli/reference/permissions. They bind the command line and not the editor.
"""

from collections.abc import Iterator

import msgspec

from scanner.model import ConcernKind
from scanner.reach.evaluator import Evaluator
from scanner.reach.formats import jsonc
from scanner.reach.matching.programs import RUNNERS, program_of
from scanner.reach.settings.json_layers import Layer, reject

CLI, USER_CLI = ".cursor/cli.json", ".cursor/cli-config.json"
TOOLS = ("Shell", "Read", "Write", "WebFetch", "Mcp")
_ANYTHING = ("", "*", "**")


class Token(msgspec.Struct, frozen=True):
    """An entry of a list of permissions. `source` is `file:line`."""

    text: str
    tool: str
    specifier: str
    source: str

    @property
    def anything(self) -> bool:
        """It names every command, a program that runs every command, or every MCP tool."""
        name, _, rest = self.specifier.partition(":")
        if self.tool == "Mcp":
            return (name, rest) == ("*", "*")
        whole = name in _ANYTHING or program_of(name) in RUNNERS
        return self.tool == "Shell" and bool(self.specifier) and whole and rest in _ANYTHING


def read_denied(evaluator: Evaluator, layer: Layer) -> Iterator[Token]:
    """What one file refuses; what it approves, and what it only seems to do, become concerns."""
    rules = jsonc.get(layer.root, "permissions")
    _check_shape(evaluator, layer, rules)
    _check_dead(evaluator, layer, rules)
    _check_approvals(evaluator, layer, rules)
    for token, line in _tokens(layer, jsonc.get(rules, "deny")):
        if token.tool in TOOLS:
            yield token
            continue
        _note(
            evaluator,
            layer,
            ConcernKind.DEAD_CONTROL,
            line,
            token.text,
            f"the command line knows no {token.tool}, so this refuses nothing",
            f"use one of {', '.join(TOOLS)}",
        )


def _tokens(layer: Layer, node: jsonc.Node | None) -> Iterator[tuple[Token, int]]:
    for text, line in jsonc.strings(node):
        tool, _, rest = text.strip().partition("(")
        yield Token(text, tool, rest.removesuffix(")"), f"{layer.shown}:{line}"), line


def _check_shape(evaluator: Evaluator, layer: Layer, rules: jsonc.Node | None) -> None:
    for name in ("allow", "deny"):
        node = jsonc.get(rules, name)
        if node is not None and not isinstance(node, jsonc.Array):
            words = f"permissions.{name} is no list"
            reject(evaluator, layer, node.line, f"permissions.{name}", words, "cli")


def _check_dead(evaluator: Evaluator, layer: Layer, rules: jsonc.Node | None) -> None:
    ask, sandbox = jsonc.get(rules, "ask"), jsonc.get(layer.root, "sandbox")
    kind = ConcernKind.DEAD_CONTROL
    if isinstance(ask, jsonc.Array) and ask.items:
        words = "the command line has allow and deny only, so these rules never ask"
        instead = "put what must not happen under deny"
        _note(evaluator, layer, kind, ask.line, "permissions.ask", words, instead)
    if sandbox is not None and layer.shown == CLI:
        words = "a project's file sets permissions only, so this limits nothing"
        instead = f"use .cursor/sandbox.json, or ~/{USER_CLI} for the command line"
        _note(evaluator, layer, kind, sandbox.line, "sandbox", words, instead)


def _check_approvals(evaluator: Evaluator, layer: Layer, rules: jsonc.Node | None) -> None:
    for token, line in _tokens(layer, jsonc.get(rules, "allow")):
        if token.anything:
            words = "with it every command or MCP tool runs unasked"
            instead = "name the commands that may run"
            kind = ConcernKind.BLANKET_APPROVAL
            _note(evaluator, layer, kind, line, token.text, words, instead)
    mode = jsonc.get(layer.root, "approvalMode")
    if layer.personal and mode is not None and jsonc.string(mode) == "unrestricted":
        words = "the command line asks for nothing any more, in every project"
        instead = "set it back to allowlist"
        kind = ConcernKind.APPROVAL_BYPASS
        _note(evaluator, layer, kind, mode.line, "approvalMode", words, instead)


def _note(
    evaluator: Evaluator,
    layer: Layer,
    kind: ConcernKind,
    line: int,
    subject: str,
    words: str,
    instead: str,
) -> None:
    reference = "cli-config" if subject in ("sandbox", "approvalMode") else "cli"
    evaluator.concern(
        kind, layer.shown, line, subject, words, instead, reference, personal=layer.personal
    )
