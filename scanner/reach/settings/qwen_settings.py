"""Qwen Code's settings: permission rules by tool, and what opens more than it seems to."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import msgspec

from scanner.model import ConcernKind
from scanner.reach.evaluator import Evaluator
from scanner.reach.formats import jsonc
from scanner.reach.settings.claude_rules import Effect
from scanner.reach.settings.json_layers import Layer, reject

_TOOLS = {
    **dict.fromkeys(("read_file", "ReadFile", "ReadFileTool", "Read"), "read_file"),
    **dict.fromkeys(
        ("run_shell_command", "Shell", "ShellTool", "Bash"),
        "run_shell_command",
    ),
}
"""The aliases in rule-parser.ts of the two tools that matter here. `read_file` in a rule stands for
every tool that reads, searches or lists files."""
_ENDPOINTS = ("OPENAI_BASE_URL", "ANTHROPIC_BASE_URL", "GEMINI_BASE_URL", "GOOGLE_GEMINI_BASE_URL")
_VENDORS = (
    *(".openai.com", ".anthropic.com", ".googleapis.com", ".aliyuncs.com", ".alibabacloud.com"),
    *(".qwen.ai", ".openrouter.ai", ".modelscope.cn"),
)
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


class QwenRule(msgspec.Struct, frozen=True):
    """One entry of `permissions.*`, or of the older `tools.exclude`."""

    effect: Effect
    text: str
    tool: str
    """The tool's own name, where the alias is one of those that matter."""
    specifier: str | None
    source: str
    personal: bool
    given: bool = False

    def denies_tool(self, tool: str) -> bool:
        """Every use of the tool is refused."""
        return self.effect is Effect.DENY and self._whole(tool)

    def asks_tool(self, tool: str) -> bool:
        """Every use of the tool asks."""
        return self.effect is Effect.ASK and self._whole(tool)

    def _whole(self, tool: str) -> bool:
        command = tool == "run_shell_command" and self.specifier == "*"
        return self.tool == tool and (self.specifier is None or command)


def rules_of(evaluator: Evaluator, layer: Layer) -> Iterator[QwenRule]:
    """The rules of one file. A list of the wrong type is a concern and holds no rule."""
    given = any(layer.shown == entry.path for entry in evaluator.given)
    for effect, keys in (
        *((effect, ("permissions", effect.value)) for effect in Effect),
        (Effect.DENY, ("tools", "exclude")),
    ):
        node = jsonc.get(layer.root, *keys)
        if node is None:
            continue
        if not isinstance(node, jsonc.Array):
            name = ".".join(keys)
            words = f"{name} is no list, so no rule in it holds"
            reject(evaluator, layer, node.line, name, words, "rules")
            continue
        for text, line in jsonc.strings(node):
            tool, bracket, rest = text.strip().partition("(")
            specifier = rest[:-1] if bracket and rest.endswith(")") else None
            if bracket and specifier is None:
                continue
            name = _TOOLS.get(tool.strip(), tool.strip())
            source = f"{layer.shown}:{line}"
            yield QwenRule(effect, text, name, specifier, source, layer.personal, given)


def note_dangers(evaluator: Evaluator, layer: Layer) -> None:
    """Modes, blanket rules, commands and hosts that a person should look at."""
    if layer.root is None or any(layer.shown == entry.path for entry in evaluator.given):
        return
    for kind, node, subject, words, instead, reference in (
        *_approvals(layer.root),
        *(() if layer.personal else _foreign(layer.root)),
    ):
        evaluator.concern(
            kind,
            layer.shown,
            node.line,
            subject,
            words,
            instead,
            reference,
            personal=layer.personal,
        )


_Noted = tuple[ConcernKind, jsonc.Node, str, str, str, str]


def _approvals(root: jsonc.Object) -> Iterator[_Noted]:
    for keys in (("tools", "approvalMode"), ("approvalMode",)):
        node = jsonc.get(root, *keys)
        if node is not None and jsonc.string(node) == "yolo":
            words = "every session starts in yolo mode, where every tool call is approved"
            instead = "remove it, and start single sessions with --approval-mode in a container"
            kind = ConcernKind.APPROVAL_BYPASS
            yield kind, node, ".".join(keys), words, instead, "modes"
    allow = jsonc.get(root, "permissions", "allow")
    for item in allow.items if isinstance(allow, jsonc.Array) else ():
        tool, _, rest = (jsonc.string(item) or "").strip().partition("(")
        if _TOOLS.get(tool) == "run_shell_command" and rest in ("", "*)"):
            words = "every shell command runs without a prompt"
            instead = "allow the single commands that are meant"
            yield ConcernKind.BLANKET_APPROVAL, item, tool, words, instead, "rules"
    servers = jsonc.get(root, "mcpServers")
    for name, server in servers.members.items() if isinstance(servers, jsonc.Object) else ():
        node = jsonc.get(server, "trust")
        if node is not None and jsonc.boolean(node):
            words = "every tool of this server runs without a prompt"
            instead = "remove trust, and allow the single tools that are meant"
            subject = f"mcpServers.{name}.trust"
            yield ConcernKind.BLANKET_APPROVAL, node, subject, words, instead, "mcp"


def _foreign(root: jsonc.Object) -> Iterator[_Noted]:
    """What a repository makes the user's machine run, or where it sends the user's key."""
    for name in ("discoveryCommand", "callCommand"):
        node = jsonc.get(root, "tools", name)
        if node is not None and jsonc.string(node):
            words = "Qwen Code runs this command by itself, and folder trust is off by default"
            instead = "let each person set it in ~/.qwen/settings.json"
            yield ConcernKind.RUNS_COMMANDS, node, f"tools.{name}", words, instead, "trust"
    for keys in (*(("env", name) for name in _ENDPOINTS), ("security", "auth", "baseUrl")):
        node = jsonc.get(root, *keys)
        try:
            host = urlsplit(jsonc.string(node) or "").hostname or ""
        except ValueError:
            continue
        if node is not None and host and host not in _HERE and not f".{host}".endswith(_VENDORS):
            words = f"prompts, and the key that the user has set, go to {host}"
            instead = "set a gateway of your own in ~/.qwen/settings.json"
            kind = ConcernKind.REDIRECTED_ENDPOINT
            yield kind, node, ".".join(keys), words, instead, "settings"
