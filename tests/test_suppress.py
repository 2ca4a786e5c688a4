"""Which comments count, and what a baseline file may look like."""

import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.errors import ConfigError
from scanner.model import Category, Confidence, Finding, Location, Severity, Where
from scanner.suppress import Baseline, inline_ignore, split_by_baseline, write_baseline

RULE = "some-rule"


def finding(*paths: str, rule: str = RULE) -> Finding:
    return Finding(
        fingerprint=f"{rule}:{paths}",
        rule=rule,
        category=Category.CREDENTIAL_EXPOSURE,
        severity=Severity.HIGH,
        confidence=Confidence.HIGH,
        title="Some secret",
        locations=tuple(
            Location(Where.WORKTREE, path, fingerprint=f"{rule}:{path}") for path in paths
        ),
    )


# ------------------------------------------------------------------------------ comments


@pytest.mark.parametrize(
    ("line", "previous", "honoured"),
    [
        (b"x = 1  # agentreach: ignore[some-rule] made up", b"", True),
        (b"x = 1  // agentreach:ignore[other, some-rule]: made up", b"", True),
        (b"x = 1  -- agentreach: ignore[*] made up", b"", True),
        (b"x = 1", b"# agentreach: ignore-next-line[some-rule] made up", True),
        (b"x = 1  # agentreach: ignore[some-rule]", b"", False),
        (b"x = 1  # agentreach: ignore[some-rule] 2026-01-01", b"", False),
        (b"x = 1  # agentreach: ignore[some-rules] made up", b"", None),
        (b"x = 1  # agentreach: ignore made up", b"", None),
        (b"x = 1", b"# agentreach: ignore[some-rule] made up", None),
        (b"x = 1  # agentreach: ignore-next-line[some-rule] made up", b"", None),
        (b"x = 1  # gitleaks:allow", b"", True),
        (b"x = 1  # trufflehog:ignore", b"", True),
        (b"x = 1  # kingfisher:ignore", b"", True),
        (b"x = 1  # pragma: allowlist secret", b"", True),
        (b"x = 1  # pragma: whitelist secret", b"", True),
        (b"x = 1  # ggignore", b"", True),
        (b"x = 1", b"# pragma: allowlist nextline secret", True),
        (b"x = 1", b"// secretlint-disable-next-line", True),
        (b"x = 1", b"# gitleaks:allow", None),
        (b"x = 1  # pragma: no cover", b"", None),
        (b"x = 1  # noqa", b"# type: ignore[assignment]", None),
        (b"", b"", None),
    ],
)
def test_comments(line: bytes, previous: bytes, honoured: bool | None) -> None:
    ignore = inline_ignore(line, previous, RULE)
    assert (ignore.honoured if ignore else None) is honoured
    if ignore:
        assert ignore.note


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_any_bytes_can_be_asked(line: bytes, previous: bytes) -> None:
    ignore = inline_ignore(line, previous, RULE)
    assert ignore is None or not ignore.honoured or b"i" in (line + previous)


# ------------------------------------------------------------------------------ baselines


def test_a_finding_goes_when_all_its_places_are_accepted() -> None:
    one, two = finding("a.py"), finding("a.py", "b.py", rule="other-rule")
    accepted = Baseline(fingerprints=frozenset(["some-rule:a.py", "other-rule:b.py"]))
    kept, dropped = split_by_baseline([one, two], accepted)
    assert dropped == 1
    assert [place.path for found in kept for place in found.locations] == ["a.py"]
    assert kept[0].rule == "other-rule"


def test_an_empty_baseline_changes_nothing() -> None:
    findings = (finding("a.py"), finding("b.py"))
    assert split_by_baseline(findings, Baseline()) == (findings, 0)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    count = write_baseline(path, [finding("b.py", "a.py")], "0" * 40, Baseline())
    read = Baseline.read(path)
    assert count == 2
    assert read.root == "0" * 40
    assert read.fingerprints == {"some-rule:a.py", "some-rule:b.py"}
    assert path.read_bytes().endswith(b"\n")
    assert [path.name for path in tmp_path.iterdir()] == ["baseline.json"]


def test_a_path_that_is_no_utf8_can_be_accepted(tmp_path: Path) -> None:
    place = Location(Where.WORKTREE, "d/\udcff.env", fingerprint="0f" * 16)
    odd = msgspec.structs.replace(finding("a"), locations=(place,))
    write_baseline(tmp_path / "b", [odd], None, Baseline())
    kept, dropped = split_by_baseline([odd], Baseline.read(tmp_path / "b"))
    assert (kept, dropped) == ((), 1)


def test_the_order_of_findings_does_not_matter(tmp_path: Path) -> None:
    findings = [finding("b.py"), finding("a.py"), finding("a.py", rule="another")]
    write_baseline(tmp_path / "one", findings, None, Baseline())
    write_baseline(tmp_path / "two", findings[::-1], None, Baseline())
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_a_reason_survives_a_rewrite_and_a_gone_place_does_not(tmp_path: Path) -> None:
    previous = Baseline(reasons={"some-rule:a.py": "made up", "some-rule:gone.py": "was made up"})
    write_baseline(tmp_path / "b", [finding("a.py")], None, previous)
    entries = json.loads((tmp_path / "b").read_bytes())["entries"]
    assert [(entry["path"], entry["reason"]) for entry in entries] == [("a.py", "made up")]


def test_detect_secrets_format(tmp_path: Path) -> None:
    path = tmp_path / ".secrets.baseline"
    results = {
        name: [{"type": "X", "filename": name, "hashed_secret": "ab" * 20, "line_number": 1}]
        for name in ("a.py", "b.py")
    }
    document = {"version": "1.5.0", "plugins_used": [], "results": results, "generated_at": "x"}
    path.write_text(json.dumps(document))
    assert Baseline.read(path).legacy == {"ab" * 20: {"a.py", "b.py"}}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not json",
        b"[]",
        b'{"schema": "agentreach/baseline/v2", "root": null, "entries": []}',
        b'{"schema": "agentreach/baseline/v1", "root": null, "entries": [], "more": 1}',
        b'{"schema": "agentreach/baseline/v1", "root": null, "entries": [{"path": "a"}]}',
        b'{"plugins_used": [], "version": "1.5.0", "results": {"a": [{"type": "X"}]}}',
        b"\xff\xfe\x00",
        b"[" * 100_000,
    ],
)
def test_what_is_no_baseline_is_a_clear_error(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "baseline.json"
    path.write_bytes(data)
    with pytest.raises(ConfigError) as caught:
        Baseline.read(path)
    assert str(path) in caught.value.message
    assert caught.value.hint


def test_a_missing_baseline_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        Baseline.read(tmp_path / "none.json")
    assert "--write-baseline" in (caught.value.hint or "")


def test_a_baseline_is_not_written_through_a_link(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / "link").symlink_to(victim)
    with pytest.raises(ConfigError):
        write_baseline(tmp_path / "link", [finding("a.py")], None, Baseline())
    with pytest.raises(ConfigError):
        write_baseline(tmp_path / "no" / "such" / "directory", [], None, Baseline())
    assert victim.read_text() == "precious"
