"""Tokens that carry a readable payload: JSON, macaroons, Protocol Buffers, and others."""

import re
import time
from typing import Final

from scanner.detectors import placeholder
from scanner.detectors.candidate import Candidate
from scanner.detectors.checks._decoding import base64_bytes, base64_object, varint
from scanner.detectors.keys import private_key
from scanner.detectors.verdict import KEEP, Verdict, drop

_MACAROON_VERSION: Final = 2
_LOCATION, _IDENTIFIER, _SIGNATURE = 1, 2, 6
_SIGNATURE_LENGTH: Final = 32
_MOST_FIELDS: Final = 200
_REFERENCE_TOKEN: Final = re.compile(rb"reftkn:\d{2}:(\d{10}):[A-Za-z0-9]{20,}")
_BEDROCK_NAME: Final = re.compile(rb"BedrockAPIKey-[A-Za-z0-9]{2,40}(?:-at-(\d{12}))?[:=-]")
_SECURED_KEY: Final = re.compile(rb"[0-9a-f]{64}(?:[A-Za-z]\w{0,40}=|$)")
_VAULT_LEAST: Final = 80
_OWN_NAMES: Final = frozenset({b"pass", b"passwd", b"password", b"secret", b"token"})
_CONTROL: Final = re.compile(rb"[^\t\n\r\x20-\x7e\x80-\xff]")


def base64_json(candidate: Candidate, argument: str) -> Verdict:
    """Base64 of a JSON object; the argument names a key that must be in it."""
    return _json_payload(candidate.secret, argument)


def encoded_json(candidate: Candidate, argument: str) -> Verdict:
    """A prefix that ends with `_`, Base64 of a JSON object, perhaps `_` and a secret part.

    The argument names keys that must be in the object, joined by `+`. Sources: Sentry
    (`sentry.utils.security.orgauthtoken_token`: `iat+url+region_url+org`), Grafana Cloud and
    1Password (observed).
    """
    body = candidate.secret.partition(b"_")[2]
    verdict = _json_payload(body, argument)
    # The secret part has the alphabet of standard Base64, so `_` only separates.
    return _json_payload(body.partition(b"_")[0], argument) if verdict.drop else verdict


def macaroon(candidate: Candidate, argument: str) -> Verdict:
    """Behind the first `-`, a version 2 macaroon in Base64; the argument is its location, a name
    under `.org`, without that ending.

    Fields are read to the signature, so a token that was cut off or invented does not pass.
    Sources: https://github.com/rescrv/libmacaroons/blob/master/doc/format.txt and
    `warehouse.macaroons` in https://github.com/pypi/warehouse
    """
    data = base64_bytes(candidate.secret.partition(b"-")[2])
    fields = _macaroon_fields(data) if data else None
    if fields is None:
        return drop("does not decode to a macaroon")
    if argument and fields.get(_LOCATION) != f"{argument}.org".encode():
        return drop("a macaroon of another place")
    place = f" for {argument}" if argument else ""
    return Verdict(f"decodes to a macaroon{place}", step=1, proven=True)


def vault_token(candidate: Candidate, argument: str) -> Verdict:
    """A service token since Vault 1.10: a message with version, HMAC and token.

    Short ones (24 characters) come from a server without those; HashiCorp publishes the code but
    asks not to rely on it, so nothing is dropped. Source: `GenerateSSCTokenID` in vault's
    token_store.go and its `SignedToken` message.
    """
    del argument
    body = candidate.secret.partition(b".")[2]
    if len(body) < _VAULT_LEAST:
        return KEEP
    data = base64_bytes(body)
    if data and data[:4] == b"\x08\x01\x12\x20" and len(data) > 38 and data[36] == 0x1A:
        length = varint(data, 37)
        if length is not None and length[0] == len(data) - length[1]:
            return Verdict("decodes to a signed token", step=1, proven=True)
    return Verdict("does not decode to a signed token", step=-1)


def reference_token(candidate: Candidate, argument: str) -> Verdict:
    """JFrog's reference token: Base64 of `reftkn:`, a number, expiry, and token (observed)."""
    del argument
    found = _REFERENCE_TOKEN.fullmatch(base64_bytes(candidate.secret) or b"")
    if found is None:
        return drop("does not decode to a reference token")
    expiry = int(found[1])
    if not expiry:
        return Verdict("a reference token without an end", step=1, proven=True)
    day = time.strftime("%Y-%m-%d", time.gmtime(expiry))
    if expiry < time.time():
        return Verdict(f"expired on {day}", step=-1, proven=True)
    return Verdict(f"valid until {day}", step=1, proven=True)


