"""Strings written in parts: `"one" + "two"`, two literals side by side, a joined line.

The parts are shown as one literal, with the rest of their line around them.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from scanner.detectors.layers._work import Derived, Hits, Work, pieces, place
from scanner.detectors.trigger import Trigger
from scanner.model import Layer

ARCHIVE: Final = False
_KIND: Final = "joined"

_TAIL: Final = 8
_HEAD: Final = 4
_MOST_PARTS: Final = 200
_LONGEST_PART: Final = 8192
_CONTEXT: Final = 200
_SHORTEST: Final = 16
_JUNCTION: Final = re.compile(
    rb"[\"'`][ \t]{0,8}(?:\+|\.\.|\.|&|\\)?[ \t]{0,8}(?:\r?\n[ \t]{0,80})?"
    rb"(?:\+|\.\.|\.|&)?[ \t]{0,8}[fbru]?([\"'`])"
)
_BEFORE: Final = re.compile(
    rb"([\"'`])[ \t]{0,8}(?:\+|\.\.|\.|&|\\)?[ \t]{0,8}(?:\r?\n[ \t]{0,80})?"
    rb"(?:\+|\.\.|\.|&)?[ \t]{0,8}[fbru]?\Z"
)
_OPERATOR: Final = re.compile(rb"[+.&\\]")
_TEXT: Final = r"[A-Za-z0-9_/+=.:\\-]"
# The literal strings in these are three bytes or more, but for the rarest: the pass over all bytes
# would be slower by a tenth if it had to look behind every quote that ends a line.
_WITHIN_A_LINE: Final = (
    '" [+] "', '"[+]"', "' [+] '", "'[+]'", '" [.] "', "' [.] '", r'" [.][.] "', r"' [.][.] '",
    '" & "', '" "',
)  # fmt: skip
_AT_ITS_END: Final = (
    r'" [+]', r'"[+]', r"' [+]", r"'[+]", "` [+]", r'" [.]', r"' [.]", r'" [.][.]', '" &',
    r'" \\', r"' \\",
)  # fmt: skip


def triggers(prefixes: Sequence[bytes]) -> Iterator[Trigger]:
    """Where one literal ends and the next begins, with no blank near it in either; where a literal
    begins that is alone on its line; and the first line of a key, as C writes it."""
    del prefixes
    text, head = f"{_TEXT}{{{_TAIL}}}", f"{_TEXT}{{{_HEAD}}}"
    for sign in _WITHIN_A_LINE:
        yield Trigger("junction", text + sign + head)
    for sign in _AT_ITS_END:
        yield Trigger("junction", rf"{text}{sign}\r?\n[ \t]{{0,80}}[\"'`]{head}")
    yield Trigger("junction", rf" {{4}}[+] [\"'`]{head}")
    yield Trigger("opening", rf"[=:] \(\r?\n[ \t]{{1,40}}[\"']{head}")
    yield Trigger("opening", rf"return \(\r?\n[ \t]{{1,40}}[\"']{head}")
    yield Trigger("key", r"KEY-----(?:\\r)?\\n[\"']")


def derive(content: bytes, hits: Hits, work: Work) -> Iterator[Derived]:
    """Each chain of parts once."""
    del work
    done = 0
    for end, name in sorted((end, name) for name, ends in hits.items() for end in ends):
        if end <= done:
            continue
        parts = _chain(content, _first(content, end, name))
        if not parts:
            continue
        done = parts[-1][1]
        text = b"".join([content[start:stop] for start, stop in parts])
        if len(text) >= _SHORTEST and (b" " not in text or b"-----BEGIN" in text):
            spans = _with_line(content, parts)
            yield Derived(Layer(_KIND, spans), b"".join([content[low:high] for low, high in spans]))


def _first(content: bytes, end: int, name: str) -> tuple[int, int] | None:
    """The inside of the first literal of the chain that a trigger saw."""
    if name == "opening":
        start = end - _HEAD
        close = content.find(content[start - 1 : start], start, start + _LONGEST_PART)
        return (start, close) if close >= 0 and b"\n" not in content[start:close] else None
    if name == "key":
        return _literal_before(content, end - 1)
    quote = end - _HEAD - 1
    junction = _BEFORE.search(content, max(0, quote - _CONTEXT), quote)
    if junction is None:
        return None
    first = _literal_before(content, junction.start())
    if first is None or _OPERATOR.search(junction[0]) or _is_value(content, first[0] - 1):
        return first
    return None  # a list without commas


def _literal_before(content: bytes, close: int) -> tuple[int, int] | None:
    """The inside of the literal that the quote at `close` ends, on one line."""
    low = max(0, close - _LONGEST_PART)
    line = max(low, content.rfind(b"\n", low, close) + 1)
    start = content.rfind(content[close : close + 1], line, close)
    return (start + 1, close) if start >= 0 else None


def _chain(content: bytes, first: tuple[int, int] | None) -> list[tuple[int, int]]:
    """The insides of the literals of a chain; none when there is only one."""
    if first is None:
        return []
    parts = [first]
    while len(parts) < _MOST_PARTS:
        junction = _JUNCTION.match(content, parts[-1][1])
        if junction is None:
            break
        start = junction.end()
        end = content.find(junction[1], start, start + _LONGEST_PART)
        if end < 0 or b"\n" in content[start:end]:
            break
        parts.append((start, end))
    return parts if len(parts) > 1 else []


def unwrap(content: bytes, layer: Layer) -> bytes:
    """The joined line."""
    return b"".join(pieces(layer, content))


def position(content: bytes, layer: Layer, offset: int) -> int:
    """Exact."""
    del content
    return place(layer.spans, offset)


def _is_value(content: bytes, start: int) -> bool:
    """Something is given this value: an assignment, an argument, a return; not a shell's array."""
    before = content[max(0, start - _CONTEXT) : start].rstrip(b" \t\r\n")
    return before.endswith((b"=", b"(", b"return")) and not before.endswith(b"=(")


def _with_line(content: bytes, parts: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """The parts, the first with its line up to it and the last with its line behind it."""
    first, last = parts[0], parts[-1]
    low = max(0, first[0] - _CONTEXT)
    start = max(low, content.rfind(b"\n", low, first[0]) + 1)
    end = content.find(b"\n", last[1], last[1] + _CONTEXT)
    if end < 0:
        end = min(len(content), last[1] + _CONTEXT)
    return ((start, first[1]), *parts[1:-1], (last[0], end))
