"""Which blobs a partial clone has, and which of those that its history names it lacks."""

from collections.abc import Iterable, Iterator

from scanner.errors import GitError
from scanner.gitio.tally import Tally
from scanner.gitio.values import BlobCounts
from scanner.model import Change, Problem

_SUBMODULE = "160000"
_DIGITS = 16


class Presence:
    """The blobs that are here. Keeps 64 bits of each id: some 70 bytes of memory a blob."""

    def __init__(self) -> None:
        self._here: set[int] = set()

    def add(self, blob: str) -> None:
        """Take one that is here, by its id in hex."""
        self._here.add(int(blob[:_DIGITS], 16))

    def __contains__(self, blob: str) -> bool:
        return int(blob[:_DIGITS], 16) in self._here

    def lacking(
        self, changes: Iterable[Change | Problem], others: Iterable[str], counts: BlobCounts
    ) -> Iterator[Change | Problem]:
        """The same changes; behind them a Problem that sums up the blobs that they bring in and
        that are not here, and `others` that are missing, if there are any. `counts.missing` is
        raised by them. When `others` raises `GitError`, a Problem says that they are not all."""
        missing: dict[str, None] = {}
        for item in changes:
            if isinstance(item, Change):
                for path in item.paths:
                    blob = path.new_blob
                    if blob is not None and blob not in self and path.new_mode != _SUBMODULE:
                        missing[blob] = None
            yield item
        try:
            missing.update(dict.fromkeys(others))
        except GitError as error:
            reason = f"missing blobs could not all be counted: {error.message}"
            yield Problem("git", "objects", reason)
        if missing:
            tally = Tally(counts)
            for blob in missing:
                tally.missing(blob)
            yield tally.missing_problem(partial=True)
