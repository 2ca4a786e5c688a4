"""The exact text people read, at two widths."""
# ruff: noqa: E501 - snapshots are as wide as the terminal they stand for

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inline_snapshot import snapshot
from msgspec.structs import replace
from rich.cells import cell_len

from scanner.model import (
    Attribution,
    Basis,
    Channel,
    Confidence,
    Coverage,
    Event,
    Evidence,
    Finding,
    Incident,
    Location,
    Problem,
    Reach,
    Report,
    Severity,
    Tracking,
    Verdict,
    Where,
)
from scanner.sinks import write
from tests import reports


def text(
    report: Report, width: int = 80, exit_code: int | None = None, *, verbose: bool = False
) -> str:
    stream = BytesIO()
    write(report, "text", stream, width=width, exit_code=exit_code, verbose=verbose)
    return stream.getvalue().decode()


def lines_of(finding: Finding, label: str, width: int = 120, *, verbose: bool = False) -> list[str]:
    """What stands behind a label and on the rows below it."""
    report = replace(reports.clean_report(), findings=(finding,))
    found: list[str] = []
    for line in text(report, width, verbose=verbose).split("\n"):
        if line.startswith(f"  {label}") or (found and line.startswith(" " * 10)):
            found.append(line[10:])
        elif found:
            break
    return found


def test_full_report_at_80_columns() -> None:
    assert text(reports.full_report(), exit_code=1) == snapshot("""\
payments-api · main 4f2a9c1d20 · partial clone · 1,204 commits, 8,811 blobs, 312
  files (34 MB) · agents in use: Claude Code (41 commits), Cursor, weak signs of
  1 more

CRITICAL  AWS access key, complete with its secret  AKIA············7Q
          category 4 credential exposure · high confidence · aws-access-key ·
            AR-5c1e
  at      .env:3:19  ignored by git, on disk, never committed
  reach   Claude Code, Codex
                  no prompt  file tools, shell  no rule covers it
          Cursor  no prompt  shell              .cursorignore:2 blocks only file
                    tools
  why     key id and secret stand together (line 4); the pattern is this
            provider's own
  do      Rotate it: in the IAM console create a new key, deploy it, then delete
          this one.  all steps: agentreach rules show aws-access-key

HIGH      Stripe secret key in history  sk_live_············
          category 4 credential exposure · medium confidence · stripe-secret-key
  at      services/billing/src/main/resources/config/environments/production/app.properties:12:8
            history only, commit 9b1e77c0aa
          conf/app.ini:4:3  in a stash (refs/stash)
          and 8 more places: 7 history only, 1 message
  reach   unknown: not assessed
  since   at or before 9b1e77c0aa 2026-03-02 Jane Doe "add billing" · Claude
            Code, co-author (trailer), model opus
  removed 4f2a9c1d20 2026-03-03 Jane Doe "drop the old config", but history
            still holds it
  why     no placeholder, entropy 4.9 bits a character
  do      Revoke it: it stays in history.

COMMIT    4f2a9c1d20
  by      Claude Code, co-author (trailer) · category 3 · AR-91b0
  task    PAY-142 allows src/payments/** (.agentreach/tasks/PAY-142.yml:3)
HIGH      CI permissions widened, outside the declared task
            ci-permissions-widened
  at      .github/workflows/deploy.yml:8  contents: read became write-all
  unknown whether a review allowed it: not in git, ask the host
  do      git show --stat 4f2a9c1d20

MEDIUM    Customer rows flow into a model call
          category 1 data exfiltration · medium confidence ·
            personal-data-to-model
  at      src/assist.py:40:5  tracked, on disk
  flow    src/assist.py:30  step 0: rows are passed on
          src/assist.py:32  step 2: rows are passed on, after 1 more step
  do      Drop the columns the model does not need.

RECORDS   candidates, to be judged by a person, in .agentreach/records/
          AR-5c1e.yml  critical   1 finding  AWS access key within reach of
            three agents
          AR-91b0      high      2 findings  CI permissions widened

NOT READ  what is in these is unknown:
          git: missing from this partial clone:
            abababababababababababababababababababab
            cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd
          → git fetch --refetch
          dataflow: not valid Python 3: line 12: src/legacy.py

COVERAGE  37 of 41 agent commits declare no task: scope not checked
          1 finding hidden by inline ignores
          10 findings hidden by the baseline
          Submodules are listed, not entered.

4 findings: 1 critical, 2 high, 1 medium · 2 candidate records · 3 problems: not
  all was scanned · 1.8 s · exit 1: findings at or above --fail-on
""")


