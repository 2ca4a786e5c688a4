"""Checksums and payloads: built as the provider builds them they hold, with one change they do
not."""

import base64
import hashlib
import hmac
import json
import time
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.detectors.candidate import Candidate
from scanner.detectors.judgement import known_checks
from scanner.detectors.verdict import Verdict
from scanner.rules.checksums import (
    base58check_decode,
    base58check_encode,
    bech32_encode,
    bech32_fits,
    crc16_xmodem,
    marvin32,
)
from scanner.rules.examples import expand
from scanner.rules.secrets import SecretRule

RULE = SecretRule("r", "R", "abcd", (), (), ())


def run(name: str, secret: bytes, argument: str = "", after: bytes = b"") -> Verdict:
    candidate = Candidate(RULE, secret + after, (0, len(secret)), 0, 0, (True, True))
    return known_checks()[name](candidate, argument)


CHECKSUMMED = [
    ("{github:ghp_}", "github-checksum", ""),
    ("{npm:npm_}", "npm-checksum", ""),
    ("{grafana:glsa_}", "grafana-checksum", ""),
    ("{gitlab-routable:glpat-}", "gitlab-routable", ""),
    ("{gitlab-routable:glrt-t1_}", "gitlab-routable", ""),
    ("{nkey:U}", "nats-nkey", ""),
    ("{nkey:A}", "nats-nkey", ""),
    ("{nkey:O}", "nats-nkey", ""),
    ("{wif}", "bitcoin-wif", ""),
    ("{wif:uncompressed}", "bitcoin-wif", ""),
    ("{xprv}", "extended-private-key", ""),
    ("{bech32-key:AGE-SECRET-KEY-}", "bech32", "age-secret-key-"),
    ("{bech32-key:nsec}", "bech32", "nsec"),
    ("{azure-annotated:AZDO}", "azure-annotated-key", "AZDO"),
    ("{azure-annotated:ACOG}", "azure-annotated-key", ""),
    ("{azure-devops}", "azure-devops-token", ""),
    *(
        (f"{{azure-marked:{signature}}}", "azure-marked-key", "required")
        for signature in ("+ASt", "ACDb", "+ABa", "+ASb", "+AEh", "+ARm", "+AMC", "+ACR", "AIoT",
                          "APIM", "AzFu", "AzSe")
    ),
]  # fmt: skip


@pytest.mark.parametrize(("template", "check", "argument"), CHECKSUMMED)
def test_a_checksum_proves_a_token(template: str, check: str, argument: str) -> None:
    for seed in range(5):
        verdict = run(check, expand(template, seed), argument)
        assert (verdict.drop, verdict.step, verdict.proven) == (False, 1, True), verdict


def replacement(byte: int) -> int:
    """Another character of the same class, so that only a checksum can tell."""
    if 48 <= byte <= 57:
        return 50 + (byte - 49) % 6
    if 65 <= byte <= 90:
        return 65 + (byte - 64) % 8
    return 97 + (byte - 96) % 8 if 97 <= byte <= 122 else byte


@pytest.mark.parametrize(("template", "check", "argument"), CHECKSUMMED)
def test_each_changed_character_is_noticed(template: str, check: str, argument: str) -> None:
    """But in what a provider leaves out of the sum: GitHub's prefix, unused bits at the end."""
    token = expand(template)
    start = token.rfind(b"_") + 1 if check in {"github-checksum", "npm-checksum"} else 0
    for index in range(start, len(token.rstrip(b"=")) - 1):
        other = replacement(token[index])
        changed = token[:index] + bytes((other,)) + token[index + 1 :]
        if other != token[index]:
            assert run(check, changed, argument).drop, index


@pytest.mark.parametrize(("template", "check", "argument"), CHECKSUMMED)
def test_the_broken_twin_of_an_example_is_dropped(template: str, check: str, argument: str) -> None:
    name, colon, rest = template[1:-1].partition(":")
    assert run(check, expand(f"{{{name}-broken{colon}{rest}}}"), argument).drop


def test_published_vectors() -> None:
    """From the algorithms' own test suites (see the sources named in `scanner.rules.checksums`)."""
    folded = 0x30ED35C1 ^ 0x00CD3C7D
    assert marvin32(b"", 0x004FB61A001BDBCC) == folded
    assert marvin32(b"\xaf", 0x004FB61A001BDBCC) == 0x48E73FC7 ^ 0x7D75DDC1
    assert marvin32(b"\xab\x42\x7e\xa8\xd1\x0f\xc7", 0x004FB61A001BDBCC) == 0xE11847E4 ^ 0xF0678C41
    assert crc16_xmodem(b"123456789") == 0x31C3
    assert bech32_fits("A12UEL5L", "a")
    assert bech32_fits("abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw", "abcdef")
    assert not bech32_fits("A12uEL5L", "a")
    assert not bech32_fits("abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw", "abcdeg")


