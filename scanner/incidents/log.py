"""`log.jsonl`: the dedicated incident log beside the records, one JSON object a line, append-only.

A record belongs to people from the moment it exists. What a later scan sees of the same incident
goes here: `seeded` once for each record, `observed` once for each place that is not in the log yet.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterable

import msgspec

from scanner.incidents.case import Case, describe
from scanner.incidents.directory import Directory
from scanner.incidents.fact import iso
from scanner.incidents.yaml_text import clean
from scanner.model import Category, Problem, Severity

LOG_NAME = "log.jsonl"
LOG_SCHEMA = "agentreach.log/1"
MAX_LOG = 64 * 1024 * 1024
"""Bytes; nothing is appended to a larger log."""


class Entry(msgspec.Struct, frozen=True, kw_only=True, tag_field="event", omit_defaults=False):
    """What every line has."""

    schema: str = LOG_SCHEMA
    id: str
    time: str
    places: tuple[str, ...]
    """Fingerprints of places, none of which stands in an earlier line of the same id."""


class Seeded(Entry, frozen=True, kw_only=True, tag="seeded"):
    """A record was written, or found without a line in the log."""

    category: Category
    severity: Severity
    subject: str
    """Digest of the incident's subject."""
    introduced: str | None
    """`time` minus this is the time to detection; None where the introduction is not known."""


class Observed(Entry, frozen=True, kw_only=True, tag="observed"):
    """A later scan saw the incident at places that were not known before."""

    seen: tuple[str, ...]
    """The places in words."""


_Line = Seeded | Observed


def append(directory: Directory, cases: Iterable[Case]) -> tuple[Problem, ...]:
    """Add the lines that are missing. Lines that cannot be read stay, and are reported."""
    where = str(directory.path / LOG_NAME)
    descriptor = directory.append(LOG_NAME)
    with os.fdopen(descriptor, "r+b") as file:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_size > MAX_LOG:
            return (Problem("record", where, f"larger than {MAX_LOG} bytes; nothing appended"),)
        content = file.read()
        known, broken = _read(content)
        lines = [line for case in cases for line in _lines(case, known)]
        if lines:
            start = b"" if not content or content.endswith(b"\n") else b"\n"
            file.write(start + b"".join(msgspec.json.encode(line) + b"\n" for line in lines))
    if not broken:
        return ()
    return (Problem("record", where, f"{broken} lines cannot be read", hint="mend or remove them"),)


def _read(content: bytes) -> tuple[dict[str, set[str]], int]:
    """The places known of each id, and the number of lines that cannot be read."""
    known: dict[str, set[str]] = {}
    broken = 0
    for line in content.splitlines():
        if not line.strip():
            continue
        try:
            entry = msgspec.json.decode(line, type=_Line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            broken += 1
        else:
            known.setdefault(entry.id, set()).update(entry.places)
    return known, broken


def _lines(case: Case, known: dict[str, set[str]]) -> list[_Line]:
    time, incident = iso(case.report.started), case.incident
    places = {place.fingerprint: place for place in reversed(case.locations)}
    if incident.id not in known:
        first = min((one.introduced.time for one in case.findings if one.introduced), default=None)
        digest = hashlib.blake2b(incident.subject.encode("utf-8", "surrogateescape"), digest_size=8)
        return [
            Seeded(
                id=incident.id,
                time=time,
                places=tuple(sorted(places)),
                category=incident.category,
                severity=incident.severity,
                subject=digest.hexdigest(),
                introduced=None if first is None else iso(first),
            )
        ]
    new = sorted(places.keys() - known[incident.id])
    if not new:
        return []
    seen = tuple(clean(describe(places[one])) for one in new)
    return [Observed(id=incident.id, time=time, places=tuple(new), seen=seen)]
