"""Checksums of Private Packagist, Synapse, the Matrix Authentication Service, Polar and Sui; the
halves of a Solana keypair; and what stands in a Docker configuration's `auth`."""

import base64
import string
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.detectors.candidate import Candidate
from scanner.detectors.judgement import known_checks
from scanner.detectors.secret_detector import SecretDetector
from scanner.detectors.verdict import Verdict
from scanner.model import Batch
from scanner.rules.examples import expand
from scanner.rules.secrets import SecretRule, load_secret_rules

DETECTOR = SecretDetector(load_secret_rules(), engine="re", adapter=False)
RULE = SecretRule("r", "R", "abcd", (), (), ())
KINDS = (b"0123456789", b"abcdef", b"ghjkmn", b"pqrstuvwxyz", b"ACDEFGHJKLMNPQRSTUVWXYZ")
DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase

BUILT = [
    ("{packagist:packagist_ort_}", "packagist-checksum", ""),
    ("{packagist:packagist_cut_}", "packagist-checksum", ""),
    ("{packagist:packagist_acs_,72}", "packagist-checksum", ""),
    ("{synapse:harbour}", "synapse-checksum", ""),
    ("{synapse:a long/user.name}", "synapse-checksum", ""),
    ("{matrix-service:mat_}", "matrix-service-checksum", ""),
    ("{matrix-service:mar_}", "matrix-service-checksum", ""),
    ("{matrix-service:mct_}", "matrix-service-checksum", ""),
    ("{matrix-service:mcr_}", "matrix-service-checksum", ""),
    ("{matrix-service:mpt_}", "matrix-service-checksum", ""),
    ("{polar:polar_oat_}", "github-checksum", ""),
    ("{polar:polar_at_u_}", "github-checksum", ""),
    ("{sui}", "bech32", "suiprivkey"),
    ("{sui:upper}", "bech32", "suiprivkey"),
    ("{solana}", "solana-keypair", ""),
    ("{solana:array}", "solana-keypair", ""),
]


def run(name: str, secret: bytes, argument: str = "") -> Verdict:
    candidate = Candidate(RULE, secret, (0, len(secret)), 0, 0, (True, True))
    return known_checks()[name](candidate, argument)


def replacement(byte: int) -> bytes:
    """Another character of the same kind, so that only the sum can tell."""
    for alphabet in KINDS:
        if byte in alphabet:
            return bytes((alphabet[(alphabet.index(byte) + 1) % len(alphabet)],))
    return b"C" if byte < 97 else b"r"


def found(data: bytes) -> list[str]:
    batch = Batch(data, len(data), ["0" * 40], [0], [len(data)])
    return [match.rule for _, match in DETECTOR.session().scan(batch)]


# ------------------------------------------------------------------------------ checksums


@pytest.mark.parametrize(("template", "check", "argument"), BUILT)
def test_what_is_built_as_published_is_proven(template: str, check: str, argument: str) -> None:
    for seed in range(20):
        verdict = run(check, expand(template, seed), argument)
        assert (verdict.drop, verdict.step, verdict.proven) == (False, 1, True), verdict


@pytest.mark.parametrize(("template", "check", "argument"), BUILT)
def test_each_changed_character_is_noticed(template: str, check: str, argument: str) -> None:
    """But Polar's prefix, over which no sum is made."""
    token = expand(template)
    start = token.rfind(b"_") + 1 if check == "github-checksum" else 0
    for index in range(start, len(token)):
        changed = token[:index] + replacement(token[index]) + token[index + 1 :]
        assert changed != token
        assert run(check, changed, argument).drop, index


@pytest.mark.parametrize(("template", "check", "argument"), BUILT)
def test_the_broken_twin_is_dropped(template: str, check: str, argument: str) -> None:
    name, colon, rest = template[1:-1].partition(":")
    for seed in range(5):
        assert run(check, expand(f"{{{name}-broken{colon}{rest}}}", seed), argument).drop


@pytest.mark.parametrize("check", sorted({check for _, check, _ in BUILT}))
@given(secret=st.binary(max_size=300))
def test_no_check_raises(check: str, secret: bytes) -> None:
    for value in (secret, b"[" + secret, b"_" + secret):
        assert run(check, value).drop


def test_packagist_computes_as_the_documentation_says() -> None:
    """`str_pad(dechex(crc32($prefix . $random)), 8, '0', STR_PAD_LEFT)`: zeros go in front."""
    short = next(
        body
        for body in (f"packagist_out_{number:060x}" for number in range(10_000))
        if zlib.crc32(body.encode()) < 1 << 24
    )
    checksum = f"{zlib.crc32(short.encode()):x}"
    assert len(checksum) < 8
    assert run("packagist-checksum", f"{short}{checksum:0>8}".encode()).proven
    assert run("packagist-checksum", f"{short}{checksum:0<8}".encode()).drop


def reference_digits(number: int) -> str:
    """The loop of the service's `base62_encode`: digits are appended, zeros go to the left."""
    digits = ""
    while number > 0:
        digits += DIGITS[number % 62]
        number //= 62
    return f"{digits:0>6}"


def test_the_two_matrix_servers_write_their_digits_in_opposite_order() -> None:
    compared = 0
    for seed in range(20):
        token = expand("{matrix-service:mat_}", seed)
        body, _, checksum = token.rpartition(b"_")
        assert checksum.decode() == reference_digits(zlib.crc32(body))
        if zlib.crc32(body) < 62**5:  # the fill is on the left in both
            continue
        assert run("synapse-checksum", body + b"_" + checksum[::-1]).proven
        assert run("matrix-service-checksum", body + b"_" + checksum[::-1]).drop
        compared += 1
    assert compared > 5


