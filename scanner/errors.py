"""What can go wrong, and the exit code each kind ends a run with."""

from enum import IntEnum


class ExitCode(IntEnum):
    """The promise a script can build on; see docs/exit-codes.md."""

    CLEAN = 0
    FINDINGS = 1
    USAGE = 2
    INCOMPLETE = 3
    BUG = 70
    INTERRUPTED = 130


class ScannerError(Exception):
    """A mistake the user can mend: one line that says what and where, and a hint that says how.

    Raised before scanning starts. What fails while scanning goes on is a `model.Problem`.
    """

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ConfigError(ScannerError):
    """The project's configuration, a task file or a baseline cannot be used."""


class RuleError(ScannerError):
    """A rule file cannot be used; the message names the file and the key."""


class GitError(ScannerError):
    """git, or the repository itself, cannot be used at all."""
