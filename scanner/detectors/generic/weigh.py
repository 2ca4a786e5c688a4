"""From the shape of a value, its name and its form to a first verdict, before its surroundings."""

import base64
import binascii
import math
import re
from typing import Final

from scanner.detectors import placeholder, randomness
from scanner.detectors.generic import notation
from scanner.detectors.generic.form import Form, Place
from scanner.detectors.generic.name import Name, NameKind
from scanner.detectors.generic.shape import Look, Shape, shape
from scanner.detectors.verdict import Verdict, drop

_LEAST_ENTROPY: Final = 2.8
_HIGH_ENTROPY: Final = 4.0
_LONG: Final = 24
_CLEARLY_NO_WORD: Final = 1.2
_LOOSE_FORMS: Final = frozenset({Form.ARGUMENT, Form.CALL, Form.COMPARED})
_DIGEST_SIZES: Final = frozenset({32, 40, 56, 64, 96, 128})
_ACCOUNTS: Final = frozenset(
    (
        b"admin", b"administrator", b"root", b"minio", b"postgres", b"postgresql", b"mysql",
        b"mariadb", b"mongo", b"redis", b"rabbitmq", b"guest", b"oracle", b"vagrant", b"docker",
        b"grafana", b"elastic", b"kafka", b"keycloak", b"ldap", b"tomcat", b"hunter", b"user",
    )
)  # fmt: skip
_BASE32: Final = re.compile(rb"[A-Z2-7]{8,}={0,6}")
_GREETING: Final = b"Hello"
FAR_FROM_WORDS: Final = 2.0
"""Bits above chance that nine in ten random texts of letters have, and few words of a language."""


def by_shape(place: Place, name: Name, kind: Shape, look: Look) -> Verdict:
    """What a value of this shape is worth under this name, in this form. The step is relative to
    the rule's own confidence, which is medium."""
    if kind in (Shape.STAND_IN, Shape.NAME):
        return drop(kind.value)
    if _repeats_name(name, look):
        return drop("the same as its name")
    if look.upper and not look.lower and not look.digits and (look.special or look.size < 20):
        return drop("a constant's name")
    if kind in (Shape.RANDOM, Shape.GIBBERISH) and look.size >= 8:
        if _shared_secret_of_manuals(look.value):
            return drop("a shared secret that manuals print")
        reason = _encoded_text(look)
        if reason is not None:
            return drop(reason)
    if name.kind is NameKind.PASSWORD:
        return _password(place, kind, look)
    return _made_by_program(place, name, kind, look)


def _repeats_name(name: Name, look: Look) -> bool:
    """`passCaret: passcaret1`: the letters of the value are the name's own."""
    if look.digits > 2 or look.special > look.value.startswith(b"!"):
        return False  # `show_password = !show_password` turns it round
    letters = re.sub(rb"[^a-z]+", b"", look.value.lower())
    return len(letters) >= 4 and letters in b"".join(name.pieces)


def _password(place: Place, kind: Shape, look: Look) -> Verdict:
    """A person may have chosen it: short ones, and words with decoration, count."""
    if kind is Shape.RANDOM:
        if look.size in _DIGEST_SIZES and notation.is_hex(look.value):
            return Verdict("hex digits, perhaps a digest of a password", step=-1)
        return _random(look)
    if kind is Shape.GIBBERISH:
        if place.form in _LOOSE_FORMS and look.classes < 2 and look.excess < FAR_FROM_WORDS:
            return Verdict("perhaps no word", step=-1) if look.size >= 8 else drop("perhaps a name")
        if look.classes == 1 and look.size < 8 and look.excess < _CLEARLY_NO_WORD:
            return Verdict("perhaps a name", step=-1)
        sure = look.digits or look.excess >= FAR_FROM_WORDS
        least = 5 if sure and place.form not in _LOOSE_FORMS else 6
        if look.size >= least:
            return Verdict("no word of any kind")
        return Verdict("short, and no word", step=-1)
    if kind is Shape.WEAK:
        if place.form in _LOOSE_FORMS or place.form is Form.PROSE:
            return drop(kind.value)
        if is_first_password(look.value):
            return Verdict("an account's name with digits, as a first password is")
        return Verdict("a word that also stands for a password", step=-1)
    plain = not look.special and look.digits < 2
    if kind is Shape.TRITE and plain and place.form in _LOOSE_FORMS:
        return drop(kind.value)
    if kind in (Shape.CHOSEN, Shape.TRITE):
        if placeholder.is_sequence(look.value):
            return Verdict("a run of the alphabet, the digits or the keyboard", step=-1)
        if look.size >= 6:
            return Verdict("a chosen password")
        return Verdict("a short chosen password", step=-1)
    if kind is Shape.DIGITS:
        if look.size < 6 or placeholder.has_sequence(look.value, 4) or len(set(look.value)) < 4:
            return drop("digits that anyone would try")
        return Verdict("digits alone", step=0 if place.quote else -1)
    if place.form in (Form.CALL, Form.ARGUMENT, Form.COMPARED, Form.PROSE):
        return drop(kind.value)
    if kind is Shape.DECORATED and look.size >= 7 and look.digits >= 2:
        return Verdict("a word with digits")
    if place.form is Form.SETTING:
        return drop(kind.value)
    return Verdict(kind.value, step=-1)


