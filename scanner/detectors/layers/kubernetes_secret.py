"""Kubernetes `Secret` manifests: the values under `data`, which are base64, with their names.

Each becomes a line `name: value`, so that the rules for passwords judge it by its name.
Format: https://kubernetes.io/docs/concepts/configuration/secret/
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from scanner.detectors.layers._sextets import STANDARD, character, decode, is_text
from scanner.detectors.layers._work import Derived, Hits, Work, flat, pieces, place
from scanner.detectors.trigger import Trigger
from scanner.model import Layer

ARCHIVE: Final = False
_KIND: Final = "kubernetes-secret"

_REACH: Final = 1 << 20
_MOST_LINES: Final = 50_000
_SEPARATOR: Final = re.compile(rb"^---", re.MULTILINE)
_BLOCK: Final = re.compile(rb"^([ \t]*+)(?:- )?data:[ \t]*\r?\n", re.MULTILINE)
_ENTRY: Final = re.compile(
    rb"([ \t]++)[\"']?([\w.-]{1,253}+)[\"']?:[ \t]+[\"']?([A-Za-z0-9+/]{4,})={0,2}[\"']?"
    rb"[ \t]*(?:#[^\n]*)?(?:\r?\n|\Z)"
)
_LONG_ENTRY: Final = re.compile(
    rb"([ \t]++)[\"']?([\w.-]{1,253}+)[\"']?:[ \t]+(?:!!binary[ \t]+)?[|>][-+]?[ \t]*\r?\n"
)
_LINE: Final = re.compile(rb"([ \t]*+)([^\r\n]*+)(?:\r?\n|\Z)")
_OBJECT: Final = re.compile(rb"\"data\"\s{0,20}:\s{0,20}\{")
_PAIR: Final = re.compile(
    rb"[\s,]{0,200}\"([\w.-]{1,253})\"\s{0,20}:\s{0,20}\"([A-Za-z0-9+/]*)={0,2}\""
)


def triggers(prefixes: Sequence[bytes]) -> Iterator[Trigger]:
    """The manifest's kind."""
    del prefixes
    yield Trigger("kind", r"kind[\"']? ?: {0,4}[\"']?Secret[\"'\s]")


def derive(content: bytes, hits: Hits, work: Work) -> Iterator[Derived]:
    """One line for each value that is text."""
    done = 0
    for end in flat(hits):
        if end <= done:
            continue
        start, done = _document(content, done, end)
        for spans in (*_yaml(content, start, done, work), *_json(content, start, done)):
            if sum(high - low for low, high in spans) > work.left:
                work.problem("a Kubernetes secret is larger than the limit")
                continue
            data = _line(content, spans)
            if data:
                yield Derived(Layer(_KIND, tuple(spans)), data)


def _document(content: bytes, done: int, index: int) -> tuple[int, int]:
    start = max(done, index - _REACH)
    last = None
    for last in _SEPARATOR.finditer(content, start, index):
        start = last.end()
    found = _SEPARATOR.search(content, index, index + _REACH)
    return start, found.start() if found else min(len(content), index + _REACH)


def _yaml(content: bytes, start: int, stop: int, work: Work) -> Iterator[list[tuple[int, int]]]:
    lines = _MOST_LINES  # blocks within blocks are walked again
    for block in _BLOCK.finditer(content, start, stop):
        indent, position = len(block[1]), block.end()
        while position < stop:
            lines -= 1
            if lines < 0:
                work.problem("a Kubernetes manifest is larger than the limit")
                return
            entry = _ENTRY.match(content, position, stop)
            if entry is not None and len(entry[1]) > indent:
                yield [entry.span(2), entry.span(3)]
                position = entry.end()
                continue
            entry = _LONG_ENTRY.match(content, position, stop)
            if entry is not None and len(entry[1]) > indent:
                values, position = _values(content, entry.end(), stop, len(entry[1]))
                yield [entry.span(2), *values]
                continue
            line = _LINE.match(content, position, stop)
            if line is None or line.end() == position:
                break
            if line[2] and len(line[1]) <= indent:
                break
            position = line.end()


def _values(
    content: bytes, position: int, stop: int, indent: int
) -> tuple[list[tuple[int, int]], int]:
    """The lines of a block scalar, and where it ends."""
    spans = []
    while position < stop and (line := _LINE.match(content, position, stop)) is not None:
        if line[2] and len(line[1]) <= indent:
            break
        low, high = line.span(2)
        high = low + len(line[2].rstrip(b" \t="))
        if high > low:
            spans.append((low, high))
        position = line.end()
    return spans, position


def _json(content: bytes, start: int, stop: int) -> Iterator[list[tuple[int, int]]]:
    for block in _OBJECT.finditer(content, start, stop):
        position = block.end()
        while (pair := _PAIR.match(content, position, stop)) is not None:
            yield [pair.span(1), pair.span(2)]
            position = pair.end()


def unwrap(content: bytes, layer: Layer) -> bytes:
    """The line."""
    pieces(layer, content)
    data = _line(content, layer.spans)
    if not data:
        raise ValueError("not the bytes of a kubernetes-secret layer")
    return data


def position(content: bytes, layer: Layer, offset: int) -> int:
    """Exact."""
    del content
    (start, end), *values = layer.spans
    if offset < end - start:
        return start + offset
    return place(values, character(max(0, offset - (end - start) - 2)))


def _line(content: bytes, spans: Sequence[tuple[int, int]]) -> bytes:
    """The name, a colon and the decoded value; empty when that is not text."""
    name, *values = [content[start:end] for start, end in spans]
    value = b"".join(values)
    if not value or value.translate(None, STANDARD):
        return b""
    data = decode(value)
    return name + b": " + data + b"\n" if data and is_text(data) else b""
