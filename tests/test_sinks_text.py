"""The exact text people read, at two widths."""
# ruff: noqa: E501 - snapshots are as wide as the terminal they stand for

from io import BytesIO

import pytest
from inline_snapshot import snapshot
from msgspec.structs import replace
from rich.cells import cell_len

from scanner.model import (
    Attribution,
    Basis,
    Coverage,
    Evidence,
    Finding,
    Incident,
    Location,
    Problem,
    Reach,
    Report,
    Severity,
    Tracking,
    Where,
)
from scanner.sinks import write
from tests import reports


def text(report: Report, width: int = 80, exit_code: int | None = None) -> str:
    stream = BytesIO()
    write(report, "text", stream, width=width, exit_code=exit_code)
    return stream.getvalue().decode()


def lines_of(finding: Finding, label: str, width: int = 120) -> list[str]:
    """What stands behind a label and on the rows below it."""
    report = replace(reports.clean_report(), findings=(finding,))
    found: list[str] = []
    for line in text(report, width).split("\n"):
        if line.startswith(f"  {label}") or (found and line.startswith(" " * 10)):
            found.append(line[10:])
        elif found:
            break
    return found


def test_full_report_at_80_columns() -> None:
    assert text(reports.full_report(), exit_code=1) == snapshot("""\
payments-api · main 4f2a9c1d20 · partial clone · 1,204 commits, 8,811 blobs, 312
  files (34 MB) · agents in use: Claude Code (41 commits), Cursor, Codex (weak
  signs)

CRITICAL  AWS access key, complete with its secret  AKIA············7Q
          category 4 credential exposure · high confidence · aws-access-key
  at      .env:3:19  ignored by git, on disk
  reach   Claude Code, Codex  no prompt via file tools, shell: no rule covers
                              .env
          Cursor              no prompt via shell: the terminal ignores
                              .cursorignore
                              unknown via index: depends on an account setting
                              blocked via file tools: pattern .env*
                              (.cursorignore:2)
  since   never committed
  why     key id and secret stand together (.env:4)
          the pattern is this provider's own [documented]
  do      1. Rotate it: in the IAM console create a new key, deploy it, then
             delete this one.
          2. Keep agents out of .env: agentreach reach --fix
  record  AR-5c1e candidate · .agentreach/records/AR-5c1e.yml

HIGH      Stripe secret key in history  sk_live_············
          category 4 credential exposure · medium confidence · stripe-secret-key
  at      services/billing/src/main/resources/config/environments/production/app.properties:12:8
            history only, commit 9b1e77c0aa
  also in conf/app.ini:4:3  in a stash (refs/stash)
          message of 9b1e77c0aa  commit message, line 7
          conf/1.ini:1:1  history only, commit 9b1e77c0aa
          conf/2.ini:2:1  history only, commit 9b1e77c0aa
          and 5 more places: 5 history only
  reach   unknown: not assessed
  since   at or before 9b1e77c0aa 2026-03-02 Jane Doe "add billing" · Claude
            Code, co-author (trailer), model opus
  removed 4f2a9c1d20 2026-03-03 Jane Doe "drop the old config", but history
            still holds it
  why     no placeholder, entropy 4.9 bits a character
  do      Revoke it: it stays in history.

HIGH      CI permissions widened, outside the declared task
          category 3 agent overreach · high confidence · ci-permissions-widened
  at      .github/workflows/deploy.yml:8  in HEAD
  by      4f2a9c1d20 · Claude Code, co-author (trailer) · task PAY-142
  why     contents: read became write-all (.github/workflows/deploy.yml:8)
          PAY-142 allows src/payments/** (.agentreach/tasks.yml:3) [config]
  unknown whether a review allowed it: not in git, ask the host
  do      agentreach boundary explain 4f2a9c1d20
  record  AR-91b0 candidate, with 1 other finding

MEDIUM    Customer rows flow into a model call
          category 1 data exfiltration · medium confidence ·
          personal-data-to-model
  at      src/assist.py:40:5  tracked, on disk
  flow    src/assist.py:30  step 0: rows are passed on
          src/assist.py:31  step 1: rows are passed on
          src/assist.py:32  step 2: rows are passed on
  do      Drop the columns the model does not need.

NOT READ  3 inputs: what is in there is unknown
          git: missing from this partial clone:
            abababababababababababababababababababab
            cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd
          → git fetch --refetch
          dataflow: not valid Python 3: line 12: src/legacy.py

COVERAGE  37 of 41 agent commits had no declared scope: whether they stayed
            inside their task is unknown
          1 finding hidden by inline ignores
          10 findings hidden by the baseline
          Submodules are listed, not entered.

4 findings: 1 critical, 2 high, 1 medium · 2 candidate records · 3 not scanned ·
  1.8 s · exit 1: findings at or above --fail-on
""")


