"""The command line of the modules that write pages from rule files."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from scanner.errors import ExitCode, RuleError


def write_pages(arguments: Sequence[str], write: Callable[[Path], object], usage: str) -> int:
    """Write to the one path that is named; the exit code. `usage`: the command and its argument."""
    if len(arguments) != 1:
        sys.stderr.write(f"usage: python -m {usage}\n")
        return int(ExitCode.USAGE)
    try:
        write(Path(arguments[0]))
    except (RuleError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return int(ExitCode.USAGE)
    return int(ExitCode.CLEAN)
