"""Policies on agents: what a project can ask of commits, and which commits break it."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TypeVar

import msgspec
import pytest

from scanner.attribution import Attributor
from scanner.attribution.policy import Policy
from scanner.attribution.policy_trailers import State, Trailers
from scanner.config import decode_settings
from scanner.errors import ConfigError, RuleError
from scanner.gitio import open_repository
from scanner.gitio.ancestry import Beginning, beginning
from scanner.model import Change, Finding, Identity, Problem, Severity, Where
from scanner.pipeline.digest import Digester
from scanner.pipeline.places import LOCATIONS_PER_FINDING
from scanner.pipeline.policy import APART, PolicyPass, load_policy
from scanner.rules import root
from scanner.rules.agents import load_agents
from scanner.rules.boundaries import SCOPE_RULES, load_boundary_files
from scanner.rules.dataflow import load_flow_rules
from scanner.rules.policy import FILE, Form, PolicyKind, load_policy_file
from scanner.rules.policy_pattern import refuse_costly
from scanner.rules.policy_settings import HouseRule, PolicySettings
from scanner.rules.secrets import load_secret_rules
from tests.repo import START, Repo

T = TypeVar("T")

AGENTS = load_agents()
ATTRIBUTOR = Attributor(AGENTS)
FORMS = load_policy_file().forms
DAY = 86_400
CLAUDE = ("Claude", "noreply@anthropic.com")
CO_AUTHOR = "Co-authored-by: Claude <noreply@anthropic.com>"
DEPENDABOT = ("dependabot[bot]", "49699333+dependabot[bot]@users.noreply.github.com")
KERNEL = PolicySettings(disclosure="kernel")


def judge(
    repo: Repo, settings: PolicySettings, *, missing: bool = False
) -> tuple[list[Finding], PolicyPass]:
    """All commits of a repository by a policy; `missing`: its first commit is not here."""
    loaded = load_policy(settings, AGENTS, ATTRIBUTOR)
    assert loaded is not None
    with open_repository(repo.path) as opened:

        def find(commit: str) -> Beginning | None:
            return None if missing else beginning(opened._runner, commit)

        judged = PolicyPass(loaded, ATTRIBUTOR, find)
        for change in opened.changes():
            assert isinstance(change, Change)
            judged.add(change, ATTRIBUTOR.attribute(change))
        return judged.findings(lambda: Digester(b"a key for tests")), judged


def rules(repo: Repo, settings: PolicySettings) -> list[str]:
    return [finding.rule for finding in judge(repo, settings)[0]]


def staged(message: str, settings: PolicySettings, now: int = START) -> list[Finding]:
    """What a commit-msg hook would say."""
    loaded = load_policy(settings, AGENTS, ATTRIBUTOR)
    assert loaded is not None
    judged = PolicyPass(loaded, ATTRIBUTOR, lambda _: None, now=now)
    nobody = Identity("", "")
    change = Change(Where.INDEX, None, (), nobody, 0, nobody, 0, message, ())
    judged.add(change, ATTRIBUTOR.attribute(change))
    return judged.findings(lambda: Digester(b"a key for tests"))


def message(*trailers: str) -> str:
    return "Round fees half to even\n\n" + "".join(f"{line}\n" for line in trailers)


# ---------------------------------------------------------------------------------- forms


def stated(form: Form, trailer: str) -> State:
    nobody = Identity("", "")
    change = Change(Where.COMMIT, "", (), nobody, START, nobody, START, message(trailer), ())
    return Trailers(ATTRIBUTOR, AGENTS, form, FORMS).disclosure(change).state


@pytest.mark.parametrize(
    ("form", "trailer"), [(form, example) for form in FORMS for example in form.examples]
)
def test_examples_of_a_form(form: Form, trailer: str) -> None:
    assert stated(form, trailer) is State.RIGHT


@pytest.mark.parametrize(
    ("form", "trailer"), [(form, example) for form in FORMS for example in form.counter_examples]
)
def test_counter_examples_of_a_form(form: Form, trailer: str) -> None:
    assert stated(form, trailer) is not State.RIGHT


def test_every_form_shows_both_sides_and_its_source() -> None:
    for form in FORMS:
        assert form.examples and form.counter_examples and form.references, form.id


@pytest.mark.parametrize(
    ("trailer", "state"),
    [
        ("Generated-by: Claude Code", State.OTHER_FORM),
        ("Assisted-by: Claude <noreply@anthropic.com>", State.OTHER_FORM),
        ("Co-authored-by-AI: Some Tool Nobody Knows", State.OTHER_FORM),
        ("Assisted-by: Ada Lovelace <ada@example.org>", State.NONE),
        ("Assisted-by: Claude Monet <monet@example.org>", State.NONE),
        ("Generated-by: protoc 3.2", State.NONE),
        (CO_AUTHOR, State.NONE),
        ("> Assisted-by: LLM", State.NONE),
        ("ASSISTED-BY: LLM", State.RIGHT),
        (f"Assisted-by: LLM {'x' * 120}", State.NONE),
    ],
)
def test_what_is_a_disclosure_in_the_kernels_form(trailer: str, state: State) -> None:
    kernel = next(form for form in FORMS if form.id == "kernel")
    assert stated(kernel, trailer) is state


def test_a_right_disclosure_counts_before_a_wrong_one_wherever_it_stands() -> None:
    text = message("Generated-by: Claude Code", "", "* another commit of the squash", "")
    assert staged(text + "Assisted-by: LLM\n\nThe end.\n", KERNEL) == []
    assert [one.rule for one in staged(text, KERNEL)] == ["agent-disclosure-form"]


# ------------------------------------------------------------------------- which commits


def test_a_commit_without_the_disclosure(repo: Repo) -> None:
    repo.commit("by a person", {"a": "1"})
    commit = repo.commit(message(CO_AUTHOR), {"a": "2"})
    finding = only(judge(repo, KERNEL)[0])
    assert (finding.rule, finding.category, finding.severity) == ("agent-undisclosed", 3, "medium")
    assert finding.confidence == "high"
    assert finding.title.endswith(": Claude Code")
    place = only(finding.locations)
    assert (place.where, place.path, place.commit) == (Where.MESSAGE, "", commit)
    assert finding.introduced is not None and finding.introduced.commit == commit
    assert finding.attribution is not None and finding.attribution.agent is not None
    marked, reason = finding.evidence
    assert "Claude Code, co-author" in marked.text and "message line 3" in marked.text
    assert reason.text.startswith("The message has no disclosure. .agentreach.yml asks for")
    assert reason.source == "https://docs.kernel.org/process/coding-assistants.html"
    assert not finding.seeds_incident


def test_a_disclosed_commit_and_a_persons_thanks_break_nothing(repo: Repo) -> None:
    repo.commit(message(CO_AUTHOR, "Assisted-by: Claude:claude-opus-4-6 sparse"), {"a": "1"})
    repo.commit(message("Assisted-by: LLM"), {"a": "2"})
    repo.commit(message("Assisted-by: Ada Lovelace <ada@example.org>"), {"a": "3"})
    repo.commit(message("Assisted-by: Claude Monet"), {"a": "4"})
    for form in ("kernel", "fedora"):
        assert rules(repo, PolicySettings(disclosure=form)) == []


def test_forbidden_is_forbidden_disclosed_or_not(repo: Repo) -> None:
    repo.commit(message("Assisted-by: Ada Lovelace <ada@example.org>"), {"a": "1"})
    repo.commit(message("Assisted-by: LLM"), {"a": "2"})
    repo.commit("by the agent", {"a": "3"}, author=CLAUDE)
    found, _ = judge(repo, PolicySettings(disclosure="forbidden"))
    assert [one.rule for one in found] == ["agent-content-forbidden"] * 2
    assert {one.severity for one in found} == {Severity.HIGH}


def test_bots_suggestions_and_committers_are_no_agents_content(repo: Repo) -> None:
    repo.commit("bump", {"a": "1"}, author=DEPENDABOT)
    repo.commit("rebased in a sandbox", {"a": "2"}, committer=CLAUDE)
    assert rules(repo, PolicySettings(disclosure="forbidden", approved=())) == []


def test_weak_marks_break_nothing_unless_the_project_counts_them(repo: Repo) -> None:
    footer = "\N{ROBOT FACE} Generated with [Claude Code](https://claude.com/claude-code)"
    repo.commit(message(footer), {"a": "1"}, date=START + 800 * DAY)
    assert rules(repo, KERNEL) == []
    found = only(judge(repo, PolicySettings(disclosure="kernel", least="footer"))[0])
    assert (found.rule, found.confidence) == ("agent-undisclosed", "medium")


def test_a_merge_need_not_disclose_what_it_brings_in(repo: Repo) -> None:
    repo.commit("first", {"a": "1"})
    repo.checkout("topic", new=True)
    repo.commit(message(CO_AUTHOR, "Assisted-by: LLM"), {"b": "1"})
    repo.checkout("main")
    repo.commit("second", {"a": "2"})
    repo.merge("topic", message=message(CO_AUTHOR))
    assert rules(repo, KERNEL) == []
    assert rules(repo, PolicySettings(disclosure="forbidden")) == ["agent-content-forbidden"] * 2


def test_a_stash_is_nobodys_contribution(repo: Repo) -> None:
    repo.commit("first", {"a": "1"})
    repo.write("a", "2")
    repo.stash(message=message(CO_AUTHOR))
    assert rules(repo, PolicySettings(disclosure="forbidden")) == []


# ------------------------------------------------------------------------------ approval


def test_an_agent_that_is_not_approved_is_one_finding(repo: Repo) -> None:
    cursor = "Co-authored-by: Cursor <cursoragent@cursor.com>"
    first = repo.commit(message(cursor), {"a": "1"})
    repo.commit(message(CO_AUTHOR), {"a": "2"})
    last = repo.commit(message(cursor), {"a": "3"})
    found = only(judge(repo, PolicySettings(approved=("claude-code",)))[0])
    assert (found.rule, found.category, found.severity) == ("agent-not-approved", 3, "medium")
    assert [place.commit for place in found.locations] == [last, first]
    assert found.introduced is not None and found.introduced.commit == first
    assert found.evidence[0].text.startswith("2 commits, from 2023-11-14 to 2023-11-14")
    assert any("category 5" in step for step in found.remediation)
    assert not found.seeds_incident


def test_a_commit_of_two_agents_names_the_one_that_is_not_approved(repo: Repo) -> None:
    repo.commit(message(CO_AUTHOR, "Co-authored-by: Cursor <cursoragent@cursor.com>"), {"a": "1"})
    found, _ = judge(repo, PolicySettings(approved=("claude-code",)))
    assert only(found).title.endswith(": Cursor")
    both, _ = judge(repo, PolicySettings(approved=()))
    assert len({place.fingerprint for one in both for place in one.locations}) == 2


def test_approved_models(repo: Repo) -> None:
    named = "Co-authored-by: Claude {} <noreply@anthropic.com>"
    for model in ("Opus 4.6", "Haiku 4.5"):
        repo.commit(message(named.format(model)), {"a": model}, date=START + 800 * DAY)
    repo.commit(message(CO_AUTHOR), {"a": "no model"})
    settings = decode("{approved: [{agent: claude-code, models: ['*opus*']}]}")
    found = only(judge(repo, settings)[0])
    assert len(found.locations) == 1
    assert "not with the model" in found.evidence[-1].text
    assert "Haiku 4.5" in found.evidence[-1].text
    anything = decode("{approved: [claude-code, {agent: claude-code, models: ['*opus*']}]}")
    assert rules(repo, anything) == []


def test_an_unnamed_agent_is_not_known_to_lack_approval(repo: Repo) -> None:
    repo.commit(message("Assisted-by: LLM"), {"a": "1"})
    assert rules(repo, PolicySettings(approved=())) == []


# ------------------------------------------------------------------------------ sign-off


def test_an_agent_may_not_sign_off_in_the_kernel(repo: Repo) -> None:
    repo.commit(message("Signed-off-by: Ada Author <ada@example.com>"), {"a": "1"})
    repo.commit(message("Signed-off-by: dependabot[bot] <support@github.com>"), {"a": "2"})
    commit = repo.commit(message("Signed-off-by: Claude <noreply@anthropic.com>"), {"a": "3"})
    found = only(judge(repo, KERNEL)[0])
    assert found.rule == "agent-signed-off"
    place = only(found.locations)
    assert (place.commit, place.line) == (commit, 3)
    assert rules(repo, PolicySettings(disclosure="fedora")) == []
    assert rules(repo, PolicySettings(signs_off=False)) == ["agent-signed-off"]
    assert rules(repo, PolicySettings(disclosure="kernel", signs_off=True)) == []


def test_a_quoted_sign_off_is_somebody_elses(repo: Repo) -> None:
    line = "Signed-off-by: Claude <noreply@anthropic.com>"
    repo.commit(message(f"> {line}", "```", line, "```"), {"a": "1"})
    assert rules(repo, KERNEL) == []


# --------------------------------------------------------------------------------- since


def test_commits_older_than_the_policy(repo: Repo) -> None:
    repo.commit(message(CO_AUTHOR), {"a": "1"}, date=START)
    new = repo.commit(message(CO_AUTHOR), {"a": "2"}, date=START + DAY)
    found = only(judge(repo, msgspec.structs.replace(KERNEL, since=date(2023, 11, 15)))[0])
    assert found.locations[0].commit == new
    assert rules(repo, msgspec.structs.replace(KERNEL, since=date(2023, 11, 16))) == []


def test_a_commit_as_the_beginning(repo: Repo) -> None:
    """Its ancestors are from before whatever their dates say, and so is what is older."""
    repo.commit("first", {"a": "1"})
    repo.checkout("old", new=True)
    repo.commit(message(CO_AUTHOR), {"c": "1"}, date=START + 2 * DAY)
    repo.checkout("main")
    late = repo.commit(message(CO_AUTHOR), {"a": "2"}, date=START + 9 * DAY)
    start = repo.commit(message(CO_AUTHOR), {"a": "3"}, date=START + 5 * DAY)
    after = repo.commit(message(CO_AUTHOR), {"a": "4"}, date=START + 6 * DAY)
    found, judged = judge(repo, msgspec.structs.replace(KERNEL, since_commit=start))
    assert {one.locations[0].commit for one in found} == {start, after}
    assert judged.problems == []
    with open_repository(repo.path) as opened:
        known = beginning(opened._runner, start)
    assert known == Beginning(START + 5 * DAY, frozenset({late}))


def test_a_beginning_that_is_not_here_is_said_and_judges_nothing(repo: Repo) -> None:
    repo.commit(message(CO_AUTHOR), {"a": "1"})
    repo.commit(message(CO_AUTHOR), {"a": "2"})
    blob = repo.git("rev-parse", "HEAD:a")
    for commit in ("0" * 40, blob):
        found, judged = judge(repo, msgspec.structs.replace(KERNEL, since_commit=commit))
        assert found == []
        problem: Problem = only(judged.problems)
        assert problem.stage == "attribution" and "not in this clone" in problem.reason


# ------------------------------------------------------------------------ hooks, ignoring


def test_the_message_of_a_commit_about_to_be_made() -> None:
    found = only(staged(message(CO_AUTHOR), KERNEL))
    assert (found.rule, found.introduced) == ("agent-undisclosed", None)
    place = only(found.locations)
    assert (place.where, place.commit) == (Where.MESSAGE, None)
    assert staged(message(CO_AUTHOR, "Assisted-by: LLM"), KERNEL) == []
    settings = msgspec.structs.replace(KERNEL, since=date(2099, 1, 1), since_commit="0" * 40)
    assert len(staged(message(CO_AUTHOR), settings)) == 1


def test_marks_have_their_times_in_a_hook() -> None:
    """From 22 April 2026 on VS Code puts this on commits that no agent had a part in."""
    text = message("Co-authored-by: Copilot <copilot@github.com>")
    settings = PolicySettings(disclosure="forbidden")
    assert len(staged(text, settings, now=1_770_000_000)) == 1
    assert staged(text, settings, now=1_790_000_000) == []


def test_a_comment_in_the_message(repo: Repo) -> None:
    comment = "agentreach: ignore[agent-undisclosed]{}"
    repo.commit(message(comment.format(" generated by the release script"), CO_AUTHOR), {"a": "1"})
    found, judged = judge(repo, KERNEL)
    assert (found, judged.suppressed) == ([], 1)
    repo.commit(message(comment.format(""), CO_AUTHOR), {"a": "2"})
    refused = only(judge(repo, KERNEL)[0])
    assert refused.evidence[-1].text == "an agentreach ignore comment here gives no reason"
    repo.commit(message("gitleaks:allow", CO_AUTHOR), {"a": "3"})
    assert len(judge(repo, KERNEL)[0]) == 2


# ------------------------------------------------------------------------------ many


def test_many_commits_are_told_together(repo: Repo) -> None:
    for number in range(APART):
        repo.commit(message(CO_AUTHOR), {"a": str(number)})
    apart, _ = judge(repo, KERNEL)
    assert len(apart) == APART
    newest = repo.commit(message(CO_AUTHOR), {"a": "one more"})
    together = only(judge(repo, KERNEL)[0])
    assert len(together.locations) == APART + 1
    assert together.locations[0].commit == newest
    assert f"{APART + 1} commits" in together.evidence[0].text
    before = {one.locations[0].fingerprint for one in apart}
    assert before < {place.fingerprint for place in together.locations}


def test_thousands_of_commits_are_counted_and_bounded(repo: Repo) -> None:
    stream = "".join(
        f"commit refs/heads/main\ncommitter Ada <ada@example.com> {START + number} +0000\n"
        f"data {len(message(CO_AUTHOR))}\n{message(CO_AUTHOR)}\n"
        for number in range(LOCATIONS_PER_FINDING + 50)
    )
    repo.git("fast-import", "--quiet", stdin=stream)
    found = only(judge(repo, KERNEL)[0])
    assert len(found.locations) == LOCATIONS_PER_FINDING
    assert f"{LOCATIONS_PER_FINDING + 50} commits" in found.evidence[0].text
    assert found.evidence[-1].text == "the 50 oldest commits are not listed"
    assert found.locations[0].commit == repo.git("rev-parse", "main")


def test_no_finding_quotes_the_commit(repo: Repo) -> None:
    """Free text may hold anything; the subject is the report's own to veil."""
    repo.commit(message("Generated-by: Claude Code zebra", CO_AUTHOR), {"a": "1"})
    repo.commit(message("Signed-off-by: Claude <noreply@anthropic.com>"), {"a": "2"})
    found, _ = judge(repo, msgspec.structs.replace(KERNEL, approved=()))
    assert {one.rule for one in found} == {
        "agent-not-approved",
        "agent-disclosure-form",
        "agent-signed-off",
    }
    assert not [text for text in texts(found) if "zebra" in text]


