"""Findings that a person has already judged: comments beside them, and the baseline."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from scanner.atomic import replace_file
from scanner.errors import ConfigError
from scanner.model import Finding

# Ours names the rule (or `*`) and must give a reason.
_OWN = re.compile(
    rb"agentreach:\s*ignore(?P<next>-next-line)?"
    rb"\[(?P<rules>[\w*,\- ]{1,200})\](?P<reason>[^\r\n]{0,200})"
)
# Other tools' comments for the line they stand on; each from the tool's own documentation.
_OTHERS_SAME_LINE = re.compile(
    rb"gitleaks:allow|betterleaks:allow|trufflehog:ignore|kingfisher:(?:ignore|allow)"
    rb"|pragma:\s*(?:allow|white)list[ -]secret|\bggignore\b|\bpragma: no-?secrets?\b"
    rb"|secretlint-disable-line"
)
_OTHERS_NEXT_LINE = re.compile(
    rb"pragma:\s*(?:allow|white)list[ -]nextline[ -]secret|secretlint-disable-next-line"
    rb"|kingfisher:(?:ignore|allow)"
)
_REASON = re.compile(rb"[A-Za-z]{2,}")


class InlineIgnore(msgspec.Struct, frozen=True):
    """A comment that asks to ignore a finding."""

    honoured: bool
    note: str
    """Why it counts, or why it does not, in words."""


def inline_ignore(line: bytes, previous: bytes, rule: str) -> InlineIgnore | None:
    """The ignore comment that applies to a finding of `rule` on `line`, if there is one.

    `previous` is the line above. Our own form needs the rule's id (or `*`) and a reason; without a
    reason it is not honoured, and the finding says so.
    """
    for text, wants_next in ((line, False), (previous, True)):
        for match in _OWN.finditer(text):
            if bool(match["next"]) is not wants_next:
                continue
            rules = {name.strip() for name in match["rules"].decode("ascii", "replace").split(",")}
            if rule not in rules and "*" not in rules:
                continue
            if _REASON.search(match["reason"]):
                return InlineIgnore(True, "agentreach comment with a reason")
            return InlineIgnore(False, "an agentreach ignore comment here gives no reason")
    if _OTHERS_SAME_LINE.search(line) or _OTHERS_NEXT_LINE.search(previous):
        return InlineIgnore(True, "another scanner's ignore comment")
    return None


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


class _DetectSecretsEntry(msgspec.Struct, frozen=True):
    hashed_secret: str
    filename: str | None = None


class _DetectSecretsFile(msgspec.Struct, frozen=True):
    version: str
    results: dict[str, tuple[_DetectSecretsEntry, ...]]


SCHEMA = "agentreach/baseline/v1"


class Baseline(msgspec.Struct, frozen=True):
    """Accepted findings, by place: the same secret in a new file is a new finding."""

    root: str | None = None
    fingerprints: frozenset[str] = frozenset()
    reasons: Mapping[str, str] = {}
    legacy: Mapping[str, frozenset[str]] = {}
    """From a detect-secrets baseline: SHA-1 of the secret to the paths where it was accepted."""

    @classmethod
    def read(cls, path: Path) -> "Baseline":
        """Read our format or detect-secrets' `.secrets.baseline`; raises `ConfigError`."""
        try:
            data = path.read_bytes()
        except OSError as error:
            raise ConfigError(
                f"{path}: the baseline cannot be read: {error.strerror}",
                hint="make one with: agentreach scan --write-baseline FILE",
            ) from None
        try:
            return cls._decode(data)
        except msgspec.DecodeError as error:
            raise ConfigError(
                f"{path}: not a baseline: {error}",
                hint="agentreach's own and detect-secrets' formats are read",
            ) from None

    @classmethod
    def _decode(cls, data: bytes) -> "Baseline":
        if b'"plugins_used"' in data:
            file = msgspec.json.decode(data, type=_DetectSecretsFile)
            legacy: dict[str, set[str]] = {}
            for name, entries in file.results.items():
                for entry in entries:
                    legacy.setdefault(entry.hashed_secret, set()).add(name)
            return cls(legacy={key: frozenset(paths) for key, paths in legacy.items()})
        own = msgspec.json.decode(data, type=_BaselineFile)
        if own.schema != SCHEMA:
            raise msgspec.DecodeError(f"schema is {own.schema!r}, expected {SCHEMA!r}")
        return cls(
            root=own.root,
            fingerprints=frozenset(entry.fingerprint for entry in own.entries),
            reasons={entry.fingerprint: entry.reason for entry in own.entries if entry.reason},
        )


def split_by_baseline(
    findings: Iterable[Finding], baseline: Baseline
) -> tuple[tuple[Finding, ...], int]:
    """Drop accepted places; a finding goes when none is left. Returns the rest and a count."""
    kept: list[Finding] = []
    dropped = 0
    for finding in findings:
        locations = tuple(
            place for place in finding.locations if place.fingerprint not in baseline.fingerprints
        )
        if not locations:
            dropped += 1
        elif len(locations) == len(finding.locations):
            kept.append(finding)
        else:
            kept.append(msgspec.structs.replace(finding, locations=locations))
    return tuple(kept), dropped


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
    _replace(path, data + b"\n")
    return len(ordered)


def _replace(path: Path, data: bytes) -> None:
    if path.is_symlink():
        raise ConfigError(f"{path}: is a symbolic link", hint="name the file itself")
    try:
        replace_file(path, data)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {error.strerror}") from None
