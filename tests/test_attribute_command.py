"""`agentreach attribute` at commit level, as it is called, on real repositories."""

import csv
import io
import json
import re
import xml.etree.ElementTree as ElementTree
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from jsonschema import Draft202012Validator

from scanner.attribution import Attributor
from scanner.gitio import open_repository
from scanner.gitio.commit_log import CommitLog, Quiet, Selection, commit_log
from scanner.model import Change, Role, Tier
from scanner.model.attribute_report import Outcome
from scanner.pipeline.signing import MarkScreen
from scanner.rules.agents import load_agents
from scanner.sinks import _attribute_wire as wire
from tests.repo import Person, Repo
from tests.scanning import Json, Run, process, run, token

DAY = 24 * 60 * 60
SPRING = 1_772_445_600
"""2026-03-02 10:00 UTC, a Monday."""
CLAUDE = ("Co-authored-by", "Claude <noreply@anthropic.com>")
CURSOR = ("Co-authored-by", "Cursor <cursoragent@cursor.com>")
DEPENDABOT: Person = ("dependabot[bot]", "49699333+dependabot[bot]@users.noreply.github.com")
EVE: Person = ("Eve", "eve@example.com")


def attribute(repo: Repo, *arguments: str | Path) -> Run:
    return run("attribute", *arguments, "--repository", repo.path)


def document(repo: Repo, *arguments: str | Path, code: int = 0) -> Json:
    done = attribute(repo, *arguments, "--format", "json")
    assert done.code == code, done.err
    found: Json = json.loads(done.out)
    return found


def outcomes(found: Json) -> tuple[int, int, int, int]:
    one = found["summary"]["outcomes"]
    return one["agent"], one["other_role"], one["bot"], one["no_evidence"]


@pytest.fixture
def team(repo: Repo) -> Repo:
    """Three weeks of work: people, Claude, Cursor once beside Claude, a bot, a suggestion."""
    repo.commit("Begin", {"src/a.py": "1\n", "README": "x\n"}, date=SPRING)
    repo.commit("Add", {"src/b.py": "1\n"}, date=SPRING + DAY, trailers=[CLAUDE])
    repo.commit("Mend", {"docs/a.md": "1\n"}, date=SPRING + 7 * DAY, author=EVE, trailers=[CLAUDE])
    both = [CLAUDE, CURSOR]
    repo.commit("Join", {"src/core/c.py": "1\n"}, date=SPRING + 8 * DAY, author=EVE, trailers=both)
    repo.commit("Bump", {"package.json": "{}\n"}, date=SPRING + 14 * DAY, author=DEPENDABOT)
    review = [
        (
            "Co-authored-by",
            "coderabbitai[bot] <136622811+coderabbitai[bot]@users.noreply.github.com>",
        )
    ]
    repo.commit("Review", {"src/a.py": "2\n"}, date=SPRING + 15 * DAY, trailers=review)
    return repo


# ------------------------------------------------------------------ counting


def test_every_commit_has_one_outcome_and_an_agent_a_row_for_role_and_tier(team: Repo) -> None:
    found = document(team)
    assert outcomes(found) == (3, 1, 1, 1)
    agents = {one["agent"]: one for one in found["agents"]}
    assert agents["claude-code"]["commits"] == 3
    (standing,) = agents["claude-code"]["standings"]
    assert (standing["role"], standing["tier"]) == ("co-author", "trailer")
    assert (standing["first"], standing["last"]) == ("2026-03-03T10:00:00Z", "2026-03-10T10:00:00Z")
    assert agents["cursor"]["commits"] == 1
    assert agents["dependabot"]["bot"] and not agents["cursor"]["bot"]
    assert [one["bot"] for one in found["agents"]] == sorted(one["bot"] for one in found["agents"])
    assert found["authors"] is None and found["directories"] is None and found["commits"] is None


def test_weeks_begin_on_monday_in_utc(team: Repo) -> None:
    weeks = {one["key"]: one for one in document(team)["weeks"]}
    assert {key: (one["commits"], one["outcomes"]["agent"]) for key, one in weeks.items()} == {
        "2026-03-02": (2, 1),
        "2026-03-09": (2, 2),
        "2026-03-16": (2, 0),
    }
    assert weeks["2026-03-09"]["agents"] == {"claude-code": 2, "cursor": 1}


