"""MCP servers: every agent's file, and what may stand in each of its fields."""

import json
from pathlib import Path

import pytest

from scanner.reach.entries import Carrier, EntryKind, Process, route
from tests.test_reach_entries import AGENTS, Project, cut, token

LITERAL, REFERENCE = EntryKind.LITERAL, EntryKind.REFERENCE


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def _json(*keys: str, variables: str = "env") -> str:
    document: object = {"srv": {"command": "x", variables: {"A": "value"}}}
    for key in reversed(keys):
        document = {key: document}
    return json.dumps(document)


FILES = [
    (".mcp.json", _json("mcpServers"), "claude-code github-copilot"),
    (".cursor/mcp.json", _json("mcpServers"), "cursor"),
    (".roo/mcp.json", _json("mcpServers"), "roo-code"),
    (".kilocode/mcp.json", _json("mcpServers"), "kilo-code"),
    ("kilo.jsonc", _json("mcp", variables="environment"), "kilo-code"),
    (".kiro/settings/mcp.json", _json("mcpServers"), "kiro"),
    (".kiro/agents/x.json", _json("mcpServers"), "kiro"),
    (".amazonq/mcp.json", _json("mcpServers"), "amazon-q"),
    (".amazonq/cli-agents/x.json", _json("mcpServers"), "amazon-q"),
    (".junie/mcp/mcp.json", _json("mcpServers"), "junie"),
    ("cline_mcp_settings.json", _json("mcpServers"), "cline"),
    (".codeium/windsurf/mcp_config.json", _json("mcpServers"), "windsurf"),
    (".gemini/antigravity/mcp_config.json", _json("mcpServers"), "antigravity"),
    (".vscode/mcp.json", _json("servers"), "github-copilot"),
    (".vscode/settings.json", _json("mcp", "servers"), "github-copilot"),
    (".vscode/settings.json", _json("amp.mcpServers"), "amp"),
    ("opencode.json", _json("mcp", variables="environment"), "opencode"),
    ("crush.json", _json("mcp"), "crush"),
    (".crush.json", _json("mcp"), "crush"),
    (".zed/settings.json", _json("context_servers"), "zed"),
    (
        ".zed/settings.json",
        '{"context_servers": {"srv": {"command": {"path": "x", "env": {"A": "value"}}}}}',
        "zed",
    ),
    (".codex/config.toml", '[mcp_servers.srv]\nenv = { A = "value" }\n', "codex"),
    (".codex/config.toml", '[mcp_servers.srv.env]\nA = "value"\n', "codex"),
    (".gemini/settings.json", _json("mcpServers"), "gemini-cli"),
    (".qwen/settings.json", _json("mcpServers"), "qwen-code"),
    (".amp/settings.json", _json("amp.mcpServers"), "amp"),
    (
        ".config/goose/config.yaml",
        "extensions:\n  srv:\n    type: stdio\n    envs:\n      A: value\n",
        "goose",
    ),
    (
        ".continue/mcpServers/srv.yaml",
        "mcpServers:\n  - name: srv\n    command: x\n    env:\n      A: value\n",
        "continue",
    ),
    (".factory/mcp.json", _json("mcpServers"), "droid"),
    (".claude.json", _json("projects", "/home/x", "mcpServers"), "claude-code"),
]


@pytest.mark.parametrize(
    ("path", "text", "agent"), FILES, ids=[f"{row[2]}-{row[0]}" for row in FILES]
)
def test_every_agents_file(project: Project, path: str, text: str, agent: str) -> None:
    entry = project.write(path, text).one("A")
    assert " ".join(entry.agents) == agent
    assert entry.carrier is Carrier.MCP_ENV
    assert entry.processes == (Process.MCP_SERVER,)
    assert entry.kind is LITERAL
    assert cut(project, entry) == "value"
    assert route(entry) == "environment-variable"
    assert entry.basis.startswith("the MCP server srv is started with it by ")


