"""trufflehog's `--json`: one finding a line.

Fields: `pkg/output/json.go` and https://github.com/trufflesecurity/trufflehog#readme.
"""

from collections.abc import Iterable

import msgspec

from scanner.interop.reports.raw import Document, RawSecret

TOOL = "trufflehog"


class Place(msgspec.Struct, frozen=True):
    """What git, file system and hosted sources have in common."""

    file: str = ""
    line: int | None = None
    commit: str = ""


class Metadata(msgspec.Struct, frozen=True):
    """Where: one entry, named after the kind of source."""

    Data: dict[str, Place | None] = {}


class Entry(msgspec.Struct, frozen=True):
    """One finding."""

    DetectorName: str
    SourceMetadata: Metadata = Metadata()
    DetectorDescription: str = ""
    DecoderName: str = ""
    Verified: bool = False
    Raw: str = ""
    RawV2: str = ""

    def __repr__(self) -> str:
        return f"<Entry {self.DetectorName}>"


def read(entries: Iterable[Entry]) -> Document:
    """The entries as secrets."""
    return Document(TOOL, None, [_secret(entry) for entry in entries], [])


def _secret(entry: Entry) -> RawSecret:
    place = next((place for place in entry.SourceMetadata.Data.values() if place), Place())
    return RawSecret(
        rule=entry.DetectorName,
        path=place.file,
        line=place.line,
        commit=place.commit,
        # "false" stands for a refused credential as well as for a run without verification.
        verified=True if entry.Verified else None,
        values=_values(entry),
        description=entry.DetectorDescription,
    )


def _values(entry: Entry) -> tuple[str, ...]:
    """The secret, and in a credential of two parts the second as well."""
    values = [entry.Raw] if entry.Raw else []
    if entry.RawV2 and entry.RawV2 != entry.Raw:
        other = entry.RawV2.removeprefix(entry.Raw).lstrip(":")
        values.append(other or entry.RawV2)
    return tuple(values)
