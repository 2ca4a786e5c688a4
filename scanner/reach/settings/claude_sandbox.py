"""What Claude Code's sandbox keeps its shell commands from reading.

Semantics: https://code.claude.com/docs/en/sandboxing and the sandbox part of
https://code.claude.com/docs/en/settings-reference. Paths here are not permission rules: `/x` is
absolute, `./x` and `x` are relative to the project, or to ~/.claude in user settings.
"""

import posixpath
from collections.abc import Sequence
from typing import NamedTuple

from scanner.model import Basis, Verdict
from scanner.reach.evaluator import Answer
from scanner.reach.settings.claude_rules import (
    REPOSITORY,
    Cover,
    PermissionRule,
    Scope,
    covers_path,
    literal_path,
    may_reach,
    shown_rule,
)
from scanner.reach.settings.claude_settings import Sandbox, SandboxPath
from scanner.reach.settings.claude_shell import covers_command


class _Denial(NamedTuple):
    literal: bool
    """It names the file or a directory above it, without a wildcard."""
    text: str
    source: str
    versions: str | None = None


def sandboxed(sandbox: Sandbox, denied: Sequence[PermissionRule], path: str) -> Answer | None:
    """The sandbox's answer about a file: blocked if it holds for every command, else why not.

    None where it is off. `denied`: the deny rules in force; they join the sandbox's own.
    """
    if not sandbox.enabled:
        return None
    source = sandbox.source
    control = _control(sandbox, denied, path)
    if control is None:
        words = f"the sandbox at {source} may read it"
        return Answer(Verdict.NO_PROMPT, words, source, Basis.CONFIG)
    if hole := _hole(sandbox, path):
        words = f"the sandbox at {source} does not hold: {hole}"
        return Answer(Verdict.NO_PROMPT, words, source, Basis.CONFIG)
    if doubt := _doubt(sandbox):
        words = f"the sandbox at {source} denies it, but {doubt}"
        return Answer(Verdict.UNKNOWN, words, source, Basis.CONFIG)
    return control


def _hole(sandbox: Sandbox, path: str) -> str:
    """How a command certainly gets outside."""
    if sandbox.allow_unsandboxed and not sandbox.disputed:
        return "the model may retry outside it (allowUnsandboxedCommands is not false)"
    readers = (f"cat {path}", f"grep -r x {path}", f"git diff --no-index /dev/null {path}")
    for text, source in sandbox.excluded:
        if any(covers_command(text, reader) for reader in (*readers, "git show HEAD")):
            return f"excludedCommands at {source} run outside it"
    return ""


def _doubt(sandbox: Sandbox) -> str:
    """How one may get outside: by system, by version, or after somebody was asked."""
    if not sandbox.fail_if_unavailable:
        return "where it is unavailable commands run without it (failIfUnavailable is not true)"
    if sandbox.allow_unsandboxed:
        return (
            f"before 2.1.285 a project's allowUnsandboxedCommands outranked {sandbox.disputed}"
            " and let the model retry outside it"
        )
    if sandbox.excluded:
        return (
            f"excludedCommands at {sandbox.excluded[0][1]} run outside it, and whether one of them"
            " can read it is not known"
        )
    return ""


def _control(sandbox: Sandbox, denied: Sequence[PermissionRule], path: str) -> Answer | None:
    """Blocked by a deny that names the path literally, unknown by one that needs expanding."""
    found = [
        _Denial(literal_path(rule, path), rule.shown, rule.source)
        for rule in denied
        if rule.certain and covers_path(rule, path).cover is not Cover.NO
    ]
    # A wide deny such as ~/ is lifted again for the project by allowRead ".".
    lifted = any(_names_project(entry) for entry in sandbox.allow_read)
    found += [
        _Denial(
            _below(path, entry), f"denyRead {shown_rule(entry.text)}", entry.source, entry.versions
        )
        for entry in sandbox.deny_read
        if _below(path, entry) or (_may_cover(path, entry) and not (lifted and _wide(entry)))
    ]
    if not found:
        return None
    sure = sorted((one for one in found if one.literal), key=lambda one: one.versions or "")
    reopened = [entry.source for entry in sandbox.allow_read if _narrow(path, entry)]
    if sandbox.filesystem_disabled or reopened or not sure:
        why = "a wildcard is not expanded by every version of the sandbox"
        why = f"{reopened[0]} lets it be read again" if reopened else why
        why = "filesystem.disabled is set" if sandbox.filesystem_disabled else why
        basis = f"the sandbox may deny it by {found[0].text}, but {why}"
        return Answer(Verdict.UNKNOWN, basis, found[0].source, Basis.CONFIG)
    basis = f"the sandbox denies reading it to every command, by {sure[0].text}"
    return Answer(Verdict.BLOCKED, basis, sure[0].source, Basis.CONFIG, sure[0].versions)


def _relative(entry: SandboxPath) -> bool:
    return not entry.text.startswith(("/", "~"))


def _names_project(entry: SandboxPath) -> bool:
    """`.` of the project's settings; in user settings it is ~/.claude."""
    whole = _relative(entry) and posixpath.normpath(entry.text) == "."
    return whole and entry.scope is not Scope.USER


def _below(path: str, entry: SandboxPath) -> bool:
    """Whether an entry relative to the project names the file or a directory above it."""
    if not _relative(entry) or entry.scope not in REPOSITORY:
        return False
    text = entry.text.removesuffix("/**")
    if any(char in text for char in "*?["):
        return False
    named = posixpath.normpath(text)
    return named == "." or path == named or path.startswith(f"{named}/")


def _wide(entry: SandboxPath) -> bool:
    """Whether it names a directory outside the project, above it if anything."""
    return not _relative(entry) and not any(char in entry.text for char in "*?[")


def _may_cover(path: str, entry: SandboxPath) -> bool:
    """Whether an entry that we cannot place might cover the file."""
    text = entry.text
    if text in ("~", "~/", "/", "//"):
        return True
    if _relative(entry):
        inside = entry.scope in REPOSITORY and any(char in text for char in "*?[")
        unplaced = entry.scope is Scope.GIVEN
        return (inside or unplaced) and may_reach(text, path, absolute=False)
    return may_reach(text.strip("/").removeprefix("~/"), path, absolute=text.startswith("/"))


def _narrow(path: str, entry: SandboxPath) -> bool:
    """Whether an `allowRead` entry may be as narrow as a deny of the file; wider ones yield."""
    if _names_project(entry):
        return False
    return _below(path, entry) or _may_cover(path, entry)