def test_full_report_at_160_columns() -> None:
    assert text(reports.full_report(), 160, exit_code=1) == snapshot("""\
payments-api · main 4f2a9c1d20 · partial clone · 1,204 commits, 8,811 blobs, 312 files (34 MB) · agents in use: Claude Code (41 commits), Cursor, Codex (weak
  signs)

CRITICAL  AWS access key, complete with its secret  AKIA············7Q
          category 4 credential exposure · high confidence · aws-access-key
  at      .env:3:19  ignored by git, on disk
  reach   Claude Code, Codex  no prompt via file tools, shell: no rule covers .env
          Cursor              no prompt via shell: the terminal ignores .cursorignore
                              unknown via index: depends on an account setting
                              blocked via file tools: pattern .env* (.cursorignore:2)
  since   never committed
  why     key id and secret stand together (.env:4)
          the pattern is this provider's own [documented]
  do      1. Rotate it: in the IAM console create a new key, deploy it, then delete this one.
          2. Keep agents out of .env: agentreach reach --fix
  record  AR-5c1e candidate · .agentreach/records/AR-5c1e.yml

HIGH      Stripe secret key in history  sk_live_············
          category 4 credential exposure · medium confidence · stripe-secret-key
  at      services/billing/src/main/resources/config/environments/production/app.properties:12:8  history only, commit 9b1e77c0aa
  also in conf/app.ini:4:3  in a stash (refs/stash)
          message of 9b1e77c0aa  commit message, line 7
          conf/1.ini:1:1  history only, commit 9b1e77c0aa
          conf/2.ini:2:1  history only, commit 9b1e77c0aa
          and 5 more places: 5 history only
  reach   unknown: not assessed
  since   at or before 9b1e77c0aa 2026-03-02 Jane Doe "add billing" · Claude Code, co-author (trailer), model opus
  removed 4f2a9c1d20 2026-03-03 Jane Doe "drop the old config", but history still holds it
  why     no placeholder, entropy 4.9 bits a character
  do      Revoke it: it stays in history.

HIGH      CI permissions widened, outside the declared task
          category 3 agent overreach · high confidence · ci-permissions-widened
  at      .github/workflows/deploy.yml:8  in HEAD
  by      4f2a9c1d20 · Claude Code, co-author (trailer) · task PAY-142
  why     contents: read became write-all (.github/workflows/deploy.yml:8)
          PAY-142 allows src/payments/** (.agentreach/tasks.yml:3) [config]
  unknown whether a review allowed it: not in git, ask the host
  do      agentreach boundary explain 4f2a9c1d20
  record  AR-91b0 candidate, with 1 other finding

MEDIUM    Customer rows flow into a model call
          category 1 data exfiltration · medium confidence · personal-data-to-model
  at      src/assist.py:40:5  tracked, on disk
  flow    src/assist.py:30  step 0: rows are passed on
          src/assist.py:31  step 1: rows are passed on
          src/assist.py:32  step 2: rows are passed on
  do      Drop the columns the model does not need.

NOT READ  3 inputs: what is in there is unknown
          git: missing from this partial clone: abababababababababababababababababababab cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd
          → git fetch --refetch
          dataflow: not valid Python 3: line 12: src/legacy.py

COVERAGE  37 of 41 agent commits had no declared scope: whether they stayed inside their task is unknown
          1 finding hidden by inline ignores
          10 findings hidden by the baseline
          Submodules are listed, not entered.

4 findings: 1 critical, 2 high, 1 medium · 2 candidate records · 3 not scanned · 1.8 s · exit 1: findings at or above --fail-on
""")


