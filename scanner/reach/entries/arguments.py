"""Values in command lines: of MCP servers and of `docker run`."""

import re
from collections.abc import Sequence

import msgspec

from scanner.reach.entries.addresses import credentials, has_url, part_of
from scanner.reach.entries.entry import Carrier, Span
from scanner.reach.entries.gathering import Gathering, Way
from scanner.reach.entries.sheet import Node

_ENV_OPTIONS = ("-e", "--env")
_HEADER_OPTIONS = ("--header", "-H", "--headers")
_SECRET_OPTION = re.compile(
    r"--?(?:[\w.]+-)*(?:token|key|apikey|api_key|secret|password|passwd|pat|auth|credentials?|dsn"
    r"|bearer|connection-string|access-key-id|authorization)",
    re.IGNORECASE,
)
_FILE_OPTION = re.compile(r"--?[\w-]*(?:file|path|dir)", re.IGNORECASE)
_ASSIGNMENT = re.compile(r"([A-Z_][A-Z0-9_]{1,100})=(.*)", re.DOTALL)
_HEADER = re.compile(r"([A-Za-z][\w-]{0,60}):[ \t]*(.*)", re.DOTALL)


def read(gathering: Gathering, path: str, words: Sequence[Node], way: Way) -> None:
    """The words of a command line, the program's name left out or not."""
    before = ""
    for node in words:
        text = node.text or ""
        option, equals, value = text.partition("=")
        if before in _ENV_OPTIONS:
            _environment(gathering, path, node, text, 0, way)
        elif before in _HEADER_OPTIONS:
            _header(gathering, path, node, way)
        elif before == "--env-file":
            _env_file(gathering, path, text, way)
        elif _is_secret_option(before) and not text.startswith("-"):
            gathering.value(path, before.lstrip("-"), node, way)
        elif equals and option in _ENV_OPTIONS:
            _environment(gathering, path, node, value, len(option) + 1, way)
        elif equals and option == "--env-file":
            _env_file(gathering, path, value, way)
        elif equals and _is_secret_option(option):
            gathering.value(path, option.lstrip("-"), _rest(node, len(option) + 1), way)
        elif has_url(text):
            url(gathering, path, node, way)
        elif match := _ASSIGNMENT.fullmatch(text):
            gathering.value(path, match.group(1), _rest(node, match.start(2)), way)
        before = text


def docker(gathering: Gathering, path: str, words: Sequence[Node], way: Way) -> None:
    """What `docker run` takes as variables: `-e`, `--env`, `--env-file`."""
    before = ""
    for node in words:
        text = node.text or ""
        option, equals, value = text.partition("=")
        if before in _ENV_OPTIONS:
            _environment(gathering, path, node, text, 0, way)
        elif before == "--env-file":
            _env_file(gathering, path, text, way)
        elif equals and option in _ENV_OPTIONS:
            _environment(gathering, path, node, value, len(option) + 1, way)
        elif equals and option == "--env-file":
            _env_file(gathering, path, value, way)
        before = text


def url(gathering: Gathering, path: str, node: Node, way: Way) -> None:
    """The credentials in a URL's text."""
    for part in credentials(node.text or ""):
        gathering.add(path, part_of(node.span, part), part.name, part.value, way)


def _is_secret_option(option: str) -> bool:
    matches = _SECRET_OPTION.fullmatch(option) is not None
    return matches and _FILE_OPTION.fullmatch(option) is None


def _environment(
    gathering: Gathering, path: str, node: Node, text: str, offset: int, way: Way
) -> None:
    name, equals, _ = text.partition("=")
    if equals:
        gathering.value(path, name, _rest(node, offset + len(name) + 1), way)
    elif name:
        gathering.forwarded(path, node.span, name, way)


def _header(gathering: Gathering, path: str, node: Node, way: Way) -> None:
    match = _HEADER.fullmatch(node.text or "")
    if match:
        gathering.value(path, match.group(1), _rest(node, match.start(2)), way)


def _env_file(gathering: Gathering, path: str, target: str, way: Way) -> None:
    basis = f"{path} names it with --env-file; {way.basis}"
    linked = msgspec.structs.replace(way, carrier=Carrier.DOTENV, basis=basis)
    gathering.link(path, target, linked)
    # `docker run` takes relative names from the directory it is started in, often the root.
    gathering.link("", target, linked)


def _rest(node: Node, offset: int) -> Node:
    """The node from an offset of its text on."""
    span = node.span
    if span.column is not None and span.end_line is None:
        span = Span(span.line, span.column + offset, None, span.end_column)
    return Node(span, (node.text or "")[offset:])
