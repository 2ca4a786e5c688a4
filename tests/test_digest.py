"""Digests tell secrets apart, are the same everywhere, and are dear to guess."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.pipeline.digest import Digester, fingerprint_key

KEY = fingerprint_key(None, "a" * 40)
RANDOM = b"k3J9xQ2mZ7pL4vR8tY1wB6nD"


def test_the_same_secret_has_the_same_digest_under_the_same_key() -> None:
    one, two = Digester(KEY), Digester(KEY)
    assert one.secret(RANDOM, guessable=False) == two.secret(RANDOM, guessable=False)
    assert one.secret(RANDOM, guessable=False) == one.secret(RANDOM, guessable=False)
    assert one.subject("a", "b") == two.subject("a", "b")


def test_digests_are_a_promise() -> None:
    """Baselines and records hold them: a change here breaks every one there is."""
    digester = Digester(fingerprint_key(None, "4f2a9c1d20" + "0" * 30))
    key = hashlib.blake2b(
        b"root\x004f2a9c1d20" + b"0" * 30, digest_size=32, person=b"agentreach/v1"
    ).digest()
    expected = hashlib.blake2b(RANDOM, key=key, digest_size=16).hexdigest()
    assert digester.secret(RANDOM, guessable=False) == expected
    slow = hashlib.scrypt(b"tango-9-whisky", salt=key, n=2**12, r=8, p=1, dklen=32)
    expected = hashlib.blake2b(slow, key=key, digest_size=16).hexdigest()
    assert digester.secret(b"tango-9-whisky", guessable=True) == expected


@pytest.mark.parametrize(
    ("value", "guessable"), [(RANDOM, True), (b"short", False), (b"x" * 19, False)]
)
def test_what_could_be_guessed_goes_the_slow_way(value: bytes, guessable: bool) -> None:
    digester = Digester(KEY)
    quick = hashlib.blake2b(value, key=digester._key, digest_size=16).hexdigest()
    assert digester.secret(value, guessable=guessable) != quick


def test_every_source_of_a_key_is_a_world_of_its_own() -> None:
    keys = [
        fingerprint_key(b"team", None),
        fingerprint_key(b"team", "a" * 40),
        fingerprint_key(None, "team"),
        fingerprint_key(None, None),
        fingerprint_key(None, "a" * 40),
        fingerprint_key(None, "b" * 40),
    ]
    assert keys[0] == keys[1], "a team's key holds in all its repositories"
    digests = {Digester(key).secret(RANDOM, guessable=False) for key in keys}
    assert len(digests) == 5


@settings(max_examples=30)
@given(st.lists(st.text(max_size=8), max_size=4), st.lists(st.text(max_size=8), max_size=4))
def test_no_two_subjects_share_a_fingerprint(one: list[str], two: list[str]) -> None:
    digester = Digester(KEY)
    assert (digester.subject(*one) == digester.subject(*two)) is (one == two)


def test_a_path_that_is_not_utf8_has_a_fingerprint() -> None:
    digester = Digester(KEY)
    assert digester.subject("na\udcefve") != digester.subject("na\udceeve")


def test_a_digester_keeps_no_secret() -> None:
    digester = Digester(KEY)
    digester.secret(RANDOM, guessable=False)
    assert RANDOM not in repr(vars(digester)).encode()
    assert not any(RANDOM in handle for handle in digester._known)
    assert hashlib.blake2b(RANDOM, digest_size=16).digest() not in digester._known
