"""Every known way in which a commit looks like an agent's and is not, or the other way round."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from scanner.attribution import Attributor
from scanner.gitio.log import LOG_OPTIONS, LogParser
from scanner.model import Attribution, Change, Identity, Mark, Role, Tier, Where
from scanner.rules.agents import load_agents
from tests.repo import Repo
from tests.sample_change import ADA, CLAUDE, CLAUDE_KEY, CLAUDE_TRAILER, MARCH, change

ATTRIBUTOR = Attributor(load_agents())


def marks(*arguments: object, **more: object) -> list[tuple[str, Role, Tier]]:
    one = change(*arguments, **more)  # type: ignore[arg-type]
    return [(mark.agent, mark.role, mark.tier) for mark in ATTRIBUTOR.attribute(one).marks]


def only(one: Change) -> Mark:
    (mark,) = ATTRIBUTOR.attribute(one).marks
    return mark


def evidence(mark: Mark) -> str:
    return " | ".join(piece.text for piece in mark.evidence)


def day(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


# ------------------------------------------------------------------ people and their addresses

PEOPLE = [
    ("Claude", "claude@example.org"),
    ("Claude Debussy", "debussy@example.org"),
    ("Devin", "devin@example.org"),
    ("Cody", "cody@example.org"),
    ("Jules", "jules@example.org"),
    ("Travis Cline", "cline@example.org"),
    ("Trae Young", "trae@example.org"),
    ("Ona", "ona@example.org"),
    ("Goose", "goose@example.org"),
    ("Manus", "manus@example.org"),
    ("Bolt", "usain@example.org"),
    ("Junie", "junie@example.org"),
    ("Oz", "oz@example.org"),
]
EMPLOYEES = [
    "@anthropic.com",
    "@openai.com",
    "@cursor.com",
    "@cline.bot",
    "@roocode.com",
    "@kilocode.ai",
    "@all-hands.dev",
    "@ampcode.com",
    "@continue.dev",
    "@warp.dev",
    "@block.xyz",
    "@x.ai",
    "@kimi.com",
    "@lovable.dev",
    "@manus.im",
    "@ona.com",
    "@paperclip.ing",
    "@charm.land",
]


@pytest.mark.parametrize("key", ["Co-authored-by", "Assisted-by", "Generated-by", "Signed-off-by"])
@pytest.mark.parametrize(("name", "email"), PEOPLE)
def test_people_named_like_tools(name: str, email: str, key: str) -> None:
    person = Identity(name, email)
    assert marks("Fix", person) == []
    assert marks("Fix", ADA, person) == []
    assert marks(f"Fix\n\n{key}: {name} <{email}>") == []


@pytest.mark.parametrize("domain", EMPLOYEES)
def test_domains_where_people_work(domain: str) -> None:
    person = Identity("Grace Hopper", f"grace{domain}")
    assert marks("Fix", person) == marks("Fix", ADA, person) == []
    assert marks(f"Fix\n\nCo-authored-by: {person.name} <{person.email}>") == []


@pytest.mark.parametrize(
    "value",
    [
        "Daniel Stenberg",
        "Viktor Szakats <viktor@example.org>",
        "Claude Monet",
        "Claude",
        "Devin Jones",
        "Cody Opus <opus@example.org>",
        "Gemini Ganesan",
        "Kimi Räikkönen",
        "Amp Volt",
        "Goose <goose@example.org>",
        "the whole team, with love:claude",
        "https://example.org/claude-opus-4-6",
    ],
)
@pytest.mark.parametrize("key", ["Assisted-by", "Generated-by", "Co-authored-by-AI"])
def test_assisted_by_a_person(key: str, value: str) -> None:
    assert marks(f"Fix\n\n{key}: {value}") == []


MODEL = "Assisted-by: Claude Opus 4.6"
SESSION = "Entire-Checkpoint: 0a1b2c3d4e5f"
MODEL_TRAILER = "Co-authored-by: Claude Opus 4.6 (1M context) <noreply@anthropic.com>"
REVIEWER = "gemini-code-assist[bot]"
SUGGESTED = f"Co-authored-by: {REVIEWER} <{REVIEWER}@users.noreply.github.com>"


@pytest.mark.parametrize(
    ("lines", "agents"),
    [
        ([MODEL, CLAUDE_TRAILER], ["claude-code"]),
        ([MODEL, MODEL_TRAILER], ["claude-code"]),
        (["Assisted-by: Opus 4.6", MODEL_TRAILER], ["claude-code"]),
        ([SESSION, CLAUDE_TRAILER], ["claude-code"]),
        (["Assisted-by: GPT-5.6 Sol", CLAUDE_TRAILER], ["claude-code"]),
        # Another model than the named agent's, a disclosure that is neither, nobody who wrote.
        (["Assisted-by: GPT-5.6 Sol", MODEL_TRAILER], ["claude-code", "unnamed-agent"]),
        (
            ["Assisted-by: GPT-5.6 Sol", MODEL_TRAILER, CLAUDE_TRAILER],
            ["claude-code", "unnamed-agent"],
        ),
        (["AI-assisted: true", CLAUDE_TRAILER], ["claude-code", "unnamed-agent"]),
        ([MODEL, SUGGESTED], ["gemini-cli", "unnamed-agent"]),
        ([MODEL, SESSION], ["unnamed-agent"]),
    ],
)
def test_an_unnamed_agent_beside_a_named_one(lines: list[str], agents: list[str]) -> None:
    found = marks("\n".join(["Round fees", "", *lines]))
    assert sorted(agent for agent, _, _ in found) == agents


@pytest.mark.parametrize(
    ("value", "agent", "model"),
    [
        ("Claude:claude-3-opus coccinelle sparse", "claude-code", "claude-3-opus"),
        ("Claude Code:claude-opus-4-6", "claude-code", "claude-opus-4-6"),
        ("Codex:gpt-5.4", "codex", "gpt-5.4"),
        ("Copilot:gpt-5.2 smatch", "github-copilot", "gpt-5.2"),
        ("Gemini CLI:gemini-3-pro", "gemini-cli", "gemini-3-pro"),
        ("OpenCode:glm-5.1", "opencode", "glm-5.1"),
        ("Amp Code:claude-opus-4-6", "amp", "claude-opus-4-6"),
        ("Cline:claude-sonnet-5", "cline", "claude-sonnet-5"),
        ("Goose:gpt-5.4", "goose", "gpt-5.4"),
        ("LLM sparse", "unnamed-agent", None),
        ("Claude Opus 4.6", "unnamed-agent", "Claude Opus 4.6"),
    ],
)
def test_the_kernels_form_names_agent_and_model(value: str, agent: str, model: str | None) -> None:
    mark = only(change(f"Fix\n\nAssisted-by: {value}"))
    assert (mark.agent, mark.role, mark.tier) == (agent, Role.CO_AUTHOR, Tier.TRAILER)
    assert mark.model == model


# ------------------------------------------------------------------ accounts


def test_an_account_id_is_never_enough() -> None:
    shared = Identity("claude[bot]", "41898282+claude[bot]@users.noreply.github.com")
    actions = Identity("claude[bot]", "41898282+github-actions[bot]@users.noreply.github.com")
    assert marks("Fix", shared) == [("claude-code", Role.AUTHOR, Tier.IDENTITY)]
    assert marks("Fix", actions) == [("github-actions", Role.AUTHOR, Tier.IDENTITY)]
    assert marks("Fix", Identity("Ada", "41898282+ada@users.noreply.github.com")) == []
    assert marks("Fix", Identity("Ada", "198982749+ada@users.noreply.github.com")) == []


def test_devins_name_holds_whatever_the_account_id() -> None:
    for number in (158243242, 148525504, 98890687):
        email = f"{number}+devin-ai-integration[bot]@users.noreply.github.com"
        assert marks("Fix", Identity("Devin AI", email))[0][0] == "devin"


@pytest.mark.parametrize(
    ("name", "email"),
    [
        ("gemini-cli-robot", "gemini-cli-robot@google.com"),
        ("dependabot[bot]", "49699333+dependabot[bot]@users.noreply.github.com"),
        ("renovate[bot]", "29139614+renovate[bot]@users.noreply.github.com"),
        ("pre-commit-ci[bot]", "66853113+pre-commit-ci[bot]@users.noreply.github.com"),
        ("release-please[bot]", "55107282+release-please[bot]@users.noreply.github.com"),
        ("semantic-release-bot", "semantic-release-bot@martynus.net"),
        ("Jenkins Release Bot", "66998184+jenkins-release-bot@users.noreply.github.com"),
        ("snyk-bot", "snyk-bot@snyk.io"),
        ("aikido-autofix[bot]", "119856028+aikido-autofix[bot]@users.noreply.github.com"),
    ],
)
def test_robots_that_are_no_ai(name: str, email: str) -> None:
    attribution = ATTRIBUTOR.attribute(change("Release 1.2", Identity(name, email)))
    (mark,) = attribution.marks
    assert mark.bot
    assert attribution.agent is None


@pytest.mark.parametrize(
    "account",
    [
        "ellipsis-dev[bot]",
        "coderabbitai[bot]",
        "greptile-apps[bot]",
        "cubic-dev-ai[bot]",
        "sourcery-ai[bot]",
        "qodo-merge-pro[bot]",
        "gemini-code-assist[bot]",
    ],
)
def test_a_review_bot_as_co_author_suggested(account: str) -> None:
    trailer = f"Co-authored-by: {account} <1+{account}@users.noreply.github.com>"
    attribution = ATTRIBUTOR.attribute(change(f"Fees (#7)\n\n{trailer}"))
    (mark,) = attribution.marks
    assert mark.role is Role.SUGGESTION
    assert attribution.agent is None


GITHUB = Identity("GitHub", "noreply@github.com")
APP_TRAILER = "Co-authored-by: claude[bot] <209825114+claude[bot]@users.noreply.github.com>"


@pytest.mark.parametrize(
    ("subject", "committer", "role"),
    [
        ("Update src/fees.py", GITHUB, Role.SUGGESTION),
        ("Apply suggestion from @claude[bot]", GITHUB, Role.SUGGESTION),
        ("Apply suggestions from code review", GITHUB, Role.SUGGESTION),
        ("Update src/fees.py", ADA, Role.CO_AUTHOR),
        ("Update src/fees.py (#12)", GITHUB, Role.CO_AUTHOR),
        ("Update the fees", GITHUB, Role.CO_AUTHOR),
        ("Update src/fees.py\n\nRound half to even", GITHUB, Role.CO_AUTHOR),
    ],
)
def test_an_apps_suggestion_by_githubs_button(
    subject: str, committer: Identity, role: Role
) -> None:
    found = marks(f"{subject}\n\n{APP_TRAILER}", ADA, committer)
    assert found == [("claude-code", role, Tier.TRAILER)]


@pytest.mark.parametrize(
    ("accepted", "role"),
    [
        (["Update src/fees.py", "Apply suggestions from code review"], Role.SUGGESTION),
        (["Update src/fees.py", "Round half to even"], Role.CO_AUTHOR),
        (["Round half to even"], Role.CO_AUTHOR),
        ([], Role.CO_AUTHOR),
    ],
)
def test_a_squash_of_accepted_suggestions(accepted: list[str], role: Role) -> None:
    commits = ["* Read the table", *(f"* {subject}\n\n{APP_TRAILER}" for subject in accepted)]
    message = "\n\n".join(["Fees (#7)", *commits, "* Fix a test", f"{'-' * 9}\n\n{APP_TRAILER}"])
    assert marks(message, ADA, GITHUB) == [("claude-code", role, Tier.TRAILER)]


def test_only_an_app_suggests_by_githubs_button() -> None:
    message = f"Update src/fees.py\n\n{CLAUDE_TRAILER}"
    assert marks(message, ADA, GITHUB) == [("claude-code", Role.CO_AUTHOR, Tier.TRAILER)]
    app = Identity("claude[bot]", "209825114+claude[bot]@users.noreply.github.com")
    message = f"Update src/fees.py\n\n{APP_TRAILER}"
    assert marks(message, app, GITHUB) == [("claude-code", Role.AUTHOR, Tier.IDENTITY)]


def test_a_suggestion_does_not_hide_who_wrote_the_squash() -> None:
    account = "coderabbitai[bot] <136622811+coderabbitai[bot]@users.noreply.github.com>"
    found = marks(f"Fees (#7)\n\n{CLAUDE_TRAILER}\nCo-authored-by: {account}")
    assert found == [
        ("claude-code", Role.CO_AUTHOR, Tier.TRAILER),
        ("coderabbit", Role.SUGGESTION, Tier.TRAILER),
    ]


# ------------------------------------------------------------------ committers


def test_aider_as_committer_only() -> None:
    aider = Identity("Ada Lovelace (aider)", "ada@example.org")
    attribution = ATTRIBUTOR.attribute(change("Fix", ADA, aider))
    assert [mark.role for mark in attribution.marks] == [Role.COMMITTER]
    assert attribution.agent is None
    assert "pending edits" in evidence(attribution.marks[0])


def test_what_an_agent_rebased_is_not_its_work() -> None:
    late = change("Fix", ADA, CLAUDE, time=MARCH, written=MARCH - 601)
    attribution = ATTRIBUTOR.attribute(late)
    (mark,) = attribution.marks
    assert (mark.role, mark.tier) == (Role.REBASED, Tier.IDENTITY)
    assert attribution.agent is None
    assert "written more than ten minutes before" in evidence(mark)
    fresh = change("Fix", ADA, CLAUDE, time=MARCH, written=MARCH - 600)
    assert only(fresh).role is Role.COMMITTER


def test_a_vendors_key_on_a_rebased_commit() -> None:
    mark = only(change("Fix", key=CLAUDE_KEY, written=MARCH - 86_400))
    assert mark.role is Role.REBASED
    own = only(change("Fix", CLAUDE, key=CLAUDE_KEY, written=MARCH - 86_400))
    assert own.role is Role.AUTHOR
    with_trailer = only(change(f"Fix\n\n{CLAUDE_TRAILER}", key=CLAUDE_KEY, written=0))
    assert with_trailer.role is Role.CO_AUTHOR


def test_rebased_marks_come_after_those_that_wrote() -> None:
    cursor = Identity("Cursor Agent", "cursoragent@cursor.com")
    found = marks("Fix\n\nAssisted-by: Codex:gpt-5.4", ADA, cursor, written=0)
    assert [agent for agent, *_ in found] == ["codex", "cursor"]
    assert found[1][1] is Role.REBASED


# ------------------------------------------------------------------ quotations and copies


@pytest.mark.parametrize(
    "text",
    [
        f"> {CLAUDE_TRAILER}",
        f">> {CLAUDE_TRAILER}",
        f"```\n{CLAUDE_TRAILER}\n```",
        f"````text\n```\n{CLAUDE_TRAILER}\n```\n````",
        f"~~~\n{CLAUDE_TRAILER}\n~~~",
        "```\n🤖 Generated with [Claude Code](https://claude.com/claude-code)\n```",
        "> 🤖 Generated with [Claude Code](https://claude.com/claude-code)",
        "```\nhttps://chatgpt.com/codex/tasks/task_e_694400e34efc8325807c70c531c15e20\n```",
        f"The hook refuses `{CLAUDE_TRAILER}`",
        "See https://chatgpt.com/codex/tasks/task_e_694400e34efc8325807c70c531c15e20",
    ],
)
def test_quoted_and_fenced_text(text: str) -> None:
    assert marks(f"Refuse trailers\n\n{text}\n\nSigned-off-by: Ada <ada@example.org>") == []


def test_a_mark_behind_a_closed_fence_counts() -> None:
    message = f"Fees\n\n```\nx\n```\n\n{CLAUDE_TRAILER}"
    assert marks(message) == [("claude-code", Role.CO_AUTHOR, Tier.TRAILER)]


def test_a_revert_is_marked_only_by_its_own_trailer() -> None:
    reverted = 'Revert "Fees"\n\nThis reverts commit 0123456, which said:\n\n> Fees\n>\n'
    assert marks(f"{reverted}> {CLAUDE_TRAILER}") == []
    merge = 'Revert "Merge pull request #7 from acme/codex/fix"'
    assert marks(merge, parents=2) == []
    assert marks(f"{reverted}\n{CLAUDE_TRAILER}")[0][0] == "claude-code"


def test_a_cherry_pick_keeps_the_marks_of_what_was_picked() -> None:
    message = f"Fees\n\n{CLAUDE_TRAILER}\n(cherry picked from commit {'a' * 40})"
    picked = change(message, CLAUDE, Identity("Bob", "bob@example.org"), written=0)
    assert only(picked).role is Role.AUTHOR


# ------------------------------------------------------------------ times


@pytest.mark.parametrize("time", [0, -1, day("1970-01-02"), day("2100-01-01"), 2**70, -(2**70)])
def test_impossible_dates_lose_no_mark(time: int) -> None:
    assert only(change(f"Fees\n\n{CLAUDE_TRAILER}", time=time)).agent == "claude-code"
    assert only(change("Fees", CLAUDE, time=time)).role is Role.AUTHOR


def test_a_mark_older_than_itself_is_doubted_and_says_so() -> None:
    message = "Fees\n\nMade-with: Cursor"
    now, before = only(change(message)), only(change(message, time=0))
    assert (now.tier, before.tier) == (Tier.TRAILER, Tier.FOOTER)
    assert "date is wrong or the mark was copied" in evidence(before)
    assert "date is wrong" not in evidence(now)


def test_the_vs_code_window() -> None:
    message = "Fees\n\nCo-authored-by: Copilot <copilot@github.com>"
    before = only(change(message, time=day("2026-04-21T23:59:59")))
    inside = only(change(message, time=day("2026-04-22")))
    assert (before.role, before.tier) == (Role.CO_AUTHOR, Tier.TRAILER)
    assert (inside.role, inside.tier) == (Role.SUGGESTION, Tier.FOOTER)


# ------------------------------------------------------------------ hints


@pytest.mark.parametrize(
    "one",
    [
        change("Fees", Identity("Cascade", "cascade@windsurf.ai")),
        change("Fees\n\nCo-authored-by: Goose <goose@block.xyz>"),
        change("aider: Round fees", time=day("2024-03-01")),
        change("Fees\n\nAgent-Conversation: https://example.org/c/1"),
        change("Fees", Identity("cline[bot]", "205137888+cline[bot]@users.noreply.github.com")),
    ],
    ids=lambda one: one.message.splitlines()[-1],
)
def test_a_hint_is_no_mark(one: Change) -> None:
    assert ATTRIBUTOR.attribute(one) == Attribution()
    (hint,) = ATTRIBUTOR.hints(one)
    assert hint.tier is Tier.HINT


def test_a_hint_beside_a_mark_is_evidence_and_nothing_more() -> None:
    aider = Identity("Ada Lovelace (aider)", "ada@example.org")
    one = change("aider: Round fees", ADA, aider, time=day("2024-03-01"))
    mark = only(one)
    assert (mark.role, mark.tier) == (Role.COMMITTER, Tier.TRAILER)
    assert len(mark.evidence) == 2
    assert ATTRIBUTOR.hints(one) == ()


def test_a_note_tells_that_a_recorder_ran() -> None:
    one = change("Fees")
    assert ATTRIBUTOR.attribute(one, notes=["refs/notes/ai"]) == Attribution()
    (hint,) = ATTRIBUTOR.hints(one, notes=["refs/notes/ai", "refs/notes/commits"])
    assert "refs/notes/ai" in evidence(hint)


# ------------------------------------------------------------------ branches


def test_a_branch_that_alone_reaches_a_commit() -> None:
    one = change("Fees")
    for ref in ("refs/heads/codex/fees", "refs/remotes/origin/codex/fees"):
        (mark,) = ATTRIBUTOR.attribute(one, branches=[ref]).marks
        assert (mark.agent, mark.tier, mark.role) == ("codex", Tier.BRANCH, Role.CO_AUTHOR)
    # Claude and Copilot commit under their own names: on their branches too, others are people's.
    for ref in ("refs/heads/claude/fees", "refs/heads/copilot/fees"):
        assert ATTRIBUTOR.attribute(one, branches=[ref]) == Attribution()
    for ref in ("refs/heads/codex-fees", "refs/tags/codex/fees", "refs/heads/main", "codex/fees"):
        assert ATTRIBUTOR.attribute(one, branches=[ref]) == Attribution()


def test_branch_marks_name_the_refs_of_agents() -> None:
    found = ATTRIBUTOR.branch_marks(
        [
            "refs/heads/main",
            "refs/heads/cursor-scroll",
            "refs/heads/claude/fees",
            "refs/heads/codex/fees",
            "refs/remotes/origin/codex/round",
            "refs/heads/sweep/fees",
        ]
    )
    assert {ref: [mark.agent for mark in marks] for ref, marks in found.items()} == {
        "refs/heads/codex/fees": ["codex"],
        "refs/remotes/origin/codex/round": ["codex"],
    }


@pytest.mark.parametrize(
    "subject",
    [
        "Merge pull request #7 from acme/codex/fees",
        "Merge branch 'codex/fees' into 'main'",
        "Merged in codex/fees (pull request #7)",
        "Merge pull request #7 in PAY/fees from codex/fees to main",
        "Merge pull request 'Round fees' (#7) from codex/fees into main",
        "Merge pull request 'Round fees' (#7) from acme:codex/fees into main",
    ],
)
def test_the_merge_subjects_of_the_code_hosts(subject: str) -> None:
    assert marks(subject, parents=2) == [("codex", Role.CO_AUTHOR, Tier.BRANCH)]
    assert marks(subject) == []


# ------------------------------------------------------------------ what git itself can hold


def raw_commit(repo: Repo, person: bytes, when: bytes, message: bytes) -> None:
    """A commit as no `git commit` of today would write it, put on the branch's tip."""
    tree = repo.git("write-tree").strip().encode()
    body = b"tree %s\nauthor %s %s\ncommitter %s %s\n\n%s" % (
        *(tree, person, when, person, when),
        message,
    )
    repo.git("update-ref", "HEAD", repo.object("commit", body))


