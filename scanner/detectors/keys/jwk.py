"""Private JSON Web Keys: do the public and the private members belong together?

Sources: RFC 7517 (the format), RFC 7518 section 6 (RSA and EC members), RFC 8037 (Ed25519).
"""

import base64
import json
from typing import Final

from scanner.detectors.keys.openssh import public_identity
from scanner.detectors.keys.value import PrivateKey
from scanner.detectors.keys.wire import openssh_fingerprint, ssh_mpint, ssh_string

_MOST: Final = 8192
_MOST_BITS: Final = 8192
_CURVES: Final = {"P-256": "256", "P-384": "384", "P-521": "521"}
_FAULT: Final = "its members do not belong together"


def read_jwk(text: bytes, inside: int) -> PrivateKey | None:
    """The innermost JSON object around an offset, if it is a private key; else None."""
    start, end = text.rfind(b"{", 0, inside), text.find(b"}", inside)
    if start < 0 or end < 0 or end - start > _MOST:
        return None
    try:
        members = json.loads(text[start : end + 1])
    except (ValueError, RecursionError):
        return None
    if not isinstance(members, dict):
        return None
    try:
        return _read(members)
    except Exception:  # numbers of hostile size or off the curve: whatever is raised, no key
        return None


def _read(members: dict[str, object]) -> PrivateKey | None:
    kind = members.get("kty")
    if kind == "RSA":
        return _read_rsa(members)
    if kind == "EC":
        return _read_curve(members)
    if kind == "OKP" and members.get("crv") == "Ed25519":
        return _read_ed25519(members)
    return None


def _read_rsa(members: dict[str, object]) -> PrivateKey | None:
    n, e, d = (_number(members.get(name)) for name in ("n", "e", "d"))
    if not n or not 1 < e < 1 << 64 or not d or n.bit_length() > _MOST_BITS or d >= n:
        return None
    blob = ssh_string(b"ssh-rsa") + ssh_mpint(e) + ssh_mpint(n)
    return _key("RSA", blob, sound=pow(pow(2, e, n), d, n) == 2, bits=n.bit_length())


def _read_curve(members: dict[str, object]) -> PrivateKey | None:
    from cryptography.hazmat.primitives.asymmetric import ec

    size = _CURVES.get(str(members.get("crv")))
    if size is None:
        return None
    curves = {"256": ec.SECP256R1(), "384": ec.SECP384R1(), "521": ec.SECP521R1()}
    x, y, d = (_number(members.get(name)) for name in ("x", "y", "d"))
    public = ec.derive_private_key(d, curves[size]).public_key().public_numbers()
    width = (int(size) + 7) // 8
    point = b"\x04" + x.to_bytes(width, "big") + y.to_bytes(width, "big")
    name = f"nistp{size}".encode()
    blob = ssh_string(b"ecdsa-sha2-" + name) + ssh_string(name) + ssh_string(point)
    return _key(f"ECDSA P-{size}", blob, sound=(public.x, public.y) == (x, y))


def _read_ed25519(members: dict[str, object]) -> PrivateKey | None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    x, d = (_bytes(members.get(name)) for name in ("x", "d"))
    public = Ed25519PrivateKey.from_private_bytes(d).public_key().public_bytes_raw()
    return _key("Ed25519", ssh_string(b"ssh-ed25519") + ssh_string(x), sound=public == x)


def _key(kind: str, blob: bytes, *, sound: bool, bits: int = 0) -> PrivateKey:
    return PrivateKey(
        kind=kind,
        form="JSON Web Key",
        bits=bits,
        fingerprint=openssh_fingerprint(blob),
        identity=public_identity(blob),
        proven=sound,
        fault="" if sound else _FAULT,
    )


def _bytes(member: object) -> bytes:
    text = member if isinstance(member, str) else ""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _number(member: object) -> int:
    return int.from_bytes(_bytes(member), "big")
