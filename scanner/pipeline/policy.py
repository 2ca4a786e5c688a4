"""Commits that break the project's policy on agents, as findings.

One finding a commit, as long as they are few; many of one agent, and all of an agent that is not
approved, are one finding with a place for each commit, so that a baseline can accept each.
"""

import heapq
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import UTC, datetime
from typing import Final, NamedTuple, Protocol

import msgspec

from scanner.attribution import Attributor
from scanner.attribution.policy import Breach, Policy
from scanner.model import (
    Attribution,
    Basis,
    Change,
    Confidence,
    Event,
    Evidence,
    Finding,
    Location,
    Problem,
    Where,
)
from scanner.pipeline.digest import Digester
from scanner.pipeline.places import LOCATIONS_PER_FINDING, with_fingerprint
from scanner.rules.agents import AgentFile
from scanner.rules.policy import PolicyKind, PolicyRule, load_policy_file
from scanner.rules.policy_settings import PolicySettings
from scanner.suppress import inline_ignore

APART: Final = 20
"""Commits of one agent that break the policy in one way and are told one by one; more are told
together."""
_OWN_COMMENT: Final = "agentreach:"
_LINE_REACH: Final = 2000
_COMMENTS: Final = 20


class Beginning(Protocol):
    """Where the history stands from which on the policy holds."""

    def is_before(self, commit: str, time: int) -> bool:
        """Whether a commit with this committer's date is from before."""


BeginningOf = Callable[[str], Beginning | None]
"""Finds a commit's place in the history; None when the commit is not here."""


class _Seen(NamedTuple):
    """A breach and the commit it stands on. Ordered by age, the oldest first."""

    time: int
    commit: str
    breach: Breach
    attribution: Attribution
    event: Event | None
    ref: str | None


class _Group:
    """The breaches of one kind by one agent: how many, the first one, and the newest of them."""

    def __init__(self) -> None:
        self.count = 0
        self.first: _Seen | None = None
        self._newest: list[tuple[int, str, int, _Seen]] = []

    def add(self, seen: _Seen) -> None:
        """Take one more; memory stays bounded."""
        entry = (seen.time, seen.commit, self.count, seen)
        self.count += 1
        if self.first is None or seen[:2] < self.first[:2]:
            self.first = seen
        if len(self._newest) < LOCATIONS_PER_FINDING:
            heapq.heappush(self._newest, entry)
        else:
            heapq.heappushpop(self._newest, entry)

    @property
    def newest(self) -> list[_Seen]:
        """The newest first."""
        return [entry[3] for entry in sorted(self._newest, reverse=True)]


class LoadedPolicy(NamedTuple):
    """A project's policy and the rules that its findings are told by."""

    policy: Policy
    rules: Mapping[PolicyKind, PolicyRule]


def load_policy(
    settings: PolicySettings | None, agents: Collection[AgentFile], attributor: Attributor
) -> LoadedPolicy | None:
    """The policy of a project; None where it has none.

    Raises `ConfigError` for a form or an agent that does not exist.
    """
    if settings is None:
        return None
    file = load_policy_file()
    return LoadedPolicy(Policy(settings, file, agents, attributor), file.rules)


class PolicyPass:
    """Judges the changes of one scan, in any order, and keeps what is to be told of them."""

    def __init__(
        self,
        loaded: LoadedPolicy,
        attributor: Attributor,
        beginning_of: BeginningOf,
        now: int | None = None,
    ) -> None:
        """`now`: the time of a commit that is about to be made, in seconds; None: the clock's."""
        self._policy, self._rules = loaded
        self._attributor = attributor
        self._beginning_of = beginning_of
        self._now = now
        self._beginning: Beginning | None = None
        self._asked = False
        self._groups: dict[tuple[PolicyKind, str], _Group] = {}
        self.suppressed = 0
        """Breaches that a comment in the commit's message took away."""
        self.problems: list[Problem] = []

    def add(self, change: Change, attribution: Attribution) -> None:
        """Judge one change; `attribution` is its own."""
        if change.commit is None:
            change = self._dated(change)
            attribution = self._attributor.attribute(change)
        for breach in self._policy.breaches(change, attribution):
            if not self._holds_for(change):
                return
            ignored, remark = _ignored(change.message, breach.kind)
            if ignored:
                self.suppressed += 1
                continue
            if remark is not None:
                breach = msgspec.structs.replace(breach, evidence=(*breach.evidence, remark))
            group = self._groups.setdefault((breach.kind, breach.agent), _Group())
            group.add(_seen(change, attribution, breach))

    def findings(self, open_digester: Callable[[], Digester]) -> list[Finding]:
        """What was found, ordered by rule, agent and age, newest first."""
        if not self._groups:
            return []
        digester = open_digester()
        found: list[Finding] = []
        for kind, agent in sorted(self._groups):
            group, rule = self._groups[kind, agent], self._rules[kind]
            if kind is PolicyKind.NOT_APPROVED or group.count > APART:
                found.append(_together(rule, agent, group, digester))
            else:
                found += (_alone(rule, agent, seen, digester) for seen in group.newest)
        return found

    def _dated(self, change: Change) -> Change:
        """The staged change has no time yet, and marks have their times."""
        now = self._now if self._now is not None else int(time.time())
        return msgspec.structs.replace(change, author_time=now, committer_time=now)

    def _holds_for(self, change: Change) -> bool:
        """Whether the change is not from before the commit that the policy names. Asked only of
        changes that break it: most scans never need to know."""
        commit = self._policy.since_commit
        if commit is None or change.commit is None:
            return True
        if not self._asked:
            self._asked = True
            self._beginning = self._beginning_of(commit)
            if self._beginning is None:
                self.problems.append(_not_here(commit))
        if self._beginning is None:
            return False
        return not self._beginning.is_before(change.commit, change.committer_time)


