"""The settings of OpenCode and of its descendant Kilo Code: files in layers, merged key by key."""

import posixpath
from collections.abc import Iterator, Sequence

import msgspec

from scanner.reach.formats import jsonc, yaml_nodes
from scanner.reach.matching.last_match import (
    MOST_RULES,
    Action,
    Permissions,
    PermissionsError,
    Rule,
    Setting,
    merge,
    permissions_of,
    permissions_of_tools,
    switches_of,
)
from scanner.reach.surroundings import GivenSettings
from scanner.reach.tree import Tree, Unreadable

MOST_AGENTS = 500
_LARGEST_HEAD = 16_384


class Rejected(msgspec.Struct, frozen=True):
    """A file that the agent does not start with."""

    path: str
    line: int | None
    reason: str
    personal: bool = False
    unread: bool = False
    """It could not be read at all, so that it is not known whether the agent takes it."""

    @property
    def where(self) -> str:
        """`file:line`, or the file where no line is to blame."""
        return f"{self.path}:{self.line}" if self.line else self.path


class Entry(msgspec.Struct, frozen=True):
    """A text in the settings and where it stands."""

    text: str
    path: str
    line: int
    key: str = ""
    personal: bool = False


class LastMatchSettings:
    """All layers put together, lowest first. Mutable only while it is read."""

    def __init__(self) -> None:
        self.permission: Permissions = {}
        self.tools: dict[str, Setting] = {}
        self.ordered: list[Rule] = []
        """The rules of OpenCode 2, which are a list already; they come after all others."""
        self.agents: dict[str, Permissions] = {}
        """Agents with rules of their own."""
        self.disabled: set[str] = set()
        self.instructions: list[Entry] = []
        self.prompts: list[Entry] = []
        """`{file:...}` prompts of agents; `key` is the agent."""
        self.endpoints: list[Entry] = []
        """Base addresses; `key` is the provider."""
        self.plugins: list[Entry] = []
        self.servers: list[tuple[Entry, tuple[str, ...]]] = []
        """Programs that are started with a session, with their words; `key` is the name."""
        self.sharing: Entry | None = None
        self.rejected: list[Rejected] = []

    @property
    def user(self) -> Permissions:
        """The permissions that hold for every agent; the older switches come first."""
        return merge(permissions_of_tools(self.tools), self.permission)

    def read_file(self, tree: Tree, path: str, *, personal: bool = False) -> None:
        """Add one settings file, if it is there."""
        text = tree.text(path)
        name = f"~/{path}" if personal else path
        if isinstance(text, Unreadable):
            self.rejected.append(Rejected(name, None, text.reason, personal, unread=True))
        elif text is not None:
            self.read_text(name, text, personal=personal)

    def read_given(self, given: Sequence[GivenSettings]) -> None:
        """Add the files that the caller named: they outrank all others."""
        for entry in given:
            self.read_text(entry.path, entry.text, personal=True)

    def read_text(self, path: str, text: str, *, personal: bool) -> None:
        """Add one settings file. Comments and trailing commas are part of the format."""
        document = jsonc.parse(text)
        if document.error:
            self.rejected.append(Rejected(path, document.line, document.error, personal))
            return
        root = document.root
        if not isinstance(root, jsonc.Object):
            self.rejected.append(Rejected(path, 1, "it is no object", personal))
            return
        try:
            permission = permissions_of(root.members.get("permission"), path)
            agents = dict(_agents(root, path))
            ordered = list(_ordered(root.members.get("permissions"), path))
        except PermissionsError as error:
            self.rejected.append(Rejected(path, error.line, str(error), personal))
            return
        self.permission = merge(self.permission, permission)
        self.tools |= switches_of(root.members.get("tools"), path)
        self.ordered += ordered
        for name, rules in agents.items():
            self.agents[name] = merge(self.agents.get(name, {}), rules)
        self._others(root, path, personal)

    def _others(self, root: jsonc.Object, path: str, personal: bool) -> None:
        """What is no permission."""

        def entry(text: str, line: int, key: str = "") -> Entry:
            return Entry(text, path, line, key, personal)

        for text, line in jsonc.strings(root.members.get("instructions")):
            self.instructions.append(entry(text, line))
        for key in ("plugin", "plugins"):
            for text, line in jsonc.strings(root.members.get(key)):
                self.plugins.append(entry(text, line))
        for name, provider in _members(root.members.get("provider")):
            for key in ("baseURL", "endpoint"):
                for text, line in jsonc.strings(jsonc.get(provider, "options", key)):
                    self.endpoints.append(entry(text, line, name))
        for name, server in _members(root.members.get("mcp")):
            words = jsonc.strings(jsonc.get(server, "command"))
            if words and jsonc.boolean(jsonc.get(server, "enabled")) is not False:
                found = entry(words[0][0], words[0][1], name)
                self.servers.append((found, tuple(word for word, _ in words)))
        for kind in ("agent", "mode"):
            for name, agent in _members(root.members.get(kind)):
                if jsonc.boolean(jsonc.get(agent, "disable")):
                    self.disabled.add(name)
                for text, line in jsonc.strings(jsonc.get(agent, "prompt")):
                    self.prompts.append(entry(text, line, name))
        share = root.members.get("share")
        if share is not None and (text_of := jsonc.string(share)) is not None:
            self.sharing = entry(text_of, share.line)

    def read_agents(self, tree: Tree, directory: str, *, personal: bool = False) -> None:
        """Add the agents that are Markdown files below a settings directory."""
        for kind in ("agent", "agents", "mode", "modes"):
            for path in tree.find(f"/{directory}/{kind}/**/*.md"):
                if len(self.agents) >= MOST_AGENTS:
                    return
                base = f"{directory}/{kind}/"
                name = posixpath.splitext(path.removeprefix(base))[0]
                rules = _head_permissions(tree.plain_text(path), f"~/{path}" if personal else path)
                if rules is None:
                    reason = "its head has a permission that does not exist"
                    self.rejected.append(Rejected(path, None, reason, personal))
                elif rules:
                    self.agents[name] = merge(self.agents.get(name, {}), rules)


