"""Permission rules of which the last one that matches decides, as in OpenCode and Kilo Code.

A rule names a permission (a tool) and a pattern for what the tool is asked to do; both are simple
wildcards in which `*` is any run of characters, slashes included, and `?` is one. Settings are
merged before they become rules: a key that an earlier file has keeps its place and takes the later
file's value, so that the order of the merged keys decides.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum

import msgspec

from scanner.reach.formats import jsonc

LONGEST_PATTERN = 1024
"""A longer pattern is taken to match nothing."""
MOST_RULES = 1_000
"""Patterns that are read of one tool."""
ANY = "*"
_LONGEST_SHOWN = 80
_BY_PATH = frozenset({ANY, "read", "edit", "list", "glob", "external_directory"})
_PLAIN_WORD = re.compile(r"[*?]|[A-Za-z][A-Za-z_-]{0,19}[0-9]{0,2}\*?")


class Action(StrEnum):
    """What a rule does; widest first."""

    ALLOW = "allow"
    ASK = "ask"
    DENY = "deny"

    @property
    def rank(self) -> int:
        """0 for the widest."""
        return list(Action).index(self)


class Setting(msgspec.Struct, frozen=True):
    """An action where it was written; `source` is "" for the agent's own default."""

    action: Action
    source: str = ""


Permissions = dict[str, Setting | dict[str, Setting]]
"""For each permission one action, or the actions of patterns, in the order of the keys."""


class Rule(msgspec.Struct, frozen=True):
    """One line of the flat list that is searched from its end."""

    permission: str
    pattern: str
    action: Action
    source: str = ""

    @property
    def text(self) -> str:
        """The rule as a person would write it; of a command its first word only.

        Approved commands are known to hold tokens, and what is made here ends in reports.
        """
        shown = self.pattern[:_LONGEST_SHOWN]
        if self.permission not in _BY_PATH:
            words = shown.split()
            plain = bool(words) and _PLAIN_WORD.fullmatch(words[0]) is not None
            shown = words[0] if plain else "\N{HORIZONTAL ELLIPSIS}"
            if plain and words[1:]:
                shown += " *" if words[1:] == [ANY] else " \N{HORIZONTAL ELLIPSIS}"
        return f'{self.permission} "{shown}": {self.action.value}'


