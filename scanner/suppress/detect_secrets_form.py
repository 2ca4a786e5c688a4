"""detect-secrets' `.secrets.baseline`, read and written.

https://github.com/Yelp/detect-secrets#readme; the fields are those of
`detect_secrets/core/potential_secret.py` and `core/baseline.py` in release 1.5. The format names a
secret by its unsalted SHA-1, which anyone can try guesses against: it is written on request only.
"""

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Final

import msgspec

from scanner.model import Finding, Location, Where
from scanner.suppress.accepted import Accepted, same_path
from scanner.suppress.writing import replace

VERSION: Final = "1.5.0"
_KEY_HEADER: Final = re.compile(rb"-----(BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?)-----")
_LIMITS: Final = {"Base64HighEntropyString": 4.5, "HexHighEntropyString": 3.0}
_PLUGINS: Final = (
    *("ArtifactoryDetector", "AWSKeyDetector", "AzureStorageKeyDetector"),
    *("Base64HighEntropyString", "BasicAuthDetector", "CloudantDetector"),
    *("DiscordBotTokenDetector", "GitHubTokenDetector", "GitLabTokenDetector"),
    *("HexHighEntropyString", "IbmCloudIamDetector", "IbmCosHmacDetector", "IPPublicDetector"),
    *("JwtTokenDetector", "KeywordDetector", "MailchimpDetector", "NpmDetector"),
    *("OpenAIDetector", "PrivateKeyDetector", "PypiTokenDetector", "SendGridDetector"),
    *("SlackDetector", "SoftlayerDetector", "SquareOAuthDetector", "StripeDetector"),
    *("TelegramBotTokenDetector", "TwilioKeyDetector"),
)
_FILTERS: Final = (
    "allowlist.is_line_allowlisted",
    "heuristic.is_indirect_reference",
    "heuristic.is_likely_id_string",
    "heuristic.is_lock_file",
    "heuristic.is_not_alphanumeric_string",
    "heuristic.is_potential_uuid",
    "heuristic.is_prefixed_with_dollar_sign",
    "heuristic.is_sequential_string",
    "heuristic.is_swagger_file",
    "heuristic.is_templated_secret",
)
_IN_FILES: Final = (Where.WORKTREE, Where.INDEX, Where.COMMIT)


class LegacyHandle(msgspec.Struct, frozen=True, order=True):
    """How detect-secrets names a find: never to be part of a report or a finding."""

    type: str
    """What its plugin calls it, e.g. `AWS Access Key`."""
    sha1: str


class _Plugin(msgspec.Struct, frozen=True, omit_defaults=True):
    name: str
    limit: float | None = None
    keyword_exclude: str | None = None


class _Filter(msgspec.Struct, frozen=True):
    path: str


class _Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    type: str = ""
    filename: str = ""
    hashed_secret: str = ""
    is_verified: bool | None = None
    line_number: int | None = None
    is_secret: bool | None = None


class _File(msgspec.Struct, frozen=True):
    version: str
    plugins_used: tuple[_Plugin, ...]
    filters_used: tuple[_Filter, ...]
    results: dict[str, tuple[_Entry, ...]]


class _ReadEntry(msgspec.Struct, frozen=True):
    hashed_secret: str
    is_secret: bool | None = None


class _ReadFile(msgspec.Struct, frozen=True):
    version: str
    results: dict[str, tuple[_ReadEntry, ...]]


def read(data: bytes) -> Accepted:
    """What the file accepts. Raises `msgspec.DecodeError`."""
    legacy: dict[str, set[str]] = {}
    for name, entries in msgspec.json.decode(data, type=_ReadFile).results.items():
        for entry in entries:
            legacy.setdefault(entry.hashed_secret.lower(), set()).add(same_path(name))
    return Accepted(legacy={key: frozenset(paths) for key, paths in legacy.items()})


def legacy_handle(secret: bytes) -> str:
    """The SHA-1 by which detect-secrets would name a secret: of a private key, only the header."""
    header = _KEY_HEADER.match(secret)
    named = header[1] if header else secret
    return hashlib.sha1(named, usedforsecurity=False).hexdigest()


def write_detect_secrets_baseline(
    path: Path,
    findings: Iterable[Finding],
    handles: Mapping[tuple[str, str], Collection[LegacyHandle]],
) -> int:
    """Accept every secret that is in a file, for detect-secrets 1.5. Returns the entry count.

    `handles` are what detect-secrets calls each secret, by our rule and digest, as the locating
    function computed them; a finding without one is left out, as are places that are not in a file:
    detect-secrets knows neither history nor messages. What a person said in `detect-secrets audit`
    is kept. No date is written, so that branches merge; detect-secrets does not need it.

    Raises `ConfigError` when the file cannot be written.
    """
    audited = _audited(path)
    entries: dict[tuple[str, str, str], _Entry] = {}
    for finding in findings:
        if finding.secret is None:
            continue
        for place in finding.locations:
            for handle in handles.get((finding.rule, finding.secret.digest), ()):
                if _is_in_a_file(place):
                    entry = _entry(place, handle, audited)
                    entries.setdefault((entry.filename, handle.sha1, handle.type), entry)
    results: dict[str, tuple[_Entry, ...]] = {}
    for key in sorted(entries):
        results[key[0]] = (*results.get(key[0], ()), entries[key])
    file = _File(
        version=VERSION,
        plugins_used=tuple(_plugin(name) for name in _PLUGINS),
        filters_used=tuple(_Filter(f"detect_secrets.filters.{name}") for name in _FILTERS),
        results=results,
    )
    replace(path, msgspec.json.format(msgspec.json.encode(file), indent=2) + b"\n")
    return len(entries)


def _entry(
    place: Location, handle: LegacyHandle, audited: Mapping[tuple[str, str], bool]
) -> _Entry:
    name = place.path.encode("utf-8", "backslashreplace").decode()
    return _Entry(
        type=handle.type,
        filename=name,
        hashed_secret=handle.sha1,
        is_verified=False,
        line_number=place.line,
        is_secret=audited.get((name, handle.sha1)),
    )


def _is_in_a_file(place: Location) -> bool:
    return place.where in _IN_FILES and (place.where is not Where.COMMIT or bool(place.in_head))


def _plugin(name: str) -> _Plugin:
    return _Plugin(name, _LIMITS.get(name), "" if name == "KeywordDetector" else None)


def _audited(path: Path) -> dict[tuple[str, str], bool]:
    """What an audit of the file that is to be replaced said."""
    try:
        file = msgspec.json.decode(path.read_bytes(), type=_ReadFile)
    except (OSError, msgspec.DecodeError):
        return {}
    return {
        (name, entry.hashed_secret): entry.is_secret
        for name, entries in file.results.items()
        for entry in entries
        if entry.is_secret is not None
    }
