"""The two engines over a generated corpus of a million lines: every match must be the same."""

import random
from collections.abc import Iterator

import pytest

from scanner.detectors import SecretDetector
from scanner.model import Match, packed
from scanner.rules.examples import expand
from scanner.rules.secrets import load_secret_rules

RULES = load_secret_rules()
LINES = 1_000_000
PARTS = 20
LINES_A_CONTENT = 250
_TEXT = """the of and to in is for that with value name return import from def class public static
void string server config request response data file path type test build module error index = == :=
=> : , ; ( ) { } [ ] " ' 0x1f 42 3.14 true null None https://docs.provider.dev/guide a_b-c.d"""
_WORDS = _TEXT.split()
_TEASERS = ["TOKEN_COUNT", "keyboard", "passwordless", "secretary", "monkey", "user", "sk_", "AKIA"]
"""Words that many rules look for: each costs the slow engine a search for every one of those."""


def _plain(source: random.Random, words: list[str]) -> bytes:
    return " ".join(source.choices(words, k=source.randrange(1, 12))).encode()


def _telling(source: random.Random) -> bytes:
    """An example or a near miss of some rule, often damaged: cut, prolonged, in another case."""
    rule = source.choice(RULES)
    template = source.choice((*rule.examples, *rule.counter_examples))
    line = bytearray(expand(template, source.randrange(1_000)))
    damage = source.random()
    if damage < 0.15 and line:
        line[source.randrange(len(line))] = source.choice(b"aZ09_-+/=. \"'\n\\\x00\xff")
    elif damage < 0.25:
        del line[source.randrange(len(line) + 1) :]
    elif damage < 0.35:
        at = source.randrange(len(line) + 1)
        line[at:at] = source.choice((b" ", b"x", b"_", b"-", b'"', b"\\n", b"  =  "))
    elif damage < 0.45:
        line = bytearray(source.choice((line.upper(), line.lower(), line.swapcase(), line.title())))
    return bytes(line)


def _contents(part: int) -> Iterator[bytes]:
    """Mostly plain lines, since every telling one costs the slow engine a search of its content."""
    source = random.Random(f"differential {part}")
    for number in range(LINES // PARTS // LINES_A_CONTENT):
        words = _WORDS if number % 10 else _WORDS + _TEASERS
        lines = [_plain(source, words) for _ in range(LINES_A_CONTENT)]
        for _ in range(source.randrange(1, 5)):
            lines[source.randrange(LINES_A_CONTENT)] = _telling(source)
        yield b"\n".join(lines)


@pytest.fixture(scope="module")
def detectors() -> tuple[SecretDetector, SecretDetector]:
    return (
        SecretDetector(RULES, engine="hyperscan", adapter=False, unwrap=False),
        SecretDetector(RULES, engine="re", adapter=False, unwrap=False),
    )


@pytest.mark.parametrize("part", range(PARTS))
def test_a_million_lines(part: int, detectors: tuple[SecretDetector, SecretDetector]) -> None:
    fast, slow = detectors[0].session(), detectors[1].session()
    found = 0
    waiting: list[bytes] = []
    for content in _contents(part):
        waiting.append(content)
        if len(waiting) == 50:
            found += _compare(waiting, fast.scan(packed(waiting)), slow.scan(packed(waiting)))
            waiting = []
    assert not waiting
    assert found > 100  # else the corpus would compare nothing


def _compare(
    contents: list[bytes], fast: list[tuple[int, Match]], slow: list[tuple[int, Match]]
) -> int:
    """Says which rule differs where, without the text: it may look like a secret."""
    assert [(i, m.rule, m.start, m.end) for i, m in fast] == [
        (i, m.rule, m.start, m.end) for i, m in slow
    ]
    assert fast == slow
    assert all(match.end <= len(contents[index]) for index, match in fast)
    return len(fast)
