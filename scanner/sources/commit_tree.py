"""The files of one commit, for a bare repository or a question about another state."""

import os
from itertools import islice

from scanner.errors import GitError
from scanner.gitio import Repository
from scanner.model import Tracking

_PATHS_LIMIT = 2_000_000


class CommitTree:
    """Implements `model.Files` over a commit's tree. Only regular files, no links or submodules.

    Raises GitError when the revision is unknown, its trees are incomplete, or it unfolds into more
    paths than any real project has.
    """

    def __init__(self, repository: Repository, revision: str = "HEAD") -> None:
        self._repository = repository
        entries = list(islice(repository.tree_entries(revision), _PATHS_LIMIT + 1))
        if len(entries) > _PATHS_LIMIT:
            raise GitError(f"the tree of {revision} has more than {_PATHS_LIMIT} paths")
        self._blobs = {
            entry.path: entry.blob
            for entry in sorted(entries, key=lambda entry: entry.path)
            if entry.mode.startswith("100")
        }
        self._links = {entry.path: entry.blob for entry in entries if entry.mode == "120000"}

    def paths(self) -> tuple[str, ...]:
        """Every path, sorted."""
        return tuple(self._blobs)

    def blob(self, path: str) -> str | None:
        """The blob id at a path."""
        return self._blobs.get(path)

    def link(self, path: str) -> str | None:
        """A symbolic link's text; None when the path is none, or the blob is missing."""
        blob = self._links.get(path)
        data = self._repository.read_blob(blob) if blob else None
        return os.fsdecode(data) if data is not None else None

    def read(self, path: str) -> bytes | None:
        """A file's bytes; None when it is absent, missing from the clone, or over the limit."""
        blob = self._blobs.get(path)
        return self._repository.read_blob(blob) if blob else None

    def tracking(self, path: str) -> Tracking:
        """TRACKED for every path of the tree."""
        return Tracking.TRACKED if path in self._blobs else Tracking.UNKNOWN
