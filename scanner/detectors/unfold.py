"""A prefix as several that together match the same, each of which begins with a longer literal.

Of every pattern Hyperscan looks for one literal first, and seldom for one that lies behind a
choice: of `gl(?:pat|dt)-...` for `gl`, of `app[_.-]?key...` for `app`. Wherever that stands in the
bytes, it has to look closer.
"""

from collections.abc import Iterator
from typing import Any, Final

from scanner.detectors.prefix import written
from scanner.detectors.tree import REPEATS, name_of, parse
from scanner.rules.secrets import SecretRule

_LONG: Final = 8
"""Bytes of a literal; Hyperscan's first filter uses no more."""
_MOST: Final = 8
"""Patterns that one becomes."""
_MOST_MEMBERS: Final = 5
"""Members of a character class that become a pattern each."""


def unfolded(prefix: str, rule: SecretRule) -> tuple[str, ...]:
    """The patterns, or the prefix alone where nothing is gained: it begins with a long literal or
    with none, would become too many, or one of them would still begin with no more."""
    nodes = list(parse(prefix, rule))
    before = _literal(nodes)
    if not before:
        return (prefix,)
    waiting, found = [nodes], []
    while waiting:
        form = waiting.pop()
        choices = list(_choices(form))
        waiting += choices
        if not choices:
            found.append(form)
        if len(waiting) + len(found) > _MOST:
            return (prefix,)
    if min(map(_literal, found)) == before:
        return (prefix,)
    return tuple(written(form, rule) for form in found)


def _literal(nodes: list[Any]) -> int:
    """How many literals are at the beginning."""
    at = 0
    while at < len(nodes) and name_of(nodes[at]) == "LITERAL":
        at += 1
    return at


def _choices(nodes: list[Any]) -> Iterator[list[Any]]:
    """The forms in which the first choice is made; none if there is none to be made."""
    at = _literal(nodes)
    if at >= _LONG or at == len(nodes):
        return
    head, (_, value), rest = nodes[:at], nodes[at], nodes[at + 1 :]
    name = name_of(nodes[at])
    if name == "SUBPATTERN" and not (value[1] or value[2]):
        yield [*head, *value[3], *rest]
    elif name == "BRANCH":
        for branch in value[1]:
            yield [*head, *branch, *rest]
    elif name == "IN" and len(value) <= _MOST_MEMBERS:
        if all(name_of(member) == "LITERAL" for member in value):
            for member in value:
                yield [*head, member, *rest]
    elif name in REPEATS and tuple(value[:2]) == (0, 1):
        yield [*head, *value[2], *rest]
        yield [*head, *rest]
