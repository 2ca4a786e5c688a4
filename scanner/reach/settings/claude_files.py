"""Claude Code's settings files, and what of them it does not take.

Settings are strict JSON (https://code.claude.com/docs/en/settings, "Edit a settings file" and "Fix
a broken settings file"): a comment, a syntax error or a value that the schema rejects makes Claude
Code go on without the file, so nothing in such a file may count as a control here. Managed settings
are not part of a repository and are not read.
"""

import msgspec

from scanner.model import Problem
from scanner.reach.formats import jsonc
from scanner.reach.formats.repeated_keys import repeated_keys
from scanner.reach.settings.claude_rules import Scope
from scanner.reach.surroundings import GivenSettings
from scanner.reach.tree import Tree, Unreadable

PROJECT, LOCAL = ".claude/settings.json", ".claude/settings.local.json"
USER = ".claude/settings.json"
"""Below the home directory; `CLAUDE_CONFIG_DIR` moves it, which nobody can see from here."""

_RULES = "a list of rules"
_TEXTS = "a list of texts"
_SHAPES: tuple[tuple[tuple[str, ...], str], ...] = (
    (("permissions",), "object"),
    (("permissions", "deny"), _RULES),
    (("permissions", "ask"), _RULES),
    (("permissions", "allow"), _RULES),
    (("permissions", "additionalDirectories"), _TEXTS),
    (("permissions", "defaultMode"), "a text"),
    (("permissions", "disableBypassPermissionsMode"), "a text"),
    (("sandbox",), "object"),
    (("sandbox", "enabled"), "true or false"),
    (("sandbox", "failIfUnavailable"), "true or false"),
    (("sandbox", "autoAllowBashIfSandboxed"), "true or false"),
    (("sandbox", "allowUnsandboxedCommands"), "true or false"),
    (("sandbox", "excludedCommands"), _TEXTS),
    (("sandbox", "filesystem"), "object"),
    (("sandbox", "filesystem", "denyRead"), _TEXTS),
    (("sandbox", "filesystem", "allowRead"), _TEXTS),
    (("sandbox", "filesystem", "disabled"), "true or false"),
    (("sandbox", "credentials"), "object"),
    (("sandbox", "network"), "object"),
    (("env",), "object"),
    (("hooks",), "object"),
    (("claudeMdExcludes",), _TEXTS),
    (("enableAllProjectMcpServers",), "true or false"),
    (("enabledMcpjsonServers",), _TEXTS),
    (("disabledMcpjsonServers",), _TEXTS),
)


class Complaint(msgspec.Struct, frozen=True):
    """Something in a settings file that Claude Code does not take."""

    line: int | None
    subject: str
    words: str
    whole: bool
    """The file as a whole does not count, not only the one key."""


class SettingsFile(msgspec.Struct, frozen=True):
    """A settings file that is there."""

    path: str
    """As sources and messages name it: `~/` before the user's."""
    scope: Scope
    root: jsonc.Node | None
    complaints: tuple[Complaint, ...] = ()
    problem: Problem | None = None

    @property
    def certain(self) -> bool:
        """Nothing is known to keep Claude Code from taking the file."""
        return self.root is not None and not any(entry.whole for entry in self.complaints)

    @property
    def broken_at(self) -> str | None:
        """`file:line` where even its content is not known."""
        if self.root is not None:
            return None
        line = self.complaints[0].line if self.complaints else None
        return f"{self.path}:{line}" if line else self.path

    def get(self, *keys: str) -> jsonc.Node | None:
        """The value below nested keys."""
        return jsonc.get(self.root, *keys)

    def texts(self, *keys: str) -> tuple[tuple[str, int], ...]:
        """The texts of a list, each with its line."""
        return jsonc.strings(self.get(*keys))

    def source(self, node: jsonc.Node) -> str:
        """`file:line` of a value."""
        return f"{self.path}:{node.line}"


def read_files(
    tree: Tree, home: Tree | None, given: tuple[GivenSettings, ...]
) -> tuple[SettingsFile, ...]:
    """Every settings file that can be seen, highest precedence first."""
    files = [_parse(entry.path, Scope.GIVEN, entry.text) for entry in reversed(given)]
    for where, path, shown, scope in (
        (tree, LOCAL, LOCAL, Scope.LOCAL),
        (tree, PROJECT, PROJECT, Scope.PROJECT),
        (home, USER, f"~/{USER}", Scope.USER),
    ):
        text = where.text(path) if where is not None else None
        if isinstance(text, Unreadable):
            hint = "make it a plain JSON file"
            problem = Problem("reach", shown, text.reason, hint)
            files.append(SettingsFile(shown, scope, None, (), problem))
        elif text is not None:
            files.append(_parse(shown, scope, text))
    return tuple(files)


def _parse(path: str, scope: Scope, text: str) -> SettingsFile:
    document = jsonc.parse(text)
    whole = _rejected(document)
    hint = "Claude Code ignores a settings file that is not plain JSON"
    problem = None
    if whole is not None:
        strict = document.root is None or not document.strict
        hint = hint if strict else "Claude Code may ignore the file; see `/status` in a session"
        problem = Problem("reach", f"{path}:{whole.line}", whole.words, hint)
    complaints = [whole] if whole is not None else []
    if document.root is not None:
        complaints += [
            Complaint(
                repeated.line,
                repeated.key,
                f"{repeated.key} stands in the same object again at line {repeated.again}, and of"
                " two equal keys only the last counts",
                whole=False,
            )
            for repeated in repeated_keys(text)
        ]
    return SettingsFile(path, scope, document.root, tuple(complaints), problem)


def _rejected(document: jsonc.Document) -> Complaint | None:
    """What makes Claude Code go on without the file."""
    root = document.root
    if root is None:
        words = f"not valid JSON: {document.error}"
        return Complaint(document.line, "JSON", words, whole=True)
    if not document.strict:
        words = "not plain JSON: a comment or a trailing comma"
        return Complaint(document.line, "JSON", words, whole=True)
    if not isinstance(root, jsonc.Object):
        words = "the settings are not an object"
        return Complaint(document.line, "JSON", words, whole=True)
    for keys, shape in _SHAPES:
        node = jsonc.get(root, *keys)
        if node is not None and not _fits(node, shape):
            name = ".".join(keys)
            words = f"{name} is {'no object' if shape == 'object' else f'not {shape}'}"
            return Complaint(node.line, name, words, whole=True)
    return None


def _fits(node: jsonc.Node, shape: str) -> bool:
    if shape == "object":
        return isinstance(node, jsonc.Object)
    if shape == "true or false":
        return jsonc.boolean(node) is not None
    if shape == "a text":
        return jsonc.string(node) is not None
    return isinstance(node, jsonc.Array) and len(jsonc.strings(node)) == len(node.items)
