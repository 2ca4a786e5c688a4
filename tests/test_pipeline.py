"""Where a secret is, since when, from whom, and whether it went again."""

from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.errors import ExitCode
from tests.repo import Repo
from tests.scanning import Run, only, places, scan, token

SECRET = token()
LINE = f'TOKEN = "{SECRET}"\n'
OTHER = f'TOKEN = "{token(1)}"\n'
EVE = ("Eve Example", "eve@example.com")


def secrets_in(repo: Repo, *arguments: str) -> Run:
    """A scan that must be complete."""
    result = scan(repo.path, *arguments)
    assert result.report["problems"] == []
    return result


# ------------------------------------------------------------------------------ since when


def test_the_oldest_commit_introduced_it(repo: Repo) -> None:
    first = repo.commit("bring it in", {"a.py": LINE}, author=EVE)
    repo.commit("copy it", {"b.py": f"import os\n{LINE}"})
    finding = only(secrets_in(repo).findings)
    assert finding["introduced"] == {
        "commit": first,
        "path": "a.py",
        "author": {"name": EVE[0], "email": EVE[1]},
        "authored": "2023-11-14T22:14:20Z",
        "committed": "2023-11-14T22:14:20Z",
        "subject": "bring it in",
        "exact": True,
    }
    assert places(finding) == [("worktree", "a.py"), ("worktree", "b.py")]
    assert [place["commit"] for place in finding["locations"]] == [first, repo.head]


def test_an_old_author_date_does_not_make_a_commit_older(repo: Repo) -> None:
    """A rebase keeps author dates: the committer's date tells the order."""
    first = repo.commit("first", {"a.py": LINE})
    repo.commit("second", {"b.py": LINE})
    repo.git(
        *("commit", "--quiet", "--amend", "--no-edit", "--date=2001-01-01T00:00:00Z"),
        env={"GIT_COMMITTER_DATE": f"{repo.time} +0000"},
    )
    assert only(secrets_in(repo).findings)["introduced"]["commit"] == first


def test_editing_around_a_secret_is_no_news(repo: Repo) -> None:
    first = repo.commit("bring it in", {"a.py": LINE})
    for number in range(3):
        repo.commit("edit", {"a.py": f"# {number}\n" * number + LINE})
    finding = only(secrets_in(repo).findings)
    assert finding["introduced"]["commit"] == first
    assert places(finding) == [("worktree", "a.py")]
    assert finding["locations"][0]["line"] == 3


def test_a_moved_file_is_neither_removed_nor_introduced(repo: Repo) -> None:
    first = repo.commit("bring it in", {"a.py": LINE})
    repo.commit("move it", {"a.py": None, "lib/b.py": LINE})
    finding = only(secrets_in(repo).findings)
    assert finding["introduced"]["commit"] == first
    assert finding["removed"] is None
    assert finding["locations"][0]["path"] == "lib/b.py"
    assert finding["locations"][0]["in_head"] is True


def test_a_move_alone_in_a_range_is_no_news(repo: Repo) -> None:
    repo.commit("bring it in", {"a.py": LINE})
    repo.commit("move it", {"a.py": None, "lib/b.py": LINE})
    assert secrets_in(repo, "--range", "HEAD~1..HEAD").findings == []


@pytest.mark.parametrize("after", [None, "TOKEN = None\n"])
def test_what_is_gone_was_removed_by_a_commit(repo: Repo, after: str | None) -> None:
    first = repo.commit("bring it in", {"a.py": LINE})
    gone = repo.commit("take it out", {"a.py": after}, author=EVE)
    repo.commit("go on", {"c.py": "x = 1\n"})
    finding = only(secrets_in(repo).findings)
    assert finding["introduced"]["commit"] == first
    assert finding["removed"]["commit"] == gone
    assert finding["removed"]["author"]["email"] == EVE[1]
    place = only(finding["locations"])
    assert (place["where"], place["path"], place["commit"]) == ("commit", "a.py", first)
    assert place["in_head"] is False


