"""The matrix of secrets against agents: its verdicts, its words, its formats, what it reads."""

import html.parser
import json
import os
import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from scanner.errors import ConfigError, ScannerError
from scanner.model import (
    AgentUse,
    Basis,
    Channel,
    Concern,
    ConcernKind,
    Evidence,
    Problem,
    Reach,
    RepositoryInfo,
    Tool,
    Tracking,
    Verdict,
)
from scanner.model.matrix import (
    Cell,
    CellChange,
    Column,
    Matrix,
    Row,
    View,
    WhatIf,
    overall,
)
from scanner.pipeline.reach_explain import matching
from scanner.pipeline.reach_question import Question, answerable, settings_place
from scanner.rules.agents import load_agents
from scanner.sinks import Options, _schemas
from scanner.sinks import _reach_words as words
from scanner.sinks._reach import FORMATS, write_matrix
from scanner.sinks._reach_markdown import code, escaped
from scanner.sources.home import HomeFiles
from scanner.sources.overlay import Overlay
from tests import reports
from tests.test_reach_vectors import CASES

AGENTS = load_agents()
DOCUMENTATION = "https://docs.example/agent"


def reach(
    channel: Channel,
    verdict: Verdict,
    agent: str = "claude-code",
    basis: str = "no rule covers .env; user settings not read",
    source: str = DOCUMENTATION,
    grade: Basis = Basis.DOCUMENTED,
) -> Reach:
    return Reach(agent, channel, verdict, basis, source, grade)


def cell(agent: str, *pairs: tuple[Channel, Verdict], **more: Any) -> Cell:
    return Cell(agent, tuple(View(reach(*pair, agent=agent, **more), 0) for pair in pairs))


def three(file_tools: Verdict, shell: Verdict, git: Verdict) -> list[Reach]:
    return [
        reach(Channel.FILE_TOOLS, file_tools),
        reach(Channel.SHELL, shell),
        reach(Channel.GIT_OBJECTS, git),
    ]


# ------------------------------------------------------------------ the overall verdict

BLOCKED, OPEN, NONE = Verdict.BLOCKED, Verdict.NO_PROMPT, Verdict.NOT_APPLICABLE


def test_the_widest_channel_counts() -> None:
    assert overall(three(BLOCKED, OPEN, Verdict.PROMPT)) is OPEN
    assert overall([*three(OPEN, OPEN, OPEN), reach(Channel.INDEX, Verdict.AUTO)]) is Verdict.AUTO


def test_what_is_not_known_outweighs_what_is_blocked() -> None:
    assert overall(three(BLOCKED, Verdict.UNKNOWN, BLOCKED)) is Verdict.UNKNOWN


def test_blocked_needs_all_three_channels() -> None:
    assert overall(three(BLOCKED, BLOCKED, BLOCKED)) is BLOCKED
    assert overall(three(BLOCKED, BLOCKED, NONE)) is BLOCKED
    assert overall(three(NONE, NONE, NONE)) is NONE
    assert overall([]) is Verdict.UNKNOWN


@pytest.mark.parametrize("missing", range(3))
def test_a_channel_without_an_answer_leaves_the_whole_unknown(missing: int) -> None:
    answers = three(BLOCKED, BLOCKED, BLOCKED)
    del answers[missing]
    assert overall(answers) is Verdict.UNKNOWN


@given(st.lists(st.tuples(st.sampled_from(Channel), st.sampled_from(Verdict)), max_size=12))
def test_blocked_is_never_said_of_something_wider(pairs: list[tuple[Channel, Verdict]]) -> None:
    answers = [reach(*pair) for pair in pairs]
    found = overall(answers)
    if answers and min(verdict.rank for _, verdict in pairs) < BLOCKED.rank:
        assert found.rank == min(verdict.rank for _, verdict in pairs)
    if found is BLOCKED:
        assert {verdict for _, verdict in pairs} <= {BLOCKED, NONE}
        assert {channel for channel, _ in pairs} >= {
            Channel.FILE_TOOLS,
            Channel.SHELL,
            Channel.GIT_OBJECTS,
        }


# ------------------------------------------------------------------ a matrix by hand

HOSTILE = 'a|b<img src=x onerror=alert(1)>`"&\x1b[31m.md'
NASTY = '<script>alert("1")</script> | `x` @someone [a](javascript:1) ![b](https://c.example)'


