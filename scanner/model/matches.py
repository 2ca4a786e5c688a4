"""What detectors, boundaries and data-flow checks yield: places, never texts."""

import msgspec

from scanner.model.kinds import Category, Confidence, Evidence, Severity


class Match(msgspec.Struct, frozen=True):
    """What a content detector yields: a span of a content, never its text."""

    rule: str
    start: int
    end: int
    """The secret is `content[start:end]`."""
    confidence: Confidence
    evidence: tuple[str, ...] = ()
    """Reasons in words, e.g. "checksum valid"; never a part of the secret."""


class BoundaryMatch(msgspec.Struct, frozen=True):
    """One rule broken by one change: an agent acted, or may have acted, outside its task."""

    rule: str
    title: str
    severity: Severity
    confidence: Confidence
    paths: tuple[str, ...]
    """The paths concerned, sorted; the first anchors the finding."""
    evidence: tuple[Evidence, ...]
    task: str | None = None
    line: int | None = None
    """In the first path's new content, where that is known."""
    seeds_incident: bool = False
    remediation: tuple[str, ...] = ()


class FlowMatch(msgspec.Struct, frozen=True):
    """Data that flows from a source to a sink inside one file."""

    rule: str
    title: str
    category: Category
    severity: Severity
    confidence: Confidence
    line: int
    column: int
    symbol: str
    """The enclosing function's qualified name, or `<module>`; part of the fingerprint."""
    evidence: tuple[Evidence, ...]
    """Source, steps and sink, in order, each with `path:line`."""
    remediation: tuple[str, ...] = ()
