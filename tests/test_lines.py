"""Who wrote the surviving lines: notes, marks and `git blame` joined, on real repositories."""

import csv
import json
from io import BytesIO, StringIO
from pathlib import Path

import pytest

from scanner.config import Config
from scanner.errors import ConfigError, GitError, ScannerError
from scanner.model.lines import (
    EvidenceCounts,
    Exactness,
    FileLines,
    LineQuestion,
    LineReport,
    Shares,
    Skip,
)
from scanner.pipeline.attribute_lines import run_lines
from scanner.pipeline.line_counts import segments
from scanner.pipeline.workers import Silence
from scanner.sinks import Options
from scanner.sinks._attribute_lines import FORMATS, write_lines, write_lines_file
from tests.repo import Repo
from tests.test_lines_parsers import git_ai, session

CLAUDE = {"Co-authored-by": "Claude <noreply@anthropic.com>"}
SESSION = "s_c9883b05a2487d"
TRACE = f"{SESSION}::t_9f8e7d6c5b4a32"


def lines(*texts: str) -> str:
    return "".join(f"{text}\n" for text in texts)


def ask(repo: Repo, cache: Path | None = None, **question: object) -> LineReport:
    config = Config(path=repo.path, cache_directory=cache, jobs=2)
    return run_lines(config, LineQuestion(**question), Silence())  # type: ignore[arg-type]


def annotate(repo: Repo, attestations: str, target: str = "HEAD", ref: str = "ai") -> None:
    note = git_ai(attestations, sessions={SESSION: session("cursor")}).decode()
    repo.note(note, target, f"refs/notes/{ref}")


def shares(report: LineReport, path: str) -> Shares:
    return next(file.shares for file in report.files if file.path == path)


def evidence(report: LineReport) -> EvidenceCounts:
    (counts,) = report.evidence
    return counts


def skipped(report: LineReport) -> dict[Skip, int]:
    return {one.reason: one.files for one in report.skipped}


# ---------------------------------------------------------------------- origins


def test_each_origin(repo: Repo) -> None:
    repo.commit("Begin", {"src/a.py": lines(*"abcdefgh"), "docs/b": lines("one")})
    repo.commit("By mark", {"docs/b": lines("one", "two")}, trailers=CLAUDE)
    bot = ("dependabot[bot]", "49699333+dependabot[bot]@users.noreply.github.com")
    repo.commit("Bot", {"docs/b": lines("one", "two", "three")}, bot)
    repo.commit("By note", {"src/a.py": lines(*"aXYZWfgh")}, trailers=CLAUDE)
    annotate(repo, f"src/a.py\n  {TRACE} 2-3\n  h_31dce776f88375 4\n")
    report = ask(repo)
    assert shares(report, "src/a.py") == Shares(
        lines=8, attested={"cursor": 2}, marked={"claude-code": 1}, human=1, unknown=4
    )
    assert shares(report, "docs/b") == Shares(
        lines=3, marked={"claude-code": 1}, bots={"dependabot": 1}, unknown=1
    )
    assert report.total.lines == 11
    assert [(one.path, one.files, one.shares.lines) for one in report.directories] == [
        ("", 2, 11), ("docs", 1, 3), ("src", 1, 8),
    ]  # fmt: skip
    assert report.complete
    assert report.problems == ()
    assert set(report.names) == {"cursor", "claude-code", "dependabot"}


def test_a_note_holds_for_its_commits_own_lines_only(repo: Repo) -> None:
    repo.commit("Begin", {"a": lines(*"abcdef")})
    repo.commit("Two lines", {"a": lines("a", "X", "Y", *"def")})
    annotate(repo, f"a\n  {TRACE} 1-6\nb\n  {TRACE} 1-900\n")
    report = ask(repo)
    assert report.total == Shares(lines=6, attested={"cursor": 2}, unknown=4)
    counts = evidence(report)
    assert (counts.records, counts.reached, counts.claimed, counts.added) == (1, 1, 906, 2)
    assert counts.over_broad == 1