def test_full_report_at_160_columns() -> None:
    assert text(reports.full_report(), 160, exit_code=1) == snapshot("""\
payments-api · main 4f2a9c1d20 · partial clone · 1,204 commits, 8,811 blobs, 312 files (34 MB) · agents in use: Claude Code (41 commits), Cursor, weak signs of
  1 more

CRITICAL  AWS access key, complete with its secret  AKIA············7Q
          category 4 credential exposure · high confidence · aws-access-key · AR-5c1e
  at      .env:3:19  ignored by git, on disk, never committed
  reach   Claude Code, Codex  no prompt  file tools, shell  no rule covers it
          Cursor              no prompt  shell              .cursorignore:2 blocks only file tools
  why     key id and secret stand together (line 4); the pattern is this provider's own
  do      Rotate it: in the IAM console create a new key, deploy it, then delete this one.  all steps: agentreach rules show aws-access-key

HIGH      Stripe secret key in history  sk_live_············
          category 4 credential exposure · medium confidence · stripe-secret-key
  at      services/billing/src/main/resources/config/environments/production/app.properties:12:8  history only, commit 9b1e77c0aa
          conf/app.ini:4:3  in a stash (refs/stash)
          and 8 more places: 7 history only, 1 message
  reach   unknown: not assessed
  since   at or before 9b1e77c0aa 2026-03-02 Jane Doe "add billing" · Claude Code, co-author (trailer), model opus
  removed 4f2a9c1d20 2026-03-03 Jane Doe "drop the old config", but history still holds it
  why     no placeholder, entropy 4.9 bits a character
  do      Revoke it: it stays in history.

COMMIT    4f2a9c1d20
  by      Claude Code, co-author (trailer) · category 3 · AR-91b0
  task    PAY-142 allows src/payments/** (.agentreach/tasks/PAY-142.yml:3)
HIGH      CI permissions widened, outside the declared task  ci-permissions-widened
  at      .github/workflows/deploy.yml:8  contents: read became write-all
  unknown whether a review allowed it: not in git, ask the host
  do      git show --stat 4f2a9c1d20

MEDIUM    Customer rows flow into a model call
          category 1 data exfiltration · medium confidence · personal-data-to-model
  at      src/assist.py:40:5  tracked, on disk
  flow    src/assist.py:30  step 0: rows are passed on
          src/assist.py:32  step 2: rows are passed on, after 1 more step
  do      Drop the columns the model does not need.

RECORDS   candidates, to be judged by a person, in .agentreach/records/
          AR-5c1e.yml  critical   1 finding  AWS access key within reach of three agents
          AR-91b0      high      2 findings  CI permissions widened

NOT READ  what is in these is unknown:
          git: missing from this partial clone: abababababababababababababababababababab cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd
          → git fetch --refetch
          dataflow: not valid Python 3: line 12: src/legacy.py

COVERAGE  37 of 41 agent commits declare no task: scope not checked
          1 finding hidden by inline ignores
          10 findings hidden by the baseline
          Submodules are listed, not entered.

4 findings: 1 critical, 2 high, 1 medium · 2 candidate records · 3 problems: not all was scanned · 1.8 s · exit 1: findings at or above --fail-on
""")


def test_clean_report_says_what_was_looked_at() -> None:
    assert text(reports.clean_report(), exit_code=0) == snapshot("""\
payments-api · main 4f2a9c1d20 · 12 commits, 40 blobs, 9 files (5 kB) · agents
  in use: Claude Code (41 commits), Cursor, weak signs of 1 more

Nothing found in 12 commits, 40 blobs, 9 files (5 kB).
0 findings · 1.8 s · exit 0: clean and complete
""")


