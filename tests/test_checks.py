"""What the checks drop, keep and say; and what detect-secrets adds."""

import base64
import json
import logging
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.detectors import SecretDetector, placeholder, randomness
from scanner.detectors.candidate import Candidate
from scanner.detectors.generic_value import judge_named_value
from scanner.detectors.judgement import known_checks, resolve_checks
from scanner.detectors.verdict import Verdict
from scanner.model import Batch, Confidence, Match, packed
from scanner.rules.examples import ALPHABETS, expand
from scanner.rules.secrets import SecretRule, load_secret_rules

RULES = load_secret_rules()
DETECTOR = SecretDetector(RULES, engine="re", adapter=False)
RULE = SecretRule("r", "R", "abcd", (), (), ())


def candidate(secret: bytes, before: bytes = b"", after: bytes = b"") -> Candidate:
    start = len(before)
    data = before + secret + after
    return Candidate(RULE, data, (start, start + len(secret)), 0, 0, (True, True))


def run(name: str, secret: bytes | str, argument: str = "") -> Verdict:
    data = secret.encode() if isinstance(secret, str) else secret
    return known_checks()[name](candidate(data), argument)


def matches(data: bytes, detector: SecretDetector = DETECTOR) -> list[Match]:
    batch = Batch(data, len(data), ["0" * 40], [0], [len(data)])
    return [match for _, match in detector.session().scan(batch)]


def whole(cache: Path, *, adapter: bool) -> SecretDetector:
    """As the command makes it, so that the patterns may be in the cache: for many contents."""
    return SecretDetector(
        RULES, cache_directory=cache / "agentreach", adapter=adapter, personal=True
    )


def text(template: str, seed: int = 0) -> bytes:
    return expand(template, seed)


# ------------------------------------------------------------------------------ the registry


def test_checks_are_found_by_name() -> None:
    expected = {
        "github-checksum", "npm-checksum", "crc32-hex", "entropy", "mixed", "luhn", "jwt", "pem",
        "not-placeholder", "aws-account", "base64-json", "connection-string", "url-password",
        "named-value",
    }  # fmt: skip
    assert expected <= set(known_checks())
    assert all(function.__doc__ for function in known_checks().values())


def test_every_check_that_a_rule_names_exists() -> None:
    for rule in RULES:
        assert len(resolve_checks(rule)) == len(rule.checks)


# ------------------------------------------------------------------------------ structure


@pytest.mark.parametrize("prefix", ["ghp_", "gho_", "npm_"])
def test_checksums(prefix: str) -> None:
    token = text(f"{{github:{prefix}}}")
    assert run("github-checksum", token) == Verdict("checksum valid", step=1, proven=True)
    assert run("npm-checksum", token).proven
    wrong = token[:-1] + (b"0" if token[-1:] != b"0" else b"1")
    assert run("github-checksum", wrong).drop


@settings(deadline=None)
@given(st.integers(0, 35))
def test_one_wrong_character_breaks_a_checksum(index: int) -> None:
    token = bytearray(text("{github:ghp_}"))
    token[4 + index] = ord("A") if token[4 + index] != ord("A") else ord("B")
    assert run("github-checksum", bytes(token)).drop


def test_crc32_hex() -> None:
    assert run("crc32-hex", b"abc_352441c2").proven
    assert run("crc32-hex", b"abc_352441c3").drop


def test_luhn() -> None:
    number = text("{luhn:16}")
    assert not run("luhn", number).drop
    assert run("luhn", number[:-1] + bytes([48 + (number[-1] - 47) % 10])).drop
    assert run("luhn", b"7").drop


def test_entropy_is_fair_to_short_values() -> None:
    assert not run("entropy", text("{hex:12}"), "3.5").drop
    assert run("entropy", b"aaaaaaaabbbbbbbb", "3.0").drop
    assert run("entropy", b"abababababababababababab", "2.5").drop
    assert randomness.shannon(b"") == 0
    assert randomness.shannon(bytes(range(256))) == 8


