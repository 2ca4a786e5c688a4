"""Reach in one answer an agent: how easily, by which channels, and what decides.

Everything returned has passed `printable`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from scanner.model import AgentUse, Basis, Channel, Reach, Verdict
from scanner.sinks._describe import CHANNELS, VERDICTS
from scanner.sinks._printable import printable

_CONTROLS = 2
"""Controls named for one agent; `verbose` has all of them."""
_WHOLE = 36
"""Characters that are never cut: our own words."""
_CLAUSE = 110
"""Characters of a basis that are quoted."""

_WORDS = {**VERDICTS, Verdict.AUTO: "automatic"}
_SHORT = {**CHANNELS, Channel.GIT_OBJECTS: "git"}
_CONTROLS_DO = {
    Verdict.PROMPT: "asks {only}before {channels}",
    Verdict.BYPASS_ONLY: "blocks {only}{channels}, while prompts are on",
    Verdict.BLOCKED: "blocks {only}{channels}",
}
_PLACE = re.compile(r"[^\s/:][^\s:]*:[1-9]\d*\b")


class Answer(msgspec.Struct, frozen=True):
    """The widest verdict on one place that agents have in common."""

    agents: tuple[str, ...]
    """Names, sorted."""
    verdict: Verdict
    words: str
    """The verdict in words."""
    channels: str
    control: str
    """What decides: the control and its place, or that there is none."""


def answers(reach: Iterable[Reach], agents: Sequence[AgentUse]) -> tuple[Answer, ...]:
    """One answer an agent, agents with the same one together, widest first."""
    names = {use.agent: use.name for use in agents}
    folded: dict[tuple[Verdict, str, str], list[str]] = {}
    for agent, views in by_agent(reach).items():
        verdict = views[0].verdict
        channels = _channels(view for view in views if view.verdict is verdict)
        folded.setdefault((verdict, channels, _control(views)), []).append(
            printable(names.get(agent, agent), 40)
        )
    groups = [
        Answer(tuple(sorted(who)), verdict, _WORDS[verdict], channels, control)
        for (verdict, channels, control), who in folded.items()
    ]
    order = list(VERDICTS)
    return tuple(sorted(groups, key=lambda group: (order.index(group.verdict), group.agents)))


def fitted(control: str, columns: int) -> str:
    """The control on one line where that loses no place: a quoted basis is cut, a path is not."""
    if len(control) <= max(columns, _WHOLE) or _PLACE.search(control):
        return control
    return f"{control[: max(columns - 2, 12)].rpartition(' ')[0] or control[:10]} …"


def by_agent(reach: Iterable[Reach]) -> Mapping[str, Sequence[Reach]]:
    """Every agent's views, widest first, without the channels that do not exist for it."""
    order, channels = list(VERDICTS), list(CHANNELS)
    found: dict[str, list[Reach]] = {}
    for view in reach:
        if view.verdict is not Verdict.NOT_APPLICABLE:
            found.setdefault(view.agent, []).append(view)
    for views in found.values():
        views.sort(key=lambda view: (order.index(view.verdict), channels.index(view.channel)))
    return found


def _channels(views: Iterable[Reach]) -> str:
    return ", ".join(dict.fromkeys(_SHORT[view.channel] for view in views))


def _control(views: Sequence[Reach]) -> str:
    """What holds on narrower channels, then what decides the widest one.

    A control that holds on one channel and not on another is what people misjudge most, so it
    stands first. What is in the prompt already is past every control.
    """
    if views[0].verdict is Verdict.AUTO and views[0].channel is Channel.PROMPT:
        return _decisive(views[:1], ())
    parts = list(_narrower(views))[:_CONTROLS]
    decisive = _decisive([view for view in views if view.verdict is views[0].verdict], parts)
    if decisive:
        parts.insert(0 if views[0].verdict is not Verdict.UNKNOWN else len(parts), decisive)
    if views[0].verdict is Verdict.AUTO:
        parts += _also_unasked([view for view in views if view.verdict is not Verdict.AUTO])
    return "; ".join(parts)


def _also_unasked(rest: Sequence[Reach]) -> list[str]:
    unasked = [view for view in rest if view.verdict is Verdict.NO_PROMPT]
    if not unasked:
        return []
    return ["the rest unasked" if len(unasked) == len(rest) else f"{_channels(unasked)} unasked"]


def _narrower(views: Sequence[Reach]) -> Iterator[str]:
    controls: dict[tuple[Verdict, str], list[Reach]] = {}
    for view in views:
        closed = view.verdict in _CONTROLS_DO and view.verdict is not views[0].verdict
        if closed and view.grade is Basis.CONFIG and view.source:
            controls.setdefault((view.verdict, view.source), []).append(view)
    is_open = views[0].verdict in (Verdict.AUTO, Verdict.NO_PROMPT)
    # A control that may hold on another channel too is not said to hold on these only.
    doubtful = {view.source for view in views if view.verdict is Verdict.UNKNOWN}
    for (verdict, source), held in controls.items():
        only = "only " if is_open and source not in doubtful else ""
        words = _CONTROLS_DO[verdict].format(only=only, channels=_channels(held))
        yield f"{printable(source, 300)} {words}"


def _decisive(widest: Sequence[Reach], said: Sequence[str]) -> str:
    """Why the widest verdict holds; nothing where `said` names the same control."""
    configured = [view for view in widest if view.grade is Basis.CONFIG and view.source]
    for view in configured:
        source = printable(view.source or "", 300)
        if any(source in part for part in said):
            return ""
        if view.verdict is Verdict.BLOCKED:
            return f"by {source}"
        clause = _clauses(view.basis)[0]
        return clause if source in clause else f"{clause} ({source})" if clause else source
    first = widest[0]
    if first.channel is Channel.PROMPT and not said:
        return _clauses(first.basis)[0]
    if first.verdict in (Verdict.UNKNOWN, Verdict.BLOCKED):
        return "" if said else min((_clauses(view.basis)[0] for view in widest), key=len)
    for view in widest:
        for clause in _clauses(view.basis):
            # A rule that looks like a control of this place and is none, or not here.
            named = _PLACE.search(clause)
            if named is not None:
                return "" if any(named[0] in part for part in said) else clause
    return "" if said else "no rule covers it"


def _clauses(basis: str) -> list[str]:
    return [printable(clause, _CLAUSE) for clause in basis.split("; ")]
