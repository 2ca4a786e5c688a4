"""Counts marks over commits, in one pass and without keeping the commits."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from scanner.gitio.commit_log import Quiet
from scanner.model import Attribution, Change, Identity, Mark, Role, Tier
from scanner.model.attribute_report import (
    WEEK,
    Agent,
    Group,
    MarkedCommit,
    Outcome,
    Standing,
    Tally,
    outcome,
)
from scanner.pipeline.attribute_question import Question

Key = TypeVar("Key")

_NOTHING = Attribution()

OTHERS = "(others)"
"""The key of the group in which what is over the limit is counted."""
_OTHERS = Identity(OTHERS, "")

_GROUPS = 100_000
"""Groups of one kind that are told apart."""
_EARLIEST = 365 * 24 * 60 * 60
_DAYS = 2 * 24 * 60 * 60
"""Seconds that a clock may be ahead."""
_MONDAY = 3 * 24 * 60 * 60
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ROLES = tuple(Role)


class Counts:
    """Counts the commits that share a key."""

    __slots__ = ("agents", "name", "outcomes")

    def __init__(self, name: str) -> None:
        self.name = name
        self.outcomes: Counter[Outcome] = Counter()
        self.agents: Counter[str] = Counter()

    def add(self, result: Outcome, acted: Iterable[str], times: int = 1) -> None:
        """One commit, with the agents that acted on it; or so many that are alike."""
        self.outcomes[result] += times
        if result is Outcome.AGENT:
            self.agents.update(acted)

    def merge(self, other: "Counts") -> None:
        """What another one counted."""
        self.outcomes.update(other.outcomes)
        self.agents.update(other.agents)

    def tally(self) -> Tally:
        """The numbers."""
        return Tally({one: self.outcomes[one] for one in Outcome})


class _Seen:
    """How often a standing occurred, and when."""

    __slots__ = ("commits", "first", "last")

    def __init__(self) -> None:
        self.commits = 0
        self.first: int | None = None
        self.last: int | None = None

    def add(self, moment: int | None) -> None:
        self.commits += 1
        if moment is not None:
            self.first = moment if self.first is None else min(self.first, moment)
            self.last = moment if self.last is None else max(self.last, moment)


class Tallies:
    """Everything that is counted. Add each commit once, in any order."""

    def __init__(self, question: Question) -> None:
        self._question = question
        self._author_date = question.date == "author"
        self._weekly = "week" in question.by
        self._by_author = "author" in question.by
        self._by_directory = "directory" in question.by
        self._listed = "commit" in question.by
        self.all = Counts("")
        self.merges = 0
        self.impossible = 0
        self.edges = 0
        """Commits at which a shallow clone ends."""
        self._marks: dict[str, dict[tuple[Role, Tier], _Seen]] = {}
        self._agents: dict[str, Mark] = {}
        self._models: dict[str, Counter[str]] = {}
        self._weeks: dict[int, Counts] = {}
        self._authors: dict[Identity, Counts] = {}
        self._directories: dict[str, Counts] = {}
        self._commits: dict[int, MarkedCommit] = {}
        self._quiet_weeks: dict[int | None, int] = {}
        self._quiet_authors: dict[Identity, int] = {}

    def wants(self, change: Change | Quiet) -> bool:
        """Whether the commit lies between `since` and `until`."""
        question = self._question
        moment = change.author_time if self._author_date else change.committer_time
        return (question.since is None or moment >= question.since) and (
            question.until is None or moment <= question.until
        )

    def add(self, change: Change, attribution: Attribution, number: int) -> None:
        """Count one commit; `number` is its place in the list of commits."""
        result, moment = outcome(attribution), self._moment(change)
        self.merges += len(change.parents) > 1
        acted = self._marked(attribution, moment) if attribution.marks else ()
        self.edges += change.boundary
        self.all.add(result, acted)
        if self._weekly and moment is not None:
            _group(self._weeks, (moment + _MONDAY) // WEEK, -1).add(result, acted)
        if self._by_author:
            _group(self._authors, change.author, _OTHERS).add(result, acted)
        if self._by_directory and not change.boundary:
            for directory in self._touched(change):
                _group(self._directories, directory, OTHERS).add(result, acted)
        if self._listed and attribution.marks:
            stated = change.author_time if self._author_date else change.committer_time
            marked = MarkedCommit(
                change.commit or "", stated, result, change.author, attribution.marks
            )
            self._commits[number] = marked

    def add_quiet(self, commit: Quiet) -> None:
        """Count one commit that bears no mark. `settle` when all are there."""
        self.merges += commit.merge
        self.edges += commit.boundary
        moment = self._moment(commit)
        week = (moment + _MONDAY) // WEEK if moment is not None else None
        self._quiet_weeks[week] = self._quiet_weeks.get(week, 0) + 1
        if self._by_author:
            author = commit.author
            if author not in self._quiet_authors and len(self._quiet_authors) >= _GROUPS:
                author = _OTHERS
            self._quiet_authors[author] = self._quiet_authors.get(author, 0) + 1

    def settle(self) -> None:
        """Add what was counted of quiet commits to all the rest."""
        result = outcome(_NOTHING)
        for week, times in self._quiet_weeks.items():
            self.all.add(result, (), times)
            if self._weekly and week is not None:
                _group(self._weeks, week, -1).add(result, (), times)
        for author, times in self._quiet_authors.items():
            _group(self._authors, author, _OTHERS).add(result, (), times)
        self._quiet_weeks.clear()
        self._quiet_authors.clear()

    def _moment(self, change: Change | Quiet) -> int | None:
        """When it was made, if that can be."""
        stated = change.author_time if self._author_date else change.committer_time
        if _EARLIEST <= stated <= self._question.now + _DAYS:
            return stated
        self.impossible += 1
        return None

    def _marked(self, attribution: Attribution, moment: int | None) -> tuple[str, ...]:
        """Count the marks; the agents that acted."""
        acted = []
        for mark in attribution.marks:
            known = self._marks.get(mark.agent)
            if known is None:
                known = self._marks[mark.agent] = {}
                self._agents[mark.agent] = mark
                self._models[mark.agent] = Counter()
            seen = known.get((mark.role, mark.tier))
            if seen is None:
                seen = known[mark.role, mark.tier] = _Seen()
            seen.add(moment)
            if mark.model is not None:
                self._models[mark.agent].update(mark.model.split(", "))
            if not mark.bot and mark.role in (Role.AUTHOR, Role.CO_AUTHOR):
                acted.append(mark.agent)
        return tuple(acted)

    def _touched(self, change: Change) -> set[str]:
        depth = self._question.depth
        found = set()
        for entry in change.paths:
            parts = entry.path.split("/", depth)
            found.add("/".join(parts[:depth]) if len(parts) > depth else _parent(entry.path))
        return found

    # ------------------------------------------------------------------ the result

    def commits(self) -> tuple[MarkedCommit, ...]:
        """Those with marks, by their numbers."""
        return tuple(self._commits[number] for number in sorted(self._commits))

    def agents(self) -> tuple[Agent, ...]:
        """Agents before bots, most commits first."""
        found = [self._agent(agent) for agent in self._marks]
        return tuple(sorted(found, key=lambda one: (one.bot, -one.commits, one.agent)))

    def _agent(self, agent: str) -> Agent:
        standings = [
            Standing(role, tier, seen.commits, seen.first, seen.last)
            for (role, tier), seen in self._marks[agent].items()
        ]
        standings.sort(key=lambda one: (_ROLES.index(one.role), one.tier.rank))
        mark = self._agents[agent]
        return Agent(
            agent=agent,
            name=mark.name,
            bot=mark.bot,
            commits=sum(one.commits for one in standings),
            standings=tuple(standings),
            models=_ranked(self._models[agent]),
        )

    def weeks(self) -> tuple[Group, ...] | None:
        """By week, earliest first."""
        if not self._weekly:
            return None
        return tuple(
            Group(_day(week), _day(week), counts.tally(), _ranked(counts.agents))
            for week, counts in sorted(self._weeks.items())
        )

    def authors(
        self, renamed: Callable[[list[Identity]], list[Identity]]
    ) -> tuple[Group, ...] | None:
        """By the author's address, where there is one, and by the name that most commits have with
        it. `renamed` gives people other identities."""
        if not self._by_author:
            return None
        found: dict[str, Counts] = {}
        names: dict[str, Counter[str]] = {}
        people = list(self._authors)
        for person, now in zip(people, renamed(people), strict=True):
            key = now.email.lower() or now.name
            counts = found.setdefault(key, Counts(""))
            counts.merge(self._authors[person])
            name = now.name or now.email
            names.setdefault(key, Counter())[name] += self._authors[person].outcomes.total()
        for key, counts in found.items():
            counts.name = next(iter(_ranked(names[key])))
        return _groups(found)

    def directories(self) -> tuple[Group, ...] | None:
        """By directory."""
        if not self._by_directory:
            return None
        for directory, counts in self._directories.items():
            counts.name = directory
        return _groups(self._directories)


def _groups(found: Mapping[str, Counts]) -> tuple[Group, ...]:
    groups = [
        Group(key, counts.name, counts.tally(), _ranked(counts.agents))
        for key, counts in found.items()
    ]
    return tuple(sorted(groups, key=lambda one: (-one.tally.agent, -one.tally.commits, one.key)))


def _group(groups: dict[Key, Counts], key: Key, others: Key) -> Counts:
    found = groups.get(key)
    if found is None:
        if len(groups) >= _GROUPS:
            key = others
        found = groups.setdefault(key, Counts(""))
    return found


def _ranked(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _parent(path: str) -> str:
    return path.rpartition("/")[0] or "."


def _day(week: int) -> str:
    """The Monday on which a week begins."""
    return (_EPOCH + timedelta(seconds=week * WEEK - _MONDAY)).date().isoformat()
