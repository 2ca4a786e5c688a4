"""Kiro's permission rules (`permissions.yaml`): deny over ask over allow, whatever the scope.

After kiro.dev/docs/permissions (IDE from 1.0, command line from 3.0). The rules are the user's own;
a repository cannot bring any. How far a path pattern reaches is documented by examples only: a
denial is believed where every reading of the pattern covers the path.
"""

from enum import StrEnum

import msgspec

from scanner.reach.formats import jsonc, yaml_nodes
from scanner.reach.matching.gitignore import excludes, parse
from scanner.reach.matching.glob import parse_segment, segment_matches
from scanner.reach.matching.globset import compile_glob

_FILES = frozenset({"fs_read", "filesystem", "builtin", "all"})
_SHELL = frozenset({"shell", "builtin", "all"})
_STRENGTH = ("deny", "ask", "allow")


class Cover(StrEnum):
    """Whether a rule reaches a path or a command."""

    YES = "yes"
    MAYBE = "maybe"
    NO = "no"


class PermissionRule(msgspec.Struct, frozen=True):
    """One entry of `rules`."""

    capability: str
    effect: str
    match: tuple[str, ...]
    """Empty: everything."""
    exclude: tuple[str, ...]
    line: int

    @property
    def everything(self) -> bool:
        """No pattern narrows it."""
        wide = not self.match or any(text in ("*", "**") for text in self.match)
        return wide and not self.exclude

    def words(self) -> str:
        """As a person would say it. Commands are left out: one may hold a credential."""
        paths = ", ".join(self.match[:2]) if self.capability in _FILES - _SHELL else ""
        if self.match and not paths:
            return f"{self.effect} {self.capability} on some patterns"
        return f"{self.effect} {self.capability} on {paths or 'everything'}"


class Permissions(msgspec.Struct, frozen=True):
    """A whole file."""

    path: str
    rules: tuple[PermissionRule, ...] = ()
    error: str = ""
    line: int = 1

    def reading(self, path: str) -> tuple[PermissionRule, Cover] | None:
        """The strictest rule that reaches the reading of a workspace path, deny or ask."""
        for effect in _STRENGTH[:2]:
            found = [
                (rule, cover)
                for rule in self.rules
                if rule.effect == effect and rule.capability in _FILES
                if (cover := _covers_path(rule, path)) is not Cover.NO
            ]
            if found:
                return min(found, key=lambda entry: entry[1] is not Cover.YES)
        return None

    def running(self, command: str) -> PermissionRule | None:
        """The strictest rule for a command; a denial counts only where it takes every command."""
        for effect in _STRENGTH:
            for rule in self.rules:
                if rule.effect != effect or rule.capability not in _SHELL:
                    continue
                if rule.everything or (effect != "deny" and _covers_command(rule, command)):
                    return rule
        return None

    def blanket(self) -> PermissionRule | None:
        """The rule that lets every command run unasked."""
        strict = any(
            r.effect != "allow" and r.everything and r.capability in _SHELL for r in self.rules
        )
        allowed = (r for r in self.rules if r.effect == "allow" and r.capability in _SHELL)
        return None if strict else next((rule for rule in allowed if rule.everything), None)


def read_permissions(path: str, text: str) -> Permissions:
    """Read a file; entries that are no rules are left out. Never raises."""
    document = yaml_nodes.parse(text)
    if document.root is None:
        return Permissions(path, error=document.error, line=document.line)
    entries = jsonc.get(document.root, "rules")
    if not isinstance(entries, jsonc.Array):
        return Permissions(path, error="it has no list of rules")
    rules = []
    for node in entries.items:
        capability = jsonc.string(jsonc.get(node, "capability"))
        effect = jsonc.string(jsonc.get(node, "effect"))
        if capability is not None and effect in _STRENGTH:
            match, exclude = _texts(node, "match"), _texts(node, "exclude")
            rules.append(PermissionRule(capability, effect, match, exclude, node.line))
    return Permissions(path, tuple(rules))


def _texts(node: jsonc.Node, key: str) -> tuple[str, ...]:
    found = jsonc.get(node, key)
    return tuple(text for text, _ in jsonc.strings(found)) if found is not None else ()


def _covers_path(rule: PermissionRule, path: str) -> Cover:
    if any(_path_cover(text, path) is Cover.YES for text in rule.exclude):
        return Cover.NO
    doubtful = any(_path_cover(text, path) is Cover.MAYBE for text in rule.exclude)
    if not rule.match:
        return Cover.MAYBE if doubtful else Cover.YES
    covers = {_path_cover(text, path) for text in rule.match}
    if Cover.YES in covers:
        return Cover.MAYBE if doubtful else Cover.YES
    return Cover.MAYBE if Cover.MAYBE in covers else Cover.NO


def _path_cover(pattern: str, path: str) -> Cover:
    """YES only where the narrowest reading covers: from the root, `*` inside one segment."""
    if pattern in ("*", "**", "./**", "**/*"):
        return Cover.YES
    if pattern.startswith(("/", "~", "$")):
        return Cover.MAYBE
    text = pattern.removeprefix("./")
    narrow, wide = parse(f"/{text}"), parse(text)
    if narrow is not None and excludes(narrow, path):
        parent = path.rpartition("/")[0]
        exact = text.endswith("**") or not (parent and excludes(narrow, parent))
        return Cover.YES if exact else Cover.MAYBE
    crossing = compile_glob(text)
    if crossing is None or crossing.matches(path) or (wide is not None and excludes(wide, path)):
        return Cover.MAYBE
    return Cover.NO


def _covers_command(rule: PermissionRule, command: str) -> bool:
    """Text patterns in which `*` stands for anything; `git log *` takes the bare command too."""
    if any(_text_matches(text, command) for text in rule.exclude):
        return False
    return not rule.match or any(_text_matches(text, command) for text in rule.match)


def _text_matches(pattern: str, command: str) -> bool:
    glob = parse_segment(pattern)
    return glob is not None and segment_matches(glob, command)
