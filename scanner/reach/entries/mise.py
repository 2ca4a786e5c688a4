"""mise: `[env]` of `mise.toml` and its kin (https://mise.jdx.dev/environments/)."""

import posixpath
import re

from scanner.reach.entries.entry import EVERY_AGENT, Carrier, Process
from scanner.reach.entries.gathering import Gathering, Way
from scanner.reach.entries.sheet import Node

_FILE = re.compile(
    r"(?:.*/)?(?:\.?mise(?:\.[\w-]+){0,2}\.toml|\.?mise/config(?:\.[\w-]+){0,2}\.toml"
    r"|\.config/mise(?:\.[\w-]+){0,2}\.toml|\.config/mise/(?:config|conf\.d/[^/]+)(?:\.[\w-]+)?\.toml)"
)
_WELL_KNOWN = ("mise.toml", ".mise.toml", "mise.local.toml", ".mise.local.toml")
_BASIS = (
    "mise sets it in a shell where it is activated and in what `mise exec` and its tasks run, once"
    " the file is trusted; an agent that is started there inherits it"
)
_WAY = Way(Carrier.MISE, (Process.AGENT, Process.AGENT_SHELL), EVERY_AGENT, _BASIS)


def read(gathering: Gathering) -> None:
    """Every configuration file of mise."""
    tree = gathering.tree
    found = {path for path in tree.paths if path.endswith(".toml") and _FILE.fullmatch(path)}
    found.update(path for path in _WELL_KNOWN if tree.exists(path))
    for path in sorted(found):
        sheet = gathering.sheet(path)
        tables = sheet.get("env") if sheet else None
        for table in (tables.items or [tables]) if tables else ():
            _read_table(gathering, path, table)


def _read_table(gathering: Gathering, path: str, table: Node) -> None:
    for name, node in table.pairs():
        if name == "_":
            for target in _files(node):
                basis = f"{path} has mise load it; {_BASIS}"
                way = Way(Carrier.DOTENV, _WAY.processes, EVERY_AGENT, basis)
                gathering.link(_root_of(path), target, way)
            continue
        value = node.get("value") if node.is_map else node
        if value is not None and value.text not in (None, "false"):
            gathering.value(path, name, value, _WAY)
        elif node.is_map and node.string("required") not in ("", "false"):
            gathering.forwarded(path, node.span, name, _WAY)


def _files(directives: Node) -> list[str]:
    """`_.file`: a text, a table with a path, or a list of either; only dotenv files count."""
    named = directives.get("file")
    if named is None:
        return []
    found = [
        item.string("path") if item.is_map else item.text or "" for item in named.items or [named]
    ]
    return [one for one in found if not one.endswith((".json", ".yaml", ".yml", ".toml"))]


def _root_of(path: str) -> str:
    """A file beside the configuration's root, so that names are relative to the right directory."""
    directory = posixpath.dirname(path)
    for suffix in ("conf.d", "mise", ".mise", ".config"):
        if posixpath.basename(directory) == suffix:
            directory = posixpath.dirname(directory)
    return posixpath.join(directory, "mise.toml")
