"""Opens files below one directory and never outside it, whatever links the directory holds."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import msgspec

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# O_NONBLOCK: a FIFO must not keep us waiting for a writer.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class TooLarge(msgspec.Struct, frozen=True):
    """A file over the limit."""

    size: int


class Tree:
    """Reads by descriptors from the root down, so that no parent can be swapped for a link.

    Keeps the last parent directory open: reading in sorted order opens each directory once. For one
    thread at a time; `close` it, or use it as a context manager.
    """

    def __init__(self, root: Path) -> None:
        self._root = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._parent = self._root
        self._parent_path = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the directories."""
        self._forget()
        os.close(self._root)

    def read(self, path: str, limit: int) -> bytes | TooLarge | None:
        """A regular file's bytes. None for anything else, and for what is not there.

        Raises OSError when a file is there and can't be read.
        """
        directory, _, name = path.rpartition("/")
        try:
            descriptor = os.open(name, _FILE, dir_fd=self._open(directory))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            if self._is_link(path):
                return None
            raise error from None
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                return None
            if status.st_size > limit:
                return TooLarge(status.st_size)
            return _read(file.fileno(), status.st_size, limit)

    def link(self, path: str) -> str | None:
        """A symbolic link's text. None for anything else, and for what is not there."""
        directory, _, name = path.rpartition("/")
        try:
            return os.readlink(name, dir_fd=self._open(directory))
        except OSError:
            return None

    def has(self, path: str) -> bool:
        """Whether anything stands there, be it a link; what cannot be known counts as there."""
        directory, _, name = path.rpartition("/")
        try:
            os.stat(name, dir_fd=self._open(directory), follow_symlinks=False)
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError:
            return True
        return True

    def walk(self, directory: str, entries: int) -> Iterator[str]:
        """Paths of the regular files below, sorted within each directory; links are not followed.

        Directories named `.git` are left out. Ends after `entries` directory entries.
        """
        waiting = [directory]
        left = entries
        while waiting and left > 0:
            below = []
            parent = waiting.pop()
            for name, kind in self._list(parent, left):
                left -= 1
                path = f"{parent}/{name}" if parent else name
                if kind == stat.S_IFDIR and name != ".git":
                    below.append(path)
                elif kind == stat.S_IFREG:
                    yield path
            waiting += reversed(below)

    def _list(self, directory: str, most: int) -> list[tuple[str, int]]:
        """Names and file types, sorted. Empty when it can't be read."""
        found = []
        try:
            with os.scandir(self._open(directory)) as listing:
                for entry in listing:
                    mode = stat.S_IFDIR if entry.is_dir(follow_symlinks=False) else 0
                    if entry.is_file(follow_symlinks=False):
                        mode = stat.S_IFREG
                    found.append((entry.name, mode))
                    if len(found) >= most:
                        break
        except OSError:
            return []
        return sorted(found)

    def _open(self, directory: str) -> int:
        if directory == self._parent_path:
            return self._parent
        current = self._root
        try:
            for part in directory.split("/") if directory else ():
                if part == "..":
                    raise FileNotFoundError(directory)
                following = os.open(part, _DIRECTORY, dir_fd=current)
                if current != self._root:
                    os.close(current)
                current = following
        except OSError:
            if current != self._root:
                os.close(current)
            raise
        self._forget()
        self._parent, self._parent_path = current, directory
        return current

    def _forget(self) -> None:
        if self._parent != self._root:
            os.close(self._parent)
        self._parent, self._parent_path = self._root, ""

    def _is_link(self, path: str) -> bool:
        """Whether the file itself or a directory on the way to it is a link."""
        current = ""
        for part in path.split("/"):
            current = f"{current}/{part}" if current else part
            try:
                if stat.S_ISLNK(os.lstat(current, dir_fd=self._root).st_mode):
                    return True
            except OSError:
                return False
        return False


def _read(descriptor: int, size: int, limit: int) -> bytes | TooLarge:
    """Reads to the end, even of a file that grows meanwhile or, as in /proc, states no size."""
    parts = []
    total = 0
    while data := os.read(descriptor, max(size - total, 0) + 1):
        parts.append(data)
        total += len(data)
        if total > limit:
            return TooLarge(total)
    return b"".join(parts)
