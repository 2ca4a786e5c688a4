"""`agentreach reach --fix`: settings that close what can be closed, tried before they are shown."""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from scanner.atomic import replace_file
from scanner.config import Config
from scanner.errors import ConfigError, ScannerError
from scanner.model import Tracking
from scanner.model.fixes import FileEdit, Fixes
from scanner.model.matrix import Column
from scanner.pipeline.opening import open_subject
from scanner.pipeline.reach_fix_agent import Chooser
from scanner.pipeline.reach_fix_left import narrowed, remaining
from scanner.pipeline.reach_fix_patch import patches
from scanner.pipeline.reach_fix_trial import Trials
from scanner.pipeline.reach_matrix import Answered, answer
from scanner.pipeline.reach_question import Question
from scanner.pipeline.workers import Progress, Silence
from scanner.reach.fixes import Wishes
from scanner.reach.matching.gitignore import Pattern, parse
from scanner.rules.agents import AgentFile

_WEAK = "weak"


def reach_fixes(
    config: Config,
    question: Question,
    wishes: Wishes,
    *,
    write: bool = False,
    progress: Progress | None = None,
) -> Fixes:
    """Scan, choose the settings, and with `write` put them into the working tree.

    Raises `ConfigError` for a question that has no answer here and `ScannerError` when something
    cannot be written; then nothing is.
    """
    if question.what_if:
        raise ConfigError("--fix is about the files as they are: leave --what-if out")
    with open_subject(config) as opened:
        if write and opened.root is None:
            raise ConfigError("--write needs a working tree, and this repository has none")
        answered = answer(opened, config, question, progress or Silence())
        fixes = _fixes(answered, question, wishes)
        if write and opened.root is not None:
            apply_edits(opened.root, fixes.edits)
    return fixes


def _fixes(answered: Answered, question: Question, wishes: Wishes) -> Fixes:
    matrix = answered.matrix
    chosen = [column for column in matrix.columns if _is_meant(column, answered, question)]
    watched = sorted(
        {column.agent for column in matrix.columns} | {use.agent for use in answered.model.agents}
    )
    modelled = {agent.id for agent in answered.setup.agents if agent.context is not None}
    chooser = Chooser(
        Trials.of(answered),
        wishes,
        [agent for agent in watched if agent in modelled],
        tuple(_agents_own(answered.setup.agents)),
    )
    chooser.fix([column.agent for column in chosen])
    names = {column.agent: column.name for column in chosen}
    edits = tuple(_edits(chooser, names))
    return Fixes(
        repository=matrix.repository.name,
        findings=tuple(row.finding for row in matrix.rows),
        agents=tuple(names.values()),
        edits=edits,
        patches=patches(edits, answered.setup),
        narrowed=narrowed(chooser, names),
        remaining=remaining(chooser, names),
        notes=tuple(_notes(answered, chosen, edits)),
        problems=matrix.problems,
    )


def _edits(chooser: Chooser, names: Mapping[str, str]) -> Iterable[FileEdit]:
    """`names`: of the agents, by their ids."""
    for path, after in sorted(chooser.changed.items()):
        agents = tuple(names[agent] for agent in chooser.made_for(path, names))
        yield FileEdit(path, chooser.trials.files.read(path), after, agents)


def _is_meant(column: Column, answered: Answered, question: Question) -> bool:
    """Named, by the caller or the project, or surely in use: for nobody else files are made."""
    named = question.agents or column.agent in answered.setup.settings.agents
    return bool(named) or (column.use is not None and column.use.grade != _WEAK)


def _agents_own(agents: Iterable[AgentFile]) -> Iterable[Pattern]:
    """What agents read or write by themselves."""
    for agent in agents:
        if agent.context is None:
            continue
        loads = (rule.path for rule in agent.context.loads)
        traces = (trace.path for trace in agent.context.traces)
        signs = (*agent.context.detect.strong, *agent.context.detect.medium)
        # A sign such as `.env` would say nothing about whose file it is.
        own = (sign for sign in signs if sign.strip("/").startswith("."))
        yield from (pattern for text in (*loads, *traces, *own) if (pattern := parse(text)))


def _notes(
    answered: Answered, chosen: Sequence[Column], edits: Sequence[FileEdit]
) -> Iterable[str]:
    if not answered.matrix.rows:
        yield "Nothing was found that an agent could see."
    elif not chosen:
        yield "No agent is surely in use here: --agent names one to write settings for."
    for edit in edits:
        if answered.files.tracking(edit.path) is Tracking.IGNORED:
            yield f"git ignores {edit.path}: what it says holds in this checkout only."
    yield from answered.matrix.notes


# ---------------------------------------------------------------------- writing


def apply_edits(root: Path, edits: Sequence[FileEdit]) -> None:
    """Write all of the files, or none.

    Raises `ScannerError` when one has changed since it was read, or is or lies behind a link.
    """
    for edit in edits:
        _check(root, edit)
    done: list[FileEdit] = []
    made: list[Path] = []
    try:
        for edit in edits:
            target = root / edit.path
            made += _directories(root, target.parent)
            _check(root, edit)
            replace_file(target, edit.after, _mode(target))
            done.append(edit)
    except (OSError, ScannerError) as error:
        _undo(root, done, made)
        if isinstance(error, ScannerError):
            raise
        raise ScannerError(f"{edits[len(done)].path}: cannot write: {error.strerror}") from error


def _check(root: Path, edit: FileEdit) -> None:
    target = root / edit.path
    for place in (target, *target.parents):
        if place == root:
            break
        if place.is_symlink():
            raise ScannerError(f"{edit.path}: a link is not written through; nothing was written")
    try:
        there = target.read_bytes()
    except FileNotFoundError:
        there = None
    except OSError as error:
        raise ScannerError(f"{edit.path}: cannot be read: {error.strerror}") from error
    if there != edit.before:
        raise ScannerError(
            f"{edit.path}: it has changed since it was read; nothing was written",
            hint="run it again",
        )


def _mode(target: Path) -> int:
    """That of the file, or what a new one gets here."""
    try:
        return target.stat().st_mode & 0o777
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


def _directories(root: Path, directory: Path) -> list[Path]:
    """Make what is missing below the root; what was made, outermost first."""
    missing = []
    while directory != root and not directory.exists():
        missing.append(directory)
        directory = directory.parent
    for one in reversed(missing):
        one.mkdir()
    return missing[::-1]


def _undo(root: Path, done: Iterable[FileEdit], made: Sequence[Path]) -> None:
    for edit in done:
        target = root / edit.path
        if edit.before is None:
            target.unlink(missing_ok=True)
        else:
            replace_file(target, edit.before, _mode(target))
    for directory in reversed(made):
        directory.rmdir()
