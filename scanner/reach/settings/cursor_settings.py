"""Cursor's settings files: what the terminal may do unasked, and how far its sandbox reaches.

Formats: https://cursor.com/docs/reference/permissions and https://cursor.com/docs/reference/sandbox.
The run mode itself is kept in the editor's database, not in a file.
"""

from collections.abc import Sequence

import msgspec

from scanner.model import ConcernKind
from scanner.reach.evaluator import Evaluator
from scanner.reach.formats import jsonc
from scanner.reach.matching.programs import READERS, RUNNERS, program_of
from scanner.reach.settings.cursor_cli import CLI, USER_CLI, Token, read_denied
from scanner.reach.settings.fetched_commands import note_fetched_commands, texts_below
from scanner.reach.settings.json_layers import Layer, parse_layer, read_layer, reject, strings_of

PERMISSIONS, SANDBOX = ".cursor/permissions.json", ".cursor/sandbox.json"
HOOKS, CLOUD, WORKTREES = ".cursor/hooks.json", ".cursor/environment.json", ".cursor/worktrees.json"
SANDBOX_TYPES = ("workspace_readwrite", "workspace_readonly", "insecure_none")


class CursorSettings(msgspec.Struct, frozen=True):
    """What the files say together. Sources are `file:line`."""

    unsandboxed: str = ""
    """Where the sandbox is switched off."""
    allowed: tuple[tuple[str, str], ...] = ()
    """The terminal's allowlist, each entry with its source."""
    denied: tuple[Token, ...] = ()
    """What the command line refuses."""
    read_hook: str = ""
    """A hook that is asked before a file is read."""
    worktree_commands: tuple[tuple[str, str], ...] = ()
    """Commands that set up a new worktree, each with its source."""
    cloud: str = ""
    """The file that sets up cloud agents for this repository."""

    def reader(self) -> tuple[str, str] | None:
        """An allowlist entry by which a file can be printed, if there is one."""
        programs = READERS | RUNNERS
        return next((entry for entry in self.allowed if _command(entry[0]) in programs), None)

    def git(self) -> tuple[str, str] | None:
        """An allowlist entry by which git's history can be read."""
        return next((entry for entry in self.allowed if _reads_history(entry[0])), None)


def read_cursor_settings(evaluator: Evaluator) -> CursorSettings:
    """Read all of them; what is dangerous, broken or without effect becomes a concern."""
    allowed: list[tuple[str, str]] = []
    for layer in _layers(evaluator, PERMISSIONS, "permissions", ("permissions.json",)):
        entries = strings_of(evaluator, layer, "terminalAllowlist", "permissions")
        allowed += [(text, f"{layer.shown}:{line}") for text, line in entries]
        _check_allowlists(evaluator, layer, entries)
    sandboxes = _layers(evaluator, SANDBOX, "sandbox", ("sandbox.json",))
    hooks = read_layer(evaluator, HOOKS, "hooks")
    cloud = read_layer(evaluator, CLOUD, "cloud")
    for found, reference in ((hooks, "hooks"), (cloud, "cloud")):
        if found is not None:
            note_fetched_commands(evaluator, found, found.root, reference)
    worktrees = read_layer(evaluator, WORKTREES, "worktrees")
    command_line = _layers(evaluator, CLI, "cli", ("cli.json", "cli-config.json"), USER_CLI)
    return CursorSettings(
        unsandboxed=_unsandboxed(evaluator, sandboxes),
        allowed=tuple(allowed),
        denied=tuple(token for layer in command_line for token in read_denied(evaluator, layer)),
        read_hook=_read_hook(hooks),
        worktree_commands=_commands(worktrees),
        cloud=CLOUD if cloud is not None else "",
    )


def _layers(
    evaluator: Evaluator, path: str, reference: str, names: Sequence[str], user: str = ""
) -> list[Layer]:
    """Highest precedence first: named by the caller, the repository's, the user's."""
    given = [
        parse_layer(evaluator, one.path, one.text, reference)
        for one in evaluator.given
        if one.path.replace("\\", "/").rpartition("/")[2] in names
    ]
    own = read_layer(evaluator, path, reference)
    home = read_layer(evaluator, user or path, reference, personal=True)
    return [*given, *filter(None, (own, home))]


