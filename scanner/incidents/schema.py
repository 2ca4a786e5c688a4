"""The incident record, version 1: what a YAML file in the records' directory holds.

Every section is a frozen struct and unknown keys are refused, so a record that was not edited
decodes back to the value it was written from. Sections that only people fill stand in
`open_fields`.
"""

from scanner.incidents.fact import unknown
from scanner.incidents.open_fields import (
    AgentState,
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
    Section,
)
from scanner.incidents.severity import Levels
from scanner.model import Category, Confidence, Fact, Severity, Tool
from scanner.rules.playbooks import ContainmentAction, FrameworkIds, OtherNames

SCHEMA = "agentreach.incident/1"


class Scanned(Section, frozen=True, kw_only=True):
    """The repository as it was scanned."""

    name: str
    head: str | None
    branch: str | None
    shallow: bool
    partial: bool
    coverage: str


class Classification(Section, frozen=True, kw_only=True):
    """The category on our taxonomy and on others."""

    primary: Category
    name: str
    secondary: tuple[Category, ...]
    meaning: str
    elsewhere: OtherNames
    """What other taxonomies call it."""


class Rating(Section, frozen=True, kw_only=True):
    """Severity on our scale and others, and why."""

    effective: Severity
    confidence: Confidence
    reason: tuple[str, ...]
    category_scale: str
    while_suspected: Levels
    if_confirmed: Levels
    respond_within: tuple[str, ...]
    """Counted from the time a person becomes aware, which only a person can set."""


class Detection(Section, frozen=True, kw_only=True):
    """How it came to light."""

    method: str
    rules: tuple[str, ...]
    usual: tuple[str, ...]
    """How this kind of incident is expected to be found."""
    found_in: Fact = unknown("review or production: whether the change was merged or deployed")


class Timeline(Section, frozen=True, kw_only=True):
    """Milestones, UTC. Commit dates are what the committing machine wrote."""

    introduced_at: Fact
    committed_at: Fact
    agent_action_at: Fact
    first_reachable_at: Fact
    removed_at: Fact
    detected_at: Fact
    ongoing: Fact
    monitoring_fired_at: Fact = unknown("alerts of provider, platform and gateway")
    aware_at: Fact = unknown("when a person became aware; set by a person, it starts every clock")
    acknowledged_at: Fact = unknown("set by the first responder")
    triaged_at: Fact = unknown("set by the first responder")
    contained_at: Fact = unknown("set by the technical lead")
    remediated_at: Fact = unknown("set by the technical lead")
    recovered_at: Fact = unknown("set by the technical lead")
    closed_at: Fact = unknown("set by the incident commander")


class Exposure(Section, frozen=True, kw_only=True):
    """Category 1: what may have gone out."""

    data: tuple[str, ...]
    tools: tuple[str, ...]
    provider: Fact = unknown("the provider that these tools are set up with on each machine")
    transmitted: Fact = unknown("session logs or a gateway's log; a scan cannot see what was sent")
    retention: Fact = unknown("the contract with the provider, or its data-use settings")


class Credential(Section, frozen=True, kw_only=True):
    """One credential. `digest` is keyed: equal digests are equal credentials, and no more."""

    kind: str
    masked: str
    digest: str
    rules: tuple[str, ...]
    places: tuple[str, ...]
    in_head: Fact
    in_history: Fact
    tracking: Fact
    introduced_at: Fact
    age_days: Fact
    introduced_by_agent: Fact
    entered_by: Fact
    """environment-variable, env-file, hardcoded or secrets-manager-misconfiguration."""
    reached_by: tuple[str, ...]
    valid: Fact = unknown("ask its owner or look at its provider's console; never try it")
    owner: Fact = unknown("the provider's console names the account")
    opens: Fact = unknown("its rights at the provider: which data, which actions, which systems")
    used: Fact = unknown("the provider's access log since it was introduced")
    rotated: Fact = unknown("true once the old one is refused by its provider")


class Visibility(Section, frozen=True, kw_only=True):
    """Where it could be seen. False means: not found in what the scan read."""

    working_tree: Fact
    head: Fact
    history: Fact
    messages_and_notes: Fact
    other_git_objects: Fact
    agent_output: Fact = unknown("the transcript of each session since it was introduced")
    session_logs: Fact = unknown("the agents' log directories on each machine that had a checkout")
    generated_code: Fact = unknown("scan the branches and repositories the agents wrote to")
    pull_requests: Fact = unknown("search pull requests and their comments on the platform")
    ci_logs: Fact = unknown("search the logs of CI runs since it was introduced")
    copies: Fact = unknown("list forks, clones, mirrors and backups on the platform")


class Overreach(Section, frozen=True, kw_only=True):
    """Category 3: what was done against what was asked."""

    task: Fact
    scope: Fact
    commits: tuple[str, ...]
    paths: tuple[str, ...]
    actions: tuple[str, ...]
    permissions: Fact = unknown(
        "the agents' settings files at the commit, by `git show COMMIT:PATH`, and the user's own"
    )
    unseen_actions: Fact = unknown("commands and reads stand only in the session log")


