"""Private keys and key stores: is one there, which, and does a passphrase protect it?"""

from typing import Final

from scanner.detectors.candidate import Candidate
from scanner.detectors.keys import containers, jwk, private_key, text_keys
from scanner.detectors.keys.samples import PUBLISHED
from scanner.detectors.keys.value import PrivateKey
from scanner.detectors.verdict import Verdict, drop

_NO_KEY: Final = drop("no key inside the block")
_CUT: Final = "cut off, or invented"


def pem(candidate: Candidate, argument: str) -> Verdict:
    """The block holds a private key: kind, size, whether a passphrase protects it, fingerprint.

    Sources: RFC 7468 (textual encodings), RFC 1421 (the Proc-Type header), OpenSSH's PROTOCOL.key,
    RFC 9580 (OpenPGP armour).
    """
    del argument
    return _weigh(private_key.read(candidate.secret))


def putty_key(candidate: Candidate, argument: str) -> Verdict:
    """A PPK file; the MAC of an unprotected one is verified.

    Source: https://the.earth.li/~sgtatham/putty/0.83/htmldoc/AppendixC.html
    """
    del argument
    key = private_key.read(candidate.secret)
    if key is not None and key.fault:
        return drop("its MAC does not fit")
    return _weigh(key)


def key_store(candidate: Candidate, argument: str) -> Verdict:
    """A Java or PKCS #12 store with a private key, and the default password if one opens it."""
    del argument
    key = containers.read_store(candidate.secret)
    if key is None:
        return drop("no private key in the store")
    # Its structure was read; a placeholder's words among binary bytes would mean nothing.
    words = f"{key.kind}, {key.fault}" if key.fault else key.describe()
    return Verdict(words, step=-1 if key.protected else 0, proven=True)


def wireguard_key(candidate: Candidate, argument: str) -> Verdict:
    """Thirty-two bytes; those that `wg genkey` made show it in five bits.

    Source: https://www.wireguard.com/quickstart/ (wg accepts others, so these only lose confidence)
    """
    del argument
    key = text_keys.read_wireguard(candidate.secret)
    if key is None:
        return drop("no key of 32 bytes")
    return Verdict(key.fault, step=-1) if key.fault else Verdict("clamped, as wg genkey makes them")


def signing_key(candidate: Candidate, argument: str) -> Verdict:
    """A secret key of minisign or signify.

    Sources: https://jedisct1.github.io/minisign/ (secret key format), signify's `struct enckey`.
    """
    del argument
    return _weigh(text_keys.read_signing_key(candidate.secret))


def json_web_key(candidate: Candidate, argument: str) -> Verdict:
    """The `d` of a private JSON Web Key whose members belong together.

    Source: RFC 7517, RFC 7518 section 6.
    """
    del argument
    key = jwk.read_jwk(candidate.around, candidate.start)
    if key is None or key.fault:
        return drop("no private JSON Web Key around it")
    return _weigh(key)


def _weigh(key: PrivateKey | None) -> Verdict:
    if key is None:
        return _NO_KEY
    published = PUBLISHED.get(key.fingerprint)
    if published is not None:
        return Verdict(f"{key.describe()}; {published}, known to everyone", step=-2, proven=True)
    if key.fault.endswith(_CUT):
        return Verdict(key.describe(), step=-2)
    step = -1 if key.protected or key.fault else 0
    return Verdict(key.describe(), step=step, proven=key.proven)
