"""What a baseline of another tool accepts, in the form that a scan can ask."""

from collections.abc import Mapping

import msgspec


class AcceptedPlace(msgspec.Struct, frozen=True):
    """One place where a finding was accepted by its line, since its secret is not known."""

    rule: str
    """The other tool's rule."""
    path: str
    line: int
    commit: str | None = None
    """The commit that brought it in; None: any."""


class Accepted(msgspec.Struct, frozen=True):
    """What one file accepts."""

    legacy: Mapping[str, frozenset[str]] = {}
    """SHA-1 of a secret, in hex, to the paths where it was accepted."""
    places: frozenset[AcceptedPlace] = frozenset()


def same_path(path: str) -> str:
    """A path as other tools write it, in the form that ours have."""
    return path.replace("\\", "/").removeprefix("./")
