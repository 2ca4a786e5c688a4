"""`agentreach explain`: it says what a scan does, why, and never a value."""

import os
from pathlib import Path

import pytest

from scanner.rules.examples import expand
from tests.repo import Repo
from tests.scanning import Run, only, run, scan, token


def explained(file: Path, line: int = 1, *arguments: str) -> str:
    """What is said about a line, after a look at the exit code."""
    done = run("explain", f"{file}:{line}", *arguments)
    text = done.out.decode()
    assert done.code == int("= reported" in text), done.err
    return text


def written(directory: Path, *lines: str) -> Path:
    path = directory / "settings.env"
    path.write_text("".join(line + "\n" for line in lines))
    return path


def refused(done: Run) -> str:
    assert (done.code, done.out) == (2, b"")
    return done.err.decode()


# -------------------------------------------------------------------------------------- verdicts


def test_a_reported_secret(tmp_path: Path) -> None:
    secret = token()
    text = explained(written(tmp_path, "# tokens", f"T={secret}"), 2)
    assert "column 3: github-personal-access-token" in text
    assert "= reported, high confidence" in text
    assert "github-checksum: " in text
    assert secret[4:-2] not in text


def test_a_wrong_checksum_and_what_stands_before_it(tmp_path: Path) -> None:
    text = explained(written(tmp_path, f'token = "{expand("{github-broken:ghp_}").decode()}"'))
    assert "github-checksum: " in text
    assert ": not a secret" in text
    assert "a more specific rule has shown that this is no secret" in text
    assert "= reported" not in text


def test_a_specific_rule_speaks_for_a_generic_one(tmp_path: Path) -> None:
    text = explained(written(tmp_path, f'token = "{token()}"'))
    assert "github-personal-access-token speaks for the same characters" in text


def test_a_reference_is_no_secret(tmp_path: Path) -> None:
    text = explained(written(tmp_path, "password = os.environ['DB_PASSWORD']"))
    assert "= reported" not in text


def test_nothing_to_say(tmp_path: Path) -> None:
    assert "No rule's pattern matches here" in explained(written(tmp_path, "colour = blue"))


def test_two_halves_are_one_finding(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        f"AWS_ACCESS_KEY_ID={expand('{aws-key-id:AKIA}').decode()}",
        f"AWS_SECRET_ACCESS_KEY={expand('{base64:40}').decode()}",
    )
    both = explained(path, 2)
    assert "aws-secret-access-key" in both
    assert "= reported" in both
    # The half by itself is told, and which finding it is a part of.
    half = explained(path, 1)
    assert "aws-access-key-id" in half
    assert "= reported as a part of aws-secret-access-key" in half


def test_a_secret_in_an_encoding(tmp_path: Path) -> None:
    path = written(tmp_path, "#", f"blob: {expand('{base64-of:key <github:ghp_> end}').decode()}")
    text = explained(path, 2)
    assert "unwrapped: base64" in text
    place = only(scan(path).secrets)["locations"][0]
    assert place["line"] == 2
    assert f"column {place['column']}: github-personal-access-token" in text


def test_what_only_detect_secrets_sees(tmp_path: Path) -> None:
    value = expand("{alnum:60}").decode()
    text = explained(written(tmp_path, f'password = "changeme"  # =AKC{value}'))
    dropped, seen = text.split("  column ")[1:]
    assert "= not reported" in dropped
    assert "detect-secrets-artifactory" in seen
    assert "= reported, low confidence" in seen
    assert value not in text


def test_every_line_of_a_key_leads_to_it(tmp_path: Path) -> None:
    key = expand("{pem:ed25519}").decode()
    path = written(tmp_path, "x", *key.splitlines())
    first, middle = explained(path, 2), explained(path, 3)
    assert "  column 1: private-key" in first
    assert "  line 2, column 1: private-key" in middle


def test_what_explain_says_is_what_a_scan_does(tmp_path: Path) -> None:
    lines = [
        f"A={token(1)}",
        f"B={expand('{github-broken:ghp_}').decode()}",
        "password = hunter2",
        'password = "changeme"',
        f'db_password = "{expand("{alnum:20}").decode()}"',
        f"url = postgres://app:{expand('{alnum:16}').decode()}@db.internal/app",
        f'"apiKey": "{expand("{hex:32}").decode()}"',
        "commit: " + expand("{hex:40}").decode(),
        "secret = ${VAULT_SECRET}",
        f"jwt={expand('{jwt}').decode()}",
        f"jwt={expand('{jwt:sample}').decode()}",
        f"c = {expand('{base64-of:<github:ghp_>}').decode()}",
        "",
    ]
    path = written(tmp_path, *lines)
    found = {
        place["line"]
        for finding in scan(path, "--min-confidence", "low").secrets
        for place in finding["locations"]
    }
    told = {
        number
        for number in range(1, len(lines) + 1)
        if run("explain", f"{path}:{number}").code == 1
    }
    assert told == found
    assert found > {1}


