"""Settings of Claude Code that open more than they seem to: what a person should look at.

Values are never quoted, since a helper's command line or an address may hold a secret; of rules
only those that have one known form are.
"""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

import msgspec

from scanner.model import ConcernKind
from scanner.reach.formats import jsonc
from scanner.reach.settings.claude_files import SettingsFile
from scanner.reach.settings.claude_rules import Effect, PermissionRule, Scope
from scanner.reach.settings.claude_shell import covers_command

_HELPERS = (
    *("apiKeyHelper", "awsAuthRefresh", "awsCredentialExport", "gcpAuthRefresh"),
    "otelHeadersHelper",
)
_ENDPOINTS = (
    *("ANTHROPIC_BASE_URL", "ANTHROPIC_BEDROCK_BASE_URL", "ANTHROPIC_VERTEX_BASE_URL"),
    *("ANTHROPIC_FOUNDRY_BASE_URL", "ANTHROPIC_AWS_BASE_URL", "HTTPS_PROXY", "HTTP_PROXY"),
    *("ALL_PROXY", "https_proxy", "http_proxy", "all_proxy"),
)
_VENDORS = (".anthropic.com", ".amazonaws.com", ".googleapis.com", ".azure.com")
_HERE = frozenset({"localhost", "127.0.0.1", "::1", "host.docker.internal"})
_INTERPRETERS = (
    *("bash", "sh", "zsh", "fish", "python", "python3", "node", "deno", "bun", "ruby", "perl"),
    *("php", "osascript", "pwsh", "powershell", "sudo", "eval", "env", "xargs", "ssh", "npx"),
    "uvx",
)
_EVERYWHERE = frozenset({"/", "//", "~", "~/", "/home", "/Users", "/root", "/etc"})
_CREDENTIALS = re.compile(r"^(~|/home/[^/]+|/Users/[^/]+|/root)/\.(ssh|aws|gnupg|kube|docker)\b")
_FETCHED = re.compile(
    r"\b(?:curl|wget)\b[^|;&]{0,500}\|\s*(?:sudo\s+)?(?:ba|z|da)?sh\b"
    r"|\b(?:ba|z|da)?sh\s+-c\s+[\"']?\$\((?:curl|wget)\b"
    r"|\beval\s+[\"']?\$\((?:curl|wget)\b|<\((?:curl|wget)\b"
)


class Noted(msgspec.Struct, frozen=True):
    """A concern before it has its agent and the address of its reference."""

    kind: ConcernKind
    path: str
    line: int | None
    subject: str
    words: str
    instead: str
    reference: str
    personal: bool = False


def dangers(
    files: Sequence[SettingsFile], rules: Sequence[PermissionRule], servers: frozenset[str]
) -> Iterator[Noted]:
    """What the settings switch off, approve or run. `servers`: commands that `.mcp.json` starts.

    Settings that the caller named for one question are not looked at.
    """
    for file in files:
        if file.root is None or file.scope is Scope.GIVEN:
            continue
        yield from _modes(file, files)
        yield from _servers(file, servers)
        yield from _directories(file)
        yield from _endpoints(file)
        yield from _sockets(file)
        yield from _sandbox(file)
        yield from _overruled(file, files)
        if not file.scope.personal:
            yield from _commands(file, files)
    for rule in rules:
        if rule.effect is Effect.ALLOW and rule.scope is not Scope.GIVEN:
            yield from _blanket(rule)


def _note(
    file: SettingsFile,
    kind: ConcernKind,
    node: jsonc.Node,
    subject: str,
    words: str,
    instead: str,
    reference: str,
) -> Noted:
    personal = file.scope.personal
    return Noted(kind, file.path, node.line, subject, words, instead, reference, personal)


# ------------------------------------------------------------------ modes and trust


def _modes(file: SettingsFile, files: Sequence[SettingsFile]) -> Iterator[Noted]:
    node = file.get("permissions", "defaultMode")
    locked = any(
        jsonc.string(other.get("permissions", "disableBypassPermissionsMode")) == "disable"
        for other in files
        if other.certain
    )
    if node is not None and jsonc.string(node) == "bypassPermissions" and not locked:
        words = "sessions start in bypassPermissions mode, where only deny and ask rules hold"
        if not file.scope.personal:
            words += "; versions before 2.1.257 take that from a repository"
        instead = "remove it and name the mode where it is meant, with --permission-mode"
        kind = ConcernKind.APPROVAL_BYPASS
        yield _note(file, kind, node, "permissions.defaultMode", words, instead, "modes")
    skip = file.get("skipDangerousModePermissionPrompt")
    if skip is not None and jsonc.boolean(skip) and file.scope is Scope.LOCAL and not locked:
        words = "bypassPermissions mode starts without the warning that a person has to accept"
        instead = "remove it; whoever wants the mode accepts the warning once"
        kind = ConcernKind.APPROVAL_BYPASS
        subject = "skipDangerousModePermissionPrompt"
        yield _note(file, kind, skip, subject, words, instead, "bypass-prompt")


