"""`agentreach reach`: the scan, and then every secret against every agent."""

import time
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from scanner.config import Config
from scanner.incidents import seed
from scanner.model import (
    AgentUse,
    Basis,
    Channel,
    Concern,
    Confidence,
    Files,
    Finding,
    Location,
    Problem,
    Reach,
    Tool,
    Verdict,
)
from scanner.model.matrix import (
    MUST_BE_BLOCKED,
    Cell,
    CellChange,
    Column,
    Matrix,
    Row,
    View,
    WhatIf,
)
from scanner.pipeline.data_sightings import RULE as PERSONAL_DATA
from scanner.pipeline.gather import Gathered, gather
from scanner.pipeline.opening import Opened, open_subject
from scanner.pipeline.places import LOCATIONS_PER_FINDING
from scanner.pipeline.reach_question import Answerable, Question, answerable
from scanner.pipeline.redact import redact
from scanner.pipeline.setup import Setup, prepare
from scanner.pipeline.workers import Progress, Silence
from scanner.reach import ReachModel
from scanner.rules import digest
from scanner.rules.agents import AgentFile
from scanner.suppress import split_by_baseline
from scanner.version import __version__

_MASK = "\N{MIDDLE DOT}" * 4
_MASKED_PATH = "the place's name holds a secret and is not shown: the scan's report answers for it"
_MORE_PLACES = f"it is in more than {LOCATIONS_PER_FINDING} places, and not all were asked about"
_NAMED = 5
"""Agents that a note names."""
_STAGE = "reach"
_CHANNELS = {channel: rank for rank, channel in enumerate(Channel)}


class Answered(NamedTuple):
    """The matrix, and what explaining a cell of it needs; valid while the subject is open."""

    matrix: Matrix
    model: ReachModel
    files: Files
    setup: Setup
    question: Answerable

    @property
    def home(self) -> Files | None:
        """The user's home, as far as agents read it."""
        return self.question.home


def reach_matrix(config: Config, question: Question, progress: Progress | None = None) -> Matrix:
    """Scan, and ask for every secret and every agent.

    Raises `ScannerError` for what the user has to mend first; what could not be read on the way is
    in the matrix' problems.
    """
    with open_subject(config) as opened:
        return answer(opened, config, question, progress or Silence()).matrix


def answer(opened: Opened, config: Config, question: Question, progress: Progress) -> Answered:
    """The same for a subject that is open already."""
    begun = time.time()
    setup = prepare(config, opened.settings, opened.subject.files, opened.root, opened.root_commit)
    asked = answerable(question, setup.agents)
    gathered = gather(opened, setup, progress)
    findings, notes = _selected(gathered, setup)
    scanned = time.time()
    progress.stage("asking for each agent")
    models = _models(opened, setup, asked, gathered)
    columns = _columns(models, asked, setup)
    state = _State.of(models.now, findings, columns, setup)
    what_if = None
    if models.before is not None:
        what_if = _compared(_State.of(models.before, findings, columns, setup), state, asked)
    matrix = Matrix(
        tool=Tool(__version__, digest(cached_in=config.cache_directory), setup.detector.engine),
        repository=gathered.repository,
        columns=columns,
        rows=state.rows,
        concerns=state.concerns,
        problems=_problems(gathered, state, asked),
        read=asked.read,
        unseen=_unseen(asked),
        notes=(*gathered.coverage.notes, *notes, *_weak(models, columns)),
        what_if=what_if,
        started=int(begun),
        scan_seconds=round(scanned - begun, 3),
        matrix_seconds=round(time.time() - scanned, 3),
    )
    return Answered(matrix, models.now, asked.files(opened.subject.files), setup, asked)


class _Models(NamedTuple):
    """The model that answers, and that of the files as they are where others are asked about."""

    now: ReachModel
    before: ReachModel | None

    def uses(self) -> dict[str, AgentUse]:
        """The agents in use, the surest first; also those that would no longer show."""
        before = self.before.agents if self.before is not None else ()
        return {use.agent: use for use in (*before, *self.now.agents)}


