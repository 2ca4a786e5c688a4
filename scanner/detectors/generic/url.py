"""The password in a URL or a connection string: it has no name, but it has a host."""

import re
from typing import Final

from scanner.detectors import placeholder
from scanner.detectors.candidate import Candidate
from scanner.detectors.generic import notation
from scanner.detectors.generic.language import language
from scanner.detectors.generic.shape import Shape, shape
from scanner.detectors.generic.weigh import is_first_password
from scanner.detectors.verdict import KEEP, Verdict, drop

_USER: Final = re.compile(rb"([\w.%-]{1,64})[:=/]$")
_HOST: Final = re.compile(rb"[@]?(?:\[[0-9a-f:]+\]|[\w.-]+)")
# RFC 2606's names, and what tests and manuals call a host.
_RESERVED: Final = re.compile(
    rb"(?:^|\.)(?:example|invalid|test|localhost)(?:\.(?:com|org|net|edu|io|local))?$"
)
_NO_HOST: Final = frozenset(
    {b"host", b"hostname", b"server", b"domain", b"domain.com", b"foo", b"bar"}
)
_FILLED_IN: Final = re.compile(rb"[{}<>|]|%[a-z]|^[$%:]|^[A-Z][A-Z_]+$|^\.+$|\.{3}|^\*+$")
_NAMES_A_SECRET: Final = re.compile(
    rb"pass|token|secret|wrong|invalid|cred|\bpw[d]?\b|key", re.IGNORECASE
)


def judge_url_password(candidate: Candidate) -> Verdict:
    """The password of `scheme://user:password@host` or of a connection string."""
    value = candidate.secret
    if _FILLED_IN.search(value) or value.startswith(b"//"):
        return drop("filled in by a program")
    reason = notation.reference(value)
    if reason is not None:
        return drop(reason)
    if _NAMES_A_SECRET.search(value):
        return drop("names a secret instead of being one")
    user = _USER.search(candidate.lead)
    if user is not None and user[1].lower() == value.lower():
        return drop("the same as the user's name")
    host = _HOST.match(candidate.after)
    if host is not None and _only_stands_for_one(host[0].lstrip(b"@")):
        return drop("for a host that only stands for one")
    return _by_shape(value)


def _only_stands_for_one(host: bytes) -> bool:
    name = host.lower().rstrip(b".")
    return name in _NO_HOST or _RESERVED.search(name) is not None


def _by_shape(value: bytes) -> Verdict:
    kind, look = shape(value, language())
    if kind is Shape.STAND_IN or placeholder.has_sequence(value):
        return drop("a well-known password")
    if kind is Shape.RANDOM:
        return KEEP
    if kind is Shape.DIGITS:
        return drop("digits alone")
    if kind is Shape.NAME or kind is Shape.WORD:
        return Verdict("an easily guessed password", step=-2)
    if kind is Shape.GIBBERISH and look.size >= 6:
        return Verdict("no word of any kind", step=-1)
    if kind is Shape.CHOSEN:
        return Verdict("a chosen password", step=-1)
    if kind is Shape.DECORATED and look.size >= 7 and look.digits >= 2:
        return Verdict("a word with digits", step=-1)
    if kind is Shape.WEAK and is_first_password(value):
        return Verdict("an account's name with digits, as a first password is", step=-1)
    return Verdict("an easily guessed password", step=-2)
