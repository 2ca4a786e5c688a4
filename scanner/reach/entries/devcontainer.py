"""Dev containers: `devcontainer.json` (https://containers.dev/implementors/json_reference/)."""

import posixpath
import re
from collections.abc import Iterator

from scanner.reach.entries import arguments, mcp, terminal
from scanner.reach.entries.compose import Development
from scanner.reach.entries.entry import EVERY_AGENT, Carrier, Process, Span
from scanner.reach.entries.gathering import Gathering, Way, within
from scanner.reach.entries.sheet import Node

_FILE = re.compile(r"(?:.*/)?(?:\.devcontainer/(?:[^/]+/)?devcontainer\.json|\.devcontainer\.json)")
_WELL_KNOWN = (".devcontainer/devcontainer.json", ".devcontainer.json")
_IN_CONTAINER = (Process.CONTAINER, Process.AGENT, Process.AGENT_SHELL)
_INHERIT = "and agents that work in the container inherit it"
_CONTAINER_ENV = Way(
    Carrier.CONTAINER_ENV, _IN_CONTAINER, EVERY_AGENT, f"it is set for the container, {_INHERIT}"
)
_REMOTE_ENV = Way(
    Carrier.REMOTE_ENV,
    (Process.AGENT, Process.AGENT_SHELL),
    EVERY_AGENT,
    f"the editor sets it for the processes it starts in the container, {_INHERIT}",
)
_RUN_ARGUMENTS = Way(
    Carrier.CONTAINER_RUN_ARGUMENTS,
    _IN_CONTAINER,
    EVERY_AGENT,
    f"`docker run` gets it as an argument and sets it for the container, {_INHERIT}",
)
_SECRETS = Way(
    Carrier.CONTAINER_SECRETS,
    _IN_CONTAINER,
    EVERY_AGENT,
    f"a recommended secret: where the user has it, it is set in the container, {_INHERIT}",
)
_MOUNT = Way(
    Carrier.CONTAINER_MOUNT,
    _IN_CONTAINER,
    EVERY_AGENT,
    "it is mounted into the container, and agents that work there can read it",
)
_SOCKET = Way(
    Carrier.CONTAINER_MOUNT,
    _IN_CONTAINER,
    EVERY_AGENT,
    "whoever reaches the host's Docker socket can start a container that mounts any file of the"
    " host",
)
_KEPT_AT_HOME = re.compile(
    r"(?:^|[/}~])(\.aws|\.ssh|\.gnupg|\.kube|\.docker|\.azure|\.config/gcloud|\.config/gh|\.netrc"
    r"|\.npmrc|\.pypirc|\.git-credentials|\.gitconfig|\.claude|\.claude\.json|\.codex|\.gemini"
    r"|\.config/op|\.vault-token|\.password-store)(?=[/,:]|$)"
)
_DOCKER_SOCKET = re.compile(r"/docker\.sock\b")
_HOME = re.compile(r"(?:^|source=|src=)(?:\$\{localEnv:(?:HOME|USERPROFILE)\})+/?(?=[,:]|$)")
_SOCKET_FEATURE = re.compile(r"(?:.*/)?docker-(?:outside-of|from)-docker(?::.*)?")


def files(gathering: Gathering) -> list[str]:
    """Every dev container's file, sorted."""
    tree = gathering.tree
    found = {
        path for path in tree.paths if path.endswith("devcontainer.json") and _FILE.fullmatch(path)
    }
    found.update(path for path in _WELL_KNOWN if tree.exists(path))
    return sorted(found)


def read(gathering: Gathering) -> Development:
    """Every dev container; the services of compose files that are one."""
    services: set[tuple[str, str]] = set()
    for path in files(gathering):
        sheet = gathering.sheet(path)
        if sheet is not None:
            _read_file(gathering, path, sheet)
            services.update(_services(path, sheet))
    return frozenset(services)


def _read_file(gathering: Gathering, path: str, sheet: Node) -> None:
    for key, way in (("containerEnv", _CONTAINER_ENV), ("remoteEnv", _REMOTE_ENV)):
        for name, node in sheet.pairs(key):
            gathering.value(path, name, node, way)
    for name, node in sheet.pairs("secrets"):
        gathering.forwarded(path, node.span, name, _SECRETS)
    arguments.docker(gathering, path, list(sheet.listed("runArgs")), _RUN_ARGUMENTS)
    for text, span in _mounts(sheet):
        _read_mount(gathering, path, text, span)
    for name, node in sheet.pairs("features"):
        if _SOCKET_FEATURE.fullmatch(name):
            gathering.forwarded(path, node.span, "docker.sock", _SOCKET)
    customized = sheet.get("customizations", "vscode")
    if customized is not None:
        mcp.read_servers(gathering, path, customized.get("mcp", "servers"), ("github-copilot",))
        settings = customized.get("settings")
        if settings is not None:
            terminal.read_settings(gathering, path, settings)


def _mounts(sheet: Node) -> Iterator[tuple[str, Span]]:
    """The source of each mount; strings whole."""
    for node in sheet.listed("mounts"):
        if node.is_map:
            source = node.get("source")
            if source is not None:
                yield source.text or "", source.span
        elif node.text:
            yield node.text, node.span
    previous = ""
    for node in sheet.listed("runArgs"):
        text = node.text or ""
        if previous in ("-v", "--volume", "--mount"):
            yield text, node.span
        elif text.startswith(("--volume=", "--mount=", "-v=")):
            yield text.partition("=")[2], node.span
        previous = text


def _read_mount(gathering: Gathering, path: str, text: str, span: Span) -> None:
    source = re.sub(r"(?:^|,)(?:target|dst|destination)=[^,]*", "", text)
    if "source=" not in source and "src=" not in source:
        source = source.partition(":/")[0]
    if "type=volume" in source:
        return
    if _DOCKER_SOCKET.search(source):
        gathering.forwarded(path, span, "docker.sock", _SOCKET)
        return
    kept = _KEPT_AT_HOME.search(source)
    if kept:
        gathering.forwarded(path, span, f"mount of {kept.group(1)}", _MOUNT, f"~/{kept.group(1)}")
    elif _HOME.search(source):
        gathering.forwarded(path, span, "mount of the home directory", _MOUNT, "~")


def _services(path: str, sheet: Node) -> Iterator[tuple[str, str]]:
    """The compose files and the service that the container is made of."""
    service = sheet.string("service")
    if service:
        for node in sheet.listed("dockerComposeFile"):
            target = within(posixpath.dirname(path), node.text or "")
            if target is not None:
                yield target, service
