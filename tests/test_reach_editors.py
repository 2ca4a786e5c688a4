"""Cursor, Copilot, Windsurf, Devin and Zed: whatever stands in their files, an answer comes back.

What each setting means is in `reach_vectors/`; here it is about files that nobody would write.
"""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner.model import Basis, Channel, Location, Verdict, Where
from scanner.reach.formats import jsonc
from scanner.reach.matching.programs import program_of
from scanner.reach.settings.vscode_terminal import Decision, TerminalRule, decide, rule_of
from tests.test_reach import Site, site

__all__ = ["site"]

EDITORS = ("cursor", "devin", "github-copilot", "windsurf", "zed")
SETTINGS = (
    ".cursor/cli.json",
    ".cursor/environment.json",
    ".cursor/hooks.json",
    ".cursor/permissions.json",
    ".cursor/sandbox.json",
    ".cursor/worktrees.json",
    ".devcontainer/devcontainer.json",
    ".devin/config.json",
    ".devin/config.local.json",
    ".github/hooks/start.json",
    ".vscode/settings.json",
    ".windsurf/hooks.json",
    ".zed/settings.json",
    "pkg/.zed/settings.json",
)
IGNORES = (".codeiumignore", ".cursorignore", ".devinignore", ".windsurfignore")
FRAGMENTS = (
    "[]",
    "3",
    '{"permissions": []}',
    '{"permissions": {"deny": [3, null, "Read", "Read(", "Read()", ")("], "allow": [[]]}}',
    '{"terminalAllowlist": ["", " ", ":", "*", 3], "mcpAllowlist": {}}',
    '{"type": 3, "networkPolicy": []}',
    '{"hooks": {"beforeReadFile": [], "x": [[3]], "y": {"command": []}}}',
    '{"chat.tools.terminal.autoApprove": {"": true, "/": false, "//": null, "/(/": true}}',
    '{"chat.tools.terminal.autoApprove": {"/(a+)+$/": false, "/[/i": {"approve": 3}}}',
    '{"chat.instructionsFilesLocations": {"": true, "/": true, "..": true, "a/*": true}}',
    '{"customizations": {"vscode": {"settings": []}}}',
    '{"private_files": ["{", "[", "**", "{a,{b,c}}" , 3], "file_scan_exclusions": {"a": 1}}',
    '{"agent": {"tool_permissions": {"tools": 3, "default": []}}, "disable_ai": "yes"}',
    '{"a":' * 5000,
    "[" * 5000,
    "\ufeff{}",
    "{,}",
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    texts=st.dictionaries(
        st.sampled_from(SETTINGS + IGNORES),
        st.one_of(st.sampled_from(FRAGMENTS).map(str.encode), st.binary(max_size=40)),
        max_size=6,
    ),
    path=st.sampled_from([".env", "pkg/keys.yaml", ".zed/settings.json", "a b/c\nd", "x" * 300]),
    where=st.sampled_from([Where.WORKTREE, Where.COMMIT]),
)
def test_a_control_is_named_or_there_is_none(
    tmp_path_factory: pytest.TempPathFactory, texts: dict[str, bytes], path: str, where: Where
) -> None:
    place = Site(tmp_path_factory.mktemp("any"))
    for name, data in texts.items():
        place.write(name, data)
    model = place.model()
    for reach in model.reach(Location(where, path, in_head=None), EDITORS):
        assert reach.basis
        assert reach.source or reach.grade in (Basis.UNKNOWN, Basis.DERIVED)
        if reach.verdict is Verdict.BLOCKED:
            assert reach.source is not None
            assert reach.source.rpartition(":")[0] in texts
    for concern in model.concerns(EDITORS):
        assert concern.path in texts
        assert concern.words and concern.instead and concern.reference.startswith("https://")


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize(
    "data",
    [b"\xff\xfe{", b"{" + b" " * (1 << 21), b"[" * 100_000, b'{"a": "', b"\x00" * 100, b"= = ="],
    ids=["not-utf8", "huge", "deep", "cut-off", "nul", "junk"],
)
def test_a_file_that_is_no_json_blocks_nothing_and_is_pointed_out(
    site: Site, name: str, data: bytes
) -> None:
    site.write(name, data)
    model = site.model(cursor=1, devin=1, github_copilot=1, windsurf=1, zed=1)
    for reach in model.reach(Location(Where.WORKTREE, ".env"), EDITORS):
        assert reach.verdict is not Verdict.BLOCKED
    told = {problem.where for problem in model.problems}
    told |= {concern.path for concern in model.concerns(EDITORS)}
    # A dev container's file is the container tools' to complain about.
    assert name.startswith(".devcontainer") or name in told


