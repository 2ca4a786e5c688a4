"""What stays open after the settings that can be written are written, and why."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from scanner.model import Channel, Verdict
from scanner.model.fixes import Narrowed, Remaining
from scanner.pipeline.reach_fix_agent import SETTLED, Chooser
from scanner.pipeline.reach_fix_trial import RANKS, Verdicts
from scanner.reach.fixes import CONTROLS, ELSEWHERE, Denial, Kind, Level

_PAST_RULES = {
    Channel.PROMPT: (
        "what is loaded into the prompt is past every rule: take the secret out of the file"
    ),
    Channel.ENVIRONMENT: (
        "its values are in the environment that the agent starts with: load the file only in the "
        "process that needs it"
    ),
    Channel.TRACES: "it has been sent: delete the record of the conversation, and rotate it",
    Channel.COPIES: "copies hold all that is committed: rotate it, and take it out of the files",
}
_HISTORY = "no setting takes it out of git's objects: rotate it; rewriting the history comes after"
_SHELL = (
    "a rule about files does not hold for commands: it takes a sandbox that denies reading the "
    "file, or a value that is not in the work tree"
)
_BY_KIND = {
    Kind.SOURCE: (
        "it is written into a file that the agent works on: move the secret out of it "
        "(--fix-source denies the file instead)"
    ),
    Kind.EXAMPLE: (
        "the file is an example that the agent has to read: put a placeholder there "
        "(--fix-source denies the file instead)"
    ),
    Kind.AGENT: "an agent reads this file by itself, whatever rules say: take the secret out of it",
}
_UNWRITABLE = "the file's name has characters that patterns give a meaning: rename or move it"
_GONE = "the file is not in the work tree any more, and git still has it: rotate it"
_COMMANDS = {
    "aider": "suggest-shell-commands: false in .aider.conf.yml takes commands away as a whole",
    "amp": "amp.tools.disable with builtin:Bash takes commands away as a whole",
    "codex": ELSEWHERE["codex"],
    "crush": "options.disabled_tools with bash takes commands away as a whole",
    "kilo-code": 'permission.bash "deny" takes commands away as a whole',
    "opencode": 'permission.bash "deny" takes commands away as a whole',
}
"""What else there is for the shell, by agent."""
_SANDBOX = "; --fix-sandbox writes the one that this agent has"
_FROM_HERE = "no setting in a repository is known to keep this agent from it"


def narrowed(chooser: Chooser, agents: Mapping[str, str]) -> tuple[Narrowed, ...]:
    """By agent and channel: what the edits close, or close further. `agents`: names by id."""
    found: dict[tuple[str, Channel, Verdict, Verdict], set[int]] = {}
    for agent, name in agents.items() if chooser.changed else ():
        after = _by_row(chooser, chooser.now.verdicts(agent))
        for (row, channel), (old, _) in _by_row(chooser, chooser.first.verdicts(agent)).items():
            new = after.get((row, channel), (Verdict.NOT_APPLICABLE, 0))[0]
            if new.rank > old.rank:
                found.setdefault((name, channel, old, new), set()).add(row)
    return tuple(Narrowed(*key, tuple(sorted(rows))) for key, rows in found.items())


def remaining(chooser: Chooser, agents: Mapping[str, str]) -> tuple[Remaining, ...]:
    """What is open or unknown for these agents; the same for several is told together."""
    single: dict[tuple[str, str], dict[tuple[int, Channel], Verdict]] = {}
    state = chooser.trials.whole(chooser.changed)
    for agent, name in agents.items():
        verdicts = _by_row(chooser, state.verdicts(agent))
        for (row, channel), (verdict, index) in verdicts.items():
            if verdict not in SETTLED:
                words = _Why(chooser, agent, index, channel).words()
                single.setdefault((name, words), {})[row, channel] = verdict
    folded: dict[tuple[str, frozenset[tuple[int, Channel]], Verdict], list[str]] = {}
    for (name, words), cells in single.items():
        widest = min(cells.values(), key=lambda verdict: verdict.rank)
        folded.setdefault((words, frozenset(cells), widest), []).append(name)
    return tuple(_in_order(_remaining(folded)))


def _remaining(
    folded: Mapping[tuple[str, frozenset[tuple[int, Channel]], Verdict], Sequence[str]],
) -> Iterator[Remaining]:
    for (words, cells, widest), names in folded.items():
        channels = {channel for _, channel in cells}
        yield Remaining(
            tuple(names),
            widest,
            tuple(channel for channel in Channel if channel in channels),
            tuple(sorted({row for row, _ in cells})),
            words,
        )


def _in_order(found: Iterable[Remaining]) -> list[Remaining]:
    return sorted(found, key=lambda one: (one.verdict.rank, -len(one.rows) * len(one.agents)))


def _by_row(chooser: Chooser, verdicts: Verdicts) -> dict[tuple[int, Channel], tuple[Verdict, int]]:
    """The widest verdict over a finding's places, and the place."""
    found: dict[tuple[int, Channel], tuple[Verdict, int]] = {}
    for (index, channel), verdict in verdicts.items():
        for row in chooser.trials.spots[index].rows:
            known = found.get((row, channel))
            if known is None or RANKS[verdict] < RANKS[known[0]]:
                found[row, channel] = verdict, index
    return found


class _Why:
    """Why one channel to one place stays open for one agent."""

    def __init__(self, chooser: Chooser, agent: str, index: int, channel: Channel) -> None:
        self.chooser = chooser
        self.agent = agent
        self.index = index
        self.channel = channel
        self.path = chooser.trials.spots[index].path

    def words(self) -> str:
        """One sentence without its final stop."""
        if self.channel in _PAST_RULES:
            return _PAST_RULES[self.channel]
        if self.channel is Channel.GIT_OBJECTS:
            return _HISTORY
        if not self.chooser.trials.tree.exists(self.path):
            return _GONE
        kind = self.chooser.kinds[self.index]
        if kind in _BY_KIND and not self.chooser.deniable(self.index):
            return _BY_KIND[kind]
        if not Denial(self.path).writable:
            return _UNWRITABLE
        if self.channel is Channel.SHELL:
            return _SHELL + self._sandbox()
        return self._no_control()

    def _sandbox(self) -> str:
        levels = {control.level for control in CONTROLS.get(self.agent, ())}
        if Level.SANDBOX not in levels:
            clause = _COMMANDS.get(self.agent)
            return f"; {clause}" if clause else ""
        return self._refusal() if self.chooser.wishes.sandbox else _SANDBOX

    def _no_control(self) -> str:
        """For the file tools and the index."""
        if refusal := self._refusal():
            return f"it was not closed{refusal}"
        clauses = [ELSEWHERE.get(self.agent, _FROM_HERE)]
        controls = CONTROLS.get(self.agent, ())
        wishes = self.chooser.wishes
        if not wishes.tools and any(control.level is Level.TOOLS for control in controls):
            clauses.append("--fix-tools writes that")
        elif not wishes.unsure and any(self._may_help()):
            clauses.append("--fix-unsure writes what may hold, which depends on the user")
        return "; ".join(clauses)

    def _may_help(self) -> Iterator[bool]:
        """Whether a control has a place here at all."""
        for control in CONTROLS.get(self.agent, ()):
            yield (
                control.level is Level.PATHS and control.file(self.chooser.trials.tree) is not None
            )

    def _refusal(self) -> str:
        found = [
            f"; {path} was not edited: {words}"
            for (agent, path), words in self.chooser.refused.items()
            if agent == self.agent
        ]
        return "".join(found[:2])