def bedrock_key(candidate: Candidate, argument: str) -> Verdict:
    """`ABSK` and Base64 of the name AWS gives it, which holds the account (observed)."""
    del argument
    if not candidate.secret.startswith(b"ABSK"):
        return KEEP
    data = base64_bytes(candidate.secret[4:])
    found = _BEDROCK_NAME.match(data) if data else None
    if found is None:
        return Verdict("does not decode to a Bedrock key", step=-1)
    account = f" of the AWS account that ends in {found[1][-4:].decode()}" if found[1] else ""
    return Verdict(f"decodes to a Bedrock key{account}", step=1, proven=True)


def algolia_secured_key(candidate: Candidate, argument: str) -> Verdict:
    """Base64 of an HMAC-SHA256 in hex and the restrictions: made for browsers.

    Source: https://www.algolia.com/doc/api-reference/api-methods/generate-secured-api-key/
    """
    del argument
    data = base64_bytes(candidate.secret)
    if data is None or not _SECURED_KEY.match(data):
        return drop("does not decode to a secured key")
    return Verdict("a secured key, restricted and made for browsers", step=-1, proven=True)


def encoded_basic_auth(candidate: Candidate, argument: str) -> Verdict:
    """Base64 of a user's name, a colon and a password that is no placeholder.

    What only fills a password's place is judged mildly: a person may have chosen it. An empty one
    stands where the token is kept elsewhere. Source: `decodeAuth` in
    https://github.com/docker/cli/blob/master/cli/config/configfile/file.go (which takes NULs off
    the password's ends); the form is that of RFC 7617.
    """
    del argument
    user, colon, password = (base64_bytes(candidate.secret) or b"").partition(b":")
    password = password.strip(b"\0")
    if not colon or not _is_text(user + password):
        return drop("does not decode to a user's name and a password")
    if not user or not password:
        return drop("holds no user's name, or no password")
    if password.lower() in _OWN_NAMES:
        return drop("the password inside is the word for one")
    reason = placeholder.filler(password)
    if reason is not None:
        return drop(f"the password inside {reason}")
    return Verdict("decodes to a user's name and a password")


def service_account(candidate: Candidate, argument: str) -> Verdict:
    """The file around the key is complete: an account to sign in as, and a key that parses.

    Source: https://cloud.google.com/iam/docs/keys-create-delete
    """
    del argument
    key = private_key.read(candidate.secret)
    if key is None:
        return drop("no key inside the block")
    around = candidate.around[: candidate.start] + candidate.data[candidate.end :]
    named = b'"client_email"' in around or b'\\"client_email\\"' in around
    owner = "; the account stands beside it" if named else "; no account beside it"
    proven = key.proven and named
    return Verdict(key.describe() + owner, step=-1 if key.fault else 0, proven=proven)


def _is_text(data: bytes) -> bool:
    """Whether a person or a JSON writer could have typed it; a key file has several lines."""
    return _CONTROL.search(data) is None and data.decode("utf-8", "ignore").encode() == data


def _json_payload(text: bytes, required: str) -> Verdict:
    value = base64_object(text)
    if value is None:
        return drop("does not decode to a JSON object")
    if any(key and key not in value for key in required.split("+")):
        return drop("decodes to another kind of JSON object")
    return Verdict("decodes to a JSON object", step=1, proven=bool(required))


def _macaroon_fields(data: bytes) -> dict[int, bytes] | None:
    """The fields of the first section and the signature; None where the bytes do not add up."""
    if data[:1] != bytes((_MACAROON_VERSION,)):
        return None
    fields: dict[int, bytes] = {}
    at = 1
    for _ in range(_MOST_FIELDS):
        kind = varint(data, at)
        if kind is None:
            return None
        name, at = kind
        if name == 0:  # the end of a section
            continue
        length = varint(data, at)
        if length is None or length[1] + length[0] > len(data):
            return None
        at = length[1] + length[0]
        value = data[length[1] : at]
        if name == _SIGNATURE:
            whole = len(value) == _SIGNATURE_LENGTH and at == len(data)
            return {**fields, name: value} if whole and _IDENTIFIER in fields else None
        fields.setdefault(name, value)
    return None
