"""A prefix as several patterns: together they match what it matches, and begin with more."""

import re

import pytest

from scanner.detectors.pattern import plan
from scanner.detectors.tree import flags_of
from scanner.detectors.unfold import unfolded
from scanner.rules.examples import expand
from scanner.rules.secrets import SecretRule, load_secret_rules
from tests.sample_rule import sample_rule

RULES = load_secret_rules()


def matched(patterns: tuple[str, ...], rule: SecretRule, data: bytes) -> set[tuple[int, int]]:
    """Everything that one of the patterns can match, wherever it begins and ends."""
    found = set()
    for pattern in patterns:
        compiled = re.compile(pattern.encode(), flags_of(rule))
        starts = [at for at in range(len(data)) if compiled.match(data, at)]
        found |= {
            (start, end)
            for start in starts
            for end in range(start + 1, len(data) + 1)
            if compiled.fullmatch(data, start, end)
        }
    return found


@pytest.mark.parametrize(
    ("prefix", "forms"),
    [
        ("gl(?:pat|dt)-[a-z]{20}", ["glpat-", "gldt-"]),
        ("sq[up]_[0-9a-f]{40}", ["squ_", "sqp_"]),
        ("app[_.-]?key[a-z]{0,20}", ["appkey", "app_key", "app.key", "app-key"]),
        ("ax(?:b(?:c|d))?e[0-9]{9}", ["axe", "axbce", "axbde"]),
        # Nothing is gained: the literal is long, is none, stays as short, or there are too many.
        ("abcdefgh(?:i|j)", []),
        ("[ab]cd(?:e|f)", []),
        ("ab(?:cd)?[0-9]{9}", []),
        ("ab[0-9]c", []),
        ("ab[cde][fgh]", []),
        ("ab[c-e]f", []),
        ("ab[^cd]f", []),
        ("ab(?i:c|d)f", []),
        ("ab(?:cd){0,2}e", []),
        ("abcd", []),
        ("", []),
    ],
)
def test_each_form_begins_with_more(prefix: str, forms: list[str]) -> None:
    found = unfolded(prefix, sample_rule())
    if not forms:
        assert found == (prefix,)
        return
    begins = [re.match(r"(?:\\x[0-9a-f]{2})*", form) for form in found]
    texts = [bytes.fromhex(begin[0].replace(r"\x", "")).decode() for begin in begins if begin]
    assert sorted(texts) == sorted(forms)


def test_together_they_match_the_same() -> None:
    changed = 0
    for rule in RULES:
        for whole in plan(rule).prefixes:
            forms = unfolded(whole, rule)
            if forms == (whole,):
                continue
            changed += 1
            for template in (*rule.examples, *rule.counter_examples):
                data = expand(template)[:200]
                assert matched(forms, rule, data) == matched((whole,), rule, data)
    assert changed > 50


def test_tokens_that_begin_with_two_letters_are_unfolded() -> None:
    """Else each two letters of code would be looked at."""
    rules = {rule.id: rule for rule in RULES}
    for name in ("netlify-access-token", "gitlab-other-token", "cloudflare-api-token"):
        (whole,) = plan(rules[name]).prefixes
        assert len(unfolded(whole, rules[name])) > 1
