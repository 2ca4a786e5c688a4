"""From what one change did to matches: severity, confidence, evidence, what it seeds."""

from collections.abc import Sequence

from scanner.boundary.protected import Found, Protection, is_root, verb
from scanner.boundary.resolve import Resolution
from scanner.boundary.scope import ScopeReader
from scanner.boundary.tasks import Task
from scanner.boundary.view import CREATED, View
from scanner.boundary.wording import MAX_LISTED, listed
from scanner.model import (
    Attribution,
    Basis,
    BoundaryMatch,
    Change,
    Confidence,
    Evidence,
    PathChange,
    Severity,
    Tier,
)
from scanner.rules.boundaries import SCOPE_RULES

# What a mark proves bounds what can be said of the agent. Everything below a signature can be typed
# by anyone, yet nobody types a trailer by accident; a footer may be quoted, a branch renamed.
_BY_TIER = {
    Tier.SIGNATURE: Confidence.HIGH,
    Tier.IDENTITY: Confidence.HIGH,
    Tier.TRAILER: Confidence.HIGH,
    Tier.FOOTER: Confidence.MEDIUM,
    Tier.BRANCH: Confidence.LOW,
    Tier.HINT: Confidence.LOW,
}


class Judge:
    """Puts one change's observations into matches."""

    def __init__(
        self,
        change: Change,
        attribution: Attribution,
        resolution: Resolution,
        view: View,
        guard: Protection,
    ) -> None:
        self._change = change
        self._resolution = resolution
        self._view = view
        self._guard = guard
        mark = attribution.agent
        # The staged set has no mark yet: its author named the task, and reads the answer.
        self._limit = _BY_TIER[mark.tier] if mark else Confidence.MEDIUM
        self._by_agent = mark is not None

    # -------------------------------------------------------------------------- scope

    def unknown_task(self) -> BoundaryMatch:
        """The change names a task, and nothing says what that task may touch."""
        return BoundaryMatch(
            rule="scope-unknown-task",
            title=SCOPE_RULES["scope-unknown-task"].title,
            severity=SCOPE_RULES["scope-unknown-task"].severity,
            confidence=self._limit,
            paths=tuple(path.path for path in self._change.paths[:1]),
            evidence=(
                *self._resolution.evidence,
                Evidence(f"task {self._resolution.unknown} has no file in .agentreach/tasks/"),
            ),
            remediation=("Write the task's file, or correct the trailer.",),
        )

    def scope(self, reader: ScopeReader) -> list[BoundaryMatch]:
        """Forbidden paths; protected paths outside the scope; anything else outside it."""
        task = reader.task
        forbidden = [path for path in self._change.paths if task.forbidding(path.path)]
        outside = [path for path in reader.outside(self._view) if path not in forbidden]
        # A protected path outside is overreach even where a header calls it generated.
        for path in self._change.paths:
            known = path in outside or path in forbidden or task.allowing(path.path)
            if not known and self._guard.guarding(path.path):
                outside.append(path)
        over = [path for path in outside if self._guard.guarding(path.path)]
        drift = [path for path in outside if path not in over]
        matches: list[BoundaryMatch] = []
        if forbidden:
            matches.append(self._forbidden(task, forbidden))
        if over:
            matches.append(self._overreach(task, over))
        if drift:
            matches.append(self._drift(task, drift))
        return matches

    def _forbidden(self, task: Task, paths: list[PathChange]) -> BoundaryMatch:
        found = [
            Evidence(f"{verb(path)} {path.path}: forbidden by {scope.pattern}", source=scope.source)
            for path in paths
            if (scope := task.forbidding(path.path))
        ]
        return self._scope_match(
            "scope-forbidden",
            Confidence.HIGH,
            paths,
            found,
            ("Revert the forbidden part, or have the task's owner change the task.",),
        )

    def _overreach(self, task: Task, paths: list[PathChange]) -> BoundaryMatch:
        found = [
            Evidence(f"{verb(path)} {path.path}: {subject.title}; {subject.why}")
            for path in paths
            if (subject := self._guard.guarding(path.path))
        ]
        return self._scope_match(
            "scope-overreach",
            Confidence.HIGH,
            paths,
            [_declared(task), *found],
            ("Ask the task's owner whether this was wanted; revert it if not.",),
        )

    def _drift(self, task: Task, paths: list[PathChange]) -> BoundaryMatch:
        found = [Evidence(f"{verb(path)} {path.path}: outside the scope") for path in paths]
        return self._scope_match(
            "scope-drift",
            Confidence.MEDIUM,
            paths,
            [_declared(task), *found],
            ("Split the extra part off, or add the paths to the task if they belong to it.",),
        )

    def _scope_match(
        self,
        rule: str,
        confidence: Confidence,
        paths: Sequence[PathChange],
        evidence: Sequence[Evidence],
        remediation: tuple[str, ...],
    ) -> BoundaryMatch:
        confidence = self._bounded(Confidence.LOW if self._resolution.weak else confidence)
        severity = SCOPE_RULES[rule].severity
        return BoundaryMatch(
            rule=rule,
            title=SCOPE_RULES[rule].title,
            severity=severity,
            confidence=confidence,
            paths=tuple(sorted(path.path for path in paths)),
            evidence=(*self._resolution.evidence, *_cut(evidence)),
            task=self._resolution.task.id if self._resolution.task else None,
            seeds_incident=severity is Severity.HIGH and self._may_seed(confidence),
            remediation=remediation,
        )

    # -------------------------------------------------------------------------- guards

    def guards(self) -> list[BoundaryMatch]:
        """One match for each rule that saw something, whatever the scope says."""
        found = self._guard.find(self._view)
        return [self._guard_match(one, found) for one in found]

    def _guard_match(self, found: Found, others: list[Found]) -> BoundaryMatch:
        rule = found.rule
        severity, seeds = rule.severity, rule.seeds_incident
        evidence = [
            Evidence(f"{one.path}: {one.text}", source=_source(one.path, one.line))
            for one in found.observations
        ]
        company = self._company(found, others)
        if company is not None:
            evidence.append(company)
            severity, seeds = max(severity, Severity.MEDIUM, key=lambda one: one.rank), True
        if found.doubts and rule.created == "lower":
            first = CREATED in found.doubts and is_root(self._change)
            severity = Severity.INFO if first else _lower(severity)
            seeds = False
            evidence += [Evidence(doubt, Basis.DERIVED) for doubt in found.doubts]
        permission = self._permission(found.paths)
        if permission:
            severity, seeds = _lower(severity), False
            evidence += permission
        confidence = self._bounded(rule.confidence)
        task = self._resolution.task
        return BoundaryMatch(
            rule=rule.id,
            title=rule.title,
            severity=severity,
            confidence=confidence,
            paths=_anchored(found),
            evidence=_cut(evidence),
            task=task.id if task and not self._resolution.weak else None,
            line=next((one.line for one in found.observations if one.line), None),
            seeds_incident=seeds and self._may_seed(confidence),
            remediation=rule.remediation,
        )

    def _company(self, found: Found, others: list[Found]) -> Evidence | None:
        """What in the same change turns one weakened gate into an incident.

        A gate of another kind, or another protected path: about 1 % of agents' commits each, where
        a single weakened gate is in 6 %.
        """
        if not found.rule.gate:
            return None
        for other in others:
            if other.rule.gate and other.rule.gate != found.rule.gate:
                return Evidence(f"the same change also: {other.rule.id}", Basis.DERIVED)
        for path in self._change.paths:
            subject = self._guard.guarding(path.path)
            if subject and path.path not in found.paths:
                text = f"the same change also touches {subject.title}: {path.path}"
                return Evidence(text, Basis.DERIVED)
        return None

    def _permission(self, paths: tuple[str, ...]) -> list[Evidence]:
        """The task names all of the paths on purpose; a pattern opening with `*` does not."""
        task = self._resolution.task
        if task is None or self._resolution.weak:
            return []
        scopes = [task.allowing(path) for path in paths]
        if any(scope is None or scope.pattern.startswith("*") for scope in scopes):
            return []
        return [
            Evidence(f"task {task.id} allows {scope.pattern}", Basis.CONFIG, scope.source)
            for scope in dict.fromkeys(scopes)
            if scope is not None
        ]

    def _may_seed(self, confidence: Confidence) -> bool:
        return self._by_agent and confidence.rank >= Confidence.MEDIUM.rank

    def _bounded(self, confidence: Confidence) -> Confidence:
        return min(confidence, self._limit, key=lambda one: one.rank)


def _declared(task: Task) -> Evidence:
    patterns = listed([scope.pattern for scope in task.allowed])
    return Evidence(f"task {task.id} allows {patterns}", Basis.CONFIG, task.allowed[0].source)


def _cut(evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    if len(evidence) <= MAX_LISTED:
        return tuple(evidence)
    rest = len(evidence) - MAX_LISTED
    return (*evidence[:MAX_LISTED], Evidence(f"and {rest} more", Basis.DERIVED))


def _anchored(found: Found) -> tuple[str, ...]:
    """All paths, sorted, but first the one whose line is known: the line is said of the first."""
    first = next((one.path for one in found.observations if one.line), found.paths[0])
    return (first, *(path for path in found.paths if path != first))


def _source(path: str, line: int | None) -> str:
    return f"{path}:{line}" if line else path


def _lower(severity: Severity) -> Severity:
    return list(Severity)[max(0, severity.rank - 1)]
