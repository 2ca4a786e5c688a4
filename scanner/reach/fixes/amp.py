"""Amp: rules of which the first that fits decides, so what refuses goes to the front.

https://ampcode.com/manual. Only a list that is there is added to: a new one would take the place
of the user's own.
"""

from collections.abc import Sequence

from scanner.reach.editing import edit_json
from scanner.reach.editing.edit_refused import EditRefusedError
from scanner.reach.fixes.control import Control, Denial
from scanner.reach.formats import jsonc
from scanner.reach.tree import Tree

_FILES = (".amp/settings.json", ".amp/settings.jsonc")
_RULES = ("amp.permissions",)
_TOOLS = ("Read", "Grep")


class Rejections(Control):
    """A rule for each of the tools that show a file."""

    def file(self, tree: Tree) -> str | None:
        """The first file that has rules."""
        for path in _FILES:
            node = edit_json.value_at(tree.plain_text(path), _RULES)
            if isinstance(node, jsonc.Array):
                return path
        return None

    def write(self, text: str | None, denials: Sequence[Denial]) -> str:
        """In front of all others."""
        if text is None:
            raise EditRefusedError("it has no rules")
        rules: list[edit_json.Value] = []
        for denial in denials:
            ending = denial.name if denial.by_name else denial.path
            patterns: list[edit_json.Value] = [ending, f"*/{ending}"]
            rules += [
                {"tool": tool, "matches": {"path": patterns}, "action": "reject"} for tool in _TOOLS
            ]
        return edit_json.prepend(text, _RULES, rules)
