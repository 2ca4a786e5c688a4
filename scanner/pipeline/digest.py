"""Keyed digests: the same secret is recognised everywhere, and nobody can guess it from a report.

The key is the team's, or else it derives from the repository's root commit, which anyone with a
clone knows. A value that could be guessed (a password) therefore goes through scrypt first, so that
trying a dictionary against a published digest costs milliseconds a guess; a random token needs no
such brake. docs/fingerprints.md explains the choice to users.
"""

import hashlib
import secrets

_PERSON = b"agentreach/v1"
_RANDOM_LENGTH = 20
# 4 MiB and about ten milliseconds a value: hundreds of passwords stay bearable in one scan.
_SCRYPT_COST = 2**12


class Digester:
    """Digests of one repository. Shared by threads; at worst two hide the same password at once."""

    def __init__(self, key: bytes) -> None:
        self._key = hashlib.blake2b(key, digest_size=32, person=_PERSON).digest()
        # Looked up by a digest under a key that dies with the process: no secret is kept.
        self._ephemeral = secrets.token_bytes(32)
        self._known: dict[bytes, str] = {}

    def secret(self, value: bytes, *, guessable: bool) -> str:
        """32 hex digits for a secret. `guessable`: a person may have chosen it."""
        handle = hashlib.blake2b(value, key=self._ephemeral, digest_size=16).digest()
        known = self._known.get(handle)
        if known is None:
            material = value
            if guessable or len(value) < _RANDOM_LENGTH:
                material = hashlib.scrypt(value, salt=self._key, n=_SCRYPT_COST, r=8, p=1, dklen=32)
            known = hashlib.blake2b(material, key=self._key, digest_size=16).hexdigest()
            self._known[handle] = known
        return known

    def subject(self, *parts: str) -> str:
        """32 hex digits for a fingerprint's parts; no two lists of parts collide by joining."""
        state = hashlib.blake2b(key=self._key, digest_size=16)
        for part in parts:
            data = part.encode("utf-8", "surrogateescape")
            state.update(len(data).to_bytes(8, "big") + data)
        return state.hexdigest()


def fingerprint_key(team_key: bytes | None, root_commit: str | None) -> bytes:
    """The key of a repository's digests: the team's, else its root commit, else a constant."""
    if team_key:
        return b"team\0" + team_key
    if root_commit:
        return b"root\0" + root_commit.encode()
    return b"none\0"
