"""Ways in: the formats of environments and configurations, one test for each rule of them."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.reach.entries import (
    Carrier,
    Entries,
    Entry,
    EntryKind,
    Process,
    entry_at,
    read_entries,
    read_git_config,
    read_manifests,
    route,
)
from scanner.reach.entries.value import is_name
from scanner.reach.tree import Tree
from scanner.rules.agents import load_agents
from scanner.rules.examples import expand
from tests.test_reach import Folder

AGENTS = load_agents()
LITERAL, REFERENCE = EntryKind.LITERAL, EntryKind.REFERENCE
DEFAULT, PLACEHOLDER, FORWARDED = (
    EntryKind.DEFAULT_LITERAL,
    EntryKind.PLACEHOLDER,
    EntryKind.FORWARDED,
)


class Project:
    """A directory of configuration files."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, path: str, text: str | bytes) -> "Project":
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return self

    def read(self) -> Entries:
        return read_entries(Tree(Folder(self.root)), AGENTS)

    def one(self, name: str) -> Entry:
        found = [entry for entry in self.read().entries if entry.name == name]
        assert len(found) == 1, found
        return found[0]

    def kinds(self) -> dict[str, EntryKind]:
        return {entry.name: entry.kind for entry in self.read().entries}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def token(seed: int = 0) -> str:
    return expand("{github:ghp_}", seed).decode()


def cut(project: Project, entry: Entry) -> str:
    """What stands at the entry's place, as a person would look it up."""
    line = (project.root / entry.path).read_text().split("\n")[entry.line - 1]
    assert entry.column is not None and entry.end_column is not None
    return line[entry.column - 1 : entry.end_column - 1]


# ------------------------------------------------------------------ environment files


def test_the_root_env_file_is_loaded_by_three_agents(project: Project) -> None:
    project.write(".env", f"# keys\nexport API_TOKEN={token()} # of the bot\n")
    entry = project.one("API_TOKEN")
    assert (entry.line, entry.kind, entry.carrier) == (2, LITERAL, Carrier.DOTENV)
    assert entry.agents == ("aider", "gemini-cli", "qwen-code")
    assert entry.processes == (Process.AGENT, Process.AGENT_SHELL)
    assert cut(project, entry) == token()
    assert route(entry) == "env-file"


def test_an_own_env_file_comes_before_the_root_one(project: Project) -> None:
    project.write(".env", "A=1\n").write(".gemini/.env", "B=1\n")
    assert project.one("A").agents == ("aider", "qwen-code")
    assert project.one("B").agents == ("gemini-cli",)


def test_gemini_can_be_told_to_leave_the_root_env_file(project: Project) -> None:
    project.write(".env", "A=1\n")
    project.write(".gemini/settings.json", '{"advanced": {"ignoreLocalEnv": true}}')
    assert project.one("A").agents == ("aider", "qwen-code")


def test_continue_looks_up_the_secrets_of_its_configuration(project: Project) -> None:
    project.write(".continue/config.yaml", "name: x\n").write(".env", "A=1\n")
    project.write(".continue/.env", "B=1\n")
    assert "continue" in project.one("A").agents
    assert project.one("B").agents == ("continue",)
    assert project.one("B").processes == (Process.AGENT,)


@pytest.mark.parametrize("path", [".env.local", "config/prod.env", "app/.env"])
def test_other_env_files_reach_nobody_by_being_there(project: Project, path: str) -> None:
    project.write(path, "A=1\n")
    entry = project.one("A")
    assert (entry.agents, entry.processes) == ((), ())
    assert entry.basis.startswith("no agent ")


def test_a_nested_env_file_says_where_it_would_count(project: Project) -> None:
    project.write("app/.env", "A=1\n")
    assert project.one("A").basis.endswith("do when they are started in app")


