"""gitleaks' two ways to accept findings: a report as a baseline, and `.gitleaksignore`.

https://github.com/gitleaks/gitleaks#creating-a-baseline and #gitleaksignore. A report may hold the
secrets themselves; they are hashed here, and only the hashes leave.
"""

import hashlib
import re
from typing import Final

import msgspec

from scanner.suppress.accepted import Accepted, AcceptedPlace, same_path

_COMMIT: Final = re.compile(r"(?:([0-9a-f]{7,64}):)?(.+)")
_LINE: Final = re.compile(r"(?P<place>.+):(?P<rule>[^:\s]+):(?P<line>\d{1,9})")


class _Entry(msgspec.Struct, frozen=True):
    RuleID: str
    File: str
    StartLine: int = 0
    Commit: str = ""
    Secret: str = ""

    def __repr__(self) -> str:
        return f"<_Entry {self.RuleID}>"


def read_report(data: bytes) -> Accepted:
    """A gitleaks JSON report. Raises `msgspec.DecodeError`."""
    entries = msgspec.json.decode(data, type=tuple[_Entry, ...])
    if not entries:
        raise msgspec.DecodeError("the list is empty: it accepts nothing, and says not whose it is")
    legacy: dict[str, set[str]] = {}
    places = set()
    for entry in entries:
        path = same_path(entry.File)
        commit = entry.Commit.lower() or None
        places.add(AcceptedPlace(entry.RuleID, path, entry.StartLine, commit))
        # Redacted reports say REDACTED, or end the secret's beginning with dots.
        if entry.Secret and entry.Secret != "REDACTED" and not entry.Secret.endswith("..."):  # noqa: S105
            secret = entry.Secret.encode("utf-8", "surrogatepass")
            handle = hashlib.sha1(secret, usedforsecurity=False).hexdigest()
            legacy.setdefault(handle, set()).add(path)
    return Accepted({key: frozenset(paths) for key, paths in legacy.items()}, frozenset(places))


def read_ignore_file(data: bytes) -> Accepted | None:
    """A `.gitleaksignore`; None when a line is no fingerprint, so that it must be something else.

    A fingerprint is `commit:file:rule:line`, or without the commit for a directory scan.
    """
    try:
        lines = data.decode("utf-8").splitlines()
    except UnicodeDecodeError:
        return None
    places = set()
    for line in lines:
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        found = _LINE.fullmatch(text)
        place = _COMMIT.fullmatch(found["place"]) if found else None
        if found is None or place is None:
            return None
        places.add(AcceptedPlace(found["rule"], same_path(place[2]), int(found["line"]), place[1]))
    return Accepted(places=frozenset(places))
