"""Reads which key made a commit's signature, without running a verifier.

A verifier is a program the environment chooses, and it answers whether a key is trusted here; what
is needed is only which key claims the commit. Formats: RFC 4880 and RFC 9580 sections 4 and 5.2
(OpenPGP packets and signature subpackets), OpenSSH PROTOCOL.sshsig (SSH).
"""

import base64
import binascii
import hashlib

from scanner.model import Signature

_LIMIT = 65_536
_SIGNATURE_PACKET = 2
_ISSUER_KEY_ID = 16
_ISSUER_FINGERPRINT = 33


def read_signature(armoured: bytes) -> Signature:
    """The signature as the commit header holds it, continuation spaces removed. Never raises."""
    armoured = armoured[:_LIMIT]
    try:
        if armoured.startswith(b"-----BEGIN PGP SIGNATURE"):
            return Signature("openpgp", _openpgp_key(_body(armoured)))
        if armoured.startswith(b"-----BEGIN SSH SIGNATURE"):
            return Signature("ssh", _ssh_fingerprint(_body(armoured)))
    except (binascii.Error, ValueError, IndexError):
        kind = "ssh" if b"SSH" in armoured[:24] else "openpgp"
        return Signature(kind, None)
    if armoured.startswith(b"-----BEGIN SIGNED MESSAGE"):
        return Signature("x509", None)
    return Signature("unknown", None)


def _body(armoured: bytes) -> bytes:
    """The decoded bytes between the armour's lines; armour headers and checksum are left out."""
    text = armoured.replace(b"\r", b"")
    start = text.find(b"\n") + 1
    if b":" in text[start:].partition(b"\n")[0] or text.startswith(b"\n", start):
        start = text.index(b"\n\n", start - 1) + 2  # armour headers end at an empty line
    end = text.find(b"\n-----END", start)
    checksum = text.find(b"\n=", start)
    return base64.b64decode(text[start : checksum if 0 <= checksum < end else end])


def _openpgp_key(data: bytes) -> str | None:
    for tag, body in _packets(data):
        if tag != _SIGNATURE_PACKET:
            continue
        version = body[0]
        if version == 3:  # fixed layout: length, type, time, then the key id
            return body[7:15].hex().upper()
        if version in (4, 6):
            return _issuer(body, wide=version == 6)
    return None


def _packets(data: bytes) -> list[tuple[int, bytes]]:
    """Tag and body of the first few packets, of both header formats."""
    packets: list[tuple[int, bytes]] = []
    position = 0
    while position < len(data) and len(packets) < 8:
        header = data[position]
        if not header & 0x80:
            break
        if header & 0x40:
            tag = header & 0x3F
            length, used = _new_length(data, position + 1)
            position += 1 + used
        else:
            tag = (header >> 2) & 0x0F
            width = (1, 2, 4, 0)[header & 3]
            if width == 0:  # of indeterminate length: up to the end
                length = len(data) - position - 1
            else:
                length = int.from_bytes(data[position + 1 : position + 1 + width], "big")
            position += 1 + width
        packets.append((tag, data[position : position + length]))
        position += length
    return packets


def _new_length(data: bytes, position: int) -> tuple[int, int]:
    """Length and how many bytes told it. Packets and subpackets use the same coding."""
    first = data[position]
    if first < 192:
        return first, 1
    if first < 255:
        return ((first - 192) << 8) + data[position + 1] + 192, 2
    return int.from_bytes(data[position + 1 : position + 5], "big"), 5


def _issuer(body: bytes, *, wide: bool) -> str | None:
    """The issuer from the hashed subpackets, or else from the unhashed ones."""
    position = 4
    key_id = None
    width = 4 if wide else 2
    for _ in range(2):
        length = int.from_bytes(body[position : position + width], "big")
        position += width
        area = body[position : position + length]
        position += length
        fingerprint, found = _subpacket_issuer(area)
        if fingerprint is not None:
            return fingerprint
        key_id = key_id or found
    return key_id


def _subpacket_issuer(area: bytes) -> tuple[str | None, str | None]:
    """Key id from an issuer fingerprint, and from an issuer key id subpacket."""
    position = 0
    from_fingerprint = from_id = None
    while position < len(area):
        length, used = _new_length(area, position)
        position += used
        kind = area[position] & 0x7F
        value = area[position + 1 : position + length]
        position += max(length, 1)
        if kind == _ISSUER_FINGERPRINT and len(value) >= 21:
            # A version 4 key's id is the end of its fingerprint, a version 6 key's the beginning.
            key = value[1:9] if value[0] == 6 else value[-8:]
            from_fingerprint = key.hex().upper()
        elif kind == _ISSUER_KEY_ID and len(value) == 8:
            from_id = value.hex().upper()
    return from_fingerprint, from_id


def _ssh_fingerprint(data: bytes) -> str | None:
    if not data.startswith(b"SSHSIG") or len(data) < 14:
        return None
    length = int.from_bytes(data[10:14], "big")
    key = data[14 : 14 + length]
    if len(key) != length:
        return None
    digest = base64.b64encode(hashlib.sha256(key).digest())
    return f"SHA256:{digest.decode().rstrip('=')}"
