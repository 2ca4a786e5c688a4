"""Writes a report: one format a file, found by file name.

A format is a module here without a leading underscore, with the one function
`write(report: Report, stream: BinaryIO, options: Options) -> None`. Adding the file adds it.
"""

from importlib import import_module
from io import BytesIO
from pathlib import Path
from pkgutil import iter_modules
from typing import BinaryIO

from scanner.errors import ScannerError
from scanner.model import Report
from scanner.sinks._file import write_whole
from scanner.sinks._options import Options
from scanner.sinks._printable import log_safe, original, printable

__all__ = ["Options", "formats", "log_safe", "original", "printable", "write", "write_file"]


def formats() -> tuple[str, ...]:
    """The names `write` accepts, sorted. Imports none of them."""
    return tuple(
        sorted(module.name for module in iter_modules(__path__) if not module.name.startswith("_"))
    )


def write(
    report: Report,
    format: str,  # noqa: A002 - the word users type
    stream: BinaryIO,
    *,
    color: bool = False,
    width: int = 100,
    exit_code: int | None = None,
    anchor: str | None = None,
    verbose: bool = False,
) -> None:
    """Write the whole report to a binary stream as UTF-8, and flush it.

    `color`, `width` (columns), `exit_code`, `anchor` and `verbose` are described in `Options`.
    Raises `ScannerError` for an unknown format; what the stream raises passes through.
    """
    if format not in formats():
        raise ScannerError(
            f"unknown format {printable(format, 60)!r}", hint=f"one of: {', '.join(formats())}"
        )
    options = Options(color=color, width=width, exit_code=exit_code, anchor=anchor, verbose=verbose)
    import_module(f"{__name__}.{format}").write(report, stream, options)
    stream.flush()


def write_file(
    report: Report,
    format: str,  # noqa: A002
    path: Path,
    *,
    width: int = 100,
    exit_code: int | None = None,
    anchor: str | None = None,
    verbose: bool = False,
) -> None:
    """Write the report to a file, whole or not at all: a reader never sees half of it.

    A new file is readable by its owner only; an existing one keeps its mode. Raises `ScannerError`
    when the target is a symbolic link or no regular file (a hostile repository may have planted it)
    and when the directory cannot be written to.
    """
    buffer = BytesIO()
    write(
        report,
        format,
        buffer,
        width=width,
        exit_code=exit_code,
        anchor=anchor,
        verbose=verbose,
    )
    write_whole(path, buffer.getbuffer())
