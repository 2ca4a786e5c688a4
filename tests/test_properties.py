"""What must hold for every repository: nothing leaks, the number of threads changes nothing, and a
baseline accepts all there is."""

import base64
import json
import re
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner.errors import ExitCode
from scanner.model import Report
from scanner.pipeline import scan as scan_repository
from scanner.pipeline.redact import veil
from scanner.rules.examples import expand
from tests.repo import Repo
from tests.scanning import comparable, run, scan, token

# One of forty characters, and one that is longer than what reports cut texts to.
TOKENS = ("{github:ghp_}", "sk-ant-api03-{base64url:93}AA")


# ------------------------------------------------------------------------------ nothing leaks


class Planted:
    """Hands out a new token for every place, and knows afterwards which place one came from."""

    def __init__(self, template: str = TOKENS[0]) -> None:
        self.tokens: dict[str, str] = {}
        self._template = template

    def __call__(self, place: str) -> str:
        made = expand(self._template, 1_000 + len(self.tokens)).decode()
        return self.tokens.setdefault(place, made)

    def leaks(self, data: bytes) -> list[str]:
        """The places whose token, or a part of it, can be read from these bytes."""
        return [place for place, secret in self.tokens.items() if _shows(data, secret)]


def _shows(data: bytes, secret: str) -> bool:
    raw = secret.encode()
    half = len(raw) // 2
    traces = {raw, raw[:half], raw[half:], raw[::-1], raw.hex().encode(), quote(secret).encode()}
    # Base64 of a longer text shows the secret at one of three alignments.
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + raw)
        traces.add(encoded[4:-4])
        traces.add(base64.urlsafe_b64encode(b"\0" * shift + raw)[4:-4])
    return any(trace in data for trace in traces)


def plant(repo: Repo, secret: Planted) -> None:
    """A repository with a token of its own in every place a token can get into."""
    repo.commit(
        f"Start with {secret('subject')} in the subject\n\nand {secret('message')} below",
        {
            "README.md": "# A project\n",
            ".gitignore": ".env\n",
            "CODEOWNERS": f"* @owner  # {secret('code owners')}\n",
            "app.py": f'TOKEN = "{secret("a file")}"\n',
            "gone.py": f'OLD = "{secret("a removed file")}"\n',
            f"notes/{secret('a path')}.txt": f"key: {secret('a file with a token for a name')}\n",
            ".github/workflows/ci.yml": "permissions:\n  contents: read\n",
        },
    )
    repo.commit(
        "Describe the agents",
        {
            "CLAUDE.md": f"Use `{secret('agent instructions')}`.\n@docs/{secret('an import')}.md\n",
            ".claude/settings.json": json.dumps(
                {
                    "env": {"GITHUB_TOKEN": secret("settings environment")},
                    "permissions": {
                        "allow": [
                            f"Bash(curl -H 'Authorization: Bearer {secret('allow rule')}':*)"
                        ],
                        "deny": [f"Read(./{secret('deny rule')})"],
                    },
                    "hooks": {secret("settings key"): [{"hooks": []}]},
                }
            ),
            ".mcp.json": json.dumps(
                {
                    "mcpServers": {
                        "api": {
                            "command": "server",
                            "args": ["--token", secret("MCP argument")],
                            "env": {"TOKEN": secret("MCP environment")},
                        },
                        secret("MCP name"): {"url": f"https://x/?t={secret('MCP address')}"},
                    }
                }
            ),
            ".cursorignore": f"{secret('cursorignore')}\n",
            ".agentreach/tasks/T-1.yml": "id: T-1\nallowed:\n  - docs/**\n",
        },
        author=(f"Ada {secret('author name')}", f"{secret('author address')}@example.com"),
        committer=(f"Carl {secret('committer name')}", f"{secret('committer address')}@x.example"),
    )
    repo.commit("Take one out", {"gone.py": None})
    repo.commit(
        f"Weaken the checks {secret('an agent subject')}\n\nTask: T-1\nTask: {secret('task id')}\n"
        f"Co-Authored-By: Claude {secret('trailer')} <noreply@anthropic.com>\n",
        {
            ".github/workflows/ci.yml": f"permissions: write-all  # {secret('workflow')}\n",
            f"src/{secret('an agent path')}.py": _FLOWS.format(
                printed=secret("printed"), logged=secret("logged"), sent=secret("sent to a model")
            ),
            "src/broken.py": f'print("{secret("source that does not parse")}"\n',
            ".claude/settings.local.json": json.dumps(
                {"permissions": {"allow": [f"Bash({secret('widened permission')})"]}}
            ),
        },
        author=(f"Agent {secret('agent author')}", f"{secret('agent address')}@example.com"),
    )
    repo.tag(f"tag-{secret('tag name')}", message=f"release {secret('tag message')}")
    repo.note(f"a note with {secret('note')}")
    repo.git("branch", f"feature/{secret('branch name')}")
    repo.git(
        "config",
        "remote.origin.url",
        f"https://x:{secret('remote')}@example.com/{secret('remote path')}.git",
    )
    repo.git("config", f"branch.{secret('config section')}.merge", "refs/heads/main")
    repo.write("stashed.py", f'S = "{secret("stash")}"\n')
    repo.stash(untracked=True, message=f"stash {secret('stash message')}")
    repo.write(".env", f"GITHUB_TOKEN={secret('ignored file')}\n")
    repo.write("draft.py", f'D = "{secret("untracked file")}"\n')
    repo.write(f"{secret('untracked path')}.py", 'x = "y"\n')
    repo.write("staged.py", f'T = "{secret("index")}"\n')
    repo.stage("staged.py")
    repo.remove("staged.py")
    (repo.path / "link").symlink_to(f"/nowhere/{secret('link target')}")
    repo.git("checkout", "--quiet", "-b", f"work/{secret('current branch')}")


