"""The JSON reader, held against the standard library's."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.reach.formats.jsonc import Array, Node, Object, get, parse, strings

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=20,
)


def plain(node: Node) -> object:
    if isinstance(node, Object):
        return {key: plain(value) for key, value in node.members.items()}
    if isinstance(node, Array):
        return [plain(item) for item in node.items]
    return node.value


@given(PLAIN, st.sampled_from([None, 1]))
def test_reads_what_json_writes(value: object, indent: int | None) -> None:
    document = parse(json.dumps(value, indent=indent))
    assert document.strict
    assert document.root is not None
    assert plain(document.root) == value


@given(st.text(alphabet='{}[],:"\\/*1e. \ntrufalsn', max_size=30))
def test_never_raises_and_never_accepts_more_than_leniency(text: str) -> None:
    document = parse(text)
    try:
        json.loads(text)
    except ValueError:
        assert not (document.root is not None and document.strict)
    else:
        assert document.root is not None


def test_lines_comments_and_commas() -> None:
    document = parse('{\n // why\n "a": [\n  "x", /* y */\n  "z",\n ],\n}\n')
    assert not document.strict
    assert document.line == 2
    assert strings(get(document.root, "a")) == (("x", 4), ("z", 5))


@pytest.mark.parametrize(
    "text",
    ["", "{", '{"a" 1}', "[1 2]", "[,]", "{,}", '"\\x"', "/*", "[" * 500, "1 1", "01", '"\n"'],
)
def test_errors_have_a_line(text: str) -> None:
    document = parse(text)
    assert document.root is None
    assert document.error
    assert document.line >= 1
