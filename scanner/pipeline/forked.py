"""Processes forked from this one: they share all that is loaded, and no interpreter's lock.

To be forked while no other thread runs, since a lock that such a thread holds would stay locked in
the child. A thread that only shows progress may run, since the child never prints, and one that
only waits for what git complains about.
"""

import gc
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple, NoReturn, TypeAlias, TypeVar

from scanner.errors import ScannerError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

CAN_FORK: Final = sys.platform == "linux"
"""Elsewhere the system's own libraries may not survive a fork."""

Line: TypeAlias = "Connection[Any, Any]"
"""Carries objects between a child and its parent, both this program: they are pickled."""


Piece = TypeVar("Piece")
Value = TypeVar("Value")


class _Failure(NamedTuple):
    error: BaseException


class Child:
    """A forked process at work. To be used by one thread, but for `kill`."""

    def __init__(self, work: Callable[[Line], None]) -> None:
        """`work` runs in the child, with the other end of the line; it ends with `work`."""
        from multiprocessing import Pipe

        self._line, other = Pipe()
        self._lock = threading.Lock()
        with warnings.catch_warnings():
            # Python 3.12 and later warn of a fork beside any thread; see above for which there are.
            warnings.simplefilter("ignore", DeprecationWarning)
            self._process = os.fork()
        if not self._process:
            self._line.close()
            _run(work, other)
        other.close()

    def send(self, value: object) -> None:
        """Hand something to the child. That a child is gone is noticed by `receive`."""
        with suppress(BrokenPipeError, ConnectionResetError):
            self._line.send(value)

    def receive(self) -> Any:
        """What the child sends next, waited for. Raises what `work` raised there, and ScannerError
        when the child is gone."""
        try:
            value = self._line.recv()
        except (EOFError, ConnectionResetError) as error:
            raise ScannerError(
                f"a scanning process ended without a word ({self._wait()})",
                hint="if memory ran out, scan with --jobs 1",
            ) from error
        if isinstance(value, _Failure):
            raise value.error
        return value

    def kill(self) -> None:
        """End the child at once. May be called by any thread; `receive` will notice."""
        with self._lock:
            if self._process:
                os.kill(self._process, signal.SIGKILL)

    def close(self) -> None:
        """End the child if it still runs, and the line to it."""
        self.kill()
        self._wait()
        self._line.close()

    def _wait(self) -> str:
        """How the child ended, in words."""
        with self._lock:
            process, self._process = self._process, 0
            if not process:
                return "ended before"
            code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        return signal.Signals(-code).name if code < 0 else f"status {code}"


def spread(
    work: Callable[[Sequence[Piece]], Value], pieces: Sequence[Piece], processes: int
) -> list[Value]:
    """What `work` makes of every n-th piece, with n processes; with one, it is done here."""
    if processes < 2 or not CAN_FORK:
        return [work(pieces)]
    shares = [pieces[first::processes] for first in range(min(processes, len(pieces)))]
    children = [Child(partial(_answer, work, share)) for share in shares]
    try:
        return [child.receive() for child in children]
    finally:
        for child in children:
            child.close()


def _answer(work: Callable[[Sequence[Piece]], Value], share: Sequence[Piece], line: Line) -> None:
    line.send(work(share))


def _run(work: Callable[[Line], None], line: Line) -> NoReturn:
    """The child's whole life. Nothing that the parent prepared for its own end may run here."""
    try:
        gc.freeze()  # the collector leaves alone, and so unshared, what was there before
        work(line)
    except BaseException as error:
        with suppress(BaseException):
            line.send(_Failure(_portable(error)))
    finally:
        os._exit(0)


def _portable(error: BaseException) -> BaseException:
    """An error that survives the way to the parent and says where it was raised."""
    if isinstance(error, ScannerError | OSError | MemoryError):
        return error
    from traceback import format_tb

    place = "".join(format_tb(error.__traceback__)[-1:]).strip()
    return RuntimeError(f"{type(error).__name__} in a scanning process: {place}")
