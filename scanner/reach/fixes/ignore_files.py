"""Ignore files: one pattern a line."""

from collections.abc import Sequence

from scanner.reach.editing import edit_lines
from scanner.reach.fixes.control import Control, Denial
from scanner.reach.tree import Tree


class IgnoreFileControl(Control):
    """An ignore file in the repository's root, in the syntax of gitignore."""

    def __init__(self, path: str) -> None:
        self.path = path

    def file(self, tree: Tree) -> str | None:
        """Always in the root: that is the one all of these agents read."""
        return self.path

    def write(self, text: str | None, denials: Sequence[Denial]) -> str:
        """At the end, where the last match decides."""
        return edit_lines.append(text, [denial.pattern for denial in denials])
