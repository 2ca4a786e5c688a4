"""Reads whogitit's notes (`refs/notes/whogitit`).

Source: whogitit's data-formats page, `version: 3` (a line's `source` is `{"type": "AI", ...}`) and
the `schema_version: 2` of 0.1.0 (`"source": "AI"`). `AIModified` is an agent's line that a person
changed before the commit: an agent wrote it, so it is the agent's here, as whogitit counts it too.
`Original` lines are older than the session, `Unknown` ones say nothing. A note is one session's; it
names a model and its provider and no tool, except that whogitit 0.1 to 1.0 hooks Claude Code only.
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
from scanner.attribution.lines.tools import UNNAMED, Tools
from scanner.model.lines import Reading

_AGENT = ("AI", "AIModified")


class _Model(msgspec.Struct):
    provider: str | None = None


class _Session(msgspec.Struct):
    model: _Model | None = None


class _Source(msgspec.Struct):
    type: str


class _Line(msgspec.Struct):
    line_number: int
    source: str | _Source


class _File(msgspec.Struct):
    path: str
    lines: list[msgspec.Raw] = []


class _Note(msgspec.Struct):
    files: list[msgspec.Raw]
    session: msgspec.Raw = msgspec.Raw(b"{}")


def read_whogitit(data: bytes, tools: Tools) -> Reading:
    """The claims of one note. Never raises."""
    claims = Claims()
    note = decoded(data, _Note)
    if note is None:
        claims.complain(MALFORMED_JSON)
        return claims.reading()
    session = decoded(note.session, _Session)
    provider = session.model.provider if session is not None and session.model else None
    agent = tools.agent("claude") if provider == "anthropic" else UNNAMED
    budget = ENTRIES
    for raw in note.files:
        file = decoded(raw, _File)
        if file is None:
            claims.complain(MALFORMED_ENTRY)
            continue
        if len(file.lines) > budget:
            claims.complain(TOO_MANY)
        _file(claims, file.path, file.lines[:budget], agent)
        budget = max(0, budget - len(file.lines))
    return claims.reading()


def _file(claims: Claims, path: str, lines: list[msgspec.Raw], agent: str) -> None:
    agents: list[tuple[int, int]] = []
    people: list[tuple[int, int]] = []
    for raw in lines:
        line = decoded(raw, _Line)
        if line is None:
            claims.complain(MALFORMED_ENTRY)
            continue
        kind = line.source if isinstance(line.source, str) else line.source.type
        if kind in _AGENT:
            agents.append((line.line_number, line.line_number))
        elif kind == "Human":
            people.append((line.line_number, line.line_number))
    if agents:
        claims.agent(path, agent, agents)
    if people:
        claims.human(path, people)
