"""Base64 runs: where they start and end, what they decode to, and which byte came from where."""

import binascii
from collections.abc import Sequence
from typing import Final

STANDARD: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
URL: Final = STANDARD[:-2] + b"-_"
BOTH: Final = STANDARD + b"-_"
_TO_STANDARD: Final = bytes.maketrans(b"-_", b"+/")
_BLOCK: Final = 4096
_PRINTABLE: Final = bytes(range(0x20, 0x7F)) + b"\t\n\r"
_MAGICS: Final = (b"\x1f\x8b\x08", b"PK\x03\x04")


def run_start(content: bytes, end: int, alphabet: bytes = BOTH) -> int:
    """Where the run of these characters that reaches up to `end` starts."""
    while end > 0:
        block = content[max(0, end - _BLOCK) : end]
        rest = len(block.rstrip(alphabet))
        end -= len(block) - rest
        if rest:
            break
    return end


def run_end(content: bytes, start: int, alphabet: bytes = BOTH) -> int:
    """Where the run of these characters that goes on from `start` ends."""
    size = _BLOCK
    while start < len(content):
        block = content[start : start + size]
        rest = len(block.lstrip(alphabet))
        start += len(block) - rest
        if rest:
            break
        size = min(size * 2, 1 << 20)
    return start


def decode(text: bytes) -> bytes:
    """The bytes of a run, of either alphabet, with or without padding; a single character left
    over at its end, which holds no byte, is passed over. Raises `ValueError` for anything else."""
    text = text.rstrip(b"=").translate(_TO_STANDARD)
    if len(text) % 4 == 1:
        text = text[:-1]
    return binascii.a2b_base64(text + b"=" * (-len(text) % 4), strict_mode=True) if text else b""


def sample(content: bytes, start: int, size: int) -> bytes:
    """The bytes of at most `size` characters of the run that starts here; empty when none does."""
    text = content[max(0, start) : max(0, start + size)]
    return decode(text[: run_end(text, 0)])


def readable(data: bytes) -> bool:
    """Text, as far as the first bytes say: printable ASCII, or that in wide characters."""
    sample = data[:18]
    if len(sample) < 6:
        return False
    if not sample.translate(None, _PRINTABLE):
        return True
    if sample.startswith((b"\xff\xfe", b"\xfe\xff")):
        sample = sample[2:]
    narrow = sample.replace(b"\0", b"")
    wide = len(sample) // 4 <= len(narrow) <= len(sample) // 2 + 1
    return wide and not narrow.translate(None, _PRINTABLE)


def packed(data: bytes) -> bool:
    """Starts like a container that has a module of its own."""
    return data.startswith(_MAGICS)


def is_text(data: bytes) -> bool:
    """UTF-8 without control characters, throughout."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return text.isprintable() or not any(
        (each < " " and each not in "\t\n\r") or each == "\x7f" for each in text
    )


def character(offset: int) -> int:
    """The index in the run of the character that holds the first bits of a decoded byte."""
    return offset * 4 // 3


def joined(content: bytes, spans: Sequence[tuple[int, int]]) -> bytes:
    """The characters of a run that is broken over lines."""
    return b"".join([content[start:end] for start, end in spans])
