"""The sources on real files: what they read, what they leave out, and that they stay inside."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.errors import GitError
from scanner.gitio import open_repository
from scanner.model import Batch, Problem, Tracking
from scanner.sources import worktree
from scanner.sources.commit_tree import CommitTree
from scanner.sources.git_files import GitFiles
from scanner.sources.packing import blob_id, pack
from scanner.sources.worktree import WorkTree
from tests.repo import Repo
from tests.test_gitio_hostile import Trap, hostile, snapshot, trap

__all__ = ["hostile", "trap"]  # fixtures


def read(streams: Sequence[Iterator[Batch]]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for stream in streams:
        for batch in stream:
            for index, name in enumerate(batch.blobs):
                assert name not in found
                found[name] = batch.content(index)
    return found


def scan(source: WorkTree | GitFiles) -> tuple[dict[str, bytes], list[Problem]]:
    """Contents by path, and problems."""
    problems: list[Problem] = []
    found = read(source.streams(2, problems.append))
    by_path = {
        place.path: found[blob]
        for blob, places in source.origins.items()
        for place in places
        if blob in found
    }
    return by_path, problems


# ------------------------------------------------------------------ packing


@given(st.lists(st.binary(max_size=50), max_size=30), st.integers(1, 100))
def test_pack_loses_nothing_and_keeps_order(contents: list[bytes], size: int) -> None:
    pairs = [(str(number), data) for number, data in enumerate(contents)]
    seen = []
    for batch in pack(pairs, size):
        assert len(batch) == len(batch.starts) == len(batch.ends)
        assert batch.size == len(batch.buffer)
        assert len(batch) == 1 or sum(batch.ends) - sum(batch.starts) <= size
        assert all(e < s for e, s in zip(batch.ends, batch.starts[1:], strict=False))
        seen += [(name, batch.content(index)) for index, name in enumerate(batch.blobs)]
    assert seen == pairs


@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
def test_blob_id_is_gits(tmp_path: Path, object_format: str) -> None:
    repo = Repo.init(tmp_path / "repo", object_format=object_format)
    for data in (b"", b"some content\n", os.urandom(1000)):
        assert blob_id(data, object_format) == repo.object("blob", data)


# ------------------------------------------------------------------ work tree


def test_tracked_untracked_and_ignored_files_are_read(repo: Repo) -> None:
    repo.commit("one", {".gitignore": ".env\nconfidential/\nnode_modules/\n", "a": "a content"})
    files = {"a": "changed content", "new": "new content", ".env": "ignored content"}
    files |= {"confidential/x.txt": "inside content", "copy": "new content"}
    for path, data in {**files, "node_modules/p/i.js": "their content"}.items():
        repo.write(path, data)
    with open_repository(repo.path) as repository:
        tree = WorkTree(repo.path, repository)
        found, problems = scan(tree)
    assert problems == []
    assert found == {path: data.encode() for path, data in files.items()} | {
        ".gitignore": b".env\nconfidential/\nnode_modules/\n"
    }
    assert tree.tracking("a") is Tracking.TRACKED
    assert tree.tracking("new") is Tracking.UNTRACKED
    assert tree.tracking(".env") is tree.tracking("confidential/x.txt") is Tracking.IGNORED
    assert tree.paths() == tuple(sorted(found))
    assert tree.read(".env") == b"ignored content"
    assert any("node_modules/" in note for note in tree.notes)


def test_caches_of_one_name_are_left_out_in_one_sentence(repo: Repo) -> None:
    repo.commit("one", {".gitignore": "__pycache__/\n", "a/x.py": "x = 1\n", "b/y.py": "y = 1\n"})
    for directory in ("a", "b", "c/d"):
        repo.write(f"{directory}/__pycache__/x.pyc", "a content")
    with open_repository(repo.path) as repository:
        notes = WorkTree(repo.path, repository).notes
    assert notes == (
        "3 directories named __pycache__/ (ignored; installed packages or a cache)"
        " were not scanned",
    )


def test_a_large_ignored_directory_is_searched_by_name(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worktree, "WHOLE_DIRECTORY", 5)
    repo.commit("one", {".gitignore": "out/\n"})
    for number in range(10):
        repo.write(f"out/{number}.txt", f"output number {number}")
    repo.write("out/deep/.env.local", "name of a secret")
    with open_repository(repo.path) as repository:
        tree = WorkTree(repo.path, repository)
        assert tree.paths() == (".gitignore", "out/deep/.env.local")
        assert any("out/" in note for note in tree.notes)
        assert len(WorkTree(repo.path, repository, only=["out"]).paths()) == 11


def test_only_and_excludes(repo: Repo) -> None:
    files = {f"{d}/{n}": f"{d} {n} content" for d in ("src", "srcs", "lib") for n in ("a", "b.log")}
    repo.commit("one", dict(files))
    with open_repository(repo.path) as repository:
        tree = WorkTree(repo.path, repository, only=["src", "lib/a"], excludes=["*.log"])
        assert tree.paths() == ("lib/a", "src/a")


def test_a_plain_directory(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/file").write_text("some content")
    tree = WorkTree(tmp_path)
    assert scan(tree) == ({"sub/file": b"some content"}, [])
    assert tree.tracking("sub/file") is Tracking.UNKNOWN


def test_links_and_special_files_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "private").write_text("not yours to read")
    inside = tmp_path / "inside"
    (inside / "real").mkdir(parents=True)
    (inside / "real/file").write_text("some content")
    (inside / "link").symlink_to(outside / "private")
    (inside / "directory").symlink_to(outside)
    os.mkfifo(inside / "fifo")
    tree = WorkTree(inside)
    assert scan(tree) == ({"real/file": b"some content"}, [])
    paths = ["link", "directory/private", "fifo", "real", "../outside/private", ""]
    for path in [*paths, "real/../../outside/private", str(outside / "private"), "absent/x"]:
        assert tree.read(path) is None, path
    assert tree.read("real/file") == b"some content"


def test_a_tracked_directory_swapped_for_a_link_is_not_followed(repo: Repo, tmp_path: Path) -> None:
    repo.commit("one", {"config/key": "tracked content", "other": "other content"})
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "key").write_text("not yours to read")
    with open_repository(repo.path) as repository:
        tree = WorkTree(repo.path, repository)
        repo.remove("config/key")
        (repo.path / "config").rmdir()
        (repo.path / "config").symlink_to(outside)
        found, problems = scan(tree)
        assert tree.read("config/key") is None
    assert set(found) == {"other"}
    assert problems == []


def test_too_large_vanished_and_unreadable_files(tmp_path: Path) -> None:
    for name, size in (("big", 200), ("fits", 100), ("gone", 50), ("locked", 50)):
        (tmp_path / name).write_bytes(os.urandom(size))
    tree = WorkTree(tmp_path, limit=100)
    (tmp_path / "gone").unlink()
    (tmp_path / "locked").chmod(0)
    found, problems = scan(tree)
    readable = {"fits", "locked"} if os.geteuid() == 0 else {"fits"}
    assert set(found) == readable
    assert {problem.where for problem in problems} == {"big", "fits", "locked"} - readable | {"big"}
    assert tree.read("big") is None


def test_a_nested_repository_is_noted(repo: Repo) -> None:
    repo.commit("one", {"a": "some content"})
    Repo.init(repo.path / "inner").commit("i", {"i": "inner content"})
    with open_repository(repo.path) as repository:
        tree = WorkTree(repo.path, repository)
    assert tree.paths() == ("a",)
    assert ["inner/" in note for note in tree.notes] == [True]


# ------------------------------------------------------------------ the others


def test_commit_tree_of_a_bare_repository(repo: Repo, tmp_path: Path) -> None:
    os.symlink("a", repo.path / "link")
    repo.stage(["link"])
    repo.commit("one", {"b/c": "nested content", "a": "some content"})
    bare = repo.clone(tmp_path / "bare.git", bare=True)
    with open_repository(bare.path) as repository:
        tree = CommitTree(repository)
        assert tree.paths() == ("a", "b/c")
        assert tree.read("b/c") == b"nested content"
        assert tree.read("link") is tree.read("absent") is None
        assert tree.tracking("a") is Tracking.TRACKED
        with pytest.raises(GitError, match="nonsense"):
            CommitTree(repository, "nonsense")


def test_git_files(repo: Repo) -> None:
    repo.commit("one", {"a": "some content"})
    repo.git("config", "remote.origin.url", "https://user@example.com/x")
    (repo.path / ".git/hooks").mkdir(exist_ok=True)
    (repo.path / ".git/hooks/pre-push").write_text("#!/bin/sh\nexit 0\n")
    os.mkfifo(repo.path / ".git/FETCH_HEAD")
    with open_repository(repo.path) as repository:
        found, problems = scan(GitFiles(repository))
    assert b"user@example.com" in found[".git/config"]
    assert ".git/hooks/pre-push" in found
    assert not [path for path in found if path.endswith(".sample")]
    assert problems == []


def test_no_source_runs_a_payload_or_changes_anything(hostile: Repo, trap: Trap) -> None:
    before = snapshot(hostile.path)
    with open_repository(hostile.path) as repository:
        for source in (
            WorkTree(hostile.path, repository),
            GitFiles(repository),
        ):
            scan(source)
            assert source.origins
        assert CommitTree(repository).read("a.txt") == b"second content"
    assert trap.sprung == []
    assert snapshot(hostile.path) == before