def test_a_template_is_called_one(project: Project) -> None:
    project.write(".env.example", "A=1\n")
    assert "a template" in project.one("A").basis


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("A=plain", LITERAL),
        ("A='$NOT_A_REFERENCE'", LITERAL),
        ('A="$OTHER"', REFERENCE),
        ("A=${OTHER}", REFERENCE),
        ("A=${OTHER:-s3cr3tValue}", DEFAULT),
        ("A=${OTHER:-}", REFERENCE),
        ("A=${OTHER:?is not set}", REFERENCE),
        ("A=${OTHER:-${THIRD}}", REFERENCE),
        ("A=$(op read op://vault/item/field)", REFERENCE),
        ("A=op://vault/item/field", REFERENCE),
        ("A=<your-token>", PLACEHOLDER),
        ("A=YOUR_ANTHROPIC_KEY_HERE", PLACEHOLDER),
        ("A=xxxxxxxx", PLACEHOLDER),
        ("A=sk-ant-...", PLACEHOLDER),
        ("A=change-me", PLACEHOLDER),
        ("A=pa$word1x", LITERAL),
    ],
)
def test_kinds_of_values(project: Project, line: str, kind: EntryKind) -> None:
    project.write(".env", f"{line}\n")
    assert project.one("A").kind is kind


@pytest.mark.parametrize("line", ["A=", "A=''", "# A=1", "A", 'A=""'])
def test_nothing_is_no_entry(project: Project, line: str) -> None:
    project.write(".env", f"{line}\n")
    assert project.read() == Entries()


def test_a_key_of_several_lines_is_found_from_each_of_them(project: Project) -> None:
    project.write(".env", 'A=1\nKEY="first\nsecond\nthird"\nB=2\n')
    entries = project.read()
    found = [entry_at(entries, ".env", line) for line in (2, 3, 4)]
    assert [entry.name for entry in found if entry] == ["KEY"] * 3
    after = entry_at(entries, ".env", 5)
    assert after is not None and after.name == "B"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".env", "B=1\r\nA=value\r\n"),
        ("compose.yaml", "services:\r\n  a:\r\n    environment:\r\n      A: value\r\n"),
        ("mise.toml", '[env]\r\nA = "value"\r\n'),
        (".mcp.json", '{"mcpServers":\r\n {"s": {"env":\r\n {"A": "value"}}}}\r\n'),
    ],
)
def test_lines_that_end_as_on_windows(project: Project, path: str, text: str) -> None:
    project.write(path, text.encode())
    assert cut(project, project.one("A")) == "value"


def test_a_byte_order_mark_does_not_hide_the_first_line(project: Project) -> None:
    project.write(".env", "\ufeffA=1\n".encode())
    assert project.one("A").line == 1


# ------------------------------------------------------------------ direnv and mise


def test_envrc_exports_and_the_files_it_loads(project: Project) -> None:
    project.write(
        ".envrc",
        "# export OLD=1\nuse op\nlocal_only=1\nexport A=one B='two'\nC=3\nexport C\n"
        "dotenv_if_exists .env.shared\nsource_env sub\n",
    )
    project.write(".env.shared", "D=4\n").write("sub/.envrc", "export E=5\n")
    assert set(project.kinds()) == {"use_op", "A", "B", "C", "D", "E"}
    entry = project.one("A")
    assert (entry.agents, entry.carrier) == (("*",), Carrier.ENVRC)
    assert "direnv allow" in entry.basis
    shared = project.one("D")
    assert (shared.agents, shared.carrier) == (("*",), Carrier.DOTENV)
    assert route(shared) == "env-file"


def test_envrc_values_from_a_manager(project: Project) -> None:
    project.write(".envrc", 'export A="$(op read "op://vault/item")"\nexport B=$(pass show b)\n')
    assert project.kinds() == {"A": REFERENCE, "B": REFERENCE}


def test_a_literal_beside_a_manager_is_a_misconfiguration(project: Project) -> None:
    project.write(".env", "A=op://vault/item/field\nA=s3cretFallback9\nB=s3cretOther8\n")
    found = {(entry.name, entry.kind): route(entry) for entry in project.read().entries}
    assert found == {
        ("A", REFERENCE): None,
        ("A", LITERAL): "secrets-manager-misconfiguration",
        ("B", LITERAL): "env-file",
    }


