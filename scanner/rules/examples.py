"""Expands the example templates of rule files into realistic values: no token is ever stored.

A template is text with fields in braces. `{alnum:36}` becomes 36 random characters of an alphabet,
`{github:ghp_}` a token built as its provider builds it; `{{` and `}}` stand for braces. The same
template and seed always give the same bytes, on every machine.
"""

import base64
import hashlib
import random
import re
import uuid
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from scanner.errors import RuleError
from scanner.rules.checksums import BASE62, base62_checksum
from scanner.rules.sample_keys import KEY_GENERATORS
from scanner.rules.sample_stores import BINARY_GENERATORS
from scanner.rules.sample_text import ALPHABETS, UNLIKELY, characters
from scanner.rules.sample_tokens import TOKEN_GENERATORS

__all__ = [
    "ALPHABETS",
    "BASE62",
    "GENERATORS",
    "Expansion",
    "base62_checksum",
    "expand",
    "expand_with_values",
]

_WORDS: Final = (
    "harbour", "meadow", "copper", "lantern", "orchard", "velvet", "winter", "pebble", "saddle",
)  # fmt: skip
_FIELD: Final = re.compile(
    r"\{\{|\}\}|\{(?P<name>[A-Za-z][A-Za-z0-9-]*)(?::(?P<argument>[^{}]*))?\}"
)
_BROKEN: Final = "-broken"


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
        return characters(source, ALPHABETS[name], int(argument)).encode()
    if name.endswith(_BROKEN):
        return _broken(_generate(source, template, name.removesuffix(_BROKEN), argument))
    if name in BINARY_GENERATORS:
        return BINARY_GENERATORS[name](source, argument)
    generator = GENERATORS.get(name)
    if generator is None:
        known = ", ".join([*ALPHABETS, *GENERATORS, *BINARY_GENERATORS])
        raise RuleError(f"example template {template!r}: no field {name!r}", hint=f"known: {known}")
    return generator(source, argument).encode()


def _broken(value: bytes) -> bytes:
    """Two neighbours in the middle change places: same alphabet and length, another checksum."""
    for index in range(len(value) // 2, len(value) - 1):
        left, right = value[index : index + 1], value[index + 1 : index + 2]
        if left != right and left.isalnum() and right.isalnum():
            return value[:index] + right + left + value[index + 2 :]
    return value[:-1]


# ------------------------------------------------------------------------- structured generators
# A new format is a function in `sample_tokens` or `sample_keys`; here is what belongs to neither.


def _uuid(source: random.Random, argument: str) -> str:
    del argument
    while True:
        text = str(uuid.UUID(int=source.getrandbits(128), version=4))
        if not UNLIKELY.search(text):
            return text


def _word(source: random.Random, argument: str) -> str:
    del argument
    return source.choice(_WORDS)


def _aws_key_id(source: random.Random, argument: str) -> str:
    """An id of a possible account: the 40 bits behind the first hold twelve digits at most."""
    account = source.randrange(200_000_000_000, 999_999_999_999)
    tail = characters(source, ALPHABETS["base32"], 8)
    number = 1 << 47 | account << 7 | source.getrandbits(7)
    head = base64.b32encode(number.to_bytes(6, "big") + b"\0\0\0\0")[:9].decode()
    text = head + tail[:7]
    if UNLIKELY.search(text):
        return _aws_key_id(source, argument)
    return (argument or "AKIA") + text


def _luhn(source: random.Random, argument: str) -> str:
    """Digits that end with a Luhn check digit; the argument is the length, or leading digits."""
    prefix, _, length = argument.rpartition(",")
    body = prefix + characters(source, ALPHABETS["digit"], int(length) - len(prefix) - 1)
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
        **TOKEN_GENERATORS,
        **KEY_GENERATORS,
        "uuid": _uuid,
        "word": _word,
        "aws-key-id": _aws_key_id,
        "luhn": _luhn,
        "base64-of": _base64_of,
    }
)
"""Structured formats that are text, by template name. Each has a `-broken` twin."""
