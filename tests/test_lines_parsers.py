"""Each form of line evidence is read as its standard, and its public notes, write it."""

import json
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.attribution.lines import (
    Tools,
    checkpoint_at,
    checkpoints_of,
    common,
    count,
    merged,
    read_agent_trace,
    read_agentblame,
    read_entire,
    read_git_ai,
    read_whogitit,
)
from scanner.model.lines import Author, Reading, Span
from scanner.rules.agents import load_agents

TOOLS = Tools(load_agents())
READERS = (read_agent_trace, read_agentblame, read_entire, read_git_ai, read_whogitit)
HUMAN = (Author.HUMAN, None)


def agent(name: str) -> tuple[Author, str]:
    return Author.AGENT, name


def flat(reading: Reading) -> dict[tuple[str, Author, str | None], list[tuple[int, int]]]:
    return {
        (claim.path, claim.author, claim.agent): [(one.first, one.last) for one in claim.spans]
        for claim in reading.claims
    }


def git_ai(attestations: str, **metadata: object) -> bytes:
    body = {"schema_version": "authorship/3.0.0", "base_commit_sha": "0" * 40, "prompts": {}}
    return f"{attestations}---\n{json.dumps({**body, **metadata})}".encode()


def session(tool: str) -> dict[str, object]:
    return {"agent_id": {"tool": tool, "id": "x", "model": "m"}, "human_author": "A <a@b>"}


# ---------------------------------------------------------------------- git-ai


def test_git_ai_sessions_humans_and_prompts() -> None:
    uuid = "6ef2299e-a67f-432b-aa80-3d2fb4d28999"
    note = git_ai(
        "src/main.rs\n"
        "  s_c9883b05a2487d::t_9f8e7d6c5b4a32 1-10,15-20\n"
        "  s_c9883b05a2487d::t_a1b2c3d4e5f678 11\n"
        "  h_31dce776f88375 42-50\n"
        '"src/my file.rs"\n'
        "  abcd1234abcd1234 1-50\n"
        "  abcd123 60\n"
        f"  {uuid} 70,72\n",
        sessions={"s_c9883b05a2487d": session("cursor")},
        prompts={
            "abcd1234abcd1234": {**session("claude"), "messages": [{"text": "x" * 50}]},
            "abcd123": session("github-copilot"),
            uuid: session("codex"),
        },
        humans={"h_31dce776f88375": {"author": "A <a@b>"}},
    )
    reading = read_git_ai(note, TOOLS)
    assert reading.complaints == ()
    assert flat(reading) == {
        ("src/main.rs", *agent("cursor")): [(1, 11), (15, 20)],
        ("src/main.rs", *HUMAN): [(42, 50)],
        ("src/my file.rs", *agent("claude-code")): [(1, 50)],
        ("src/my file.rs", *agent("github-copilot")): [(60, 60)],
        ("src/my file.rs", *agent("codex")): [(70, 70), (72, 72)],
    }


def test_git_ai_empty_attestation_claims_nothing() -> None:
    assert read_git_ai(git_ai(""), TOOLS) == Reading()


def test_git_ai_key_words_and_unknown_keys() -> None:
    note = git_ai(
        "a\n  human 1\n  ai_agent 2\n  abcd1234abcd1234 3\n  s_00000000000000 4\n"
        "  ../x 5\n  x y z\n 6\n",
        sessions={"s_00000000000000": session("something new")},
    )
    reading = read_git_ai(note, TOOLS)
    assert flat(reading) == {("a", *agent("unnamed-agent")): [(2, 4)]}
    assert set(reading.complaints) == {"a key of it has no metadata", "a line of it can't be read"}


def test_git_ai_test_data_is_no_claim() -> None:
    note = git_ai(
        "a\n  s_00000000000000::t_00000000000000 1-4\n",
        sessions={"s_00000000000000": session("mock_ai")},
    )
    assert read_git_ai(note, TOOLS) == Reading(
        complaints=("it names a test tool; those lines are left out",)
    )


