"""Runs secret rules of other tools: keywords, expression, entropy, allowlists, required rules.

What a rule means is gitleaks' own description (https://github.com/gitleaks/gitleaks#configuration).
Two kinds of criteria need to know where a content is, and a batch does not: those are answered by
`ForeignRules.reports`, which is to be asked for every place of a match.
"""

import math
import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final, Literal

from scanner.detectors.foreign_allow import Allowlists, Subject, subject_of
from scanner.detectors.foreign_search import (
    Found,
    Intervals,
    Triggers,
    TriggerScanner,
    matches_anywhere,
    matches_from,
    secret_span,
)
from scanner.errors import ConfigError
from scanner.model import Batch, Confidence, Location, Match, Problem, Severity, Where
from scanner.rules.foreign import ForeignAllowlist, ForeignRule, RequiredRule
from scanner.rules.secrets import SecretRule

PREFIX: Final = "gitleaks:"
_REFERENCE: Final = "https://github.com/gitleaks/gitleaks#configuration"
_NO_FILES: Final = (Where.GIT_FILE, Where.TAG, Where.MESSAGE)
"""Full of git's own ids, which such rules were never written to tell from secrets."""
_Spot = tuple[str, str, int, int]
"""Content, rule, line and column."""


class ForeignRules:
    """Compiled rules of one configuration. Shared by threads; each scans with its own session."""

    def __init__(
        self,
        rules: Sequence[ForeignRule],
        allowlists: Sequence[ForeignAllowlist] = (),
        *,
        source: str,
        engine: Literal["auto", "hyperscan", "re"] = "auto",
        seconds_for_a_rule: float = 20.0,
    ) -> None:
        """`source` names the configuration in evidence and problems.

        Raises `ConfigError` when the engine `hyperscan` is asked for where it does not load.
        """
        self.source = source
        self.seconds_for_a_rule = seconds_for_a_rule
        self.searched = tuple(rule for rule in rules if rule.pattern is not None)
        self.path_rules = tuple(
            rule for rule in rules if rule.pattern is None and rule.path is not None
        )
        """Rules that report files by their path alone."""
        self.compiled = tuple(
            re.compile(rule.pattern.expression) for rule in self.searched if rule.pattern
        )
        self._paths = {
            rule.id: re.compile(rule.path.expression) for rule in rules if rule.path is not None
        }
        general = [allowlist for allowlist in allowlists if not allowlist.rules]
        everything = list(general)
        self._for_all = tuple(range(len(general)))
        self._for_rule: dict[str, tuple[int, ...]] = {}
        for rule in rules:
            aimed = [allowlist for allowlist in allowlists if rule.id in allowlist.rules]
            first = len(everything)
            everything += [*rule.allowlists, *aimed]
            self._for_rule[rule.id] = (*self._for_all, *range(first, len(everything)))
        self.allowlists = Allowlists(everything)
        self.triggers = _triggers(self.searched, engine)
        self._waived: dict[_Spot, tuple[int, ...]] = {}
        self._stopped: dict[str, Problem] = {}

    @property
    def rules(self) -> Mapping[str, SecretRule]:
        """By id, what a finding says of the rules that matches name."""
        return MappingProxyType(
            {
                PREFIX + rule.id: SecretRule(
                    id=PREFIX + rule.id,
                    name=rule.description or rule.id,
                    pattern=rule.pattern.source if rule.pattern else "",
                    references=(_REFERENCE,),
                    examples=(),
                    counter_examples=(),
                    severity=Severity.HIGH,
                    confidence=Confidence.MEDIUM,
                    boundary="",
                    rotate="Revoke it where it was issued, and issue a new one.",
                )
                for rule in self.searched
                if rule.reported
            }
        )

    @property
    def bound_to_paths(self) -> frozenset[str]:
        """Ids of the rules that `reports` refuses outside the paths they name."""
        return frozenset(PREFIX + name for name in self._paths)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Rules that were stopped because they took too long; complete after the scan."""
        return tuple(self._stopped[name] for name in sorted(self._stopped))

    def session(self) -> "ForeignSession":
        """A scanner for one thread."""
        return ForeignSession(self, self.triggers.scanner() if self.triggers else None)

    def allowlists_of(self, rule: str) -> tuple[int, ...]:
        """Indices of the allowlists for a rule, by the id that matches name; ours have the general
        ones."""
        return (
            self._for_rule.get(rule.removeprefix(PREFIX), self._for_all)
            if (rule.startswith(PREFIX))
            else self._for_all
        )

    def asks_of(self, rule: str, place: Location) -> bool:
        """Whether a rule is for such a place at all; one of ours is for any."""
        if not rule.startswith(PREFIX):
            return True
        path = self._paths.get(rule.removeprefix(PREFIX))
        fits = path is None or path.search(_bytes(place.path)) is not None
        return fits and place.where not in _NO_FILES

    def reports(self, rule: str, place: Location) -> bool:
        """Whether a match of a rule (foreign or ours) is to be reported at a place, as far as path
        and commit go. To be asked after the scan, for every place."""
        if not self.asks_of(rule, place):
            return False
        allows = self.allowlists
        if any(
            allows.allows_place(index, place.path, place.commit)
            for index in self.allowlists_of(rule)
        ):
            return False
        content = f"message:{place.commit}" if place.where is Where.MESSAGE else place.blob or ""
        waived = self._waived.get((content, rule, place.line or 0, place.column or 0), ())
        return not any(allows.fits_place(index, place.path, place.commit) for index in waived)

    def fitting_paths(self, paths: Iterable[str]) -> Iterator[tuple[ForeignRule, str]]:
        """The files that a rule reports by their path alone, and that no allowlist allows."""
        for path in paths:
            for rule in self.path_rules:
                place = Location(Where.WORKTREE, path)
                if rule.reported and self.reports(PREFIX + rule.id, place):
                    yield rule, path

    def waive(self, spot: _Spot, allowlists: tuple[int, ...]) -> None:
        """Note that `allowlists` allow a match in the places they name."""
        self._waived[spot] = allowlists

    def stop(self, rule: ForeignRule) -> None:
        """Run a rule no more."""
        self._stopped[rule.id] = Problem(
            "detector",
            self.source,
            f"rule {rule.id!r} took more than {self.seconds_for_a_rule:.2g} seconds: "
            "not run on the rest",
            hint="simplify its regex, or give it keywords",
        )

    def is_stopped(self, rule: ForeignRule) -> bool:
        """Whether a rule took too long."""
        return rule.id in self._stopped


def _bytes(path: str) -> bytes:
    return path.encode("utf-8", "surrogateescape")


def _triggers(rules: Sequence[ForeignRule], engine: str) -> Triggers | None:
    if engine == "re" or not rules:
        return None
    try:
        return Triggers(rules)
    except (ImportError, OSError) as error:
        if engine == "auto":
            return None
        raise ConfigError(
            f"the engine hyperscan does not load here: {error}", hint="use the engine re"
        ) from error


class ForeignSession:
    """One thread's scanner. Not to be shared."""

    def __init__(self, rules: ForeignRules, scanner: TriggerScanner | None) -> None:
        self.rules = rules
        self._scanner = scanner
        self._spent = [0.0] * len(rules.searched)
        self._keywords = tuple(
            tuple(word.encode("utf-8", "surrogateescape") for word in rule.keywords)
            for rule in rules.searched
        )

    def scan(self, batch: Batch) -> list[tuple[int, Match]]:
        """All matches as (content index, match), by content and then by start. Matches of two rules
        may overlap."""
        intervals = self._scanner.intervals(batch) if self._scanner else None
        covered = self.rules.triggers.covered if self.rules.triggers else frozenset()
        if intervals is None:
            intervals, covered = {}, frozenset()
        everywhere = [index for index in range(len(self.rules.searched)) if index not in covered]
        touched: dict[int, dict[int, Intervals | None]] = {}
        for (content, rule), where in intervals.items():
            touched.setdefault(content, {})[rule] = where
        results: list[tuple[int, Match]] = []
        for content in range(len(batch)) if everywhere else sorted(touched):
            data = batch.content(content)
            spans = touched.get(content, {}) | dict.fromkeys(everywhere)
            found = self._found(data, spans)
            blob = batch.blobs[content]
            results += ((content, match) for match in self._matches(data, blob, found))
        return results

    def allows(self, batch: Batch, content: int, match: Match) -> bool:
        """Whether the configuration's general allowlists allow a match of ours."""
        indices = self.rules.allowlists_of(match.rule)
        if not indices or match.layers:
            return False
        span = (match.start, match.end)
        return self._allowed(indices, batch.content(content), batch.blobs[content], match, span)

    def _found(self, data: bytes, spans: Mapping[int, Intervals | None]) -> dict[int, list[Found]]:
        lower: bytes | None = None
        found: dict[int, list[Found]] = {}
        for index in sorted(spans):
            rule = self.rules.searched[index]
            if self.rules.is_stopped(rule):
                continue
            if self._keywords[index]:
                lower = data.lower() if lower is None else lower
                if not any(word in lower for word in self._keywords[index]):
                    continue
            hits = list(self._timed(index, data, spans[index]))
            if hits:
                found[index] = hits
        return found

    def _timed(self, index: int, data: bytes, where: Intervals | None) -> Iterator[Found]:
        rule, pattern = self.rules.searched[index], self.rules.compiled[index]
        assert rule.pattern is not None
        begun = time.monotonic()
        matches = (
            matches_anywhere(pattern, data, rule.pattern.width)
            if where is None
            else matches_from(pattern, data, where)
        )
        for match in matches:
            now = time.monotonic()
            self._spent[index] += now - begun
            begun = now
            if self._spent[index] > self.rules.seconds_for_a_rule:
                self.rules.stop(rule)
                return
            if match is None:
                continue
            span = secret_span(match, rule.secret_group)
            secret = data[span.secret_start : span.secret_end]
            if secret and (not rule.entropy or shannon(secret) > rule.entropy):
                yield span
        self._spent[index] += time.monotonic() - begun

    def _matches(self, data: bytes, blob: str, found: Mapping[int, Sequence[Found]]) -> list[Match]:
        by_id = {self.rules.searched[index].id: spans for index, spans in found.items()}
        matches: list[Match] = []
        for index, spans in found.items():
            rule = self.rules.searched[index]
            if not rule.reported:
                continue
            indices = self.rules.allowlists_of(PREFIX + rule.id)
            for span in spans:
                if not all(_is_near(data, span, need, by_id) for need in rule.required):
                    continue
                match = _match(rule, span, self.rules.source)
                if not self._allowed(indices, data, blob, match, (span.start, span.end)):
                    matches.append(match)
        return sorted(matches, key=lambda match: (match.start, match.end, match.rule))

    def _allowed(
        self,
        indices: Sequence[int],
        data: bytes,
        blob: str,
        match: Match,
        span: tuple[int, int],
    ) -> bool:
        if not indices:
            return False
        allowlists = self.rules.allowlists
        subject: Subject = subject_of(data, (match.start, match.end), span)
        if any(allowlists.allows(index, subject) for index in indices):
            return True
        waived = tuple(index for index in indices if allowlists.allows_in_places(index, subject))
        if waived:
            line, column = _position(data, match.start)
            self.rules.waive((blob, match.rule, line, column), waived)
        return False


