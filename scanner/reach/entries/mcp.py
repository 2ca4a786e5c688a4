"""MCP servers in the configuration of every agent: `env`, `args`, `headers`, `url`.

The vendors' formats differ in file, key and spelling, not in what they say, so one reader knows all
spellings; `_FILES` says where each agent keeps them.
"""

import posixpath

import msgspec

from scanner.reach.entries import arguments
from scanner.reach.entries.entry import Carrier, EntryKind, Process
from scanner.reach.entries.gathering import Gathering, Way
from scanner.reach.entries.sheet import Node
from scanner.reach.entries.value import Judged, is_name, judge, shown_name

_SERVERS = ("mcpServers",)


class _File(msgspec.Struct, frozen=True):
    """Where an agent keeps its servers; the path's end, in a project or in the home directory."""

    suffix: str
    agents: tuple[str, ...]
    keys: tuple[str, ...] = _SERVERS


_FILES = (
    _File(".mcp.json", ("claude-code", "github-copilot")),
    _File(".claude.json", ("claude-code",)),
    _File(".claude-plugin/plugin.json", ("claude-code",)),
    _File(".cursor/mcp.json", ("cursor",)),
    _File(".roo/mcp.json", ("roo-code",)),
    _File(".kilocode/mcp.json", ("kilo-code",)),
    _File("kilo.json", ("kilo-code",), ("mcp",)),
    _File("kilo.jsonc", ("kilo-code",), ("mcp",)),
    _File(".kiro/settings/mcp.json", ("kiro",)),
    _File(".amazonq/mcp.json", ("amazon-q",)),
    _File(".amazonq/default.json", ("amazon-q",)),
    _File(".aws/amazonq/mcp.json", ("amazon-q",)),
    _File(".junie/mcp/mcp.json", ("junie",)),
    _File("cline_mcp_settings.json", ("cline",)),
    _File("windsurf/mcp_config.json", ("windsurf",)),
    _File(".gemini/antigravity/mcp_config.json", ("antigravity",)),
    _File(".vscode/mcp.json", ("github-copilot",), ("servers",)),
    _File(".github/mcp.json", ("github-copilot",)),
    _File(".copilot/mcp-config.json", ("github-copilot",)),
    _File("opencode.json", ("opencode",), ("mcp",)),
    _File("opencode.jsonc", ("opencode",), ("mcp",)),
    _File("crush.json", ("crush",), ("mcp",)),
    _File(".crush.json", ("crush",), ("mcp",)),
    _File(".zed/settings.json", ("zed",), ("context_servers",)),
    _File("zed/settings.json", ("zed",), ("context_servers",)),
    _File(".codex/config.toml", ("codex",), ("mcp_servers",)),
    _File(".gemini/settings.json", ("gemini-cli",)),
    _File("gemini-extension.json", ("gemini-cli",)),
    _File(".qwen/settings.json", ("qwen-code",)),
    _File(".qwen/settings.local.json", ("qwen-code",)),
    _File(".amp/settings.json", ("amp",), ("amp.mcpServers",)),
    _File("amp/settings.json", ("amp",), ("amp.mcpServers",)),
    _File("goose/config.yaml", ("goose",), ("extensions",)),
    _File(".continue/config.yaml", ("continue",)),
    _File(".factory/mcp.json", ("droid",)),
)
_FOLDERS = (
    _File(".continue/mcpServers/", ("continue",)),
    _File(".amazonq/cli-agents/", ("amazon-q",)),
    _File(".kiro/agents/", ("kiro",)),
    _File(".goose/recipes/", ("goose",), ("extensions",)),
)
_FOLDER_ENDINGS = (".yaml", ".yml", ".json")

_VARIABLES = ("env", "environment", "envs")
_HEADERS = ("headers", "http_headers")
_ADDRESSES = ("url", "httpUrl", "serverUrl", "uri", "endpoint")
_CREDENTIALS = ("clientSecret", "client_secret", "CLIENT_SECRET", "bearer_token", "apiKey", "token")


def read(gathering: Gathering) -> None:
    """Every agent's files of MCP servers."""
    tree = gathering.tree
    found = {(path, file) for path in tree.paths for file in _files_of(path)}
    found.update((file.suffix, file) for file in _FILES if tree.exists(file.suffix))
    for path, file in sorted(found, key=lambda one: (one[0], one[1].suffix)):
        sheet = gathering.sheet(path)
        if sheet is None:
            continue
        note = _nested(path, file)
        read_servers(gathering, path, sheet.get(*file.keys), file.agents, note)
        # Claude Code's own file keeps those of each project below the project's path.
        for _, project in sheet.pairs("projects") if path.endswith(".claude.json") else ():
            read_servers(gathering, path, project.get(*file.keys), file.agents, note)


