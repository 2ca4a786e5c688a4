"""Which files one agent's policy engine reads for an answer, and which it looks for in vain."""

from collections.abc import Iterable
from typing import NamedTuple, Protocol, runtime_checkable

from scanner.model import Files, Location, Tracking
from scanner.pipeline.reach_matrix import Answered
from scanner.reach import ReachModel, Surroundings, Tree
from scanner.rules.agents import AgentFile

_MOST = 8


class Trace(NamedTuple):
    """Paths, sorted; of the home with `~/` before them. Instruction files are left out."""

    found: tuple[str, ...]
    missing: tuple[str, ...]


@runtime_checkable
class _Links(Protocol):
    def link(self, path: str) -> str | None: ...


class _Watched:
    """Implements `model.Files` over others, and remembers what is read."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._paths = tuple(files.paths())
        self.asked: dict[str, bool] = {}
        """Whether there was something to read, by path."""

    def paths(self) -> tuple[str, ...]:
        return self._paths

    def tracking(self, path: str) -> Tracking:
        return self._files.tracking(path)

    def read(self, path: str) -> bytes | None:
        data = self._files.read(path)
        self.asked[path] = data is not None
        return data

    def link(self, path: str) -> str | None:
        return self._files.link(path) if isinstance(self._files, _Links) else None


def trace(answered: Answered, agent: AgentFile, places: Iterable[Location]) -> Trace:
    """Ask one agent's engine once more, over files that remember what it opens."""
    assert agent.context is not None
    watched = _Watched(answered.files)
    surroundings = answered.question.surroundings
    home = None
    if answered.home is not None:
        home = _Watched(answered.home)
        surroundings = Surroundings(Tree(home), surroundings.given)
    # Not `build`: what is looked for to find the agents in use is not what decides.
    model = ReachModel((), (), Tree(watched), {agent.id: agent.context}, surroundings)
    model.concerns([agent.id])
    for place in places:
        model.reach(place, [agent.id])
    asked = dict(watched.asked)
    if home is not None:
        asked.update({f"~/{path}": there for path, there in home.asked.items()})
    loaded = {rule.path.strip("/") for rule in agent.context.loads}
    named = {path: there for path, there in sorted(asked.items()) if not _is_loaded(path, loaded)}
    found = tuple(path for path, there in named.items() if there)
    missing = tuple(path for path, there in named.items() if not there)
    return Trace(found[:_MOST], missing[:_MOST])


def _is_loaded(path: str, loaded: Iterable[str]) -> bool:
    return path.endswith((".md", ".mdc")) or path in loaded
