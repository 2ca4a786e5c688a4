"""Docker Compose: `environment`, `env_file` and `secrets` (https://docs.docker.com/reference/compose-file/)."""

import posixpath
import re

from scanner.reach.entries.entry import EVERY_AGENT, Carrier, Process
from scanner.reach.entries.gathering import Gathering, Way, within
from scanner.reach.entries.sheet import Node
from scanner.reach.entries.value import is_name

FILE = re.compile(r"(?:docker-)?compose(?:[.-][\w.-]+)?\.ya?ml", re.IGNORECASE)
_WELL_KNOWN = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")

Development = frozenset[tuple[str, str]]
"""Compose files and those services of them that are somebody's dev container."""


def files(gathering: Gathering) -> list[str]:
    """Every compose file by its name, sorted."""
    tree = gathering.tree
    found = {path for path in tree.paths if FILE.fullmatch(posixpath.basename(path))}
    found.update(path for path in _WELL_KNOWN if tree.exists(path))
    return sorted(found)


def read(gathering: Gathering, development: Development) -> frozenset[str]:
    """Every compose file; the directories that hold one."""
    found = sorted({*files(gathering), *(path for path, _ in development)})
    for path in found:
        sheet = gathering.sheet(path)
        if sheet is None:
            continue
        for name, service in sheet.pairs("services"):
            if gathering.full:
                break
            _read_service(gathering, path, name, service, (path, name) in development)
        for name, secret in sheet.pairs("secrets"):
            _read_secret(gathering, path, name, secret)
    return frozenset(posixpath.dirname(path) for path in found)


def _way(carrier: Carrier, service: str, development: bool, verb: str) -> Way:
    if not development:
        basis = f"Docker Compose {verb} the container of the service {service}"
        return Way(carrier, (Process.CONTAINER,), (), basis)
    basis = f"Docker Compose {verb} the dev container, and agents that work in it inherit it"
    return Way(carrier, (Process.CONTAINER, Process.AGENT_SHELL), EVERY_AGENT, basis)


def _read_service(
    gathering: Gathering, path: str, name: str, service: Node, development: bool
) -> None:
    shown = name if is_name(name) else "that names it"
    way = _way(Carrier.COMPOSE_ENVIRONMENT, shown, development, "sets it in")
    for variable, node in service.pairs("environment"):
        if node.text is None and not node.is_map and not node.items:
            gathering.forwarded(path, node.span, variable, way)
        else:
            gathering.value(path, variable, node, way)
    environment = service.get("environment")
    for item in environment.items if environment else ():
        _read_item(gathering, path, item, way)
    for item in service.listed("env_file"):
        target = item.string("path") if item.is_map else item.text or ""
        linked = _way(Carrier.DOTENV, shown, development, f"({path}) sets what it holds in")
        gathering.link(path, target, linked)
    file = service.get("env_file")
    if file is not None and file.is_map:
        linked = _way(Carrier.DOTENV, shown, development, f"({path}) sets what it holds in")
        gathering.link(path, file.string("path"), linked)


def _read_item(gathering: Gathering, path: str, item: Node, way: Way) -> None:
    variable, equals, value = (item.text or "").partition("=")
    if not variable:
        return
    if equals:
        gathering.value(path, variable, Node(item.span, value), way)
    else:
        gathering.forwarded(path, item.span, variable, way)


def _read_secret(gathering: Gathering, path: str, name: str, secret: Node) -> None:
    basis = "Docker Compose mounts it at /run/secrets in the services that ask for it"
    way = Way(Carrier.COMPOSE_SECRETS, (Process.CONTAINER,), (), basis)
    variable, file = secret.get("environment"), secret.get("file")
    if variable is not None and variable.text:
        gathering.forwarded(path, variable.span, name, way, variable.text)
    elif file is not None and file.text:
        inside = within(posixpath.dirname(path), file.text)
        gathering.forwarded(path, file.span, name, way, inside or "a file outside the repository")
