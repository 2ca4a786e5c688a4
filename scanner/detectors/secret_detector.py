"""Rules in, matches out: the two stages, the checks, and one match for one secret."""

from bisect import bisect_left, insort
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

from scanner.detectors.compiled import Compiled, compile_plans, load_or_compile
from scanner.detectors.detect_secrets_adapter import DetectSecretsAdapter, adapter_rules
from scanner.detectors.matcher import HyperscanStage1, Matcher, ReStage1, Stage1, Window
from scanner.errors import ConfigError
from scanner.model import Batch, Confidence, Match
from scanner.rules.secrets import SecretRule

_BINARY_PROBE: Final = 8192

if TYPE_CHECKING:
    from scanner.detectors.judgement import Judge

Engine = Literal["auto", "hyperscan", "re"]


class SecretDetector:
    """Finds secrets by rules. Immutable once made; each thread scans with a session of its own."""

    def __init__(
        self,
        rules: Sequence[SecretRule],
        *,
        engine: Engine = "auto",
        cache_directory: Path | None = None,
        adapter: bool = True,
    ) -> None:
        """Raises `RuleError` for a pattern that cannot be used, and `ConfigError` when the engine
        `hyperscan` is asked for where it does not load.

        `cache_directory` is created (mode 0700) when needed and holds the compiled patterns.
        `adapter` lets detect-secrets judge the lines of candidates too.
        """
        self._rules = tuple(rules)
        self._matcher = Matcher(self._rules)
        self._compiled = self._load(engine, cache_directory)
        self._plans = self._compiled.plans if self._compiled else compile_plans(self._rules)
        self._adapter = DetectSecretsAdapter() if adapter else None
        known = {rule.id: rule for rule in (*adapter_rules(), *self._rules)}
        self._known = MappingProxyType(known)

    @cached_property
    def judge(self) -> "Judge":
        """The rules' checks. Most staged scans have no candidate, and never load them.

        Raises `RuleError` for a check that does not exist.
        """
        from scanner.detectors.judgement import Judge

        return Judge(self._rules)

    @property
    def engine(self) -> Literal["hyperscan", "re"]:
        """What does stage 1; for the report."""
        return "hyperscan" if self._compiled else "re"

    @property
    def rules(self) -> Mapping[str, SecretRule]:
        """By id, every rule a match may name: those given and those of detect-secrets' plugins."""
        return self._known

    def session(self) -> "DetectorSession":
        """A scanner for one thread."""
        return DetectorSession(self, self._stage1(), self._matcher, self._adapter)

    def _load(self, engine: Engine, cache_directory: Path | None) -> Compiled | None:
        if engine == "re" or not self._rules:
            return None
        try:
            return load_or_compile(self._rules, cache_directory)
        except (ImportError, OSError) as error:
            if engine == "auto":
                return None
            raise ConfigError(
                f"the engine hyperscan does not load here: {error}", hint="use the engine re"
            ) from error

    def _stage1(self) -> Stage1:
        if self._compiled is None:
            return ReStage1(self._plans)
        import hyperscan

        scratch: Any = hyperscan.Scratch(self._compiled.database)
        return HyperscanStage1(self._plans, self._compiled.database, scratch)


class DetectorSession:
    """One thread's scanner. Not to be shared."""

    def __init__(
        self,
        detector: SecretDetector,
        stage1: Stage1,
        matcher: Matcher,
        adapter: DetectSecretsAdapter | None,
    ) -> None:
        self._detector = detector
        self._stage1 = stage1
        self._matcher = matcher
        self._adapter = adapter

    def scan(self, batch: Batch) -> list[tuple[int, Match]]:
        """All matches as (content index, match), by content and then by start. Spans of one
        content do not overlap: one secret is one match."""
        by_content: dict[int, list[Window]] = {}
        for window in self._stage1.windows(batch):
            by_content.setdefault(window.content, []).append(window)
        results: list[tuple[int, Match]] = []
        for content in sorted(by_content):
            for match in self._scan_content(batch, by_content[content]):
                results.append((content, match))  # noqa: PERF401
        return results

    def _scan_content(self, batch: Batch, windows: list[Window]) -> list[Match]:
        judge = self._detector.judge
        binary = _is_binary(batch, windows[0].content)
        matches: list[tuple[bool, Match]] = []
        dropped: list[tuple[int, int]] = []
        refuted: list[tuple[int, int]] = []  # what looked like a provider's, but is not
        lines: list[tuple[int, bytes]] = []
        for window in windows:
            if binary and not judge.fits_binary(window.rule):
                continue
            for candidate in self._matcher.candidates(batch, window):
                match = judge.judge(window.rule, candidate)
                if match is not None:
                    matches.append((candidate.rule.generic, match))
                else:
                    low = candidate.origin + candidate.start
                    spans = dropped if candidate.rule.generic else refuted
                    spans.append((low, candidate.origin + candidate.end))
                if self._adapter is not None and not binary and candidate.line_complete:
                    low, high = candidate.line
                    lines.append((candidate.origin + low, candidate.data[low:high]))
        chosen = resolve(_unrefuted(matches, refuted))
        if self._adapter is not None and lines:
            chosen = self._adapter.merge(chosen, lines, dropped + refuted)
        return chosen


def _is_binary(batch: Batch, content: int) -> bool:
    """As git judges it: a NUL among the first bytes."""
    start = batch.starts[content]
    end = min(batch.ends[content], start + _BINARY_PROBE)
    return b"\0" in bytes(memoryview(batch.buffer)[start:end])


def _unrefuted(
    matches: Sequence[tuple[bool, Match]], refuted: Sequence[tuple[int, int]]
) -> list[tuple[bool, Match]]:
    """Without the generic matches on what a specific rule knows to be no secret: a token whose
    checksum does not fit stays dropped, whatever name stands before it."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(refuted):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    kept: list[tuple[bool, Match]] = []
    for generic, match in matches:
        at = bisect_left(joined, (match.end, 0)) - 1  # the last span that starts before its end
        if not generic or at < 0 or joined[at][1] <= match.start:
            kept.append((generic, match))
    return kept


def resolve(matches: Sequence[tuple[bool, Match]]) -> list[Match]:
    """One match for one secret: of spans that overlap, a specific rule beats a generic one, then
    higher confidence, then the longer span, then the earlier. Sorted by start."""
    ranked = sorted(
        matches,
        key=lambda item: (
            item[0],
            -_rank(item[1].confidence),
            item[1].start - item[1].end,
            item[1].start,
            item[1].rule,
        ),
    )
    kept: list[tuple[int, int]] = []
    chosen: list[Match] = []
    for _, match in ranked:
        at = bisect_left(kept, (match.start, match.end))
        overlaps_next = at < len(kept) and kept[at][0] < match.end
        overlaps_previous = at > 0 and kept[at - 1][1] > match.start
        if overlaps_next or overlaps_previous:
            continue
        insort(kept, (match.start, match.end))
        chosen.append(match)
    chosen.sort(key=lambda match: match.start)
    return chosen


def _rank(confidence: Confidence) -> int:
    return confidence.rank
