"""What in Claude Code's settings looks like a control and is none, and what it does not take."""

from collections.abc import Callable, Iterator

from scanner.model import ConcernKind
from scanner.reach.formats import jsonc
from scanner.reach.settings.claude_concerns import Noted
from scanner.reach.settings.claude_files import SettingsFile
from scanner.reach.settings.claude_rules import (
    DEAD_PATH_TOOLS,
    Effect,
    PermissionRule,
    Scope,
    shown_rule,
)
from scanner.reach.settings.claude_settings import Settings, dead_keys

_TOOLS = {
    name.lower(): name
    for name in ("Bash", "PowerShell", "Read", "Edit", "Write", "Grep", "Glob", "WebFetch")
}
_OTHER_NAMES = {
    **dict.fromkeys(("ReadFile", "FileRead", "View", "Open"), "Read"),
    **dict.fromkeys(("Shell", "Terminal", "RunCommand"), "Bash"),
    **dict.fromkeys(("WriteFile", "FileWrite", "FileEdit"), "Edit"),
    "Fetch": "WebFetch",
}
"""Names that tools have in other agents."""
_ABSOLUTE = frozenset({"Users", "home", "root", "etc", "var", "private", "mnt", "opt", "tmp"})
_CORRECT = "correct it, then look at the output of `claude doctor`"


def dead(settings: Settings, has_directory: Callable[[str], bool]) -> Iterator[Noted]:
    """Rules and keys without effect. `has_directory`: whether the repository has one so named."""
    for file in settings.files:
        if file.scope is Scope.GIVEN:
            continue
        yield from _rejected(file)
        yield from _misplaced(file)
        for name, node in dead_keys(file):
            yield Noted(
                ConcernKind.DEAD_CONTROL,
                file.path,
                node.line,
                name,
                f"Claude Code does not read {name}, so it denies nothing",
                "write the paths as Read rules into permissions.deny",
                "rules",
                file.scope.personal,
            )
    for rule in settings.rules:
        if rule.scope is Scope.GIVEN:
            continue
        if (found := _malformed(rule)) is not None:
            yield found
        elif rule.effect is not Effect.ALLOW:
            yield from _without_effect(rule, has_directory)


def _rejected(file: SettingsFile) -> Iterator[Noted]:
    for complaint in file.complaints:
        words = complaint.words
        if complaint.whole:
            words += "; Claude Code goes on without the file, and no rule in it holds"
        else:
            words += " there"
        yield Noted(
            ConcernKind.REJECTED_SETTINGS,
            file.path,
            complaint.line,
            complaint.subject,
            words,
            _CORRECT,
            "broken",
            file.scope.personal,
        )


def _misplaced(file: SettingsFile) -> Iterator[Noted]:
    """Keys that Claude Code hears from the user only."""
    if file.scope.personal:
        return
    mode = file.get("permissions", "defaultMode")
    disabled = file.get("sandbox", "filesystem", "disabled")
    skip = file.get("skipDangerousModePermissionPrompt")
    for node, misplaced, name in (
        (mode, jsonc.string(mode) == "auto", "permissions.defaultMode"),
        (disabled, jsonc.boolean(disabled) is True, "sandbox.filesystem.disabled"),
        (
            skip,
            jsonc.boolean(skip) is True and file.scope is Scope.PROJECT,
            "skipDangerousModePermissionPrompt",
        ),
    ):
        if node is not None and misplaced:
            yield Noted(
                ConcernKind.REJECTED_SETTINGS,
                file.path,
                node.line,
                name,
                f"Claude Code takes this value of {name} from the user, not from a repository",
                "remove it here; who wants it sets it in ~/.claude/settings.json",
                "scopes",
            )


def _malformed(rule: PermissionRule) -> Noted | None:
    """Rules that Claude Code skips with a warning. Their texts may hold anything: not quoted."""
    text = rule.text.strip()
    words = ""
    if not text:
        words = "an empty rule is skipped"
    elif rule.specifier == "":
        words = "a rule with nothing between its parentheses is skipped"
    elif ("(" in text) is not text.endswith(")"):
        words = "a rule with one parenthesis is skipped"
    elif rule.tool.startswith("mcp__") and rule.specifier is not None:
        words = "an mcp rule with parentheses is skipped"
    elif rule.effect is Effect.ALLOW and "*" in rule.tool and not _anchored(rule.tool):
        words = "an allow rule may have * only behind mcp__ and a server's name; it is skipped"
    if not words:
        return None
    return Noted(
        ConcernKind.REJECTED_SETTINGS,
        rule.file,
        rule.line,
        f"permissions.{rule.effect}",
        words,
        _CORRECT,
        "broken",
        rule.scope.personal,
    )


def _anchored(tool: str) -> bool:
    """`mcp__server__*`: the server itself without a wildcard."""
    parts = tool.split("__", 2)
    return len(parts) == 3 and parts[0] == "mcp" and "*" not in parts[1]


def _without_effect(rule: PermissionRule, has_directory: Callable[[str], bool]) -> Iterator[Noted]:
    subject, words, instead = rule.shown, "", ""
    tool, spec = rule.tool, rule.specifier
    path = shown_rule(spec or tool)
    if tool in DEAD_PATH_TOOLS and spec not in (None, "*"):
        better = "Read" if tool == "Glob" else "Edit"
        words = f"a path in a {tool} rule is never consulted, so this rule denies nothing"
        instead = f"write {better}({path}), and Read({path}) to keep it from being read"
        instead = f"write Read({path})" if better == "Read" else instead
    elif rule.names_content:
        subject = f"{tool}({(spec or '').partition(':')[0]}:…)"
        words = "a rule cannot match the main field of a tool, so this one is ignored"
        instead = f"write the pattern itself: {tool}(…)"
    elif spec is None and (tool.startswith((".", "/", "~", "*.")) or "/" in tool):
        words = "a path alone is no rule: it names a tool that does not exist"
        instead = f"write Read({path})"
    elif tool not in _TOOLS.values() and tool.lower() in _TOOLS:
        words = f"no tool is called {tool}: names are told apart by upper and lower case"
        instead = f"write {_TOOLS[tool.lower()]}"
    elif tool in _OTHER_NAMES:
        words = f"no tool of Claude Code is called {tool}, so this rule denies nothing"
        instead = f"write {_OTHER_NAMES[tool]}"
    elif tool == "Read" and spec and spec.startswith("/") and not spec.startswith("//"):
        yield from _wrong_anchor(rule, spec, has_directory)
        return
    if words:
        yield _dead_rule(rule, subject, words, instead)


def _wrong_anchor(
    rule: PermissionRule, spec: str, has_directory: Callable[[str], bool]
) -> Iterator[Noted]:
    """A leading slash that is meant as the file system's root, or as the project's."""
    first, shown = spec[1:].partition("/")[0], shown_rule(spec)
    if first in _ABSOLUTE and not has_directory(first):
        where = "~/.claude" if rule.scope.personal else "the project"
        words = f"a single leading / stands for {where}, so this rule does not cover {shown}"
        yield _dead_rule(rule, rule.shown, words, f"write Read(/{shown})")
    elif rule.scope.personal and has_directory(first):
        words = "in user settings a leading / stands for ~/.claude, so this rule covers no project"
        yield _dead_rule(rule, rule.shown, words, f"write Read(//**{shown}) to cover every project")


def _dead_rule(rule: PermissionRule, subject: str, words: str, instead: str) -> Noted:
    return Noted(
        ConcernKind.DEAD_CONTROL,
        rule.file,
        rule.line,
        subject,
        words,
        instead,
        "read-and-edit",
        rule.scope.personal,
    )
