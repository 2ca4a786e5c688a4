"""Decoders that several families of checks need: bounded, None for what does not decode."""

import base64
import json
from typing import Final

_MOST_JSON: Final = 64 * 1024


def base64_bytes(text: bytes) -> bytes | None:
    """Base64 in either alphabet, padded or not; None for another character or an odd length."""
    body = text.rstrip(b"=")
    try:
        return base64.b64decode(
            body.replace(b"-", b"+").replace(b"_", b"/") + b"=" * (-len(body) % 4), validate=True
        )
    except ValueError:
        return None


def base64_object(text: bytes) -> dict[str, object] | None:
    """A JSON object in Base64."""
    if len(text) > _MOST_JSON:
        return None
    decoded = base64_bytes(text)
    if decoded is None:
        return None
    try:
        value = json.loads(decoded)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def varint(data: bytes, at: int) -> tuple[int, int] | None:
    """A little-endian base-128 number and where it ends (Protocol Buffers, libmacaroons)."""
    value = shift = 0
    while at < len(data) and shift < 64:
        value |= (data[at] & 0x7F) << shift
        at += 1
        if not data[at - 1] & 0x80:
            return value, at
        shift += 7
    return None
