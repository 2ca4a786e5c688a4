"""What a content shares with the one before it is not searched again, and nothing is lost."""

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs

from scanner.detectors import SecretDetector, common, stage1_hyperscan
from scanner.detectors import carried as carried_module
from scanner.detectors.carried import Carried, Reach, carried, searched
from scanner.detectors.common import Place, edges, stretches
from scanner.detectors.compiled import Compiled, load_or_compile
from scanner.detectors.noticing import Noticing
from scanner.detectors.pattern import plan
from scanner.detectors.stage1 import Window
from scanner.detectors.stage1_hyperscan import HyperscanStage1
from scanner.detectors.stage1_re import _ends
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
PIECES = (
    *("KEY-", "abcdefgh", "BEGIN", "END", "cookie", "sid=", "\n", " " * 50, "z" * 120),
    *("cookie" + "z" * 120, "z" * 170 + "sid=abcdefgh"),
)


def text(lines: int, word: str = "plain") -> bytes:
    return b"".join(b"%s line %d\n" % (word.encode(), number) for number in range(lines))


def parts(*contents: bytes) -> list[Carried]:
    batch = packed(contents)
    found = carried(batch, REACH)
    _all_is_covered(batch, found)
    return found


def _all_is_covered(batch: Batch, found: list[Carried]) -> None:
    """What is not carried over is searched, and what is carried over is the same."""
    looked = bytearray(batch.size)
    for low, high in searched(batch, found):
        assert 0 <= low < high <= batch.size
        assert not any(looked[low:high])
        looked[low:high] = b"\1" * (high - low)
    by_content = {one.content: one for one in found}
    for content in range(len(batch)):
        start, data = batch.starts[content], batch.content(content)
        one = by_content.get(content)
        at = 0
        for part in one.parts if one is not None else ():
            assert one is not None
            assert at <= part.after < part.again <= part.until <= len(data)
            assert all(looked[start + at : start + part.after])
            source = batch.content(one.source)
            low, high = part.after - part.shift, part.until - part.shift
            assert data[part.after : part.until] == source[low:high]
            at = part.again
        assert all(looked[start + at : start + len(data)])


def gaps(*contents: bytes) -> list[tuple[int, int]]:
    """What is searched of the last content, which is known in part."""
    (*_, one) = parts(*contents)
    assert one.content == len(contents) - 1
    return list(one.gaps(len(contents[-1])))


def test_only_what_is_new_is_searched() -> None:
    old = text(1000)
    ((low, high),) = gaps(old, old[:7000] + b"something new\n" + old[7000:])
    assert 6300 <= low <= 6900
    assert 7100 <= high <= 7700


def test_between_two_changes_what_is_the_same_is_not_searched() -> None:
    old = text(4000)
    new = old[:9000] + b"something new\n" + old[9000:30_000] + b"and more\n" + old[30_500:50_000]
    first, second = gaps(old, new)
    assert 8200 <= first[0] <= 8900
    assert 9100 <= first[1] <= 10_400
    assert 29_000 <= second[0] <= 29_950
    assert 30_100 <= second[1] <= 31_500


def test_what_has_moved_far_is_searched() -> None:
    old = text(4000)
    assert gaps(old, old[:10_000] + old[40_000:] + old[10_000:40_000])[-1][1] >= 40_000


def test_the_same_content_again_costs_next_to_nothing() -> None:
    old = text(1000)
    assert gaps(old, old) == []


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
    ((low, high),) = gaps(text(1000), b"new " + text(1000)[9:])
    assert low == 0
    assert high <= 700


def test_the_end_of_another_content_is_searched_at_its_beginning() -> None:
    """There a match ended that began further up, and does not begin here."""
    assert gaps(text(1000), text(1000)[3000:]) == [(0, REACH.most)]


@pytest.fixture(scope="module")
def compiled() -> Compiled:
    return load_or_compile(RULES, Noticing(), None)


def test_the_reach_is_that_of_the_patterns(compiled: Compiled) -> None:
    reach = compiled.reach
    assert (reach.most, reach.on_one_line) == (98, 318)


DENSE = b"".join(b"KEY-abcdef %d\n" % number for number in range(1000, 1250))
"""At nearly every place a match that must not get lost: each has a window of its own."""


SMALL = {
    carried_module: {
        "_WORTH_COMPARING": 64, "_WORTH_SKIPPING": 1, "_WORTH_A_PART": 1, "_WORTH_ANOTHER": 256,
    },
    common: {
        "_WORTH_A_STRETCH": 64, "_WORTH_LOOKING": 96, "_GRAIN": 16, "_PROBE": 8, "_FIRST_SKIP": 24,
    },
    stage1_hyperscan: {"_WORTH_KEEPING": 64},
}  # fmt: skip
"""Thresholds at which small texts go the ways of large ones."""


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, values in SMALL.items():
        for name, value in values.items():
            monkeypatch.setattr(module, name, value)


