"""Crush's JSON configuration: strict, merged over all places, and expanded by a shell.

internal/config/load.go of charmbracelet/crush: a file that is no valid JSON, or whose values have
the wrong type, keeps Crush from starting. `crushrc` files are shell scripts and are not evaluated.
"""

from collections.abc import Iterator
from urllib.parse import urlsplit

import msgspec

from scanner.model import Problem
from scanner.reach.formats import jsonc
from scanner.reach.formats.repeated_keys import repeated_keys
from scanner.reach.surroundings import GivenSettings
from scanner.reach.tree import Tree, Unreadable

FILES = (".crush/crush.json", ".crush.json", "crush.json")
"""Highest precedence first; the first is Crush's own state beside the project."""
USER_FILES = (".local/share/crush/crush.json", ".config/crush/crush.json")
_LISTS = (
    ("permissions", "allowed_tools"),
    ("options", "disabled_tools"),
    ("options", "context_paths"),
)
_OBJECTS = ("permissions", "options", "env", "providers", "mcp", "lsp", "hooks")
_KEYS = ("$schema", "models", "tools", *_OBJECTS)
_EXPANDED = ("env", "providers", "mcp", "lsp")
_VERBATIM = frozenset({"extra_body", "provider_options", "models", "init_options", "options"})
"""Members of those that are passed on as they are."""
_HOSTS = {
    "anthropic": ".anthropic.com",
    "openai": ".openai.com",
    "gemini": ".googleapis.com",
    "openrouter": ".openrouter.ai",
    "groq": ".groq.com",
    "xai": ".x.ai",
}
"""Providers that Crush knows, whose key it takes from the user's environment."""
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


class Complaint(msgspec.Struct, frozen=True):
    """What Crush does not take."""

    line: int
    subject: str
    words: str


class Config(msgspec.Struct, frozen=True):
    """A configuration file that is there."""

    path: str
    """As sources and messages name it: `~/` before the user's."""
    personal: bool
    root: jsonc.Node | None
    complaints: tuple[Complaint, ...] = ()
    broken_at: str = ""
    """`file:line` of what keeps Crush from starting."""
    problem: Problem | None = None

    def get(self, *keys: str) -> jsonc.Node | None:
        """The value below nested keys."""
        return jsonc.get(self.root, *keys)

    def texts(self, *keys: str) -> tuple[tuple[str, int], ...]:
        """The texts of a list, each with its line; nothing of anything else."""
        node = self.get(*keys)
        return jsonc.strings(node) if isinstance(node, jsonc.Array) else ()


def read_config(
    tree: Tree, home: Tree | None, given: tuple[GivenSettings, ...]
) -> tuple[Config, ...]:
    """Every configuration file that can be seen, highest precedence first."""
    configs = [_parse(entry.path, False, entry.text) for entry in reversed(given)]
    for where, paths, personal in ((tree, FILES, False), (home, USER_FILES, True)):
        for path in paths:
            text = where.text(path) if where is not None else None
            shown = f"~/{path}" if personal else path
            if isinstance(text, Unreadable):
                problem = Problem("reach", shown, f"{text.reason}; what it allows is not known")
                configs.append(Config(shown, personal, None, (), shown, problem))
            elif text and not (path == "crush.json" and _foreign(text)):
                configs.append(_parse(shown, personal, text))
    return tuple(configs)


def _foreign(text: str) -> bool:
    """A `crush.json` of a program that has nothing to do with Crush: none of its keys is there."""
    root = jsonc.parse(text).root
    return root is not None and not any(jsonc.get(root, key) for key in _KEYS)


def _parse(path: str, personal: bool, text: str) -> Config:
    document = jsonc.parse(text)
    root = document.root
    if root is None or not document.strict:
        why = document.error or "a comment or a trailing comma"
        words = f"not plain JSON ({why}), and Crush refuses to start with it"
        complaint = Complaint(document.line, "JSON", words)
        return Config(path, personal, root, (complaint,), f"{path}:{document.line}")
    wrong = _mistyped(root)
    repeated = tuple(
        Complaint(
            entry.line,
            entry.key,
            f"{entry.key} stands in the same object again at line {entry.again}, and of two equal"
            " keys only the last counts",
        )
        for entry in repeated_keys(text)
    )
    broken = f"{path}:{wrong.line}" if wrong is not None else ""
    complaints = ((wrong,) if wrong is not None else ()) + repeated
    return Config(path, personal, root, complaints, broken)


def _mistyped(root: jsonc.Node) -> Complaint | None:
    end = "and Crush refuses to start with it"
    if not isinstance(root, jsonc.Object):
        return Complaint(root.line, "JSON", f"the configuration is no object, {end}")
    for name in _OBJECTS:
        node = root.members.get(name)
        if node is not None and not isinstance(node, jsonc.Object) and not _null(node):
            return Complaint(node.line, name, f"{name} is no object, {end}")
    for keys in _LISTS:
        node = jsonc.get(root, *keys)
        texts = jsonc.strings(node) if isinstance(node, jsonc.Array) else None
        whole = (
            isinstance(node, jsonc.Array) and texts is not None and len(texts) == len(node.items)
        )
        if node is not None and not whole and not _null(node):
            name = ".".join(keys)
            return Complaint(node.line, name, f"{name} is no list of texts, {end}")
    return None


def _null(node: jsonc.Node) -> bool:
    return isinstance(node, jsonc.Scalar) and node.value is None


def substitutions(config: Config) -> Iterator[tuple[str, int]]:
    """Values that run a command when they are expanded, by their dotted names, with lines."""
    for name in _EXPANDED:
        yield from _substitutions(name, config.get(name))


def own_commands(config: Config) -> Iterator[tuple[str, int]]:
    """Servers whose program lies in the repository, by their dotted names, with lines."""
    for kind in ("mcp", "lsp"):
        servers = config.get(kind)
        members = servers.members if isinstance(servers, jsonc.Object) else {}
        for name, server in members.items():
            node = jsonc.get(server, "command")
            text = jsonc.string(node) or ""
            disabled = jsonc.boolean(jsonc.get(server, "disabled"))
            if node is not None and "/" in text and text[0] not in "/~$" and not disabled:
                yield f"{kind}.{name}.command", node.line


def _substitutions(name: str, node: jsonc.Node | None) -> Iterator[tuple[str, int]]:
    if isinstance(node, jsonc.Object):
        for key, member in node.members.items():
            if key == "aws_auth_refresh":
                yield f"{name}.{key}", member.line
            elif key not in _VERBATIM:
                yield from _substitutions(f"{name}.{key}", member)
    elif isinstance(node, jsonc.Array):
        for item in node.items:
            yield from _substitutions(name, item)
    elif node is not None and any(mark in (jsonc.string(node) or "") for mark in ("$(", "`")):
        yield name, node.line


def redirected(config: Config) -> Iterator[tuple[str, int, str]]:
    """Known providers whose requests go to somebody else: name, line and host."""
    for provider, vendor in _HOSTS.items():
        node = config.get("providers", provider, "base_url")
        try:
            host = urlsplit(jsonc.string(node) or "").hostname or ""
        except ValueError:
            continue
        if node is not None and host and host not in _HERE and not f".{host}".endswith(vendor):
            yield f"providers.{provider}.base_url", node.line, host
