"""Reads single blobs through one git process that stays open."""

import os
import threading

from scanner.gitio.listing import is_id
from scanner.gitio.process import Process, Runner

_DRAIN = 1 << 20


class BlobReader:
    """`git cat-file --batch`, asked one blob at a time. Safe to use from several threads."""

    def __init__(self, runner: Runner, limit: int) -> None:
        self._runner = runner
        self._limit = limit
        self._lock = threading.Lock()
        self._process: Process | None = None
        self._owner = os.getpid()

    def read(self, blob: str, kind: bytes = b"blob") -> bytes | None:
        """The object's bytes; None when it is missing, damaged, of another kind, or too large."""
        if not is_id(blob):
            return None
        with self._lock:
            if self._owner != os.getpid():  # forked: what the parent's process says is for it
                self._process, self._owner = None, os.getpid()
            if self._process is None:
                self._process = self._runner.start(["cat-file", "--batch"], stdin=True)
            data, alive = self._ask(self._process, blob, kind)
            if not alive:  # it dies over a damaged object; the next request gets a new one
                self._process.kill()
                self._process = None
            return data

    def close(self) -> None:
        """Ends the process. A later `read` starts another."""
        with self._lock:
            if self._process is not None:
                self._process.kill()
                self._process = None

    def _ask(self, process: Process, blob: str, kind: bytes) -> tuple[bytes | None, bool]:
        """The answer, and whether the process can be asked again."""
        assert process.stdin is not None
        try:
            process.stdin.write(f"{blob}\n".encode("ascii"))
            process.stdin.flush()
        except BrokenPipeError:
            return None, False
        words = process.stdout.readline().split()
        if len(words) < 3:
            return None, len(words) == 2  # `<id> missing`
        size = int(words[2])
        if words[1] != kind or size > self._limit:
            return None, self._drain(process, size + 1)
        data = process.stdout.read(size + 1)
        return (data[:-1], True) if len(data) == size + 1 else (None, False)

    def _drain(self, process: Process, size: int) -> bool:
        while size > 0:
            data = process.stdout.read(min(size, _DRAIN))
            if not data:
                return False
            size -= len(data)
        return True
