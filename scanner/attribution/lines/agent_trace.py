"""Reads Agent Trace records: lines of `.agent-trace/traces.jsonl`, or one note each.

Source: the Agent Trace RFC 0.1.0 (cursor/agent-trace, README). Where the RFC and its reference
implementation differ both are read: a `version` of two numbers, pseudo-paths such as
`.shell-history` (no file: left out), and a `vcs.revision` that is the commit *before* the edit.
Which of the two the revision is can only be told from the commits, so `Reading.revision` is what
the record says.
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
from scanner.gitio.listing import is_id
from scanner.model.lines import Reading

_PSEUDO_PATHS = frozenset({".shell-history", ".sessions"})


class _Contributor(msgspec.Struct):
    type: str | None = None


class _Range(msgspec.Struct):
    start_line: int
    end_line: int
    contributor: _Contributor | None = None


class _Conversation(msgspec.Struct):
    contributor: _Contributor | None = None
    ranges: list[msgspec.Raw] = []


class _File(msgspec.Struct):
    path: str
    conversations: list[msgspec.Raw] = []


class _Named(msgspec.Struct):
    name: str | None = None


class _Vcs(msgspec.Struct):
    revision: str | None = None


class _Record(msgspec.Struct):
    files: list[msgspec.Raw]
    vcs: msgspec.Raw = msgspec.Raw(b"{}")
    tool: msgspec.Raw = msgspec.Raw(b"{}")


def read_agent_trace(data: bytes, tools: Tools) -> Reading:
    """The claims of one record. Never raises."""
    claims = Claims()
    record = decoded(data, _Record)
    if record is None:
        claims.complain(MALFORMED_JSON)
        return claims.reading()
    tool = decoded(record.tool, _Named)
    agent = tools.agent(tool.name) if tool is not None else UNNAMED
    budget = ENTRIES
    for raw in record.files:
        file = decoded(raw, _File)
        if file is None:
            claims.complain(MALFORMED_ENTRY)
        elif file.path not in _PSEUDO_PATHS:
            for conversation in file.conversations:
                budget -= _conversation(claims, file.path, conversation, agent, budget)
    vcs = decoded(record.vcs, _Vcs)
    revision = vcs.revision if vcs is not None else None
    return claims.reading(revision if revision is not None and is_id(revision) else None)


def _conversation(claims: Claims, path: str, raw: msgspec.Raw, agent: str, budget: int) -> int:
    """Adds one conversation's ranges, at most `budget`; how many there were."""
    conversation = decoded(raw, _Conversation)
    if conversation is None:
        claims.complain(MALFORMED_ENTRY)
        return 1
    if len(conversation.ranges) > budget:
        claims.complain(TOO_MANY)
    for entry in conversation.ranges[: max(0, budget)]:
        lines = decoded(entry, _Range)
        if lines is None:
            claims.complain(MALFORMED_ENTRY)
            continue
        # A range's own contributor stands before the conversation's.
        contributor = lines.contributor or conversation.contributor
        kind = contributor.type if contributor is not None else None
        if kind in ("ai", "mixed"):
            claims.agent(path, agent, [(lines.start_line, lines.end_line)])
        elif kind == "human":
            claims.human(path, [(lines.start_line, lines.end_line)])
    return len(conversation.ranges)
