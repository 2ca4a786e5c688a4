"""Files of other tools given to a whole scan: real repositories, the real command line."""

import base64
import json
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from scanner.errors import ExitCode
from scanner.rules.examples import expand
from tests.repo import Repo
from tests.scanning import Run, only, places, run, scan, token

RULE = "github-personal-access-token"
HEX = "[0-9a-f]{40}"
ACME = "[[rules]]\nid = 'acme-token'\ndescription = 'An Acme token'\n"
ACME_RULE = f"{ACME}regex = '''\\bacme_({HEX})\\b'''\nkeywords = ['acme_']\n"


def acme(seed: int = 0) -> str:
    """A token of a kind that no rule of ours knows, chosen so that none sees it by chance."""
    return "acme_" + expand("{hex:40}", seed).decode()


def gitleaks_entry(secret: str, **changes: object) -> dict[str, object]:
    return {
        "RuleID": "some-rule",
        "Description": "Some secret",
        "File": "src/a.py",
        "StartLine": 2,
        "Secret": secret,
        "Match": secret,
        "Commit": "",
        "Fingerprint": "src/a.py:some-rule:2",
    } | changes


def trufflehog_entry(secret: str, **place: object) -> dict[str, object]:
    place = {"file": "src/a.py", "line": 2, "commit": ""} | place
    return {
        "SourceMetadata": {"Data": {"Git": place}},
        "DetectorName": "Github",
        "Verified": True,
        "Raw": secret,
    }


def written(path: Path, *entries: dict[str, object], lines: bool = False) -> Path:
    text = "\n".join(map(json.dumps, entries)) + "\n" if lines else json.dumps(entries)
    path.write_text(text)
    return path


def texts(finding: dict[str, object]) -> list[str]:
    evidence = finding["evidence"]
    assert isinstance(evidence, list)
    return [fact["text"] for fact in evidence]


def notes(result: Run) -> str:
    return "\n".join(result.report["summary"]["coverage"]["notes"])


def holds(result: Run, *secrets: str) -> bool:
    return any(secret.encode() in result.out + result.err for secret in secrets)


@pytest.fixture
def leaky(repo: Repo) -> Repo:
    """A token that we find, and a word in a prose line that we do not."""
    repo.commit("one", {"src/a.py": f"import os\nTOKEN = '{token()}'\n", "b.txt": f"\n{acme()}\n"})
    return repo


# ---------------------------------------------------------------- reports


def test_what_both_saw_is_one_finding_with_evidence(leaky: Repo, tmp_path: Path) -> None:
    gitleaks = written(tmp_path / "gl.json", gitleaks_entry(token()))
    trufflehog = written(tmp_path / "th.jsonl", trufflehog_entry(token()), lines=True)
    result = scan(leaky.path, "--import", gitleaks, "--import", trufflehog)
    found = only(result.findings)
    assert (found["rule"], found["confidence"]) == (RULE, "high")
    assert "also reported by gitleaks as some-rule" in texts(found)
    assert "also reported by trufflehog as Github" in texts(found)
    assert result.code == ExitCode.FINDINGS
    assert "gl.json: 1 entry of gitleaks taken in" in notes(result)
    assert not holds(result, token())


def test_what_only_the_report_has_is_a_finding_with_reach(leaky: Repo, tmp_path: Path) -> None:
    entry = gitleaks_entry(acme(), File="b.txt", RuleID="acme")
    result = scan(leaky.path, "--import", written(tmp_path / "gl.json", entry))
    ours, theirs = sorted(result.findings, key=lambda finding: finding["rule"] != RULE)
    assert (ours["rule"], theirs["rule"]) == (RULE, "gitleaks:acme")
    assert places(theirs) == [("worktree", "b.txt")]
    assert theirs["locations"][0]["line"] == 2
    assert theirs["locations"][0]["in_head"] is True
    assert theirs["reach"]
    assert not holds(result, token(), acme())