def _match(rule: ForeignRule, span: Found, source: str) -> Match:
    evidence = [f"rule of {source}"]
    if rule.tags:
        evidence.append(f"tagged {', '.join(rule.tags)}")
    if rule.required:
        names = ", ".join(need.rule for need in rule.required)
        evidence.append(f"what it requires is nearby: {names}")
    return Match(
        rule=PREFIX + rule.id,
        start=span.secret_start,
        end=span.secret_end,
        confidence=Confidence.MEDIUM,
        evidence=tuple(evidence),
    )


def _is_near(
    data: bytes, span: Found, need: RequiredRule, found: Mapping[str, Sequence[Found]]
) -> bool:
    """Whether the required rule matches within the lines and columns it is asked for."""
    others = found.get(need.rule, ())
    if need.lines is None and need.columns is None:
        return bool(others)
    line, column = _position(data, span.start)
    for other in others:
        other_line, other_column = _position(data, other.start)
        if need.lines is not None and abs(other_line - line) > need.lines:
            continue
        if need.columns is not None and abs(other_column - column) > need.columns:
            continue
        return True
    return False


def _position(data: bytes, offset: int) -> tuple[int, int]:
    return data.count(b"\n", 0, offset) + 1, offset - data.rfind(b"\n", 0, offset)


def shannon(data: bytes) -> float:
    """Bits a byte, by the frequencies of the bytes themselves."""
    total = len(data)
    return -sum(count / total * math.log2(count / total) for count in Counter(data).values())