def matrix(
    agents: int = 2, rows: int = 2, *, what_if: bool = False, hostile: bool = False
) -> Matrix:
    use = AgentUse("claude-code", "Claude Code", "strong", (Evidence("has settings"),))
    columns = [Column("claude-code", "Claude Code", use), Column("cursor", "Cursor", None)]
    columns += [Column(f"agent-{n}", f"Agent Number {n}", None) for n in range(2, agents)]
    found = reports.ignored_key()
    if hostile:
        place = type(found.locations[0])(found.locations[0].where, HOSTILE, line=3)
        found = type(found)(
            **{name: getattr(found, name) for name in found.__struct_fields__}
            | {"locations": (place,), "title": NASTY}
        )
    basis = f"{NASTY} decides" if hostile else "Read(./.env) denies reading it"
    held = cell(
        "claude-code",
        (Channel.FILE_TOOLS, BLOCKED),
        basis=basis,
        source=f"{HOSTILE}:3" if hostile else ".claude/settings.json:3",
        grade=Basis.CONFIG,
    )
    shell = cell("claude-code", (Channel.SHELL, OPEN), (Channel.GIT_OBJECTS, NONE))
    first = Cell("claude-code", (*held.views, *shell.views))
    others = tuple(
        cell(column.agent, (Channel.INDEX, Verdict.AUTO), (Channel.FILE_TOOLS, OPEN))
        for column in columns[1:]
    )
    concern = Concern(
        "claude-code",
        ConcernKind.DEAD_CONTROL,
        HOSTILE if hostile else ".claudeignore",
        None,
        "file",
        NASTY if hostile else "Claude Code does not read this file",
        "deny the paths with Read rules",
        DOCUMENTATION,
    )
    change = CellChange(0, "claude-code", first, Cell("claude-code", held.views))
    return Matrix(
        tool=Tool("1.0", "abc", "re"),
        repository=RepositoryInfo(NASTY if hostile else "shop", "/somewhere", head="1" * 40),
        columns=tuple(columns),
        rows=tuple(Row(found, (first, *others)) for _ in range(rows)),
        concerns=(concern,),
        problems=(
            Problem("reach", HOSTILE if hostile else "x.json:3", "it is not JSON", "mend it"),
        ),
        read=(),
        unseen=("the user's own settings (--home)",),
        notes=("A note.",),
        what_if=WhatIf((".claude/settings.json",), (change,), (concern,), ()) if what_if else None,
        started=reports.MARCH,
        scan_seconds=1.0,
        matrix_seconds=0.1,
    )


def written(value: Matrix, format_: str, **options: Any) -> str:
    stream = BytesIO()
    write_matrix(value, format_, stream, Options(**options))
    return stream.getvalue().decode()


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(ScannerError, match="unknown format"):
        written(matrix(), "xml")


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("what_if", [False, True])
@pytest.mark.parametrize("rows", [0, 2])
def test_every_format_writes_every_shape(format_: str, what_if: bool, rows: int) -> None:
    text = written(matrix(rows=rows, what_if=what_if and rows > 0), format_)
    assert text.endswith("\n")
    assert "Claude Code" in text or not rows


def test_the_text_has_no_colour_unless_asked_for_and_says_the_same_with_it() -> None:
    plain = written(matrix(), "text")
    assert "\x1b" not in plain
    assert "no prompt" in plain and "shell" in plain
    assert "\x1b[" in written(matrix(), "text", color=True)


@pytest.mark.parametrize(("agents", "width"), [(2, 80), (6, 80), (23, 80), (23, 160), (40, 60)])
def test_the_text_fits_its_width(agents: int, width: int) -> None:
    for rows in (1, 60):
        for line in written(matrix(agents, rows), "text", width=width).splitlines():
            assert len(line) <= width or len(line.split()) == 1, line


def test_many_agents_and_secrets_are_shown_in_letters_with_a_legend() -> None:
    text = written(matrix(23, 60), "text", width=80)
    assert "LEGEND" in text
    line = next(line for line in text.splitlines() if line.startswith("60 "))
    assert line.split()[2:5] == ["Ns", "Ai", "Ai"]
    names = [line for line in text.splitlines() if line.startswith("Claude Code ...")]
    assert len(names) == 2  # the heading stands again below fifty rows
    assert all("|" in name for name in names)


def test_what_is_open_is_told_once_for_all_that_it_is_true_of() -> None:
    found = words.reasons(matrix(4, 3))
    assert [(one.verdict, one.agents, one.rows, one.words) for one in found] == [
        (
            Verdict.AUTO,
            ("Cursor", "Agent Number 2", "Agent Number 3"),
            (1, 2, 3),
            "no rule covers it",
        ),
        (OPEN, ("Claude Code",), (1, 2, 3), "no rule covers it"),
    ]