def _models(opened: Opened, setup: Setup, asked: Answerable, gathered: Gathered) -> _Models:
    history = {use.agent: use.commits for use in gathered.agents}

    def build(files: Files) -> ReachModel:
        return ReachModel.build(
            files, setup.agents, history=history, surroundings=asked.surroundings
        )

    files = opened.subject.files
    return _Models(build(asked.files(files)), build(files) if asked.changed else None)


def _problems(gathered: Gathered, state: "_State", asked: Answerable) -> tuple[Problem, ...]:
    """Of the scan and of the model that answers: the scan's own model saw other settings."""
    scan = (problem for problem in gathered.problems if problem.stage != _STAGE)
    return tuple(dict.fromkeys((*scan, *state.problems, *asked.problems)))


class _State(NamedTuple):
    """The answers for one state of the files, without a secret in any text."""

    rows: tuple[Row, ...]
    concerns: tuple[Concern, ...]
    problems: tuple[Problem, ...]

    @classmethod
    def of(
        cls,
        model: ReachModel,
        findings: Sequence[Finding],
        columns: Sequence[Column],
        setup: Setup,
    ) -> "_State":
        """Ask the model about everything."""
        agents = [column.agent for column in columns]
        views = [_views(model, finding, agents) for finding in findings]
        unique = {view.reach: view.reach for row in views for view in row}
        texts = _Texts(tuple(unique), model.concerns(agents), tuple(model.problems))
        # What a setting says is quoted in reasons, and a setting can hold a secret.
        clean = redact(texts, setup.text_session(), setup.rules, ())
        shown = dict(zip(unique, clean.reaches, strict=True))
        rows = tuple(
            Row(finding, _cells(agents, row, shown))
            for finding, row in zip(findings, views, strict=True)
        )
        return cls(rows, clean.concerns, clean.problems)


class _Texts(msgspec.Struct, frozen=True):
    reaches: tuple[Reach, ...]
    concerns: tuple[Concern, ...]
    problems: tuple[Problem, ...]


def _views(model: ReachModel, finding: Finding, agents: Sequence[str]) -> list[View]:
    """For each agent and channel the place where it sees most; the first of equals."""
    best: dict[tuple[str, Channel], View] = {}
    for index, place in _distinct(finding.locations):
        for reach in _asked(model, place, agents):
            key = (reach.agent, reach.channel)
            known = best.get(key)
            if known is None or reach.verdict.rank < known.reach.verdict.rank:
                best[key] = View(reach, index)
    if len(finding.locations) >= LOCATIONS_PER_FINDING:
        _leave_open(best)
    return list(best.values())


def _leave_open(best: dict[tuple[str, Channel], View]) -> None:
    """Of a secret in more places than are kept, nothing can be said to be closed."""
    for key, view in best.items():
        closed = view.reach.verdict in (Verdict.BLOCKED, Verdict.NOT_APPLICABLE)
        if closed and key[1] in MUST_BE_BLOCKED:
            reach = Reach(*key, Verdict.UNKNOWN, _MORE_PLACES, None, Basis.UNKNOWN)
            best[key] = View(reach, view.place)


def _asked(model: ReachModel, place: Location, agents: Sequence[str]) -> Iterable[Reach]:
    if _MASK in place.path:
        # The model would judge a path that is not the file's.
        return [
            Reach(agent, channel, Verdict.UNKNOWN, _MASKED_PATH, None, Basis.UNKNOWN)
            for agent in agents
            for channel in (Channel.FILE_TOOLS, Channel.SHELL, Channel.GIT_OBJECTS)
        ]
    return model.reach(place, agents)


def _distinct(locations: Sequence[Location]) -> Iterable[tuple[int, Location]]:
    """One of the locations that reach cannot tell apart; the line decides what a prompt shows."""
    seen = set()
    for index, place in enumerate(locations):
        key = (place.where, place.path, place.tracking, place.in_head, place.line)
        if key not in seen:
            seen.add(key)
            yield index, place