def test_attested_lines_survive_moves_of_the_file(repo: Repo) -> None:
    repo.commit("Begin", {"old name": lines(*"abcdef")})
    annotate(repo, f'"old name"\n  {TRACE} 3-4\n')
    repo.git("mv", "old name", "new")
    repo.commit("Move")
    repo.commit("Above", {"new": lines("0", *"abcdef")})
    assert shares(ask(repo), "new") == Shares(lines=7, attested={"cursor": 2}, unknown=5)


def test_orphans_are_counted_and_said(repo: Repo) -> None:
    repo.commit("Begin", {"a": lines("a")})
    lost = repo.commit("Lost", {"a": lines("x")})
    annotate(repo, f"a\n  {TRACE} 1\n")
    repo.git("reset", "-q", "--hard", "HEAD~1")
    blob = repo.git("notes", "--ref=ai", "list", lost)
    tree = repo.git("mktree", stdin=f"100644 blob {blob}\t{lost}\n100644 blob {blob}\t{'1' * 40}\n")
    repo.git("update-ref", "refs/notes/ai", repo.git("commit-tree", tree, "-m", "notes"))
    report = ask(repo)
    assert report.total == Shares(lines=1, unknown=1)
    assert (evidence(report).records, evidence(report).orphaned, evidence(report).gone) == (2, 2, 1)


def test_contradictions_are_nobodys(repo: Repo) -> None:
    repo.commit("Begin", {"a": lines(*"abcdef")})
    annotate(
        repo, f"a\n  {TRACE} 1-3\n  h_31dce776f88375 3-4\n  ai_agent 2\n  abcd1234abcd1234 1\n"
    )
    agentblame = {"attributions": [
        {"path": "a", "startLine": 5, "endLine": 5, "provider": "opencode"},
        {"path": "a", "startLine": 1, "endLine": 1, "provider": "opencode"},
    ]}  # fmt: skip
    repo.note(json.dumps(agentblame), "HEAD", "refs/notes/agentblame")
    report = ask(repo)
    # 1: cursor against opencode; 2: cursor, and some agent; 3: cursor against a person.
    assert report.total == Shares(
        lines=6, attested={"cursor": 1, "opencode": 1, "unnamed-agent": 1}, human=1, unknown=2,
        contradictory=2,
    )  # fmt: skip


def test_a_remote_copy_is_read_once(repo: Repo) -> None:
    first = repo.commit("Begin", {"a": lines("a")})
    annotate(repo, f"a\n  {TRACE} 1\n")
    second = repo.commit("More", {"a": lines("a", "b")})
    for commit in (first, second):
        annotate(repo, "a\n  h_31dce776f88375 1-2\n", commit, "ai-remote/origin")
    report = ask(repo)
    assert report.total == Shares(lines=2, attested={"cursor": 1}, human=1)
    assert [one.duplicates for one in report.evidence] == [0, 1]


def test_malformed_and_huge_notes_are_counted(repo: Repo) -> None:
    repo.commit("Begin", {"a": lines("a")})
    repo.note("nothing of use", "HEAD", "refs/notes/ai")
    assert evidence(ask(repo)).malformed == 1
    config = Config(path=repo.path, max_bytes=10)
    report = run_lines(config, LineQuestion(), Silence())
    assert evidence(report).malformed == 1
    assert [problem.reason for problem in report.problems] == [
        "a note is missing, damaged or over the size limit"
    ]


def test_old_logs_in_refs_of_their_own(repo: Repo) -> None:
    commit = repo.commit("Begin", {"a": lines("a", "b")})
    log = {"files": {"a": {"authors": [{"author": "Claude", "lines": [2]}]}}}
    blob = repo.object("blob", json.dumps(log))
    repo.git("update-ref", f"refs/ai/authorship/{commit}", blob)
    assert ask(repo).total == Shares(lines=2, attested={"claude-code": 1}, unknown=1)


def test_agent_trace_names_the_commit_before(repo: Repo) -> None:
    before = repo.commit("Begin", {"a": lines(*"abc")})

    def record(revision: str, first: int, last: int) -> str:
        ranges = [{"start_line": first, "end_line": last}]
        conversation = {"contributor": {"type": "ai"}, "ranges": ranges}
        return json.dumps({
            "version": "1.0", "vcs": {"type": "git", "revision": revision},
            "tool": {"name": "cursor"}, "files": [{"path": "a", "conversations": [conversation]}],
        })  # fmt: skip

    traces = lines(record(before, 1, 2), record("1" * 40, 1, 3), "", "{broken")
    repo.commit("Edit", {"a": lines("a", "X", "c"), ".agent-trace/traces.jsonl": traces})
    report = ask(repo, paths=("a",))
    assert report.total == Shares(lines=3, attested={"cursor": 1}, unknown=2)
    counts = evidence(report)
    assert (counts.records, counts.reached, counts.orphaned, counts.gone) == (3, 1, 1, 1)
    assert counts.malformed == 1


