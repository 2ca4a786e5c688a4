"""A bounded queue of object ids from the one thread that names them to the streams that read."""

import threading
from collections import deque
from collections.abc import Callable

_WAITING = 8


class Feed:
    """Passes chunks of ids from one producer thread to several streams.

    The producer starts with the first request and stops when every stream has left.
    """

    def __init__(self, produce: Callable[["Feed"], None]) -> None:
        self._produce = produce
        self._condition = threading.Condition()
        self._chunks: deque[list[str]] = deque()
        self._thread: threading.Thread | None = None
        self._failure: BaseException | None = None
        self._done = False
        self._closed = False
        self._active = 0

    def enter(self) -> None:
        """A stream begins."""
        with self._condition:
            self._active += 1

    def get(self) -> list[str] | None:
        """The next chunk, waited for; None at the end. Raises what the producer raised."""
        with self._condition:
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._run, daemon=True)
                self._thread.start()
            while not (self._chunks or self._done or self._closed):
                self._condition.wait()
            if self._chunks:
                self._condition.notify_all()
                return self._chunks.popleft()
            if self._failure is not None:
                raise self._failure
            return None

    def put(self, chunk: list[str]) -> bool:
        """Called by the producer; waits for room. False when nobody wants more."""
        with self._condition:
            while len(self._chunks) >= _WAITING and not self._closed:
                self._condition.wait()
            if not self._closed:
                self._chunks.append(chunk)
                self._condition.notify_all()
            return not self._closed

    def leave(self) -> bool:
        """A stream ends. True once: for the last one, after the producer has stopped."""
        with self._condition:
            self._active -= 1
            if self._active or self._closed:
                return False
            self._closed = True
            self._chunks.clear()
            self._condition.notify_all()
        if self._thread is not None:
            self._thread.join()
        return True

    def _run(self) -> None:
        try:
            self._produce(self)
        except BaseException as error:
            self._failure = error
        finally:
            with self._condition:
                self._done = True
                self._condition.notify_all()
