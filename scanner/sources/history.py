"""Everything git holds: commits with their messages, every blob, annotated tags."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from scanner.gitio import BLOB_LIMIT, Repository
from scanner.model import Batch, Change, Problem
from scanner.sources.packing import MINIMUM, pack


class History:
    """The whole object database, or the commits of a range.

    `revisions` are ids as `Repository.resolve_range` gives them; None stands for everything.
    """

    def __init__(
        self,
        repository: Repository,
        revisions: Sequence[str] | None = None,
        *,
        reflog: bool = True,
        limit: int = BLOB_LIMIT,
    ) -> None:
        self._repository = repository
        self._revisions = revisions
        self._reflog = reflog
        self._limit = limit

    def changes(self) -> Iterator[Change | Problem]:
        """The commits, newest first; with everything, also what only reflogs hold, at the end."""
        return self._repository.changes(self._revisions, reflog=self._reflog)

    def streams(
        self,
        jobs: int,
        problems: Callable[[Problem], None],
        blobs: Iterable[str] | None = None,
    ) -> list[Iterator[Batch]]:
        """`jobs` iterators over contents: all there are, or those named in `blobs`.

        For a range, name the new blobs of its changes' regular files; for everything, `changes`
        tells afterwards where each one lives. A blob no change names is unreachable.
        """
        return self._repository.blob_streams(jobs, ids=blobs, limit=self._limit, problems=problems)

    def tags(self) -> dict[str, str]:
        """Ids of annotated tag objects with their ref names; to be read by `streams(blobs=…)`."""
        return {ref.target: ref.name for ref in self._repository.refs() if ref.kind == "tag"}


def message_batches(changes: Iterable[Change]) -> Iterator[Batch]:
    """Commit messages as contents. `Batch.blobs` holds commit ids in place of blob ids."""
    return pack(
        (change.commit, text)
        for change in changes
        if change.commit is not None
        and len(text := change.message.encode("utf-8", "surrogateescape")) >= MINIMUM
    )
