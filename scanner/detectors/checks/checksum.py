"""Checksums inside tokens, as their providers publish them; public keys beside their own seeds."""

import base64
import re
import zlib
from typing import Final

from scanner.detectors.candidate import Candidate
from scanner.detectors.verdict import Verdict, drop
from scanner.rules.checksums import (
    BASE58,
    BASE62,
    base36_checksum,
    base58check_decode,
    base62_checksum,
    bech32_fits,
    crc16_xmodem,
    in_base,
)

_VALID: Final = Verdict("checksum valid", step=1, proven=True)
_WRONG: Final = drop("the checksum does not fit")
_BASE62_LENGTH: Final = 6
_HEX_LENGTH: Final = 8
_ROUTABLE_CHECKSUM: Final = 7
_ROUTABLE_LENGTH: Final = 2
_ROUTING_KEYS: Final = b"cgoptu"
_NKEY_KINDS: Final = {
    b"O": "operator", b"A": "account", b"U": "user", b"N": "server", b"C": "cluster",
    b"X": "curve",
}  # fmt: skip
_KEYPAIR_LENGTH: Final = 64
_NUMBER: Final = re.compile(rb"\b[0-9]{1,3}\b")
_WIF_VERSIONS: Final = {0x80: "the main network", 0xEF: "a test network"}
_EXTENDED_VERSIONS: Final = {
    "0488ade4": "the main network",
    "049d7878": "the main network",
    "04b2430c": "the main network",
    "0295b005": "the main network",
    "02aa7a99": "the main network",
    "04358394": "a test network",
}


def github_checksum(candidate: Candidate, argument: str) -> Verdict:
    """The last six characters are the CRC-32 of the random part.

    Source: https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/
    """
    del argument
    value = candidate.secret
    body = value[value.rfind(b"_") + 1 :]
    data, checksum = body[:-_BASE62_LENGTH], body[-_BASE62_LENGTH:]
    return _VALID if checksum == base62_checksum(data).encode() else _WRONG


def npm_checksum(candidate: Candidate, argument: str) -> Verdict:
    """npm's access tokens end with the same checksum as GitHub's.

    Source: https://github.blog/changelog/2021-09-23-npm-has-a-new-access-token-format/
    """
    return github_checksum(candidate, argument)


def crc32_hex(candidate: Candidate, argument: str) -> Verdict:
    """The last eight hex digits behind a separator are the CRC-32 of everything before it.

    The argument is the separator; `_` when there is none.
    """
    body, _, checksum = candidate.secret.rpartition((argument or "_").encode())
    return _VALID if f"{zlib.crc32(body):08x}".encode() == checksum.lower() else _WRONG


def grafana_checksum(candidate: Candidate, argument: str) -> Verdict:
    """The last eight hex digits are the CRC-32 of the rest, least significant byte first.

    Source: https://github.com/grafana/grafana/blob/main/pkg/components/satokengen/tokengen.go
    """
    del argument
    body, _, checksum = candidate.secret.rpartition(b"_")
    return _VALID if zlib.crc32(body).to_bytes(4, "little").hex().encode() == checksum else _WRONG


def packagist_checksum(candidate: Candidate, argument: str) -> Verdict:
    """The last eight hex digits are the CRC-32 of prefix and random part; nothing separates them.

    Sources: https://packagist.com/docs/composer-authentication (how to calculate the checksum) and
    https://packagist.com/docs/api/api-authentication (whose sample of a key fits the same sum)
    """
    del argument
    body, checksum = candidate.secret[:-_HEX_LENGTH], candidate.secret[-_HEX_LENGTH:]
    return _VALID if f"{zlib.crc32(body):08x}".encode() == checksum else _WRONG


def synapse_checksum(candidate: Candidate, argument: str) -> Verdict:
    """Behind the last `_` stands the CRC-32 in base 62 of everything before that `_`.

    Sources: https://github.com/element-hq/synapse/blob/develop/synapse/handlers/auth.py
    (`generate_access_token`) and synapse/util/stringutils.py (`base62_encode`)
    """
    del argument
    body, _, checksum = candidate.secret.rpartition(b"_")
    return _VALID if checksum == base62_checksum(body).encode() else _WRONG


def matrix_service_checksum(candidate: Candidate, argument: str) -> Verdict:
    """Like Synapse's checksum, but its digits stand in reverse: the least significant one first,
    and a short number is filled with zeros on the left all the same.

    Source: https://github.com/element-hq/matrix-authentication-service
    (crates/data-model/src/tokens.rs: `TokenType::generate`, `base62_encode`)
    """
    del argument
    body, _, checksum = candidate.secret.rpartition(b"_")
    digits = in_base(zlib.crc32(body), BASE62, 0)[::-1].rjust(_BASE62_LENGTH, BASE62[0])
    return _VALID if checksum == digits.encode() else _WRONG


def gitlab_routable(candidate: Candidate, argument: str) -> Verdict:
    """Length and CRC-32 in base 36 end the token; the payload ends with routing keys.

    The first format had no version before the length. Source:
    https://handbook.gitlab.com/handbook/engineering/architecture/design-documents/cells/routable_tokens/
    """
    del argument
    value = candidate.secret
    covered, checksum = value[:-_ROUTABLE_CHECKSUM], value[-_ROUTABLE_CHECKSUM:]
    if base36_checksum(covered).encode() != checksum:
        return _WRONG
    head, _, length = covered.rpartition(b".")
    payload_length = int(length, 36) if length.isalnum() and len(length) == _ROUTABLE_LENGTH else 0
    payload = head.removesuffix(b".01")[-payload_length:] if payload_length else b""
    owner = _routing(payload)
    return Verdict(f"checksum valid{owner}", step=1, proven=True)


