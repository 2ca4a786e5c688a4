"""`agentreach reach` as it is called, on real repositories."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from scanner.sinks import _schemas
from tests.repo import Repo
from tests.scanning import Json, Run, process, run, token
from tests.test_personal_findings import rows

DENY_ENV = '{"permissions": {"deny": ["Read(./.env)"]}}\n'
BYPASS = '{"permissions": {"defaultMode": "bypassPermissions"}}\n'


@pytest.fixture
def shop(repo: Repo) -> Repo:
    """Two secrets, Claude Code with a deny rule for one of them, Cursor with an ignore file."""
    repo.commit(
        "Begin",
        {
            ".gitignore": ".env\n",
            ".claude/settings.json": DENY_ENV,
            ".cursorignore": ".env\n",
            "src/deploy.py": f'TOKEN = "{token(1)}"\n',
        },
    )
    repo.write(".env", f"GITHUB_TOKEN={token(2)}\n")
    return repo


def document(done: Run) -> Json:
    found: Json = json.loads(done.out)
    return found


def cells(done: Run) -> dict[tuple[str, str], str]:
    """Verdicts by the first place's path and the agent."""
    return {
        (row["locations"][0]["path"], one["agent"]): one["verdict"]
        for row in document(done)["rows"]
        for one in row["cells"]
    }


def channels(done: Run, path: str, agent: str) -> dict[str, str]:
    return {
        view["channel"]: view["verdict"]
        for row in document(done)["rows"]
        if row["locations"][0]["path"] == path
        for one in row["cells"]
        if one["agent"] == agent
        for view in one["channels"]
    }


def in_json(repo: Repo, *arguments: str | Path) -> Run:
    return run("reach", repo.path, "--format", "json", *arguments)


# ------------------------------------------------------------------ the matrix


def test_one_row_a_secret_and_one_column_an_agent_in_use(shop: Repo) -> None:
    done = in_json(shop)
    assert done.code == 0
    found = cells(done)
    assert set(found) == {
        (path, agent) for path in (".env", "src/deploy.py") for agent in ("claude-code", "cursor")
    }
    assert found[".env", "claude-code"] == "no-prompt"
    assert channels(done, ".env", "claude-code")["file-tools"] == "blocked"
    assert channels(done, ".env", "claude-code")["git-objects"] == "not-applicable"
    assert found["src/deploy.py", "cursor"] == "auto"


def test_the_document_is_valid_and_holds_no_secret(shop: Repo) -> None:
    done = in_json(shop, "--what-if", ".cursorignore=")
    schema = json.loads((_schemas.DIRECTORY / "reach.schema.json").read_bytes())
    Draft202012Validator(schema).validate(document(done))
    assert token(1).encode() not in done.out and token(2).encode() not in done.out


def test_the_text_is_the_same_in_a_pipe_and_without_colour(shop: Repo) -> None:
    done = process("reach", cwd=shop.path, env={"COLUMNS": "80", "NO_COLOR": "1"})
    assert done.code == 0
    text = done.out.decode()
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= 80
    assert "Claude Code" in text and "Cursor" in text
    assert ".claude/settings.json:1  Claude Code: blocks file tools, row" in text
    assert "the user's own settings (--home)" in text


def test_the_same_secret_in_two_files_is_one_row_and_the_wider_place_counts(repo: Repo) -> None:
    repo.commit(
        "Begin",
        {
            ".claude/settings.json": '{"permissions": {"deny": ["Read(./a.py)"]}}',
            "a.py": f'TOKEN = "{token()}"\n',
            "b.py": f'TOKEN = "{token()}"\n',
        },
    )
    done = in_json(repo)
    (row,) = document(done)["rows"]
    (cell,) = row["cells"]
    views = {view["channel"]: view for view in cell["channels"]}
    assert views["file-tools"]["verdict"] == "no-prompt"
    assert row["locations"][views["file-tools"]["location"]]["path"] == "b.py"


CLOSED = '{"permissions": {"deny": ["Read", "Grep", "Bash", "PowerShell"]}}\n'


def test_blocked_is_said_where_every_way_is_closed(repo: Repo) -> None:
    repo.commit("Begin", {".claude/settings.json": CLOSED, "a.py": f'TOKEN = "{token()}"\n'})
    done = run("reach", repo.path)
    assert cells(in_json(repo)) == {("a.py", "claude-code"): "blocked"}
    assert b"1 cell: 1 blocked" in done.out and b"OPEN" not in done.out


