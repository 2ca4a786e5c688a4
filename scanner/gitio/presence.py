"""Which blobs a partial clone has, and which of those that its history names it lacks."""

from collections.abc import Iterable, Iterator

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
        self, changes: Iterable[Change | Problem], counts: BlobCounts
    ) -> Iterator[Change | Problem]:
        """The same changes; behind them a Problem that sums up the blobs that they bring in and
        that are not here, if there are any. `counts.missing` is raised by them."""
        tally = Tally(counts)
        told: set[str] = set()
        for item in changes:
            if isinstance(item, Change):
                for path in item.paths:
                    blob = path.new_blob
                    if blob is None or blob in self or path.new_mode == _SUBMODULE:
                        continue
                    if blob not in told:
                        told.add(blob)
                        tally.missing(blob)
            yield item
        if told:
            yield tally.missing_problem(partial=True)
