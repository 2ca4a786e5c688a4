"""The reach model as a whole: places, agents in use, what is loaded into the prompt."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner.model import (
    Basis,
    Channel,
    Location,
    Reach,
    Tracking,
    Verdict,
    Where,
)
from scanner.reach import ReachModel
from scanner.rules.agents import load_agents

AGENTS = load_agents()
MODELLED = tuple(agent.id for agent in AGENTS if agent.context)


class Folder:
    """`Files` over a directory: regular files, links told apart, nothing ignored unless said."""

    def __init__(self, root: Path, tracking: Mapping[str, Tracking] | None = None) -> None:
        self.root = root
        self.states = tracking or {}

    def read(self, path: str) -> bytes | None:
        file = self.root / path
        if file.is_symlink() or not file.is_file():
            return None
        return file.read_bytes()

    def paths(self) -> list[str]:
        found = (entry for entry in self.root.rglob("*") if entry.is_symlink() or entry.is_file())
        return sorted(entry.relative_to(self.root).as_posix() for entry in found)

    def tracking(self, path: str) -> Tracking:
        return self.states.get(path, Tracking.UNTRACKED)

    def link(self, path: str) -> str | None:
        file = self.root / path
        return os.readlink(file) if file.is_symlink() else None


class Site:
    """A directory to fill and to ask about."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.tracking: dict[str, Tracking] = {}

    def write(self, path: str, text: str | bytes = "") -> "Site":
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return self

    def model(self, **history: int) -> ReachModel:
        named = {name.replace("_", "-"): count for name, count in history.items()}
        return ReachModel.build(Folder(self.root, self.tracking), AGENTS, history=named)

    def ask(self, agent: str, channel: Channel, path: str = ".env") -> Reach:
        location = Location(Where.WORKTREE, path)
        found = [r for r in self.model().reach(location, [agent]) if r.channel is channel]
        assert len(found) == 1, found
        return found[0]

    def loads(self, agent: str) -> dict[str, Verdict]:
        model = self.model()
        found = {}
        for path in Folder(self.root).paths():
            for reach in model.reach(Location(Where.WORKTREE, path), [agent]):
                if reach.channel is Channel.PROMPT:
                    found[path] = reach.verdict
        return found


@pytest.fixture
def site(tmp_path: Path) -> Site:
    root = tmp_path / "site"
    root.mkdir()
    return Site(root).write(".env", "KEY=x\n")


def channels(reach: tuple[Reach, ...]) -> dict[Channel, Verdict]:
    return {entry.channel: entry.verdict for entry in reach}


# ------------------------------------------------------------------ places


def test_nothing_stands_between_claude_code_and_an_ignored_env_file(site: Site) -> None:
    site.write(".gitignore", ".env\n")
    site.tracking[".env"] = Tracking.IGNORED
    reach = site.model().reach(Location(Where.WORKTREE, ".env"), ["claude-code"])
    assert channels(reach) == {
        Channel.FILE_TOOLS: Verdict.NO_PROMPT,
        Channel.SHELL: Verdict.NO_PROMPT,
        Channel.GIT_OBJECTS: Verdict.NOT_APPLICABLE,
    }
    assert reach[0].basis == (
        "no rule covers .env; reads inside the working directory need no approval, whether git"
        " ignores the file or not; user and managed settings not read"
    )
    assert reach[0].source == "https://code.claude.com/docs/en/permissions#permission-system"


@pytest.mark.parametrize(
    "where", [Where.COMMIT, Where.STASH, Where.REFLOG, Where.UNREACHABLE, Where.MESSAGE, Where.NOTE]
)
def test_what_only_git_holds_is_out_of_reach_of_file_tools(site: Site, where: Where) -> None:
    site.write(".claude/settings.json", '{"permissions": {"deny": ["Read(.env)"]}}')
    location = Location(where, ".env", commit="c" * 40, in_head=False)
    reach = site.model().reach(location, ["claude-code"])
    assert channels(reach) == {
        Channel.FILE_TOOLS: Verdict.NOT_APPLICABLE,
        Channel.SHELL: Verdict.NO_PROMPT,
        Channel.GIT_OBJECTS: Verdict.NO_PROMPT,
    }
    assert reach[1].basis.startswith("through git: ")


