"""VS Code's settings: the environment of its terminals, and MCP servers that are set there."""

import posixpath

from scanner.reach.entries import mcp
from scanner.reach.entries.entry import EVERY_AGENT, Carrier, Process
from scanner.reach.entries.gathering import Gathering, Way
from scanner.reach.entries.sheet import Node

_SYSTEMS = ("linux", "osx", "windows")


def read(gathering: Gathering) -> None:
    """Every `.vscode/settings.json` and every `*.code-workspace` file."""
    tree = gathering.tree
    found = {path for path in tree.paths if _is_settings(path)}
    if tree.exists(".vscode/settings.json"):
        found.add(".vscode/settings.json")
    for path in sorted(found):
        sheet = gathering.sheet(path)
        if sheet is not None:
            workspace = path.endswith(".code-workspace")
            settings = sheet.get("settings") if workspace else sheet
            if settings is not None:
                read_settings(gathering, path, settings)


def read_settings(gathering: Gathering, path: str, settings: Node) -> None:
    """A settings object, wherever it stands."""
    for system in _SYSTEMS:
        basis = f"VS Code sets it in the terminals it opens on {system}, those of agents included"
        way = Way(Carrier.TERMINAL_ENV, (Process.AGENT_SHELL,), EVERY_AGENT, basis)
        for name, node in settings.pairs(f"terminal.integrated.env.{system}"):
            gathering.value(path, name, node, way)
    mcp.read_servers(gathering, path, settings.get("mcp", "servers"), ("github-copilot",))
    mcp.read_servers(gathering, path, settings.get("amp.mcpServers"), ("amp",))


def _is_settings(path: str) -> bool:
    if path.endswith(".code-workspace"):
        return True
    return path.endswith(".vscode/settings.json") and posixpath.dirname(path).endswith(".vscode")