def test_the_last_second_of_sunday_belongs_to_the_week_before(repo: Repo) -> None:
    repo.commit("Sunday", date=SPRING - 10 * 60 * 60 - 1)
    repo.commit("Monday", date=SPRING - 10 * 60 * 60)
    assert [one["key"] for one in document(repo)["weeks"]] == ["2026-02-23", "2026-03-02"]


def test_by_author_directory_and_commit(team: Repo) -> None:
    found = document(team, "--by", "author,directory,commit")
    authors = {one["key"]: one for one in found["authors"]}
    assert authors["eve@example.com"]["outcomes"]["agent"] == 2
    assert found["authors"][0]["key"] == "eve@example.com"
    directories = {one["key"]: one["commits"] for one in found["directories"]}
    assert directories == {"src": 4, "docs": 1, ".": 2}
    deeper = document(team, "--by", "directory", "--depth", "2")
    assert {one["key"] for one in deeper["directories"]} == {"src", "src/core", "docs", "."}
    listed = found["commits"]
    assert [one["outcome"] for one in listed] == ["other-role", "bot", "agent", "agent", "agent"]
    assert listed[2]["commit"] == team.git("rev-parse", "HEAD~2")
    assert [one["agent"] for one in listed[2]["marks"]] == ["claude-code", "cursor"]
    assert found["weeks"] is None


def test_the_document_is_valid(team: Repo) -> None:
    found = document(team, "--by", "week,author,directory,commit")
    Draft202012Validator(msgspec.json.schema(wire.Document)).validate(found)
    one = document(team, "--commit", "HEAD~2")
    Draft202012Validator(msgspec.json.schema(wire.CommitDocument)).validate(one)


# ------------------------------------------------------------------ which commits


def test_ranges_are_those_of_git(team: Repo) -> None:
    assert document(team, "HEAD~2..HEAD")["summary"]["commits"] == 2
    assert document(team, "HEAD~2")["summary"]["commits"] == 4
    team.checkout("HEAD~3")
    team.commit("Aside", date=SPRING + 20 * DAY)
    assert document(team, "main...HEAD")["summary"]["commits"] == 4
    assert document(team)["summary"]["commits"] == 4
    assert document(team, "--all")["summary"]["commits"] == 7


def test_all_counts_neither_notes_nor_stash_entries(team: Repo) -> None:
    team.note("a note")
    team.write("src/a.py", "3\n")
    team.stash()
    assert document(team, "--all")["summary"]["commits"] == 6


@pytest.mark.parametrize(
    ("since", "until", "number"),
    [
        ("2026-03-03", None, 5),
        (None, "2026-03-03", 2),
        ("2026-03-03T10:00:00Z", "2026-03-03T12:00:00+02:00", 1),
        ("2026-03-03T10:00:01", None, 4),
        ("2026-04-01", None, 0),
    ],
)
def test_both_ends_count(team: Repo, since: str | None, until: str | None, number: int) -> None:
    limits = [*(["--since", since] if since else []), *(["--until", until] if until else [])]
    assert document(team, *limits)["summary"]["commits"] == number


def test_since_is_not_misled_by_a_wrong_clock(repo: Repo) -> None:
    repo.commit("One", date=SPRING)
    repo.commit("Wrong clock", date=SPRING - 400 * DAY)
    repo.commit("Two", date=SPRING + DAY)
    assert document(repo, "--since", "2026-03-01")["summary"]["commits"] == 2


def test_the_committers_date_counts_unless_the_authors_is_asked_for(repo: Repo) -> None:
    env = repo.environment() | {
        "GIT_AUTHOR_DATE": f"{SPRING} +0000",
        "GIT_COMMITTER_DATE": f"{SPRING + 30 * DAY} +0000",
    }
    repo.git("commit", "--allow-empty", "-m", "Picked", "--no-gpg-sign", env=env)
    assert document(repo)["weeks"][0]["key"] == "2026-03-30"
    assert document(repo, "--date", "author")["weeks"][0]["key"] == "2026-03-02"
    assert document(repo, "--until", "2026-03-10")["summary"]["commits"] == 0
    both = ("--until", "2026-03-10", "--date", "author")
    assert document(repo, *both)["summary"]["commits"] == 1


