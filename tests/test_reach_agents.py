"""Cursor, Copilot, Codex and Gemini CLI: one test for each rule of their semantics."""

import json
from pathlib import Path

import pytest

from scanner.model import Channel, Location, Reach, Tracking, Verdict, Where
from scanner.reach.formats.json_comments import without_comments
from scanner.reach.formats.toml_lines import key_lines
from tests.test_reach import Site

GEMINI = ".gemini/settings.json"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    root = tmp_path / "site"
    root.mkdir()
    return Site(root).write(".env", "KEY=x\n")


def got(reach: Reach) -> tuple[Verdict, str | None]:
    return reach.verdict, reach.source


# ------------------------------------------------------------------ Cursor


def test_cursorignore_blocks_tools_and_index_not_the_terminal(site: Site) -> None:
    site.write(".cursorignore", "# keys\n.env*\n")
    for channel in (Channel.FILE_TOOLS, Channel.INDEX):
        assert got(site.ask("cursor", channel)) == (Verdict.BLOCKED, ".cursorignore:2")
    assert got(site.ask("cursor", Channel.SHELL)) == (Verdict.UNKNOWN, ".cursorignore:2")


def test_the_terminal_without_a_sandbox_reads_ignored_files(site: Site) -> None:
    site.write(".cursorignore", ".env\n").write(
        ".cursor/sandbox.json", '{\n"type": "insecure_none"}'
    )
    assert got(site.ask("cursor", Channel.SHELL)) == (Verdict.NO_PROMPT, ".cursor/sandbox.json:2")


def test_the_global_ignore_list_is_a_user_setting(site: Site) -> None:
    assert site.ask("cursor", Channel.FILE_TOOLS).verdict is Verdict.UNKNOWN
    assert site.ask("cursor", Channel.FILE_TOOLS, "config/keys.yaml").verdict is Verdict.NO_PROMPT
    assert site.ask("cursor", Channel.SHELL).verdict is Verdict.UNKNOWN
    assert site.ask("cursor", Channel.SHELL, "config/keys.yaml").verdict is Verdict.NO_PROMPT


def test_a_negation_takes_the_file_back_in(site: Site) -> None:
    site.write(".cursorignore", "*.yaml\n!keys.yaml\n")
    assert site.ask("cursor", Channel.FILE_TOOLS, "keys.yaml").verdict is Verdict.NO_PROMPT
    site.write(".cursorignore", "config/\n!config/keys.yaml\n")
    assert site.ask("cursor", Channel.FILE_TOOLS, "config/keys.yaml").verdict is Verdict.BLOCKED


def test_a_cursorignore_below_the_root_is_unknown(site: Site) -> None:
    site.write("pkg/.cursorignore", "keys.yaml\n")
    reach = site.ask("cursor", Channel.FILE_TOOLS, "pkg/keys.yaml")
    assert got(reach) == (Verdict.UNKNOWN, "pkg/.cursorignore:1")


def test_the_indexing_ignore_file_is_for_the_index_only(site: Site) -> None:
    site.write(".cursorindexingignore", "keys.yaml\n")
    assert site.ask("cursor", Channel.INDEX, "keys.yaml").verdict is Verdict.BLOCKED
    reach = site.ask("cursor", Channel.FILE_TOOLS, "keys.yaml")
    assert reach.verdict is Verdict.NO_PROMPT
    assert ".cursorindexingignore:1 keeps it out of the index only" in reach.basis


def test_the_index_leaves_out_what_git_ignores(site: Site) -> None:
    site.write(".gitignore", "keys.yaml\n")
    reach = site.ask("cursor", Channel.INDEX, "keys.yaml")
    assert got(reach) == (Verdict.BLOCKED, ".gitignore:1")
    assert site.ask("cursor", Channel.FILE_TOOLS, "keys.yaml").verdict is Verdict.NO_PROMPT
    assert site.ask("cursor", Channel.INDEX, "main.py").verdict is Verdict.AUTO


