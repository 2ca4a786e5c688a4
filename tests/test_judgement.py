"""What was made of a line is remembered, and holds wherever the line stands again."""

from collections.abc import Iterator

import pytest

from scanner.detectors.candidate import Candidate
from scanner.detectors.judgement import Judge
from scanner.detectors.matcher import Matcher
from scanner.detectors.stage1 import Window
from scanner.model import packed
from scanner.rules.examples import expand
from scanner.rules.secrets import load_secret_rules

RULES = load_secret_rules()
PYTHON = b"import os\n\n\ndef main():\n    return os.environ\n\n\nclass A:\n    pass\n"
TEXTS = b"".join(b'"label%d": "Please enter the code",\n' % number for number in range(12))
SETTINGS = b"".join(b"name_%d: value\n# a comment\n" % number for number in range(9))
TEST = b"func pass() { if fail: return 1 }\n"
SURROUNDINGS = (b"", PYTHON, TEXTS, SETTINGS, TEST)


def candidates(matcher: Matcher, line: bytes) -> Iterator[list[tuple[int, Candidate]]]:
    """What each rule sees in a line, once for each of the surroundings."""
    for around in SURROUNDINGS:
        content = around + line + b"\n" + around
        batch = packed([content])
        low, high = len(around), len(around) + len(line)
        yield [
            (number, candidate)
            for number, rule in enumerate(RULES)
            if rule.generic or rule.public_prefix.encode() in line
            for candidate in matcher.candidates(batch, Window(number, 0, low, high, high))
        ]


LINES = (
    *("password = '{alnum:14}'", 'token: "{alnum:20}"', "pass: {alnum:11}", "passes: {alnum:8}"),
    *("DB_PASSWORD={alnum:9}&3", 'api_key("{alnum:22}")', "token = '{github:ghp_}'"),
    *("pwd = get_password", "password: 'Passwort'", '"client_secret": "{alnum:40}"'),
    *("postgres://app:{alnum:10}@db.corp.net/x", "run --password {alnum:11} --user root"),
)


@pytest.mark.parametrize("line", LINES)
def test_the_memory_answers_as_a_new_judge_does(line: str) -> None:
    matcher, remembering, forgetful = Matcher(RULES), Judge(RULES), Judge(RULES)
    asked = 0
    for _ in range(2):
        for found in candidates(matcher, expand(line)):
            for number, candidate in found:
                forgetful._judged.clear()
                fresh = forgetful.judge(number, candidate)
                assert remembering.judge(number, candidate) == fresh
                asked += 1
    assert asked > 0


def test_what_does_not_look_around_sees_the_lines_only() -> None:
    """Each check says so when it looks further than the lines of the match."""
    matcher, judge = Matcher(RULES), Judge(RULES)
    compared = looked = 0
    for rule in RULES:
        number = RULES.index(rule)
        for example in rule.examples[:1]:
            line = expand(example)
            if b"\n" in line:
                continue
            verdicts = []
            for around in SURROUNDINGS:
                content = around + line + b"\n" + around
                window = Window(number, 0, len(around), len(around) + len(line), len(content))
                for candidate in matcher.candidates(packed([content]), window):
                    if candidate.origin + candidate.end > len(around) + len(line):
                        continue
                    kept = judge._judge(number, candidate)
                    verdicts.append((candidate.looked_around, kept))
                    break
            if any(around for around, _ in verdicts):
                looked += 1
            elif verdicts:
                compared += 1
                assert all(kept == verdicts[0][1] for _, kept in verdicts), rule.id
    assert compared > 500
    assert looked > 5
