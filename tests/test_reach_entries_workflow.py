"""Workflows that run an agent: what enters the job, and who can start it."""

import textwrap
from pathlib import Path

import pytest

from scanner.model import Concern, ConcernKind
from scanner.reach.entries import Carrier, EntryKind, Process, workflow_concerns
from scanner.reach.entries.agent_steps import actions_of, agent_steps
from scanner.reach.entries.expression import Can, Event, can_be_true
from scanner.reach.entries.sheet_yaml import read
from scanner.reach.tree import Tree
from tests.test_reach import Folder
from tests.test_reach_entries import AGENTS, Project

PATH = ".github/workflows/agent.yml"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def concerns(project: Project) -> tuple[Concern, ...]:
    return workflow_concerns(Tree(Folder(project.root)), AGENTS)


def steps(text: str) -> list[str]:
    job = read(f"steps:\n{textwrap.indent(textwrap.dedent(text), '  ')}")
    return [step.agent for step in agent_steps(job, actions_of(AGENTS))]


# ------------------------------------------------------------------ which steps run an agent


@pytest.mark.parametrize(
    ("run", "agent"),
    [
        ("claude -p 'fix it'", "claude-code"),
        ("npx -y @anthropic-ai/claude-code --print 'fix'", "claude-code"),
        ("cd app && FOO=1 claude --dangerously-skip-permissions", "claude-code"),
        ("git diff | claude -p review", "claude-code"),
        ("out=$(claude -p review)", "claude-code"),
        ("codex exec --full-auto 'fix'", "codex"),
        ("codex --model x exec 'fix'", "codex"),
        ("gemini --yolo -p 'fix'", "gemini-cli"),
        ("opencode run 'fix'", "opencode"),
        ("cursor-agent \\\n  --print 'fix'", "cursor"),
        ("timeout 600 aider --yes-always --message fix", "aider"),
        ("goose run -t fix", "goose"),
        ("amp -x fix", "amp"),
        ("qwen -y -p fix", "qwen-code"),
        ("crush run fix", "crush"),
        ("droid exec fix", "droid"),
        ("copilot -p fix --allow-all-tools", "github-copilot"),
        ("auggie --print fix", "augment"),
        ("python -m openhands.resolver.resolve_issue", "openhands"),
    ],
)
def test_commands(run: str, agent: str) -> None:
    body = textwrap.indent(run, "    ")
    job = read(f"steps:\n- run: |\n{body}\n")
    assert [step.agent for step in agent_steps(job, {})] == [agent]
    assert agent in {known.id for known in AGENTS}


@pytest.mark.parametrize(
    "run",
    [
        "npm install -g @anthropic-ai/claude-code",
        "claude --version",
        "claude mcp list",
        "echo claude -p",
        "cat docs/gemini -p",
        "codex --version",
        "pip install aider-chat",
        "docker run -p 80:80 goose",
        "./scripts/claude.sh -p",
        "agent -p 8080 --force",
        "# claude -p fix",
    ],
)
def test_other_commands_run_no_agent(run: str) -> None:
    assert agent_steps(read(f"steps:\n- run: |\n    {run}\n"), {}) == ()


def test_actions() -> None:
    assert steps("- uses: anthropics/claude-code-action@v1\n- uses: openai/codex-action@0f\n") == [
        "claude-code",
        "codex",
    ]
    assert steps("- uses: actions/checkout@v4\n- uses: ./.github/actions/claude\n") == []


# ------------------------------------------------------------------ what enters the job

WORKFLOW = """\
name: agent
on: [push]
env:
  TOP: top-value
jobs:
  other:
    runs-on: x
    env: {ELSEWHERE: value}
    steps:
      - run: make
  fix:
    runs-on: x
    env:
      FROM_SECRET: ${{ secrets.DEPLOY_KEY }}
      FALLBACK: ${{ secrets.DEPLOY_KEY || 'fallback-value' }}
    steps:
      - uses: actions/checkout@v4
        with:
          fetch-depth: 0
      - env: {ONLY_HERE: value}
        run: |
          make
          echo "LATER=$ONLY_HERE" >> "$GITHUB_ENV"
      - uses: anthropics/claude-code-action@v1
        env:
          STEP: step-value
        with:
          anthropic_api_key: ${{ secrets.ANTHROPIC_API_KEY }}
          prompt: fix it
      - env: {AFTER: value}
        run: make
"""


