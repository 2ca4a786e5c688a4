"""Puts a baseline in place."""

from pathlib import Path

from scanner.atomic import replace_file
from scanner.errors import ConfigError


def replace(path: Path, data: bytes) -> None:
    """Replace the file whole; raises `ConfigError`, also for a symbolic link."""
    if path.is_symlink():
        raise ConfigError(f"{path}: is a symbolic link", hint="name the file itself")
    try:
        replace_file(path, data)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {error.strerror}") from None