def test_entire_checkpoint_names_the_agent(repo: Repo) -> None:
    repo.commit("Work", {"a": lines("a")}, trailers={"Entire-Checkpoint": "00c9e2351016"})
    main = repo.head
    repo.git("checkout", "-q", "--orphan", "entire/checkpoints/v1")
    data = {"agent": "Gemini CLI", "files_touched": ["a"]}
    repo.commit("Checkpoint", {"a": None, "00/c9e2351016/0/metadata.json": json.dumps(data)})
    repo.git("checkout", "-q", main)
    assert ask(repo).total == Shares(lines=1, marked={"gemini-cli": 1})
    assert ask(repo, notes=False).total == Shares(lines=1, marked={"unnamed-agent": 1})


def test_committer_only_and_suggestion_are_not_the_agents(repo: Repo) -> None:
    person = ("Ada", "ada@example.com")
    repo.commit("Own edits", {"a": lines("a")}, person, ("Ada (aider)", "ada@example.com"))
    repo.commit("Aider's", {"a": lines("a", "b")}, ("Ada (aider)", "ada@example.com"))
    assert ask(repo).total == Shares(lines=2, marked={"aider": 1}, unknown=1)


# ---------------------------------------------------------------------- what is counted


def test_files_that_do_not_count_are_said(repo: Repo) -> None:
    repo.commit("Begin", {
        "a.py": lines("a"), "empty": "", "image.png": b"\x89PNG\0\0", "package-lock.json": "{}\n",
        "vendor/x.py": lines("x"), "x.min.js": lines("x"),
        "made.go": "// Code generated by made. DO NOT EDIT.\n\npackage made\n",
    })  # fmt: skip
    (repo.path / "link").symlink_to("a.py")
    repo.git("add", "link")
    repo.commit("Link")
    report = ask(repo, exclude=("docs/",))
    assert [file.path for file in report.files] == ["a.py"]
    assert skipped(report) == {
        Skip.BINARY: 1, Skip.EMPTY: 1, Skip.LINK: 1, Skip.GENERATED: 2, Skip.VENDORED: 1,
        Skip.LOCK: 1,
    }  # fmt: skip
    assert "4 generated and vendored files and lock files are not counted" in report.notes
    assert report.complete
    everything = {file.path for file in ask(repo, everything=True).files}
    assert everything == {"a.py", "made.go", "package-lock.json", "vendor/x.py", "x.min.js"}
    included = ask(repo, include=("*.json", "*.go"), exclude=("made.*",))
    assert [file.path for file in included.files] == ["package-lock.json"]
    assert skipped(included)[Skip.EXCLUDED] == 7


def test_paths_narrow(repo: Repo) -> None:
    repo.commit("Begin", {"src/a": "a\n", "src2/b": "b\n", "c": "c\n"})
    assert [file.path for file in ask(repo, paths=("./src/", "c")).files] == ["c", "src/a"]
    with pytest.raises(ConfigError):
        ask(repo, paths=("../x",))
    config = Config(path=repo.path, subpaths=(repo.path / "src2",))
    assert [one.path for one in run_lines(config, LineQuestion(), Silence()).files] == ["src2/b"]


def test_range_counts_what_it_brought(repo: Repo) -> None:
    first = repo.commit("Begin", {"a": lines("a"), "b": lines("b")})
    second = repo.commit("More", {"a": lines("a", "x", "y")}, trailers=CLAUDE)
    repo.commit("Later", {"a": lines("z")})
    report = ask(repo, revision=f"{first}..{second}")
    assert report.files == (
        FileLines("a", report.files[0].blob, Shares(lines=2, marked={"claude-code": 2})),
    )
    assert report.commit == second
    with pytest.raises(ConfigError):
        ask(repo, revision=f"{first}...{second}")
    with pytest.raises(GitError):
        ask(repo, revision="no-such-branch")


