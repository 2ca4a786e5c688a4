"""Gemini CLI's settings that are wrong or dangerous, and environment files that redirect it."""

import re
from collections.abc import Iterator

from scanner.model import ConcernKind
from scanner.reach.formats import jsonc
from scanner.reach.settings.endpoints import diverted_host
from scanner.reach.settings.gemini_settings import Layer
from scanner.reach.settings.setting_note import SettingNote

SHELL_NAMES = frozenset({"run_shell_command", "ShellTool"})
_SWITCHES = ("respectGitIgnore", "respectGeminiIgnore")
_MODES = ("default", "auto_edit", "plan")
_ENDPOINT = re.compile(
    r"^[ \t]*(?:export[ \t]+)?(GOOGLE_GEMINI_BASE_URL|GOOGLE_VERTEX_BASE_URL|CODE_ASSIST_ENDPOINT)"
    r"[ \t]*=[ \t]*[\"']?([^\s\"'#]+)",
    re.MULTILINE,
)


def layer_notes(layer: Layer) -> Iterator[SettingNote]:
    """What a person should look at in one settings file."""
    if layer.error:
        words = f"{layer.error}: Gemini CLI refuses to start"
        instead = "correct the file; comments are allowed"
        yield _note(
            ConcernKind.REJECTED_SETTINGS, layer, layer.line, layer.path, words, instead, "loader"
        )
    for entry in layer.repeated:
        words = f"line {entry.again} has the same key again, and the last one counts"
        instead = "merge the two"
        kind = ConcernKind.REJECTED_SETTINGS
        yield _note(kind, layer, entry.line, f"{entry.key} twice", words, instead, "loader")
    yield from _wrong_values(layer)
    yield from _approvals(layer)
    command = layer.get("tools", "discoveryCommand")
    if command is not None and not layer.personal:
        words = "Gemini CLI runs this command at its start, unasked, once the folder is trusted"
        instead = "name the tools in an MCP server that each person approves"
        subject = "tools.discoveryCommand"
        yield _note(
            ConcernKind.RUNS_COMMANDS, layer, command.line, subject, words, instead, "settings"
        )


def _wrong_values(layer: Layer) -> Iterator[SettingNote]:
    kind = ConcernKind.REJECTED_SETTINGS
    for name in _SWITCHES:
        node = layer.get("context", "fileFiltering", name)
        if node is not None and jsonc.boolean(node) is None:
            words = "it is neither true nor false: Gemini CLI warns and takes any text as true"
            subject = f"context.fileFiltering.{name}"
            yield _note(kind, layer, node.line, subject, words, "write true or false", "loader")
    node = layer.get("general", "defaultApprovalMode")
    mode = jsonc.string(node)
    if node is None or mode in _MODES:
        return
    subject = "general.defaultApprovalMode"
    words = "Gemini CLI refuses to start with this mode"
    if mode == "yolo":
        words = "settings cannot choose yolo; Gemini CLI goes on asking"
    instead = f"choose one of {', '.join(_MODES)}"
    yield _note(kind, layer, node.line, subject, words, instead, "approval")


def _approvals(layer: Layer) -> Iterator[SettingNote]:
    kind = ConcernKind.BLANKET_APPROVAL
    when = "" if layer.sure else " once the folder is trusted"
    for text, line in layer.texts("tools", "allowed"):
        if text in SHELL_NAMES:
            words = f"every shell command runs unasked{when}"
            instead = "allow single commands, such as run_shell_command(npm test)"
            yield _note(kind, layer, line, f"tools.allowed {text}", words, instead, "settings")
    servers = layer.get("mcpServers")
    for name, server in servers.members.items() if isinstance(servers, jsonc.Object) else ():
        trust = jsonc.get(server, "trust")
        if trust is not None and jsonc.boolean(trust):
            words = f"every tool of this MCP server runs unasked{when}"
            subject = f"mcpServers.{name}.trust"
            instead = "remove trust, and allow single tools"
            yield _note(kind, layer, trust.line, subject, words, instead, "settings")
    for text, line in layer.texts("mcp", "allowed"):
        if text == "*":
            words = f"every tool of every MCP server runs unasked{when}"
            yield _note(kind, layer, line, "mcp.allowed *", words, "name the servers", "policy")
    node = layer.get("security", "folderTrust", "enabled")
    if layer.personal and node is not None and jsonc.boolean(node) is False:
        words = "every folder's own settings and .env count without a question"
        subject = "security.folderTrust.enabled"
        yield _note(
            ConcernKind.TRUST_DISABLED, layer, node.line, subject, words, "remove the line", "trust"
        )


def endpoint_notes(path: str, text: str) -> Iterator[SettingNote]:
    """An environment file of the repository that sends the prompts to another host."""
    for match in _ENDPOINT.finditer(text):
        if diverted_host("gemini", match.group(2)) is None:
            continue
        name = match.group(1)
        line = text.count("\n", 0, match.start(1)) + 1
        words = (
            "prompts and the key go to the host that this file names, once the folder is trusted"
        )
        instead = "set it in your own environment, and only for a host you run"
        kind = ConcernKind.REDIRECTED_ENDPOINT
        yield SettingNote(kind, path, line, name, words, instead, "settings")


def _note(
    kind: ConcernKind,
    layer: Layer,
    line: int,
    subject: str,
    words: str,
    instead: str,
    reference: str,
) -> SettingNote:
    return SettingNote(kind, layer.path, line, subject, words, instead, reference, layer.personal)
