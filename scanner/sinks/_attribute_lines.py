"""Writes the shares of surviving lines: one format a module, `_attribute_lines_<format>`."""

from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from scanner.errors import ScannerError
from scanner.model.lines import LineReport
from scanner.sinks._file import write_whole
from scanner.sinks._options import Options
from scanner.sinks._printable import printable

FORMATS = ("text", "json", "csv", "markdown")


def write_lines(report: LineReport, format_: str, stream: BinaryIO, options: Options) -> None:
    """Write the whole report to a binary stream as UTF-8, and flush it.

    Raises `ScannerError` for an unknown format; what the stream raises passes through. Of `options`
    the text format reads `color`, `width` and `verbose` (all files instead of directories and the
    first ones), the JSON format `exit_code`.
    """
    if format_ not in FORMATS:
        raise ScannerError(f"unknown format {printable(format_, 60)!r}", hint=", ".join(FORMATS))
    import_module(f"scanner.sinks._attribute_lines_{format_}").write(report, stream, options)
    stream.flush()


def write_lines_file(report: LineReport, format_: str, path: Path, options: Options) -> None:
    """Write it to a file, whole or not at all, under the terms of `scanner.sinks.write_file`."""
    buffer = BytesIO()
    write_lines(report, format_, buffer, options)
    write_whole(path, buffer.getbuffer())