def test_mixed() -> None:
    assert run("mixed", b"abcdef").drop
    assert run("mixed", b"123456").drop
    assert not run("mixed", b"abc123").drop


def test_aws_account() -> None:
    """An id built for a known account: only its last digits are told."""
    account = 1234_5678_9012
    number = (account << 7 | 1 << 47) << 32
    key = b"AKIA" + base64.b32encode(number.to_bytes(10, "big"))
    assert run("aws-account", key) == Verdict("belongs to the AWS account that ends in 9012")
    assert run("aws-account", b"AKIA" + b"1" * 16).drop


SIGNATURE = base64.urlsafe_b64encode(bytes(range(256))).rstrip(b"=").decode()


def token_of(claims: object, header: object = None, signature: str = SIGNATURE) -> str:
    parts = [json.dumps(part).encode() for part in (header or {"alg": "RS256"}, claims)]
    encoded = [base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts]
    return ".".join([*encoded, signature])


def test_json_web_tokens() -> None:
    assert run("jwt", token_of({"sub": "u1"})).reason == "names no expiry"
    old = run("jwt", token_of({"exp": 1_000_000_000}))
    assert (old.reason, old.step) == ("expired on 2001-09-09", -1)
    assert run("jwt", token_of({"exp": 4_000_000_000})).step == 1
    assert run("jwt", token_of({"role": "anon"})).step == -2


@pytest.mark.parametrize(
    "token",
    [
        "eyJhbGciOiJub25lIn0.eyJhIjoxfQ.",
        token_of({"a": 1}, {"alg": "none"}),
        token_of({"a": 1}, {"typ": "JWT"}),
        token_of({"sub": "1234567890", "name": "John Doe"}),
        token_of([1, 2]),
        token_of({"a": 1}, signature=""),
        "eyJ.eyJ.abc",
        "\xff.\xff.\xff",
        base64.urlsafe_b64encode(b"[" * 40_000).decode() + ".e30.x",
    ],
)
def test_what_is_no_usable_token(token: str) -> None:
    assert run("jwt", token.encode("latin-1")).drop


def test_base64_json() -> None:
    value = base64.b64encode(b'{"username":"x","account":"y"}')
    assert not run("base64-json", value).drop
    assert not run("base64-json", value, "account").drop
    assert run("base64-json", value, "token").drop
    assert run("base64-json", b"bm90IGpzb24=").drop


# ------------------------------------------------------------------------------ placeholders


@pytest.mark.parametrize(
    "value",
    [
        "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "your_api_key_here",
        "changeme-please-1", "xxxxxxxxxxxxxxxx", "sk_live_00000000000000000000", "0123456789abcdef",
        "1234567890", "abcdefghijklmnop", "aaaaaaaaaaaaaaaaaaa", "<api-key-goes-here>",
        "${API_KEY}", "{{ token }}", "REPLACE_ME_1", "a1b2c3d4e5f6a7b8", "qwertyuiop12",
        "Passw0rd!2345", "fake-1f9d77e0", "deadbeefdeadbeef", "abababababababab", "token...abc",
    ],
)  # fmt: skip
def test_stand_ins(value: str) -> None:
    assert placeholder.stand_in(value.encode()) is not None


@pytest.mark.parametrize("alphabet", ["alnum", "hex", "base64", "base32", "base36", "base64url"])
def test_random_values_are_no_stand_ins(alphabet: str) -> None:
    """Of values drawn without any filter at most one in a hundred may look like a placeholder."""
    import random

    source = random.Random(alphabet)
    values = ["".join(source.choices(ALPHABETS[alphabet], k=40)).encode() for _ in range(1000)]
    assert sum(placeholder.stand_in(value) is not None for value in values) <= 10


# ------------------------------------------------------------------------------ name = value