def test_removed_only_when_nothing_holds_it_any_more(repo: Repo) -> None:
    repo.commit("bring it in", {"a.py": LINE, "b.py": LINE})
    repo.commit("take one out", {"a.py": None})
    finding = only(secrets_in(repo).findings)
    assert finding["removed"] is None
    assert places(finding) == [("commit", "a.py"), ("worktree", "b.py")]
    assert finding["locations"][0]["in_head"] is True


def test_brought_back_after_a_removal(repo: Repo) -> None:
    first = repo.commit("bring it in", {"a.py": LINE})
    repo.commit("take it out", {"a.py": None})
    repo.commit("bring it back", {"a.py": LINE})
    finding = only(secrets_in(repo).findings)
    assert finding["introduced"]["commit"] == first
    assert finding["removed"] is None


def test_a_rotated_secret_is_another_secret(repo: Repo) -> None:
    first = repo.commit("bring it in", {"a.py": LINE})
    second = repo.commit("rotate", {"a.py": OTHER})
    findings = secrets_in(repo).secrets
    assert {f["introduced"]["commit"] for f in findings} == {first, second}
    assert {f["removed"] and f["removed"]["commit"] for f in findings} == {None, second}
    assert len({f["secret"]["digest"] for f in findings}) == 2


def test_two_branches_with_the_same_secret(repo: Repo) -> None:
    repo.commit("root", {"README.md": "# One\n"})
    repo.checkout("side", new=True)
    side = repo.commit("on a side branch", {"side.py": LINE})
    repo.checkout("main")
    repo.commit("on main", {"main.py": LINE})
    finding = only(secrets_in(repo).findings)
    assert finding["introduced"]["commit"] == side
    assert places(finding) == [("commit", "side.py"), ("worktree", "main.py")]
    assert {place["ref"] for place in finding["locations"]} >= {"refs/heads/side"}


def test_an_evil_merge_brings_in_what_no_parent_has(repo: Repo) -> None:
    repo.commit("root", {"a.py": "x = 1\n"})
    repo.checkout("side", new=True)
    repo.commit("side", {"b.py": "y = 1\n"})
    repo.checkout("main")
    repo.commit("main", {"c.py": "z = 1\n"})
    repo.merge("side", commit=False)
    evil = repo.commit("merge side", {"a.py": LINE})
    assert repo.git("rev-list", "--parents", "-1", "HEAD").count(" ") == 2
    finding = only(secrets_in(repo).findings)
    assert finding["introduced"]["commit"] == evil


def test_an_octopus_merge_introduces_nothing_by_itself(repo: Repo) -> None:
    repo.commit("root", {"README.md": "# One\n"})
    for name in ("one", "two"):
        repo.branch(name)
        repo.checkout(name)
        repo.commit(f"work on {name}", {f"{name}.py": LINE if name == "one" else "x = 1\n"})
        repo.checkout("main")
    repo.commit("main goes on", {"main.py": "z = 1\n"})
    merge = repo.merge("one", "two")
    assert repo.git("rev-list", "--parents", "-1", merge).count(" ") == 3
    finding = only(secrets_in(repo).findings)
    assert finding["introduced"]["subject"] == "work on one"
    assert finding["removed"] is None


def test_a_secret_that_a_merge_leaves_out_stays_in_history(repo: Repo) -> None:
    """Such a merge looks like its first parent, so no commit can be named that removed it."""
    repo.commit("root", {"a.py": "x = 1\n"})
    repo.checkout("side", new=True)
    repo.commit("side", {"b.py": LINE})
    repo.checkout("main")
    repo.commit("main", {"c.py": "z = 1\n"})
    repo.merge("side", commit=False)
    repo.commit("merge, without b.py", {"b.py": None})
    finding = only(secrets_in(repo).findings)
    assert finding["removed"] is None
    assert [(p["where"], p["in_head"]) for p in finding["locations"]] == [("commit", False)]


def test_who_wrote_it_is_told_by_marks(repo: Repo) -> None:
    trailer = {"Co-Authored-By": "Claude <noreply@anthropic.com>"}
    repo.commit("by an agent", {"a.py": LINE}, trailers=trailer)
    repo.commit("by nobody knows whom", {"b.py": OTHER})
    found = {f["locations"][0]["path"]: f["attribution"] for f in secrets_in(repo).secrets}
    assert found["a.py"]["agent"] == "claude-code"
    assert found["b.py"] == {"agent": None, "marks": []}


