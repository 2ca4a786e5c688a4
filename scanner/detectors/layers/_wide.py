"""Text of two or four bytes a character: whole files that say so, and stretches of ASCII that show
it by their zero bytes."""

import codecs
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from scanner.detectors.layers._work import Derived, Work, literal, pieces
from scanner.detectors.trigger import Trigger
from scanner.model import Layer

_PRINTABLE: Final = bytes(range(0x20, 0x7F)) + b"\t\n\r"
_BLOCK: Final = 4096
_SHORTEST: Final = 8
_LONGEST_ANCHOR: Final = 8
_NAMES: Final = (b"passw", b"secret", b"token", b"apikey", b"api_key")


def triggers_of(prefixes: Sequence[bytes], width: int) -> Iterator[Trigger]:
    """Beginnings of secrets, and names of secrets, with zero bytes between their characters: so
    they stand in both byte orders."""
    gap = b"\0" * (width - 1)
    for prefix in prefixes:
        characters = [bytes((byte,)) for byte in prefix[:_LONGEST_ANCHOR]]
        yield Trigger("stretch", literal(gap.join(characters)))
    for name in _NAMES:
        characters = [bytes((byte,)) for byte in name]
        yield Trigger("stretch", literal(gap.join(characters)), case_insensitive=True)


def derive_wide(
    content: bytes,
    ends: Sequence[int],
    kind: str,
    width: int,
    marks: Mapping[bytes, str],
    work: Work,
) -> Iterator[Derived]:
    """The whole text, where a byte order mark starts it; else the stretches around the hits."""
    for mark, encoding in marks.items():
        if content.startswith(mark):
            if len(content) > work.left:
                work.problem(f"{kind} text is larger than the limit")
                return
            text = _decode(content[len(mark) :], encoding)
            yield Derived(Layer(kind, ((len(mark), len(content)),)), text)
            return
    done = 0
    for end in ends:
        if end <= done:
            continue
        start, stop = _stretch(content, end - 1, width)
        done = stop
        if stop - start >= _SHORTEST * width:
            yield Derived(Layer(kind, ((start, stop),)), content[start:stop:width])


def unwrap_wide(content: bytes, layer: Layer, width: int, marks: Mapping[bytes, str]) -> bytes:
    """The text again. Raises `ValueError`."""
    text = pieces(layer, content)[0]
    encoding = _marked(content, layer, marks)
    return _decode(text, encoding) if encoding else text[::width]


def position_wide(
    content: bytes, layer: Layer, offset: int, width: int, marks: Mapping[bytes, str]
) -> int:
    """Exact; characters outside the basic plane and halves of pairs are counted as they are."""
    start = layer.spans[0][0]
    encoding = _marked(content, layer, marks)
    if not encoding:
        return start + width * offset
    before = unwrap_wide(content, layer, width, marks)[:offset].decode("utf-8", "ignore")
    return start + len(before.encode(encoding))


def _marked(content: bytes, layer: Layer, marks: Mapping[bytes, str]) -> str:
    for mark, encoding in marks.items():
        if layer.spans[0][0] == len(mark) and content.startswith(mark):
            return encoding
    return ""


def _decode(text: bytes, encoding: str) -> bytes:
    return codecs.decode(text, encoding, "replace").encode("utf-8", "replace")


def _stretch(content: bytes, index: int, width: int) -> tuple[int, int]:
    """Where printable ASCII, every `width` bytes with zeros between, starts and ends: at its first
    character, and behind its last."""
    first = index
    while first - width >= 0:
        count = min(_BLOCK, first // width)
        block = content[first - count * width : first]
        kept = _kept(block, width, backwards=True)
        first -= kept * width
        if kept < count:
            break
    last = index
    while last + width < len(content):
        block = content[last + 1 : last + 1 + _BLOCK * width]
        block = block[: len(block) // width * width]
        kept = _kept(block, width, backwards=False)
        last += kept * width
        if kept * width < len(block) or not block:
            break
    return first, last + 1


def _kept(block: bytes, width: int, *, backwards: bool) -> int:
    """How many characters of a block go on with the stretch: before it, groups are a character and
    its zeros; behind it, zeros and their character."""
    if backwards:
        rows = [block[lane::width] for lane in range(width)]
        counts = [len(rows[0]) - len(rows[0].rstrip(_PRINTABLE))]
        counts += [len(row) - len(row.rstrip(b"\0")) for row in rows[1:]]
    else:
        rows = [block[lane::width] for lane in range(width)]
        counts = [len(rows[-1]) - len(rows[-1].lstrip(_PRINTABLE))]
        counts += [len(row) - len(row.lstrip(b"\0")) for row in rows[:-1]]
    return min(counts)
