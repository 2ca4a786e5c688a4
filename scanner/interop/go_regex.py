"""From a Go expression to one that Python's `re` and Hyperscan run in bounded time.

Go's engine needs time in proportion to the text whatever the expression; `re` backtracks. So every
repeat gets an end, and an upper bound for the number of ways in which the expression can be tried
from one starting point is computed from its tree: one byte decides where sets are disjoint, all
combinations count where they are not. What stays above the limit is refused.
"""

from typing import Final

import msgspec

from scanner.interop.go_syntax import (
    Anchor,
    Chars,
    Choice,
    Group,
    Node,
    Repeat,
    Sequence,
    UnsupportedExpressionError,
    parse_go_expression,
)
from scanner.rules.foreign import ForeignPattern

WIDEST: Final = 16_384
"""Bytes that a match may span."""
MOST_WAYS: Final = 1_000_000
SHORTEST_TRIGGER: Final = 4
"""Bytes; a shorter one would fire everywhere."""
_ENDS: Final = (4_000, 1_000, 250, 60)
"""What a repeat without an end may count to beyond its least; the first that is affordable."""
_COUNTED: Final = 32
"""Rounds that a trigger counts exactly."""
_ANY: Final = (1 << 256) - 1
_SATURATED: Final = 10**12


class Translation(msgspec.Struct, frozen=True):
    """A pattern that can be run, and what it means differently from its source."""

    pattern: ForeignPattern
    notes: tuple[str, ...] = ()


def translate(source: str, *, yes_or_no: bool = False) -> Translation:
    """Raises `UnsupportedExpressionError` with the reason in words.

    `yes_or_no`: only whether there is a match will be asked, so `.*` at either end is left out.
    """
    parsed = parse_go_expression(source)
    tree, end = _affordable(_without_ends(parsed.tree) if yes_or_no else parsed.tree)
    notes = []
    if end is not None and end < 1_000:
        notes.append(f"a repeat without an end counts to {end} at most")
    if parsed.bytewise:
        notes.append("a class of characters beyond ASCII is compared byte by byte")
    trigger = _trimmed(tree)
    least = _width(trigger)[0] if trigger is not None else 0
    pattern = ForeignPattern(
        source=source,
        expression=_python(tree).encode("ascii"),
        trigger=(
            _hyperscan(trigger).encode("ascii")
            if trigger is not None and least >= SHORTEST_TRIGGER
            else None
        ),
        width=_width(tree)[1],
        groups=parsed.groups,
    )
    return Translation(pattern, tuple(notes))


def _affordable(tree: Node) -> tuple[Node, int | None]:
    """The tree with every repeat ended, and the end it took; None where none was needed."""
    if not _is_endless(tree):
        _check(tree)
        return tree, None
    for end in _ENDS[:-1]:
        ended = _ended(tree, end)
        if _width(ended)[1] <= WIDEST and _ways(ended, 0) <= MOST_WAYS:
            return ended, end
    ended = _ended(tree, _ENDS[-1])
    _check(ended)
    return ended, _ENDS[-1]


def _without_ends(node: Node) -> Node:
    """Without what may be empty at either end; whether it matches somewhere stays the same."""
    if isinstance(node, Group):
        return _without_ends(node.body)
    if not isinstance(node, Sequence):
        return Sequence(()) if isinstance(node, Repeat) and node.least == 0 else node
    items = list(node.items)
    for end in (0, -1):
        while items:
            shorter = _without_ends(items[end])
            if shorter != Sequence(()):
                items[end] = shorter
                break
            items.pop(end)
    return Sequence(tuple(items))


def _check(tree: Node) -> None:
    width = _width(tree)[1]
    if width > WIDEST:
        raise UnsupportedExpressionError(f"a match could be longer than {WIDEST} bytes")
    if _ways(tree, 0) > MOST_WAYS:
        raise UnsupportedExpressionError(
            "its repeats can be combined in too many ways; time could not be bounded"
        )


def _children(node: Node) -> tuple[Node, ...]:
    if isinstance(node, Sequence | Choice):
        return node.items
    return (node.body,) if isinstance(node, Repeat | Group) else ()


