"""The words and numbers of the attribution tables that all formats for people share.

Everything returned has passed `printable`.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

import msgspec

from scanner.model.attribute_report import Agent, AttributeReport, Group, Outcome
from scanner.sinks._describe import count, day
from scanner.sinks._printable import printable

OUTCOMES: Mapping[Outcome, str] = MappingProxyType(
    {
        Outcome.AGENT: "with an agent's mark, as author or co-author",
        Outcome.OTHER_ROLE: "with the mark of an agent that only suggested or committed",
        Outcome.BOT: "with the mark of a bot that is not AI only",
        Outcome.NONE: "with no evidence",
    }
)
NOT_HUMAN = (
    "No evidence does not mean that a person wrote it: every agent can be told to leave its mark "
    "out, and most agents in editors leave none."
)
OVERLAP = "A commit with marks of several agents is in the rows of each."
_NAMED = 3


class Row(msgspec.Struct, frozen=True):
    """One line of the table of agents, as text."""

    name: str
    """Empty where it is that of the line above."""
    role: str
    tier: str
    commits: str
    share: str
    first: str
    last: str


def percent(part: int, whole: int) -> str:
    """`3.1 %`; what is not nought never reads as nought, and what is not all never as all."""
    if not whole:
        return "-"
    share = 100 * part / whole
    if part and share < 0.05:
        return "<0.1 %"
    if part < whole and share > 99.95:
        return ">99.9 %"
    return f"{share:.1f} %"


def rows(agents: tuple[Agent, ...], whole: int) -> Iterator[Row]:
    """A line for each role and tier; above them one for the agent where it has several."""
    for agent in agents:
        name = printable(agent.name, 60)
        if len(agent.standings) > 1:
            firsts = [one.first for one in agent.standings if one.first is not None]
            lasts = [one.last for one in agent.standings if one.last is not None]
            yield Row(
                name,
                "all",
                "",
                f"{agent.commits:,}",
                percent(agent.commits, whole),
                _day(min(firsts, default=None)),
                _day(max(lasts, default=None)),
            )
            name = ""
        for one in agent.standings:
            yield Row(
                name,
                one.role.value,
                one.tier.value,
                f"{one.commits:,}",
                percent(one.commits, whole),
                _day(one.first),
                _day(one.last),
            )


def _day(moment: int | None) -> str:
    return day(moment) if moment is not None else "no date"


def models(agent: Agent) -> str:
    """`Claude Opus 4.6 23, Claude Fable 5 12`; empty where no mark names one."""
    named = [f"{printable(model, 60)} {number:,}" for model, number in agent.models.items()]
    more = [f"and {len(named) - _NAMED:,} more"] if len(named) > _NAMED else []
    return ", ".join((*named[:_NAMED], *more))


def by_agents(group: Group, names: Mapping[str, str]) -> str:
    """The agents of a group with their commits, most frequent first."""
    named = [f"{names.get(agent, agent)} {number:,}" for agent, number in group.agents.items()]
    more = [f"and {len(named) - _NAMED:,} more"] if len(named) > _NAMED else []
    return ", ".join((*named[:_NAMED], *more))


def labels(groups: Sequence[Group]) -> list[str]:
    """What the groups are called; people of one name with their address."""
    times = Counter(group.name for group in groups)
    shown = (
        f"{group.name} <{group.key}>" if times[group.name] > 1 else group.name or group.key
        for group in groups
    )
    return [printable(text, 200) for text in shown]


def names(report: AttributeReport) -> dict[str, str]:
    """Names by agent id."""
    return {one.agent: printable(one.name, 60) for one in report.agents}


def subject(report: AttributeReport) -> str:
    """What was counted: `7,082 commits of HEAD (96 of them merges)`."""
    asked = report.asked
    parts = [f"{count(report.tally.commits, 'commit')} of {printable(asked.revisions, 100)}"]
    if report.merges:
        parts.append(f", {report.merges:,} of them merges")
    if not asked.merges:
        parts.append(", merges left out")
    if asked.first_parent:
        parts.append(", first parents only")
    if asked.paths:
        shown = ", ".join(printable(path, 80) for path in asked.paths[:_NAMED])
        parts.append(f", that touch {shown}")
        if len(asked.paths) > _NAMED:
            parts.append(f" and {len(asked.paths) - _NAMED:,} more paths")
    if asked.since is not None:
        parts.append(f", from {day(asked.since)}")
    if asked.until is not None:
        parts.append(f", up to {day(asked.until)}")
    return "".join(parts)
