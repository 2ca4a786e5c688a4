"""The words in which sinks for people speak of places, people, reach and time.

Everything returned has passed `printable`.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

import msgspec

from scanner.model import (
    AgentUse,
    Attribution,
    Category,
    Channel,
    Event,
    Evidence,
    Finding,
    Location,
    Mark,
    Reach,
    Tracking,
    Verdict,
    Where,
)
from scanner.sinks._printable import printable

CATEGORIES = {
    Category.DATA_EXFILTRATION: "data exfiltration",
    Category.HALLUCINATION: "hallucination",
    Category.AGENT_OVERREACH: "agent overreach",
    Category.CREDENTIAL_EXPOSURE: "credential exposure",
    Category.SHADOW_AI: "shadow AI",
}

VERDICTS = {
    Verdict.AUTO: "loaded automatically",
    Verdict.NO_PROMPT: "no prompt",
    Verdict.PROMPT: "asks first",
    Verdict.BYPASS_ONLY: "only with prompts off",
    Verdict.UNKNOWN: "unknown",
    Verdict.BLOCKED: "blocked",
}
"""Widest first. What is unknown may be open, so it stands before what is blocked."""

CHANNELS = {
    Channel.PROMPT: "prompt",
    Channel.INDEX: "index",
    Channel.FILE_TOOLS: "file tools",
    Channel.SHELL: "shell",
    Channel.ENVIRONMENT: "environment",
    Channel.GIT_OBJECTS: "git objects",
    Channel.TRACES: "its own traces",
    Channel.COPIES: "copies",
}

SEVERITY_TABLE = "rules/severity.yaml"
"""The source of the reasons of category and severity, which a finding carries as evidence."""

_SOURCE = re.compile(r"(?P<path>.+?):(?P<line>[1-9][0-9]{0,8})(?::[0-9]+)?", re.DOTALL)


def count(number: int, noun: str, plural: str | None = None) -> str:
    """`1 commit`, `1,204 commits`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def short(commit: str) -> str:
    """The first 10 digits of a commit id: enough to find it in any repository people work in."""
    return printable(commit[:10])


def instant(seconds: int) -> str | None:
    """RFC 3339 in UTC; None for what no calendar holds (a commit may state any number)."""
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat()[:19] + "Z"
    except (ValueError, OverflowError, OSError):
        return None


def day(seconds: int) -> str:
    """`2026-03-02`, or that the commit states no possible date."""
    stamp = instant(seconds)
    return stamp[:10] if stamp else "impossible date"


def place(location: Location) -> str:
    """`path:line:column` as editors and terminals link it; without a path, what stands for it."""
    parts = [printable(location.path)] if location.path else []
    if location.path and location.line is not None:
        parts.append(str(location.line))
        if location.column is not None:
            parts.append(str(location.column))
    if parts:
        return ":".join(parts)
    if location.where is Where.MESSAGE and location.commit:
        return f"message of {short(location.commit)}"
    return location.where.value


def standing(location: Location) -> str:
    """What git makes of a place, in words: "ignored by git, on disk", "history only, commit …"; and
    what the secret is wrapped in there."""
    wrapped = "".join(f", inside {printable(layer, 80)}" for layer in location.inside)
    return _standing(location) + wrapped


def _standing(location: Location) -> str:
    commit = short(location.commit) if location.commit else None
    reference = f" ({printable(location.ref, 80)})" if location.ref else ""
    match location.where:
        case Where.WORKTREE:
            return _TRACKING[location.tracking]
        case Where.COMMIT:
            return _committed(location.in_head, commit)
        case Where.MESSAGE:
            return f"commit message{_line(location)}"
        case Where.STASH | Where.REFLOG | Where.UNREACHABLE | Where.NOTE:
            return _SPECIAL[location.where] + (reference or (f" ({commit})" if commit else ""))
        case _:
            return _SPECIAL[location.where] + reference


_TRACKING = {
    Tracking.TRACKED: "tracked, on disk",
    Tracking.UNTRACKED: "untracked, on disk",
    Tracking.IGNORED: "ignored by git, on disk",
    Tracking.UNKNOWN: "on disk, tracking unknown",
    None: "on disk",
}

_SPECIAL = {
    Where.INDEX: "staged",
    Where.STASH: "in a stash",
    Where.REFLOG: "only in the reflog",
    Where.UNREACHABLE: "unreachable object",
    Where.NOTE: "git note",
    Where.TAG: "message of a tag",
    Where.GIT_FILE: "inside the git directory",
    Where.STDIN: "standard input",
}


def _committed(in_head: bool | None, commit: str | None) -> str:
    if in_head:
        return "in HEAD"
    words = "history only" if in_head is False else "committed"
    return f"{words}, commit {commit}" if commit else words


