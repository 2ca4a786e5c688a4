"""A worker that is a process of its own.

Python runs one thread at a time, and half of what a worker does on a history is Python: two threads
leave a quarter of two cores idle, two processes nothing. A worker is forked, so it shares the rules
and the patterns, and costs some milliseconds; it asks for the ids that it is to read.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, Protocol, runtime_checkable

from scanner.model import Batch
from scanner.pipeline.examine import Scanned, Worker
from scanner.pipeline.forked import Child, Line


@runtime_checkable
class Share(Protocol):
    """A stream that another process can read: see `gitio.blobs.BlobShare`."""

    def begin(self) -> None:
        """Another process is about to read."""

    def ask(self) -> Any:
        """What that process is to read next; None when that was all."""

    def read(self, ask: Callable[[], Any]) -> Iterator[Batch]:
        """There: contents."""

    def passed_over(self) -> Any:
        """There, at the end: what was passed over."""

    def end(self, passed_over: Any) -> None:
        """That process has ended; None when it could not say what it passed over."""


class _Request(NamedTuple):
    """Asks for more to read, and says what has been done since the last time."""

    contents: int
    size: int


class _Result(NamedTuple):
    scanned: Scanned
    passed_over: Any
    rest: _Request
    """What has been done since the last request."""


class WorkerProcess:
    """One share, begun before, read and scanned in a process of its own, which starts at once."""

    def __init__(self, share: Share, open_worker: Callable[[], Worker]) -> None:
        self._share = share
        self._child = Child(lambda line: _work(share, open_worker, line))

    def tend(self, advance: Callable[[int, int], None]) -> Scanned:
        """Answers the process until it is done. `advance` is told how many contents and bytes more
        are done. Raises what was raised there."""
        passed_over = None
        try:
            while not isinstance(message := self._child.receive(), _Result):
                advance(message.contents, message.size)
                self._child.send(self._share.ask())
            passed_over = message.passed_over
            advance(*message.rest)
            return message.scanned
        finally:
            self._child.close()
            self._share.end(passed_over)

    def stop(self) -> None:
        """Ends the process; `tend` then raises."""
        self._child.kill()


class _Asking:
    """Asks for what to read next, one request ahead."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self.rest = _Request(0, 0)
        self._request()

    def __call__(self) -> Any:
        answer = self._line.recv()
        if answer is not None:
            self._request()
        return answer

    def done(self, batch: Batch) -> None:
        """A batch has been scanned."""
        self.rest = _Request(self.rest.contents + len(batch), self.rest.size + batch.size)

    def _request(self) -> None:
        self._line.send(self.rest)
        self.rest = _Request(0, 0)


def _work(share: Share, open_worker: Callable[[], Worker], line: Line) -> None:
    worker = open_worker()
    asking = _Asking(line)
    for batch in share.read(asking):
        worker.take(batch)
        asking.done(batch)
    line.send(_Result(worker.scanned(), share.passed_over(), asking.rest))
