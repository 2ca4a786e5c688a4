"""Puts a file in place whole or not at all."""

import os
from pathlib import Path


def replace_file(path: Path, data: bytes | memoryview, mode: int = 0o600) -> None:
    """Write `data` beside `path` and rename it there, so that a reader never sees half of it.

    A symbolic link at `path` is replaced, not followed: callers that must not do so look first.
    Raises `OSError`, and then leaves nothing behind.
    """
    import tempfile  # most runs write no file

    # In the same directory, because a rename is atomic only within one file system.
    descriptor, temporary = tempfile.mkstemp(prefix=".agentreach-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            os.fchmod(descriptor, mode)
            stream.write(data)
            stream.flush()
            os.fsync(descriptor)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
