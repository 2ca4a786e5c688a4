"""OpenSSH's own private key format, `openssh-key-v1`; its public half is always in the clear.

Source: PROTOCOL.key in openssh-portable; RFC 4253 section 6.6, RFC 5656, RFC 8709 and
PROTOCOL.u2f for the public keys.
"""

import hashlib
from typing import Final

from scanner.detectors.keys.value import PrivateKey
from scanner.detectors.keys.wire import SshReader, openssh_fingerprint

MAGIC: Final = b"openssh-key-v1\0"
FORM: Final = "OpenSSH"

_NAMES: Final = {
    b"ssh-ed25519": "Ed25519",
    b"ssh-ed448": "Ed448",
    b"ecdsa-sha2-nistp256": "ECDSA P-256",
    b"ecdsa-sha2-nistp384": "ECDSA P-384",
    b"ecdsa-sha2-nistp521": "ECDSA P-521",
    b"ssh-rsa": "RSA",
    b"ssh-dss": "DSA",
    b"sk-ssh-ed25519@openssh.com": "Ed25519 security-key",
    b"sk-ecdsa-sha2-nistp256@openssh.com": "ECDSA security-key",
    b"ssh-xmss@openssh.com": "XMSS",
}


def read_openssh(payload: bytes) -> PrivateKey | None:
    """None where the structure does not hold; a key with a fault where its parts disagree."""
    reader = SshReader(payload[len(MAGIC) :])
    cipher, derivation, _options = reader.string(), reader.string(), reader.string()
    count, public, private = reader.number(), reader.string(), reader.string()
    if cipher is None or derivation is None or count != 1 or not public or not private:
        return None
    name = SshReader(public).string() or b""
    if name not in _NAMES or not _is_public(public, name):
        return None
    protected = cipher != b"none"
    sound = protected or _sound_private(private, public, name)
    block = 16 if protected else 8
    return PrivateKey(
        kind=_NAMES[name],
        form=FORM,
        bits=public_bits(public),
        protected=protected,
        fingerprint=openssh_fingerprint(public),
        identity=public_identity(public),
        proven=sound and (not protected or len(private) % block == 0),
        fault="" if sound else "its public and private parts do not belong together",
    )


def key_kind(name: bytes) -> str | None:
    """The algorithm's name in words; None for one that SSH does not know."""
    return _NAMES.get(name)


def public_identity(public: bytes) -> bytes:
    """What stands for a key whose public half is known, whatever file it is in."""
    return b"public-key:" + hashlib.sha256(public).digest()


def public_bits(public: bytes) -> int:
    """Bits of an RSA modulus or a DSA prime; 0 for kinds whose name says it."""
    reader = SshReader(public)
    name = reader.string()
    if name == b"ssh-rsa":
        reader.mpint()
    elif name != b"ssh-dss":
        return 0
    number = reader.mpint()
    return number.bit_length() if number else 0


def _is_public(public: bytes, name: bytes) -> bool:
    """The fields of a public key, and nothing behind them."""
    reader = SshReader(public)
    reader.string()
    if name == b"ssh-ed25519":
        return len(reader.string() or b"") == 32 and not reader.rest()
    if name == b"ssh-rsa":
        exponent, modulus = reader.mpint(), reader.mpint()
        return bool(exponent and modulus) and not reader.rest()
    return len(reader.rest()) > 16


def _sound_private(private: bytes, public: bytes, name: bytes) -> bool:
    """An unprotected section: two equal check numbers, then the same key once more."""
    reader = SshReader(private)
    first, second = reader.number(), reader.number()
    if first is None or first != second or reader.string() != name:
        return False
    if name == b"ssh-ed25519":
        point, both = reader.string() or b"", reader.string() or b""
        return len(both) == 64 and both[32:] == point and public.endswith(point) and bool(point)
    if name == b"ssh-rsa":
        modulus, _exponent, _private = reader.mpint(), reader.mpint(), reader.mpint()
        _inverse, p, q = reader.mpint(), reader.mpint(), reader.mpint()
        return bool(modulus and p and q) and (p or 0) * (q or 0) == modulus
    if name.startswith(b"ecdsa-sha2-"):
        curve, point = reader.string() or b"", reader.string() or b""
        return bool(point) and public.endswith(point) and name.endswith(curve)
    return True