def test_a_blob_that_still_stands_in_head_is_judged_as_a_file_too(site: Site) -> None:
    site.write(".claude/settings.json", '{"permissions": {"deny": ["Read(.env)"]}}')
    location = Location(Where.COMMIT, ".env", commit="c" * 40, in_head=True)
    found = channels(site.model().reach(location, ["claude-code"]))
    assert found[Channel.FILE_TOOLS] is Verdict.BLOCKED
    assert found[Channel.GIT_OBJECTS] is Verdict.NO_PROMPT


def test_not_knowing_whether_it_is_in_head_is_unknown(site: Site) -> None:
    location = Location(Where.COMMIT, ".env", commit="c" * 40, in_head=None)
    found = channels(site.model().reach(location, ["claude-code"]))
    assert found[Channel.FILE_TOOLS] is Verdict.UNKNOWN


def test_tracked_files_are_in_git_objects_and_untracked_ones_are_not(site: Site) -> None:
    for tracking, verdict in (
        (Tracking.TRACKED, Verdict.NO_PROMPT),
        (Tracking.UNTRACKED, Verdict.NOT_APPLICABLE),
    ):
        location = Location(Where.WORKTREE, ".env", tracking=tracking)
        found = channels(site.model().reach(location, ["claude-code"]))
        assert found[Channel.GIT_OBJECTS] is verdict


def test_a_staged_file_is_both(site: Site) -> None:
    found = channels(site.model().reach(Location(Where.INDEX, ".env"), ["claude-code"]))
    assert found[Channel.FILE_TOOLS] is Verdict.NO_PROMPT
    assert found[Channel.GIT_OBJECTS] is Verdict.NO_PROMPT


def test_standard_input_is_no_place(site: Site) -> None:
    assert site.model().reach(Location(Where.STDIN, ""), MODELLED) == ()


def test_an_agent_without_a_model_is_unknown_not_blocked(site: Site) -> None:
    reach = site.model(jules=3).reach(Location(Where.WORKTREE, ".env"))
    assert {entry.agent for entry in reach} == {"jules"}
    assert {entry.verdict for entry in reach} == {Verdict.UNKNOWN}


def test_the_order_is_by_agent_and_channel(site: Site) -> None:
    reach = site.model().reach(Location(Where.WORKTREE, ".env"), reversed(MODELLED))
    assert [entry.agent for entry in reach] == sorted(entry.agent for entry in reach)


# ------------------------------------------------------------------ agents in use


def grades(model: ReachModel) -> dict[str, str]:
    return {use.agent: use.grade for use in model.agents}


def test_no_trace_is_no_agent(site: Site) -> None:
    model = site.model()
    assert model.agents == ()
    assert model.reach(Location(Where.WORKTREE, ".env")) == ()


def test_agents_md_alone_is_weak_evidence_of_its_readers_but_not_of_claude(site: Site) -> None:
    model = site.write("AGENTS.md", "be kind").model()
    assert set(grades(model).values()) == {"weak"}
    assert {"codex", "cursor", "github-copilot", "zed"} <= set(grades(model))
    assert "claude-code" not in grades(model)
    assert {r.agent for r in model.reach(Location(Where.WORKTREE, ".env"))} == set(grades(model))


def test_surer_agents_push_the_weak_ones_out_of_the_answer(site: Site) -> None:
    site.write("AGENTS.md").write("docs/CLAUDE.md").write(".cursor/mcp.json", "{}")
    model = site.model()
    assert grades(model)["cursor"] == "strong"
    assert grades(model)["claude-code"] == "medium"
    assert next(iter(grades(model))) == "cursor"
    agents = {entry.agent for entry in model.reach(Location(Where.WORKTREE, ".env"))}
    assert agents == {"claude-code", "cursor"}


def test_marks_on_commits_count(site: Site) -> None:
    use = site.model(claude_code=2).agents[0]
    assert (use.agent, use.grade, use.commits) == ("claude-code", "history", 2)
    assert use.evidence[0].text == "2 commits carry its mark"


