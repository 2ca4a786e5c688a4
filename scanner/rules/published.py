"""Credentials that are published for everyone, known by their SHA-256: `published-samples.yaml`."""

import hashlib
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

import msgspec

from scanner.errors import RuleError
from scanner.rules.loading import load_file, root

_FILE: Final = "published-samples.yaml"
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_HEXADECIMAL: Final = re.compile(rb"(?:0[xX])?([0-9A-Fa-f]{32,})")


class _Samples(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    of: str
    """Who publishes them, as it reads behind `published by`."""
    reference: str
    digests: tuple[str, ...]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    samples: tuple[_Samples, ...]


def publisher(value: bytes) -> str | None:
    """Who publishes this very value, or None.

    A hexadecimal value is looked up in small letters and without `0x`. Raises `RuleError` when the
    data file is damaged.
    """
    return _published().get(digest_of(value))


def digest_of(value: bytes) -> str:
    """The digest under which a value stands in the data file."""
    found = _HEXADECIMAL.fullmatch(value)
    return hashlib.sha256(found.group(1).lower() if found else value).hexdigest()


@cache
def _published() -> Mapping[str, str]:
    return load_published(root() / _FILE)


def load_published(path: Path) -> Mapping[str, str]:
    """Publishers by digest. Raises `RuleError` for what is no digest and for one that is there
    twice."""
    publishers: dict[str, str] = {}
    for group in load_file(path, _File).samples:
        for digest in group.digests:
            if not _DIGEST.fullmatch(digest):
                raise RuleError(f"{path}: {group.of}: not a SHA-256 in small letters")
            if digest in publishers:
                raise RuleError(f"{path}: {group.of}: a digest stands there twice")
            publishers[digest] = group.of
    return MappingProxyType(publishers)
