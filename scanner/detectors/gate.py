"""One pattern for hundreds of rules: those that tell a secret by the name beside it.

A rule such as `railway...token = (?P<secret>...)` has nothing of its own but a name, and hundreds
of names in the one pass over all bytes make it slow. All of them have the same middle, though, and
say one of a few kinds of secret: so the pass looks for "a kind of secret is assigned a long
value", which is rare, and only there are the names looked for, by a second, much smaller database.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from scanner.detectors.prefix import prefix_of
from scanner.detectors.tree import alternatives, name_of, parse
from scanner.rules.secrets import ASSIGNMENT, TOKEN_NAME, SecretRule

VALUE_LEAST: Final = 12
"""Bytes of the value that the gate demands."""

_VALUE: Final = r"[A-Za-z0-9_+/=.~:$-]"
_KINDS: Final = ("key", "secret", "passw")
"""What nearly all such names say, beside `TOKEN_NAME`. Each further one has a price: `auth`,
`user`, `sign` and `pat` together halve the speed of the pass, for a dozen rules."""
_SAYS_KIND: Final = re.compile(f"{'|'.join(_KINDS)}|token(?!s(?![a-z]))")
_ENDING: Final = 12
"""Characters at the end of a name in which its kind is looked for."""
_MOST_ENDINGS: Final = 24
_MOST_BEHIND_KIND: Final = 24
_MIDDLE_MOST: Final = 60
_NAME_MOST: Final = 160
_LEAST_HEAD: Final = 3


class Named(msgspec.Struct, frozen=True):
    """One form of the name by which a rule that stands behind the gate is noticed."""

    rule: int
    """Its number."""
    pattern: str
    """The name's required prefix; case-insensitive. Each match of the rule begins with one."""
    least: int
    most: int
    """Its width in bytes."""


class Gate(msgspec.Struct, frozen=True):
    """What stage 1 looks for on behalf of all named rules."""

    pattern: str
    """Case-insensitive; its matches end `VALUE_LEAST` bytes into a value."""
    reach: int
    """How many bytes before such an end a match of a named rule can begin."""
    rules: tuple[Named, ...]


def build(rules: Sequence[SecretRule]) -> Gate | None:
    """The gate for those rules that fit behind one; None when none does."""
    named = [
        Named(number, prefix, *width)
        for number, rule in enumerate(rules)
        for prefix, width in _names(rule).items()
    ]
    if not named:
        return None
    behind = f"[A-Za-z0-9_.-]{{0,{_MOST_BEHIND_KIND}}}"
    name = f"(?:(?:{'|'.join(_KINDS)}){behind}|{TOKEN_NAME})"
    pattern = f"{name}{ASSIGNMENT}{_VALUE}{{{VALUE_LEAST}}}"
    return Gate(pattern, _NAME_MOST + _MIDDLE_MOST + VALUE_LEAST, tuple(named))


def _names(rule: SecretRule) -> dict[str, tuple[int, int]]:
    """The required prefixes of a rule with their widths; none when it does not fit behind
    the gate."""
    name, middle, value = rule.pattern.partition(ASSIGNMENT)
    if not middle or ASSIGNMENT in value or rule.generic or not rule.case_insensitive:
        return {}
    try:
        tree = parse(name, rule)
        parse(value, rule)
    except re.error:  # the middle stands inside a choice
        return {}
    forms = alternatives(list(tree))
    if tree.getwidth()[1] > _NAME_MOST or not _is_plain_value(value, rule):
        return {}
    if not all(_says_kind(nodes) for nodes in forms):
        return {}
    head = _head(list(parse(value, rule)))
    if len(head) >= _LEAST_HEAD:
        # `api_key` is no name of its own: with what the value begins with it is noticed rarely.
        forms = alternatives(list(parse(f"{name}{middle}{re.escape(head)}", rule)))
    prefixes = {prefix_of(nodes, rule) for nodes in forms}
    return {prefix: parse(prefix, rule).getwidth() for prefix in sorted(prefixes)}


def _head(nodes: Sequence[Any]) -> str:
    """The characters that every value begins with, as far as the gate looks into it."""
    found = ""
    for node in nodes:
        if name_of(node) == "SUBPATTERN":
            return found + _head(node[1][3])[: VALUE_LEAST - len(found)]
        if name_of(node) != "LITERAL" or len(found) == VALUE_LEAST:
            break
        found += chr(node[1])
    return found


