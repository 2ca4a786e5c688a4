"""Builds example key stores: keys in files that are no text. Source of the formats: see
`scanner.detectors.keys.containers`."""

import hashlib
import random
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from scanner.rules.sample_keys import der, integer, sequence


def _java_store(source: random.Random, argument: str) -> bytes:
    """One private key; the integrity check is made with the JDK's default password, or `locked`."""
    password = source.randbytes(8).hex() if argument == "locked" else "changeit"
    magic = b"\xce\xce\xce\xce" if argument == "jceks" else b"\xfe\xed\xfe\xed"
    tag = 2 if argument == "trust" else 1
    entry = tag.to_bytes(4, "big") + b"\x00\x07harbour" + (1_700_000_000_000).to_bytes(8, "big")
    if tag == 1:
        entry += _long(source.randbytes(700)) + (1).to_bytes(4, "big")
    entry += b"\x00\x05X.509" + _long(source.randbytes(600))
    data = magic + (2).to_bytes(4, "big") + (1).to_bytes(4, "big") + entry
    covered = password.encode("utf-16-be") + b"Mighty Aphrodite" + data
    return data + hashlib.sha1(covered, usedforsecurity=False).digest()


def _long(field: bytes) -> bytes:
    return len(field).to_bytes(4, "big") + field


def _pkcs12(source: random.Random, argument: str) -> bytes:
    """One shrouded key and a MAC that no default password makes; `trust` holds no key."""
    bag_name = "060b2a864886f70d010c0a01" + ("03" if argument == "trust" else "02")
    cipher = sequence(bytes.fromhex("060a2a864886f70d010c0103"))
    shrouded = sequence(cipher, der(0x04, source.randbytes(640)))
    bag = sequence(bytes.fromhex(bag_name), der(0xA0, shrouded))
    data_oid = bytes.fromhex("06092a864886f70d010701")
    inner = sequence(data_oid, der(0xA0, der(0x04, sequence(bag))))
    content = sequence(data_oid, der(0xA0, der(0x04, sequence(inner))))
    digest = sequence(
        bytes.fromhex("300d06096086480165030402010500"), der(0x04, source.randbytes(32))
    )
    mac = sequence(digest, der(0x04, source.randbytes(8)), integer(2048))
    return sequence(integer(3), content, mac)


def _ssh1(source: random.Random, argument: str) -> bytes:
    cipher = b"\x03" if argument == "locked" else b"\x00"
    return (
        b"SSH PRIVATE KEY FILE FORMAT 1.1\n\0" + cipher + b"\0\0\0\0" + (1024).to_bytes(4, "big")
        + source.randbytes(400)
    )  # fmt: skip


BINARY_GENERATORS: Final[Mapping[str, Callable[[random.Random, str], bytes]]] = MappingProxyType(
    {"java-store": _java_store, "pkcs12": _pkcs12, "ssh1": _ssh1}
)
"""Key stores and keys that are no text, by template name."""