def test_merges_can_be_left_out_or_followed_on_one_side(repo: Repo) -> None:
    repo.commit("Begin", {"a": "1\n"}, date=SPRING)
    repo.checkout("side", new=True)
    repo.commit("Aside", {"b": "1\n"}, date=SPRING + 60, trailers=[CLAUDE])
    repo.checkout("main")
    repo.commit("Main", {"c/d": "1\n"}, date=SPRING + 120)
    repo.merge("side")
    found = document(repo)
    assert (found["summary"]["commits"], found["summary"]["merges"]) == (4, 1)
    assert document(repo, "--no-merges")["summary"]["commits"] == 3
    first = document(repo, "--first-parent", "--by", "directory")
    assert outcomes(first) == (0, 0, 0, 3)
    # Along first parents, a merge brings what its branch brought.
    assert {one["key"]: one["commits"] for one in first["directories"]} == {".": 2, "c": 1}


def test_only_commits_that_touch_a_path(team: Repo) -> None:
    assert document(team, "--path", "src")["summary"]["commits"] == 4
    assert document(team, "--path", "docs", "--path", "README")["summary"]["commits"] == 2
    found = document(team, "--path", "docs", "--by", "directory")
    assert [one["key"] for one in found["directories"]] == ["docs"]
    nothing = document(team, "--path", "srcs")
    assert nothing["summary"]["commits"] == 0
    assert "no commit in the range touches srcs" in nothing["summary"]["notes"]


def test_a_path_counts_on_both_sides_of_a_merge(repo: Repo) -> None:
    repo.commit("Begin", {"a": "1\n"})
    repo.checkout("side", new=True)
    repo.commit("Aside", {"a": "2\n"})
    repo.commit("And back", {"a": "1\n"})
    repo.checkout("main")
    repo.commit("Main", {"b": "1\n"})
    repo.merge("side")
    # `git log -- a` leaves the side out, because it changed nothing in the end.
    assert len(repo.git("log", "--format=%h", "--", "a").split()) == 1
    assert document(repo, "--path", "a")["summary"]["commits"] == 3


def test_the_mailmap_names_authors_and_changes_no_mark(repo: Repo) -> None:
    agent: Person = ("Claude", "noreply@anthropic.com")
    repo.commit("Begin", {".mailmap": "Ada <ada@example.com> <noreply@anthropic.com>\n"})
    repo.commit("By an agent", author=agent)
    assert len(document(repo, "--by", "author")["authors"]) == 2
    found = document(repo, "--by", "author", "--use-mailmap")
    (author,) = found["authors"]
    assert (author["key"], author["commits"], author["outcomes"]["agent"]) == (
        "ada@example.com",
        2,
        1,
    )
    assert found["asked"]["mailmap"]
    assert any("mailmap" in note for note in found["summary"]["notes"])


# ------------------------------------------------------------------ bad input


def test_an_empty_repository_has_nothing_to_count(repo: Repo) -> None:
    found = document(repo)
    assert found["summary"]["commits"] == 0 and found["weeks"] == []
    assert "the repository has no commit yet" in found["summary"]["notes"]
    for form in ("text", "markdown", "html", "svg", "csv"):
        assert attribute(repo, "--format", form).code == 0
    assert document(repo, "--all")["summary"]["commits"] == 0


def test_an_unborn_branch_is_told_from_an_empty_repository(team: Repo) -> None:
    team.checkout("new", orphan=True)
    assert any("--all" in note for note in document(team)["summary"]["notes"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["no-such-branch"], "no-such-branch names no commit"),
        (["HEAD..no-such"], "HEAD..no-such names no commit"),
        (["--since", "last friday"], "--since: 'last friday' is no date"),
        (["--since", "2026-02-30"], "is no date"),
        (["--until", "2026-03"], "is no date"),
        (["--since", "2026-03-05", "--until", "2026-03-01"], "--since lies behind --until"),
        (["--by", "agent,moon"], "there is no table 'moon'"),
        (["--all", "HEAD"], "leave the range out"),
        (["--commit", "HEAD", "--since", "2026-01-01"], "--commit is about one commit"),
        (["--commit", "HEAD", "--format", "svg"], "--commit cannot be told as svg"),
        (["--commit", "0123456789"], "names no commit"),
        (["-w"], "belong to --lines"),
        (["--lines", "--all"], "--lines is about"),
        (["--", "--output=x"], "is no revision"),
    ],
)
def test_a_mistake_is_said_in_a_line(team: Repo, arguments: list[str], said: str) -> None:
    done = run("attribute", "--repository", team.path, *arguments)
    assert done.code == 2
    assert said in done.err.decode() and "Traceback" not in done.err.decode()


def test_a_directory_in_place_of_a_range_is_understood(team: Repo, tmp_path: Path) -> None:
    done = attribute(team, str(tmp_path))
    assert done.code == 2 and b"-R" in done.err
    outside = run("attribute", "--repository", tmp_path)
    assert outside.code == 2 and b"not inside a git repository" in outside.err


