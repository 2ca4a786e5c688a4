"""PuTTY's private key files (PPK), versions 1 to 3: the public half is in the clear.

Source: "PPK file format", Appendix C of the PuTTY manual. An unprotected file's MAC has a known
key, so the whole file can be verified; a protected one shows its public key only.
"""

import base64
import binascii
import hashlib
import hmac
import re
from typing import Final

import msgspec

from scanner.detectors.keys.openssh import key_kind, public_bits, public_identity
from scanner.detectors.keys.value import PrivateKey
from scanner.detectors.keys.wire import SshReader, openssh_fingerprint, ssh_string

_BREAK: Final = re.compile(rb"\\r\\n|\\n|\r\n?")
_FIRST: Final = re.compile(rb"PuTTY-User-Key-File-([123]): ([a-z0-9@.-]{3,60})$")
_MOST_LINES: Final = 400
_MAC_KEY_V2: Final = hashlib.sha1(  # the format's own choice
    b"putty-private-key-file-mac-key", usedforsecurity=False
).digest()


class _File(msgspec.Struct, frozen=True):
    version: int
    name: bytes
    cipher: bytes
    comment: bytes
    public: bytes
    private: bytes
    mac: str


def read_putty(block: bytes) -> PrivateKey | None:
    """None where the file is not complete; a fault where neither MAC nor numbers fit."""
    file = _take_apart(block)
    kind = key_kind(file.name) if file else None
    if file is None or kind is None or SshReader(file.public).string() != file.name:
        return None
    protected = file.cipher != b"none"
    fits = not protected and _mac_fits(file)
    sound = protected or fits or _numbers_fit(file)
    return PrivateKey(
        kind=kind,
        form=f"PuTTY {file.version}",
        bits=public_bits(file.public),
        protected=protected,
        fingerprint=openssh_fingerprint(file.public),
        identity=public_identity(file.public),
        proven=sound,
        fault="" if sound else "its MAC does not fit",
    )


def _take_apart(block: bytes) -> _File | None:
    lines = [line.strip() for line in _BREAK.sub(b"\n", block).split(b"\n")][:_MOST_LINES]
    first = _FIRST.match(lines[0])
    if first is None:
        return None
    fields: dict[bytes, bytes] = {}
    bodies: dict[bytes, bytes] = {}
    at = 1
    while at < len(lines):
        key, _, value = lines[at].partition(b": ")
        at += 1
        if key in {b"Public-Lines", b"Private-Lines"}:
            if not value.isdigit() or len(value) > 3:
                return None
            count = int(value)
            bodies[key] = _decode(b"".join(lines[at : at + count]))
            at += count
        elif value:
            fields[key] = value
    public, private = bodies.get(b"Public-Lines"), bodies.get(b"Private-Lines")
    mac = fields.get(b"Private-MAC") or fields.get(b"Private-Hash")
    if not public or not private or not mac or b"Encryption" not in fields:
        return None
    return _File(
        int(first[1]),
        first[2],
        fields[b"Encryption"],
        fields.get(b"Comment", b""),
        public,
        private,
        mac.decode("ascii", "replace").lower(),
    )


def _decode(text: bytes) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _mac_fits(file: _File) -> bool:
    fields = (file.name, file.cipher, file.comment, file.public, file.private)
    covered = b"".join(ssh_string(field) for field in fields)
    if file.version == 3:
        computed = hmac.new(b"", covered, hashlib.sha256).hexdigest()
    elif file.version == 2:
        computed = hmac.new(_MAC_KEY_V2, covered, hashlib.sha1).hexdigest()
    else:
        computed = hmac.new(_MAC_KEY_V2, file.private, hashlib.sha1).hexdigest()
    return computed == file.mac


def _numbers_fit(file: _File) -> bool:
    """A comment changed by hand breaks the MAC and leaves the key usable: look at RSA's numbers."""
    if file.name != b"ssh-rsa":
        return False
    public, private = SshReader(file.public), SshReader(file.private)
    public.string()
    public.mpint()
    modulus = public.mpint()
    private.mpint()
    p, q = private.mpint(), private.mpint()
    return bool(modulus and p and q) and (p or 0) * (q or 0) == modulus
