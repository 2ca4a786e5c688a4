"""The sections of a record that a scan can fill, from the findings of one case."""

from collections.abc import Callable, Iterable, Sequence

from scanner.incidents.case import Case, describe
from scanner.incidents.entry import entry_route
from scanner.incidents.fact import MAX_ROWS, iso, known, unknown
from scanner.incidents.schema import (
    Agents,
    BlastRadius,
    Credential,
    EvidenceList,
    Exposure,
    FindingEvidence,
    InvolvedAgent,
    Overreach,
    ReachRow,
    Timeline,
    Visibility,
)
from scanner.incidents.severity import Presence, presence
from scanner.model import (
    Basis,
    Category,
    Channel,
    Event,
    Evidence,
    Fact,
    Finding,
    Location,
    Mark,
    Tracking,
    Verdict,
    Where,
)

_OPEN = (Verdict.AUTO, Verdict.NO_PROMPT, Verdict.PROMPT, Verdict.BYPASS_ONLY)
_SECONDS_A_DAY = 86_400


def timeline(case: Case) -> Timeline:
    """Milestones. What git dates gives, and nothing that only people know."""
    first = min(
        (one.introduced for one in case.findings if one.introduced),
        key=lambda e: e.time,
        default=None,
    )
    acted = [one for one in case.findings if one.introduced and _agent(one)]
    agent_time = min((one.introduced.time for one in acted if one.introduced), default=None)
    limit = None if first is None or first.exact else "or earlier: the clone is shallow"
    never = unknown(
        "not looked up: git log on the file tells"
        if any(_is_committed(place) for one in case.findings for place in one.locations)
        else "not committed; the file's time on disk is the latest possible moment"
    )
    return Timeline(
        introduced_at=known(iso(first.time), how=limit) if first else never,
        committed_at=known(iso(first.committed), how=limit) if first else never,
        agent_action_at=(
            known(iso(agent_time), Basis.DERIVED, "the author's date of the earliest marked commit")
            if agent_time is not None
            else unknown("the session logs of the agents in use; no commit here carries a mark")
        ),
        first_reachable_at=_first_reachable(case, agent_time),
        removed_at=_removed(case),
        detected_at=known(iso(case.report.started)),
        ongoing=_ongoing(case),
    )


def _is_committed(place: Location) -> bool:
    return bool(place.in_head) or place.tracking is Tracking.TRACKED


def _first_reachable(case: Case, agent_time: int | None) -> Fact:
    if agent_time is not None and any(one.secret and _agent(one) for one in case.findings):
        return known(
            iso(agent_time), Basis.DERIVED, "an agent wrote it, so it had it then at the latest"
        )
    return unknown("the later of its introduction and the first agent session on a checkout of it")


def _removed(case: Case) -> Fact:
    if case.findings and all(one.removed for one in case.findings):
        last = max(one.removed.time for one in case.findings if one.removed)
        return known(iso(last), how="from HEAD, index and working tree; history keeps it")
    return unknown("nothing that takes all of it out was found")


def _ongoing(case: Case) -> Fact:
    states = {presence(place) for one in case.findings if one.secret for place in one.locations}
    if states & {Presence.DISK, Presence.HEAD}:
        return known(True, Basis.DERIVED, "it still stands in HEAD or on disk")
    return unknown("ask whether sessions of the agents concerned still run")


def exposure(case: Case) -> Exposure | None:
    """What may have gone to a provider; None without a finding of category 1."""
    if not case.concerns(Category.DATA_EXFILTRATION):
        return None
    concerned = [one for one in case.findings if one.category is Category.DATA_EXFILTRATION]
    tools = {
        row.agent
        for one in concerned
        for row in one.reach
        if row.verdict is Verdict.AUTO and row.channel is Channel.PROMPT
    }
    return Exposure(
        data=_unique(one.secret.kind if one.secret else one.title for one in concerned),
        tools=tuple(sorted(tools)),
    )


