"""What changes overstepped: here, or in a process of its own beside the walk over the changes.

Comparing the contents before and after takes Python as long as the walk itself where agents made
many of the commits.
"""

from typing import NamedTuple, Protocol

from scanner.boundary import Boundary
from scanner.model import Attribution, BoundaryMatch, Change, Problem, ReadBlob
from scanner.pipeline.forked import Child, Line

_SENT_TOGETHER = 64


class Overstep(NamedTuple):
    """A boundary match with the change it stands on."""

    change: Change
    attribution: Attribution
    match: BoundaryMatch


class Checked(NamedTuple):
    """What came of all changes."""

    undeclared: int
    """Commits of agents for which no task was declared."""
    oversteps: tuple[Overstep, ...]
    """In the order of the changes."""
    problems: tuple[Problem, ...]


class Checks(Protocol):
    """Checks changes against their bounds."""

    def add(self, change: Change, attribution: Attribution) -> None:
        """Take a change, with the marks on it."""

    def checked(self) -> Checked:
        """What came of all changes; to be asked once, at the end."""


class ChecksHere:
    """Checks each change as it comes."""

    def __init__(self, boundary: Boundary, read_blob: ReadBlob) -> None:
        self._boundary = boundary
        self._read_blob = read_blob
        self._undeclared = 0
        self._oversteps: list[Overstep] = []
        self._problems: dict[str, Problem] = {}

    def add(self, change: Change, attribution: Attribution) -> None:
        """See `Checks`."""
        result = self._boundary.check(change, attribution, self._read_blob)
        self._undeclared += attribution.agent is not None and not result.declared
        self._oversteps += (Overstep(change, attribution, match) for match in result.matches)
        # A version that cannot be read is met twice: when it comes and when it goes.
        for problem in result.problems:
            self._problems.setdefault(problem.reason, problem)

    def checked(self) -> Checked:
        """See `Checks`."""
        return Checked(self._undeclared, tuple(self._oversteps), tuple(self._problems.values()))


class ChecksApart:
    """Checks commits in a forked process."""

    def __init__(self, boundary: Boundary, read_blob: ReadBlob) -> None:
        self._waiting: list[tuple[Change, Attribution]] = []
        self._child = Child(lambda line: _check(line, ChecksHere(boundary, read_blob)))

    def add(self, change: Change, attribution: Attribution) -> None:
        """See `Checks`. Commits without an agent's mark are not asked about, so not sent."""
        if attribution.agent is not None:
            self._waiting.append((change, attribution))
            if len(self._waiting) == _SENT_TOGETHER:
                self._child.send(self._waiting)
                self._waiting = []

    def checked(self) -> Checked:
        """See `Checks`."""
        try:
            self._child.send(self._waiting)
            self._child.send(None)
            checked: Checked = self._child.receive()
        finally:
            self._child.close()
        return checked


def _check(line: Line, checks: ChecksHere) -> None:
    while (changes := line.recv()) is not None:
        for change, attribution in changes:
            checks.add(change, attribution)
    line.send(checks.checked())
