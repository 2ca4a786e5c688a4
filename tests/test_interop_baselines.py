"""Baselines of detect-secrets and gitleaks, read and written."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner.detectors.detect_secrets_handles import LineHandles
from scanner.errors import ConfigError
from scanner.model import Category, Confidence, Finding, Location, Secret, Severity, Where
from scanner.rules.examples import expand
from scanner.suppress import (
    Baseline,
    LegacyHandle,
    legacy_handle,
    split_by_baseline,
    write_detect_secrets_baseline,
)
from tests.repo import Repo

COMMIT = "ab" * 20


def token(seed: int = 0) -> str:
    return expand("{github:ghp_}", seed).decode()


def sha1(text: str | bytes) -> str:
    return hashlib.sha1(text.encode() if isinstance(text, str) else text).hexdigest()


def finding(
    path: str = "a.py",
    line: int = 1,
    rule: str = "github-personal-access-token",
    digest: str = "d0",
    **place: Any,
) -> Finding:
    location = Location(place.pop("where", Where.WORKTREE), path, line=line, **place)
    return Finding(
        fingerprint=f"{rule}{digest}",
        rule=rule,
        category=Category.CREDENTIAL_EXPOSURE,
        severity=Severity.HIGH,
        confidence=Confidence.HIGH,
        title="a token",
        locations=(location,),
        secret=Secret(digest, "a token", "ghp_"),
    )


def entry(**changes: object) -> dict[str, object]:
    return {
        "RuleID": "github-pat",
        "File": "a.py",
        "StartLine": 1,
        "Commit": "",
        "Secret": token(),
        "Fingerprint": "a.py:github-pat:1",
    } | changes


def baseline(tmp_path: Path, data: object) -> Baseline:
    path = tmp_path / "baseline"
    path.write_text(data if isinstance(data, str) else json.dumps(data))
    return Baseline.read(path)


# ---------------------------------------------------------------- gitleaks


def test_a_gitleaks_report_accepts_secrets_and_places(tmp_path: Path) -> None:
    found = baseline(tmp_path, [entry(), entry(File="./b.py", Secret="REDACTED", StartLine=7)])
    assert found.legacy == {sha1(token()): {"a.py"}}
    kept, dropped = split_by_baseline(
        [finding("b.py", 7), finding("b.py", 8), finding("c.py", 7)], found
    )
    assert dropped == 1
    assert [(each.locations[0].path, each.locations[0].line) for each in kept] == [
        ("b.py", 8),
        ("c.py", 7),
    ]
    assert token() not in repr(found)


@pytest.mark.parametrize(
    ("rule", "commit", "accepted"),
    [
        ("github-personal-access-token", COMMIT, True),
        ("github-personal-access-token", None, False),
        ("github-personal-access-token", "cd" * 20, False),
        ("gitleaks:github-pat", COMMIT, True),
        ("gitleaks:other", COMMIT, False),
    ],
)
def test_a_fingerprint_with_a_commit(
    tmp_path: Path, rule: str, commit: str | None, accepted: bool
) -> None:
    found = baseline(tmp_path, f"# accepted\n\n{COMMIT}:a.py:github-pat:3\n")
    place = finding("a.py", 3, rule, where=Where.COMMIT, commit=commit)
    assert split_by_baseline([place], found)[1] == accepted


def test_a_fingerprint_of_a_directory_scan(tmp_path: Path) -> None:
    found = baseline(tmp_path, "dir/a:b.py:github-pat:3\n")
    assert split_by_baseline([finding("dir/a:b.py", 3)], found)[1] == 1
    assert split_by_baseline([finding("dir/a:b.py", 4)], found)[1] == 0


def test_other_kinds_of_findings_are_not_accepted_by_line(tmp_path: Path) -> None:
    found = baseline(tmp_path, "a.py:github-pat:1\n")
    flow = Finding(
        "f", "secret-to-log", Category(4), Severity.LOW, Confidence.LOW, "t",
        (Location(Where.WORKTREE, "a.py", line=1),),
    )  # fmt: skip
    assert split_by_baseline([flow], found)[1] == 0


@pytest.mark.parametrize("data", ["hello\n", "a.py:rule\n", "[{}]", '[{"RuleID": 1}]'])
def test_what_is_neither(tmp_path: Path, data: str) -> None:
    with pytest.raises(ConfigError, match="not a baseline"):
        baseline(tmp_path, data)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_reading_never_fails_otherwise(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "baseline"
    path.write_bytes(data)
    try:
        Baseline.read(path)
    except ConfigError as error:
        assert str(path) in error.message


def test_baselines_join(tmp_path: Path) -> None:
    first = baseline(tmp_path, [entry()])
    second = baseline(tmp_path, [entry(File="b.py")])
    joined = first.joined(second)
    assert joined.legacy == {sha1(token()): {"a.py", "b.py"}}
    assert joined.places == first.places | second.places


# ---------------------------------------------------------------- detect-secrets

CHECK = """\
import json, sys
from detect_secrets.core import baseline
loaded = baseline.load(baseline.load_from_file(sys.argv[1]), sys.argv[1])
out = {name: sorted((s.type, s.secret_hash, s.line_number) for s in found)
       for name, found in loaded.data.items()}
