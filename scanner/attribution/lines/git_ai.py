"""Reads git-ai's authorship logs: `authorship/3.0.0` and its forerunners.

Source: the Git AI Standard v3.0.0 (git-ai-project/git-ai, specs/git_ai_standard_v3.0.0.md) and the
notes of that repository, which also hold 7-digit and UUID keys, the words `human` and `ai_agent` as
keys, and keys without metadata. An older log is JSON as a whole, `authorship/0.0.1` or unversioned.
"""

import os
import re
from collections.abc import Iterator

import msgspec

from scanner.attribution.lines.claims import Claims
from scanner.attribution.lines.decoding import (
    ENTRIES,
    MALFORMED_ENTRY,
    MALFORMED_JSON,
    TOO_MANY,
    decoded,
)
from scanner.attribution.lines.tools import UNNAMED, Tools, is_test
from scanner.gitio.quoted import unquoted
from scanner.model.lines import Reading

_DIVIDER = re.compile(rb"(?:\A|\n)---\r?\n")
_RANGES = re.compile(rb"[0-9]{1,10}(?:-[0-9]{1,10})?(?:,[0-9]{1,10}(?:-[0-9]{1,10})?)*")
_PERSON = re.compile(rb"h_[0-9a-f]{14}")
_SESSION = re.compile(rb"s_[0-9a-f]{14}")
_PROMPT = re.compile(rb"[0-9a-f]{7,64}|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
_DEFAULT_PERSON = b"human"  # everything no agent was seen to write: says nothing about a person
_SOME_AGENT = b"ai_agent"
_RANGE_LIMIT = 2_000_000

NO_DIVIDER = "it has no line `---`"
MALFORMED_LINE = "a line of it can't be read"
NO_METADATA = "a key of it has no metadata"
TEST_DATA = "it names a test tool; those lines are left out"


class _AgentId(msgspec.Struct):
    tool: str | None = None


class _Session(msgspec.Struct):
    agent_id: _AgentId | None = None


class _Metadata(msgspec.Struct):
    schema_version: str | None = None
    prompts: dict[str, msgspec.Raw] | None = None
    sessions: dict[str, msgspec.Raw] | None = None


class _OldAuthor(msgspec.Struct):
    author: str
    lines: list[int | list[int]] = []


class _OldFile(msgspec.Struct):
    authors: list[_OldAuthor] = []


class _OldLog(msgspec.Struct):
    files: dict[str, msgspec.Raw]


def read_git_ai(data: bytes, tools: Tools) -> Reading:
    """The claims of one log. Never raises."""
    if data.lstrip()[:1] == b"{":
        return _read_old(data, tools)
    claims = Claims()
    divider = _DIVIDER.search(data)
    if divider is None:
        claims.complain(NO_DIVIDER)
        return claims.reading()
    agents = _Agents(data[divider.end() :], tools, claims)
    path: str | None = None
    budget = _RANGE_LIMIT
    for number, line in enumerate(_lines(data[: divider.start()])):
        if number >= ENTRIES or budget <= 0:
            claims.complain(TOO_MANY)
            break
        if not line.startswith(b" "):
            path = os.fsdecode(unquoted(line))
            continue
        key, _, ranges = line.strip().partition(b" ")
        if path is None or not _RANGES.fullmatch(ranges):
            claims.complain(MALFORMED_LINE)
            continue
        pairs = list(_pairs(ranges))
        budget -= len(pairs)
        _claim(claims, path, key, pairs, agents)
    return claims.reading()


class _Agents:
    """The agents that the metadata gives for keys."""

    def __init__(self, metadata: bytes, tools: Tools, claims: Claims) -> None:
        self._tools = tools
        self._claims = claims
        self._found: dict[bytes, str | None] = {}
        read = decoded(metadata, _Metadata)
        if read is None:
            claims.complain(MALFORMED_JSON)
            read = _Metadata()
        self._records = {**(read.prompts or {}), **(read.sessions or {})}

    def of(self, key: bytes) -> str | None:
        """None for a test tool's."""
        if key not in self._found:
            self._found[key] = self._look_up(key)
        return self._found[key]

    def _look_up(self, key: bytes) -> str | None:
        if key == _SOME_AGENT:
            return UNNAMED
        record = self._records.get(key.decode("ascii"))
        if record is None:
            self._claims.complain(NO_METADATA)
            return UNNAMED
        session = decoded(record, _Session)
        if session is None:
            self._claims.complain(MALFORMED_ENTRY)
            return UNNAMED
        tool = session.agent_id.tool if session.agent_id else None
        if is_test(tool):
            self._claims.complain(TEST_DATA)
            return None
        return self._tools.agent(tool)


def _claim(
    claims: Claims, path: str, key: bytes, pairs: list[tuple[int, int]], agents: _Agents
) -> None:
    if _PERSON.fullmatch(key):
        claims.human(path, pairs)
        return
    if key == _DEFAULT_PERSON:
        return
    session = key.partition(b"::")[0]
    if not (_SESSION.fullmatch(session) or _PROMPT.fullmatch(key) or key == _SOME_AGENT):
        claims.complain(MALFORMED_LINE)
        return
    agent = agents.of(session)
    if agent is not None:
        claims.agent(path, agent, pairs)


def _lines(section: bytes) -> Iterator[bytes]:
    """Lines with something on them, without building them all at once."""
    begin = 0
    while begin < len(section):
        end = section.find(b"\n", begin)
        end = len(section) if end < 0 else end
        line = section[begin:end].removesuffix(b"\r")
        if line.strip():
            yield line
        begin = end + 1


def _pairs(ranges: bytes) -> Iterator[tuple[int, int]]:
    for part in ranges.split(b","):
        first, dash, last = part.partition(b"-")
        yield int(first), int(last) if dash else int(first)


def _read_old(data: bytes, tools: Tools) -> Reading:
    """`{"files": {path: {"authors": [{"author": name, "lines": [n, [first, last]]}]}}}`.

    Everybody who is not a tool is a default there too, so people's lines are not claims.
    """
    claims = Claims()
    log = decoded(data, _OldLog)
    if log is None:
        claims.complain(MALFORMED_JSON)
        return claims.reading()
    for path, raw in log.files.items():
        file = decoded(raw, _OldFile)
        if file is None:
            claims.complain(MALFORMED_ENTRY)
            continue
        for author in file.authors:
            agent = tools.known(author.author)
            if agent is not None:
                claims.agent(path, agent, _old_pairs(author.lines))
    return claims.reading()


def _old_pairs(lines: list[int | list[int]]) -> Iterator[tuple[int, int]]:
    for entry in lines:
        if isinstance(entry, int):
            yield entry, entry
        elif len(entry) == 2:
            yield entry[0], entry[1]
