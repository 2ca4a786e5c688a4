"""Private keys in DER: PKCS #1, SEC 1, PKCS #8 and what OpenSSL wrote for DSA.

Sources: RFC 8017 (RSA), RFC 5915 (EC), RFC 5958 (PKCS #8), RFC 8018 (its encryption). The parsing
is done by the `cryptography` package; whether the numbers belong together is tested here, because
the package's own test looks for primes, which a hostile key of 16,384 bits makes slow.
"""

import hashlib
from typing import TYPE_CHECKING, Final

from scanner.detectors.keys.openssh import public_identity
from scanner.detectors.keys.value import PrivateKey
from scanner.detectors.keys.wire import (
    der_children,
    der_whole,
    openssh_fingerprint,
    ssh_mpint,
    ssh_string,
)

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

_FORMS: Final = {b"RSA": "PKCS #1", b"EC": "SEC 1", b"DSA": "OpenSSL", b"": "PKCS #8"}
_LEAST_PROTECTED: Final = 60
_SSH_CURVES: Final = {"secp256r1": "256", "secp384r1": "384", "secp521r1": "521"}
_NOT_TOGETHER: Final = "its numbers do not belong together"


def form_of(label: bytes) -> str:
    """The format's name for the word before `PRIVATE KEY`."""
    return _FORMS.get(label, "PEM")


def read_der(payload: bytes, label: bytes) -> PrivateKey | None:
    """An unprotected key; None where nothing parses."""
    from cryptography.hazmat.primitives.serialization import load_der_private_key

    if der_whole(payload) is None:
        return None
    try:
        key = load_der_private_key(payload, None, unsafe_skip_rsa_key_validation=True)
        return _describe(key, form_of(label))
    except Exception:  # a parser of hostile bytes: whatever it raises means that it is no key
        return None


def read_protected(payload: bytes) -> PrivateKey | None:
    """PKCS #8's EncryptedPrivateKeyInfo: an algorithm, and cipher text; nothing else is visible."""
    whole = der_whole(payload)
    if whole is None:
        return None
    parts = list(der_children(payload, whole))
    if [part.tag for part in parts] != [0x30, 0x04] or parts[-1].end != whole.end:
        return None
    algorithm = list(der_children(payload, parts[0]))
    if not algorithm or algorithm[0].tag != 0x06:
        return None
    if parts[1].end - parts[1].start < _LEAST_PROTECTED // 2:
        return None
    return PrivateKey(
        kind="PKCS #8",
        form="PKCS #8",
        protected=True,
        identity=payload_identity(payload),
        proven=True,
    )


def payload_identity(payload: bytes) -> bytes:
    """What stands for a key of which only the file's bytes are known."""
    return b"key-file:" + hashlib.sha256(payload).digest()


def _describe(key: "PrivateKeyTypes", form: str) -> PrivateKey:
    from cryptography.hazmat.primitives import serialization as to
    from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa

    if isinstance(key, rsa.RSAPrivateKey):
        return _describe_rsa(key, form)
    public = key.public_key()
    blob, sound = b"", True
    kind, bits = type(key).__name__.strip("_").removesuffix("PrivateKey"), 0
    if isinstance(key, ed25519.Ed25519PrivateKey):
        kind = "Ed25519"
        raw = key.public_key().public_bytes(to.Encoding.Raw, to.PublicFormat.Raw)
        blob = ssh_string(b"ssh-ed25519") + ssh_string(raw)
    elif isinstance(key, ec.EllipticCurvePrivateKey):
        kind, blob = _describe_curve(key)
    elif isinstance(key, dsa.DSAPrivateKey):
        numbers = key.private_numbers().public_numbers
        group = numbers.parameter_numbers
        kind, bits = "DSA", key.key_size
        sound = pow(group.g, key.private_numbers().x, group.p) == numbers.y
        fields = (group.p, group.q, group.g, numbers.y)
        blob = ssh_string(b"ssh-dss") + b"".join(ssh_mpint(field) for field in fields)
    info = public.public_bytes(to.Encoding.DER, to.PublicFormat.SubjectPublicKeyInfo)
    return PrivateKey(
        kind=kind,
        form=form,
        bits=bits,
        fingerprint=openssh_fingerprint(blob) if blob else "",
        identity=public_identity(blob or info),
        proven=sound,
        fault="" if sound else _NOT_TOGETHER,
    )


def _describe_rsa(key: object, form: str) -> PrivateKey:
    from cryptography.hazmat.primitives.asymmetric import rsa

    assert isinstance(key, rsa.RSAPrivateKey)
    numbers = key.private_numbers()
    n, e = numbers.public_numbers.n, numbers.public_numbers.e
    p, q, d = numbers.p, numbers.q, numbers.d
    sound = p > 1 and q > 1 and p * q == n and d * e % (p - 1) == 1 == d * e % (q - 1)
    # OpenSSL computes with these instead of d.
    sound = sound and (numbers.dmp1, numbers.dmq1) == (d % (p - 1), d % (q - 1))
    sound = sound and numbers.iqmp * q % p == 1
    blob = ssh_string(b"ssh-rsa") + ssh_mpint(e) + ssh_mpint(n)
    return PrivateKey(
        kind="RSA",
        form=form,
        bits=n.bit_length(),
        fingerprint=openssh_fingerprint(blob),
        identity=public_identity(blob),
        proven=sound,
        fault="" if sound else _NOT_TOGETHER,
    )


def _describe_curve(key: object) -> tuple[str, bytes]:
    """The curve in words, and the public key as SSH writes it where SSH knows the curve."""
    from cryptography.hazmat.primitives import serialization as to
    from cryptography.hazmat.primitives.asymmetric import ec

    assert isinstance(key, ec.EllipticCurvePrivateKey)
    size = _SSH_CURVES.get(key.curve.name)
    if size is None:
        return f"elliptic-curve ({key.curve.name})", b""
    point = key.public_key().public_bytes(to.Encoding.X962, to.PublicFormat.UncompressedPoint)
    name, curve = f"ecdsa-sha2-nistp{size}".encode(), f"nistp{size}".encode()
    return f"ECDSA P-{size}", ssh_string(name) + ssh_string(curve) + ssh_string(point)