def test_every_agent_has_a_rule_file() -> None:
    named = {agent for _, _, agents in FILES for agent in agents.split()}
    assert named <= {agent.id for agent in AGENTS}


def server(project: Project, **fields: object) -> Project:
    return project.write(".mcp.json", json.dumps({"mcpServers": {"srv": fields}}, indent=1))


@pytest.mark.parametrize(
    ("value", "kind", "reference"),
    [
        ("${TOKEN}", REFERENCE, "TOKEN"),
        ("$TOKEN", REFERENCE, "TOKEN"),
        ("${env:TOKEN}", REFERENCE, "TOKEN"),
        ("{env:TOKEN}", REFERENCE, "TOKEN"),
        ("{file:~/.token}", REFERENCE, "a file"),
        ("${file:~/.token}", REFERENCE, "a file"),
        ("${input:token}", REFERENCE, "input"),
        ("${{ secrets.TOKEN }}", REFERENCE, "secrets.TOKEN"),
        ("$(op read op://a/b)", REFERENCE, "a command"),
        ("op://vault/item/field", REFERENCE, "op"),
        ("Bearer ${TOKEN}", REFERENCE, "TOKEN"),
        ("${TOKEN:-}", REFERENCE, "TOKEN"),
        ("${TOKEN:-a1b2c3d4e5f6}", EntryKind.DEFAULT_LITERAL, "TOKEN"),
        ("${TOKEN:-YOUR_TOKEN_HERE}", REFERENCE, "TOKEN"),
        ("YOUR_ANTHROPIC_API_KEY_HERE", EntryKind.PLACEHOLDER, None),
        ("ANTHROPIC_API_KEY_HERE", EntryKind.PLACEHOLDER, None),
        ("<token>", EntryKind.PLACEHOLDER, None),
        ("xxx", EntryKind.PLACEHOLDER, None),
        ("sk-proj-********", EntryKind.PLACEHOLDER, None),
        ("a1b2c3d4e5f6", LITERAL, None),
        ("${PREFIX}-a1b2c3d4e5f6g7h8", LITERAL, None),
    ],
)
def test_every_syntax(project: Project, value: str, kind: EntryKind, reference: str | None) -> None:
    entry = server(project, env={"A": value}).one("A")
    assert (entry.kind, entry.reference) == (kind, reference)


def test_arguments(project: Project) -> None:
    server(
        project,
        command="docker",
        args=[
            "run", "-i", "-e", "GIVEN=value", "-e", "PASSED", "--env=ALSO=value",
            "--api-key", "value1", "--github-token=value2", "--token-file", "/run/token",
            "--header", "X-Api-Key: value3", "postgresql://bot:value4@db/x", "DIRECT=value5",
            "--token", "--verbose", "plain",
        ],
    )  # fmt: skip
    found = {entry.name: entry for entry in project.read().entries}
    assert {name: entry.kind for name, entry in found.items()} == {
        "GIVEN": LITERAL,
        "PASSED": EntryKind.FORWARDED,
        "ALSO": LITERAL,
        "api-key": LITERAL,
        "github-token": LITERAL,
        "X-Api-Key": LITERAL,
        "password in the URL": LITERAL,
        "DIRECT": LITERAL,
    }
    assert cut(project, found["github-token"]) == "value2"
    assert cut(project, found["X-Api-Key"]) == "value3"
    assert cut(project, found["password in the URL"]) == "value4"
    assert {route(entry) for entry in found.values() if entry.kind is LITERAL} == {"hardcoded"}


def test_a_command_in_one_text(project: Project) -> None:
    server(project, command="npx -y some-server --token value1")
    assert project.kinds() == {"token": LITERAL}


def test_an_opencode_command_is_a_list(project: Project) -> None:
    project.write("opencode.json", '{"mcp": {"s": {"command": ["x", "--api-key", "value1"]}}}')
    assert project.one("api-key").carrier is Carrier.MCP_ARGUMENTS


