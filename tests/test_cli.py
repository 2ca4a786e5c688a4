"""The promises of the command line: options, exit codes, files it reads and writes."""

import json
import re
import sys
from pathlib import Path
from subprocess import run as run_program

import pytest
from jsonschema import Draft202012Validator

import scanner
from scanner.errors import ExitCode
from tests.repo import Repo
from tests.scanning import (
    ROOT,
    Json,
    Run,
    comparable,
    only,
    places,
    process,
    run,
    scan,
    token,
)

SECRET = token()
LINE = f'TOKEN = "{SECRET}"\n'
OTHER = f'TOKEN = "{token(1)}"\n'
RULE = "github-personal-access-token"
CLAUDE = {"Co-Authored-By": "Claude <noreply@anthropic.com>"}


@pytest.fixture
def leaky(repo: Repo) -> Repo:
    """A repository with one secret, in HEAD."""
    repo.commit("one", {"a.py": LINE, "README.md": "# One\n"})
    return repo


# ------------------------------------------------------------------------------ exit codes


def test_version_and_help() -> None:
    assert run("--version").out.decode() == f"agentreach {scanner.__version__}\n"
    helped = run("--help")
    assert helped.code == ExitCode.CLEAN
    assert b"Exit codes: 0 clean and complete" in helped.out


def test_clean_is_zero_and_findings_are_one(repo: Repo) -> None:
    repo.commit("one", {"a.py": "x = 1\n"})
    assert run("scan", repo.path).code == ExitCode.CLEAN
    repo.write("a.py", LINE)
    result = run("scan", repo.path)
    assert result.code == ExitCode.FINDINGS
    assert b"ghp_" in result.out and SECRET.encode() not in result.out


@pytest.mark.parametrize(
    ("level", "code"),
    [("info", 1), ("low", 1), ("medium", 1), ("high", 1), ("critical", 0), ("never", 0)],
)
def test_fail_on_is_a_threshold(repo: Repo, level: str, code: int) -> None:
    repo.commit("bring it in", {"a.py": LINE})
    repo.commit("take it out", {"a.py": None})
    result = scan(repo.path, "--fail-on", level)
    assert only(result.findings)["severity"] == "high"
    assert result.code == code
    assert result.report["summary"]["exit_code"] == code