def _servers(file: SettingsFile, servers: frozenset[str]) -> Iterator[Noted]:
    every = file.get("enableAllProjectMcpServers")
    if every is not None and jsonc.boolean(every):
        words = "every server that .mcp.json names, now or after a pull, is approved unasked"
        instead = "name the servers that are meant in enabledMcpjsonServers"
        kind, subject = ConcernKind.BLANKET_APPROVAL, "enableAllProjectMcpServers"
        yield _note(file, kind, every, subject, words, instead, "mcp-approval")
    named = file.get("enabledMcpjsonServers")
    if file.scope is not Scope.PROJECT or not isinstance(named, jsonc.Array):
        return
    for item in named.items:
        name = jsonc.string(item)
        if name in servers:
            words = "the repository approves a server that its own .mcp.json starts as a command"
            instead = "leave the approval to each person, in .claude/settings.local.json"
            kind, subject = ConcernKind.RUNS_COMMANDS, f"enabledMcpjsonServers {name}"
            yield _note(file, kind, item, subject, words, instead, "mcp-approval")


def _directories(file: SettingsFile) -> Iterator[Noted]:
    node = file.get("permissions", "additionalDirectories")
    for item in node.items if isinstance(node, jsonc.Array) else ():
        text = (jsonc.string(item) or "").strip()
        if text in _EVERYWHERE or _CREDENTIALS.match(text):
            words = "everything below it is readable without a prompt, as the project is"
            instead = "name the one directory that is needed"
            kind, subject = ConcernKind.BLANKET_APPROVAL, f"additionalDirectories {text}"
            yield _note(file, kind, item, subject, words, instead, "directories")


# ------------------------------------------------------------------ hosts and programs


def _endpoints(file: SettingsFile) -> Iterator[Noted]:
    env = file.get("env")
    if not isinstance(env, jsonc.Object) or file.scope.personal:
        return
    for name in _ENDPOINTS:
        node = env.members.get(name)
        host = _host(jsonc.string(node))
        if node is None or not host or host in _HERE or f".{host}".endswith(_VENDORS):
            continue
        words = (
            f"requests, with prompts and keys in them, go by way of {host}: `claude -p` takes it"
        )
        words += " without asking for trust, and before 2.0.65 every session did (CVE-2026-21852)"
        instead = "set a gateway of your own in user or managed settings"
        kind = ConcernKind.REDIRECTED_ENDPOINT
        yield _note(file, kind, node, f"env.{name}", words, instead, "env")
    node = env.members.get("NODE_TLS_REJECT_UNAUTHORIZED")
    if node is not None and isinstance(node, jsonc.Scalar) and str(node.value) == "0":
        words = "nobody checks whose certificate it is that requests with keys in them go to"
        instead = "remove it, and name a certificate of your own in NODE_EXTRA_CA_CERTS"
        kind, subject = ConcernKind.REDIRECTED_ENDPOINT, "env.NODE_TLS_REJECT_UNAUTHORIZED"
        yield _note(file, kind, node, subject, words, instead, "env")


def _host(url: str | None) -> str:
    """The host alone: the rest of an address may hold a password."""
    try:
        return (urlsplit(url or "").hostname or "").rstrip(".")
    except ValueError:
        return ""


def _commands(file: SettingsFile, files: Sequence[SettingsFile]) -> Iterator[Noted]:
    for name in _HELPERS:
        node = file.get(name)
        if node is not None and jsonc.string(node):
            words = (
                "Claude Code runs this command by itself; `claude -p` never asks for trust first"
            )
            instead = "let each person set it in ~/.claude/settings.json"
            yield _note(file, ConcernKind.RUNS_COMMANDS, node, name, words, instead, "trust")
    switches = (jsonc.boolean(other.get("disableAllHooks")) for other in files)
    if next((switch for switch in switches if switch is not None), False):
        return
    for name in ("hooks", "statusLine", "subagentStatusLine", "fileSuggestion"):
        for node in _command_nodes(file.get(name)):
            if _FETCHED.search(jsonc.string(node) or ""):
                words = "its command runs a script straight from the network, and `claude -p` does"
                words += " so without asking for trust"
                instead = "keep the script in the repository, where a review sees its changes"
                yield _note(file, ConcernKind.RUNS_COMMANDS, node, name, words, instead, "trust")