def test_an_entry_of_a_commit_is_read_from_that_commit(leaky: Repo, tmp_path: Path) -> None:
    first = leaky.head
    leaky.write("b.txt", "nothing\n")
    leaky.stage()
    leaky.commit("two", {"b.txt": "nothing\n"})
    entries = [
        trufflehog_entry(acme(), file="b.txt", commit=first),
        trufflehog_entry(acme(1), file="b.txt", commit="0" * 40, line=1),
        trufflehog_entry(acme(2), file="gone.txt", commit="--all"),
    ]
    result = scan(leaky.path, "--import", written(tmp_path / "th.jsonl", *entries, lines=True))
    found = [finding for finding in result.findings if finding["rule"] == "trufflehog:github"]
    located = {finding["locations"][0]["commit"]: finding for finding in found}
    assert located[first]["locations"][0]["where"] == "commit"
    assert "the report's commit 000000000000 is not here, the file is" in texts(located[None])
    assert "trufflehog reports Github here, but there is no such file" in result.reasons
    assert not holds(result, token(), acme(), acme(1), acme(2))


def test_a_place_that_is_gone_is_a_problem(repo: Repo, tmp_path: Path) -> None:
    repo.commit("one", {"src/a.py": "import os\n"})
    report = written(tmp_path / "gl.json", gitleaks_entry(acme(), File="src/gone.py"))
    result = scan(repo.path, "--import", report)
    assert (result.code, result.findings) == (ExitCode.INCOMPLETE, [])
    assert "gitleaks reports some-rule here, but there is no such file" in result.reasons
    assert not holds(result, acme())


def test_only_the_part_that_was_asked_for(leaky: Repo, tmp_path: Path) -> None:
    entry = gitleaks_entry(acme(), File="b.txt", RuleID="acme")
    report = written(tmp_path / "gl.json", entry)
    assert scan(leaky.path / "src", "--import", report).rules == [RULE]
    assert "gitleaks:acme" in scan(leaky.path / "b.txt", "--import", report).rules


def test_rules_of_a_report_can_be_switched_off(leaky: Repo, tmp_path: Path) -> None:
    report = written(tmp_path / "gl.json", gitleaks_entry(acme(), File="b.txt", RuleID="acme"))
    assert scan(leaky.path, "--import", report, "--disable", "gitleaks:acme").rules == [RULE]
    assert scan(leaky.path, "--disable", "gitleaks:acme").code == ExitCode.USAGE


def test_a_bare_repository_and_a_mere_directory(leaky: Repo, tmp_path: Path) -> None:
    entry = gitleaks_entry(acme(), File="b.txt", RuleID="acme")
    report = written(tmp_path / "gl.json", entry)
    bare = leaky.clone(tmp_path / "bare.git", bare=True)
    assert "gitleaks:acme" in scan(bare.path, "--import", report).rules
    plain = tmp_path / "plain"
    plain.mkdir()
    (plain / "b.txt").write_text(f"\n{acme()}\n")
    assert scan(plain, "--import", report).rules == ["gitleaks:acme"]


def test_a_report_needs_the_files(leaky: Repo, tmp_path: Path) -> None:
    report = written(tmp_path / "gl.json", gitleaks_entry(token()))
    for arguments in (("--staged",), ("--range", "HEAD")):
        assert scan(leaky.path, "--import", report, *arguments).code == ExitCode.USAGE
    assert scan("-", "--import", report).code == ExitCode.USAGE
    assert scan(leaky.path, "--import", tmp_path / "none").code == ExitCode.USAGE


def test_an_accepted_secret_does_not_come_back_by_a_report(leaky: Repo, tmp_path: Path) -> None:
    accepted = written(tmp_path / "old.json", gitleaks_entry(token()))
    report = written(tmp_path / "gl.json", gitleaks_entry(token()))
    result = scan(leaky.path, "--baseline", accepted, "--import", report)
    assert result.findings == []
    assert result.report["summary"]["coverage"]["baselined"] == 1


