"""A project's policy on agents in a whole scan, in CI's range and in the hooks."""

import pytest

from tests.repo import START, Repo
from tests.scanning import Json, only, process, run, scan, token

CO_AUTHOR = {"Co-authored-by": "Claude <noreply@anthropic.com>"}
SETTINGS = "attribution:\n  disclosure: kernel\n  approved: [claude-code]\n"
DAY = 86_400


@pytest.fixture
def governed(repo: Repo) -> Repo:
    """A project that asks for the kernel's disclosure."""
    repo.commit("set up", {".agentreach.yml": SETTINGS, "src/a.py": "x = 1\n"})
    return repo


def policy(findings: list[Json]) -> list[str]:
    return sorted(one["rule"] for one in findings if one["rule"].startswith("agent-"))


def test_a_scan_finds_what_breaks_the_policy(governed: Repo) -> None:
    commit = governed.commit("by an agent", {"src/a.py": "x = 2\n"}, trailers=CO_AUTHOR)
    result = scan(governed.path)
    finding = only(result.findings)
    assert (finding["rule"], finding["category"]) == ("agent-undisclosed", 3)
    place = only(finding["locations"])
    assert (place["where"], place["commit"]) == ("message", commit)
    assert (result.code, result.report["problems"]) == (1, [])
    assert result.report["incidents"] == []
    assert scan(governed.path, "--no-config").findings == []
    assert scan(governed.path, "--disable", "agent-undisclosed").findings == []


def test_every_format_can_say_it(governed: Repo) -> None:
    governed.commit("by an agent", {"src/a.py": "x = 2\n"}, trailers=CO_AUTHOR)
    for format_ in ("text", "json", "sarif", "markdown", "html", "github", "gitlab"):
        done = run("scan", governed.path, "--format", format_)
        if b"Invalid value" in done.err:
            continue
        assert done.code == 1, format_
        assert b"without the disclosure" in done.out, format_


def test_a_range_in_ci_is_judged_by_itself(governed: Repo) -> None:
    base = governed.commit("by an agent", {"src/a.py": "x = 2\n"}, trailers=CO_AUTHOR)
    pairs = [*CO_AUTHOR.items(), ("Assisted-by", "LLM")]
    governed.commit("disclosed", {"src/a.py": "x = 3\n"}, trailers=pairs)
    assert policy(scan(governed.path, "--range", f"{base}..HEAD").findings) == []
    cursor = {"Co-authored-by": "Cursor <cursoragent@cursor.com>"}
    governed.commit("another agent", {"src/a.py": "x = 4\n"}, trailers=cursor)
    found = scan(governed.path, "--range", f"{base}..HEAD").findings
    assert policy(found) == ["agent-not-approved", "agent-undisclosed"]


def test_a_baseline_accepts_commits_and_not_what_comes_later(governed: Repo) -> None:
    for number in range(3):
        governed.commit("by an agent", {"src/a.py": f"x = {number}\n"}, trailers=CO_AUTHOR)
    baseline = governed.path.parent / "baseline.json"
    scan(governed.path, "--write-baseline", baseline)
    assert scan(governed.path, "--baseline", baseline).findings == []
    later = governed.commit("later", {"src/a.py": "x = 9\n"}, trailers=CO_AUTHOR)
    found = only(scan(governed.path, "--baseline", baseline).findings)
    assert found["locations"][0]["commit"] == later


def test_a_commit_as_the_beginning_in_a_shallow_clone(governed: Repo) -> None:
    start = governed.commit("the policy", {"b": "1"})
    governed.commit("by an agent", {"src/a.py": "x = 2\n"}, trailers=CO_AUTHOR)
    text = f"{SETTINGS}  since_commit: {start}\n"
    governed.commit("say when", {".agentreach.yml": text})
    assert policy(scan(governed.path).findings) == ["agent-undisclosed"]
    shallow = governed.clone(governed.path.parent / "shallow", "--depth=2")
    result = scan(shallow.path)
    assert (result.code, policy(result.findings)) == (3, [])
    assert "not in this clone" in result.reasons


def test_the_commit_msg_hook(governed: Repo) -> None:
    governed.write("src/a.py", "x = 3\n")
    governed.stage()
    message = governed.write(".git/COMMIT_EDITMSG", "Round fees\n\n" + _trailers(CO_AUTHOR))
    refused = process("scope", message, cwd=governed.path)
    assert refused.code == 1
    assert b"agent-undisclosed" in refused.out
    message.write_text("Round fees\n\n" + _trailers({**CO_AUTHOR, "Assisted-by": "LLM"}))
    assert process("scope", message, cwd=governed.path).code == 0