def test_git_ai_entry_before_a_path_and_broken_metadata() -> None:
    reading = read_git_ai(b"  abcd1234abcd1234 1\na\n  abcd1234abcd1234 2\n---\n{broken", TOOLS)
    assert flat(reading) == {("a", *agent("unnamed-agent")): [(2, 2)]}
    assert "its JSON can't be decoded" in reading.complaints


@pytest.mark.parametrize("value", [None, 3, [], {"agent_id": 3}, {"agent_id": {"tool": 3}}])
def test_git_ai_metadata_of_another_shape(value: object) -> None:
    note = git_ai("a\n  abcd1234abcd1234 2\n", prompts={"abcd1234abcd1234": value})
    reading = read_git_ai(note, TOOLS)
    assert flat(reading) == {("a", *agent("unnamed-agent")): [(2, 2)]}


def test_git_ai_senseless_ranges_are_left_out() -> None:
    reading = read_git_ai(git_ai("a\n  ai_agent 0,9-3,5,4294967296\n"), TOOLS)
    assert flat(reading) == {("a", *agent("unnamed-agent")): [(5, 5)]}


def test_git_ai_older_logs() -> None:
    log = {
        "files": {
            "a": {
                "file": "a",
                "authors": [
                    {"author": "Claude Code", "lines": [[10, 12], 22], "agent_metadata": None},
                    {"author": "Ada Lovelace", "lines": [1]},
                ],
            },
            "b": {"authors": [{"author": "Cursor", "lines": [2]}]},
            "c": 4,
        },
        "schema_version": "authorship/0.0.1",
    }
    reading = read_git_ai(json.dumps(log).encode(), TOOLS)
    assert flat(reading) == {
        ("a", *agent("claude-code")): [(10, 12), (22, 22)],
        ("b", *agent("cursor")): [(2, 2)],
    }
    assert reading.complaints == ("an entry of it can't be decoded",)


def test_git_ai_huge_transcript_is_not_built() -> None:
    import tracemalloc

    messages = [{"type": "assistant", "text": "word " * 40}] * 20_000
    prompts = {"abcd1234abcd1234": {**session("claude"), "messages": messages}}
    note = git_ai("a\n  abcd1234abcd1234 1\n", prompts=prompts)
    tracemalloc.start()
    reading = read_git_ai(note, TOOLS)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert flat(reading) == {("a", *agent("claude-code")): [(1, 1)]}
    # Copies of the bytes are allowed; 20,000 dictionaries with their strings would be far more.
    assert peak < 3 * len(note)


# ---------------------------------------------------------------------- the others


def test_agentblame_both_spellings() -> None:
    note = {
        "version": 2,
        "attributions": [
            {"path": "a", "startLine": 2, "endLine": 4, "category": "ai_generated",
             "provider": "claudeCode", "confidence": 0.95},
            {"path": "a", "start_line": 5, "end_line": 5, "provider": "claude_code"},
            {"path": "b", "startLine": 1, "endLine": 1, "category": "human", "provider": "cursor"},
            {"path": "c", "startLine": 1},
            7,
        ],
    }  # fmt: skip
    reading = read_agentblame(json.dumps(note).encode(), TOOLS)
    assert flat(reading) == {("a", *agent("claude-code")): [(2, 5)]}
    assert reading.complaints == ("an entry of it can't be decoded",)


@pytest.mark.parametrize("wrap", [lambda kind: kind, lambda kind: {"type": kind, "edit_id": "e"}])
def test_whogitit_both_versions(wrap: Callable[[str], object]) -> None:
    kinds = ["AI", "AIModified", "Human", "Original", "Unknown"]
    rows = [
        {"line_number": number, "source": wrap(kind), "content": "x"}
        for number, kind in enumerate(kinds, 1)
    ]
    note = {
        "version": 3,
        "session": {"model": {"provider": "anthropic"}},
        "files": [{"path": "a", "lines": [*rows, {"line_number": "x"}]}],
    }
    reading = read_whogitit(json.dumps(note).encode(), TOOLS)
    assert flat(reading) == {
        ("a", *agent("claude-code")): [(1, 2)],
        ("a", *HUMAN): [(3, 3)],
    }
    assert reading.complaints == ("an entry of it can't be decoded",)


