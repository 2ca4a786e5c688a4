"""kingfisher's JSON (one document) and JSON Lines (one finding a line).

Fields: https://github.com/mongodb/kingfisher, `src/reporter.rs` and `docs/FINGERPRINT.md`.
"""

from collections.abc import Iterable

import msgspec

from scanner.interop.reports.raw import Document, RawSecret

TOOL = "kingfisher"


class Rule(msgspec.Struct, frozen=True):
    """The rule that matched."""

    id: str = ""
    name: str = ""


class Validation(msgspec.Struct, frozen=True):
    """What the provider answered."""

    status: str = ""
    response: object = None

    def __repr__(self) -> str:
        return "<Validation>"


class GitCommit(msgspec.Struct, frozen=True):
    """The commit, as far as we need it."""

    id: str = ""


class GitFile(msgspec.Struct, frozen=True):
    """The file in the commit."""

    path: str = ""


class GitMetadata(msgspec.Struct, frozen=True):
    """Where in the history."""

    commit: GitCommit | None = None
    file: GitFile | None = None


class Finding(msgspec.Struct, frozen=True):
    """The match and its place."""

    path: str
    snippet: str = ""
    line: int | None = None
    column_start: int | None = None
    validation: Validation = Validation()
    git_metadata: GitMetadata | None = None

    def __repr__(self) -> str:
        return "<Finding>"


class Entry(msgspec.Struct, frozen=True):
    """One finding."""

    rule: Rule
    finding: Finding


class ScanMetadata(msgspec.Struct, frozen=True):
    """About the scan; `stats` in older releases."""

    kingfisher_version: str | None = None


class Envelope(msgspec.Struct, frozen=True):
    """The whole document."""

    findings: tuple[Entry, ...]
    metadata: ScanMetadata | None = None
    stats: ScanMetadata | None = None


def read_envelope(envelope: Envelope) -> Document:
    """The entries of a document as secrets."""
    about = envelope.metadata or envelope.stats or ScanMetadata()
    document = read(envelope.findings)
    return document._replace(version=(about.kingfisher_version or "")[:40] or None)


def read(entries: Iterable[Entry]) -> Document:
    """The entries as secrets."""
    return Document(TOOL, None, [_secret(entry) for entry in entries], [])


def _secret(entry: Entry) -> RawSecret:
    finding, git = entry.finding, entry.finding.git_metadata
    masked = not finding.snippet or finding.snippet.startswith("[REDACTED")
    column = finding.column_start
    return RawSecret(
        rule=entry.rule.id or entry.rule.name,
        path=(git.file.path if git and git.file else "") or finding.path,
        line=finding.line,
        column=column + 1 if column is not None and 0 <= column < 2**31 else None,
        commit=git.commit.id if git and git.commit else None,
        verified=_verified(finding.validation),
        values=() if masked else (finding.snippet,),
        description=entry.rule.name,
    )


def _verified(validation: Validation) -> bool | None:
    status = validation.status.lower()
    if status.startswith("active"):
        return True
    response = validation.response if isinstance(validation.response, str) else ""
    # A credential that was never tried is listed as inactive too; the answer tells.
    tried = bool(response) and not response.lower().startswith("validation skipped")
    return False if status.startswith("inactive") and tried else None
