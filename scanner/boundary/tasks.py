"""Task files: what one task may touch, as `.agentreach/tasks/<id>.yml` declares it."""

import difflib
import re
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from scanner.boundary.globs import Globs, PatternError
from scanner.errors import ConfigError
from scanner.model import Files

if TYPE_CHECKING:
    from scanner.boundary.structure import Node

DIRECTORY = ".agentreach/tasks/"
MAX_TASKS = 2000
MAX_BYTES = 64 * 1024

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._#-]{0,63}")
_KEYS = ("id", "title", "allowed", "forbidden", "branch", "notes")


class Scope(msgspec.Struct, frozen=True):
    """One pattern of a task and where it is written."""

    pattern: str
    source: str
    """`path:line`."""


class Task(msgspec.Struct, frozen=True):
    """One declared task."""

    id: str
    path: str
    """Of its file, as given."""
    allowed: tuple[Scope, ...]
    """Patterns (see `scanner.boundary.globs`); at least one."""
    forbidden: tuple[Scope, ...] = ()
    title: str = ""
    branch: str | None = None
    """A branch name or pattern that means this task."""
    notes: str = ""

    def allowing(self, path: str) -> Scope | None:
        """The first allowed pattern that matches."""
        return _first(self.allowed, path)

    def forbidding(self, path: str) -> Scope | None:
        """The first forbidden pattern that matches."""
        return _first(self.forbidden, path)


def _first(scopes: tuple[Scope, ...], path: str) -> Scope | None:
    return next((scope for scope in scopes if path in Globs([scope.pattern])), None)


def load_tasks(files: Files) -> dict[str, Task]:
    """Every task the repository declares, by id. Raises `ConfigError` for the first wrong one."""
    tasks: dict[str, Task] = {}
    for path in files.paths():
        if not path.startswith(DIRECTORY) or not path.endswith((".yml", ".yaml")):
            continue
        if "/" in path[len(DIRECTORY) :]:
            continue
        if len(tasks) >= MAX_TASKS:
            raise ConfigError(f"{DIRECTORY}: more than {MAX_TASKS} task files")
        data = files.read(path)
        if data is None:
            raise ConfigError(f"{path}: cannot be read: not a regular file, or too large")
        task = decode_task(path, data)
        if task.id in tasks:
            raise ConfigError(
                f"{path}: task id {task.id!r} is taken by {tasks[task.id].path}",
                hint="give every task file its own id",
            )
        tasks[task.id] = task
    return tasks


def load_task_file(path: Path) -> Task:
    """One task from a file named on the command line, anywhere on disk."""
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    return decode_task(str(path), data)


def decode_task(path: str, data: bytes) -> Task:
    """Strictly: unknown or repeated keys, wrong types and unusable patterns raise `ConfigError`."""
    if len(data) > MAX_BYTES:
        raise ConfigError(f"{path}: larger than {MAX_BYTES} bytes")
    # Few repositories have task files; without one, no YAML reader is loaded.
    from scanner.boundary.structure import StructureError, read_yaml

    try:
        root = read_yaml(data)
    except StructureError as error:
        raise ConfigError(f"{path}{_line(error.line)}: {error.reason}") from None
    if root.text is not None or root.items:
        raise ConfigError(f"{path}{_line(root.line)}: must be a mapping with `id` and `allowed`")
    keys = _keys(path, root)
    if "id" not in keys or "allowed" not in keys:
        missing = "id" if "id" not in keys else "allowed"
        raise ConfigError(
            f"{path}: `{missing}` is missing",
            hint="a task needs `id` and `allowed`, a list of path patterns",
        )
    texts = {name: _text(path, name, keys[name]) for name in keys if name not in _LISTS}
    if not _ID.fullmatch(texts["id"]):
        raise ConfigError(
            f"{path}{_line(keys['id'].line)}: id: 1 to 64 letters, digits and `. _ # -`"
        )
    branch = texts.get("branch")
    if branch is not None:
        _check(path, "branch", keys["branch"], branch)
    return Task(
        id=texts["id"],
        path=path,
        allowed=_patterns(path, "allowed", keys["allowed"]),
        forbidden=_patterns(path, "forbidden", keys["forbidden"]) if "forbidden" in keys else (),
        title=texts.get("title", ""),
        branch=branch,
        notes=texts.get("notes", ""),
    )


_LISTS = frozenset({"allowed", "forbidden"})


def _line(line: int | None) -> str:
    return f":{line}" if line else ""


def _keys(path: str, root: "Node") -> dict[str, "Node"]:
    keys: dict[str, Node] = {}
    for name, node in root.keys:
        if name not in _KEYS:
            near = difflib.get_close_matches(name, _KEYS, n=1)
            raise ConfigError(
                f"{path}{_line(node.line)}: unknown key {name[:40]!r}",
                hint=f"did you mean `{near[0]}`?" if near else f"the keys are {', '.join(_KEYS)}",
            )
        if name in keys:
            raise ConfigError(f"{path}{_line(node.line)}: `{name}` is given twice")
        keys[name] = node
    return keys


def _text(path: str, name: str, node: "Node") -> str:
    if node.text is None:
        raise ConfigError(f"{path}{_line(node.line)}: {name}: must be text")
    return node.text


def _patterns(path: str, name: str, node: "Node") -> tuple[Scope, ...]:
    if node.text is not None or node.keys or (name == "allowed" and not node.items):
        raise ConfigError(f"{path}{_line(node.line)}: {name}: must be a list of path patterns")
    scopes: list[Scope] = []
    for item in node.items:
        text = _text(path, name, item)
        _check(path, name, item, text)
        scopes.append(Scope(text, f"{path}:{item.line}"))
    return tuple(scopes)


def _check(path: str, name: str, node: "Node", pattern: str) -> None:
    try:
        Globs([pattern])
    except PatternError as error:
        raise ConfigError(f"{path}{_line(node.line)}: {name}: the pattern {error}") from None
