"""The page docs/reach-agents.md: current, complete, and readable whatever the data hold."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from scanner.errors import RuleError
from scanner.model import ConcernKind
from scanner.rules.agents import load_agents
from scanner.rules.concerns import load_concern_rules
from scanner.rules.reach_page import page, write
from tests.scanning import ROOT

PAGE = ROOT / "docs" / "reach-agents.md"

AGENT = """\
id: acme
name: Acme *Coder*
vendor: Acme | Sons
kind: agent
references: [https://acme.example]
signatures: []
context:
  evaluator: documented
  checked: "2026-01-31"
  references: {docs: "https://acme.example/a_(b)"}
  detect: {strong: [/.acme/], gitignore: [.acme], actions: [acme/run]}
  defaults:
    - {channel: git-objects, verdict: unknown, basis: not said, reference: docs, grade: derived}
    - {channel: shell, verdict: prompt, basis: "a | b asks", reference: docs, versions: ">= 2.1"}
    - {channel: file-tools, verdict: no-prompt, basis: it reads, reference: docs}
  loads:
    - {path: /ACME.md, when: start, basis: sent, reference: docs, imports: 4, max_bytes: 32768}
    - {path: /OLD.md, when: start, basis: sent, reference: docs, imports: 4, max_bytes: 32768}
    - path: /.acme/rules/*.md
      when: manual
      basis: it is a rule
      reference: docs
      frontmatter: {otherwise: manual, always: always, globs: paths, described: about}
  dead: [{path: .acmeignore, basis: nothing reads it, instead: deny it, reference: docs}]
  traces: [{path: /.acme/log/, basis: it logs there, reference: docs, grade: observed}]
  unknown: [{what: the moon, why: it is far}, {what: the sea}]
"""


@pytest.fixture
def base(tmp_path: Path) -> Path:
    directory = tmp_path / "rules" / "agents"
    directory.mkdir(parents=True)
    (directory / "acme.yaml").write_text(AGENT)
    return directory.parent


def test_the_page_is_current() -> None:
    """Else: python -m scanner.rules.reach_page docs/reach-agents.md."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_modelled_agent_has_its_section() -> None:
    text = page()
    for agent in load_agents():
        context = agent.context
        assert (f"\n`{agent.id}` · " in text) is (context is not None)
        if context is None:
            continue
        section = text.split(f"\n`{agent.id}` · ", 1)[1].split("\n## ", 1)[0]
        used = {entry.reference for entry in (*context.defaults, *context.loads, *context.dead)}
        for name in used:
            assert context.references[name].partition("(")[0] in section
        assert section.count("\n- ") >= len(context.dead) + len(context.unknown)


def test_all_that_the_data_say_is_told(base: Path) -> None:
    text = page(base)
    assert "## Acme \\*Coder\\*" in text
    assert "| [Acme \\*Coder\\*](#acme-coder) | no-prompt | prompt | unknown | none | no |" in text
    assert "`acme` · Acme \\| Sons · checked 2026-01-31 · controls: none of its own is read" in text
    assert "- strong: `/.acme/`" in text
    assert "commits that carry its mark" not in text
    source = "[docs](https://acme.example/a_%28b%29)"
    assert f"| shell | `prompt` | a \\| b asks (\\>= 2.1) | {source} |" in text
    assert f"| git-objects | `unknown` | not said | {source}, derived |" in text
    sent = "sent; follows `@path` 4 hops; the first 32,768 bytes"
    assert f"| `/ACME.md`, `/OLD.md` | at every start | {sent} | {source} |" in text
    assert "`paths`: when a file that it matches is in play" in text
    assert f"- `.acmeignore`: nothing reads it ({source}). Instead: deny it." in text
    assert f"- `/.acme/log/`: it logs there ({source}, observed)." in text
    assert "- the moon: it is far\n- the sea\n" in text


def test_channels_are_in_their_order(base: Path) -> None:
    rows = re.findall(r"^\| ([a-z-]+) \| `", page(base), flags=re.MULTILINE)
    assert rows == ["file-tools", "shell", "git-objects"]


def test_a_page_that_somebody_wrote_is_left_alone(tmp_path: Path) -> None:
    mine = tmp_path / "mine.md"
    mine.write_text("# Mine\n")
    with pytest.raises(RuleError, match="was not generated"):
        write(mine)
    assert mine.read_text() == "# Mine\n"


def test_the_command(tmp_path: Path) -> None:
    target = tmp_path / "page.md"
    command = [sys.executable, "-m", "scanner.rules.reach_page"]
    for _ in range(2):
        done = subprocess.run([*command, target], cwd=ROOT, capture_output=True, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert target.read_text(encoding="utf-8") == page()
    wrong = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    assert wrong.returncode == 2
    assert b"usage" in wrong.stderr


@pytest.mark.parametrize("kind", ConcernKind)
def test_every_kind_of_concern_is_in_the_documentation(kind: ConcernKind) -> None:
    rule = load_concern_rules()[kind]
    head = f"| `{kind.value}` | {rule.severity.value} | {rule.category.value} |"
    assert head in (ROOT / "docs" / "reach.md").read_text(encoding="utf-8")
