"""`agentreach reach --fix`: what it proposes, that it works, and that it opens nothing."""

import json
import os
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner.errors import ScannerError
from scanner.model import Channel, Location, Tracking, Verdict, Where
from scanner.model.fixes import FileEdit, Fixes, Patch
from scanner.pipeline.reach_fix import apply_edits
from scanner.pipeline.reach_fix_agent import Chooser
from scanner.pipeline.reach_fix_left import remaining
from scanner.pipeline.reach_fix_patch import unified
from scanner.pipeline.reach_fix_trial import Spot, Trials, narrower, wider
from scanner.reach.fixes import CONTROLS, ELSEWHERE, Denial, Kind, Wishes, kind_of
from scanner.reach.matching.gitignore import parse
from scanner.rules.agents import load_agents
from scanner.sinks._reach_fix import write_diff
from tests.repo import Repo
from tests.scanning import Run, run, token
from tests.test_reach_vectors import CASES, Case

AGENTS = load_agents()
CONTEXTS = {agent.id: agent.context for agent in AGENTS if agent.context is not None}
EVERYTHING = Wishes(source=True, sandbox=True, tools=True, unsure=True)


class Memory:
    """`Files` of texts; what git ignores is named."""

    def __init__(self, texts: Mapping[str, str], ignored: frozenset[str] = frozenset()) -> None:
        self.texts = dict(texts)
        self.ignored = ignored

    def paths(self) -> tuple[str, ...]:
        return tuple(sorted(self.texts))

    def read(self, path: str) -> bytes | None:
        return self.texts[path].encode() if path in self.texts else None

    def tracking(self, path: str) -> Tracking:
        if path in self.ignored:
            return Tracking.IGNORED
        return Tracking.TRACKED if path in self.texts else Tracking.UNKNOWN

    def link(self, path: str) -> str | None:
        return None


def chooser(
    texts: Mapping[str, str],
    *secrets: str,
    wishes: Wishes = Wishes(),  # noqa: B008  it is frozen
    ignored: frozenset[str] = frozenset(),
) -> Chooser:
    """Over files of which some hold a secret."""
    held = {**dict.fromkeys(secrets, "KEY=x\n"), **texts}
    files = Memory(held, ignored)
    spots = [
        Spot(Location(Where.WORKTREE, path, 1, tracking=files.tracking(path)), (row,))
        for row, path in enumerate(secrets, 1)
    ]
    return Chooser(Trials(files, AGENTS, spots), wishes, tuple(CONTEXTS), ())


def fixed(agent: str, texts: Mapping[str, str], *secrets: str, **more: object) -> dict[str, str]:
    """The new texts of what is edited for one agent."""
    made = chooser(texts, *secrets, **more)  # type: ignore[arg-type]
    made.fix([agent])
    return {path: data.decode() for path, data in made.changed.items()}


# ------------------------------------------------------------------ what is proposed


def test_dotenv_files_share_one_pattern_and_others_have_their_path() -> None:
    found = fixed("cursor", {}, ".env", "web/.env", "infra/prod.tfvars")
    assert found == {".cursorignore": ".env\n/infra/prod.tfvars\n"}


def test_a_name_that_other_files_need_is_not_denied_as_a_whole() -> None:
    found = fixed("cursor", {"web/.env": "PUBLIC=1\n"}, "api/.env")
    assert found == {".cursorignore": "/api/.env\n"}
    found = fixed("cursor", {"tool/.env/bin/run": "x"}, ".env")
    assert found == {".cursorignore": "/.env\n"}


def test_a_file_that_git_ignores_does_not_keep_a_name_from_being_denied() -> None:
    texts = {"web/.env": "PUBLIC=1\n"}
    found = fixed("cursor", texts, "api/.env", ignored=frozenset({"web/.env"}))
    assert found == {".cursorignore": ".env\n"}


def test_code_and_examples_are_not_denied_unless_wanted() -> None:
    secrets = ("src/app.py", ".env.example", "README.md", "secrets/load.ts")
    assert fixed("claude-code", {}, *secrets) == {}
    found = fixed("claude-code", {}, "src/app.py", wishes=Wishes(source=True))
    assert json.loads(found[".claude/settings.json"]) == {
        "permissions": {"deny": ["Read(/src/app.py)"]}
    }


