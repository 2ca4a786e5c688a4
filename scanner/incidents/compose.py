"""Puts a whole record together: what was observed, and the playbook with everything open."""

from functools import cache

from scanner.incidents import observed
from scanner.incidents.case import Case
from scanner.incidents.fact import MAX_ROWS, iso, known, unknown
from scanner.incidents.open_fields import (
    Answers,
    Authority,
    Communications,
    Confirmation,
    Guardrails,
    Links,
    PersonalData,
    RegressionTest,
    Remediation,
    Reproducibility,
    Review,
    Roles,
    RootCause,
)
from scanner.incidents.schema import (
    SCHEMA,
    Checklist,
    Classification,
    Containment,
    Detection,
    Duties,
    DutyItem,
    Item,
    Proposal,
    Rating,
    Record,
    Scanned,
    Trigger,
)
from scanner.incidents.severity import TABLE, severity_table
from scanner.model import Basis, Category, Confidence, Report, Verdict
from scanner.rules.playbooks import (
    Disclosure,
    Frameworks,
    Playbook,
    Step,
    load_disclosure,
    load_frameworks,
    load_playbooks,
)

NOT_VISIBLE = (
    "which files and secrets an agent read",
    "which commands it ran, and edits that were undone before a commit",
    "intermediate commits that a squash removed",
    "approvals of pull requests, and settings of branch protection and who bypassed them",
    "pushes to other repositories, and effects on running systems",
    "who typed the prompt",
    "whether anything was sent to a model provider",
    "whether a credential is still accepted",
)
"""What no static analysis of a repository can see; part of every record."""


class Guide:
    """The rule data that records are composed from, read once."""

    def __init__(
        self,
        playbooks: dict[Category, Playbook],
        disclosure: Disclosure,
        frameworks: Frameworks,
    ) -> None:
        self.playbooks = playbooks
        self.disclosure = disclosure
        self.frameworks = frameworks


@cache
def guide() -> Guide:
    """The shipped rule data. Raises `RuleError`."""
    return Guide(load_playbooks(), load_disclosure(), load_frameworks())


def compose(case: Case, data: Guide) -> Record:
    """The record of one incident, status candidate, nothing confirmed and nothing done."""
    report, incident = case.report, case.incident
    playbook = data.playbooks[incident.category]
    return Record(
        schema=SCHEMA,
        id=incident.id,
        status="candidate",
        created_at=iso(report.started),
        tool=report.tool,
        repository=_scanned(report),
        subjects=case.subjects,
        title=incident.title,
        summary=_summary(case, playbook),
        category=Classification(
            primary=incident.category,
            name=playbook.name,
            secondary=case.secondary,
            meaning=playbook.meaning,
            elsewhere=playbook.other_names,
        ),
        severity=_rating(case, playbook),
        confirmation=Confirmation(),
        detection=Detection(
            method="static scan of the repository" if case.findings else "opened by a person",
            rules=tuple(sorted({one.rule for one in case.findings})),
            usual=playbook.detection,
        ),
        timeline=observed.timeline(case),
        known=_known(case),
        not_known=NOT_VISIBLE,
        updates=Answers(),
        exposure=observed.exposure(case),
        credentials=observed.credentials(case),
        visibility=observed.visibility(case),
        overreach=observed.overreach(case),
        blast_radius=observed.blast_radius(case),
        personal_data=PersonalData(),
        agents=observed.agents(case),
        authority=_authority(case),
        roles=Roles(first_responder=known(playbook.first_responder, Basis.CONFIG)),
        escalation=tuple(Trigger(trigger=one.trigger, to=one.to) for one in playbook.escalation),
        containment=_containment(playbook),
        checklist=_checklist(case, data),
        evidence=observed.evidence(case),
        reproducibility=Reproducibility(logging_gaps=_gaps(case)),
        guardrails=Guardrails(in_place=_guardrails(case)),
        root_cause=RootCause(),
        regression_test=RegressionTest(suggestion=playbook.regression_test, cases=_cases(case)),
        remediation=Remediation(
            proposed=tuple(dict.fromkeys(step for one in case.findings for step in one.remediation))
        ),
        disclosure=_duties(incident.category, data.disclosure),
        communications=Communications(),
        review=Review(),
        links=Links(related=case.related),
        frameworks=data.frameworks.of(incident.category),
    )


def _scanned(report: Report) -> Scanned:
    coverage, repository = report.coverage, report.repository
    return Scanned(
        name=repository.name,
        head=repository.head,
        branch=repository.branch,
        shallow=repository.shallow,
        partial=repository.partial,
        coverage=(
            f"{coverage.commits} commits, {coverage.blobs} blobs, {coverage.files} files;"
            f" {len(report.problems)} problems"
        ),
    )