# ------------------------------------------------------------------------------ settings


def decode(text: str) -> PolicySettings:
    settings = decode_settings(f"attribution: {text}\n".encode(), ".agentreach.yml").attribution
    assert settings is not None
    return settings


def test_the_settings_as_they_are_written() -> None:
    settings = decode_settings(
        b"attribution:\n"
        b"  approved: [claude-code, {agent: codex, models: [gpt-5*]}]\n"
        b"  disclosure:\n    keys: [AI-used-for]\n    value: '(code|tests)(,(code|tests))?'\n"
        b"  since: 2026-03-01\n",
        ".agentreach.yml",
    ).attribution
    assert settings is not None
    assert settings.agents == ("claude-code", "codex")
    assert isinstance(settings.disclosure, HouseRule)
    assert settings.since == date(2026, 3, 1)
    assert decode("{approved: []}").approved == ()
    assert decode("{}") == PolicySettings()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("attribution: 3", r"\.agentreach\.yml:1: "),
        ("attribution:\n  aproved: []", r":2: .*`aproved`"),
        ("attribution:\n  approved:\n    - {agent: codex}", r":2: .*`models`"),
        ("attribution:\n  approved:\n    - {agent: codex, models: []}", "1 to 50 models"),
        ("attribution:\n  approved: [Claude Code]", "named by its id"),
        ("attribution:\n  since: 2026-02-31", "day is out of range"),
        ("attribution:\n  since: soon", r":2: .*since"),
        ("attribution:\n  since_commit: 1234567", r":2: .*since_commit"),
        ("attribution:\n  since_commit: main", "a commit's id in full"),
        ("attribution:\n  least: hint", r":2: .*least|hint"),
        ("attribution:\n  disclosure: {keys: []}", "1 to 8 trailer keys"),
        ("attribution:\n  disclosure: {keys: ['a b']}", "letters, digits and hyphens"),
        ("attribution:\n  disclosure: {keys: [Ai], value: '(a+)+'}", "has a choice in it"),
        ("attribution:\n  disclosure: forbidden\n  approved: [codex]", "contradict"),
    ],
)
def test_settings_that_are_refused(text: str, complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        decode_settings(text.encode(), ".agentreach.yml")


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("{approved: [claude]}", "claude-code"),
        ("{approved: [dependabot]}", "claude-code"),
        ("{disclosure: linux}", "kernel"),
    ],
)
def test_a_name_that_does_not_exist(text: str, hint: str) -> None:
    with pytest.raises(ConfigError) as raised:
        load_policy(decode(text), AGENTS, ATTRIBUTOR)
    assert raised.value.hint is not None and hint in raised.value.hint


