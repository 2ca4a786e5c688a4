"""Puts the parts together: from sources to findings to incidents."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scanner.config import Config
    from scanner.model import Report

__all__ = ["scan"]


def scan(config: "Config") -> "Report":
    """Scan what `config` names and return the report.

    Raises `scanner.errors.ScannerError` for what has to be mended first: not a repository, a broken
    configuration. What could not be read on the way is in the report's `problems`.
    """
    # Not above: the modules beside this are used without the whole scan, by commands that answer
    # in less time than loading it takes.
    from scanner.pipeline.run import run

    return run(config).report
