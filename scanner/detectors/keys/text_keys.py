"""Private keys that are one line of Base64: WireGuard, minisign and signify.

Sources: wg(8) and `curve25519_clamp_secret` in wireguard-tools; minisign's "Secret key format";
signify's `struct enckey`.
"""

import base64
import binascii
import hashlib
from typing import Final

from scanner.detectors.keys.value import PrivateKey

_MINISIGN_LENGTH: Final = 158
_SIGNIFY_LENGTH: Final = 104


def read_wireguard(text: bytes) -> PrivateKey | None:
    """Thirty-two bytes; `wg genkey` clears and sets the five bits that Curve25519 wants so."""
    raw = _decode(text)
    if len(raw) != 32 or len(set(raw)) < 12:
        return None
    clamped = not raw[0] & 0x07 and raw[31] & 0xC0 == 0x40
    return PrivateKey(
        kind="WireGuard",
        form="WireGuard",
        proven=clamped,
        fault="" if clamped else "not as wg genkey makes them",
    )


def read_signing_key(text: bytes) -> PrivateKey | None:
    """minisign's or signify's line: both start with the algorithm `Ed`, and differ in length."""
    raw = _decode(text)
    if not raw.startswith(b"Ed"):
        return None
    if len(raw) == _MINISIGN_LENGTH and raw[4:6] == b"B2":
        return _signing_key("minisign", raw, protected=raw[2:4] == b"Sc")
    if len(raw) == _SIGNIFY_LENGTH and raw[2:4] == b"BK":
        # Rounds of key derivation: none for a key made with -n.
        return _signing_key("signify", raw, protected=int.from_bytes(raw[4:8], "big") > 0)
    return None


def _signing_key(name: str, raw: bytes, *, protected: bool) -> PrivateKey | None:
    if len(set(raw)) < 20:
        return None
    sound = protected or _signify_checksum(name, raw)
    return PrivateKey(
        kind=name,
        form=name,
        protected=protected,
        identity=b"key-file:" + hashlib.sha256(raw).digest(),
        proven=sound,
        fault="" if sound else "its checksum does not fit",
    )


def _signify_checksum(name: str, raw: bytes) -> bool:
    """Of an unprotected signify key: the first eight bytes of the SHA-512 of its 64."""
    if name != "signify":
        return True
    return hashlib.sha512(raw[40:104]).digest()[:8] == raw[24:32]


def _decode(text: bytes) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
