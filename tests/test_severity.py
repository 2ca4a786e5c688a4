"""The one table: category and severity of a finding, and what a path is for."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.errors import RuleError
from scanner.incidents import (
    FindingFacts,
    Kind,
    Note,
    PathClass,
    Presence,
    assess,
    gather,
    path_class,
    severity_table,
)
from scanner.incidents.severity import TABLE
from scanner.model import (
    Attribution,
    Basis,
    Category,
    Channel,
    Confidence,
    Location,
    Mark,
    Reach,
    Role,
    Severity,
    Tier,
    Tracking,
    Verdict,
    Where,
)
from scanner.rules import root


def secret(**changes: object) -> FindingFacts:
    facts: dict[str, object] = {
        "kind": Kind.SECRET,
        "rule": "some-token",
        "severity": Severity.CRITICAL,
        "confidence": Confidence.HIGH,
        "verdict": Verdict.NO_PROMPT,
        "channel": Channel.FILE_TOOLS,
    }
    return FindingFacts(**(facts | changes))  # type: ignore[arg-type]


def reach(verdict: Verdict, channel: Channel = Channel.FILE_TOOLS, agent: str = "one") -> Reach:
    return Reach(agent=agent, channel=channel, verdict=verdict, basis="because")


@pytest.mark.parametrize(
    ("facts", "category", "severity"),
    [
        (secret(), 4, "critical"),
        (
            secret(verdict=Verdict.AUTO, channel=Channel.PROMPT, severity=Severity.HIGH),
            1,
            "critical",
        ),
        (secret(verdict=Verdict.AUTO, channel=Channel.ENVIRONMENT), 4, "critical"),
        (secret(presence=Presence.HISTORY), 4, "high"),
        (
            secret(presence=Presence.HISTORY, verdict=Verdict.AUTO, channel=Channel.PROMPT),
            4,
            "high",
        ),
        (secret(verdict=Verdict.BLOCKED), 4, "high"),
        (secret(path_class=PathClass.TEST), 4, "medium"),
        (secret(path_class=PathClass.TEST, severity=Severity.HIGH), 4, "low"),
        (secret(path_class=PathClass.DOCS, confidence=Confidence.MEDIUM), 4, "low"),
        (secret(confidence=Confidence.LOW), 4, "medium"),
        (secret(notes=(Note.TEST_MODE,)), 4, "low"),
        (secret(notes=(Note.PUBLIC,)), 4, "info"),
        (secret(severity=Severity.INFO, presence=Presence.HISTORY), 4, "info"),
        (secret(kind=Kind.BOUNDARY, path_class=PathClass.TEST, severity=Severity.HIGH), 3, "high"),
        (secret(kind=Kind.FLOW, declared=Category.CREDENTIAL_EXPOSURE), 4, "critical"),
        (secret(kind=Kind.FLOW, declared=Category.DATA_EXFILTRATION), 1, "critical"),
        (secret(kind=Kind.PERSONAL_DATA, severity=Severity.MEDIUM), 1, "medium"),
    ],
)
def test_table(facts: FindingFacts, category: int, severity: str) -> None:
    answer = assess(facts)
    assert (answer.category.value, answer.severity.value) == (category, severity)


def test_reason_is_that_of_the_rows() -> None:
    answer = assess(secret(presence=Presence.HISTORY, path_class=PathClass.TEST))
    assert answer.rows == ("secret-in-history", "history-only", "test-or-example")
    reasons = {row.id: row.reason for row in severity_table().adjustments}
    assert reasons["history-only"] in answer.reason
    assert answer.evidence.basis is Basis.DERIVED


@given(
    st.builds(
        FindingFacts,
        kind=st.sampled_from(Kind),
        rule=st.just("r"),
        severity=st.sampled_from(Severity),
        confidence=st.sampled_from(Confidence),
        declared=st.sampled_from([None, *Category]),
        presence=st.sampled_from(Presence),
        tracking=st.sampled_from([None, *Tracking]),
        verdict=st.sampled_from(Verdict),
        channel=st.sampled_from([None, *Channel]),
        path_class=st.sampled_from(PathClass),
        by_agent=st.booleans(),
        notes=st.lists(st.sampled_from(Note), max_size=2).map(tuple),
    )
)
def test_every_combination_is_answered(facts: FindingFacts) -> None:
    answer = assess(facts)
    assert answer.category in (1, 3, 4)
    if facts.confidence is Confidence.LOW:
        assert answer.severity.rank <= Severity.MEDIUM.rank


def test_every_row_can_decide() -> None:
    """A placement row behind a wider one would be dead text."""
    table = severity_table()
    tried = product(
        Kind, [None, 1, 3, 4], Presence, [None, *Tracking], Verdict, [None, *Channel], [True, False]
    )
    placed = set()
    for kind, declared, presence, tracking, verdict, channel, by_agent in tried:
        facts = secret(
            kind=kind,
            declared=declared,
            presence=presence,
            tracking=tracking,
            verdict=verdict,
            channel=channel,
            by_agent=by_agent,
        )
        placed.add(next(row.id for row in table.placement if row.when.hold(facts)))
    assert placed == {row.id for row in table.placement}


def test_ids_and_crosswalk_are_complete() -> None:
    table = severity_table()
    ids = [row.id for row in (*table.placement, *table.adjustments)]
    assert len(ids) == len(set(ids))
    assert [row.severity for row in table.crosswalk] == list(reversed(Severity))
    for row in table.crosswalk:
        for levels in (row.suspected, row.confirmed):
            assert levels.p0_p3 in table.scales.p0_p3
            assert levels.p1_p3 in table.scales.p1_p3
            assert levels.sev_1_4 in table.scales.sev_1_4


def test_a_row_with_two_effects_is_refused(tmp_path) -> None:
    text = (root() / TABLE).read_text()
    (tmp_path / TABLE).write_text(text.replace("    step: 1\n", "    step: 1\n    at_most: low\n"))
    with pytest.raises(RuleError, match=r"loaded-without-asking.*exactly one"):
        severity_table(tmp_path)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("src/app.py", "source"),
        (".env", "source"),
        (".env.test", "source"),
        (".env.example", "example"),
        ("config/settings.yaml.dist", "example"),
        ("tests/data/key.pem", "test"),
        ("pkg/key_test.go", "test"),
        ("app/Billing.Tests/Keys.cs", "test"),
        ("src/contest.py", "source"),
        ("latest/app.py", "source"),
        ("docs/setup.txt", "docs"),
        ("README.md", "docs"),
        ("web/node_modules/x/test/a.js", "vendored"),
        ("vendor/lib/a.go", "vendored"),
        ("static/app.min.js", "generated"),
        ("api/v1_pb2.py", "generated"),
        ("Cargo.lock", "lock"),
        ("", "source"),
    ],
)
def test_path_class(path: str, expected: str) -> None:
    assert path_class(path) == expected


def test_gather_takes_the_least_harmless_of_all_places() -> None:
    facts = gather(
        kind=Kind.SECRET,
        rule="r",
        severity=Severity.HIGH,
        confidence=Confidence.HIGH,
        locations=[
            Location(where=Where.COMMIT, path="tests/a.py", commit="a" * 40, in_head=False),
            Location(where=Where.WORKTREE, path="src/a.py", tracking=Tracking.IGNORED),
        ],
        reach=[
            reach(Verdict.BLOCKED),
            reach(Verdict.AUTO, Channel.INDEX),
            reach(Verdict.AUTO, Channel.PROMPT),
        ],
    )
    assert facts.path_class is PathClass.SOURCE
    assert facts.presence is Presence.DISK
    assert facts.tracking is Tracking.IGNORED
    assert (facts.verdict, facts.channel) == (Verdict.AUTO, Channel.PROMPT)
    assert not facts.by_agent


def test_one_agent_blocked_and_one_unknown_is_not_blocked() -> None:
    facts = gather(
        kind=Kind.SECRET,
        rule="r",
        severity=Severity.HIGH,
        confidence=Confidence.HIGH,
        locations=[Location(where=Where.WORKTREE, path="a")],
        reach=[reach(Verdict.BLOCKED), reach(Verdict.UNKNOWN, agent="two")],
    )
    assert facts.verdict is Verdict.UNKNOWN
    assert assess(facts).severity is Severity.HIGH


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (Location(where=Where.COMMIT, path="a", in_head=True), Presence.HEAD),
        (Location(where=Where.COMMIT, path="a", in_head=None), Presence.UNKNOWN),
        (Location(where=Where.STASH, path="a", in_head=False), Presence.HISTORY),
        (Location(where=Where.GIT_FILE, path=".git/config"), Presence.DISK),
    ],
)
def test_presence(place: Location, expected: Presence) -> None:
    facts = gather(
        kind=Kind.SECRET,
        rule="r",
        severity=Severity.HIGH,
        confidence=Confidence.HIGH,
        locations=[place],
    )
    assert facts.presence is expected


def test_a_mark_of_a_bot_or_committer_is_no_agents_authorship() -> None:
    def by_agent(**changes: object) -> bool:
        mark = {
            "agent": "a",
            "name": "A",
            "role": Role.AUTHOR,
            "tier": Tier.TRAILER,
            "evidence": (),
        }
        return gather(
            kind=Kind.SECRET,
            rule="r",
            severity=Severity.HIGH,
            confidence=Confidence.HIGH,
            locations=[Location(where=Where.WORKTREE, path="a")],
            attribution=Attribution((Mark(**(mark | changes)),)),
        ).by_agent

    assert by_agent()
    assert not by_agent(bot=True)
    assert not by_agent(role=Role.COMMITTER)
