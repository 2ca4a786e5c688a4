"""Base64 (RFC 4648, both alphabets), wherever the beginning of a secret shows through it.

Three bytes become four characters, so a known beginning can be encoded in three ways, by how far
into a group of three it starts; the characters that depend on nothing else are its anchors. An
anchor also says where the groups lie, so a run is decoded right even when a path or a name is
written against it.
"""

import base64
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from scanner.detectors.layers._sextets import (
    STANDARD,
    URL,
    character,
    decode,
    joined,
    packed,
    readable,
    run_end,
    run_start,
    sample,
)
from scanner.detectors.layers._work import WORDS, Derived, Hits, Work, literal, pieces, place
from scanner.detectors.trigger import Trigger
from scanner.model import Layer

ARCHIVE: Final = False
_KIND: Final = "base64"

_LONGEST_ANCHOR: Final = 12
_SHORTEST_ANCHOR: Final = 4
_STRONG_PREFIX: Final = 4
_LEAST_WRAPPED: Final = 40
_GZIP_START: Final = b"\x1f\x8b\x08\x00\x00\x00\x00\x00"
_PACKED_RUN: Final = 44
_AFTER: Final[Mapping[str, int]] = MappingProxyType({"code": 16, "packed": _PACKED_RUN})
"""Triggers that end so many characters behind the start of a run."""
_MOST_INDENT: Final = 200
_CODE: Final = (
    # What decodes base64 at run time, up to the text itself.
    r"-e(?:nc|ncodedcommand) {1,4}[\"']?",
    r"(?:frombase64string|b64decode|base64_decode|decode64|atob|base64decode|decodestring)"
    r" ?\( ?b?[\"']",
    r"buffer\.from\( ?[\"']",
    r"data:(?:text|application)/[a-z0-9.+-]{1,40}(?:;[a-z0-9=-]{1,30}){0,3};base64,",
)


def triggers(prefixes: Sequence[bytes]) -> Iterator[Trigger]:
    """Anchors, by how far the end of one is into a group of four characters; and places in code
    where a run is to be expected."""
    for prefix in prefixes:
        yield from _anchors(prefix)
        if len(prefix) >= _STRONG_PREFIX:
            # Encoded twice: only where it starts the text both times.
            for anchor in _plain_anchors(prefix, 0):
                yield from _anchors(anchor, starts=(0,))
    for word in WORDS:
        yield from _anchors(word)
    for start in ("H4sI", "UEsDB"):  # gzip, zip
        yield Trigger("packed", rf"{start}[A-Za-z0-9+/_-]{{{_PACKED_RUN - len(start)}}}")
    for anchor in _plain_anchors(_GZIP_START, 0):
        yield from _anchors(anchor, starts=(0,))
    for code in _CODE:
        yield Trigger("code", code + r"[A-Za-z0-9+/_-]{16}", case_insensitive=True)


