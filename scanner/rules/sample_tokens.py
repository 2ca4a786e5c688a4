"""Builds example tokens the way their providers do: with a checksum, a payload, or both.

One function a format: it gets the random source and the text after the template's colon. Sources
are named at the checks that verify these formats (`scanner.detectors.checks`).
"""

import base64
import hashlib
import hmac
import json
import random
import string
import uuid
import zlib
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from scanner.rules.checksums import (
    BASE58,
    BASE62,
    base36_checksum,
    base58check_encode,
    base62_checksum,
    bech32_encode,
    crc16_xmodem,
    in_base,
    marvin32,
)
from scanner.rules.sample_text import ALPHABETS, UNLIKELY, characters

_NKEY_KINDS: Final = {"O": 14, "A": 0, "U": 20, "N": 13, "C": 2, "X": 23}
_MARKED_LENGTHS: Final = {
    "+ASt": 64, "ACDb": 64, "+ABa": 64, "+AMC": 64, "APIM": 64, "AzFu": 40, "AzSe": 39, "+ACR": 39,
}  # fmt: skip
_MARKED_SEEDS: Final = {
    "+ASt": "Default0", "ACDb": "MastRW00", "+ABa": "AbAcct00", "+ASb": "Send0000",
    "+AEh": "Listen00", "+ARm": "Manage00", "AzCa": "Access00", "AzFu": "Functi00",
    "AzSe": "PAdmin00", "+AMC": "Classic0", "+ACR": "ACRDflt0", "AIoT": "IoTHub00",
    "APIM": "Gatewy00",
}  # fmt: skip
_ENTRA_ALPHABET: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ1234567890.-_~"


def _seed(name: str) -> int:
    return int.from_bytes(name.encode(), "big")


def _url64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _json64(value: Mapping[str, object]) -> str:
    return _url64(json.dumps(value, separators=(",", ":")).encode())


def _likely(build: Callable[[], str]) -> str:
    """Another one as long as it holds what a placeholder filter would refuse."""
    while True:
        text = build()
        if not UNLIKELY.search(text):
            return text


# ------------------------------------------------------------------------------ checksums


def _checksummed(source: random.Random, prefix: str) -> str:
    body = characters(source, BASE62, 30)
    return prefix + body + base62_checksum(body.encode())


def _polar(source: random.Random, prefix: str) -> str:
    body = characters(source, BASE62, 37)
    return (prefix or "polar_oat_") + body + base62_checksum(body.encode())


def _packagist(source: random.Random, prefix: str) -> str:
    """A prefix and, behind a comma, how many random digits: 60 but in keys of the API."""
    prefix, _, length = prefix.partition(",")
    count = int(length) if length.isdigit() else 60
    body = (prefix or "packagist_ort_") + characters(source, ALPHABETS["hex"], count)
    return f"{body}{zlib.crc32(body.encode()):08x}"


def _synapse(source: random.Random, user: str) -> str:
    """Padding is left away, as Synapse does."""
    name = base64.b64encode((user or "harbour").encode()).decode().rstrip("=")
    body = f"syt_{name}_{characters(source, ALPHABETS['letter'], 20)}"
    return f"{body}_{base62_checksum(body.encode())}"


def _matrix_service(source: random.Random, prefix: str) -> str:
    body = (prefix or "mat_") + characters(source, BASE62, 30)
    digits = in_base(zlib.crc32(body.encode()), BASE62, 0)
    return f"{body}_{digits[::-1].rjust(6, '0')}"


def _grafana(source: random.Random, prefix: str) -> str:
    body = (prefix or "glsa_") + characters(source, BASE62, 32)
    return f"{body}_{zlib.crc32(body.encode()).to_bytes(4, 'little').hex()}"


def _gitlab_routable(source: random.Random, prefix: str) -> str:
    routing = f"o:{source.randrange(1, 36)}\nu:{source.randrange(10_000, 99_999)}".encode()
    payload = _url64(source.randbytes(16) + routing + bytes((len(routing),)))
    length = in_base(len(payload), string.digits + string.ascii_lowercase, 2)
    covered = f"{prefix or 'glpat-'}{payload}.01.{length}"
    return covered + base36_checksum(covered.encode())


def _nkey(source: random.Random, kind: str) -> str:
    prefix = _NKEY_KINDS.get(kind, _NKEY_KINDS["U"]) << 3
    raw = bytes((18 << 3 | prefix >> 5, (prefix & 31) << 3)) + source.randbytes(32)
    raw += crc16_xmodem(raw).to_bytes(2, "little")
    return base64.b32encode(raw).rstrip(b"=").decode()


def _wif(source: random.Random, argument: str) -> str:
    tail = b"" if argument == "uncompressed" else b"\x01"
    return base58check_encode(b"\x80" + source.randbytes(32) + tail)


def _extended_private_key(source: random.Random, argument: str) -> str:
    del argument
    position = source.randbytes(9)
    return base58check_encode(
        b"\x04\x88\xad\xe4" + position + source.randbytes(32) + b"\0" + source.randbytes(32)
    )


