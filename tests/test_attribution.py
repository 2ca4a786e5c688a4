"""Attribution: every signature rule by its own examples, and every trap that names a person."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.attribution import Attributor, screen
from scanner.attribution.screen import Screen
from scanner.attribution.table import Table
from scanner.errors import RuleError
from scanner.model import Attribution, Change, Identity, Mark, Role, Tier
from scanner.rules.agents import AgentFile, load_agents
from scanner.rules.signatures import CommitExample, SignatureRule
from tests.repo import Repo
from tests.sample_change import ADA, CLAUDE, CLAUDE_KEY, CLAUDE_TRAILER, change

AGENTS = load_agents()
ATTRIBUTOR = Attributor(AGENTS)


def identity(text: str) -> Identity:
    match = re.fullmatch(r"(.*) <(.*)>", text)
    assert match, f"an example's person has the form Name <address>, not {text!r}"
    return Identity(match[1], match[2])


def as_change(example: CommitExample) -> Change:
    day = datetime(example.day.year, example.day.month, example.day.day, 12, tzinfo=UTC)
    return change(
        example.message,
        identity(example.author),
        identity(example.committer) if example.committer else None,
        parents=2 if example.merge else 1,
        key=example.key,
        time=int(day.timestamp()),
    )


def read(attributor: Attributor, example: CommitExample) -> tuple[Mark, ...]:
    """The marks on an example; the hints, if a hint is what it expects."""
    one = as_change(example)
    marks = attributor.attribute(one, branches=example.branches, notes=example.notes).marks
    if example.tier is Tier.HINT and not marks:
        return attributor.hints(one, branches=example.branches, notes=example.notes)
    return marks


def attribute(message: str = "Round fees", *people: Identity, **more: object) -> Attribution:
    return ATTRIBUTOR.attribute(change(message, *people, **more))  # type: ignore[arg-type]


def only(attribution: Attribution) -> Mark:
    assert len(attribution.marks) == 1, attribution
    return attribution.marks[0]


def evidence(mark: Mark) -> str:
    return " | ".join(piece.text for piece in mark.evidence)


# ------------------------------------------------------------------ the rules' own examples


def rules() -> Iterator[tuple[AgentFile, SignatureRule]]:
    return ((agent, rule) for agent in AGENTS for rule in agent.signatures)


def cases(kind: str) -> list[object]:
    return [
        pytest.param(agent, rule, example, id=f"{agent.id}-{rule.id}-{number}")
        for agent, rule in rules()
        for number, example in enumerate(getattr(rule, kind))
    ]


@pytest.mark.parametrize(("agent", "rule", "example"), cases("examples"))
def test_example_is_marked(agent: AgentFile, rule: SignatureRule, example: CommitExample) -> None:
    alone = Attributor([AgentFile(*(agent.id, agent.name, agent.vendor, agent.kind, (), (rule,)))])
    mark = only(Attribution(read(alone, example)))
    assert mark.agent == agent.id
    assert mark.bot == (agent.kind == "bot")
    assert mark.evidence and all(piece.source == "c" * 40 for piece in mark.evidence)
    assert example.tier in (None, mark.tier)
    assert example.role in (None, mark.role)
    assert example.model in (None, mark.model)


@pytest.mark.parametrize(("agent", "rule", "example"), cases("counter_examples"))
def test_counter_example_is_not_marked(
    agent: AgentFile, rule: SignatureRule, example: CommitExample
) -> None:
    alone = Attributor([AgentFile(*(agent.id, agent.name, agent.vendor, agent.kind, (), (rule,)))])
    assert read(alone, example) == ()
    assert alone.hints(as_change(example), notes=example.notes) == ()


@pytest.mark.parametrize(("agent", "rule", "example"), cases("examples"))
def test_example_is_marked_for_no_other_agent(
    agent: AgentFile, rule: SignatureRule, example: CommitExample
) -> None:
    assert [mark.agent for mark in read(ATTRIBUTOR, example)] == [agent.id]


def test_every_rule_has_examples_and_counter_examples() -> None:
    bare = [f"{a.id}/{r.id}" for a, r in rules() if not (r.examples and r.counter_examples)]
    assert not bare
    # An agent that leaves no known mark is there for what it loads.
    assert all(agent.references and (agent.signatures or agent.context) for agent in AGENTS)


def test_every_shape_of_a_rule_is_exercised_by_an_example() -> None:
    for agent, rule in rules():
        with_model = "(?P<model>" in rule.name + "".join(rule.values)
        assert not with_model or any(example.model for example in rule.examples), agent.id


def test_there_are_enough_agents() -> None:
    signing = [agent for agent in AGENTS if agent.kind == "agent" and agent.signatures]
    assert len(signing) >= 45
    assert {"dependabot", "renovate", "github-actions"} <= {
        agent.id for agent in AGENTS if agent.kind == "bot"
    }


# ------------------------------------------------------------------ people


@pytest.mark.parametrize(
    "person",
    [
        Identity("Claude", "claude@example.org"),
        Identity("Claude Shannon", "shannon@bell.example"),
        Identity("Claude Code", "cc@example.org"),
        Identity("Devin", "devin@example.org"),
        Identity("Devin J. Pohly", "djp@example.org"),
        Identity("Cody", "cody@example.org"),
        Identity("Jules Mons", "jules@example.org"),
        Identity("Travis Cline", "travis.cline@example.org"),
        Identity("Annie-Claude Côté", "hello@example.org"),
        Identity("Ada", "ada@anthropic.com"),
        Identity("Ada", "ada@openai.com"),
        Identity("Ada", "ada@cline.bot"),
        Identity("Ada", "ada@roocode.com"),
        Identity("Ada", "ada@all-hands.dev"),
        Identity("Paul", "paul@aider.chat"),
        Identity("Tim", "tfc@ampcode.com"),
        Identity("Engel Nyst", "openhands@all-hands.dev"),
        Identity("Julio César Franco", "noreply@anthropic.com"),
        Identity("Copilot", "pilot@example.org"),
        Identity("claude[bot]", "claude@example.org"),
    ],
    ids=lambda person: f"{person.name} {person.email}",
)
def test_a_person_is_not_an_agent(person: Identity) -> None:
    as_author = change(author=person)
    as_committer = change(committer=person)
    as_co_author = change(f"Round fees\n\nCo-authored-by: {person.name} <{person.email}>")
    for one in (as_author, as_committer, as_co_author):
        assert ATTRIBUTOR.attribute(one) == Attribution()


@pytest.mark.parametrize(
    "message",
    [
        "Round fees\n\nAssisted-by: Waldek Maleska <weakcamel@example.org>",
        "Round fees\n\nAssisted-by: Claude Monet",
        "Round fees\n\nAssisted-by: Devin Jones <devin@example.org>",
        "Round fees\n\nGenerated-by: the release script",
        "Use Claude Code for the docs; generated with Claude Code and reviewed",
        "cursor: move it with the keys\n\nThe cursor, the codex and the copilot are prose.",
        "aider: 0.29.1 -> 0.30.0",
        "Add AGENTS.md, CLAUDE.md and .cursor/rules",
        "Reject 'Co-authored-by: Claude <noreply@anthropic.com>' in the hook",
        f"Reject trailers\n\n> {CLAUDE_TRAILER}",
        f"Reject trailers\n\n  > {CLAUDE_TRAILER}",
        f"Reject trailers\n\n```text\n{CLAUDE_TRAILER}\n```",
        f"Reject trailers\n\n~~~\n{CLAUDE_TRAILER}\n~~~\n\nSigned-off-by: Ada <ada@example.org>",
        f"Reject trailers\n\n- {CLAUDE_TRAILER}",
        f"Round fees\n\n{CLAUDE_TRAILER} and others",
        "Round fees\n\nCo-authored-by: Claude noreply@anthropic.com.example.org",
        "Round fees\n\nSigned-off-by: Claude <noreply@anthropic.com>",
        'Revert "Round fees (Claude)"\n\nThis reverts commit 0123456.',
        "",
    ],
)
def test_a_message_without_a_mark(message: str) -> None:
    assert attribute(message) == Attribution()


# ------------------------------------------------------------------ where marks stand


def test_a_squash_leaves_trailers_above_the_last_paragraph() -> None:
    mark = only(attribute(f"Fees (#7)\n\n* Round\n\n{CLAUDE_TRAILER}\n\n---------\n\nMore prose."))
    assert (mark.agent, mark.role, mark.tier) == ("claude-code", Role.CO_AUTHOR, Tier.TRAILER)
    assert "message line 5, above the last paragraph" in evidence(mark)
    plain = only(attribute(f"Round fees\n\n{CLAUDE_TRAILER}"))
    assert "above" not in evidence(plain)


def test_a_fence_that_nothing_closes_hides_nothing() -> None:
    mark = only(attribute(f"Fees\n\n```\nsome code\n\n{CLAUDE_TRAILER}"))
    assert mark.agent == "claude-code"


def test_an_indented_trailer_is_weaker_and_says_so() -> None:
    mark = only(attribute(f"Round fees\n\n    {CLAUDE_TRAILER}"))
    assert mark.tier is Tier.FOOTER
    assert "indented: it may be quoted text" in evidence(mark)
    both = only(attribute(f"Round fees\n\n    {CLAUDE_TRAILER}\n\n{CLAUDE_TRAILER}"))
    assert both.tier is Tier.TRAILER


def test_a_trailer_after_a_literal_backslash_n_is_weaker_and_says_so() -> None:
    mark = only(attribute(rf"Round fees\n\n{CLAUDE_TRAILER}"))
    assert mark.tier is Tier.FOOTER
    assert r"after a literal \n" in evidence(mark)
    assert attribute(rf"Run printf 'Fees\n{CLAUDE_TRAILER}'") == Attribution()


def test_keys_and_addresses_ignore_case() -> None:
    assert only(attribute("Fees\n\nCO-AUTHORED-BY: Claude <NoReply@Anthropic.com>")).agent


def test_carriage_returns_do_not_hide_a_trailer() -> None:
    assert only(attribute(f"Round fees\r\n\r\n{CLAUDE_TRAILER}\r\n")).tier is Tier.TRAILER


def test_a_trailer_on_a_merge_commit_says_so() -> None:
    assert "of a merge commit" in evidence(
        only(attribute(f"Merge branch 'fees'\n\n{CLAUDE_TRAILER}", parents=2))
    )


# ------------------------------------------------------------------ roles


def test_an_author_outranks_the_same_agents_trailer() -> None:
    mark = only(
        attribute("Fees\n\nCo-authored-by: Claude Opus 4.6 <noreply@anthropic.com>", CLAUDE)
    )
    assert (mark.role, mark.tier, mark.model) == (Role.AUTHOR, Tier.IDENTITY, "Claude Opus 4.6")
    assert len(mark.evidence) == 2


def test_aider_as_committer_only_wrote_nothing() -> None:
    aider = Identity("Ada Lovelace (aider)", "ada@example.org")
    attribution = attribute("Fix", ADA, aider)
    assert only(attribution).role is Role.COMMITTER
    assert attribution.agent is None
    assert only(attribute("Fix", aider, aider)).role is Role.AUTHOR


def test_an_agent_as_committer_of_someone_elses_work_wrote_nothing() -> None:
    attribution = attribute("Fix", ADA, CLAUDE)
    assert only(attribution).role is Role.COMMITTER
    assert attribution.agent is None


def test_a_squash_with_an_accepted_suggestion_is_a_suggestion() -> None:
    message = (
        "Fees (#7)\n\nCo-authored-by: gemini-code-assist[bot] "
        "<176961590+gemini-code-assist[bot]@users.noreply.github.com>"
    )
    assert only(attribute(message)).role is Role.SUGGESTION


def test_a_review_bots_own_commit_is_not_called_a_suggestion() -> None:
    bot = Identity("ellipsis-dev[bot]", "65095814+ellipsis-dev[bot]@users.noreply.github.com")
    mark = only(attribute(f"Fees\n\nCo-authored-by: {bot.name} <{bot.email}>", bot))
    assert mark.role is Role.AUTHOR
    assert "suggestion" not in evidence(mark)


def test_the_vs_code_window() -> None:
    message = "Fees\n\nCo-authored-by: Copilot <copilot@github.com>"
    start = int(datetime(2026, 4, 22, tzinfo=UTC).timestamp())
    before, after = only(attribute(message, time=start - 1)), only(attribute(message, time=start))
    assert (before.role, before.tier) == (Role.CO_AUTHOR, Tier.TRAILER)
    assert (after.role, after.tier) == (Role.SUGGESTION, Tier.FOOTER)
    assert "314311" in evidence(after) and "314311" not in evidence(before)


def test_the_account_id_of_github_actions_is_shared() -> None:
    actions = Identity(
        "github-actions[bot]", "41898282+github-actions[bot]@users.noreply.github.com"
    )
    claude = Identity("claude[bot]", "41898282+claude[bot]@users.noreply.github.com")
    assert only(attribute("Fix", actions)).bot
    assert only(attribute("Fix", claude)).agent == "claude-code"


def test_bots_come_after_agents_and_are_not_agents() -> None:
    robot = Identity("dependabot[bot]", "49699333+dependabot[bot]@users.noreply.github.com")
    attribution = attribute("Bump")
    assert attribution.agent is None
    attribution = attribute("Bump", robot)
    assert only(attribution).bot and attribution.agent is None
    attribution = attribute(f"Bump\n\n{CLAUDE_TRAILER}", robot)
    assert [mark.agent for mark in attribution.marks] == ["claude-code", "dependabot"]


def test_github_as_committer_is_no_mark() -> None:
    assert attribute("Fix", ADA, Identity("GitHub", "noreply@github.com")) == Attribution()


def test_a_cherry_pick_keeps_its_trailers() -> None:
    message = f"Fees\n\n{CLAUDE_TRAILER}\n(cherry picked from commit {'a' * 40})"
    assert only(attribute(message, ADA, Identity("Bob", "bob@example.org"))).role is Role.CO_AUTHOR


def test_a_vendors_key_is_identity_and_not_verified() -> None:
    attribution = attribute("Fix", key=CLAUDE_KEY)
    mark = only(attribution)
    assert (mark.tier, mark.role) == (Tier.IDENTITY, Role.COMMITTER)
    assert "not verified" in evidence(mark)
    assert attribution.agent is None
    mark = only(attribute("Fix", CLAUDE, key=CLAUDE_KEY))
    assert mark.role is Role.AUTHOR and "not verified" in evidence(mark)
    assert attribute("Fix", key="SHA256:unknown") == Attribution()


def test_several_agents_strongest_first() -> None:
    cursor = Identity("Cursor Agent", "cursoragent@cursor.com")
    attribution = attribute(
        "Fees\n\n🤖 Generated with [Claude Code](https://claude.ai/code)\n"
        "Co-authored-by: Codex <noreply@openai.com>",
        cursor,
    )
    assert [mark.agent for mark in attribution.marks] == ["cursor", "codex", "claude-code"]
    assert attribution.agent is attribution.marks[0]


def test_models_of_a_squash_are_all_named() -> None:
    mark = only(
        attribute(
            "Fees\n\nCo-authored-by: Claude Opus 4.6 <noreply@anthropic.com>\n"
            "Co-authored-by: Claude Sonnet 4.6 <noreply@anthropic.com>\n"
            "Co-authored-by: Claude Opus 4.6 <noreply@anthropic.com>"
        )
    )
    assert mark.model == "Claude Opus 4.6, Claude Sonnet 4.6"


# ------------------------------------------------------------------ branches


@pytest.mark.parametrize(
    ("subject", "agent"),
    [
        ("Merge pull request #7 from acme/codex/find-and-fix-a-bug", "codex"),
        ("Merge branch 'claude/round-fees' into main", "claude-code"),
        ("Merge remote-tracking branch 'origin/claude/goofy-dhawan' into main", "claude-code"),
        ("Merge remote-tracking branch 'fork/claude/goofy-dhawan' into main", "claude-code"),
        ("Merge remote-tracking branch 'codex/root-latest' into codex/evals", None),
        ("Merge pull request #7 from acme/codex-docs", None),
        ("Merge pull request #7 from acme/cline-o3", None),
        ("Merge pull request #7 from codex/fix", None),
        ("Merge branch 'main' into codex/fix", None),
        ("Merge branch 'openhands/fix' of example.org:acme/pay", None),
        ('Revert "Merge pull request #7 from acme/codex/fix"', None),
    ],
)
def test_branches_in_merge_subjects(subject: str, agent: str | None) -> None:
    marks = attribute(subject, parents=2).marks
    assert [mark.agent for mark in marks] == ([agent] if agent else [])
    assert all(mark.tier is Tier.BRANCH for mark in marks)
    assert attribute(subject, parents=1) == Attribution()


def test_the_ref_that_reaches_a_commit_is_no_mark() -> None:
    assert attribute("Fix", ref="refs/heads/claude/round-fees") == Attribution()


# ------------------------------------------------------------------ hostile input


@settings(deadline=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from(
                [
                    example.message
                    for _, rule in rules()
                    for example in (*rule.examples, *rule.counter_examples)
                ]
            ),
            st.sampled_from(["```", "> x", "\\n", "", "    ", "Co-authored-by:", "🤖", "\x00"]),
            st.text(max_size=40),
        ),
        max_size=6,
    )
)
def test_the_quick_look_never_loses_a_mark(parts: list[str]) -> None:
    class Patient(Table):
        def speaks(self, message: str) -> bool:
            return True

    patient = Attributor([])
    patient._table = Patient(AGENTS)
    patient._table.telling = re.compile("")
    patient._table.later = None  # type: ignore[assignment]
    one = change("\n".join(parts))
    assert ATTRIBUTOR.attribute(one) == patient.attribute(one)


@settings(deadline=None)
@given(st.text(alphabet="abcdefghijkABCDEFGHIJK0123456789_-", min_size=16, max_size=64))
def test_free_text_is_never_quoted(secret: str) -> None:
    planted = f"s3cr3t{secret}"
    message = (
        f"Fees {planted}\n\nCo-authored-by: Claude {planted} 1 <noreply@anthropic.com>\n"
        f"Co-authored-by: aider ({planted}) <aider@aider.chat>\n"
        f"Assisted-by: Claude:{planted}\nAssisted-by: GPT-5 {planted}\n"
    )
    attribution = attribute(message)
    assert attribution.marks
    assert planted not in repr(attribution)


def test_impossible_times_and_huge_messages_are_survived() -> None:
    for time in (-(2**70), 2**70):
        assert attribute(f"Fees\n\n{CLAUDE_TRAILER}", time=time).agent
    crowd = f"{CLAUDE_TRAILER}\n" * 50_000
    mark = only(attribute(crowd + "x" * 1_000_000))
    assert len(mark.evidence) == 1
    assert attribute("Fees\n\nAssisted-by: " + "<" * 100_000) == Attribution()
    crowded = Identity("x" * 100_000 + " (aider)", "ada@example.org")
    assert only(attribute("Fix", crowded)).agent == "aider"


# ------------------------------------------------------------------ a real repository


def test_commits_as_git_writes_them(repo: Repo) -> None:
    repo.commit("Start", {"a": "1"})
    repo.checkout("codex/fees", new=True)
    repo.commit("Round", {"a": "2"}, trailers={"Co-authored-by": "Codex <noreply@openai.com>"})
    repo.checkout("main")
    repo.merge("codex/fees", message="Merge branch 'codex/fees'")
    repo.commit("Test", {"b": "1"}, author=("Claude", "noreply@anthropic.com"))
    repo.commit("Bump", author=("Ada Author (aider)", "ada@example.com"))
    found = [
        [(mark.agent, mark.role.value, mark.tier.value) for mark in ATTRIBUTOR.attribute(one).marks]
        for one in changes(repo)
    ]
    assert found == [
        [],
        [("codex", "co-author", "trailer")],
        [("codex", "co-author", "branch")],
        [("claude-code", "author", "identity")],
        [("aider", "author", "trailer")],
    ]


def changes(repo: Repo) -> Iterator[Change]:
    """The commits of the current branch, oldest first, straight from `git log`."""
    form = "%x1f".join(("%P", "%an", "%ae", "%cn", "%ce", "%ct", "%B"))
    for record in repo.git("log", "-z", "--reverse", f"--pretty=format:{form}").split("\0"):
        parents, name, email, committer, address, time, message = record.split("\x1f")
        yield change(
            message,
            Identity(name, email),
            Identity(committer, address),
            parents=len(parents.split()),
            time=int(time),
        )


# ------------------------------------------------------------------ loading

AGENT = """\
id: robin
name: Robin
vendor: Acme
kind: agent
references: []
signatures:
  - id: address