def test_nothing_found_is_not_clean_when_something_was_not_read() -> None:
    report = replace(reports.clean_report(), problems=(Problem("git", "abcdef12", "is corrupt"),))
    assert text(report, exit_code=3) == snapshot("""\
payments-api · main 4f2a9c1d20 · 12 commits, 40 blobs, 9 files (5 kB) · agents
  in use: Claude Code (41 commits), Cursor, weak signs of 1 more

NOT READ  what is in these is unknown:
          git: is corrupt: abcdef12

Nothing found in what could be read of 12 commits, 40 blobs, 9 files (5 kB). Not
  everything could: this is no clean result.
0 findings · 1 problem: not all was scanned · 1.8 s · exit 3: incomplete,
  something was not scanned
""")


def test_nothing_looked_at_is_not_clean_either() -> None:
    report = replace(reports.clean_report(), coverage=Coverage(), agents=())
    assert text(report) == snapshot("""\
payments-api · main 4f2a9c1d20 · nothing was looked at · no agent in use

Nothing found, but nothing was looked at either.
0 findings · 1.8 s
""")


def test_a_plain_directory_says_what_it_lacks() -> None:
    report = reports.clean_report()
    repository = replace(report.repository, is_git=False, head=None, branch=None)
    first = text(replace(report, repository=repository), 200).split("\n")[0]
    assert "payments-api · not a git repository: no history, no authorship · 12 commits" in first


def test_beyond_fifty_the_rest_is_counted_by_rule() -> None:
    shown = text(reports.many(120), 80)
    assert shown.count("\n  at      ") == 50
    assert shown[shown.index("\nAND ") :] == snapshot("""\

AND       70 more findings, no more severe than those above, by rule:
          1  medium    rule-0  in 1 path
          1  medium    rule-1  in 1 path
          1  medium    rule-10  in 1 path
          1  medium    rule-11  in 1 path
          1  medium    rule-12  in 1 path
          1  medium    rule-13  in 1 path
          1  medium    rule-14  in 1 path
          1  medium    rule-2  in 1 path
          1  medium    rule-20  in 1 path
          1  medium    rule-21  in 1 path
          1  medium    rule-22  in 1 path
          1  medium    rule-23  in 1 path
          1  medium    rule-24  in 1 path
          1  medium    rule-25  in 1 path
          1  medium    rule-26  in 1 path
          1  medium    rule-27  in 1 path
          1  medium    rule-28  in 1 path
          1  medium    rule-29  in 1 path
          1  medium    rule-3  in 1 path
          1  medium    rule-4  in 1 path
          and 50 in 50 more rows
          to see all of them: --format json or --format jsonl

NOT READ  what is in these is unknown:
          git: missing from this partial clone:
            abababababababababababababababababababab
            cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd
          → git fetch --refetch
          dataflow: not valid Python 3: line 12: src/legacy.py

COVERAGE  37 of 41 agent commits declare no task: scope not checked
          1 finding hidden by inline ignores
          10 findings hidden by the baseline
          Submodules are listed, not entered.

120 findings: 25 critical, 25 high, 25 medium, 25 low, 20 info · 3 problems: not
  all was scanned · 1.8 s
""")


def test_records_of_findings_that_are_folded_are_named() -> None:
    report = reports.many(60)
    incident = Incident(
        "AR-77", report.findings[0].category, "A leak", Severity.LOW, "secret:1", ("f",)
    )
    shown = text(replace(report, incidents=(incident,)))
    assert "\nRECORDS   AR-77  low  1 finding  A leak\n" in shown


@pytest.mark.parametrize("width", [40, 60, 80, 100, 160])
def test_only_a_word_that_cannot_be_broken_runs_over_the_edge(width: int) -> None:
    for line in text(reports.full_report(), width).split("\n"):
        assert line == line.rstrip()
        if cell_len(line) > width:
            assert " " not in line[10:].strip(), line