class PermissionsError(Exception):
    """A value of the wrong type or an action that does not exist; `line` is where it stands."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


def wildcard_matches(pattern: str, text: str) -> bool:
    """Whether the pattern matches the whole text. A final ` *` may also match nothing at all."""
    if len(pattern) > LONGEST_PATTERN:
        return False
    if pattern in (text, ANY):
        return True
    if "\\" in pattern or "\\" in text:
        pattern, text = pattern.replace("\\", "/"), text.replace("\\", "/")
    # Most patterns of most lists begin with another word.
    head = pattern.partition("*")[0].partition("?")[0]
    if not text.startswith(head.rstrip(" ")):
        return False
    if pattern.endswith(" *") and _matches(pattern[:-2], text):
        return True
    return _matches(pattern, text)


def _matches(pattern: str, text: str) -> bool:
    """One backtracking point: the work is bounded by the product of the lengths."""
    at = here = 0
    star, resume = -1, 0
    while here < len(text):
        if at < len(pattern) and pattern[at] == "*":
            star, resume = at, here
            at += 1
        elif at < len(pattern) and pattern[at] in ("?", text[here]):
            at += 1
            here += 1
        elif star >= 0:
            resume += 1
            at, here = star + 1, resume
        else:
            return False
    return all(char == "*" for char in pattern[at:])


def decide(rules: Sequence[Rule], permission: str, subject: str) -> Rule | None:
    """The last rule for a permission that matches what the tool is asked to do."""
    for rule in reversed(rules):
        if wildcard_matches(rule.permission, permission) and wildcard_matches(
            rule.pattern, subject
        ):
            return rule
    return None


def widest(rules: Sequence[Rule], permission: str) -> Rule | None:
    """The rule that lets most through, whatever the tool is asked: what a model may aim at.

    Rules before the last one for everything can never decide and are left out.
    """
    found: Rule | None = None
    for rule in reversed(rules):
        if not wildcard_matches(rule.permission, permission):
            continue
        if found is None or rule.action.rank < found.action.rank:
            found = rule
        if rule.pattern == ANY:
            break
    return found


def flatten(permissions: Permissions) -> tuple[Rule, ...]:
    """The rules in the order in which the merged keys stand."""
    return tuple(_flat(permissions))


def _flat(permissions: Permissions) -> Iterator[Rule]:
    for name, value in permissions.items():
        if isinstance(value, Setting):
            yield Rule(name, ANY, value.action, value.source)
            continue
        for pattern, setting in value.items():
            yield Rule(name, pattern, setting.action, setting.source)


def merge(earlier: Permissions, later: Permissions) -> Permissions:
    """Later values win; keys that are there already keep their place."""
    merged = dict(earlier)
    for name, value in later.items():
        old = merged.get(name)
        if isinstance(old, dict) and isinstance(value, dict):
            merged[name] = {**old, **value}
        else:
            merged[name] = value
    return merged


def shadowed(rules: Sequence[Rule]) -> Iterator[tuple[Rule, Rule]]:
    """Every rule that refuses or asks and never decides, with the later, wider one that does."""
    for position, rule in enumerate(rules):
        if rule.action is Action.ALLOW or not rule.source:
            continue
        for later in rules[position + 1 :]:
            if later.action.rank < rule.action.rank and _covers(later, rule):
                yield rule, later
                break


def _covers(wide: Rule, narrow: Rule) -> bool:
    """Whether everything that one rule matches is matched by the other one too."""
    if "?" in wide.pattern or "?" in wide.permission:
        return False
    return wildcard_matches(wide.permission, narrow.permission) and wildcard_matches(
        wide.pattern, narrow.pattern
    )


def permissions_of(node: jsonc.Node | None, path: str) -> Permissions:
    """A `permission` value; raises `PermissionsError` for what the agent's schema refuses."""
    if node is None:
        return {}
    if isinstance(node, jsonc.Object):
        if len(node.members) > MOST_RULES:
            raise PermissionsError(node.line, "it has too many entries")
        return {name: _value(value, path) for name, value in node.members.items()}
    return {ANY: _setting(node, path)}


def _value(node: jsonc.Node, path: str) -> Setting | dict[str, Setting]:
    if isinstance(node, jsonc.Object):
        if len(node.members) > MOST_RULES:
            raise PermissionsError(node.line, "it has too many entries")
        return {pattern: _setting(value, path) for pattern, value in node.members.items()}
    return _setting(node, path)


def _setting(node: jsonc.Node, path: str) -> Setting:
    text = jsonc.string(node)
    if text is None or text not in list(Action):
        raise PermissionsError(node.line, "a permission is allow, ask or deny")
    return Setting(Action(text), f"{path}:{node.line}")


_TOOL_PERMISSIONS = {"write": "edit", "patch": "edit", "multiedit": "edit"}


def permissions_of_tools(tools: Mapping[str, Setting]) -> Permissions:
    """The older list of switches: a tool that is off is denied, one that is on is allowed."""
    return {_TOOL_PERMISSIONS.get(name, name): setting for name, setting in tools.items()}


def switches_of(node: jsonc.Node | None, path: str) -> dict[str, Setting]:
    """A `tools` value; anything but true and false is left out."""
    found: dict[str, Setting] = {}
    for name, value in node.members.items() if isinstance(node, jsonc.Object) else ():
        enabled = jsonc.boolean(value)
        if enabled is not None:
            action = Action.ALLOW if enabled else Action.DENY
            found[name] = Setting(action, f"{path}:{value.line}")
    return found
