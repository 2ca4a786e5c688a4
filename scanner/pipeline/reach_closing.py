"""What would close the channels that are open: tried on the model where that can be done."""

from collections.abc import Collection, Iterator

from scanner.model import Channel, Location, Verdict
from scanner.model.matrix import Cell, Row, View
from scanner.pipeline.reach_matrix import Answered
from scanner.pipeline.reach_trace import Trace
from scanner.reach import ReachModel, Tree
from scanner.reach.editing.edit_refused import EditRefusedError
from scanner.reach.fixes import CONTROLS, Denial, Level
from scanner.reach.fixes.ignore_files import IgnoreFileControl
from scanner.rules.agents import AgentFile
from scanner.sources.overlay import Overlay

_OPEN = (
    Verdict.AUTO,
    Verdict.NO_PROMPT,
    Verdict.PROMPT,
    Verdict.BYPASS_ONLY,
    Verdict.UNKNOWN,
)

_ADVICE = {
    Channel.PROMPT: "Take it out of {path}: what is loaded into a prompt is past every rule.",
    Channel.SHELL: (
        "For the shell a rule about files is not enough: it takes a sandbox that denies reading "
        "{path}, or a value that is not in the work tree at all."
    ),
    Channel.ENVIRONMENT: (
        "Keep it out of the environment that {agent} starts with: load {path} only in the process "
        "that needs it."
    ),
    Channel.GIT_OBJECTS: (
        "No setting takes it out of git's objects: rotate it; rewriting the history comes after "
        "that, if at all."
    ),
    Channel.TRACES: "Delete the record of the conversation, and rotate it: it has been sent.",
    Channel.COPIES: "Copies hold all that is committed: rotate it, and take it out of the files.",
}


def closing(
    row: Row, cell: Cell, agent: AgentFile, answered: Answered, _seen: Trace
) -> Iterator[str]:
    """One sentence for each open channel, those that hold for every channel last."""
    opened = {view.reach.channel: view for view in cell.views if view.reach.verdict in _OPEN}
    if not opened:
        return
    tried = list(_tried(row, opened, agent, answered))
    yield from tried
    for channel, view in opened.items():
        path = row.finding.locations[view.place].path or "the place"
        if channel in (Channel.FILE_TOOLS, Channel.INDEX):
            if not tried:
                yield from _own_rule(channel, view, path, agent)
        elif channel in _ADVICE:
            yield _ADVICE[channel].format(path=path, agent=agent.name)
    if row.finding.secret is not None:
        step = next(iter(row.finding.remediation), "Revoke it and issue a new one.")
        yield f"Whatever is set, what was readable counts as read. {step}"


def _own_rule(channel: Channel, view: View, path: str, agent: AgentFile) -> Iterator[str]:
    words = "reading" if channel is Channel.FILE_TOOLS else "indexing"
    at = agent.context.default(channel) if agent.context is not None else None
    if at is None or agent.context is None:
        return
    reference = agent.context.references[at.reference]
    yield f"A rule of {agent.name} itself that denies {words} {path}, if it has one: {reference}."


def _tried(
    row: Row, opened: dict[Channel, View], agent: AgentFile, answered: Answered
) -> Iterator[str]:
    """The settings that `--fix` knows for the agent, where one makes a difference."""
    view = opened.get(Channel.FILE_TOOLS) or opened.get(Channel.INDEX)
    if view is None:
        return
    place = row.finding.locations[view.place]
    denial = Denial(place.path)
    tree = Tree(answered.files)
    if not place.path or not denial.writable:
        return
    for control in CONTROLS.get(agent.id, ()):
        file = control.file(tree)
        if file is None or control.level is not Level.PATHS:
            continue
        before = answered.files.read(file)
        try:
            old = before.decode() if before is not None else None
            new = control.write(old, [denial])
        except (UnicodeDecodeError, EditRefusedError):
            continue
        closed = _blocked(place, opened, agent, answered, {file: new.encode()})
        if closed:
            kind = "A line" if isinstance(control, IgnoreFileControl) else "An entry"
            entry = control.entry(denial)
            yield f"{kind} `{entry}` in {file} would block {' and '.join(closed)} (tried)."


def _blocked(
    place: Location,
    opened: Collection[Channel],
    agent: AgentFile,
    answered: Answered,
    changed: dict[str, bytes | None],
) -> list[str]:
    """The open channels that the changed files would block."""
    assert agent.context is not None
    tree = Tree(Overlay(answered.files, changed))
    contexts = {agent.id: agent.context}
    model = ReachModel((), (), tree, contexts, answered.question.surroundings)
    return [
        reach.channel.value
        for reach in model.reach(place, [agent.id])
        if reach.verdict is Verdict.BLOCKED and reach.channel in opened
    ]