@given(st.binary(min_size=1, max_size=80))
def test_encodings_are_undone(payload: bytes) -> None:
    assert base58check_decode(base58check_encode(payload)) == payload
    assert bech32_fits(bech32_encode("hrp", payload), "hrp")


# ------------------------------------------------------------------------------ what is told


def test_whom_a_token_belongs_to() -> None:
    token = expand("{gitlab-routable:glpat-}")
    assert run("gitlab-routable", token).reason == "checksum valid; it belongs to a user"
    assert "an account nkey" in run("nats-nkey", expand("{nkey:A}")).reason
    assert "for the main network" in run("bitcoin-wif", expand("{wif}")).reason
    assert "Azure Cosmos DB" in run("azure-marked-key", expand("{azure-marked:ACDb}")).reason
    assert "issued for a user" in run("azure-devops-token", expand("{azure-devops}")).reason
    assert "made in 2025-" in run("azure-annotated-key", expand("{azure-annotated:AZDO}")).reason


def test_gitlab_tokens_from_before_the_version() -> None:
    """The first format had no version in front of the length."""
    payload = base64.urlsafe_b64encode(bytes(range(16)) + b"o:1\ng:2\x07").rstrip(b"=")
    covered = b"glpat-" + payload + b".0" + bytes(["0123456789abcdefghijklmnopqrstuvwxyz"[
        len(payload)].encode()[0]])  # fmt: skip
    number, digits = zlib.crc32(covered), ""
    while number:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    token = covered + digits.rjust(7, "0").encode()
    assert run("gitlab-routable", token).reason == "checksum valid; it belongs to a group"


def test_azure_keys_without_a_signature_are_as_old_as_they_look() -> None:
    old = expand("{base64:86}==")
    assert run("azure-marked-key", old) == Verdict()
    assert run("azure-marked-key", old, "required").drop
    assert run("azure-annotated-key", expand("{azure-annotated:AZMP}"), "AZDO").drop


def test_redis_keys_cannot_be_dropped() -> None:
    """Their + and / were replaced by letters after the checksum was made."""
    key = expand("{azure-marked:AzCa}")
    assert run("azure-marked-key", key).proven
    assert run("azure-marked-key", b"P" + key[1:]) == Verdict()


def test_entra_secrets() -> None:
    secret = expand("{entra}")
    assert run("entra-client-secret", secret).proven
    assert run("entra-client-secret", secret[:-1] + b"~").step == -2
    assert run("entra-client-secret", secret.replace(b"8Q~", b"7Q~")) == Verdict()


# ------------------------------------------------------------------------------ payloads

PAYLOADS = [
    ("{macaroon:pypi}", "macaroon", "pypi"),
    ("{macaroon:test.pypi}", "macaroon", "test.pypi"),
    ("{sentry}", "encoded-json", "iat+org"),
    ("{grafana-cloud}", "encoded-json", "o+k"),
    ("{onepassword}", "encoded-json", "signInAddress"),
    ("{mapbox:sk}", "mapbox-token", ""),
    ("{jfrog-reference}", "reference-token", ""),
    ("{bedrock}", "bedrock-key", ""),
    ("{vault}", "vault-token", ""),
]


@pytest.mark.parametrize(("template", "check", "argument"), PAYLOADS)
def test_a_payload_that_decodes_is_proof(template: str, check: str, argument: str) -> None:
    for seed in range(5):
        verdict = run(check, expand(template, seed), argument)
        assert (verdict.drop, verdict.step, verdict.proven) == (False, 1, True), verdict


@pytest.mark.parametrize(
    ("secret", "check", "argument"),
    [
        ("{macaroon:test.pypi}", "macaroon", "pypi"),
        ("pypi-AgEIcHlwaS5vcmc{base64url:160}", "macaroon", "pypi"),
        ("sntrys_eyJ{base64:160}_{base64:43}", "encoded-json", "iat+org"),
        ("{grafana-cloud}", "encoded-json", "iat+org"),
        ("sk.eyJ{base64url:80}.{base64url:22}", "mapbox-token", ""),
        ("cmVmdGtuO{alnum:55}", "reference-token", ""),
    ],
)
def test_what_does_not_decode_is_dropped(secret: str, check: str, argument: str) -> None:
    assert run(check, expand(secret), argument).drop


def test_a_macaroon_that_was_cut_off() -> None:
    token = expand("{macaroon:pypi}")
    for length in range(10, len(token) - 1):
        assert run("macaroon", token[:length], "pypi").drop


def test_observed_structures_only_lower_the_confidence() -> None:
    assert run("vault-token", expand("hvs.{alnum:24}")) == Verdict()
    assert run("vault-token", expand("hvs.{base64url:95}")).step == -1
    assert run("bedrock-key", expand("ABSK{base64:112}")).step == -1
    assert run("discord-token", expand("{discord}")).step == 1
    assert run("discord-token", expand("{alnum:24}.G{alnum:5}.{base64url:38}")).step == -1


