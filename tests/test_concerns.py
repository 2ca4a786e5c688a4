"""Settings to look at as findings: which, where, how bad, and when a scan is silent about them."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from scanner.errors import RuleError
from scanner.incidents import seed
from scanner.model import (
    Basis,
    Category,
    Concern,
    ConcernKind,
    Confidence,
    Files,
    Finding,
    Location,
    Reach,
    Severity,
    Tracking,
    Where,
)
from scanner.pipeline.concerns import ConcernFindings, Surface
from scanner.pipeline.digest import Digester
from scanner.rules import root
from scanner.rules.boundaries import SCOPE_RULES, load_boundary_files
from scanner.rules.concerns import FILE, load_concern_rules
from scanner.rules.dataflow import load_flow_rules
from scanner.rules.secrets import load_secret_rules
from tests.repo import Repo
from tests.scanning import Json, Run, only, run, scan, token
from tests.test_reach_entries_workflow import OPEN

DEAD = ".claudeignore"
SETTINGS = {".claude/settings.json": "{}\n"}
ENV = f"GITHUB_TOKEN={token()}\n"


@pytest.fixture
def guarded(repo: Repo) -> Repo:
    """A project for Claude Code with an ignore file that Claude Code does not read."""
    repo.commit("set up", {**SETTINGS, DEAD: "secrets/\n.env\n", "src/a.py": "x = 1\n"})
    return repo


def dead(result: Run) -> list[Json]:
    assert result.report["problems"] == []
    return [finding for finding in result.findings if finding["rule"] == "dead-control"]


# ------------------------------------------------------------------------------ in a scan


def test_a_control_that_has_no_effect(guarded: Repo) -> None:
    finding = only(scan(guarded.path).findings)
    assert (finding["rule"], finding["category"]) == ("dead-control", 4)
    assert (finding["severity"], finding["confidence"]) == ("low", "high")
    place = only(finding["locations"])
    assert (place["where"], place["path"], place["line"]) == ("worktree", DEAD, None)
    assert finding["evidence"][0] == {
        "text": "Claude Code does not read this file",
        "basis": "documented",
        "source": "https://code.claude.com/docs/en/permissions#permission-system",
    }
    assert "permissions.deny" in finding["remediation"][0]
    assert finding["references"] == [finding["evidence"][0]["source"]]
    assert finding["incident"] is None


def test_a_control_that_nobody_reads_is_a_sign_of_its_agent(repo: Repo) -> None:
    repo.commit("alone", {DEAD: ".env\n"})
    assert [one["rule"] for one in scan(repo.path).findings] == ["dead-control"]


@pytest.mark.parametrize(
    ("patterns", "severity"),
    [(".env\n", "medium"), ("*.pem\n", "low"), (".env\n!.env\n", "low")],
)
def test_worse_when_a_secret_lies_behind_it(repo: Repo, patterns: str, severity: str) -> None:
    repo.commit("set up", {**SETTINGS, DEAD: patterns, ".gitignore": ".env\n"})
    repo.write(".env", ENV)
    finding = only(dead(scan(repo.path)))
    assert finding["severity"] == severity
    told = [one["text"] for one in finding["evidence"] if "where a secret is" in one["text"]]
    expected = ["it names .env, where a secret is: GitHub personal access token (classic)"]
    assert told == (expected if severity == "medium" else [])


def test_a_secret_that_is_gone_does_not_count(repo: Repo) -> None:
    repo.commit("set up", {**SETTINGS, DEAD: ".env\n", ".env": ENV})
    repo.commit("take it out", {".env": None})
    assert only(dead(scan(repo.path)))["severity"] == "low"


def test_in_an_example_it_matters_less(repo: Repo) -> None:
    repo.commit("set up", {**SETTINGS, f"examples/app/{DEAD}": ".env\n"})
    assert only(dead(scan(repo.path)))["severity"] == "info"


def test_a_bare_repository(guarded: Repo, tmp_path: Path) -> None:
    bare = guarded.clone(tmp_path / "bare", bare=True)
    place = only(only(dead(scan(bare.path)))["locations"])
    assert (place["where"], place["path"], place["in_head"]) == ("commit", DEAD, True)


def test_a_directory_without_git(tmp_path: Path) -> None:
    (tmp_path / "plain" / ".claude").mkdir(parents=True)
    (tmp_path / "plain" / ".claude" / "settings.json").write_text("{}")
    (tmp_path / "plain" / DEAD).write_text(".env\n")
    assert only(dead(scan(tmp_path / "plain")))["locations"][0]["where"] == "worktree"


def test_a_secret_in_a_setting_is_masked(repo: Repo) -> None:
    """What a concern is about is quoted, and a rule can hold anything."""
    secret = token()
    rule = f"Write({secret}/.env)"
    repo.commit("set up", {".claude/settings.json": f'{{"permissions": {{"deny": ["{rule}"]}}}}'})
    for form in ("json", "text", "sarif"):
        result = run("scan", repo.path, "--format", form, "--verbose")
        assert b"dead-control" in result.out
        assert secret.encode() not in result.out + result.err


# ------------------------------------------------------------------------------ of a part


def test_staged_only_what_is_staged(guarded: Repo) -> None:
    guarded.write("src/a.py", "x = 2\n")
    guarded.stage()
    assert dead(scan(guarded.path, "--staged")) == []
    guarded.write(DEAD, "# more\n.env\n")
    guarded.stage()
    staged = only(dead(scan(guarded.path, "--staged")))
    whole = only(dead(scan(guarded.path)))
    assert staged["fingerprint"] == whole["fingerprint"]
    assert staged["locations"] == whole["locations"]


def test_a_staged_workflow_is_judged_as_in_the_whole(repo: Repo) -> None:
    workflow = ".github/workflows/triage.yml"
    repo.commit("set up", {workflow: OPEN, "src/a.py": "x = 1\n"})
    whole = only(scan(repo.path).findings)
    assert whole["locations"][0]["path"] == workflow
    repo.write("src/a.py", "x = 2\n")
    repo.stage()
    assert scan(repo.path, "--staged").findings == []
    repo.write(workflow, f"# mended\n{OPEN}")
    repo.stage()
    assert only(scan(repo.path, "--staged").findings)["fingerprint"] == whole["fingerprint"]


def test_a_range_only_what_it_touches(guarded: Repo) -> None:
    guarded.commit("elsewhere", {"src/a.py": "x = 2\n"})
    assert dead(scan(guarded.path, "--range", "HEAD~1..HEAD")) == []
    guarded.commit("here", {DEAD: ".env\n"})
    assert len(dead(scan(guarded.path, "--range", "HEAD~1..HEAD"))) == 1
    guarded.commit("take it out", {DEAD: None})
    assert dead(scan(guarded.path, "--range", "HEAD~2..HEAD")) == []


def test_a_directory_of_the_work_tree(guarded: Repo) -> None:
    guarded.commit("nested", {f"src/{DEAD}": ".env\n"})
    assert len(dead(scan(guarded.path))) == 2
    assert only(dead(scan(guarded.path / "src")))["locations"][0]["path"] == f"src/{DEAD}"


def test_excluded_paths(guarded: Repo) -> None:
    assert dead(scan(guarded.path, "--exclude", DEAD)) == []


def test_standard_input_has_no_settings() -> None:
    assert scan("-", stdin=b"{}\n").findings == []


# ------------------------------------------------------------------------------ accepted


def test_the_fingerprint_stays_when_lines_move(guarded: Repo) -> None:
    before = only(dead(scan(guarded.path)))
    guarded.commit("more", {DEAD: "# a comment\n\nsecrets/\n.env\n"})
    after = only(dead(scan(guarded.path)))
    assert before["fingerprint"] == after["fingerprint"]
    assert before["locations"][0]["fingerprint"] == after["locations"][0]["fingerprint"]


def test_a_baseline_accepts_the_file(guarded: Repo, tmp_path: Path) -> None:
    baseline = tmp_path / "baseline.json"
    run("scan", guarded.path, "--write-baseline", baseline)
    assert scan(guarded.path, "--baseline", baseline).findings == []
    guarded.commit("another", {f"src/{DEAD}": ".env\n"})
    new = only(scan(guarded.path, "--baseline", baseline).findings)
    assert new["locations"][0]["path"] == f"src/{DEAD}"


@pytest.mark.parametrize(
    ("comment", "count", "suppressed"),
    [
        ("# agentreach: ignore[dead-control] our own hook reads it", 0, 1),
        ("# agentreach: ignore[dead-control]", 1, 0),
        ("# agentreach: ignore[hidden-text] our own hook reads it", 1, 0),
        ("# gitleaks:allow", 1, 0),
    ],
)
def test_a_comment_with_a_reason(guarded: Repo, comment: str, count: int, suppressed: int) -> None:
    guarded.commit("say so", {DEAD: f"{comment}\n.env\n"})
    result = scan(guarded.path)
    found = dead(result)
    assert (len(found), result.report["summary"]["coverage"]["suppressed"]) == (count, suppressed)
    texts = [one["text"] for finding in found for one in finding["evidence"]]
    refused = "an agentreach ignore comment here gives no reason" in texts
    assert refused is (comment == "# agentreach: ignore[dead-control]")


# ------------------------------------------------------------------------------ several agents


class Memory:
    """Files that are only in memory."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files

    def read(self, path: str) -> bytes | None:
        return self._files.get(path)

    def paths(self) -> list[str]:
        return sorted(self._files)

    def tracking(self, path: str) -> Tracking:
        return Tracking.TRACKED