class BlastRadius(Section, frozen=True, kw_only=True):
    """How far it goes."""

    files: Fact
    commits: Fact
    refs: Fact
    services: Fact = unknown("what is built or deployed from these files")
    environments: Fact = unknown("where these services run")
    people: Fact = unknown("users and sessions of these services in the time window")
    copies: Fact = unknown("forks, clones, caches, packages and images that hold the same content")


class InvolvedAgent(Section, frozen=True, kw_only=True):
    """An agent whose mark a commit of this incident carries."""

    agent: str
    name: str
    role: str
    tier: str
    model: str | None
    commits: tuple[str, ...]
    evidence: tuple[str, ...]


class ReachRow(Section, frozen=True, kw_only=True):
    """What one agent can see of one finding's places, by the widest answer."""

    finding: str
    agent: str
    channel: str
    verdict: str
    basis: str
    source: str | None
    grade: str


class Agents(Section, frozen=True, kw_only=True):
    """Who was or may have been at work."""

    involved: tuple[InvolvedAgent, ...]
    in_use: tuple[str, ...]
    reach: tuple[ReachRow, ...]
    state: AgentState = AgentState()


class Trigger(Section, frozen=True, kw_only=True):
    """One condition that takes the incident to somebody else."""

    trigger: str
    to: str
    met: Fact = unknown("true or false, decided by the first responder")


class Proposal(Section, frozen=True, kw_only=True):
    """One containment proposal. Nothing has been done."""

    action: ContainmentAction
    level: int
    reversible: bool
    when: str
    text: str
    taken: Fact = unknown("true or false, with who and when")


class Containment(Section, frozen=True, kw_only=True):
    """Proposals, reversible first, and what must stay in human hands."""

    proposed: tuple[Proposal, ...]
    not_automated: tuple[str, ...]


class Item(Section, frozen=True, kw_only=True):
    """One step of the checklist."""

    id: str
    text: str
    state: str = "open"


class Checklist(Section, frozen=True, kw_only=True):
    """The way to a resolution, by phase."""

    containment: tuple[Item, ...]
    investigation: tuple[Item, ...]
    remediation: tuple[Item, ...]
    review: tuple[Item, ...]


class DutyItem(Section, frozen=True, kw_only=True):
    """One duty to tell somebody that may apply."""

    id: str
    trigger: str
    deadline: str
    audience: str
    content: tuple[str, ...]
    basis: str
    clock: str
    verified_on: str | None
    note: str
    applies: Fact = unknown("decided by legal or data protection")
    clock_started_at: Fact = unknown("UTC time, set by a person")
    due_at: Fact = unknown("follows from clock_started_at")
    decision: Fact = unknown("notified or not, when, and why")
    decided_by: Fact = unknown("name and role")


class Duties(Section, frozen=True, kw_only=True):
    """The dated list for this category."""

    as_of: str
    duties: tuple[DutyItem, ...]


class FindingEvidence(Section, frozen=True, kw_only=True):
    """One finding, as the scan reported it."""

    fingerprint: str
    rule: str
    category: Category
    severity: Severity
    confidence: Confidence
    title: str
    facts: tuple[str, ...]
    places: tuple[str, ...]
    more_places: int = 0
    """Places beyond those listed; the report has them all."""


class EvidenceList(Section, frozen=True, kw_only=True):
    """What the record rests on, and how to see it again."""

    keep: str
    reproduce: tuple[str, ...]
    findings: tuple[FindingEvidence, ...]
    more_findings: int = 0


class Record(Section, frozen=True, kw_only=True):
    """One incident record."""

    schema: str
    id: str
    status: str
    """candidate, confirmed, contained, resolved, closed, false_positive, duplicate or near_miss."""
    created_at: str
    tool: Tool
    repository: Scanned
    subjects: tuple[str, ...]
    """How a later scan recognises this incident. Leave them as they are."""
    title: str
    summary: str
    category: Classification
    severity: Rating
    confirmation: Confirmation
    detection: Detection
    timeline: Timeline
    known: tuple[str, ...]
    not_known: tuple[str, ...]
    updates: Answers
    exposure: Exposure | None = None
    credentials: tuple[Credential, ...]
    visibility: Visibility | None = None
    overreach: Overreach | None = None
    blast_radius: BlastRadius
    personal_data: PersonalData
    agents: Agents
    authority: Authority
    roles: Roles
    escalation: tuple[Trigger, ...]
    containment: Containment
    checklist: Checklist
    evidence: EvidenceList
    reproducibility: Reproducibility
    guardrails: Guardrails
    root_cause: RootCause
    regression_test: RegressionTest
    remediation: Remediation
    disclosure: Duties
    communications: Communications
    review: Review
    links: Links
    frameworks: FrameworkIds