def test_a_shallow_clone_says_where_it_ends(team: Repo, tmp_path: Path) -> None:
    copy = team.clone(tmp_path / "copy", "--depth=2")
    found = document(copy, "--by", "directory", code=3)
    assert found["summary"]["commits"] == 2 and not found["summary"]["complete"]
    assert "shallow" in found["problems"][0]["reason"]
    # The edge's tree is not what its commit changed.
    assert {one["key"]: one["commits"] for one in found["directories"]} == {"src": 1}
    assert document(copy, "HEAD~1..HEAD")["summary"]["complete"]


def test_replace_refs_and_grafts_are_not_applied_and_said(team: Repo) -> None:
    first, other, second = team.git("rev-parse", "HEAD~5", "HEAD~4", "HEAD~1").split()
    team.git("replace", second, other)
    (team.git_dir / "info" / "grafts").write_text(f"{team.head} {first}\n")
    found = document(team)
    assert outcomes(found) == (3, 1, 1, 1)
    notes = " ".join(found["summary"]["notes"])
    assert "1 replace ref is not applied" in notes and "grafts file is not applied" in notes


def test_impossible_dates_do_not_stretch_the_series(repo: Repo) -> None:
    repo.commit("Begin", date=SPRING, trailers=[CLAUDE])
    for moment in (0, 4_102_444_800, 99_999_999_999_999_999_999):
        tree, person = repo.git("write-tree"), f"Ada <ada@example.com> {moment} +0000"
        text = f"tree {tree}\nparent {repo.head}\nauthor {person}\ncommitter {person}\n\nOdd\n"
        repo.git("update-ref", "refs/heads/main", repo.object("commit", text))
    found = document(repo)
    assert [one["key"] for one in found["weeks"]] == ["2026-03-02"]
    assert found["summary"]["impossible_dates"] == 3
    assert outcomes(found) == (1, 0, 0, 3)
    (standing,) = found["agents"][0]["standings"]
    assert standing["first"] == standing["last"] == "2026-03-02T10:00:00Z"
    assert "3 commits state a date before 1971" in " ".join(attribute(repo).out.decode().split())


def test_strange_commits_are_counted_too(repo: Repo) -> None:
    tree = repo.git("write-tree")
    odd = (
        b"tree "
        + tree.encode()
        + b"\nauthor \xff\xfeJos\xe9 <jos\xe9@example.com> 1772445600 +0000\n"
        b"committer Bad <<x>> nothing\n\nMessage\n\nCo-authored-by: "
        b"Claude <noreply@anthropic.com>\n"
    )
    ident = repo.object("commit", odd)
    repo.git("update-ref", "refs/heads/main", ident)
    found = document(repo, "--by", "author,commit")
    assert outcomes(found) == (1, 0, 0, 0)
    for form in ("text", "csv", "markdown", "html"):
        done = attribute(repo, "--by", "week,author,commit", "--format", form)
        assert done.code == 0
        done.out.decode()


def test_damage_ends_the_count_and_is_said(team: Repo) -> None:
    lost = team.git("rev-parse", "HEAD~3")
    (team.git_dir / "objects" / lost[:2] / lost[2:]).unlink()
    found = document(team, code=3)
    # git looks for a commit's parents before it shows the commit.
    assert found["summary"]["commits"] == 2
    assert "can't be read" in found["problems"][0]["reason"]


def test_a_missing_tree_costs_directories_and_no_commit(team: Repo) -> None:
    lost = team.git("rev-parse", "HEAD~3^{tree}")
    (team.git_dir / "objects" / lost[:2] / lost[2:]).unlink()
    assert document(team)["summary"]["commits"] == 6
    found = document(team, "--by", "directory", code=3)
    assert found["summary"]["commits"] == 6
    assert "paths from here on not read" in found["problems"][0]["reason"]


def test_a_secret_in_a_name_is_masked(repo: Repo) -> None:
    repo.commit("Begin", {f"{token(1)}/a": "1\n"}, author=(token(2), "ada@example.com"))
    for form in ("text", "json", "csv", "markdown", "html"):
        done = attribute(repo, "--by", "author,directory", "--format", form)
        assert done.code == 0
        assert token(1).encode() not in done.out and token(2).encode() not in done.out
    told = attribute(repo, "--commit", "HEAD")
    assert token(2).encode() not in told.out


# ------------------------------------------------------------------ the same as the scan's walk


