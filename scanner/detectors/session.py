"""One thread's scan: both stages, the checks, what is wrapped, and one match for one secret."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from scanner.detectors.joining import Joiner
from scanner.detectors.matcher import Matcher
from scanner.detectors.overlap import Wrapped, resolve, unrefuted, without_echoes
from scanner.detectors.stage1 import Signals, Stage1, Window
from scanner.model import Batch, DataMatch, Match, packed

if TYPE_CHECKING:
    from scanner.detectors.detect_secrets_adapter import DetectSecretsAdapter
    from scanner.detectors.judgement import Judge
    from scanner.detectors.layers import Derived, Limits
    from scanner.detectors.personal import PersonalDetector

_BINARY_PROBE: Final = 8192
_SLICE: Final = 8 << 20
# How triggers are named by those who look closer; these import a lot, so only on a sign.
_LAYER: Final = "layer/"
_PERSONAL: Final = "personal-"


class Seen(NamedTuple):
    """What one batch holds."""

    matches: list[tuple[int, Match]]
    """With the content's index; by content and then by start. Spans of one content do not overlap:
    one secret is one match."""
    suspects: list[int]
    """Contents that may hold personal data in bulk: reading them closely takes too long for each
    version of a file, so that is left to `DetectorSession.people`."""
    unopened: list[tuple[int, str]]
    """Contents of which something could not be unwrapped, with the reason in words."""


class Tools(NamedTuple):
    """What the sessions of one detector share."""

    judge: "Callable[[], Judge]"
    matcher: Matcher
    joiner: Joiner
    adapter: "DetectSecretsAdapter | None"
    limits: "Callable[[], Limits | None]"
    personal: "Callable[[], PersonalDetector | None]"


class DetectorSession:
    """One thread's scanner. Not to be shared."""

    def __init__(self, stage1: Stage1, tools: Tools) -> None:
        self._stage1 = stage1
        self._tools = tools
        self._people: list[DataMatch] | None = None
        """What is found while contents are read closely; None while they are only looked at."""

    def scan(self, batch: Batch) -> list[tuple[int, Match]]:
        """Only the secrets of a batch; see `Seen.matches`."""
        return self.look(batch).matches

    def look(self, batch: Batch) -> Seen:
        """Everything in a batch."""
        return self._look(batch, None)

    def people(self, content: bytes) -> DataMatch | None:
        """Personal data in bulk in one content that was suspect, or in what is packed in it."""
        self._people = []
        try:
            self._look(packed([content]), None)
            return self._people[0] if self._people else None
        finally:
            self._people = None

    def _look(self, batch: Batch, limits: "Limits | None") -> Seen:
        """`limits` are None for what is not wrapped in anything."""
        noticed = self._stage1.look(batch)
        seen = Seen([], [], [])
        for content in sorted({*noticed.windows, *noticed.signals}):
            found = self._scan_content(batch, noticed.windows.get(content, ()))
            signals = noticed.signals.get(content)
            if signals:
                data = batch.content(content)
                if any(name.startswith(_LAYER) for name in signals):
                    left = limits or self._tools.limits()
                    wrapped = self._unwrap(data, signals, left, content, seen) if left else []
                    found = without_echoes(data, found, wrapped) if wrapped else found
                if self._has_people(data, signals, wrapped=limits is not None):
                    seen.suspects.append(content)
            seen.matches.extend((content, match) for match in found)
        return seen

    def _scan_content(self, batch: Batch, windows: Sequence[Window]) -> list[Match]:
        if not windows:
            return []
        judge, adapter = self._tools.judge(), self._tools.adapter
        binary = _is_binary(batch, windows[0].content)
        matches: list[tuple[bool, Match]] = []
        dropped: list[tuple[int, int]] = []
        refuted: list[tuple[int, int]] = []  # what looked like a provider's, but is not
        lines: list[tuple[int, bytes]] = []
        for window in windows:
            if binary and not judge.fits_binary(window.rule):
                continue
            for candidate in self._tools.matcher.candidates(batch, window):
                match = judge.judge(window.rule, candidate)
                if match is not None:
                    matches.append((candidate.rule.generic, match))
                else:
                    low = candidate.origin + candidate.start
                    spans = dropped if candidate.rule.generic else refuted
                    spans.append((low, candidate.origin + candidate.end))
                if adapter is not None and not binary and candidate.line_complete:
                    low, high = candidate.line
                    lines.append((candidate.origin + low, candidate.data[low:high]))
        chosen = resolve(unrefuted(matches, refuted))
        if adapter is not None and lines:
            chosen = adapter.merge(chosen, lines, dropped + refuted)
        return self._tools.joiner.join(chosen, batch, windows[0].content, judge)

    def _unwrap(
        self, data: bytes, signals: Signals, limits: "Limits", content: int, seen: Seen
    ) -> list[Wrapped]:
        """Matches in what is encoded or packed in a content."""
        from scanner.detectors.layers import derive, position, unwrap

        def unopened(reason: str) -> None:
            seen.unopened.append((content, reason))

        wrapped: list[Wrapped] = []
        spent = 0
        for group in _slices(derive(data, signals, limits, unopened)):
            texts = [derived.data for derived in group]
            spent += sum(map(len, texts))
            inner = self._look(packed(texts), limits.inner(spent))
            seen.unopened.extend((content, reason) for _, reason in inner.unopened)
            if inner.suspects:
                seen.suspects.append(content)
            for index, match in inner.matches:
                secret = unwrap(texts[index], match.layers)[match.start : match.end]
                outer = msgspec.structs.replace(match, layers=(group[index].layer, *match.layers))
                wrapped.append(Wrapped(outer, secret, position(data, outer.layers, match.start)))
        return wrapped

    def _has_people(self, data: bytes, signals: Signals, *, wrapped: bool) -> bool:
        """Whether a content is suspect; and if contents are read closely, what it holds."""
        if not any(name.startswith(_PERSONAL) for name in signals):
            return False
        personal = self._tools.personal()
        if personal is None or not personal.suspects(data, signals):
            return False
        if self._people is not None and (match := personal.examine(data, signals)) is not None:
            # What is wrapped has no lines of its own in the file.
            place = {"start": 0, "end": 0} if wrapped else {}
            self._people.append(msgspec.structs.replace(match, **place))
        return True


def _slices(derived: "Iterable[Derived]") -> "Iterator[list[Derived]]":
    """Groups of bounded size, so that an archive's members are never all in memory."""
    group: list[Derived] = []
    size = 0
    for one in derived:
        group.append(one)
        size += len(one.data)
        if size >= _SLICE:
            yield group
            group, size = [], 0
    if group:
        yield group


def _is_binary(batch: Batch, content: int) -> bool:
    """As git judges it: a NUL among the first bytes."""
    start = batch.starts[content]
    end = min(batch.ends[content], start + _BINARY_PROBE)
    return b"\0" in bytes(memoryview(batch.buffer)[start:end])