def test_claudes_sandbox_is_added_to_where_it_is_on_and_switched_on_where_wanted() -> None:
    on = '{"sandbox": {"enabled": true, "failIfUnavailable": true, "allowUnsandboxedCommands": false}}'  # noqa: E501
    found = fixed("claude-code", {".claude/settings.json": on}, ".env", "web/.env")
    document = json.loads(found[".claude/settings.json"])
    assert document["permissions"]["deny"] == ["Read(.env)"]
    assert document["sandbox"]["filesystem"]["denyRead"] == ["./web/.env"]
    made = chooser({}, "web/.env", wishes=Wishes(sandbox=True))
    made.fix(["claude-code"])
    assert made.now.verdicts("claude-code")[0, Channel.SHELL] is Verdict.BLOCKED
    made = chooser({}, "web/.env")
    made.fix(["claude-code"])
    assert "sandbox" not in made.changed[".claude/settings.json"].decode()
    assert made.now.verdicts("claude-code")[0, Channel.SHELL] is Verdict.NO_PROMPT


def test_a_switch_that_is_off_is_turned() -> None:
    texts = {".claude/settings.json": '{\n  "sandbox": {\n    "enabled": false\n  }\n}\n'}
    found = fixed("claude-code", texts, "a.key", wishes=Wishes(sandbox=True))
    assert '"enabled": true,' in found[".claude/settings.json"]


def test_a_pattern_goes_behind_one_that_takes_files_back_in() -> None:
    texts = {".rooignore": "*.key\n!a.key"}
    assert fixed("roo-code", texts, "a.key") == {".rooignore": "*.key\n!a.key\n/a.key\n"}


def test_opencode_loses_a_tool_only_where_that_is_wanted() -> None:
    texts = {"opencode.json": '{\n  "permission": {\n    "read": "allow"\n  }\n}\n'}
    assert fixed("opencode", texts, "a.key") == {}
    found = fixed("opencode", texts, "a.key", wishes=Wishes(tools=True))
    assert json.loads(found["opencode.json"])["permission"] == {
        "read": {"*": "allow", "a.key": "deny", "*/a.key": "deny"},
        "grep": "deny",
    }


def test_what_only_may_hold_is_written_only_where_that_is_wanted() -> None:
    assert fixed("zed", {}, "prod.tfvars") == {}
    found = fixed("zed", {}, "prod.tfvars", wishes=Wishes(unsure=True))
    listed = json.loads(found[".zed/settings.json"])["private_files"]
    assert listed[-1] == "prod.tfvars"
    assert "**/.env*" in listed  # an older version takes the list for the whole of it


def test_codex_gets_an_entry_only_in_a_profile_that_is_selected() -> None:
    wishes = Wishes(unsure=True)
    assert fixed("codex", {".codex/config.toml": 'model = "x"\n'}, "a.key", wishes=wishes) == {}
    text = (
        'default_permissions = "safe" # ours\n[permissions.safe.filesystem]\n":minimal" = "read"\n'
    )
    found = fixed("codex", {".codex/config.toml": text}, "a.key", wishes=wishes)
    assert found[".codex/config.toml"].startswith(text)
    assert '"a.key" = "deny"' in found[".codex/config.toml"]


def test_a_name_with_special_characters_is_left_alone() -> None:
    made = chooser({}, "a[1].key", "b\n.key", "c*.key", " d.key")
    made.fix(sorted(CONTROLS))
    assert made.changed == {}
    words = [one.words for one in remaining(made, {"cursor": "Cursor"})]
    assert any("characters" in one for one in words)


def test_a_plain_name_is_denied_in_whatever_directory() -> None:
    found = fixed("cursor", {}, "app/[id]/.env", "app/[id]/b.key")
    assert found == {".cursorignore": ".env\n"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", ".claude/settings.json was not edited: line 1"),
        ("[]", "is no object"),
        ('{"permissions": {"deny": "x"}}', "is no list"),
    ],
)
def test_settings_that_cannot_be_edited_are_named(text: str, words: str) -> None:
    made = chooser({".claude/settings.json": text}, ".env")
    made.fix(["claude-code"])
    assert made.changed == {}
    found = remaining(made, {"claude-code": "Claude Code"})
    assert any(words in one.words for one in found)


def test_settings_that_the_agent_rejects_are_not_added_to() -> None:
    text = '{\n  // Claude Code takes no comments\n  "permissions": {"deny": []}\n}\n'
    assert fixed("claude-code", {".claude/settings.json": text}, ".env") == {}


