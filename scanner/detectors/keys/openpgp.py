"""OpenPGP private keys in ASCII armour: the first packet says which key it is and how protected.

Source: RFC 9580 (and RFC 4880 for version 4): packet headers in section 4.2, secret-key packets in
5.5.3, fingerprints in 5.5.4, the armour's CRC-24 in 6.1.
"""

import hashlib
from typing import Final

from scanner.detectors.keys.value import PrivateKey

_SECRET_KEY: Final = 5
_ALGORITHMS: Final = {
    1: "RSA", 2: "RSA", 3: "RSA", 16: "Elgamal", 17: "DSA", 18: "ECDH", 19: "ECDSA", 22: "EdDSA",
    25: "X25519", 26: "X448", 27: "Ed25519", 28: "Ed448",
}  # fmt: skip
_PUBLIC_NUMBERS: Final = {1: 2, 2: 2, 3: 2, 16: 3, 17: 4}


def read_openpgp(payload: bytes, checksum: bytes) -> PrivateKey | None:
    """None where the first packet is no secret key."""
    body = _first_packet(payload)
    if body is None or len(body) < 12 or body[0] not in {4, 5, 6} or body[5] not in _ALGORITHMS:
        return None
    algorithm = body[5]
    usage_at = _end_of_public(body, algorithm) if body[0] == 4 else None
    fits = bool(checksum) and crc24(payload) == int.from_bytes(checksum, "big")
    broken = bool(checksum) and not fits
    public = body[:usage_at] if usage_at else b""
    bits = int.from_bytes(body[6:8], "big") if algorithm in _PUBLIC_NUMBERS and public else 0
    # Without a place to read it from, a key is taken to be protected: gpg exports none otherwise.
    usage = body[usage_at] if usage_at is not None and usage_at < len(body) else 255
    return PrivateKey(
        kind=f"OpenPGP {_ALGORITHMS[algorithm]}",
        form="OpenPGP",
        bits=bits,
        protected=usage != 0,
        identity=_identity(public or payload),
        proven=fits and bool(public or body[0] != 4),
        fault="the checksum of its armour does not fit" if broken else "",
    )


def crc24(data: bytes) -> int:
    """The checksum at the end of the armour."""
    register = 0xB704CE
    for byte in data:
        register ^= byte << 16
        for _ in range(8):
            register <<= 1
            if register & 0x1000000:
                register ^= 0x1864CFB
    return register & 0xFFFFFF


def _identity(data: bytes) -> bytes:
    return b"openpgp:" + hashlib.sha256(data).digest()


def _first_packet(data: bytes) -> bytes | None:
    """The body of a secret-key packet at the start; partial lengths are not used for keys."""
    if len(data) < 3 or not data[0] & 0x80:
        return None
    if data[0] & 0x40:
        tag, length, start = data[0] & 0x3F, data[1], 2
        if 192 <= length < 224:
            length, start = ((length - 192) << 8) + data[2] + 192, 3
        elif length == 255:
            length, start = int.from_bytes(data[2:6], "big"), 6
        elif length >= 224:
            return None
    else:
        tag, width = data[0] >> 2 & 0x0F, 1 << (data[0] & 3)
        if width == 8:
            return None
        length, start = int.from_bytes(data[1 : 1 + width], "big"), 1 + width
    if tag != _SECRET_KEY or start + length > len(data):
        return None
    return data[start : start + length]


def _end_of_public(body: bytes, algorithm: int) -> int | None:
    """Where the public numbers of a version 4 key end and the way it is protected stands."""
    at = 6
    count = _PUBLIC_NUMBERS.get(algorithm)
    if count is None:
        if algorithm in {25, 27}:
            return at + 32
        if algorithm not in {18, 19, 22}:
            return None
        at += 1 + body[at]  # the curve's object identifier
        count = 1
    for _ in range(count):
        if at + 2 > len(body):
            return None
        at += 2 + (int.from_bytes(body[at : at + 2], "big") + 7) // 8
    if algorithm == 18 and at < len(body):
        at += 1 + body[at]  # parameters of the key derivation
    return at if at < len(body) else None