def test_mise(project: Project) -> None:
    project.write(
        ".mise.toml",
        f'[tools]\nnode = "22"\n[env]\nA = "{token()}"\nB = {{ value = "v", redact = true }}\n'
        'C = { required = true }\nD = false\nE = "{{ env.HOME }}/x"\n'
        '_.file = [".env.mise", { path = "more.env" }]\n',
    )
    project.write(".env.mise", "F=1\n").write("more.env", "G=1\n")
    assert project.kinds() == {
        "A": LITERAL,
        "B": LITERAL,
        "C": FORWARDED,
        "E": REFERENCE,
        "F": LITERAL,
        "G": LITERAL,
    }
    entry = project.one("A")
    assert cut(project, entry) == token()
    assert route(entry) == "environment-variable"
    assert project.one("G").agents == ("*",)


# ------------------------------------------------------------------ containers

COMPOSE = """\
x-common: &common
  SHARED: shared-value
services:
  web:
    environment:
      <<: *common
      LITERAL: written-out
      PASSED:
      FILLED: ${DB_PASSWORD}
      FALLBACK: ${DB_PASSWORD:-hunter2hunter3}
    env_file:
      - web.env
      - path: more.env
        required: false
  worker:
    environment:
      - ITEM=written
      - HOST_ITEM
    env_file: worker.env
secrets:
  from_file:
    file: ./secret.txt
  from_host:
    environment: HOST_SECRET
"""


def test_compose(project: Project) -> None:
    project.write("compose.yaml", COMPOSE).write(".env", "DB_PASSWORD=1\n")
    for name in ("web", "more", "worker"):
        project.write(f"{name}.env", f"IN_{name.upper()}=1\n")
    kinds = project.kinds()
    assert kinds == {
        "SHARED": LITERAL,
        "LITERAL": LITERAL,
        "PASSED": FORWARDED,
        "FILLED": REFERENCE,
        "FALLBACK": DEFAULT,
        "ITEM": LITERAL,
        "HOST_ITEM": FORWARDED,
        "from_file": FORWARDED,
        "from_host": FORWARDED,
        "DB_PASSWORD": LITERAL,
        "IN_WEB": LITERAL,
        "IN_MORE": LITERAL,
        "IN_WORKER": LITERAL,
    }
    assert project.one("LITERAL").processes == (Process.CONTAINER,)
    assert project.one("LITERAL").agents == ()
    assert project.one("SHARED").line == 2
    assert project.one("IN_MORE").processes == (Process.CONTAINER,)
    assert project.one("from_host").reference == "HOST_SECRET"
    assert "Docker Compose fills in" in project.one("DB_PASSWORD").basis
    assert route(project.one("FALLBACK")) == "secrets-manager-misconfiguration"


def test_the_service_of_a_dev_container_is_where_agents_work(project: Project) -> None:
    project.write(
        ".devcontainer/devcontainer.json",
        '{"dockerComposeFile": "docker-compose.yml", "service": "app"}',
    )
    project.write(
        ".devcontainer/docker-compose.yml",
        "services:\n  app:\n    environment: {A: one}\n  db:\n    environment: {B: two}\n",
    )
    assert project.one("A").agents == ("*",)
    assert project.one("B").agents == ()


DEVCONTAINER = """\
{
  // comments are allowed
  "containerEnv": {"LITERAL": "value", "HOST": "${localEnv:HOST_TOKEN}"},
  "remoteEnv": {"FALLBACK": "${localEnv:HOST_TOKEN:fallback-value}", "UNSET": null},
  "secrets": {"ASKED_FOR": {"description": "a key"}},
  "runArgs": ["--env-file", ".devcontainer/run.env", "-e", "PASSED", "--env=GIVEN=value"],
  "mounts": [
    "source=${localEnv:HOME}/.aws,target=/home/dev/.aws,type=bind",
    {"source": "/var/run/docker.sock", "target": "/var/run/docker.sock", "type": "bind"},
    "source=cache,target=/home/dev/.ssh,type=volume",
  ],
  "features": {"ghcr.io/devcontainers/features/node:1": {}},
  "customizations": {"vscode": {
    "settings": {"terminal.integrated.env.linux": {"IN_TERMINAL": "value"}},
    "mcp": {"servers": {"db": {"command": "x", "env": {"MCP": "${input:token}"}}}}
  }},
}
"""


