"""The ignore-pattern engine, held against git itself."""

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from scanner.reach.gitignore import decide, parse_file
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
def test_agrees_with_git(empty: Repo, lines: list[str], parts: list[str]) -> None:
    path = "/".join(parts)
    empty.write(".gitignore", "\n".join(lines) + "\n")
    hit = decide((parse_file(".gitignore", "\n".join(lines) + "\n"),), path)
    assert (hit is not None and not hit.negated) == ignored_by_git(empty, path)