# ------------------------------------------------------------------------------ where


def in_head(repo: Repo) -> None:
    repo.commit("one", {"a.py": LINE})


def in_the_index_only(repo: Repo) -> None:
    repo.write("a.py", LINE)
    repo.stage("a.py")
    repo.remove("a.py")


def changed_on_disk(repo: Repo) -> None:
    repo.commit("one", {"a.py": "x = 1\n"})
    repo.write("a.py", LINE)


def untracked(repo: Repo) -> None:
    repo.write("a.py", LINE)


def ignored(repo: Repo) -> None:
    repo.commit("one", {".gitignore": "a.py\n"})
    repo.write("a.py", LINE)


def in_history_only(repo: Repo) -> None:
    repo.commit("one", {"a.py": LINE})
    repo.commit("two", {"a.py": None})


def stashed(repo: Repo) -> None:
    repo.commit("one", {"a.py": "x = 1\n"})
    repo.write("a.py", LINE)
    repo.stash()


def stashed_untracked(repo: Repo) -> None:
    repo.write("a.py", LINE)
    repo.stash(untracked=True)


def stashed_earlier(repo: Repo) -> None:
    stashed(repo)
    repo.write("a.py", "x = 2\n")
    repo.stash()


def in_a_note(repo: Repo) -> None:
    repo.note(LINE)


def in_a_tag(repo: Repo) -> None:
    repo.tag("v1", message=LINE)


def in_a_message(repo: Repo) -> None:
    repo.commit(f"one\n\n{LINE}")
    (repo.path / ".git" / "COMMIT_EDITMSG").unlink()


def in_git_config(repo: Repo) -> None:
    repo.git("config", "remote.origin.url", f"https://x:{SECRET}@github.com/acme/shop.git")


@pytest.mark.parametrize(
    ("make", "where", "tracking", "head"),
    [
        (in_head, "worktree", "tracked", True),
        (in_the_index_only, "index", None, False),
        (changed_on_disk, "worktree", "tracked", False),
        (untracked, "worktree", "untracked", False),
        (ignored, "worktree", "ignored", False),
        (in_history_only, "commit", None, False),
        (stashed, "stash", None, None),
        (stashed_untracked, "stash", None, None),
        (stashed_earlier, "stash", None, None),
        (in_a_note, "note", None, None),
        (in_a_tag, "tag", None, None),
        (in_a_message, "message", None, None),
        (in_git_config, "git-file", None, None),
    ],
)
def test_every_place_has_its_name(
    repo: Repo,
    make: Callable[[Repo], None],
    where: str,
    tracking: str | None,
    head: bool | None,
) -> None:
    repo.commit("root", {"README.md": "# One\n"})
    make(repo)
    finding = only(secrets_in(repo).findings)
    place = only([place for place in finding["locations"] if place["where"] == where])
    assert len(finding["locations"]) == 1
    assert place["in_head"] is head
    if where == "worktree":
        assert place["tracking"] == tracking
    if where in ("worktree", "index", "commit", "stash"):
        assert place["path"] == "a.py"


def test_several_files_are_one_finding(repo: Repo) -> None:
    repo.commit("one", {"a.py": LINE, "b/c.py": f"# other\n{LINE}", "d.py": LINE * 2})
    finding = only(secrets_in(repo).findings)
    assert [(p["path"], p["line"]) for p in finding["locations"]] == [
        ("a.py", 1),
        ("b/c.py", 2),
        ("d.py", 1),
        ("d.py", 2),
    ]
    marks = {place["path"]: place["fingerprint"] for place in finding["locations"]}
    assert len(set(marks.values())) == 3, "a place is a path, whatever the line"


def test_one_blob_at_several_paths(repo: Repo) -> None:
    repo.commit("one", {"a.py": LINE, "b.py": LINE})
    finding = only(secrets_in(repo).findings)
    assert len({place["blob"] for place in finding["locations"]}) == 1
    assert places(finding) == [("worktree", "a.py"), ("worktree", "b.py")]


