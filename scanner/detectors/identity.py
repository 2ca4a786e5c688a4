"""Which secret is it? The bytes a digest is computed of, the same for every form of one secret."""

import base64
import hashlib
import re
import secrets
from typing import Final
from urllib.parse import unquote_to_bytes

_BEGIN: Final = b"-----BEGIN"
_BEGIN_SSH_COM: Final = b"---- BEGIN"
_PUTTY: Final = b"PuTTY-User-Key-File-"
_BEGIN_IN_BASE64: Final = b"LS0tLS1CRUdJTi"
_STORE_MAGIC: Final = (
    b"\xfe\xed\xfe\xed",
    b"\xce\xce\xce\xce",
    b"SSH PRIVATE KEY FILE",
    b"\x30\x82",
)
_SPACE: Final = re.compile(rb"\s+|\\[nr]")
_MOST_KEY: Final = 64 * 1024
_MOST_REMEMBERED: Final = 10_000
_URL_RULES: Final = ("-url", "-url-password", "-shared-access-signature")


def canonical(rule: str, secret: bytes) -> bytes:
    """The bytes that stand for a secret.

    A private key is its public key, so PEM, PKCS #8, OpenSSH, PuTTY, escaped and encoded forms of
    one key are one secret; a key whose public half is hidden is its file without line ends and
    escapes. Passwords in URLs are percent-decoded. Everything else is what it is, signatures of
    tokens included. `rule` is the id of the rule that matched.
    """
    if secret.startswith(_BEGIN_IN_BASE64):
        secret = _decoded(secret) or secret
    if _is_key(secret):
        return _key_identity(secret) or _unfolded(secret)
    if rule.endswith(_URL_RULES):
        return unquote_to_bytes(secret)
    return secret


class Identities:
    """`canonical` with a memory: a history shows the same key in every version of its file.

    One for each thread, owned by what computes the digests. Remembered are keyed hashes of secrets
    (with a key that no other process has) and their public identities, at most 10,000.
    """

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._known: dict[bytes, bytes] = {}

    def __repr__(self) -> str:
        return f"<Identities of {len(self._known)} keys>"

    def canonical(self, rule: str, secret: bytes) -> bytes:
        """See the function of the same name."""
        if not (_is_key(secret) or secret.startswith(_BEGIN_IN_BASE64)):
            return canonical(rule, secret)
        handle = hashlib.blake2b(secret, key=self._key, digest_size=16).digest()
        known = self._known.get(handle)
        if known is None:
            known = canonical(rule, secret)
            if _is_public(known):
                if len(self._known) >= _MOST_REMEMBERED:
                    self._known.clear()
                self._known[handle] = known
        return known


def _is_key(secret: bytes) -> bool:
    return len(secret) <= _MOST_KEY and secret.startswith(
        (_BEGIN, _BEGIN_SSH_COM, _PUTTY, *_STORE_MAGIC)
    )


def _key_identity(secret: bytes) -> bytes:
    """Empty where nothing is known but the text."""
    from scanner.detectors.keys import containers, private_key

    text = secret.startswith((_BEGIN, _BEGIN_SSH_COM, _PUTTY))
    key = private_key.read(secret) if text else containers.read_store(secret)
    return key.identity if key is not None else b""


def _is_public(identity: bytes) -> bool:
    """Not the text of a key that could not be read, which is not to be kept."""
    return not identity.startswith((_BEGIN, _BEGIN_SSH_COM, _PUTTY, *_STORE_MAGIC))


def _unfolded(secret: bytes) -> bytes:
    return _SPACE.sub(b"", secret) if secret.startswith(b"-") else secret


def _decoded(secret: bytes) -> bytes:
    if len(secret) > _MOST_KEY:
        return b""
    try:
        text = _SPACE.sub(b"", secret).rstrip(b"=")
        return base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except ValueError:
        return b""