def _members(node: jsonc.Node | None) -> Iterator[tuple[str, jsonc.Node]]:
    if isinstance(node, jsonc.Object):
        yield from node.members.items()


def _agents(root: jsonc.Object, path: str) -> Iterator[tuple[str, Permissions]]:
    """The rules of agents that the file configures."""
    for kind in ("mode", "agent"):
        for name, agent in _members(root.members.get(kind)):
            tools = permissions_of_tools(switches_of(jsonc.get(agent, "tools"), path))
            rules = merge(tools, permissions_of(jsonc.get(agent, "permission"), path))
            if rules:
                yield name, rules


def _ordered(node: jsonc.Node | None, path: str) -> Iterator[Rule]:
    """The list form: action, resource and effect; what is called shell there is bash here."""
    if node is None:
        return
    if not isinstance(node, jsonc.Array) or len(node.items) > MOST_RULES:
        raise PermissionsError(node.line, "permissions is a list of rules")
    for item in node.items:
        parts = [jsonc.string(jsonc.get(item, key)) for key in ("action", "resource", "effect")]
        action, resource, effect = parts
        if action is None or resource is None or effect not in list(Action):
            raise PermissionsError(item.line, "a rule has action, resource and effect")
        tool = "bash" if action == "shell" else action
        yield Rule(tool, resource, Action(effect), f"{path}:{item.line}")


def _head_permissions(text: str, path: str) -> Permissions | None:
    """The `permission` and `tools` of a Markdown agent; None if they are not valid."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    end = text.find("\n---", 3)
    if not text.startswith("---\n") or not 0 < end <= _LARGEST_HEAD:
        return {}
    root = yaml_nodes.parse(text[4:end], first_line=2).root
    try:
        tools = permissions_of_tools(switches_of(jsonc.get(root, "tools"), path))
        return merge(tools, permissions_of(jsonc.get(root, "permission"), path))
    except PermissionsError:
        return None
