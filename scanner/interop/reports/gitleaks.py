"""gitleaks' JSON report: a list of findings.

Fields: https://github.com/gitleaks/gitleaks#reporting and `report/finding.go` there.
"""

from collections.abc import Iterable

import msgspec

from scanner.interop.reports.raw import Document, RawSecret

TOOL = "gitleaks"


class Entry(msgspec.Struct, frozen=True):
    """One finding; further fields are of no use to us."""

    RuleID: str
    File: str
    Description: str = ""
    StartLine: int | None = None
    StartColumn: int | None = None
    Secret: str = ""
    Match: str = ""
    Commit: str = ""
    Fingerprint: str = ""

    def __repr__(self) -> str:
        return f"<Entry {self.RuleID}>"


def read(entries: Iterable[Entry]) -> Document:
    """The entries as secrets."""
    return Document(TOOL, None, [_secret(entry) for entry in entries], [])


def _secret(entry: Entry) -> RawSecret:
    return RawSecret(
        rule=entry.RuleID,
        path=entry.File,
        line=entry.StartLine,
        column=entry.StartColumn,
        commit=entry.Commit,
        values=() if is_masked(entry.Secret) else (entry.Secret,),
        description=entry.Description,
    )


def is_masked(secret: str) -> bool:
    """`--redact` writes REDACTED, or the secret's beginning and three dots."""
    return not secret or secret in ("REDACTED", "REDACT") or secret.endswith("...")