def test_ignored_revisions_come_from_three_places(repo: Repo, tmp_path: Path) -> None:
    base = [f"some words of line {number}" for number in range(9)]
    repo.commit("Begin", {"a": lines(*base)}, trailers=CLAUDE)
    style = []
    for number in range(3):
        base[number] = base[number].replace(" ", "  ")
        style.append(repo.commit(f"Style {number}", {"a": lines(*base)}))
    repo.commit("List", {".git-blame-ignore-revs": f"# style\n{style[0]}\n{'1' * 40}\n"})
    own = tmp_path / "own"
    own.write_text(f"{style[1]} # mine\n")
    assert ask(repo, paths=("a",)).total.marked == {"claude-code": 7}
    exactness = Exactness(ignore_revisions=(style[2],), ignore_revisions_files=(own,))
    report = ask(repo, paths=("a",), exactness=exactness)
    assert report.total == Shares(lines=9, marked={"claude-code": 9})
    assert report.ignored_revisions == 3
    assert "1 commits to see through are not in this repository" in report.notes
    without = ask(repo, paths=("a",), exactness=Exactness(project_file=False))
    assert without.total.marked == {"claude-code": 6}
    own.write_text("HEAD\n")
    with pytest.raises(ConfigError):
        ask(repo, exactness=exactness)


# ---------------------------------------------------------------------- gaps


def test_shallow_clone_says_what_it_does_not_know(repo: Repo, tmp_path: Path) -> None:
    repo.commit("Begin", {"a": lines("a")}, trailers=CLAUDE)
    repo.commit("More", {"a": lines("a", "b")})
    repo.commit("Last", {"a": lines("a", "b", "c")}, trailers=CLAUDE)
    clone = repo.clone(tmp_path / "clone", "--depth=2", "--origin=o")
    report = ask(clone)
    assert report.total == Shares(lines=3, marked={"claude-code": 1}, cut_off=2)
    assert not report.complete
    text = rendered(report, "text")
    assert "33.3 %*" in text
    assert "33.3 % " not in text
    assert "the clone is shallow: 2 lines" in text


def test_unreadable_blob_is_said_and_nothing_is_guessed(repo: Repo) -> None:
    repo.commit("Begin", {"a": lines("a"), "b": lines("b")}, trailers=CLAUDE)
    blob = repo.git("rev-parse", "HEAD:a")
    repo.commit("More", {"a": lines("a", "x")})
    (repo.git_dir / "objects" / blob[:2] / blob[2:]).unlink()
    report = ask(repo)
    assert [file.path for file in report.files] == ["b"]
    assert skipped(report) == {Skip.UNREADABLE: 1}
    assert not report.complete
    assert [problem.where for problem in report.problems] == ["a"]
    assert "100.0 %*" in rendered(report, "markdown").replace("\\", "")


def test_large_file_is_left_out_and_said(repo: Repo) -> None:
    repo.commit("Begin", {"a": lines("a"), "b": "x" * 2000})
    report = run_lines(Config(path=repo.path, max_bytes=1000), LineQuestion(), Silence())
    assert skipped(report) == {Skip.OVERSIZE: 1}
    assert report.complete


def test_empty_repository_is_an_error_and_an_empty_tree_an_answer(repo: Repo) -> None:
    with pytest.raises(GitError):
        ask(repo)
    repo.commit("Nothing")
    report = ask(repo)
    assert report.total == Shares()
    for format_ in FORMATS:
        assert rendered(report, format_)


def test_sha256_and_bare(tmp_path: Path) -> None:
    repo = Repo.init(tmp_path / "repo", "sha256")
    repo.commit("Begin", {"a": lines("a")})
    annotate(repo, f"a\n  {TRACE} 1\n")
    bare = repo.clone(tmp_path / "bare", "--mirror", bare=True)
    assert ask(bare).total == Shares(lines=1, attested={"cursor": 1})


# ---------------------------------------------------------------------- the cache


