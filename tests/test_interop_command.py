"""`agentreach imports`."""

import json
from pathlib import Path

from scanner.rules.examples import expand
from tests.scanning import run, token


def test_a_report_is_counted_and_no_secret_shown(tmp_path: Path) -> None:
    report = tmp_path / "gl.json"
    entry = {"RuleID": "github-pat", "File": "a.py", "StartLine": 1, "Secret": token()}
    report.write_text(json.dumps([entry, entry | {"StartLine": 2, "Secret": "REDACTED"}]))
    done = run("imports", report)
    assert done.code == 0
    assert done.out.decode().splitlines() == [
        f"{report}: report of gitleaks, 2 entries",
        "       2  github-pat",
        "  1 with the secret itself, 0 verified by their provider",
    ]
    assert token().encode() not in done.out + done.err


def test_a_configuration_is_listed_with_what_cannot_be_used(tmp_path: Path) -> None:
    config = tmp_path / ".gitleaks.toml"
    config.write_text(
        "extra=1\n[[rules]]\nid='one'\nregex='''one-[0-9]{4}'''\n"
        "[[rules]]\nid='two'\npath='''[.]p12$'''\n[[rules]]\nid='bomb'\nregex='''(a+)+$'''\n"
    )
    done = run("imports", config)
    assert done.code == 3
    assert done.out.decode().splitlines()[:4] == [
        f"{config}: gitleaks configuration, 2 rules",
        "  one",
        "  two  (by path)",
        "  note: the key 'extra' is not known and has no effect",
    ]
    assert "not used: rule 'bomb' is not run" in done.out.decode()


def test_what_is_no_report_is_a_clear_error(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.write_text(json.dumps({"name": expand("{alnum:30}").decode()}))
    done = run("imports", file)
    assert done.code == 2
    assert b"not a report of a tool that is known" in done.err
    assert run("imports", tmp_path / "none.toml").code == 2


def test_hostile_names_do_not_reach_the_terminal(tmp_path: Path) -> None:
    report = tmp_path / "gl.json"
    report.write_text(json.dumps([{"RuleID": "a\u001b[2Jb", "File": "a"}]))
    assert b"\x1b" not in run("imports", report).out