# ---------------------------------------------------------------------- permissions.json


def _command(entry: str) -> str:
    return program_of(entry.partition(":")[0])


def _runs_anything(entry: str) -> bool:
    """`bash`, `python:*`, `sh -c`: the entry leaves open what the program is told to run."""
    rest = entry.replace(":", " ").split()[1:]
    return _command(entry) in RUNNERS and all(word.strip("*") in ("", "-c", "-e") for word in rest)


def _reads_history(entry: str) -> bool:
    """`git`, `git log`, `git:*` and the like, or something that runs git for the agent."""
    words = entry.replace(":", " ").split()
    program = _command(entry)
    reading = len(words) < 2 or words[1].strip("*") in ("", "log", "show", "diff", "cat-file")
    return program in RUNNERS or (program == "git" and reading)


def _check_allowlists(
    evaluator: Evaluator, layer: Layer, entries: Sequence[tuple[str, int]]
) -> None:
    for text, line in entries:
        if _runs_anything(text):
            evaluator.concern(
                ConcernKind.BLANKET_APPROVAL,
                layer.shown,
                line,
                f"terminalAllowlist {text}",
                f"{text} runs any command it is given, and it runs unasked",
                "allow the one command that is needed, written out",
                "permissions",
                personal=layer.personal,
            )
    for text, line in strings_of(evaluator, layer, "mcpAllowlist", "permissions"):
        if text.replace(" ", "") == "*:*":
            evaluator.concern(
                ConcernKind.BLANKET_APPROVAL,
                layer.shown,
                line,
                f"mcpAllowlist {text}",
                "every tool of every MCP server runs unasked",
                "name the servers and tools that may run",
                "permissions",
                personal=layer.personal,
            )


# ---------------------------------------------------------------------- sandbox.json


def _unsandboxed(evaluator: Evaluator, layers: Sequence[Layer]) -> str:
    """The first file with a type decides; its source where that takes the sandbox away."""
    found: str | None = None
    for layer in layers:
        node = jsonc.get(layer.root, "type")
        if node is not None and jsonc.string(node) not in SANDBOX_TYPES:
            words = f"type is none of {', '.join(SANDBOX_TYPES)}"
            reject(evaluator, layer, node.line, "type", words, "sandbox")
        elif node is not None:
            off = jsonc.string(node) == "insecure_none"
            if off:
                _sandbox_concern(
                    evaluator,
                    layer,
                    node,
                    "type",
                    "insecure_none takes the terminal's sandbox away: commands read and send all",
                    "use workspace_readwrite, which is the default",
                )
            found = (layer.source(node) if off else "") if found is None else found
        default = jsonc.get(layer.root, "networkPolicy", "default")
        if default is not None and jsonc.string(default) == "allow":
            _sandbox_concern(
                evaluator,
                layer,
                default,
                "networkPolicy.default",
                "commands in the sandbox may connect to every host, so what they read can be sent",
                "leave the default at deny and list the hosts that are needed under allow",
            )
    return found or ""


def _sandbox_concern(
    evaluator: Evaluator, layer: Layer, node: jsonc.Node, subject: str, words: str, instead: str
) -> None:
    evaluator.concern(
        ConcernKind.SANDBOX_DISABLED,
        layer.shown,
        node.line,
        subject,
        words,
        instead,
        "sandbox",
        personal=layer.personal,
    )


# ---------------------------------------------------------------------- commands


def _commands(layer: Layer | None) -> tuple[tuple[str, str], ...]:
    texts = texts_below(layer.root if layer is not None else None)
    return tuple((text, f"{WORKTREES}:{line}") for text, line in texts)


def _read_hook(layer: Layer | None) -> str:
    node = jsonc.get(layer.root, "hooks", "beforeReadFile") if layer else None
    named = isinstance(node, jsonc.Array) and node.items
    return layer.source(node) if layer and node and named else ""