def test_every_path_copies_whole_at_any_width() -> None:
    report = reports.full_report()
    for width in (1, 40, 80):
        shown = text(report, width)
        for finding in report.findings:
            location = finding.locations[0]
            assert f"{location.path}:{location.line}" in shown


def test_a_path_with_spaces_is_not_broken() -> None:
    finding = replace(
        reports.ignored_key(),
        locations=(
            Location(
                Where.WORKTREE, " ".join(["folder"] * 14) + "/.env", 1, tracking=Tracking.UNTRACKED
            ),
        ),
    )
    assert lines_of(finding, "at", 80) == [
        " ".join(["folder"] * 14) + "/.env:1",
        "  untracked, on disk, never committed",
    ]


def test_wide_characters_count_as_two_columns() -> None:
    finding = replace(reports.ignored_key(), title=" ".join(["漢字漢字"] * 12))
    shown = text(replace(reports.clean_report(), findings=(finding,)), 80)
    head = [line for line in shown.split("\n") if "漢" in line]
    assert len(head) == 2
    assert all(cell_len(line) <= 80 for line in head)


# ------------------------------------------------------------------------------ groups


def overstep(number: int, **changes: object) -> Finding:
    """One of several things that one commit did."""
    finding = replace(reports.widened_permissions(), fingerprint=f"{number:032x}")
    return replace(finding, **changes)


def test_what_one_commit_did_stands_under_one_heading() -> None:
    event = Event(reports.HEAD, "p", reports.JANE, reports.MARCH, reports.MARCH, "fix rounding")
    terms = Evidence("task PAY-142 allows src/**", Basis.CONFIG, ".agentreach/tasks/PAY-142.yml:4")
    left = Location(Where.COMMIT, "ci.yml", 3, commit=reports.HEAD, in_head=False)
    findings = (
        overstep(1, introduced=event, evidence=(terms, Evidence("ci.yml: read → write"))),
        reports.ignored_key(),
        overstep(
            2,
            introduced=event,
            severity=Severity.LOW,
            confidence=Confidence.LOW,
            title="A test is skipped",
            rule="test-skipped",
            evidence=(terms, Evidence("modified ci.yml: outside. Long words.", source="ci.yml:3")),
            locations=(left, left),
        ),
        overstep(3, incident="AR-other", task=None, evidence=()),
    )
    shown = text(replace(reports.clean_report(), findings=findings), 100)
    start, end = shown.index("COMMIT"), shown.index("\n4 findings")
    assert shown[start:end] == snapshot("""\
COMMIT    4f2a9c1d20 2026-03-02 Jane Doe "fix rounding"
  by      Claude Code, co-author (trailer) · category 3 · AR-91b0
  task    PAY-142 allows src/** (.agentreach/tasks/PAY-142.yml:4)
HIGH      CI permissions widened, outside the declared task  ci-permissions-widened
  at      .github/workflows/deploy.yml:8  ci.yml: read → write
  do      git show --stat 4f2a9c1d20
LOW       A test is skipped  test-skipped · low confidence
  at      ci.yml:3 and 1 more place, changed since  modified: outside
  do      git show --stat 4f2a9c1d20

CRITICAL  AWS access key, complete with its secret  AKIA············7Q
          category 4 credential exposure · high confidence · aws-access-key · AR-5c1e
  at      .env:3:19  ignored by git, on disk, never committed
  reach   Claude Code, Codex  no prompt  file tools, shell  no rule covers it
          Cursor              no prompt  shell              .cursorignore:2 blocks only file tools
  why     key id and secret stand together (line 4); the pattern is this provider's own
  do      Rotate it: in the IAM console create a new key, deploy it, then delete this one.
          all steps: agentreach rules show aws-access-key

COMMIT    4f2a9c1d20
  by      Claude Code, co-author (trailer) · category 3 · AR-other
HIGH      CI permissions widened, outside the declared task  ci-permissions-widened
  at      .github/workflows/deploy.yml:8
  do      git show --stat 4f2a9c1d20
""")


