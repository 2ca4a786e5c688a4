"""Binary key stores: Java's JKS and JCEKS, PKCS #12, and the keys of SSH version 1.

A store without a private key (a trust store) is no finding. Whether a store is protected is tested
with the passwords that tools and tutorials set by default: the store's own integrity check answers
without decrypting anything. Rounds of key derivation are bounded, for the file says how many.

Sources: JDK's `sun.security.provider.JavaKeyStore`; RFC 7292 (PKCS #12; appendix B for its key
derivation); sshconnect/authfile of OpenSSH before 7.6 (SSH1).
"""

import hashlib
import hmac
from typing import Final

import msgspec

from scanner.detectors.keys.value import PrivateKey
from scanner.detectors.keys.wire import DerNode, der_children, der_node

JKS_MAGIC: Final = b"\xfe\xed\xfe\xed"
JCEKS_MAGIC: Final = b"\xce\xce\xce\xce"
SSH1_MAGIC: Final = b"SSH PRIVATE KEY FILE FORMAT 1.1\n\0"

DEFAULT_PASSWORDS: Final = ("", "changeit", "changeme", "password", "notasecret", "android")
"""Empty; the JDK's; application servers'; tutorials'; Google's service accounts'; the debug key's.
"""

_JKS_SALT: Final = b"Mighty Aphrodite"
_MOST_ROUNDS: Final = 20_000
_MOST_ENTRIES: Final = 64
_DIGESTS: Final = {
    bytes.fromhex("2b0e03021a"): ("sha1", 20, 64),
    bytes.fromhex("608648016503040204"): ("sha224", 28, 64),
    bytes.fromhex("608648016503040201"): ("sha256", 32, 64),
    bytes.fromhex("608648016503040202"): ("sha384", 48, 128),
    bytes.fromhex("608648016503040203"): ("sha512", 64, 128),
}
"""Object identifiers with the name, the size of the digest and of its blocks, in bytes."""
_SHROUDED_KEY: Final = bytes.fromhex("060b2a864886f70d010c0a0102")
_PLAIN_KEY: Final = bytes.fromhex("060b2a864886f70d010c0a0101")
_DATA: Final = bytes.fromhex("2a864886f70d010701")


def read_store(data: bytes) -> PrivateKey | None:
    """A key store or SSH1 key from its first byte on; what stands behind it does no harm.

    None where it holds no private key, or is none at all.
    """
    if data[:4] in {JKS_MAGIC, JCEKS_MAGIC}:
        return _read_jks(data)
    if data.startswith(SSH1_MAGIC):
        return _read_ssh1(data)
    return _read_pkcs12(data)


def _identity(data: bytes) -> bytes:
    return b"key-store:" + hashlib.sha256(data).digest()


# ------------------------------------------------------------------------------ Java


def _read_jks(data: bytes) -> PrivateKey | None:
    entries = _jks_entries(data)
    if entries is None or not entries.keys:
        return None
    end = entries.end
    complete = end is not None and end + 20 <= len(data)
    password = _jks_password(data, end) if complete and end is not None else None
    kind = "JCEKS" if data.startswith(JCEKS_MAGIC) else "JKS"
    return PrivateKey(
        kind=f"Java key store ({kind}) with {_count(entries.keys)}",
        form=kind,
        protected=password is None,
        identity=_identity(data[: end + 20] if complete and end is not None else data),
        proven=password is not None,
        fault=_opened(password) if complete else "cut off, so no password was tried",
    )


class _Entries(msgspec.Struct, frozen=True):
    keys: int
    end: int | None
    """Where the digest starts; None where the data ends before."""


def _jks_entries(data: bytes) -> _Entries | None:
    """Entries with a private or secret key, as far as the data goes."""
    if len(data) < 12 or int.from_bytes(data[4:8], "big") not in {1, 2}:
        return None
    version, count = int.from_bytes(data[4:8], "big"), int.from_bytes(data[8:12], "big")
    at, keys = 12, 0
    for _ in range(min(count, _MOST_ENTRIES)):
        tag = int.from_bytes(data[at : at + 4], "big")
        if tag not in {1, 2, 3}:
            break
        keys += tag != 2
        end = _jks_entry_end(data, at, tag, version)
        if end is None:
            return _Entries(keys, None)
        at = end
    else:
        if count <= _MOST_ENTRIES:
            return _Entries(keys, at)
    return _Entries(keys, None)


def _jks_entry_end(data: bytes, at: int, tag: int, version: int) -> int | None:
    at += 4
    at += 2 + int.from_bytes(data[at : at + 2], "big") + 8  # the alias, and when it was made
    if tag == 3:  # a serialized object: its end is not marked
        return None
    certificates = 1
    if tag == 1:
        at += 4 + int.from_bytes(data[at : at + 4], "big")
        certificates = int.from_bytes(data[at : at + 4], "big")
        at += 4
    for _ in range(min(certificates, _MOST_ENTRIES)):
        if version == 2:
            at += 2 + int.from_bytes(data[at : at + 2], "big")  # "X.509"
        at += 4 + int.from_bytes(data[at : at + 4], "big")
        if at > len(data):
            return None
    return at if at <= len(data) and certificates <= _MOST_ENTRIES else None