def test_what_holds_is_told_with_its_place() -> None:
    (stop,) = words.stops(matrix())
    assert (stop.source, stop.channels, stop.rows) == (
        ".claude/settings.json:3",
        "file tools",
        (1, 2),
    )


@pytest.mark.parametrize(
    ("rows", "text"),
    [((1,), "1"), ((1, 2), "1-2"), ((1, 3), "1, 3"), ((1, 2, 3, 7, 8), "1-3, 7-8")],
)
def test_numbers_are_told_in_ranges(rows: tuple[int, ...], text: str) -> None:
    assert words.ranges(rows) == text


# ------------------------------------------------------------------ JSON


@pytest.mark.parametrize("what_if", [False, True])
@pytest.mark.parametrize("hostile", [False, True])
def test_the_document_is_valid(what_if: bool, hostile: bool) -> None:
    schema = json.loads((_schemas.DIRECTORY / "reach.schema.json").read_bytes())
    Draft202012Validator.check_schema(schema)
    document = json.loads(written(matrix(what_if=what_if, hostile=hostile), "json", exit_code=3))
    Draft202012Validator(schema).validate(document)
    assert document["schema"] == "agentreach/reach/v1"
    assert document["summary"]["cells"]["no_prompt"] == 2
    assert document["rows"][0]["cells"][0]["deciding"] == ["shell"]
    document["rows"][0]["extra"] = 1
    assert not Draft202012Validator(schema).is_valid(document)


# ------------------------------------------------------------------ hostile texts