def _cells(
    agents: Sequence[str], views: Iterable[View], shown: dict[Reach, Reach]
) -> tuple[Cell, ...]:
    by_agent: dict[str, list[View]] = {agent: [] for agent in agents}
    for view in views:
        by_agent[view.reach.agent].append(View(shown[view.reach], view.place))
    return tuple(
        Cell(agent, tuple(sorted(found, key=lambda view: _CHANNELS[view.reach.channel])))
        for agent, found in by_agent.items()
    )


def _selected(gathered: Gathered, setup: Setup) -> tuple[tuple[Finding, ...], list[str]]:
    """Secrets and personal data that a scan would show, with their records; and what it hides."""
    enabled = [one for one in gathered.findings if one.rule not in setup.disabled]
    sure = [one for one in enabled if one.confidence.rank >= setup.min_confidence.rank]
    kept, baselined = split_by_baseline(sure, setup.baseline, setup.accepted)
    # A record takes in other findings too: seeded from all, its id is the one that a scan says.
    seeded, _ = seed(tuple(sorted(kept, key=_order)))
    notes = []
    if baselined:
        notes.append(f"{_findings(baselined)} hidden by the baseline.")
    if hidden := sum(map(_is_exposure, enabled)) - sum(map(_is_exposure, sure)):
        notes.append(
            f"{_findings(hidden)} too uncertain to show; to see them: "
            f"--min-confidence {Confidence.LOW}."
        )
    return tuple(filter(_is_exposure, seeded)), notes


def _findings(number: int) -> str:
    return f"{number:,} finding{'' if number == 1 else 's'}"


def _is_exposure(finding: Finding) -> bool:
    return finding.secret is not None or finding.rule == PERSONAL_DATA


def _order(finding: Finding) -> tuple[object, ...]:
    place = finding.locations[0]
    return (
        -finding.severity.rank,
        -finding.confidence.rank,
        place.path,
        place.line or 0,
        finding.rule,
        finding.fingerprint,
    )


def _columns(models: _Models, asked: Answerable, setup: Setup) -> tuple[Column, ...]:
    """The agents that were named; else those in use, the surest first; else all."""
    modelled = {agent.id: agent for agent in setup.agents if agent.context is not None}
    uses = {agent: use for agent, use in models.uses().items() if agent in modelled}
    chosen = list(asked.agents)
    if not chosen:
        sure = [use.agent for use in uses.values() if use.grade != "weak"]
        chosen = sure or list(uses)
        chosen += [agent for agent in setup.settings.agents if agent not in chosen]
    chosen = chosen or sorted(modelled)
    return tuple(_column(modelled[agent], uses.get(agent)) for agent in chosen)


def _column(agent: AgentFile, use: AgentUse | None) -> Column:
    return Column(agent.id, agent.name, use)


def _weak(models: _Models, columns: Sequence[Column]) -> list[str]:
    shown = {column.agent for column in columns}
    weak = [
        use.name for use in models.uses().values() if use.grade == "weak" and use.agent not in shown
    ]
    if not weak:
        return []
    names = ", ".join(weak[:_NAMED])
    more = f" and {len(weak) - _NAMED} more" if len(weak) > _NAMED else ""
    return [f"Only shared files such as AGENTS.md speak for {names}{more}: --agent all."]


def _unseen(asked: Answerable) -> tuple[str, ...]:
    unseen = [] if asked.surroundings.home is not None else ["the user's own settings (--home)"]
    unseen.append("managed settings on the machine (--settings AGENT=FILE)")
    unseen.append("settings on a vendor's server")
    return tuple(unseen)


def _compared(before: _State, after: _State, asked: Answerable) -> WhatIf:
    changes = tuple(
        CellChange(index, new.agent, old, new)
        for index, (former, row) in enumerate(zip(before.rows, after.rows, strict=True))
        for old, new in zip(former.cells, row.cells, strict=True)
        if _verdicts(old) != _verdicts(new)
    )
    return WhatIf(
        paths=tuple(sorted(asked.changed)),
        changes=changes,
        new_concerns=tuple(one for one in after.concerns if one not in before.concerns),
        settled_concerns=tuple(one for one in before.concerns if one not in after.concerns),
    )


def _verdicts(cell: Cell) -> dict[Channel, Verdict]:
    return {view.reach.channel: view.reach.verdict for view in cell.views}
