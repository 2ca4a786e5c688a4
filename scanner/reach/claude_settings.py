"""Claude Code's project settings, merged: `.claude/settings.json` and `settings.local.json`.

A settings file that is not plain JSON is thrown away as a whole by Claude Code ("Invalid or
malformed JSON"), so its rules never count as in force here. User and managed settings are not part
of a repository and are not read.
"""

import msgspec

from scanner.model import Problem
from scanner.reach import jsonc
from scanner.reach.claude_rules import Effect, PermissionRule, parse_rule
from scanner.reach.tree import Tree, Unreadable

FILES = (".claude/settings.local.json", ".claude/settings.json")
"""Highest precedence first."""


class Sandbox(msgspec.Struct, frozen=True):
    """The `sandbox` block as far as the repository sets it. Sources are `file:line`."""

    enabled: bool = False
    fail_if_unavailable: bool = False
    allow_unsandboxed: bool = True
    filesystem_disabled: bool = False
    source: str = ""
    """Where it is switched on."""
    excluded: tuple[tuple[str, str], ...] = ()
    """`excludedCommands`, each with its source."""
    deny_read: tuple[tuple[str, str], ...] = ()
    """`filesystem.denyRead` and the denied `credentials.files`, each with its source."""
    allow_read: tuple[tuple[str, str], ...] = ()


class Settings(msgspec.Struct, frozen=True):
    """What both files say together."""

    rules: tuple[PermissionRule, ...]
    sandbox: Sandbox
    broken: tuple[str, ...]
    """`file:line` of files whose content is not known."""
    remarks: tuple[str, ...]
    """Keys that look like controls and are none, in sentences."""
    excludes_instructions: tuple[tuple[str, str], ...]
    """`claudeMdExcludes`, each with its source."""
    mode: tuple[str, str] | None
    """`permissions.defaultMode`, with its source."""
    problems: tuple[Problem, ...]


class _File(msgspec.Struct, frozen=True):
    path: str
    root: jsonc.Node | None
    certain: bool


def read_settings(tree: Tree) -> Settings:
    """Read and merge. Arrays of both files count together; of single values the local one wins."""
    files: list[_File] = []
    problems: list[Problem] = []
    broken: list[str] = []
    for path in FILES:
        text = tree.text(path)
        if text is None:
            continue
        if isinstance(text, Unreadable):
            problems.append(Problem("reach", path, text.reason, "make it a plain JSON file"))
            broken.append(path)
            continue
        document = jsonc.parse(text)
        problem = _problem(path, document)
        if problem is not None:
            problems.append(problem)
        if document.root is None:
            broken.append(f"{path}:{document.line}")
        files.append(_File(path, document.root, certain=problem is None))
    return Settings(
        rules=tuple(rule for file in files for rule in _rules(file)),
        sandbox=_sandbox(files),
        broken=tuple(broken),
        remarks=tuple(remark for file in files for remark in _dead_keys(file)),
        excludes_instructions=_texts(files, "claudeMdExcludes"),
        mode=next(filter(None, (_mode(file) for file in files)), None),
        problems=tuple(problems),
    )


def _problem(path: str, document: jsonc.Document) -> Problem | None:
    """What keeps Claude Code, or us, from taking the file as it stands."""
    where = f"{path}:{document.line}"
    hint = "Claude Code ignores a settings file that is not plain JSON"
    if document.root is None:
        return Problem("reach", where, f"not valid JSON: {document.error}", hint)
    if not document.strict:
        return Problem("reach", where, "not plain JSON: a comment or a trailing comma", hint)
    hint = "Claude Code may ignore the file; see `/status` in a session"
    permissions = jsonc.get(document.root, "permissions")
    if not isinstance(document.root, jsonc.Object):
        return Problem("reach", where, "the settings are not an object", hint)
    if permissions is not None and not isinstance(permissions, jsonc.Object):
        return Problem("reach", f"{path}:{permissions.line}", "permissions is no object", hint)
    for effect in Effect:
        rules = jsonc.get(permissions, effect)
        if rules is None:
            continue
        items = rules.items if isinstance(rules, jsonc.Array) else (rules,)
        if not isinstance(rules, jsonc.Array) or len(jsonc.strings(rules)) != len(items):
            reason = f"permissions.{effect} is not a list of rules"
            return Problem("reach", f"{path}:{rules.line}", reason, hint)
    return None


def _rules(file: _File) -> list[PermissionRule]:
    return [
        parse_rule(effect, text, f"{file.path}:{line}", file.certain)
        for effect in Effect
        for text, line in jsonc.strings(jsonc.get(file.root, "permissions", effect))
    ]


def _sandbox(files: list[_File]) -> Sandbox:
    """Only files that Claude Code accepts count: a doubtful one must not look like a control."""
    certain = [file for file in files if file.certain]
    switch = _first(certain, "enabled")
    credentials: list[tuple[str, str]] = []
    for file in certain:
        entries = jsonc.get(file.root, "sandbox", "credentials", "files")
        for entry in entries.items if isinstance(entries, jsonc.Array) else ():
            path = jsonc.string(jsonc.get(entry, "path"))
            if path and jsonc.string(jsonc.get(entry, "mode")) == "deny":
                credentials.append((path, f"{file.path}:{entry.line}"))
    return Sandbox(
        enabled=bool(switch and switch[0]),
        fail_if_unavailable=(_first(certain, "failIfUnavailable") or (False, ""))[0],
        allow_unsandboxed=(_first(certain, "allowUnsandboxedCommands") or (True, ""))[0],
        filesystem_disabled=(_first(files, "filesystem", "disabled") or (False, ""))[0],
        source=switch[1] if switch else "",
        excluded=_texts(files, "sandbox", "excludedCommands"),
        deny_read=(*_texts(certain, "sandbox", "filesystem", "denyRead"), *credentials),
        allow_read=_texts(files, "sandbox", "filesystem", "allowRead"),
    )


def _first(files: list[_File], *keys: str) -> tuple[bool, str] | None:
    """A switch of the sandbox from the file that outranks the others, with its source."""
    for file in files:
        node = jsonc.get(file.root, "sandbox", *keys)
        value = jsonc.boolean(node)
        if node is not None and value is not None:
            return value, f"{file.path}:{node.line}"
    return None


def _texts(files: list[_File], *keys: str) -> tuple[tuple[str, str], ...]:
    return tuple(
        (text, f"{file.path}:{line}")
        for file in files
        for text, line in jsonc.strings(jsonc.get(file.root, *keys))
    )


def _mode(file: _File) -> tuple[str, str] | None:
    node = jsonc.get(file.root, "permissions", "defaultMode")
    text = jsonc.string(node)
    return (text, f"{file.path}:{node.line}") if node is not None and text else None


def _dead_keys(file: _File) -> list[str]:
    """Spellings that people use for a deny list and that Claude Code does not read."""
    remarks = []
    for keys in (
        ("permissions", "read", "deny"),
        ("permissions", "Read", "deny"),
        ("permissions", "denied"),
        ("permissions", "denyRead"),
        ("deny",),
        ("ignorePatterns",),
    ):
        node = jsonc.get(file.root, *keys)
        if node is not None:
            name = ".".join(keys)
            remarks.append(f"{file.path}:{node.line} has no effect: {name} is no permission rule")
    return remarks