def test_the_project_sets_a_threshold_and_the_option_overrides_it(leaky: Repo) -> None:
    leaky.write(".agentreach.yml", "fail_on: critical\n")
    severity = only(scan(leaky.path).findings)["severity"]
    assert scan(leaky.path).code == (1 if severity == "critical" else 0)
    assert scan(leaky.path, "--fail-on", "low").code == ExitCode.FINDINGS
    assert scan(leaky.path, "--no-config").code == ExitCode.FINDINGS


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["scan", "nowhere"], "nowhere: no such file or directory"),
        (["scan", "--staged", "--range", "A..B"], "--staged and --range exclude each other"),
        (["scan", "-", "a.py"], "standard input"),
        (["scan", "--format", "xml"], "xml"),
        (["scan", "--fail-on", "tuesday"], "tuesday"),
        (["scan", "--jobs", "0"], "--jobs"),
        (["scan", "--agent", "clippy"], "'clippy'"),
        (["scan", "--range", "nothing..HEAD"], "nothing"),
        (["scan", "--range", "--output=x"], "--output=x"),
        (["scan", "--baseline", "missing.json"], "missing.json"),
        (["scan", "--key-file", "missing.key"], "missing.key"),
        (["scan", "--task", "NO-1"], "NO-1"),
        (["scan", "--task-file", "missing.yml"], "missing.yml"),
        (["scan", "--exclude", "!"], "exclude"),
        (["scna"], "scna"),
        (["scope", "missing-message"], "missing-message"),
        (["rules", "show", "github-personal-acces-token"], RULE),
    ],
)
def test_a_users_mistake_is_two_and_says_what(
    leaky: Repo, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(leaky.path)
    result = run(*arguments)
    assert result.code == ExitCode.USAGE
    assert result.out == b""
    assert message in result.err.decode()
    assert b"Traceback" not in result.err


def test_staged_needs_a_repository(tmp_path: Path) -> None:
    result = run("scan", "--staged", tmp_path)
    assert result.code == ExitCode.USAGE
    assert b"repository" in result.err


def test_a_broken_repository_is_not_scanned_as_a_mere_directory(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "a.py").write_text(LINE)
    assert run("scan", tmp_path).code == ExitCode.USAGE


def test_a_short_key_is_refused_and_a_good_one_changes_digests(
    leaky: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = tmp_path / "key"
    key.write_bytes(b"short")
    assert run("scan", leaky.path, "--key-file", key).code == ExitCode.USAGE
    key.write_bytes(b"0123456789abcdef-of-the-team")
    plain = only(scan(leaky.path).findings)
    keyed = only(scan(leaky.path, "--key-file", key).findings)
    assert plain["secret"]["digest"] != keyed["secret"]["digest"]
    assert plain["fingerprint"] != keyed["fingerprint"]
    monkeypatch.setenv("AGENTREACH_KEY", key.read_text())
    assert only(scan(leaky.path).findings)["secret"] == keyed["secret"]


def test_an_interrupt_is_130(leaky: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("scanner.pipeline.run.run", interrupted)
    result = run("scan", leaky.path)
    assert result.code == ExitCode.INTERRUPTED
    assert result.err.strip() == b"agentreach: interrupted"


def test_a_reader_that_goes_away_is_no_crash(leaky: Repo) -> None:
    command = (
        f'"{sys.executable}" -m scanner scan --format json . | true; echo "${{PIPESTATUS[0]}}"'
    )
    done = run_program(
        ["bash", "-c", command],
        cwd=leaky.path,
        env=leaky.environment() | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
    )
    # Fast enough, the report fits the pipe before anyone notices that nobody reads it.
    assert done.stdout.strip() in (b"1", b"3")
    assert done.stderr == b""


# ------------------------------------------------------------------------------ formats and files


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_json_is_what_the_schema_says(leaky: Repo, form: str) -> None:
    schema = json.loads(
        (ROOT / "scanner" / "sinks" / "schemas" / f"{form}.schema.json").read_text()
    )
    leaky.commit("by an agent", {".github/workflows/x.yml": "on: push\n"}, trailers=CLAUDE)
    result = run("scan", leaky.path, "--format", form)
    documents = result.out.splitlines() if form == "jsonl" else [result.out]
    validator = Draft202012Validator(schema)
    assert len(documents) >= 1
    for document in documents:
        validator.validate(json.loads(document))
    broken = json.loads(documents[0]) | {"surprise": 1}
    assert not validator.is_valid(broken), "the schema is closed"


def test_threads_do_not_change_a_byte(leaky: Repo) -> None:
    for number in range(5):
        leaky.commit("more", {f"dir{number}/x.py": f'T = "{token(number)}"\n'})

    def normal(*arguments: str) -> bytes:
        out = run("scan", leaky.path, "--format", "json", *arguments).out
        return re.sub(rb'"(started|seconds)": [^,\n]+', b"", out)

    assert normal("--jobs", "1") == normal("--jobs", "2") == normal("--jobs", "8")
    assert normal("--engine", "re").replace(b'"re"', b"?") == normal(
        "--engine", "hyperscan"
    ).replace(b'"hyperscan"', b"?")


def test_output_goes_to_a_file_whole(leaky: Repo, tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    result = run("scan", leaky.path, "--format", "json", "--output", target)
    assert result.code == ExitCode.FINDINGS
    assert result.out == b""
    assert comparable(json.loads(target.read_bytes())) == comparable(scan(leaky.path).report)
    assert target.stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_output_does_not_follow_a_planted_link(leaky: Repo, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / "report").symlink_to(victim)
    assert run("scan", leaky.path, "--output", tmp_path / "report").code == ExitCode.USAGE
    assert victim.read_text() == "precious"


def test_a_scan_leaves_the_repository_as_it_was(leaky: Repo) -> None:
    leaky.write("untracked.py", OTHER)
    before = {path: path.stat().st_mtime_ns for path in leaky.path.rglob("*")}
    scan(leaky.path, "--reflog", "--unreachable")
    assert {path: path.stat().st_mtime_ns for path in leaky.path.rglob("*")} == before


# ------------------------------------------------------------------------------ accepted findings


def test_a_baseline_accepts_places_and_not_secrets(leaky: Repo, tmp_path: Path) -> None:
    baseline = tmp_path / "baseline.json"
    written = run("scan", leaky.path, "--write-baseline", baseline)
    assert written.code == ExitCode.CLEAN
    assert f"1 places accepted in {baseline}".encode() in written.err
    assert scan(leaky.path, "--baseline", baseline).findings == []
    leaky.write("a.py", f"# moved down\n\n{LINE}")
    assert scan(leaky.path, "--baseline", baseline).code == ExitCode.CLEAN
    leaky.write("new.py", LINE)
    finding = only(scan(leaky.path, "--baseline", baseline).findings)
    assert places(finding) == [("worktree", "new.py")]


def test_a_baseline_is_sorted_and_keeps_reasons(leaky: Repo, tmp_path: Path) -> None:
    leaky.commit("more", {"z.py": OTHER, "b.py": OTHER})
    baseline = tmp_path / "baseline.json"
    run("scan", leaky.path, "--write-baseline", baseline)
    document = json.loads(baseline.read_bytes())
    assert [entry["path"] for entry in document["entries"]] == ["a.py", "b.py", "z.py"]
    document["entries"][0]["reason"] = "an example in the documentation"
    baseline.write_text(json.dumps(document))
    leaky.write("c.py", OTHER)
    run("scan", leaky.path, "--baseline", baseline, "--write-baseline", baseline)
    again = json.loads(baseline.read_bytes())["entries"]
    assert [entry["path"] for entry in again] == ["a.py", "b.py", "c.py", "z.py"]
    assert again[0]["reason"] == "an example in the documentation"


def test_a_baseline_named_by_the_project(leaky: Repo) -> None:
    leaky.write(".agentreach.yml", "baseline: .baseline.json\n")
    assert run("scan", leaky.path).code == ExitCode.USAGE, "it does not exist"
    run("scan", leaky.path, "--no-config", "--write-baseline", leaky.path / ".baseline.json")
    result = scan(leaky.path)
    assert result.code == ExitCode.CLEAN
    coverage = result.report["summary"]["coverage"]
    assert coverage["baselined"] == 1
    assert ".agentreach.yml names the baseline .baseline.json" in coverage["notes"]


def test_a_baseline_of_a_full_clone_holds_in_a_shallow_one(leaky: Repo, tmp_path: Path) -> None:
    leaky.commit("two", {"b.py": "x = 1\n"})
    baseline = tmp_path / "baseline.json"
    run("scan", leaky.path, "--write-baseline", baseline)
    shallow = leaky.clone(tmp_path / "shallow", "--depth=1")
    assert scan(shallow.path, "--baseline", baseline, "--no-history").code == ExitCode.CLEAN
    assert scan(shallow.path, "--no-history").code == ExitCode.FINDINGS


def test_a_baseline_of_detect_secrets_is_read(leaky: Repo, tmp_path: Path) -> None:
    done = run_program(
        [sys.executable, "-m", "detect_secrets", "scan", "a.py"],
        cwd=leaky.path,
        env=leaky.environment(),
        capture_output=True,
        check=True,
    )
    baseline = tmp_path / ".secrets.baseline"
    baseline.write_bytes(done.stdout)
    assert b"hashed_secret" in done.stdout
    assert scan(leaky.path, "--baseline", baseline).findings == []
    leaky.write("new.py", LINE)
    assert places(only(scan(leaky.path, "--baseline", baseline).findings)) == [
        ("worktree", "new.py")
    ]


IGNORED = [
    (f"{LINE.rstrip()}  # agentreach: ignore[{RULE}] an example in the manual", True),
    (f"{LINE.rstrip()}  # agentreach: ignore[*] an example in the manual", True),
    (f"# agentreach: ignore-next-line[{RULE}] an example\n{LINE}", True),
    (f"{LINE.rstrip()}  # gitleaks:allow", True),
    (f"{LINE.rstrip()}  # pragma: allowlist secret", True),
    (f"# pragma: allowlist nextline secret\n{LINE}", True),
    (f"{LINE.rstrip()}  # trufflehog:ignore", True),
    (f"{LINE.rstrip()}  # agentreach: ignore[{RULE}]", False),
    (f"{LINE.rstrip()}  # agentreach: ignore[{RULE}] -- 1", False),
    (f"{LINE.rstrip()}  # agentreach: ignore[aws-access-key] an example", False),
    (f"# agentreach: ignore[{RULE}] the wrong line\n{LINE}", False),
    (f"{LINE}# gitleaks:allow", False),
]


@pytest.mark.parametrize(("text", "ignored"), IGNORED)
def test_inline_ignores(repo: Repo, text: str, ignored: bool) -> None:
    repo.commit("one", {"a.py": f"{text}\n"})
    result = scan(repo.path)
    assert result.code == (ExitCode.CLEAN if ignored else ExitCode.FINDINGS)
    assert result.report["summary"]["coverage"]["suppressed"] == int(ignored)


def test_an_ignore_without_a_reason_is_refused_and_says_so(repo: Repo) -> None:
    repo.commit("one", {"a.py": f"{LINE.rstrip()}  # agentreach: ignore[{RULE}]\n"})
    evidence = [fact["text"] for fact in only(scan(repo.path).findings)["evidence"]]
    assert "an agentreach ignore comment here gives no reason" in evidence


@pytest.mark.parametrize("by_settings", [False, True])
def test_exclude_leaves_paths_out_and_says_so(repo: Repo, by_settings: bool) -> None:
    repo.commit("one", {"vendor/a.py": LINE, "vendor/keep.py": OTHER, "src/b.py": "x = 1\n"})
    patterns = ["vendor/*", "!vendor/keep.py"]
    if by_settings:
        repo.write(".agentreach.yml", f"exclude: {json.dumps(patterns)}\n")
        result = scan(repo.path)
    else:
        result = scan(repo.path, *(f"--exclude={pattern}" for pattern in patterns))
    assert places(only(result.findings)) == [("worktree", "vendor/keep.py")]
    notes = result.report["summary"]["coverage"]["notes"]
    assert any("vendor/*" in note for note in notes)


@pytest.mark.parametrize("by_settings", [False, True])
def test_disable_switches_a_rule_off_and_says_so(leaky: Repo, by_settings: bool) -> None:
    if by_settings:
        leaky.write(".agentreach.yml", f"disable: [{RULE}]\n")
    result = scan(leaky.path, *([] if by_settings else ["--disable", RULE]))
    assert result.findings == []
    assert any(RULE in note for note in result.report["summary"]["coverage"]["notes"])


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("exclude: []\ncolour: red\n", [".agentreach.yml:2:", "`colour`", "known keys: exclude"]),
        ("# comment\n\nfail_on: tuesday\n", [".agentreach.yml:3:", "'tuesday'", "fail_on"]),
        ("exclude: vendor\n", [".agentreach.yml:1:", "exclude", "array"]),
        ("max_bytes: lots\n", [".agentreach.yml:1:", "max_bytes", "int"]),
        ("exclude: [a\n", [".agentreach.yml:2:"]),
        ("- a\n- b\n", [".agentreach.yml:", "object"]),
        ("agents: [clippy]\n", [".agentreach.yml: agents:", "'clippy'", "claude-code"]),
        ("baseline: ../../outside\n", [".agentreach.yml:", "outside the repository"]),
    ],
)
def test_settings_are_strict(leaky: Repo, text: str, messages: list[str]) -> None:
    leaky.write(".agentreach.yml", text)
    result = run("scan", leaky.path)
    assert result.code == ExitCode.USAGE
    assert result.out == b""
    for message in messages:
        assert message in result.err.decode()
    assert run("scan", leaky.path, "--no-config").code == ExitCode.FINDINGS


def test_a_bare_repository_has_settings_too(leaky: Repo, tmp_path: Path) -> None:
    leaky.commit("settings", {".agentreach.yml": f"disable: [{RULE}]\n"})
    assert scan(leaky.clone(tmp_path / "bare.git", bare=True).path).code == ExitCode.CLEAN


# ------------------------------------------------------------------------------ incidents


def test_incidents_are_seeded_once_and_left_to_people(leaky: Repo, tmp_path: Path) -> None:
    records = tmp_path / "incidents"
    first = scan(leaky.path, "--incidents", records)
    incident = only(first.report["incidents"])
    record = records / f"{incident['id']}.yml"
    assert incident["record"] == str(record)
    assert only(first.findings)["incident"] == incident["id"]
    edited = record.read_bytes() + b"# looked at by a person\n"
    record.write_bytes(edited)
    log = (records / "log.jsonl").read_bytes()
    second = scan(leaky.path, "--incidents", records)
    assert record.read_bytes() == edited
    assert (records / "log.jsonl").read_bytes() == log
    assert sorted(path.name for path in records.iterdir()) == [record.name, "log.jsonl"]
    assert only(second.report["incidents"])["id"] == incident["id"]


def test_without_the_option_nothing_is_written(leaky: Repo) -> None:
    before = sorted(leaky.path.parent.iterdir())
    assert only(scan(leaky.path).report["incidents"])["record"] is None
    assert sorted(leaky.path.parent.iterdir()) == before


# ------------------------------------------------------------------------------ tasks and hooks


TASK = "id: PAY-1\nallowed:\n  - src/**\n"


def oversteps(result: Run) -> list[Json]:
    return [finding for finding in result.findings if finding["category"] == 3]


@pytest.fixture
def overstep(repo: Repo) -> Repo:
    """An agent's commit outside `src/`, with no word about a task."""
    repo.commit("root", {"README.md": "# One\n", ".agentreach/tasks/PAY-1.yml": TASK})
    repo.commit("agent", {"src/a.py": "x = 1\n", "docs/b.md": "b\n"}, trailers=CLAUDE)
    return repo


def test_a_task_named_on_the_command_line(overstep: Repo, tmp_path: Path) -> None:
    assert oversteps(scan(overstep.path)) == []
    assert scan(overstep.path).report["summary"]["coverage"]["undeclared_commits"] == 1
    finding = only(oversteps(scan(overstep.path, "--task", "PAY-1")))
    assert [place["path"] for place in finding["locations"]] == ["docs/b.md"]
    assert finding["task"] == "PAY-1"
    file = tmp_path / "task.yml"
    file.write_text("id: X-1\nallowed: ['src/**', 'docs/**']\n")
    assert oversteps(scan(overstep.path, "--task-file", file)) == []


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("work\n\nTask: PAY-1\nCo-Authored-By: Claude <noreply@anthropic.com>\n", 1),
        ("work\n\nCo-Authored-By: Claude <noreply@anthropic.com>\n", 0),
        (f"work with {SECRET}\n", 1),
        (f"work\n\n# {SECRET} in a comment that git drops\n", 0),
        (f"work\n# ------------------------ >8 ------------------------\n{SECRET}\n", 0),
    ],
)
def test_scope_checks_the_message(
    overstep: Repo, monkeypatch: pytest.MonkeyPatch, message: str, code: int
) -> None:
    overstep.write("docs/c.md", f"c {token(5)}\n")
    overstep.stage()
    file = overstep.write(".git/COMMIT_EDITMSG", message)
    monkeypatch.chdir(overstep.path)
    result = run("scope", file)
    assert result.code == code, result
    assert SECRET.encode() not in result.out + result.err


