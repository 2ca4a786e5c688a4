"""Claude Code's permission rules: what `Read(...)` covers.

Semantics: https://code.claude.com/docs/en/permissions, "Read and Edit" and "Wildcard patterns".
Paths are judged for a session started at the repository root, which is then the project root, the
starting directory and the working directory in one.
"""

import re
from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache

import msgspec

from scanner.reach.matching.gitignore import IgnoreFile, decide, parse
from scanner.reach.matching.glob import Glob, parse_segment, segment_matches

DEAD_PATH_TOOLS = frozenset({"Write", "Glob", "NotebookEdit", "MultiEdit"})
"""A path given to one of these is accepted and never consulted."""
_SYSTEM = frozenset({"bin", "boot", "dev", "etc", "lib", "proc", "sbin", "sys", "usr"})
_NO_CHECKOUTS = frozenset(
    (
        ".ssh",
        ".gnupg",
        ".aws",
        ".azure",
        ".kube",
        ".docker",
        ".config",
        ".password-store",
        "Library",
    )
)
"""Directories of a home that hold keys and settings, not checkouts."""
SHELL_TOOLS = ("Bash", "PowerShell")
LONGEST_SHOWN = 120
"""Characters of a rule that a message quotes."""
_LONG_WORD = re.compile(r"[A-Za-z0-9_+=-]{24,}")
_VALUE = re.compile(r"\b([A-Z][A-Z0-9_]{2,}=)\S+")


_CONTENT_FIELDS = {
    **dict.fromkeys(("Bash", "PowerShell"), "command"),
    **dict.fromkeys(("Read", "Edit", "Write"), "file_path"),
    **dict.fromkeys(("Grep", "Glob"), "path"),
    "NotebookEdit": "notebook_path",
    "WebFetch": "url",
}


class Effect(StrEnum):
    """The list that a rule stands in. A deny wins over an ask, an ask over an allow."""

    DENY = "deny"
    ASK = "ask"
    ALLOW = "allow"


class Scope(StrEnum):
    """Whose settings file it is; highest precedence first. Managed settings are never seen."""

    GIVEN = "given"  # --settings
    LOCAL = "local"
    PROJECT = "project"
    USER = "user"

    @property
    def personal(self) -> bool:
        """The user's own, not the repository's."""
        return self is Scope.USER


REPOSITORY = (Scope.LOCAL, Scope.PROJECT)
"""The scopes whose files lie in the repository."""


class Cover(StrEnum):
    """Whether a rule covers a path."""

    YES = "yes"
    NO = "no"
    MAYBE = "maybe"


class Coverage(msgspec.Struct, frozen=True):
    """Whether, and what a person should know about it."""

    cover: Cover
    note: str = ""


class PermissionRule(msgspec.Struct, frozen=True):
    """One entry of `permissions.deny`, `permissions.ask` or `permissions.allow`."""

    effect: Effect
    text: str
    tool: str
    specifier: str | None
    """What stands in the parentheses; None for a bare tool name."""
    file: str
    line: int
    certain: bool
    """False when Claude Code may not accept the file that it stands in."""
    scope: Scope = Scope.PROJECT

    @property
    def source(self) -> str:
        """`file:line`."""
        return f"{self.file}:{self.line}"

    @property
    def shown(self) -> str:
        """The rule for a message."""
        return shown_rule(self.text)

    @property
    def carves_out(self) -> bool:
        """`Read(!path)` takes files out of rules that stand before it and denies none itself."""
        return (self.specifier or "").startswith("!")

    @property
    def names_content(self) -> bool:
        """`Bash(command:...)` and its like name a tool's main field and are never consulted."""
        field = _CONTENT_FIELDS.get(self.tool)
        name, colon, _ = (self.specifier or "").partition(":")
        return bool(colon) and field is not None and name.strip() == field


def shown_rule(text: str) -> str:
    """A rule as a message may quote it: saved commands may hold keys, or have no end."""
    text = _VALUE.sub(r"\1…", _LONG_WORD.sub("…", text.strip()))
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def parse_rule(
    effect: Effect,
    text: str,
    file: str,
    line: int,
    *,
    certain: bool = True,
    scope: Scope = Scope.PROJECT,
) -> PermissionRule:
    """One rule as written; what is no `Tool(specifier)` becomes a tool name that nothing bears."""
    tool, bracket, rest = text.strip().partition("(")
    specifier: str | None = None
    if bracket and rest.endswith(")"):
        tool, specifier = tool.strip(), rest[:-1].strip()
    else:
        tool = text.strip()
    return PermissionRule(effect, text, tool, specifier, file, line, certain, scope)


def covers_tool(rule: PermissionRule, tool: str) -> bool:
    """Whether the rule names the whole tool: `Bash`, `Bash(*)`, or a wildcard such as `*`."""
    if rule.specifier not in (None, "*"):
        return False
    if rule.specifier is not None:
        return rule.tool == tool
    tokens = _segment(rule.tool)
    return tokens is not None and segment_matches(tokens, tool)


_YES = Coverage(Cover.YES)
_BY_CASE = Coverage(Cover.MAYBE, "it differs in upper and lower case only")