def test_a_jobs_environment(project: Project) -> None:
    project.write(PATH, WORKFLOW)
    found = {entry.name: entry for entry in project.read().entries}
    assert {name: entry.kind for name, entry in found.items()} == {
        "TOP": EntryKind.LITERAL,
        "FROM_SECRET": EntryKind.REFERENCE,
        "FALLBACK": EntryKind.DEFAULT_LITERAL,
        "fetch-depth": EntryKind.FORWARDED,
        "GITHUB_TOKEN": EntryKind.FORWARDED,
        "LATER": EntryKind.REFERENCE,
        "STEP": EntryKind.LITERAL,
        "anthropic_api_key": EntryKind.REFERENCE,
    }
    assert found["FROM_SECRET"].reference == "secrets.DEPLOY_KEY"
    assert found["FROM_SECRET"].agents == ("claude-code",)
    assert Process.WORKFLOW_JOB in found["TOP"].processes
    assert found["LATER"].line == 23
    assert found["fetch-depth"].carrier is Carrier.WORKFLOW_CHECKOUT


def test_a_job_without_an_agent_is_not_about_agents(project: Project) -> None:
    project.write(PATH, "on: push\nenv: {A: b}\njobs:\n  x:\n    steps:\n      - run: make\n")
    assert project.read().entries == ()


def test_credentials_are_not_kept_when_told_so(project: Project) -> None:
    project.write(PATH, WORKFLOW.replace("fetch-depth: 0", "persist-credentials: false"))
    assert "GITHUB_TOKEN" not in project.kinds()


def test_copilots_setup_steps(project: Project) -> None:
    project.write(
        ".github/workflows/copilot-setup-steps.yml",
        "on: workflow_dispatch\njobs:\n  copilot-setup-steps:\n    steps:\n"
        "      - env: {A: value}\n        run: echo B=value >> $GITHUB_ENV\n",
    )
    assert project.one("A").processes == (Process.WORKFLOW_JOB,)
    assert Process.AGENT_SHELL in project.one("B").processes


# ------------------------------------------------------------------ can a stranger start it

OPENED = Event("issues", "opened")
COMMENT = Event("issue_comment", "created")
REQUEST = Event("pull_request_target", "opened")


@pytest.mark.parametrize(
    ("condition", "event", "answer"),
    [
        ("", OPENED, Can.YES),
        ("contains(github.event.comment.body, '@claude')", COMMENT, Can.YES),
        ("!contains(github.event.issue.labels.*.name, 'wip')", OPENED, Can.YES),
        ("github.repository == 'a/b'", OPENED, Can.YES),
        ("github.actor != 'dependabot[bot]'", OPENED, Can.YES),
        ("github.event.sender.type != 'Bot'", OPENED, Can.YES),
        ("github.event.issue.pull_request", COMMENT, Can.YES),
        ("!github.event.issue.pull_request", COMMENT, Can.YES),
        ("${{ always() && github.event_name == 'issues' }}", OPENED, Can.YES),
        ("github.event_name == 'push'", OPENED, Can.NO),
        ("github.event.comment.author_association == 'OWNER'", COMMENT, Can.NO),
        (
            "github.event_name != 'issue_comment' ||"
            " github.event.comment.author_association == 'MEMBER'",
            OPENED,
            Can.YES,
        ),
        (
            "github.event_name != 'issue_comment' ||"
            " github.event.comment.author_association == 'MEMBER'",
            COMMENT,
            Can.NO,
        ),
        ("github.event.comment.author_association != 'NONE'", COMMENT, Can.NO),
        ("github.actor == 'ada'", OPENED, Can.NO),
        ("contains(fromJSON('[\"ada\"]'), github.actor)", OPENED, Can.NO),
        ("github.event.pull_request.user.login == github.repository_owner", REQUEST, Can.UNKNOWN),
        ("github.event.pull_request.head.repo.full_name == github.repository", REQUEST, Can.NO),
        ("!github.event.pull_request.head.repo.fork", REQUEST, Can.NO),
        ("github.event.label.name == 'go'", OPENED, Can.UNKNOWN),
        ("contains(github.event.issue.labels.*.name, 'go')", OPENED, Can.NO),
        ("needs.check.outputs.allowed == 'true'", OPENED, Can.UNKNOWN),
        ("vars.ENABLED", OPENED, Can.UNKNOWN),
        ("github.event['issue'].title == 'x'", OPENED, Can.YES),
        ("a ~ b", OPENED, Can.UNKNOWN),
        ("(" * 500, OPENED, Can.UNKNOWN),
        ("github.event_name == 'issues' &&", OPENED, Can.UNKNOWN),
    ],
)
def test_conditions(condition: str, event: Event, answer: Can) -> None:
    assert can_be_true(condition, event) is answer


OPEN = """\
on:
  issues: {types: [opened]}
permissions: {contents: write}
jobs:
  triage:
    runs-on: x
    steps:
      - uses: actions/checkout@v4
      - env:
          TITLE: ${{ github.event.issue.title }}
          DEPLOY: ${{ secrets.DEPLOY_KEY }}
        run: claude -p "sort $TITLE"
"""


