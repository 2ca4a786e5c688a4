"""Zed's settings: the lists that keep files from its agent, and what its tools may do unasked.

Read in zed-industries/zed: crates/settings_content/src/project.rs (what a project may set, and how
lists are merged), crates/agent/src/tools/read_file_tool.rs, crates/agent/src/tool_permissions.rs.
A list of the user extends (`private_files`) or replaces (`file_scan_exclusions`, unless it holds
"...") the built-in one; the agent asks the user's and the project's lists, so neither opens what
the other closes. The key `agent` counts in the user's settings only.
"""

import posixpath
from collections.abc import Iterator, Sequence

import msgspec

from scanner.model import ConcernKind
from scanner.reach.evaluator import Evaluator
from scanner.reach.formats import jsonc
from scanner.reach.matching.first_match import regex_is_everything
from scanner.reach.matching.globset import compile_glob
from scanner.reach.settings.json_layers import Layer, parse_layer, read_layer, strings_of

PROJECT, USER = ".zed/settings.json", ".config/zed/settings.json"
PRIVATE, EXCLUDED = "private_files", "file_scan_exclusions"
BUILT_IN = {
    PRIVATE: ("**/.env*", "**/*.pem", "**/*.key", "**/*.cert", "**/*.crt", "**/secrets.yml"),
    EXCLUDED: (
        "**/.git",
        "**/.svn",
        "**/.hg",
        "**/.jj",
        "**/.sl",
        "**/.repo",
        "**/CVS",
        "**/.DS_Store",
        "**/Thumbs.db",
        "**/.classpath",
        "**/.settings",
    ),
}
SPLICE = "..."


class Entry(msgspec.Struct, frozen=True):
    """One pattern of a list; `source` is "" for the built-in ones."""

    key: str
    glob: str
    source: str
    base: str = ""
    """The directory whose settings name it: nested settings count below it."""

    def covers(self, path: str) -> bool:
        """Whether it names the path, relative to the project's root, or a directory above."""
        if self.base and not path.startswith(f"{self.base}/"):
            return False
        glob = compile_glob(self.glob)
        parts = path.split("/")
        above = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
        return glob is not None and any(
            glob.matches(one) or glob.matches(f"{one}/") for one in above
        )


class ZedSettings(msgspec.Struct, frozen=True):
    """What the files say together."""

    user_known: bool
    """The user's settings were read, or there are none in a home that was given."""
    user: tuple[Entry, ...]
    """Both lists as the user has them, without the built-in ones."""
    replaced: bool
    """The user has a list of exclusions of their own that does not take in the built-in one."""
    project: tuple[Entry, ...]
    trusted: bool
    """Every folder is trusted, by a setting of the user."""
    terminal: tuple[str, str]
    """The mode of the terminal tool (allow, confirm, deny or "") and where it is set."""
    terminal_allows: tuple[tuple[str, str], ...]
    """Patterns of commands that run unasked, each with its source."""
    no_ai: str
    """Where the user switches all AI off."""
    project_no_ai: str
    """The same in the project's settings."""


def read_zed(evaluator: Evaluator) -> ZedSettings:
    """Read user and project settings; what is dangerous, dead or broken becomes a concern."""
    users = [parse_layer(evaluator, one.path, one.text, "settings") for one in evaluator.given]
    if (home := read_layer(evaluator, USER, "settings", personal=True)) is not None:
        users.append(home)
    projects = [
        layer
        for path in evaluator.tree.find(f"**/{PROJECT}")
        if (layer := read_layer(evaluator, path, "settings")) is not None
    ]
    for layer in projects:
        _dead_controls(evaluator, layer)
    for layer in users:
        _dangerous(evaluator, layer)
    exclusions = [_entries(evaluator, layer, EXCLUDED) for layer in users]
    own = next((entries for entries in exclusions if entries), ())
    private = [entry for layer in users for entry in _entries(evaluator, layer, PRIVATE)]
    known = evaluator.home is not None and all(layer.root is not None for layer in users)
    return ZedSettings(
        user_known=known,
        user=tuple(entry for entry in (*private, *own) if entry.glob != SPLICE),
        replaced=bool(own) and all(entry.glob != SPLICE for entry in own),
        project=tuple(_project_entries(evaluator, projects)),
        trusted=bool(_where_true(users, "session", "trust_all_worktrees")),
        terminal=_terminal_mode(users),
        terminal_allows=tuple(_terminal_allows(users)),
        no_ai=_where_true(users, "disable_ai"),
        project_no_ai=_where_true(projects, "disable_ai"),
    )


def _where_true(layers: Sequence[Layer], *keys: str) -> str:
    """Where the first value of a key stands, if it is true; else ""."""
    for layer in layers:
        node = jsonc.get(layer.root, *keys)
        if node is not None:
            return layer.source(node) if jsonc.boolean(node) else ""
    return ""