def _is_endless(node: Node) -> bool:
    return (isinstance(node, Repeat) and node.most is None) or any(
        _is_endless(child) for child in _children(node)
    )


def _ended(node: Node, end: int) -> Node:
    if isinstance(node, Sequence):
        return Sequence(tuple(_ended(item, end) for item in node.items))
    if isinstance(node, Choice):
        return Choice(tuple(_ended(item, end) for item in node.items))
    if isinstance(node, Group):
        return Group(_ended(node.body, end))
    if isinstance(node, Repeat):
        most = node.least + end if node.most is None else node.most
        return Repeat(_ended(node.body, end), node.least, most, node.greedy)
    return node


def _width(node: Node) -> tuple[int, int]:
    """Least and greatest number of bytes a match takes."""
    if isinstance(node, Chars):
        return 1, 1
    if isinstance(node, Anchor):
        return 0, 0
    widths = [_width(child) for child in _children(node)]
    if isinstance(node, Sequence):
        return sum(low for low, _ in widths), sum(high for _, high in widths)
    if isinstance(node, Choice):
        return min(low for low, _ in widths), max(high for _, high in widths)
    low, high = widths[0]
    if isinstance(node, Repeat):
        most = node.most if node.most is not None else _SATURATED
        return low * node.least, min(high * most, _SATURATED)
    return low, high


def _first(node: Node) -> int:
    """The bytes a match can begin with; all when it can take none."""
    if isinstance(node, Chars):
        return node.mask
    if _width(node)[0] == 0:
        return _ANY
    if isinstance(node, Choice):
        mask = 0
        for item in node.items:
            mask |= _first(item)
        return mask
    if isinstance(node, Sequence):
        return _first_of(node.items, 0)
    return _first(_children(node)[0])


def _first_of(items: tuple[Node, ...], follow: int) -> int:
    """The bytes that a match of these items, and what may follow them, can begin with."""
    mask = 0
    for item in items:
        if isinstance(item, Anchor):
            return _ANY  # a test may fail on any byte
        if _width(item)[0] > 0:
            return mask | _first(item)
        mask |= _leading(item)
    return mask | follow


def _leading(node: Node) -> int:
    """The bytes that a match of something that may be empty begins with when it is not."""
    if isinstance(node, Chars):
        return node.mask
    if isinstance(node, Repeat | Group):
        return _leading(node.body)
    if isinstance(node, Anchor):
        return _ANY
    mask = 0
    for item in node.items:
        mask |= _leading(item)
        if isinstance(node, Sequence) and _width(item)[0] > 0:
            break
    return mask


def _bytes(node: Node) -> int:
    """Every byte that can stand anywhere in a match."""
    if isinstance(node, Chars):
        return node.mask
    mask = 0
    for child in _children(node):
        mask |= _bytes(child)
    return mask


def _ways(node: Node, follow: int) -> int:
    """Upper bound for the ways to match from one point. `follow`: what the next byte must be for
    the match to go on; nothing (0) at the end of the expression, where the first way is taken."""
    if isinstance(node, Chars | Anchor):
        return 1
    if isinstance(node, Group):
        return _ways(node.body, follow)
    if isinstance(node, Sequence):
        total = 1
        for index, item in enumerate(node.items):
            behind = _first_of(node.items[index + 1 :], follow)
            total = min(total * _ways(item, behind), _SATURATED)
        return total
    if isinstance(node, Choice):
        ways = [_ways(item, follow) for item in node.items]
        return max(ways) if _is_disjoint(node.items) else min(sum(ways), _SATURATED)
    return _ways_of_repeat(node, follow)


def _is_disjoint(items: tuple[Node, ...]) -> bool:
    seen = 0
    for item in items:
        mask = _first(item) if _width(item)[0] else _ANY
        if seen & mask:
            return False
        seen |= mask
    return True