def test_a_link_out_of_the_repository_is_not_followed(site: Site) -> None:
    outside = site.root.parent / "outside.json"
    outside.write_text('{"terminalAllowlist": ["cat"]}')
    (site.root / ".cursor").mkdir()
    (site.root / ".cursor/permissions.json").symlink_to(outside)
    site.write(".cursorignore", ".env\n")
    assert site.ask("cursor", Channel.SHELL).verdict is Verdict.UNKNOWN


# ------------------------------------------------------------------ VS Code's terminal rules


def rules(**approvals: bool | None) -> list[TerminalRule]:
    return [
        TerminalRule(key, approve, f"s:{number}", "s", number, False)
        for number, (key, approve) in enumerate(approvals.items(), 1)
    ]


def verdict(own: list[TerminalRule], *, defaults: bool = True) -> Decision:
    return decide(own, ("cat", "head"), "keys.yaml", capable={"less"}, defaults=defaults)


@pytest.mark.parametrize(
    ("approvals", "defaults", "expected", "source"),
    [
        ({}, True, Verdict.NO_PROMPT, ""),
        ({}, False, Verdict.PROMPT, ""),
        ({"cat": False}, True, Verdict.NO_PROMPT, ""),
        ({"cat": False, "head": None}, True, Verdict.PROMPT, "s:1"),
        ({"cat": None, "head": None}, True, Verdict.PROMPT, ""),
        ({"less": True}, False, Verdict.NO_PROMPT, "s:1"),
        ({"make": True}, False, Verdict.UNKNOWN, "s:1"),
        ({"/^cat /": True}, False, Verdict.NO_PROMPT, "s:1"),
        ({"/^CAT /i": True}, False, Verdict.NO_PROMPT, "s:1"),
        ({"/^CAT /": True}, False, Verdict.PROMPT, ""),
        ({"/^npm /": True}, False, Verdict.PROMPT, ""),
        ({"/(c+)+t/": True}, False, Verdict.UNKNOWN, "s:1"),
        ({"/(c+)+t/": False}, True, Verdict.UNKNOWN, "s:1"),
        ({"/.*/": False, "cat": True}, True, Verdict.PROMPT, "s:1"),
        ({"cater": True}, False, Verdict.UNKNOWN, "s:1"),
    ],
)
def test_rules_of_the_terminal(
    approvals: dict[str, bool | None], defaults: bool, expected: Verdict, source: str
) -> None:
    found = verdict(rules(**approvals), defaults=defaults)
    assert (found.verdict, found.source) == (expected, source)


def test_values_that_a_rule_may_have() -> None:
    def value(text: str) -> bool | str | None:
        node = jsonc.parse(text).root
        assert node is not None
        rule = rule_of("cat", node, "s:1", "s", personal=False)
        return "none" if rule is None else rule.approve

    assert value("true") is True
    assert value("false") is False
    assert value("null") is None
    assert value('{"approve": true, "matchCommandLine": true}') is True
    assert [value(text) for text in ("3", '"true"', "{}", '{"approve": "x"}', "[]")] == ["none"] * 5


@pytest.mark.parametrize(
    ("command", "program"),
    [
        ("cat a", "cat"),
        ("/usr/bin/Cat", "cat"),
        ('"C:\\\\Tools\\\\rg.exe" x', "rg"),
        ("", ""),
        ("  ", ""),
    ],
)
def test_the_program_of_a_command(command: str, program: str) -> None:
    assert program_of(command) == program
