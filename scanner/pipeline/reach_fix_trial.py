"""Tries edits of settings on the reach model: what gets narrower, and does anything get wider?"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Self

from scanner.model import Channel, ConcernKind, Files, Location, Verdict
from scanner.pipeline.places import LOCATIONS_PER_FINDING
from scanner.pipeline.reach_matrix import Answered
from scanner.reach import ReachModel, Surroundings, Tree
from scanner.reach.surroundings import NOTHING
from scanner.rules.agents import AgentFile
from scanner.sources.overlay import Overlay

Verdicts = Mapping[tuple[int, Channel], Verdict]
"""By the place's index in the trials' places."""
Complaint = tuple[str, ConcernKind, str, str]
"""A concern without its line: edits move lines."""

RANKS = {verdict: rank for rank, verdict in enumerate(Verdict)}
"""0 for the widest; looked up for every place and channel of every trial."""

_MASK = "\N{MIDDLE DOT}" * 4


class Spot(NamedTuple):
    """A place of one or more findings; places that reach cannot tell apart are one."""

    location: Location
    rows: tuple[int, ...]
    """Numbers of the findings, from 1."""

    @property
    def path(self) -> str:
        """The file, from the repository's root."""
        return self.location.path


class Trials:
    """The places in question, and the model over whatever the settings would be."""

    def __init__(
        self,
        files: Files,
        agents: Sequence[AgentFile],
        spots: Sequence[Spot],
        surroundings: Surroundings = NOTHING,
    ) -> None:
        """`agents`: all that may be asked about."""
        self.files = files
        self.tree = Tree(files)
        self.spots = tuple(spots)
        self._agents = agents
        self._contexts = {agent.id: agent.context for agent in agents if agent.context is not None}
        self._surroundings = surroundings

    @classmethod
    def of(cls, answered: Answered) -> Self:
        """Over the places of a matrix."""
        surroundings = answered.question.surroundings
        return cls(answered.files, answered.setup.agents, tuple(_spots(answered)), surroundings)

    def state(self, changed: Mapping[str, bytes]) -> "State":
        """The model with these files in place of what is there."""
        tree = Tree(Overlay(self.files, changed)) if changed else self.tree
        model = ReachModel((), (), tree, self._contexts, self._surroundings)
        return State(model, self.spots)

    def whole(self, changed: Mapping[str, bytes]) -> "State":
        """The same with the ways on which no setting acts; too dear to ask for every trial."""
        files = Overlay(self.files, changed)
        model = ReachModel.build(files, self._agents, surroundings=self._surroundings)
        return State(model, self.spots)


class State:
    """Answers for one state of the files; each agent is asked once."""

    def __init__(self, model: ReachModel, spots: Sequence[Spot]) -> None:
        self._model = model
        self._spots = spots
        self._verdicts: dict[str, Verdicts] = {}
        self._complaints: dict[frozenset[str], frozenset[Complaint]] = {}

    def verdicts(self, agent: str) -> Verdicts:
        """The verdict of every place and channel."""
        if agent not in self._verdicts:
            self._verdicts[agent] = {
                (index, reach.channel): reach.verdict
                for index, spot in enumerate(self._spots)
                for reach in self._model.reach(spot.location, [agent])
            }
        return self._verdicts[agent]

    def complaints(self, agents: Iterable[str]) -> frozenset[Complaint]:
        """What is wrong with the settings of these agents."""
        asked = frozenset(agents)
        if asked not in self._complaints:
            self._complaints[asked] = frozenset(
                (one.agent, one.kind, one.path, one.subject) for one in self._model.concerns(asked)
            )
        return self._complaints[asked]


def wider(before: Verdicts, after: Verdicts) -> bool:
    """Whether any place or channel is easier to see than before.

    A channel that appears is wider than none; one that is gone is not.
    """
    none = Verdict.NOT_APPLICABLE
    return any(RANKS[verdict] < RANKS[before.get(key, none)] for key, verdict in after.items())


def narrower(before: Verdicts, after: Verdicts, among: Iterable[int], *, unsure: bool) -> set[int]:
    """The places of which some channel is closed, or closed further.

    Becoming unknown counts only with `unsure`: then it depends on what nobody can see from here.
    """
    chosen = set(among)
    found = set()
    for (index, channel), old in before.items():
        new = after.get((index, channel), Verdict.NOT_APPLICABLE)
        counts = unsure or new is not Verdict.UNKNOWN
        if index in chosen and RANKS[new] > RANKS[old] and counts:
            found.add(index)
    return found


def _spots(answered: Answered) -> Iterable[Spot]:
    rows: dict[tuple[object, ...], set[int]] = {}
    places: dict[tuple[object, ...], Location] = {}
    for number, row in enumerate(answered.matrix.rows, 1):
        for place in row.finding.locations[:LOCATIONS_PER_FINDING]:
            key = (place.where, place.path, place.tracking, place.in_head, place.line)
            if _MASK not in place.path:
                places.setdefault(key, place)
                rows.setdefault(key, set()).add(number)
    return (Spot(place, tuple(sorted(rows[key]))) for key, place in places.items())
