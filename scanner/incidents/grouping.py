"""Which findings belong together, and which of them open a record."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence

import msgspec

from scanner.model import Category, Confidence, Finding, Incident, Severity

SERIES_GAP = 30 * 60
"""Seconds between two commits of one agent and one author that still count as one series."""

ID_PREFIX = "AR-"

# Where two findings are equally severe, the one whose harm cannot be undone names the incident.
_CATEGORY_ORDER = (
    Category.DATA_EXFILTRATION,
    Category.CREDENTIAL_EXPOSURE,
    Category.AGENT_OVERREACH,
    Category.HALLUCINATION,
    Category.SHADOW_AI,
)
_SUBJECT_ORDER = ("secret", "task", "commit", "finding")


def seed(findings: Sequence[Finding]) -> tuple[tuple[Finding, ...], tuple[Incident, ...]]:
    """Group the findings into candidate incidents.

    Returns the findings in the order given, with `incident` set where one was seeded, and the
    incidents, most severe first. The result does not depend on the order of the findings.

    Findings that share a secret, a task, a commit or a series of commits (see `SERIES_GAP`) belong
    together. Only findings that `seeds` accepts open an incident or tie two groups into one; the
    others join an incident that they share something with.
    """
    keys = _keys(findings)
    groups = _union([index for index, one in enumerate(findings) if seeds(one)], keys)
    incidents: dict[str, Incident] = {}
    placed: dict[int, str] = {}
    owner: dict[str, str] = {}
    for subject, seeding in sorted((_anchor(findings, group), group) for group in groups):
        identifier = incident_id(subject, taken=incidents)
        shared = {key for index in seeding for key in keys[index]}
        owner.update(dict.fromkeys(shared, identifier))
        placed.update(dict.fromkeys(seeding, identifier))
        members = [findings[index] for index in seeding]
        incidents[identifier] = summarise(identifier, subject, members)
    for index in range(len(findings)):
        home = next((owner[key] for key in keys[index] if key in owner), None)
        if home is not None:
            placed.setdefault(index, home)
    members_of: dict[str, list[Finding]] = defaultdict(list)
    for index, identifier in placed.items():
        members_of[identifier].append(findings[index])
    complete = [
        msgspec.structs.replace(incident, findings=_fingerprints(members_of[incident.id]))
        for incident in incidents.values()
    ]
    return (
        tuple(
            msgspec.structs.replace(one, incident=placed.get(index))
            for index, one in enumerate(findings)
        ),
        tuple(sorted(complete, key=lambda one: (-one.severity.rank, one.id))),
    )


def seeds(finding: Finding) -> bool:
    """Whether a finding by itself is reason enough to open a record."""
    if finding.seeds_incident:
        return True
    return (
        finding.category in (Category.DATA_EXFILTRATION, Category.CREDENTIAL_EXPOSURE)
        and finding.severity.rank >= Severity.HIGH.rank
        and finding.confidence.rank >= Confidence.MEDIUM.rank
    )


def incident_id(subject: str, *, taken: dict[str, Incident] | None = None) -> str:
    """`AR-` and 8 hex digits of BLAKE2b over the subject; 16 where the 8 are `taken`.

    A subject holds a secret's keyed digest, never the secret, so the id tells nothing about it.
    """
    name = hashlib.blake2b(subject.encode("utf-8", "surrogateescape"), person=b"agentreach-id")
    short = f"{ID_PREFIX}{name.hexdigest()[:8]}"
    return f"{ID_PREFIX}{name.hexdigest()[:16]}" if taken and short in taken else short


def by_weight(finding: Finding) -> tuple[int, int, int, str]:
    """A sort key: most severe first, then the category that is hardest to undo, then most sure."""
    return (
        -finding.severity.rank,
        _CATEGORY_ORDER.index(finding.category),
        -finding.confidence.rank,
        finding.fingerprint,
    )


def summarise(identifier: str, subject: str, members: Sequence[Finding]) -> Incident:
    """The incident of some findings: the weightiest lends title, category and severity."""
    leading = min(members, key=by_weight)
    more = len(members) - 1
    return Incident(
        id=identifier,
        category=leading.category,
        title=f"{leading.title} (and {more} more)" if more else leading.title,
        severity=leading.severity,
        subject=subject,
        findings=_fingerprints(members),
    )


def _fingerprints(members: Sequence[Finding]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.fingerprint for one in sorted(members, key=by_weight)))


def _anchor(findings: Sequence[Finding], group: Sequence[int]) -> str:
    """The subject that names a group: a secret before a task before the earliest commit.

    A secret's digest is the same in a staged, a range and a full scan, so it comes first; a
    commit is the least stable name, as a scan of a longer range may find an earlier one.
    """

    def order(index: int) -> tuple[int, int, str]:
        finding = findings[index]
        kind = finding.subject.partition(":")[0]
        commit_time = finding.introduced.time if finding.introduced and kind == "commit" else 0
        return _SUBJECT_ORDER.index(kind), commit_time, finding.subject

    return findings[min(group, key=order)].subject


def _keys(findings: Sequence[Finding]) -> list[tuple[str, ...]]:
    """What each finding shares with others, as comparable keys, strongest tie first."""
    series = _series(findings)
    result: list[tuple[str, ...]] = []
    for finding in findings:
        commit = _commit(finding)
        keys = [finding.subject]
        if finding.task is not None:
            keys.append(f"task:{finding.task}")
        if commit is not None:
            keys.append(f"commit:{commit}")
            if commit in series:
                keys.append(series[commit])
        result.append(tuple(dict.fromkeys(keys)))
    return result


def _commit(finding: Finding) -> str | None:
    """The commit that did it: the introducing one; without that, the one a non-secret stands in."""
    if finding.introduced is not None:
        # At the edge of a shallow clone everything seems to come from one commit.
        return finding.introduced.commit if finding.introduced.exact else None
    return finding.locations[0].commit if finding.secret is None else None


def _series(findings: Sequence[Finding]) -> dict[str, str]:
    """The key of the series that each agent commit belongs to, by commit."""
    by_worker: dict[tuple[str, str], set[tuple[int, str]]] = defaultdict(set)
    for finding in findings:
        event, mark = finding.introduced, finding.attribution and finding.attribution.agent
        if event is not None and event.exact and mark and seeds(finding):
            by_worker[mark.agent, event.author.email].add((event.time, event.commit))
    keys: dict[str, str] = {}
    for commits in by_worker.values():
        previous, first = None, ""
        for time, commit in sorted(commits):
            if previous is None or time - previous > SERIES_GAP:
                first = commit
            previous = time
            keys[commit] = f"series:{first}"
    return keys


def _union(seeding: Sequence[int], keys: Sequence[tuple[str, ...]]) -> list[list[int]]:
    """The connected groups among the seeding findings, joined by shared keys."""
    parent = {index: index for index in seeding}

    def find(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    first: dict[str, int] = {}
    for index in seeding:
        for key in keys[index]:
            parent[find(index)] = find(first.setdefault(key, index))
    groups: dict[int, list[int]] = defaultdict(list)
    for index in seeding:
        groups[find(index)].append(index)
    return list(groups.values())