def _bech32_key(source: random.Random, prefix: str) -> str:
    """Thirty-two bytes; a prefix in upper case gives a text in upper case."""
    text = bech32_encode(prefix.lower() or "nsec", source.randbytes(32))
    return text.upper() if prefix.isupper() else text


def _sui_key(source: random.Random, argument: str) -> str:
    """The flag of one of three signature schemes and 32 bytes."""
    text = bech32_encode("suiprivkey", bytes((source.randrange(3),)) + source.randbytes(32))
    return text.upper() if argument == "upper" else text


def _solana(source: random.Random, argument: str) -> str:
    """A seed and its public key: in base 58, or with `array` as solana-keygen writes a file."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    seed = source.randbytes(32)
    pair = seed + Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    if argument == "array":
        return f"[{','.join(map(str, pair))}]"
    zeros = len(pair) - len(pair.lstrip(b"\0"))
    return BASE58[0] * zeros + in_base(int.from_bytes(pair, "big"), BASE58, 0)


# ------------------------------------------------------------------------------ Microsoft


def _azure_marked(source: random.Random, signature: str) -> str:
    """Signature and checksum end the key; both are aligned to whole characters."""
    if signature not in _MARKED_SEEDS:
        signature = "+ASt"
    length = _MARKED_LENGTHS.get(signature, 32)
    text = base64.b64encode(source.randbytes(length)).decode().rstrip("=")
    plain = text[:-10] + signature + "AAAAAA"
    raw = base64.b64decode(plain + "=" * (-len(plain) % 4))[:-4]
    key = raw + marvin32(raw, _seed(_MARKED_SEEDS[signature])).to_bytes(4, "little")
    encoded = base64.urlsafe_b64encode if signature in {"AzFu", "AzSe"} else base64.b64encode
    return encoded(key).decode()


def _azure_annotated(source: random.Random, signature: str) -> str:
    signature = signature if len(signature) == 4 and signature.isalnum() else "AZDO"
    platform, month = characters(source, BASE62, 16), source.choice("ABCDEFGHIJKL")
    body = characters(source, BASE62, 52) + "JQQJ99B" + month + platform + signature
    checksum = marvin32(base64.b64decode(body), _seed("Default0")).to_bytes(4, "little")
    return body + in_base(int.from_bytes(checksum, "big"), BASE62, 0).ljust(6, "0")[:4]


def _azure_devops(source: random.Random, argument: str) -> str:
    del argument

    def build() -> str:
        data = source.randbytes(28)
        checksum = (zlib.crc32(data) ^ 0xE0B9692D).to_bytes(4, "big")
        first, second, third, fourth = (bytes((byte,)) for byte in checksum)
        raw = data[:2] + first + data[2:6] + second + third + data[6:19] + fourth + data[19:]
        return base64.b32encode(raw).decode().rstrip("=").lower()

    return _likely(build)


def _entra(source: random.Random, argument: str) -> str:
    del argument
    body = characters(source, BASE62, 3) + "8Q~" + characters(source, BASE62, 31)
    return body + in_base(marvin32(body.encode(), _seed("AadPwd00")), _ENTRA_ALPHABET, 6)[:3]


# ------------------------------------------------------------------------------ payloads


def _macaroon(source: random.Random, location: str) -> str:
    place = f"{location or 'pypi'}.org".encode()
    caveat = json.dumps([3, str(uuid.UUID(int=source.getrandbits(128), version=4))]).encode()
    identifier = str(uuid.UUID(int=source.getrandbits(128), version=4)).encode()

    def field(kind: int, value: bytes) -> bytes:
        return bytes((kind, len(value))) + value

    data = b"\x02" + field(1, place) + field(2, identifier) + b"\0" + field(2, caveat) + b"\0\0"
    return "pypi-" + _url64(data + field(6, source.randbytes(32)))


def _sentry(source: random.Random, argument: str) -> str:
    payload = {
        "iat": 1_700_000_000 + source.randrange(10_000_000) + 0.25,
        "url": "https://sentry.io",
        "region_url": "https://us.sentry.io",
        "org": argument or "harbour",
    }
    secret = base64.b64encode(source.randbytes(32)).decode().rstrip("=")
    return f"sntrys_{base64.b64encode(json.dumps(payload).encode()).decode()}_{secret}"


def _grafana_cloud(source: random.Random, argument: str) -> str:
    del argument
    payload = {
        "o": str(source.randrange(100_000, 999_999)),
        "n": "harbour-writer",
        "k": characters(source, BASE62, 24),
        "m": {"r": "prod-eu-west-2"},
    }
    text = json.dumps(payload, separators=(",", ":")).encode()
    return "glc_" + base64.b64encode(text).decode()


def _onepassword(source: random.Random, argument: str) -> str:
    del argument
    payload = {
        "signInAddress": "harbour.1password.com",
        "userAuth": {
            "method": "SRPg-4096",
            "alg": "PBES2g-HS256",
            "salt": _url64(source.randbytes(16)),
        },
        "email": "harbour@1passwordserviceaccounts.com",
        "srpX": source.randbytes(32).hex(),
        "muk": {"alg": "A256GCM", "k": _url64(source.randbytes(32)), "kty": "oct"},
        "secretKey": f"A3-{characters(source, ALPHABETS['BASE36'], 6)}",
        "deviceUuid": characters(source, ALPHABETS["base36"], 26),
    }
    return f"ops_{_json64(payload)}"


def _mapbox(source: random.Random, argument: str) -> str:
    payload = {"u": "harbour", "a": "cl" + characters(source, ALPHABETS["base36"], 23)}
    signature = characters(source, ALPHABETS["base64url"], 22)
    return f"{argument or 'sk'}.{_json64(payload)}.{signature}"


def _discord(source: random.Random, argument: str) -> str:
    del argument
    identifier = source.randrange(400_000_000_000_000_000, 900_000_000_000_000_000)
    middle = "G" + characters(source, BASE62, 5)
    return f"{_url64(str(identifier).encode())}.{middle}.{characters(source, BASE62 + '-_', 38)}"


def _jfrog_reference(source: random.Random, argument: str) -> str:
    del argument
    text = f"reftkn:01:{source.randrange(4_000_000_000, 4_100_000_000)}:"
    return base64.b64encode((text + characters(source, BASE62, 28)).encode()).decode().rstrip("=")


def _bedrock(source: random.Random, argument: str) -> str:
    del argument
    name = f"BedrockAPIKey-{characters(source, ALPHABETS['base36'], 4)}-at-"
    account = source.randrange(200_000_000_000, 999_999_999_999)
    text = f"{name}{account}:".encode() + source.randbytes(44)
    return "ABSK" + base64.b64encode(text).decode()


def _algolia_secured(source: random.Random, argument: str) -> str:
    del argument
    return base64.b64encode(f"{source.randbytes(32).hex()}filters=owner%3A7".encode()).decode()


def _vault(source: random.Random, argument: str) -> str:
    """A service token as servers since 1.10 write it."""
    del argument
    inner = b"\x0a\x1c" + characters(source, BASE62, 28).encode()
    message = b"\x08\x01\x12\x20" + source.randbytes(32) + b"\x1a" + bytes((len(inner),)) + inner
    return "hvs." + _url64(message)


# ------------------------------------------------------------------------------ web tokens


def _jwt(source: random.Random, argument: str) -> str:
    """A signed token; `expired` ended in 2001, `expiring` ends in 2096, `sample` is signed with a
    tutorial's secret, `service` is a Supabase service role's."""
    claims: dict[str, object] = {"sub": characters(source, BASE62, 16), "iat": 1_000_000_000}
    if argument == "expired":
        claims["exp"] = 1_000_003_600
    elif argument == "expiring":
        claims["exp"] = 4_000_000_000
    elif argument == "service":
        claims.update(iss="supabase", role="service_role", exp=4_000_000_000)
    covered = f"{_json64({'alg': 'HS256', 'typ': 'JWT'})}.{_json64(claims)}"
    secret = b"your-256-bit-secret" if argument == "sample" else source.randbytes(32)
    return f"{covered}.{_url64(hmac.digest(secret, covered.encode(), hashlib.sha256))}"


def _jwe(source: random.Random, argument: str) -> str:
    del argument
    header = _json64({"alg": "RSA-OAEP-256", "enc": "A256GCM", "typ": "JWT"})
    parts = (source.randbytes(size) for size in (256, 12, 120, 16))
    return ".".join([header, *(_url64(part) for part in parts)])


TOKEN_GENERATORS: Final[Mapping[str, Callable[[random.Random, str], str]]] = MappingProxyType(
    {
        "github": _checksummed,
        "npm": _checksummed,
        "polar": _polar,
        "packagist": _packagist,
        "synapse": _synapse,
        "matrix-service": _matrix_service,
        "grafana": _grafana,
        "gitlab-routable": _gitlab_routable,
        "nkey": _nkey,
        "wif": _wif,
        "xprv": _extended_private_key,
        "bech32-key": _bech32_key,
        "sui": _sui_key,
        "solana": _solana,
        "azure-marked": _azure_marked,
        "azure-annotated": _azure_annotated,
        "azure-devops": _azure_devops,
        "entra": _entra,
        "macaroon": _macaroon,
        "sentry": _sentry,
        "grafana-cloud": _grafana_cloud,
        "onepassword": _onepassword,
        "mapbox": _mapbox,
        "discord": _discord,
        "jfrog-reference": _jfrog_reference,
        "bedrock": _bedrock,
        "algolia-secured": _algolia_secured,
        "vault": _vault,
        "jwt": _jwt,
        "jwe": _jwe,
    }
)
"""Token formats by template name."""