def test_clean_report_says_what_was_looked_at() -> None:
    assert text(reports.clean_report(), exit_code=0) == snapshot("""\
payments-api · main 4f2a9c1d20 · 12 commits, 40 blobs, 9 files (5 kB) · agents
  in use: Claude Code (41 commits), Cursor, Codex (weak signs)

Nothing found in 12 commits, 40 blobs, 9 files (5 kB).
0 findings · 1.8 s · exit 0: clean and complete
""")


def test_nothing_found_is_not_clean_when_something_was_not_read() -> None:
    report = replace(reports.clean_report(), problems=(Problem("git", "abcdef12", "is corrupt"),))
    assert text(report, exit_code=3) == snapshot("""\
payments-api · main 4f2a9c1d20 · 12 commits, 40 blobs, 9 files (5 kB) · agents
  in use: Claude Code (41 commits), Cursor, Codex (weak signs)

NOT READ  1 input: what is in there is unknown
          git: is corrupt: abcdef12

Nothing found in what could be read of 12 commits, 40 blobs, 9 files (5 kB). Not
  everything could: this is no clean result.
0 findings · 1 not scanned · 1.8 s · exit 3: incomplete, something was not
  scanned
""")


def test_nothing_looked_at_is_not_clean_either() -> None:
    report = replace(reports.clean_report(), coverage=Coverage(), agents=())
    assert text(report) == snapshot("""\
payments-api · main 4f2a9c1d20 · nothing was looked at · no sign of an agent in
  use

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

NOT READ  3 inputs: what is in there is unknown
          git: missing from this partial clone:
            abababababababababababababababababababab
            cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd
          → git fetch --refetch
          dataflow: not valid Python 3: line 12: src/legacy.py

COVERAGE  37 of 41 agent commits had no declared scope: whether they stayed
            inside their task is unknown
          1 finding hidden by inline ignores
          10 findings hidden by the baseline
          Submodules are listed, not entered.

120 findings: 25 critical, 25 high, 25 medium, 25 low, 20 info · 3 not scanned ·
  1.8 s
""")


def test_records_of_findings_that_are_folded_are_named() -> None:
    report = reports.many(60)
    incident = Incident(
        "AR-77", report.findings[0].category, "A leak", Severity.LOW, "secret:1", ("f",)
    )
    shown = text(replace(report, incidents=(incident,)))
    assert "\nRECORDS   AR-77 candidate  A leak\n" in shown


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
        "  untracked, on disk",
    ]


def test_wide_characters_count_as_two_columns() -> None:
    finding = replace(reports.ignored_key(), title=" ".join(["漢字漢字"] * 12))
    shown = text(replace(reports.clean_report(), findings=(finding,)), 80)
    head = [line for line in shown.split("\n") if "漢" in line]
    assert len(head) == 2
    assert all(cell_len(line) <= 80 for line in head)


# ------------------------------------------------------------------------------ since and by


def test_no_mark_is_no_evidence_and_never_human() -> None:
    finding = replace(reports.history_key(), attribution=Attribution())
    since = " ".join(lines_of(finding, "since"))
    assert since.endswith("· no agent mark")
    assert "human" not in text(replace(reports.full_report(), findings=(finding,)))