def test_a_job_that_anybody_can_start(project: Project) -> None:
    (concern,) = concerns(project.write(PATH, OPEN))
    assert (concern.agent, concern.kind) == ("claude-code", ConcernKind.APPROVAL_BYPASS)
    assert (concern.path, concern.line, concern.subject) == (PATH, 9, "job triage")
    assert concern.words == (
        "anybody can start the job triage (issues), whose text (github.event.issue.title) reaches"
        " claude-code while it holds secrets.DEPLOY_KEY and a token that may write contents, with"
        " nobody asked"
    )
    assert "author_association" in concern.instead


CHANGES = {
    "only with rights": ("types: [opened]", "types: [labeled]"),
    "no event of strangers": ("issues: {types: [opened]}", "push: {}"),
    "a guard on the job": ("runs-on: x", "if: github.actor == 'ada'\n    runs-on: x"),
    "a guard on the step": (
        "- env:",
        "- if: github.event.issue.author_association == 'OWNER'\n        env:",
    ),
    "a protected environment": ("runs-on: x", "environment: agents\n    runs-on: x"),
    "a check before": (
        "- uses: actions/checkout@v4",
        "- uses: actions-cool/check-user-permission@v2\n      - uses: actions/checkout@v4",
    ),
    "no text of strangers": ("${{ github.event.issue.title }}", "fixed"),
    "text of another event": ("github.event.issue.title", "github.event.comment.body"),
    "an action that asks": (
        'run: claude -p "sort $TITLE"',
        "uses: anthropics/claude-code-action@v1",
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_keeps_strangers_out(project: Project, change: tuple[str, str]) -> None:
    assert change[0] in OPEN
    assert concerns(project.write(PATH, OPEN.replace(*change))) == ()


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (("checkout@v4", "checkout@v4\n        with: {ref: '${{ github.head_ref }}'}"), "code"),
        (("sort $TITLE", "review with gh pr diff 7"), "what gh fetches"),
    ],
)
def test_other_text_of_strangers(project: Project, change: tuple[str, str], text: str) -> None:
    changed = OPEN.replace("issues: {types: [opened]}", "pull_request_target:")
    changed = changed.replace("${{ github.event.issue.title }}", "${{ github.event.number }}")
    assert concerns(project.write(PATH, changed)) == ()
    (concern,) = concerns(project.write(PATH, changed.replace(*change)))
    assert text in concern.words


def test_nothing_worth_having_is_no_concern(project: Project) -> None:
    text = OPEN.replace("contents: write", "contents: read")
    text = text.replace("DEPLOY: ${{ secrets.DEPLOY_KEY }}", "OPENAI_API_KEY: ${{ secrets.K }}")
    assert concerns(project.write(PATH, text)) == ()


def test_a_token_that_is_out_of_reach_is_no_concern(project: Project) -> None:
    text = OPEN.replace("          DEPLOY: ${{ secrets.DEPLOY_KEY }}\n", "")
    assert len(concerns(project.write(PATH, text))) == 1
    kept = "checkout@v4\n        with: {persist-credentials: false}"
    assert concerns(project.write(PATH, text.replace("checkout@v4", kept))) == ()


def test_an_action_that_was_opened_to_everybody(project: Project) -> None:
    action = (
        "uses: anthropics/claude-code-action@v1\n        with:\n"
        "          allowed_non_write_users: '*'\n"
        "          github_token: ${{ secrets.GITHUB_TOKEN }}"
    )
    text = OPEN.replace('run: claude -p "sort $TITLE"', action)
    assert len(concerns(project.write(PATH, text))) == 1
    assert concerns(project.write(PATH, text.replace("'*'", "ada"))) == ()


def test_an_action_that_asks_nobody(project: Project) -> None:
    action = "uses: google-github-actions/run-gemini-cli@v0"
    text = OPEN.replace('run: claude -p "sort $TITLE"', action)
    (concern,) = concerns(project.write(PATH, text))
    assert concern.agent == "gemini-cli"


def test_a_needed_job_that_is_kept_from_strangers_keeps_this_one(project: Project) -> None:
    gate = "  gate:\n    if: github.actor == 'ada'\n    steps: [{run: 'true'}]\n"
    text = OPEN.replace("jobs:\n", f"jobs:\n{gate}").replace(
        "  triage:\n", "  triage:\n    needs: gate\n"
    )
    assert concerns(project.write(PATH, text)) == ()


def test_workflows_that_cannot_be_read_have_no_concerns(project: Project) -> None:
    assert concerns(project.write(PATH, "on: [\njobs: }")) == ()
    assert concerns(project.write(PATH, "on: 3\njobs: [1]\n")) == ()