def concern(kind: ConcernKind = ConcernKind.BLANKET_APPROVAL, **changes: object) -> Concern:
    facts: dict[str, object] = {
        "agent": "one",
        "kind": kind,
        "path": "AGENTS.md",
        "line": 2,
        "subject": "Shell(*)",
        "words": "it approves every command",
        "instead": "name the commands",
        "reference": "https://one.example/docs",
    }
    return Concern(**(facts | changes))  # type: ignore[arg-type]


def findings_of(*concerns: Concern, content: bytes = b"a\nb\n") -> list[Finding]:
    files: Files = Memory({"AGENTS.md": content})

    def no_reach(place: Location) -> tuple[Reach, ...]:
        return ()

    builder = ConcernFindings(
        Surface(files, True, lambda path: True),
        {"one": "Agent One", "two": "Agent Two"},
        lambda: Digester(b"key"),
        no_reach,
    )
    return builder.findings(concerns, ())[0]


def test_one_finding_names_all_agents() -> None:
    (found,) = findings_of(concern(), concern(agent="two"))
    assert found.evidence[0].text == "Shell(*): it approves every command (Agent One, Agent Two)"
    assert found.remediation[0] == "Name the commands."
    assert found.references == ("https://one.example/docs",)
    assert found.locations[0].line == 2
    assert found.locations[0].where is Where.WORKTREE
    (alone,) = findings_of(concern(agent="two"))
    assert found.fingerprint == alone.fingerprint