def _command_nodes(node: jsonc.Node | None) -> Iterator[jsonc.Node]:
    """Every `command` below a node; nesting is bounded by the parser."""
    if isinstance(node, jsonc.Array):
        for item in node.items:
            yield from _command_nodes(item)
    elif isinstance(node, jsonc.Object):
        for key, member in node.members.items():
            if key == "command":
                yield member
            else:
                yield from _command_nodes(member)


# ------------------------------------------------------------------ sandbox and rules


def _sockets(file: SettingsFile) -> Iterator[Noted]:
    kind = ConcernKind.SANDBOX_DISABLED
    sockets = file.get("sandbox", "network", "allowUnixSockets")
    for item in sockets.items if isinstance(sockets, jsonc.Array) else ():
        if (jsonc.string(item) or "").endswith(("/docker.sock", "/podman.sock")):
            words = "a sandboxed command that reaches this socket starts containers outside the"
            words += " sandbox, with any directory of the machine in them"
            instead = "run the container's commands yourself, or outside of Claude Code"
            subject = "sandbox.network.allowUnixSockets"
            yield _note(file, kind, item, subject, words, instead, "sandbox-sockets")


def _sandbox(file: SettingsFile) -> Iterator[Noted]:
    kind = ConcernKind.SANDBOX_DISABLED
    for keys, words, instead in (
        (
            ("network", "allowAllUnixSockets"),
            "sandboxed commands reach every local socket, that of a container service or of an"
            " agent with keys included",
            "name the one socket that is needed in allowUnixSockets",
        ),
        (
            ("enableWeakerNestedSandbox",),
            "the sandbox shares /proc with what is around it, as only a container that isolates by"
            " itself makes up for",
            "set it in the settings of that container, not for everyone",
        ),
    ):
        node = file.get("sandbox", *keys)
        if node is not None and jsonc.boolean(node):
            yield _note(file, kind, node, ".".join(("sandbox", *keys)), words, instead, "sandbox")
    node = file.get("sandbox", "filesystem", "disabled")
    if node is not None and jsonc.boolean(node) and file.scope.personal:
        words = "sandboxed commands read and write every file; denyRead and denied credentials do"
        words += " not hold"
        instead = "remove it, and open single paths with allowRead and allowWrite"
        subject = "sandbox.filesystem.disabled"
        yield _note(file, kind, node, subject, words, instead, "sandbox")
    for text, line in file.texts("sandbox", "excludedCommands"):
        if covers_command(text, "cat x") or covers_command(text, "bash -c x"):
            words = "commands of every kind run outside the sandbox by this entry"
            instead = "name the one command that does not work inside"
            yield Noted(
                kind, file.path, line, "sandbox.excludedCommands", words, instead, "sandbox",
                file.scope.personal,
            )  # fmt: skip


def _overruled(file: SettingsFile, files: Sequence[SettingsFile]) -> Iterator[Noted]:
    """A repository's `false` outranks the user's `true`."""
    node = file.get("sandbox", "enabled")
    mine = any(
        other.scope.personal and jsonc.boolean(other.get("sandbox", "enabled")) for other in files
    )
    if node is not None and jsonc.boolean(node) is False and mine and not file.scope.personal:
        words = "the repository switches the sandbox off that the user has switched on"
        instead = "remove it here, and let single commands out by sandbox.excludedCommands"
        kind, subject = ConcernKind.SANDBOX_DISABLED, "sandbox.enabled"
        yield _note(file, kind, node, subject, words, instead, "sandbox")


def _blanket(rule: PermissionRule) -> Iterator[Noted]:
    subject, words = "", ""
    spec = rule.specifier
    if rule.tool in ("Bash", "PowerShell", "Monitor") and spec in (None, "*", ":*"):
        subject, words = rule.tool, "every shell command runs without a prompt"
    elif rule.tool == "Bash" and spec is not None:
        name = next(
            (one for one in _INTERPRETERS if spec in (f"{one} *", f"{one}:*", f"{one}*")), None
        )
        if name is not None:
            subject = f"Bash({name} *)"
            words = f"{name} runs any program that it is given, and so every command"
    elif rule.tool == "Read" and spec in ("//**", "~/**", "~/", "//"):
        subject = f"Read({spec})"
        words = "files outside the project, keys in the home directory included, are read unasked"
    if words:
        yield Noted(
            ConcernKind.BLANKET_APPROVAL,
            rule.file,
            rule.line,
            subject,
            words,
            "allow the single commands or paths that are meant",
            "allow",
            rule.scope.personal,
        )
