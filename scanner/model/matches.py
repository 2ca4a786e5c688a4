"""What detectors, boundaries and data-flow checks yield: places, never texts."""

import msgspec

from scanner.model.kinds import Category, Confidence, Evidence, Severity


class Layer(msgspec.Struct, frozen=True):
    """One wrapping between a content and the bytes that a match was found in."""

    kind: str
    """The encoding or container, e.g. `base64`: a module of `scanner.detectors.layers`."""
    spans: tuple[tuple[int, int], ...]
    """Where the wrapped bytes stand in the bytes around them, ascending; most have one span."""
    detail: str = ""
    """The name of an archive's member: hostile text, bounded and without control characters."""


class Part(msgspec.Struct, frozen=True):
    """The other half of a credential, such as the key id that belongs to a secret key."""

    rule: str
    start: int
    end: int


class Match(msgspec.Struct, frozen=True):
    """What a content detector yields: a span of a content, never its text."""

    rule: str
    start: int
    end: int
    """The secret is `content[start:end]`, of the innermost content when there are layers."""
    confidence: Confidence
    evidence: tuple[str, ...] = ()
    """Reasons in words, e.g. "checksum valid"; never a part of the secret."""
    layers: tuple[Layer, ...] = ()
    """What the secret is wrapped in, outermost first; none for nearly all."""
    parts: tuple[Part, ...] = ()
    """Other halves of the same credential, in the same content as the secret."""


class DataMatch(msgspec.Struct, frozen=True):
    """Personal data in bulk in one content: counts and headings, never a value."""

    start: int
    end: int
    """The heading, or the first row where there is none."""
    rows: int
    counts: tuple[tuple[str, int], ...]
    """Kinds with the number of rows that hold one, most first: `("email-address", 412)`."""
    columns: tuple[str, ...]
    """The headings that say so: hostile text, bounded and without control characters."""
    confidence: Confidence
    evidence: tuple[str, ...] = ()
    """Reasons in words; never a part of a value."""


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