def test_a_hundred_versions_of_a_file_are_one_place(repo: Repo) -> None:
    for number in range(12):
        repo.commit("edit", {"a.py": f"# {number}\n{LINE}"})
    assert places(only(secrets_in(repo).findings)) == [("worktree", "a.py")]


def test_only_the_reflog_remembers(repo: Repo) -> None:
    repo.commit("root", {"README.md": "# One\n"})
    lost = repo.commit("lost", {"a.py": LINE})
    repo.git("reset", "--quiet", "--hard", "HEAD~1")
    assert secrets_in(repo).findings == []
    finding = only(secrets_in(repo, "--reflog").findings)
    assert places(finding) == [("reflog", "a.py")]
    assert finding["introduced"]["commit"] == lost


def test_nothing_names_it_any_more(repo: Repo) -> None:
    repo.commit("root", {"README.md": "# One\n"})
    repo.object("blob", LINE)
    assert secrets_in(repo).findings == []
    assert secrets_in(repo, "--reflog").findings == []
    finding = only(secrets_in(repo, "--unreachable").findings)
    assert places(finding) == [("unreachable", "")]
    assert finding["introduced"] is None


def test_without_history_only_the_present_counts(repo: Repo) -> None:
    repo.commit("one", {"old.py": LINE})
    repo.commit("two", {"old.py": None, "new.py": OTHER})
    result = secrets_in(repo, "--no-history")
    assert places(only(result.findings)) == [("worktree", "new.py")]
    assert any("--no-history" in note for note in result.report["summary"]["coverage"]["notes"])


# ---------------------------------------------------------------------- shapes of repositories


def test_a_shallow_clone_is_incomplete(repo: Repo, tmp_path: Path) -> None:
    repo.commit("one", {"a.py": LINE})
    repo.commit("two", {"b.py": "x = 1\n"})
    clone = repo.clone(tmp_path / "shallow", "--depth=1")
    result = scan(clone.path, "--fail-on", "never")
    assert result.code == ExitCode.INCOMPLETE
    assert "shallow" in result.reasons
    assert result.report["repository"]["shallow"] is True
    assert only(result.findings)["introduced"]["exact"] is False
    assert scan(clone.path).code == ExitCode.FINDINGS, "a finding speaks before incompleteness"
    assert scan(clone.path, "--no-history").report["problems"] == []


def test_a_clean_shallow_clone_is_not_called_clean(repo: Repo, tmp_path: Path) -> None:
    repo.commit("one", {"a.py": "x = 1\n"})
    repo.commit("two", {"b.py": "x = 1\n"})
    clone = repo.clone(tmp_path / "shallow", "--depth=1")
    assert scan(clone.path).code == ExitCode.INCOMPLETE
    assert scan(clone.path, "--no-history").code == ExitCode.CLEAN
    assert scan(clone.path, "--range", "HEAD").report["summary"]["complete"] is True


def test_a_partial_clone_says_what_is_missing(repo: Repo, tmp_path: Path) -> None:
    repo.commit("one", {"a.py": LINE})
    repo.commit("two", {"a.py": "x = 1\n"})
    repo.git("config", "uploadpack.allowFilter", "true")
    clone = repo.clone(tmp_path / "partial", "--filter=blob:none")
    result = scan(clone.path)
    assert result.code == ExitCode.INCOMPLETE
    assert result.report["repository"]["partial"] is True
    assert "missing" in result.reasons
    assert result.report["summary"]["complete"] is False


def test_a_partial_clone_says_what_only_a_tagged_tree_lacks(repo: Repo, tmp_path: Path) -> None:
    repo.commit("one", {"a.py": "x = 1\n"})
    blob = repo.object("blob", "only a tagged tree holds this\n")
    tree = repo.git("mktree", stdin=f"100644 blob {blob}\tb.py\n".encode())
    repo.git("tag", "--annotate", "--message=Kept", "kept", tree)
    repo.git("config", "uploadpack.allowFilter", "true")
    clone = repo.clone(tmp_path / "partial", "--filter=blob:none")
    result = scan(clone.path)
    assert result.code == ExitCode.INCOMPLETE
    assert "1 blob missing from this partial clone not scanned" in result.reasons