def test_a_dev_container(project: Project) -> None:
    project.write(".devcontainer/devcontainer.json", DEVCONTAINER)
    project.write(".devcontainer/run.env", "FROM_FILE=1\n")
    assert project.kinds() == {
        "LITERAL": LITERAL,
        "HOST": REFERENCE,
        "FALLBACK": DEFAULT,
        "ASKED_FOR": FORWARDED,
        "PASSED": FORWARDED,
        "GIVEN": LITERAL,
        "mount of .aws": FORWARDED,
        "docker.sock": FORWARDED,
        "IN_TERMINAL": LITERAL,
        "MCP": REFERENCE,
        "FROM_FILE": LITERAL,
    }
    assert project.one("HOST").reference == "HOST_TOKEN"
    assert project.one("GIVEN").agents == ("*",)
    assert project.one("MCP").agents == ("github-copilot",)
    assert cut(project, project.one("GIVEN")) == "value"


def test_a_volume_named_for_the_socket_feature(project: Project) -> None:
    project.write(
        ".devcontainer.json",
        '{"features": {"ghcr.io/devcontainers/features/docker-outside-of-docker:1": {}}}',
    )
    assert project.kinds() == {"docker.sock": FORWARDED}


# ------------------------------------------------------------------ settings


def test_terminals_of_the_editor(project: Project) -> None:
    project.write(".vscode/settings.json", '{"terminal.integrated.env.osx": {"A": "one",},}')
    project.write("x.code-workspace", '{"settings": {"terminal.integrated.env.linux": {"B": "1"}}}')
    assert {entry.carrier for entry in project.read().entries} == {Carrier.TERMINAL_ENV}
    assert route(project.one("A")) == "environment-variable"


@pytest.mark.parametrize(
    ("path", "text", "agent"),
    [
        (".claude/settings.json", '{"env": {"A": "one"}}', "claude-code"),
        (".claude/settings.local.json", '{"env": {"A": "one"}}', "claude-code"),
        (".qwen/settings.json", '{"env": {"A": "one"}}', "qwen-code"),
        (".codex/config.toml", '[shell_environment_policy]\nset = { A = "one" }\n', "codex"),
        (".aider.conf.yml", "set-env:\n  - A=one\n", "aider"),
    ],
)
def test_environments_in_settings(project: Project, path: str, text: str, agent: str) -> None:
    entry = project.write(path, text).one("A")
    assert (entry.agents, entry.carrier) == ((agent,), Carrier.SETTINGS_ENV)
    assert Process.AGENT_SHELL in entry.processes


@pytest.mark.parametrize(
    ("path", "text", "name"),
    [
        ("crush.json", '{"providers": {"x": {"api_key": "$X_KEY"}}}', "api_key"),
        (
            "opencode.json",
            '{"provider": {"x": {"options": {"apiKey": "{env:X_KEY}"}}}}',
            "apiKey",
        ),
        (
            ".continue/config.yaml",
            "models:\n  - name: m\n    apiKey: ${{ secrets.X_KEY }}\n",
            "apiKey",
        ),
    ],
)
def test_keys_of_providers(project: Project, path: str, text: str, name: str) -> None:
    entry = project.write(path, text).one(name)
    assert (entry.kind, entry.carrier) == (REFERENCE, Carrier.PROVIDER_KEY)
    assert (entry.reference or "").endswith("X_KEY")


# ------------------------------------------------------------------ what prepares a machine


def test_setup_scripts(project: Project) -> None:
    project.write(".openhands/setup.sh", "export A=one\nB=two\n")
    project.write(".cursor/environment.json", '{"install": "C=3 make deps", "start": "make"}')
    assert project.kinds() == {"A": LITERAL, "C": LITERAL}
    assert project.one("A").agents == ("openhands",)


def test_worktreeinclude(project: Project) -> None:
    project.write(".worktreeinclude", "# copied\n.env\n!.env.example\n")
    entry = project.one("files")
    assert (entry.line, entry.reference, entry.processes) == (2, ".env", (Process.WORKTREE,))


# ------------------------------------------------------------------ git's configuration