def test_staged_acts_are_one_group() -> None:
    staged = (Location(Where.INDEX, "ci.yml", 3),)
    findings = tuple(overstep(n, locations=staged, attribution=None) for n in range(2))
    shown = text(replace(reports.clean_report(), findings=findings))
    assert shown.count("STAGED    what is staged\n") == 1
    assert shown.count("\nHIGH      ") == 2


def test_every_finding_has_one_line_that_begins_with_its_severity() -> None:
    shown = text(reports.full_report(), 100)
    heads = [line.split()[0] for line in shown.split("\n") if line[:1].isupper()]
    assert [head for head in heads if head.lower() in set(Severity)] == [
        "CRITICAL", "HIGH", "HIGH", "MEDIUM"
    ]  # fmt: skip


def test_info_is_two_lines() -> None:
    finding = replace(reports.ignored_key(), severity=Severity.INFO)
    report = replace(reports.clean_report(), findings=(finding,))
    assert text(report, 100).split("\n")[3:6] == [
        "INFO      AWS access key, complete with its secret  AKIA············7Q  aws-access-key",
        "  at      .env:3:19  ignored by git, on disk, never committed",
        "",
    ]
    assert "  reach   Claude Code" in text(report, 100, verbose=True)


@settings(max_examples=40, deadline=None)
@given(hostile=st.text(st.one_of(st.characters(), st.sampled_from("\x1b\u202e\n:#[ ;.…"))))
def test_verbose_is_as_harmless_as_brief(hostile: str) -> None:
    shown = text(reports.hostile(hostile), verbose=True)
    for line in shown.split("\n"):
        assert line.isprintable(), ascii(line)
        assert "##[" not in line
        assert not line.lstrip().startswith("::")


def test_verbose_leaves_nothing_out_that_brief_has() -> None:
    report = reports.full_report()
    verbose = text(report, 200, verbose=True)
    for finding in report.findings:
        for item in finding.evidence:
            assert item.text in verbose
        for step in finding.remediation:
            assert step in verbose
        for location in finding.locations:
            assert location.path in verbose


def test_a_secret_takes_eight_lines_at_100_columns() -> None:
    report = replace(reports.clean_report(), findings=(reports.ignored_key(),))
    block = text(report, 100).split("\n\n")[1]
    assert len(block.split("\n")) <= 8


def test_written_records_are_a_table() -> None:
    report = reports.full_report()
    incidents = tuple(
        replace(incident, record=f"incidents/{incident.id}.yml") for incident in report.incidents
    )
    shown = text(replace(report, incidents=incidents), 100)
    start = shown.index("RECORDS")
    assert shown[start : shown.index("\n\n", start)] == snapshot("""\
RECORDS   candidates, to be judged by a person, in incidents/
          AR-5c1e.yml  critical   1 finding  AWS access key within reach of three agents
          AR-91b0.yml  high      2 findings  CI permissions widened\
""")


# ------------------------------------------------------------------------------ since and by


def test_no_mark_is_no_evidence_and_never_human() -> None:
    finding = replace(reports.history_key(), attribution=Attribution())
    since = " ".join(lines_of(finding, "since"))
    assert since.endswith("· no agent mark")
    assert "human" not in text(replace(reports.full_report(), findings=(finding,)))


@pytest.mark.parametrize(
    ("where", "tracking", "expected"),
    [
        (Where.WORKTREE, Tracking.IGNORED, "ignored by git, on disk, never committed"),
        (Where.WORKTREE, Tracking.UNTRACKED, "untracked, on disk, never committed"),
        (Where.WORKTREE, Tracking.TRACKED, "tracked, on disk, not committed in this state"),
        (Where.INDEX, None, "staged, not committed yet"),
        (Where.COMMIT, None, "committed, commit aaaaaaaaaa, since when is unknown"),
        (Where.STASH, None, "in a stash, since when is unknown"),
    ],
)
def test_since_when_without_a_known_commit(
    where: Where, tracking: Tracking | None, expected: str
) -> None:
    commit = "a" * 40 if where is Where.COMMIT else None
    location = Location(where, ".env", 1, tracking=tracking, commit=commit)
    finding = replace(reports.ignored_key(), locations=(location,))
    assert lines_of(finding, "at") == [f".env:1  {expected}"]
    assert lines_of(finding, "since") == []


