"""Both engines give the same answers, and the cache of compiled patterns is safe to lose."""

import os
import stat
import subprocess
import sys
import threading
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import hyperscan
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner.detectors import SecretDetector
from scanner.detectors.overlap import resolve
from scanner.errors import RuleError
from scanner.model import Batch, Confidence, Match
from scanner.rules.examples import expand, expand_with_values
from scanner.rules.secrets import SecretRule, load_secret_rules

RULES = load_secret_rules()
FAST = SecretDetector(RULES, engine="hyperscan", adapter=False)
SLOW = SecretDetector(RULES, engine="re", adapter=False)


def batch(contents: Sequence[bytes], gap: bytes = b"") -> Batch:
    """Contents side by side, with `gap` before each as git's object headers stand."""
    buffer = bytearray()
    starts, ends = [], []
    for content in contents:
        buffer += gap
        starts.append(len(buffer))
        buffer += content
        ends.append(len(buffer))
    return Batch(buffer, len(buffer), [f"{i:040x}" for i in range(len(contents))], starts, ends)


def sample_rule(**changes: object) -> SecretRule:
    base = SecretRule(
        id="sample-token",
        name="Sample",
        pattern="smpl_[A-Za-z0-9]{20}",
        references=("https://docs.provider.dev",),
        examples=(),
        counter_examples=(),
    )
    return msgspec.structs.replace(base, **changes)


def scan(rules: Sequence[SecretRule], *contents: bytes) -> list[tuple[int, str, int, int]]:
    """What both engines find, after making sure that they agree."""
    answers = []
    for engine in ("hyperscan", "re"):
        session = SecretDetector(rules, engine=engine, adapter=False).session()  # type: ignore[arg-type]
        answers.append([(i, m.rule, m.start, m.end) for i, m in session.scan(batch(contents))])
    assert answers[0] == answers[1]
    return answers[0]


def value(template: str, seed: int = 0) -> bytes:
    return expand(template, seed)


# ------------------------------------------------------------------------------ the two engines

TEMPLATES = [t for rule in RULES for t in (*rule.examples, *rule.counter_examples)]
PIECES = st.one_of(
    st.builds(expand, st.sampled_from(TEMPLATES), st.integers(0, 3)),
    st.binary(max_size=40),
    st.sampled_from(
        [b"\n", b"\r\n", b"\0", b" ", b'"', b"'", b"=", b": ", b"password=", b"token: '", b"eyJ",
         b"a" * 3000, b"-----BEGIN RSA PRIVATE KEY-----\n", b"\xff\xfe", b"\xc3\xa9", b"://u:"]
    ),
)  # fmt: skip


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    contents=st.lists(st.lists(PIECES, max_size=6).map(b"".join), min_size=1, max_size=4),
    cut=st.integers(0, 200),
    gap=st.sampled_from([b"", b"\n", b"0" * 40 + b" blob 17\n"]),
)
def test_engines_agree(contents: list[bytes], cut: int, gap: bytes) -> None:
    torn = [contents[0][:cut], contents[0][cut:], *contents[1:]]  # tokens across content borders
    tested = batch(torn, gap)
    fast = FAST.session().scan(tested)
    assert fast == SLOW.session().scan(tested)
    last = (-1, -1)
    for index, match in fast:
        assert 0 <= match.start < match.end <= len(torn[index])
        assert (index, match.start) >= last
        last = (index, match.end)


@pytest.mark.parametrize("template", [t for rule in RULES for t in rule.examples])
def test_examples_side_by_side(template: str) -> None:
    """The same content thrice without a gap: nothing leaks over a border."""
    content = value(template)
    single = FAST.session().scan(batch([content]))
    assert single == SLOW.session().scan(batch([content]))
    expected = [(i, match) for i in range(3) for _, match in single]
    assert FAST.session().scan(batch([content] * 3)) == expected


def test_a_content_is_judged_the_same_wherever_it_lies() -> None:
    content = b"token = '" + value("{github:ghp_}") + b"'\n"
    alone = FAST.session().scan(batch([content]))
    assert [match.rule for _, match in alone] == ["github-personal-access-token"]
    crowd = [b"x" * 5000, content, b"", content + b"y" * 9000]
    found = FAST.session().scan(batch(crowd, b"7" * 40 + b" blob 60\n"))
    assert [(1, alone[0][1]), (3, alone[0][1])] == found