def test_the_quick_parser_reads_what_the_patient_one_does(team: Repo) -> None:
    team.git("commit", "--allow-empty", "-m", "", "--allow-empty-message", "--no-gpg-sign")
    with open_repository(team.path) as repository:
        ids = (repository.head or "",)
        quick = list(commit_log(repository, Selection(revisions=ids, paths=True)))
        slow = list(repository.changes(ids))
    assert all(isinstance(one, Change) for one in quick)
    plain = [msgspec.structs.replace(one, ref=None) for one in slow if isinstance(one, Change)]
    assert quick == plain and len(quick) == 7


def test_a_signature_among_other_headers_is_read(repo: Repo) -> None:
    tree = repo.git("write-tree")
    armour = "-----BEGIN PGP SIGNATURE-----\n \n iQ==\n =abcd\n -----END PGP SIGNATURE-----"
    person = "Ada <ada@example.com> 1772445600 +0000"
    for extra in (f"gpgsig {armour}\nencoding UTF-8", f"encoding UTF-8\ngpgsig {armour}"):
        raw = f"tree {tree}\nauthor {person}\ncommitter {person}\n{extra}\n\nSigned\n"
        repo.git("update-ref", "refs/heads/main", repo.object("commit", raw))
        with open_repository(repo.path) as repository:
            ids = (repository.head or "",)
            (quick,) = commit_log(repository, Selection(revisions=ids))
            (slow,) = repository.changes(ids)
        assert isinstance(quick, Change) and isinstance(slow, Change)
        assert quick.signature is not None and quick.signature == slow.signature
        assert quick.message == slow.message == "Signed"
        with open_repository(repo.path) as repository:
            (bare,) = commit_log(repository, Selection(revisions=ids, openpgp=False))
        assert isinstance(bare, Change) and bare.message == "Signed"


def test_a_commit_that_an_agents_branch_alone_reaches(repo: Repo) -> None:
    repo.commit("Begin", {"a": "1\n"})
    repo.checkout("codex/round-fees", new=True)
    repo.commit("Round fees", {"a": "2\n"})
    tip = repo.git("rev-parse", "HEAD")
    (mark,) = document(repo, "--all")["agents"]
    assert (mark["agent"], mark["commits"]) == ("codex", 1)
    assert mark["standings"][0]["tier"] == "branch"
    assert document(repo, "main")["agents"] == []
    told = json.loads(attribute(repo, "--commit", "HEAD", "--format", "json").out)
    assert "only a branch under codex/ reaches it" in json.dumps(told["marks"])
    # Under another name it is nobody's: a detached HEAD, another branch, a tag.
    repo.git("checkout", "-q", "--detach")
    assert document(repo, "--all")["agents"] == []
    repo.checkout("main")
    assert document(repo, "--all")["agents"] != []
    repo.git("tag", "v1", tip)
    assert document(repo, "--all")["agents"] == []
    repo.git("tag", "-d", "v1")
    repo.git("update-ref", "refs/remotes/origin/codex/round-fees", tip)
    repo.git("update-ref", "refs/pull/7/head", tip)
    assert document(repo, "--all")["agents"][0]["commits"] == 1
    repo.git("update-ref", "refs/remotes/origin/fees", tip)
    assert document(repo, "--all")["agents"] == []