def test_a_bare_repository(repo: Repo, tmp_path: Path) -> None:
    first = repo.commit("one", {"a.py": LINE})
    clone = repo.clone(tmp_path / "bare.git", bare=True)
    finding = only(secrets_in(clone).findings)
    assert places(finding) == [("commit", "a.py")]
    assert finding["locations"][0]["in_head"] is True
    assert finding["introduced"]["commit"] == first
    assert finding["removed"] is None


def test_sha256(tmp_path: Path) -> None:
    repo = Repo.init(tmp_path / "repo", object_format="sha256")
    first = repo.commit("one", {"a.py": LINE})
    result = secrets_in(repo)
    finding = only(result.findings)
    assert len(first) == 64
    assert finding["introduced"]["commit"] == first
    assert len(finding["locations"]) == 1, "the file on disk is hashed with the same function"
    assert result.report["repository"]["object_format"] == "sha256"


def test_an_empty_repository(repo: Repo) -> None:
    assert secrets_in(repo).code == ExitCode.CLEAN
    repo.write("a.py", LINE)
    finding = only(secrets_in(repo).findings)
    assert places(finding) == [("worktree", "a.py")]
    assert finding["introduced"] is None


def test_a_detached_head(repo: Repo) -> None:
    first = repo.commit("one", {"a.py": LINE})
    repo.commit("two", {"a.py": None})
    repo.checkout(first)
    finding = only(secrets_in(repo).findings)
    assert finding["locations"][0]["in_head"] is True
    assert finding["removed"] is None


def test_a_linked_worktree(repo: Repo, tmp_path: Path) -> None:
    repo.commit("one", {"a.py": LINE})
    repo.git("worktree", "add", "--quiet", "-b", "side", str(tmp_path / "linked"))
    linked = Repo(tmp_path / "linked")
    linked.write("mine.py", OTHER)
    paths = {place["path"] for f in secrets_in(linked).findings for place in f["locations"]}
    assert paths == {"a.py", "mine.py"}
    assert {p["path"] for f in secrets_in(repo).findings for p in f["locations"]} == {"a.py"}


def test_a_submodule_is_not_part_of_the_repository(repo: Repo, tmp_path: Path) -> None:
    inner = Repo.init(tmp_path / "inner")
    inner.commit("one", {"a.py": LINE})
    repo.commit("root", {"README.md": "# One\n"})
    repo.git("submodule", "--quiet", "add", f"file://{inner.path}", "vendor/inner")
    repo.commit("add a submodule")
    assert [p for f in scan(repo.path).findings for p in f["locations"]] == []
    assert places(only(scan(repo.path / "vendor" / "inner").findings)) == [("worktree", "a.py")]


def test_a_plain_directory(tmp_path: Path) -> None:
    directory = tmp_path / "plain"
    (directory / "sub").mkdir(parents=True)
    (directory / "sub" / "a.py").write_text(LINE)
    result = scan(directory)
    assert result.code == ExitCode.FINDINGS
    assert places(only(result.findings)) == [("worktree", "sub/a.py")]
    assert result.report["repository"]["git"] is False


def test_standard_input(tmp_path: Path) -> None:
    result = scan("-", stdin=f"first\n{LINE}".encode())
    assert result.code == ExitCode.FINDINGS
    place = only(only(result.findings)["locations"])
    assert (place["where"], place["line"], place["column"]) == ("stdin", 2, 10)
    assert scan("-", stdin=b"").code == ExitCode.CLEAN


def test_an_explicit_file_and_a_subdirectory(repo: Repo) -> None:
    repo.commit("one", {"a.py": LINE, "sub/b.py": OTHER, "sub/c.py": "x = 1\n"})
    assert places(only(scan(repo.path / "a.py").findings)) == [("worktree", "a.py")]
    assert places(only(scan(repo.path / "sub").findings)) == [("worktree", "sub/b.py")]
    assert scan(repo.path / "sub" / "c.py").code == ExitCode.CLEAN
    both = scan(repo.path / "a.py", repo.path / "sub" / "b.py")
    assert len(both.secrets) == 2