def test_agents_that_differ_are_told_apart() -> None:
    other = concern(agent="two", words="it does the same", instead="take it out", line=1)
    (found,) = findings_of(concern(), other)
    assert [one.text for one in found.evidence[:2]] == [
        "Shell(*): it approves every command (Agent One)",
        "Shell(*): it does the same (Agent Two)",
    ]
    assert found.remediation[:2] == (
        "Agent One: name the commands.",
        "Agent Two: take it out.",
    )


def test_kinds_and_paths_are_apart_and_subjects_are_places() -> None:
    found = findings_of(
        concern(),
        concern(subject="Shell(git *)"),
        concern(ConcernKind.RUNS_COMMANDS),
        concern(path="CLAUDE.md"),
    )
    assert len({one.fingerprint for one in found}) == len(found) == 3
    assert sorted(len(one.locations) for one in found) == [1, 1, 2]
    assert len({place.fingerprint for one in found for place in one.locations}) == 4


def test_a_hostile_file_fills_no_report() -> None:
    found = findings_of(*(concern(subject=f"{number:03}{'x' * 999}") for number in range(60)))
    (one,) = found
    assert len(one.locations) == 50
    assert one.evidence[50].text == "10 more of this kind in the file are not listed"
    assert max(len(evidence.text) for evidence in one.evidence) < 300


def test_a_person_s_own_settings_are_not_the_repository_s() -> None:
    assert findings_of(concern(personal=True)) == []


@pytest.mark.parametrize(
    ("grade", "confidence"),
    [
        (Basis.DOCUMENTED, Confidence.HIGH),
        (Basis.CONFIG, Confidence.HIGH),
        (Basis.DERIVED, Confidence.MEDIUM),
        (Basis.UNKNOWN, Confidence.LOW),
    ],
)
def test_confidence_is_how_it_is_known(grade: Basis, confidence: Confidence) -> None:
    (found,) = findings_of(concern(grade=grade))
    assert found.confidence is confidence