@pytest.mark.parametrize(
    "line",
    [
        # placeholders
        "API_KEY=your-api-key-123456", "password: changeme12345", 'token = "xxxxxxxx1xxxxxxx"',
        "SECRET_KEY=${{SECRET_KEY_1}}", "password: {{{{ vault_password_1 }}}}",
        "api_key=$API_KEY_1",
        # code
        "token = request.headers[0]['x1']", "password = getpass2('Password1: ')",
        "secret = os.environ['SECRET_1']", "token = process.env.TOKEN_V2", "api_key: settings.key2",
        "self.token = token2 or default3", "if (password == other1password2) {{",
        "token: string2[]",
        "secret = base64.b64decode(value1)", "token = tokens[index1].value2",
        "password: Optional[str1]",
        # other things than secrets
        "token_count = 123456789012", "max_tokens: 128000", "password_min_length = 12345678901",
        "secret_version: v1.22.333-alpha4", "tokenizer: cl100k_base_2024",
        "secret: 2024-11-21T10:00:00Z",
        "private_key_path: /etc/ssl/private/key1.pem",
        "token_url = 'https://id1.internal/oauth2/token'",
        "api_key_id = '{uuid}'", "secret: {uuid}", "password_hash: '{hex:40}'",
        "password = '$2b$12${base62:22}{base62:31}'", "access_key = 'images/2024/photo1.png'",
        "csrf_token = '{base62:32}'", "nextPageToken: '{base62:32}'", "public_key = '{base64:44}'",
        "cache_key_secret_name = 'prod/db-1/cred'", "integrity_token: sha512-{base64:86}==",
        "password: 'Please enter your password 1'", "secret = \"It isn't a secret 1\"",
        "auth_token_ttl = '86400seconds'", "api_key = 'phc_{base62:43}'",
        "i18n.password1: Passwort2",
        "password.label = 'login2.form.password3'", "secret_name: my-app-v2-secret-1",
        "api_key = '{word}-{word}-{word}-12'", "token = 'kubernetes.io/service-account-token2'",
    ],
)  # fmt: skip
def test_what_only_has_the_name_of_a_secret(line: str) -> None:
    assert matches(text(line)) == []
    assert matches(text(line) + b"\n") == []


def test_the_reason_never_holds_the_value(warm_cache: Path) -> None:
    contents = [
        text(template) for rule in RULES for template in (*rule.examples, *rule.counter_examples)
    ]
    found = whole(warm_cache, adapter=False).session().scan(packed(contents))
    assert len(found) > len(RULES)
    for content, match in found:
        secret = contents[content][match.start : match.end].decode("latin-1")
        assert not any(secret in evidence for evidence in match.evidence)


@settings(max_examples=200, deadline=None)
@given(before=st.binary(max_size=60), secret=st.binary(min_size=1, max_size=80), after=st.binary())
def test_no_check_fails_on_any_bytes(before: bytes, secret: bytes, after: bytes) -> None:
    for name, check in known_checks().items():
        verdict = check(candidate(secret, before, after), "3.5" if name == "entropy" else "")
        assert isinstance(verdict, Verdict)


def test_a_quote_must_close_behind_the_value() -> None:
    value = text("{base62:24}")
    assert judge_named_value(candidate(value, b"password = '", b" and more'")).drop
    assert not judge_named_value(candidate(value, b"password = '", b"'")).drop


# ------------------------------------------------------------------------------ URLs


@pytest.mark.parametrize(
    "line",
    [
        "postgres://user:password@localhost/db", "postgres://postgres:postgres@db:5432/app",
        "redis://:{{password}}@cache:6379", "https://user:%s@host/path", "amqp://guest:guest@mq",
        "mysql://root:${{ROOT_PW}}@db/app", "mongodb://u:<password>@cluster0.abcde.mongodb.net",
        "https://oauth2:{{gitlab_token}}@gitlab.com/o/r", "https://u:{base62:20}@example.com/",
        "postgres://app:{base62:20}@db.example.org/x", "https://$USER:$PASSWORD@host/",
        "https://u:wrong_pass@git.internal/", "http://u:PASSWORD@git.internal/",
    ],
)  # fmt: skip
def test_urls_without_a_real_password(line: str) -> None:
    assert matches(text(line)) == []


