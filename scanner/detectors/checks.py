"""Named offline checks: each public function here can be named in a rule's `checks`.

`github_checksum` is named `github-checksum`; what follows a colon is passed as the argument. A
check sees a candidate and says what it makes of it. No check goes over the network, and none puts a
part of the value in its reason.
"""

import base64
import binascii
import json
import math
import re
import time
import zlib
from typing import Final

from scanner.detectors import generic_value, pem_block, placeholder, randomness
from scanner.detectors.candidate import Candidate
from scanner.detectors.verdict import KEEP, Verdict, drop
from scanner.rules.examples import base62_checksum

_CHECKSUM_LENGTH: Final = 6
_MOST_JSON: Final = 64 * 1024
_CONNECTION_KEY: Final = re.compile(
    rb"(?:server|data source|host|addr|address|endpoint|user id|uid|username|user) ?= ?[^;\s]",
    re.IGNORECASE,
)


def github_checksum(candidate: Candidate, argument: str) -> Verdict:
    """The last six characters are the CRC-32 of the random part.

    Source: https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/
    """
    del argument
    value = candidate.secret
    body = value[value.rfind(b"_") + 1 :]
    data, checksum = body[:-_CHECKSUM_LENGTH], body[-_CHECKSUM_LENGTH:]
    if checksum != base62_checksum(data).encode():
        return drop("the checksum does not fit")
    return Verdict("checksum valid", step=1, proven=True)


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
    if f"{zlib.crc32(body):08x}".encode() != checksum.lower():
        return drop("the checksum does not fit")
    return Verdict("checksum valid", step=1, proven=True)


def entropy(candidate: Candidate, argument: str) -> Verdict:
    """At least so many bits a character; a short value need only come near what its length allows.

    A random value of n characters has at most log2(n) bits a character, and hex of 12 about 80 %.
    """
    value = candidate.secret
    least = min(float(argument), 0.75 * math.log2(max(len(value), 2)))
    if randomness.shannon(value) < least:
        return drop("too regular for a random value")
    return KEEP


def mixed(candidate: Candidate, argument: str) -> Verdict:
    """Both letters and digits."""
    del argument
    value = candidate.secret
    if not re.search(rb"[0-9]", value) or not re.search(rb"[A-Za-z]", value):
        return drop("not both letters and digits")
    return KEEP


def luhn(candidate: Candidate, argument: str) -> Verdict:
    """The digits end with their Luhn check digit (ISO/IEC 7812-1)."""
    del argument
    digits = [byte - 48 for byte in candidate.secret if 48 <= byte <= 57]
    total = 0
    for index, digit in enumerate(reversed(digits)):
        doubled = digit * 2 if index % 2 else digit
        total += doubled - 9 if doubled > 9 else doubled
    if len(digits) < 2 or total % 10:
        return drop("the check digit does not fit")
    return Verdict("check digit valid")


def not_placeholder(candidate: Candidate, argument: str) -> Verdict:
    """No placeholder's word, run or sequence. Applied to every rule; naming it does no harm."""
    del argument
    reason = placeholder.stand_in(candidate.secret)
    return drop(reason) if reason else KEEP


def aws_account(candidate: Candidate, argument: str) -> Verdict:
    """Reads the account that an AWS access key id belongs to out of the id itself.

    Ids made since 2019 hold it in bits 7 to 46 of the base-32 value behind the prefix (observed and
    published by security researchers; AWS confirms the mapping by `sts get-access-key-info`).
    """
    del argument
    try:
        decoded = base64.b32decode(candidate.secret[4:].upper())
    except (binascii.Error, ValueError):
        return drop("not base 32")
    account = (int.from_bytes(decoded[:6], "big") & 0x7FFFFFFFFF80) >> 7
    return Verdict(f"belongs to the AWS account that ends in {account % 10_000:04d}")


def base64_json(candidate: Candidate, argument: str) -> Verdict:
    """Base64 of a JSON object; the argument names a key that must be in it."""
    value = _base64_object(candidate.secret)
    if value is None:
        return drop("does not decode to a JSON object")
    if argument and argument not in value:
        return drop("decodes to another kind of JSON object")
    return Verdict("decodes to a JSON object", step=1)


def jwt(candidate: Candidate, argument: str) -> Verdict:
    """Header and claims decode, the header names an algorithm; notes expiry and public roles.

    Source: RFC 7519. A token that has expired, or that is meant for browsers, counts for less.
    """
    del argument
    parts = candidate.secret.split(b".")
    header = _base64_object(parts[0])
    claims = _base64_object(parts[1]) if len(parts) > 1 else None
    algorithm = header.get("alg") if header is not None else None
    if claims is None or not isinstance(algorithm, str):
        return drop("does not decode to a JSON Web Token")
    if algorithm == "none" or len(parts) < 3 or not parts[2]:
        return drop("an unsigned JSON Web Token")
    if claims.get("sub") == "1234567890" or claims.get("name") == "John Doe":
        return drop("the sample token of jwt.io")
    if algorithm.startswith("ed25519"):
        # NATS: the server sends a nonce to be signed with the holder's nkey; the claims are public.
        return drop("a claim that is of no use without its holder's key")
    if claims.get("role") == "anon":
        return Verdict("a key for anonymous users, meant to be public", step=-2, proven=True)
    expiry = claims.get("exp")
    if isinstance(expiry, int | float) and 0 < expiry < 1e11:
        day = time.strftime("%Y-%m-%d", time.gmtime(expiry))
        if expiry < time.time():
            return Verdict(f"expired on {day}", step=-1, proven=True)
        return Verdict(f"valid until {day}", step=1, proven=True)
    return Verdict("names no expiry", proven=True)


def pem(candidate: Candidate, argument: str) -> Verdict:
    """The block's body is a private key of a sane size; notes whether a passphrase protects it."""
    del argument
    return pem_block.judge(candidate.secret)


def url_password(candidate: Candidate, argument: str) -> Verdict:
    """The password in a URL or connection string is a real-looking one, for a real host."""
    del argument
    return generic_value.judge_url_password(candidate)


def connection_string(candidate: Candidate, argument: str) -> Verdict:
    """The line also names a server or a user, as an ADO.NET connection string does."""
    del argument
    if _CONNECTION_KEY.search(candidate.before) or _CONNECTION_KEY.search(candidate.after):
        return KEEP
    return drop("no connection string around it")


def named_value(candidate: Candidate, argument: str) -> Verdict:
    """The value of a `name = value` line looks like a secret, and its name like a secret's."""
    del argument
    return generic_value.judge_named_value(candidate)


def _base64_object(text: bytes) -> dict[str, object] | None:
    if len(text) > _MOST_JSON:
        return None
    try:
        padded = text.rstrip(b"=") + b"=" * (-len(text.rstrip(b"=")) % 4)
        value = json.loads(base64.b64decode(padded, altchars=b"-_", validate=False))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