def _not_here(commit: str) -> Problem:
    return Problem(
        "attribution",
        commit,
        "the commit from which on the policy on agents holds is not in this clone: no commit was"
        " judged by it",
        hint="fetch more of the history, or correct attribution.since_commit in .agentreach.yml",
    )


def _seen(change: Change, attribution: Attribution, breach: Breach) -> _Seen:
    event = None
    if change.commit is not None:
        event = Event(
            commit=change.commit,
            path="",
            author=change.author,
            time=change.author_time,
            committed=change.committer_time,
            subject=change.subject,
        )
    commit = change.commit or ""
    return _Seen(change.committer_time, commit, breach, attribution, event, change.ref)


def _alone(rule: PolicyRule, agent: str, seen: _Seen, digester: Digester) -> Finding:
    """The finding of one commit."""
    return _finding(
        rule,
        digester.subject("policy", rule.kind, agent, seen.commit or "staged"),
        (_place(rule, agent, seen, digester),),
        seen,
        seen.breach.evidence,
    )


def _together(rule: PolicyRule, agent: str, group: _Group, digester: Digester) -> Finding:
    """The finding of all commits of one agent, with the newest as its places."""
    first, newest = group.first, group.newest
    assert first is not None
    last = newest[0]
    summary: tuple[Evidence, ...] = ()
    if group.count > 1:
        text = f"{group.count} commits, from {_day(first.time)} to {_day(last.time)}; the newest:"
        summary = (Evidence(text, Basis.DERIVED),)
    left_out: tuple[Evidence, ...] = ()
    if group.count > len(newest):
        text = f"the {group.count - len(newest)} oldest commits are not listed"
        left_out = (Evidence(text, Basis.DERIVED),)
    return _finding(
        rule,
        digester.subject("policy", rule.kind, agent),
        tuple(_place(rule, agent, seen, digester) for seen in newest),
        first,
        (*summary, *last.breach.evidence, *left_out),
        confidence=max((seen.breach.confidence for seen in newest), key=lambda one: one.rank),
    )


def _finding(
    rule: PolicyRule,
    fingerprint: str,
    places: tuple[Location, ...],
    introduced: _Seen,
    evidence: tuple[Evidence, ...],
    confidence: Confidence | None = None,
) -> Finding:
    return Finding(
        fingerprint=fingerprint,
        rule=rule.kind.value,
        category=rule.category,
        severity=rule.severity,
        confidence=confidence or introduced.breach.confidence,
        title=f"{rule.title}: {introduced.breach.name}",
        locations=places,
        introduced=introduced.event,
        attribution=introduced.attribution,
        evidence=evidence,
        remediation=rule.remediation,
        references=rule.references,
    )


def _place(rule: PolicyRule, agent: str, seen: _Seen, digester: Digester) -> Location:
    # By the agent, too: one commit can carry marks of two that are not approved.
    fingerprint = digester.subject("place", rule.kind, agent, seen.commit or "staged")
    place = Location(Where.MESSAGE, "", seen.breach.line, commit=seen.commit or None, ref=seen.ref)
    return with_fingerprint(place, fingerprint)


def _ignored(text: str, rule: str) -> tuple[bool, Evidence | None]:
    """Whether a comment of ours in the message takes the breach away; else why one does not.

    Other scanners' comments are about secrets and do not count.
    """
    if _OWN_COMMENT not in text:
        return False, None
    for line in _comments(text):
        comment = inline_ignore(line.encode("utf-8", "replace"), b"", rule)
        if comment is not None:
            return comment.honoured, None if comment.honoured else Evidence(comment.note)
    return False, None


def _comments(text: str) -> Iterator[str]:
    lines = (line[:_LINE_REACH] for line in text.split("\n") if _OWN_COMMENT in line)
    return (line for _, line in zip(range(_COMMENTS), lines, strict=False))


def _day(moment: int) -> str:
    try:
        return datetime.fromtimestamp(moment, UTC).date().isoformat()
    except (OverflowError, ValueError, OSError):
        return "an impossible date"
