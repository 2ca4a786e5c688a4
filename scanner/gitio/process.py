"""Runs git, through GitPython: the only place where a process is started."""

import contextlib
import fcntl
import os
import re
import threading
from collections.abc import Sequence
from pathlib import Path
from subprocess import PIPE, Popen
from typing import IO, TYPE_CHECKING, Self

from scanner.errors import GitError
from scanner.gitio.view import OVERRIDES, View

if TYPE_CHECKING:
    from git.cmd import Git

MINIMUM_VERSION = (2, 31)
_STDERR_LIMIT = 8192
_PIPE = 1 << 20
_SMALLEST_PIPE = 1 << 14
_WORD = re.compile(r"[A-Za-z0-9+=]{16,}")
_OBJECT = re.compile("[0-9a-f]{40}|[0-9a-f]{64}")


class Process:
    """One running git. Its error output is drained and kept up to a limit, so it never blocks."""

    def __init__(self, handle: "Git.AutoInterrupt", view: Path) -> None:
        assert handle.proc is not None
        self._process: Popen[bytes] = handle.proc
        self._handle = handle  # kept, for it ends the process when it is dropped
        self._view = view
        self._complaint = bytearray()
        self.stdin: IO[bytes] | None = handle.stdin
        self.stdout: IO[bytes] = handle.stdout
        stderr: IO[bytes] = handle.stderr
        self._drain = threading.Thread(target=self._read_errors, args=(stderr,), daemon=True)
        self._drain.start()

    def _read_errors(self, stderr: IO[bytes]) -> None:
        with contextlib.suppress(OSError, ValueError):
            while data := os.read(stderr.fileno(), 4096):
                self._complaint += data[: max(0, _STDERR_LIMIT - len(self._complaint))]

    def feed(self, data: bytes) -> None:
        """Writes all of git's input and ends it; git may stop listening before."""
        if self.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self.stdin.write(data)
            self.close_stdin()

    def close_stdin(self) -> None:
        """Tells git that no more input comes."""
        if self.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self.stdin.close()

    def widen(self) -> None:
        """Lets git print a megabyte ahead, which spares switching between it and us."""
        widen(self.stdout.fileno())

    def finish(self) -> int:
        """Waits for git to end by itself; its exit status, negative for a signal."""
        self.close_stdin()
        status = self._process.wait()
        self._drain.join()
        self._close_pipes()
        return status

    def kill(self) -> None:
        """Ends git at once. May be called at any time, also twice and after `finish`."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._drain.join()
        self.close_stdin()
        self._close_pipes()

    @property
    def complaint(self) -> str:
        """What git wrote to its error output, in one line, without `fatal:` and the view's path."""
        return describe(bytes(self._complaint), self._view)

    def _close_pipes(self) -> None:
        for stream in (self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()


def widen(descriptor: int) -> int:
    """Makes a pipe hold a megabyte where the system allows; how many bytes it holds."""
    if not hasattr(fcntl, "F_SETPIPE_SZ"):
        return _SMALLEST_PIPE
    with contextlib.suppress(OSError):  # over the user's quota of pipe memory
        fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, _PIPE)
    size: int = fcntl.fcntl(descriptor, fcntl.F_GETPIPE_SZ)
    return size


class Runner:
    """Starts git on one view. Safe to use from several threads."""

    def __init__(self, view: View) -> None:
        git_class = load_git()
        self._view = view
        self._git = git_class(str(view.path))
        self._command = [git_class.GIT_PYTHON_GIT_EXECUTABLE or "git", "--no-pager"]
        for override in OVERRIDES:
            self._command += ["-c", override]

    def start(
        self,
        arguments: Sequence[str],
        *,
        work_tree: Path | None = None,
        stdin: bool = False,
    ) -> Process:
        """Starts git. With `work_tree`, git sees that directory as the work tree."""
        handle = self._git.execute(
            [*self._command, *arguments],
            istream=PIPE if stdin else None,
            as_process=True,
            env=self._view.environment(work_tree),
        )
        return Process(handle, self._view.path)

    def output(
        self,
        arguments: Sequence[str],
        *,
        work_tree: Path | None = None,
        stdin: bytes | None = None,
        accept: Sequence[int] = (0,),
    ) -> bytes:
        """All output of a git call that has little. GitError on a status not in `accept`."""
        with self.start(arguments, work_tree=work_tree, stdin=stdin is not None) as process:
            feeder = None
            if stdin is not None:
                # git answers while it reads; writing first would end with both pipes full.
                feeder = threading.Thread(target=process.feed, args=(stdin,), daemon=True)
                feeder.start()
            data = process.stdout.read()
            if feeder is not None:
                feeder.join()
            status = process.finish()
            if status not in accept:
                raise GitError(process.complaint or f"git {arguments[0]} ended with {status}")
        return data


def load_git() -> "type[Git]":
    """GitPython's command class. GitError when git is not installed or too old."""
    try:
        from git.cmd import Git
        from git.exc import GitCommandError, GitCommandNotFound
    except ImportError as error:
        # GitPython looks for git when it is imported and reports a missing one this way.
        raise GitError("git is not installed", hint="install git and put it on PATH") from error
    try:
        version = Git().version_info
    except (GitCommandError, GitCommandNotFound, OSError) as error:
        raise GitError("git can't be run", hint="install git and put it on PATH") from error
    if version[:2] < MINIMUM_VERSION:
        found, needed = (".".join(map(str, numbers)) for numbers in (version, MINIMUM_VERSION))
        raise GitError(f"git {found} is too old", hint=f"install git {needed} or newer")
    return Git


def describe(complaint: bytes, view: Path) -> str:
    """git's error output as one line a person can read.

    git quotes lines it does not understand; what looks like a token in them is left out.
    """
    text = complaint.decode("utf-8", "replace").replace(f"{view}/", "")
    text = _WORD.sub(_veiled, text)
    lines = []
    for line in text.splitlines():
        stripped = line.removeprefix("fatal: ").removeprefix("error: ").removeprefix("warning: ")
        if stripped and stripped not in lines:
            lines.append(stripped)
    return "; ".join(lines[:5])


def _veiled(word: re.Match[str]) -> str:
    """A long word of letters only, of digits only, or an object's id stays as it is."""
    text = word[0]
    plain = text.isalpha() or text.isdigit() or _OBJECT.fullmatch(text)
    return text if plain else "\N{HORIZONTAL ELLIPSIS}"
