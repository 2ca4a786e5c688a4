"""GitHub workflows: permissions, triggers and secrets, read as YAML and not as lines."""

import re
from collections.abc import Callable, Iterator

from scanner.boundary.structure import Leaf, Node, leaves
from scanner.boundary.view import Observation, View, setting_up
from scanner.boundary.wording import listed, shown
from scanner.model import PathChange
from scanner.rules.boundaries import BoundaryRule

_ALL = "all scopes"
_PRIVILEGED = ("pull_request_target", "workflow_run")
_SECRET = re.compile(r"\bsecrets(?:\.([A-Za-z_][A-Za-z0-9_]*)|\[\s*'([A-Za-z0-9_]+)'\s*\])")
_EVERY_SECRET = re.compile(r"toJSON\(\s*secrets\s*\)", re.IGNORECASE)

Facts = dict[str, tuple[str, int | None]]
"""What a workflow has: a key to compare by, its text and its line."""


def permissions(view: View, paths: tuple[PathChange, ...], rule: BoundaryRule) -> list[Observation]:
    """Token scopes that become writable, and a restriction on the whole workflow that is lifted."""
    found: list[Observation] = []
    for path in paths:
        new, olds = view.new_tree(path), view.old_trees(path)
        if new is None or not view.decodable(path):
            continue
        before = {scope for old in olds for scope in _writes(old)}
        if _ALL not in before:
            writes = _writes(new)
            doubt = setting_up(path) or _unlimited(olds)
            for scope in sorted(writes.keys() - before):
                text = f"permissions: {_before(olds, scope)} → {writes[scope][0]}"
                found.append(Observation(path.path, text, writes[scope][1], doubt))
        if olds and _lifted(olds, new):
            text = "permissions: the workflow's own limit → the repository's default"
            found.append(Observation(path.path, text))
    return found


def _unlimited(olds: tuple[Node, ...]) -> str | None:
    """Without any `permissions` before, the token had the repository's default: maybe more."""
    if any(any(_permission_nodes(old)) for old in olds):
        return None
    return "nothing limited the token before; the repository's default is not in git"


def _before(olds: tuple[Node, ...], scope: str) -> str:
    """What the token could do, in the workflow's own words: `contents: read`."""
    nodes = [node for old in olds for node in _permission_nodes(old)]
    if not nodes:
        return (
            "the repository's default"
            if scope == _ALL
            else f"{shown(scope)}: the repository's default"
        )
    if scope == _ALL:
        pairs = [pair for node in nodes for pair in node.keys]
        levels = [f"{shown(name)}: {shown(level.text or '')}" for name, level in pairs]
        levels += [shown(node.text) for node in nodes if node.text]
        return listed(list(dict.fromkeys(levels))) if levels else "none"
    levels = [level.text or "" for node in nodes for name, level in node.keys if name == scope]
    if any(node.text == "read-all" for node in nodes):
        levels.append("read")
    return f"{shown(scope)}: {shown(levels[0]) if levels else 'none'}"


def _lifted(olds: tuple[Node, ...], new: Node) -> bool:
    limited = all(old.get("permissions") and not _grants_all(old) for old in olds)
    jobs = _jobs(new)
    every_job = bool(jobs) and all(job.get("permissions") for job in jobs)
    return limited and new.get("permissions") is None and not every_job


def triggers(view: View, paths: tuple[PathChange, ...], rule: BoundaryRule) -> list[Observation]:
    """Triggers that run with secrets and a writable token on somebody else's behalf."""
    return _added(view, paths, _triggers)


def secrets(view: View, paths: tuple[PathChange, ...], rule: BoundaryRule) -> list[Observation]:
    """Secrets that the workflow did not use before. The job's own token does not count."""
    return _added(view, paths, _secrets, covered="*")


def _added(
    view: View,
    paths: tuple[PathChange, ...],
    read: Callable[[Node], Facts],
    covered: str | None = None,
) -> list[Observation]:
    """What no version before had; where `covered` was there, everything was."""
    found: list[Observation] = []
    for path in paths:
        new = view.new_tree(path)
        if new is None or not view.decodable(path):
            continue
        before = {key for old in view.old_trees(path) for key in read(old)}
        if covered in before:
            continue
        facts = read(new)
        for key in sorted(facts.keys() - before):
            text, line = facts[key]
            found.append(Observation(path.path, text, line, setting_up(path)))
    return found


def _jobs(tree: Node) -> list[Node]:
    jobs = tree.get("jobs")
    return [job for _, job in jobs.keys] if jobs else []


def _permission_nodes(tree: Node) -> Iterator[Node]:
    for owner in (tree, *_jobs(tree)):
        node = owner.get("permissions")
        if node is not None:
            yield node


def _grants_all(tree: Node) -> bool:
    node = tree.get("permissions")
    return node is not None and node.text == "write-all"


def _writes(tree: Node) -> Facts:
    facts: Facts = {}
    for node in _permission_nodes(tree):
        if node.text == "write-all":
            facts[_ALL] = ("write-all", node.line)
        for scope, level in node.keys:
            if level.text == "write":
                facts[scope] = ("write", level.line)
    return facts


def _triggers(tree: Node) -> Facts:
    # YAML 1.1 reads a bare `on` as true; the tree keeps the text.
    node = tree.get("on")
    if node is None:
        return {}
    names = [(node.text or "", node.line)]
    names += [(item.text or "", item.line) for item in node.items]
    names += [(key, value.line) for key, value in node.keys]
    return {
        name: (f"on: {name} (runs with secrets and a writable token)", line)
        for name, line in names
        if name in _PRIVILEGED
    }


def _secrets(tree: Node) -> Facts:
    facts: Facts = {}
    for leaf in leaves(tree):
        if leaf.path[-1:] == ("secrets",) and leaf.text == "inherit":
            facts["*"] = ("secrets: inherit (every secret)", leaf.line)
        elif _EVERY_SECRET.search(leaf.text):
            facts["*"] = ("toJSON(secrets) (every secret)", leaf.line)
        else:
            facts |= _named(leaf)
    return facts


def _named(leaf: Leaf) -> Facts:
    names = (found[1] or found[2] for found in _SECRET.finditer(leaf.text))
    return {
        name: (f"uses secrets.{shown(name)}", leaf.line)
        for name in names
        if name.upper() != "GITHUB_TOKEN"
    }