ADA = "Ada <ada@example.com> 1772445600 +0000"
_AGENT = "Claude <noreply@anthropic.com> 1772445600 +0000"
_ARMOUR = "-----BEGIN PGP SIGNATURE-----\n \n iQ==\n =abcd\n -----END PGP SIGNATURE-----"
_SSH = "-----BEGIN SSH SIGNATURE-----\n U1NI\n -----END SSH SIGNATURE-----"
_TRAILER = "Co-authored-by: Claude <noreply@anthropic.com>"
_QUIET = (  # what stands behind the parents, and whether it is sorted out
    (f"author {ADA}\ncommitter {ADA}\n\nRound fees\n", True),
    (f"author {ADA}\ncommitter {ADA}\n\nRound fees\n\nMore.\n\n    code()\n", True),
    (f"author {ADA}\ncommitter {ADA}\n\n\xe9\xff\n", True),
    (f"author {ADA}\ncommitter {ADA}\ngpgsig {_ARMOUR}\n\nRound\n", True),
    (f"author {ADA}\ncommitter {ADA}\ngpgsig {_SSH}\n\nRound\n", False),
    (f"author {ADA}\ncommitter {ADA}\nencoding ISO-8859-1\n\nRound \xe9\n", True),
    (f"author {ADA}\ncommitter {ADA}\n\nRound\n\n{_TRAILER}\n", False),
    (f"author {ADA}\ncommitter {ADA}\n\nRound\n\n{_TRAILER.upper()}\n", False),
    (f"author {ADA}\ncommitter {ADA}\n\nRound\\n\\n{_TRAILER}\n", False),
    (f"author {ADA}\ncommitter {ADA}\n\n{_TRAILER}\n", False),
    (f"author {ADA}\ncommitter {ADA}\n\nRound\n\n\U0001f916 Generated with Claude Code\n", False),
    (f"author {ADA}\ncommitter {ADA}\n\nRound\n\nThe file assisted-by names\n", False),
    (f"author {_AGENT}\ncommitter {ADA}\n\nRound\n", False),
    (f"author {ADA}\ncommitter {_AGENT}\n\nRound\n", False),
    ("author Ada ada@example.com 1 +0000\ncommitter Ada 1 +0000\n\nOdd\n", False),
    (f"author {ADA}\ncommitter Ada <a@example.com> 9999999999999999 +0000\n\nLate\n", False),
    (f"author {ADA}\ncommitter Ada <a@example.com> 1 +0000\n\nEarly\n", True),
    (f"author {ADA}\ncommitter {ADA}\nnote fees\n\nRound\n", False),
    (f"author {ADA}\ncommitter {ADA}\n\n", True),
)
_MERGES = (
    ("Merge branch 'fees'", True),
    ("Merge pull request #7 from acme/fees", True),
    ("Merge pull request #7 from acme/claude/round-fees", False),
    (f"Merge branch 'fees'\n\n{_TRAILER}", False),
    ("Claude joins", True),
)


def test_commits_without_a_mark_are_sorted_out_before_they_are_taken_apart(repo: Repo) -> None:
    tree = repo.git("write-tree")
    tip, quiet = "", 0
    for rest, is_quiet in _QUIET:
        parent = f"parent {tip}\n" if tip else ""
        tip = repo.object("commit", f"tree {tree}\n{parent}{rest}".encode("utf-8", "replace"))
        quiet += is_quiet
    side = tip
    for subject, is_quiet in _MERGES:
        people = f"author {ADA}\ncommitter {ADA}"
        parents = f"parent {tip}\nparent {side}\n"
        tip = repo.object("commit", f"tree {tree}\n{parents}{people}\n\n{subject}\n")
        quiet += is_quiet
    repo.git("update-ref", "refs/heads/main", tip)
    attributor = Attributor(load_agents())
    with open_repository(repo.path) as repository:
        selection = Selection(revisions=(tip,), openpgp=False)
        with CommitLog(repository, selection) as log:
            screened = list(log.screened(MarkScreen(attributor)))
        plain = list(commit_log(repository, selection))
    assert len(screened) == len(plain) == len(_QUIET) + len(_MERGES)
    assert sum(isinstance(one, Quiet) for one in screened) == quiet
    for one, other in zip(screened, plain, strict=True):
        assert isinstance(other, Change)
        if not isinstance(one, Quiet):
            assert one == other
            continue
        assert not attributor.attribute(other).marks
        assert (one.commit, one.author, one.boundary) == (other.commit, other.author, False)
        assert (one.author_time, one.committer_time) == (other.author_time, other.committer_time)
        assert one.merge is (len(other.parents) > 1)
    # Directories need the paths of every commit, so there nothing is sorted out.
    found, same = (document(repo, "--by", f"agent,week,author{by}") for by in ("", ",directory"))
    for key in ("agents", "weeks", "authors"):
        assert found[key] == same[key]
    assert found["summary"]["outcomes"] == same["summary"]["outcomes"]


# ------------------------------------------------------------------ one commit


def test_one_commit_is_explained_in_sentences(team: Repo) -> None:
    text = attribute(team, "--commit", "HEAD~2").out.decode()
    flat = " ".join(text.split())
    assert "Claude Code, co-author (trailer)" in flat and "Cursor, co-author (trailer)" in flat
    assert "trailer co-authored-by with noreply@anthropic.com, message line 3" in flat
    assert "It is not signed." in flat
    assert "Counted as an agent's commit: Claude Code" in flat
    plain = " ".join(attribute(team, "--commit", "HEAD~5").out.decode().split())
    assert "No evidence of an agent." in plain
    assert "does not mean that a person wrote it" in plain


