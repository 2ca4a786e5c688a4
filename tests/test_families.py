"""The order in which blobs are read: each once, behind what it is stored as a difference to."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.gitio import families
from scanner.gitio.families import in_families

ZEROS = "0" * 40


def blob(number: int) -> str:
    return f"{number + 1:040x}"


@st.composite
def forests(draw: st.DrawFn) -> list[tuple[str, str]]:
    """Blobs in any order; each has no base, one in the list, or one outside of it."""
    size = draw(st.integers(0, 40))
    bases = [draw(st.integers(-2, number - 1)) for number in range(size)]
    known = {-1: ZEROS, -2: "f" * 40}
    entries = [(blob(n), known.get(base) or blob(base)) for n, base in enumerate(bases)]
    return draw(st.permutations(entries))


@given(forests())
def test_each_blob_comes_once_and_behind_its_base(entries: list[tuple[str, str]]) -> None:
    ordered = list(in_families(entries))
    assert sorted(ordered) == sorted(one for one, _ in entries)
    place = {one: number for number, one in enumerate(ordered)}
    assert all(place[base] < place[one] for one, base in entries if base in place)


def test_families_are_not_mixed() -> None:
    parents = {2: 0, 3: 1, 4: 2, 5: 3, 6: 0, 7: 1}
    entries = [(blob(n), blob(parents[n]) if n in parents else ZEROS) for n in range(8)]
    ordered = [int(one, 16) - 1 for one in in_families(entries)]
    assert ordered[:2] == [0, 1]
    family = [min(_line(number, parents)) for number in ordered[2:]]
    assert family in ([0, 0, 0, 1, 1, 1], [1, 1, 1, 0, 0, 0])


def _line(number: int, parents: dict[int, int]) -> list[int]:
    line = [number]
    while line[-1] in parents:
        line.append(parents[line[-1]])
    return line


def test_blobs_without_a_base_do_not_wait() -> None:
    def entries() -> Iterator[tuple[str, str]]:
        yield blob(0), ZEROS
        raise AssertionError("asked for more than was needed")

    assert next(in_families(entries())) == blob(0)


def test_no_blob_is_lost_in_a_circle_or_between_sections(monkeypatch: pytest.MonkeyPatch) -> None:
    circle = [(blob(0), blob(1)), (blob(1), blob(0)), (blob(2), blob(2)), (blob(3), blob(1))]
    assert sorted(in_families(circle)) == [blob(number) for number in range(4)]
    monkeypatch.setattr(families, "_SECTION", 2)
    chain = [(blob(number), blob(number - 1) if number else ZEROS) for number in range(7)]
    assert list(in_families(chain)) == [blob(number) for number in range(7)]
    assert list(in_families([])) == []