def covers_path(rule: PermissionRule, path: str, tool: str = "Read") -> Coverage:
    """Whether a rule with a path covers a file, given relative to the project root."""
    if rule.tool != tool or rule.specifier is None or rule.carves_out or rule.names_content:
        return Coverage(Cover.NO)
    return _coverage(rule.specifier, rule.scope, path)


def carved_out(rule: PermissionRule, others: Sequence[PermissionRule], path: str) -> str | None:
    """The source of a `Read(!path)` that may take the file out of a rule again.

    One that stands before the rule in the same file does not reach it. `others`: the rules of the
    same list, in their order.
    """
    for other in others:
        earlier = other.file == rule.file and others.index(other) < others.index(rule)
        if other.tool != rule.tool or not other.carves_out or earlier:
            continue
        spec = (other.specifier or "")[1:]
        if _coverage(spec, other.scope, path).cover is not Cover.NO:
            return other.source
    return None


def _coverage(spec: str, scope: Scope, path: str) -> Coverage:
    """The four anchors: the file system's root, the home, the settings file's place, here."""
    if spec.startswith("//"):
        return _outside(spec[2:], path, absolute=True)
    if spec.startswith("~/"):
        return _outside(spec[2:], path, absolute=False)
    if spec.startswith("/") and scope is Scope.USER:
        here = _excludes(spec, path)
        note = "a leading / in user settings stands for ~/.claude" if here else ""
        return Coverage(Cover.NO, note)
    if spec.startswith("/") and scope is Scope.GIVEN:
        note = "a leading / stands for the directory of the settings file that was named"
        reaches = _excludes(spec, path) or may_reach(spec[1:], path, absolute=False)
        return Coverage(Cover.MAYBE, note) if reaches else Coverage(Cover.NO)
    pattern = _relative(spec)
    if _excludes(pattern, path, fold=True):
        return _YES if _excludes(pattern, path) else _BY_CASE
    bare = spec.removeprefix("./")
    if spec.startswith("./") and "/" not in bare.rstrip("/") and _excludes(bare, path):
        return Coverage(Cover.NO, "it is anchored at the root and does not reach this copy")
    return Coverage(Cover.NO)


def literal_path(rule: PermissionRule, path: str) -> bool:
    """Whether the rule names the file, or a directory above it, at the root and without wildcards.

    Only then does every version of the sandbox deny it; wildcards are expanded differently.
    """
    spec = rule.specifier or ""
    if spec.startswith(("//", "~/", "!")) or any(char in spec for char in "*?[\\"):
        return False
    if spec.startswith("/") and rule.scope in (Scope.USER, Scope.GIVEN):
        return False
    named = spec.removeprefix("./").strip("/")
    return path == named or path.startswith(f"{named}/")


def _relative(spec: str) -> str:
    """The gitignore pattern, relative to the project root, that a rule amounts to."""
    if spec.startswith("./"):
        return spec[1:]
    name, slash, rest = spec.partition("/")
    if slash and rest == "**" and name not in ("", "**"):
        # `secrets/**` in a deny or ask rule reaches nested copies; gitignore alone would anchor it.
        return f"**/{spec}"
    return spec


def _outside(rest: str, path: str, *, absolute: bool) -> Coverage:
    """A rule anchored at the file system's or the home directory's root: where the checkout lies
    is not known, so only `//**/...` is sure to reach into it."""
    if absolute and rest.startswith("**/") and _excludes(rest, path, fold=True):
        return _YES if _excludes(rest, path) else _BY_CASE
    if may_reach(rest, path, absolute=absolute):
        return Coverage(Cover.MAYBE, "whether it reaches this checkout depends on where that lies")
    return Coverage(Cover.NO)


def may_reach(rest: str, path: str, *, absolute: bool) -> bool:
    """Whether a pattern below the file system's or the home directory's root can reach a path of a
    checkout somewhere. Nobody checks out below /etc or ~/.ssh: such rules are about other files."""
    parts = [part for part in rest.split("/") if part]
    if not parts or (absolute and parts[0] in _SYSTEM):
        return not parts
    inside = parts[-1] == "**"
    names = parts[-2:-1] if inside else parts[-1:]
    if not names or names == ["**"]:
        return True
    tokens = _segment(names[0])
    if tokens and any(segment_matches(tokens, name) for name in path.split("/")):
        return True
    if _NO_CHECKOUTS.intersection(parts):
        return False
    return inside and not names[0].startswith(".")


def _excludes(text: str, path: str, *, fold: bool = False) -> bool:
    file = _compiled(text)
    hit = decide((file,), path, fold=fold) if file is not None else None
    return hit is not None and not hit.negated


@lru_cache(maxsize=4096)
def _compiled(text: str) -> IgnoreFile | None:
    """The few rules of a repository are asked about each of its many places."""
    pattern = parse(text)
    return IgnoreFile.of("", "", (pattern,)) if pattern is not None else None


@lru_cache(maxsize=4096)
def _segment(text: str) -> Glob | None:
    return parse_segment(text)
