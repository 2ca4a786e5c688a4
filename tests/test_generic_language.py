"""The language model, and how it is built."""

import random
import string
from pathlib import Path

import pytest

from scanner.detectors.generic.language import SYMBOLS, LanguageModel, fold, language
from scanner.detectors.generic.shape import Shape, shape
from scanner.errors import RuleError
from scanner.rules.examples import ALPHABETS
from scanner.rules.loading import root
from tools.build_language_model import build, measure

# What people and programs write, and none of it in the model's own sources.
NATURAL = [
    "customerAddressService", "invoice_line_item", "kubernetes-ingress", "ThePaymentGateway",
    "parseQueryString", "WINDOW_HEIGHT", "shopping-cart-total", "userPreferences",
    "correcthorsebatterystaple", "notificationChannel", "database_migration", "HttpClientFactory",
]  # fmt: skip


@pytest.mark.parametrize("value", NATURAL)
def test_words_and_names_are_not_random(value: str) -> None:
    model = language()
    assert not model.is_random(value.encode())
    assert model.excess(value.encode()) < 0.15


@pytest.mark.parametrize("name", ["lower", "base36", "base62", "hex", "base32", "base64url"])
@pytest.mark.parametrize("length", [12, 20, 40])
def test_random_values_are_random(name: str, length: int) -> None:
    source = random.Random(f"{name}{length}")
    values = ["".join(source.choices(ALPHABETS[name], k=length)).encode() for _ in range(500)]
    assert sum(map(language().is_random, values)) >= 485


def test_the_scale() -> None:
    model = language()
    assert model.bits(b"") == 0
    assert model.bits(b"configuration") < 3.5
    assert model.bits("".join(("xq", "vz", "jk", "wq", "zx")).encode()) > 6
    assert model.worded(b"") == 0
    assert model.worded(b"parseMessage") == 1
    assert model.worded(b"1234") == 0
    assert model.is_word(b"password")


def test_stand_ins_may_be_written_together() -> None:
    model = language()
    assert model.is_stand_in(b"mysecrettoken")
    assert model.is_stand_in(b"changeme")
    assert not model.is_stand_in(b"orchardpebble")
    assert not model.is_stand_in(b"a" * 1000)


def test_folding() -> None:
    assert [SYMBOLS[index : index + 1] for index in fold(b"aZ9_")] == [b"a", b" ", b"z", b"9", b" "]
    assert fold(b"HTTPClient") == fold(b"http client")
    assert max(fold(bytes(range(256)))) < len(SYMBOLS)


def test_a_damaged_table_is_refused() -> None:
    with pytest.raises(RuleError, match="damaged"):
        LanguageModel(b"\0" * 10, b"word")


def test_the_data_stays_small() -> None:
    assert sum(path.stat().st_size for path in (root() / "language").iterdir()) < 300_000


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        (("pass", "word"), Shape.STAND_IN),
        (("pass", "word", "1"), Shape.WEAK),
        (("s3", "cr3t"), Shape.WEAK),
        (("Pass", "w0rd", "12"), Shape.TRITE),
        (("493", "82017"), Shape.DIGITS),
        (("orchard-", "pebble-", "12"), Shape.NAME),
        (("message", "Header"), Shape.NAME),
        (("ORDER", "_LINE"), Shape.NAME),
        (("address",), Shape.WORD),
        (("address", "73"), Shape.DECORATED),
        (("Wel", "come2", "Market"), Shape.CHOSEN),
        (("xk", "vq", "tz"), Shape.GIBBERISH),
        (("kq7", "Zp2", "vN8", "xL4"), Shape.RANDOM),
        (("your", "-key"), Shape.STAND_IN),
    ],
)
def test_shapes(pieces: tuple[str, ...], expected: Shape) -> None:
    found, look = shape("".join(pieces).encode(), language())
    assert found is expected
    assert look.size == look.lower + look.upper + look.digits + look.special


# ------------------------------------------------------------------------------ the build script


def library(directory: Path) -> list[Path]:
    paths = []
    for index in range(50):
        path = directory / f"m{index}.py"
        path.write_text(f"def read_value(name, other_{index}):\n    # the value of a name\n")
        paths.append(path)
    return paths


def test_the_build_depends_on_its_sources_alone(tmp_path: Path) -> None:
    files = library(tmp_path)
    table, words = build(files)
    assert (table, words) == build(files)
    assert len(table) == len(SYMBOLS) ** 3
    assert {b"read", b"value", b"name", b"other"} <= set(words.split())
    model = LanguageModel(table, words)
    assert model.bits(b"value") < model.bits(b"vleua")


def test_every_row_of_chances_adds_up(tmp_path: Path) -> None:
    table, _ = build(library(tmp_path))
    size = len(SYMBOLS)
    for row in range(0, size**3, size):
        total = sum(2 ** (-bits / 16) for bits in table[row : row + size])
        assert 0.9 < total < 1.1


def test_the_measured_table(tmp_path: Path) -> None:
    report = measure(language(), library(tmp_path))
    rows = [line.split("|")[1:-1] for line in report.splitlines()]
    assert [len(row) for row in rows] == [7] * 7
    assert all(
        string.digits.find(cell.strip()[0]) >= 0 or cell.strip() == "-" for cell in rows[2][1:]
    )