@pytest.mark.parametrize(
    ("path", "tracking", "kind"),
    [
        ("a/.env", Tracking.TRACKED, Kind.NAMED),
        (".env.production", Tracking.IGNORED, Kind.NAMED),
        (".env.example", Tracking.TRACKED, Kind.EXAMPLE),
        ("config/app.yaml.dist", Tracking.TRACKED, Kind.EXAMPLE),
        ("server.key", Tracking.TRACKED, Kind.HOLDER),
        ("a/secrets/values.yaml", Tracking.TRACKED, Kind.HOLDER),
        ("a/secrets/__init__.py", Tracking.TRACKED, Kind.SOURCE),
        ("config/local.yaml", Tracking.IGNORED, Kind.HOLDER),
        ("config/local.yaml", Tracking.TRACKED, Kind.SOURCE),
        ("src/local.py", Tracking.IGNORED, Kind.SOURCE),
        ("users.csv", Tracking.TRACKED, Kind.HOLDER),
        (".claude/settings.local.json", Tracking.IGNORED, Kind.AGENT),
    ],
)
def test_kinds_of_files(path: str, tracking: Tracking, kind: Kind) -> None:
    own = [pattern for text in ("/.claude/", "CLAUDE.md") if (pattern := parse(text))]
    assert kind_of(path, tracking, own) is kind


def test_every_agent_that_controls_are_written_for_is_modelled() -> None:
    assert CONTROLS.keys() | ELSEWHERE.keys() <= CONTEXTS.keys()
    # An agent without either would be answered with a sentence that says nothing.
    assert CONTEXTS.keys() - CONTROLS.keys() - ELSEWHERE.keys() <= {"antigravity"}


# ------------------------------------------------------------------ it opens nothing


def test_wider_and_narrower() -> None:
    files, shell = (0, Channel.FILE_TOOLS), (0, Channel.SHELL)
    before = {files: Verdict.NO_PROMPT, shell: Verdict.BLOCKED}
    assert wider(before, {files: Verdict.NO_PROMPT, shell: Verdict.UNKNOWN})
    assert wider(before, {**before, (0, Channel.PROMPT): Verdict.AUTO})
    assert not wider(before, {shell: Verdict.BLOCKED})
    unknown = {**before, files: Verdict.UNKNOWN}
    assert narrower(before, unknown, [0], unsure=False) == set()
    assert narrower(before, unknown, [0], unsure=True) == {0}
    assert narrower(before, {**before, files: Verdict.PROMPT}, [0], unsure=False) == {0}
    assert narrower(before, {**before, files: Verdict.PROMPT}, [1], unsure=False) == set()
    assert narrower(before, {shell: Verdict.BLOCKED}, [0], unsure=False) == {0}


def test_a_setting_that_nobody_heeds_is_not_written() -> None:
    """Continue's ignore file keeps no agent from a file, and reach points that out."""
    assert fixed("continue", {}, ".env", "prod.tfvars") == {".continueignore": "/prod.tfvars\n"}


SECRETS = (".env", "web/.env", "a/b/server.key", "src/app.py", "secrets/x.yaml", "prod.tfvars")
SETTINGS = [case for _, case in CASES if case.files and not case.links]


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.lists(st.sampled_from(SETTINGS), min_size=1, max_size=4),
    st.lists(st.sampled_from(SECRETS), min_size=1, max_size=4, unique=True),
    st.lists(st.sampled_from(sorted(CONTROLS)), min_size=1, max_size=6, unique=True),
    st.builds(Wishes, st.booleans(), st.booleans(), st.booleans(), st.booleans()),
)
def test_nothing_gets_wider_and_a_second_run_proposes_nothing(
    cases: list[Case], secrets: list[str], agents: list[str], wishes: Wishes
) -> None:
    texts: dict[str, str] = {}
    for case in cases:
        texts.update(case.files)
    # Also places that no edit is about: they must not open either.
    places = [*secrets, *sorted(texts)[:6]]
    made = chooser({**dict.fromkeys(secrets, "KEY=x\n"), **texts}, *places, wishes=wishes)
    made.fix(agents)
    for agent in CONTEXTS:
        before, after = made.first.verdicts(agent), made.now.verdicts(agent)
        assert not wider(before, after)
    for path, data in made.changed.items():
        old = texts.get(path, "")
        assert data.decode() != old
    again = {**dict.fromkeys(secrets, "KEY=x\n"), **texts}
    again |= {path: data.decode() for path, data in made.changed.items()}
    second = chooser(again, *places, wishes=wishes)
    second.fix(agents)
    assert {path: data.decode() for path, data in second.changed.items()} == {}


# ------------------------------------------------------------------ the command