def test_how_long_a_credential_is_valid() -> None:
    link = b"sv=2022-11-02&sr=b&sig=x"
    past, future = b"&se=2001-02-03T00:00:00Z", b"&se=2096-02-03T00%3A00%3A00Z"
    assert run("signed-until", link, after=past).reason == "expired on 2001-02-03"
    assert run("signed-until", link, after=future).reason == "valid until 2096-02-03"
    assert run("signed-until", link) == Verdict()
    old = base64.b64encode(b"reftkn:01:0981172800:" + expand("{alnum:28}")).rstrip(b"=")
    assert run("reference-token", old).reason == "expired on 2001-02-03"
    endless = base64.b64encode(b"reftkn:01:0000000000:" + expand("{alnum:28}")).rstrip(b"=")
    assert run("reference-token", endless).reason == "a reference token without an end"


def test_a_secured_key_is_made_for_browsers() -> None:
    assert run("algolia-secured-key", expand("{algolia-secured}")).step == -1
    assert run("algolia-secured-key", expand("{base64:108}")).drop


def test_base64_that_no_encoder_writes() -> None:
    key = base64.b64encode(bytes(range(32)))
    assert run("canonical-base64", key, "32") == Verdict()
    assert run("canonical-base64", key[:-2] + b"9=", "32").step == -1
    assert run("canonical-base64", key, "64").drop


def test_accounts_that_cannot_be() -> None:
    assert run("aws-account", expand("{aws-key-id:AKIA}")).reason.startswith("belongs to the AWS")
    assert run("aws-account", b"AKIA7" + expand("{base32:15}")).drop
    assert run("aws-account", b"AKIAI" + expand("{base32:15}")).reason == "an id from before 2019"


def test_a_complete_service_account_file() -> None:
    key = expand("{pem-escaped:pkcs8}")
    complete = run("service-account", key, after=b'\\n", "client_email": "a@b.c"}')
    assert complete.proven
    assert complete.reason.endswith("the account stands beside it")
    assert run("service-account", key, after=b'\\n"}').reason.endswith("no account beside it")
    assert run("service-account", b"-----BEGIN PRIVATE KEY-----\nabc").drop


# ------------------------------------------------------------------------------ web tokens


def signed(claims: object, algorithm: str = "HS256", secret: bytes = b"\x01" * 32) -> bytes:
    parts = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=")
        for part in ({"alg": algorithm}, claims)
    ]
    covered = b".".join(parts)
    digest = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}[algorithm]
    signature = hmac.digest(secret, covered, getattr(hashlib, digest))
    return covered + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_a_signature_has_the_size_of_its_algorithm(algorithm: str) -> None:
    token = signed({"sub": "u"}, algorithm)
    assert run("jwt", token).proven
    short = run("jwt", token[:-4])
    assert (short.step, short.proven) == (-1, False)


@pytest.mark.parametrize("secret", [b"secret", b"your-256-bit-secret"])
def test_a_sample_is_known_by_its_secret(secret: bytes) -> None:
    verdict = run("jwt", signed({"sub": "u", "exp": 4_000_000_000}, secret=secret))
    assert verdict.reason == "signed with the well-known secret of a sample"
    assert verdict.step == -1


def test_what_a_web_token_is_for() -> None:
    role = signed({"iss": "supabase", "role": "service_role", "exp": 4_000_000_000})
    assert run("jwt", role).reason.startswith("Supabase's service role")
    cluster = signed({"iss": "kubernetes/serviceaccount"})
    assert run("jwt", cluster).reason == "a Kubernetes service account's; names no expiry"
    yesterday = time.time() - 86_400
    assert run("jwt", signed({"exp": yesterday})).reason.startswith("expired on")
    assert run("jwt", signed({"exp": True})).reason == "names no expiry"
    assert run("jwt", signed({"exp": 10**400})).reason == "names no expiry"


def test_encrypted_tokens() -> None:
    assert run("json-web-encryption", expand("{jwe}")).proven
    assert run("json-web-encryption", expand("{jwt}")).drop
    assert run("json-web-encryption", expand("{jwt}") + b".YWJj.YWJj").drop


# ------------------------------------------------------------------------------ hostile input


@settings(max_examples=300, deadline=None)
@given(secret=st.binary(min_size=1, max_size=120), argument=st.sampled_from(["", "a+b", "32"]))
def test_no_check_raises_on_any_bytes(secret: bytes, argument: str) -> None:
    for name, check in known_checks().items():
        candidate = Candidate(RULE, secret, (0, len(secret)), 0, 0, (True, True))
        assert isinstance(check(candidate, "3.5" if name == "entropy" else argument), Verdict)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_check_raises_on_a_damaged_token(data: st.DataObject) -> None:
    template, check, argument = data.draw(st.sampled_from(CHECKSUMMED + PAYLOADS))
    token = bytearray(expand(template))
    for _ in range(data.draw(st.integers(1, 4))):
        token[data.draw(st.integers(0, len(token) - 1))] = data.draw(st.integers(0, 255))
    assert isinstance(run(check, bytes(token), argument), Verdict)
