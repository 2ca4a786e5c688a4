"""The sections of a record that people fill in. Each field starts as a question with its how."""

import msgspec

from scanner.incidents.fact import unknown
from scanner.model import Fact


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One section of a record; every field is written, known or not."""


class Confirmation(Section, frozen=True, kw_only=True):
    """Whether it is real. Only a person says so."""

    confirmed: Fact = unknown(
        "true or false, once a person has looked at the evidence and ruled out a false positive"
    )
    confirmed_by: Fact = unknown("the name of the person who decided")
    confirmed_at: Fact = unknown("UTC time of the decision")
    reason: Fact = unknown("what the decision rests on; for a false positive, why")


class Roles(Section, frozen=True, kw_only=True):
    """Who does what until it is closed."""

    first_responder: Fact
    incident_commander: Fact = unknown("named by the first responder")
    technical_lead: Fact = unknown("an owner of the code or of the credential")
    scribe: Fact = unknown("named by the incident commander")
    communications_lead: Fact = unknown("named by the incident commander")
    legal_liaison: Fact = unknown("named when an escalation trigger calls for legal")


class AgentState(Section, frozen=True, kw_only=True):
    """How the agent ran. git does not hold it; session logs and settings do."""

    version: Fact = unknown("the session log, or the tool's own version command on that machine")
    model: Fact = unknown("the session log; a trailer that names a model is only a claim")
    instructions: Fact = unknown(
        "hash of the instruction files at the commit, by `git rev-parse COMMIT:CLAUDE.md` and so on"
    )
    tools: Fact = unknown("the tools and MCP servers that the session log lists at its start")
    permission_mode: Fact = unknown("the session log, or the settings of that user at that time")
    session: Fact = unknown("the id in the agent's session log nearest to the times under timeline")


class Authority(Section, frozen=True, kw_only=True):
    """Who allowed it. Author fields are free text and prove nothing."""

    authors: Fact
    commits: Fact
    reviewers: Fact = unknown("the pull request on the hosting platform; git does not hold reviews")
    task_given_by: Fact = unknown("the issue, the prompt in the session log, or the author")
    authorised_by: Fact = unknown("ask the authors, for each step that had an effect")


class PersonalData(Section, frozen=True, kw_only=True):
    """Never inferred from code alone."""

    involved: Fact = unknown("ask the owner of the data behind what was exposed or changed")
    categories: Fact = unknown("the record of processing activities, for the data concerned")
    people: Fact = unknown("an approximate number, from the owner of the data")
    records: Fact = unknown("an approximate number, from the owner of the data")


class Answers(Section, frozen=True, kw_only=True):
    """The regular update: what is being tested, what is being done, when the next word comes."""

    being_tested: Fact = unknown("the hypotheses at work, by the technical lead")
    being_done: Fact = unknown("measures under way, by the incident commander")
    next_update_at: Fact = unknown("UTC time, set by the communications lead")


class Reproducibility(Section, frozen=True, kw_only=True):
    """Whether what the agent did can be run again."""

    logging_gaps: tuple[str, ...]
    reproducible: Fact = unknown("replay the session from its log in a copy of the repository")
    minimal_case: Fact = unknown("the shortest prompt, context and tool answers that show it")


class Guardrails(Section, frozen=True, kw_only=True):
    """What was meant to stop it."""

    in_place: tuple[str, ...]
    should_have_caught: Fact = unknown("compare in_place with the path that was taken")
    why_not: Fact = unknown("test the guardrail against the case under reproducibility")
    control_missing_or_insufficient: Fact = unknown("missing, insufficient, or worked as meant")
    policy_needs_update: Fact = unknown("true or false; if true, update it within a week")


class FiveWhys(Section, frozen=True, kw_only=True):
    """One chain of reasons for each view."""

    people: Fact = unknown("ask why until the answer is a condition, not a person")
    process: Fact = unknown("ask why until the answer is a rule that is missing or not followed")
    technology: Fact = unknown("ask why until the answer is a property that can be changed")


class RootCause(Section, frozen=True, kw_only=True):
    """Why it happened."""

    category: Fact = unknown("one of: model, prompt, data, configuration, infrastructure")
    layer: Fact = unknown(
        "one of: model behaviour, retrieval and data, tools and integrations,"
        " orchestration and state"
    )
    contributing_factors: Fact = unknown("from the investigation")
    competing_hypotheses: Fact = unknown("those not ruled out yet, and what would rule them out")
    five_whys: FiveWhys = FiveWhys()


class RegressionTest(Section, frozen=True, kw_only=True):
    """The case that would have caught it."""

    suggestion: str
    cases: tuple[str, ...]
    added: Fact = unknown("true once the test is merged and was seen to fail without the fix")
    where: Fact = unknown("path of the test")


class Remediation(Section, frozen=True, kw_only=True):
    """What sets it right and keeps it right."""

    proposed: tuple[str, ...]
    corrective_actions: Fact = unknown("each with an owner and a date, from the review")
    recurrence_prevention: Fact = unknown("the control that changes, from the review")


class Communications(Section, frozen=True, kw_only=True):
    """Who hears what."""

    status_page: str = "internal only, until an effect on customers is confirmed"
    customers: Fact = unknown("decided by the communications lead once the effect is known")
    cadence: Fact = unknown("set by severity; every 30 minutes is usual at the highest level")


class Review(Section, frozen=True, kw_only=True):
    """After it is closed; within five business days, without blame."""

    impact: Fact = unknown("what was affected, for how long and how much")
    detection: Fact = unknown("how it was found, and what would have found it sooner")
    response: Fact = unknown("what worked and what did not")
    systemic_or_human: Fact = unknown("if human error: the change of system that prevents it")
    prevention: Fact = unknown("the changes that prevent it, with owners")


class Links(Section, frozen=True, kw_only=True):
    """Where else this incident is kept."""

    related: tuple[str, ...]
    duplicates: Fact = unknown("ids of records that turned out to be the same incident")
    tickets: Fact = unknown("ids in the tracker")
    risk_register: Fact = unknown("id of the risk, where there is a register")
