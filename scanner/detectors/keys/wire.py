"""Readers for the two encodings that keys come in: SSH's length-prefixed strings and DER.

Sources: RFC 4251 section 5 (SSH data types), ITU-T X.690 (DER). Both readers are bounded by the
bytes they are given and answer None (or stop) where these do not add up.
"""

import hashlib
from base64 import b64encode
from collections.abc import Iterator

import msgspec


class SshReader:
    """Reads fields from the front of SSH-encoded bytes; `None` once something does not fit."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def __repr__(self) -> str:
        return f"<SshReader at {self._at} of {len(self._data)}>"

    def number(self) -> int | None:
        """An unsigned 32-bit integer."""
        field = self._take(4)
        return None if field is None else int.from_bytes(field, "big")

    def string(self) -> bytes | None:
        """Bytes behind their length."""
        length = self.number()
        return None if length is None else self._take(length)

    def mpint(self) -> int | None:
        """A multiple-precision integer; None for a negative one, which no key holds."""
        field = self.string()
        if field is None or (field and field[0] & 0x80):
            return None
        return int.from_bytes(field, "big")

    def rest(self) -> bytes:
        """What was not read."""
        return self._data[self._at :]

    def _take(self, length: int) -> bytes | None:
        end = self._at + length
        if end > len(self._data):
            self._at = len(self._data)
            return None
        field = self._data[self._at : end]
        self._at = end
        return field


def ssh_string(field: bytes) -> bytes:
    """Bytes behind their length."""
    return len(field).to_bytes(4, "big") + field


def ssh_mpint(number: int) -> bytes:
    """A non-negative integer in the fewest bytes, with a zero where the top bit would be set."""
    return ssh_string(number.to_bytes(number.bit_length() // 8 + 1, "big") if number else b"")


def openssh_fingerprint(public_blob: bytes) -> str:
    """As `ssh-keygen -l` prints it: unpadded Base64 of the SHA-256 of the public key's encoding."""
    digest = hashlib.sha256(public_blob).digest()
    return "SHA256:" + b64encode(digest).rstrip(b"=").decode()


class DerNode(msgspec.Struct, frozen=True):
    """One element: its tag, and where its content stands."""

    tag: int
    start: int
    end: int


def der_node(data: bytes, at: int, end: int) -> DerNode | None:
    """The element at an offset; None for an indefinite length or one that leaves `end`."""
    if at + 2 > end or data[at] & 0x1F == 0x1F:
        return None
    length, start = data[at + 1], at + 2
    if length & 0x80:
        count = length & 0x7F
        if not 1 <= count <= 4 or start + count > end:
            return None
        length = int.from_bytes(data[start : start + count], "big")
        start += count
    if start + length > end:
        return None
    return DerNode(data[at], start, start + length)


def der_children(data: bytes, node: DerNode) -> Iterator[DerNode]:
    """The elements inside a constructed element; stops where they do not add up."""
    at = node.start
    while at < node.end:
        child = der_node(data, at, node.end)
        if child is None:
            return
        yield child
        at = child.end


def der_whole(data: bytes) -> DerNode | None:
    """The SEQUENCE that is all of the data; None where there is none, or anything behind it."""
    node = der_node(data, 0, len(data))
    if node is None or node.tag != 0x30 or node.end != len(data):
        return None
    return node
