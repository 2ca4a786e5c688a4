"""Claude Code's settings, merged over the scopes.

Lists of all files count together; of a single value that of the highest scope does
(https://code.claude.com/docs/en/settings#settings-precedence). Only files that Claude Code accepts
may narrow anything here; doubtful ones may still widen.
"""

import msgspec

from scanner.model import Problem
from scanner.reach.formats import jsonc
from scanner.reach.settings.claude_files import SettingsFile, read_files
from scanner.reach.settings.claude_rules import Effect, PermissionRule, Scope, parse_rule
from scanner.reach.surroundings import GivenSettings
from scanner.reach.tree import Tree

DEAD_KEYS: tuple[tuple[str, ...], ...] = (
    ("permissions", "read", "deny"),
    ("permissions", "Read", "deny"),
    ("permissions", "denied"),
    ("permissions", "denyRead"),
    ("permissions", "ignorePatterns"),
    ("sandbox", "denyRead"),
    ("deny",),
    ("disallowedTools",),
    ("ignorePatterns",),
)
"""Spellings that people use for a deny list and that Claude Code does not read."""


class SandboxPath(msgspec.Struct, frozen=True):
    """One entry of `filesystem.denyRead`, `allowRead` or the denied `credentials.files`."""

    text: str
    source: str
    scope: Scope
    versions: str | None = None
    """Those that enforce it, where that is not all that have a sandbox."""


class Sandbox(msgspec.Struct, frozen=True):
    """The `sandbox` block. Sources are `file:line`."""

    enabled: bool = False
    fail_if_unavailable: bool = False
    auto_allow: bool = True
    allow_unsandboxed: bool = True
    disputed: str = ""
    """Where the user forbids unsandboxed retries and a lower scope of old versions allows them."""
    filesystem_disabled: bool = False
    source: str = ""
    """Where it is switched on."""
    excluded: tuple[tuple[str, str], ...] = ()
    """`excludedCommands`, each with its source."""
    deny_read: tuple[SandboxPath, ...] = ()
    allow_read: tuple[SandboxPath, ...] = ()


class Mode(msgspec.Struct, frozen=True):
    """`permissions.defaultMode`."""

    name: str
    source: str
    scope: Scope


class Settings(msgspec.Struct, frozen=True):
    """What all files say together."""

    files: tuple[SettingsFile, ...]
    """Highest precedence first."""
    rules: tuple[PermissionRule, ...]
    sandbox: Sandbox
    broken: tuple[str, ...]
    """`file:line` of files whose content is not known."""
    remarks: tuple[str, ...]
    """Keys that look like controls and are none, in sentences."""
    excludes_instructions: tuple[tuple[str, str], ...]
    """`claudeMdExcludes`, each with its source."""
    mode: Mode | None
    problems: tuple[Problem, ...]


def read_settings(
    tree: Tree, home: Tree | None = None, given: tuple[GivenSettings, ...] = ()
) -> Settings:
    """Read and merge: files that the caller named, the project's two and the user's."""
    files = read_files(tree, home, given)
    return Settings(
        files=files,
        rules=tuple(rule for file in files for rule in _rules(file)),
        sandbox=_sandbox(files),
        broken=tuple(file.broken_at for file in files if file.broken_at is not None),
        remarks=tuple(
            f"{file.source(node)} has no effect: {name} is no permission rule"
            for file in files
            for name, node in dead_keys(file)
        ),
        excludes_instructions=_texts(files, "claudeMdExcludes"),
        mode=next(filter(None, (_mode(file) for file in files)), None),
        problems=tuple(file.problem for file in files if file.problem is not None),
    )


def dead_keys(file: SettingsFile) -> list[tuple[str, jsonc.Node]]:
    """The misspelt deny lists of a file, by their dotted names."""
    found = ((".".join(keys), file.get(*keys)) for keys in DEAD_KEYS)
    return [(name, node) for name, node in found if node is not None]


def _rules(file: SettingsFile) -> list[PermissionRule]:
    return [
        parse_rule(effect, text, file.path, line, certain=file.certain, scope=file.scope)
        for effect in Effect
        for text, line in file.texts("permissions", effect)
    ]


def _sandbox(files: tuple[SettingsFile, ...]) -> Sandbox:
    """Only files that Claude Code accepts count: a doubtful one must not look like a control."""
    certain = [file for file in files if file.certain]
    switch = _first(certain, "enabled")
    # A repository cannot switch the file system's isolation off: only these scopes are heard.
    own = [file for file in files if file.scope in (Scope.GIVEN, Scope.USER)]
    return Sandbox(
        enabled=bool(switch and switch[0]),
        fail_if_unavailable=_switch(certain, "failIfUnavailable", otherwise=False),
        auto_allow=_switch(certain, "autoAllowBashIfSandboxed", otherwise=True),
        allow_unsandboxed=_switch(certain, "allowUnsandboxedCommands", otherwise=True),
        disputed=_disputed(certain),
        filesystem_disabled=_switch(own, "filesystem", "disabled", otherwise=False),
        source=switch[1] if switch else "",
        excluded=_texts(files, "sandbox", "excludedCommands"),
        deny_read=tuple(
            entry
            for file in certain
            for entry in (*_paths(file, "denyRead"), *_denied_credentials(file))
        ),
        allow_read=tuple(entry for file in files for entry in _paths(file, "allowRead")),
    )


def _paths(file: SettingsFile, name: str) -> list[SandboxPath]:
    """Before 2.1.224 an entry with a slash at its end did not reach what is below."""
    return [
        SandboxPath(
            text, f"{file.path}:{line}", file.scope, ">= 2.1.224" if text.endswith("/") else None
        )
        for text, line in file.texts("sandbox", "filesystem", name)
    ]


def _denied_credentials(file: SettingsFile) -> list[SandboxPath]:
    entries = file.get("sandbox", "credentials", "files")
    found = []
    for entry in entries.items if isinstance(entries, jsonc.Array) else ():
        path = jsonc.string(jsonc.get(entry, "path"))
        if path and jsonc.string(jsonc.get(entry, "mode")) == "deny":
            versions = ">= 2.1.224" if path.endswith("/") else ">= 2.1.187"
            found.append(SandboxPath(path, file.source(entry), file.scope, versions))
    return found


def _disputed(files: list[SettingsFile]) -> str:
    """A user's `false` that a project's `true` outranked before 2.1.285."""
    users = [file for file in files if file.scope is Scope.USER]
    mine = _first(users, "allowUnsandboxedCommands")
    return mine[1] if mine is not None and not mine[0] else ""


def _switch(files: list[SettingsFile], *keys: str, otherwise: bool) -> bool:
    found = _first(files, *keys)
    return otherwise if found is None else found[0]


def _first(files: list[SettingsFile], *keys: str) -> tuple[bool, str] | None:
    """A switch of the sandbox from the file that outranks the others, with its source."""
    for file in files:
        node = file.get("sandbox", *keys)
        value = jsonc.boolean(node)
        if node is not None and value is not None:
            return value, file.source(node)
    return None


def _texts(files: tuple[SettingsFile, ...], *keys: str) -> tuple[tuple[str, str], ...]:
    return tuple(
        (text, f"{file.path}:{line}") for file in files for text, line in file.texts(*keys)
    )


def _mode(file: SettingsFile) -> Mode | None:
    node = file.get("permissions", "defaultMode")
    text = jsonc.string(node)
    return Mode(text, file.source(node), file.scope) if node is not None and text else None