def test_git_configuration() -> None:
    text = (
        '[core]\n\tbare = false\n[remote "origin"]\n'
        f"\turl = https://bot:{token(1)}@github.com/a/b.git\n"
        '[remote "plain"]\n\turl = git@github.com:a/b.git\n'
        '[remote "named"]\n\turl = https://ada@github.com/a/b.git\n'
        f'[url "https://{token(2)}@github.com/"]\n\tinsteadOf = https://github.com/\n'
        '[http "https://github.com/"]\n\textraheader = AUTHORIZATION: basic Zm9vOmJhcg==\n'
        "[credential]\n\thelper = store\n\thelper = cache\n"
    )
    found = [(entry.line, entry.name, entry.kind) for entry in read_git_config(text)]
    assert found == [
        (4, "remote.url", LITERAL),
        (9, "url section", LITERAL),
        (12, "http.extraheader", LITERAL),
        (14, "credential.helper", FORWARDED),
    ]
    first = read_git_config(text)[0]
    assert text.split("\n")[3][first.column - 1 : first.end_column - 1] == token(1)  # type: ignore[operator]
    assert route(first) == "hardcoded"


def test_git_configuration_with_a_reference() -> None:
    assert read_git_config('[remote "o"]\n\turl = https://x:${TOKEN}@h/a\n')[0].kind is REFERENCE


# ------------------------------------------------------------------ manifests of managers

MANIFESTS = """\
apiVersion: external-secrets.io/v1
kind: ExternalSecret
spec:
  target:
    template:
      data:
        password: "{{ .password }}"
        fallback: s3cretFallback9
---
kind: SealedSecret
spec:
  encryptedData: {sealed: AgBy8h}
  template:
    stringData: {plain: s3cretPlain8}
---
kind: Secret
stringData: {own: s3cretOwn7}
"""


def test_manifests_of_managers_that_hold_a_value(project: Project) -> None:
    project.write("k8s/secrets.yaml", MANIFESTS).write("chart.yaml", "kind: {{ Secret }")
    tree = Tree(Folder(project.root))
    entries = read_manifests(tree, ["k8s/secrets.yaml", "chart.yaml", "gone.yaml"])
    assert entries.problems == ()
    assert [(entry.line, entry.name, route(entry)) for entry in entries.entries] == [
        (7, "password", None),
        (8, "fallback", "secrets-manager-misconfiguration"),
        (14, "plain", "secrets-manager-misconfiguration"),
    ]


# ------------------------------------------------------------------ joining


def test_values_of_one_line_are_told_apart_by_column(project: Project) -> None:
    project.write(".mcp.json", '{"mcpServers":{"a":{"env":{"A":"one","B":"two"}}}}')
    entries = project.read()
    text = (project.root / ".mcp.json").read_text()
    for name, value in (("A", "one"), ("B", "two")):
        entry = entry_at(entries, ".mcp.json", 1, text.index(value) + 1)
        assert entry is not None and entry.name == name
    assert entry_at(entries, ".mcp.json", 1, 2) is None
    assert entry_at(entries, ".mcp.json", 2) is None
    assert entry_at(entries, "other.json", 1) is None


def test_routes_are_the_words_of_the_record() -> None:
    from scanner.incidents import entry as record

    entry = Entry("p", 1, 1, "A", LITERAL, Carrier.DOTENV, (), (), "")
    assert route(entry) == record.ENV_FILE
    assert route(msgspec.structs.replace(entry, carrier=Carrier.MCP_URL)) == record.HARDCODED
    for kind in (REFERENCE, PLACEHOLDER, FORWARDED):
        assert route(msgspec.structs.replace(entry, kind=kind)) is None


# ------------------------------------------------------------------ bad input


@pytest.mark.parametrize(
    ("path", "text", "where"),
    [
        (".mcp.json", '{\n"mcpServers": {\n', ".mcp.json:3"),
        ("compose.yaml", "services:\n  a: [\n", "compose.yaml:3"),
        ("mise.toml", "[env]\nA =\n", "mise.toml:2"),
        (".codex/config.toml", "a = [[[", ".codex/config.toml"),
        ("compose.yaml", "[" * 5000, "compose.yaml:1"),
        (".mcp.json", "[" * 5000, ".mcp.json:1"),
        (".env", b"\xff\xfe\x00", ".env"),
    ],
)
def test_unreadable_files_are_problems(
    project: Project, path: str, text: str | bytes, where: str
) -> None:
    entries = project.write(path, text).read()
    assert entries.entries == ()
    assert [problem.where for problem in entries.problems] == [where]
    assert entries.problems[0].stage == "reach"
    assert entries.problems[0].hint