def test_a_short_number_is_filled_on_the_left_though_its_digits_are_reversed() -> None:
    body = next(
        body
        for body in (f"mat_{number:030d}" for number in range(10_000))
        if zlib.crc32(body.encode()) < 62**4
    )
    checksum = reference_digits(zlib.crc32(body.encode()))
    assert checksum.startswith("00")
    assert run("matrix-service-checksum", f"{body}_{checksum}".encode()).proven
    assert run("matrix-service-checksum", f"{body}_{checksum[2:]}00".encode()).drop


# ------------------------------------------------------------------------------ keypairs


def test_a_solana_keypair_in_both_forms_is_the_vector_of_rfc_8032() -> None:
    """Seed and public key of section 7.1, test 1: built here without the generator."""
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    public = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    array = ",\n  ".join(str(byte) for byte in seed + public)
    assert run("solana-keypair", f"[ {array} ]".encode()).proven
    assert run("solana-keypair", f"[{array}, 0]".encode()).drop
    swapped = ",".join(str(byte) for byte in public + seed)
    assert run("solana-keypair", f"[{swapped}]".encode()).drop


def test_no_solana_keypair() -> None:
    numbers = [str(number) for number in range(64)]
    assert run("solana-keypair", f"[{','.join(numbers)}]".encode()).drop
    assert run("solana-keypair", f"[{','.join([*numbers[:63], '256'])}]".encode()).drop
    assert run("solana-keypair", f"[{','.join([*numbers[:63], '9' * 5000])}]".encode()).drop
    assert run("solana-keypair", expand("{base58:88}")).drop
    assert run("solana-keypair", b"0" + expand("{solana}")[1:]).drop
    assert run("solana-keypair", b"").drop


def test_a_sui_key_is_33_bytes_long() -> None:
    """A flag and 32 bytes make 59 characters behind `suiprivkey1`."""
    for seed in range(10):
        assert len(expand("{sui}", seed)) == len("suiprivkey1") + 59
    mixed = expand("{sui}").replace(b"sui", b"SUI", 1)
    assert run("bech32", mixed, "suiprivkey").drop
    assert run("bech32", expand("{bech32-key:nsec}"), "suiprivkey").drop


# ------------------------------------------------------------------------------ Docker's auth


def basic(user: bytes, password: bytes) -> bytes:
    return base64.b64encode(user + b":" + password)


@pytest.mark.parametrize(
    "password",
    [
        expand("{alnum:24}"),
        "geheim Straße 17 Wörter".encode(),
        b"with:a:colon-" + expand("{hex:12}"),
        b'{\n  "type": "service_account",\n  "private_key_id": "' + expand("{hex:40}") + b'"\n}\n',
        expand("{alnum:20}") + b"\0\0",
    ],
)
def test_a_name_and_a_password_in_base64(password: bytes) -> None:
    verdict = run("encoded-basic-auth", basic(b"harbour", password))
    assert verdict == Verdict("decodes to a user's name and a password")


@pytest.mark.parametrize(
    "password",
    [
        b"changeme-changeme",
        b"your-password-goes-here",
        b"xxxxxxxxxxxxxxxxxxxx",
        b"${REGISTRY_PASSWORD}",
        b"<the password>",
        b"********",
        b"Password",
        b"\0\0secret\0",
    ],
)
def test_a_placeholder_in_base64_is_none_the_less_one(password: bytes) -> None:
    verdict = run("encoded-basic-auth", basic(b"harbour", password))
    assert verdict.drop
    assert verdict.reason.startswith("the password inside ")
    assert password.strip(b"\0").decode() not in verdict.reason


@pytest.mark.parametrize(
    "secret",
    [
        b"",
        b"not base64!",
        base64.b64encode(expand("{alnum:40}")),
        base64.b64encode(b"harbour:\x01\x02\x03" + expand("{alnum:20}")),
        base64.b64encode(b"harbour:\xff\xfe" + expand("{alnum:20}")),
        basic(b"00000000-0000-0000-0000-000000000000", b""),
        basic(b"harbour", b"\0\0\0"),
        basic(b"", expand("{alnum:24}")),
    ],
)
def test_base64_that_is_no_name_and_password(secret: bytes) -> None:
    assert run("encoded-basic-auth", secret).drop


# ------------------------------------------------------------------------------ the rules


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("TOKEN={packagist@:packagist_uut_}", "packagist-token"),
        ("SECRET={packagist@:packagist_acs_,40}", "packagist-token"),
        ("ACCESS={synapse@:meadow}", "matrix-synapse-access-token"),
        ("ACCESS={matrix-service@:mcr_}", "matrix-authentication-service-token"),
        ("ACCESS={polar@:polar_pat_}", "polar-access-token"),
        ("REFRESH={polar@:polar_rt_}", "polar-refresh-token"),
        ("SUI={sui@}", "sui-private-key"),
        ("SOLANA_PRIVATE_KEY={solana@}", "solana-private-key"),
        ("SOLANA_KEYPAIR={solana@:array}", "solana-keypair-array"),
    ],
)
def test_the_rule_finds_the_token_and_not_its_broken_twin(line: str, rule: str) -> None:
    assert rule in found(expand(line.replace("@", "")))
    assert rule not in found(expand(line.replace("@", "-broken")))


def test_the_key_of_packagists_api_is_public() -> None:
    assert "packagist-token" not in found(expand("KEY={packagist:packagist_ack_,20}"))
