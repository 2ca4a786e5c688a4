"""From the model to the JSON formats' own types; every text is made printable on the way."""

from collections import Counter
from collections.abc import Iterable

from scanner import model
from scanner.sinks import _wire as wire
from scanner.sinks._describe import instant
from scanner.sinks._printable import printable

_SUBJECT = 500
"""Characters kept of a commit's subject, which has no bound of its own."""


def tool(value: model.Tool) -> wire.Tool:
    """The program."""
    return wire.Tool(
        name="agentreach",
        version=printable(value.version),
        rules=printable(value.rules),
        engine=printable(value.engine),
    )


def repository(value: model.RepositoryInfo) -> wire.Repository:
    """What was scanned."""
    return wire.Repository(
        name=printable(value.name),
        path=printable(value.path),
        head=_optional(value.head),
        branch=_optional(value.branch),
        object_format=printable(value.object_format),
        git=value.is_git,
        bare=value.bare,
        shallow=value.shallow,
        partial=value.partial,
    )


def agent(value: model.AgentUse) -> wire.Agent:
    """One agent in use."""
    return wire.Agent(
        agent=printable(value.agent),
        name=printable(value.name),
        grade=printable(value.grade),
        commits=value.commits,
        evidence=_evidence(value.evidence),
    )


def summary(report: model.Report, exit_code: int | None) -> wire.Summary:
    """The numbers."""
    counts = Counter(finding.severity for finding in report.findings)
    coverage = report.coverage
    return wire.Summary(
        complete=not report.problems,
        findings=len(report.findings),
        severities=wire.Severities(**{level.value: counts[level] for level in model.Severity}),
        incidents=len(report.incidents),
        problems=len(report.problems),
        coverage=wire.Coverage(
            commits=coverage.commits,
            blobs=coverage.blobs,
            files=coverage.files,
            bytes=coverage.bytes,
            agent_commits=coverage.agent_commits,
            undeclared_commits=coverage.undeclared_commits,
            suppressed=coverage.suppressed,
            baselined=coverage.baselined,
            uncertain=coverage.uncertain,
            notes=[printable(note) for note in coverage.notes],
        ),
        started=instant(report.started),
        seconds=round(report.seconds, 3),
        exit_code=exit_code,
    )


def finding(value: model.Finding) -> wire.Finding:
    """One finding."""
    return wire.Finding(
        fingerprint=printable(value.fingerprint),
        rule=printable(value.rule),
        category=value.category.value,
        severity=value.severity,
        confidence=value.confidence,
        title=printable(value.title),
        secret=_secret(value.secret),
        locations=[_location(location) for location in value.locations],
        introduced=_event(value.introduced),
        removed=_event(value.removed),
        attribution=_attribution(value.attribution),
        reach=[_reach(reach) for reach in value.reach],
        evidence=_evidence(value.evidence),
        remediation=[printable(step) for step in value.remediation],
        task=_optional(value.task),
        incident=_optional(value.incident),
        references=[printable(reference) for reference in value.references],
    )


def incident(value: model.Incident) -> wire.Incident:
    """One candidate record."""
    return wire.Incident(
        id=printable(value.id),
        category=value.category.value,
        title=printable(value.title),
        severity=value.severity,
        subject=printable(value.subject),
        findings=[printable(fingerprint) for fingerprint in value.findings],
        status=printable(value.status),
        record=_optional(value.record),
    )


def problem(value: model.Problem) -> wire.Problem:
    """One thing that was not scanned."""
    return wire.Problem(
        stage=printable(value.stage),
        where=printable(value.where),
        reason=printable(value.reason),
        hint=_optional(value.hint),
    )


def _optional(text: str | None) -> str | None:
    return None if text is None else printable(text)


def _evidence(facts: Iterable[model.Evidence]) -> list[wire.Evidence]:
    return [
        wire.Evidence(printable(fact.text), fact.basis, _optional(fact.source)) for fact in facts
    ]


def _secret(value: model.Secret | None) -> wire.Secret | None:
    if value is None:
        return None
    return wire.Secret(printable(value.digest), printable(value.kind), printable(value.masked))


def _location(value: model.Location) -> wire.Location:
    return wire.Location(
        where=value.where,
        path=printable(value.path),
        commit=_optional(value.commit),
        blob=_optional(value.blob),
        line=value.line,
        column=value.column,
        tracking=value.tracking,
        in_head=value.in_head,
        ref=_optional(value.ref),
        inside=[printable(layer) for layer in value.inside],
        fingerprint=printable(value.fingerprint),
    )


def _event(value: model.Event | None) -> wire.Event | None:
    if value is None:
        return None
    return wire.Event(
        commit=printable(value.commit),
        path=printable(value.path),
        author=wire.Identity(
            printable(value.author.name, _SUBJECT), printable(value.author.email, _SUBJECT)
        ),
        authored=instant(value.time),
        committed=instant(value.committed),
        subject=printable(value.subject, _SUBJECT),
        exact=value.exact,
    )


def _attribution(value: model.Attribution | None) -> wire.Attribution | None:
    if value is None:
        return None
    marks = [
        wire.Mark(
            agent=printable(mark.agent),
            name=printable(mark.name),
            role=mark.role,
            tier=mark.tier,
            model=_optional(mark.model),
            bot=mark.bot,
            evidence=_evidence(mark.evidence),
        )
        for mark in value.marks
    ]
    return wire.Attribution(printable(value.agent.agent) if value.agent else None, marks)


def _reach(value: model.Reach) -> wire.Reach:
    return wire.Reach(
        agent=printable(value.agent),
        verdict=value.verdict,
        channel=value.channel,
        basis=printable(value.basis),
        source=_optional(value.source),
        grade=value.grade,
        versions=_optional(value.versions),
    )
