"""Codex: a denial in the permission profile that the project's configuration selects.

https://developers.openai.com/codex/permissions. Only a profile that the project selects already is
touched: one that is newly selected would take the place of the user's own, which may be narrower.
"""

import tomllib
from collections.abc import Mapping, Sequence

from scanner.reach.editing import edit_toml
from scanner.reach.editing.edit_refused import EditRefusedError
from scanner.reach.fixes.control import Control, Denial
from scanner.reach.tree import Tree

CONFIG = ".codex/config.toml"
_ROOTS = ":workspace_roots"


class ProfileDenial(Control):
    """`[permissions.NAME.filesystem.":workspace_roots"]` with the path as its key."""

    takes_names = False

    def file(self, tree: Tree) -> str | None:
        """Only where a profile is selected there."""
        return CONFIG if _profile(tree.plain_text(CONFIG)) else None

    def write(self, text: str | None, denials: Sequence[Denial]) -> str:
        """By path: a `**` needs a depth that the profile may not set."""
        name = _profile(text or "")
        if text is None or name is None:
            raise EditRefusedError("it selects no permission profile of its own")
        table = ("permissions", name, "filesystem", _ROOTS)
        return edit_toml.put(text, table, {denial.path: "deny" for denial in denials})


def _profile(text: str) -> str | None:
    """The selected profile, if this file defines it."""
    try:
        values = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError):
        return None
    name, profiles = values.get("default_permissions"), values.get("permissions")
    defined = isinstance(profiles, Mapping) and name in profiles
    return name if isinstance(name, str) and defined else None
