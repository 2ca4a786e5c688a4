"""What agents' own settings put into the environment, and providers' keys that stand in them."""

import posixpath
from collections.abc import Iterator

import msgspec

from scanner.reach.entries.entry import Carrier, Process
from scanner.reach.entries.gathering import Gathering, Way
from scanner.reach.entries.sheet import Node

_BOTH = (Process.AGENT, Process.AGENT_SHELL)


class _Environment(msgspec.Struct, frozen=True):
    """A mapping of variables in an agent's settings."""

    suffix: str
    keys: tuple[str, ...]
    way: Way


def _environment(suffix: str, keys: str, agent: str, basis: str) -> _Environment:
    return _Environment(
        suffix, tuple(keys.split(".")), Way(Carrier.SETTINGS_ENV, _BOTH, (agent,), basis)
    )


_CLAUDE = (
    "Claude Code sets it for the session and for every command it runs, once the folder is trusted;"
    " `claude -p` does not ask"
)
_CODEX = "Codex sets it for the commands it runs, in projects that are trusted"
_QWEN = (
    "Qwen Code sets it for the session, unless it is set already, once the project is trusted;"
    " runs without a terminal do not ask"
)
_ENVIRONMENTS = (
    _environment(".claude/settings.json", "env", "claude-code", _CLAUDE),
    _environment(".claude/settings.local.json", "env", "claude-code", _CLAUDE),
    _environment(".qwen/settings.json", "env", "qwen-code", _QWEN),
    _environment(".qwen/settings.local.json", "env", "qwen-code", _QWEN),
    _environment(".codex/config.toml", "shell_environment_policy.set", "codex", _CODEX),
)


class _Keys(msgspec.Struct, frozen=True):
    """Where an agent's settings may hold a provider's key: below each member of a collection."""

    suffix: str
    collection: tuple[str, ...]
    inner: tuple[str, ...]
    agent: str
    mapping: bool = False
    """The inner key holds a mapping of headers."""


_KEYS = tuple(
    _Keys(suffix, collection, inner, agent, mapping)
    for suffixes, agent, collection, inner, mapping in (
        (
            ("opencode.json", "opencode.jsonc"),
            "opencode",
            ("provider",),
            ("options", "apiKey"),
            False,
        ),
        (
            ("opencode.json", "opencode.jsonc"),
            "opencode",
            ("provider",),
            ("options", "headers"),
            True,
        ),
        (("kilo.json", "kilo.jsonc"), "kilo-code", ("provider",), ("options", "apiKey"), False),
        (("crush.json", ".crush.json"), "crush", ("providers",), ("api_key",), False),
        (("crush.json", ".crush.json"), "crush", ("providers",), ("extra_headers",), True),
        ((".codex/config.toml",), "codex", ("model_providers",), ("http_headers",), True),
        (
            (".codex/config.toml",),
            "codex",
            ("model_providers",),
            ("experimental_bearer_token",),
            False,
        ),
        ((".continue/config.yaml",), "continue", ("models",), ("apiKey",), False),
        ((".factory/config.json",), "droid", ("custom_models",), ("api_key",), False),
    )
    for suffix in suffixes
)
_AIDER = ".aider.conf.yml"
_AIDER_KEYS = ("openai-api-key", "anthropic-api-key")


def read(gathering: Gathering) -> None:
    """Every agent's settings."""
    for environment in _ENVIRONMENTS:
        for path, sheet in _sheets(gathering, environment.suffix):
            for name, node in sheet.pairs(*environment.keys):
                gathering.value(path, name, node, environment.way)
    for keys in _KEYS:
        basis = f"{keys.agent} sends it to the model's provider"
        way = Way(Carrier.PROVIDER_KEY, (Process.AGENT,), (keys.agent,), basis)
        for path, sheet in _sheets(gathering, keys.suffix):
            for node in _inner(sheet, keys):
                for name, value in node.pairs() if keys.mapping else ((keys.inner[-1], node),):
                    gathering.value(path, name, value, way)
    _read_aider(gathering)


def _sheets(gathering: Gathering, suffix: str) -> Iterator[tuple[str, Node]]:
    tree = gathering.tree
    name = posixpath.basename(suffix)
    found = {path for path in tree.find(name) if path == suffix or path.endswith(f"/{suffix}")}
    if tree.exists(suffix):
        found.add(suffix)
    for path in sorted(found):
        sheet = gathering.sheet(path)
        if sheet is not None:
            yield path, sheet


def _inner(sheet: Node, keys: _Keys) -> Iterator[Node]:
    collection = sheet.get(*keys.collection)
    if collection is not None:
        for member in (*collection.members.values(), *collection.items):
            node = member.get(*keys.inner)
            if node is not None:
                yield node


def _read_aider(gathering: Gathering) -> None:
    """https://aider.chat/docs/config/aider_conf.html; read at the root, where git's tree begins."""
    keys = Way(
        Carrier.PROVIDER_KEY, _BOTH, ("aider",), "aider puts it into its environment at start"
    )
    variables = Way(Carrier.SETTINGS_ENV, _BOTH, ("aider",), keys.basis)
    for path, sheet in _sheets(gathering, _AIDER):
        for key in _AIDER_KEYS:
            node = sheet.get(key)
            if node is not None:
                gathering.value(path, key, node, keys)
        for key, way in (("api-key", keys), ("set-env", variables)):
            for node in sheet.listed(key):
                name, equals, value = (node.text or "").partition("=")
                if equals:
                    gathering.value(path, name, Node(node.span, value), way)
        file = sheet.string("env-file")
        if file:
            basis = f"{path} has aider load it at start into its environment"
            gathering.link(path, file, Way(Carrier.DOTENV, _BOTH, ("aider",), basis))
