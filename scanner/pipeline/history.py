"""One pass over the changes: who made them, what they overstepped, when secrets came and went, and
what their messages hold."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

from scanner.attribution import Attributor
from scanner.model import Attribution, Change, Origin, Problem, Where, packed
from scanner.pipeline.examine import Contents, Session, Sightings, examine
from scanner.pipeline.locate import Locator
from scanner.pipeline.oversteps import Checks, Overstep
from scanner.pipeline.provenance import Provenance
from scanner.pipeline.workers import Progress


class Watcher(Protocol):
    """Looks at every change on the way, in any order."""

    def add(self, change: Change, attribution: Attribution) -> None:
        """Take a change, with the marks on it."""


_MESSAGE_BUFFER = 4 * 1024 * 1024


class History(NamedTuple):
    """What the pass over the changes brought to light."""

    commits: int
    agents: Counter[str]
    """Commits by agent id; committer-only marks and bots do not count."""
    undeclared: int
    oversteps: tuple[Overstep, ...]
    problems: tuple[Problem, ...]
    messages: Sightings
    """Sightings in messages, by `message:<commit>`."""
    message_origins: tuple[Origin, ...]


class Messages:
    """Scans commit messages like any other content, many at a time."""

    def __init__(self, session: Session, locator: Locator) -> None:
        self._session = session
        self._locator = locator
        self._waiting: list[tuple[str, bytes]] = []
        self._size = 0
        self.sightings: Sightings = {}
        self.origins: list[Origin] = []

    def add(self, change: Change) -> None:
        """Take a change's message."""
        if not change.message or change.where is Where.NOTE:
            return
        data = change.message.encode("utf-8", "surrogateescape")
        self._waiting.append((change.commit or "staged", data))
        self._size += len(data)
        if self._size >= _MESSAGE_BUFFER:
            self.flush()

    def flush(self) -> None:
        """Scan what has gathered."""
        if not self._waiting:
            return
        names = [f"message:{commit}" for commit, _ in self._waiting]
        batch = packed([data for _, data in self._waiting], names)
        found = Contents({}, set(), {})
        examine(batch, self._session, self._locator, found)
        for name in found.sightings:
            commit = name.removeprefix("message:")
            self.origins.append(Origin(Where.MESSAGE, "", name, commit=commit))
        self.sightings.update(found.sightings)
        self._waiting.clear()
        self._size = 0


def read_history(
    changes: Iterable[Change | Problem],
    attributor: Attributor,
    checks: Checks,
    provenance: Provenance,
    messages: Messages,
    progress: Progress,
    watchers: Sequence[Watcher] = (),
) -> History:
    """Consume the changes; their order does not matter. The watchers are shown each of them."""
    commits = 0
    agents: Counter[str] = Counter()
    problems: list[Problem] = []
    for change in _only_changes(changes, problems):
        if change.where is not Where.NOTE:
            commits += 1
            attribution = attributor.attribute(change)
            mark = attribution.agent
            if mark is not None:
                agents[mark.agent] += 1
            for watcher in watchers:
                watcher.add(change, attribution)
            checks.add(change, attribution)
        provenance.add(change)
        messages.add(change)
        progress.advance(1, 0)
    messages.flush()
    checked = checks.checked()
    return History(
        commits,
        agents,
        checked.undeclared,
        checked.oversteps,
        (*problems, *checked.problems),
        messages.sightings,
        tuple(messages.origins),
    )


def _only_changes(items: Iterable[Change | Problem], problems: list[Problem]) -> Iterator[Change]:
    for item in items:
        if isinstance(item, Problem):
            problems.append(item)
        else:
            yield item
