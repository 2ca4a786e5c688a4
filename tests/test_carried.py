"""What a content shares with the one before it is not searched again, and nothing is lost."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.detectors import SecretDetector, stage1_hyperscan
from scanner.detectors.carried import Carried, Reach, carried, stretches
from scanner.detectors.compiled import load_or_compile
from scanner.detectors.noticing import Noticing
from scanner.detectors.pattern import plan
from scanner.detectors.stage1_hyperscan import HyperscanStage1
from scanner.detectors.tree import crosses_lines, parse_bytes
from scanner.model import Batch, packed
from scanner.rules.examples import expand
from scanner.rules.secrets import SecretRule, load_secret_rules
from tests.sample_rule import sample_rule
from tests.scanning import token

REACH = Reach(100, 400)
RULES = (
    sample_rule(pattern="KEY-[a-z]{6}", id="short"),
    sample_rule(pattern="BEGIN[a-z\\n ]{0,90}END", id="lines"),
    sample_rule(pattern="cookie[^\\n]{0,300}sid=[a-z]{8}", id="one-line"),
)
PIECES = ("KEY-", "abcdefgh", "BEGIN", "END", "cookie", "sid=", "\n", " " * 50, "z" * 120)


def text(lines: int, word: str = "plain") -> bytes:
    return b"".join(b"%s line %d\n" % (word.encode(), number) for number in range(lines))


def parts(*contents: bytes) -> list[Carried]:
    batch = packed(contents)
    found = carried(batch, REACH)
    _all_is_covered(batch, found)
    return found


def _all_is_covered(batch: Batch, found: list[Carried]) -> None:
    """What is not carried over is searched."""
    searched = bytearray(batch.size)
    for low, high in stretches(batch, found):
        assert 0 <= low < high <= batch.size
        assert not any(searched[low:high])
        searched[low:high] = b"\1" * (high - low)
    by_content = {one.content: one for one in found}
    for content in range(len(batch)):
        start, end = batch.starts[content], batch.ends[content]
        one = by_content.get(content)
        low, high = (one.low, one.high) if one else (0, end - start)
        assert all(searched[start + low : start + high])


def test_only_what_is_new_is_searched() -> None:
    old = text(1000)
    new = old[:7000] + b"something new\n" + old[7000:]
    (one,) = parts(old, new)
    assert one.content == 1
    assert 6900 <= one.same <= 7000
    assert 6700 <= one.low <= 6900
    assert 7100 <= one.high <= 7300


def test_the_same_content_again_costs_next_to_nothing() -> None:
    old = text(1000)
    (one,) = parts(old, old)
    assert one.high - one.low <= 2 * REACH.on_one_line


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (text(1000), text(1000, "other")),
        (text(100), text(100)),
        (text(1000), b""),
        (b"", text(1000)),
    ],
)
def test_others_are_searched_whole(old: bytes, new: bytes) -> None:
    assert parts(old, new) == []


def test_a_beginning_of_its_own_and_a_common_end() -> None:
    (one,) = parts(text(1000), b"new " + text(1000)[9:])
    assert (one.same, one.low) == (0, 0)
    assert one.high <= 200


def test_a_long_line_is_searched_as_far_as_patterns_reach_on_it() -> None:
    old = text(300) + b"x" * 3000 + b"\n" + text(300)
    at = len(text(300)) + 1500
    (one,) = parts(old, old[:at] + b"NEW" + old[at:])
    assert one.low <= at - REACH.on_one_line + 64
    assert one.high >= at + 3 + REACH.on_one_line - 64


@pytest.fixture(scope="module")
def stage() -> HyperscanStage1:
    return HyperscanStage1(load_or_compile(RULES, Noticing(), None))


def test_the_reach_is_that_of_the_patterns(stage: HyperscanStage1) -> None:
    reach = stage.reach
    assert (reach.most, reach.on_one_line) == (98, 318)


DENSE = b"".join(b"KEY-abcdef %d\n" % number for number in range(1000, 1250))
"""At nearly every place a match that must not get lost: each has a window of its own."""


@st.composite
def versions(draw: st.DrawFn) -> list[bytes]:
    """Versions of a text that differ where matches begin and end."""
    middle = draw(st.lists(st.sampled_from(PIECES), max_size=30))
    before = DENSE[draw(st.integers(0, 20)) :]
    found = [before + "".join(middle).encode() + DENSE]
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(middle)))
        new = draw(st.lists(st.sampled_from(PIECES), max_size=3))
        middle[at : at + draw(st.integers(0, 3))] = new
        found.append(before + "".join(middle).encode() + DENSE)
    return found


@settings(max_examples=200, deadline=None)
@given(versions())
def test_the_same_is_noticed_as_in_each_version_alone(
    stage: HyperscanStage1, contents: list[bytes]
) -> None:
    together = stage.look(packed(contents)).windows
    for number, content in enumerate(contents):
        alone = stage.look(packed([content])).windows.get(0, [])
        spans = [(one.rule, one.start, one.end, one.last) for one in together.get(number, [])]
        assert spans == [(one.rule, one.start, one.end, one.last) for one in alone]


@pytest.fixture(scope="module")
def detector(warm_cache: Path) -> SecretDetector:
    return SecretDetector(
        load_secret_rules(), cache_directory=warm_cache / "agentreach", personal=True
    )


def test_all_rules_find_the_same_in_versions(
    detector: SecretDetector, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Path(stage1_hyperscan.__file__).read_bytes()
    lines = source.split(b"\n")
    contents = []
    for number in range(12):
        lines.insert(17 * number, f"token = '{token(number)}'".encode())
        contents.append(b"\n".join(lines))
        lines[5 * number] = b"password: correct-Zebra%d-paper" % number
        contents.append(b"\n".join(lines))
    found = detector.session().look(packed(contents))
    assert len(found.matches) > 100
    monkeypatch.setattr(stage1_hyperscan, "carried", lambda batch, reach: [])
    assert detector.session().look(packed(contents)) == found


def test_prefixes_of_shipped_rules_are_narrow(detector: SecretDetector) -> None:
    compiled = detector.stage1()
    assert isinstance(compiled, HyperscanStage1)
    assert compiled.reach.most <= 500
    wide: list[SecretRule] = [
        rule
        for rule, plan in zip(load_secret_rules(), compiled._plans, strict=True)
        if plan.prefix_most > 500
    ]
    assert len(wide) <= 3


@pytest.mark.parametrize(
    ("pattern", "crosses"),
    [
        ("abcd", False),
        ("ab\ncd", True),
        ("ab[^x]cd", True),
        ("ab[^\\n]cd", False),
        ("ab[^\\s]cd", False),
        ("ab.cd", False),
        ("ab\\scd", True),
        ("ab\\Scd", False),
        ("ab\\wcd", False),
        ("ab\\Dcd", True),
        ("ab[\\x00-\\x20]cd", True),
        ("ab(?:cd|[ \\t]{0,3}(?:x|\\r\\n))", True),
        ("ab[^\\x00-\\x1f]{3}cd", False),
    ],
)
def test_whether_a_match_can_hold_a_line_feed(pattern: str, crosses: bool) -> None:
    assert crosses_lines(parse_bytes(pattern.encode(), 0)) is crosses


def test_a_wide_prefix_is_cut_where_it_says_enough() -> None:
    def plan_of(pattern: str) -> tuple[int, int]:
        found = plan(sample_rule(pattern=pattern))
        return found.prefix_least, found.prefix_most

    assert plan_of("sample-account-key[a-z ]{0,300}=[0-9]{9}") == (28, 328)
    assert plan_of("sample-account-key[a-z ]{0,300}=[a-z ]{0,300}=[0-9]{9}") == (19, 319)
    assert plan_of("sample[0-9]{20,300}[.](?:[a-z]{2}[.]){200}") == (219, 499)
    # Cut, it would be noticed everywhere.
    assert plan_of("key[a-z ]{0,300}=[a-z ]{0,300}=[0-9]{9}") == (14, 614)


def test_a_named_rule_whose_value_has_a_beginning_is_noticed_with_it(
    detector: SecretDetector,
) -> None:
    rules = [rule.id for rule in load_secret_rules()]

    def noticed(line: bytes) -> set[str]:
        windows = detector.stage1().look(packed([line])).windows.get(0, [])
        return {rules[window.rule] for window in windows}

    assert "infracost-api-key" in noticed(expand('api_key = "ico-{alnum:20}"'))
    assert "infracost-api-key" in noticed(expand('INFRACOST_API_KEY: "ICO-{alnum:20}"'))
    assert "infracost-api-key" not in noticed(expand('api_key = "{alnum:28}"'))
