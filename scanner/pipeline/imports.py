"""Joins the reports of other tools with our own findings.

What both saw is one finding, with the other tool as evidence. What only the other tool saw becomes
a finding of its own, if the place it names is there; it then gets reach, severity and a record like
any other. Nothing of a report is believed about the repository that the repository does not bear
out, and an entry whose place is not there is a problem, not a finding.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec

from scanner.interop.reports import Digests, ImportedReport, ImportedSecret
from scanner.model import Confidence, Evidence, Finding, Location, Problem, Severity
from scanner.pipeline.digest import Digester
from scanner.pipeline.findings import FindingBuilder
from scanner.pipeline.import_places import FoundPlace, Ground, Places
from scanner.pipeline.locate import Sight, masked
from scanner.pipeline.places import LOCATIONS_PER_FINDING, SecretPlaces
from scanner.pipeline.provenance import Provenance
from scanner.rules.secrets import SecretRule

_MOST_PROBLEMS: Final = 20
_REFERENCES: Final[Mapping[str, str]] = {
    "gitleaks": "https://github.com/gitleaks/gitleaks",
    "trufflehog": "https://github.com/trufflesecurity/trufflehog",
    "kingfisher": "https://github.com/mongodb/kingfisher",
    "detect-secrets": "https://github.com/Yelp/detect-secrets",
}
_UNKNOWN_TOOL: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html"


class Joined(NamedTuple):
    """Findings with the reports worked in."""

    findings: tuple[Finding, ...]
    """Ours first, in their order, then those that only reports have."""
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    """For `Coverage.notes`."""
    suppressed: int
    """Entries that a comment beside them asks to ignore."""


def imported_digests(digester: Digester, normalised: Callable[[bytes], bytes] = bytes) -> Digests:
    """What `read_report` is to be given: the digests that our own findings of a secret could have,
    the one for a value that a person may have chosen first.

    `normalised` is the locating function's, so that both see the same bytes.
    """

    def digests(secret: bytes, /) -> tuple[str, ...]:
        plain = normalised(secret)
        both = (digester.secret(plain, guessable=flag) for flag in (True, False))
        return tuple(dict.fromkeys(both))

    return digests


def rule_id(secret: ImportedSecret) -> str:
    """The id of the rule of an imported finding: `tool:rule`, lower case."""
    tool = re.sub(r"[^a-z0-9]+", "-", secret.tool.lower()).strip("-") or "tool"
    rule = re.sub(r"[^a-z0-9_.]+", "-", secret.rule.lower()).strip("-") or "rule"
    return f"{tool}:{rule}"


def imported_rules(reports: Iterable[ImportedReport]) -> dict[str, SecretRule]:
    """What findings say of the rules that reports name, by id; for `FindingBuilder`."""
    rules: dict[str, SecretRule] = {}
    for report in reports:
        for secret in report.secrets:
            name = rule_id(secret)
            if name not in rules:
                rules[name] = SecretRule(
                    id=name,
                    name=secret.description or f"{secret.rule} ({secret.tool})",
                    pattern="",
                    references=(_REFERENCES.get(secret.tool, _UNKNOWN_TOOL),),
                    examples=(),
                    counter_examples=(),
                    severity=Severity.HIGH,
                    confidence=Confidence.MEDIUM,
                    boundary="",
                    rotate="Revoke it where it was issued, and issue a new one.",
                )
    return rules


def join_imports(
    reports: Sequence[ImportedReport],
    findings: Sequence[Finding],
    builder: FindingBuilder,
    digester: Digester,
    ground: Ground,
) -> Joined:
    """Work the reports into the findings. `builder` must know `imported_rules(reports)`."""
    joiner = _Joiner(findings, digester, Places(ground), ground.excluded)
    for report in reports:
        for secret in report.secrets:
            joiner.add(report, secret)
    own = tuple(joiner.confirmed(index, finding) for index, finding in enumerate(findings))
    new = tuple(group.finding(builder) for group in joiner.groups.values())
    problems = [problem for report in reports for problem in report.problems]
    notes = [
        f"{report.source}: {_counted(report.secrets)} of {_named(report)} taken in"
        for report in reports
    ]
    notes += [f"{report.source}: left out: {note}" for report in reports for note in report.notes]
    return Joined(
        (*own, *new),
        (*problems, *joiner.problems()),
        tuple(notes),
        joiner.suppressed,
    )


def _counted(entries: Sequence[object]) -> str:
    return f"{len(entries)} {'entry' if len(entries) == 1 else 'entries'}"


def _named(report: ImportedReport) -> str:
    return f"{report.tool} {report.version}" if report.version else report.tool


class _Group:
    """The entries of one secret that we did not find ourselves."""

    def __init__(self, rule: str, digest: str) -> None:
        self._key = (rule, digest)
        self._locations: dict[Location, None] = {}
        self._evidence: dict[str, None] = {}
        self._confidence: list[Confidence] = []

    def add(self, report: ImportedReport, secret: ImportedSecret, place: FoundPlace) -> None:
        self._locations.setdefault(place.location)
        said = f"reported by {secret.tool} as {secret.rule} ({report.source})"
        self._evidence.update(dict.fromkeys((said, *_verification(secret), *place.notes)))
        self._confidence.append(_confidence(secret))

    def finding(self, builder: FindingBuilder) -> Finding:
        confidence = max(self._confidence, key=lambda level: level.rank)
        sight = Sight(
            rule=self._key[0],
            digest=self._key[1],
            masked=masked(b"", None),
            confidence=confidence,
            evidence=tuple(self._evidence),
        )
        locations = tuple(self._locations)
        places = SecretPlaces(
            sight=sight,
            locations=locations[:LOCATIONS_PER_FINDING],
            ignored=(),
            refused=(),
            dropped=max(0, len(locations) - LOCATIONS_PER_FINDING),
        )
        return builder.secret(self._key, places, Provenance({}))


class _Joiner:
    """Takes entry by entry."""

    def __init__(
        self,
        findings: Sequence[Finding],
        digester: Digester,
        places: Places,
        excluded: Callable[[str], bool],
    ) -> None:
        self._digester = digester
        self._places = places
        self._excluded = excluded
        self._by_digest: dict[str, list[int]] = {}
        self._by_line: dict[tuple[str, int], list[int]] = {}
        for index, finding in enumerate(findings):
            if finding.secret is None:
                continue
            self._by_digest.setdefault(finding.secret.digest, []).append(index)
            for place in finding.locations:
                if place.line is not None:
                    self._by_line.setdefault((place.path, place.line), []).append(index)
        self._said: dict[int, dict[Evidence, None]] = {}
        self._verified: set[int] = set()
        self._missing: list[Problem] = []
        self.groups: dict[str, _Group] = {}
        self.suppressed = 0

    def add(self, report: ImportedReport, secret: ImportedSecret) -> None:
        """Join one entry to a finding of ours, or to those that only reports have."""
        rule = rule_id(secret)
        known = {index for digest in secret.digests for index in self._by_digest.get(digest, ())}
        place = None if known else self._places.find(secret, rule)
        if not known and place is not None:
            known = self._in_line(secret, place.location)
        if known:
            for index in known:
                self._confirm(index, report, secret)
            return
        if place is None:
            where = f"{report.source}: {secret.path or 'no path'}"
            reason = f"{secret.tool} reports {secret.rule} here, but there is no such file"
            self._missing.append(Problem("source", where, reason))
            return
        if self._excluded(place.location.path):
            return
        if place.ignore is not None and place.ignore.honoured:
            self.suppressed += 1
            return
        digest = secret.digests[0] if secret.digests else self._stand_in(secret, place.location)
        group = self.groups.setdefault(digest, _Group(rule, digest))
        group.add(report, secret, place)

    def _in_line(self, secret: ImportedSecret, place: Location) -> set[int]:
        """Our findings in the same line, for an entry that does not say which secret it means. One
        that does means ours if it is the only one there: tools cut secrets differently."""
        here = set(self._by_line.get((place.path, place.line or 0), ()))
        return here if not secret.digests or len(here) == 1 else set()

    def _stand_in(self, secret: ImportedSecret, place: Location) -> str:
        """Instead of the digest of a secret that the report does not show: entries for one line
        belong together, whoever made them."""
        if secret.sha1 is not None:
            return self._digester.subject("imported", secret.sha1)
        where = place.path, str(place.line or 0)
        return self._digester.subject("imported", *where, "" if place.line else rule_id(secret))

    def _confirm(self, index: int, report: ImportedReport, secret: ImportedSecret) -> None:
        said = self._said.setdefault(index, {})
        said.setdefault(
            Evidence(f"also reported by {secret.tool} as {secret.rule}", source=report.source)
        )
        for text in _verification(secret):
            said.setdefault(Evidence(text, source=report.source))
        if secret.verified:
            self._verified.add(index)

    def confirmed(self, index: int, finding: Finding) -> Finding:
        """A finding of ours with what reports said of it."""
        said = self._said.get(index)
        if said is None:
            return finding
        return msgspec.structs.replace(
            finding,
            evidence=(*finding.evidence, *said),
            confidence=Confidence.HIGH if index in self._verified else finding.confidence,
        )

    def problems(self) -> tuple[Problem, ...]:
        """Entries whose place is not there; many are counted."""
        problems = list(dict.fromkeys(self._missing))
        if len(problems) <= _MOST_PROBLEMS:
            return tuple(problems)
        more = len(problems) - _MOST_PROBLEMS
        last = Problem("source", "imported reports", f"{more} more entries name files not here")
        return (*problems[:_MOST_PROBLEMS], last)


def _confidence(secret: ImportedSecret) -> Confidence:
    if secret.verified is None:
        return Confidence.MEDIUM
    return Confidence.HIGH if secret.verified else Confidence.LOW


def _verification(secret: ImportedSecret) -> tuple[str, ...]:
    if secret.verified is None:
        return ()
    outcome = "accepted" if secret.verified else "refused"
    return (f"{secret.tool} tried it when it made the report: the provider {outcome} it",)