def _line(location: Location) -> str:
    return f", line {location.line}" if location.line is not None else ""


def by(attribution: Attribution | None) -> str | None:
    """Who a commit's marks point to. No mark is no evidence, and is said as just that."""
    if attribution is None:
        return None
    if attribution.agent is not None:
        return mark(attribution.agent)
    if attribution.marks:
        return mark(attribution.marks[0])
    return "no agent mark"


def mark(sign: Mark) -> str:
    """`Claude Code, co-author (trailer)`."""
    model = f", model {printable(sign.model, 60)}" if sign.model else ""
    kind = ", not an AI" if sign.bot else ""
    return f"{printable(sign.name, 60)}{kind}, {sign.role} ({sign.tier}){model}"


def event(happened: Event, room: int = 200) -> str:
    """`4f2a9c1d20 2026-03-02 Jane Doe "subject"`, the subject cut to leave `room` characters."""
    bound = "" if happened.exact else "at or before "
    who = printable(happened.author.name, 40)
    lead = f"{bound}{short(happened.commit)} {day(happened.time)} {who} "
    subject = printable(happened.subject, max(min(72, room - len(lead) - 2), 24))
    return f'{lead}"{subject}"'


def source_place(source: str | None) -> tuple[str, int] | None:
    """The path and line of a `path:line` source; None for commits, addresses and anything else."""
    if source is None or "://" in source:
        return None
    match = _SOURCE.fullmatch(source)
    return (match["path"], int(match["line"])) if match else None


def flow(finding: Finding) -> tuple[tuple[str, int, str], ...]:
    """The steps (path, line, text) of a data-flow finding from source to sink; else nothing.

    Flow findings are the ones without secret or task, outside category 3, whose every piece of
    evidence, the reasons of the severity apart, points at a line.
    """
    if finding.secret is not None or finding.task or finding.category is Category.AGENT_OVERREACH:
        return ()
    evidence = [step for step in finding.evidence if step.source != SEVERITY_TABLE]
    places = [(source_place(step.source), step.text) for step in evidence]
    steps = tuple((at[0], at[1], text) for at, text in places if at is not None)
    return steps if len(steps) == len(places) and len(steps) > 1 else ()


def proof(evidence: Evidence) -> str:
    """The fact, how it is known where that is not by looking, and where to check it."""
    grade = "" if evidence.basis.value in ("observed", "unknown") else f" [{evidence.basis}]"
    source = f" ({printable(evidence.source, 400)})" if evidence.source else ""
    return f"{printable(evidence.text, 600)}{source}{grade}"


class Sight(msgspec.Struct, frozen=True):
    """One verdict that agents have in common: over which channels, and why."""

    verdict: Verdict
    channels: tuple[str, ...]
    why: str


class AgentSight(msgspec.Struct, frozen=True):
    """Agents that see a finding in exactly the same way; sights widest first."""

    agents: tuple[str, ...]
    sights: tuple[Sight, ...]


def sights(reach: Iterable[Reach], agents: Sequence[AgentUse]) -> tuple[AgentSight, ...]:
    """Reach folded for reading: agents with the same answer together, widest answer first.

    A channel that does not exist for an agent is left out.
    """
    names = {use.agent: use.name for use in agents}
    single: dict[str, list[Reach]] = {}
    for view in reach:
        if view.verdict is not Verdict.NOT_APPLICABLE:
            single.setdefault(view.agent, []).append(view)
    folded: dict[tuple[Sight, ...], list[str]] = {}
    for agent, views in single.items():
        key = tuple(_fold(views))
        folded.setdefault(key, []).append(printable(names.get(agent, agent), 40))
    order = list(VERDICTS)
    groups = [AgentSight(tuple(sorted(who)), key) for key, who in folded.items()]
    return tuple(sorted(groups, key=lambda g: (order.index(g.sights[0].verdict), g.agents)))


def _fold(views: Iterable[Reach]) -> Iterator[Sight]:
    grouped: dict[tuple[Verdict, str], list[str]] = {}
    order = list(VERDICTS)
    for view in sorted(
        views, key=lambda v: (order.index(v.verdict), list(CHANNELS).index(v.channel))
    ):
        channels = grouped.setdefault((view.verdict, _why(view)), [])
        if CHANNELS[view.channel] not in channels:
            channels.append(CHANNELS[view.channel])
    for (verdict, why), channels in grouped.items():
        yield Sight(verdict, tuple(channels), why)


def _why(view: Reach) -> str:
    basis = printable(view.basis, 300)
    if not view.source:
        return basis
    source = printable(view.source, 300)
    return basis if source in basis else f"{basis} ({source})" if basis else source