def _jks_password(data: bytes, end: int) -> str | None:
    for password in DEFAULT_PASSWORDS:
        covered = password.encode("utf-16-be") + _JKS_SALT + data[:end]
        digest = hashlib.sha1(covered, usedforsecurity=False).digest()  # the format's own choice
        if digest == data[end : end + 20]:
            return password
    return None


# ------------------------------------------------------------------------------ PKCS #12


def _read_pkcs12(data: bytes) -> PrivateKey | None:
    whole = der_node(data, 0, len(data))
    if whole is None:
        return _cut_pkcs12(data)
    parts = list(der_children(data, whole))
    if len(parts) < 2 or data[parts[0].start : parts[0].end] != b"\x03":
        return None
    content = _auth_safe(data, parts[1])
    body = data[whole.start : whole.end]
    if content is None or not (_SHROUDED_KEY in body or _PLAIN_KEY in body):
        return None
    password, tried = None, False
    if len(parts) > 2:
        tried, password = _pkcs12_password(data, parts[2], data[content.start : content.end])
    plain = _PLAIN_KEY in body
    return PrivateKey(
        kind="PKCS #12 store with a private key",
        form="PKCS #12",
        protected=password is None and not plain,
        identity=_identity(data[: whole.end]),
        proven=password is not None or plain,
        fault=_opened(password) if tried else "no password was tried",
    )


def _cut_pkcs12(data: bytes) -> PrivateKey | None:
    """A store that is longer than what is looked at: its beginning still says what it is."""
    if not (_SHROUDED_KEY in data or _PLAIN_KEY in data):
        return None
    return PrivateKey(
        kind="PKCS #12 store with a private key",
        form="PKCS #12",
        protected=_PLAIN_KEY not in data,
        identity=_identity(data),
        fault="cut off, so no password was tried",
    )


def _auth_safe(data: bytes, node: DerNode) -> DerNode | None:
    """The octets that the MAC covers."""
    parts = list(der_children(data, node))
    if len(parts) != 2 or data[parts[0].start : parts[0].end] != _DATA or parts[1].tag != 0xA0:
        return None
    inner = der_node(data, parts[1].start, parts[1].end)
    return inner if inner is not None and inner.tag == 0x04 else None


def _pkcs12_password(data: bytes, node: DerNode, content: bytes) -> tuple[bool, str | None]:
    """Whether passwords could be tried at all, and the one that fits."""
    parts = list(der_children(data, node))
    if len(parts) < 2 or parts[0].tag != 0x30 or parts[1].tag != 0x04:
        return False, None
    digest_info = list(der_children(data, parts[0]))
    if len(digest_info) != 2:
        return False, None
    algorithm = list(der_children(data, digest_info[0]))
    expected = data[digest_info[1].start : digest_info[1].end]
    name = _DIGESTS.get(data[algorithm[0].start : algorithm[0].end]) if algorithm else None
    rounds = int.from_bytes(data[parts[2].start : parts[2].end], "big") if len(parts) > 2 else 1
    if name is None or not 1 <= rounds <= _MOST_ROUNDS:
        return False, None
    salt = data[parts[1].start : parts[1].end]
    for password in DEFAULT_PASSWORDS:
        key = pkcs12_mac_key(password, salt, rounds, name)
        if hmac.digest(key, content, name[0]) == expected:
            return True, password
    return True, None


def pkcs12_mac_key(password: str, salt: bytes, rounds: int, digest: tuple[str, int, int]) -> bytes:
    """RFC 7292 appendix B.2 for a key (ID 3) as long as the digest: one block, so no round two."""
    name, size, block = digest
    encoded = (password + "\0").encode("utf-16-be")
    filled = b"\x03" * block + _fill(salt, block) + _fill(encoded, block)
    value = hashlib.new(name, filled, usedforsecurity=False).digest()
    for _ in range(rounds - 1):
        value = hashlib.new(name, value, usedforsecurity=False).digest()
    return value[:size]


def _fill(data: bytes, block: int) -> bytes:
    """Repeated up to the next multiple of the block size; nothing stays nothing."""
    length = block * ((len(data) + block - 1) // block)
    return (data * (length // max(len(data), 1) + 1))[:length]


# ------------------------------------------------------------------------------ SSH version 1


def _read_ssh1(data: bytes) -> PrivateKey | None:
    at = len(SSH1_MAGIC)
    if len(data) < at + 9 or data[at] not in {0, 1, 2, 3, 5, 6}:
        return None
    bits = int.from_bytes(data[at + 5 : at + 9], "big")
    if not 256 <= bits <= 16_384:
        return None
    return PrivateKey(
        kind="SSH1 RSA", form="SSH1", bits=bits, protected=data[at] != 0, identity=_identity(data)
    )


def _count(keys: int) -> str:
    return "one private key" if keys == 1 else f"{keys} private keys"


def _opened(password: str | None) -> str:
    if password is None:
        return "no default password opens it"
    return "opened by the empty password" if not password else f"opened by the default {password!r}"