def test_an_impossible_date_is_said_not_crashed_on() -> None:
    finding = reports.history_key()
    assert finding.introduced is not None
    finding = replace(finding, introduced=replace(finding.introduced, time=10**30))
    assert "impossible date" in lines_of(finding, "since")[0]


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        (Location(Where.INDEX, "a", 1), "a:1  staged"),
        (Location(Where.COMMIT, "a", 1, 2, "c" * 40, in_head=True), "a:1:2  in HEAD"),
        (Location(Where.COMMIT, "a", commit="c" * 40), "a  committed, commit cccccccccc"),
        (
            Location(Where.MESSAGE, "", 3, 1, "c" * 40),
            "message of cccccccccc  commit message, line 3",
        ),
        (Location(Where.TAG, "refs/tags/v1"), "refs/tags/v1  message of a tag"),
        (Location(Where.UNREACHABLE, "a", commit="c" * 40), "a  unreachable object (cccccccccc)"),
        (Location(Where.REFLOG, "a"), "a  only in the reflog"),
        (Location(Where.GIT_FILE, ".git/config", 4), ".git/config:4  inside the git directory"),
        (Location(Where.STDIN, ""), "stdin  standard input"),
        (Location(Where.WORKTREE, "a", 1), "a:1  on disk"),
    ],
)
def test_every_kind_of_place_is_described(location: Location, expected: str) -> None:
    finding = replace(reports.rows_to_a_model(), locations=(location,))
    assert lines_of(finding, "at") == [expected]


# ------------------------------------------------------------------------------ reach, evidence, do


def test_reach_is_unknown_when_not_assessed() -> None:
    finding = replace(reports.ignored_key(), reach=())
    assert lines_of(finding, "reach") == ["unknown: not assessed"]


def test_reach_is_one_line_an_agent() -> None:
    assert lines_of(reports.ignored_key(), "reach") == snapshot(
        [
            "Claude Code, Codex  no prompt  file tools, shell  no rule covers it",
            "Cursor              no prompt  shell              .cursorignore:2 blocks only file tools",
        ]
    )


def test_channels_that_do_not_exist_are_not_shown() -> None:
    for verbose in (False, True):
        shown = "\n".join(lines_of(reports.ignored_key(), "reach", verbose=verbose))
        assert "not loaded" not in shown
        assert "prompt  prompt" not in shown


def test_verbose_reach_has_every_channel_and_its_basis() -> None:
    assert lines_of(reports.ignored_key(), "reach", verbose=True) == snapshot(
        [
            "Claude Code, Codex  no prompt via file tools, shell: no rule covers .env",
            "Cursor              no prompt via shell: the terminal ignores .cursorignore",
            "                    unknown via index: depends on an account setting",
            "                    blocked via file tools: pattern .env* (.cursorignore:2)",
        ]
    )


def test_many_agents_with_one_answer_fold() -> None:
    view = reports.ignored_key().reach[1]
    finding = replace(
        reports.ignored_key(), reach=tuple(replace(view, agent=f"agent-{n}") for n in range(9))
    )
    names = ", ".join(f"agent-{n}" for n in range(9))
    assert lines_of(finding, "reach") == [names, "  no prompt  file tools  no rule covers it"]


DOCUMENTED = "https://docs.example.com/permissions"