def test_of_too_many_places_none_is_said_to_be_closed(repo: Repo) -> None:
    line = f'TOKEN = "{token()}"\n'
    files = {f"src/f{number}.py": f"# {number}\n{line}" for number in range(201)}
    repo.commit("Begin", {".claude/settings.json": CLOSED, **files})
    assert set(cells(in_json(repo)).values()) == {"unknown"}


def test_personal_data_has_rows_too(repo: Repo) -> None:
    repo.commit("Begin", {"CLAUDE.md": "# Rules\n", "data/customers.csv": rows(60)})
    done = in_json(repo)
    assert cells(done) == {("data/customers.csv", "claude-code"): "no-prompt"}
    assert document(done)["rows"][0]["secret"] is None
    assert b"1 file with personal data against 1 agent" in run("reach", repo.path).out
    told = run("reach", repo.path, "--explain", "data/customers.csv", "claude-code")
    assert told.code == 0 and b"Claude Code can read it" in told.out


def test_without_an_agent_in_use_all_are_asked(repo: Repo) -> None:
    repo.commit("Begin", {"a.py": f'TOKEN = "{token()}"\n'})
    assert len(document(in_json(repo))["columns"]) > 4


def test_nothing_found_is_said_and_is_no_error(repo: Repo) -> None:
    repo.commit("Begin", {"CLAUDE.md": "# Rules\n"})
    done = run("reach", repo.path)
    assert done.code == 0
    assert b"No secret and no personal data found." in done.out


