"""What the package does, kind by kind: the modules are found by their file names.

Not in `__init__`, where modules named `zip` and `hex` would stand before the built-in functions.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final, cast

from scanner.detectors.layers._work import Codec, Derived, Limits, Work
from scanner.detectors.trigger import Trigger
from scanner.model import Layer

_MARK: Final = "layer/"
"""Starts the name of every trigger of ours; kind and variant follow, also parted by a slash."""

FORMAT: Final = "1"
"""Of what `triggers` gives for the same prefixes: a part of the key of whatever keeps it."""


@cache
def kinds() -> tuple[str, ...]:
    """Every kind of layer that there is, sorted."""
    names = (module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)]))
    return tuple(sorted(name.replace("_", "-") for name in names if not name.startswith("_")))


def triggers(prefixes: Sequence[bytes], *, archives: bool) -> tuple[Trigger, ...]:
    """What to notice. Several triggers may share a name: their hits belong together.

    `prefixes` are literal beginnings of secrets, three bytes or more; shorter ones are left out.
    """
    usable = sorted({prefix for prefix in prefixes if len(prefix) >= 3})
    found: dict[Trigger, None] = {}  # a set that keeps its order
    for kind in kinds():
        codec = _codec(kind)
        if codec.ARCHIVE and not archives:
            continue
        for sign in codec.triggers(usable):
            name = f"{_MARK}{kind}/{sign.name}"
            found[Trigger(name, sign.pattern, sign.case_insensitive)] = None
    return tuple(found)


def derive(
    content: bytes | memoryview,
    hits: Mapping[str, Sequence[int]],
    limits: Limits,
    problems: Callable[[str], None],
) -> Iterator[Derived]:
    """What a content holds in other forms, one step deep; by kind, then by position.

    `hits` maps a trigger's name to ascending end offsets in the content; names of other triggers
    are passed over. `problems` is told in words what could not be opened. Work is bounded by
    `limits`; no content makes this raise.
    """
    wanted = _by_kind(hits)
    if not wanted:
        return
    work = Work(limits, problems)
    if limits.depth <= 0:
        work.problem("encoded or packed more deeply than the limit; not looked at")
        return
    data = bytes(content)
    for kind in kinds():
        if kind not in wanted:
            continue
        for derived in _codec(kind).derive(data, wanted[kind], work):
            if not work.affords(derived):
                return
            yield derived


def unwrap(content: bytes, layers: Sequence[Layer]) -> bytes:
    """The innermost bytes, exactly as `derive` yielded them step by step.

    Raises `ValueError` when the layers do not fit the content.
    """
    for layer in layers:
        content = _known(layer).unwrap(content, layer)
    return content


def outer_span(layers: Sequence[Layer]) -> tuple[int, int]:
    """The part of the outermost content that the outermost layer takes up."""
    spans = layers[0].spans
    return spans[0][0], spans[-1][1]


def position(content: bytes, layers: Sequence[Layer], start: int) -> int:
    """Where in the outermost content the byte at `start` of the innermost bytes comes from.

    Exact for everything that is decoded character by character; the start of the packed bytes for
    what is compressed. Raises `ValueError` when the layers do not fit the content.
    """
    around = [content]
    for layer in layers[:-1]:
        around.append(_known(layer).unwrap(around[-1], layer))
    for data, layer in zip(reversed(around), reversed(layers), strict=False):
        low, high = outer_span((layer,))
        start = min(max(low, _known(layer).position(data, layer, start)), high)
    return start


def _by_kind(hits: Mapping[str, Sequence[int]]) -> dict[str, dict[str, Sequence[int]]]:
    wanted: dict[str, dict[str, Sequence[int]]] = {}
    for name, ends in hits.items():
        if name.startswith(_MARK) and ends:
            kind, _, variant = name[len(_MARK) :].partition("/")
            wanted.setdefault(kind, {})[variant] = ends
    return wanted


def _known(layer: Layer) -> Codec:
    if layer.kind not in kinds():
        raise ValueError(f"no such kind of layer: {layer.kind!r}")
    return _codec(layer.kind)


def _codec(kind: str) -> Codec:
    return cast(Codec, importlib.import_module(f"{__package__}.{kind.replace('-', '_')}"))
