"""Settings that widen what an agent may do, as the rule's `settings` list them."""

import re
from collections.abc import Iterable
from functools import lru_cache

from scanner.boundary.structure import Leaf, Node, leaves
from scanner.boundary.view import Observation, View, created, line_of, setting_up
from scanner.boundary.wording import shown, shown_host, shown_permission
from scanner.model import PathChange
from scanner.rules.boundaries import BoundaryRule, Setting

_SUFFIXES = (".json", ".jsonc", ".toml", ".yml", ".yaml")

Values = dict[str, list[Leaf]]
"""Leaves by their dotted way."""


def changed(view: View, paths: tuple[PathChange, ...], rule: BoundaryRule) -> list[Observation]:
    """Every listed setting that the change widens."""
    found: list[Observation] = []
    for path in paths:
        if not path.path.endswith(_SUFFIXES) or not view.decodable(path):
            continue
        olds = [_by_way(tree) for tree in view.old_trees(path)]
        new = _by_way(view.new_tree(path) or Node(None))
        data = view.new(path) or b""
        for setting in rule.settings:
            if created(path) and not setting.when_created:
                continue
            for text, leaf in _widened(setting, olds, new):
                line = leaf.line or line_of(data, leaf.text.encode("utf-8", "replace"))
                found.append(Observation(path.path, text, line, setting_up(path)))
    return found


def _by_way(tree: Node) -> Values:
    values: Values = {}
    for leaf in leaves(tree):
        values.setdefault(".".join(leaf.path), []).append(leaf)
    return values


@lru_cache(maxsize=512)
def _way(key: str) -> re.Pattern[str]:
    return re.compile(re.escape(key).replace(r"\*\*", ".+").replace(r"\*", ".+"), re.DOTALL)


def _matching(setting: Setting, values: Values) -> Iterable[tuple[str, Leaf]]:
    pattern = _way(setting.key)
    return (
        (way, leaf) for way, found in values.items() if pattern.fullmatch(way) for leaf in found
    )


def _widened(setting: Setting, olds: list[Values], new: Values) -> Iterable[tuple[str, Leaf]]:
    if setting.change == "removed":
        return _removed(setting, olds, new)
    return _gained(setting, olds, new)


def _gained(setting: Setting, olds: list[Values], new: Values) -> Iterable[tuple[str, Leaf]]:
    for way, leaf in _matching(setting, new):
        if setting.change == "becomes" and leaf.text not in setting.values:
            continue
        if any(leaf.text == old.text for values in olds for old in values.get(way, ())):
            continue
        yield _describe(setting, way, leaf, olds), leaf


def _removed(setting: Setting, olds: list[Values], new: Values) -> Iterable[tuple[str, Leaf]]:
    if not olds:
        return
    kept = {(way, leaf.text) for way, leaf in _matching(setting, new)}
    every = set.intersection(
        *({(way, leaf.text) for way, leaf in _matching(setting, values)} for values in olds)
    )
    for way, text in sorted(every - kept):
        gone = Leaf((), text, None)
        yield _describe(setting, way, gone, []), gone


def _describe(setting: Setting, way: str, leaf: Leaf, olds: list[Values]) -> str:
    key = ".".join(shown(part) for part in way.removesuffix(".[]").split(".") if part != "[]")
    if setting.change == "becomes":
        before = [old.text for values in olds for old in values.get(way, ())]
        return f"{key}: {shown(before[0]) if before else 'not set'} → {leaf.text} ({setting.text})"
    if setting.show == "permission":
        return f"{key}: {setting.text} {shown_permission(leaf.text)}"
    if setting.show == "host":
        return f"{key}: {setting.text} {shown_host(leaf.text)}"
    return f"{key}: {setting.text}"
