"""Builds example private keys from a seeded source: real numbers in real files, stored nowhere.

The keys parse, so that checks can tell them from random Base64; they are far too weak for use, made
as they are from a published seed.
"""

import base64
import hashlib
import hmac
import random
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from scanner.errors import RuleError

_SMALL_PRIMES: Final = tuple(
    number for number in range(3, 2000, 2) if all(number % divisor for divisor in range(3, 45, 2))
    or number in {3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43}
)  # fmt: skip
_RSA_OID: Final = bytes.fromhex("06092a864886f70d0101010500")
_P256: Final = bytes.fromhex("06082a8648ce3d030107")
_ED25519_OID: Final = bytes.fromhex("06032b6570")
_PBES2: Final = bytes.fromhex("06092a864886f70d01050d")
_EXPONENT: Final = 65537


# ------------------------------------------------------------------------------ encodings


def der(tag: int, *content: bytes) -> bytes:
    """One element with a definite length (X.690)."""
    body = b"".join(content)
    if len(body) < 128:
        return bytes((tag, len(body))) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + body


def integer(number: int) -> bytes:
    """A non-negative INTEGER."""
    return der(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def sequence(*content: bytes) -> bytes:
    """A SEQUENCE of elements."""
    return der(0x30, *content)


def _string(field: bytes) -> bytes:
    return len(field).to_bytes(4, "big") + field


def _mpint(number: int) -> bytes:
    return _string(number.to_bytes(number.bit_length() // 8 + 1, "big"))


def _armoured(label: str, payload: bytes, *, width: int = 64, headers: str = "") -> str:
    body = base64.b64encode(payload).decode()
    lines = [body[index : index + width] for index in range(0, len(body), width)]
    return "\n".join([f"-----BEGIN {label}-----{headers}", *lines, f"-----END {label}-----"])


# ------------------------------------------------------------------------------ numbers


def _prime(source: random.Random, bits: int) -> int:
    """A probable prime with its two top bits set (Miller-Rabin after trial division)."""
    while True:
        number = source.getrandbits(bits) | 3 << (bits - 2) | 1
        if all(number % prime for prime in _SMALL_PRIMES) and _is_prime(source, number):
            return number


def _is_prime(source: random.Random, number: int) -> bool:
    odd, twos = number - 1, 0
    while not odd & 1:
        odd, twos = odd >> 1, twos + 1
    for _ in range(8):
        value = pow(source.randrange(2, number - 1), odd, number)
        if value in {1, number - 1}:
            continue
        for _ in range(twos - 1):
            value = value * value % number
            if value == number - 1:
                break
        else:
            return False
    return True


def _rsa(source: random.Random, bits: int) -> bytes:
    """RSAPrivateKey of RFC 8017."""
    while True:
        p, q = _prime(source, bits // 2), _prime(source, bits // 2)
        phi = (p - 1) * (q - 1)
        if p != q and phi % _EXPONENT:
            break
    d = pow(_EXPONENT, -1, phi)
    numbers = (0, p * q, _EXPONENT, d, p, q, d % (p - 1), d % (q - 1), pow(q, -1, p))
    return sequence(*(integer(number) for number in numbers))


def _wrapped(algorithm: bytes, key: bytes) -> bytes:
    """PrivateKeyInfo of RFC 5958."""
    return sequence(integer(0), sequence(algorithm), der(0x04, key))


# ------------------------------------------------------------------------------ PEM


def _pem_rsa(source: random.Random) -> str:
    return _armoured("RSA PRIVATE KEY", _rsa(source, 1024))


def _pem_rsa_protected(source: random.Random) -> str:
    headers = (
        f"\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,{source.randbytes(16).hex().upper()}\n"
    )
    return _armoured("RSA PRIVATE KEY", source.randbytes(608), headers=headers)


def _pem_ec(source: random.Random) -> str:
    scalar = der(0x04, bytes((source.randrange(1, 0xF0),)) + source.randbytes(31))
    return _armoured("EC PRIVATE KEY", sequence(integer(1), scalar, der(0xA0, _P256)))


def _pem_dsa(source: random.Random) -> str:
    """A group of 1024 and 160 bits: a prime q that divides p - 1, and a generator of order q."""
    q = _prime(source, 160)
    while True:
        p = source.getrandbits(1024) | 3 << 1022 | 1
        p -= p % (2 * q) - 1
        if all(p % prime for prime in _SMALL_PRIMES) and _is_prime(source, p):
            break
    g = pow(2, (p - 1) // q, p)
    x = source.randrange(2, q - 1)
    numbers = (0, p, q, g, pow(g, x, p), x)
    return _armoured("DSA PRIVATE KEY", sequence(*(integer(number) for number in numbers)))


def _pem_pkcs8(source: random.Random) -> str:
    return _armoured("PRIVATE KEY", _wrapped(_RSA_OID, _rsa(source, 1024)))


def _pem_ed25519(source: random.Random) -> str:
    return _armoured("PRIVATE KEY", _wrapped(_ED25519_OID, der(0x04, source.randbytes(32))))


def _pem_protected(source: random.Random) -> str:
    """EncryptedPrivateKeyInfo: PBES2 with parameters of the right shape, then cipher text."""
    derivation = sequence(
        bytes.fromhex("06092a864886f70d01050c"),
        sequence(der(0x04, source.randbytes(8)), integer(2048)),
    )
    cipher = sequence(bytes.fromhex("060960864801650304012a"), der(0x04, source.randbytes(16)))
    algorithm = sequence(_PBES2, sequence(derivation, cipher))
    data = sequence(algorithm, der(0x04, source.randbytes(640)))
    return _armoured("ENCRYPTED PRIVATE KEY", data)


def _openssh(source: random.Random, *, protected: bool) -> str:
    seed, public = _ed25519_pair(source)
    blob = _string(b"ssh-ed25519") + _string(public)
    check = source.randbytes(4)
    section = check + check + blob + _string(seed + public) + _string(b"harbour")
    section += bytes(range(1, 1 + -len(section) % 8))
    if protected:
        cipher, derivation = b"aes256-ctr", b"bcrypt"
        options = _string(source.randbytes(16)) + (16).to_bytes(4, "big")
        section = source.randbytes(len(section) + -len(section) % 16)
    else:
        cipher, derivation, options = b"none", b"none", b""
    data = b"openssh-key-v1\0" + _string(cipher) + _string(derivation) + _string(options)
    data += (1).to_bytes(4, "big") + _string(blob) + _string(section)
    return _armoured("OPENSSH PRIVATE KEY", data, width=70)


def _pem_openssh(source: random.Random) -> str:
    return _openssh(source, protected=False)


def _pem_openssh_protected(source: random.Random) -> str:
    return _openssh(source, protected=True)


def _pem_public(source: random.Random) -> str:
    numbers = sequence(integer(source.getrandbits(2048)), integer(_EXPONENT))
    return _armoured("PUBLIC KEY", sequence(sequence(_RSA_OID), der(0x03, b"\0", numbers)))


def _pem_certificate(source: random.Random) -> str:
    return _armoured("CERTIFICATE", b"\x30\x82\x03\x52\x30\x82\x02\x3a" + source.randbytes(800))


def _ed25519_pair(source: random.Random) -> tuple[bytes, bytes]:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    seed = source.randbytes(32)
    return seed, Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


_PEM: Final[Mapping[str, Callable[[random.Random], str]]] = MappingProxyType(
    {
        "rsa": _pem_rsa,
        "rsa-encrypted": _pem_rsa_protected,
        "ec": _pem_ec,
        "dsa": _pem_dsa,
        "pkcs8": _pem_pkcs8,
        "ed25519": _pem_ed25519,
        "encrypted": _pem_protected,
        "openssh": _pem_openssh,
        "openssh-encrypted": _pem_openssh_protected,
        "public": _pem_public,
        "certificate": _pem_certificate,
    }
)


def _pem(source: random.Random, argument: str) -> str:
    build = _PEM.get(argument)
    if build is None:
        raise RuleError(
            f"example field pem: no kind {argument!r}", hint=f"known: {', '.join(_PEM)}"
        )
    return build(source)


def _pem_escaped(source: random.Random, argument: str) -> str:
    return _pem(source, argument).replace("\n", "\\n")


# ------------------------------------------------------------------------------ other text


def _openpgp(source: random.Random, argument: str) -> str:
    """A version 4 RSA key without a passphrase (RFC 4880, section 5.5.3); `locked` with one."""

    def number(bits: int) -> bytes:
        return bits.to_bytes(2, "big") + (source.getrandbits(bits) | 1 << (bits - 1)).to_bytes(
            bits // 8, "big"
        )

    public = b"\x04" + source.randbytes(4) + b"\x01" + number(2048) + b"\x00\x11\x01\x00\x01"
    private = number(2048) + number(1024) + number(1024) + number(1024)
    usage = b"\xfe\x09\x03\x08" + source.randbytes(9) if argument == "locked" else b"\x00"
    body = public + usage + private + (sum(private) & 0xFFFF).to_bytes(2, "big")
    packet = b"\x95" + len(body).to_bytes(2, "big") + body
    text = base64.b64encode(packet).decode()
    lines = [text[index : index + 64] for index in range(0, len(text), 64)]
    checksum = base64.b64encode(_crc24(packet).to_bytes(3, "big")).decode()
    label = "PGP PRIVATE KEY BLOCK"
    return "\n".join(
        [f"-----BEGIN {label}-----", "", *lines, f"={checksum}", f"-----END {label}-----"]
    )


def _crc24(data: bytes) -> int:
    register = 0xB704CE
    for byte in data:
        register ^= byte << 16
        for _ in range(8):
            register = register << 1 ^ (0x1864CFB if register & 0x800000 else 0)
    return register & 0xFFFFFF


def _putty(source: random.Random, argument: str) -> str:
    """A version 3 Ed25519 file with its MAC; `2` for version 2, `locked` for a protected one."""
    seed, public = _ed25519_pair(source)
    blob, private = _string(b"ssh-ed25519") + _string(public), _string(seed)
    cipher = "aes256-cbc" if argument == "locked" else "none"
    version = 2 if argument == "2" else 3
    fields = (b"ssh-ed25519", cipher.encode(), b"harbour", blob, private)
    covered = b"".join(_string(field) for field in fields)
    if version == 2:
        key = hashlib.sha1(b"putty-private-key-file-mac-key", usedforsecurity=False).digest()
        mac = hmac.digest(key, covered, "sha1").hex()
    else:
        mac = hmac.digest(b"", covered, "sha256").hex()
    halves = [base64.b64encode(half).decode() for half in (blob, private)]
    lines = [f"PuTTY-User-Key-File-{version}: ssh-ed25519", f"Encryption: {cipher}"]
    lines += ["Comment: harbour", "Public-Lines: 2", halves[0][:64], halves[0][64:]]
    return "\n".join([*lines, "Private-Lines: 1", halves[1], f"Private-MAC: {mac}"])


def _wireguard(source: random.Random, argument: str) -> str:
    del argument
    raw = bytearray(source.randbytes(32))
    raw[0] &= 0xF8
    raw[31] = raw[31] & 0x7F | 0x40
    return base64.b64encode(raw).decode()


def _minisign(source: random.Random, argument: str) -> str:
    kind = b"\0\0" if argument == "open" else b"Sc"
    return base64.b64encode(b"Ed" + kind + b"B2" + source.randbytes(152)).decode()


def _signify(source: random.Random, argument: str) -> str:
    rounds = 42 if argument == "locked" else 0
    secret = source.randbytes(64)
    checksum = hashlib.sha512(secret).digest()[:8]
    head = b"EdBK" + rounds.to_bytes(4, "big") + source.randbytes(16)
    return base64.b64encode(head + checksum + source.randbytes(8) + secret).decode()


def _ssh2(source: random.Random, argument: str) -> str:
    """The body of ssh.com's format; `open` for one without a passphrase."""
    cipher = b"none" if argument == "open" else b"3des-cbc"
    fields = _string(b"if-modn{sign{rsa-pkcs1-sha1},encrypt{rsa-pkcs1v2-oaep}}") + _string(cipher)
    data = fields + _string(source.randbytes(560))
    data = b"\x3f\x6f\xf9\xeb" + (len(data) + 8).to_bytes(4, "big") + data
    text = base64.b64encode(data).decode()
    return "\n".join(text[index : index + 70] for index in range(0, len(text), 70))


def _jwk_public(source: random.Random, argument: str) -> str:
    """The `x` of an Ed25519 JSON Web Key; the argument names the pair it belongs to."""
    del source
    return _url64(_ed25519_pair(random.Random(argument))[1])  # noqa: S311 - reproducible


def _jwk_private(source: random.Random, argument: str) -> str:
    """The `d` of the same pair."""
    del source
    return _url64(_ed25519_pair(random.Random(argument))[0])  # noqa: S311 - reproducible


def _url64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


KEY_GENERATORS: Final[Mapping[str, Callable[[random.Random, str], str]]] = MappingProxyType(
    {
        "pem": _pem,
        "pem-escaped": _pem_escaped,
        "openpgp": _openpgp,
        "putty": _putty,
        "wireguard": _wireguard,
        "minisign": _minisign,
        "signify": _signify,
        "ssh2": _ssh2,
        "jwk-public": _jwk_public,
        "jwk-private": _jwk_private,
    }
)
"""Private keys as text, by template name."""
