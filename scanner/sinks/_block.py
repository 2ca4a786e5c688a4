"""One finding as lines for people."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from scanner.model import (
    AgentUse,
    Basis,
    Finding,
    Incident,
    Location,
    Tracking,
    Verdict,
    Where,
)
from scanner.sinks._describe import (
    CATEGORIES,
    VERDICTS,
    Sight,
    by,
    count,
    event,
    flow,
    place,
    proof,
    short,
    sights,
    standing,
)
from scanner.sinks._layout import MARGIN, Line, Piece, row
from scanner.sinks._printable import printable

_PLACES = 4
"""Other places named; the rest are counted."""
_STEPS = 8
"""Steps of a flow, and pieces of evidence, that are shown."""
_REMEDIES = 3
_SIGHTS = 4
_NAME = 26
"""Widest column of agents' names; longer lists stand on a line of their own."""
_WIDE = 70
"""Below so many columns every list of names does."""

_OPENNESS = {
    Verdict.AUTO: "open",
    Verdict.NO_PROMPT: "open",
    Verdict.PROMPT: "ask",
    Verdict.BYPASS_ONLY: "ask",
    Verdict.UNKNOWN: "unknown",
    Verdict.BLOCKED: "shut",
}


def block(
    finding: Finding, agents: Sequence[AgentUse], records: Mapping[str, Incident], width: int
) -> Iterator[Line]:
    """All lines of one finding; the first says how bad and what."""
    yield from _head(finding, width)
    yield from _places(finding, width)
    yield from _reach(finding, agents, width)
    yield from _history(finding, width)
    yield from _reasons(finding, width)
    yield from _remedies(finding, width)
    yield from _record(finding, records, width)


def _head(finding: Finding, width: int) -> Iterator[Line]:
    title = [Piece(printable(finding.title, 200), "title")]
    if finding.secret is not None and finding.secret.masked:
        title.append(Piece(f"  {printable(finding.secret.masked, 60)}"))
    severity = finding.severity
    yield from row(severity.upper(), title, width, style=severity.value)
    facts = (
        f"category {finding.category.value} {CATEGORIES[finding.category]}"
        f" · {finding.confidence} confidence · {printable(finding.rule, 80)}"
    )
    yield from row("", [Piece(facts, "dim")], width)


# ------------------------------------------------------------------------------ where


def _places(finding: Finding, width: int) -> Iterator[Line]:
    first, *others = finding.locations
    yield from row("  at", _place(first), width, hang=2)
    for number, location in enumerate(others[:_PLACES]):
        yield from row("" if number else "  also in", _place(location), width, hang=2)
    rest = others[_PLACES:]
    if rest:
        kinds = Counter(_kind(location) for location in rest)
        words = ", ".join(f"{number:,} {kind}" for kind, number in kinds.most_common())
        yield from row("", [Piece(f"and {count(len(rest), 'more place')}: {words}", "dim")], width)


def _place(location: Location) -> list[Piece]:
    return [Piece(place(location), "path", whole=True), Piece(f"  {standing(location)}")]


def _kind(location: Location) -> str:
    if location.where is Where.COMMIT:
        return {True: "in HEAD", False: "history only", None: "committed"}[location.in_head]
    return location.where.value


# ------------------------------------------------------------------------------ who can see it


def _reach(finding: Finding, agents: Sequence[AgentUse], width: int) -> Iterator[Line]:
    groups = sights(finding.reach, agents)
    if not groups:
        if finding.secret is not None and agents:
            yield from row("  reach", [Piece("unknown: not assessed", "unknown")], width)
        return
    names = [", ".join(group.agents) for group in groups]
    widest = _NAME if width >= _WIDE else 0
    column = max((len(name) for name in names if len(name) <= widest), default=0) + 2
    label = "  reach"
    for name, group in zip(names, groups, strict=True):
        lead = name.ljust(column)
        if len(name) > widest:
            yield from row(label, [Piece(name)], width)
            label, lead = "", " " * column
        for sight in group.sights[:_SIGHTS]:
            for line in row("", _sight(sight), width - column):
                yield (Piece(label.ljust(MARGIN), "dim"), Piece(lead), *line[1:])
                label, lead = "", " " * column
        if len(group.sights) > _SIGHTS:
            more = f"{' ' * column}and {len(group.sights) - _SIGHTS} narrower"
            yield (Piece(" " * MARGIN), Piece(more, "dim"))


