"""Commit hooks that are gone or switched off."""

from scanner.boundary.structure import Node
from scanner.boundary.view import Observation, View
from scanner.boundary.wording import listed, shown
from scanner.model import PathChange
from scanner.rules.boundaries import BoundaryRule

_DIRECTORIES = (".husky/", ".githooks/")


def removed(view: View, paths: tuple[PathChange, ...], rule: BoundaryRule) -> list[Observation]:
    """pre-commit hooks taken out or only run by hand; hook scripts deleted or emptied."""
    found: list[Observation] = []
    for path in paths:
        if path.path.startswith(_DIRECTORIES):
            found += _script(view, path)
        elif ".pre-commit-config" in path.path:
            found += _configuration(view, path)
        elif path.new_blob is None:
            found.append(Observation(path.path, "the hooks' configuration is deleted"))
    return found


def _script(view: View, path: PathChange) -> list[Observation]:
    name = path.path.rsplit("/", 1)[1]
    if "." in name or path.path.count("/") != 1:  # husky's own helpers
        return []
    if path.new_blob is None:
        return [Observation(path.path, f"the {shown(name)} hook is deleted")]
    new = view.new(path)
    olds = view.olds(path)
    if new is None or not olds or not view.readable(path):
        return []
    if _commands(new) or not all(_commands(old) for old in olds):
        return []
    return [Observation(path.path, f"the {shown(name)} hook does nothing any more", 1)]


def _commands(data: bytes) -> bool:
    lines = (line.strip() for line in data.splitlines())
    return any(line and not line.startswith(b"#") and line != b"exit 0" for line in lines)


def _configuration(view: View, path: PathChange) -> list[Observation]:
    if not view.decodable(path):
        return []
    olds = [_active(tree) for tree in view.old_trees(path)]
    if not olds:
        return []
    gone = set.intersection(*olds) - _active(view.new_tree(path) or Node(None))
    if not gone:
        return []
    return [
        Observation(path.path, f"no longer runs {listed([shown(name) for name in sorted(gone)])}")
    ]


def _active(tree: Node) -> set[str]:
    """Ids of the hooks that run by themselves."""
    active: set[str] = set()
    repositories = tree.get("repos")
    for repository in repositories.items if repositories else ():
        hooks = repository.get("hooks")
        for hook in hooks.items if hooks else ():
            name, stages = hook.get("id"), hook.get("stages")
            by_hand = stages is not None and [item.text for item in stages.items] == ["manual"]
            if name is not None and name.text and not by_hand:
                active.add(name.text)
    return active
