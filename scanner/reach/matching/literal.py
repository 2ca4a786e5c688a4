"""Paths that settings name: as ignore patterns, and only inside the repository."""

import posixpath
import re


def literal_pattern(path: str) -> str:
    """The anchored pattern that names this path and, of files, nothing else."""
    return "/" + re.sub(r"([\\*?\[\] ])", r"\\\1", path)


def inside(path: str, base: str = "") -> str | None:
    """A path relative to the repository's directory `base`; None where it leads out of it."""
    if path.startswith(("/", "~")) or not path.strip() or "\0" in path:
        return None
    normal = posixpath.normpath(posixpath.join(base, path))
    return None if normal.startswith("../") or normal in ("..", ".") else normal
