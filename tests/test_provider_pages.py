"""The pages in docs/providers: current, complete, and without a value."""

import subprocess
import sys
from pathlib import Path

import pytest

from scanner.detectors import SecretDetector
from scanner.errors import RuleError
from scanner.model import Confidence, packed
from scanner.rules.loading import load_directory
from scanner.rules.pages import INDEX, pages, write
from scanner.rules.secrets import SecretFile, load_secret_rules
from tests.scanning import ROOT

PAGES = ROOT / "docs" / "providers"

RULE_FILE = """\
provider: acme
name: Acme *Cloud*
url: https://acme.example
rules:
  - id: acme-key
    name: Acme <key>
    pattern: 'ack_[A-Za-z0-9`]{24}'
    checks: [mixed]
    references: [https://docs.acme.example/keys]
    examples: ['```{{"key": "ack_{alnum:24}"}}']
    counter_examples: ['ack_{alnum:4}', 'ack_{lower:24}', 'ack_{alnum:28}']
    rotate: >-
      Delete it under
      Settings.
"""


@pytest.fixture
def base(tmp_path: Path) -> Path:
    directory = tmp_path / "rules" / "secrets"
    directory.mkdir(parents=True)
    (directory / "acme.yaml").write_text(RULE_FILE)
    return directory.parent


def test_the_pages_are_current() -> None:
    """Else: python -m scanner.rules.pages docs/providers."""
    present = {path.name: path.read_bytes().decode() for path in PAGES.iterdir()}
    wanted = pages()
    assert sorted(present) == sorted(wanted)
    assert [name for name in wanted if present[name] != wanted[name]] == []


def test_every_rule_has_its_place() -> None:
    wanted = pages()
    for provider, file in load_directory("secrets", SecretFile).items():
        page = wanted[f"{provider}.md"]
        for rule in file.rules:
            assert f"`{rule.id}` · severity {rule.severity.value}" in page
            assert rule.pattern in page
            assert all(f"<{reference}>" in page for reference in rule.references)
            for template in rule.examples:
                assert template.rstrip("\n").replace("\r", "\\r") in page
        assert f"]({provider}.md)" in wanted[INDEX]


def test_no_page_holds_what_a_rule_finds() -> None:
    texts = pages()
    session = SecretDetector(load_secret_rules(), adapter=False).session()
    found = session.scan(packed([text.encode() for text in texts.values()]))
    names = list(texts)
    # A near miss may look like a weak password; a scan does not show that by itself.
    shown = [(names[at], one.rule) for at, one in found if one.confidence is not Confidence.LOW]
    assert shown == []


def test_text_is_escaped_and_code_is_not(base: Path) -> None:
    page = pages(base)["acme.md"]
    assert r"# Acme \*Cloud\*" in page
    assert r"## Acme \<key\>" in page
    assert '````text\n```{{"key": "ack_{alnum:24}"}}\n````' in page
    assert "ack_[A-Za-z0-9`]{24}" in page
    assert "- When one is found: Delete it under Settings." in page


def test_pages_of_providers_that_are_gone_go(base: Path, tmp_path: Path) -> None:
    directory = tmp_path / "pages"
    write(directory, base)
    assert sorted(path.name for path in directory.iterdir()) == [INDEX, "acme.md"]
    (base / "secrets" / "acme.yaml").rename(base / "secrets" / "umbrella.yaml")
    write(directory, base)
    assert sorted(path.name for path in directory.iterdir()) == [INDEX, "umbrella.md"]


def test_a_page_that_somebody_wrote_is_left_alone(base: Path, tmp_path: Path) -> None:
    directory = tmp_path / "pages"
    directory.mkdir()
    mine = directory / "mine.md"
    mine.write_text("# Mine\n")
    with pytest.raises(RuleError, match="was not generated"):
        write(directory, base)
    assert [path.name for path in directory.iterdir()] == ["mine.md"]


def test_the_command(tmp_path: Path) -> None:
    directory = tmp_path / "pages"
    done = subprocess.run(
        [sys.executable, "-m", "scanner.rules.pages", directory],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert (directory / INDEX).is_file()
    wrong = subprocess.run(
        [sys.executable, "-m", "scanner.rules.pages"], cwd=ROOT, capture_output=True, check=False
    )
    assert wrong.returncode == 2
    assert b"usage" in wrong.stderr