print(json.dumps(out))
"""


def run(*arguments: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *arguments], cwd=cwd, capture_output=True, text=True, check=False
    )


def test_the_installed_tool_loads_what_we_write(tmp_path: Path) -> None:
    path = tmp_path / ".secrets.baseline"
    findings = [
        finding("b.py", 4),
        finding("a.py", 2, rule="generic-password", digest="d1"),
        finding("old.py", 2, digest="d1", where=Where.COMMIT, in_head=False),
        finding("never.py", 2, digest="no handle"),
    ]
    handles = {
        ("github-personal-access-token", "d0"): [LegacyHandle("GitHub Token", sha1(token()))],
        ("github-personal-access-token", "d1"): [LegacyHandle("GitHub Token", sha1(token(1)))],
        ("generic-password", "d1"): [LegacyHandle("Secret Keyword", sha1("hollow"))],
    }
    assert write_detect_secrets_baseline(path, findings, handles) == 2
    done = run("-c", CHECK, str(path), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "a.py": [["Secret Keyword", sha1("hollow"), 2]],
        "b.py": [["GitHub Token", sha1(token()), 4]],
    }
    assert Baseline.read(path).legacy == {sha1("hollow"): {"a.py"}, sha1(token()): {"b.py"}}


LINES = {
    "a.py": f"TOKEN = '{token()}'",
    "b.yml": f"token: {token()}",
    "c.ini": f"password = {expand('{alnum:24}').decode()}",
    "d.sh": f"export AWS_ACCESS_KEY_ID={expand('AKIA{base32:16}').decode()}",
    "e.pem": "-----BEGIN RSA PRIVATE KEY-----",
}


@pytest.mark.parametrize("name", LINES)
def test_the_installed_tool_takes_our_entries_as_known(repo: Repo, name: str) -> None:
    line = LINES[name]
    repo.write(name, f"# first\n{line}\n" if name != "c.ini" else f"[main]\n{line}\n")
    path = repo.path / ".secrets.baseline"
    write_detect_secrets_baseline(path, [], {})
    repo.stage()
    hook = ("-m", "detect_secrets.pre_commit_hook", "--baseline", path.name, name)
    assert run(*hook, cwd=repo.path).returncode == 1, "it does find it"
    value = line.split("=")[-1].split(": ")[-1].strip(" '").encode()
    handles = {("github-personal-access-token", "d0"): LineHandles()(value, line.encode())}
    write_detect_secrets_baseline(path, [finding(name, 2)], handles)
    repo.stage()
    done = run(*hook, cwd=repo.path)
    # 3: nothing new, but it takes out what its filters for the whole file drop.
    assert done.returncode in (0, 3), done.stdout + done.stderr
    assert "Potential secrets" not in done.stdout
    scan = run("-m", "detect_secrets", "scan", "--baseline", path.name, cwd=repo.path)
    assert scan.returncode == 0, scan.stderr


def test_it_says_what_the_installed_tool_says_of_itself(tmp_path: Path) -> None:
    path = tmp_path / ".secrets.baseline"
    write_detect_secrets_baseline(path, [], {})
    script = (
        "import json\nfrom detect_secrets.settings import default_settings, get_settings\n"
        "with default_settings(): print(json.dumps(get_settings().json()))"
    )
    done = run("-c", script, cwd=tmp_path)
    written = json.loads(path.read_text())
    expected = json.loads(done.stdout)
    assert written["plugins_used"] == expected["plugins_used"]
    assert written["filters_used"] == expected["filters_used"]
    assert written["version"] == "1.5.0"


def test_what_an_audit_said_is_kept(tmp_path: Path) -> None:
    path = tmp_path / ".secrets.baseline"
    key = ("github-personal-access-token", "d0")
    write_detect_secrets_baseline(
        path, [finding()], {key: [LegacyHandle("GitHub Token", sha1(token()))]}
    )
    document = json.loads(path.read_text())
    document["results"]["a.py"][0]["is_secret"] = True
    path.write_text(json.dumps(document))
    write_detect_secrets_baseline(
        path, [finding("b.py"), finding()], {key: [LegacyHandle("GitHub Token", sha1(token()))]}
    )
    results = json.loads(path.read_text())["results"]
    assert [results[name][0].get("is_secret") for name in ("a.py", "b.py")] == [True, None]


def test_it_is_written_the_same_whatever_the_order(tmp_path: Path) -> None:
    findings = [finding(name, digest=f"d{number}") for number, name in enumerate("cab")]
    handles = {
        (each.rule, each.secret.digest): [
            LegacyHandle(kind, sha1(each.locations[0].path)) for kind in "yx"
        ]
        for each in findings
        if each.secret
    }
    texts = []
    for order in (findings, findings[::-1]):
        write_detect_secrets_baseline(tmp_path / "b", order, handles)
        texts.append((tmp_path / "b").read_bytes())
    assert texts[0] == texts[1]
    assert b"generated_at" not in texts[0]


def test_a_private_key_has_the_handle_that_detect_secrets_gives_it(tmp_path: Path) -> None:
    key = b"-----BEGIN RSA PRIVATE KEY-----\nx\n"
    assert legacy_handle(key) == sha1("BEGIN RSA PRIVATE KEY")
    assert legacy_handle(token().encode()) == sha1(token())
    (tmp_path / "key.pem").write_bytes(key)
    done = run("-m", "detect_secrets", "scan", "--all-files", "key.pem", cwd=tmp_path)
    hashes = {
        each["hashed_secret"]
        for entries in json.loads(done.stdout)["results"].values()
        for each in entries
    }
    assert legacy_handle(key) in hashes


def test_it_is_not_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "victim")
    with pytest.raises(ConfigError, match="symbolic link"):
        write_detect_secrets_baseline(tmp_path / "link", [], {})
    assert not os.path.lexists(tmp_path / "victim")