class Tags(html.parser.HTMLParser):
    """Every element, with its attributes, and whether they nest."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def tags(text: str) -> Tags:
    parser = Tags()
    parser.feed(text)
    parser.close()
    assert not parser.open
    return parser


@pytest.mark.parametrize("hostile", [False, True])
def test_the_html_needs_no_network_and_no_script(hostile: bool) -> None:
    seen = tags(written(matrix(what_if=True, hostile=hostile), "html")).seen
    assert {tag for tag, _ in seen} <= {
        *("html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "ul", "li", "div"),
        *("table", "thead", "tbody", "tr", "th", "td", "code", "b", "br", "span", "a"),
        *("details", "summary", "dl", "dt", "dd"),
    }
    links = [attributes["href"] for tag, attributes in seen if tag == "a"]
    assert set(links) == {DOCUMENTATION}
    assert not any("src" in attributes or "onerror" in attributes for _, attributes in seen)


@given(st.text(max_size=60))
def test_no_text_makes_an_element(text: str) -> None:
    value = matrix(rows=1)
    row = value.rows[0]
    views = (View(reach(Channel.SHELL, OPEN, basis=text, source=text), 0),)
    cells = (Cell("claude-code", views), *row.cells[1:])
    changed = type(value)(
        **{name: getattr(value, name) for name in value.__struct_fields__}
        | {"rows": (Row(row.finding, cells),)}
    )
    plain = tags(written(value, "html")).seen
    seen = tags(written(changed, "html")).seen
    assert {tag for tag, _ in seen} <= {tag for tag, _ in plain}


def test_the_markdown_table_keeps_its_columns() -> None:
    text = written(matrix(hostile=True), "markdown")
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert len(table) == 4
    for line in table:
        assert line.replace("\\|", "").count("|") == 6, line
    outside = re.sub(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", "", text)
    assert set(re.findall("<[^>]*>", outside)) <= {
        *("<details>", "</details>", "<summary>", "</summary>", "<br>", "<span>", "</span>"),
        f"<{DOCUMENTATION}>",
    }
    assert "@someone" not in text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a|b", "a\\|b"),
        ("`x`", "\\`x\\`"),
        ("<b>", "&lt;b&gt;"),
        ("- item", "\\- item"),
        ("1. item", "\\1. item"),
        ("@you", "<span>@</span>you"),
        ("http://x.example", "http:/\\/x.example"),
    ],
)
def test_markdown_is_escaped(text: str, shown: str) -> None:
    assert escaped(text) == shown


def test_code_spans_hold_backticks_and_pipes() -> None:
    assert code("a`b|c") == "``a`b\\|c``"
    assert code("`a") == "`` `a ``"


# ------------------------------------------------------------------ what is asked


def known() -> dict[str, str]:
    return {agent.id: agent.name for agent in AGENTS if agent.context is not None}


def test_an_agent_may_be_called_by_its_name() -> None:
    assert answerable(Question(agents=("Claude Code", "cursor")), AGENTS).agents == (
        "claude-code",
        "cursor",
    )


def test_all_means_every_agent_that_is_modelled() -> None:
    assert answerable(Question(agents=("all",)), AGENTS).agents == tuple(sorted(known()))


@pytest.mark.parametrize(
    ("name", "close"),
    [("claude", "claude-code"), ("curser", "cursor"), ("gemini", "gemini-cli"), ("xyz", None)],
)
def test_an_unknown_agent_is_refused_with_close_matches(name: str, close: str | None) -> None:
    with pytest.raises(ConfigError) as error:
        answerable(Question(agents=(name,)), AGENTS)
    hint = error.value.hint or ""
    assert (f"did you mean {close}" in hint) if close else hint.startswith("known: ")


@pytest.mark.parametrize("text", ["claude-code", "=x", "claude-code="])
def test_settings_name_an_agent_and_a_file(text: str) -> None:
    with pytest.raises(ConfigError, match="is not AGENT=FILE"):
        answerable(Question(settings=(text,)), AGENTS)


def test_settings_are_read_before_the_scan(tmp_path: Path) -> None:
    file = tmp_path / "managed.json"
    with pytest.raises(ConfigError, match="cannot be read"):
        answerable(Question(settings=(f"cursor={file}",)), AGENTS)
    file.write_bytes(b"\xff")
    with pytest.raises(ConfigError, match="not UTF-8"):
        answerable(Question(settings=(f"cursor={file}",)), AGENTS)
    file.write_text("{}")
    asked = answerable(Question(settings=(f"cursor={file}",)), AGENTS)
    assert [(one.agent, one.text) for one in asked.surroundings.given] == [("cursor", "{}")]
    assert asked.read == (f"{file} (settings of Cursor)",)


@pytest.mark.parametrize(
    ("file", "place"),
    [
        ("/a/b/.claude/settings.json", ".claude/settings.json"),
        ("/a/.cursor/cli.json", ".cursor/cli.json"),
        ("/a/new/.cursorignore", ".cursorignore"),
        ("/a/new/.claude/rules/one.md", ".claude/rules/one.md"),
        ("/a/new/CLAUDE.md", "CLAUDE.md"),
        ("/a/new/settings.json", None),
        ("/a/docs/settings.json", None),
        ("/a/new/list.gitignore", None),
    ],
)
def test_a_settings_file_tells_its_own_place(file: str, place: str | None) -> None:
    assert settings_place(Path(file), AGENTS) == place


@pytest.mark.parametrize("path", ["../a", "/etc/x", "a/../../b", ".git/config", ""])
def test_what_if_stays_inside_the_repository(path: str, tmp_path: Path) -> None:
    file = tmp_path / "new.json"
    file.write_text("{}")
    with pytest.raises(ConfigError, match="no path inside"):
        answerable(Question(what_if=(f"{path}={file}",)), AGENTS)


def test_what_if_takes_a_file_in_and_another_away(tmp_path: Path) -> None:
    file = tmp_path / "new.json"
    file.write_text("{}")
    asked = answerable(Question(what_if=(f"./.claude/settings.json={file}", "a.txt=")), AGENTS)
    assert asked.changed == {".claude/settings.json": b"{}", "a.txt": None}


def test_a_place_that_is_not_clear_has_to_be_said(tmp_path: Path) -> None:
    file = tmp_path / "new.json"
    file.write_text("{}")
    with pytest.raises(ConfigError) as error:
        answerable(Question(what_if=(str(file),)), AGENTS)
    assert "--what-if .claude/settings.json=" in (error.value.hint or "")


# ------------------------------------------------------------------ naming a secret


def test_a_secret_is_found_by_each_of_its_names() -> None:
    row = matrix(rows=1).rows[0]
    place = row.finding.locations[0]
    for name in (row.finding.fingerprint[:6], f"{place.path}:{place.line}", f"./{place.path}"):
        assert matching([row], name) == (row,)


@pytest.mark.parametrize("name", ["f1f", "zzzz", ".env:999", "AR-", "other"])
def test_a_name_that_fits_none_tells_what_there_is(name: str) -> None:
    row = matrix(rows=1).rows[0]
    with pytest.raises(ConfigError) as error:
        matching([row], name)
    assert row.finding.locations[0].path in (error.value.hint or "")
    with pytest.raises(ConfigError) as empty:
        matching([], name)
    assert empty.value.hint == "the scan found no secret at all"


# ------------------------------------------------------------------ files


class Some:
    """`Files` out of a dictionary."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files

    def read(self, path: str) -> bytes | None:
        return self.files.get(path)

    def paths(self) -> list[str]:
        return sorted(self.files)

    def tracking(self, path: str) -> Tracking:
        return Tracking.TRACKED if path in self.files else Tracking.UNKNOWN