def _entries(evaluator: Evaluator, layer: Layer, key: str, base: str = "") -> tuple[Entry, ...]:
    return tuple(
        Entry(key, glob, f"{layer.shown}:{line}", base)
        for glob, line in strings_of(evaluator, layer, key, "settings")
    )


def _project_entries(evaluator: Evaluator, layers: Sequence[Layer]) -> Iterator[Entry]:
    for layer in layers:
        base = posixpath.dirname(posixpath.dirname(layer.shown))
        for key in (PRIVATE, EXCLUDED):
            for entry in _entries(evaluator, layer, key, base):
                if entry.glob != SPLICE:
                    yield entry


# ---------------------------------------------------------------------- tool permissions


def _terminal_mode(layers: Sequence[Layer]) -> tuple[str, str]:
    """The tool's own mode goes before the general one, whichever file it stands in."""
    for keys in (("tools", "terminal", "default"), ("default",)):
        for layer in layers:
            node = jsonc.get(layer.root, "agent", "tool_permissions", *keys)
            mode = jsonc.string(node) if node is not None else None
            if node is not None and mode in ("allow", "confirm", "deny"):
                return mode, layer.source(node)
    for layer in layers:
        node = jsonc.get(layer.root, "agent", "always_allow_tool_actions")
        if node is not None and jsonc.boolean(node):
            return "allow", layer.source(node)
    return "", ""


def _terminal_allows(layers: Sequence[Layer]) -> Iterator[tuple[str, str]]:
    for layer in layers:
        node = jsonc.get(
            layer.root, "agent", "tool_permissions", "tools", "terminal", "always_allow"
        )
        for item in node.items if isinstance(node, jsonc.Array) else ():
            pattern = jsonc.string(jsonc.get(item, "pattern"))
            if pattern is not None:
                yield pattern, layer.source(item)


def _dangerous(evaluator: Evaluator, layer: Layer) -> None:
    """The user's own settings that take the asking away."""
    permissions = jsonc.get(layer.root, "agent", "tool_permissions")
    general = jsonc.get(permissions, "default")
    always = jsonc.get(layer.root, "agent", "always_allow_tool_actions")
    if general is not None and jsonc.string(general) == "allow":
        _note(evaluator, layer, general, "agent.tool_permissions.default", everything=True)
    if always is not None and jsonc.boolean(always):
        _note(evaluator, layer, always, "agent.always_allow_tool_actions", everything=True)
    terminal = jsonc.get(permissions, "tools", "terminal")
    mode = jsonc.get(terminal, "default")
    if mode is not None and jsonc.string(mode) == "allow":
        key = "agent.tool_permissions.tools.terminal.default"
        _note(evaluator, layer, mode, key, everything=False)
    allows = jsonc.get(terminal, "always_allow")
    for item in allows.items if isinstance(allows, jsonc.Array) else ():
        pattern = jsonc.string(jsonc.get(item, "pattern"))
        if pattern is not None and regex_is_everything(pattern):
            key = "agent.tool_permissions.tools.terminal.always_allow"
            _note(evaluator, layer, item, key, everything=False)
    trust = jsonc.get(layer.root, "session", "trust_all_worktrees")
    if trust is not None and jsonc.boolean(trust):
        evaluator.concern(
            ConcernKind.TRUST_DISABLED,
            layer.shown,
            trust.line,
            "session.trust_all_worktrees",
            "settings and MCP servers of every folder count without a question",
            "remove it and trust folders one by one",
            "trust",
            personal=True,
        )


def _note(
    evaluator: Evaluator, layer: Layer, node: jsonc.Node, key: str, *, everything: bool
) -> None:
    evaluator.concern(
        ConcernKind.APPROVAL_BYPASS if everything else ConcernKind.BLANKET_APPROVAL,
        layer.shown,
        node.line,
        key,
        "the agent's tools run unasked" if everything else "every command runs unasked",
        "leave the default at confirm and name the commands that may run under always_allow",
        "permissions",
        personal=True,
    )


def _dead_controls(evaluator: Evaluator, layer: Layer) -> None:
    """Permissions in a project's settings narrow nothing: the key counts for the user only."""
    agent = jsonc.get(layer.root, "agent")
    permissions = jsonc.get(agent, "tool_permissions")
    always = jsonc.get(agent, "always_allow_tool_actions")
    node = permissions if permissions is not None else always
    if node is None or not (_narrows(permissions) or jsonc.boolean(always) is False):
        return
    evaluator.concern(
        ConcernKind.DEAD_CONTROL,
        layer.shown,
        node.line,
        "agent",
        "Zed takes the key agent from the user's settings only, so this narrows nothing",
        f"put the files into {PRIVATE} here; permissions belong into the user's settings",
        "lists",
    )


def _narrows(node: jsonc.Node | None) -> bool:
    """Whether something in it denies or asks. jsonc bounds the nesting."""
    if isinstance(node, jsonc.Object):
        return any(
            name in ("always_deny", "always_confirm") or _narrows(child)
            for name, child in node.members.items()
        )
    return node is not None and jsonc.string(node) in ("deny", "confirm")