def _summary(case: Case, playbook: Playbook) -> str:
    if not case.findings:
        return (
            f"Candidate for category {playbook.category.value}, {playbook.name.lower()}, opened by"
            " a person. No scan contributed to it."
        )
    places = len(case.locations)
    return (
        f"Candidate for category {playbook.category.value}, {playbook.name.lower()}:"
        f" {len(case.findings)} findings at {places} places in {len(case.paths)} files."
        " A scan proposed it; nobody has confirmed it."
    )


def _rating(case: Case, playbook: Playbook) -> Rating:
    table = severity_table()
    levels = table.levels(case.incident.severity)
    leading = case.findings[0] if case.findings else None
    return Rating(
        effective=case.incident.severity,
        confidence=leading.confidence if leading else Confidence.LOW,
        reason=tuple(
            item.text
            for item in (leading.evidence if leading else ())
            if item.source == f"rules/{TABLE}"
        ),
        category_scale=playbook.usual_severity,
        while_suspected=levels.suspected,
        if_confirmed=levels.confirmed,
        respond_within=tuple(
            f"{name} {level}: {scale[level]}"
            for name, level, scale in (
                ("p0_p3", levels.suspected.p0_p3, table.scales.p0_p3),
                ("p1_p3", levels.suspected.p1_p3, table.scales.p1_p3),
            )
        ),
    )


def _known(case: Case) -> tuple[str, ...]:
    facts = [
        f"{one.title}: {observed.quote(item)}" for one in case.findings for item in one.evidence
    ]
    return tuple(dict.fromkeys(facts))[:MAX_ROWS]


def _authority(case: Case) -> Authority:
    authors = {
        f"{one.introduced.author.name} <{one.introduced.author.email}>"
        for one in case.findings
        if one.introduced
    }
    return Authority(
        authors=(
            known(tuple(sorted(authors)), how="as the commits state; anyone can set it")
            if authors
            else unknown("nothing here is committed; ask who works on this checkout")
        ),
        commits=(known(case.commits) if case.commits else unknown("nothing here is committed")),
    )


def _containment(playbook: Playbook) -> Containment:
    return Containment(
        proposed=tuple(
            Proposal(
                action=one.action,
                level=one.level,
                reversible=one.reversible,
                when=one.when,
                text=one.text,
            )
            for one in playbook.containment
        ),
        not_automated=playbook.not_automated,
    )


def _checklist(case: Case, data: Guide) -> Checklist:
    """The steps of the incident's category, then those of its secondary categories."""
    lists = [
        data.playbooks[category].checklist for category in (case.incident.category, *case.secondary)
    ]

    def items(phases: list[tuple[Step, ...]]) -> tuple[Item, ...]:
        return tuple(Item(id=step.id, text=step.text) for phase in phases for step in phase)

    return Checklist(
        containment=items([one.containment for one in lists]),
        investigation=items([one.investigation for one in lists]),
        remediation=items([one.remediation for one in lists]),
        review=items([one.review for one in lists]),
    )


def _gaps(case: Case) -> tuple[str, ...]:
    gaps = ["no session log was part of the scan"]
    if case.report.repository.shallow:
        gaps.append("the clone is shallow: earlier commits were not read")
    if case.report.repository.partial:
        gaps.append("the clone is partial: some contents were not here to read")
    if not any(one.attribution and one.attribution.marks for one in case.findings):
        gaps.append("no commit concerned carries an agent's mark")
    gaps += [f"not scanned: {one.where}: {one.reason}" for one in case.report.problems]
    return tuple(gaps)[:MAX_ROWS]


def _guardrails(case: Case) -> tuple[str, ...]:
    """Controls that the scan found set up in the repository, holding or not."""
    held = (Verdict.BLOCKED, Verdict.PROMPT)
    found = (
        f"{row.agent}: {row.basis} [{row.source}]"
        for one in case.findings
        for row in one.reach
        if row.verdict in held and row.source and row.grade in (Basis.CONFIG, Basis.OBSERVED)
    )
    return tuple(dict.fromkeys(found))[:MAX_ROWS]


def _cases(case: Case) -> tuple[str, ...]:
    cases = []
    for one in case.findings:
        place = one.locations[0]
        at = f"commit {place.commit[:12]}" if place.commit else "the working tree"
        cases.append(f"{one.rule} must be reported for {place.path or place.where.value} at {at}")
    return tuple(dict.fromkeys(cases))[:MAX_ROWS]


def _duties(category: Category, disclosure: Disclosure) -> Duties:
    return Duties(
        as_of=disclosure.as_of,
        duties=tuple(
            DutyItem(
                id=duty.id,
                trigger=duty.trigger,
                deadline=duty.deadline,
                audience=duty.audience,
                content=duty.content,
                basis=duty.basis,
                clock=duty.clock,
                verified_on=duty.verified_on,
                note=duty.note,
            )
            for duty in disclosure.of(category)
        ),
    )