def _nested(path: str, file: _File) -> str:
    """Say of a file below the root that it counts only there."""
    end = f"/{file.suffix}" if not file.suffix.endswith("/") else f"/{file.suffix}".rstrip("/")
    directory = path.rpartition(end)[0]
    return f"; only where it is started in {directory}" if directory else ""


_BY_NAME: dict[str, list[_File]] = {}
for _file in _FILES:
    _BY_NAME.setdefault(posixpath.basename(_file.suffix), []).append(_file)


def _files_of(path: str) -> list[_File]:
    found = [
        file
        for file in _BY_NAME.get(posixpath.basename(path), ())
        if path == file.suffix or path.endswith(f"/{file.suffix}")
    ]
    if path.endswith(_FOLDER_ENDINGS):
        directory = posixpath.dirname(path) + "/"
        found += [folder for folder in _FOLDERS if f"/{directory}".endswith(f"/{folder.suffix}")]
    return found


def read_servers(
    gathering: Gathering,
    path: str,
    servers: Node | None,
    agents: tuple[str, ...],
    note: str = "",
) -> None:
    """The servers of a mapping by name, or of a list. `note`: to be added to what is said."""
    if servers is None:
        return
    named = list(servers.members.items())
    named += [(server.string("name"), server) for server in servers.items]
    for name, server in named:
        if not gathering.full:
            _read_server(gathering, path, name, server, agents, note)


def _read_server(
    gathering: Gathering,
    path: str,
    name: str,
    server: Node,
    agents: tuple[str, ...],
    note: str,
) -> None:
    shown = name if is_name(name) else "that is named here"
    who = " and ".join(agents)
    if server.string("disabled") == "true" or server.string("enabled") == "false":
        shown += ", which is switched off here,"
    starts = f"the MCP server {shown} is started with it by {who}{note}"
    sends = f"it is sent to the MCP server {shown} by {who}{note}"
    variables = Way(Carrier.MCP_ENV, (Process.MCP_SERVER,), agents, starts)
    words = Way(Carrier.MCP_ARGUMENTS, (Process.MCP_SERVER,), agents, starts)

    _read_variables(gathering, path, server, variables)
    _read_words(gathering, path, server, words)
    command = server.get("command")
    if command is not None and command.is_map:  # Zed's older spelling
        _read_variables(gathering, path, command, variables)
        _read_words(gathering, path, command, words)
    _read_headers(
        gathering, path, server, Way(Carrier.MCP_HEADERS, (Process.AGENT,), agents, sends)
    )
    address = Way(Carrier.MCP_URL, (Process.AGENT,), agents, sends)
    for key in _ADDRESSES:
        node = server.get(key)
        if node is not None and node.text:
            arguments.url(gathering, path, node, address)


def _read_variables(gathering: Gathering, path: str, server: Node, way: Way) -> None:
    for key in _VARIABLES:
        for name, node in server.pairs(key):
            gathering.value(path, name, node, way)
    # Codex and Goose: names whose values come from the environment, or from the keyring.
    for key, manager in (("env_vars", False), ("env_keys", True)):
        for node in server.listed(key):
            name = node.string("name") if node.is_map else node.text or ""
            judged = Judged(EntryKind.FORWARDED, shown_name(name), manager)
            if name:
                gathering.add(path, node.span, name, judged, way)
    file = server.get("envFile")
    if file is not None and file.text:
        basis = f"{path} names it as envFile; {way.basis}"
        gathering.link(
            path, file.text, msgspec.structs.replace(way, carrier=Carrier.DOTENV, basis=basis)
        )


def _read_words(gathering: Gathering, path: str, server: Node, way: Way) -> None:
    command = server.get("command") or server.get("cmd")
    words = list(command.items) if command is not None else []
    if command is not None and command.text and " " in command.text:
        words = [Node(command.span, word) for word in command.text.split()]
    arguments.read(gathering, path, [*words, *server.listed("args")], way)


def _read_headers(gathering: Gathering, path: str, server: Node, way: Way) -> None:
    for part in (server, server.get("requestOptions")):
        for key in _HEADERS:
            for name, node in part.pairs(key) if part is not None else ():
                gathering.value(path, name, node, way)
    for name, node in server.pairs("env_http_headers"):
        _named_variable(gathering, path, name, node, way)
    for place in (server, server.get("oauth"), server.get("auth")):
        for key in _CREDENTIALS if place is not None else ():
            credential = place.get(key) if place is not None else None
            if credential is not None:
                gathering.value(path, key, credential, way)
    named = server.get("bearer_token_env_var")
    if named is not None:
        _named_variable(gathering, path, "bearer_token_env_var", named, way)


def _named_variable(gathering: Gathering, path: str, name: str, node: Node, way: Way) -> None:
    """A key that takes a variable's name. People do write the token itself there."""
    text = node.text or ""
    if is_name(text):
        gathering.add(path, node.span, name, Judged(EntryKind.REFERENCE, text), way)
    elif judge(text) is not None:
        gathering.value(path, name, node, way, "it stands where a variable's name belongs")