def test_no_policy_costs_nothing() -> None:
    assert load_policy(None, AGENTS, ATTRIBUTOR) is None


def test_a_house_rule(repo: Repo) -> None:
    settings = decode("{disclosure: {keys: [AI-used-for], value: '(code|tests)(,(code|tests))?'}}")
    repo.commit(message(CO_AUTHOR, "AI-used-for: code,tests"), {"a": "1"})
    assert rules(repo, settings) == []
    repo.commit(message(CO_AUTHOR, "AI-Used-For: everything"), {"a": "2"})
    found = only(judge(repo, settings)[0])
    assert found.rule == "agent-disclosure-form"
    assert "AI-used-for" in found.evidence[-1].text


def test_a_house_rule_under_a_trailer_that_people_are_thanked_by(repo: Repo) -> None:
    settings = decode("{disclosure: {keys: [Assisted-by], value: 'AI'}}")
    repo.commit(message(CO_AUTHOR, "Assisted-by: Ada Lovelace <ada@example.org>"), {"a": "1"})
    assert rules(repo, settings) == ["agent-undisclosed"]


@pytest.mark.parametrize(
    "pattern",
    [r"[\w.-]+:[\w.-]+(?: .*)?", "[^<>@]+", "(?i)yes|no", r"\d{4}-\d{2}", "(a|b)?c*", "(?:abc){3}"],
)
def test_a_cheap_expression(pattern: str) -> None:
    refuse_costly(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        *("", "a" * 201, "(a", "(a+)+", "(a|a)*b", "(a?){30}", "a?" * 40, "(ab|a)" * 30),
        *("a*a*a*a*b", r"(a)\1", "(?=a)a", "(?<!a)b", "(?>a+)", "a{5000}", "(" * 150),
    ],
)
def test_an_expression_that_may_be_slow(pattern: str) -> None:
    with pytest.raises(ConfigError):
        refuse_costly(pattern)


