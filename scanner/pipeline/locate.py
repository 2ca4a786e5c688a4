"""The one place where secret bytes live: from a content and its matches to sightings without them.

Everything that leaves this module is a digest, a mask, a position or a reason in words.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import msgspec

from scanner.detectors.identity import Identities
from scanner.model import Batch, Confidence, Layer, Match
from scanner.pipeline.digest import Digester
from scanner.rules.secrets import SecretRule
from scanner.suppress import InlineIgnore, inline_ignore

if TYPE_CHECKING:
    from scanner.pipeline.legacy import Legacy

# Enough of a line to hold an ignore comment; minified files have lines of megabytes.
_LINE_REACH = 2_000
_DOTS = "\N{MIDDLE DOT}" * 8
# A token this long keeps more than 100 bits when its last two characters are shown.
_SHOW_TAIL_FROM = 24


class Sight(msgspec.Struct, frozen=True):
    """What was found, the same object for every place that shows the same thing."""

    rule: str
    digest: str
    masked: str
    confidence: Confidence
    evidence: tuple[str, ...]


class Sighting(msgspec.Struct, frozen=True):
    """One sight at one position of one content."""

    sight: Sight
    line: int
    column: int
    ignore: InlineIgnore | None = None
    inside: tuple[str, ...] = ()
    """What it is wrapped in there, outermost first."""


class Locator:
    """Turns matches into sightings. One for each thread: it keeps digests it has computed."""

    def __init__(
        self,
        open_digester: Callable[[], Digester],
        rules: Mapping[str, SecretRule],
        legacy: "Legacy | None" = None,
    ) -> None:
        """`legacy` is told of every secret, for the baselines of other tools."""
        # Finding the key may take a walk over the history: only when there is something to digest.
        self._open_digester = open_digester
        self._digester: Digester | None = None
        self._rules = rules
        self._legacy = legacy
        self._identities = Identities()
        self._sights: dict[Sight, Sight] = {}

    def locate(self, batch: Batch, index: int, matches: list[Match]) -> tuple[Sighting, ...]:
        """The sightings of one content, in the order of the matches (which is by position)."""
        lines = _Lines(batch.content(index))
        return tuple(
            self._plain(lines, match) if not match.layers else self._wrapped(lines, match)
            for match in matches
        )

    def _plain(self, lines: "_Lines", match: Match) -> Sighting:
        data = lines.data
        line, column = lines.position(match.start)
        around, previous = _lines_around(data, match.start, match.end)
        return Sighting(
            sight=self._sight(data, match),
            line=line,
            column=column,
            ignore=inline_ignore(around, previous, match.rule),
        )

    def _wrapped(self, lines: "_Lines", match: Match) -> Sighting:
        """Shown where the outermost wrapping stands, or where the text in it maps to."""
        from scanner.detectors.layers import position, unwrap

        data = lines.data
        at = position(data, match.layers, match.start)
        line, column = lines.position(at)
        around, previous = _lines_around(data, at, at)
        return Sighting(
            sight=self._sight(unwrap(data, match.layers), match),
            line=line,
            column=column,
            ignore=inline_ignore(around, previous, match.rule),
            inside=tuple(described(layer) for layer in match.layers),
        )

    def _sight(self, data: bytes, match: Match) -> Sight:
        if self._digester is None:
            self._digester = self._open_digester()
        secret = data[match.start : match.end]
        canonical = self._identities.canonical(match.rule, secret)
        rule = self._rules.get(match.rule)
        guessable = rule is None or rule.generic or not rule.public_prefix
        digest = self._digester.secret(canonical, guessable=guessable)
        if self._legacy is not None:
            line = b"" if match.layers else _whole_line(data, match.start)
            self._legacy.see((match.rule, digest), secret, line)
        sight = Sight(
            rule=match.rule,
            digest=digest,
            masked=masked(secret, rule),
            confidence=match.confidence,
            evidence=(*match.evidence, *self._halves(data, match)),
        )
        # Thousands of versions of one file show the same thing: keep one object.
        return self._sights.setdefault(sight, sight)

    def _halves(self, data: bytes, match: Match) -> Iterator[str]:
        for part in match.parts:
            rule = self._rules.get(part.rule)
            name = rule.name if rule is not None else part.rule
            yield f"{name}: {masked(data[part.start : part.end], rule)}"


def masked(secret: bytes, rule: SecretRule | None) -> str:
    """Public prefix, dots, and for long random tokens the last two characters.

    The number of dots is always the same: the length of a password is a hint.
    """
    if secret.startswith((b"-----BEGIN", b"---- BEGIN")):
        return (
            secret.split(b"\n", 1)[0][:64].decode("ascii", "replace").split("\\n")[0] + " " + _DOTS
        )
    prefix = rule.public_prefix.encode() if rule else b""
    if not prefix or not secret.startswith(prefix):
        return _DOTS
    tail = secret[-2:] if len(secret) - len(prefix) >= _SHOW_TAIL_FROM else b""
    return prefix.decode("ascii", "replace") + _DOTS + tail.decode("ascii", "replace")


def described(layer: Layer) -> str:
    """One wrapping in words, such as `base64` or `zip member docs/.env`."""
    return f"{layer.kind} {layer.detail}" if layer.detail else layer.kind


class _Lines:
    """Counts the lines of one content once, from one match to the next."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._at = 0
        self._line = 1

    def position(self, at: int) -> tuple[int, int]:
        """Line and column, counted from 1."""
        if at < self._at:  # what is wrapped need not be in order
            self._at, self._line = 0, 1
        between = self.data[self._at : at]
        # `count` looks at each byte, `replace` for the next line feed: less than half the time.
        self._line += len(between) - len(between.replace(b"\n", b""))
        self._at = at
        return self._line, at - self.data.rfind(b"\n", 0, at)


def _whole_line(data: bytes, at: int) -> bytes:
    """The line with this offset in it, cut where it is absurdly long."""
    start = data.rfind(b"\n", max(0, at - _LINE_REACH), at) + 1 or max(0, at - _LINE_REACH)
    end = data.find(b"\n", at, at + 2 * _LINE_REACH)
    return data[start : end if end >= 0 else at + 2 * _LINE_REACH]


def _lines_around(data: bytes, start: int, end: int) -> tuple[bytes, bytes]:
    line_start = data.rfind(b"\n", 0, start) + 1
    line_end = data.find(b"\n", end, end + _LINE_REACH)
    if line_end < 0:
        line_end = min(len(data), end + _LINE_REACH)
    # The secret itself is cut out: a comment inside it would not be a comment.
    line = data[max(line_start, start - _LINE_REACH) : start] + b" " + data[end:line_end]
    if line_start == 0:
        return line, b""
    previous_start = data.rfind(b"\n", max(0, line_start - 1 - _LINE_REACH), line_start - 1) + 1
    return line, data[previous_start : line_start - 1]