def credentials(case: Case) -> tuple[Credential, ...]:
    """One block for each distinct secret, most severe first."""
    by_digest: dict[str, list[Finding]] = {}
    for one in case.findings:
        if one.secret is not None:
            by_digest.setdefault(one.secret.digest, []).append(one)
    return tuple(_credential(case, same) for same in list(by_digest.values())[:MAX_ROWS])


def _credential(case: Case, same: Sequence[Finding]) -> Credential:
    secret = same[0].secret
    assert secret is not None
    places = tuple(dict.fromkeys(place for one in same for place in one.locations))
    event = min(
        (one.introduced for one in same if one.introduced), key=lambda e: e.time, default=None
    )
    mark = next(filter(None, map(_agent, same)), None)
    age = (case.report.started - event.time) // _SECONDS_A_DAY if event else 0
    uncommitted = unknown("not committed; ask its provider when it was issued")
    tracking = sorted({place.tracking.value for place in places if place.tracking})
    return Credential(
        kind=secret.kind,
        masked=secret.masked,
        digest=secret.digest,
        rules=_unique(one.rule for one in same),
        places=_places(places),
        in_head=_in_head(places),
        in_history=(
            known(True, how="a commit introduced it")
            if event
            else _found(case, places, _committed, commits=True)
        ),
        tracking=known(tuple(tracking)) if tracking else unknown("not on disk in this checkout"),
        introduced_at=known(iso(event.time)) if event else uncommitted,
        age_days=known(age, Basis.DERIVED) if event and age >= 0 else uncommitted,
        introduced_by_agent=(
            known(f"{mark.name} ({mark.role.value}, by {mark.tier.value})", Basis.DERIVED)
            if mark
            else unknown("no agent's mark on its introduction, which proves no person either")
        ),
        entered_by=entry_route(places),
        reached_by=tuple(
            sorted({row.agent for one in same for row in one.reach if row.verdict in _OPEN})
        ),
    )


def _in_head(places: Iterable[Location]) -> Fact:
    known_states = [place.in_head for place in places if place.in_head is not None]
    if not known_states:
        return unknown("`git grep` for its place in HEAD; the scan did not compare with HEAD")
    return known(any(known_states))


def _found(
    case: Case, places: Iterable[Location], test: Callable[[Location], bool], *, commits: bool
) -> Fact:
    """True if a place passes; false only if the scan looked there and met no problem."""
    number = sum(1 for place in places if test(place))
    if number:
        return known(True, how=f"places found: {number}")
    looked = case.report.coverage.commits if commits else case.report.coverage.files
    if not looked or case.report.problems:
        return unknown("this scan did not read all of it; scan again with full history")
    return known(False, how="not found in what this scan read")


def _committed(place: Location) -> bool:
    return place.where is Where.COMMIT or place.in_head is True


def visibility(case: Case) -> Visibility | None:
    """Where secrets and exposed data can be seen; None where there are none."""
    places = [place for one in case.findings if one.secret for place in one.locations]
    if not places:
        return None
    loose = (Where.STASH, Where.REFLOG, Where.UNREACHABLE, Where.GIT_FILE)
    texts = (Where.MESSAGE, Where.TAG, Where.NOTE)
    return Visibility(
        working_tree=_found(case, places, lambda p: p.where is Where.WORKTREE, commits=False),
        head=_in_head(places),
        history=_found(case, places, _committed, commits=True),
        messages_and_notes=_found(case, places, lambda p: p.where in texts, commits=True),
        other_git_objects=(
            known(True)
            if any(place.where in loose for place in places)
            else unknown("scan with reflogs and unreachable objects")
        ),
    )


def overreach(case: Case) -> Overreach | None:
    """What was done against what was asked; None without a finding of category 3."""
    acts = [one for one in case.findings if one.category is Category.AGENT_OVERREACH]
    if not acts:
        return None
    tasks = sorted({one.task for one in acts if one.task})
    declared = _unique(
        quote(fact) for one in acts for fact in one.evidence if fact.basis is Basis.CONFIG
    )
    commits = {place.commit for one in acts for place in one.locations if place.commit}
    return Overreach(
        task=known(tuple(tasks)) if tasks else unknown("no task was declared; ask who gave it"),
        scope=known(declared, Basis.CONFIG)
        if declared
        else unknown("no declaration was found; ask who gave the task what it was to cover"),
        commits=tuple(commit for commit in case.commits if commit in commits),
        paths=_unique(place.path for one in acts for place in one.locations if place.path),
        actions=_unique(text for one in acts for text in (one.title, *map(quote, one.evidence))),
    )