def _anchors(text: bytes, starts: Sequence[int] = (0, 1, 2)) -> Iterator[Trigger]:
    for start in starts:
        first = -(-8 * start // 6)
        for anchor in _plain_anchors(text, start):
            yield Trigger(str((first + len(anchor)) % 4), literal(anchor))


def _plain_anchors(text: bytes, start: int) -> set[bytes]:
    """The characters that `text` fully determines when it starts `start` bytes into a group."""
    first, last = -(-8 * start // 6), 8 * (start + len(text)) // 6
    found = set()
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        encoded = encode(b"\0" * start + text + b"\0\0\0")[first:last]
        if len(encoded) >= _SHORTEST_ANCHOR:
            found.add(encoded[:_LONGEST_ANCHOR])
    return found


def derive(content: bytes, hits: Hits, work: Work) -> Iterator[Derived]:
    """Every run with a hit in it that is text where the hit says that it should be."""
    found = sorted((end, name) for name, ends in hits.items() for end in ends)
    done = 0
    run = (0, 0)
    for end, name in found:
        if end <= done or end > len(content):
            continue
        if name in _AFTER:
            spans = _from(content, end - _AFTER[name])
        else:
            if end > run[1]:  # once for each run: one may have as many hits as it is long
                run = run_start(content, end), run_end(content, end)
            spans = _anchored(content, end - int(name), run)
        if not spans:
            continue
        done = spans[-1][1]
        if sum(high - low for low, high in spans) * 3 // 4 > work.left:
            work.problem("base64 text is larger than the limit")
            continue
        data = decode(joined(content, spans))
        if data:
            yield Derived(Layer(_KIND, tuple(spans)), data)


def unwrap(content: bytes, layer: Layer) -> bytes:
    """The decoded bytes."""
    return decode(b"".join(pieces(layer, content)))


def position(content: bytes, layer: Layer, offset: int) -> int:
    """Exact: the character that holds the byte's first bits."""
    del content
    return place(layer.spans, character(offset))


def _from(content: bytes, start: int) -> list[tuple[int, int]]:
    """The run that starts here, if it is text or a container."""
    head = sample(content, start, 24)
    return [(start, run_end(content, start))] if readable(head) or packed(head) else []


def _anchored(content: bytes, group: int, run: tuple[int, int]) -> list[tuple[int, int]]:
    """The spans of the run around an anchor, whose last whole group of four ends at `group`; none
    when there is no text."""
    group -= 4  # no anchor is shorter than a group
    if group < run[0]:
        return []
    head = sample(content, group, 28)
    # The anchor's first group may begin with bytes that come before the secret.
    if not readable(head) and not readable(head[2:]):
        return []
    return _lines(content, _aligned(content, group), run[1])


def _aligned(content: bytes, group: int) -> int:
    """Where the run that has a group of four at `group` starts.

    `/`, `-` and `_` may be a part of the run or stand before it. They count as a part when what
    they give is text.
    """
    starts = {run_start(content, group, alphabet) for alphabet in (STANDARD, URL)}
    near, far = max(starts), min(starts)
    near += (group - near) % 4
    far += (group - far) % 4
    return far if far < near and _all_text(content[far:near]) else near


def _all_text(run: bytes) -> bool:
    data = decode(run[-400 * 4 :])
    return all(32 <= byte < 127 or byte in b"\t\n\r" for byte in data)


def _lines(content: bytes, start: int, stop: int) -> list[tuple[int, int]]:
    """The spans of a run that goes on over lines of one length, as mail and YAML write it."""
    upwards = [(start, stop)]
    full = stop - start
    above = _line_above(content, start)
    if above is not None and _width(above) >= max(full, _LEAST_WRAPPED) and _width(above) % 4 == 0:
        full = _width(above)
        while above is not None and _width(above) == full:
            upwards.append(above)
            above = _line_above(content, above[0])
    spans = upwards[::-1]
    if full == stop - start >= _LEAST_WRAPPED and full % 4 == 0:
        spans.extend(_lines_below(content, stop, full))
    return spans


def _width(span: tuple[int, int]) -> int:
    return span[1] - span[0]


def _line_above(content: bytes, start: int) -> tuple[int, int] | None:
    """The run that fills the line above the one whose run starts at `start`."""
    line = content.rfind(b"\n", max(0, start - _MOST_INDENT), start)
    if line < 0 or content[line + 1 : start].strip(b" \t"):
        return None
    end = line - 1 if content[line - 1 : line] == b"\r" else line
    begin = run_start(content, end)
    before = content[max(0, begin - _MOST_INDENT) : begin].rstrip(b" \t")
    return (begin, end) if begin < end and before[-1:] in {b"", b"\n"} else None


def _lines_below(content: bytes, stop: int, width: int) -> Iterator[tuple[int, int]]:
    while True:
        start = stop
        if content[start : start + 1] == b"\r":
            start += 1
        if content[start : start + 1] != b"\n":
            return
        start = run_end(content, start + 1, b" \t")
        end = run_end(content, start)
        if start == end or end - start > width:
            return
        if content[end : end + 1] not in {b"", b"\r", b"\n", b"="}:
            return
        yield start, end
        if end - start < width:
            return
        stop = end