def test_a_workflow_and_an_ignore_line_are_evidence(site: Site) -> None:
    site.write(".gitignore", "node_modules\n/.claude/settings.local.json\n")
    assert grades(site.model()) == {"claude-code": "weak"}
    site.write(
        ".github/workflows/a.yml", "jobs:\n a:\n  steps:\n  - uses: openai/codex-action@v1\n"
    )
    uses = {use.agent: use for use in site.model().agents}
    assert uses["codex"].grade == "strong"
    assert uses["codex"].evidence[0].source == ".github/workflows/a.yml:4"


# ------------------------------------------------------------------ what is loaded


def test_claude_code_loads_its_instruction_files(site: Site) -> None:
    for path in ("CLAUDE.md", ".claude/CLAUDE.md", "CLAUDE.local.md", "pkg/CLAUDE.md", "AGENTS.md"):
        site.write(path, "text\n")
    site.write(".claude/rules/style.md", "no head")
    site.write(".claude/rules/api/http.md", '---\npaths:\n  - "src/**/*.ts"\n---\ntext')
    assert site.loads("claude-code") == {
        "CLAUDE.md": Verdict.AUTO,
        ".claude/CLAUDE.md": Verdict.AUTO,
        "CLAUDE.local.md": Verdict.AUTO,
        "pkg/CLAUDE.md": Verdict.NO_PROMPT,
        ".claude/rules/style.md": Verdict.AUTO,
        ".claude/rules/api/http.md": Verdict.NO_PROMPT,
    }


def test_imports_pull_files_into_the_prompt(site: Site) -> None:
    site.write("CLAUDE.md", "# Title\n\nSee @docs/a.md and mail@example.com @nobody\n- @.env\n")
    site.write("docs/a.md", "@b.md @../CLAUDE.md @../../etc/passwd @/etc/passwd @~/x")
    site.write("docs/b.md", "text")
    loaded = site.loads("claude-code")
    assert set(loaded) == {"CLAUDE.md", "docs/a.md", "docs/b.md", ".env"}
    reach = site.ask("claude-code", Channel.PROMPT)
    assert (reach.verdict, reach.source) == (Verdict.AUTO, "CLAUDE.md:4")
    assert "CLAUDE.md:4 imports it" in reach.basis
    assert "does not stop an import" in reach.basis


def test_an_import_is_not_stopped_by_a_deny_rule(site: Site) -> None:
    site.write("CLAUDE.md", "@.env").write(
        ".claude/settings.json", '{"permissions": {"deny": ["Read(.env)"]}}'
    )
    assert site.ask("claude-code", Channel.PROMPT).verdict is Verdict.AUTO
    assert site.ask("claude-code", Channel.FILE_TOOLS).verdict is Verdict.BLOCKED


@pytest.mark.parametrize(
    "text",
    [
        "`@.env`",
        "``a ` @.env``",
        "a `code\n@.env` span",
        "```\n@.env\n```",
        "~~~ text\n```\n@.env\n~~~",
        "````\n```\n@.env\n````",
        "<!-- @.env -->",
        "<!--\n@.env\n-->",
        "name@.env",
        "@.env.",
        "@.env,",
    ],
)
def test_what_is_no_import(site: Site, text: str) -> None:
    assert ".env" not in site.write("CLAUDE.md", text).loads("claude-code")


@pytest.mark.parametrize(
    "text",
    ["@.env", "a ` lone tick @.env", "```\ncode\n```\n@.env", "`a` @.env `b`", "@./.env#part"],
)
def test_what_is_an_import(site: Site, text: str) -> None:
    assert site.write("CLAUDE.md", text).loads("claude-code")[".env"] is Verdict.AUTO


def test_imports_end_after_four_hops(site: Site) -> None:
    site.write("CLAUDE.md", "@1.md")
    for number in range(1, 6):
        site.write(f"{number}.md", f"@{number + 1}.md")
    loaded = site.loads("claude-code")
    assert "4.md" in loaded
    assert "5.md" not in loaded


