"""From a batch of contents to what was seen in them."""

from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple, Protocol

from scanner.model import Batch, Match
from scanner.pipeline.locate import Locator, Sighting

Sightings = dict[str, tuple[Sighting, ...]]
"""By blob id; only blobs with at least one sighting."""


class Seen(Protocol):
    """What one batch holds; contents by index."""

    @property
    def matches(self) -> Sequence[tuple[int, Match]]:
        """Secrets, sorted by index and position."""

    @property
    def suspects(self) -> Sequence[int]:
        """Contents that may hold personal data in bulk."""

    @property
    def unopened(self) -> Sequence[tuple[int, str]]:
        """Why something wrapped in a content was not looked at."""


class Session(Protocol):
    """A detector's per-thread half."""

    def scan(self, batch: Batch) -> list[tuple[int, Match]]:
        """Secrets only."""

    def look(self, batch: Batch) -> Seen:
        """Everything."""


class Contents(NamedTuple):
    """What was seen in contents, by blob id."""

    sightings: Sightings
    suspects: set[str]
    """Blobs that may hold personal data in bulk; nobody has read them closely yet."""
    unopened: dict[str, tuple[str, ...]]
    """Reasons why something wrapped in the content was not looked at."""


def examine(batch: Batch, session: Session, locator: Locator, into: Contents) -> None:
    """Scan one batch and keep what was seen."""
    seen = session.look(batch)
    for index, group in groupby(seen.matches, key=itemgetter(0)):
        matches = [match for _, match in group]
        into.sightings[batch.blobs[index]] = locator.locate(batch, index, matches)
    into.suspects.update(batch.blobs[index] for index in seen.suspects)
    for index, reason in seen.unopened:
        known = into.unopened.get(batch.blobs[index], ())
        into.unopened[batch.blobs[index]] = tuple(dict.fromkeys((*known, reason)))


class Scanned(NamedTuple):
    """What came out of the streams, and how much went in."""

    seen: Contents
    contents: int
    bytes: int


class Worker:
    """One worker's scan, batch by batch."""

    def __init__(self, session: Session, locator: Locator) -> None:
        self._session = session
        self._locator = locator
        self._seen = Contents({}, set(), {})
        self._contents = 0
        self._bytes = 0

    def take(self, batch: Batch) -> None:
        """Scan a batch."""
        examine(batch, self._session, self._locator, self._seen)
        self._contents += len(batch)
        self._bytes += batch.size

    def scanned(self) -> Scanned:
        """Of all batches so far."""
        return Scanned(self._seen, self._contents, self._bytes)


def merged(results: Sequence[Scanned]) -> Scanned:
    """What several workers saw."""
    seen = Contents({}, set(), {})
    for result in results:
        seen.sightings.update(result.seen.sightings)
        seen.suspects.update(result.seen.suspects)
        seen.unopened.update(result.seen.unopened)
    contents = sum(result.contents for result in results)
    return Scanned(seen, contents, sum(result.bytes for result in results))
