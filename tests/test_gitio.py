"""gitio on every shape of repository git can be in."""

import os
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from scanner.errors import GitError
from scanner.gitio import Repository, open_repository
from scanner.gitio.objects import object_kinds
from scanner.gitio.presence import Presence
from scanner.model import Change, Problem, Where
from tests.repo import Repo


def commits(repository: Repository, *, reflog: bool = False) -> list[Change]:
    items = list(repository.changes(reflog=reflog))
    assert not [item for item in items if isinstance(item, Problem)]
    return [item for item in items if isinstance(item, Change)]


def contents(
    repository: Repository,
    jobs: int = 2,
    ids: Sequence[str] | None = None,
    limit: int = 10 << 20,
    present: Presence | None = None,
) -> tuple[dict[str, bytes], list[Problem]]:
    """Everything that the streams hand out, read by one thread each."""
    found: dict[str, bytes] = {}
    problems: list[Problem] = []
    failures: list[BaseException] = []

    def consume(number: int) -> None:
        try:
            for batch in streams[number]:
                for index, blob in enumerate(batch.blobs):
                    assert blob not in found, "a blob was handed out twice"
                    found[blob] = batch.content(index)
        except BaseException as failure:
            failures.append(failure)

    streams = repository.blob_streams(
        jobs, ids=ids, limit=limit, problems=problems.append, present=present
    )
    threads = [threading.Thread(target=consume, args=(number,)) for number in range(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    return found, problems


def naive(repo: Repo) -> dict[str, bytes]:
    """Every blob of eight bytes or more, each by a git process of its own."""
    listing = repo.git("cat-file", "--batch-all-objects", "--batch-check")
    rows = [line.split() for line in listing.splitlines()]
    return {
        blob: repo.git_bytes("cat-file", "blob", blob)
        for blob, kind, size in rows
        if kind == "blob" and int(size) >= 8
    }


# ------------------------------------------------------------------ finding and opening


def test_opens_from_anywhere_inside(repo: Repo) -> None:
    head = repo.commit("one", {"a/b/file.txt": "some content"})
    for place in (".", "a/b", "a/b/file.txt", ".git", ".git/refs"):
        with open_repository(repo.path / place) as opened:
            assert (opened.root, opened.head, opened.branch) == (repo.path, head, "main")
            assert not opened.bare


def test_what_is_no_repository_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(GitError, match="not inside a git repository"):
        open_repository(tmp_path)
    with pytest.raises(GitError, match="No such file"):
        open_repository(tmp_path / "absent")


def test_git_missing_is_one_clear_error(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    import git.cmd

    monkeypatch.setattr(git.cmd.Git, "GIT_PYTHON_GIT_EXECUTABLE", "/nonexistent/git")
    with pytest.raises(GitError, match="can't be run"):
        open_repository(repo.path)


def test_a_git_too_old_is_one_clear_error(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "git"
    old.write_text("#!/bin/sh\necho git version 2.20.1\n")
    old.chmod(0o755)
    import git.cmd

    monkeypatch.setattr(git.cmd.Git, "GIT_PYTHON_GIT_EXECUTABLE", str(old))
    with pytest.raises(GitError, match=r"2\.20\.1 is too old"):
        open_repository(repo.path)


@pytest.mark.parametrize(
    "pointer", [b"gitdir: ../elsewhere/.git\n", b"gitdir: /nowhere\n", b"rubbish", b""]
)
def test_a_hostile_or_broken_pointer_is_refused(tmp_path: Path, pointer: bytes) -> None:
    Repo.init(tmp_path / "elsewhere").commit("private", {"a": "not yours"})
    target = tmp_path / "target"
    target.mkdir()
    (target / ".git").write_bytes(pointer)
    with pytest.raises(GitError, match=r"\.git"):
        open_repository(target)


def test_a_hostile_commondir_is_refused(tmp_path: Path, repo: Repo) -> None:
    other = Repo.init(tmp_path / "other")
    (repo.path / ".git/commondir").write_text(f"{other.path}/.git\n")
    with pytest.raises(GitError, match="commondir"):
        open_repository(repo.path)


def test_a_fifo_in_place_of_a_file_does_not_block(repo: Repo) -> None:
    (repo.path / ".git/HEAD").unlink()
    os.mkfifo(repo.path / ".git/HEAD")
    with pytest.raises(GitError, match="not a regular file"):
        open_repository(repo.path)


def test_the_view_is_removed_even_after_an_error(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    repo.commit("one", {"a": "some content"})
    with pytest.raises(KeyError), open_repository(repo.path) as opened:
        assert list(scratch.iterdir())
        next(opened.changes())
        raise KeyError
    assert not list(scratch.iterdir())
    repo.git("config", "extensions.objectFormat", "whirlpool")
    with pytest.raises(GitError, match="unknown here"):
        open_repository(repo.path)
    assert not list(scratch.iterdir())


# ------------------------------------------------------------------ shapes of repositories


def test_empty_repository(repo: Repo) -> None:
    with open_repository(repo.path) as opened:
        assert (opened.head, opened.branch, opened.root_commit()) == (None, "main", None)
        assert opened.refs() == ()
        assert commits(opened, reflog=True) == []
        assert contents(opened) == ({}, [])
        assert opened.staged_change().paths == ()
        repo.write("new.txt", "some content")
        repo.stage(["new.txt"])
    with open_repository(repo.path) as opened:
        assert [path.path for path in opened.staged_change().paths] == ["new.txt"]


def test_bare_repository(repo: Repo, tmp_path: Path) -> None:
    head = repo.commit("one", {"a.txt": "some content"})
    bare = repo.clone(tmp_path / "project.git", bare=True)
    with open_repository(bare.path) as opened:
        assert (opened.bare, opened.name, opened.head) == (True, "project", head)
        assert [entry.path for entry in opened.tree_entries("HEAD")] == ["a.txt"]
        assert opened.untracked() == opened.ignored() == ()
        assert list(contents(opened)[0].values()) == [b"some content"]


def test_linked_worktree_has_its_own_head_and_index(repo: Repo, tmp_path: Path) -> None:
    repo.commit("one", {"a.txt": "some content"})
    linked = Repo(tmp_path / "linked")
    repo.git("worktree", "add", "-q", "-b", "side", str(linked.path))
    linked.time = repo.time
    side = linked.commit("side", {"b.txt": "other content"})
    linked.write("c.txt", "staged content")
    linked.stage(["c.txt"])
    with open_repository(linked.path) as opened:
        assert (opened.root, opened.branch, opened.head) == (linked.path, "side", side)
        assert opened.common_dir == repo.path / ".git"
        assert [path.path for path in opened.staged_change().paths] == ["c.txt"]
        assert len(commits(opened)) == 2


def test_the_detached_head_of_another_worktree_is_read(repo: Repo, tmp_path: Path) -> None:
    repo.commit("one", {"a.txt": "some content"})
    linked = Repo(tmp_path / "linked")
    repo.git("worktree", "add", "-q", "--detach", str(linked.path))
    linked.time = repo.time
    lost = linked.commit("on no branch", {"b.txt": "other content"})
    with open_repository(repo.path) as opened:
        assert lost in {change.commit for change in commits(opened)}


def test_detached_head(repo: Repo) -> None:
    repo.commit("one", {"a": "first content"})
    repo.checkout(repo.head)
    head = repo.commit("two", {"a": "second content"})
    with open_repository(repo.path) as opened:
        assert (opened.head, opened.branch) == (head, None)
        assert [change.ref for change in commits(opened)] == ["HEAD", "refs/heads/main"]


def test_shallow_clone(repo: Repo, tmp_path: Path) -> None:
    first = repo.commit("one", {"a": "first content"})
    head = repo.commit("two", {"b": "second content"})
    clone = repo.clone(tmp_path / "clone", "--depth=1")
    with open_repository(clone.path) as opened:
        assert opened.shallow
        assert opened.root_commit() is None
        (change,) = commits(opened)
        assert (change.commit, change.boundary) == (head, True)
        assert {path.path for path in change.paths} == {"a", "b"}
        with pytest.raises(GitError) as error:
            opened.resolve_range(f"{first}..HEAD")
        assert first in error.value.message
        assert "unshallow" in (error.value.hint or "")


def test_partial_clone_says_what_is_missing_and_fetches_nothing(repo: Repo, tmp_path: Path) -> None:
    repo.commit("one", {"a": "first content"})
    repo.commit("two", {"a": "second content"})
    repo.git("config", "uploadpack.allowFilter", "true")
    clone = repo.clone(tmp_path / "clone", "--filter=blob:none", "--no-checkout")
    with open_repository(clone.path) as opened:
        assert opened.partial
        assert len(commits(opened)) == 2
        present = Presence()
        found, problems = contents(opened, present=present)
        assert found == {} and problems == []
        told = present.lacking(opened.changes(), (), opened.counts)
        assert [problem.reason for problem in told if isinstance(problem, Problem)] == [
            "2 blobs missing from this partial clone not scanned"
        ]
        assert opened.counts.missing == 2
        (entry,) = opened.tree_entries("HEAD")
        assert opened.read_blob(entry.blob) is None
    listing = clone.git("cat-file", "--batch-all-objects", "--batch-check")
    assert " blob " not in listing


def test_treeless_clone_still_shows_its_commits(repo: Repo, tmp_path: Path) -> None:
    for number in range(12):
        repo.commit(f"commit {number}", {"a": f"content number {number}"})
    repo.git("config", "uploadpack.allowFilter", "true")
    clone = repo.clone(tmp_path / "clone", "--filter=tree:0", "--no-checkout")
    with open_repository(clone.path) as opened:
        items = list(opened.changes())
    changes = [item for item in items if isinstance(item, Change)]
    problems = [item for item in items if isinstance(item, Problem)]
    assert [change.subject for change in changes] == [f"commit {n}" for n in range(11, -1, -1)]
    assert problems
    assert any("tree:0" in (problem.hint or "") for problem in problems)


def test_sha256(tmp_path: Path) -> None:
    repo = Repo.init(tmp_path / "repo", object_format="sha256")
    head = repo.commit("one", {"a": "some content"})
    with open_repository(repo.path) as opened:
        assert (opened.object_format, opened.head) == ("sha256", head)
        (change,) = commits(opened)
        assert change.paths[0].old_blobs == ()
        assert contents(opened)[0] == naive(repo)
        assert opened.staged_change().paths == ()


def test_alternates_are_read(repo: Repo, tmp_path: Path) -> None:
    repo.commit("one", {"a": "borrowed content"})
    shared = repo.clone(tmp_path / "clone")
    repo.git("clone", "-q", "--shared", str(repo.path), str(tmp_path / "shared"))
    borrower = Repo(tmp_path / "shared")
    with open_repository(borrower.path) as opened:
        assert contents(opened)[0] == naive(shared)


def test_wrong_owner_is_no_obstacle(repo: Repo) -> None:
    repo.commit("one", {"a": "some content"})
    if os.geteuid():
        pytest.skip("only root can give a directory away")
    os.chown(repo.path, 12345, 12345)
    os.chown(repo.path / ".git", 12345, 12345)
    with open_repository(repo.path) as opened:
        assert len(commits(opened)) == 1


def test_core_worktree_elsewhere_is_ignored(repo: Repo, tmp_path: Path) -> None:
    repo.commit("one", {"a": "some content"})
    private = tmp_path / "private"
    private.mkdir()
    (private / "diary.txt").write_text("not yours")
    repo.git("config", "core.worktree", str(private))
    with open_repository(repo.path) as opened:
        assert opened.root == repo.path
        assert opened.untracked() == ()


def test_submodule_and_nested_repository(repo: Repo, tmp_path: Path) -> None:
    module = Repo.init(tmp_path / "module")
    module_head = module.commit("m", {"m.txt": "module content"})
    repo.git("submodule", "add", "-q", str(module.path), "sub")
    repo.commit("with a submodule")
    nested = Repo.init(repo.path / "nested")
    nested.commit("n", {"n.txt": "nested content"})
    with open_repository(repo.path) as opened:
        assert opened.untracked() == ("nested/",)
        (link,) = [entry for entry in opened.index_entries() if entry.mode == "160000"]
        assert (link.path, link.blob) == ("sub", module_head)
    with open_repository(repo.path / "sub") as opened:
        assert (opened.root, opened.head) == (repo.path / "sub", module_head)
    with open_repository(repo.path / "nested") as opened:
        assert opened.root == repo.path / "nested"


# ------------------------------------------------------------------ refs and revisions


def test_refs_of_every_kind(repo: Repo) -> None:
    head = repo.commit("one", {"a": "some content"})
    tag = repo.tag("v1")
    repo.git("update-ref", "refs/pull/1/head", head)
    with open_repository(repo.path) as opened:
        rows = [(ref.name, ref.target, ref.kind, ref.peeled) for ref in opened.refs()]
        assert rows == [
            ("refs/heads/main", head, "commit", head),
            ("refs/pull/1/head", head, "commit", head),
            ("refs/tags/v1", tag, "tag", head),
        ]
        found, _ = contents(opened, ids=[tag])
        assert found[tag].endswith(b"a tag\n")


def test_refs_survive_a_missing_object(repo: Repo) -> None:
    repo.commit("one", {"a": "some content"})
    (repo.path / ".git/refs/heads/broken").write_text("1" * 40 + "\n")
    with open_repository(repo.path) as opened:
        assert "refs/heads/broken" in {ref.name for ref in opened.refs()}
        assert any(isinstance(item, Problem) for item in opened.changes())


def test_revisions(repo: Repo) -> None:
    first = repo.commit("one", {"a": "some content"})
    repo.branch("side", first)
    second = repo.commit("two", {"a": "more content"})
    with open_repository(repo.path) as opened:
        assert opened.resolve("HEAD~1") == first
        assert opened.resolve_range("main") == (second,)
        assert set(opened.resolve_range("side..main")) == {second, f"^{first}"}
        assert set(opened.resolve_range("side...main")) == {second, first, f"^{first}"}
        chosen = opened.changes(opened.resolve_range("side..main"))
        assert [item.commit for item in chosen if isinstance(item, Change)] == [second]
        for bad in ("nonsense", "a..b", "--all", "-n1", "", "HEAD\n--all", "HEAD:a"):
            with pytest.raises(GitError):
                opened.resolve_range(bad)


def test_root_commit_is_the_smallest_of_several(repo: Repo) -> None:
    first = repo.commit("one", {"a": "some content"})
    repo.checkout("other", orphan=True)
    second = repo.commit("another root", {"b": "other content"})
    repo.git("merge", "-q", "--allow-unrelated-histories", "-m", "joined", "main")
    with open_repository(repo.path) as opened:
        assert opened.root_commit() == min(first, second)
        assert len(commits(opened)) == 3


# ------------------------------------------------------------------ commits


def test_a_change_says_what_the_commit_did(repo: Repo) -> None:
    first = repo.commit("one", {"gone": "first content", "kept": "kept content"})
    blobs = {
        entry.split()[3]: entry.split()[2] for entry in repo.git("ls-tree", "HEAD").splitlines()
    }
    message = "subject\n\nbody\n:100644 not an entry\n\n  indented"
    head = repo.commit(
        message,
        {"gone": None, "kept": "other content"},
        author=("Zoë", "zoe@example.com"),
        trailers=[("Co-authored-by", "A <a@b>"), ("Co-authored-by", "C <c@d>")],
    )
    with open_repository(repo.path) as opened:
        newest, oldest = commits(opened)
    assert (newest.commit, newest.parents, newest.ref) == (head, (first,), "refs/heads/main")
    assert newest.message == message + "\n\nCo-authored-by: A <a@b>\nCo-authored-by: C <c@d>"
    assert (newest.author.name, newest.author_time) == ("Zoë", repo.time)
    assert newest.committer.name == "Carl Committer"
    rows = [(p.status, p.path, p.old_mode, p.new_mode, p.old_blobs) for p in newest.paths]
    assert rows == [
        ("D", "gone", "100644", "000000", (blobs["gone"],)),
        ("M", "kept", "100644", "100644", (blobs["kept"],)),
    ]
    assert newest.paths[0].new_blob is None
    assert [(p.status, p.new_blob) for p in oldest.paths] == [
        ("A", blobs["gone"]),
        ("A", blobs["kept"]),
    ]
    assert newest.where is Where.COMMIT
    assert newest.signature is None


@pytest.mark.parametrize(
    "path",
    [
        "new\nline",
        "tab\tand space",
        ":colon",
        "commit 1111111111111111111111111111111111111111",
        'quo"te',
        os.fsdecode(b"\xff\xfe-not-utf8"),
        "é/ü",
    ],
)
def test_any_path_survives(repo: Repo, path: str) -> None:
    repo.commit("one", {path: "some content", "z": "other content"})
    repo.commit("two", {path: "new content"})
    with open_repository(repo.path) as opened:
        newest, oldest = commits(opened)
        assert [entry.path for entry in newest.paths] == [path]
        assert {entry.path for entry in oldest.paths} == {path, "z"}
        assert path in {entry.path for entry in opened.index_entries()}
        assert path in {entry.path for entry in opened.tree_entries("HEAD")}


def test_odd_commits(repo: Repo) -> None:
    repo.commit("normal", {"a": "some content"})
    tree = repo.git("rev-parse", "HEAD^{tree}")
    times = {"1970": "0 +0000", "2100": "4102444800 +0000", "minus": "-5 +0000"}
    times |= {"overflow": "99999999999999999999 +0000", "rubbish": "soon", "none": ""}
    for name, when in times.items():
        commit = repo.object(
            "commit", f"tree {tree}\nauthor A <a@b> {when}\ncommitter C <c@d> {when}\n\n{name}\n"
        )
        repo.git("update-ref", f"refs/heads/{name}", commit)
    raw = f"tree {tree}\nauthor no brackets at all\ncommitter <<x>> <y> 7 +0000\n:fake header\n"
    repo.git("update-ref", "refs/heads/raw", repo.object("commit", raw))
    latin = f"tree {tree}\nauthor A <a@b> 1 +0000\ncommitter C <c@d> 1 +0000\nencoding latin1\n\n"
    encoded = repo.object("commit", latin.encode() + b"caf\xe9\n")
    repo.git("update-ref", "refs/heads/latin", encoded)
    broken = latin.replace("encoding latin1\n", "").encode() + b"caf\xe9\n"
    repo.git("update-ref", "refs/heads/broken", repo.object("commit", broken))
    with open_repository(repo.path) as opened:
        changes = {change.ref: change for change in commits(opened)}
    seen = {name: changes[f"refs/heads/{name}"].author_time for name in times}
    assert (seen["1970"], seen["2100"], seen["rubbish"], seen["none"]) == (0, 4102444800, 0, 0)
    assert seen["overflow"] in (0, 2**63 - 1, 2**64 - 1)
    bare = changes["refs/heads/raw"]
    assert (bare.message, bare.author.name, bare.author.email) == ("", "no brackets at all", "")
    assert [path.path for path in bare.paths] == ["a"]
    assert changes["refs/heads/latin"].message == "café"
    assert changes["refs/heads/broken"].message.startswith("caf")


def test_a_huge_message_is_cut_and_said(repo: Repo) -> None:
    repo.commit(b"x" * (5 << 20), {"a": "some content"})
    head = repo.head
    with open_repository(repo.path) as opened:
        change, problem = opened.changes()
    assert isinstance(change, Change)
    assert isinstance(problem, Problem)
    assert len(change.message) <= 1 << 20
    assert [path.path for path in change.paths] == ["a"]
    assert problem.where == head


def test_merges(repo: Repo) -> None:
    repo.commit("base", {"a": "base content\n", "b": "base content\n"})
    for name in ("left", "right", "third"):
        repo.git("checkout", "-q", "-b", name, "main")
        repo.commit(name, {f"{name}.txt": f"{name} content"})
    repo.checkout("main")
    octopus = repo.merge("left", "right", "third")
    repo.git("checkout", "-q", "-b", "evil", "main")
    repo.commit("on the side", {"side": "side content"})
    repo.checkout("main")
    repo.merge("evil", commit=False)
    evil = repo.commit("evil merge", {"a": "slipped in by the merge"})
    with open_repository(repo.path) as opened:
        changes = {change.commit: change for change in commits(opened)}
    assert len(changes[octopus].parents) == 4
    assert changes[octopus].paths == ()
    (path,) = changes[evil].paths
    assert (path.path, path.status, len(path.old_blobs)) == ("a", "MM", 2)
    assert path.new_blob


def test_stash_notes_and_reflog_have_their_place(repo: Repo) -> None:
    base = repo.commit("base", {"a": "base content"})
    repo.write("a", "first stashed content")
    older = repo.stash()
    repo.write("a", "second stashed content")
    repo.write("u", "untracked content")
    newest = repo.stash(untracked=True)
    note = repo.note("a note with some text")
    amended = repo.commit("to be dropped", {"b": "dropped content"})
    repo.git("reset", "-q", "--hard", base)
    with open_repository(repo.path) as opened:
        places = {change.commit: change for change in commits(opened)}
        assert amended not in places
        assert places[base].where is Where.COMMIT
        assert places[older].where is places[newest].where is Where.STASH
        assert places[note].where is Where.NOTE
        parts = [change for change in places.values() if change.where is Where.STASH]
        assert len(parts) == 5
        assert "u" in {path.path for change in parts for path in change.paths}
        every = commits(opened, reflog=True)
        assert len({change.commit for change in every}) == len(every)
        assert {c.commit: c.where for c in every}[amended] is Where.REFLOG


def test_replace_refs_and_grafts_hide_nothing(repo: Repo) -> None:
    first = repo.commit("one", {"a": "the real content"})
    repo.commit("two", {"a": "newer content"})
    harmless = repo.object("blob", "harmless content")
    real = repo.git("rev-parse", f"{first}:a")
    repo.git("replace", real, harmless)
    (repo.path / ".git/info/grafts").write_text(f"{repo.head}\n")
    with open_repository(repo.path) as opened:
        assert opened.read_blob(real) == b"the real content"
        assert contents(opened)[0][real] == b"the real content"
        assert first in {change.commit for change in commits(opened)}


# ------------------------------------------------------------------ contents


@pytest.mark.parametrize("jobs", [1, 2, 5])
def test_every_blob_once_whatever_the_number_of_jobs(
    repo: Repo, jobs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scanner.gitio.blobs.BUFFER", 1 << 17)
    monkeypatch.setattr("scanner.gitio.listing.CHUNK", 16)
    files: dict[str, bytes | str | None] = {
        f"f{number}": b"%d\n" % number * (number * 7 % 900) for number in range(200)
    }
    files |= {"big": os.urandom(700_000), "tiny": b"1234567", "empty": b""}
    repo.commit("many", files)
    repo.git("repack", "-q", "-a", "-d")
    repo.write("loose", "never committed content")
    repo.git("hash-object", "-w", "loose")
    with open_repository(repo.path) as opened:
        found, problems = contents(opened, jobs)
        assert found == naive(repo)
        assert problems == []
        assert opened.counts.blobs == len(found)
        assert opened.counts.bytes == sum(map(len, found.values()))
        assert opened.counts.tiny


def test_oversize_blobs_are_passed_over_and_said(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scanner.gitio.blobs.BUFFER", 1 << 17)
    repo.commit("one", {"big": os.urandom(900_000), "mid": os.urandom(5_000), "s": "small one"})
    big = repo.git("rev-parse", "HEAD:big")
    ids = [repo.git("rev-parse", f"HEAD:{name}") for name in ("big", "mid", "s")]
    for chosen in (None, ids, ids[1:] + ids[:1], [ids[1], ids[0], ids[2]]):
        with open_repository(repo.path) as opened:
            found, problems = contents(opened, 1, ids=chosen, limit=100_000)
            assert set(found) == set(ids[1:])
            assert found[ids[2]] == b"small one"
            (problem,) = problems
            assert big in problem.where
            assert opened.read_blob(big) is not None
            assert opened.counts.oversize == 1
    with open_repository(repo.path, limit=100_000) as opened:
        assert opened.read_blob(big) is None
        assert opened.read_blob(ids[2]) == b"small one"


def _loose(repo: Repo, blob: str) -> Path:
    return repo.path / ".git/objects" / blob[:2] / blob[2:]


def _damage(path: Path, data: bytes) -> None:
    path.chmod(0o644)
    path.write_bytes(data)


def test_a_corrupt_loose_object_costs_only_itself(repo: Repo) -> None:
    repo.commit("one", {name: f"content of {name}" * 40 for name in "abcdef"})
    whole = naive(repo)
    garbled, cut = (repo.git("rev-parse", f"HEAD:{name}") for name in "bd")
    _damage(_loose(repo, garbled), b"garbage")
    _damage(_loose(repo, cut), _loose(repo, cut).read_bytes()[:25])
    with open_repository(repo.path) as opened:
        found, problems = contents(opened)
        assert found == {b: d for b, d in whole.items() if b not in (garbled, cut)}
        assert opened.counts.unreadable == 2
        (problem,) = problems
        assert "2 blobs damaged" in problem.reason
        assert garbled in problem.where
        assert cut in problem.where
        assert opened.read_blob(garbled) is None
        assert opened.read_blob(cut) is None
        assert opened.read_blob(next(iter(found))) is not None


def test_a_corrupt_pack_is_a_problem_not_a_crash(repo: Repo) -> None:
    repo.commit("one", {f"f{n}": os.urandom(3000) for n in range(30)})
    repo.git("repack", "-q", "-a", "-d")
    (pack,) = (repo.path / ".git/objects/pack").glob("*.pack")
    data = bytearray(pack.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 2000] = bytes(2000)
    _damage(pack, bytes(data))
    with open_repository(repo.path) as opened:
        found, problems = contents(opened)
        assert problems
        assert 20 < len(found) < 30
        assert len(found) + opened.counts.unreadable >= 30


def test_a_missing_tree_costs_only_its_paths(repo: Repo) -> None:
    repo.commit("one", {"a": "first content"})
    middle = repo.commit("two", {"a": "second content"})
    repo.commit("three", {"a": "third content"})
    _loose(repo, repo.git("rev-parse", f"{middle}^{{tree}}")).unlink()
    with open_repository(repo.path) as opened:
        items = list(opened.changes())
        with pytest.raises(GitError):
            list(opened.tree_entries(middle))
    changes = [item for item in items if isinstance(item, Change)]
    assert [change.subject for change in changes] == ["three", "two", "one"]
    assert [path.path for path in changes[2].paths] == ["a"]
    assert [item.where for item in items if isinstance(item, Problem)][-1] == middle


def test_a_missing_commit_ends_history_with_a_problem(repo: Repo) -> None:
    first = repo.commit("one", {"a": "first content"})
    head = repo.commit("two", {"a": "second content"})
    _loose(repo, first).unlink()
    with open_repository(repo.path) as opened:
        items = list(opened.changes())
    assert any(isinstance(item, Problem) for item in items)
    assert {item.commit for item in items if isinstance(item, Change)} <= {head}


def test_ids_that_are_none_and_ids_that_are_missing(repo: Repo) -> None:
    repo.commit("one", {"a": "some content"})
    blob = repo.git("rev-parse", "HEAD:a")
    with open_repository(repo.path) as opened:
        found, problems = contents(opened, ids=[blob, "HEAD:a", "1" * 40, f"{blob}\nHEAD"])
        assert found == {blob: b"some content"}
        assert ["1 blob missing" in problem.reason for problem in problems] == [True]
        for strange in ("HEAD:a", "", "1" * 40, f"{blob}\n", repo.head):
            assert opened.read_blob(strange) is None
        assert opened.read_blob(blob) == b"some content"


def test_closing_a_stream_early_ends_its_process(repo: Repo) -> None:
    repo.commit("one", {f"f{n}": os.urandom(20_000) for n in range(200)})
    before = threading.active_count()
    with open_repository(repo.path) as opened:
        (share,) = opened.blob_streams(1, problems=lambda problem: None)
        stream = iter(share)
        next(stream)
        stream.close()  # type: ignore[attr-defined]
        assert threading.active_count() == before


# ------------------------------------------------------------------ index and work tree


def test_staged_change(repo: Repo) -> None:
    repo.commit("one", {"a": "first content", "b": "other content", ".gitignore": "*.log\n"})
    repo.write("a", "staged content")
    repo.stage(["a"])
    repo.write("a", "newer, unstaged content")
    with open_repository(repo.path) as opened:
        change = opened.staged_change()
        (path,) = change.paths
        assert (path.path, path.status, change.commit) == ("a", "M", None)
        assert change.parents == (repo.head,)
        assert opened.read_blob(path.new_blob or "") == b"staged content"


def test_the_index_of_a_running_commit_is_honoured(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.commit("one", {"a": "first content"})
    repo.write("a", "content of commit -a")
    prepared = repo.path / ".git/next-index-7.lock"
    prepared.write_bytes((repo.path / ".git/index").read_bytes())
    repo.git("add", "a", env={"GIT_INDEX_FILE": str(prepared)})
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/next-index-7.lock")
    with open_repository(repo.path) as opened:
        assert [path.path for path in opened.staged_change().paths] == ["a"]
    foreign = Repo.init(tmp_path / "foreign")
    foreign.commit("f", {"f": "foreign content"})
    monkeypatch.setenv("GIT_INDEX_FILE", str(foreign.path / ".git/index"))
    with open_repository(repo.path) as opened:
        assert opened.staged_change().paths == ()


def test_untracked_and_ignored(repo: Repo, clean_environment: Path) -> None:
    (clean_environment / ".gitconfig").write_text("[core]\n\texcludesFile = ~/mine\n")
    (clean_environment / "mine").write_text("*.mine\n")
    repo.commit("one", {".gitignore": ".env\nout/\n", "a": "some content"})
    for path in (".env", "x.mine", "out/b", "new/c", "local"):
        repo.write(path, "some content")
    (repo.path / ".git/info/exclude").write_text("local\n")
    with open_repository(repo.path) as opened:
        assert opened.untracked() == ("new/c",)
        assert opened.ignored() == (".env", "local", "out/", "x.mine")


def test_more_input_than_a_pipe_holds_is_answered(repo: Repo) -> None:
    """git answers while it reads; a call that wrote everything first would wait for ever."""
    head = repo.commit("one", {"a": "content\n"})
    with open_repository(repo.path) as repository:
        kinds = object_kinds(repository._runner, [*(f"{n:040x}" for n in range(20_000)), head])
    assert kinds == {head: "commit"}