def test_a_comment_does_not_reach_the_prompt_but_is_readable(site: Site) -> None:
    site.write("CLAUDE.md", "one\n<!-- \nthree\n-->\nfive\n")
    model = site.model()
    assert model.auto_loaded("CLAUDE.md", 3) == ()
    for line in (1, 5, None):
        assert model.auto_loaded("CLAUDE.md", line)[0].verdict is Verdict.AUTO


def test_a_link_loads_its_target(site: Site) -> None:
    site.write("AGENTS.md", "@notes.md").write("notes.md")
    (site.root / "CLAUDE.md").symlink_to("AGENTS.md")
    loaded = site.loads("claude-code")
    assert loaded["AGENTS.md"] is Verdict.AUTO
    assert loaded["notes.md"] is Verdict.AUTO
    assert site.model().problems == ()


def test_links_that_lead_out_or_in_circles_are_problems(site: Site) -> None:
    (site.root / "CLAUDE.md").symlink_to("/etc/hostname")
    (site.root / "CLAUDE.local.md").symlink_to("CLAUDE.local.md")
    problems = {problem.where: problem.reason for problem in site.model().problems}
    assert set(problems) == {"CLAUDE.md", "CLAUDE.local.md"}
    assert "leads out" in problems["CLAUDE.md"]


def test_excluded_instruction_files_are_unknown(site: Site) -> None:
    site.write("CLAUDE.md").write(
        ".claude/settings.json", '{\n"claudeMdExcludes": ["**/repo/CLAUDE.md"]}'
    )
    reach = site.ask("claude-code", Channel.PROMPT, "CLAUDE.md")
    assert (reach.verdict, reach.source) == (Verdict.UNKNOWN, ".claude/settings.json:2")


def test_cursor_rules_by_their_heads(site: Site) -> None:
    heads = {
        "always": "alwaysApply: true",
        "typed": "globs: *.ts,*.tsx\nalwaysApply: false",
        "said": "description: about tests\nalwaysApply: false",
        "manual": "alwaysApply: false",
    }
    for name, text in heads.items():
        site.write(f".cursor/rules/{name}.mdc", f"---\n{text}\n---\nbody")
    site.write(".cursor/rules/bare.mdc", "body").write(".cursorrules", "x").write("AGENTS.md", "x")
    assert site.loads("cursor") == {
        ".cursor/rules/always.mdc": Verdict.AUTO,
        ".cursor/rules/typed.mdc": Verdict.NO_PROMPT,
        ".cursor/rules/said.mdc": Verdict.NO_PROMPT,
        ".cursorrules": Verdict.AUTO,
        "AGENTS.md": Verdict.AUTO,
    }


def test_copilot_instructions(site: Site) -> None:
    site.write(".github/copilot-instructions.md", "x")
    site.write(".github/instructions/all.instructions.md", '---\napplyTo: "**"\n---\n')
    site.write(".github/instructions/ts.instructions.md", '---\napplyTo: "**/*.ts"\n---\n')
    site.write(".github/instructions/none.instructions.md", "x")
    assert site.loads("github-copilot") == {
        ".github/copilot-instructions.md": Verdict.AUTO,
        ".github/instructions/all.instructions.md": Verdict.AUTO,
        ".github/instructions/ts.instructions.md": Verdict.NO_PROMPT,
    }


def test_codex_reads_one_file_a_directory_and_32_kib(site: Site) -> None:
    site.write("AGENTS.md", "x").write("AGENTS.override.md", "line\n" * 10_000)
    site.write("pkg/AGENTS.md", "x")
    assert site.loads("codex") == {
        "AGENTS.override.md": Verdict.AUTO,
        "pkg/AGENTS.md": Verdict.NO_PROMPT,
    }
    model = site.model()
    assert model.auto_loaded("AGENTS.override.md", 6_000)[0].agent == "codex"
    assert model.auto_loaded("AGENTS.override.md", 9_000) == ()