def test_agent_trace_contributors() -> None:
    record = {
        "version": "1.0",
        "id": "x",
        "vcs": {"type": "git", "revision": "a" * 40},
        "tool": {"name": "cursor"},
        "files": [
            {"path": ".sessions", "conversations": [{"contributor": {"type": "ai"}, "ranges": []}]},
            {
                "path": "a",
                "conversations": [
                    {
                        "contributor": {"type": "ai", "model_id": "x/y"},
                        "ranges": [
                            {"start_line": 1, "end_line": 3},
                            {"start_line": 4, "end_line": 4, "contributor": {"type": "human"}},
                            {"start_line": 5},
                        ],
                    },
                    {
                        "contributor": {"type": "unknown"},
                        "ranges": [{"start_line": 9, "end_line": 9}],
                    },
                ],
            },
        ],
    }
    reading = read_agent_trace(json.dumps(record).encode(), TOOLS)
    assert reading.revision == "a" * 40
    assert flat(reading) == {("a", *agent("cursor")): [(1, 3)], ("a", *HUMAN): [(4, 4)]}
    assert reading.complaints == ("an entry of it can't be decoded",)


def test_agent_trace_revision_must_be_an_id() -> None:
    record = {"files": [], "vcs": {"revision": "--output=x"}}
    assert read_agent_trace(json.dumps(record).encode(), TOOLS).revision is None


def test_entire_names_agent_and_files() -> None:
    data = {"checkpoint_id": "00c9e2351016", "agent": "Claude Code", "files_touched": ["a", "b"]}
    reading = read_entire(json.dumps(data).encode(), TOOLS)
    assert flat(reading) == {("a", *agent("claude-code")): [], ("b", *agent("claude-code")): []}
    assert checkpoint_at("00/c9e2351016/0/metadata.json") == "00c9e2351016"
    assert checkpoint_at("00/c9e2351016/0/full.jsonl") is None
    message = "Work\n\nEntire-Checkpoint: 00c9e2351016\nEntire-Checkpoint: nothing\n"
    assert checkpoints_of(message) == ("00c9e2351016",)


def test_names_of_tools() -> None:
    names = ["Claude", "claude_code", "claudeCode", "Gemini CLI", "gemini", "GitHub Copilot", "pi"]
    ids = ["claude-code"] * 3 + ["gemini-cli"] * 2 + ["github-copilot", "pi"]
    assert [TOOLS.agent(name) for name in names] == ids
    assert [TOOLS.agent(name) for name in ("dependabot", "", 4, None)] == ["unnamed-agent"] * 4


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b"---",
        b"[" * 200_000,
        b'{"files":' * 50_000,
        b"null",
        b"\0" * 9,
    ],
)
def test_nothing_raises(reader: Callable[[bytes, Tools], Reading], data: bytes) -> None:
    assert reader(data, TOOLS).claims == ()


def test_complaints_quote_nothing() -> None:
    word = "abracadabra" * 3
    for reader in READERS:
        for data in (f"{word}\n  {word} 1-x\n---\n{word}", f'{{"{word}": "{word}"}}', word):
            reading = reader(data.encode(), TOOLS)
            assert word not in "".join(reading.complaints)


# ---------------------------------------------------------------------- spans

PAIRS = st.lists(st.tuples(st.integers(-3, 60), st.integers(-3, 60)))


def members(pairs: list[tuple[int, int]]) -> set[int]:
    return {line for low, high in pairs if low >= 1 for line in range(low, high + 1)}


@settings(max_examples=200, deadline=None)
@given(PAIRS, PAIRS)
def test_spans_are_sets_of_lines(left: list[tuple[int, int]], right: list[tuple[int, int]]) -> None:
    one, two = merged(left), merged(right)
    assert count(one) == len(members(left))
    assert all(a.last + 1 < b.first for a, b in pairwise(one))
    both = list(common(one, two))
    assert members([(span.first, span.last) for span in both]) == members(left) & members(right)


def test_span_is_small() -> None:
    assert Span(1, 2) == merged([(2, 2), (1, 1)])[0]