@pytest.mark.usefixtures("small")
def test_a_long_line_is_searched_as_far_as_patterns_reach_on_it() -> None:
    old = text(60) + b"x" * 3000 + b"\n" + text(60)
    at = len(text(60)) + 1500
    ((low, high),) = gaps(old, old[:at] + b"NEW" + old[at:])
    assert at - REACH.on_one_line - 16 <= low <= at - REACH.on_one_line
    assert at + 3 + REACH.on_one_line <= high <= at + 3 + REACH.on_one_line + 16
    at = len(text(60)) + 150
    ((low, high),) = gaps(old, old[:at] + b"NEW" + old[at:])
    assert low == len(text(60)) - 1, "not beyond the line"


@st.composite
def versions(draw: st.DrawFn) -> list[bytes]:
    """Versions of a text that differ in some places, where matches begin and end."""
    pieces = st.lists(st.sampled_from(PIECES), max_size=6)
    size = st.integers(0, 400)
    blocks = [
        "".join(draw(pieces)).encode() + DENSE[draw(size) :][: draw(size)]
        for _ in range(draw(st.integers(1, 8)))
    ]
    found = [b"".join(blocks)]
    for _ in range(draw(st.integers(1, 5))):
        for _ in range(draw(st.integers(0, 3))):
            at = draw(st.integers(0, len(blocks)))
            new = ["".join(draw(pieces)).encode() for _ in range(draw(st.integers(0, 1)))]
            blocks[at : at + draw(st.integers(0, 1))] = new
        cut = draw(st.sampled_from([0, 0, 0, 7, 50, 333]))
        found.append(b"".join(blocks)[cut:])
    return found


@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(contents=versions(), grain=st.sampled_from([1, 16]))
@pytest.mark.usefixtures("small")
def test_stretches_are_the_same_and_in_order(contents: list[bytes], grain: int) -> None:
    one, other = contents[-1], contents[0]
    here, there = (Place(data, memoryview(data), 0, len(data)) for data in (one, other))
    before = low = 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(common, "_GRAIN", grain)
        for begin, end, shift in stretches(here, there, edges(here, there)):
            assert before <= begin < end
            assert low <= begin - shift
            assert one[begin:end] == other[begin - shift : end - shift]
            before, low = end, end - shift


def noticed(stage: HyperscanStage1, contents: list[bytes]) -> list[list[Window]]:
    windows = stage.look(packed(contents)).windows
    return [
        [structs.replace(one, content=0) for one in windows.get(number, [])]
        for number in range(len(contents))
    ]


@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(contents=versions(), cut=st.integers(0, 5))
@pytest.mark.usefixtures("small")
def test_the_same_is_noticed_as_in_each_version_alone(
    compiled: Compiled, contents: list[bytes], cut: int
) -> None:
    stage = HyperscanStage1(compiled)
    together = noticed(stage, contents[:cut]) + noticed(stage, contents[cut:])
    alone = [noticed(HyperscanStage1(compiled), [content])[0] for content in contents]
    assert together == alone
    assert stage.searched <= sum(map(len, contents)) + 3 * len(contents)


@pytest.mark.usefixtures("small")
def test_a_large_content_is_known_in_the_next_batch(compiled: Compiled) -> None:
    stage = HyperscanStage1(compiled)
    first = noticed(stage, [DENSE])
    before = stage.searched
    assert noticed(stage, [DENSE + b"more", b"KEY-abcdef " * 9]) != first
    assert stage.searched - before < 500
    assert noticed(stage, [DENSE]) == first


@pytest.fixture(scope="module")
def detector(warm_cache: Path) -> SecretDetector:
    return SecretDetector(
        load_secret_rules(), cache_directory=warm_cache / "agentreach", personal=True
    )


@pytest.mark.usefixtures("small")
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
    monkeypatch.setattr(stage1_hyperscan, "carried", lambda batch, reach, kept: [])
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


def test_where_the_name_of_a_named_rule_ends_is_known(detector: SecretDetector) -> None:
    stage = detector.stage1()
    assert isinstance(stage, HyperscanStage1)
    gate = stage._compiled.gate
    assert gate is not None
    line = expand('INFRACOST_API_KEY: "ico-{alnum:32}"')
    hits = [hit for hit in stage._hits(packed([line]))[0] if hit >= stage._first_gate]
    spans = stage._named_spans(len(line), hits)
    assert {(rule, last) for rule, _, _, last in spans} == {
        (named.rule, end - named.least)
        for named in gate.rules
        for end in _ends(re.compile(named.pattern.encode(), re.IGNORECASE), line)
    }
