"""Joins sightings (by blob) with the places where those blobs live, secret by secret."""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

import msgspec

from scanner.model import Location, Origin, Where
from scanner.pipeline.examine import Sightings
from scanner.pipeline.locate import Sight, Sighting
from scanner.pipeline.names import NO_NAMES, PREFIX, Named
from scanner.pipeline.provenance import Place, PlaceKey, Provenance, SecretKey

# One state of the files a person has in front of them; the rest are places of their own.
_CURRENT = (Where.WORKTREE, Where.INDEX, Where.COMMIT)
_ORDER = {where: rank for rank, where in enumerate(Where)}
_LINES_PER_FILE = 10
LOCATIONS_PER_FINDING = 200


class SecretPlaces(NamedTuple):
    """Everything known about one secret's whereabouts."""

    sight: Sight
    locations: tuple[Location, ...]
    """The most telling first; fingerprints are still empty."""
    ignored: tuple[str, ...]
    """Notes of honoured ignore comments that took places away."""
    refused: tuple[str, ...]
    """Notes of ignore comments that were not honoured."""
    dropped: int
    """Places beyond the limit."""


class Trees(msgspec.Struct, frozen=True):
    """Blob ids by path, of blobs with sightings only, in the states a person has at hand."""

    worktree: tuple[Origin, ...] = ()
    index: Mapping[str, str] = {}
    head: Mapping[str, str] = {}
    has_head: bool = False
    names: Named = NO_NAMES
    """Names with a secret in them; not restricted to any blobs."""
    head_paths: frozenset[str] = frozenset()
    """The paths among those names that HEAD has."""


def secret_key(sighting: Sighting) -> SecretKey:
    """What makes two sightings the same secret."""
    return (sighting.sight.rule, sighting.sight.digest)


def join(
    sightings: Sightings, trees: Trees, provenance: Provenance, extra: Iterable[Origin]
) -> dict[SecretKey, SecretPlaces]:
    """The places of every secret that has one, in a deterministic order.

    `extra` are origins outside files: messages, tags, standard input, unreachable blobs.
    """
    sightings = {**sightings, **trees.names.sightings}
    origins = _origins(sightings, trees, provenance.places, (*extra, *trees.names.origins))
    _date_names(trees.names, provenance)
    at_head = [*trees.head.items()]
    at_head += [(one.path, one.blob) for one in trees.names.origins if one.path in trees.head_paths]
    head = {(secret_key(sighting), path) for path, blob in at_head for sighting in sightings[blob]}
    gathered: dict[SecretKey, list[tuple[Origin, Sighting]]] = {}
    for origin in origins:
        for sighting in sightings[origin.blob]:
            gathered.setdefault(secret_key(sighting), []).append((origin, sighting))
    return {
        secret: _places(secret, gathered[secret], provenance, trees.has_head, head)
        for secret in sorted(gathered)
    }


def _date_names(names: Named, provenance: Provenance) -> None:
    for origin in names.origins:
        if (change := names.changes.get(origin.blob)) is not None:
            for sighting in names.sightings[origin.blob]:
                provenance.add_name(secret_key(sighting), change, origin.path)


def _origins(
    sightings: Sightings,
    trees: Trees,
    places: Mapping[PlaceKey, Place],
    extra: Iterable[Origin],
) -> set[Origin]:
    origins = {origin for origin in trees.worktree if origin.blob in sightings}
    origins.update(origin for origin in extra if origin.blob in sightings)
    for where, tree in ((Where.INDEX, trees.index), (Where.COMMIT, trees.head)):
        origins.update(Origin(where, path, blob) for path, blob in tree.items())
    for key, place in places.items():
        if place.blob in sightings:
            origins.add(Origin(key.where, key.path, place.blob, None, place.commit, place.ref))
    return origins


