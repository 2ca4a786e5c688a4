"""Checksums that providers build into their tokens: used to verify tokens, and to make examples.

Pure functions on bytes; each names where its algorithm is published.
"""

import hashlib
import string
import zlib
from collections.abc import Sequence
from typing import Final

BASE62: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase
"""Digits, upper case, lower case: the order in which GitHub and npm write checksums."""
BASE58: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
"""Bitcoin's alphabet."""
BECH32: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
"""The alphabet of BIP 173, in lower case."""

_MASK: Final = 0xFFFFFFFF
_BECH32_GENERATOR: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def in_base(number: int, alphabet: str, width: int) -> str:
    """A number's digits in an alphabet, padded on the left with the digit for zero."""
    digits = ""
    while number:
        number, remainder = divmod(number, len(alphabet))
        digits = alphabet[remainder] + digits
    return digits.rjust(width, alphabet[0])


def base62_checksum(data: bytes) -> str:
    """CRC-32 in base 62, padded to six digits: how GitHub and npm end their tokens.

    Source: https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/
    """
    return in_base(zlib.crc32(data), BASE62, 6)


def base36_checksum(data: bytes) -> str:
    """CRC-32 in lower-case base 36, padded to seven digits: how GitLab ends routable tokens.

    Source: https://handbook.gitlab.com/handbook/engineering/architecture/design-documents/cells/routable_tokens/
    """
    return in_base(zlib.crc32(data), string.digits + string.ascii_lowercase, 7)


def marvin32(data: bytes, seed: int) -> int:
    """Marvin's 64 bits folded into 32, as Microsoft marks its keys with it.

    Source: https://github.com/microsoft/SymCrypt/blob/main/lib/marvin32.c
    """
    low, high = seed & _MASK, seed >> 32
    padded = data + b"\x80" + b"\0" * (-(len(data) + 1) % 4)
    for at in range(0, len(padded), 4):
        low = (low + int.from_bytes(padded[at : at + 4], "little")) & _MASK
        low, high = _marvin_block(low, high)
    low, high = _marvin_block(low, high)
    return low ^ high


def crc16_xmodem(data: bytes) -> int:
    """CRC-16 with the polynomial 0x1021 and a start of zero: what NATS ends its nkeys with.

    Source: https://github.com/nats-io/nkeys/blob/main/crc16.go
    """
    register = 0
    for byte in data:
        register ^= byte << 8
        for _ in range(8):
            register = register << 1 ^ (0x1021 if register & 0x8000 else 0)
        register &= 0xFFFF
    return register


def base58check_encode(payload: bytes) -> str:
    """A payload with the first four bytes of its double SHA-256, in base 58.

    Source: https://github.com/bitcoin/bips/blob/master/bip-0032.mediawiki (serialization format)
    """
    data = payload + _double_sha256(payload)[:4]
    zeros = len(data) - len(data.lstrip(b"\0"))
    return BASE58[0] * zeros + in_base(int.from_bytes(data, "big"), BASE58, 0)


def base58check_decode(text: str) -> bytes | None:
    """The payload; None where a character or the checksum is wrong."""
    number = 0
    for character in text:
        digit = BASE58.find(character)
        if digit < 0:
            return None
        number = number * 58 + digit
    zeros = len(text) - len(text.lstrip(BASE58[0]))
    data = b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")
    if len(data) < 5 or _double_sha256(data[:-4])[:4] != data[-4:]:
        return None
    return data[:-4]


def bech32_encode(prefix: str, payload: bytes) -> str:
    """In lower case, whatever the length: age and Nostr leave BIP 173's limit of 90 out.

    Source: https://github.com/bitcoin/bips/blob/master/bip-0173.mediawiki
    """
    number, bits = int.from_bytes(payload, "big"), len(payload) * 8
    width = -(-bits // 5)
    number <<= width * 5 - bits
    values = [number >> 5 * (width - 1 - index) & 31 for index in range(width)]
    remainder = _polymod([*_expanded(prefix), *values, *[0] * 6]) ^ 1
    values += [remainder >> 5 * (5 - index) & 31 for index in range(6)]
    return prefix + "1" + "".join(BECH32[value] for value in values)


def bech32_fits(text: str, prefix: str) -> bool:
    """Whether the checksum holds for a human-readable part; a text in two cases never does."""
    if text not in {text.lower(), text.upper()}:
        return False
    head, _, body = text.lower().rpartition("1")
    values = [BECH32.find(character) for character in body]
    if head != prefix or len(values) < 6 or min(values) < 0:
        return False
    return _polymod([*_expanded(prefix), *values]) == 1


def _marvin_block(low: int, high: int) -> tuple[int, int]:
    high ^= low
    low = (_rotated(low, 20) + high) & _MASK
    high = _rotated(high, 9) ^ low
    low = (_rotated(low, 27) + high) & _MASK
    return low, _rotated(high, 19)


def _rotated(value: int, shift: int) -> int:
    return (value << shift | value >> (32 - shift)) & _MASK


def _double_sha256(data: bytes) -> bytes:
    return hashlib.sha256(hashlib.sha256(data).digest()).digest()


def _expanded(prefix: str) -> list[int]:
    codes = prefix.encode("ascii", "replace")
    return [*(code >> 5 for code in codes), 0, *(code & 31 for code in codes)]


def _polymod(values: Sequence[int]) -> int:
    register = 1
    for value in values:
        top = register >> 25
        register = (register & 0x1FFFFFF) << 5 ^ value
        for index, generator in enumerate(_BECH32_GENERATOR):
            register ^= generator if top >> index & 1 else 0
    return register
