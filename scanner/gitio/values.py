"""What gitio hands out besides the shared types of `scanner.model`."""

import msgspec


class Ref(msgspec.Struct, frozen=True):
    """One ref. Symbolic refs are resolved."""

    name: str
    """In full, e.g. `refs/tags/v1`."""
    target: str
    """The id it holds: for an annotated tag the tag object's, not the commit's."""
    kind: str
    """`commit`, `tag`, `blob` or `tree`; `missing` when the object is not in the repository."""
    peeled: str
    """The id behind an annotated tag; otherwise the same as `target`. Older versions of git look
    behind one tag only, so this may be another tag."""
    peeled_kind: str
    """What `peeled` is."""


class IndexEntry(msgspec.Struct, frozen=True):
    """One entry of the index."""

    path: str
    mode: str
    """`100644`, `100755`, `120000` a link, `160000` a submodule (then `blob` is a commit)."""
    blob: str
    stage: int
    """0; or 1 to 3 for the base, our and their side of an unsolved merge conflict."""


class TreeEntry(msgspec.Struct, frozen=True):
    """One file of a commit's tree."""

    path: str
    mode: str
    blob: str


class BlobCounts(msgspec.Struct):
    """What `blob_streams` has handed out and passed over so far. Filled while the streams run."""

    blobs: int = 0
    """Handed out."""
    bytes: int = 0
    """Handed out."""
    tiny: int = 0
    """Too short to hold a secret (fewer than eight bytes)."""
    oversize: int = 0
    """Over the limit."""
    missing: int = 0
    """Known by id only: a partial clone, or a damaged repository."""
    unreadable: int = 0
    """Present but damaged."""
