"""Reads the metadata of Entire's checkpoints (branch `entire/checkpoints/v1`).

Source: entireio/cli, docs/architecture, and that repository's own checkpoints. A checkpoint stands
at `<id[:2]>/<id[2:]>/`, its sessions in numbered directories below, each with a `metadata.json`. A
commit names its checkpoint in an `Entire-Checkpoint` trailer. It says which agent ran and which
files the session touched; its line counts are an estimate for the whole commit and name no line.
"""

import re

import msgspec

from scanner.attribution.lines.claims import Claims
from scanner.attribution.lines.decoding import ENTRIES, MALFORMED_JSON, decoded
from scanner.attribution.lines.tools import Tools
from scanner.model.lines import Reading

_PLACE = re.compile(r"([0-9a-f]{2})/([0-9a-f]{10})/(?:[0-9]{1,6}/)?metadata\.json")
_TRAILER = re.compile(r"^Entire-Checkpoint: *([0-9a-f]{12}) *$", re.MULTILINE)


class _Metadata(msgspec.Struct):
    agent: str | None = None
    files_touched: list[str] = []


def checkpoint_at(path: str) -> str | None:
    """The checkpoint whose metadata this path of the branch holds, if it does."""
    match = _PLACE.fullmatch(path)
    return match[1] + match[2] if match else None


def checkpoints_of(message: str) -> tuple[str, ...]:
    """The checkpoints that a commit's message names; a squash may name several."""
    return tuple(dict.fromkeys(_TRAILER.findall(message)))


def read_entire(data: bytes, tools: Tools) -> Reading:
    """Which agent had a part in which files; no lines. Never raises."""
    claims = Claims()
    metadata = decoded(data, _Metadata)
    if metadata is None:
        claims.complain(MALFORMED_JSON)
    elif metadata.agent is not None:
        for path in metadata.files_touched[:ENTRIES]:
            claims.agent(path, tools.agent(metadata.agent))
    return claims.reading()
