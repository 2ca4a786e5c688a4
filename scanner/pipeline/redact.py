"""Secrets in names and words: a path, a ref, a commit's subject or a person's name can hold one.

Such text is quoted in reports, so every text of what was gathered is looked at by the same detector
as the contents, all at once, and masked before anything else sees it.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple, TypeVar

import msgspec

from scanner.model import Event, Match, RepositoryInfo, packed
from scanner.pipeline.examine import Session
from scanner.pipeline.locate import masked
from scanner.rules.secrets import SecretRule

T = TypeVar("T")

WITHHELD = "(not shown: the message holds a secret)"

# Bounds what a text full of prefixes costs; tokens are shorter.
_LONGEST = 2048
_QUOTED = re.compile(r"'[^']{10,}'|\"[^\"]{10,}\"|`[^`]{10,}`")
_WORD = re.compile(r"[A-Za-z0-9+=]{10,}")


def redact(
    value: T, session: Session, rules: Mapping[str, SecretRule], withheld: Collection[str]
) -> T:
    """The same value with every secret in its texts masked.

    `withheld` are commits whose message holds a secret: their subjects are not shown at all, since
    a secret can be recognised by what stands in other lines. A `RepositoryInfo.path` stays as it
    is: the user named it, and it is where the records go.
    """
    texts = sorted(set(_texts(value)))
    return _Rewriter(_masks(texts, session, rules), frozenset(withheld)).rewrite(value)


def veil(text: str) -> str:
    """An error message without what it quotes, where that might be a secret.

    Errors arise before there is a detector, so this looks only at the shape: a long quoted word of
    both letters and digits.
    """
    return _QUOTED.sub(lambda quoted: _WORD.sub(_veiled, quoted[0]), text)


def _veiled(word: re.Match[str]) -> str:
    mixed = re.search("[0-9]", word[0]) and re.search("[A-Za-z]", word[0])
    return "\N{HORIZONTAL ELLIPSIS}" if mixed else word[0]


def _texts(value: object) -> Iterator[str]:
    if type(value) is str:  # not the enumerations, which are strings too
        yield value
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from _texts(getattr(value, name))
    elif isinstance(value, tuple):
        for item in value:
            yield from _texts(item)


def _masks(texts: list[str], session: Session, rules: Mapping[str, SecretRule]) -> dict[str, str]:
    """By text, what to show instead; only texts that hold a secret."""
    pieces = list(_pieces(texts, rules))
    found: dict[str, list[tuple[int, int, str]]] = {}
    for index, match in session.scan(packed([piece.data for piece in pieces])):
        piece = pieces[index]
        span = _masked_span(piece, match, rules.get(match.rule))
        found.setdefault(piece.text, []).append(span)
    return {text: _without(text, spans) for text, spans in found.items()}


def _masked_span(piece: "_Piece", match: Match, rule: SecretRule | None) -> tuple[int, int, str]:
    """Where in the text the secret stands, and what to show there."""
    if match.layers:
        from scanner.detectors.layers import outer_span

        start, end = outer_span(match.layers)
        return piece.start + start, piece.start + end, masked(b"", None)
    mask = masked(piece.data[match.start : match.end], rule)
    return piece.start + match.start, piece.start + match.end, mask


class _Piece(NamedTuple):
    text: str
    start: int
    data: bytes
    """The text's bytes from `start` on, up to a limit."""


def _pieces(texts: list[str], rules: Mapping[str, SecretRule]) -> Iterator[_Piece]:
    """Every text, and again from each token's prefix in the middle of a word.

    Rules refuse what follows a hyphen or an underscore, since in code that is part of a longer
    name; in a branch's or file's name it is how people separate words.
    """
    prefixes = sorted({rule.public_prefix for rule in rules.values() if rule.public_prefix})
    inside = re.compile(b"(?<=[-_.])(?:%s)" % b"|".join(re.escape(p.encode()) for p in prefixes))
    for text in texts:
        data = text.encode("utf-8", "surrogateescape")
        yield _Piece(text, 0, data)
        for prefix in inside.finditer(data) if prefixes else ():
            yield _Piece(text, prefix.start(), data[prefix.start() : prefix.start() + _LONGEST])


def _without(text: str, spans: list[tuple[int, int, str]]) -> str:
    data = text.encode("utf-8", "surrogateescape")
    parts, position = [], 0
    for start, end, mask in sorted(spans, key=lambda span: (span[0], -span[1])):
        if start >= position:
            parts += [data[position:start], mask.encode()]
        position = max(position, end)
    return b"".join((*parts, data[position:])).decode("utf-8", "surrogateescape")


class _Rewriter:
    """Rebuilds what changes and keeps the rest, objects that occur many times once."""

    def __init__(self, masks: Mapping[str, str], withheld: Collection[str]) -> None:
        self._masks = masks
        self._withheld = withheld
        # By identity: the originals live as long as the value that is rewritten.
        self._done: dict[int, msgspec.Struct] = {}

    def rewrite(self, value: T) -> T:
        if not self._masks and not self._withheld:
            return value
        changed: T = self._any(value)  # type: ignore[assignment]  # same shape, by construction
        return changed

    def _any(self, value: object) -> object:
        if type(value) is str:
            return self._masks.get(value, value)
        if isinstance(value, msgspec.Struct):
            if id(value) not in self._done:
                self._done[id(value)] = self._struct(value)
            return self._done[id(value)]
        if isinstance(value, tuple):
            items = tuple(self._any(item) for item in value)
            same = all(new is old for new, old in zip(items, value, strict=True))
            return value if same else items
        return value

    def _struct(self, value: msgspec.Struct) -> msgspec.Struct:
        changes = {}
        for name in value.__struct_fields__:
            old = getattr(value, name)
            new = self._any(old)
            if new is not old:
                changes[name] = new
        if isinstance(value, Event) and value.commit in self._withheld:
            changes["subject"] = WITHHELD
        if isinstance(value, RepositoryInfo):
            changes.pop("path", None)
        return msgspec.structs.replace(value, **changes) if changes else value
