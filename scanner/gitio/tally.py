"""Sums up what the blob streams read and what they had to pass over."""

import threading
from collections.abc import Iterator
from typing import NamedTuple

from scanner.gitio.values import BlobCounts
from scanner.model import Problem

_NAMED = 3


class Passed(NamedTuple):
    """What one tally holds, to be added to another's."""

    counts: BlobCounts
    largest: list[tuple[int, str]]
    missing: list[str]
    unreadable: list[str]


class Tally:
    """Collects what was passed over, from several threads, for one summary at the end."""

    def __init__(self, counts: BlobCounts) -> None:
        self._lock = threading.Lock()
        self.counts = counts
        self._largest: list[tuple[int, str]] = []
        self._missing: list[str] = []
        self._unreadable: list[str] = []

    def read(self, blobs: int, size: int) -> None:
        """Blobs handed out."""
        with self._lock:
            self.counts.blobs += blobs
            self.counts.bytes += size

    def tiny(self, number: int) -> None:
        """Blobs too short to matter."""
        with self._lock:
            self.counts.tiny += number

    def oversize(self, blob: str, size: int) -> None:
        """A blob over the limit."""
        with self._lock:
            self.counts.oversize += 1
            self._largest = sorted([*self._largest, (size, blob)], reverse=True)[:_NAMED]

    def missing(self, blob: str) -> None:
        """A blob that git does not have."""
        with self._lock:
            self.counts.missing += 1
            self._missing = [*self._missing, blob][:_NAMED]

    def unreadable(self, blob: str, number: int = 1) -> None:
        """A damaged blob, or the first of several that could not be read after it."""
        with self._lock:
            self.counts.unreadable += number
            self._unreadable = [*self._unreadable, blob][:_NAMED]

    def passed_over(self) -> Passed:
        """All of it."""
        return Passed(self.counts, self._largest, self._missing, self._unreadable)

    def add(self, other: Passed) -> None:
        """What another tally holds as well."""
        with self._lock:
            for name in self.counts.__struct_fields__:
                value = getattr(self.counts, name) + getattr(other.counts, name)
                setattr(self.counts, name, value)
            self._largest = sorted([*self._largest, *other.largest], reverse=True)[:_NAMED]
            self._missing = [*self._missing, *other.missing][:_NAMED]
            self._unreadable = [*self._unreadable, *other.unreadable][:_NAMED]

    def problems(self, limit: int, *, partial: bool) -> Iterator[Problem]:
        """One problem for each kind of gap."""
        counts = self.counts
        if counts.oversize:
            where = ", ".join(f"{blob} ({size} bytes)" for size, blob in self._largest)
            reason = f"{_blobs(counts.oversize)} larger than {limit} bytes not scanned"
            yield Problem("git", where, reason, "raise the size limit to include them")
        if counts.missing:
            yield self.missing_problem(partial=partial)
        if counts.unreadable:
            reason = f"{_blobs(counts.unreadable)} damaged and not scanned"
            hint = "git fsck lists what is damaged; a fresh clone may have it whole"
            yield Problem("git", ", ".join(self._unreadable), reason, hint)

    def missing_problem(self, *, partial: bool) -> Problem:
        """What to say of the missing ones."""
        what, hint = "the repository", "git fsck lists what is damaged"
        if partial:
            what = "this partial clone"
            hint = "scan a full clone, or fetch them: git fetch --refetch --no-filter"
        reason = f"{_blobs(self.counts.missing)} missing from {what} not scanned"
        return Problem("git", ", ".join(self._missing), reason, hint)


def _blobs(number: int) -> str:
    return "1 blob" if number == 1 else f"{number} blobs"
