"""Incidents: findings that one responder will handle together."""

import msgspec

from scanner.model.kinds import Basis, Category, Severity


class Fact(msgspec.Struct, frozen=True, omit_defaults=True):
    """One field of a record. Unknown: `value` is None and `how` tells how to find out."""

    value: str | tuple[str, ...] | int | bool | None
    basis: Basis
    how: str | None = None


class Incident(msgspec.Struct, frozen=True):
    """A candidate incident: findings that belong together. Only a person confirms one."""

    id: str
    """`AR-` and hex digits, the same on every run for the same subject."""
    category: Category
    title: str
    severity: Severity
    subject: str
    findings: tuple[str, ...]
    """Fingerprints, most severe first."""
    status: str = "candidate"
    record: str | None = None
    """Path of the record file, when one was written."""
