"""Stand-ins: what no provider's token holds, and what not even a person would choose."""

import random

import pytest

from scanner.detectors import placeholder
from scanner.rules.examples import ALPHABETS


@pytest.mark.parametrize(
    "value",
    ["your_api_key_here", "CHANGE-ME-123", "<api-key>", "xxxxxxxxxxxx", "fake-1f9d77e0", "a.b...c",
     "abababababab", "REPLACE_ME", "0000000000", "deadbeefdeadbeef", "sample-9d1f0"],
)  # fmt: skip
def test_fillers(value: str) -> None:
    assert placeholder.filler(value.encode()) is not None
    assert placeholder.stand_in(value.encode()) is not None


@pytest.mark.parametrize("pieces", [("Pa", "ssw0rd!9"), ("qwe", "rtY77"), ("x9", "abcdefgh")])
def test_people_choose_what_providers_never_make(pieces: tuple[str, str]) -> None:
    value = "".join(pieces).encode()
    assert placeholder.stand_in(value) is not None
    assert placeholder.filler(value) is None


@pytest.mark.parametrize("alphabet", ["alnum", "hex", "base64", "base32"])
def test_random_values_are_hardly_ever_stand_ins(alphabet: str) -> None:
    source = random.Random(alphabet)
    values = ["".join(source.choices(ALPHABETS[alphabet], k=40)).encode() for _ in range(500)]
    assert sum(placeholder.stand_in(value) is not None for value in values) <= 5


def test_long_values_are_left_alone() -> None:
    assert placeholder.filler(b"example" + b"q7" * 100) is None
    assert placeholder.stand_in(b"qwerty" + b"q7" * 100) is None


def test_a_long_value_with_a_part_blanked_out_is_none() -> None:
    source = random.Random(5)
    token = "".join(source.choices(ALPHABETS["alnum"], k=300))
    assert placeholder.stand_in(token.encode()) is None
    assert placeholder.stand_in(f"{token}XXXXXXXX{token}".encode()) == "partly blanked out"


@pytest.mark.parametrize(
    "pieces",
    [("AB1C2defGH3ijk", "LMNo4PqQRst", "Uvwxyz"), ("a123b45c6d78", "e9f012a34cd5", "e6a7890b12c3")],
)
def test_what_counts_up_was_typed_for_a_manual(pieces: tuple[str, ...]) -> None:
    assert placeholder.counts_up("".join(pieces).encode())
    assert placeholder.filler("".join(pieces).encode()) is not None


@pytest.mark.parametrize("alphabet", ["alnum", "hex", "base64", "base32", "lower", "digit"])
@pytest.mark.parametrize("length", [12, 20, 32, 64])
def test_random_values_do_not_count_up(alphabet: str, length: int) -> None:
    source = random.Random(f"{alphabet}{length}")
    signs = ALPHABETS[alphabet]
    values = ("".join(source.choices(signs, k=length)).encode() for _ in range(2000))
    assert not any(map(placeholder.counts_up, values))


def test_a_chosen_password_may_count_a_little() -> None:
    assert not placeholder.counts_up(b"Abc" + b"12345678")
    assert placeholder.is_sequence(b"A1b2" + b"C3d4")
    assert not placeholder.is_sequence(b"A1b2" + b"C3d5")


def test_sequences() -> None:
    assert placeholder.has_sequence(b"x-345678-y")
    assert placeholder.has_sequence(b"12345", 4)
    assert not placeholder.has_sequence(b"12345")


@pytest.mark.parametrize("value", ["$TOKEN", "a{{b}}", "${X}", "f()", "a == b", "process.env.X"])
def test_references(value: str) -> None:
    assert placeholder.reference(value.encode()) is not None


def test_padding_is_no_comparison() -> None:
    assert placeholder.reference(b"cXdlcnR5MTIzNA==") is None
