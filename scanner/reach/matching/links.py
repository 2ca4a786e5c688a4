"""The other names of a file: symbolic links in the repository that lead to it."""

from functools import cached_property

from scanner.reach.tree import Tree


class Links:
    """Looked up once for a tree, and only when a rule that goes by names is in force."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree

    @cached_property
    def _by_target(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for path in self._tree.paths:
            target = self._tree.resolve(path)
            if target is not None and target != path:
                found.setdefault(target, []).append(path)
        return {target: tuple(paths) for target, paths in found.items()}

    def names(self, path: str) -> tuple[str, ...]:
        """The links to a file or to a directory above it, sorted, as paths to this file."""
        parts = path.split("/")
        names: list[str] = []
        for depth in range(1, len(parts) + 1):
            below = parts[depth:]
            links = self._by_target.get("/".join(parts[:depth]), ())
            names.extend("/".join([link, *below]) for link in links)
        return tuple(sorted(names))
