"""Files in the user's cache directory: trusted only when they are the user's own, and whole."""

import contextlib
import hashlib
import os
import stat
from pathlib import Path

from scanner.atomic import replace_file

_CHECKSUM_SIZE = 32
_LARGEST = 256 << 20


def read_cached(path: Path) -> bytes | None:
    """What `write_cached` put there; None when it is absent, damaged, or somebody else could have
    written it."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        if not _is_private(path.parent.stat()):
            return None
        with os.fdopen(os.open(path, flags), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode) or not _is_private(status):
                return None
            data = file.read(_LARGEST)
    except OSError:
        return None
    checksum, body = data[:_CHECKSUM_SIZE], data[_CHECKSUM_SIZE:]
    return body if _checksum(body) == checksum else None


def write_cached(path: Path, body: bytes, *, alike: str, most: int) -> None:
    """Keep `body`; a cache that cannot be written is no reason to fail. The directory is made with
    mode 0700, the file with 0600.

    `alike` is a pattern for the names of such files, since each version of the rules, of a
    repository or of this program names its own: of those beside it the `most` that were written
    last stay.
    """
    with contextlib.suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace_file(path, _checksum(body) + body)
        written = [(file.stat().st_mtime_ns, file) for file in path.parent.glob(alike)]
        for _, file in sorted(written, reverse=True)[most:]:
            file.unlink()


def _checksum(body: bytes) -> bytes:
    return hashlib.blake2b(body, digest_size=_CHECKSUM_SIZE).digest()


def _is_private(status: os.stat_result) -> bool:
    return status.st_uid == os.geteuid() and not status.st_mode & 0o022
