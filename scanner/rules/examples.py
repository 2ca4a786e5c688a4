"""Expands the example templates of rule files into realistic values: no token is ever stored.

A template is text with fields in braces. `{alnum:36}` becomes 36 random characters of an alphabet,
`{github:ghp_}` a token built as its provider builds it; `{{` and `}}` stand for braces. The same
template and seed always give the same bytes, on every machine.
"""

import base64
import hashlib
import json
import random
import re
import string
import uuid
import zlib
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from scanner.errors import RuleError

_DIGITS: Final = string.digits
_LETTERS: Final = string.ascii_uppercase + string.ascii_lowercase
BASE62: Final = _DIGITS + _LETTERS
"""Digits, upper case, lower case: the order in which GitHub and npm write checksums."""

ALPHABETS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "alnum": BASE62,
        "base62": BASE62,
        "lower": string.ascii_lowercase,
        "upper": string.ascii_uppercase,
        "letter": _LETTERS,
        "digit": _DIGITS,
        "hex": "0123456789abcdef",
        "HEX": "0123456789ABCDEF",
        "base32": string.ascii_uppercase + "234567",
        "base36": _DIGITS + string.ascii_lowercase,
        "BASE36": _DIGITS + string.ascii_uppercase,
        "base58": "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
        "base64": BASE62 + "+/",
        "base64url": BASE62 + "-_",
        "bech32": "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L",
    }
)
"""Alphabets by template name; the argument is the number of characters."""

_WORDS: Final = (
    "harbour", "meadow", "copper", "lantern", "orchard", "velvet", "winter", "pebble", "saddle",
)  # fmt: skip
_FIELD: Final = re.compile(
    r"\{\{|\}\}|\{(?P<name>[A-Za-z][A-Za-z0-9-]*)(?::(?P<argument>[^{}]*))?\}"
)
# What a placeholder filter would rightly refuse; a random value holds one now and then.
_UNLIKELY: Final = re.compile(
    r"(.)\1\1|012|123|234|345|456|567|678|789|890|abc|bcd|cde|def|qwe|asd|zxc|xxx"
    r"|test|fake|demo|dumm|sampl|exampl|pass|secret|token|change|redact|mask|your|none|null|key",
    re.IGNORECASE,
)


class Expansion(msgspec.Struct, frozen=True):
    """A template's bytes and where its generated values are."""

    data: bytes
    values: tuple[tuple[int, int], ...]
    """`data[start:end]` of every generated field, in order."""


def expand(template: str, seed: int = 0) -> bytes:
    """The bytes of a template. Raises `RuleError` for an unknown field or a wrong argument."""
    return expand_with_values(template, seed).data


def expand_with_values(template: str, seed: int = 0) -> Expansion:
    """Like `expand`, and where the generated values are, to test the span of a match with."""
    digest = hashlib.blake2b(f"{seed}:{template}".encode(), digest_size=8).digest()
    source = random.Random(int.from_bytes(digest, "big"))  # noqa: S311 - reproducible on purpose
    data = bytearray()
    values: list[tuple[int, int]] = []
    position = 0
    for field in _FIELD.finditer(template):
        data += _plain(template, position, field.start())
        position = field.end()
        if field["name"] is None:
            data += field[0][:1].encode()
            continue
        generated = _generate(source, template, field["name"], field["argument"] or "")
        values.append((len(data), len(data) + len(generated)))
        data += generated
    data += _plain(template, position, len(template))
    return Expansion(bytes(data), tuple(values))


def _plain(template: str, start: int, end: int) -> bytes:
    text = template[start:end]
    if "{" in text or "}" in text:
        raise RuleError(
            f"example template {template!r}: a brace that is no field",
            hint="write {{ and }} for braces",
        )
    return text.encode()


def _generate(source: random.Random, template: str, name: str, argument: str) -> bytes:
    if name in ALPHABETS:
        if not argument.isdigit() or not 0 < int(argument) <= 100_000:
            raise RuleError(
                f"example template {template!r}: {name} needs a length, as in {name}:32"
            )
        return _characters(source, ALPHABETS[name], int(argument)).encode()
    generator = GENERATORS.get(name)
    if generator is None:
        known = ", ".join([*ALPHABETS, *GENERATORS])
        raise RuleError(f"example template {template!r}: no field {name!r}", hint=f"known: {known}")
    return generator(source, argument).encode()


def _characters(source: random.Random, alphabet: str, length: int) -> str:
    """Characters that look random, also to a filter for words, runs and sequences."""
    while True:
        parts: list[str] = []
        tail = ""
        while len(parts) < length:
            character = source.choice(alphabet)
            if _UNLIKELY.search(tail + character):
                continue
            parts.append(character)
            tail = (tail + character)[-6:]
        text = "".join(parts)
        # Chance may give only letters, or few distinct characters; a real secret hardly ever has.
        needs_digit = length >= 12 and not _is_letters(alphabet)
        needs_letter = length >= 12 and not alphabet.isdigit()
        if needs_digit and not any(character in _DIGITS for character in text):
            continue
        if needs_letter and not any(character in _LETTERS for character in text):
            continue
        if len(set(text)) >= min(len(alphabet), length) // 2:
            return text