"""
EXAMPLES = "    examples: [{}]\n    counter_examples: [{}]\n"


@pytest.mark.parametrize(
    ("rule", "complaint"),
    [
        ("fields: [author-email]\n    values: []", "must not be empty"),
        ("fields: [author-email]\n    values: [Robin@acme.example]", "in lower case"),
        ("fields: [author-email]\n    values: [acme.example]", "not an e-mail address"),
        (
            "fields: [author-email]\n    values: ['12+robin[bot]@users.noreply.github.com']",
            "leave the account id out",
        ),
        (
            "fields: [author-email, co-author]\n    values: [robin@acme.example]\n    role: author",
            "one field",
        ),
        ("fields: [author-email, footer]\n    values: [robin@acme.example]", "cannot share"),
        ("fields: [trailer]\n    values: [x]", "keys"),
        ("fields: [footer]\n    values: [x]\n    keys: [X]", "keys"),
        ("fields: [trailer]\n    keys: [X]\n    values: ['(']", "not a regular expression"),
        ("fields: [footer]\n    values: [x]\n    name: x", "e-mail fields"),
        ("fields: [branch]\n    values: [robin-]", "ends with a slash"),
        ("fields: [branch]\n    values: [robin/]\n    colour: red", "colour"),
        ("fields: [prose]\n    values: [robin]", "prose"),
        (f"fields: [branch]\n    values: [r/]\n{EXAMPLES}  - id: address\n    fields: [branch]\n"
         f"    values: [s/]\n{EXAMPLES}", "used twice"),
        ("fields: [branch]\n    values: [r/]", "needs an example and a counter-example"),
        ("fields: [branch-name]\n    values: ['robin-.*']", "ask for a number"),
        ("fields: [line, footer]\n    values: ['Made by Robin']", "cannot share"),
        ("fields: [line]\n    values: ['Robin .*']", "7 plain characters"),
        ("fields: [line]\n    values: ['Made by Robin|Robin']", "no |"),
        ("fields: [footer]\n    values: ['→ Robin']", "begins with a letter"),
        ("fields: [notes-ref]\n    values: [notes/robin]", "begins with refs/"),
    ],
)  # fmt: skip
def test_a_mistaken_rule_is_refused(tmp_path: Path, rule: str, complaint: str) -> None:
    directory = tmp_path / "agents"
    directory.mkdir()
    (directory / "robin.yaml").write_text(f"{AGENT}    {rule}\n")
    for _ in range(2):  # what is kept has passed the check, so this was not kept
        with pytest.raises(RuleError, match=re.escape(complaint)) as caught:
            load_agents(tmp_path, cached_in=tmp_path / "cache")
        assert "robin.yaml" in caught.value.message


def test_the_documented_example_works(tmp_path: Path) -> None:
    text = Path(__file__).parent.parent.joinpath("docs", "attribution.md").read_text("utf-8")
    block = text.split("```yaml\n", 1)[1].split("```", 1)[0]
    directory = tmp_path / "agents"
    directory.mkdir()
    (directory / "robin.yaml").write_text(block)
    agents = load_agents(tmp_path)
    (rule,) = agents[0].signatures
    robin = Attributor(agents)
    assert [only(robin.attribute(as_change(example))).role for example in rule.examples] == [
        Role.AUTHOR,
        Role.CO_AUTHOR,
    ]
    for example in rule.counter_examples:
        assert robin.attribute(as_change(example)) == Attribution()


def test_a_file_named_unlike_its_agent_is_refused(tmp_path: Path) -> None:
    directory = tmp_path / "agents"
    directory.mkdir()
    rule = f"    fields: [branch]\n    values: [robin/]\n{EXAMPLES}"
    (directory / "batman.yaml").write_text(AGENT + rule)
    with pytest.raises(RuleError, match="id is 'robin', not 'batman'"):
        load_agents(tmp_path)
    (directory / "batman.yaml").rename(directory / "robin.yaml")
    assert [agent.id for agent in load_agents(tmp_path)] == ["robin"]


def test_a_screen_finds_every_message_that_speaks_with_either_engine() -> None:
    examples = [
        example.message
        for agent in AGENTS
        for rule in agent.signatures
        for example in (*rule.examples, *rule.counter_examples)
        if example.message
    ]
    table = Table(AGENTS)
    messages = [example.encode() for example in examples]
    found = Screen(table.words).telling(messages)
    plain = screen._with_re(screen._expressions(table.words, ()))
    assert found >= {index for index, one in enumerate(examples) if table.speaks(one)}
    assert found == {index for index, one in enumerate(messages) if list(plain(one))}
    assert 0 < len(found) < len(messages)
    assert Screen(["fees"], expressions=[r"\(#[0-9]{1,9}\)"]).telling(
        [b"", b"FEES", b"(#12)", b"fee", b"s (#)", b"x fees"]
    ) == {1, 2, 5}