# --------------------------------------------------------------------------------- rules


def test_every_kind_has_one_rule_under_a_name_of_its_own() -> None:
    file = load_policy_file()
    assert set(file.rules) == set(PolicyKind)
    others = {rule.id for rule in load_secret_rules()} | set(SCOPE_RULES) | set(load_flow_rules())
    others |= {rule.id for one in load_boundary_files() for rule in one.rules}
    assert not others & {kind.value for kind in PolicyKind}
    for rule in file.findings:
        assert rule.category == 3  # a scan never opens category 5
        assert rule.remediation and rule.why


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("- id: llvm", "- id: fedora", "fedora is there twice"),
        ("kind: agent-undisclosed", "kind: agent-signed-off", "agent-signed-off is there twice"),
        ("kind: agent-undisclosed", "kind: agent-hidden", "agent-hidden"),
        ("values: ['[^<>@]+']", "values: ['[^<>@+']", "unterminated"),
        ("schema: 1", "schema: 1\nsince: x", "since"),
    ],
)
def test_rule_data_that_is_refused(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    text = (root() / FILE).read_text()
    assert old in text
    (tmp_path / FILE).write_text(text.replace(old, new, 1))
    with pytest.raises(RuleError, match=re.escape(complaint)):
        load_policy_file(tmp_path)


def test_a_kind_that_is_missing(tmp_path: Path) -> None:
    text = (root() / FILE).read_text()
    (tmp_path / FILE).write_text(text[: text.index("  - kind: agent-signed-off")])
    with pytest.raises(RuleError, match="nothing about agent-signed-off"):
        load_policy_file(tmp_path)


def test_a_policy_asks_nothing_of_a_commit_without_a_mark(repo: Repo) -> None:
    repo.commit("by hand", {"a": "1"})
    policy = Policy(PolicySettings(approved=()), load_policy_file(), AGENTS, ATTRIBUTOR)
    with open_repository(repo.path) as opened:
        for change in opened.changes():
            assert isinstance(change, Change)
            assert list(policy.breaches(change, ATTRIBUTOR.attribute(change))) == []


def only(items: Sequence[T]) -> T:
    assert len(items) == 1, items
    return items[0]


def texts(value: object) -> Iterator[str]:
    """Every text of a value but commits' subjects."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            if name != "subject":
                yield from texts(getattr(value, name))
    elif isinstance(value, tuple | list):
        for item in value:
            yield from texts(item)