@pytest.mark.parametrize(
    ("views", "expected"),
    [
        (
            [
                (Channel.SHELL, Verdict.NO_PROMPT, "a rule at s.json:3 stops cat", DOCUMENTED),
                (Channel.FILE_TOOLS, Verdict.BLOCKED, "Read(.env) denies it", "s.json:3"),
            ],
            "no prompt  shell  s.json:3 blocks only file tools",
        ),
        (
            [(Channel.FILE_TOOLS, Verdict.NO_PROMPT, "default; x at s.json:3 is dead", DOCUMENTED)],
            "no prompt  file tools  x at s.json:3 is dead",
        ),
        (
            [
                (Channel.INDEX, Verdict.AUTO, "the code is embedded", DOCUMENTED),
                (Channel.SHELL, Verdict.NO_PROMPT, "the default", DOCUMENTED),
                (Channel.GIT_OBJECTS, Verdict.NO_PROMPT, "the default", DOCUMENTED),
            ],
            "automatic  index  no rule covers it; the rest unasked",
        ),
        (
            [
                (Channel.PROMPT, Verdict.AUTO, "it is loaded at the start; more", DOCUMENTED),
                (Channel.SHELL, Verdict.PROMPT, "Bash asks", "s.json:4"),
            ],
            "automatic  prompt  it is loaded at the start",
        ),
        (
            [(Channel.PROMPT, Verdict.AUTO, "CLAUDE.md:3 imports it, and more", "CLAUDE.md:3")],
            "automatic  prompt  CLAUDE.md:3 imports it, and more",
        ),
        (
            [
                (Channel.FILE_TOOLS, Verdict.NO_PROMPT, "no rule", DOCUMENTED),
                (Channel.SHELL, Verdict.PROMPT, "Bash asks", "s.json:4"),
            ],
            "no prompt  file tools  s.json:4 asks only before shell",
        ),
        (
            [
                (Channel.GIT_OBJECTS, Verdict.NO_PROMPT, "no rule", DOCUMENTED),
                (Channel.SHELL, Verdict.UNKNOWN, "in the sandbox", ".ignore:1"),
                (Channel.INDEX, Verdict.BLOCKED, "ignored", ".ignore:1"),
            ],
            "no prompt  git  .ignore:1 blocks index",
        ),
        (
            [
                (Channel.SHELL, Verdict.UNKNOWN, "a user setting", ".ignore:1"),
                (Channel.INDEX, Verdict.BLOCKED, "ignored", ".ignore:1"),
            ],
            "unknown  shell  .ignore:1 blocks index",
        ),
        (
            [(Channel.SHELL, Verdict.BLOCKED, "the sandbox denies it", "s.json:9")],
            "blocked  shell  by s.json:9",
        ),
        (
            [(Channel.SHELL, Verdict.NO_PROMPT, "key approves every tool; more", "s.json:9")],
            "no prompt  shell  key approves every tool (s.json:9)",
        ),
        (
            [
                (Channel.FILE_TOOLS, Verdict.UNKNOWN, "what it may read is not modelled", None),
                (Channel.SHELL, Verdict.UNKNOWN, "what it may read is not modelled", None),
            ],
            "unknown  file tools, shell  what it may read is not modelled",
        ),
    ],
)
def test_the_line_names_what_decides(
    views: list[tuple[Channel, Verdict, str, str | None]], expected: str
) -> None:
    reach = tuple(
        Reach(
            "cursor",
            channel,
            verdict,
            basis,
            source,
            Basis.DOCUMENTED if source in (None, DOCUMENTED) else Basis.CONFIG,
        )
        for channel, verdict, basis, source in views
    )
    shown = lines_of(replace(reports.ignored_key(), reach=reach), "reach")
    assert shown == [f"Cursor  {expected}"]


def test_with_no_agent_in_use_reach_is_one_line() -> None:
    report = replace(reports.clean_report(), findings=(reports.ignored_key(),), agents=())
    shown = text(report, 120)
    assert "· no agent in use\n" in shown
    assert "  reach   if an agent is run here: no prompt: claude-code, codex, cursor\n" in shown


def test_unknown_reach_stands_before_blocked() -> None:
    cursor = tuple(v for v in reports.ignored_key().reach if v.agent == "cursor")[::2]
    assert len(cursor) == 2
    finding = replace(reports.ignored_key(), reach=cursor)
    assert lines_of(finding, "reach") == [
        "Cursor  unknown  index  .cursorignore:2 blocks file tools"
    ]
    shown = lines_of(finding, "reach", verbose=True)
    assert shown[0].startswith("Cursor  unknown via index")
    assert "blocked via file tools: pattern .env* (.cursorignore:2)" in shown[1]


