"""What each agent can see of a place in the repository, by which way, and what stands in between.

The model answers for a session that is started at the repository's root, from what the repository
holds: a user's own settings, managed settings and settings on a server are not visible, and the
basis says so where they could change the answer. "Blocked" is only said where a control that is
there is named; what cannot be known is "unknown".
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from scanner.model import (
    AgentUse,
    Basis,
    Channel,
    Concern,
    Files,
    Location,
    Problem,
    Reach,
    Verdict,
    WayIn,
    Where,
)
from scanner.reach.detect import agents_in_use
from scanner.reach.evaluator import Answer, Evaluator, load_evaluator
from scanner.reach.surroundings import NOTHING, GivenSettings, Surroundings
from scanner.reach.tree import Place, Tree, place
from scanner.rules.agents import AgentFile
from scanner.rules.context import ContextRule

if TYPE_CHECKING:
    from scanner.reach.carried import Carried

__all__ = ["GivenSettings", "ReachModel", "Surroundings", "Tree"]

_NOT_IN_TREE = "it is in git's objects only, not in a file that a file tool could open"
_UNTRACKED = "no git object holds it"
_WORKFLOWS = ".github/workflows/"


class ReachModel:
    """The answers for one state of the files. Made by `build`; safe to ask from several threads."""

    def __init__(
        self,
        agents: tuple[AgentUse, ...],
        problems: tuple[Problem, ...],
        tree: Tree,
        contexts: Mapping[str, ContextRule],
        surroundings: Surroundings = NOTHING,
        carried: "Callable[[], Carried] | None" = None,
        agent_files: Sequence[AgentFile] = (),
    ) -> None:
        """For all that goes through `build`: without `carried` and `agent_files` nothing is said of
        what configuration brings into processes, and of workflows."""
        self.agents = agents
        """The agents in use, strongest evidence first."""
        self.problems = problems
        """Configuration that could not be read; what depends on it is unknown."""
        self._tree = tree
        self._contexts = contexts
        self._surroundings = surroundings
        self._open_carried = carried
        # Each is a module with a policy engine of its own: loaded for the agents that matter.
        self._evaluator = lru_cache(maxsize=None)(self._load)
        # Many findings lie in few files.
        self._answers = lru_cache(maxsize=8192)(self._compute)
        self._workflow_concerns = lru_cache(maxsize=1)(lambda: _in_workflows(tree, agent_files))

    @classmethod
    def build(
        cls,
        files: Files,
        agents: Sequence[AgentFile],
        *,
        history: Mapping[str, int] | None = None,
        surroundings: Surroundings = NOTHING,
    ) -> "ReachModel":
        """Read the agents' configuration out of the files.

        `history`: for an agent's id, the commits that carry its mark. `surroundings`: what the
        caller lets us see beside the repository. Raises `RuleError` when an agent's file names an
        evaluator that does not exist.
        """
        tree = Tree(files)
        used = agents_in_use(tree, agents, history or {})
        contexts = {agent.id: agent.context for agent in agents if agent.context is not None}
        carried = lru_cache(maxsize=1)(lambda: _carried(tree, agents))
        model = cls(used, (), tree, contexts, surroundings, carried, agents)
        problems = [
            problem
            for agent in sorted(set(model.answering) & contexts.keys())
            for problem in model._problems_of(agent)
        ]
        model.problems = tuple(dict.fromkeys(problems))
        return model

    def _load(self, agent: str) -> Evaluator | None:
        context = self._contexts.get(agent)
        if context is None:
            return None
        return load_evaluator(agent, self._tree, context, self._surroundings)

    def _problems_of(self, agent: str) -> tuple[Problem, ...]:
        evaluator = self._evaluator(agent)
        return tuple(evaluator.problems) if evaluator is not None else ()

    def concerns(
        self, agents: Collection[str] | None = None, *, among: Collection[str] | None = None
    ) -> tuple[Concern, ...]:
        """Settings to look at, of these agents or those that answer: by path, line, kind, agent.

        `among`: only those in these files.
        """
        chosen = set(self.answering if agents is None else agents)
        found = {
            concern
            for agent in chosen
            if (evaluator := self._evaluator(agent)) is not None
            for concern in evaluator.concerns
        }
        if among is None or any(path.startswith(_WORKFLOWS) for path in among):
            found.update(self._workflow_concerns())
        asked = found if among is None else (one for one in found if one.path in among)
        return tuple(sorted(asked, key=_in_order))

    def reach(self, location: Location, agents: Collection[str] | None = None) -> tuple[Reach, ...]:
        """What the agents can see of a location, by agent and then by channel.

        `agents`: ids to answer for, in use or not; without it those that answer by default.
        """
        if location.where is Where.STDIN:
            return ()
        where = place(location, self._tree)
        line = location.line
        chosen = self.answering if agents is None else sorted(set(agents))
        return tuple(
            _reach(agent, channel, answer)
            for agent in chosen
            for channel, answer in (
                *self._read_in(agent, where, line),
                *self._with_environment(agent, where, location),
            )
        )

    def way_in(self, location: Location) -> WayIn | None:
        """How the value at a place of the tree gets into processes, where configuration says so."""
        if self._open_carried is None or not place(location, self._tree).in_tree:
            return None
        return self._open_carried().way_in(location)

    def _with_environment(
        self, agent: str, where: Place, location: Location
    ) -> list[tuple[Channel, Answer]]:
        """The answers, and what configuration makes of the line if the agent says nothing of it."""
        answers = self._answers(agent, where)
        if self._open_carried is None or not where.in_tree or location.line is None:
            return answers
        known = {channel for channel, _ in answers}
        answer = None
        if Channel.ENVIRONMENT not in known:
            answer = self._open_carried().answer(agent, location)
        if answer is None:
            return answers
        order = list(Channel)
        joined = [*answers, (Channel.ENVIRONMENT, answer)]
        return sorted(joined, key=lambda pair: order.index(pair[0]))

    def auto_loaded(self, path: str, line: int | None = None) -> tuple[Reach, ...]:
        """For the agents in use: how the file gets into the prompt by itself; empty if it does not.

        A secret there is sent at the start of every session (`auto`), or as soon as the agent works
        near it (`no-prompt`). With a line: only if that line reaches the prompt.
        """
        found = []
        for agent in self.answering:
            answer = self._prompt(self._evaluator(agent), path, line)
            if answer is not None:
                found.append(_reach(agent, Channel.PROMPT, answer))
        return tuple(found)

    @property
    def answering(self) -> list[str]:
        """The agents that are asked by default: those in use; where only shared files such as
        AGENTS.md speak for some of them, they are left out if another agent is surer."""
        sure = [use.agent for use in self.agents if use.grade != "weak"]
        return sure or [use.agent for use in self.agents]

    def _compute(self, agent: str, where: Place) -> list[tuple[Channel, Answer]]:
        """Every channel but the prompt that exists for the agent and the place."""
        evaluator = self._evaluator(agent)
        if evaluator is None:
            words = "what this agent may read is not modelled"
            answer = Answer(Verdict.UNKNOWN, words, None, Basis.UNKNOWN)
            channels = (Channel.FILE_TOOLS, Channel.SHELL, Channel.GIT_OBJECTS)
            return [(channel, answer) for channel in channels]
        if where.in_tree is False:
            return _outside_the_tree(evaluator, where)
        if where.in_tree is None:
            words = "whether the file is still in the tree is not known"
            unknown = Answer(Verdict.UNKNOWN, words, None, Basis.UNKNOWN)
            return [(Channel.FILE_TOOLS, unknown), *_outside_the_tree(evaluator, where)[1:]]
        answers: list[tuple[Channel, Answer | None]] = [
            (Channel.INDEX, evaluator.index(where)),
            (Channel.FILE_TOOLS, evaluator.file_tools(where)),
            (Channel.SHELL, evaluator.shell(where)),
            (Channel.ENVIRONMENT, evaluator.environment(where)),
            (Channel.GIT_OBJECTS, _git_objects(evaluator, where)),
            (Channel.TRACES, evaluator.traces(where)),
            (Channel.COPIES, evaluator.copies(where)),
        ]
        return [(channel, answer) for channel, answer in answers if answer is not None]

    def _read_in(self, agent: str, where: Place, line: int | None) -> list[tuple[Channel, Answer]]:
        """The prompt, where the file is in the tree and loaded."""
        answer = self._prompt(self._evaluator(agent), where.path, line)
        return [(Channel.PROMPT, answer)] if answer is not None and where.in_tree else []

    def _prompt(self, evaluator: Evaluator | None, path: str, line: int | None) -> Answer | None:
        loaded = evaluator.autoload.get(path) if evaluator else None
        if evaluator is None or loaded is None or not loaded.shows(line):
            return None
        return evaluator.prompt(loaded)


# Both read every kind of configuration: a hook that finds nothing has no need of them.


def _carried(tree: Tree, agents: Sequence[AgentFile]) -> "Carried":
    from scanner.reach.carried import Carried

    return Carried(tree, agents)


def _in_workflows(tree: Tree, agents: Sequence[AgentFile]) -> tuple[Concern, ...]:
    from scanner.reach.entries import workflow_concerns

    return workflow_concerns(tree, agents)


def _in_order(concern: Concern) -> tuple[str, int, str, str, str]:
    return concern.path, concern.line or 0, concern.kind, concern.subject, concern.agent


def _reach(agent: str, channel: Channel, answer: Answer) -> Reach:
    return Reach(
        agent,
        channel,
        answer.verdict,
        answer.basis,
        answer.source,
        answer.grade,
        answer.versions,
    )


def _outside_the_tree(evaluator: Evaluator, where: Place) -> list[tuple[Channel, Answer]]:
    """History, messages, notes, stashes: only git brings them up, and git runs in the shell."""
    answer = evaluator.git_objects(where)
    shell = msgspec.structs.replace(answer, basis=f"through git: {answer.basis}")
    none = Answer(Verdict.NOT_APPLICABLE, _NOT_IN_TREE, None, Basis.DERIVED)
    traces = evaluator.traces(where)
    return [
        (Channel.FILE_TOOLS, none),
        (Channel.SHELL, shell),
        (Channel.GIT_OBJECTS, answer),
        *([(Channel.TRACES, traces)] if traces else []),
    ]


def _git_objects(evaluator: Evaluator, where: Place) -> Answer:
    if where.committed:
        return evaluator.git_objects(where)
    return Answer(Verdict.NOT_APPLICABLE, _UNTRACKED, None, Basis.DERIVED)
