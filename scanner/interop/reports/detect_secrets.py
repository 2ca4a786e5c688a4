"""detect-secrets' `.secrets.baseline`, which is its report as well.

Format: https://github.com/Yelp/detect-secrets#readme and `detect_secrets/core/potential_secret.py`.
"""

import msgspec

from scanner.interop.reports.raw import Document, RawSecret

TOOL = "detect-secrets"


class Entry(msgspec.Struct, frozen=True):
    """One secret in one file."""

    hashed_secret: str
    type: str = ""
    line_number: int | None = None
    is_verified: bool = False
    is_secret: bool | None = None
    """What a person said of it in `detect-secrets audit`."""


class BaselineFile(msgspec.Struct, frozen=True):
    """The whole file."""

    version: str
    results: dict[str, tuple[Entry, ...]]


def read(file: BaselineFile) -> Document:
    """The entries as secrets, without those that a person has judged to be none."""
    secrets: list[RawSecret] = []
    refused = 0
    for path, entries in file.results.items():
        for entry in entries:
            if entry.is_secret is False:
                refused += 1
                continue
            secrets.append(
                RawSecret(
                    rule=entry.type,
                    path=path,
                    line=entry.line_number,
                    verified=True if entry.is_verified else None,
                    sha1=entry.hashed_secret,
                )
            )
    notes = [f"{refused} entries that an audit marked as no secret"] if refused else []
    return Document(TOOL, file.version[:40], secrets, notes)
