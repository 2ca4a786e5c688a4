"""Writes the matrix of secrets against agents: one format a module, `_reach_<format>`.

They stand apart from the formats of a report, since each is of another shape. A format has the one
function `write(matrix: Matrix, stream: BinaryIO, options: Options) -> None`.
"""

from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from scanner.errors import ScannerError
from scanner.model.matrix import Explanation, Matrix
from scanner.sinks._file import write_whole
from scanner.sinks._options import Options
from scanner.sinks._printable import printable

FORMATS = ("text", "json", "markdown", "html")


def write_matrix(matrix: Matrix, format_: str, stream: BinaryIO, options: Options) -> None:
    """Write the whole matrix to a binary stream as UTF-8, and flush it.

    Raises `ScannerError` for an unknown format; what the stream raises passes through.
    """
    if format_ not in FORMATS:
        raise ScannerError(f"unknown format {printable(format_, 60)!r}", hint=", ".join(FORMATS))
    import_module(f"scanner.sinks._reach_{format_}").write(matrix, stream, options)
    stream.flush()


def write_matrix_file(matrix: Matrix, format_: str, path: Path, options: Options) -> None:
    """Write it to a file, whole or not at all, under the terms of `scanner.sinks.write_file`."""
    buffer = BytesIO()
    write_matrix(matrix, format_, buffer, options)
    write_whole(path, buffer.getbuffer())


def write_explanations(
    explanations: tuple[Explanation, ...], stream: BinaryIO, options: Options
) -> None:
    """Write the reasoning about cells for reading, and flush it."""
    from scanner.sinks._reach_explain import write

    write(explanations, stream, options)
    stream.flush()
