"""Runs the detectors over streams of batches, one thread a stream at a time.

Threads are enough: reading a pipe and Hyperscan's scan both release the interpreter's lock, and
what is left for Python is in proportion to the hits, not to the bytes.
"""

import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Generic, NamedTuple, Protocol, TypeVar

from scanner.model import Batch, Match
from scanner.pipeline.locate import Locator, Sighting

Value = TypeVar("Value")

Sightings = dict[str, tuple[Sighting, ...]]
"""By blob id; only blobs with at least one sighting."""


class Seen(Protocol):
    """What one batch holds; contents by index."""

    @property
    def matches(self) -> Sequence[tuple[int, Match]]:
        """Secrets, sorted by index and position."""

    @property
    def suspects(self) -> Sequence[int]:
        """Contents that may hold personal data in bulk."""

    @property
    def unopened(self) -> Sequence[tuple[int, str]]:
        """Why something wrapped in a content was not looked at."""


class Session(Protocol):
    """A detector's per-thread half."""

    def scan(self, batch: Batch) -> list[tuple[int, Match]]:
        """Secrets only."""

    def look(self, batch: Batch) -> Seen:
        """Everything."""


class Progress(Protocol):
    """Told how far the scan is; may be called from any thread."""

    def stage(self, name: str) -> None:
        """A new stage begins."""

    def advance(self, contents: int, size: int) -> None:
        """So many contents and bytes more are done."""


class Silence:
    """Progress that nobody watches."""

    def stage(self, name: str) -> None:
        """Ignore."""

    def advance(self, contents: int, size: int) -> None:
        """Ignore."""


class Contents(NamedTuple):
    """What was seen in contents, by blob id."""

    sightings: Sightings
    suspects: set[str]
    """Blobs that may hold personal data in bulk; nobody has read them closely yet."""
    unopened: dict[str, tuple[str, ...]]
    """Reasons why something wrapped in the content was not looked at."""


def examine(batch: Batch, session: Session, locator: Locator, into: Contents) -> None:
    """Scan one batch and keep what was seen."""
    seen = session.look(batch)
    for index, group in groupby(seen.matches, key=itemgetter(0)):
        matches = [match for _, match in group]
        into.sightings[batch.blobs[index]] = locator.locate(batch, index, matches)
    into.suspects.update(batch.blobs[index] for index in seen.suspects)
    for index, reason in seen.unopened:
        known = into.unopened.get(batch.blobs[index], ())
        into.unopened[batch.blobs[index]] = tuple(dict.fromkeys((*known, reason)))


class Ahead(Generic[Value]):
    """A value that a thread of its own works out meanwhile."""

    def __init__(self, work: Callable[[], Value]) -> None:
        self._values: list[Value] = []
        self._failures: list[BaseException] = []
        self._thread = threading.Thread(target=self._run, args=(work,), daemon=True)
        self._thread.start()

    def _run(self, work: Callable[[], Value]) -> None:
        try:
            self._values.append(work())
        except BaseException as failure:  # raised again by `result`
            self._failures.append(failure)

    def result(self) -> Value:
        """The value, waited for. Raises what working it out raised."""
        self._thread.join()
        if self._failures:
            raise self._failures[0]
        return self._values[0]


class Scanned(NamedTuple):
    """What came out of the streams, and how much went in."""

    seen: Contents
    contents: int
    bytes: int


def scan_streams(
    streams: Sequence[Iterator[Batch]],
    workers: int,
    open_worker: Callable[[], tuple[Session, Locator]],
    progress: Progress,
) -> Scanned:
    """Consume every stream and return all sightings.

    An exception in a worker stops the others and is raised here; so is an interrupt.
    """
    waiting: queue.SimpleQueue[Iterator[Batch]] = queue.SimpleQueue()
    for stream in streams:
        waiting.put(stream)
    stop = threading.Event()
    failures: list[BaseException] = []
    results: list[Contents] = []
    counts: list[tuple[int, int]] = []

    def work() -> None:
        found = Contents({}, set(), {})
        results.append(found)
        try:
            session, locator = open_worker()
            for batch in _batches(waiting, stop):
                examine(batch, session, locator, found)
                counts.append((len(batch), batch.size))
                progress.advance(len(batch), batch.size)
        except BaseException as failure:  # raised again by the caller's thread
            failures.append(failure)
            stop.set()

    threads = [
        threading.Thread(target=work, name=f"scan-{number}", daemon=True)
        for number in range(min(workers, len(streams)))
    ]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            thread.join()
    except BaseException:
        stop.set()
        raise
    if failures:
        raise failures[0]
    contents, size = map(sum, zip(*counts, strict=True)) if counts else (0, 0)
    return Scanned(_merge(results), contents, size)


def _batches(
    waiting: "queue.SimpleQueue[Iterator[Batch]]", stop: threading.Event
) -> Iterator[Batch]:
    while not stop.is_set():
        try:
            stream = waiting.get_nowait()
        except queue.Empty:
            return
        for batch in stream:
            yield batch
            if stop.is_set():
                return


def _merge(results: Iterable[Contents]) -> Contents:
    merged = Contents({}, set(), {})
    for result in results:
        merged.sightings.update(result.sightings)
        merged.suspects.update(result.suspects)
        merged.unopened.update(result.unopened)
    return merged