def blast_radius(case: Case) -> BlastRadius:
    """Counts of what the scan saw; everything outside the repository is open."""
    refs = sorted({place.ref for place in case.locations if place.ref})
    return BlastRadius(
        files=known(len(case.paths)),
        commits=known(len({place.commit for place in case.locations if place.commit})),
        refs=known(tuple(refs[:MAX_ROWS]))
        if refs
        else unknown("`git branch -a --contains COMMIT`"),
    )


def agents(case: Case) -> Agents:
    """Marks on the commits concerned, agents in use, and who reaches what."""
    rows = [
        ReachRow(
            finding=one.fingerprint,
            agent=reach.agent,
            channel=reach.channel.value,
            verdict=reach.verdict.value,
            basis=reach.basis,
            source=reach.source,
            grade=reach.grade.value,
        )
        for one in case.findings
        for reach in one.reach
        if reach.verdict is not Verdict.NOT_APPLICABLE
    ]
    return Agents(
        involved=_involved(case),
        in_use=tuple(f"{use.name} ({use.grade} evidence)" for use in case.report.agents),
        reach=tuple(dict.fromkeys(rows))[:MAX_ROWS],
    )


def _involved(case: Case) -> tuple[InvolvedAgent, ...]:
    marks: dict[str, tuple[Mark, set[str]]] = {}
    for one in case.findings:
        for mark in one.attribution.marks if one.attribution else ():
            if mark.bot:
                continue
            known_mark, commits = marks.setdefault(mark.agent, (mark, set()))
            if mark.tier.rank < known_mark.tier.rank:
                marks[mark.agent] = (mark, commits)
            if one.introduced:
                commits.add(one.introduced.commit)
    return tuple(
        InvolvedAgent(
            agent=mark.agent,
            name=mark.name,
            role=mark.role.value,
            tier=mark.tier.value,
            model=mark.model,
            commits=tuple(sorted(commits))[:MAX_ROWS],
            evidence=_unique(map(quote, mark.evidence)),
        )
        for _, (mark, commits) in sorted(marks.items())
    )


def evidence(case: Case) -> EvidenceList:
    """The findings as reported, and the commands that show them again without printing a secret."""
    shown = case.findings[:MAX_ROWS]
    explain = [f"git show --stat {commit}  # what changed" for commit in case.commits[:5]]
    return EvidenceList(
        keep="Delete nothing named here before the review; restrict who can read it instead.",
        reproduce=(
            "agentreach scan --format json  # fingerprints: findings[].fingerprint",
            *(explain if case.concerns(Category.AGENT_OVERREACH) else ()),
        ),
        findings=tuple(
            FindingEvidence(
                fingerprint=one.fingerprint,
                rule=one.rule,
                category=one.category,
                severity=one.severity,
                confidence=one.confidence,
                title=one.title,
                facts=_unique(map(quote, one.evidence)),
                places=_places(one.locations),
                more_places=max(0, len(one.locations) - MAX_ROWS),
            )
            for one in shown
        ),
        more_findings=len(case.findings) - len(shown),
    )


def quote(item: Evidence) -> str:
    """One piece of evidence in a line, with its source."""
    return f"{item.text} [{item.source}]" if item.source else item.text


def _places(places: Sequence[Location]) -> tuple[str, ...]:
    return tuple(describe(place) for place in places[:MAX_ROWS])


def _unique(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))[:MAX_ROWS]


def _earliest(findings: Iterable[Finding]) -> Event | None:
    events = (one.introduced for one in findings if one.introduced)
    return min(events, key=lambda event: (event.time, event.commit), default=None)


def _agent(finding: Finding) -> Mark | None:
    return finding.attribution.agent if finding.attribution else None
