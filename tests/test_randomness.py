"""Shannon's entropy."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.detectors.randomness import shannon


def test_the_ends_of_the_scale() -> None:
    assert shannon(b"") == 0
    assert shannon(b"aaaa") == 0
    assert shannon(bytes(range(256))) == 8
    assert shannon(b"abab") == 1


@given(st.binary(min_size=1, max_size=200))
def test_order_does_not_matter(value: bytes) -> None:
    assert shannon(value) == pytest.approx(shannon(bytes(sorted(value))))
    assert 0 <= shannon(value) <= 8
