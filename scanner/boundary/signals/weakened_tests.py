"""Tests that are skipped, deleted or emptied of their assertions."""

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from scanner.boundary.naming import is_source, is_test
from scanner.boundary.signals.counting import any_gained, any_lost
from scanner.boundary.view import Observation, View
from scanner.model import PathChange
from scanner.rules.boundaries import BoundaryRule

_MAX_LINE = 4096
_MIN_LOST = 3
_MIN_SHARE = 4
"""One in so many assertions of a file must go. Of agents' commits 1.8 % lose three or more
net, of others' 0.7 %; most losses in large test files are consolidation."""

# A reason is a reason argument, or words with an issue or an address on the same or the next lines.
_REASON = re.compile(r"reason\s*=|https?://|#\d+\b|\b[A-Z]{2,10}-\d+\b")
_PYTHON = (
    r"^\s*(?:@pytest\.mark\.(?:skip|xfail)\b"
    r"|@unittest\.(?:skip\b(?!\s*\(\s*['\"])|expectedFailure)"
    r"|pytest\.(?:skip|xfail)\(\s*\)"
    r"|pytestmark\s*=\s*\[?\s*pytest\.mark\.(?:skip|xfail)\b)"
)
_JAVASCRIPT = (
    r"^\s*(?:(?:it|test|describe|context|suite)(?:\.\w+)?\.(?:skip|only)\s*\("
    r"|(?:xit|xtest|xdescribe|fit|fdescribe)\s*\()"
)
_SKIPS: dict[tuple[str, ...], str] = {
    (".py",): _PYTHON,
    (".ts", ".tsx", ".js", ".jsx", ".mts", ".cts", ".mjs", ".cjs"): _JAVASCRIPT,
    (".go",): r"^\s*[tb]\.Skip(?:Now)?\(\s*\)",
    (".rs",): r"^\s*#\[ignore\s*\]",
    (".java", ".kt"): r"^\s*@(?:Disabled|Ignore)\s*(?:\(\s*\)\s*)?$",
    (".rb",): r"^\s*(?:xit|xdescribe|xcontext|skip)\b(?!\s*[( ]['\"])",
    (".cs",): r"^\s*\[Ignore\s*\]",
}
_ASSERTION = re.compile(
    rb"^\s*assert\b|\bself\.assert\w+\(|\bpytest\.raises\(|\bexpect\(|\bassert(?:\.\w+)?\(|\bassert\w+!?\("
    rb"|\b(?:require|assert)\.[A-Z]\w*\(|\bt\.(?:Error|Fatal)f?\(|\bAssert\.\w+\(|\.should\b"
)

# Each mark, and each assertion, holds one of these.
_SKIP_WORDS = (
    *(b"skip", b"Skip", b"xfail", b"expectedFailure", b"only", b"xit", b"xtest", b"xdescribe"),
    *(b"xcontext", b"fit", b"fdescribe", b"ignore", b"Ignore", b"Disabled"),
)
_ASSERTION_WORDS = (
    *(b"assert", b"Assert", b"expect(", b"raises(", b"require.", b"t.Error", b"t.Fatal"),
    b".should",
)


def skipped(view: View, paths: tuple[PathChange, ...], rule: BoundaryRule) -> list[Observation]:
    """Skip and expected-failure marks without a reason that an existing test file gains."""
    found: list[Observation] = []
    for path in paths:
        pattern = _skip_pattern(path.path)
        data, olds = view.new(path), view.olds(path)
        if pattern is None or data is None or not olds or not view.readable(path):
            continue
        if not any_gained(_SKIP_WORDS, olds, data):
            continue
        now = _bare_skips(pattern, data)
        before = max(len(_bare_skips(pattern, old)) for old in olds)
        more = len(now) - before
        if more > 0:
            marks = "a mark that skips" if more == 1 else f"{more} marks that skip"
            found.append(Observation(path.path, f"adds {marks} without a reason", now[-1]))
    return found


def deleted(view: View, paths: tuple[PathChange, ...], rule: BoundaryRule) -> list[Observation]:
    """Deleted test files, when the change deletes no source file and adds no test file.

    git records no renames: a test file that appears may be the one that is gone.
    """
    every = view.change.paths
    if any(path.new_blob is None and is_source(path.path) for path in every):
        return []
    if any(_is_added(path) and is_test(path.path) for path in every):
        return []
    return [
        Observation(path.path, "is deleted, and no source file is")
        for path in paths
        if path.new_blob is None and is_test(path.path)
    ]


def assertions(view: View, paths: tuple[PathChange, ...], rule: BoundaryRule) -> list[Observation]:
    """Test files that lose a good part of their assertions, when the change as a whole loses some.

    Says nothing when the change deletes source files: their tests go with them.
    """
    if any(path.new_blob is None and is_source(path.path) for path in view.change.paths):
        return []
    found: list[Observation] = []
    net = 0
    for path in paths:
        if path.new_blob is None or not view.readable(path):
            continue
        data, olds = view.new(path) or b"", view.olds(path)
        if not any_lost(_ASSERTION_WORDS, olds, data) and not any_gained(
            _ASSERTION_WORDS, olds, data
        ):
            continue
        lost = min((_lost_assertions(old, data) for old in olds), default=0)
        net -= lost
        if lost < _MIN_LOST:
            continue
        now = _assertions(data.split(b"\n"))
        if lost * _MIN_SHARE >= now + lost:
            found.append(Observation(path.path, f"{now + lost} → {now} assertions"))
    return found if net <= -_MIN_LOST else []


def _is_added(path: PathChange) -> bool:
    return path.new_blob is not None and "A" in path.status


@lru_cache(maxsize=32)
def _pattern(suffix: str) -> re.Pattern[str] | None:
    return next((re.compile(text) for ends, text in _SKIPS.items() if suffix in ends), None)


def _skip_pattern(path: str) -> re.Pattern[str] | None:
    name = path.rsplit("/", 1)[-1]
    return _pattern("." + name.rsplit(".", 1)[-1])


def _bare_skips(pattern: re.Pattern[str], data: bytes) -> list[int]:
    """The lines of marks that give no reason, on their own line or until their bracket closes."""
    lines = data.decode("utf-8", "replace").splitlines()
    found: list[int] = []
    for number, line in enumerate(lines):
        if not pattern.search(line[:_MAX_LINE]):
            continue
        # The line above may hold a comment; an argument list may go on for a few lines.
        open_list = line.count("(") > line.count(")") and line.rstrip().endswith("(")
        around = lines[max(0, number - 1) : number + (5 if open_list else 1)]
        if not any(_REASON.search(text[:_MAX_LINE]) for text in around):
            found.append(number + 1)
    return found


def _lost_assertions(old: bytes, new: bytes) -> int:
    """How many fewer assertions there are. Only lines that differ are looked at."""
    before, after = Counter(old.split(b"\n")), Counter(new.split(b"\n"))
    return _assertions((before - after).elements()) - _assertions((after - before).elements())


def _assertions(lines: Iterable[bytes]) -> int:
    return sum(
        1
        for line in lines
        if not line.lstrip().startswith((b"#", b"//")) and _ASSERTION.search(line[:_MAX_LINE])
    )
