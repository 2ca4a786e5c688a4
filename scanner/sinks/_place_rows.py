"""Rows that say where a finding is and who can see it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from scanner.model import AgentUse, Finding, Location, Reach, Tracking, Verdict, Where
from scanner.sinks._describe import VERDICTS, Sight, count, place, sights, standing
from scanner.sinks._layout import MARGIN, Line, Piece, row, wrap
from scanner.sinks._sight import Answer, answers, by_agent, fitted

_PLACES = 2
_PLACES_VERBOSE = 20
_NAMES = ((100, 26), (70, 16))
"""From so many columns on: the widest column of agents' names. Longer ones, and all of them on a
narrower terminal, stand on a line of their own."""

_OPENNESS = {
    Verdict.AUTO: "open",
    Verdict.NO_PROMPT: "open",
    Verdict.PROMPT: "ask",
    Verdict.BYPASS_ONLY: "ask",
    Verdict.UNKNOWN: "unknown",
    Verdict.BLOCKED: "shut",
}


def places(finding: Finding, width: int, *, verbose: bool) -> Iterator[Line]:
    """The first places; the rest are counted by kind."""
    shown = _PLACES_VERBOSE if verbose else _PLACES
    for number, location in enumerate(finding.locations[:shown]):
        since = "" if number else _without_commit(finding)
        pieces = [
            Piece(place(location), "path", whole=True),
            Piece(f"  {standing(location)}{since}"),
        ]
        yield from row("" if number else "  at", pieces, width, hang=2)
    rest = finding.locations[shown:]
    if rest:
        kinds = Counter(_kind(location) for location in rest)
        words = ", ".join(f"{number:,} {kind}" for kind, number in kinds.most_common())
        yield from row("", [Piece(f"and {count(len(rest), 'more place')}: {words}", "dim")], width)


def _without_commit(finding: Finding) -> str:
    """Since when, for what no commit brought in."""
    committed = any(location.in_head for location in finding.locations)
    if finding.introduced is not None or finding.secret is None or committed:
        return ""
    kinds = {location.where for location in finding.locations}
    if kinds == {Where.WORKTREE}:
        tracked = any(location.tracking is Tracking.TRACKED for location in finding.locations)
        return ", not committed in this state" if tracked else ", never committed"
    if kinds <= {Where.WORKTREE, Where.INDEX}:
        return ", not committed yet"
    return ", since when is unknown"


def _kind(location: Location) -> str:
    if location.where is Where.COMMIT:
        return {True: "in HEAD", False: "history only", None: "committed"}[location.in_head]
    return location.where.value


# ------------------------------------------------------------------------------ who can see it


def reach(
    finding: Finding, agents: Sequence[AgentUse], width: int, *, verbose: bool
) -> Iterator[Line]:
    """One line an agent; with `verbose` every channel's answer and where it is stated."""
    if not by_agent(finding.reach):
        if finding.secret is not None and agents:
            yield from row("  reach", [Piece("unknown: not assessed", "unknown")], width)
    elif verbose:
        yield from _in_full(finding.reach, agents, width)
    elif agents:
        yield from _table(answers(finding.reach, agents), width)
    else:
        yield from row("  reach", [Piece(_if_any(finding.reach))], width, hang=2)


def _table(groups: Sequence[Answer], width: int) -> Iterator[Line]:
    widest = _widest_name(width)
    names = [", ".join(group.agents) for group in groups]
    name_column = max((len(name) for name in names if len(name) <= widest), default=0)
    verdict_column = max(len(group.words) for group in groups)
    channel_column = max(len(group.channels) for group in groups)
    indent = name_column + 2
    columns = max(width - MARGIN - indent, 20)
    left = columns - verdict_column - channel_column - 4
    label = "  reach"
    for name, group in zip(names, groups, strict=True):
        if len(name) > widest:
            yield from row(label, [Piece(name)], width, hang=2)
            label, name = "", ""
        cells = (group.words, group.channels)
        if widest:
            cells = (group.words.ljust(verdict_column), group.channels.ljust(channel_column))
        pieces = [
            Piece(cells[0], _OPENNESS[group.verdict], whole=bool(widest)),
            Piece("  "),
            Piece(cells[1], whole=bool(widest)),
            Piece(f"  {fitted(group.control, left)}", "dim"),
        ]
        lead = Piece(name.ljust(indent))
        for line in wrap(pieces, columns, hang=2):
            yield (Piece(label.ljust(MARGIN), "dim"), lead, *line)
            label, lead = "", Piece(" " * indent)


def _widest_name(width: int) -> int:
    return next((name for columns, name in _NAMES if width >= columns), 0)


def _if_any(views: Iterable[Reach]) -> str:
    """With no agent in use, only who would see it."""
    verdicts: dict[str, list[str]] = {}
    for group in answers(views, ()):
        verdicts.setdefault(group.words, []).extend(group.agents)
    told = "; ".join(f"{words}: {', '.join(sorted(who))}" for words, who in verdicts.items())
    return f"if an agent is run here: {told}"


def _in_full(views: Iterable[Reach], agents: Sequence[AgentUse], width: int) -> Iterator[Line]:
    groups = sights(views, agents)
    names = [", ".join(group.agents) for group in groups]
    widest = _widest_name(width)
    column = max((len(name) for name in names if len(name) <= widest), default=0) + 2
    label = "  reach"
    for name, group in zip(names, groups, strict=True):
        lead = name.ljust(column)
        if len(name) > widest:
            yield from row(label, [Piece(name)], width, hang=2)
            label, lead = "", " " * column
        for sight in group.sights:
            for line in row("", _sight(sight), width - column):
                yield (Piece(label.ljust(MARGIN), "dim"), Piece(lead), *line[1:])
                label, lead = "", " " * column


def _sight(sight: Sight) -> list[Piece]:
    pieces = [
        Piece(VERDICTS[sight.verdict], _OPENNESS[sight.verdict]),
        Piece(f" via {', '.join(sight.channels)}"),
    ]
    return [*pieces, Piece(f": {sight.why}", "dim")] if sight.why else pieces