def test_headers_and_addresses(project: Project) -> None:
    server(
        project,
        url=f"https://mcp.example.net/s/{token()}/mcp?api_key={token(1)}&profile=dev&key=${{KEY}}",
        headers={"Authorization": "Bearer ${TOKEN}", "X-Api-Key": "value"},
    )
    found = {entry.name: (entry.kind, entry.carrier) for entry in project.read().entries}
    assert found == {
        "path of the URL": (LITERAL, Carrier.MCP_URL),
        "?api_key": (LITERAL, Carrier.MCP_URL),
        "?key": (REFERENCE, Carrier.MCP_URL),
        "Authorization": (REFERENCE, Carrier.MCP_HEADERS),
        "X-Api-Key": (LITERAL, Carrier.MCP_HEADERS),
    }
    assert cut(project, project.one("?api_key")) == token(1)
    assert project.one("Authorization").processes == (Process.AGENT,)


@pytest.mark.parametrize(
    "url",
    [
        "https://mcp.example.net/mcp",
        "https://git@example.net/a",
        "https://mcp.example.net/v1/model-context-protocol/streamable-http",
        "http://localhost:8080/sse?session=1",
    ],
)
def test_plain_addresses_are_no_entries(project: Project, url: str) -> None:
    assert server(project, url=url).read().entries == ()


def test_codex_names_variables(project: Project) -> None:
    project.write(
        ".codex/config.toml",
        f'[mcp_servers.a]\nenv_vars = ["FORWARDED_KEY"]\nbearer_token_env_var = "BEARER_KEY"\n'
        f'env_http_headers = {{ X-Key = "HEADER_KEY" }}\n'
        f'[mcp_servers.b]\nbearer_token_env_var = "{token()}"\n',
    )
    found = [
        (entry.line, entry.name, entry.kind, entry.reference) for entry in project.read().entries
    ]
    assert found == [
        (2, "FORWARDED_KEY", EntryKind.FORWARDED, "FORWARDED_KEY"),
        (3, "bearer_token_env_var", REFERENCE, "BEARER_KEY"),
        (4, "X-Key", REFERENCE, "HEADER_KEY"),
        (6, "bearer_token_env_var", LITERAL, None),
    ]
    assert "where a variable's name belongs" in project.read().entries[3].basis


def test_goose_keeps_values_in_the_keyring(project: Project) -> None:
    project.write("goose/config.yaml", "extensions:\n  s:\n    env_keys: [GITHUB_TOKEN]\n")
    assert project.one("GITHUB_TOKEN").kind is EntryKind.FORWARDED


def test_a_file_of_variables(project: Project) -> None:
    project.write(
        ".cursor/mcp.json",
        '{"mcpServers": {"s": {"command": "x", "envFile": "${workspaceFolder}/mcp.env"}}}',
    ).write("mcp.env", "A=one\n")
    entry = project.one("A")
    assert (entry.agents, entry.processes) == (("cursor",), (Process.MCP_SERVER,))
    assert route(entry) == "env-file"


def test_a_server_that_is_switched_off_is_said_to_be(project: Project) -> None:
    server(project, disabled=True, env={"A": "value"})
    assert "switched off here" in project.one("A").basis


def test_a_file_below_the_root_says_where_it_counts(project: Project) -> None:
    project.write("packages/a/.mcp.json", _json("mcpServers"))
    assert project.one("A").basis.endswith("; only where it is started in packages/a")


def test_comments_and_duplicates_in_one_file(project: Project) -> None:
    project.write(
        ".vscode/mcp.json",
        '{\n // "A": "old",\n'
        ' "servers": {"s": {"env": {"A": "first", "A": "same", "B": "same"}}}\n}',
    )
    found = {entry.name: (entry.line, entry.column) for entry in project.read().entries}
    # Two equal texts on one line cannot be told apart: the line is known, the column is not.
    assert found == {"A": (3, None), "B": (3, None)}


def test_a_file_outside_is_not_read(project: Project) -> None:
    server(project, command="x", envFile="../outside.env")
    assert project.read().entries == ()
