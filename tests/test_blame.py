"""What gitio tells about lines is what git itself tells."""

from pathlib import Path

import pytest

from scanner.errors import GitError
from scanner.gitio import open_repository
from scanner.gitio.blame import BlameOptions, exact_arguments, parse_ignored
from scanner.gitio.line_history import LineHistory, ignored_file
from scanner.gitio.quoted import unquoted
from tests.repo import Repo

ODD = 'di r/a "b"\t\u00e4.txt'


def lines(*texts: str) -> str:
    return "".join(f"{text}\n" for text in texts)


def blamed(repo: Repo, path: str, *arguments: str, revision: str = "HEAD") -> list[tuple[str, int]]:
    """Commit and line in it of each line, by git's other format."""
    output = repo.git_bytes("blame", "--line-porcelain", "--root", *arguments, revision, "--", path)
    heads = [line.split() for line in output.split(b"\n")]
    return [
        (fields[0].decode(), int(fields[1]))
        for fields in heads
        if len(fields) in (3, 4) and len(fields[0]) == 40 and fields[1].isdigit()
    ]


def told(repo: Repo, path: str, options: BlameOptions) -> set[tuple[str, int]]:
    with open_repository(repo.path) as repository:
        blame = LineHistory(repository).blame(path, options)
    numbers = blame.runs
    found = set()
    for index in range(0, len(numbers), 4):
        commit, _, first, count = numbers[index : index + 4]
        found.update((blame.commits[commit], first + offset) for offset in range(count))
    return found


def test_blame_says_what_git_says(repo: Repo) -> None:
    repo.commit("one", {ODD: lines(*"abcdef")})
    repo.commit("two", {ODD: lines(*"abXYef")})
    repo.commit("three", {ODD: lines("new", *"abXYef", "end")})
    assert told(repo, ODD, BlameOptions((repo.head,))) == set(blamed(repo, ODD))


def test_options_are_passed_through(repo: Repo) -> None:
    block = [f"    a long enough line number {number} to be found again" for number in range(8)]
    repo.commit("one", {"a.py": lines(*block), "b.py": lines("x")})
    repo.commit("move", {"b.py": lines("x", *block)})
    repo.commit("indent", {"a.py": lines(*(f"    {line}" for line in block))})
    plain = BlameOptions((repo.head,))
    found = exact_arguments(moves=0, copies=3, copy_score=0, ignore_whitespace=True)
    exact = BlameOptions((repo.head,), found)
    assert told(repo, "b.py", plain) != told(repo, "b.py", exact)
    for path in ("a.py", "b.py"):
        assert told(repo, path, exact) == set(blamed(repo, path, "-M", "-C", "-C", "-C", "-w"))


def test_scores_stand_where_git_expects_them() -> None:
    arguments = exact_arguments(moves=100, copies=3, copy_score=100, ignore_whitespace=False)
    assert arguments == ("--root", "-M100", "-C100", "-C", "-C")


def test_roots_can_be_left_out(repo: Repo) -> None:
    repo.commit("one", {"a": lines("a")})
    arguments = exact_arguments(
        moves=None, copies=0, copy_score=0, ignore_whitespace=False, roots=False
    )
    with open_repository(repo.path) as repository:
        history = LineHistory(repository)
        assert history.blame("a", BlameOptions((repo.head,), arguments)).outside == {0}
        assert history.blame("a", BlameOptions((repo.head,), ("--root",))).outside == frozenset()


def test_range_marks_what_is_older(repo: Repo) -> None:
    old = repo.commit("one", {"a": lines(*"abc")})
    new = repo.commit("two", {"a": lines(*"abcd")})
    with open_repository(repo.path) as repository:
        blame = LineHistory(repository).blame("a", BlameOptions((new, f"^{old}")))
    assert {blame.commits[index] for index in blame.outside} == {old}
    assert blame.lines == 4


def test_ignored_commit_is_seen_through(repo: Repo) -> None:
    first = repo.commit("one", {"a": lines("alpha beta", "gamma delta")})
    style = repo.commit("style", {"a": lines("alpha  beta", "gamma  delta")})
    with ignored_file((style,)) as file:
        options = BlameOptions((repo.head,), ("--root",), file)
        assert told(repo, "a", options) == {(first, 1), (first, 2)}


def test_missing_blob_is_an_error(repo: Repo) -> None:
    repo.commit("one", {"a": lines("one")})
    blob = repo.git("rev-parse", "HEAD:a")
    repo.commit("two", {"a": lines("one", "two")})
    (repo.git_dir / "objects" / blob[:2] / blob[2:]).unlink()
    with open_repository(repo.path) as repository, pytest.raises(GitError):
        LineHistory(repository).blame("a", BlameOptions((repo.head,)))