def _is_letters(alphabet: str) -> bool:
    return not any(character in _DIGITS for character in alphabet)


# ------------------------------------------------------------------------- structured generators
# One function a format: it gets the random source and the text after the colon. Add it to
# GENERATORS under the name that templates use.


def base62_checksum(data: bytes) -> str:
    """CRC-32 in base 62, padded to six digits: how GitHub and npm end their tokens.

    Source: https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/
    """
    number = zlib.crc32(data)
    digits = ""
    while number:
        number, remainder = divmod(number, 62)
        digits = BASE62[remainder] + digits
    return digits.rjust(6, "0")


def _checksummed(source: random.Random, prefix: str) -> str:
    body = _characters(source, BASE62, 30)
    return prefix + body + base62_checksum(body.encode())


def _uuid(source: random.Random, argument: str) -> str:
    del argument
    while True:
        text = str(uuid.UUID(int=source.getrandbits(128), version=4))
        if not _UNLIKELY.search(text):
            return text


def _word(source: random.Random, argument: str) -> str:
    del argument
    return source.choice(_WORDS)


def _jwt(source: random.Random, argument: str) -> str:
    """A signed JSON Web Token; `expired` ended in 2001, `expiring` ends in 2096."""
    header = {"alg": "HS256", "typ": "JWT"}
    claims: dict[str, object] = {"sub": _characters(source, BASE62, 16), "iat": 1_000_000_000}
    if argument == "expired":
        claims["exp"] = 1_000_003_600
    elif argument == "expiring":
        claims["exp"] = 4_000_000_000
    parts = [json.dumps(part, separators=(",", ":")).encode() for part in (header, claims)]
    parts.append(source.randbytes(32))
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


_PEM: Final[Mapping[str, tuple[str, bytes, int]]] = MappingProxyType(
    {
        # DER starts with a SEQUENCE header, OpenSSH's own format with its name.
        "rsa": ("RSA PRIVATE KEY", b"\x30\x82\x04\xa4\x02\x01\x00\x02\x82\x01\x01\x00", 1180),
        "ec": ("EC PRIVATE KEY", b"\x30\x77\x02\x01\x01\x04\x20", 114),
        "dsa": ("DSA PRIVATE KEY", b"\x30\x82\x01\xbb\x02\x01\x00\x02\x81\x81", 440),
        "pkcs8": ("PRIVATE KEY", b"\x30\x82\x04\xbe\x02\x01\x00\x30\x0d\x06\x09", 1200),
        "ed25519": ("PRIVATE KEY", b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22", 34),
        "encrypted": ("ENCRYPTED PRIVATE KEY", b"\x30\x82\x05\x0e\x30\x40\x06\x09", 1290),
        "openssh": ("OPENSSH PRIVATE KEY", b"openssh-key-v1\0\0\0\0\x04none\0\0\0\x04none", 380),
        "public": ("PUBLIC KEY", b"\x30\x82\x01\x22\x30\x0d\x06\x09", 280),
        "certificate": ("CERTIFICATE", b"\x30\x82\x03\x52\x30\x82\x02\x3a", 800),
    }
)


def _pem(source: random.Random, argument: str) -> str:
    if argument not in _PEM:
        raise RuleError(
            f"example field pem: no kind {argument!r}", hint=f"known: {', '.join(_PEM)}"
        )
    label, start, length = _PEM[argument]
    body = base64.b64encode(start + source.randbytes(length)).decode()
    width = 70 if argument == "openssh" else 64
    lines = [body[index : index + width] for index in range(0, len(body), width)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----"])


def _pem_escaped(source: random.Random, argument: str) -> str:
    return _pem(source, argument).replace("\n", "\\n")


def _aws_key_id(source: random.Random, argument: str) -> str:
    return (argument or "AKIA") + _characters(source, ALPHABETS["base32"], 16)


def _luhn(source: random.Random, argument: str) -> str:
    """Digits that end with a Luhn check digit; the argument is the length, or leading digits."""
    prefix, _, length = argument.rpartition(",")
    body = prefix + _characters(source, _DIGITS, int(length) - len(prefix) - 1)
    total = 0
    for index, character in enumerate(reversed(body)):
        digit = int(character) * (2 if index % 2 == 0 else 1)
        total += digit - 9 if digit > 9 else digit
    return body + str(-total % 10)


def _base64_of(source: random.Random, argument: str) -> str:
    """Base64 with padding of a text that is itself a template in angle brackets: `<hex:32>:x`."""
    inner = argument.replace("<", "{").replace(">", "}")
    return base64.b64encode(expand(inner, source.getrandbits(32))).decode()


GENERATORS: Final[Mapping[str, Callable[[random.Random, str], str]]] = MappingProxyType(
    {
        "github": _checksummed,
        "npm": _checksummed,
        "uuid": _uuid,
        "word": _word,
        "jwt": _jwt,
        "pem": _pem,
        "pem-escaped": _pem_escaped,
        "aws-key-id": _aws_key_id,
        "luhn": _luhn,
        "base64-of": _base64_of,
    }
)
"""Structured formats by template name."""
