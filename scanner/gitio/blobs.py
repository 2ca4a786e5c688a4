"""Reads the contents of a whole object database through a constant number of git processes.

One `git cat-file --batch-check` names every object; the ids go in chunks through a bounded queue to
as many `git cat-file --batch --buffer` processes as there are streams. A chunk holds families of
deltas, so that git's cache of delta bases stays warm, and no more than some hundred thousands of
ids are in memory, however long the history.
"""

import contextlib
import os
from collections import deque
from collections.abc import Callable, Iterator

from scanner.gitio.feed import Feed
from scanner.gitio.listing import CHUNK, MINIMUM
from scanner.gitio.process import Process, Runner, widen
from scanner.gitio.tally import Passed, Tally
from scanner.gitio.values import BlobCounts
from scanner.model import Batch

BUFFER = 4 << 20
"""Bytes of one stream's buffer. It grows for a single blob that needs more, up to the limit."""

Ask = Callable[[], list[str] | None]
"""Gives the next ids to read, waited for; None at the end."""

_SPARE = 1 << 16
_MAX_RESTARTS = 64


class BlobStream:
    """One git process and one buffer. To be consumed by one thread."""

    def __init__(self, runner: Runner, ask: Ask, tally: Tally, limit: int, width: int) -> None:
        self._runner = runner
        self._next = ask
        self._tally = tally
        self._limit = limit
        self._width = width
        self._process: Process | None = None
        self._backlog: deque[str] = deque()  # to be asked for
        self._pending: deque[str] = deque()  # asked for, not answered
        self._exhausted = False
        self._window = 2 * CHUNK
        self._restarts = 0
        self._buffer = bytearray(BUFFER)
        self._filled = 0
        self._position = 0  # where the next header begins
        self._skip = 0  # bytes of an oversized content still to come
        self._needed = 0  # the buffer's size that the content being read asks for
        self._blobs: list[str] = []
        self._starts: list[int] = []
        self._ends: list[int] = []

    def batches(self) -> Iterator[Batch]:
        """Contents until the feed ends. Closing the iterator ends the process."""
        if not self._more():
            return
        self._start()
        try:
            while True:
                self._ask()
                if not self._pending:
                    break
                if self._filled + _SPARE > len(self._buffer) or self._needed > len(self._buffer):
                    if self._blobs:
                        yield self._cut()
                    self._make_room()
                if not self._receive():
                    self._recover()
            if self._blobs:
                yield self._cut()
        finally:
            if self._process is not None:
                self._process.kill()

    # ------------------------------------------------------------------ asking

    def _start(self) -> None:
        self._process = self._runner.start(["cat-file", "--batch", "--buffer"], stdin=True)
        assert self._process.stdin is not None
        self._process.widen()
        # git answers in order and blocks when nobody reads. Requests that fit the pipe as a whole
        # can be written without waiting for it, so the two sides never wait for each other.
        capacity = widen(self._process.stdin.fileno())
        self._window = min(2 * CHUNK, capacity // 2 // (self._width + 1))

    def _ask(self) -> None:
        """Keeps more than half a window of requests under way, or ends the input.

        git holds back its last buffer until it gets more requests or their end: to read without
        either could wait for ever.
        """
        assert self._process is not None
        while len(self._pending) <= self._window // 2:
            if not self._more():
                self._process.close_stdin()
                return
            room = min(self._window - len(self._pending), len(self._backlog))
            wanted = [self._backlog.popleft() for _ in range(room)]
            self._pending.extend(wanted)
            self._write("".join(f"{blob}\n" for blob in wanted).encode("ascii"))

    def _more(self) -> bool:
        """Whether there is an id to ask for; waits for the feed."""
        while not self._backlog and not self._exhausted:
            chunk = self._next()
            self._exhausted = chunk is None
            self._backlog.extend(chunk or ())
        return bool(self._backlog)

    def _write(self, data: bytes) -> None:
        assert self._process is not None and self._process.stdin is not None
        descriptor = self._process.stdin.fileno()
        with contextlib.suppress(BrokenPipeError):  # it died; reading will tell
            while data:
                data = data[os.write(descriptor, data) :]

    # ------------------------------------------------------------------ receiving

    def _receive(self) -> bool:
        """Reads once; False at the end of git's output."""
        assert self._process is not None
        descriptor = self._process.stdout.fileno()
        with memoryview(self._buffer) as view:
            count = os.readv(descriptor, [view[self._filled :]])
        if not count:
            return False
        if self._skip:
            dropped = min(self._skip, count)
            self._skip -= dropped
            count -= dropped
            first = self._filled + dropped
            self._buffer[self._filled : self._filled + count] = self._buffer[first : first + count]
        self._filled += count
        self._parse()
        return True

    def _parse(self) -> None:
        """Finds the contents that are complete by now."""
        buffer, filled, width = self._buffer, self._filled, self._width
        position = self._position
        while self._pending:
            newline = buffer.find(b"\n", position, filled)
            if newline < 0:
                break
            header = bytes(buffer[position + width : newline])
            _, _, size_text = header[1:].partition(b" ")
            if not size_text:
                self._tally.missing(self._pending.popleft())
                position = newline + 1
                continue
            start = newline + 1
            end = start + int(size_text)
            if end - start > self._limit:
                self._tally.oversize(self._pending.popleft(), end - start)
                if end < filled:
                    position = end + 1
                    continue
                self._skip = end + 1 - filled
                self._filled = position
                break
            if end >= filled:
                self._needed = end + 1
                break
            blob = self._pending.popleft()
            if end - start < MINIMUM:
                self._tally.tiny(1)
            else:
                self._blobs.append(blob)
                self._starts.append(start)
                self._ends.append(end)
            position = end + 1
            self._needed = 0
        self._position = position

    def _cut(self) -> Batch:
        batch = Batch(self._buffer, self._position, self._blobs, self._starts, self._ends)
        self._tally.read(len(self._blobs), sum(self._ends) - sum(self._starts))
        self._blobs, self._starts, self._ends = [], [], []
        return batch

    def _make_room(self) -> None:
        """Moves the content that is still incomplete to the front of a buffer that can hold it."""
        position, filled = self._position, self._filled
        size = BUFFER
        if self._needed:
            self._needed -= position
            size = max(BUFFER, self._needed + _SPARE)
        if size != len(self._buffer):
            buffer = bytearray(size)
            buffer[: filled - position] = memoryview(self._buffer)[position:filled]
            self._buffer = buffer
        elif position:
            self._buffer[: filled - position] = self._buffer[position:filled]
        self._filled -= position
        self._position = 0

    def _recover(self) -> None:
        """git died: over the first unanswered blob. Goes on behind it, with a new process."""
        assert self._process is not None
        self._process.finish()
        if not self._skip:
            self._tally.unreadable(self._pending.popleft())
        self._backlog.extendleft(reversed(self._pending))
        self._pending.clear()
        self._filled = self._position
        self._skip = self._needed = 0
        self._restarts += 1
        if self._restarts > _MAX_RESTARTS:
            self._give_up()
        else:
            self._start()

    def _give_up(self) -> None:
        """Too many damaged blobs in a row of restarts: counts the rest as unreadable."""
        chunk: list[str] | None = list(self._backlog)
        self._backlog.clear()
        while chunk is not None:
            if chunk:
                self._tally.unreadable(chunk[0], len(chunk))
            chunk = self._next()
        self._exhausted = True


class BlobShare:
    """One of several readers that hand out the same blobs between them: to be iterated in a thread.

    Or in a process that is forked before any of them begins. Then `read` is iterated there, with
    `passed_over` at its end, and here are `begin`, `ask` for each request, and `end`.
    """

    def __init__(
        self,
        feed: Feed,
        tally: Tally,
        open_stream: Callable[[Ask, Tally], BlobStream],
        at_start: Callable[[], None],
        at_end: Callable[[], None],
    ) -> None:
        self._feed = feed
        self._at_start = at_start
        self._tally = tally
        self._open_stream = open_stream
        self._at_end = at_end

    def __iter__(self) -> Iterator[Batch]:
        """Contents, until no share finds more."""
        self._feed.enter()
        try:
            yield from self._open_stream(self._feed.get, self._tally).batches()
        finally:
            self.end(None)

    def begin(self) -> None:
        """Another process is about to read. No thread begins that does more than wait for git."""
        self._feed.enter()
        self._at_start()

    def ask(self) -> list[str] | None:
        """What that process is to read next; None when that was all."""
        return self._feed.get()

    def read(self, ask: Ask) -> Iterator[Batch]:
        """There: contents."""
        self._tally = Tally(BlobCounts())
        return self._open_stream(ask, self._tally).batches()

    def passed_over(self) -> Passed:
        """There: what `read` has handed out and passed over."""
        return self._tally.passed_over()

    def end(self, passed_over: Passed | None) -> None:
        """That process has ended; `passed_over` is None when it could not say."""
        if passed_over is not None:
            self._tally.add(passed_over)
        if self._feed.leave():
            self._at_end()


def shares(
    runner: Runner,
    tally: Tally,
    produce: Callable[[Feed], None],
    jobs: int,
    *,
    limit: int,
    width: int,
    at_start: Callable[[], None],
    at_end: Callable[[], None],
) -> list[BlobShare]:
    """`jobs` readers of one feed. The last one to end calls `at_end`; those that another process
    reads call `at_start` when they begin."""
    feed = Feed(produce)

    def open_stream(ask: Ask, counts: Tally) -> BlobStream:
        return BlobStream(runner, ask, counts, limit, width)

    return [BlobShare(feed, tally, open_stream, at_start, at_end) for _ in range(jobs)]