def test_a_long_flow_keeps_its_ends() -> None:
    assert lines_of(reports.rows_to_a_model(20), "flow") == snapshot(
        [
            "src/assist.py:30  step 0: rows are passed on",
            "src/assist.py:49  step 19: rows are passed on, after 18 more steps",
        ]
    )


def test_long_evidence_is_counted() -> None:
    evidence = tuple(Evidence(f"fact {n}") for n in range(11))
    finding = replace(reports.ignored_key(), evidence=evidence)
    assert lines_of(finding, "why") == ["fact 0; fact 1; fact 2; and 8 more"]
    assert lines_of(finding, "why", verbose=True) == [f"fact {n}" for n in range(11)]


def test_evidence_says_only_what_the_place_does_not() -> None:
    evidence = (
        Evidence("checksum valid"),
        Evidence("belongs to account 1 (seen)", source=".env:3"),
        Evidence("the other half", source=".env:4"),
        Evidence("named in CI", source="ci.yml:9"),
    )
    finding = replace(reports.ignored_key(), evidence=evidence[:3])
    assert lines_of(finding, "why") == [
        "checksum valid; belongs to account 1 (seen); the other half (line 4)"
    ]
    assert lines_of(replace(finding, evidence=evidence[3:]), "why") == ["named in CI (ci.yml:9)"]


def test_reasons_of_the_severity_are_for_verbose() -> None:
    reason = Evidence("it is on disk", Basis.DERIVED, "rules/severity.yaml")
    finding = replace(reports.ignored_key(), evidence=(reason,))
    assert lines_of(finding, "why") == []
    assert lines_of(finding, "why", verbose=True) == [
        "it is on disk (rules/severity.yaml) [derived]"
    ]


def test_reasons_of_the_severity_do_not_hide_a_flow() -> None:
    finding = reports.rows_to_a_model()
    reason = Evidence("it flows", Basis.DERIVED, "rules/severity.yaml")
    finding = replace(finding, evidence=(*finding.evidence, reason))
    assert lines_of(finding, "flow")[-1].startswith("src/assist.py:32")


def test_what_cannot_be_known_has_its_own_label() -> None:
    evidence = (Evidence("seen", Basis.OBSERVED), Evidence("a review: ask", Basis.UNKNOWN))
    finding = replace(reports.ignored_key(), evidence=evidence)
    assert lines_of(finding, "why") == ["seen"]
    assert lines_of(finding, "unknown") == ["a review: ask"]


def test_the_next_action_takes_two_lines_at_most() -> None:
    step = "Deactivate the key in the console, then delete it; look for events. " * 6
    finding = replace(reports.ignored_key(), remediation=(step, "b"))
    for width in (60, 80, 100, 160):
        shown = lines_of(finding, "do", width)
        assert len(shown) == 2
        assert shown[0].startswith("Deactivate the key")
        assert shown[1].endswith("all steps: agentreach rules show aws-access-key")


def test_a_step_is_cut_where_a_sentence_ends() -> None:
    step = "Delete it under Settings. " + "Then read what it did in the log of the account " * 4
    finding = replace(reports.ignored_key(), remediation=(step,))
    assert lines_of(finding, "do", 80) == [
        "Delete it under Settings.",
        "all steps: agentreach rules show aws-access-key",
    ]


def test_a_step_that_is_whole_needs_no_pointer() -> None:
    assert lines_of(replace(reports.ignored_key(), remediation=("Revoke it.",)), "do") == [
        "Revoke it."
    ]


def test_verbose_has_all_steps() -> None:
    finding = replace(reports.ignored_key(), remediation=("a", "b", "c", "d"))
    assert lines_of(finding, "do", verbose=True) == ["1. a", "2. b", "3. c", "4. d"]


def test_an_agent_that_is_not_in_use_is_shown_by_its_id() -> None:
    view = reports.ignored_key().reach[1]
    finding = replace(reports.ignored_key(), reach=(Reach("zed", view.channel, view.verdict, ""),))
    assert lines_of(finding, "reach") == ["zed  no prompt  file tools  no rule covers it"]