def test_only_the_filled_part_of_the_buffer_counts() -> None:
    content = value("{github:ghp_}")
    buffer = bytearray(content + b"\n" + value("{github:gho_}"))
    tested = Batch(buffer, len(content), ["0" * 40], [0], [len(content)])
    assert len(FAST.session().scan(tested)) == 1


@pytest.mark.parametrize("kind", [bytes, bytearray, lambda data: memoryview(bytes(data))])
def test_every_kind_of_buffer(kind: type) -> None:
    content = value("{github:ghp_}")
    tested = Batch(kind(content), len(content), ["0" * 40], [0], [len(content)])
    for detector in (FAST, SLOW):
        assert [m.start for _, m in detector.session().scan(tested)] == [0]


def test_nothing_in_nothing() -> None:
    for detector in (FAST, SLOW):
        assert detector.session().scan(batch([])) == []
        assert detector.session().scan(batch([b"", b""])) == []
    assert SecretDetector([], adapter=False).session().scan(batch([b"abc"])) == []


def test_a_token_across_a_border_is_none() -> None:
    token = value("smpl_{alnum:20}")
    assert scan([sample_rule()], token) == [(0, "sample-token", 0, 25)]
    for cut in range(1, len(token)):
        assert scan([sample_rule()], token[:cut], token[cut:]) == []


def test_the_boundary_is_tested_at_both_ends_but_not_over_a_border() -> None:
    token = value("smpl_{alnum:20}")
    assert scan([sample_rule()], b"x" + token) == []
    assert scan([sample_rule()], token + b"x") == []
    assert scan([sample_rule()], b"x", token, b"x") == [(1, "sample-token", 0, 25)]
    assert scan([sample_rule(boundary="")], b"x" + token + b"x") == [(0, "sample-token", 1, 26)]


def test_a_word_boundary_in_a_pattern_ends_at_the_content() -> None:
    rule = sample_rule(pattern=r"\bsmpl_[A-Za-z0-9]{20}\b", boundary="")
    token = value("smpl_{alnum:20}")
    assert scan([rule], b"x", token, b"x") == [(1, "sample-token", 0, 25)]
    assert scan([rule], b"x" + token) == []


def test_variable_tails_and_contexts() -> None:
    rule = sample_rule(
        pattern=r"(?:smpl|sample)[ _-]{0,3}key[ ]?=[ ]?(?P<secret>[a-z0-9]{8,40})",
        boundary="a-z0-9",
    )
    secret = value("{base36:37}")
    content = b"\0\r\nsample-key = " + secret + b"\r\n" + b"smplkey=" + secret[:5] + b"\n"
    assert scan([rule], content) == [(0, "sample-token", 16, 53)]


def test_a_rejected_start_does_not_hide_the_token_behind_it() -> None:
    rule = sample_rule(pattern="sm[A-Z]{2}[A-Za-z0-9]{16}")
    token = b"smAB" + value("{alnum:16}")
    assert scan([rule], b"xsmCD" + b"." + token) == [(0, "sample-token", 6, 26)]
    assert scan([rule], b"smCDsmEF0123." + token) == [(0, "sample-token", 13, 33)]


def test_many_hits_in_one_content() -> None:
    token = value("smpl_{alnum:20}")
    content = b" ".join([token] * 500)
    found = scan([sample_rule()], content)
    assert len(found) == 500
    assert all(content[start:end] == token for _, _, start, end in found)


