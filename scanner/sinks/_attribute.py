"""Writes what `agentreach attribute` counted: one format a module, `_attribute_<format>`.

A format has the one function `write(report: AttributeReport, stream: BinaryIO, options: Drawing)
-> None`; one that can tell of a single commit has `write_explanation` likewise.
"""

from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import msgspec

from scanner.errors import ScannerError
from scanner.model.attribute_report import AttributeReport, CommitExplanation
from scanner.sinks._file import write_whole
from scanner.sinks._options import Options
from scanner.sinks._printable import printable

FORMATS = ("text", "json", "csv", "markdown", "html", "svg")
EXPLANATION_FORMATS = ("text", "json", "markdown")


class Drawing(msgspec.Struct, frozen=True):
    """How to write."""

    options: Options
    ascii_only: bool = False
    """Draw with ASCII instead of block characters, for terminals without them."""


def write_attribution(
    answer: AttributeReport | CommitExplanation, format_: str, stream: BinaryIO, drawing: Drawing
) -> None:
    """Write the answer to a binary stream as UTF-8, and flush it.

    Raises `ScannerError` for a format that it does not have; what the stream raises passes through.
    """
    formats = FORMATS if isinstance(answer, AttributeReport) else EXPLANATION_FORMATS
    if format_ not in formats:
        raise ScannerError(
            f"unknown format {printable(format_, 60)!r}", hint=f"one of: {', '.join(formats)}"
        )
    if isinstance(answer, AttributeReport):
        import_module(f"scanner.sinks._attribute_{format_}").write(answer, stream, drawing)
    else:
        from scanner.sinks import _attribute_explain

        _attribute_explain.write(answer, format_, stream, drawing)
    stream.flush()


def write_attribution_file(
    answer: AttributeReport | CommitExplanation, format_: str, path: Path, drawing: Drawing
) -> None:
    """Write it to a file, whole or not at all, under the terms of `scanner.sinks.write_file`."""
    buffer = BytesIO()
    write_attribution(answer, format_, buffer, drawing)
    write_whole(path, buffer.getbuffer())
