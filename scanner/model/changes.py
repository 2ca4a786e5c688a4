"""Changes: what commits did, as git tells it."""

import msgspec

from scanner.model.kinds import Where


class Identity(msgspec.Struct, frozen=True):
    """A name and an e-mail address as a commit states them: free text, never verified."""

    name: str
    email: str


class Signature(msgspec.Struct, frozen=True):
    """A commit's signature as far as it can be read without running a verifier."""

    format: str
    """`openpgp`, `ssh`, `x509` or `unknown`."""
    key: str | None
    """OpenPGP: the issuer key id, 16 upper-case hex digits. SSH: `SHA256:` and the fingerprint."""
    status: str = "unverified"


class PathChange(msgspec.Struct, frozen=True):
    """One path that a change touches. For a merge: against all parents, `old_blobs` one each."""

    status: str
    """A added, M modified, D deleted, T type changed; for a merge one letter per parent."""
    path: str
    old_mode: str
    new_mode: str
    old_blobs: tuple[str, ...]
    """Blob ids before; empty where the path did not exist."""
    new_blob: str | None
    """Blob id after; None when deleted."""


class Change(msgspec.Struct, frozen=True):
    """One commit, or the staged set (`commit` is None)."""

    where: Where
    commit: str | None
    parents: tuple[str, ...]
    author: Identity
    author_time: int
    committer: Identity
    committer_time: int
    message: str
    paths: tuple[PathChange, ...]
    ref: str | None = None
    """One ref that reaches the commit, e.g. `refs/heads/main`."""
    signature: Signature | None = None
    boundary: bool = False
    """The edge of a shallow clone: its paths are the whole tree, not what the commit changed."""

    @property
    def subject(self) -> str:
        """The first line of the message."""
        return self.message.split("\n", 1)[0]
