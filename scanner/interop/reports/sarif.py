"""SARIF 2.1.0 of any tool, as far as its results speak of secrets.

Format: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html. A result counts when its
tool looks for secrets only, or when its rule says that it is about credentials: a report of a
general analyser is full of other things.
"""

import re
from collections import Counter
from typing import Final
from urllib.parse import unquote, urlsplit

import msgspec

from scanner.interop.reports.gitleaks import is_masked
from scanner.interop.reports.raw import Document, RawSecret

_SECRET_SCANNERS: Final = re.compile(
    r"gitleaks|betterleaks|trufflehog|kingfisher|detect-secrets|noseyparker|nosey parker|titus"
    r"|secretlint|ggshield|gitguardian|credsweeper|whispers|ripsecrets|talisman|secret",
    re.IGNORECASE,
)
# CWE: hard-coded password, cryptographic key, credentials; cleartext storage; weak protection.
_ABOUT_SECRETS: Final = re.compile(
    r"secret|credential|password|passwd|api[-_ ]?key|access[-_ ]?token|private[-_ ]?key"
    r"|cwe-?0*(?:259|312|321|522|798)\b",
    re.IGNORECASE,
)


class Text(msgspec.Struct, frozen=True):
    """A message or snippet."""

    text: str = ""

    def __repr__(self) -> str:
        return "<Text>"


class ReportingRule(msgspec.Struct, frozen=True):
    """A `reportingDescriptor`."""

    id: str = ""
    name: str = ""
    shortDescription: Text = Text()  # noqa: N815 - the format's names, here and below
    properties: dict[str, object] = {}


class Driver(msgspec.Struct, frozen=True):
    """The tool."""

    name: str = ""
    version: str | None = None
    semanticVersion: str | None = None  # noqa: N815
    rules: tuple[ReportingRule, ...] = ()


class ToolPart(msgspec.Struct, frozen=True):
    """`tool`."""

    driver: Driver = Driver()


class Region(msgspec.Struct, frozen=True):
    """Where in the file."""

    startLine: int | None = None  # noqa: N815
    startColumn: int | None = None  # noqa: N815
    snippet: Text = Text()


class Artifact(msgspec.Struct, frozen=True):
    """Which file."""

    uri: str = ""


class PhysicalLocation(msgspec.Struct, frozen=True):
    """File and region."""

    artifactLocation: Artifact = Artifact()  # noqa: N815
    region: Region = Region()


class ResultLocation(msgspec.Struct, frozen=True):
    """One place."""

    physicalLocation: PhysicalLocation = PhysicalLocation()  # noqa: N815


class Result(msgspec.Struct, frozen=True):
    """One result."""

    ruleId: str = ""  # noqa: N815
    ruleIndex: int = -1  # noqa: N815
    kind: str = "fail"
    baselineState: str = ""  # noqa: N815
    locations: tuple[ResultLocation, ...] = ()
    suppressions: tuple[object, ...] | None = None
    partialFingerprints: dict[str, object] = {}  # noqa: N815


class Run(msgspec.Struct, frozen=True):
    """One run of one tool."""

    tool: ToolPart = ToolPart()
    results: tuple[Result, ...] | None = None


class Log(msgspec.Struct, frozen=True):
    """The whole file."""

    runs: tuple[Run, ...]
    version: str = ""


def read(log: Log) -> Document:
    """The results about secrets of all runs."""
    secrets: list[RawSecret] = []
    left_out: Counter[str] = Counter()
    for run in log.runs:
        for result in run.results or ():
            reason = _not_wanted(run, result)
            if reason:
                left_out[reason] += 1
            else:
                secrets += _secrets(run, result)
    names = dict.fromkeys(run.tool.driver.name[:60] or "unnamed tool" for run in log.runs)
    versions = [run.tool.driver.semanticVersion or run.tool.driver.version for run in log.runs]
    notes = [f"{count} results {reason}" for reason, count in sorted(left_out.items())]
    if log.version != "2.1.0":
        notes.append(f"SARIF version {log.version[:20]!r}, read as 2.1.0")
    known = next((version[:40] for version in versions if version), None)
    return Document(", ".join(names) or "unnamed tool", known, secrets, notes)


def _not_wanted(run: Run, result: Result) -> str:
    if result.suppressions:
        return "that are suppressed in the report"
    if result.kind not in ("fail", "") or result.baselineState == "absent":
        return "that report nothing present"
    rule = _rule(run, result)
    about = " ".join(
        (result.ruleId, rule.id, rule.name, rule.shortDescription.text, str(rule.properties))
    )
    if _SECRET_SCANNERS.search(run.tool.driver.name) or _ABOUT_SECRETS.search(about[:20_000]):
        return ""
    return "of rules that are not about secrets"


def _rule(run: Run, result: Result) -> ReportingRule:
    rules = run.tool.driver.rules
    if 0 <= result.ruleIndex < len(rules):
        return rules[result.ruleIndex]
    return next((rule for rule in rules if rule.id == result.ruleId), ReportingRule())


def _secrets(run: Run, result: Result) -> list[RawSecret]:
    rule = _rule(run, result)
    commit = result.partialFingerprints.get("commitSha")
    found = []
    for location in result.locations or (ResultLocation(),):
        place = location.physicalLocation
        snippet = place.region.snippet.text
        # Only gitleaks is known to put the secret itself there; others, its whole line.
        own = run.tool.driver.name.lower() == "gitleaks" and not is_masked(snippet)
        found.append(
            RawSecret(
                rule=result.ruleId or rule.id,
                path=_path(place.artifactLocation.uri),
                line=place.region.startLine,
                column=place.region.startColumn,
                commit=commit if isinstance(commit, str) else None,
                values=(snippet,) if own else (),
                description=rule.shortDescription.text or rule.name,
            )
        )
    return found


def _path(uri: str) -> str:
    try:
        parts = urlsplit(uri)
    except ValueError:
        return uri
    if parts.scheme == "file":
        return unquote(parts.path)
    return uri if parts.scheme else unquote(uri)
