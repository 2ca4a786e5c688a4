"""Reads a private key from text, whatever its armour and however it was folded or escaped."""

import re
from typing import Final

from scanner.detectors.keys.armour import Armour, open_armour
from scanner.detectors.keys.der_key import form_of, payload_identity, read_der, read_protected
from scanner.detectors.keys.openpgp import read_openpgp
from scanner.detectors.keys.openssh import MAGIC, read_openssh
from scanner.detectors.keys.putty import read_putty
from scanner.detectors.keys.value import PrivateKey
from scanner.detectors.keys.wire import SshReader, der_whole

_LEAST_PAYLOAD: Final = 40
_LEAST_DISTINCT: Final = 16
_PUTTY: Final = b"PuTTY-User-Key-File-"
_SSH_COM_MAGIC: Final = b"\x3f\x6f\xf9\xeb"
_CIPHER_LINE: Final = re.compile(rb"DEK-Info: *([A-Z0-9-]{3,30}) *, *[0-9A-Fa-f]{16,32}")
_DER_SEQUENCE: Final = 0x30


def read(block: bytes) -> PrivateKey | None:
    """From the first line of a key's text to its last; None where there is no key in it.

    A block that has a key's shape and does not parse comes back with a fault.
    """
    if block.startswith(_PUTTY):
        return read_putty(block)
    armour = open_armour(block)
    if armour is None:
        return None
    if armour.label == b"PGP":
        return _plausible(read_openpgp(armour.payload, armour.checksum), armour.payload)
    if len(armour.payload) < _LEAST_PAYLOAD:
        return read_der(armour.payload, armour.label)  # an Ed25519 seed in the fewest bytes
    if len(set(armour.payload)) < _LEAST_DISTINCT:
        return None
    return _read_payload(armour)


def _read_payload(armour: Armour) -> PrivateKey | None:
    payload = armour.payload
    if b"4,ENCRYPTED" in armour.headers:
        return _read_rfc1421(armour)
    if payload.startswith(MAGIC):
        return read_openssh(payload) or _unparsed(payload, "OpenSSH")
    if payload.startswith(_SSH_COM_MAGIC):
        return _read_ssh_com(payload)
    if armour.label.startswith(b"ENCRYPTED"):
        return read_protected(payload) or _unparsed(payload, "PKCS #8", protected=True)
    if payload[0] != _DER_SEQUENCE:
        return None
    return read_der(payload, armour.label) or _unparsed(payload, form_of(armour.label))


def _plausible(key: PrivateKey | None, payload: bytes) -> PrivateKey | None:
    return key if len(set(payload)) >= _LEAST_DISTINCT else None


def _unparsed(payload: bytes, form: str, *, protected: bool = False) -> PrivateKey:
    complete = der_whole(payload) is not None
    return PrivateKey(
        kind=form,
        form=form,
        protected=protected,
        identity=payload_identity(payload),
        fault="does not parse" if complete else "does not parse: cut off, or invented",
    )


def _read_rfc1421(armour: Armour) -> PrivateKey | None:
    """OpenSSL's older encryption: a header names the cipher, the body is cipher text."""
    cipher = _CIPHER_LINE.search(armour.headers)
    block = 16 if cipher and cipher[1].startswith((b"AES", b"CAMELLIA", b"ARIA", b"SEED")) else 8
    sound = cipher is not None and len(armour.payload) % block == 0
    form = form_of(armour.label)
    return PrivateKey(
        kind=armour.label.decode("ascii") or form,
        form=form,
        protected=True,
        identity=payload_identity(armour.payload),
        proven=sound,
        fault="" if sound else "does not parse: cut off, or invented",
    )


def _read_ssh_com(payload: bytes) -> PrivateKey | None:
    reader = SshReader(payload[8:])
    kind, cipher = reader.string(), reader.string()
    if not kind or cipher is None:
        return None
    name = "RSA" if b"rsa" in kind else "DSA" if b"dl-modp" in kind else "SSH2"
    return PrivateKey(
        kind=name,
        form="SSH2",
        protected=cipher != b"none",
        identity=payload_identity(payload),
    )
