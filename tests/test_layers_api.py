"""Layers: what the package promises whatever the kind, and the means by which its tests look."""

import base64
import hashlib
import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import msgspec
import pytest

from scanner.detectors.layers import (
    FORMAT,
    Derived,
    Limits,
    Trigger,
    derive,
    kinds,
    outer_span,
    position,
    triggers,
    unwrap,
)
from scanner.model import Layer
from scanner.rules.examples import expand

PREFIXES = (b"ghp_", b"AKIA", b"-----BEGIN ", b"sk-", b"xoxb-", b"glpat-", b"//x")
TRIGGERS = triggers(PREFIXES, archives=True)
_PATTERNS = [
    (each.name, re.compile(each.pattern.encode(), re.IGNORECASE if each.case_insensitive else 0))
    for each in TRIGGERS
]

Found = tuple[tuple[Layer, ...], bytes]


def token(seed: int = 0) -> bytes:
    return expand("{github:ghp_}", seed)


def hits_by_re(content: bytes) -> dict[str, list[int]]:
    """End offsets by name, matches that overlap too."""
    ends: dict[str, set[int]] = {}
    for name, pattern in _PATTERNS:
        found = pattern.search(content)
        while found:
            ends.setdefault(name, set()).add(found.end())
            found = pattern.search(content, found.start() + 1)
    return {name: sorted(found) for name, found in ends.items()}


@cache
def _database() -> Any:
    import hyperscan

    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(
        expressions=[each.pattern.encode() for each in TRIGGERS],
        ids=list(range(len(TRIGGERS))),
        elements=len(TRIGGERS),
        flags=[hyperscan.HS_FLAG_CASELESS if each.case_insensitive else 0 for each in TRIGGERS],
    )
    return database


def hits_of(content: bytes) -> dict[str, list[int]]:
    """End offsets by name, by the engine at hand."""
    try:
        database = _database()
    except ImportError:
        return hits_by_re(content)
    ends: dict[str, set[int]] = {}

    def note(index: int, _start: int, end: int, _flags: int, _context: object) -> None:
        ends.setdefault(TRIGGERS[index].name, set()).add(end)

    if content:
        database.scan(content, match_event_handler=note)
    return {name: sorted(ends[name]) for name in sorted(ends)}


def step(content: bytes, limits: Limits | None = None) -> tuple[list[Derived], list[str]]:
    """What one step yields, and its problems."""
    problems: list[str] = []
    found = list(derive(content, hits_of(content), limits or Limits(), problems.append))
    return found, problems


def everything(
    content: bytes, limits: Limits | None = None, layers: tuple[Layer, ...] = ()
) -> Iterator[Found]:
    """Every text at every depth, outermost first."""
    limits = limits or Limits()
    for derived in step(content, limits)[0]:
        reached = (*layers, derived.layer)
        yield reached, derived.data
        yield from everything(derived.data, limits.inner(len(derived.data)), reached)


def holders(content: bytes, secret: bytes) -> list[Found]:
    """The texts that hold a secret. Every one of them unwraps to itself."""
    found = []
    for layers, data in everything(content):
        assert unwrap(content, layers) == data, [layer.kind for layer in layers]
        if secret in data:
            found.append((layers, data))
    return found


def kinds_to(content: bytes, secret: bytes) -> set[tuple[str, ...]]:
    """The ways to a secret, as kinds."""
    return {tuple(layer.kind for layer in layers) for layers, _ in holders(content, secret)}


def shown_at(content: bytes, secret: bytes, layers: Sequence[Layer], data: bytes) -> int:
    """Where the secret's first byte comes from."""
    return position(content, layers, data.index(secret))


def test_kinds_are_modules() -> None:
    assert {"base64", "utf-16", "zip", "kubernetes-secret", "notebook"} <= set(kinds())
    assert list(kinds()) == sorted(kinds())


def test_archives_are_looked_for_only_when_asked() -> None:
    names = {each.name.split("/")[1] for each in triggers(PREFIXES, archives=False)}
    assert names.isdisjoint({"zip", "tar", "ar", "pdf", "bzip2", "xz", "zstd", "unopened"})
    assert {"base64", "hex", "gzip", "utf-16"} <= names


def test_triggers_are_the_same_for_any_order_and_leave_out_short_prefixes() -> None:
    assert triggers(PREFIXES[::-1], archives=True) == TRIGGERS
    assert triggers((*PREFIXES, b"ab"), archives=True) == TRIGGERS


def test_a_change_of_the_triggers_changes_the_format() -> None:
    """When this fails: raise `FORMAT`, or kept triggers will not know of the change."""
    every = (*triggers(PREFIXES, archives=False), *TRIGGERS)
    text = repr([(each.name, each.pattern, each.case_insensitive) for each in every])
    assert (FORMAT, hashlib.sha256(text.encode()).hexdigest()[:16]) == ("1", "ab897c02dc075471")


def test_triggers_fit_hyperscan_and_it_sees_what_re_sees() -> None:
    pytest.importorskip("hyperscan")
    secret = token()
    content = b"\n".join(
        (
            b"kind: Secret",
            b"x = '" + base64.b64encode(b"ab" + secret) + b"'",
            b"y = '" + secret.hex().encode() + b"'",
            b"z = '" + secret.decode().encode("utf-16-le") + b"'",
            b"u = '" + b"".join(b"\\u%04x" % byte for byte in secret) + b"'",
            b"j = 'ghp_abcdefgh' + 'abcdefgh'",
            b"Authorization: Basic " + base64.b64encode(b"user:password") + b"'",
        )
    )
    seen, expected = hits_of(content), hits_by_re(content)
    assert len(expected) >= 7
    assert seen.keys() == expected.keys()
    for name, ends in expected.items():
        assert set(ends) <= set(seen[name]), name


def test_nothing_is_done_without_hits() -> None:
    content = base64.b64encode(b"x" + token())
    assert list(derive(content, {}, Limits(), pytest.fail)) == []
    assert list(derive(content, {"other": [3]}, Limits(), pytest.fail)) == []


def test_a_view_will_do() -> None:
    content = base64.b64encode(token())
    found = list(derive(memoryview(content), hits_of(content), Limits(), pytest.fail))
    assert [each.data for each in found] == [token()]


def test_no_depth_left_is_a_problem() -> None:
    found, problems = step(base64.b64encode(token()), Limits(depth=0))
    assert found == []
    assert problems == ["encoded or packed more deeply than the limit; not looked at"]


def test_inner_limits_shrink() -> None:
    limits = Limits(depth=2, expansion=100)
    assert limits.inner(30) == msgspec.structs.replace(limits, depth=1, expansion=70)
    assert limits.inner(300).expansion == 0


def test_a_text_too_many_is_a_problem() -> None:
    content = b"\n".join(b"'" + base64.b64encode(token(seed)) + b"'" for seed in range(5))
    found, problems = step(content, Limits(members=3))
    assert len(found) == 3
    assert problems == ["too much is encoded or packed in it; the rest was not looked at"]


def test_layers_that_do_not_fit_are_refused() -> None:
    for kind in kinds():
        with pytest.raises(ValueError):
            unwrap(b"short", (Layer(kind, ((3, 400),)),))
    with pytest.raises(ValueError, match="no such kind"):
        unwrap(b"short", (Layer("os", ((0, 1),)),))


def test_outer_span_is_the_outermost() -> None:
    layers = (Layer("base64", ((4, 8), (10, 20))), Layer("hex", ((0, 2),)))
    assert outer_span(layers) == (4, 20)


def test_a_trigger_is_a_value() -> None:
    assert Trigger("a", "b") == Trigger("a", "b", case_insensitive=False)