def test_squash_revert_pick_and_merge_are_explained(repo: Repo) -> None:
    repo.commit("Begin", {"a": "1\n"})
    repo.commit("Add rounding (#7)\n\n* one\n\n* two\n", {"a": "2\n"})
    squash = " ".join(attribute(repo, "--commit", "HEAD").out.decode().split())
    assert "looks like a squash" in squash and "git fetch origin refs/pull/7/head" in squash
    repo.git("update-ref", "refs/pull/7/head", "HEAD~1")
    here = document(repo, "--commit", "HEAD")["about"]
    assert "are here as refs/pull/7/head" in here[0]
    repo.commit('Revert "Add rounding (#7)"\n\nThis reverts commit 0123456789.', {"a": "1\n"})
    assert any("revert" in one for one in document(repo, "--commit", "HEAD")["about"])
    picked = "Pick\n\n(cherry picked from commit 0123456789abcdef0123456789abcdef01234567)\n"
    repo.commit(picked, {"a": "4\n"})
    assert any("cherry-pick" in one for one in document(repo, "--commit", "HEAD")["about"])
    repo.checkout("side", new=True)
    repo.commit("Aside", {"b": "1\n"})
    repo.checkout("main")
    repo.commit("Main", {"c": "1\n"})
    repo.merge("side")
    assert any("It is a merge" in one for one in document(repo, "--commit", "HEAD")["about"])


def test_notes_on_the_commit_are_named(team: Repo) -> None:
    team.note("anything", ref="refs/notes/ai")
    missing = document(team, "--commit", "HEAD")["missing"]
    assert any("refs/notes/ai" in one and "--lines" in one for one in missing)
    assert not any(
        "refs/notes/ai" in one for one in document(team, "--commit", "HEAD~1")["missing"]
    )


def test_every_tier_and_role_has_a_sentence() -> None:
    from scanner.pipeline import attribute_explain

    assert {one.value for one in Tier} <= set(attribute_explain._TIERS)
    assert {one.value for one in Role} <= set(attribute_explain._ROLES)


# ------------------------------------------------------------------ what others find out


def test_a_squash_gets_its_marks_back_from_the_pull_request(repo: Repo) -> None:
    repo.commit("Begin", {"a": "1\n"})
    repo.checkout("side", new=True)
    repo.commit("Round", {"a": "2\n"}, trailers=[CLAUDE])
    repo.git("update-ref", "refs/pull/7/head", "HEAD")
    repo.checkout("main")
    repo.git("branch", "-D", "side")
    repo.commit("Round fees (#7)", {"a": "2\n"})
    found = document(repo)
    assert outcomes(found) == (1, 0, 0, 1)
    assert any("1 squash commit has marks recovered" in one for one in found["summary"]["notes"])
    assert outcomes(document(repo, "--no-recovery")) == (0, 0, 0, 2)
    told = document(repo, "--commit", "HEAD")
    assert told["outcome"] == "agent"
    assert told["marks"][0]["mark"]["evidence"][0]["basis"] == "derived"


def test_lines_are_counted_with_the_options_of_git(team: Repo) -> None:
    done = attribute(team, "--lines", "-M", "-w", "-C", "-C", "--format", "json", "--path", "src")
    assert done.code == 0, done.err
    assert json.loads(done.out)["schema"] == "agentreach/attribute-lines/v1"
    assert attribute(team, "--lines", "--format", "svg").code == 2
    text = attribute(team, "--lines", "HEAD~1")
    assert text.code == 0 and b"lines" in text.out


# ------------------------------------------------------------------ formats


@pytest.mark.parametrize("columns", ["80", "160"])
def test_the_text_fits_the_terminal_without_colour(team: Repo, columns: str) -> None:
    env = {"COLUMNS": columns, "LC_ALL": "C.UTF-8"}
    done = process("attribute", "--by", "week,author,directory,commit", cwd=team.path, env=env)
    text = done.out.decode()
    assert done.code == 0 and "\x1b" not in text
    assert max(map(len, text.splitlines())) <= int(columns)
    assert "█" in text
    assert re.search(r"^Claude Code +co-author +trailer +3 +50\.0 %", text, re.MULTILINE)
    assert re.search(r"^BOT, NOT AI", text, re.MULTILINE)
    assert "No evidence does not mean that a person wrote it" in text


def test_blocks_become_ascii_where_the_locale_has_none(team: Repo) -> None:
    done = process("attribute", cwd=team.path, env={"COLUMNS": "80", "LC_ALL": "C"})
    chart = done.out.decode().split("SHARE     of commits")[1].split("NOTES")[0]
    assert chart.isascii() and "#" in chart
    forced = attribute(team, "--blocks").out.decode()
    assert "█" in forced


