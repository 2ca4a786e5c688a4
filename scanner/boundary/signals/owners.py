"""CODEOWNERS: owners that a pattern loses."""

from collections import Counter

from scanner.boundary.view import Observation, View, line_of
from scanner.boundary.wording import listed, shown
from scanner.model import PathChange
from scanner.rules.boundaries import BoundaryRule

MAX_BYTES = 3 * 1024 * 1024
"""GitHub does not load a larger file."""

Owners = dict[str, frozenset[str]]


def removed(view: View, paths: tuple[PathChange, ...], rule: BoundaryRule) -> list[Observation]:
    """Patterns that are gone, have fewer owners, or are new and have none.

    An owner replaced by another one is a hand-over and no observation.
    """
    found: list[Observation] = []
    for path in paths:
        olds = [_parse(data) for data in view.olds(path)]
        if not olds or not view.readable(path):
            continue
        data = view.new(path) or b""
        new = _parse(data)
        for text, pattern in _losses(olds, new):
            found.append(Observation(path.path, text, line_of(data, pattern.encode())))
    return found


def _losses(olds: list[Owners], new: Owners) -> list[tuple[str, str]]:
    losses: list[tuple[str, str]] = []
    first = olds[0]
    for pattern in first:
        if not all(old.get(pattern) for old in olds):
            continue
        fewest = min(len(old[pattern]) for old in olds)
        names = listed(
            [shown(name) for name in sorted(first[pattern] - new.get(pattern, frozenset()))]
        )
        if pattern not in new:
            if not _moved(first[pattern], first, new):
                losses.append((f"{pattern}: {names} → no line of its own", pattern))
        elif len(new[pattern]) < fewest:
            losses.append((f"{pattern}: without {names}", pattern))
    for pattern, owners in new.items():
        if not owners and not any(pattern in old for old in olds):
            losses.append((f"{pattern}: → no owner", pattern))
    return losses


def _moved(owners: frozenset[str], old: Owners, new: Owners) -> bool:
    """The same owners have as many patterns as before: the path was renamed, not given up."""
    before = Counter(old.values())[owners]
    return Counter(new.values())[owners] >= before


def _parse(data: bytes) -> Owners:
    owners: Owners = {}
    if len(data) > MAX_BYTES:
        return owners
    for raw in data.decode("utf-8", "replace").splitlines():
        words = raw.split("#", 1)[0].split()
        if words and not words[0].startswith(("[", "^[")):  # GitLab's section headers
            owners[words[0][:200]] = frozenset(word.lower() for word in words[1:])
    return owners