def _says_kind(nodes: Sequence[Any]) -> bool:
    """Whether each ending that the name can have, before a gap of name characters, holds a kind."""
    at, gap = len(nodes), 0
    while at and _is_gap(nodes[at - 1]):
        at -= 1
        gap += int(nodes[at][1][1])
    endings: set[str] = {""}
    while at and min(map(len, endings)) < _ENDING:
        at -= 1
        texts = _texts([nodes[at]])
        if texts is None or len(texts) * len(endings) > _MOST_ENDINGS:
            break
        endings = {text + ending for text in texts for ending in endings}
    behind = max(map(len, endings))
    # The gap may begin with the letter that makes a token tokens.
    following = "s" if gap else ""
    return behind + gap <= _MOST_BEHIND_KIND + min(map(len, _KINDS)) and all(
        _SAYS_KIND.search(ending.lower() + following) for ending in endings
    )


def _is_gap(node: Any) -> bool:
    """A repeat of characters that names are made of."""
    if name_of(node) != "MAX_REPEAT" or node[1][0] != 0:
        return False
    texts = _texts(node[1][2])
    return texts is not None and all(re.fullmatch("[A-Za-z0-9_.-]", text) for text in texts)


def _texts(nodes: Iterable[Any]) -> set[str] | None:
    """Every text that a sequence of nodes can match; None when that is too many to list."""
    found = {""}
    for node in nodes:
        own = _node_texts(node)
        if own is None or len(own) * len(found) > 200:
            return None
        found = {left + right for left in found for right in own}
    return found


def _node_texts(node: Any) -> set[str] | None:
    name, value = name_of(node), node[1]
    if name == "LITERAL":
        return {chr(value)}
    if name == "IN":
        return _members(value)
    if name == "SUBPATTERN":
        return _texts(value[3])
    if name == "BRANCH":
        branches = [_texts(branch) for branch in value[1]]
        if any(branch is None for branch in branches):
            return None
        return {text for branch in branches for text in branch or ()}
    if name == "MAX_REPEAT" and value[1] <= 1:
        once = _texts(value[2])
        return once if once is None or value[0] else {"", *once}
    return None


def _members(value: Any) -> set[str] | None:
    found: set[str] = set()
    for member in value:
        name = str(member[0])
        if name == "LITERAL":
            found.add(chr(member[1]))
        elif name == "RANGE":
            found.update(map(chr, range(member[1][0], member[1][1] + 1)))
        else:
            return None
    return found


def _is_plain_value(value: str, rule: SecretRule) -> bool:
    """Whether every value begins with characters that the gate takes."""
    tree = parse(value, rule)
    return _plain_run(list(tree)) >= VALUE_LEAST


def _plain_run(nodes: Sequence[Any]) -> int:
    """How many characters at the start of every match are surely ones that the gate takes."""
    run = 0
    for node in nodes:
        name, value = name_of(node), node[1]
        if name == "SUBPATTERN":
            own, whole = _plain_run(value[3]), _fixed(value[3])
        elif name == "BRANCH":
            own = min(_plain_run(branch) for branch in value[1])
            whole = all(_fixed(branch) for branch in value[1])
        elif name == "MAX_REPEAT":
            plain = _is_plain(value[2])
            own = int(value[0]) if plain else 0
            # What may be repeated further is plain too, so what follows it still counts.
            whole = plain
        else:
            own, whole = (1, True) if _is_plain([node]) else (0, False)
        run += own
        if not whole:
            break
    return run


def _fixed(nodes: Sequence[Any]) -> bool:
    """Whether everything in a sequence is plain, so that what follows still counts."""
    return all(_is_plain([node]) or _is_plain_group(node) for node in nodes)


def _is_plain_group(node: Any) -> bool:
    name, value = name_of(node), node[1]
    if name == "SUBPATTERN":
        return _fixed(value[3])
    if name == "BRANCH":
        return all(_fixed(branch) for branch in value[1])
    return name == "MAX_REPEAT" and _fixed(value[2])


def _is_plain(nodes: Sequence[Any]) -> bool:
    texts = _texts(nodes)
    return texts is not None and all(re.fullmatch(_VALUE, text) for text in texts)
