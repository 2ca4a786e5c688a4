"""What holds for every format: discovery, files, and harmless text."""

import json
import os
import stat
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from scanner.errors import ScannerError
from scanner.model import Problem, Report
from scanner.sinks import formats, log_safe, original, printable, write, write_file
from tests import reports

UNSAFE = (
    "\x1b[31m\r\n\x00\x9b\u202e\u2066\u200b\ufeff\u2028\u00ad\U000e0041\ufe0f\udc80\udcff\ud800"
)


def written(report: Report, name: str, **options: object) -> str:
    stream = BytesIO()
    write(report, name, stream, **options)  # type: ignore[arg-type]
    return stream.getvalue().decode()


def test_formats_are_the_files() -> None:
    assert formats() == ("json", "jsonl", "sarif", "text")


def test_an_unknown_format_names_the_known_ones() -> None:
    with pytest.raises(ScannerError, match="unknown format 'xml'") as error:
        write(reports.clean_report(), "xml", BytesIO())
    assert error.value.hint == "one of: json, jsonl, sarif, text"


def test_private_modules_are_no_formats() -> None:
    with pytest.raises(ScannerError, match="unknown format"):
        write(reports.clean_report(), "_wire", BytesIO())


def test_importing_the_sinks_loads_no_format_and_not_rich() -> None:
    code = (
        "import sys, scanner.sinks as sinks; sinks.formats();"
        "print(sorted(m for m in sys.modules if m == 'rich' or m.startswith('scanner.sinks.')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(
        ["scanner.sinks._file", "scanner.sinks._options", "scanner.sinks._printable"]
    )


# ------------------------------------------------------------------------------ printable


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("src/app.py", "src/app.py"),
        ("früh/日本.py", "früh/日本.py"),
        ("a\x1b[31mb", "a\\x1b[31mb"),
        ("line\nbreak", "line\\x0abreak"),
        ("caf\udce9", "caf\\xe9"),
        ("caf\u0085", "caf\\u0085"),
        ("exe.\u202etxt", "exe.\\u202etxt"),
        ("a\u200bb", "a\\u200bb"),
        ("tag\U000e0041", "tag\\U000e0041"),
        ("\ud800", "\\ud800"),
        ("C:\\temp", "C:\\temp"),
        ("C:\\users", "C:\\\\users"),
        ("fake \\x1b", "fake \\\\x1b"),
        ("##[error]x", "\\x23#[error]x"),
        ("###[error]x", "#\\x23#[error]x"),
        ("a ##vso[task.x]", "a \\x23#vso[task.x]"),
        ("## heading", "## heading"),
        ("", ""),
    ],
)
def test_printable(text: str, expected: str) -> None:
    assert printable(text) == expected
    assert original(expected) == text


def test_printable_cuts_visibly() -> None:
    assert printable("abcdef", 4) == "abc…"
    assert printable("abcd", 4) == "abcd"


def test_a_line_never_starts_with_a_workflow_command() -> None:
    assert log_safe("  ::error::x") == "  \\x3a:error::x"
    assert log_safe("std::vector") == "std::vector"
    assert original(log_safe("::error::x")) == "::error::x"


anything = st.text(
    st.one_of(
        st.characters(), st.sampled_from(UNSAFE + "\\xuU#[:0123456789abcdef"), st.characters()
    )
)


@given(anything)
def test_printable_is_harmless_and_loses_nothing(text: str) -> None:
    shown = printable(text)
    assert shown.isprintable()
    assert "##[" not in shown
    assert shown.encode().decode() == shown
    assert original(shown) == text


@given(anything, anything)
def test_different_texts_stay_different(one: str, other: str) -> None:
    assert (printable(one) == printable(other)) == (one == other)


# ------------------------------------------------------------------------------ every format


@pytest.mark.parametrize("name", formats())
@settings(max_examples=60, deadline=None)
@given(text=anything)
def test_no_text_of_the_repository_acts_on_the_reader(name: str, text: str) -> None:
    shown = written(reports.hostile(text), name, width=80)
    for line in shown.split("\n"):
        assert line.isprintable(), ascii(line)
        assert "##[" not in line
        assert not line.lstrip().startswith("::")


@pytest.mark.parametrize("name", formats())
def test_a_planted_escape_sequence_shows_as_text(name: str) -> None:
    shown = written(reports.hostile(f"::error::{UNSAFE}"), name)
    assert "x1b[31m" in shown or "x1b\\\\[31m" in shown
    assert "\x1b" not in shown


def test_colour_adds_styles_and_nothing_else() -> None:
    from rich.text import Text

    report = reports.hostile(f"::error::{UNSAFE}")
    coloured = written(report, "text", color=True, width=80)
    assert "\x1b[" in coloured
    assert Text.from_ansi(coloured).plain.rstrip("\n") == written(
        report, "text", color=False, width=80
    ).rstrip("\n")


@pytest.mark.parametrize("name", formats())
def test_ten_thousand_findings(name: str) -> None:
    shown = written(reports.many(10_000), name)
    if name == "json":
        assert json.loads(shown)["summary"]["findings"] == 10_000
    elif name == "jsonl":
        assert shown.count('{"type":"finding"') == 10_000
    elif name == "sarif":
        assert len(json.loads(shown)["runs"][0]["results"]) == 10_000
    else:
        assert "10,000 findings: " in shown
        assert shown.count("\n") < 700


@pytest.mark.parametrize("name", formats())
def test_what_was_not_scanned_is_said(name: str) -> None:
    report = replace(reports.clean_report(), problems=(Problem("git", "abcdef12", "is corrupt"),))
    shown = written(report, name)
    assert "abcdef12" in shown
    assert "is corrupt" in shown


@pytest.mark.parametrize("name", formats())
def test_the_same_report_gives_the_same_bytes(name: str) -> None:
    assert written(reports.full_report(), name) == written(reports.full_report(), name)


# ------------------------------------------------------------------------------ files


def test_a_new_file_is_its_owners(tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    write_file(reports.full_report(), "json", target)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert msgspec.json.decode(target.read_bytes())["schema"] == "agentreach/report/v1"
    assert os.listdir(tmp_path) == ["report.json"]


def test_an_existing_file_keeps_its_mode(tmp_path: Path) -> None:
    target = tmp_path / "report.txt"
    target.write_text("old")
    target.chmod(0o644)
    write_file(reports.clean_report(), "text", target)
    assert stat.S_IMODE(target.stat().st_mode) == 0o644
    assert "Nothing found" in target.read_text()


def test_a_link_at_the_target_is_refused(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    link = tmp_path / "report.json"
    link.symlink_to(victim)
    with pytest.raises(ScannerError, match="a symbolic link"):
        write_file(reports.full_report(), "json", link)
    assert victim.read_text() == "mine"
    assert sorted(os.listdir(tmp_path)) == ["report.json", "victim"]


@pytest.mark.parametrize("target", ["", "missing/report.json"])
def test_a_target_that_cannot_be_written_is_a_users_error(tmp_path: Path, target: str) -> None:
    with pytest.raises(ScannerError, match=r"not a regular file|cannot write: No such file"):
        write_file(reports.full_report(), "json", tmp_path / target)
    assert os.listdir(tmp_path) == []