# ----------------------------------------------------------------------------------------- notes


def test_an_ignore_comment_is_said(tmp_path: Path) -> None:
    path = written(tmp_path, f"T={token()}  # agentreach: ignore[github-personal-access-token] old")
    assert "an ignore comment" in explained(path)


def test_a_confidence_that_is_not_shown_is_said(tmp_path: Path) -> None:
    path = written(tmp_path, f'AWS_SESSION_TOKEN="{expand("{base64:352}").decode()}"')
    assert "= reported, medium confidence" in explained(path)
    assert "--min-confidence" not in explained(path)
    (tmp_path / ".agentreach.yml").write_text("min_confidence: high\n")
    assert "shows it with --min-confidence medium" in explained(path)
    assert "--min-confidence" not in explained(path, 1, "--no-config")


def test_the_settings_are_those_of_the_files_repository(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not those of the directory that the command was called in."""
    repo.write(".agentreach.yml", "disable: [github-personal-access-token]\n")
    repo.write("deep/er/settings.env", f"T={token()}\n")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    assert "is disabled in .agentreach.yml" in explained(repo.path / "deep/er/settings.env")


def test_a_file_that_a_scan_leaves_out(tmp_path: Path) -> None:
    (tmp_path / ".agentreach.yml").write_text("max_bytes: 20\n")
    assert "more than 20 bytes" in explained(written(tmp_path, f"T={token()}"))


# -------------------------------------------------------------------------------------- revisions


def test_a_line_as_it_was(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    first = repo.commit("with a token", {"config/app.env": f"#\nT={token()}\n"})
    repo.commit("without", {"config/app.env": "#\nT=${TOKEN}\n"})
    monkeypatch.chdir(repo.path)
    assert "= reported" in explained(Path("config/app.env"), 2, "--rev", first)
    assert "= reported" not in explained(Path("config/app.env"), 2, "--rev", "HEAD")
    assert "= reported" in explained(Path("config/app.env"), 2, "--rev", "HEAD~1")
    monkeypatch.chdir(repo.path / "config")
    assert "= reported" in explained(Path("app.env"), 2, "--rev", first)


def test_revisions_that_are_not_there(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.commit("one", {"app.env": "T=1\n"})
    monkeypatch.chdir(repo.path)
    assert "not in HEAD" in refused(run("explain", "gone.env:1", "--rev", "HEAD"))
    assert refused(run("explain", "app.env:1", "--rev", "no-such-branch"))
    assert refused(run("explain", "app.env:1", "--rev", "--output=x"))
    outside = os.path.relpath(written(tmp_path, "x"), repo.path)
    assert refused(run("explain", f"{outside}:1", "--rev", "HEAD"))
    missing = os.path.relpath(tmp_path / "missing" / "file", repo.path)
    assert "not in the repository" in refused(run("explain", f"{missing}:1", "--rev", "HEAD"))
    monkeypatch.chdir(tmp_path)
    assert refused(run("explain", "settings.env:1", "--rev", "HEAD"))


# ------------------------------------------------------------------------------------------ input


@pytest.mark.parametrize("place", ["settings.env", "settings.env:0", "settings.env:x", ":1", ""])
def test_what_is_no_place(place: str) -> None:
    assert "is not FILE:LINE" in refused(run("explain", place))


def test_lines_and_files_that_are_not_there(tmp_path: Path) -> None:
    path = written(tmp_path, "a", "b")
    assert "has no line 9" in refused(run("explain", f"{path}:9"))
    assert "cannot be read" in refused(run("explain", f"{tmp_path / 'missing'}:1"))
    assert "cannot be read" in refused(run("explain", f"{tmp_path}:1"))


def test_a_column_and_a_colon_in_the_name(tmp_path: Path) -> None:
    path = tmp_path / "a:b.env"
    path.write_text(f"T={token()}\n")
    assert run("explain", f"{path}:1").code == 1
    assert run("explain", f"{path}:1:3").code == 1


def test_hostile_content(tmp_path: Path) -> None:
    """No control character reaches the terminal, and no value."""
    path = tmp_path / "bad\x1b[31m.env"
    secret = token().encode()
    path.write_bytes(b"\xff\xfe\x00" * 3 + b"\x1b]0;x\x07T=" + secret + b"\r\n" + b"a" * 100_000)
    done = run("explain", f"{path}:1")
    assert done.code == 1
    assert b"\x1b" not in done.out
    assert b"\x07" not in done.out
    assert secret[4:-2] not in done.out
    assert run("explain", f"{path}:2").code == 0


def test_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "empty"
    path.write_bytes(b"")
    assert run("explain", f"{path}:1").code == 0


def test_it_says_where_a_scan_says(repo: Repo) -> None:
    repo.commit("a", {"a.env": f"x\n  T={token()}\n"})
    place = only(scan(repo.path, "--no-history").secrets)["locations"][0]
    text = explained(repo.path / "a.env", place["line"])
    assert f"column {place['column']}: " in text
