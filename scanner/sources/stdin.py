"""One content from standard input."""

from collections.abc import Callable, Iterator
from typing import BinaryIO

from scanner.gitio import BLOB_LIMIT
from scanner.model import Batch, Problem
from scanner.sources.packing import Origin, blob_id, pack


class Stdin:
    """Reads a stream to its end, up to a limit. `path` names it in findings."""

    def __init__(self, stream: BinaryIO, path: str = "-", *, limit: int = BLOB_LIMIT) -> None:
        self._stream = stream
        self._path = path
        self._limit = limit
        self.origins: dict[str, list[Origin]] = {}
        """The content's blob id; filled by the stream."""

    def streams(self, jobs: int, problems: Callable[[Problem], None]) -> list[Iterator[Batch]]:
        """One iterator, whatever `jobs` is."""
        del jobs
        return [self._batches(problems)]

    def _batches(self, problems: Callable[[Problem], None]) -> Iterator[Batch]:
        data = self._stream.read(self._limit + 1)
        if len(data) > self._limit:
            reason = f"only the first {self._limit} bytes were scanned"
            problems(Problem("source", self._path, reason, "raise the size limit"))
            data = data[: self._limit]
        if data:
            blob = blob_id(data, "sha1")
            self.origins[blob] = [Origin(self._path)]
            yield from pack([(blob, data)])