_FLOWS = """\
import logging
import os

import openai

password = "{printed}"
print(password)
print("{printed}", os.environ["GITHUB_TOKEN"])
logging.info("token %s", "{logged}")


def ask(api_key="{sent}"):
    client = openai.OpenAI()
    return client.chat.completions.create(
        model="m", messages=[{{"role": "user", "content": api_key + os.environ["API_KEY"]}}]
    )
"""


@pytest.fixture(scope="module", params=TOKENS, ids=["short", "long"])
def planted(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Repo, Planted]:
    repo = Repo.init(tmp_path_factory.mktemp("planted") / "repo")
    secret = Planted(request.param)
    plant(repo, secret)
    return repo, secret


FORMATS = ("text", "json", "jsonl", "sarif")
SUBJECTS = {
    "everything": ("--reflog", "--unreachable"),
    "staged": ("--staged",),
    "range": ("--range", "HEAD~1..HEAD"),
}


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("subject", SUBJECTS)
def test_no_format_shows_a_secret(planted: tuple[Repo, Planted], form: str, subject: str) -> None:
    repo, secret = planted
    result = run("scan", repo.path, "--format", form, *SUBJECTS[subject])
    assert result.code == ExitCode.FINDINGS
    assert secret.leaks(result.out + result.err) == []


def test_the_plants_are_in_reach_of_the_scan(planted: tuple[Repo, Planted]) -> None:
    """Otherwise the tests beside this one could not fail."""
    repo, secret = planted
    found = scan(repo.path, "--reflog", "--unreachable")
    seen = {place["where"] for finding in found.secrets for place in finding["locations"]}
    assert {"worktree", "index", "commit", "stash", "message", "tag", "note", "git-file"} <= seen
    assert len(found.secrets) >= 25
    shown = found.out.decode()
    assert "(not shown: the message holds a secret)" in shown
    for name in ("notes/", "refs/tags/tag-"):
        assert re.search(rf'"{name}[a-z-]*_?\N{{MIDDLE DOT}}{{8}}', shown), "masked, not dropped"
    assert secret.leaks(b"x" + base64.b64encode(secret("a file").encode())) == ["a file"]
    assert secret.leaks(secret("a file")[20:].encode()) == ["a file"]


