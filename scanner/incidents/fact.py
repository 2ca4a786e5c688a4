"""Small makers for the values of a record, and the bounds on what a record may hold."""

from datetime import UTC, datetime

from scanner.model import Basis, Fact

MAX_TEXT = 500
"""Characters of one string from a repository; longer ones are cut and end in an ellipsis."""
MAX_ROWS = 100
"""Locations, reach rows and the like in one list of a record; the report has them all."""


def known(
    value: str | tuple[str, ...] | int | bool, basis: Basis = Basis.OBSERVED, how: str | None = None
) -> Fact:
    """A fact with its basis; `how` then says what limits it."""
    return Fact(value=value, basis=basis, how=how)


def unknown(how: str) -> Fact:
    """An open question, and how to answer it."""
    return Fact(value=None, basis=Basis.UNKNOWN, how=how)


def iso(seconds: int) -> str:
    """`2026-01-31T09:30:00Z`; `@` and the number for a time that no calendar has.

    Commit dates are whatever the committer's machine wrote, so they can be absurd.
    """
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, ValueError, OSError):
        return f"@{seconds}"