def test_the_same_secret_has_the_same_digest_in_a_clone(repo: Repo, tmp_path: Path) -> None:
    repo.commit("one", {"a.py": LINE})
    clone = repo.clone(tmp_path / "clone")
    mine, theirs = only(scan(repo.path).findings), only(scan(clone.path).findings)
    assert mine["fingerprint"] == theirs["fingerprint"]
    assert mine["secret"] == theirs["secret"]
    elsewhere = Repo.init(tmp_path / "other")
    elsewhere.commit("another root", {"a.py": LINE})
    assert only(scan(elsewhere.path).findings)["secret"]["digest"] != mine["secret"]["digest"]


# ------------------------------------------------------------------------------ only what is new


def test_staged_is_about_what_is_new(repo: Repo) -> None:
    repo.commit("one", {"a.py": LINE, "moved.py": OTHER})
    repo.write("a.py", f"# edited\n{LINE}")
    repo.stage("a.py")
    repo.git("mv", "moved.py", "elsewhere.py")
    assert secrets_in(repo, "--staged").code == ExitCode.CLEAN
    third = token(2)
    repo.write("b.py", f'x = "{third}"\n')
    assert secrets_in(repo, "--staged").findings == [], "not staged yet"
    repo.stage("b.py")
    finding = only(secrets_in(repo, "--staged").findings)
    assert places(finding) == [("index", "b.py")]


def test_staged_before_the_first_commit(repo: Repo) -> None:
    repo.write("a.py", LINE)
    repo.stage("a.py")
    result = secrets_in(repo, "--staged")
    assert result.code == ExitCode.FINDINGS
    assert places(only(result.findings)) == [("index", "a.py")]


def test_staged_and_removed_again_is_clean(repo: Repo) -> None:
    repo.commit("one", {"a.py": LINE})
    repo.remove("a.py")
    repo.stage()
    assert secrets_in(repo, "--staged").code == ExitCode.CLEAN


def test_a_range_is_about_what_it_brought(repo: Repo) -> None:
    repo.commit("one", {"a.py": LINE})
    repo.commit("two", {"a.py": f"# edited\n{LINE}"})
    third = repo.commit("three", {"b.py": OTHER})
    repo.commit(f"four\n\n{token(2)}", {"b.py": None})
    assert secrets_in(repo, "--range", "HEAD~3..HEAD~2").code == ExitCode.CLEAN
    findings = secrets_in(repo, "--range", "HEAD~3..HEAD").findings
    wheres = {tuple(p["where"] for p in f["locations"]) for f in findings}
    assert wheres == {("commit",), ("message",)}
    introduced = {f["introduced"]["commit"] for f in findings if f["introduced"]}
    assert introduced == {third}


def test_a_range_of_a_side_branch(repo: Repo) -> None:
    repo.commit("root", {"README.md": "# One\n"})
    repo.checkout("side", new=True)
    side = repo.commit("side", {"b.py": LINE})
    repo.checkout("main")
    finding = only(secrets_in(repo, "--range", "main..side").findings)
    assert finding["introduced"]["commit"] == side


# ---------------------------------------------------------------------- what was not scanned


def test_a_large_file_is_said_to_be_left_out(repo: Repo) -> None:
    repo.commit("one", {"big.txt": "x" * 5_000 + "\n" + LINE, "a.py": "x = 1\n"})
    result = scan(repo.path, "--max-bytes", "4000")
    assert result.code == ExitCode.INCOMPLETE
    assert result.findings == []
    assert any(problem["where"] == "big.txt" for problem in result.report["problems"])


def test_a_damaged_object_is_a_problem_and_the_rest_is_scanned(repo: Repo) -> None:
    repo.commit("one", {"a.py": "x = 1\n# to be damaged\n", "b.py": LINE})
    blob = repo.git("rev-parse", "HEAD:a.py")
    loose = repo.path / ".git" / "objects" / blob[:2] / blob[2:]
    loose.chmod(0o600)
    loose.write_bytes(b"not zlib")
    result = scan(repo.path, "--fail-on", "never")
    assert result.code == ExitCode.INCOMPLETE
    assert places(only(result.findings)) == [("worktree", "b.py")]