def test_an_overlay_changes_adds_and_takes_away() -> None:
    over = Overlay(Some({"a": b"1", "b": b"2"}), {"a": b"9", "b": None, "c": b"3"})
    assert over.paths() == ("a", "c")
    assert [over.read(path) for path in ("a", "b", "c", "d")] == [b"9", None, b"3", None]
    assert over.tracking("a") is Tracking.TRACKED
    assert over.tracking("c") is Tracking.UNTRACKED
    assert over.link("a") is None and over.link("z") is None


def home_with(root: Path, *names: str) -> HomeFiles:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
    return HomeFiles(root)


def test_only_what_agents_read_is_listed_in_a_home(tmp_path: Path) -> None:
    files = home_with(
        tmp_path,
        ".claude/settings.json",
        ".claude/rules/a/b.md",
        ".claude/projects/x/conversation.jsonl",
        ".claude/projects/x/note.json",
        ".claude/.credentials.json",
        ".codex/config.toml",
        ".codex/auth.json",
        ".codex/AGENTS.md",
        ".gemini/oauth_creds.json",
        ".config/opencode/opencode.json",
        ".config/Code/User/settings.json",
        ".config/Code/User/globalStorage/state.json",
        "node_modules/.claude/settings.json",
        "private/notes.md",
        ".ssh/id_ed25519",
    )
    assert files.paths() == (
        ".claude/rules/a/b.md",
        ".claude/settings.json",
        ".codex/AGENTS.md",
        ".codex/config.toml",
        ".config/Code/User/settings.json",
        ".config/opencode/opencode.json",
    )
    assert files.read(".claude/settings.json") == b"{}"
    assert files.read(".codex/auth.json") is None
    assert files.read("private/notes.md") is None
    assert files.read("../outside") is None
    assert not files.problems


def test_links_of_a_home_are_followed_as_agents_do(tmp_path: Path) -> None:
    dotfiles = tmp_path / "elsewhere" / "claude"
    dotfiles.mkdir(parents=True)
    (dotfiles / "settings.json").write_text("{}")
    home = tmp_path / "home"
    home.mkdir()
    (home / ".claude").symlink_to(dotfiles)
    (home / ".codex").mkdir()
    (home / ".codex/config.toml").symlink_to(home / "nowhere")
    (home / ".claude.json").symlink_to(dotfiles / "settings.json")
    files = HomeFiles(home)
    assert files.paths() == (".claude.json", ".claude/settings.json")
    assert files.read(".claude/settings.json") == b"{}"


def test_a_pipe_in_a_home_is_no_file(tmp_path: Path) -> None:
    (tmp_path / ".claude").mkdir()
    os.mkfifo(tmp_path / ".claude/settings.json")
    assert HomeFiles(tmp_path).paths() == ()


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_what_cannot_be_read_in_a_home_is_a_problem(tmp_path: Path) -> None:
    files = home_with(tmp_path, ".claude/settings.json")
    (tmp_path / ".claude/settings.json").chmod(0)
    (tmp_path / ".codex").mkdir(mode=0)
    files = HomeFiles(tmp_path)
    assert files.read(".claude/settings.json") is None
    assert sorted(problem.where for problem in files.problems) == [
        "~/.claude/settings.json",
        "~/.codex",
    ]


def test_links_in_a_circle_are_a_problem(tmp_path: Path) -> None:
    (tmp_path / ".claude").symlink_to(tmp_path / ".claude")
    files = HomeFiles(tmp_path)
    assert files.paths() == ()
    assert "~/.claude" in [problem.where for problem in files.problems]


def test_a_file_that_is_too_large_is_a_problem(tmp_path: Path) -> None:
    files = home_with(tmp_path, ".claude.json")
    with (tmp_path / ".claude.json").open("r+b") as file:
        file.truncate(5 << 20)
    assert files.read(".claude.json") is None
    assert [problem.where for problem in files.problems] == ["~/.claude.json"]


def test_a_home_has_to_be_a_directory(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no directory"):
        HomeFiles(tmp_path / "missing")


def test_every_file_that_an_engine_reads_in_a_home_is_listed(tmp_path: Path) -> None:
    """The engines' own examples say which those are."""
    wanted = {path for _, case in CASES for path in case.home}
    assert len(wanted) > 15
    files = home_with(tmp_path, *sorted(wanted))
    assert sorted(wanted - set(files.paths())) == []