def test_configuration_cannot_run_a_program(repo: Repo, tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    repo.commit("one", {"a.txt": lines("one"), ".gitattributes": "*.txt diff=evil\n"})
    repo.git("config", "diff.evil.textconv", f"touch {marker}; cat")
    repo.git("config", "blame.ignoreRevsFile", "/does/not/exist")
    assert told(repo, "a.txt", BlameOptions((repo.head,))) == {(repo.head, 1)}
    assert not marker.exists()


def test_ignore_file_is_read_strictly() -> None:
    one, two = "a" * 40, "B" * 40
    data = f"# style\n{one}  # why\n\n{two}\nHEAD~3\n--output=x\n".encode()
    assert parse_ignored(data) == ((one, two.lower()), 2)


@pytest.mark.parametrize(
    ("quoted", "path"),
    [
        (b"plain", b"plain"),
        (b'"a\\tb"', b"a\tb"),
        (b'"a\\"b\\\\"', b'a"b\\'),
        (b'"\\303\\244"', "\u00e4".encode()),
        (b'"', b'"'),
    ],
)
def test_quoted_paths(quoted: bytes, path: bytes) -> None:
    assert unquoted(quoted) == path


# ---------------------------------------------------------------------- added lines


def added(repo: Repo, *commits: str) -> dict[str, dict[str, list[tuple[int, int]]]]:
    with open_repository(repo.path) as repository:
        return {one.commit: one.paths for one in LineHistory(repository).added(commits)}


def test_added_lines_of_roots_changes_and_renames(repo: Repo) -> None:
    root = repo.commit("one", {"a": lines(*"abc"), ODD: lines("x")})
    change = repo.commit("two", {"a": lines("a", "N", "c", "M")})
    repo.git("mv", "a", "b")
    rename = repo.commit("three", {})
    remove = repo.commit("four", {"b": None})
    assert added(repo, root, change, rename, remove) == {
        root: {"a": [(1, 3)], ODD: [(1, 1)]},
        change: {"a": [(2, 2), (4, 4)]},
        rename: {},
        remove: {},
    }


def test_lines_that_look_like_headers_are_contents(repo: Repo) -> None:
    evil = lines("++ b/other", "@@ -1 +1,90 @@", "diff --git a/x b/y", "f" * 40, "\\ No newline")
    root = repo.commit("one", {"a": evil.rstrip("\n"), "z": lines("last")})
    change = repo.commit("two", {"a": lines("-- a/other")})
    assert added(repo, root, change) == {
        root: {"a": [(1, 5)], "z": [(1, 1)]},
        change: {"a": [(1, 1)]},
    }


def test_merge_adds_only_what_no_parent_has(repo: Repo) -> None:
    repo.commit("base", {"a": lines(*"abcdefghij")})
    repo.git("checkout", "-q", "-b", "side")
    repo.commit("side", {"a": lines("a", "side", *"cdefghij")})
    repo.git("checkout", "-q", "main")
    repo.commit("main", {"a": lines("a", "main", *"cdefghi", "J")})
    repo.git("merge", "-q", "side", check=False)
    merge = repo.commit("merge", {"a": lines("a", "both", "main", *"cdefghi", "J")})
    assert repo.git("rev-list", "--parents", "-1", merge).count(" ") == 2
    assert added(repo, merge) == {merge: {"a": [(2, 2)]}}
    assert (merge, 2) in blamed(repo, "a")


def test_gap_in_the_history_leaves_out_one_commit(repo: Repo) -> None:
    first = repo.commit("one", {"a": lines("one")})
    second = repo.commit("two", {"a": lines("one", "two")})
    third = repo.commit("three", {"b": lines("three")})
    blob = repo.git("rev-parse", f"{second}:a")
    (repo.git_dir / "objects" / blob[:2] / blob[2:]).unlink()
    found = added(repo, first, second, third)
    assert found == {first: {"a": [(1, 1)]}, third: {"b": [(1, 1)]}}


def test_reuse_is_exact_about_what_was_touched(repo: Repo) -> None:
    old = repo.commit("one", {"a": lines("a"), "b": lines("b")})
    repo.commit("two", {"a": lines("x")})
    new = repo.commit("three", {"a": lines("a")})
    with open_repository(repo.path) as repository:
        history = LineHistory(repository)
        assert history.first_parents_since(old, new) == {"a"}
        assert history.first_parents_since(new, old) is None


def test_many_ids_do_not_block(repo: Repo) -> None:
    repo.commit("one", {"a": lines("a")})
    ids = [f"{number:040x}" for number in range(20_000)]
    with open_repository(repo.path) as repository:
        assert LineHistory(repository).sizes([*ids, repo.head])[repo.head][0] == "commit"