def is_first_password(value: bytes) -> bool:
    """Whether it is the name of a usual account with digits behind it."""
    account = value.rstrip(b"0123456789")
    return account != value and account.lower() in _ACCOUNTS


def _made_by_program(place: Place, name: Name, kind: Shape, look: Look) -> Verdict:
    """Keys and tokens are drawn at random; a parser's tokens and a map's keys are words."""
    if placeholder.stand_in(look.value):
        return drop("a stand-in")
    if kind is Shape.RANDOM:
        if name.kind is NameKind.PLAIN_KEY:
            return Verdict("random, but only called a key", step=-1)
        return _random(look)
    if place.form in (Form.COMPARED, Form.PROSE, Form.CALL) or name.kind is NameKind.PLAIN_KEY:
        return drop(kind.value)
    if kind is Shape.GIBBERISH and look.size >= 8 and look.classes >= 2 and look.digits:
        weak = name.kind is NameKind.TOKEN and look.size < 12
        return Verdict("no word of any kind", step=-1 if weak else 0)
    if kind is Shape.GIBBERISH and look.size >= 10:
        sure = look.excess >= FAR_FROM_WORDS and name.kind is not NameKind.TOKEN
        return Verdict("no word of any kind", step=0 if sure else -1)
    if kind is Shape.TRITE:
        return drop(kind.value)
    if kind is Shape.CHOSEN and look.classes >= 3 and look.size >= 8:
        return Verdict("a chosen secret", step=-1)
    return drop(kind.value)


def _random(look: Look) -> Verdict:
    bits = randomness.shannon(look.value)
    if bits < min(_LEAST_ENTROPY, 0.7 * math.log2(look.size)):
        return drop("too regular for a random value")
    if notation.is_hex(look.value):
        return Verdict("random hex digits")
    if bits >= _HIGH_ENTROPY and look.size >= _LONG:
        return Verdict("high entropy", step=1)
    return Verdict("drawn at random")


def _encoded_text(look: Look) -> str | None:
    """Why a value in base64 is no secret: a text of words is encoded in it."""
    try:
        bare = look.value.rstrip(b"=")
        decoded = base64.b64decode(bare + b"=" * (-len(bare) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
    return _decoded_text(look, decoded)


def _shared_secret_of_manuals(value: bytes) -> bool:
    """Whether base32, as one-time passwords use it, holds the digits in their order (RFC 6238,
    appendix B) or the greeting of Google Authenticator's `otpauth` page."""
    if not _BASE32.fullmatch(value):
        return False
    bare = value.rstrip(b"=")
    decoded = base64.b32decode(bare[: len(bare) // 8 * 8])
    return placeholder.has_sequence(decoded) or decoded.startswith(_GREETING)


def _decoded_text(look: Look, decoded: bytes) -> str | None:
    if len(decoded) < 4 or not decoded.isascii():
        return None
    text = decoded.decode()
    if not "".join(text.split()).isprintable():
        return None
    decoded = text.strip().encode()
    if placeholder.has_sequence(decoded) or placeholder.filler(decoded):
        return "a stand-in in base64"
    if b":" in decoded:  # user:password, as in Basic authentication
        decoded = decoded.partition(b":")[2]
    inner, _ = shape(decoded, look.model)
    if (
        inner in (Shape.STAND_IN, Shape.WEAK, Shape.NAME, Shape.WORD, Shape.DECORATED)
        or b" " in decoded
        or b"\n" in decoded
    ):
        return "words in base64"
    return None
