"""Blames the chosen files, spread over the cores, and remembers the answers."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import msgspec

from scanner.errors import GitError
from scanner.gitio.blame import Blame, BlameOptions
from scanner.gitio.line_history import LineHistory
from scanner.gitio.repository import Repository
from scanner.gitio.values import TreeEntry
from scanner.model.lines import Skip
from scanner.pipeline.line_cache import BlameCache
from scanner.pipeline.line_files import line_count, unfit
from scanner.pipeline.workers import Progress

_DAMAGED = "git blame does not account for every line"
_MISSING = "its blob is missing or damaged"
_AHEAD = 64


class Blamed(msgspec.Struct, frozen=True):
    """One file with its answer, or why there is none."""

    entry: TreeEntry
    blame: Blame | None = None
    skip: Skip | None = None
    complaint: str = ""
    size: int = 0


class Blamer:
    """Asks for one revision with one set of options."""

    def __init__(
        self,
        repository: Repository,
        history: LineHistory,
        options: BlameOptions,
        cache: BlameCache,
        *,
        forced: bool,
        limit: int,
    ) -> None:
        self._limit = limit
        self._repository = repository
        self._history = history
        self._options = options
        self._cache = cache
        self._forced = forced

    def all(
        self, entries: tuple[TreeEntry, ...], jobs: int, progress: Progress
    ) -> Iterator[Blamed]:
        """Every file, in order. What has not begun is dropped when the caller stops."""
        pool = ThreadPoolExecutor(jobs, thread_name_prefix="blame")
        try:
            for begin in range(0, len(entries), _AHEAD * jobs):
                for blamed in pool.map(self._one, entries[begin : begin + _AHEAD * jobs]):
                    progress.advance(1, blamed.size)
                    yield blamed
        finally:
            pool.shutdown(cancel_futures=True)

    def _one(self, entry: TreeEntry) -> Blamed:
        kept = self._cache.find(entry.path, entry.blob)
        if kept is not None and self._forced:
            return Blamed(entry, kept)
        data = self._repository.read_blob(entry.blob)
        if data is None:
            return self._unread(entry)
        skip = unfit(data, forced=self._forced)
        if skip is not None:
            return Blamed(entry, skip=skip)
        if kept is not None:
            return Blamed(entry, kept, size=len(data))
        try:
            blame = self._history.blame(entry.path, self._options)
        except GitError as error:
            return Blamed(entry, skip=Skip.UNREADABLE, complaint=_complaint(error))
        if blame.lines != line_count(data):
            return Blamed(entry, skip=Skip.UNREADABLE, complaint=_DAMAGED)
        self._cache.keep(entry.path, entry.blob, blame)
        return Blamed(entry, blame, size=len(data))

    def _unread(self, entry: TreeEntry) -> Blamed:
        _, size = self._history.sizes((entry.blob,)).get(entry.blob, ("", 0))
        if size > self._limit:
            return Blamed(entry, skip=Skip.OVERSIZE)
        return Blamed(entry, skip=Skip.UNREADABLE, complaint=_MISSING)


def _complaint(error: GitError) -> str:
    """git's words without the object they name, so that files with one cause count as one."""
    words = error.message.split(" ")
    return " ".join("…" if len(word.strip("'\"()")) in (40, 64) else word for word in words)