@pytest.mark.parametrize(
    ("where", "tracking", "expected"),
    [
        (Where.WORKTREE, Tracking.IGNORED, "never committed"),
        (Where.WORKTREE, Tracking.UNTRACKED, "never committed"),
        (Where.WORKTREE, Tracking.TRACKED, "not committed in this state"),
        (Where.INDEX, None, "not committed yet"),
        (Where.COMMIT, None, "unknown"),
        (Where.STASH, None, "unknown"),
    ],
)
def test_since_without_a_known_commit(
    where: Where, tracking: Tracking | None, expected: str
) -> None:
    commit = "a" * 40 if where is Where.COMMIT else None
    location = Location(where, ".env", 1, tracking=tracking, commit=commit)
    finding = replace(reports.ignored_key(), locations=(location,))
    assert lines_of(finding, "since")[0] == expected


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
    assert lines_of(replace(reports.ignored_key(), locations=(location,)), "at") == [expected]


# ------------------------------------------------------------------------------ reach, evidence, do


def test_reach_is_unknown_when_not_assessed() -> None:
    finding = replace(reports.ignored_key(), reach=())
    assert lines_of(finding, "reach") == ["unknown: not assessed"]


def test_channels_that_do_not_exist_are_not_shown() -> None:
    finding = reports.ignored_key()
    assert "not loaded" not in "\n".join(lines_of(finding, "reach"))


def test_many_agents_with_one_answer_fold() -> None:
    view = reports.ignored_key().reach[1]
    finding = replace(
        reports.ignored_key(), reach=tuple(replace(view, agent=f"agent-{n}") for n in range(9))
    )
    names = ", ".join(f"agent-{n}" for n in range(9))
    assert lines_of(finding, "reach") == [
        names,
        "  no prompt via file tools: no rule covers .env",
    ]


def test_unknown_reach_stands_before_blocked() -> None:
    cursor = tuple(v for v in reports.ignored_key().reach if v.agent == "cursor")[::2]
    assert len(cursor) == 2
    shown = lines_of(replace(reports.ignored_key(), reach=cursor), "reach")
    assert shown[0].startswith("Cursor  unknown via index")
    assert "blocked via file tools: pattern .env* (.cursorignore:2)" in shown[1]


def test_a_long_flow_keeps_its_ends() -> None:
    assert lines_of(reports.rows_to_a_model(20), "flow") == snapshot(
        [
            "src/assist.py:30  step 0: rows are passed on",
            "src/assist.py:31  step 1: rows are passed on",
            "src/assist.py:32  step 2: rows are passed on",
            "src/assist.py:33  step 3: rows are passed on",
            "… 12 steps",
            "src/assist.py:46  step 16: rows are passed on",
            "src/assist.py:47  step 17: rows are passed on",
            "src/assist.py:48  step 18: rows are passed on",
            "src/assist.py:49  step 19: rows are passed on",
        ]
    )


def test_long_evidence_is_counted() -> None:
    evidence = tuple(Evidence(f"fact {n}") for n in range(11))
    shown = lines_of(replace(reports.ignored_key(), evidence=evidence), "why")
    assert shown[-2:] == ["fact 7", "and 3 more"]


def test_what_cannot_be_known_has_its_own_label() -> None:
    evidence = (Evidence("seen", Basis.OBSERVED), Evidence("a review: ask", Basis.UNKNOWN))
    finding = replace(reports.ignored_key(), evidence=evidence)
    assert lines_of(finding, "why") == ["seen"]
    assert lines_of(finding, "unknown") == ["a review: ask"]


def test_at_most_three_things_to_do() -> None:
    finding = replace(reports.ignored_key(), remediation=("a", "b", "c", "d"))
    assert lines_of(finding, "do") == ["1. a", "2. b", "3. c"]


def test_an_agent_that_is_not_in_use_is_shown_by_its_id() -> None:
    view = reports.ignored_key().reach[1]
    finding = replace(reports.ignored_key(), reach=(Reach("zed", view.channel, view.verdict, ""),))
    assert lines_of(finding, "reach") == ["zed  no prompt via file tools"]