def test_a_file_ignored_by_a_list_outside_the_tree_may_be_left_out(site: Site) -> None:
    site.tracking["keys.yaml"] = Tracking.IGNORED
    assert site.ask("cursor", Channel.INDEX, "keys.yaml").verdict is Verdict.UNKNOWN


def test_the_command_lines_rules_are_mentioned_only(site: Site) -> None:
    site.write(".cursor/cli.json", '{"permissions": {"deny": [\n"Read(keys.yaml)"]}}')
    reach = site.ask("cursor", Channel.FILE_TOOLS, "keys.yaml")
    assert reach.verdict is Verdict.NO_PROMPT
    assert "Read(keys.yaml) at .cursor/cli.json:2 holds for the command line only" in reach.basis


# ------------------------------------------------------------------ Copilot


def test_copilots_content_exclusion_is_said_to_be_invisible(site: Site) -> None:
    reach = site.write(".copilotignore", ".env").ask("github-copilot", Channel.FILE_TOOLS)
    assert reach.verdict is Verdict.NO_PROMPT
    assert "content exclusion is a setting on GitHub's server" in reach.basis
    assert ".copilotignore:1 has no effect" in reach.basis


def test_vs_code_settings_widen_and_narrow_the_terminal(site: Site) -> None:
    def setting(text: str) -> Reach:
        site.write(".vscode/settings.json", text)
        return site.ask("github-copilot", Channel.SHELL)

    assert setting("{}").verdict is Verdict.NO_PROMPT
    key = "chat.tools.terminal.enableAutoApprove"
    assert got(setting(f'{{ // ours\n"{key}": false,\n}}')) == (
        Verdict.PROMPT,
        ".vscode/settings.json:2",
    )
    key = "chat.tools.terminal.ignoreDefaultAutoApproveRules"
    assert setting(f'{{"{key}": true}}').verdict is Verdict.PROMPT
    own = '"chat.tools.terminal.autoApprove": {"cat": true}'
    assert setting(f'{{"{key}": true, {own}}}').verdict is Verdict.NO_PROMPT
    off = '"chat.tools.terminal.enableAutoApprove": false'
    # A setting of the application: a workspace cannot switch it on.
    everything = '"chat.tools.global.autoApprove": true'
    assert setting(f"{{{off}, {everything}}}").verdict is Verdict.PROMPT
    # The level of approvals is the workspace's to set, and goes before every rule.
    level = '\n\n"chat.permissions.default": "autopilot"'
    assert got(setting(f"{{{off},{level}}}")) == (Verdict.NO_PROMPT, ".vscode/settings.json:3")
    assert site.model().problems == ()


def test_a_setting_of_vs_code_does_not_bind_the_cloud_agent(site: Site) -> None:
    site.write(".vscode/settings.json", '{"chat.tools.terminal.enableAutoApprove": false}')
    site.tracking[".env"] = Tracking.TRACKED
    reach = site.ask("github-copilot", Channel.SHELL)
    assert reach.verdict is Verdict.NO_PROMPT
    assert "cloud agent" in reach.basis


def test_git_under_copilot_runs_unasked_unless_the_rules_are_off(site: Site) -> None:
    location = Location(Where.COMMIT, ".env", in_head=False)
    reach = site.model().reach(location, ["github-copilot"])
    assert [entry.verdict for entry in reach] == [
        Verdict.NOT_APPLICABLE,
        Verdict.NO_PROMPT,
        Verdict.NO_PROMPT,
    ]
    # How much history the cloud agent's clone holds is not documented.
    site.write(".vscode/settings.json", '{"chat.tools.terminal.enableAutoApprove": false}')
    reach = site.model().reach(location, ["github-copilot"])
    assert reach[2].verdict is Verdict.UNKNOWN


# ------------------------------------------------------------------ Codex

PROFILE = """default_permissions = "tight"

[permissions.tight.filesystem]
":workspace_roots" = { "." = "write", "**/.env" = "deny" }
"""


