"""Reports of other scanners: read without letting a secret out."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner.errors import ConfigError
from scanner.interop.reports import ImportedReport, ImportedSecret, read_report
from scanner.rules.examples import expand

Json = dict[str, Any]


def token(seed: int = 0) -> str:
    return expand("{github:ghp_}", seed).decode()


def digests(secret: bytes) -> tuple[str, ...]:
    """Stands for the keyed digests: tells tokens apart and shows nothing of them."""
    known = {token(seed).encode(): f"digest-{seed}" for seed in range(9)}
    return (known.get(secret, "digest-other"),)


def read(tmp_path: Path, data: bytes | str | object) -> ImportedReport:
    path = tmp_path / "report"
    if not isinstance(data, bytes | str):
        data = json.dumps(data)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    report = read_report(path, digests)
    shown = repr(report)
    assert [seed for seed in range(9) if token(seed) in shown] == []
    return report


def gitleaks(seed: int = 0, **changes: object) -> Json:
    return {
        "RuleID": "github-pat",
        "Description": "Uncovered a GitHub token",
        "StartLine": 3,
        "EndLine": 3,
        "StartColumn": 9,
        "EndColumn": 48,
        "Match": f"TOKEN = {token(seed)}",
        "Secret": token(seed),
        "File": "src/a.py",
        "SymlinkFile": "",
        "Commit": "",
        "Entropy": 4.5,
        "Author": "",
        "Email": "",
        "Date": "",
        "Message": "",
        "Tags": [],
        "Fingerprint": "src/a.py:github-pat:3",
    } | changes


def trufflehog(seed: int = 0, source: str = "Git", **changes: object) -> Json:
    place: Json = {"file": "src/a.py", "line": 3}
    if source == "Git":
        place |= {"commit": "ab" * 20, "email": "a@example.org", "timestamp": "2024-01-01"}
    return {
        "SourceMetadata": {"Data": {source: place}},
        "SourceID": 1,
        "SourceType": 16,
        "SourceName": "trufflehog - git",
        "DetectorType": 8,
        "DetectorName": "Github",
        "DetectorDescription": "GitHub is a place",
        "DecoderName": "PLAIN",
        "Verified": False,
        "VerificationFromCache": False,
        "Raw": token(seed),
        "RawV2": "",
        "Redacted": "",
        "ExtraData": {"version": "2"},
        "StructuredData": None,
    } | changes


def kingfisher(seed: int = 0, **changes: object) -> Json:
    finding: Json = {
        "snippet": token(seed),
        "fingerprint": "123",
        "confidence": "medium",
        "entropy": "4.5",
        "validation": {"status": "Not Attempted", "response": ""},
        "language": "Python",
        "line": 3,
        "column_start": 8,
        "column_end": 47,
        "path": "src/a.py",
    }
    return {"rule": {"name": "GitHub token", "id": "kingfisher.github.1"}, "finding": finding} | {
        "finding": finding | changes
    }


EXPECTED = ImportedSecret(
    tool="gitleaks",
    rule="github-pat",
    path="src/a.py",
    line=3,
    column=9,
    digests=("digest-0",),
    description="Uncovered a GitHub token",
)


def lines(*items: object) -> str:
    return "".join(f"{json.dumps(item)}\n" for item in items)


# ---------------------------------------------------------------- gitleaks


def test_gitleaks(tmp_path: Path) -> None:
    report = read(tmp_path, [gitleaks(), gitleaks(1, Commit="AB" * 20, File=".\\b.py")])
    assert (report.tool, report.version, report.problems) == ("gitleaks", None, ())
    assert report.secrets[0] == EXPECTED
    second = report.secrets[1]
    assert (second.commit, second.path, second.digests) == ("ab" * 20, "./b.py", ("digest-1",))


@pytest.mark.parametrize("secret", ["REDACTED", "ghp_...", ""])
def test_a_redacted_secret_has_no_digest(tmp_path: Path, secret: str) -> None:
    (found,) = read(tmp_path, [gitleaks(Secret=secret)]).secrets
    assert found.digests == ()
    assert found.path == "src/a.py"


def test_what_is_reported_twice_counts_once(tmp_path: Path) -> None:
    assert len(read(tmp_path, [gitleaks(), gitleaks(), gitleaks(StartLine=4)]).secrets) == 2


# ---------------------------------------------------------------- trufflehog


@pytest.mark.parametrize("source", ["Git", "Filesystem", "Github"])
def test_trufflehog(tmp_path: Path, source: str) -> None:
    log = {"level": "info-0", "ts": "x", "logger": "trufflehog", "msg": "running source"}
    report = read(tmp_path, lines(log, trufflehog(0, source), trufflehog(1, Verified=True), log))
    assert (report.tool, report.problems) == ("trufflehog", ())
    first, second = report.secrets
    assert (first.rule, first.path, first.line, first.digests) == (
        *("Github", "src/a.py", 3),
        ("digest-0",),
    )
    assert first.commit == ("ab" * 20 if source == "Git" else None)
    assert (first.verified, second.verified) == (None, True)


def test_both_halves_of_a_credential_are_digested(tmp_path: Path) -> None:
    entry = trufflehog(0, RawV2=f"{token(0)}:{token(1)}")
    assert read(tmp_path, lines(entry)).secrets[0].digests == ("digest-0", "digest-1")


# ---------------------------------------------------------------- kingfisher


@pytest.mark.parametrize("form", ["document", "lines"])
def test_kingfisher(tmp_path: Path, form: str) -> None:
    git = {"commit": {"id": "cd" * 20, "date": "x"}, "file": {"path": "b.py", "url": "u"}}
    entries = [kingfisher(), kingfisher(1, git_metadata=git, path="repo/b.py")]
    if form == "lines":
        report = read(tmp_path, lines(*entries, {"metadata": {}}))
        assert report.version is None
    else:
        metadata = {"kingfisher_version": "2.14.0", "summary": {"findings": 2}}
        report = read(tmp_path, json.dumps({"findings": entries, "metadata": metadata}, indent=2))
        assert report.version == "2.14.0"
    first, second = report.secrets
    assert (first.tool, first.rule, first.column) == ("kingfisher", "kingfisher.github.1", 9)
    assert (second.path, second.commit, second.digests) == ("b.py", "cd" * 20, ("digest-1",))
    assert report.problems == ()


@pytest.mark.parametrize(
    ("status", "response", "verified"),
    [
        ("Active Credential", "200", True),
        ("Inactive Credential", "401 Unauthorized", False),
        ("Inactive Credential", "Validation skipped - missing dependent rules: x", None),
        ("Not Attempted", "", None),
        ("something new", "200", None),
    ],
)
def test_what_kingfisher_validated(
    tmp_path: Path, status: str, response: str, verified: bool | None
) -> None:
    entry = kingfisher(validation={"status": status, "response": response})
    assert read(tmp_path, {"findings": [entry]}).secrets[0].verified is verified


def test_kingfisher_redacted(tmp_path: Path) -> None:
    entry = kingfisher(snippet="[REDACTED:0123]")
    assert read(tmp_path, {"findings": [entry]}).secrets[0].digests == ()


# ---------------------------------------------------------------- detect-secrets


def test_detect_secrets(tmp_path: Path) -> None:
    def entry(**changes: object) -> Json:
        return {
            "type": "GitHub Token",
            "filename": "src/a.py",
            "hashed_secret": "ab" * 20,
            "is_verified": False,
            "line_number": 3,
        } | changes

    document = {
        "version": "1.5.0",
        "plugins_used": [{"name": "GitHubTokenDetector"}],
        "filters_used": [],
        "results": {
            "src/a.py": [entry(), entry(is_verified=True, is_secret=True, hashed_secret="C" * 40)],
            "b": [entry(is_secret=False)],
        },
        "generated_at": "2024-01-01T00:00:00Z",
    }
    report = read(tmp_path, json.dumps(document, indent=2))
    assert (report.tool, report.version) == ("detect-secrets", "1.5.0")
    assert [(found.sha1, found.verified) for found in report.secrets] == [
        ("ab" * 20, None),
        ("c" * 40, True),
    ]
    assert report.notes == ("1 entries that an audit marked as no secret",)


# ---------------------------------------------------------------- SARIF


def sarif(tool: str, *results: Json, rules: tuple[Json, ...] = ()) -> Json:
    driver = {"name": tool, "semanticVersion": "v8.0.0", "rules": list(rules)}
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": list(results)}],
    }


def result(rule: str = "github-pat", uri: str = "src/a.py", **changes: object) -> Json:
    region = {"startLine": 3, "startColumn": 9, "snippet": {"text": token()}}
    place = {"artifactLocation": {"uri": uri}, "region": region}
    return {
        "ruleId": rule,
        "message": {"text": "a secret"},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {"commitSha": "ab" * 20, "author": "a"},
    } | changes


def test_gitleaks_sarif(tmp_path: Path) -> None:
    report = read(tmp_path, sarif("gitleaks", result()))
    (found,) = report.secrets
    assert (report.tool, report.version) == ("gitleaks", "v8.0.0")
    assert (found.path, found.line, found.commit) == ("src/a.py", 3, "ab" * 20)
    assert found.digests == ("digest-0",)


def test_sarif_of_others(tmp_path: Path) -> None:
    rules = (
        {"id": "py/sql", "properties": {"tags": ["external/cwe/cwe-089"]}},
        {"id": "py/key", "properties": {"tags": ["external/cwe/cwe-798"]}},
    )
    report = read(
        tmp_path,
        sarif(
            "CodeQL",
            result("py/sql"),
            result("py/key", "file:///build/src/a%20b.py"),
            result("py/key", suppressions=[{"kind": "inSource"}]),
            result("py/key", kind="pass"),
            rules=rules,
        ),
    )
    assert [(found.rule, found.path) for found in report.secrets] == [
        ("py/key", "/build/src/a b.py")
    ]
    assert report.secrets[0].digests == (), "a snippet is a line, not the secret"
    assert report.notes == (
        "1 results of rules that are not about secrets",
        "1 results that are suppressed in the report",
        "1 results that report nothing present",
    )


# ---------------------------------------------------------------- what is wrong


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"hello", "neither { nor ["),
        (b'[\n{"RuleID": "a", "File": 5}]', "$[0].File"),
        (b'[\n{"RuleID": "a",\n "File": "b"', "too early, in line 3"),
        (b'[\n{"RuleID": "a",,', "line 2: "),
        (b'{"tool": 1, "schema": "other/v9"}', "other/v9"),
        (b'[{"Secret": "a"}]', "not a report of a tool that is known"),
        (b'{"level": "info"}\n{"level": "info"}\n', "no line holds a finding"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"runs": [{"results": {}}]}', "$.runs[0].results"),
        (b"\xff\xfe\x00\x01", "neither"),
    ],
)
def test_a_clear_error_with_file_and_position(tmp_path: Path, data: bytes, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, data)
    assert caught.value.message.startswith(f"{tmp_path / 'report'}: ")
    assert words in caught.value.message


def test_an_error_never_shows_a_value(tmp_path: Path) -> None:
    entry = gitleaks(StartLine=token())
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, [entry])
    assert token() not in str(caught.value)


def test_a_damaged_line_is_a_problem_and_the_others_count(tmp_path: Path) -> None:
    whole = lines(trufflehog(), trufflehog(1))
    report = read(tmp_path, whole + json.dumps(trufflehog(2))[:-30])
    assert len(report.secrets) == 2
    assert [problem.where for problem in report.problems] == [f"{tmp_path / 'report'}:3"]


def test_many_damaged_lines_are_counted(tmp_path: Path) -> None:
    report = read(tmp_path, lines(trufflehog()) + "damage\n" * 50)
    assert len(report.problems) == 21
    assert report.problems[-1].reason.startswith("30 more lines")


def test_a_missing_report(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        read_report(tmp_path / "none", digests)


def test_a_report_that_is_too_large(tmp_path: Path) -> None:
    path = tmp_path / "report"
    with path.open("wb") as stream:
        stream.truncate((256 << 20) + 1)
    with pytest.raises(ConfigError, match="larger than 256 MiB"):
        read_report(path, digests)


def test_what_powershell_redirects(tmp_path: Path) -> None:
    data = json.dumps([gitleaks()]).encode("utf-16")
    assert read(tmp_path, data).secrets == (EXPECTED,)


def test_hostile_texts_are_bounded(tmp_path: Path) -> None:
    entry = gitleaks(RuleID="r" * 9999, File="p\0q", StartLine=-5, Commit="--exec", Description="")
    (found,) = read(tmp_path, [entry]).secrets
    assert (len(found.rule), found.path, found.line, found.commit) == (200, "", None, None)


_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                [
                    *("RuleID", "File", "Secret", "DetectorName", "SourceMetadata", "Data"),
                    *("Raw", "rule", "finding", "findings", "path", "runs", "results"),
                    *("plugins_used", "version", "tool", "driver", "locations", "uri"),
                    *("hashed_secret", "line"),
                ]
            ),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(st.one_of(_JSON.map(lambda value: json.dumps(value).encode()), st.binary(max_size=200)))
def test_reading_never_fails_otherwise(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "report"
    path.write_bytes(data)
    try:
        read_report(path, digests)
    except ConfigError as error:
        assert str(path) in error.message
