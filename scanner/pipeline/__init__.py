"""Puts the parts together: from sources to findings to incidents."""

from scanner.config import Config
from scanner.model import Report
from scanner.pipeline.run import Outcome, run

__all__ = ["Outcome", "run", "scan"]


def scan(config: Config) -> Report:
    """Scan what `config` names and return the report.

    Raises `scanner.errors.ScannerError` for what has to be mended first: not a repository, a broken
    configuration. What could not be read on the way is in the report's `problems`.
    """
    return run(config).report