def parsed(repo: Repo, output: Path) -> list[Change]:
    output.write_bytes(repo.git_bytes("log", *LOG_OPTIONS, "--all"))
    parser = LogParser(lambda commit, parents, ref: Where.COMMIT, frozenset())
    with output.open("rb") as stream:
        return list(parser.parse(stream))


@pytest.mark.parametrize("when", [b"0 +0000", b"4102444800 +0000", b"99999999999999999 +0000"])
def test_names_in_no_known_encoding_and_odd_dates(repo: Repo, tmp_path: Path, when: bytes) -> None:
    trailer = CLAUDE_TRAILER.encode()
    message = b"R\xfcnde Geb\xfchren\n\nReviewed-by: J\xf6rg\n" + trailer
    raw_commit(repo, b"J\xf6rg \xff\xfe <j\xf6rg@example.org>", when, message)
    (one,) = parsed(repo, tmp_path / "log")
    mark = only(one)
    assert (mark.agent, mark.tier, mark.role) == ("claude-code", Tier.TRAILER, Role.CO_AUTHOR)


def test_a_name_in_no_known_encoding_is_no_agent(repo: Repo, tmp_path: Path) -> None:
    raw_commit(repo, b"Clau\xffde <noreply@anthropic.com>", b"1772323200 +0000", b"Fees")
    (one,) = parsed(repo, tmp_path / "log")
    assert ATTRIBUTOR.attribute(one) == Attribution()