@pytest.mark.parametrize(
    "filler", [b"eyJ", b"smpl_", b"-----BEGIN RSA PRIVATE KEY-----\n", b"password=a1"]
)
def test_hostile_repetition_comes_to_an_end(filler: bytes) -> None:
    assert FAST.session().scan(batch([filler * (200_000 // len(filler))])) is not None


def test_case_insensitive_rules() -> None:
    rule = sample_rule(case_insensitive=True)
    token = value("smpl_{alnum:20}")
    assert scan([rule], token.upper()) == [(0, "sample-token", 0, 25)]
    assert scan([sample_rule()], token.upper()) == []
    inline = sample_rule(pattern="(?i:smpl)_[A-Z]{20}")
    assert scan([inline], b"SMPL_" + value("{upper:20}")) == [(0, "sample-token", 0, 25)]
    assert scan([inline], b"SMPL_" + value("{lower:20}")) == []


def test_binary_contents_only_get_specific_rules() -> None:
    github = value("{github:ghp_}")
    generic = b'\npassword = "' + value("{base62:24}") + b'"\n'
    assert [m.rule for _, m in FAST.session().scan(batch([b"\0\n" + github + generic]))] == [
        "github-personal-access-token"
    ]
    assert len(FAST.session().scan(batch([b" \n" + github + generic]))) == 2


def test_very_long_lines_get_no_generic_rule() -> None:
    line = b'password = "' + value("{base62:24}") + b'";'
    assert len(FAST.session().scan(batch([line]))) == 1
    for detector in (FAST, SLOW):
        assert detector.session().scan(batch([b"var a=1;" * 400 + line])) == []
        assert detector.session().scan(batch([line + b"var a=1;" * 400])) == []


def test_threads_share_a_detector() -> None:
    content = b"\n".join(value(t) for rule in RULES[:40] for t in rule.examples)
    expected = FAST.session().scan(batch([content]))
    assert expected
    answers: list[object] = []

    def work() -> None:
        session = FAST.session()
        answers.extend(session.scan(batch([content])) == expected for _ in range(5))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [True] * 20


# ------------------------------------------------------------------------- one secret, one match


def match(rule: str, start: int, end: int, confidence: Confidence = Confidence.HIGH) -> Match:
    return Match(rule, start, end, confidence)


def test_a_specific_rule_beats_a_generic_one() -> None:
    specific, generic = match("a", 5, 10, Confidence.LOW), match("b", 0, 20)
    assert resolve([(True, generic), (False, specific)]) == [specific]


def test_then_confidence_then_length_then_place() -> None:
    high, low = match("a", 0, 5), match("b", 2, 30, Confidence.LOW)
    assert resolve([(False, low), (False, high)]) == [high]
    long, short = match("a", 0, 30), match("b", 0, 5)
    assert resolve([(False, short), (False, long)]) == [long]
    left, right = match("b", 0, 5), match("a", 4, 9)
    assert resolve([(False, right), (False, left)]) == [left]


def test_neighbours_are_both_kept() -> None:
    left, right = match("a", 0, 5), match("a", 5, 9)
    assert resolve([(False, right), (False, left)]) == [left, right]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 60), st.integers(1, 20)), max_size=25))
def test_resolved_spans_never_overlap_and_cover_every_candidate(
    spans: list[tuple[bool, int, int]],
) -> None:
    matches = [(generic, match("r", start, start + width)) for generic, start, width in spans]
    chosen = resolve(matches)
    for left, right in pairwise(chosen):
        assert left.end <= right.start
    for _, lost in matches:
        assert any(kept.start < lost.end and lost.start < kept.end for kept in chosen)


def test_a_token_in_a_url_is_reported_as_what_it_is() -> None:
    content = value("git clone https://x-access-token:{github:ghp_}@github.com/acme/shop.git")
    assert [m.rule for _, m in FAST.session().scan(batch([content]))] == [
        "github-personal-access-token"
    ]


# ------------------------------------------------------------------------------ bad rules


@pytest.mark.parametrize("engine", ["auto", "hyperscan", "re"])
@pytest.mark.parametrize(
    "pattern", ["smpl_[a-z]+", "smpl_[a-z", "(?!x)smpl_[a-z]{9}", "smpl_(?:[a-z]{1,9}){2,9}"]
)
def test_an_unusable_pattern_is_the_rule_authors_mistake(engine: str, pattern: str) -> None:
    with pytest.raises(RuleError, match="rule sample-token: pattern"):
        SecretDetector([sample_rule(pattern=pattern)], engine=engine)  # type: ignore[arg-type]


def test_an_unknown_check_is_the_rule_authors_mistake() -> None:
    with pytest.raises(RuleError, match="no check 'entropie'"):
        _ = SecretDetector([sample_rule(checks=("entropie:3",))]).judge


# ------------------------------------------------------------------------------ the cache

CONTENT = batch([b"token=" + value("smpl_{alnum:20}")])


