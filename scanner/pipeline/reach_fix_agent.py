"""Chooses the settings for one agent: tried on the model, and kept if they close something."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from scanner.model import Channel, Tracking, Verdict
from scanner.pipeline.reach_fix_trial import State, Trials, narrower, wider
from scanner.reach.editing.edit_refused import EditRefusedError
from scanner.reach.fixes import CONTROLS, Control, Denial, Kind, Wishes, kind_of
from scanner.reach.matching.gitignore import Pattern

CLOSABLE = (Channel.INDEX, Channel.FILE_TOOLS, Channel.SHELL, Channel.GIT_OBJECTS)
"""What a setting may close; the other channels are past all rules."""
SETTLED = (Verdict.BLOCKED, Verdict.NOT_APPLICABLE)
_MOST_TRIALS = 64
"""Trials of single denials, where all of them together do harm."""
_LARGEST = 1 << 20
_HARM = "the edit would open something else, or bring in what no agent heeds"


class Chooser:
    """The edits that are kept so far, over all agents."""

    def __init__(
        self,
        trials: Trials,
        wishes: Wishes,
        watched: Sequence[str],
        agents_own: Sequence[Pattern],
    ) -> None:
        """`watched`: agents of which nothing may get wider."""
        self.trials = trials
        self.wishes = wishes
        self.changed: dict[str, bytes] = {}
        self.refused: dict[tuple[str, str], str] = {}
        """Why a control could not be written, by agent and file."""
        self.kinds = [self._kind(spot.path, agents_own) for spot in trials.spots]
        self.first = trials.state({})
        self.now = self.first
        self._watched = tuple(watched)
        self._asked: Collection[str] = ()
        self._last: tuple[tuple[str, bytes], State] | None = None
        self._shared = frozenset(self._shared_names())

    def _kind(self, path: str, agents_own: Sequence[Pattern]) -> Kind:
        return kind_of(path, self.trials.tree.tracking(path), agents_own)

    def _shared_names(self) -> Iterable[str]:
        """Names that also belong to files, or directories, without a secret that may be needed."""
        held = {spot.path for spot in self.trials.spots}
        names = {path.rpartition("/")[2] for path in held}
        for path in self.trials.tree.paths:
            *directories, name = path.split("/")
            yield from names.intersection(directories)
            kept = self.trials.tree.tracking(path) is Tracking.TRACKED
            if name in names and path not in held and kept:
                yield name

    def fix(self, agents: Sequence[str]) -> None:
        """Choose for each of the agents in turn.

        An edit for one agent seldom touches another: whether it does is asked at the end, and only
        where something got wider all is done again, asking after every step.
        """
        for watched in ((), self._watched):
            self.changed.clear()
            self.refused.clear()
            self.now, self._last = self.first, None
            for agent in agents:
                self._fix(agent, {agent, *watched})
            if not self._harms(self.first, self.now, self._watched):
                return

    # ------------------------------------------------------------------ one agent

    def _fix(self, agent: str, watched: Collection[str]) -> None:
        """Try the agent's controls in turn, each on what is still open."""
        self._asked = watched
        for control in CONTROLS.get(agent, ()):
            if not self.wishes.pays(control.level):
                continue
            wanted = self.wanted(agent)
            path = control.file(self.trials.tree)
            if not wanted or path is None:
                continue
            names = self._denials(wanted, names=control.takes_names)
            closed = self._take(agent, control, path, names)
            left = [index for index in wanted if index not in closed]
            if control.takes_names and any(denial.by_name for denial in names):
                self._take(agent, control, path, self._denials(left, names=False))

    def wanted(self, agent: str) -> list[int]:
        """The places that are open, and that a rule may deny."""
        verdicts = self.now.verdicts(agent)
        return [
            index
            for index in range(len(self.trials.spots))
            if self.deniable(index)
            and any(
                verdicts.get((index, channel), Verdict.BLOCKED) not in SETTLED
                for channel in CLOSABLE
            )
        ]

    def deniable(self, index: int) -> bool:
        """Whether an agent can do without the file, and its name can be written."""
        path = self.trials.spots[index].path
        kind = self.kinds[index]
        allowed = kind in (Kind.NAMED, Kind.HOLDER)
        allowed = allowed or (self.wishes.source and kind in (Kind.SOURCE, Kind.EXAMPLE))
        denial = Denial(path, by_name=self._goes_by_name(index))
        return allowed and denial.writable and self.trials.tree.exists(path)

    def _goes_by_name(self, index: int) -> bool:
        name = Denial(self.trials.spots[index].path).name
        return self.kinds[index] is Kind.NAMED and name not in self._shared

    def _denials(self, indexes: Iterable[int], *, names: bool) -> dict[Denial, list[int]]:
        """The places by what denies them; a name stands for all of its places."""
        found: dict[Denial, list[int]] = {}
        for index in indexes:
            denial = Denial(self.trials.spots[index].path)
            if names and self._goes_by_name(index):
                denial = Denial(denial.name, by_name=True)
            if denial.writable:
                found.setdefault(denial, []).append(index)
        return dict(sorted(found.items()))

    # ------------------------------------------------------------------ one control

    def _take(
        self, agent: str, control: Control, path: str, denials: Mapping[Denial, Sequence[int]]
    ) -> set[int]:
        """Write what makes a difference; the places that it closes, or closes further."""
        useful = self._useful(agent, control, path, denials)
        if useful is None and 1 < len(denials) <= _MOST_TRIALS:
            useful = [
                one for one in denials if self._useful(agent, control, path, {one: denials[one]})
            ]
        if not useful:
            return set()
        text = self._written(agent, control, path, useful)
        if text is None:
            return set()
        state = self._tried(path, text)
        closed = self._closed(agent, state, [index for one in useful for index in denials[one]])
        if not closed or self._harms(self.now, state, self._asked):
            return set()
        self.changed[path] = text
        self.now = state
        self._last = None
        self.refused.pop((agent, path), None)
        return closed

    def made_for(self, path: str, agents: Iterable[str]) -> list[str]:
        """Those of the agents that read the edited file and see less by it."""
        without = {other: data for other, data in self.changed.items() if other != path}
        state = self.trials.state(without)
        every = range(len(self.trials.spots))
        return [
            agent
            for agent in agents
            if path in [control.file(self.trials.tree) for control in CONTROLS.get(agent, ())]
            and narrower(state.verdicts(agent), self.now.verdicts(agent), every, unsure=True)
        ]

    def _useful(
        self, agent: str, control: Control, path: str, denials: Mapping[Denial, Sequence[int]]
    ) -> list[Denial] | None:
        """Those of the denials that close something; None where together they do harm."""
        if not denials:
            return []
        text = self._written(agent, control, path, list(denials))
        if text is None or text == self._text(path):
            return []
        state = self._tried(path, text)
        everything = [index for indexes in denials.values() for index in indexes]
        closed = self._closed(agent, state, everything)
        if not closed:
            return []
        if self._harms(self.now, state, self._asked):
            self.refused[agent, path] = _HARM
            return None
        return [one for one, indexes in denials.items() if closed.intersection(indexes)]

    def _tried(self, path: str, text: bytes) -> State:
        """The last trial is kept: what is useful is mostly all that was tried."""
        if self._last is None or self._last[0] != (path, text):
            self._last = (path, text), self.trials.state({**self.changed, path: text})
        return self._last[1]

    def _closed(self, agent: str, state: State, among: Iterable[int]) -> set[int]:
        before, after = self.now.verdicts(agent), state.verdicts(agent)
        return narrower(before, after, among, unsure=self.wishes.unsure)

    def _harms(self, before: State, after: State, agents: Collection[str]) -> bool:
        """Whether anything gets wider for anybody, or a setting is one that nobody heeds."""
        if before is after:
            return False
        opened = any(wider(before.verdicts(agent), after.verdicts(agent)) for agent in agents)
        return opened or bool(after.complaints(agents) - before.complaints(agents))

    def _text(self, path: str) -> bytes | None:
        return self.changed.get(path, self.trials.files.read(path))

    def _written(
        self, agent: str, control: Control, path: str, denials: Sequence[Denial]
    ) -> bytes | None:
        try:
            return self._edited(control, path, denials)
        except EditRefusedError as refusal:
            self.refused[agent, path] = str(refusal)
            return None

    def _edited(self, control: Control, path: str, denials: Sequence[Denial]) -> bytes:
        data = self._text(path)
        if not Denial(path).writable:
            raise EditRefusedError("its name is not plain")
        tree = self.trials.tree
        if data is None and tree.exists(path):
            raise EditRefusedError("it is a link, too large or unreadable")
        if any(tree.resolve(one) != one for one in (path, *_above(path))):
            raise EditRefusedError("it is a link")
        if data is not None and len(data) > _LARGEST:
            raise EditRefusedError(f"it is larger than {_LARGEST >> 20} MiB")
        try:
            text = data.decode() if data is not None else None
        except UnicodeDecodeError:
            raise EditRefusedError("it is not UTF-8") from None
        return control.write(text, denials).encode()


def _above(path: str) -> Iterable[str]:
    parts = path.split("/")[:-1]
    return ("/".join(parts[: depth + 1]) for depth in range(len(parts)))
