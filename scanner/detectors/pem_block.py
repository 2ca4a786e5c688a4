"""Private keys in PEM armour: is there a key inside, and does a passphrase protect it?"""

import base64
import binascii
import re
from typing import Final

from scanner.detectors.verdict import Verdict, drop

_LABEL: Final = re.compile(rb"-----BEGIN ([A-Z0-9 ]{0,40}?)PRIVATE KEY( BLOCK)?-----")
_HEADER: Final = re.compile(rb"^[A-Za-z][A-Za-z0-9-]{1,30}: [^\n]{0,200}$", re.MULTILINE)
_NOT_BASE64: Final = re.compile(rb"[^A-Za-z0-9+/=]")
_LEAST_BODY: Final = 40
_OPENSSH: Final = b"openssh-key-v1\0"
_DER_SEQUENCE: Final = 0x30
_PGP_PACKET: Final = 0x80
_KINDS: Final = {
    b"RSA ": "RSA",
    b"EC ": "elliptic-curve",
    b"DSA ": "DSA",
    b"OPENSSH ": "OpenSSH",
    b"ENCRYPTED ": "PKCS #8",
    b"": "PKCS #8",
    b"PGP ": "OpenPGP",
}


def judge(block: bytes) -> Verdict:
    """A verdict on everything from the BEGIN line to the END line, escaped line ends included.

    Sources: RFC 7468 (textual encodings), RFC 1421 (the Proc-Type header), OpenSSH's PROTOCOL.key,
    RFC 9580 (OpenPGP armour).
    """
    label = _LABEL.search(block)
    end = block.rfind(b"-----END")
    if label is None or end < 0:
        return drop("no complete block")
    body = block[label.end() : end]
    body = body.replace(b"\\r", b"").replace(b"\\n", b"\n").replace(b"\r", b"")
    text = _HEADER.sub(b"", body)
    if label[2]:  # OpenPGP armour ends with a checksum line of its own
        text = re.sub(rb"\n=[A-Za-z0-9+/]{4}\s*$", b"", text)
    payload = _NOT_BASE64.sub(b"", text)
    decoded = _decode(payload)
    if decoded is None or len(decoded) < _LEAST_BODY:
        return drop("no key inside the block")
    if not _looks_like_a_key(decoded, openpgp=bool(label[2])):
        return drop("what the block holds is no key")
    kind = _KINDS.get(label[1], "PEM")
    if _is_encrypted(label[1], body, decoded):
        return Verdict(f"{kind} private key, protected by a passphrase", step=-1)
    if label[2]:
        return Verdict(f"{kind} private key")
    return Verdict(f"{kind} private key without a passphrase", proven=True)


def _decode(payload: bytes) -> bytes | None:
    payload = payload.rstrip(b"=")
    if len(payload) % 4 == 1:
        return None
    try:
        return base64.b64decode(payload + b"=" * (-len(payload) % 4), validate=True)
    except binascii.Error:
        return None


def _looks_like_a_key(decoded: bytes, *, openpgp: bool) -> bool:
    if len(set(decoded)) < 16:
        return False
    if openpgp:
        return bool(decoded[0] & _PGP_PACKET)
    # An RFC 1421 key is cipher text; it starts with anything.
    return decoded.startswith(_OPENSSH) or decoded[0] == _DER_SEQUENCE or len(decoded) % 8 == 0


def _is_encrypted(label: bytes, body: bytes, decoded: bytes) -> bool:
    if label == b"ENCRYPTED " or b"Proc-Type: 4,ENCRYPTED" in body:
        return True
    if decoded.startswith(_OPENSSH):
        at = len(_OPENSSH)
        length = int.from_bytes(decoded[at : at + 4], "big")
        return decoded[at + 4 : at + 4 + length] != b"none"
    return False
