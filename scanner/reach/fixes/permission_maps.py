"""OpenCode's permissions, which Kilo Code shares: maps of patterns of which the last match decides.

https://opencode.ai/docs/permissions. The search tool takes its pattern from what is searched for,
not from a path, so that a file is only closed where the search is gone too: this takes a whole tool
away.
"""

import posixpath
from collections.abc import Sequence

from scanner.reach.editing import edit_json
from scanner.reach.editing.edit_refused import EditRefusedError
from scanner.reach.fixes.control import Control, Denial, Level
from scanner.reach.formats import jsonc
from scanner.reach.tree import Tree

_READ = ("permission", "read")


class PermissionMap(Control):
    """`permission.read` with a pattern for each file, and `permission.grep` as a whole."""

    level = Level.TOOLS

    def __init__(self, names: Sequence[str], directories: Sequence[str]) -> None:
        """Both in the order in which the agent reads them; the later decides."""
        self.paths = (
            *names,
            *(posixpath.join(place, name) for place in directories for name in names),
        )

    def file(self, tree: Tree) -> str | None:
        """The file that decides over the others; without any, the one of the first name."""
        there = [path for path in self.paths if tree.exists(path)]
        return there[-1] if there else self.paths[0]

    def write(self, text: str | None, denials: Sequence[Denial]) -> str:
        """At the end of the map, where the last match decides."""
        text = _opened(text, ("permission",))
        text = _opened(text, _READ)
        for denial in denials:
            ending = denial.name if denial.by_name else denial.path
            # Versions differ in whether the path begins at the repository or at the root of the
            # file system.
            for pattern in (ending, f"*/{ending}"):
                text = _denied(text, (*_READ, pattern))
        return _denied(text, ("permission", "grep"))


def _opened(text: str | None, keys: Sequence[str]) -> str:
    """A single action as a map that says the same for everything."""
    node = edit_json.value_at(text, keys) if text is not None else None
    action = jsonc.string(node) if node is not None else None
    if text is None or action is None:
        return text if text is not None else "{}\n"
    return edit_json.put(text, keys, {"*": action})


def _denied(text: str, keys: Sequence[str]) -> str:
    node = edit_json.value_at(text, keys)
    if node is None:
        return edit_json.put(text, keys, "deny")
    if jsonc.string(node) == "deny":
        return text
    if jsonc.string(node) is None:
        raise EditRefusedError(f"{'.'.join(keys[:2])} is a map already")
    return edit_json.put(text, keys, "deny")
