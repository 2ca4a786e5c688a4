"""Finds out whose report a file is, and reads it."""

import codecs
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, cast

import msgspec

from scanner.errors import ConfigError
from scanner.interop.reports import detect_secrets, gitleaks, kingfisher, sarif, trufflehog
from scanner.interop.reports.raw import Digests, Document, UnreadableError, decode, without_secret
from scanner.interop.reports.values import ImportedReport, ImportedSecret
from scanner.model import Problem

LARGEST: Final = 256 * 1024 * 1024
MOST_SECRETS: Final = 200_000
_MOST_PROBLEMS: Final = 20
_KNOWN: Final = (
    "read are: gitleaks JSON, trufflehog JSON Lines, kingfisher JSON and JSON Lines, "
    "detect-secrets baselines, and SARIF"
)
_Keys = Mapping[str, msgspec.Raw]

# A document, or a line of one, is recognised by a key that no other format has.
_WHOLE: Final[tuple[tuple[str, object, Callable[..., Document]], ...]] = (
    ("runs", sarif.Log, sarif.read),
    ("plugins_used", detect_secrets.BaselineFile, detect_secrets.read),
    ("findings", kingfisher.Envelope, kingfisher.read_envelope),
)
_ENTRIES: Final[tuple[tuple[str, type[msgspec.Struct], Callable[..., Document]], ...]] = (
    ("RuleID", gitleaks.Entry, gitleaks.read),
    ("DetectorName", trufflehog.Entry, trufflehog.read),
    ("finding", kingfisher.Entry, kingfisher.read),
)
# Lines that tools print between their findings: logs, statistics, access maps.
_NO_ENTRY: Final = frozenset({"level", "msg", "metadata", "stats", "access_map", "audit"})


def read_report(path: Path, digests: Digests) -> ImportedReport:
    """Read the report of another scanner.

    The secrets in it go to `digests` and nowhere else. Raises `ConfigError`, with file and
    position, for a file that is too large, cut off, malformed, or of no format that is known.
    """
    data = _bytes(path)
    problems: list[Problem] = []
    try:
        document = _document(data, path, problems)
    except UnreadableError as error:
        raise ConfigError(f"{path}: {error}", hint=_KNOWN) from None
    notes = list(document.notes)
    if len(document.secrets) > MOST_SECRETS:
        problems.append(
            Problem("source", str(path), f"only the first {MOST_SECRETS} entries are taken")
        )
    secrets: dict[ImportedSecret, None] = {}
    for raw in document.secrets[:MOST_SECRETS]:
        secrets.setdefault(without_secret(raw, document.tool, digests))
    return ImportedReport(
        source=str(path),
        tool=document.tool,
        version=document.version,
        secrets=tuple(secrets),
        problems=tuple(problems),
        notes=tuple(notes),
    )


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            data = stream.read(LARGEST + 1)
    except OSError as error:
        raise ConfigError(f"{path}: the report cannot be read: {error.strerror}") from None
    if len(data) > LARGEST:
        raise ConfigError(f"{path}: the report is larger than {LARGEST >> 20} MiB")
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if data.startswith(mark):  # what a redirection in PowerShell writes
            data = data.decode(encoding, "replace").encode("utf-8", "replace")
    return data.removeprefix(codecs.BOM_UTF8).strip()


def _document(data: bytes, path: Path, problems: list[Problem]) -> Document:
    if not data:
        raise UnreadableError("it is empty")
    if data.startswith(b"["):
        return _list(data)
    if not data.startswith(b"{"):
        raise UnreadableError("line 1: it begins with neither { nor [")
    first, _, rest = data.partition(b"\n")
    if rest and _keys(first) is not None:
        return _lines(data, path, problems)
    keys = cast("_Keys", decode(data, dict[str, msgspec.Raw]))
    for mark, kind, read in _WHOLE:
        if mark in keys:
            return read(decode(data, kind))
    if rest or not any(mark in keys for mark, _, _ in _ENTRIES):
        return _unknown(keys)
    return _lines(data, path, problems)


def _list(data: bytes) -> Document:
    items = cast("list[msgspec.Raw]", decode(data, list[msgspec.Raw]))
    if not items:
        return Document("unnamed tool", None, [], ["the list is empty"])
    keys = _keys(bytes(items[0])) or {}
    for mark, kind, read in _ENTRIES:
        if mark in keys:
            return read(decode(data, list[kind]))  # type: ignore[valid-type]
    return _unknown(keys)


def _lines(data: bytes, path: Path, problems: list[Problem]) -> Document:
    """JSON Lines. A line that cannot be read is a problem; the others count."""
    entries: list[msgspec.Struct] = []
    chosen: tuple[str, type[msgspec.Struct], Callable[..., Document]] | None = None
    unread = 0
    for number, line in enumerate(data.split(b"\n"), 1):
        if not line.strip():
            continue
        keys = _keys(line)
        if keys is not None and chosen is None:
            chosen = next((entry for entry in _ENTRIES if entry[0] in keys), None)
        try:
            if keys is not None and chosen is not None and chosen[0] in keys:
                entries.append(cast("msgspec.Struct", decode(line, chosen[1])))
                continue
            reason = "" if keys is not None and _NO_ENTRY & keys.keys() else "is no finding"
        except UnreadableError as error:
            reason = f"cannot be read: {str(error).removeprefix('line 1: ')}"
        if reason:
            unread += 1
            if unread <= _MOST_PROBLEMS:
                problems.append(Problem("source", f"{path}:{number}", f"this line {reason}"))
    if unread > _MOST_PROBLEMS:
        more = f"{unread - _MOST_PROBLEMS} more lines are no findings"
        problems.append(Problem("source", str(path), more))
    if chosen is None:
        raise UnreadableError("no line holds a finding of a tool that is known")
    return chosen[2](entries)


def _keys(data: bytes) -> _Keys | None:
    """The keys of one JSON object, or None for anything else."""
    try:
        return cast("_Keys", decode(data, dict[str, msgspec.Raw]))
    except UnreadableError:
        return None


def _unknown(keys: _Keys) -> Document:
    schema = keys.get("schema") or keys.get("$schema") or keys.get("version")
    named = ", ".join(repr(key[:30]) for key in sorted(keys)[:6])
    version = ""
    if schema is not None:
        text = bytes(schema)[:60].decode("utf-8", "replace")
        version = f"; it calls itself {text}"
    raise UnreadableError(f"not a report of a tool that is known (keys: {named}{version})")
