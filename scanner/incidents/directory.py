"""The records' directory: files are made once, whole, never replaced; links are not followed."""

import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from scanner.errors import ConfigError

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
# What file systems without hard links (FAT, some network and user-space ones) answer.
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)
_HINT = "name a directory that you can write to and that is no symbolic link"


class Directory:
    """An open directory. Every access goes through its descriptor, so it cannot be swapped."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self.descriptor = descriptor

    def names(self) -> list[str]:
        """The names of all entries, sorted."""
        return sorted(os.listdir(self.descriptor))  # noqa: PTH208 - Path takes no descriptor

    def read(self, name: str, limit: int) -> bytes:
        """A regular file of at most `limit` bytes. Raises `OSError` for anything else."""
        descriptor = os.open(name, _READ, dir_fd=self.descriptor)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise OSError(errno.EINVAL, "not a regular file")
            content = file.read(limit + 1)
        if len(content) > limit:
            raise OSError(errno.EFBIG, f"larger than {limit} bytes")
        return content

    def create(self, name: str, content: bytes) -> bool:
        """Make a file, whole or not at all, readable by its owner. False if the name is taken."""
        temporary = f".{name}.{secrets.token_hex(4)}.tmp"
        descriptor = os.open(temporary, _NEW, 0o600, dir_fd=self.descriptor)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(descriptor)
            return self._publish(temporary, name)
        finally:
            with suppress(FileNotFoundError):  # renamed, where there are no hard links
                os.unlink(temporary, dir_fd=self.descriptor)

    def _publish(self, temporary: str, name: str) -> bool:
        # A link, unlike a rename, fails where the name is taken: a record that somebody else writes
        # at this moment is not lost.
        try:
            os.link(
                temporary,
                name,
                src_dir_fd=self.descriptor,
                dst_dir_fd=self.descriptor,
                follow_symlinks=False,
            )
        except FileExistsError:
            return False
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            if name in self.names():
                return False
            os.rename(temporary, name, src_dir_fd=self.descriptor, dst_dir_fd=self.descriptor)
        return True

    def append(self, name: str) -> int:
        """A descriptor that reads and appends to a regular file, made if absent."""
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        descriptor = os.open(name, flags, 0o600, dir_fd=self.descriptor)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise OSError(errno.EINVAL, "not a regular file")
        return descriptor


@contextmanager
def open_directory(path: Path, repository: Path) -> Iterator[Directory]:
    """Open the directory, made for its owner only (mode 0700) if it is absent.

    Raises `ConfigError` if it cannot be opened or written, or leads through a symbolic link that
    the repository holds: the repository is hostile, and a link would write where it likes. An
    `OSError` raised while the directory is open becomes `ConfigError`, too.
    """
    _refuse_planted_links(path, repository)
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(path, flags)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be used: {error.strerror}", hint=_HINT) from error
    try:
        yield Directory(path, descriptor)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {error.strerror}", hint=_HINT) from error
    finally:
        os.close(descriptor)


def _refuse_planted_links(path: Path, repository: Path) -> None:
    root = repository.resolve()
    absolute = path.absolute()
    for part in (absolute, *absolute.parents):
        if part.is_symlink() and (part == absolute or part.parent.resolve().is_relative_to(root)):
            raise ConfigError(f"{path}: {part} is a symbolic link", hint=_HINT)
