"""A value that goes on in the next line: behind a backslash, or as YAML's block scalar.

`name: >-` with one line under it becomes `name: value`; a backslash and the indentation of the next
line are left out.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from scanner.detectors.layers._work import Derived, Hits, Work, pieces, place
from scanner.detectors.trigger import Trigger
from scanner.model import Layer

ARCHIVE: Final = False
_KIND: Final = "continued"

_LONGEST_LINE: Final = 4096
_MOST_LINES: Final = 100
_NAMES: Final = ("password", "passwd", "passphrase", "secret", "token", "key", "auth")
_VALUE: Final = re.compile(rb"([ \t]*)([^\r\n]{1,4096})(?:\r?\n|\Z)")
_BLANK: Final = re.compile(rb"[ \t]*\r?\n")
_NEXT: Final = re.compile(rb"[ \t]*([^\r\n]{1,4096})")


def triggers(prefixes: Sequence[bytes]) -> Iterator[Trigger]:
    """A backslash at the end of a line inside a word; a name that says secret before a block."""
    del prefixes
    word = "[A-Za-z0-9_/+=-]"
    yield Trigger("backslash", rf"{word}{{8}}\\\n[ \t]{{0,40}}{word}{{4}}")
    yield Trigger("backslash", rf"{word}{{8}}\\\r\n[ \t]{{0,40}}{word}{{4}}")
    for name in _NAMES:
        for mark in (r"[|]", ">"):
            yield Trigger("block", rf"{name}: {mark}[+-]?\r?\n", case_insensitive=True)


def derive(content: bytes, hits: Hits, work: Work) -> Iterator[Derived]:
    """The lines around each backslash, and each block of a single line."""
    del work
    done = 0
    found = sorted((end, name) for name, ends in hits.items() for end in ends)
    for end, name in found:
        if end <= done:
            continue
        spans = _block(content, end) if name == "block" else _lines(content, end)
        if len(spans) > 1:
            done = spans[-1][1]
            layer = Layer(_KIND, tuple(spans))
            yield Derived(layer, unwrap(content, layer))


def unwrap(content: bytes, layer: Layer) -> bytes:
    """The line as it is meant."""
    return b"".join(pieces(layer, content))


def position(content: bytes, layer: Layer, offset: int) -> int:
    """Exact."""
    del content
    return place(layer.spans, offset)


def _block(content: bytes, end: int) -> list[tuple[int, int]]:
    """The name up to the scalar's mark, and its line."""
    line = _line_start(content, end - 1)
    mark = max(content.rfind(b"|", line, end), content.rfind(b">", line, end))
    if mark < 0:
        return []
    indent = len(content[line:mark]) - len(content[line:mark].lstrip(b" \t-"))
    value = _VALUE.match(content, end)
    if value is None or len(value[1]) <= indent:
        return []
    behind = value.end()
    while (blank := _BLANK.match(content, behind)) is not None:
        behind = blank.end()
    more = _VALUE.match(content, behind)
    if more is not None and len(more[1]) > indent:
        return []  # a text of several lines
    return [(line, mark), value.span(2)]


def _lines(content: bytes, end: int) -> list[tuple[int, int]]:
    """The line that ends in the backslash before `end`, and those it goes on in."""
    stop = content.rfind(b"\\", max(0, end - 60), end)
    if stop < 0:
        return []
    spans = [(_line_start(content, stop), stop)]
    position = content.find(b"\n", stop) + 1
    while len(spans) < _MOST_LINES and (line := _NEXT.match(content, position)) is not None:
        low, high = line.span(1)
        goes_on = content[high - 1 : high] == b"\\"
        spans.append((low, high - 1 if goes_on else high))
        if not goes_on:
            break
        position = content.find(b"\n", high) + 1
        if position == 0:
            break
    return spans


def _line_start(content: bytes, index: int) -> int:
    low = max(0, index - _LONGEST_LINE)
    return max(low, content.rfind(b"\n", low, index) + 1)
