"""When each secret came in and when it went, from one pass over the changes, newest first.

A change's raw entry names the blobs before and after, so a secret's coming and going shows in the
entry itself: no tree is walked and no diff computed. Only blobs with a sighting are remembered.
"""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from scanner.model import Change, Event, PathChange, Where

SecretKey = tuple[str, str]
"""Rule id and digest."""


class PlaceKey(NamedTuple):
    """One secret in one path of one part of the history."""

    secret: SecretKey
    where: Where
    path: str


class Place(NamedTuple):
    """Where in history a secret stands: the oldest commit that brought it to the path."""

    commit: str
    blob: str
    ref: str | None
    time: int


class Provenance:
    """Collects coming and going. Feed it every change; the order does not matter."""

    def __init__(self, secrets_of: Mapping[str, frozenset[SecretKey]]) -> None:
        self._secrets_of = secrets_of
        self.introduced: dict[SecretKey, tuple[Event, Change]] = {}
        self.removed: dict[SecretKey, Event] = {}
        self.places: dict[PlaceKey, Place] = {}
        self.seen: set[str] = set()
        """Blobs with sightings that some change brought in."""

    def add(self, change: Change) -> None:
        """Take one change into account."""
        hits = self._secrets_of
        touched = [
            path
            for path in change.paths
            if path.new_blob in hits or any(blob in hits for blob in path.old_blobs)
        ]
        if not touched:
            return
        before: set[SecretKey] = set()
        after: set[SecretKey] = set()
        for path in touched:
            before.update(self._before(path))
            if path.new_blob is not None and path.new_blob in hits:
                after.update(hits[path.new_blob])
                self.seen.add(path.new_blob)
                self._place(change, path)
        for secret in after - before:
            self._introduce(change, secret, touched)
        for secret in before - after:
            self._remove(change, secret, touched)

    def add_name(self, secret: SecretKey, change: Change, path: str) -> None:
        """A secret that stands in a name: it came with the change that brought the name in."""
        self._note_introduction(secret, change, path)

    def _before(self, path: PathChange) -> set[SecretKey]:
        return {
            secret for blob in path.old_blobs for secret in self._secrets_of.get(blob, frozenset())
        }

    def _place(self, change: Change, path: PathChange) -> None:
        blob = path.new_blob
        assert blob is not None
        place = Place(change.commit or "", blob, change.ref, change.committer_time)
        for secret in self._secrets_of[blob]:
            key = PlaceKey(secret, change.where, path.path)
            known = self.places.get(key)
            if known is None or (place.time, place.commit) <= (known.time, known.commit):
                self.places[key] = place

    def _introduce(self, change: Change, secret: SecretKey, touched: list[PathChange]) -> None:
        path = next(
            path.path
            for path in touched
            if path.new_blob is not None and secret in self._secrets_of.get(path.new_blob, ())
        )
        self._note_introduction(secret, change, path)

    def _note_introduction(self, secret: SecretKey, change: Change, path: str) -> None:
        event = _event(change, path)
        known = self.introduced.get(secret)
        if known is None or _age(event) < _age(known[0]):
            self.introduced[secret] = (event, change)

    def _remove(self, change: Change, secret: SecretKey, touched: list[PathChange]) -> None:
        path = next(path.path for path in touched if secret in self._before(path))
        event = _event(change, path)
        known = self.removed.get(secret)
        if known is None or _age(event) > _age(known):
            self.removed[secret] = event


def _event(change: Change, path: str) -> Event:
    return Event(
        commit=change.commit or "",
        path=path,
        author=change.author,
        time=change.author_time,
        committed=change.committer_time,
        subject=change.subject,
        exact=not change.boundary,
    )


def _age(event: Event) -> tuple[int, str]:
    # The committer's date orders commits best; author dates survive rebases and run backwards.
    return (event.committed, event.commit)


def secrets_by_blob(
    sightings: Mapping[str, Collection[SecretKey]],
) -> dict[str, frozenset[SecretKey]]:
    """Index for `Provenance`; equal sets share one object, since versions of a file repeat them."""
    shared: dict[frozenset[SecretKey], frozenset[SecretKey]] = {}
    index: dict[str, frozenset[SecretKey]] = {}
    for blob, secrets in sightings.items():
        group = frozenset(secrets)
        index[blob] = shared.setdefault(group, group)
    return index
