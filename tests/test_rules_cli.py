"""`agentreach rules`: list, show, test and check, with the shipped rules and with a user's own."""

import json
import re
from pathlib import Path

import pytest

from scanner.detectors.judgement import known_checks
from scanner.detectors.rule_check import LEAST_COUNTER_EXAMPLES, RuleFault, check_rules
from scanner.errors import RuleError
from scanner.rules.examples import GENERATORS, expand
from scanner.rules.extra import MOST_BYTES, load_extra
from scanner.rules.secrets import Companion, SecretRule, load_secret_rules
from tests.sample_rule import sample_rule
from tests.scanning import ROOT, run

OWN = """\
provider: acme
name: Acme
url: https://acme.example
rules:
  - id: acme-key
    name: Acme key
    pattern: 'ack_[A-Za-z0-9]{24}'
    checks: [mixed]
    public_prefix: ack_
    references: [https://docs.acme.example/keys]
    examples: ['ACME_KEY=ack_{alnum:24}']
    counter_examples: ['ack_{alnum:4}', 'ack_{lower:24}', 'ack_{alnum:28}']
    rotate: Delete it.
  - id: acme-named-key
    name: Acme named key
    pattern: 'acme[a-z_]{0,10}key{assign}(?P<secret>[0-9a-f]{32})'
    case_insensitive: true
    references: [https://docs.acme.example/keys]
    examples: ['"acme_api_key": "{hex:32}"']
    counter_examples: ['acme_key={hex:8}', 'acme={hex:32}', 'acme_key={hex:40}']
    rotate: Delete it.
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "our rules.yaml"
    path.write_text(OWN)
    return path


def value(template: str, seed: int = 0) -> str:
    return expand(template, seed).decode()


# ------------------------------------------------------------------------------------------- list


def test_every_rule_is_listed_once_in_eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    listed = run("rules", "list")
    lines = listed.out.decode().splitlines()
    assert listed.code == 0
    assert all(len(line) <= 80 for line in lines)
    ids = [line.split()[1] for line in lines]
    assert len(ids) == len(set(ids))
    assert {rule.id for rule in load_secret_rules()} < set(ids)
    assert {"scope-drift", "iban"} < set(ids)
    assert listed.err.decode().startswith(f"{len(ids)} rules")


def test_a_list_can_be_narrowed() -> None:
    aws = run("rules", "list", "--provider", "aws").out.decode()
    assert "aws-access-key-id" in aws
    assert all(" aws-" in line for line in aws.splitlines())
    personal = run("rules", "list", "--kind", "personal").out.decode()
    assert " iban " in personal
    assert "aws-access-key-id" not in personal


def test_a_list_for_programs() -> None:
    document = json.loads(run("rules", "list", "--provider", "aws", "--format", "json").out)
    first = next(one for one in document["rules"] if one["id"] == "aws-access-key-id")
    assert first == {
        "id": "aws-access-key-id",
        "kind": "secret",
        "provider": "aws",
        "title": "AWS access key id",
        "severity": first["severity"],
        "confidence": "high",
    }


def test_an_unknown_provider_names_its_neighbours() -> None:
    wrong = run("rules", "list", "--provider", "githb")
    assert wrong.code == 2
    assert b"did you mean github" in wrong.err


# ------------------------------------------------------------------------------------------- show


def test_a_secret_rule_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    text = run("rules", "show", "aws-secret-access-key").out.decode()
    rule = next(rule for rule in load_secret_rules() if rule.id == "aws-secret-access-key")
    for words in (
        "AWS secret access key",
        "Amazon Web Services, https://aws.amazon.com",
        "{assign}",
        "mixed: both letters and digits",
        f"no character of [{rule.boundary}]",
        rule.examples[0],
        rule.counter_examples[0],
        rule.references[0],
        "upper and lower case are the same",
    ):
        assert words in text, words
    assert "in CloudTrail" in " ".join(text.split())


def test_halves_are_told() -> None:
    halves = [rule for rule in load_secret_rules() if rule.part_of]
    for rule in halves[:3]:
        text = " ".join(run("rules", "show", rule.id).out.decode().split())
        assert f"the public half of {', '.join(rule.part_of)}" in text
    assert halves


def test_a_rule_of_ones_own_is_told_too(own: Path) -> None:
    shown = run("rules", "show", "--rules", own, "acme-named-key").out.decode()
    assert "Acme, https://acme.example" in shown
    assert "acme[a-z_]{0,10}key{assign}(?P<secret>[0-9a-f]{32})" in shown
    assert run("rules", "show", "--rules", own, "aws-access-key-id").code == 0
    assert run("rules", "show", "acme-named-key").code == 2


def test_a_pattern_is_shown_to_be_copied_and_a_control_character_is_not(own: Path) -> None:
    own.write_text(OWN.replace("'ack_{alnum:4}'", r'"\eack\u202e_"').replace("ack_[A", r"\back_[A"))
    shown = run("rules", "show", "--rules", own, "acme-key").out.decode()
    assert r"pattern     \back_[A-Za-z0-9]{24}" in shown
    assert r"\x1back\u202e_" in shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown


@pytest.mark.parametrize("kind", ["secret", "boundary", "flow", "personal", "concern"])
def test_a_rule_of_every_kind_can_be_shown(kind: str) -> None:
    rules = json.loads(run("rules", "list", "--kind", kind, "--format", "json").out)["rules"]
    assert rules
    for rule in rules[:: max(1, len(rules) // 4)]:
        shown = run("rules", "show", rule["id"])
        assert shown.code == 0
        assert shown.out.decode().splitlines()[:2] == [rule["id"], f"  {rule['title']}"]
        assert rule["severity"] in shown.out.decode()


def test_an_unknown_rule_names_its_neighbours() -> None:
    wrong = run("rules", "show", "aws-access-keyid")
    assert wrong.code == 2
    assert b"did you mean aws-access-key-id" in wrong.err


# ------------------------------------------------------------------------------------------- test


def test_what_a_rule_makes_of_a_file(own: Path, tmp_path: Path) -> None:
    good, plain, long = value("ack_{alnum:24}"), value("ack_{lower:24}"), value("ack_{alnum:28}")
    file = tmp_path / "settings.env"
    file.write_text(f"A={good}\n\n  B={plain}\nC={long}\n")
    done = run("rules", "test", "--rules", own, "acme-key", file)
    text = done.out.decode()
    assert done.code == 1
    assert "line 1, column 3: acme-key (Acme key)" in text
    assert "mixed: not both letters and digits: not a secret" in text.split("line 3, column 5")[1]
    assert "stands directly behind it" in text.split("line 4, column 3")[1]
    assert "3 places matched, 1 of them found" in text
    for secret in (good, plain, long):
        assert secret[4:20] not in text


def test_a_rule_is_tested_alone() -> None:
    """In a scan the specific rule would speak for it."""
    secret = value("{github:ghp_}")
    done = run("rules", "test", "generic-secret", "-", stdin=f'token = "{secret}"\n'.encode())
    assert "github" not in done.out.decode()
    assert "line 1, column 10" in done.out.decode()
    assert secret not in done.out.decode()


def test_standard_input_and_encodings(own: Path) -> None:
    text = value("x={base64-of:key ack_<alnum:24> here}")
    done = run("rules", "test", "--rules", own, "acme-key", "-", stdin=text.encode())
    assert done.code == 1
    assert b"unwrapped: base64" in done.out


def test_a_companion_is_tried_with_its_rule() -> None:
    """The rule of the other half has to be there, although it was not asked for."""
    rules = [rule for rule in load_secret_rules() if rule.companion is not None]
    for rule in rules[:3]:
        data = b"".join(expand(example) + b"\n" for example in rule.examples)
        done = run("rules", "test", rule.id, "-", stdin=data)
        assert done.code == 1, done.err
    assert rules


def test_nothing_matches(own: Path) -> None:
    done = run("rules", "test", "--rules", own, "acme-key", "-", stdin=b"nothing here\n")
    assert done.code == 0
    assert b"matches nowhere" in done.out


def test_what_cannot_be_tested(own: Path, tmp_path: Path) -> None:
    assert run("rules", "test", "no-such-rule", "-").code == 2
    missing = run("rules", "test", "--rules", own, "acme-key", tmp_path / "missing")
    assert missing.code == 2
    assert b"No such file" in missing.err
    assert run("rules", "test", "--rules", own, "acme-key", tmp_path).code == 2


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("[mixed]", "[no-such-check]", b"no check 'no-such-check'"),
        ("{24}", "{24,}", b"unbounded repeat"),
        ("public_prefix: ack_", "boundary: z-a", b"no character class"),
    ],
)
def test_a_broken_rule_is_named(own: Path, old: str, new: str, words: bytes) -> None:
    own.write_text(OWN.replace(old, new, 1))
    secret = value("ack_{alnum:24}")
    done = run("rules", "test", "--rules", own, "acme-key", "-", stdin=f"K={secret}".encode())
    assert (done.code, done.out) == (2, b"")
    assert b"acme-key" in done.err
    assert words in done.err
    assert secret.encode() not in done.err


# ------------------------------------------------------------------------------------------ check


def test_rules_of_ones_own_that_are_sound(own: Path) -> None:
    done = run("rules", "check", own)
    assert (done.code, done.err) == (0, b"")
    assert done.out.startswith(b"2 rules, 2 examples, 6 near misses, 0 faults (engines: re")


def test_a_fault_is_a_readable_line(own: Path) -> None:
    own.write_text(OWN.replace("'ack_{lower:24}', ", "").replace("[mixed]", "[no-such-check]"))
    done = run("rules", "check", own)
    assert done.code == 2
    lines = done.err.decode().splitlines()
    assert (
        f"{own}: acme-key: counter_examples: at least three different near misses are needed"
        in (lines)
    )
    assert any(
        line.startswith(f"{own}: acme-key: checks: no check 'no-such-check'") for line in lines
    )
    assert b"2 faults" in done.out


def test_three_different_near_misses() -> None:
    assert LEAST_COUNTER_EXAMPLES == 3
    same = sample_rule(counter_examples=("smpl_{alnum:8}",) * 3)
    assert [fault.field for fault in check_rules([same])] == ["counter_examples"]


COMPANION = Companion(rule="other-token", pattern="secret=(?P<secret>[0-9a-f]{32})")


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"part_of": ("no-such-rule",)}, "part_of", "no-such-rule"),
        ({"part_of": ("sample-token",)}, "part_of", "no other rule"),
        ({"companion": COMPANION}, "companion", "no rule 'other-token'"),
        ({"companion": Companion("sample-token", "[0-9a-f]{32}")}, "companion", "group `secret`"),
        (
            {"companion": Companion("sample-token", "a(?P<secret>[0-9a-f]+)")},
            "companion",
            "over 4096 bytes",
        ),
        (
            {"companion": Companion("sample-token", "a{assign}(?P<secret>[0-9a-f]{32})")},
            "companion",
            "in `pattern` only",
        ),
    ],
)
def test_halves_that_do_not_fit(changes: dict[str, object], field: str, words: str) -> None:
    found = check_rules([sample_rule(**changes)])
    assert any(fault.field == field and words in fault.message for fault in found), found


def test_a_companion_among_the_rules_beside() -> None:
    other = sample_rule(id="other-token", pattern="secret=(?P<secret>[0-9a-f]{32})")
    assert check_rules([sample_rule(companion=COMPANION)], beside=[other]) == []


def test_an_id_of_a_rule_beside_is_taken() -> None:
    assert check_rules([sample_rule()], beside=[sample_rule()]) == [
        RuleFault("sample-token", "id", "used twice")
    ]


def test_one_broken_rule_does_not_hide_anothers_fault() -> None:
    broken = sample_rule(id="broken-token", pattern="smpl_[a-z")
    silent = sample_rule(id="silent-token", examples=("TOKEN=smpl_{alnum:9}",))
    found = {(fault.rule, fault.field) for fault in check_rules([broken, silent])}
    assert found == {("broken-token", "pattern"), ("silent-token", "examples[0]")}


def test_a_fault_does_not_repeat_what_it_is_about() -> None:
    (fault,) = check_rules([sample_rule(pattern="smpl_[a-z")])
    assert fault.message.startswith("unterminated character set")


# ------------------------------------------------------------------------------------------ extra


def test_extra_rules_are_as_a_detector_takes_them(own: Path) -> None:
    plain, named = load_extra([own], load_secret_rules())
    assert plain.id == "acme-key"
    assert "{assign}" not in named.pattern


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("id: acme-key", "id: aws-access-key-id", "taken by a rule of agentreach's own"),
        ("id: acme-named-key", "id: acme-key", "is taken by"),
        ("public_prefix: ack_", "public_prefixes: ack_", "unknown field"),
        ("public_prefix: ack_", "part_of: [no-such-rule]", "part_of: there is no other rule"),
        ("checks: [mixed]", "checks: &a [mixed]\n    part_of: *a", "an alias (*a)"),
        ("checks: [mixed]", f"checks: {'[' * 40}{']' * 40}", "nested too deeply"),
        ("checks: [mixed]", "checks: [mixed", "not valid YAML"),
        ("provider: acme", "provider: 1", "provider"),
    ],
)
def test_extra_rules_that_cannot_be_used(own: Path, old: str, new: str, words: str) -> None:
    own.write_text(OWN.replace(old, new, 1))
    with pytest.raises(RuleError) as refused:
        load_extra([own], load_secret_rules())
    assert words in refused.value.message
    assert str(own) in refused.value.message


def test_an_extra_file_that_is_no_rule_file(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.yaml", tmp_path):
        with pytest.raises(RuleError, match="cannot be read"):
            load_extra([path])
    large = tmp_path / "large.yaml"
    large.write_bytes(b"#" * (MOST_BYTES + 1))
    with pytest.raises(RuleError, match="no rule file"):
        load_extra([large])
    large.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RuleError, match=r"large\.yaml"):
        load_extra([large])


# ----------------------------------------------------------------------------------------- manual


def test_the_manual_names_every_check_and_every_field_of_a_template() -> None:
    manual = (ROOT / "docs" / "rule-authoring.md").read_text(encoding="utf-8")
    missing = [name for name in known_checks() if not re.search(rf"`{name}[`:\[]", manual)]
    missing += [name for name in GENERATORS if not re.search(rf"\{{{name}[}}:]", manual)]
    missing += [
        key
        for key in SecretRule.__struct_fields__
        if f"`{key}`" not in manual and f"  {key}:" not in manual and f"- {key}:" not in manual
    ]
    assert missing == []