def test_no_file_that_is_written_holds_a_secret(
    planted: tuple[Repo, Planted], tmp_path: Path, warm_cache: Path
) -> None:
    repo, secret = planted
    records, baseline = tmp_path / "incidents", tmp_path / "baseline.json"
    for form in FORMATS:
        result = run(
            *("scan", repo.path, "--format", form, "--output", tmp_path / f"report.{form}"),
            *("--incidents", records, "--write-baseline", baseline),
        )
        assert result.code == ExitCode.CLEAN
        assert secret.leaks(result.out + result.err) == []
    written = [path for base in (tmp_path, warm_cache) for path in base.rglob("*")]
    assert len([path for path in written if path.parent == records]) > 10
    for path in written:
        assert secret.leaks(str(path).encode()) == []
        if path.is_file():
            assert secret.leaks(path.read_bytes()) == [], path.name


def test_the_public_function_returns_no_secret(planted: tuple[Repo, Planted]) -> None:
    from scanner import Config

    repo, secret = planted
    report = scan_repository(Config(path=repo.path))
    assert isinstance(report, Report)
    assert report.findings
    assert secret.leaks(repr(report).encode()) == []


BROKEN = {
    ".agentreach.yml": (
        "{token}: true\n",
        "fail_on: {token}\n",
        "exclude: {token}\n",
        "max_bytes: {token}\n",
        "exclude: *{token}\n",
        "baseline: ../{token}\n",
        "agents: ['{token}']\n",
        "exclude: !{token} x\n",
    ),
    ".agentreach/tasks/one.yml": (
        "id: one\n{token}: 1\nallowed: [a]\n",
        "id: '{token} {token}'\nallowed: [a]\n",
        "id: one\nallowed: *{token}\n",
    ),
    "baseline.json": (
        '{{"schema": "{token}", "root": null, "entries": []}}',
        '{{"{token}": 1}}',
        "{token}",
    ),
}


@pytest.mark.parametrize(
    ("name", "text"), [(name, text) for name, texts in BROKEN.items() for text in texts]
)
def test_no_error_message_shows_a_secret(repo: Repo, name: str, text: str) -> None:
    secret = Planted()
    repo.commit("one", {"README.md": "# One\n", name: text.format(token=secret("the file"))})
    options = ["--baseline", repo.path / name] if name == "baseline.json" else []
    result = run("scan", repo.path, *options)
    assert result.code == ExitCode.USAGE
    assert result.err.startswith(b"agentreach: ") and name.encode() in result.err
    assert secret.leaks(result.out + result.err) == []


def test_a_crash_shows_places_and_types_only(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = token()
    repo.commit("one", {"a.py": f'TOKEN = "{secret}"\n'})

    def broken(*arguments: object) -> None:
        raise ValueError(f"cannot write {secret}")

    monkeypatch.setattr("scanner.sinks.json.write", broken)
    result = run("scan", repo.path, "--format", "json")
    assert result.code == ExitCode.BUG
    assert b"ValueError" in result.err and b"in broken" in result.err
    assert not _shows(result.out + result.err, secret)


def test_a_crash_in_a_worker_shows_no_secret(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = token()
    repo.commit("one", {"a.py": f'TOKEN = "{secret}"\n'})

    def broken(*arguments: object, **more: object) -> str:
        raise RuntimeError(f"{arguments} {more}")

    monkeypatch.setattr("scanner.pipeline.digest.Digester.secret", broken)
    result = run("scan", repo.path)
    assert result.code == ExitCode.BUG
    assert b"RuntimeError" in result.err
    assert not _shows(result.out + result.err, secret)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("unknown key `colour`", "unknown key `colour`"),
        ("unknown key 'excluded-paths'", "unknown key 'excluded-paths'"),
        ("task 'RELEASE-2026-11' is not declared", "task 'RELEASE-2026-11' is not declared"),
        ("/a/4f2a9c1d20aa/b: cannot be read", "/a/4f2a9c1d20aa/b: cannot be read"),
        ("key 'sk-4f2a9c1d20aa'", "key 'sk-…'"),
        ('tag "!4f2a9c1d20aa"', 'tag "!…"'),
    ],
)
def test_an_error_keeps_what_is_no_secret(text: str, shown: str) -> None:
    assert veil(text) == shown


