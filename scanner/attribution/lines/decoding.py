"""Decodes JSON that somebody else's tool wrote: typed in part, and never raising."""

from typing import TypeVar

import msgspec

T = TypeVar("T")
MALFORMED_JSON = "its JSON can't be decoded"
MALFORMED_ENTRY = "an entry of it can't be decoded"
TOO_MANY = "it holds more entries than are read"
ENTRIES = 200_000
"""Entries of one record that are read."""


def decoded(data: bytes | msgspec.Raw, kind: type[T]) -> T | None:
    """The value, None when it is not of that form. Fields that the type leaves out, such as whole
    conversations, are passed over without being built."""
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
