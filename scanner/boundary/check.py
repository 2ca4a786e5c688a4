"""Judges one change: the scope it was given, and the guards it touches."""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from scanner.errors import ConfigError
from scanner.model import (
    Attribution,
    BoundaryMatch,
    Change,
    Files,
    Problem,
    ReadBlob,
)

if TYPE_CHECKING:
    from scanner.boundary.protected import Protection
    from scanner.boundary.scope import ScopeReader
    from scanner.boundary.tasks import Task


class BoundaryResult(msgspec.Struct, frozen=True):
    """What one change did to its bounds."""

    matches: tuple[BoundaryMatch, ...] = ()
    task: str | None = None
    declared: bool = False
    """A task with a scope was found for the change. False is a gap in coverage, never a pass."""
    problems: tuple[Problem, ...] = ()
    """Contents that had to be compared and could not be read."""


class Boundary:
    """The declared tasks and the protected paths of one repository."""

    def __init__(
        self, tasks: dict[str, "Task"], option: "Task | None", paths: tuple[str, ...]
    ) -> None:
        self._tasks = tasks
        self._option = option
        self._paths = paths
        self._readers: dict[str, ScopeReader] = {}

    @classmethod
    def load(
        cls, files: Files, *, task: str | None = None, task_file: Path | None = None
    ) -> "Boundary":
        """Read the repository's task files and the rules.

        `task` is the id of the task that every agent change belongs to, `task_file` a task file
        anywhere on disk that says the same. Raises `ConfigError` for a task file that is wrong, an
        id that no file declares, and a file whose id is not `task`.
        """
        from scanner.boundary.tasks import load_task_file, load_tasks
        from scanner.boundary.wording import listed

        tasks = load_tasks(files)
        option: Task | None = None
        if task_file is not None:
            option = load_task_file(task_file)
            if task is not None and task != option.id:
                raise ConfigError(f"{task_file}: its id is {option.id!r}, not {task!r}")
        elif task is not None:
            option = tasks.get(task)
            if option is None:
                known = listed(sorted(tasks)) if tasks else "none"
                raise ConfigError(
                    f"no task file declares the id {task!r}",
                    hint=f"write .agentreach/tasks/<id>.yml; declared so far: {known}",
                )
        paths = tuple(files.paths()) if tasks or option else ()
        return cls(tasks, option, paths)

    @cached_property
    def _guard(self) -> "Protection":
        # Most commits carry no agent's mark, and a staged scan often meets none at all: the rules
        # are read when the first one turns up.
        from scanner.boundary.protected import Protection
        from scanner.rules.boundaries import load_boundary_files

        return Protection(load_boundary_files())

    def check(
        self, change: Change, attribution: Attribution, read_blob: ReadBlob
    ) -> BoundaryResult:
        """Judge a change that an agent's mark is on, or the staged set when it names a task.

        Everyone else's commits come back empty: no mark is no evidence. Blobs are read only for
        paths that a rule watches, or that lie outside the scope and may be generated.
        """
        staged = change.commit is None
        if attribution.agent is None and not (staged and (self._option or change.message)):
            return BoundaryResult()
        from scanner.boundary.judge import Judge
        from scanner.boundary.resolve import resolve
        from scanner.boundary.view import View

        resolution = resolve(change, self._tasks, self._option)
        task = resolution.task
        name = task.id if task else None
        # The edge of a shallow clone lists the whole tree; what the commit changed is not known.
        if change.boundary or (attribution.agent is None and not (resolution.evidence)):
            return BoundaryResult(task=name, declared=task is not None)
        view = View(change, read_blob)
        judge = Judge(change, attribution, resolution, view, self._guard)
        matches: list[BoundaryMatch] = []
        if resolution.unknown is not None:
            matches.append(judge.unknown_task())
        if task is not None:
            matches += judge.scope(self._reader(task))
        if attribution.agent is not None or resolution.by_option:
            matches += judge.guards()
        return BoundaryResult(tuple(matches), name, task is not None, tuple(view.problems))

    def _reader(self, task: "Task") -> "ScopeReader":
        from scanner.boundary.scope import ScopeReader

        if task.id not in self._readers:
            self._readers[task.id] = ScopeReader(task, self._paths)
        return self._readers[task.id]
