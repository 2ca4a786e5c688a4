"""SARIF 2.1.0, as GitHub code scanning reads it; limits and choices in docs/output.md."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import BinaryIO
from urllib.parse import quote

import msgspec

from scanner.model import Category, Finding, Location, Report, Severity, Where
from scanner.sinks import _sarif as sarif
from scanner.sinks._describe import (
    CATEGORIES,
    VERDICTS,
    by,
    count,
    event,
    flow,
    instant,
    place,
    sights,
    standing,
)
from scanner.sinks._options import Options
from scanner.sinks._printable import printable

RESULTS = 25_000
"""GitHub refuses a run with more."""
PLACES = 1_000
"""Locations a result may have; GitHub refuses more, and shows 100."""
STEPS = 1_000
"""Locations of a flow; GitHub shows no more."""
NOTIFICATIONS = 1_000
"""Our own bound: the rest is counted in a last one."""

_ROOT = "%SRCROOT%"

_LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}

# In the middle of GitHub's bands: above 9.0 critical, 7.0 high, 4.0 medium, 0.1 low.
_SCORES = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "2.0",
    Severity.INFO: "0.1",
}

_PROBLEM_SEVERITY = {"error": "error", "warning": "warning", "note": "recommendation"}

# CWE 200: exposure of sensitive information; 693: protection mechanism failure; 798: hard-coded
# credentials.
_WEAKNESSES = {
    Category.DATA_EXFILTRATION: ("external/cwe/cwe-200",),
    Category.AGENT_OVERREACH: ("external/cwe/cwe-693",),
    Category.CREDENTIAL_EXPOSURE: ("external/cwe/cwe-798",),
}

_SEMANTIC_VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)([-+][0-9A-Za-z.+-]+)?")


def write(report: Report, stream: BinaryIO, options: Options) -> None:
    """Write one log with one run."""
    shown = report.findings[:RESULTS]
    rules = {finding.rule: number for number, finding in enumerate(_first_of_rule(shown))}
    anchors = _Anchors(report, options.anchor)
    run = sarif.Run(
        tool=sarif.Tool(driver=_driver(report, shown)),
        automation_details=sarif.AutomationDetails(id="agentreach/"),
        original_uri_base_ids={
            _ROOT: sarif.ArtifactLocation(description=_message("The root of the repository."))
        },
        invocations=[_invocation(report, options.exit_code)],
        results=[_result(finding, report, rules, anchors) for finding in shown],
        properties=sarif.RunProperties(
            head=_optional(report.repository.head),
            rules_digest=printable(report.tool.rules),
            agents=[printable(agent.agent) for agent in report.agents],
            commits=report.coverage.commits,
            blobs=report.coverage.blobs,
            files=report.coverage.files,
            notes=[printable(note) for note in report.coverage.notes],
        ),
    )
    log = sarif.Log(schema=sarif.SCHEMA, version=sarif.VERSION, runs=[run])
    stream.write(msgspec.json.format(msgspec.json.encode(log), indent=1))
    stream.write(b"\n")


# ------------------------------------------------------------------------------ rules


def _first_of_rule(findings: Iterable[Finding]) -> Iterator[Finding]:
    """One finding for each rule, the most severe: findings come in that order."""
    seen: set[str] = set()
    for finding in findings:
        if finding.rule not in seen:
            seen.add(finding.rule)
            yield finding


def _driver(report: Report, findings: Iterable[Finding]) -> sarif.Driver:
    version = printable(report.tool.version) or "unknown"
    return sarif.Driver(
        name="agentreach",
        version=version,
        semantic_version=version if _SEMANTIC_VERSION.fullmatch(version) else None,
        rules=[_rule(finding) for finding in _first_of_rule(findings)],
    )


def _rule(finding: Finding) -> sarif.Rule:
    name = printable(finding.secret.kind if finding.secret is not None else finding.title)
    level = _LEVELS[finding.severity]
    category = f"Category {finding.category.value}, {CATEGORIES[finding.category]}"
    addresses = [address for address in finding.references if address.startswith("https://")]
    advice = (*finding.remediation, *(f"See {address}" for address in addresses))
    return sarif.Rule(
        id=printable(finding.rule),
        short_description=_message(name, 200),
        full_description=_message(f"{category}: {name}.", 1000),
        help=_message("\n".join(map(printable, advice)) or f"{name}. {category}."),
        help_uri=_address(addresses[0]) if addresses else None,
        default_configuration=sarif.Configuration(level=level),
        properties=sarif.RuleProperties(
            tags=_tags(finding.category),
            precision=finding.confidence.value,
            security_severity=_SCORES[finding.severity],
            problem_severity=_PROBLEM_SEVERITY[level],
        ),
    )


def _tags(category: Category) -> list[str]:
    own = f"ai-incident/category-{category.value}"
    return ["security", own, *_WEAKNESSES.get(category, ())]


# ------------------------------------------------------------------------------ results


def _result(
    finding: Finding, report: Report, rules: Mapping[str, int], anchors: "_Anchors"
) -> sarif.Result:
    location = anchors.best(finding)
    identity = printable(location.fingerprint or finding.fingerprint)
    others = [place for place in finding.locations if place is not location and _in_tree(place)]
    return sarif.Result(
        rule_id=printable(finding.rule),
        rule_index=rules[finding.rule],
        level=_LEVELS[finding.severity],
        message=_message(_explain(finding, report)),
        locations=[sarif.Location(physical_location=anchors.physical(location))],
        related_locations=[
            _located(other.path, other.line, f"{place(other)}, {standing(other)}", number)
            for number, other in enumerate(others[: PLACES - 1], 1)
        ],
        code_flows=_code_flows(finding),
        partial_fingerprints={
            # GitHub would compute an unkeyed hash of the line, which lets anyone test guesses of
            # the secret; it keeps a value that is there already.
            "primaryLocationLineHash": f"{identity}:1",
            "agentreach/v1": printable(finding.fingerprint),
        },
        properties=sarif.ResultProperties(
            severity=finding.severity.value,
            confidence=finding.confidence.value,
            category=finding.category.value,
            where=location.where.value,
            tags=_tags(finding.category),
            commit=_optional(location.commit),
            task=_optional(finding.task),
            incident=_optional(finding.incident),
        ),
    )


def _explain(finding: Finding, report: Report) -> str:
    """The finding in a few sentences: a reader of an alert sees only this."""
    first = finding.locations[0]
    title = printable(finding.title)
    if finding.secret is not None and finding.secret.masked:
        title += f" ({printable(finding.secret.masked)})"
    sentences = [f"{title}: {place(first)}, {standing(first)}."]
    if len(finding.locations) > 1:
        sentences.append(f"Also in {count(len(finding.locations) - 1, 'other place')}.")
    for group in sights(finding.reach, report.agents):
        widest = group.sights[0]
        sentences.append(
            f"{', '.join(group.agents)}: {VERDICTS[widest.verdict]} via "
            f"{', '.join(widest.channels)}" + (f" ({widest.why})." if widest.why else ".")
        )
    if finding.introduced is not None:
        sentences.append(f"Introduced by {event(finding.introduced)}.")
    who = by(finding.attribution)
    if who is not None:
        sentences.append(f"Commit marks: {who}.")
    if finding.incident:
        sentences.append(f"Candidate record {printable(finding.incident)}.")
    return " ".join(sentences)


def _located(path: str, line: int | None, safe: str, number: int | None = None) -> sarif.Location:
    return sarif.Location(
        id=number, physical_location=_physical(path, line), message=_message(safe)
    )


def _code_flows(finding: Finding) -> list[sarif.CodeFlow]:
    steps = flow(finding)
    if not steps:
        return []
    kept = (*steps[: STEPS - 1], steps[-1]) if len(steps) > STEPS else steps
    locations = [
        sarif.ThreadFlowLocation(location=_located(path, line, printable(text)))
        for path, line, text in kept
    ]
    return [sarif.CodeFlow(thread_flows=[sarif.ThreadFlow(locations=locations)])]


# ------------------------------------------------------------------------------ anchors


class _Anchors:
    """Chooses the place in the tree that a result points at.

    A viewer can only open a file that exists. In order: a place of the finding that exists; the
    same path where the report knows it to exist; the caller's anchor; and only then the path that
    is gone. The message always states the true place.
    """

    def __init__(self, report: Report, fallback: str | None) -> None:
        self._fallback = fallback
        self._known = {
            location.path
            for finding in report.findings
            for location in finding.locations
            if _in_tree(location)
        }

    def best(self, finding: Finding) -> Location:
        """The first place that exists, else the first."""
        return next((place for place in finding.locations if _in_tree(place)), finding.locations[0])

    def physical(self, location: Location) -> sarif.PhysicalLocation:
        """Where to point; line 1 when the content is not there any more."""
        if _in_tree(location):
            return _physical(location.path, location.line)
        has_path = bool(location.path) and location.where not in _PATHLESS
        if has_path and location.path in self._known:
            return _physical(location.path, 1)
        if self._fallback is not None:
            return _physical(self._fallback, 1)
        return _physical(location.path if has_path else ".gitignore", 1)


_PATHLESS = frozenset({Where.MESSAGE, Where.TAG, Where.NOTE, Where.GIT_FILE, Where.STDIN})
"""Kinds of places whose path, if any, names no file of the tree."""


def _in_tree(location: Location) -> bool:
    if location.where is Where.COMMIT:
        return location.in_head is True
    return location.where in (Where.WORKTREE, Where.INDEX) and bool(location.path)


def _physical(path: str, line: int | None) -> sarif.PhysicalLocation:
    # A relative reference (RFC 3986 §4.2): every byte but unreserved ones and `/` is encoded, also
    # the colon that would make the first segment a scheme.
    uri = quote(_bytes(path), safe="/")
    return sarif.PhysicalLocation(
        artifact_location=sarif.ArtifactLocation(uri=uri, uri_base_id=_ROOT),
        region=sarif.Region(start_line=max(line or 1, 1)),
    )


# ------------------------------------------------------------------------------ what went wrong


def _invocation(report: Report, exit_code: int | None) -> sarif.Invocation:
    notifications = [
        _notify(
            "error",
            problem.stage,
            f"Not scanned: {printable(problem.where)}: {printable(problem.reason)}",
        )
        for problem in report.problems[:NOTIFICATIONS]
    ]
    left = len(report.problems) - NOTIFICATIONS
    if left > 0:
        notifications.append(_notify("error", "limit", f"{left:,} more were not scanned."))
    left = len(report.findings) - RESULTS
    if left > 0:
        words = f"Left out: the {count(left, 'least severe finding')}; the limit is {RESULTS:,}."
        notifications.append(_notify("warning", "limit", words))
    crowded = sum(len(finding.locations) > PLACES for finding in report.findings[:RESULTS])
    if crowded:
        words = f"{count(crowded, 'finding')} with more than {PLACES:,} places: not all are listed."
        notifications.append(_notify("warning", "limit", words))
    return sarif.Invocation(
        execution_successful=not report.problems,
        exit_code=exit_code,
        start_time_utc=instant(report.started),
        tool_execution_notifications=notifications,
    )


def _notify(level: str, stage: str, safe: str) -> sarif.Notification:
    return sarif.Notification(
        level=level, message=_message(safe), descriptor=sarif.Descriptor(id=printable(stage))
    )


def _optional(text: str | None) -> str | None:
    return printable(text) if text else None


def _message(safe: str, limit: int = 4000) -> sarif.Message:
    """Text that is printable already; SARIF (§3.11.6) would read brackets as a link."""
    text = safe if len(safe) <= limit else safe[: limit - 1] + "…"
    return sarif.Message(text=text.replace("[", "\\[").replace("]", "\\]") or "no description")


def _address(address: str) -> str:
    return quote(_bytes(address), safe=":/?#[]@!$&'()*+,;=%~")


def _bytes(text: str) -> bytes:
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # a surrogate that stands for no byte: not from a file system
        return text.encode("utf-8", "surrogatepass")
