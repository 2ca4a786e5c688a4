"""What every layer module shares: the values it yields, and the budget it works within."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final, Protocol

import msgspec

from scanner.detectors.trigger import Trigger
from scanner.model import Layer

Hits = Mapping[str, Sequence[int]]
"""By a trigger's name without its kind, the ascending offsets at which matches of it end."""

WORDS: Final = (
    b"password", b"PASSWORD", b"secret", b"SECRET", b"token", b"TOKEN",
    b"api_key", b"API_KEY", b"apiKey", b"#!/bin/", b"#!/usr/bin/",
)  # fmt: skip
"""What texts with a secret in them are likely to hold in plain sight: looked for in encoded form as
the beginnings of secrets are."""

_PLAIN: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-=%")
_ESCAPED: Final[Mapping[int, str]] = MappingProxyType(
    {byte: f"\\x{byte:02x}" for byte in range(256) if byte not in _PLAIN}
)
_MOST_PROBLEMS: Final = 50
_LONGEST_NAME: Final = 200


class Derived(msgspec.Struct, frozen=True):
    """Bytes that a content holds in another form."""

    layer: Layer
    data: bytes


class Limits(msgspec.Struct, frozen=True):
    """How far unwrapping may go. All limits count bytes or things, never time: what is found does
    not depend on the machine."""

    depth: int = 4
    """Layers within layers."""
    expansion: int = 16 << 20
    """Bytes derived from one content in one step; 256 MiB is a sane value for archives."""
    ratio: int = 200
    """How many times its size a compressed stream may expand to; the first MiB is free."""
    members: int = 10_000
    """Texts derived from one content in one step, such as the members of an archive."""

    def inner(self, spent: int) -> "Limits":
        """What is left for the next step, after `spent` derived bytes in this one."""
        return msgspec.structs.replace(
            self, depth=self.depth - 1, expansion=max(0, self.expansion - spent)
        )


class Work:
    """One call of `derive`: what is left of its limits, and where its problems go."""

    __slots__ = ("_problems", "_told", "left", "limits", "members")

    def __init__(self, limits: Limits, problems: Callable[[str], None]) -> None:
        self.limits = limits
        self.left = limits.expansion
        """Bytes that may still be derived."""
        self.members = limits.members
        """Texts that may still be derived."""
        self._problems = problems
        self._told: set[str] = set()

    def problem(self, reason: str) -> None:
        """Say once that something was not opened. `reason` holds no byte of the content."""
        if reason not in self._told and len(self._told) < _MOST_PROBLEMS:
            self._told.add(reason)
            self._problems(reason)

    def waste(self, size: int) -> None:
        """Take bytes out of the budget that were made and thrown away."""
        self.left = max(0, self.left - size)

    def affords(self, derived: Derived) -> bool:
        """Take one derived text out of the budget, or say that there is no room for it."""
        if len(derived.data) > self.left or self.members <= 0:
            self.problem("too much is encoded or packed in it; the rest was not looked at")
            return False
        self.left -= len(derived.data)
        self.members -= 1
        return True


class Codec(Protocol):
    """A module of this package: one encoding or container."""

    ARCHIVE: bool
    """Only looked for when archives are asked for."""

    def triggers(self, prefixes: Sequence[bytes]) -> Iterator[Trigger]:
        """Signs of this kind. Their names stand for nothing outside the module."""

    def derive(self, content: bytes, hits: Hits, work: Work) -> Iterator[Derived]:
        """The texts of this kind in a content, by position. Never raises for what it reads."""

    def unwrap(self, content: bytes, layer: Layer) -> bytes:
        """The bytes of one `Derived` again. Raises `ValueError` when the layer does not fit."""

    def position(self, content: bytes, layer: Layer, offset: int) -> int:
        """Where in the content the byte at `offset` of the unwrapped bytes comes from."""


def literal(text: bytes) -> str:
    """A pattern that matches these bytes and nothing else."""
    return text.decode("latin-1").translate(_ESCAPED)


def flat(hits: Hits) -> list[int]:
    """The hits of all names, ascending."""
    return sorted({end for ends in hits.values() for end in ends})


def whole(layer: Layer, content: bytes) -> tuple[int, int]:
    """The only span of a layer. Raises `ValueError` when it does not lie inside the content."""
    if len(layer.spans) != 1:
        raise ValueError(f"a {layer.kind} layer has one span")
    start, end = layer.spans[0]
    if not 0 <= start <= end <= len(content):
        raise ValueError(f"a {layer.kind} layer lies outside its content")
    return start, end


def pieces(layer: Layer, content: bytes) -> list[bytes]:
    """The bytes of every span. Raises `ValueError` when one does not lie inside the content."""
    found = []
    for start, end in layer.spans:
        if not 0 <= start <= end <= len(content):
            raise ValueError(f"a {layer.kind} layer lies outside its content")
        found.append(content[start:end])
    return found


def place(spans: Sequence[tuple[int, int]], offset: int) -> int:
    """Where the byte at `offset` of the joined spans stands; the end for what lies behind them."""
    for start, end in spans:
        if offset < end - start:
            return start + max(0, offset)
        offset -= end - start
    return spans[-1][1]


def member_name(raw: bytes) -> str:
    """A member's name for a person to read: printable, on one line, bounded."""
    text = raw[: _LONGEST_NAME * 4].decode("utf-8", "replace")
    shown = "".join(each if each.isprintable() else "?" for each in text)
    return shown if len(shown) <= _LONGEST_NAME else f"{shown[: _LONGEST_NAME - 3]}..."
