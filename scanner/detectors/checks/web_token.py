"""JSON Web Tokens: what header and claims say about a token's use, without verifying it.

Sources: RFC 7519 (claims), RFC 7515 (signatures), RFC 7516 (encryption), RFC 7518 (algorithms; the
sizes of their signatures in sections 3.2 to 3.5).
"""

import hashlib
import hmac
import time
from typing import Final

from scanner.detectors.candidate import Candidate
from scanner.detectors.checks._decoding import base64_bytes, base64_object
from scanner.detectors.verdict import Verdict, drop

_MAC_DIGESTS: Final = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}
_SIGNATURE_SIZES: Final = {
    "HS256": 32, "HS384": 48, "HS512": 64,
    "ES256": 64, "ES256K": 64, "ES384": 96, "ES512": 132, "Ed25519": 64,
}  # fmt: skip
_SIGNATURE_LEAST: Final = {"RS": 128, "PS": 128, "EdDSA": 64}
_SAMPLE_SECRETS: Final = (
    b"secret", b"your-256-bit-secret", b"your-384-bit-secret", b"your-512-bit-secret",
    b"a-string-secret-at-least-256-bits-long", b"your-secret-key", b"mysecret", b"changeme",
    b"test",
)  # fmt: skip
"""What jwt.io and tutorials sign their samples with."""
_LATEST: Final = 1e11
_KUBERNETES: Final = "kubernetes/serviceaccount"
_ENCRYPTED_PARTS: Final = 5


def jwt(candidate: Candidate, argument: str) -> Verdict:
    """Header and claims decode, the header names an algorithm; notes expiry and public roles.

    A token that has expired, is meant for browsers, or was signed with a sample's secret counts for
    less. Expiry is compared with today's date.
    """
    del argument
    parts = candidate.secret.split(b".")
    header = base64_object(parts[0])
    claims = base64_object(parts[1]) if len(parts) > 1 else None
    algorithm = header.get("alg") if header is not None else None
    if claims is None or not isinstance(algorithm, str):
        return drop("does not decode to a JSON Web Token")
    signature = base64_bytes(parts[2]) if len(parts) > 2 else None
    if algorithm.lower() == "none" or not signature:
        return drop("an unsigned JSON Web Token")
    if claims.get("sub") == "1234567890" or claims.get("name") == "John Doe":
        return drop("the sample token of jwt.io")
    if algorithm.startswith("ed25519"):
        # NATS: the server sends a nonce to be signed with the holder's nkey; the claims are public.
        return drop("a claim that is of no use without its holder's key")
    if not _signature_fits(algorithm, len(signature)):
        return Verdict("its signature has the wrong size: cut off, or invented", step=-1)
    if _signed_with_a_sample(candidate.secret, algorithm, signature):
        return Verdict("signed with the well-known secret of a sample", step=-1, proven=True)
    return _purpose(claims)


def json_web_encryption(candidate: Candidate, argument: str) -> Verdict:
    """Five parts; the header names how the key and the content are encrypted."""
    del argument
    parts = candidate.secret.split(b".")
    header = base64_object(parts[0])
    if header is None or len(parts) != _ENCRYPTED_PARTS:
        return drop("does not decode to an encrypted JSON Web Token")
    if not isinstance(header.get("alg"), str) or not isinstance(header.get("enc"), str):
        return drop("its header names no encryption")
    if not all(base64_bytes(part) for part in parts[2:]):
        return drop("a part of it is no base64")
    return Verdict("an encrypted token: whom it is for and how long cannot be read", proven=True)


def mapbox_token(candidate: Candidate, argument: str) -> Verdict:
    """The middle part is JSON with the user's name (`u`) and the token's id (`a`).

    Source: https://docs.mapbox.com/api/accounts/tokens/ (token format)
    """
    del argument
    parts = candidate.secret.split(b".")
    claims = base64_object(parts[1]) if len(parts) == 3 else None
    if claims is None or not isinstance(claims.get("u"), str):
        return drop("does not decode to a Mapbox token")
    return Verdict("its payload names a Mapbox user", step=1, proven=True)


def _signature_fits(algorithm: str, size: int) -> bool:
    exact = _SIGNATURE_SIZES.get(algorithm)
    if exact is not None:
        return size == exact
    least = _SIGNATURE_LEAST.get(algorithm) or _SIGNATURE_LEAST.get(algorithm[:2])
    return least is None or size >= least


def _signed_with_a_sample(token: bytes, algorithm: str, signature: bytes) -> bool:
    digest = _MAC_DIGESTS.get(algorithm)
    if digest is None:
        return False
    covered = token[: token.rfind(b".")]
    return any(
        hmac.compare_digest(hmac.digest(secret, covered, getattr(hashlib, digest)), signature)
        for secret in _SAMPLE_SECRETS
    )


def _purpose(claims: dict[str, object]) -> Verdict:
    if claims.get("role") == "anon":
        return Verdict("a key for anonymous users, meant to be public", step=-2, proven=True)
    notes = ""
    step = 0
    if claims.get("role") == "service_role":
        notes, step = "Supabase's service role, past row level security; ", 1
    elif claims.get("iss") == _KUBERNETES:
        notes, step = "a Kubernetes service account's; ", 1
    expiry = claims.get("exp")
    if isinstance(expiry, bool) or not isinstance(expiry, int | float) or not 0 < expiry < _LATEST:
        return Verdict(f"{notes}names no expiry", step=step, proven=True)
    day = time.strftime("%Y-%m-%d", time.gmtime(expiry))
    if expiry < time.time():
        return Verdict(f"{notes}expired on {day}", step=-1, proven=True)
    return Verdict(f"{notes}valid until {day}", step=1, proven=True)
