"""What the index would commit: only the paths that differ from HEAD."""

from collections.abc import Callable, Iterator

from scanner.gitio import BLOB_LIMIT, Repository
from scanner.model import Batch, Problem, Tracking
from scanner.sources.packing import Origin


class Staged:
    """The staged change and the new contents it brings, read from the index, not from disk."""

    def __init__(self, repository: Repository, *, limit: int = BLOB_LIMIT) -> None:
        self._repository = repository
        self._limit = limit
        self.change = repository.staged_change()
        """The staged set; its `commit` is None."""
        self.origins: dict[str, list[Origin]] = {}
        """Blob id to the staged paths with that content."""
        for path in self.change.paths:
            if path.new_blob is not None and path.new_mode.startswith("100"):
                places = self.origins.setdefault(path.new_blob, [])
                places.append(Origin(path.path, Tracking.TRACKED))

    def streams(self, jobs: int, problems: Callable[[Problem], None]) -> list[Iterator[Batch]]:
        """`jobs` iterators that together hand out each staged content once."""
        if not self.origins:
            return []
        return self._repository.blob_streams(
            jobs, ids=list(self.origins), limit=self._limit, problems=problems
        )