@pytest.fixture
def shop(repo: Repo) -> Repo:
    """Secrets of each sort, Claude Code and Cursor in use."""
    repo.commit(
        "Begin",
        {
            ".gitignore": ".env\n",
            ".claude/settings.json": '{\n    "permissions": {\n        "allow": []\n    }\n}\n',
            ".cursorignore": "# ours\n*.log",
            "src/deploy.py": f'TOKEN = "{token(1)}"\n',
            "prod.tfvars": f'github_token = "{token(3)}"\n',
        },
    )
    repo.write(".env", f"GITHUB_TOKEN={token(2)}\n")
    return repo


def fix(repo: Repo, *arguments: str) -> Run:
    return run("reach", repo.path, "--fix", *arguments)


def test_the_diff_applies_and_then_nothing_is_left_to_propose(shop: Repo) -> None:
    before = shop.git("status", "--porcelain")
    done = fix(shop)
    assert done.code == 0
    assert shop.git("status", "--porcelain") == before
    shop.git("apply", "--check", stdin=done.out)
    shop.git("apply", stdin=done.out)
    text = (shop.path / ".claude/settings.json").read_text()
    assert json.loads(text)["permissions"]["deny"] == ["Read(.env)", "Read(/prod.tfvars)"]
    assert '    "permissions": {\n        "allow": [],\n        "deny": [\n' in text
    assert (shop.path / ".cursorignore").read_text() == "# ours\n*.log\n.env\n/prod.tfvars\n"
    again = fix(shop)
    assert again.out == b""
    assert b"Nothing to write." in again.err


def test_write_does_what_the_diff_says(shop: Repo) -> None:
    shown = fix(shop).out
    os.chmod(shop.path / ".cursorignore", 0o640)
    done = fix(shop, "--write")
    assert done.code == 0
    assert done.out == shown
    assert "Read(.env)" in (shop.path / ".claude/settings.json").read_text()
    assert (shop.path / ".cursorignore").stat().st_mode & 0o777 == 0o640
    assert fix(shop, "--write").out == b""


def test_what_stays_open_is_told_with_its_reason_and_no_secret(shop: Repo) -> None:
    done = fix(shop)
    words = b" ".join(done.err.split())
    assert b"Claude Code: file tools, rows 1-2: no prompt -> blocked" in words
    assert b"move the secret out of it (--fix-source" in words
    assert b"no setting takes it out of git's objects" in words
    assert b"--fix-sandbox" in words
    for number in (1, 2, 3):
        assert token(number).encode() not in done.out + done.err


def test_agents_that_are_not_in_use_get_no_files_unless_named(shop: Repo) -> None:
    assert b".rooignore" not in fix(shop).out
    named = fix(shop, "--agent", "roo-code").out
    assert b"+++ b/.rooignore\n@@ -0,0 +1,2 @@\n+.env\n+/prod.tfvars\n" in named
    assert b".cursorignore" not in named


def test_nobody_in_use(repo: Repo) -> None:
    repo.commit("Begin", {"prod.tfvars": f'github_token = "{token(3)}"\n', "AGENTS.md": "# us\n"})
    done = fix(repo)
    assert done.out == b""
    assert b"No agent is surely in use here" in done.err


def test_a_settings_file_with_a_secret_is_not_shown_with_it(repo: Repo) -> None:
    secret = token(5)
    value = {"env": {"GITHUB_TOKEN": secret}, "model": "x", "a": 1}
    lines = json.dumps(value, indent=2) + "\n"
    repo.commit("Begin", {".claude/settings.json": lines, "prod.tfvars": f'k = "{token(3)}"\n'})
    done = fix(repo)
    assert secret.encode() not in done.out + done.err
    repo.git("apply", stdin=done.out)
    text = (repo.path / ".claude/settings.json").read_text()
    assert secret in text
    assert "Read(/prod.tfvars)" in text


def test_a_line_that_holds_a_secret_and_changes_is_masked_and_can_be_written(repo: Repo) -> None:
    secret = token(5)
    line = json.dumps({"env": {"GITHUB_TOKEN": secret}})
    repo.commit("Begin", {".claude/settings.json": line, "prod.tfvars": f'k = "{token(3)}"\n'})
    done = fix(repo, "--write")
    assert secret.encode() not in done.out + done.err
    assert b"git cannot apply this text" in b" ".join(done.err.split())
    written = json.loads((repo.path / ".claude/settings.json").read_text())
    assert written["env"]["GITHUB_TOKEN"] == secret
    assert written["permissions"]["deny"] == ["Read(/prod.tfvars)"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--write",),
        ("--fix-source",),
        ("--fix", "--explain", "x", "cursor"),
        ("--fix", "--what-if", ".cursorignore="),
        ("--fix", "--format", "json"),
    ],
)
def test_options_that_do_not_go_together(shop: Repo, arguments: tuple[str, ...]) -> None:
    assert run("reach", shop.path, *arguments).code == 2


