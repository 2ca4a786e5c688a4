"""Keys that are published for everyone. Derived anew here from the words and numbers that their
publishers state, so that no key stands in this file and the digests are proved."""

import hashlib
import hmac
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from scanner.detectors.candidate import Candidate
from scanner.detectors.judgement import Judge, known_checks
from scanner.detectors.verdict import KEEP
from scanner.errors import RuleError
from scanner.rules.checksums import base58check_encode
from scanner.rules.examples import expand
from scanner.rules.loading import root
from scanner.rules.published import digest_of, load_published, publisher
from scanner.rules.secrets import SecretRule, load_secret_rules

HARDHAT: Final = "test test test test test test test test test test test junk"
GANACHE: Final = "myth like bonus scare over problem client lizard pioneer submit female collect"
CURVE_ORDER: Final = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
HARDENED: Final = 1 << 31


class Node(NamedTuple):
    """An extended private key of BIP 32, without its place in the tree."""

    key: int
    chain: bytes

    @classmethod
    def master(cls, seed: bytes) -> "Node":
        digest = hmac.digest(b"Bitcoin seed", seed, "sha512")
        return cls(int.from_bytes(digest[:32], "big"), digest[32:])

    @property
    def public(self) -> bytes:
        key = ec.derive_private_key(self.key, ec.SECP256K1()).public_key()
        return key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)

    @property
    def raw(self) -> bytes:
        return self.key.to_bytes(32, "big")

    def child(self, number: int) -> "Node":
        own = b"\0" + self.raw if number >= HARDENED else self.public
        digest = hmac.digest(self.chain, own + number.to_bytes(4, "big"), "sha512")
        key = (int.from_bytes(digest[:32], "big") + self.key) % CURVE_ORDER
        return Node(key, digest[32:])

    def descend(self, *numbers: int) -> "Node":
        node = self
        for number in numbers:
            node = node.child(number)
        return node

    @property
    def master_text(self) -> bytes:
        """As `xprv...`, where nothing stands above it."""
        head = 0x0488ADE4.to_bytes(4, "big") + bytes(9)
        return base58check_encode(head + self.chain + b"\0" + self.raw).encode()


def accounts(words: str) -> Iterator[bytes]:
    """The private keys of a development node's accounts, in hexadecimal (BIP 39, BIP 44)."""
    seed = hashlib.pbkdf2_hmac("sha512", words.encode(), b"mnemonic", 2048)
    chain = Node.master(seed).descend(44 | HARDENED, 60 | HARDENED, HARDENED, 0)
    for number in itertools.count():
        yield chain.child(number).raw.hex().encode()


def nth(words: str, number: int) -> bytes:
    return next(itertools.islice(accounts(words), number, None))


@pytest.mark.parametrize("number", range(20))
def test_accounts_of_hardhat_and_anvil(number: int) -> None:
    assert publisher(nth(HARDHAT, number)) == "Hardhat and Anvil, twenty accounts"


def test_accounts_of_ganache() -> None:
    found = [publisher(key) for key in itertools.islice(accounts(GANACHE), 11)]
    assert found == ["Ganache with deterministic accounts, the first ten"] * 10 + [None]


def test_any_other_account_is_not_known() -> None:
    assert publisher(nth(HARDHAT, 20)) is None
    assert publisher(nth(HARDHAT + "s", 0)) is None


def test_hexadecimal_in_any_notation() -> None:
    key = nth(HARDHAT, 0)
    for notation in (key, key.upper(), b"0x" + key, b"0X" + key.upper()):
        assert publisher(notation) is not None
    assert publisher(key[:-1]) is None
    assert publisher(key + b"00") is None


def test_vectors_of_bip_32() -> None:
    first = bytes(range(16))
    second = bytes(range(0xFF, 0x3F, -3))
    for seed in (first, second):
        assert publisher(Node.master(seed).master_text) == "the test vectors 1 and 2 of BIP 32"
    assert publisher(Node.master(first[::-1]).master_text) is None


def judged(rule: str, line: str, value: bytes) -> bool:
    """Whether a rule keeps a value that stands on a line."""
    rules = [found for found in load_secret_rules() if found.id == rule]
    data = line.encode().replace(b"?", value)
    span = data.index(value), data.index(value) + len(value)
    candidate = Candidate(rules[0], data, span, 0, 0, (True, True))
    return Judge(rules).judge(0, candidate) is not None


def test_the_rules_for_accounts_drop_them() -> None:
    known, other = b"0x" + nth(HARDHAT, 3), b"0x" + nth(HARDHAT, 31)
    for rule in ("ethereum-private-key", "ethereum-private-key-prefixed"):
        assert not judged(rule, "DEPLOYER_PRIVATE_KEY=?", known)
        assert judged(rule, "DEPLOYER_PRIVATE_KEY=?", other)


def test_the_rule_for_extended_keys_drops_them() -> None:
    known, other = (Node.master(bytes(range(size))).master_text for size in (16, 17))
    assert not judged("bitcoin-extended-private-key", "KEY=?", known)
    assert judged("bitcoin-extended-private-key", "KEY=?", other)


def test_the_check_keeps_what_is_not_known_and_says_whose_it_is() -> None:
    check = known_checks()["published-sample"]
    rule = SecretRule("r", "R", "abcd", (), (), ())
    for template in ("{hex:64}", "{base64:86}==", "{alnum:40}", "{digit:1}"):
        value = expand(template)
        assert check(Candidate(rule, value, (0, len(value)), 0, 0, (True, True)), "") == KEEP
    value = nth(HARDHAT, 0)
    verdict = check(Candidate(rule, value, (0, len(value)), 0, 0, (True, True)), "")
    assert verdict.drop
    assert verdict.reason == "published by Hardhat and Anvil, twenty accounts"


def test_the_emulators_are_known() -> None:
    publishers = set(load_published(root() / "published-samples.yaml").values())
    assert {"Azurite and the older Azure Storage emulator", "the Azure Cosmos DB emulator"} <= (
        publishers
    )


def test_the_rules_for_azure_accounts_ask() -> None:
    asking = {rule.id for rule in load_secret_rules() if "published-sample" in rule.checks}
    assert {"azure-account-key", "azure-account-key-variable", "ethereum-private-key"} <= asking


@pytest.mark.parametrize(
    ("digests", "words"),
    [
        (["0" * 63], "not a SHA-256"),
        (["G" * 64], "not a SHA-256"),
        ([digest_of(b"a"), digest_of(b"a")], "twice"),
    ],
)
def test_a_damaged_list_is_refused(tmp_path: Path, digests: list[str], words: str) -> None:
    path = tmp_path / "samples.yaml"
    lines = "".join(f"      - '{digest}'\n" for digest in digests)
    path.write_text(f"samples:\n  - of: x\n    reference: https://x\n    digests:\n{lines}")
    with pytest.raises(RuleError, match=words):
        load_published(path)
