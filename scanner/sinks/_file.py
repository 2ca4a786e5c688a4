"""Writes a finished document to a file, whole or not at all."""

import stat
from pathlib import Path

from scanner.atomic import replace_file
from scanner.errors import ScannerError
from scanner.sinks._printable import printable


def write_whole(path: Path, data: bytes | memoryview) -> None:
    """Put a document in the place of a regular file, or make the file, for its owner only.

    Raises `ScannerError` for what is no regular file, and for what cannot be written.
    """
    mode = _mode(path)
    try:
        replace_file(path, data, mode)
    except OSError as error:
        raise ScannerError(f"{printable(str(path))}: cannot write: {error.strerror}") from error


def _mode(path: Path) -> int:
    try:
        status = path.lstat()
    except FileNotFoundError:
        return 0o600
    if not stat.S_ISREG(status.st_mode):
        kind = "a symbolic link" if stat.S_ISLNK(status.st_mode) else "not a regular file"
        raise ScannerError(
            f"{printable(str(path))}: {kind}",
            hint="name a regular file, or write to standard output",
        )
    return stat.S_IMODE(status.st_mode)