def test_the_pre_push_hook(governed: Repo) -> None:
    base = governed.head
    governed.commit("by an agent", {"src/a.py": "x = 2\n"}, trailers=CO_AUTHOR)
    line = f"refs/heads/main {governed.head} refs/heads/main {base}\n".encode()
    assert process("push", cwd=governed.path, stdin=line).code == 1


def test_a_comment_in_the_message_is_counted(governed: Repo) -> None:
    comment = "agentreach: ignore[agent-undisclosed] the trailer was lost in a rebase"
    governed.commit(comment, {"src/a.py": "x = 2\n"}, trailers=CO_AUTHOR)
    result = scan(governed.path)
    assert (result.code, result.findings) == (0, [])
    assert result.report["summary"]["coverage"]["suppressed"] == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("attribution:\n  disclosure: linux\n", b"there is no form 'linux'"),
        ("attribution:\n  approved: [dependabot]\n", b"there is no agent 'dependabot'"),
        ("attribution:\n  aproved: []\n", b".agentreach.yml:2: "),
    ],
)
def test_a_policy_that_means_nothing_ends_the_scan(repo: Repo, text: str, words: bytes) -> None:
    repo.commit("set up", {".agentreach.yml": text})
    result = scan(repo.path)
    assert result.code == 2
    assert words in result.err


def test_older_commits_are_not_judged(repo: Repo) -> None:
    repo.commit("old", {"a": "1"}, date=START, trailers=CO_AUTHOR)
    text = f"{SETTINGS}  since: 2023-11-20\n"
    repo.commit("set up", {".agentreach.yml": text}, date=START + 9 * DAY)
    assert policy(scan(repo.path).findings) == []


def test_the_rules_are_listed() -> None:
    listed = run("rules", "list").out
    for rule in (b"agent-undisclosed", b"agent-not-approved", b"agent-signed-off"):
        assert rule in listed
    shown = run("rules", "show", "agent-not-approved")
    assert shown.code == 0
    assert b"category 5" in shown.out


def _trailers(trailers: dict[str, str]) -> str:
    return "".join(f"{key}: {value}\n" for key, value in trailers.items())


# ------------------------------------------------------------ the introducing line in a scan

NOTE = (
    "{path}\n  s_0123456789abcd::t_0123456789abcd {lines}\n---\n"
    '{{"schema_version":"authorship/3.0.0","prompts":{{}},"sessions":{{"s_0123456789abcd":'
    '{{"agent_id":{{"tool":"claude","id":"1","model":"opus"}}}}}}}}\n'
)


def said(finding: Json) -> str:
    return "\n".join(one["text"] for one in finding["evidence"])


def test_a_secret_says_who_wrote_its_line(repo: Repo) -> None:
    repo.commit("first", {"a.py": "x = 1\n"})
    line = f'TOKEN = "{token()}"\n'
    commit = repo.commit("second", {"a.py": f"x = 1\n{line}"}, trailers=CO_AUTHOR)
    assert "no note says who wrote line 2 of a.py" in said(only(scan(repo.path).secrets))
    repo.note(NOTE.format(path="a.py", lines="1-2"), commit, "refs/notes/ai")
    repo.commit("moved", {"a.py": f"x = 1\n\n\n\n{line}"})
    finding = only(scan(repo.path).secrets)
    assert finding["locations"][0]["line"] == 5
    assert "line 2 of a.py, as the commit brought it, is attested to Claude Code" in said(finding)


FLOW = """\
import logging
import os


def call() -> None:
    password = os.environ["DB_PASSWORD"]
    logging.info("connecting with %s", password)
"""


def test_a_flow_says_which_commit_brought_its_line(repo: Repo) -> None:
    commit = repo.commit("by an agent", {"app/main.py": FLOW}, trailers=CO_AUTHOR)
    repo.commit("later", {"b.py": "1\n"})
    finding = only(scan(repo.path).findings)
    assert finding["introduced"]["commit"] == commit
    assert finding["attribution"]["marks"][0]["agent"] == "claude-code"
    assert "no note says who wrote line" in said(finding)
    repo.write("app/main.py", f"\n{FLOW}")
    assert only(scan(repo.path).findings)["introduced"] is None