# ------------------------------------------------------------------------------ for any repository

LINES = st.one_of(
    st.integers(0, 3).map(lambda seed: f'TOKEN = "{token(seed)}"'),
    st.integers(0, 2).map(lambda seed: expand('password = "{alnum:18}"', seed).decode()),
    st.sampled_from(["import os", "", "x = 1", "# a comment", "naïve = '☃'"]),
)
PATHS = st.sampled_from(["a.py", "b.py", "conf/.env", "docs/naïve file.md", "vendor/c.yml"])
FILES = st.dictionaries(
    PATHS,
    st.none() | st.lists(LINES, max_size=4).map(lambda lines: "\n".join(lines) + "\n"),
    max_size=3,
)
COMMITS = st.lists(st.tuples(FILES, LINES), min_size=1, max_size=4)
few_examples = settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
History = list[tuple[dict[str, str | None], str]]


def build(directory: Path, history: History, left_over: dict[str, str | None]) -> Repo:
    """A repository with these commits, and a work tree with something not committed."""
    repo = Repo.init(directory / "repo")
    there: set[str] = set()
    for files, message in history:
        wanted = {path: text for path, text in files.items() if text or path in there}
        repo.commit(message or "change", wanted)
        there = {path for path in there | wanted.keys() if wanted.get(path, "") is not None}
    repo.apply({path: text for path, text in left_over.items() if text})
    return repo


@few_examples
@given(COMMITS, FILES)
def test_a_baseline_of_a_scan_leaves_nothing(
    tmp_path_factory: pytest.TempPathFactory, history: History, left_over: dict[str, str | None]
) -> None:
    base = tmp_path_factory.mktemp("any")
    repo = build(base, history, left_over)
    baseline = base / "baseline.json"
    written = scan(repo.path, "--write-baseline", baseline)
    again = scan(repo.path, "--baseline", baseline, "--fail-on", "info")
    assert written.code == again.code == ExitCode.CLEAN
    assert again.findings == []
    assert again.report["summary"]["coverage"]["baselined"] == len(written.findings)


@few_examples
@given(COMMITS, FILES)
def test_threads_and_engine_change_nothing(
    tmp_path_factory: pytest.TempPathFactory, history: History, left_over: dict[str, str | None]
) -> None:
    repo = build(tmp_path_factory.mktemp("any"), history, left_over)
    first = scan(repo.path, "--jobs", "1")
    for jobs in ("2", "8"):
        assert comparable(scan(repo.path, "--jobs", jobs).report) == comparable(first.report)
    other = scan(repo.path, "--engine", "re").report
    assert other["tool"].pop("engine") == "re"
    expected = first.report
    expected["tool"].pop("engine")
    assert comparable(other) == comparable(expected)


@few_examples
@given(COMMITS, FILES)
def test_every_place_is_where_the_report_says(
    tmp_path_factory: pytest.TempPathFactory, history: History, left_over: dict[str, str | None]
) -> None:
    """Line and column lead to the secret, and each location's content really holds it."""
    repo = build(tmp_path_factory.mktemp("any"), history, left_over)
    for finding in scan(repo.path).secrets:
        prefix = finding["secret"]["masked"].split("\N{MIDDLE DOT}")[0].encode()
        for place in finding["locations"]:
            if place["where"] in ("worktree", "git-file"):
                data = (repo.path / place["path"]).read_bytes()
            elif place["where"] == "message":
                data = repo.git_bytes("log", "-1", "--format=%B", place["commit"])
            else:
                data = repo.git_bytes("cat-file", "blob", place["blob"])
            line = data.split(b"\n")[place["line"] - 1]
            assert line[place["column"] - 1 :].startswith(prefix)
