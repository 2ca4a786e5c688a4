"""Runs the detectors over streams of batches: in threads, and on a long history in processes.

Reading a pipe and Hyperscan's scan both release the interpreter's lock, so threads are enough where
most of the time goes there.
"""

import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Generic, Protocol, TypeVar

from scanner.model import Batch
from scanner.pipeline.examine import Scanned, Worker, merged
from scanner.pipeline.worker_process import Share, WorkerProcess

Value = TypeVar("Value")


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


class Scan:
    """One scan of all streams, on its way."""

    def __init__(
        self,
        streams: Sequence[Iterable[Batch]],
        workers: int,
        open_worker: Callable[[], Worker],
        progress: Progress,
        *,
        apart: bool,
        prepare: Callable[[], None],
    ) -> None:
        """With `apart`, streams that can be read in another process are, each in one of its own,
        and those begin at once, after `prepare` has found out what each of them would else find out
        for itself. No thread may run when this is called, see `forked`; what else is to be done in
        threads meanwhile can be started before `result`."""
        self._streams = [one for one in streams if not (apart and isinstance(one, Share))]
        self._workers = workers
        self._open_worker = open_worker
        self._progress = progress
        self._stop = threading.Event()
        self._failures: list[BaseException] = []
        self._results: list[Scanned] = []
        shares = [one for one in streams if apart and isinstance(one, Share)]
        for share in shares:
            share.begin()
        if shares:
            prepare()
        self._processes = [WorkerProcess(share, open_worker) for share in shares]

    def result(self) -> Scanned:
        """What all streams held. An exception in a worker stops the others and is raised here; so
        is an interrupt."""
        waiting: queue.SimpleQueue[Iterable[Batch]] = queue.SimpleQueue()
        for stream in self._streams:
            waiting.put(stream)
        works = [partial(process.tend, self._progress.advance) for process in self._processes]
        works += [partial(self._work, waiting)] * min(self._workers, len(self._streams))
        threads = [
            threading.Thread(target=self._run, args=(work,), name="scan", daemon=True)
            for work in works
        ]
        for thread in threads:
            thread.start()
        try:
            for thread in threads:
                thread.join()
        except BaseException:
            self._end()
            raise
        if self._failures:
            raise self._failures[0]
        return merged(self._results)

    def _run(self, work: Callable[[], Scanned]) -> None:
        try:
            self._results.append(work())
        except BaseException as failure:  # raised again by the caller's thread
            self._failures.append(failure)
            self._end()

    def _end(self) -> None:
        self._stop.set()
        for process in self._processes:
            process.stop()

    def _work(self, waiting: "queue.SimpleQueue[Iterable[Batch]]") -> Scanned:
        worker = self._open_worker()
        for batch in _batches(waiting, self._stop):
            worker.take(batch)
            self._progress.advance(len(batch), batch.size)
        return worker.scanned()


def _batches(
    waiting: "queue.SimpleQueue[Iterable[Batch]]", stop: threading.Event
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