def _sight(sight: Sight) -> list[Piece]:
    pieces = [
        Piece(VERDICTS[sight.verdict], _OPENNESS[sight.verdict]),
        Piece(f" via {', '.join(sight.channels)}"),
    ]
    return [*pieces, Piece(f": {sight.why}", "dim")] if sight.why else pieces


# ------------------------------------------------------------------------------ since when, why


def _history(finding: Finding, width: int) -> Iterator[Line]:
    who = by(finding.attribution)
    tail = f" · {who}" if who else ""
    if finding.introduced is not None:
        yield from row("  since", [Piece(event(finding.introduced) + tail)], width, hang=2)
    elif finding.secret is None and finding.locations[0].commit:
        acted = f"{short(finding.locations[0].commit)}{tail}"
        task = f" · task {printable(finding.task, 80)}" if finding.task else ""
        yield from row("  by", [Piece(acted + task)], width, hang=2)
    elif finding.secret is not None:
        yield from row("  since", [Piece(_since(finding))], width)
    if finding.removed is not None:
        words = f"{event(finding.removed)}, but history still holds it"
        yield from row("  removed", [Piece(words)], width, hang=2)


def _since(finding: Finding) -> str:
    kinds = {location.where for location in finding.locations}
    if kinds == {Where.WORKTREE}:
        tracked = any(location.tracking is Tracking.TRACKED for location in finding.locations)
        return "not committed in this state" if tracked else "never committed"
    if kinds <= {Where.WORKTREE, Where.INDEX}:
        return "not committed yet"
    return "unknown"


def _reasons(finding: Finding, width: int) -> Iterator[Line]:
    steps = flow(finding)
    if steps:
        yield from _flow(steps, width)
        return
    known = [item for item in finding.evidence if item.basis is not Basis.UNKNOWN]
    for number, item in enumerate(known[:_STEPS]):
        yield from row("" if number else "  why", [Piece(proof(item))], width, hang=2)
    if len(known) > _STEPS:
        yield from row("", [Piece(f"and {len(known) - _STEPS:,} more", "dim")], width)
    unknown = [item for item in finding.evidence if item.basis is Basis.UNKNOWN]
    for number, item in enumerate(unknown[:_STEPS]):
        words = [Piece(proof(item), "unknown")]
        yield from row("" if number else "  unknown", words, width, hang=2)


def _flow(steps: Sequence[tuple[str, int, str]], width: int) -> Iterator[Line]:
    hidden = max(len(steps) - _STEPS, 0)
    middle = (_STEPS + 1) // 2
    for number, (path, line, text) in enumerate(steps):
        if hidden and middle <= number < middle + hidden:
            if number == middle:
                yield from row("", [Piece(f"… {count(hidden, 'step')}", "dim")], width)
            continue
        pieces = [
            Piece(f"{printable(path)}:{line}", "path", whole=True),
            Piece(f"  {printable(text, 200)}"),
        ]
        yield from row("" if number else "  flow", pieces, width, hang=2)


# ------------------------------------------------------------------------------ what to do


def _remedies(finding: Finding, width: int) -> Iterator[Line]:
    steps = finding.remediation[:_REMEDIES]
    for number, step in enumerate(steps):
        lead = f"{number + 1}. " if len(steps) > 1 else ""
        words = [Piece(f"{lead}{printable(step, 400)}")]
        yield from row("" if number else "  do", words, width, hang=len(lead))


def _record(finding: Finding, records: Mapping[str, Incident], width: int) -> Iterator[Line]:
    if finding.incident is None:
        return
    pieces = [Piece(printable(finding.incident, 40))]
    incident = records.get(finding.incident)
    if incident is not None:
        pieces.append(Piece(f" {printable(incident.status, 40)}"))
        others = len(set(incident.findings) - {finding.fingerprint})
        if others:
            pieces.append(Piece(f", with {count(others, 'other finding')}"))
        if incident.record:
            pieces += [Piece(" · "), Piece(printable(incident.record), "path", whole=True)]
    yield from row("  record", pieces, width)