# ---------------------------------------------------------------- a gitleaks configuration


def config(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_rules_of_a_configuration_find_what_ours_do_not(leaky: Repo, tmp_path: Path) -> None:
    file = config(tmp_path / "gitleaks.toml", ACME_RULE)
    result = scan(leaky.path, "--gitleaks-config", file)
    assert result.rules == [RULE, "gitleaks:acme-token"]
    found = next(one for one in result.findings if one["rule"] != RULE)
    assert (found["title"], found["severity"]) == ("An Acme token", "high")
    assert "rule of gitleaks.toml" in texts(found)
    assert "gitleaks.toml: 1 rule of gitleaks' form taken in" in notes(result)
    assert found["introduced"]["commit"] == leaky.head
    assert not holds(result, acme(), acme()[5:])


def test_allowlists_by_path_commit_and_stopword(repo: Repo, tmp_path: Path) -> None:
    repo.commit("one", {f"{name}.txt": f"{acme(seed)}\n" for seed, name in enumerate("abc")})
    first = repo.head
    repo.commit("two", {"d.txt": f"{acme(3)}\n"})
    by_path = "[[rules.allowlists]]\npaths = ['''^a\\.txt$''']\n"
    stopword = f"[[rules.allowlists]]\nstopwords = ['{acme(1)[10:20]}']\n"
    file = config(tmp_path / "g.toml", ACME_RULE + by_path + stopword)
    result = scan(repo.path, "--gitleaks-config", file)
    assert sorted(p for one in result.findings for p in places(one)) == [
        ("worktree", "c.txt"),
        ("worktree", "d.txt"),
    ]
    by_commit = f"[[allowlists]]\ncommits = ['{first}']\n"
    result = scan(repo.path, "--gitleaks-config", config(file, ACME_RULE + by_commit))
    assert [places(one) for one in result.findings] == [[("worktree", "d.txt")]]
    assert result.report["summary"]["coverage"]["suppressed"] == 3
    assert "its general allowlists leave out findings of all rules" in notes(result)


def test_a_rule_with_a_path_is_for_that_path(repo: Repo, tmp_path: Path) -> None:
    text = f"password = '{expand('{alnum:24}', 5).decode()}'\n"
    repo.commit("one", {"a.txt": f"{acme()}\n", "b.md": f"{acme(1)}\n", "c.py": text})
    bound = ACME_RULE + "path = '''\\.md$'''\n"
    word = "[[rules]]\nid = 'word'\nregex = '''[A-Za-z0-9]{24}'''\npath = '''\\.ini$'''\n"
    result = scan(repo.path, "--gitleaks-config", config(tmp_path / "g.toml", bound + word))
    ours, theirs = sorted(result.findings, key=lambda finding: finding["rule"].count(":"))
    assert places(ours) == [("worktree", "c.py")], "ours stands where theirs is not asked"
    assert (theirs["rule"], places(theirs)) == ("gitleaks:acme-token", [("worktree", "b.md")])
    assert result.report["summary"]["coverage"]["suppressed"] == 0


def test_general_allowlists_hold_for_our_rules(leaky: Repo, tmp_path: Path) -> None:
    file = config(tmp_path / "g.toml", "[[allowlists]]\npaths = ['''^src/''']\n")
    assert scan(leaky.path, "--gitleaks-config", file).findings == []


def test_a_rule_that_cannot_run_is_a_problem(repo: Repo, tmp_path: Path) -> None:
    repo.commit("one", {"a.txt": "nothing\n"})
    bad = "[[rules]]\nid = 'bad'\nregex = '''(a+)+$'''\n"
    result = scan(repo.path, "--gitleaks-config", config(tmp_path / "g.toml", ACME_RULE + bad))
    assert result.code == ExitCode.INCOMPLETE
    assert "rule 'bad' is not run" in result.reasons
    broken = config(tmp_path / "broken.toml", "[[rules")
    assert scan(repo.path, "--gitleaks-config", broken).code == ExitCode.USAGE


def test_rules_about_paths_alone(repo: Repo, tmp_path: Path) -> None:
    repo.commit("one", {"keys/a.kdbx": "x\n", "vendor/b.kdbx": "x\n", "c.txt": "x\n"})
    rule = "[[rules]]\nid = 'keepass'\ndescription = 'A KeePass file'\npath = '''\\.kdbx$'''\n"
    file = config(tmp_path / "g.toml", rule + "[[rules.allowlists]]\npaths = ['''^vendor/''']\n")
    found = only(scan(repo.path, "--gitleaks-config", file).findings)
    assert (found["rule"], found["title"]) == ("gitleaks:keepass", "A KeePass file")
    assert found["secret"] is None
    assert places(found) == [("worktree", "keys/a.kdbx")]
    assert found["locations"][0]["in_head"] is True
    result = scan(repo.path, "--gitleaks-config", file, "--disable", "gitleaks:keepass")
    assert result.findings == []
    ranged = scan(repo.path, "--gitleaks-config", file, "--range", "HEAD")
    assert "rules about paths alone need a scan of the files: keepass" in notes(ranged)
    for form in ("text", "sarif", "jsonl"):
        written = run("scan", repo.path, "--gitleaks-config", file, "--format", form)
        assert b"gitleaks:keepass" in written.out, form


def test_the_projects_settings_name_one(leaky: Repo) -> None:
    leaky.write(".agentreach.yml", "gitleaks_config: tools/gitleaks.toml\n")
    assert scan(leaky.path).code == ExitCode.USAGE
    leaky.write("tools/gitleaks.toml", ACME_RULE)
    result = scan(leaky.path)
    assert result.rules == [RULE, "gitleaks:acme-token"]
    expected = ".agentreach.yml names the gitleaks configuration tools/gitleaks.toml"
    assert expected in notes(result)
    assert scan(leaky.path, "--no-config").rules == [RULE]
    leaky.stage()
    leaky.commit("two", {"c.txt": "x\n"})
    bare = leaky.clone(leaky.path.parent / "bare.git", bare=True)
    assert scan(bare.path).rules == [RULE, "gitleaks:acme-token"]


@pytest.mark.parametrize("name", ["../out.toml", "/etc/hostname", "link.toml"])
def test_the_projects_settings_name_none_outside(leaky: Repo, name: str) -> None:
    config(leaky.path.parent / "out.toml", ACME_RULE)
    (leaky.path / "link.toml").symlink_to("../out.toml")
    leaky.write(".agentreach.yml", f"gitleaks_config: {name}\n")
    result = scan(leaky.path)
    assert result.code == ExitCode.USAGE
    assert b"has no file" in result.err


def test_what_a_configuration_extends_stays_inside(
    leaky: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    base = config(outside / "base.toml", ACME_RULE)
    file = config(leaky.path / ".gitleaks.toml", f"[extend]\npath = '{base}'\n")
    result = scan(leaky.path, "--gitleaks-config", file)
    assert result.code == ExitCode.USAGE
    assert b"leads out of the repository" in result.err
    config(leaky.path / "base.toml", ACME_RULE)
    config(file, "[extend]\npath = 'base.toml'\n")
    monkeypatch.chdir(leaky.path)
    assert "gitleaks:acme-token" in scan(".", "--gitleaks-config", ".gitleaks.toml").rules


def test_a_broad_rule_does_not_spoil_the_report(repo: Repo, tmp_path: Path) -> None:
    repo.commit("one", {f"docs/{acme()}.txt": f"key {expand('{hex:40}', 7).decode()}\n"})
    file = config(tmp_path / "g.toml", f"{ACME}regex = '''[0-9a-f]{{32,64}}'''\n")
    result = scan(repo.path, "--gitleaks-config", file)
    found = only(result.findings)
    assert found["rule"] == "gitleaks:acme-token"
    assert len(found["fingerprint"]) == 32
    assert found["introduced"]["commit"] == repo.head
    assert not holds(result, acme()[5:]), "a path holds one: it is masked"


def test_the_broadest_rule_is_the_users_own_trouble(leaky: Repo, tmp_path: Path) -> None:
    leaky.commit("two\n\nCo-Authored-By: Claude <noreply@anthropic.com>", {"CLAUDE.md": "x\n"})
    file = config(tmp_path / "g.toml", f"{ACME}regex = '''\\w+'''\n")
    result = scan(leaky.path, "--gitleaks-config", file)
    assert {finding["rule"] for finding in result.findings} == {RULE, "gitleaks:acme-token"}
    assert "claude-code" in {agent["agent"] for agent in result.report["agents"]}
    text = run("scan", leaky.path, "--gitleaks-config", file)
    assert b"gitleaks:acme-token" in text.out


@pytest.mark.parametrize("engine", ["hyperscan", "re"])
def test_both_engines_find_the_same(leaky: Repo, tmp_path: Path, engine: str) -> None:
    file = config(tmp_path / "g.toml", ACME_RULE)
    result = scan(leaky.path, "--gitleaks-config", file, "--engine", engine)
    assert result.rules == [RULE, "gitleaks:acme-token"]


def test_staged_changes_are_held_against_a_configuration(leaky: Repo, tmp_path: Path) -> None:
    file = config(tmp_path / "g.toml", ACME_RULE)
    leaky.write("c.txt", f"{acme(1)}\n")
    leaky.stage()
    result = scan(leaky.path, "--staged", "--gitleaks-config", file)
    assert places(only(result.findings)) == [("index", "c.txt")]


# ---------------------------------------------------------------- baselines


def test_a_baseline_in_detect_secrets_form_is_written_and_read(leaky: Repo) -> None:
    leaky.commit("two", {"c.py": f"DATABASE_PASSWORD = '{expand('{alnum:24}', 3).decode()}'\n"})
    form = ("--baseline-format", "detect-secrets")
    path = leaky.path.parent / ".secrets.baseline"
    first = scan(leaky.path, "--write-baseline", path, *form)
    assert first.code == ExitCode.CLEAN
    assert sorted(json.loads(path.read_text())["results"]) == ["c.py", "src/a.py"]
    assert not holds(first, token())
    again = scan(leaky.path, "--baseline", path)
    assert (again.code, again.findings) == (ExitCode.CLEAN, [])
    assert again.report["summary"]["coverage"]["baselined"] == 2
    leaky.write("new.py", f"TOKEN = '{token()}'\n")
    assert places(only(scan(leaky.path, "--baseline", path).findings)) == [("worktree", "new.py")]
    before = path.read_bytes()
    (leaky.path / "new.py").unlink()
    scan(leaky.path, "--baseline", path, "--write-baseline", path, *form)
    assert path.read_bytes() == before, "what was accepted before stays accepted"


def test_keys_and_wrapped_secrets_in_detect_secrets_form(repo: Repo, tmp_path: Path) -> None:
    key = ed25519.Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    wrapped = base64.b64encode(f"token={token()}\n".encode()).decode()
    repo.commit("one", {"key.pem": key, "b.yml": f"data: {wrapped}\n"})
    path = tmp_path / ".secrets.baseline"
    first = scan(repo.path, "--write-baseline", path, "--baseline-format", "detect-secrets")
    assert {finding["locations"][0]["path"] for finding in first.findings} == {"key.pem", "b.yml"}
    assert scan(repo.path, "--baseline", path).findings == []
    assert wrapped.encode() not in path.read_bytes()


def test_detect_secrets_own_hook_takes_what_we_write(leaky: Repo) -> None:
    path = leaky.path / ".secrets.baseline"
    scan(leaky.path, "--write-baseline", path, "--baseline-format", "detect-secrets")
    leaky.stage()
    hook = ("-m", "detect_secrets.pre_commit_hook", "--baseline", path.name, "src/a.py")
    done = process_of(leaky, *hook)
    assert done.returncode in (0, 3), done.stdout
    assert "Potential secrets" not in done.stdout


def process_of(repo: Repo, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *arguments], cwd=repo.path, capture_output=True, text=True, check=False
    )


def test_our_form_keeps_what_another_baseline_accepted(leaky: Repo, tmp_path: Path) -> None:
    old = written(tmp_path / "old.json", gitleaks_entry(token()))
    new = tmp_path / "new.json"
    scan(leaky.path, "--baseline", old, "--write-baseline", new)
    assert scan(leaky.path, "--baseline", new).code == ExitCode.CLEAN


def test_gitleaks_forms_are_baselines_and_baselines_join(repo: Repo, tmp_path: Path) -> None:
    files = {f"{name}.py": f"TOKEN = '{token(seed)}'\n" for seed, name in enumerate("abc")}
    repo.commit("one", files)
    by_secret = written(tmp_path / "gl.json", gitleaks_entry(token(), File="a.py", StartLine=1))
    by_line = tmp_path / ".gitleaksignore"
    by_line.write_text(f"{repo.head}:b.py:github-pat:1\n")
    assert [places(one)[0][1] for one in scan(repo.path, "--baseline", by_secret).findings] == [
        "b.py",
        "c.py",
    ]
    result = scan(repo.path, "--baseline", by_secret, "--baseline", by_line)
    assert places(only(result.findings)) == [("worktree", "c.py")]
    assert result.report["summary"]["coverage"]["baselined"] == 2
    assert not holds(result, token(), token(1), token(2))


def test_a_form_is_for_writing(leaky: Repo) -> None:
    assert scan(leaky.path, "--baseline-format", "detect-secrets").code == ExitCode.USAGE


# ---------------------------------------------------------------- rules of one's own

OWN_RULES = """\
provider: acme
name: Acme
url: https://example.com
rules:
  - id: acme-key
    name: Acme key
    pattern: '\\bacme_[0-9a-f]{40}\\b'
    public_prefix: acme_
    references: ["https://example.com/keys"]
    severity: high
    boundary: A-Za-z0-9
    rotate: Ask for a new one.
    examples: ["key acme_{hex:40}"]
    counter_examples: ["acme_short"]
"""


def test_rules_of_ones_own(leaky: Repo, tmp_path: Path) -> None:
    file = config(tmp_path / "own.yaml", OWN_RULES)
    result = scan(leaky.path, "--rules", file)
    assert result.rules == ["acme-key", RULE]
    assert "--rules adds the rules of" in notes(result)
    assert not holds(result, acme())
    assert scan(leaky.path, "--rules", file, "--disable", "acme-key").rules == [RULE]
    assert scan(leaky.path, "--rules", tmp_path / "none.yaml").code == ExitCode.USAGE


# ---------------------------------------------------------------- the price


def test_a_scan_without_such_files_imports_nothing_of_it(leaky: Repo) -> None:
    code = (
        "import sys\nfrom scanner.cli import main\n"
        "main(['scan', '.', '--format', 'json', '--output', sys.argv[1]])\n"
        "print([name for name in sys.modules if name.startswith('scanner.interop')\n"
        "       or name in ('scanner.detectors.foreign', 'scanner.pipeline.imports',\n"
        "                   'scanner.pipeline.foreign_findings', 'scanner.pipeline.legacy')])\n"
    )
    output = leaky.path.parent / "report.json"
    done = process_of(leaky, "-c", code, str(output))
    assert done.stdout.strip() == "[]", done.stderr