def test_gemini_loads_what_its_settings_name(site: Site) -> None:
    site.write("GEMINI.md", "@.env").write("pkg/GEMINI.md").write("AGENTS.md")
    assert site.loads("gemini-cli") == {
        "GEMINI.md": Verdict.AUTO,
        ".env": Verdict.AUTO,
        "pkg/GEMINI.md": Verdict.NO_PROMPT,
    }
    site.write(".gemini/settings.json", '{"context": {"fileName": ["AGENTS.md"]}, /* ok */}')
    assert site.loads("gemini-cli") == {"AGENTS.md": Verdict.AUTO}


# ------------------------------------------------------------------ the promise

CONFIGURATION = (
    ".claude/settings.json",
    ".claude/settings.local.json",
    ".cursorignore",
    ".cursorindexingignore",
    ".cursor/cli.json",
    ".cursor/sandbox.json",
    ".codex/config.toml",
    ".gemini/settings.json",
    ".geminiignore",
    ".gitignore",
    ".vscode/settings.json",
    "CLAUDE.md",
    ".cursor/rules/a.mdc",
)
FRAGMENTS = (
    '{"permissions": {"deny": ["Read(.env)"]}}',
    '{"permissions": {"deny": "Read(.env)"}}',
    '{"permissions": {"deny": ["Read", 3, "*", "Bash"]}}',
    '{"permissions": []}',
    '{"sandbox": {"enabled": true, "filesystem": {"denyRead": [".env"]}}}',
    '{"context": {"fileFiltering": {"respectGitIgnore": "no"}}}',
    'default_permissions = "x"\n[permissions.x.filesystem]\n"**/.env" = "deny"',
    ".env",
    "!.env",
    "*",
    "[",
    "{",
    "[" * 5000,
    '{"a":' * 5000,
    "---\nglobs: [&a [*a]]\n---\n@.env",
    "\xff\x00",
    "*a" * 600,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    texts=st.dictionaries(
        st.sampled_from(CONFIGURATION),
        st.one_of(st.sampled_from(FRAGMENTS).map(str.encode), st.binary(max_size=40)),
        max_size=6,
    ),
    path=st.sampled_from([".env", "a/.env", "A.ENV", "x" * 200, "a b/c\nd"]),
    where=st.sampled_from(list(Where)),
)
def test_blocked_always_names_its_control(
    tmp_path_factory: pytest.TempPathFactory, texts: dict[str, bytes], path: str, where: Where
) -> None:
    site = Site(tmp_path_factory.mktemp("any"))
    for name, data in texts.items():
        site.write(name, data)
    for reach in site.model().reach(Location(where, path, in_head=None), MODELLED):
        assert reach.basis
        if reach.verdict is Verdict.BLOCKED:
            assert reach.source
            file = reach.source.rpartition(":")[0]
            assert file in texts or reach.source.startswith("https://")
            assert reach.grade in (Basis.CONFIG, Basis.DOCUMENTED)


@pytest.mark.parametrize("name", CONFIGURATION)
@pytest.mark.parametrize(
    "data",
    [b"\xff\xfe{", b"{" + b" " * (1 << 21), b"[" * 100_000, b'{"a": "', b"\x00" * 100, b"= = ="],
    ids=["not-utf8", "huge", "deep", "cut-off", "nul", "junk"],
)
def test_malformed_configuration_never_blocks(site: Site, name: str, data: bytes) -> None:
    site.write(name, data)
    site.write("CLAUDE.md" if name != "CLAUDE.md" else "GEMINI.md")
    for reach in site.model().reach(Location(Where.WORKTREE, ".env"), MODELLED):
        assert reach.verdict is not Verdict.BLOCKED


@pytest.mark.parametrize("name", [name for name in CONFIGURATION if "settings" in name])
def test_linked_configuration_never_blocks_from_outside(
    site: Site, tmp_path: Path, name: str
) -> None:
    outside = tmp_path / "outside.json"
    outside.write_text('{"permissions": {"deny": ["Read(.env)", "Bash", "PowerShell"]}}')
    (site.root / name).parent.mkdir(parents=True, exist_ok=True)
    (site.root / name).symlink_to(outside)
    for reach in site.model().reach(Location(Where.WORKTREE, ".env"), MODELLED):
        assert reach.verdict is not Verdict.BLOCKED