def test_codex_has_no_file_tool_and_a_shell_that_reads_everything(site: Site) -> None:
    assert site.ask("codex", Channel.FILE_TOOLS).verdict is Verdict.NOT_APPLICABLE
    assert site.ask("codex", Channel.SHELL).verdict is Verdict.NO_PROMPT
    basis = site.write(".codexignore", ".env\n").ask("codex", Channel.SHELL).basis
    assert ".codexignore:1 has no effect" in basis


@pytest.mark.parametrize("path", [".env", "pkg/.env"])
def test_a_permission_profile_is_unknown_never_blocked(site: Site, path: str) -> None:
    site.write(".codex/config.toml", PROFILE)
    assert got(site.ask("codex", Channel.SHELL, path)) == (Verdict.UNKNOWN, ".codex/config.toml:4")
    assert site.ask("codex", Channel.SHELL, "other").verdict is Verdict.NO_PROMPT


def test_sandbox_mode_switches_a_profile_off(site: Site) -> None:
    site.write(".codex/config.toml", f'sandbox_mode = "read-only"\n{PROFILE}')
    reach = site.ask("codex", Channel.SHELL)
    assert reach.verdict is Verdict.NO_PROMPT
    assert "sandbox_mode at .codex/config.toml:1 switches profile tight" in reach.basis


def test_a_profile_that_nothing_selects_is_unknown_too(site: Site) -> None:
    site.write(".codex/config.toml", PROFILE.replace('default_permissions = "tight"', ""))
    reach = site.ask("codex", Channel.SHELL)
    assert reach.verdict is Verdict.UNKNOWN
    assert "this file does not select it" in reach.basis


def test_broken_toml_is_a_problem_with_its_line(site: Site) -> None:
    site.write(".codex/config.toml", 'a = 1\nb = = "x"\n')
    assert site.ask("codex", Channel.SHELL).verdict is Verdict.UNKNOWN
    assert [problem.where for problem in site.model().problems] == [".codex/config.toml:2"]


def test_lines_of_toml_keys_hold_through_strings_and_tables() -> None:
    text = '''# one
a."b.c" = """
[not.a.table]
x = 1
"""
[t.'q']
list = [  # a comment, with ] in it
  "]", {deep = "}"},
]
e = 1979-05-27
[[many]]
k = 1
[[many]]
k = 2
'''
    assert key_lines(text) == {
        ("a",): 2,
        ("a", "b.c"): 2,
        ("t",): 6,
        ("t", "q"): 6,
        ("t", "q", "list"): 7,
        ("t", "q", "list", "deep"): 8,
        ("t", "q", "e"): 10,
        ("many",): 11,
        ("many", "k"): 12,
    }


@pytest.mark.parametrize("text", ["a = [", "a = {b", "= 1", "[t", 'a = "', "a = [,]]", "\x00"])
def test_lines_of_what_is_no_toml_end_without_an_error(text: str) -> None:
    assert set(key_lines(text).values()) <= {1}


# ------------------------------------------------------------------ Gemini CLI


def test_an_ignored_file_is_refused_to_read_file_and_open_to_the_search(site: Site) -> None:
    site.write(".gitignore", "a\n.env\n")
    site.tracking[".env"] = Tracking.IGNORED
    reach = site.ask("gemini-cli", Channel.FILE_TOOLS)
    assert got(reach) == (Verdict.NO_PROMPT, ".gitignore:2")
    assert "no_ignore" in reach.basis
    assert site.ask("gemini-cli", Channel.SHELL).verdict is Verdict.NO_PROMPT


def test_patterns_do_not_care_for_case_and_tracked_files_are_refused_too(site: Site) -> None:
    site.write(".gitignore", "*.PEM\n").tracking["keys/a.pem"] = Tracking.TRACKED
    reach = site.ask("gemini-cli", Channel.FILE_TOOLS, "keys/a.pem")
    assert got(reach) == (Verdict.NO_PROMPT, ".gitignore:1")


