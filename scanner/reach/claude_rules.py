"""Claude Code's permission rules: what `Read(...)` covers.

Semantics: https://code.claude.com/docs/en/permissions, "Read and Edit" and "Wildcard patterns".
Paths are judged for a session started at the repository root.
"""

from enum import StrEnum

import msgspec

from scanner.reach.gitignore import excludes, parse
from scanner.reach.glob import parse_segment, segment_matches

DEAD_PATH_TOOLS = frozenset({"Write", "Glob", "NotebookEdit", "MultiEdit"})
"""A path given to one of these is accepted and never consulted."""
_SYSTEM = frozenset({"bin", "boot", "dev", "etc", "lib", "proc", "sbin", "sys", "usr"})
SHELL_TOOLS = ("Bash", "PowerShell")


class Effect(StrEnum):
    """The list that a rule stands in. A deny wins over an ask, an ask over an allow."""

    DENY = "deny"
    ASK = "ask"


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
    """One entry of `permissions.deny` or `permissions.ask`."""

    effect: Effect
    text: str
    tool: str
    specifier: str | None
    """What stands in the parentheses; None for a bare tool name."""
    source: str
    certain: bool
    """False when Claude Code may not accept the file that it stands in."""


def parse_rule(effect: Effect, text: str, source: str, certain: bool) -> PermissionRule:
    """One rule as written; what is no `Tool(specifier)` becomes a tool name that nothing bears."""
    tool, bracket, rest = text.strip().partition("(")
    if not bracket or not rest.endswith(")"):
        return PermissionRule(effect, text, text.strip(), None, source, certain)
    return PermissionRule(effect, text, tool.strip(), rest[:-1].strip(), source, certain)


def covers_tool(rule: PermissionRule, tool: str) -> bool:
    """Whether the rule names the whole tool: `Bash`, `Bash(*)`, or a wildcard such as `*`."""
    if rule.specifier not in (None, "*"):
        return False
    if rule.specifier is not None:
        return rule.tool == tool
    tokens = parse_segment(rule.tool)
    return tokens is not None and segment_matches(tokens, tool)


def covers_path(rule: PermissionRule, path: str, tool: str = "Read") -> Coverage:
    """Whether a rule with a path covers a file, given relative to the project root."""
    if rule.tool != tool or rule.specifier is None:
        return Coverage(Cover.NO)
    spec = rule.specifier
    if spec.startswith("!"):
        return Coverage(Cover.MAYBE, "a leading ! in a rule is not documented")
    if spec.startswith("//"):
        return _outside(spec[2:], path, absolute=True)
    if spec.startswith("~/"):
        return _outside(spec[2:], path, absolute=False)
    pattern = _relative(spec)
    if _excludes(pattern, path):
        return Coverage(Cover.YES)
    if _excludes(pattern, path, fold=True):
        return Coverage(Cover.MAYBE, "it differs in upper and lower case only")
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
    if absolute and rest.startswith("**/") and _excludes(rest, path):
        return Coverage(Cover.YES)
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
    tokens = parse_segment(names[0])
    if tokens and any(segment_matches(tokens, name) for name in path.split("/")):
        return True
    return inside and not names[0].startswith(".")


def _excludes(text: str, path: str, *, fold: bool = False) -> bool:
    pattern = parse(text)
    return pattern is not None and excludes(pattern, path, fold=fold)
