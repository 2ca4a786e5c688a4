"""Accepted findings: our own baseline file, and those of other tools."""

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

import msgspec

from scanner.errors import ConfigError
from scanner.model import Finding, Location
from scanner.suppress import detect_secrets_form, gitleaks_form
from scanner.suppress.accepted import Accepted, AcceptedPlace
from scanner.suppress.writing import replace

SCHEMA: Final = "agentreach/baseline/v1"
_FOREIGN_PREFIX: Final = "gitleaks:"
"""Of our ids for rules that a gitleaks configuration brought."""


class BaselineEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One place of one finding that was accepted."""

    fingerprint: str
    rule: str
    path: str
    reason: str | None = None


class _BaselineFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    schema: str
    root: str | None
    """The root commit that the fingerprints were keyed with; lets a shallow clone use them."""
    entries: tuple[BaselineEntry, ...]


class Baseline(msgspec.Struct, frozen=True):
    """Accepted findings, by place: the same secret in a new file is a new finding."""

    root: str | None = None
    fingerprints: frozenset[str] = frozenset()
    reasons: Mapping[str, str] = {}
    legacy: Mapping[str, frozenset[str]] = {}
    """From other tools' baselines: SHA-1 of the secret to the paths where it was accepted. Only the
    locating function can ask it, with `legacy_handle`."""
    places: frozenset[AcceptedPlace] = frozenset()
    """From gitleaks: places that were accepted by their line."""

    @classmethod
    def read(cls, path: Path) -> "Baseline":
        """Read our format, detect-secrets' `.secrets.baseline`, a gitleaks JSON report or a
        `.gitleaksignore`; raises `ConfigError`."""
        try:
            data = path.read_bytes()
        except OSError as error:
            raise ConfigError(
                f"{path}: the baseline cannot be read: {error.strerror}",
                hint="make one with: agentreach scan --write-baseline FILE",
            ) from None
        try:
            return cls._decode(data)
        except (msgspec.DecodeError, RecursionError) as error:
            raise ConfigError(
                f"{path}: not a baseline: {error}",
                hint="agentreach's own, detect-secrets' and gitleaks' formats are read",
            ) from None

    @classmethod
    def _decode(cls, data: bytes) -> "Baseline":
        if b'"plugins_used"' in data:
            return cls._from(detect_secrets_form.read(data))
        begin = data.lstrip()[:1]
        if begin == b"[":
            return cls._from(gitleaks_form.read_report(data))
        if begin not in (b"{", b"") and (ignored := gitleaks_form.read_ignore_file(data)):
            return cls._from(ignored)
        own = msgspec.json.decode(data, type=_BaselineFile)
        if own.schema != SCHEMA:
            raise msgspec.DecodeError(f"schema is {own.schema!r}, expected {SCHEMA!r}")
        return cls(
            root=own.root,
            fingerprints=frozenset(entry.fingerprint for entry in own.entries),
            reasons={entry.fingerprint: entry.reason for entry in own.entries if entry.reason},
        )

    @classmethod
    def _from(cls, accepted: Accepted) -> "Baseline":
        return cls(legacy=accepted.legacy, places=accepted.places)

    def joined(self, other: "Baseline") -> "Baseline":
        """What either accepts. Fingerprints of different roots do not fit together; ours wins."""
        legacy = dict(self.legacy)
        for handle, paths in other.legacy.items():
            legacy[handle] = legacy.get(handle, frozenset()) | paths
        return Baseline(
            root=self.root or other.root,
            fingerprints=self.fingerprints | other.fingerprints,
            reasons={**other.reasons, **self.reasons},
            legacy=legacy,
            places=self.places | other.places,
        )


def split_by_baseline(
    findings: Iterable[Finding],
    baseline: Baseline,
    by_secret: Mapping[tuple[str, str], Collection[str]] = MappingProxyType({}),
) -> tuple[tuple[Finding, ...], int]:
    """Drop accepted places; a finding goes when none is left. Returns the rest and a count.

    `by_secret`: the paths that `Baseline.legacy` accepts a secret in, by our rule and digest.
    """
    lines: dict[tuple[str, int], list[AcceptedPlace]] = {}
    for accepted in baseline.places:
        lines.setdefault((accepted.path, accepted.line), []).append(accepted)
    kept: list[Finding] = []
    dropped = 0
    for finding in findings:
        key = (finding.rule, finding.secret.digest if finding.secret is not None else "")
        paths = by_secret.get(key, ())
        locations = tuple(
            place
            for place in finding.locations
            if place.fingerprint not in baseline.fingerprints
            and place.path not in paths
            and not _is_accepted(finding, place, lines.get((place.path, place.line or 0), ()))
        )
        if not locations:
            dropped += 1
        elif len(locations) == len(finding.locations):
            kept.append(finding)
        else:
            kept.append(msgspec.structs.replace(finding, locations=locations))
    return tuple(kept), dropped


def _is_accepted(finding: Finding, place: Location, here: Iterable[AcceptedPlace]) -> bool:
    """Whether gitleaks was told to ignore what stands in this line. Its rules have other names than
    ours, so a rule of ours is accepted by line, one of its own only under its own name."""
    if finding.secret is None:
        return False
    foreign = finding.rule.startswith(_FOREIGN_PREFIX)
    return any(
        (not foreign or finding.rule == _FOREIGN_PREFIX + accepted.rule)
        and (accepted.commit is None or (place.commit or "").startswith(accepted.commit))
        for accepted in here
    )


def write_baseline(
    path: Path, findings: Iterable[Finding], root: str | None, previous: Baseline
) -> int:
    """Write every place of every finding, keeping reasons given before. Returns the entry count.

    Sorted and without dates or line numbers, so that two branches' baselines merge cleanly.
    """
    entries = {
        place.fingerprint: BaselineEntry(
            place.fingerprint,
            finding.rule,
            # For people only: a path that is no UTF-8 has no form in JSON but an escaped one.
            place.path.encode("utf-8", "backslashreplace").decode(),
            previous.reasons.get(place.fingerprint),
        )
        for finding in findings
        for place in finding.locations
    }
    ordered = sorted(
        entries.values(), key=lambda entry: (entry.path, entry.rule, entry.fingerprint)
    )
    data = msgspec.json.format(
        msgspec.json.encode(_BaselineFile(SCHEMA, root, tuple(ordered))), indent=1
    )
    replace(path, data + b"\n")
    return len(ordered)