def _ways_of_repeat(node: Repeat, follow: int) -> int:
    most = node.most if node.most is not None else _SATURATED
    begin = _leading(node.body)
    # Where the byte at hand says whether to go round again, there is nothing to come back to.
    decided = not begin & follow and _width(node.body)[0] > 0
    stops = 1 if decided else most - node.least + 1
    if isinstance(node.body, Chars):
        return stops
    inner = _ways(node.body, begin | follow)
    if inner == 1 and _width(node.body)[0] > 0:
        return stops
    if _is_marked(node.body):
        return min(stops * inner * max(1, most), _SATURATED)
    total, power = 0, inner ** min(node.least, 64)
    for _ in range(node.least, most + 1):
        total += power
        power *= inner
        if total > MOST_WAYS:
            return _SATURATED
    return total if inner > 1 else stops


def _is_marked(body: Node) -> bool:
    """Each round begins with a byte that stands nowhere else in it: the rounds are told apart."""
    while isinstance(body, Group):
        body = body.body
    if not isinstance(body, Sequence) or not body.items or not isinstance(body.items[0], Chars):
        return False
    rest = 0
    for item in body.items[1:]:
        rest |= _bytes(item)
    return not body.items[0].mask & rest


def _trimmed(node: Node) -> Node | None:
    """Without tests, and with the tail cut to its least: fewer ends for Hyperscan to report."""
    if isinstance(node, Anchor):
        return None
    if isinstance(node, Chars):
        return node
    if isinstance(node, Group):
        return _trimmed(node.body)
    if isinstance(node, Choice):
        branches = [_trimmed(item) for item in node.items]
        whole = [branch for branch in branches if branch is not None]
        return Choice(tuple(whole)) if len(whole) == len(branches) else None
    if isinstance(node, Repeat):
        if node.least == 0:
            return None
        body = _untested(node.body)
        return Repeat(body, node.least, node.least, True) if _width(body)[1] else None
    for index in range(len(node.items) - 1, -1, -1):
        tail = _trimmed(node.items[index])
        if tail is not None:
            return Sequence((*(_untested(item) for item in node.items[:index]), tail))
    return None


def _untested(node: Node) -> Node:
    """The same without anchors: the buffer that Hyperscan sees begins and ends elsewhere."""
    if isinstance(node, Anchor):
        return Sequence(())
    if isinstance(node, Sequence):
        return Sequence(tuple(_untested(item) for item in node.items))
    if isinstance(node, Choice):
        return Choice(tuple(_untested(item) for item in node.items))
    if isinstance(node, Group):
        return _untested(node.body)
    if isinstance(node, Repeat):
        return Repeat(_untested(node.body), node.least, node.most, node.greedy)
    return node


def _python(node: Node) -> str:
    if isinstance(node, Chars):
        return _set(node.mask)
    if isinstance(node, Anchor):
        return node.python
    if isinstance(node, Group):
        return f"({_python(node.body)})"
    if isinstance(node, Sequence):
        return "".join(_python(item) for item in node.items)
    if isinstance(node, Choice):
        return f"(?:{'|'.join(_python(item) for item in node.items)})"
    body = _python(node.body)
    return f"(?:{body}){{{node.least},{node.most}}}{'' if node.greedy else '?'}"


def _hyperscan(node: Node) -> str:
    if isinstance(node, Repeat) and not _width(node)[1]:
        return ""
    if isinstance(node, Sequence):
        return "".join(_hyperscan(item) for item in node.items)
    if isinstance(node, Choice):
        return f"(?:{'|'.join(_hyperscan(item) for item in node.items)})"
    if isinstance(node, Repeat):
        body = f"(?:{_hyperscan(node.body)})"
        most = node.most if node.most is not None else _SATURATED
        if most <= _COUNTED:
            return f"{body}{{{node.least},{most}}}"
        # Counting far makes Hyperscan compile for seconds; not to count matches no less.
        return f"{body}{{{min(node.least, _COUNTED)},}}"
    return _python(node)


def _set(mask: int) -> str:
    if mask.bit_count() == 1:
        return f"\\x{mask.bit_length() - 1:02x}"
    if not mask:
        return r"[^\x00-\xff]"
    ranges = []
    first: int | None = None
    for code in range(257):
        if mask >> code & 1:
            first = code if first is None else first
        elif first is not None:
            last = code - 1
            ranges.append(f"\\x{first:02x}" if first == last else f"\\x{first:02x}-\\x{last:02x}")
            first = None
    return f"[{''.join(ranges)}]"