def _places(
    secret: SecretKey,
    found: list[tuple[Origin, Sighting]],
    provenance: Provenance,
    has_head: bool,
    head: Collection[tuple[SecretKey, str]],
) -> SecretPlaces:
    found.sort(key=lambda pair: _rank(pair[0], pair[1], (secret, pair[0].path) in head))
    ignored_paths, ignored, refused = _ignores(found)
    locations: dict[tuple[object, ...], Location] = {}
    shown: dict[str, tuple[str, int]] = {}
    for origin, sighting in found:
        if origin.path in ignored_paths:
            continue
        place = provenance.places.get(PlaceKey(secret, Where.COMMIT, origin.path))
        location = _location(
            origin, sighting, place, (secret, origin.path) in head if has_head else None
        )
        key = _slot(origin, sighting, shown)
        if key is not None:
            locations.setdefault(key, location)
    kept = tuple(locations.values())
    return SecretPlaces(
        found[0][1].sight,
        kept[:LOCATIONS_PER_FINDING],
        tuple(sorted(ignored)),
        tuple(sorted(refused)),
        max(0, len(kept) - LOCATIONS_PER_FINDING),
    )


def _location(
    origin: Origin, sighting: Sighting, place: Place | None, in_head: bool | None
) -> Location:
    """One place; `place` is where the history has the same secret at the same path."""
    current = _is_current(origin)
    # What a ref holds without a commit has no place in HEAD to be compared with.
    unknown = not current or (origin.where is Where.COMMIT and origin.ref and not origin.commit)
    named = _is_name(origin)
    return Location(
        where=origin.where,
        path=origin.path,
        line=None if named else sighting.line,
        column=None if named else sighting.column,
        commit=origin.commit or (place.commit if place and current else None),
        blob=None if named or origin.where is Where.MESSAGE else origin.blob,
        tracking=origin.tracking,
        in_head=None if unknown else in_head,
        ref=origin.ref,
        inside=sighting.inside,
    )


def _is_name(origin: Origin) -> bool:
    return origin.blob.startswith(PREFIX)


def _is_current(origin: Origin) -> bool:
    return origin.where in _CURRENT


def _rank(origin: Origin, sighting: Sighting, in_head: bool) -> tuple[object, ...]:
    return (
        _ORDER[origin.where],
        not in_head,
        origin.path,
        sighting.line,
        sighting.column,
        origin.commit or "",
        origin.blob,
    )


def _slot(
    origin: Origin, sighting: Sighting, shown: dict[str, tuple[str, int]]
) -> tuple[object, ...] | None:
    """What a location stands for, or None when another place already speaks for it.

    Of one path's current states only the most telling is shown (they come in that order), with
    every line of it up to a limit; `shown` keeps that state's blob and the number of its lines.
    """
    if _is_name(origin):
        # One name is one place, however many commits brought it; a message is each by itself.
        where = "current" if _is_current(origin) else origin.where
        return (where, origin.path, sighting.inside, None if origin.path else origin.commit)
    if not _is_current(origin):
        return (origin.where, origin.path, origin.commit)
    blob, lines = shown.get(origin.path, (origin.blob, 0))
    if blob != origin.blob or lines >= _LINES_PER_FILE:
        return None
    shown[origin.path] = (blob, lines + 1)
    return (origin.path, blob, sighting.line, sighting.column)


def _ignores(
    found: list[tuple[Origin, Sighting]],
) -> tuple[set[str], set[str], set[str]]:
    """Paths whose places are ignored, and the notes. One honoured comment speaks for the path's
    older versions as well: they cannot be given a comment any more."""
    paths: set[str] = set()
    honoured: set[str] = set()
    refused: set[str] = set()
    for origin, sighting in found:
        if sighting.ignore is None:
            continue
        if sighting.ignore.honoured:
            paths.add(origin.path)
            honoured.add(sighting.ignore.note)
        else:
            refused.add(sighting.ignore.note)
    return paths, honoured, refused


def with_fingerprint(location: Location, fingerprint: str) -> Location:
    """The same place with its fingerprint."""
    return msgspec.structs.replace(location, fingerprint=fingerprint)