def test_a_bare_repository_is_shown_but_not_written(shop: Repo, tmp_path: Path) -> None:
    bare = shop.clone(tmp_path / "bare.git", "--bare")
    assert b"+/prod.tfvars" in fix(bare).out
    assert fix(bare, "--write").code == 2


def test_explain_names_an_entry_that_has_been_tried(shop: Repo) -> None:
    done = run("reach", shop.path, "--explain", "prod.tfvars", "claude-code")
    words = b" ".join(done.out.split())
    entry = (
        b"An entry `Read(/prod.tfvars)` in .claude/settings.json would block file-tools (tried)."
    )
    assert entry in words


# ------------------------------------------------------------------ writing


def edit(path: str, before: str | None, after: str) -> FileEdit:
    return FileEdit(path, before.encode() if before is not None else None, after.encode(), ())


def test_nothing_is_written_when_one_file_has_changed(tmp_path: Path) -> None:
    (tmp_path / "b").write_text("changed meanwhile")
    edits = [edit("new/a", None, "x"), edit("b", "as it was", "y")]
    with pytest.raises(ScannerError, match="it has changed"):
        apply_edits(tmp_path, edits)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["b"]


def test_links_are_not_written_through(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "settings.json").write_text("{}")
    root = tmp_path / "root"
    root.mkdir()
    (root / ".claude").symlink_to(outside)
    (root / ".cursorignore").symlink_to(outside / "settings.json")
    for path in (".claude/settings.json", ".cursorignore"):
        with pytest.raises(ScannerError, match="link"):
            apply_edits(root, [edit(path, "{}", "x")])
    assert (outside / "settings.json").read_text() == "{}"


def test_a_link_is_not_proposed_to_be_edited(repo: Repo, tmp_path: Path) -> None:
    (tmp_path / "ours").write_text("*.log\n")
    repo.commit("Begin", {"prod.tfvars": f'k = "{token(3)}"\n'})
    (repo.path / ".cursorignore").symlink_to(tmp_path / "ours")
    done = fix(repo, "--agent", "cursor")
    assert done.out == b""
    assert b"it is a link" in b" ".join(done.err.split())


def test_what_was_written_is_taken_back_when_the_rest_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")
    (tmp_path / "file").write_text("no directory")
    edits = [edit("a", "old", "new"), edit("made/b", None, "x"), edit("file/c", None, "y")]
    with pytest.raises(ScannerError):
        apply_edits(tmp_path, edits)
    assert (tmp_path / "a").read_text() == "old"
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, "a\nb\n"),
        ("a", "a\nb\n"),
        ("a\r\nb\r\n", "a\r\nb\r\nc\r\n"),
        ("a\n", "a\nb"),
        ("x\x0cy\n", "x\x0cy\nz\n"),
    ],
)
@pytest.mark.parametrize("context", [3, 1])
def test_git_takes_every_diff(repo: Repo, before: str | None, after: str, context: int) -> None:
    if before is not None:
        (repo.path / "f").write_bytes(before.encode())
    repo.git("apply", stdin=unified(edit("f", before, after), context))
    assert (repo.path / "f").read_bytes() == after.encode()


def test_a_terminal_is_not_acted_on_and_a_program_gets_every_byte() -> None:
    patch = Patch("f", "--- a/f\n+++ b/f\n@@ -1 +1,2 @@\n \t// \x1b[2J\u202e\r\n+x\n", masked=False)
    fixes = Fixes("r", (), (), (), (patch,), (), (), (), ())
    shown, raw = BytesIO(), BytesIO()
    write_diff(fixes, shown, terminal=True)
    write_diff(fixes, raw, terminal=False)
    assert raw.getvalue() == patch.text.encode()
    assert b"\x1b" not in shown.getvalue()
    assert b" \t// \\x1b[2J\\u202e\n+x\n" in shown.getvalue()


def test_a_denial_is_written_only_with_a_plain_name() -> None:
    assert Denial("a b/.env").writable
    assert not Denial("a(b)/.env").writable
    assert Denial("a(b)/.env", by_name=True).writable
    assert not Denial("a/\u202e.env").writable