def nats_nkey(candidate: Candidate, argument: str) -> Verdict:
    """A seed: base 32 of two prefixes and 32 bytes, with their CRC-16.

    Source: https://github.com/nats-io/nkeys (strkey.go, crc16.go)
    """
    del argument
    value = candidate.secret
    kind = _NKEY_KINDS.get(value[1:2])
    try:
        raw = base64.b32decode(value + b"=" * (-len(value) % 8))
    except ValueError:
        return drop("not base 32")
    if kind is None or len(raw) != 36 or raw[0] & 0xF8 != 18 << 3:
        return drop("no nkey seed")
    if crc16_xmodem(raw[:-2]) != int.from_bytes(raw[-2:], "little"):
        return _WRONG
    return Verdict(f"checksum valid; the seed of {_article(kind)} nkey", step=1, proven=True)


def bitcoin_wif(candidate: Candidate, argument: str) -> Verdict:
    """A private key in wallet import format: base58check of version, 32 bytes, and perhaps 0x01.

    Source: https://developer.bitcoin.org/devguide/wallets.html#wallet-import-format-wif
    """
    del argument
    payload = base58check_decode(candidate.secret.decode("ascii", "replace"))
    if payload is None:
        return _WRONG
    network = _WIF_VERSIONS.get(payload[0])
    if network is None or not (len(payload) == 33 or (len(payload) == 34 and payload[-1] == 1)):
        return drop("no wallet import format")
    return Verdict(f"checksum valid; for {network}", step=1, proven=True)


def extended_private_key(candidate: Candidate, argument: str) -> Verdict:
    """A hierarchical wallet's private key: 78 bytes behind a known version, base58check.

    Sources: https://github.com/bitcoin/bips/blob/master/bip-0032.mediawiki and
    https://github.com/satoshilabs/slips/blob/master/slip-0132.md (the other versions)
    """
    del argument
    payload = base58check_decode(candidate.secret.decode("ascii", "replace"))
    if payload is None:
        return _WRONG
    network = _EXTENDED_VERSIONS.get(payload[:4].hex())
    if network is None or len(payload) != 78 or payload[45] != 0:
        return drop("no extended private key")
    return Verdict(f"checksum valid; for {network}", step=1, proven=True)


def solana_keypair(candidate: Candidate, argument: str) -> Verdict:
    """The seed of an Ed25519 key and, as the second half, its public key: in base 58, or as the
    array of 64 numbers that solana-keygen writes.

    Sources: https://solana.com/developers/cookbook/wallets/restore-keypair (both forms) and
    https://github.com/solana-foundation/solana-web3.js/blob/maintenance/v1.x/src/keypair.ts
    (`Keypair.fromSecretKey` refuses another second half)
    """
    del argument
    value = candidate.secret
    pair = _byte_array(value) if value.startswith(b"[") else _base58_bytes(value)
    if pair is None or len(pair) != _KEYPAIR_LENGTH:
        return drop("no keypair of 64 bytes")
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.from_private_bytes(pair[: _KEYPAIR_LENGTH // 2])
    if key.public_key().public_bytes_raw() != pair[_KEYPAIR_LENGTH // 2 :]:
        return drop("the second half is not the public key of the first")
    return Verdict("its second half is the public key of the first", step=1, proven=True)


def bech32(candidate: Candidate, argument: str) -> Verdict:
    """The checksum of BIP 173 holds; the argument is the human-readable part, in lower case.

    Sources: BIP 173; https://github.com/C2SP/C2SP/blob/main/age.md (`age-secret-key-`, which has
    no limit of 90 characters); NIP-19 (`nsec`);
    https://github.com/sui-foundation/sips/blob/main/sips/sip-15.md (`suiprivkey`).
    """
    text = candidate.secret.decode("ascii", "replace")
    return _VALID if bech32_fits(text, argument) else _WRONG


def _byte_array(text: bytes) -> bytes | None:
    numbers = [int(digits) for digits in _NUMBER.findall(text)]
    return bytes(numbers) if max(numbers, default=0) < 256 else None


def _base58_bytes(text: bytes) -> bytes | None:
    """Base 58 in Bitcoin's alphabet, without a checksum; None for another character."""
    number = 0
    for character in text.decode("ascii", "replace"):
        digit = BASE58.find(character)
        if digit < 0:
            return None
        number = number * len(BASE58) + digit
    zeros = len(text) - len(text.lstrip(BASE58[0].encode()))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")


def _routing(payload: bytes) -> str:
    """Which kinds of owner the payload names; their numbers stay where they are."""
    try:
        raw = base64.urlsafe_b64decode(payload + b"=" * (-len(payload) % 4))
    except ValueError:
        return ""
    if not raw or raw[-1] >= len(raw):
        return ""
    lines = raw[-1 - raw[-1] : -1].split(b"\n")
    keys = {line[:1] for line in lines if line[1:2] == b":" and line[:1] in _ROUTING_KEYS}
    for key, words in ((b"u", "a user"), (b"p", "a project"), (b"g", "a group")):
        if key in keys:
            return f"; it belongs to {words}"
    return "; its payload names an organization" if b"o" in keys else ""


def _article(word: str) -> str:
    return f"an {word}" if word[0] in "aeiou" and not word.startswith("u") else f"a {word}"
