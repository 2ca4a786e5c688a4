"""The documentation and the help text hold what they promise."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from scanner.cli import cli
from scanner.cli._options import SEVERITIES
from scanner.config import Settings
from scanner.errors import ExitCode
from scanner.model import Severity
from tests.scanning import ROOT, run

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"(?<!!)\[[^\]]*\]\((?P<target>[^)\s]+)\)")
TEST_COMMAND = "pytest -n auto"


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command with its full name, groups before what is in them."""
    waiting: list[tuple[str, click.Command]] = [("agentreach", cli)]
    while waiting:
        name, command = waiting.pop()
        yield name, command
        if isinstance(command, click.Group):
            context = click.Context(command)
            for child in command.list_commands(context):
                found = command.get_command(context, child)
                assert found is not None
                waiting.append((f"{name} {child}", found))


ALL_COMMANDS = sorted(commands(), key=lambda pair: pair[0])


@pytest.mark.parametrize(("name", "command"), ALL_COMMANDS, ids=[name for name, _ in ALL_COMMANDS])
def test_every_command_and_option_has_help(name: str, command: click.Command) -> None:
    assert command.help, name
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{name} {parameter.opts[0]}"
    helped = run(*name.split()[1:], "--help")
    assert helped.code == ExitCode.CLEAN
    assert f"Usage: {name}".encode() in helped.out
    assert all(len(line) <= 100 for line in helped.out.decode().splitlines())


def test_the_commands_are_the_ones_the_documentation_speaks_of() -> None:
    """A command in a page that does not exist is worse than none."""
    known = {name for name, _ in ALL_COMMANDS}
    for page in PAGES:
        for line in code_lines(page):
            words = re.match(r"(?:\$ )?(agentreach [a-z]+(?: [a-z]+)?)\b", line)
            if words is not None:
                two = " ".join(words[1].split()[:2])
                assert two in known, f"{page.name}: {line}"


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_options_in_the_documentation_exist(page: Path) -> None:
    known = {option for _, command in ALL_COMMANDS for p in command.params for option in p.opts} | {
        option for _, command in ALL_COMMANDS for p in command.params for option in p.secondary_opts
    }
    for line in code_lines(page):
        if re.match(r"(?:\$ )?agentreach ", line):
            used = set(re.findall(r"(?<=\s)--[a-z][a-z-]+", line))
            assert used - known - {"--help", "--version"} == set(), line


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_relative_links_resolve(page: Path) -> None:
    for target in links(page):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        linked = (page.parent / path).resolve() if path else page
        assert linked.exists(), f"{target} does not exist"
        if anchor:
            assert anchor in anchors(linked), f"{target}: no such heading"


def test_every_page_can_be_found() -> None:
    """From the README, by links."""
    reached: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached:
            continue
        reached.add(page)
        for target in links(page):
            path = (page.parent / target.partition("#")[0]).resolve()
            if path.suffix == ".md" and path.is_file():
                waiting.append(path)
    lost = set(ROOT.glob("docs/**/*.md")) - reached
    assert lost == set()


def test_the_test_command_is_the_same_everywhere() -> None:
    for name in ("README.md", ".ci/run"):
        assert TEST_COMMAND in (ROOT / name).read_text(), name


def test_every_setting_is_documented() -> None:
    text = "".join(page.read_text() for page in PAGES)
    for name in Settings.__struct_fields__:
        assert re.search(rf"\b{name}\b", text), f"{name} of .agentreach.yml is in no page"


def test_every_exit_code_is_documented() -> None:
    text = (ROOT / "README.md").read_text() + "".join(
        page.read_text() for page in ROOT.glob("docs/*.md")
    )
    for code in ExitCode:
        assert re.search(rf"(?<!\d){int(code)}(?!\d)", text), code


def test_the_severities_of_the_options_are_the_models() -> None:
    assert tuple(severity.value for severity in Severity) == SEVERITIES


def links(page: Path) -> list[str]:
    """Targets of the page's links, outside code."""
    text = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(), flags=re.DOTALL)
    return [link["target"] for link in LINK.finditer(text)]


def anchors(page: Path) -> set[str]:
    """The page's headings as GitHub names them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), flags=re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", heading.replace("`", "")).strip().lower().replace(" ", "-")
        for heading in headings
    }


def code_lines(page: Path) -> list[str]:
    """Lines of fenced code."""
    blocks = re.findall(r"^```[^\n]*\n(.*?)^```", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    return [line.strip() for block in blocks for line in block.splitlines()]