def test_what_lies_before_the_first_mark_is_told_and_not_drawn(repo: Repo) -> None:
    repo.commit("Old", date=SPRING - 3000 * DAY)
    repo.commit("New", date=SPRING, trailers=[CLAUDE])
    text = " ".join(attribute(repo).out.decode().split())
    assert "before 2026-03-02: 1 commit, none with a mark" in text


def test_without_marks_nothing_is_drawn(repo: Repo) -> None:
    repo.commit("Begin")
    text = attribute(repo).out.decode()
    assert "with no evidence" in text and "SHARE     of" not in text


def test_csv_is_one_table_and_no_formula(repo: Repo) -> None:
    evil: Person = ("=HYPERLINK(0)", "@evil@example.com")
    repo.commit("Begin", {"+a/b": "1\n"}, author=evil, date=SPRING, trailers=[CLAUDE])
    done = attribute(repo, "--by", "week,author,directory,commit", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.out.decode())))
    assert {row["by"] for row in rows} == {"all", "agent", "week", "author", "directory", "commit"}
    assert not any(value.startswith(tuple("=+-@")) for row in rows for value in row.values())
    (agent,) = [row for row in rows if row["by"] == "agent"]
    assert (agent["agent"], agent["role"], agent["commits"], agent["of"]) == (
        "claude-code",
        "co-author",
        "1",
        "1",
    )
    everything = {row["outcome"]: int(row["commits"]) for row in rows if row["by"] == "all"}
    assert everything == {"agent": 1, "other-role": 0, "bot": 0, "no-evidence": 0}


def test_html_and_svg_stand_by_themselves(team: Repo, tmp_path: Path) -> None:
    script: Person = ("<script>alert(1)</script>", "eve@example.com")
    team.commit("Evil", {"<b>/x": "1\n"}, author=script, date=SPRING + 16 * DAY, trailers=[CLAUDE])
    page, drawing = tmp_path / "page.html", tmp_path / "drawing.svg"
    everything = ("--by", "week,author,directory,commit")
    assert attribute(team, *everything, "--format", "html", "--output", page).code == 0
    assert attribute(team, "--by", "agent", "--format", "svg", "--output", drawing).code == 0
    html, svg = page.read_text("utf-8"), drawing.read_text("utf-8")
    for text in (html, svg):
        assert "<script" not in text and "<b>/" not in text
        assert "prefers-color-scheme: dark" in text
        addresses = set(re.findall(r"https?://[^\"'\s<]+", text))
        assert addresses <= {"http://www.w3.org/2000/svg"}
        assert not re.search(r"(?:src|href|url\()\s*=", text)
    root = ElementTree.fromstring(svg)
    bars = [
        one for one in root.iter("{http://www.w3.org/2000/svg}rect") if one.get("class") == "bar"
    ]
    assert len(bars) == 3
    assert "default-src 'none'" in html


def test_markdown_escapes_what_comes_from_the_repository(repo: Repo) -> None:
    evil: Person = ("| [x](https://evil.example) @all", "eve@example.com")
    repo.commit("Begin", {"a|b/c": "1\n"}, author=evil, date=SPRING, trailers=[CLAUDE])
    text = attribute(repo, "--by", "author,directory", "--format", "markdown").out.decode()
    assert "[x](https" not in text and " @all" not in text
    rows = [line for line in text.splitlines() if line.startswith("|") and "evil" in line]
    assert len(rows) == 1 and len(re.findall(r"(?<!\\)\|", rows[0])) == 6


def test_an_output_file_is_whole_and_private(team: Repo, tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    done = attribute(team, "--format", "json", "--output", target)
    assert done.code == 0 and done.out == b""
    assert json.loads(target.read_bytes())["schema"] == wire.SCHEMA
    assert target.stat().st_mode & 0o777 == 0o600
    link = tmp_path / "link"
    link.symlink_to(target)
    assert attribute(team, "--output", link).code == 2


def test_outcomes_are_spelt_as_in_the_wire_format() -> None:
    names = {one.value.replace("-", "_") for one in Outcome}
    assert names == set(wire.Outcomes.__struct_fields__)


def test_the_start_of_the_run_is_told_in_utc(team: Repo) -> None:
    started = document(team)["summary"]["started"]
    assert abs((datetime.now(UTC) - datetime.fromisoformat(started)).total_seconds()) < 600
