"""The ignore-pattern engine, held against git itself."""

import re

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from scanner.model import Tracking
from scanner.reach.matching.gitignore import LONGEST_PATTERN, decide, excludes, parse, parse_file
from scanner.reach.tree import Tree
from tests.repo import Repo

ATOMS = ["a", "b", "A", "*", "**", "?", "/", ".", "[ab]", "[!a]", "\\*", "\\", " ", "-", "[a-", "]"]
PATTERN = st.lists(st.sampled_from(ATOMS), min_size=1, max_size=7).map("".join)
LINE = st.tuples(st.sampled_from(["", "", "", "!", "#", "\\!"]), PATTERN).map("".join)
PATH = st.lists(
    st.sampled_from(["a", "b", "ab", "A", ".a", "*", "a b", "ba"]), min_size=1, max_size=4
)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    return Repo.init(tmp_path_factory.mktemp("ignore") / "repo")


def ignored_by_git(repo: Repo, path: str) -> bool:
    out = repo.git_bytes(
        "-c",
        "core.ignoreCase=false",
        "check-ignore",
        "--no-index",
        "--stdin",
        "-z",
        "-v",
        "-n",
        stdin=path.encode() + b"\0",
        check=False,
    )
    source, _line, pattern, _path = out.split(b"\0")[:4]
    return bool(source) and not pattern.startswith(b"!")


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(lines=st.lists(LINE, min_size=1, max_size=4), parts=PATH)
@example(lines=["a/**"], parts=["a", "b"])
@example(lines=["a/**", "!a/b"], parts=["a", "b"])
@example(lines=["a/", "!a/b"], parts=["a", "b"])
@example(lines=["**/a/**/b"], parts=["a", "b"])
@example(lines=["a**b"], parts=["ab"])
@example(lines=["a "], parts=["a"])
@example(lines=["**"], parts=["a", "b"])
@example(lines=["[a-A]"], parts=["a"])
def test_agrees_with_git(empty: Repo, lines: list[str], parts: list[str]) -> None:
    # A slash inside brackets: ours matches nothing then, which can never make a "blocked".
    assume(not any(re.search(r"\[[^\]]*/", line) for line in lines))
    path = "/".join(parts)
    empty.write(".gitignore", "\n".join(lines) + "\n")
    hit = decide((parse_file(".gitignore", "\n".join(lines) + "\n"),), path)
    assert (hit is not None and not hit.negated) == ignored_by_git(empty, path)


class Listed(list[str]):
    """`Files` that are only listed; literal patterns find what can be read as well."""

    def read(self, path: str) -> bytes | None:
        return b"" if path in self else None

    def paths(self) -> list[str]:
        return self

    def tracking(self, path: str) -> Tracking:
        return Tracking.UNKNOWN


def covers(line: str, path: str, *, fold: bool = False) -> bool:
    pattern = parse(line)
    return pattern is not None and excludes(pattern, path, fold=fold)


@pytest.mark.parametrize(
    ("line", "path"), [("*.PEM", "a/b.pem"), ("/Keys/", "kEYS/a"), ("[A-C]x", "bX"), ("É*", "éa")]
)
def test_folding_ignores_case_and_plain_matching_does_not(line: str, path: str) -> None:
    assert covers(line, path, fold=True)
    assert not covers(line, path)


@given(lines=st.lists(LINE, min_size=1, max_size=3), parts=PATH)
def test_folding_never_loses_a_match(lines: list[str], parts: list[str]) -> None:
    for line in lines:
        path = "/".join(parts)
        if "[!" not in line:
            assert covers(line, path, fold=True) >= covers(line, path)


@given(line=LINE, paths=st.lists(PATH.map("/".join), max_size=6, unique=True))
@example(line="**/a/*", paths=["a/b", "ab/b", "b/a/b", "b/ab/a/a"])
@example(line="*/b/**", paths=["a/b/a", "b/b", "a/ab/a"])
@example(line="a/b/*", paths=["a/b/a", "a/ba", "a/b"])
def test_a_search_names_what_each_path_alone_would_say(line: str, paths: list[str]) -> None:
    """A search tries few paths; which it leaves out must not matter."""
    pattern = parse(line)
    last = pattern.segments[-1] if pattern is not None else None
    # A name without wildcards names files only, and a path without them need not be listed.
    assume(pattern is None or pattern.directory_only or last is None or not last.literal)
    assert list(Tree(Listed(paths)).find(line)) == sorted(
        path for path in paths if covers(line, path)
    )


def test_hostile_patterns_end() -> None:
    assert not covers("*a" * 500 + "b", "a" * 4000)
    assert not covers("**/a/" * 200 + "b", "a/" * 400 + "c")
    assert not covers("a" * (LONGEST_PATTERN + 1), "a" * (LONGEST_PATTERN + 1))


def test_later_and_deeper_files_win_and_lines_are_known() -> None:
    files = (
        parse_file(".gitignore", "# keys\r\n*.pem\r\n"),
        parse_file("a/.gitignore", "!ok.pem\n", "a"),
    )
    hit = decide(files, "a/no.pem")
    assert hit is not None
    assert (hit.source, hit.text) == (".gitignore:2", "*.pem")
    hit = decide(files, "a/ok.pem")
    assert hit is not None
    assert (hit.source, hit.negated) == ("a/.gitignore:1", True)
    assert decide(files, "b/ok.pem") is not None
    assert decide(files, "b/ok.txt") is None