def test_geminiignore_comes_last_and_may_take_back_in(site: Site) -> None:
    site.write(".gitignore", ".env\n").write(".geminiignore", "!.env\nkeys/\n")
    site.tracking[".env"] = Tracking.IGNORED
    assert site.ask("gemini-cli", Channel.FILE_TOOLS).verdict is Verdict.NO_PROMPT
    reach = site.ask("gemini-cli", Channel.FILE_TOOLS, "keys/a")
    assert got(reach) == (Verdict.NO_PROMPT, ".geminiignore:2")


def test_nested_gitignore_files_count(site: Site) -> None:
    site.write("pkg/.gitignore", "/keys\n").tracking["pkg/keys"] = Tracking.IGNORED
    reach = site.ask("gemini-cli", Channel.FILE_TOOLS, "pkg/keys")
    assert got(reach) == (Verdict.NO_PROMPT, "pkg/.gitignore:1")


@pytest.mark.parametrize(
    "settings",
    [
        {"context": {"fileFiltering": {"respectGitIgnore": False}}},
        {"fileFiltering": {"respectGitIgnore": False}},
    ],
)
def test_switching_gitignore_off_opens_the_file(site: Site, settings: object) -> None:
    site.write(".gitignore", ".env\n").write(GEMINI, json.dumps(settings))
    site.tracking[".env"] = Tracking.IGNORED
    reach = site.ask("gemini-cli", Channel.FILE_TOOLS)
    assert reach.verdict is Verdict.NO_PROMPT
    assert f"{GEMINI}:1 switches an ignore file off" in reach.basis


def test_custom_ignore_files_count_in_a_trusted_folder(site: Site) -> None:
    filtering = {"customIgnoreFilePaths": ["config/.ignored"]}
    site.write(GEMINI, json.dumps({"context": {"fileFiltering": filtering}}))
    site.write("config/.ignored", ".env\n")
    reach = site.ask("gemini-cli", Channel.FILE_TOOLS)
    assert got(reach) == (Verdict.UNKNOWN, "config/.ignored:1")
    assert "once the folder is trusted" in reach.basis


def test_without_git_a_gitignore_is_not_known_to_hold(site: Site) -> None:
    site.write(".gitignore", ".env\n").tracking[".env"] = Tracking.UNKNOWN
    assert site.ask("gemini-cli", Channel.FILE_TOOLS).verdict is Verdict.UNKNOWN


def test_ignored_outside_the_tree_is_unknown(site: Site) -> None:
    site.tracking[".env"] = Tracking.IGNORED
    assert site.ask("gemini-cli", Channel.FILE_TOOLS).verdict is Verdict.UNKNOWN


def test_tools_that_run_unasked(site: Site) -> None:
    site.write(GEMINI, '{"tools": {"allowed": [\n"run_shell_command"]}}')
    assert got(site.ask("gemini-cli", Channel.SHELL)) == (Verdict.NO_PROMPT, f"{GEMINI}:2")
    site.write(GEMINI, '{"tools": {"exclude": ["run_shell_command"]}}')
    assert site.ask("gemini-cli", Channel.SHELL).verdict is Verdict.UNKNOWN


def test_dot_env_becomes_the_environment(site: Site) -> None:
    def environment(path: str) -> list[Verdict]:
        found = site.model().reach(Location(Where.WORKTREE, path), ["gemini-cli"])
        return [entry.verdict for entry in found if entry.channel is Channel.ENVIRONMENT]

    assert environment(".env") == [Verdict.NO_PROMPT]
    assert environment("pkg/.env") == []
    site.write(".gemini/.env", "A=b")
    assert environment(".env") == []
    assert environment(".gemini/.env") == [Verdict.NO_PROMPT]


@pytest.mark.parametrize("text", ['{"a": "/* no */ // no"}', '{"a": 1 /* yes\n*/ } // yes', "// x"])
def test_comments_are_taken_out_of_settings_and_lines_stay(text: str) -> None:
    plain = without_comments(text)
    assert plain.count("\n") == text.count("\n") and len(plain) == len(text)
    assert ("no" in plain) == ("no" in text) and "yes" not in plain