def test_cache_changes_no_answer(repo: Repo, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    repo.commit("Begin", {"a": lines(*"abc"), "b": lines(*"xyz")})
    repo.checkout("side", new=True)
    repo.commit("Side", {"b": lines(*"xyzw")}, trailers=CLAUDE)
    repo.checkout("main")
    repo.commit("Edit", {"a": lines(*"aBc")}, trailers=CLAUDE)
    assert len({plain(ask(repo)), plain(ask(repo, cache)), plain(ask(repo, cache))}) == 1
    repo.commit("Undo", {"a": lines(*"abc")})
    repo.commit("Redo", {"a": lines(*"aBc")})
    assert plain(ask(repo, cache)) == plain(ask(repo))
    repo.merge("side")
    assert plain(ask(repo, cache)) == plain(ask(repo))
    repo.git("reset", "-q", "--hard", "HEAD~2")
    assert plain(ask(repo, cache)) == plain(ask(repo))


def test_cached_answers_are_used(repo: Repo, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    repo.commit("Begin", {"a": lines(*"abc")})
    old = repo.git("rev-parse", "HEAD:a")
    repo.commit("Edit", {"a": lines(*"abcd")})
    expected = plain(ask(repo, cache))
    # Without its history the file can't be blamed again.
    (repo.git_dir / "objects" / old[:2] / old[2:]).unlink()
    assert not ask(repo).complete
    assert plain(ask(repo, cache)) == expected
    exactness = Exactness(ignore_whitespace=True)
    assert not ask(repo, cache, exactness=exactness).complete


def test_damaged_cache_is_ignored(repo: Repo, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    repo.commit("Begin", {"a": lines(*"abc")})
    expected = plain(ask(repo, cache))
    (file,) = (cache / "blame").iterdir()
    file.write_bytes(file.read_bytes()[:-3])
    assert plain(ask(repo, cache)) == expected


def plain(report: LineReport) -> tuple[object, ...]:
    return (str(report.files), report.complete)


# ---------------------------------------------------------------------- output


def rendered(report: LineReport, format_: str, **options: object) -> str:
    stream = BytesIO()
    write_lines(report, format_, stream, Options(**options))  # type: ignore[arg-type]
    return stream.getvalue().decode()


def test_formats_agree_and_are_safe(repo: Repo, tmp_path: Path) -> None:
    hostile = "=cmd|x/::\x1b[31m`b`.py"
    repo.commit("Begin", {hostile: lines(*"abcd"), "z.py": lines("z")}, trailers=CLAUDE)
    annotate(repo, f'"{hostile}"\n  {TRACE} 1-3\n')
    report = ask(repo)
    document = json.loads(rendered(report, "json", exit_code=0))
    assert document["schema"] == "agentreach/attribute-lines/v1"
    assert document["total"]["attested"] == {"cursor": 3}
    assert document["evidence"][0]["added"] == 3
    rows = list(csv.DictReader(StringIO(rendered(report, "csv"))))
    total = [row for row in rows if row["scope"] == "total"]
    assert {(row["origin"], row["agent"], row["lines"], row["of"]) for row in total} == {
        ("attested", "cursor", "3", "5"), ("marked", "claude-code", "2", "5"),
    }  # fmt: skip
    assert all(not row["path"].startswith("=") for row in rows)
    for format_ in FORMATS:
        for verbose in (False, True):
            text = rendered(report, format_, verbose=verbose)
            assert "\x1b" not in text
            if format_ != "json":
                assert not any(line.startswith("::") for line in text.splitlines())
    assert "100.0 %" in rendered(report, "text")
    assert "z.py" in rendered(report, "text", verbose=True)
    target = tmp_path / "out.json"
    write_lines_file(report, "json", target, Options(exit_code=0))
    assert json.loads(target.read_bytes())["total"] == document["total"]
    with pytest.raises(ScannerError):
        rendered(report, "pdf")


def test_shares_never_round_to_all_or_nothing(repo: Repo) -> None:
    repo.commit("Begin", {"a": lines(*map(str, range(3000)))})
    repo.commit("One", {"a": lines(*map(str, range(3000)), "x")}, trailers=CLAUDE)
    text = rendered(ask(repo), "text")
    assert "<0.1 %" in text
    assert ">99.9 %" in text
    assert "100.0 %" not in text


def test_segments_of_no_claims() -> None:
    assert segments(()) == []
