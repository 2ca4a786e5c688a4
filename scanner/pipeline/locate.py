"""The one place where secret bytes live: from a content and its matches to sightings without them.

Everything that leaves this module is a digest, a mask, a position or a reason in words.
"""

import hashlib
from collections.abc import Callable, Mapping

import msgspec

from scanner.model import Batch, Confidence, Match
from scanner.pipeline.digest import Digester
from scanner.rules.secrets import SecretRule
from scanner.suppress import Baseline, InlineIgnore, inline_ignore

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
    accepted_paths: frozenset[str] = frozenset()
    """Paths for which a detect-secrets baseline accepts this secret."""


class Sighting(msgspec.Struct, frozen=True):
    """One sight at one position of one content."""

    sight: Sight
    line: int
    column: int
    ignore: InlineIgnore | None = None


class Locator:
    """Turns matches into sightings. One for each thread: it keeps digests it has computed."""

    def __init__(
        self,
        open_digester: Callable[[], Digester],
        rules: Mapping[str, SecretRule],
        baseline: Baseline,
    ) -> None:
        # Finding the key may take a walk over the history: only when there is something to digest.
        self._open_digester = open_digester
        self._digester: Digester | None = None
        self._rules = rules
        self._legacy = baseline.legacy
        self._sights: dict[Sight, Sight] = {}

    def locate(self, batch: Batch, index: int, matches: list[Match]) -> tuple[Sighting, ...]:
        """The sightings of one content, in the order of the matches (which is by position)."""
        data = batch.content(index)
        return tuple(self._sighting(data, match) for match in matches)

    def _sighting(self, data: bytes, match: Match) -> Sighting:
        if self._digester is None:
            self._digester = self._open_digester()
        secret = data[match.start : match.end]
        rule = self._rules.get(match.rule)
        guessable = rule is None or rule.generic or not rule.public_prefix
        sight = Sight(
            rule=match.rule,
            digest=self._digester.secret(_normalised(secret), guessable=guessable),
            masked=masked(secret, rule),
            confidence=match.confidence,
            evidence=match.evidence,
            accepted_paths=self._accepted(secret),
        )
        line_start = data.rfind(b"\n", 0, match.start) + 1
        line, previous = _lines_around(data, line_start, match)
        return Sighting(
            # Thousands of versions of one file show the same thing: keep one object.
            sight=self._sights.setdefault(sight, sight),
            line=data.count(b"\n", 0, match.start) + 1,
            column=match.start - line_start + 1,
            ignore=inline_ignore(line, previous, match.rule),
        )

    def _accepted(self, secret: bytes) -> frozenset[str]:
        if not self._legacy:
            return frozenset()
        # detect-secrets' baseline format names secrets by unsalted SHA-1.
        handle = hashlib.sha1(secret, usedforsecurity=False).hexdigest()
        return self._legacy.get(handle, frozenset())


def _normalised(secret: bytes) -> bytes:
    """The same key with Windows line ends, or escaped inside JSON, is the same secret."""
    if secret.startswith(b"-----BEGIN"):
        return secret.replace(b"\\r", b"").replace(b"\\n", b"\n").replace(b"\r", b"").strip()
    return secret


def masked(secret: bytes, rule: SecretRule | None) -> str:
    """Public prefix, dots, and for long random tokens the last two characters.

    The number of dots is always the same: the length of a password is a hint.
    """
    if secret.startswith(b"-----BEGIN"):
        return (
            secret.split(b"\n", 1)[0][:64].decode("ascii", "replace").split("\\n")[0] + " " + _DOTS
        )
    prefix = rule.public_prefix.encode() if rule else b""
    if not prefix or not secret.startswith(prefix):
        return _DOTS
    tail = secret[-2:] if len(secret) - len(prefix) >= _SHOW_TAIL_FROM else b""
    return prefix.decode("ascii", "replace") + _DOTS + tail.decode("ascii", "replace")


def _lines_around(data: bytes, line_start: int, match: Match) -> tuple[bytes, bytes]:
    line_end = data.find(b"\n", match.end, match.end + _LINE_REACH)
    if line_end < 0:
        line_end = min(len(data), match.end + _LINE_REACH)
    # The secret itself is cut out: a comment inside it would not be a comment.
    start = max(line_start, match.start - _LINE_REACH)
    line = data[start : match.start] + b" " + data[match.end : line_end]
    if line_start == 0:
        return line, b""
    previous_start = data.rfind(b"\n", max(0, line_start - 1 - _LINE_REACH), line_start - 1) + 1
    return line, data[previous_start : line_start - 1]
