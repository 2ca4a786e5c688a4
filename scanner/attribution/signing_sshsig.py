"""Verifies SSH signatures offline, by the format that OpenSSH's PROTOCOL.sshsig describes.

Wire encodings: RFC 4251 section 5 (strings), RFC 8332 (RSA with SHA-2), RFC 5656 (ECDSA), RFC 8709
(Ed25519). No program is run and no key is looked up: a signature carries its public key, and whose
key that is the caller knows by its fingerprint.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
    from cryptography.hazmat.primitives.hashes import HashAlgorithm

NAMESPACE = b"git"
"""The namespace of git's signatures; one made for another purpose counts for nothing here."""
LIMIT = 65_536
"""Bytes of an armoured signature; a longer one is not read."""

_ARMOUR = re.compile(
    rb"-----BEGIN SSH SIGNATURE-----\n([A-Za-z0-9+/=\n]+)\n-----END SSH SIGNATURE-----\n?"
)
_MAGIC = b"SSHSIG"
_VERSION = 1
_HASHES: dict[bytes, Callable[[bytes], "hashlib._Hash"]] = {
    b"sha256": hashlib.sha256,
    b"sha512": hashlib.sha512,
}
_KEYS = frozenset(
    {
        *(b"ssh-ed25519", b"ssh-rsa"),
        *(b"ecdsa-sha2-nistp256", b"ecdsa-sha2-nistp384", b"ecdsa-sha2-nistp521"),
    }
)
_LEAST_RSA = 2048


class UnsupportedSignatureError(Exception):
    """The signature can't be read, or asks for what is not done here. Its text quotes no input."""


class SshSignature(NamedTuple):
    """The fields of one signature."""

    key: bytes
    """The public key in wire format."""
    namespace: bytes
    reserved: bytes
    hash_name: bytes
    algorithm: bytes
    """Of the signature: for an RSA key it also names the hash."""
    raw: bytes

    @property
    def fingerprint(self) -> str:
        """`SHA256:` and the key's digest, as `ssh-keygen -l` prints it."""
        digest = base64.b64encode(hashlib.sha256(self.key).digest())
        return f"SHA256:{digest.decode('ascii').rstrip('=')}"


def parse(armoured: bytes) -> SshSignature:
    """The one signature in the armour. UnsupportedSignatureError when it isn't exactly one."""
    match = _ARMOUR.fullmatch(armoured.replace(b"\r", b"")) if len(armoured) <= LIMIT else None
    if match is None:
        raise UnsupportedSignatureError("its armour is not that of one SSH signature")
    try:
        data = base64.b64decode(match[1].replace(b"\n", b""), validate=True)
    except (binascii.Error, ValueError) as error:
        raise UnsupportedSignatureError("its armour is not base64") from error
    if not data.startswith(_MAGIC) or _number(data, len(_MAGIC)) != _VERSION:
        raise UnsupportedSignatureError("it is not of version 1 of the SSH signature format")
    key, namespace, reserved, hash_name, blob = _strings(data[len(_MAGIC) + 4 :], 5)
    algorithm, raw = _strings(blob, 2)
    return SshSignature(key, namespace, reserved, hash_name, algorithm, raw)


def verifies(signature: SshSignature, payload: bytes) -> bool:
    """Whether the key in the signature signed this payload for git.

    UnsupportedSignatureError for a key type, algorithm or hash that is not implemented; security
    keys, certificates, DSA and SHA-1 are among them.
    """
    hashed = _HASHES.get(signature.hash_name)
    if hashed is None:
        raise UnsupportedSignatureError("its hash is neither sha256 nor sha512")
    if signature.namespace != NAMESPACE:
        return False
    fields = (NAMESPACE, signature.reserved, signature.hash_name, hashed(payload).digest())
    return _check(signature, _MAGIC + b"".join(_string(field) for field in fields))


def _check(signature: SshSignature, signed: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    kind = _first_string(signature.key)
    try:
        key = _public_key(kind, signature.key)
        if isinstance(key, ed25519.Ed25519PublicKey):
            _expect(signature.algorithm == kind)
            key.verify(signature.raw, signed)
        elif isinstance(key, rsa.RSAPublicKey):
            _expect(key.key_size >= _LEAST_RSA)
            key.verify(signature.raw, signed, padding.PKCS1v15(), _rsa_hash(signature.algorithm))
        elif isinstance(key, ec.EllipticCurvePublicKey):
            _expect(signature.algorithm == kind)
            first, second = _strings(signature.raw, 2)
            numbers = (int.from_bytes(first, "big"), int.from_bytes(second, "big"))
            key.verify(encode_dss_signature(*numbers), signed, ec.ECDSA(_curve_hash(key.key_size)))
        else:
            _expect(False)
    except InvalidSignature:
        return False
    except (UnsupportedAlgorithm, ValueError) as error:
        raise UnsupportedSignatureError("its key can't be read") from error
    return True


def _public_key(kind: bytes, key: bytes) -> "PublicKeyTypes":
    from cryptography.hazmat.primitives.serialization import load_ssh_public_key

    _expect(kind in _KEYS)
    return load_ssh_public_key(kind + b" " + base64.b64encode(key))


def _rsa_hash(algorithm: bytes) -> "HashAlgorithm":
    from cryptography.hazmat.primitives.hashes import SHA256, SHA512

    # PROTOCOL.sshsig: RSA signatures MUST use a SHA-2 algorithm of RFC 8332.
    _expect(algorithm in (b"rsa-sha2-256", b"rsa-sha2-512"))
    return SHA256() if algorithm == b"rsa-sha2-256" else SHA512()


def _curve_hash(bits: int) -> "HashAlgorithm":
    """RFC 5656 section 6.2.1."""
    from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512

    if bits <= 256:
        return SHA256()
    return SHA384() if bits <= 384 else SHA512()


def _expect(supported: bool) -> None:
    if not supported:
        raise UnsupportedSignatureError("its key or its algorithm is not supported")


# ---------------------------------------------------------------------- wire encoding


def _number(data: bytes, position: int) -> int:
    return int.from_bytes(data[position : position + 4], "big")


def _first_string(data: bytes) -> bytes:
    return data[4 : 4 + _number(data, 0)]


def _strings(data: bytes, count: int) -> tuple[bytes, ...]:
    """Exactly so many strings, and nothing behind them."""
    found = []
    position = 0
    for _ in range(count):
        length = _number(data, position)
        start, position = position + 4, position + 4 + length
        if start > len(data) or position > len(data):
            raise UnsupportedSignatureError("it is cut off")
        found.append(data[start:position])
    if position != len(data):
        raise UnsupportedSignatureError("something follows it")
    return tuple(found)


def _string(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data