def detect(directory: Path) -> int:
    detector = SecretDetector([sample_rule()], cache_directory=directory, adapter=False)
    assert detector.engine == "hyperscan"
    return len(detector.session().scan(CONTENT))


def only_file(directory: Path) -> Path:
    (path,) = directory.glob("patterns-*")
    return path


def test_the_cache_is_private_and_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    directory = tmp_path / "cache" / "agentreach"
    assert detect(directory) == 1
    path = only_file(directory)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("compiled again")

    monkeypatch.setattr("scanner.detectors.compiled.compile_plans", refuse)
    assert detect(directory) == 1


@pytest.mark.parametrize("damage", ["empty", "cut", "flipped", "foreign", "unchecked"])
def test_a_damaged_cache_is_made_anew(tmp_path: Path, damage: str) -> None:
    detect(tmp_path)
    path = only_file(tmp_path)
    good = path.read_bytes()
    bad = {
        "empty": b"",
        "cut": good[: len(good) // 2],
        "flipped": good[:-9] + bytes([good[-9] ^ 1]) + good[-8:],
        "foreign": b"#!/bin/sh\n" * 100,
        "unchecked": bytes(32) + good[32:],
    }[damage]
    path.write_bytes(bad)
    assert detect(tmp_path) == 1
    assert len(path.read_bytes()) == len(good)


def test_a_database_for_another_processor_is_made_anew(tmp_path: Path) -> None:
    """Whole and ours, but Hyperscan refuses it."""
    import hashlib

    detect(tmp_path)
    path = only_file(tmp_path)
    *plans, database, words = msgspec.msgpack.decode(path.read_bytes()[32:])
    foreign = bytearray(database)
    foreign[8:24] = bytes(16)
    body = msgspec.msgpack.encode([*plans, bytes(foreign), words])
    path.write_bytes(hashlib.blake2b(body, digest_size=32).digest() + body)
    with pytest.raises(hyperscan.error):
        hyperscan.loadb(bytes(foreign), hyperscan.HS_MODE_BLOCK)
    assert detect(tmp_path) == 1


def test_a_cache_others_can_write_to_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    detect(tmp_path)
    only_file(tmp_path).chmod(0o666)
    called = []
    from scanner.detectors import compiled

    real = compiled.compile_plans
    monkeypatch.setattr(compiled, "compile_plans", lambda rules: called.append(1) or real(rules))
    assert detect(tmp_path) == 1
    assert called


def test_a_link_in_the_cache_is_not_followed(tmp_path: Path) -> None:
    directory, elsewhere = tmp_path / "cache", tmp_path / "elsewhere"
    detect(directory)
    path = only_file(directory)
    elsewhere.write_bytes(b"precious")
    path.unlink()
    path.symlink_to(elsewhere)
    assert detect(directory) == 1
    assert elsewhere.read_bytes() == b"precious"


def test_an_unwritable_cache_is_no_reason_to_fail(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a directory")
    assert detect(blocked / "cache") == 1
    assert blocked.read_text() == "not a directory"


def test_other_rules_have_another_file(tmp_path: Path) -> None:
    detect(tmp_path)
    SecretDetector([sample_rule(pattern="smpl-[a-z]{9}")], cache_directory=tmp_path)
    SecretDetector([sample_rule(case_insensitive=True)], cache_directory=tmp_path)
    assert len(list(tmp_path.glob("patterns-*"))) == 3


def test_several_runs_at_once(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from scanner.detectors import SecretDetector;"
        "from scanner.rules.secrets import load_secret_rules;"
        "rules = load_secret_rules()[::20];"
        "print(SecretDetector(rules, cache_directory=Path(sys.argv[1])).engine)"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path)],
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
        )
        for _ in range(3)
    ]
    assert [run.communicate()[0].strip() for run in runs] == ["hyperscan"] * 3
    assert len(list(tmp_path.glob("patterns-*"))) == 1


def test_expanding_is_no_part_of_a_repr() -> None:
    """A traceback prints reprs of locals with some tools: a candidate's shows no content."""
    from scanner.detectors.candidate import Candidate

    expansion = expand_with_values("{alnum:30}")
    candidate = Candidate(sample_rule(), expansion.data, (0, 30), 0, 0, (True, True))
    assert expansion.data.decode() not in repr(candidate)