def test_a_directory_without_git_is_answered_too(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(f'TOKEN = "{token()}"\n')
    (tmp_path / "CLAUDE.md").write_text("# Rules\n")
    done = run("reach", tmp_path, "--format", "json")
    assert cells(done) == {("a.py", "claude-code"): "no-prompt"}


def test_a_file_or_a_directory_is_asked_about_by_itself(shop: Repo) -> None:
    done = run("reach", shop.path / "src/deploy.py", "--format", "json")
    assert {path for path, _ in cells(done)} == {"src/deploy.py"}
    done = run("reach", shop.path / "src", "--format", "json")
    assert cells(done)["src/deploy.py", "claude-code"] == "no-prompt"


def test_a_range_is_asked_about_by_itself(shop: Repo) -> None:
    shop.commit("More", {"more.py": f'TOKEN = "{token(3)}"\n'})
    done = in_json(shop, "--range", "HEAD~1..HEAD")
    assert {path for path, _ in cells(done)} == {"more.py"}


def test_a_bare_repository_is_answered_from_its_head(shop: Repo, tmp_path: Path) -> None:
    shop.git("clone", "--quiet", "--bare", ".", str(tmp_path / "bare.git"))
    done = run("reach", tmp_path / "bare.git", "--format", "json")
    assert cells(done)["src/deploy.py", "claude-code"] == "no-prompt"


@pytest.mark.parametrize("path", ["-", "nowhere"])
def test_a_path_has_to_be_there(shop: Repo, path: str) -> None:
    done = run("reach", path)
    assert done.code == 2 and done.out == b""


def test_the_history_is_asked_about_unless_it_is_left_out(repo: Repo) -> None:
    repo.commit("Begin", {"CLAUDE.md": "# Rules\n", "a.py": f'TOKEN = "{token()}"\n'})
    repo.commit("Take it out", {"a.py": "TOKEN = None\n"})
    done = in_json(repo)
    assert channels(done, "a.py", "claude-code") == {
        "file-tools": "not-applicable",
        "shell": "no-prompt",
        "git-objects": "no-prompt",
    }
    assert document(in_json(repo, "--no-history"))["rows"] == []


# ------------------------------------------------------------------ options


def test_named_agents_are_the_columns(shop: Repo) -> None:
    done = in_json(shop, "--agent", "Gemini CLI", "--agent", "codex")
    assert [column["agent"] for column in document(done)["columns"]] == ["codex", "gemini-cli"]
    assert all(column["use"] is None for column in document(done)["columns"])


def test_an_unknown_agent_ends_it_before_the_scan(shop: Repo) -> None:
    done = run("reach", shop.path, "--agent", "cursr")
    assert done.code == 2 and done.out == b""
    assert b"did you mean cursor" in done.err


@pytest.mark.parametrize(
    ("verdict", "code"),
    [("never", 0), ("auto", 0), ("no-prompt", 1), ("prompt", 1), ("unknown", 1)],
)
def test_fail_on_says_how_easy_is_too_easy(shop: Repo, verdict: str, code: int) -> None:
    done = run("reach", shop.path, "--agent", "claude-code", "--fail-on", verdict)
    assert done.code == code


def test_what_could_not_be_read_makes_it_incomplete(shop: Repo) -> None:
    shop.write(".claude/settings.json", "{ broken")
    done = in_json(shop)
    assert done.code == 3
    assert [one["where"] for one in document(done)["problems"]] == [".claude/settings.json:1"]
    assert channels(done, ".env", "claude-code")["file-tools"] != "blocked"


@pytest.mark.parametrize("format_", ["text", "json", "markdown", "html"])
def test_every_format_goes_to_a_file(shop: Repo, tmp_path: Path, format_: str) -> None:
    target = tmp_path / "out"
    done = run("reach", shop.path, "--format", format_, "--output", target)
    assert done.code == 0 and done.out == b""
    assert "Claude Code" in target.read_text()
    assert target.stat().st_mode & 0o077 == 0


def test_a_planted_link_is_not_written_through(shop: Repo, tmp_path: Path) -> None:
    (tmp_path / "out").symlink_to(tmp_path / "victim")
    done = run("reach", shop.path, "--output", tmp_path / "out")
    assert done.code == 2
    assert not (tmp_path / "victim").exists()


# ------------------------------------------------------------------ home, settings, what if


def test_the_home_is_read_when_it_is_named(shop: Repo, tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / ".claude").mkdir(parents=True)
    (home / ".claude/settings.json").write_text('{"permissions": {"deny": ["Read", "Grep"]}}')
    before = channels(in_json(shop), "src/deploy.py", "claude-code")
    done = in_json(shop, f"--home={home}")
    after = channels(done, "src/deploy.py", "claude-code")
    assert before["file-tools"] == "no-prompt"
    assert after["file-tools"] == "blocked"
    summary = document(done)["summary"]
    assert str(home) in summary["read"][0]
    assert not any("--home" in text for text in summary["unseen"])


def test_the_users_own_home_is_the_default(
    shop: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    done = in_json(shop, "--home")
    assert str(tmp_path) in document(done)["summary"]["read"][0]


def test_home_does_not_swallow_the_repository(shop: Repo) -> None:
    done = run("reach", "--home", shop.path)
    assert done.code == 2
    assert b"name the repository first" in done.err


def test_given_settings_outrank_the_repository(shop: Repo, tmp_path: Path) -> None:
    managed = tmp_path / "managed.json"
    managed.write_text('{"permissions": {"deny": ["Read", "Grep", "Bash", "PowerShell"]}}')
    done = in_json(shop, "--settings", f"claude-code={managed}", "--agent", "claude-code")
    assert channels(done, "src/deploy.py", "claude-code")["file-tools"] == "blocked"
    assert str(managed) in document(done)["summary"]["read"][0]


def test_what_if_shows_the_cells_that_change(shop: Repo, tmp_path: Path) -> None:
    new = tmp_path / "new/.claude/settings.json"
    new.parent.mkdir(parents=True)
    new.write_text("{}\n")
    done = in_json(shop, "--what-if", new)
    what_if = document(done)["what_if"]
    assert what_if["paths"] == [".claude/settings.json"]
    (change,) = what_if["changes"]
    before, after = (
        {view["channel"]: view["verdict"] for view in change[when]["channels"]}
        for when in ("before", "after")
    )
    assert (change["agent"], before["file-tools"], after["file-tools"]) == (
        "claude-code",
        "blocked",
        "no-prompt",
    )
    assert (shop.path / ".claude/settings.json").read_text() == DENY_ENV


def test_what_if_tells_a_dangerous_setting(shop: Repo, tmp_path: Path) -> None:
    new = tmp_path / "new.json"
    new.write_text(BYPASS)
    done = run(
        "reach", shop.path, "--what-if", f".claude/settings.json={new}", "--agent", "claude-code"
    )
    assert done.code == 0
    text = done.out.decode()
    assert "as it would be with a changed .claude/settings.json" in " ".join(text.split())
    assert "CHANGES" in text


def test_what_if_keeps_the_column_of_an_agent_that_would_no_longer_show(shop: Repo) -> None:
    done = in_json(shop, "--what-if", ".cursorignore=")
    assert [column["agent"] for column in document(done)["columns"]] == ["claude-code", "cursor"]
    changed = [(one["agent"], one["fingerprint"]) for one in document(done)["what_if"]["changes"]]
    (row,) = (one for one in document(done)["rows"] if one["locations"][0]["path"] == ".env")
    assert changed == [("cursor", row["fingerprint"])]


def test_what_if_mends_a_broken_file(shop: Repo, tmp_path: Path) -> None:
    shop.write(".claude/settings.json", "{ broken")
    new = tmp_path / "new.json"
    new.write_text(DENY_ENV)
    done = in_json(shop, "--what-if", f".claude/settings.json={new}")
    assert done.code == 0
    assert document(done)["problems"] == []


def test_what_if_nothing_changes_it_says_so(shop: Repo, tmp_path: Path) -> None:
    same = tmp_path / "same"
    same.write_text(DENY_ENV)
    done = run("reach", shop.path, "--what-if", f".claude/settings.json={same}")
    assert b"no cell would change" in done.out


# ------------------------------------------------------------------ --explain


def test_the_reasoning_is_told_channel_by_channel(shop: Repo) -> None:
    done = run("reach", shop.path, "--explain", ".env:1", "claude-code")
    assert done.code == 0
    text = " ".join(done.out.decode().split())
    assert "Claude Code can read it and nobody is asked, through its shell." in text
    assert "File tools: blocked" in text
    assert '.claude/settings.json:1 decides: `{"permissions": {"deny": ["Read(./.env)"]}}`' in text
    assert "Looked for and not there: .claude/settings.local.json" in text
    assert "Git objects: no way there" in text
    assert "--settings claude-code=FILE" in text
    assert "it takes a sandbox" in text


def test_what_would_close_it_has_been_tried(shop: Repo) -> None:
    done = run("reach", shop.path, "--explain", "src/deploy.py", "cursor")
    text = " ".join(done.out.decode().split())
    assert (
        "A line `/src/deploy.py` in .cursorignore would block index and file-tools (tried)." in text
    )
    shop.write(".cursorignore", ".env\n/src/deploy.py\n")
    after = channels(in_json(shop), "src/deploy.py", "cursor")
    assert (after["index"], after["file-tools"]) == ("blocked", "blocked")


def test_a_fingerprint_names_a_secret(shop: Repo) -> None:
    rows = document(in_json(shop))["rows"]
    done = run("reach", shop.path, "--explain", rows[0]["fingerprint"][:8], "Cursor")
    assert done.code == 0
    assert rows[0]["locations"][0]["path"].encode() in done.out


def test_a_record_names_its_secrets(shop: Repo) -> None:
    row = next(row for row in document(in_json(shop))["rows"] if row["incident"])
    done = run("reach", shop.path, "--explain", row["incident"], "cursor")
    assert done.code == 0


def test_an_unknown_secret_tells_what_there_is(shop: Repo) -> None:
    done = run("reach", shop.path, "--explain", "nothing.py", "cursor")
    assert done.code == 2
    assert b"src/deploy.py:1" in done.err and b".env:1" in done.err


def test_explain_is_for_reading(shop: Repo) -> None:
    arguments = ("reach", shop.path, "--explain", ".env", "cursor")
    assert run(*arguments, "--format", "json").code == 2
    assert run(*arguments, "--agent", "codex").code == 2


# ------------------------------------------------------------------ secrets stay inside


@pytest.mark.parametrize("format_", ["text", "json", "markdown", "html"])
def test_a_secret_inside_a_rule_is_not_quoted(repo: Repo, format_: str) -> None:
    secret = token(7)
    repo.commit(
        "Begin",
        {
            ".claude/settings.json": json.dumps(
                {"permissions": {"deny": [f"Read({secret}.txt)", f"Read(./{secret}/**)"]}}
            ),
            ".cursorignore": f"{secret}.txt\n",
            f"{secret}.txt": f"TOKEN = {token(8)}\n",
        },
    )
    done = run("reach", repo.path, "--format", format_)
    assert b"Claude Code" in done.out
    assert secret.encode() not in done.out + done.err


def test_a_secret_inside_a_rule_is_not_quoted_in_the_reasoning(repo: Repo) -> None:
    secret = token(7)
    rule = json.dumps({"permissions": {"deny": ["Read(./a.py)"]}, "env": {"A": secret}})
    repo.commit("Begin", {".claude/settings.json": rule + "\n", "a.py": f'TOKEN = "{token(8)}"\n'})
    done = run("reach", repo.path, "--explain", "a.py", "claude-code")
    assert b".claude/settings.json:1 decides" in done.out
    assert secret.encode() not in done.out + done.err


def test_a_place_whose_name_is_masked_is_not_judged_by_the_mask(repo: Repo) -> None:
    secret = token(7)
    repo.commit(
        "Begin",
        {".claude/settings.json": "{}", f"{secret}.txt": f"TOKEN = {token(8)}\n"},
    )
    for row in document(in_json(repo))["rows"]:
        if secret[:4] in row["locations"][0]["path"]:
            assert {one["verdict"] for one in row["cells"]} == {"unknown"}
            break
    else:
        raise AssertionError("the file is not there")
