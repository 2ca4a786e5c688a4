"""Every rule in rules/secrets against its own examples, in both engines."""

from functools import cache
from pathlib import Path

import pytest

from scanner.detectors.rule_check import RuleFault, check_rules
from scanner.errors import RuleError
from scanner.rules.examples import GENERATORS, base62_checksum, expand, expand_with_values
from scanner.rules.secrets import SecretRule, load_secret_rules
from tests.sample_rule import sample_rule

RULES = load_secret_rules()


@cache
def faults() -> dict[str, list[RuleFault]]:
    found: dict[str, list[RuleFault]] = {}
    for fault in check_rules(RULES):
        found.setdefault(fault.rule, []).append(fault)
    return found


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_rule_holds_its_promises(rule: SecretRule) -> None:
    assert faults().get(rule.id, []) == []


def test_no_fault_without_a_rule() -> None:
    assert faults().get("", []) == []


def test_there_are_rules() -> None:
    assert {"generic-secret", "private-key", "json-web-token", "github-personal-access-token"} <= {
        rule.id for rule in RULES
    }


def test_a_sound_rule_has_no_fault() -> None:
    assert check_rules([sample_rule()]) == []


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"pattern": "smpl_[A-Za-z0-9]{24,}"}, "pattern", "unbounded"),
        ({"pattern": "smpl_.*"}, "pattern", "unbounded"),
        ({"pattern": "smpl_[a-z]{0,3000}[0-9]{0,3000}"}, "pattern", "over 4096"),
        ({"pattern": "smpl_(?:a{0,9}){1,9}"}, "pattern", "directly inside"),
        ({"pattern": "(?<=a)smpl_[a-z]{24}"}, "pattern", "assert"),
        ({"pattern": "^smpl_[a-z]{24}"}, "pattern", "boundary"),
        ({"pattern": "smpl_[a-z{24}"}, "pattern", "unterminated"),
        ({"pattern": r"(smpl)_\1[a-z]{24}"}, "pattern", "groupref"),
        ({"pattern": "smpl_é{24}"}, "pattern", "ascii"),
        ({"pattern": "[a-z]{2}"}, "pattern", "fewer than four"),
        ({"checks": ("no-such-check",)}, "checks", "no check"),
        ({"checks": ("entropy",)}, "checks", "needs a number"),
        ({"boundary": "z-a"}, "boundary", "character class"),
        ({"id": "Sample_Token"}, "id", "kebab"),
        ({"references": ()}, "references", "needed"),
        ({"references": ("http://docs.provider.dev",)}, "references", "https"),
        ({"references": ("https://github.com/gitleaks/gitleaks",)}, "references", "scanner"),
        ({"counter_examples": ("smpl_{alnum:24}", "x")}, "counter_examples[0]", "matches"),
        ({"counter_examples": ()}, "counter_examples", "three"),
        ({"examples": ("smpl_{alnum:8}",)}, "examples[0]", "not found"),
        ({"examples": ("smpl_{nothing:8}",)}, "examples[0]", "no field"),
        ({"examples": ()}, "examples", "one"),
        ({"pattern": "smpl_[A-Za-z0-9]{10}", "boundary": ""}, "examples[0]", "cuts through"),
        ({"public_prefix": "other_"}, "examples[0]", "start with"),
        ({"rotate": ""}, "rotate", "needed"),
    ],
)
def test_a_fault_is_named(changes: dict[str, object], field: str, words: str) -> None:
    found = check_rules([sample_rule(**changes)])
    assert any(fault.field == field and words in fault.message for fault in found), found


def test_an_id_used_twice() -> None:
    assert RuleFault("sample-token", "id", "used twice") in check_rules(
        [sample_rule(), sample_rule()]
    )


# ------------------------------------------------------------------------------ example templates


def test_examples_are_the_same_every_time_and_differ_by_seed() -> None:
    template = "a={alnum:32} b={uuid} c={github:ghp_}"
    assert expand(template) == expand(template)
    assert expand(template, 1) != expand(template, 2)


def test_values_are_where_they_are_said_to_be() -> None:
    expansion = expand_with_values("{{x}} {hex:8}-{word}")
    assert expansion.data.startswith(b"{x} ")
    (start, end), (word_start, word_end) = expansion.values
    assert (start, end) == (4, 12)
    assert int(expansion.data[start:end], 16) >= 0
    assert expansion.data[word_start:word_end].isalpha()
    assert word_end == len(expansion.data)


@pytest.mark.parametrize("template", ["{alnum}", "{alnum:x}", "{alnum:0}", "{what:3}", "{", "a}b"])
def test_a_wrong_template_is_refused(template: str) -> None:
    with pytest.raises(RuleError):
        expand(template)


def test_github_tokens_end_with_their_checksum() -> None:
    token = expand("{github:ghp_}").decode()
    body = token.removeprefix("ghp_")
    assert len(body) == 36
    assert body[30:] == base62_checksum(body[:30].encode())


def test_checksums_are_padded() -> None:
    assert base62_checksum(b"") == "000000"


@pytest.mark.parametrize("name", sorted(GENERATORS))
def test_every_generator_gives_something_printable(name: str) -> None:
    argument = {"pem": ":rsa", "pem-escaped": ":ec", "luhn": ":16", "base64-of": ":<hex:8>"}
    value = expand(f"{{{name}{argument.get(name, ':x_')}}}")
    assert value
    assert all(byte == 10 or 32 <= byte < 127 for byte in value)


def test_no_rule_file_holds_what_it_looks_for() -> None:
    """The tool scans its own repository: examples are templates, never tokens."""
    from scanner.detectors import SecretDetector
    from scanner.model import Batch
    from scanner.rules import root

    session = SecretDetector(RULES, engine="re", adapter=False).session()
    for path in sorted(Path(root(), "secrets").glob("*.yaml")):
        data = path.read_bytes()
        batch = Batch(data, len(data), ["0" * 40], [0], [len(data)])
        found = [
            (path.name, data.count(b"\n", 0, m.start) + 1, m.rule) for _, m in session.scan(batch)
        ]
        assert found == []