def test_push_reads_the_hooks_environment(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.commit("one", {"a.py": "x = 1\n"})
    clean = repo.commit("two", {"b.py": "x = 1\n"})
    leaky = repo.commit("three", {"c.py": LINE})
    monkeypatch.chdir(repo.path)
    for source, target, code in [
        (f"{clean}~1", clean, ExitCode.CLEAN),
        (clean, leaky, ExitCode.FINDINGS),
        ("0" * 40, leaky, ExitCode.FINDINGS),
    ]:
        monkeypatch.setenv("PRE_COMMIT_FROM_REF", source)
        monkeypatch.setenv("PRE_COMMIT_TO_REF", target)
        assert run("push").code == code


def test_push_reads_what_git_writes(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    none = "0" * 40
    old = repo.commit("one", {"a.py": "x = 1\n"})
    new = repo.commit("two", {"c.py": LINE})
    monkeypatch.chdir(repo.path)
    for line, code in [
        (f"refs/heads/main {new} refs/heads/main {old}", ExitCode.FINDINGS),
        (f"refs/heads/main {new} refs/heads/main {none}", ExitCode.FINDINGS),
        (f"refs/heads/main {old} refs/heads/main {none}", ExitCode.CLEAN),
        (f"(delete) {none} refs/heads/main {new}", ExitCode.CLEAN),
        ("", ExitCode.CLEAN),
    ]:
        assert run("push", stdin=f"{line}\n".encode()).code == code
    two = f"refs/heads/b {old} refs/heads/b {none}\nrefs/heads/a {new} refs/heads/a {old}\n"
    assert run("push", stdin=two.encode()).code == ExitCode.FINDINGS


# ------------------------------------------------------------------------------ the other commands


def test_every_rule_is_listed_and_can_be_shown() -> None:
    listed = [line.split()[1] for line in run("rules", "list").out.decode().splitlines() if line]
    assert RULE in listed and len(listed) > 100
    shown = run("rules", "show", RULE).out.decode()
    assert "rotate      Delete the token at github.com/settings/tokens" in shown


def test_the_demonstration_finds_what_it_planted(tmp_path: Path) -> None:
    result = run("demo", "--no-color", "--keep", tmp_path)
    assert result.code == ExitCode.CLEAN
    for word in (b"railway", b"aws", b"STAGE-17"):
        assert word in result.out.lower() or word in result.out
    assert list((tmp_path / "incidents").glob("AR-*.yml"))
    assert (tmp_path / "rental-service" / ".git").is_dir()


def test_the_module_runs_as_a_program(leaky: Repo) -> None:
    result = process("scan", "--format", "json", ".", cwd=leaky.path)
    assert result.code == ExitCode.FINDINGS
    assert result.err == b""
    assert result.findings == scan(leaky.path).findings


@pytest.mark.parametrize(
    ("environment", "arguments", "colour"),
    [
        ({}, [], False),
        ({"FORCE_COLOR": "1"}, [], True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, [], False),
        ({"NO_COLOR": "1"}, ["--color"], True),
        ({"FORCE_COLOR": "1"}, ["--no-color"], False),
    ],
)
def test_colour_is_for_who_wants_it(
    leaky: Repo,
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    arguments: list[str],
    colour: bool,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert (b"\x1b[" in run("scan", leaky.path, *arguments).out) is colour
