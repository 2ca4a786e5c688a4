"""Personal data in bulk where it was seen: what only the content itself could tell."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from scanner.model import DataMatch
from scanner.pipeline.provenance import SecretKey
from scanner.suppress import InlineIgnore, inline_ignore

RULE: Final = "personal-data-in-bulk"
"""One rule for all kinds: what a file holds may change without the finding becoming another."""

_LINE_REACH: Final = 2000


class DataSighting(NamedTuple):
    """A match and what only the content could tell about its place."""

    match: DataMatch
    line: int
    ignore: InlineIgnore | None = None


DataSightings = Mapping[str, DataSighting]
"""By blob id."""


def sight(content: bytes, match: DataMatch) -> DataSighting:
    """To be called where the content is at hand."""
    line_start = content.rfind(b"\n", 0, match.start) + 1
    line = content[line_start : line_start + _LINE_REACH].split(b"\n", 1)[0]
    above = content[max(0, line_start - _LINE_REACH) : max(0, line_start - 1)]
    return DataSighting(
        match,
        content.count(b"\n", 0, match.start) + 1,
        inline_ignore(line, above.rpartition(b"\n")[2], RULE),
    )


def data_keys(sightings: Iterable[str]) -> dict[str, frozenset[SecretKey]]:
    """What `Provenance` needs to follow these blobs; merge it with the secrets' own."""
    return {blob: frozenset({(RULE, blob)}) for blob in sightings}
