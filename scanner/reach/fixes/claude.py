"""Claude Code: deny rules for the file tools, the sandbox for the shell.

https://code.claude.com/docs/en/permissions (a leading `/` is the project's root, a bare name any
directory) and https://code.claude.com/docs/en/sandboxing.
"""

from collections.abc import Sequence

from scanner.reach.editing import edit_json
from scanner.reach.fixes.control import Control, Denial, Level
from scanner.reach.fixes.json_lists import JsonList, relative_path
from scanner.reach.settings.claude_files import PROJECT
from scanner.reach.tree import Tree

_DENY_READ = ("sandbox", "filesystem", "denyRead")
_SWITCHES = (("enabled", True), ("failIfUnavailable", True), ("allowUnsandboxedCommands", False))
"""Without the second, commands run outside where there is no sandbox; without the third, the model
may ask to retry outside."""


def _rule(denial: Denial) -> str:
    return f"Read({denial.pattern})"


def deny_rules() -> Control:
    """`permissions.deny`."""
    return JsonList(PROJECT, ("permissions", "deny"), _rule)


def deny_read() -> Control:
    """`sandbox.filesystem.denyRead`, by paths: names are not expanded by every version."""
    return JsonList(PROJECT, _DENY_READ, relative_path, takes_names=False)


class Switches(Control):
    """The sandbox on and closed, which makes literal deny rules hold for commands as well."""

    level = Level.SANDBOX

    def file(self, tree: Tree) -> str | None:
        """The project's settings."""
        return PROJECT

    def write(self, text: str | None, denials: Sequence[Denial]) -> str:
        """Only the switches; the paths come from the deny rules."""
        for key, value in _SWITCHES:
            node = edit_json.value_at(text, ("sandbox", key)) if text is not None else None
            if node is None or getattr(node, "value", None) is not value:
                text = edit_json.put(text, ("sandbox", key), value)
        return text or ""


class Sandbox(Switches):
    """The switches, and the paths in the sandbox's own list."""

    takes_names = False

    def write(self, text: str | None, denials: Sequence[Denial]) -> str:
        """Both in one edit: either alone would change nothing."""
        return deny_read().write(super().write(text, denials), denials)
