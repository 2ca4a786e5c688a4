"""Findings that are read together: what one commit did, as one record sees it."""

from collections.abc import Iterable

import msgspec

from scanner.model import Category, Finding, Where


class Group(msgspec.Struct, frozen=True):
    """Findings under one heading. Without `acted` it is one finding that heads itself."""

    findings: tuple[Finding, ...]
    """At least one, in the report's order."""
    acted: bool
    """All are about what one change did, as part of one task and for one record."""


def grouped(findings: Iterable[Finding]) -> tuple[Group, ...]:
    """Groups in the order of their first finding: that of their most severe one."""
    found: dict[tuple[str, ...], list[Finding]] = {}
    for finding in findings:
        change = _change(finding)
        key = (
            (finding.fingerprint, str(len(found)))
            if change is None
            else (finding.incident or "", change, finding.task or "", "acted")
        )
        found.setdefault(key, []).append(finding)
    return tuple(Group(tuple(members), "acted" in key[-1:]) for key, members in found.items())


def commit_of(finding: Finding) -> str | None:
    """The commit that acted."""
    if finding.introduced is not None:
        return finding.introduced.commit
    return finding.locations[0].commit


def _change(finding: Finding) -> str | None:
    """What tells one change from another; None for findings about a state, not an act."""
    if finding.secret is not None or finding.category is not Category.AGENT_OVERREACH:
        return None
    if finding.locations[0].where is Where.INDEX:
        return "staged"
    return commit_of(finding)