def test_the_span_in_a_url_is_the_password() -> None:
    data = text("url: postgres://app:{base62:20}@db.internal:5432/app")
    (found,) = matches(data)
    assert data[: found.start].endswith(b"app:")
    assert data[found.end :].startswith(b"@db")
    assert found.confidence is Confidence.HIGH


def test_a_guessable_password_counts_for_little() -> None:
    (found,) = matches(b"nats://leaf:" + b"pleaf" + b"@10.1.2.3:4222")
    assert found.confidence is Confidence.LOW


# ------------------------------------------------------------------------------ detect-secrets


def test_agreement_is_evidence() -> None:
    detector = SecretDetector(RULES, engine="re")
    (found,) = matches(text("token = '{github:ghp_}'\n"), detector)
    assert found.rule == "github-personal-access-token"
    assert any(each.startswith("detect-secrets agrees: ") for each in found.evidence)
    assert "checksum valid" in found.evidence


def test_what_only_detect_secrets_sees_has_low_confidence_and_a_rule() -> None:
    """Its plugin knows more forms of a Slack webhook than a rule set without one."""
    rules = [rule for rule in RULES if rule.generic]
    detector = SecretDetector(rules)
    data = text("slack_token = 'xoxb-{digit:12}-{digit:12}-{alnum:24}'\n")
    plain = [match.rule for match in matches(data, SecretDetector(rules, adapter=False))]
    found = matches(data, detector)
    assert len(found) == 1
    if not plain:
        assert found[0].confidence is Confidence.LOW
        assert found[0].rule == "detect-secrets-slack"
    assert all(match.rule in detector.rules for match in found)


def test_detect_secrets_does_not_bring_back_what_a_check_dropped() -> None:
    detector = SecretDetector(RULES, engine="re")
    assert matches(b"key = 'AKIAIOSFODNN7" + b"EXAMPLE'\n", detector) == []
    assert matches(text("token = 'ghp_{alnum:36}'\n"), detector) == []


def test_one_secret_is_one_match_with_detect_secrets_too(warm_cache: Path) -> None:
    contents = [text(template) for rule in RULES for template in rule.examples]
    found = whole(warm_cache, adapter=True).session().scan(packed(contents))
    assert len(found) >= len(RULES)
    for (content, left), (following, right) in pairwise(found):
        assert content < following or left.end <= right.start


def test_a_line_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from scanner.detectors import detect_secrets_adapter as adapter

    looked: list[bytes] = []
    real = adapter._sightings
    monkeypatch.setattr(
        adapter,
        "_sightings",
        lambda tools, line, alone: looked.append(line) or real(tools, line, alone=alone),
    )
    detector = SecretDetector(RULES, engine="re")
    data = text("token = '{github:ghp_}'")
    first = matches(data, detector)
    assert matches(b"# moved\n" + data + b"\n", detector) == [
        Match(each.rule, each.start + 8, each.end + 8, each.confidence, each.evidence)
        for each in first
    ]
    assert len(looked) == 1


def test_nothing_of_it_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    detector = SecretDetector(RULES, engine="re")
    for template in ("token = '{github:ghp_}'", "api_key = '{uuid}'", "password = 'aaaaaaaaa1'"):
        matches(text(template), detector)
    assert caplog.records == []


def test_it_is_not_imported_without_a_candidate() -> None:
    program = (
        "import sys\n"
        "from scanner.detectors import SecretDetector\n"
        "from scanner.model import Batch\n"
        "from scanner.rules.examples import expand\n"
        "from scanner.rules.secrets import load_secret_rules\n"
        "session = SecretDetector(load_secret_rules(), engine='re').session()\n"
        "for data in (b'nothing here', expand('token = \"{github:ghp_}\"')):\n"
        "    session.scan(Batch(data, len(data), ['0'], [0], [len(data)]))\n"
        "    print('detect_secrets' in sys.modules)\n"
    )
    root = str(Path(__file__).parent.parent)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=root
    )
    assert done.stdout.split() == ["False", "True"]
    assert done.stderr == ""