def test_a_bomb_of_aliases_is_read_in_no_time_and_adds_nothing(project: Project) -> None:
    levels = ["a0: &a0 {x: y}"]
    for level in range(1, 40):
        before = ", ".join(f"k{index}: *a{level - 1}" for index in range(9))
        levels.append(f"a{level}: &a{level} {{{before}}}")
    text = "\n".join([*levels, "services: {web: {environment: *a39}}"])
    assert project.write("compose.yaml", text).read() == Entries()


def test_many_services_that_share_one_environment_are_bounded(project: Project) -> None:
    shared = ", ".join(f"k{index}: v" for index in range(4000))
    services = "".join(f"  s{index}: {{environment: *a}}\n" for index in range(3000))
    entries = project.write("compose.yaml", f"a: &a {{{shared}}}\nservices:\n{services}").read()
    assert len(entries.entries) == 4000
    assert entries.entries[0].basis.endswith("; and 2 more")
    assert "too many values" in entries.problems[0].reason


def test_a_circle_of_aliases_ends(project: Project) -> None:
    project.write("compose.yaml", "services: &s\n  web: *s\n  db: {environment: {A: one}}\n")
    assert project.kinds() == {"A": LITERAL}


def test_wrong_types_are_passed_over(project: Project) -> None:
    project.write("compose.yaml", "services: [1, {environment: 3}]\nsecrets: x\n")
    project.write(".mcp.json", '{"mcpServers": {"a": 1, "b": {"env": ["A"], "args": {}}}}')
    project.write(".devcontainer.json", '{"containerEnv": [], "mounts": 3, "runArgs": "x"}')
    project.write("mise.toml", "env = 3\n")
    project.write(".claude/settings.json", "[]")
    assert project.read() == Entries()


def test_no_field_holds_a_value(project: Project) -> None:
    secret = token(7)
    project.write(".env", f"{secret}={secret}\nA=${{{secret}}}\nB=${{X:-{secret}}}\n")
    project.write("compose.yaml", f"services: {{'{secret}': {{environment: {{C: {secret}}}}}}}\n")
    project.write(
        ".codex/config.toml", f'[mcp_servers."{secret}"]\nbearer_token_env_var = "{secret}"\n'
    )
    project.write(
        ".mcp.json",
        f'{{"mcpServers": {{"{secret}": {{"url": "https://h/{secret}?key={secret}",'
        f' "headers": {{"{secret}": "Bearer {secret}"}}, "args": ["--token", "{secret}"]}}}}}}',
    )
    entries = project.read()
    assert len(entries.entries) >= 7
    assert secret not in str(entries)


@pytest.mark.parametrize(
    "name",
    [
        "GITHUB_TOKEN",
        "PYTHONDONTWRITEBYTECODE",
        "DB2INSTANCE",
        "OAUTH2_CLIENT",
        "S3_BUCKET",
        "x-api-key",
        "clientSecret",
        "NEXT_PUBLIC_API_URL_V2",
        "SHA256SUM",
    ],
)
def test_names_are_shown(name: str) -> None:
    assert is_name(name)


@pytest.mark.parametrize(
    "template",
    [
        "{github:ghp_}",
        "AKIA{base32:16}",
        "{hex:32}",
        "{hex:8}-{hex:4}-{hex:4}-{hex:4}-{hex:12}",
        "sk-proj-{alnum:48}",
        "{alnum:40}",
    ],
)
def test_tokens_are_no_names(template: str) -> None:
    mistaken = [seed for seed in range(200) if is_name(expand(template, seed).decode())]
    assert len(mistaken) <= 6, len(mistaken)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(
        ["compose.yaml", ".mcp.json", "mise.toml", ".env", ".envrc", ".github/workflows/x.yml"]
    ),
    st.text(max_size=300),
)
def test_any_text_is_read_without_an_exception(
    tmp_path_factory: pytest.TempPathFactory, path: str, text: str
) -> None:
    project = Project(tmp_path_factory.mktemp("any"))
    project.write(path, text.encode(errors="surrogatepass"))
    for entry in project.read().entries:
        assert entry.line >= 1
    assert read_git_config(text) is not None