def test_the_comment_stands_beside_the_line() -> None:
    comment = b"agentreach: ignore[blanket-approval] agreed"
    assert findings_of(concern(), content=b"a\n// " + comment + b"\n") == []
    above = comment.replace(b"ignore", b"ignore-next-line")
    assert findings_of(concern(), content=b"// " + above + b"\nb\n") == []
    assert len(findings_of(concern(), content=b"// " + comment + b"\nb\n")) == 1
    assert len(findings_of(concern(line=9), content=b"// " + comment + b"\n")) == 1


# ------------------------------------------------------------------------------ kinds


CATEGORIES = {
    ConcernKind.DEAD_CONTROL: Category.CREDENTIAL_EXPOSURE,
    ConcernKind.REJECTED_SETTINGS: Category.CREDENTIAL_EXPOSURE,
    ConcernKind.REDIRECTED_ENDPOINT: Category.DATA_EXFILTRATION,
}


def test_a_file_that_is_refused_as_a_whole_is_worse() -> None:
    key = concern(ConcernKind.REJECTED_SETTINGS, subject="permissions.deny")
    whole = concern(ConcernKind.REJECTED_SETTINGS, subject="AGENTS.md")
    assert [one.severity for one in findings_of(key)] == [Severity.LOW]
    assert [one.severity for one in findings_of(whole)] == [Severity.MEDIUM]
    assert [one.severity for one in findings_of(key, whole)] == [Severity.MEDIUM]
    (dead_file,) = findings_of(concern(ConcernKind.DEAD_CONTROL, subject="AGENTS.md"))
    assert dead_file.severity is Severity.LOW


@pytest.mark.parametrize("kind", ConcernKind)
def test_every_kind_is_a_rule(kind: ConcernKind) -> None:
    (found,) = findings_of(concern(kind))
    rule = load_concern_rules()[kind]
    assert (found.rule, found.title, found.severity) == (kind.value, rule.title, rule.severity)
    assert found.category is CATEGORIES.get(kind, Category.AGENT_OVERREACH)
    assert all(step.endswith(".") for step in found.remediation)
    shown = run("rules", "show", kind.value)
    assert shown.code == 0
    assert rule.title in shown.out.decode()


def test_only_another_host_opens_a_record_by_itself() -> None:
    found = findings_of(*(concern(kind) for kind in ConcernKind))
    _, incidents = seed(found)
    assert [one.category for one in incidents] == [Category.DATA_EXFILTRATION]
    assert incidents[0].severity is Severity.HIGH


def test_no_other_rule_has_such_an_id() -> None:
    guards = {rule.id for file in load_boundary_files() for rule in file.rules}
    others = {rule.id for rule in load_secret_rules()} | guards | {*SCOPE_RULES}
    assert not {kind.value for kind in ConcernKind} & (others | {*load_flow_rules()})


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("kind: hidden-text", "kind: dead-control", "dead-control is there twice"),
        ("kind: hidden-text", "kind: other", "concerns"),
        ("    severity: low", "    severity: low\n    colour: red", "colour"),
        ("category: 1\n", "category: 9\n", "category"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path: Path, before: str, after: str, words: str) -> None:
    text = (root() / FILE).read_text()
    assert before in text
    (tmp_path / FILE).write_text(text.replace(before, after, 1))
    with pytest.raises(RuleError, match=words):
        load_concern_rules(tmp_path)


def test_a_kind_without_a_rule_is_refused(tmp_path: Path) -> None:
    text = (root() / FILE).read_text()
    (tmp_path / FILE).write_text(text[: text.index("  - kind: hidden-text")])
    with pytest.raises(RuleError, match="nothing about hidden-text"):
        load_concern_rules(tmp_path)


# ------------------------------------------------------------------------------ in a report


def test_the_text_report(guarded: Repo) -> None:
    text = run("scan", guarded.path).out.decode()
    assert "A control that an agent does not heed" in text
    assert "Claude Code does not read this file" in text
    assert "STAGED" not in text


def test_the_sarif_report(guarded: Repo) -> None:
    document = run("scan", guarded.path, "--format", "sarif").report
    rules = document["runs"][0]["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["dead-control"]
