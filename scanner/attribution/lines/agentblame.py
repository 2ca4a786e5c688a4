"""Reads agentblame's notes (`refs/notes/agentblame`).

Source: mesa-dot-dev/agentblame. Version 2: `{"version": 2, "attributions": [{"path", "startLine",
"endLine", "category": "ai_generated", "provider", ...}]}`. Notes of version 1 write the same names
in snake case. It records agents' lines only.
"""

import msgspec

from scanner.attribution.lines.claims import Claims
from scanner.attribution.lines.decoding import (
    ENTRIES,
    MALFORMED_ENTRY,
    MALFORMED_JSON,
    TOO_MANY,
    decoded,
)
from scanner.attribution.lines.tools import Tools
from scanner.model.lines import Reading

_GENERATED = "ai_generated"


class _Note(msgspec.Struct):
    attributions: list[msgspec.Raw]


class _Attribution(msgspec.Struct):
    path: str
    category: str | None = None
    provider: str | None = None
    camel_first: int | None = msgspec.field(name="startLine", default=None)
    camel_last: int | None = msgspec.field(name="endLine", default=None)
    snake_first: int | None = msgspec.field(name="start_line", default=None)
    snake_last: int | None = msgspec.field(name="end_line", default=None)

    @property
    def lines(self) -> tuple[int, int] | None:
        """First and last line in either spelling."""
        first = self.camel_first if self.camel_first is not None else self.snake_first
        last = self.camel_last if self.camel_last is not None else self.snake_last
        return (first, last) if first is not None and last is not None else None


def read_agentblame(data: bytes, tools: Tools) -> Reading:
    """The claims of one note. Never raises."""
    claims = Claims()
    note = decoded(data, _Note)
    if note is None:
        claims.complain(MALFORMED_JSON)
        return claims.reading()
    if len(note.attributions) > ENTRIES:
        claims.complain(TOO_MANY)
    for raw in note.attributions[:ENTRIES]:
        entry = decoded(raw, _Attribution)
        lines = entry.lines if entry is not None else None
        if entry is None or lines is None:
            claims.complain(MALFORMED_ENTRY)
        elif entry.category in (None, _GENERATED):
            claims.agent(entry.path, tools.agent(entry.provider), [lines])
    return claims.reading()
