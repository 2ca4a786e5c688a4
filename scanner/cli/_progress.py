"""A progress line on a terminal, for work that takes more than a second."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from scanner.pipeline.workers import Progress, Silence

_PATIENCE = 1.0
_MIB = 1024 * 1024


class _Line:
    """Rewrites one line on standard error; safe to call from any thread."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.status import Status

        self._status = Status(
            "", console=Console(stderr=True), spinner="line", refresh_per_second=4
        )
        self._lock = threading.Lock()
        self._begun = time.monotonic()
        self._shown = False
        self._stage = ""
        self._contents = 0
        self._size = 0

    def stage(self, name: str) -> None:
        """Begin a new stage; its counts start at nothing."""
        with self._lock:
            self._stage, self._contents, self._size = name, 0, 0
        self._draw()

    def advance(self, contents: int, size: int) -> None:
        """Count on."""
        with self._lock:
            self._contents += contents
            self._size += size
        self._draw()

    def _draw(self) -> None:
        if time.monotonic() - self._begun < _PATIENCE:
            return
        size = f" · {self._size / _MIB:,.0f} MiB" if self._size else ""
        with self._lock:
            if not self._shown:
                self._shown = True
                self._status.start()
            self._status.update(f"{self._stage} · {self._contents:,}{size}")

    def close(self) -> None:
        """Take the line away."""
        if self._shown:
            self._status.stop()


@contextmanager
def watched(terminal: bool) -> Iterator[Progress]:
    """Progress for the time of the block: a line on a terminal, silence elsewhere."""
    if not terminal:
        yield Silence()
        return
    line = _Line()
    try:
        yield line
    finally:
        line.close()
