"""One incident with everything that its record is built from."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property

from scanner.incidents.fact import MAX_ROWS
from scanner.incidents.grouping import by_weight
from scanner.incidents.severity import Presence, presence
from scanner.model import Category, Finding, Incident, Location, Report, Tracking, Where

_WHERE_WORDS = {
    Where.WORKTREE: "working tree",
    Where.INDEX: "index",
    Where.STASH: "stash",
    Where.REFLOG: "reflog only",
    Where.UNREACHABLE: "unreachable commit",
    Where.MESSAGE: "commit message",
    Where.TAG: "tag message",
    Where.NOTE: "git note",
    Where.GIT_FILE: "git's own file",
    Where.STDIN: "standard input",
}


class Case:
    """An incident and its findings, most severe first. Answers questions; holds no state."""

    def __init__(
        self,
        report: Report,
        incident: Incident,
        findings: Sequence[Finding],
        related: Sequence[str] = (),
    ) -> None:
        self.report = report
        self.incident = incident
        self.findings: tuple[Finding, ...] = tuple(sorted(findings, key=by_weight))
        self.related = tuple(related)[:MAX_ROWS]
        """Ids of other incidents of the same scan in one of the same files."""

    @cached_property
    def subjects(self) -> tuple[str, ...]:
        """The subjects of all findings, sorted; the incident's own first."""
        others = {one.subject for one in self.findings} - {self.incident.subject}
        return (self.incident.subject, *sorted(others))

    @cached_property
    def secondary(self) -> tuple[Category, ...]:
        """The categories of the findings, without the incident's own."""
        return tuple(sorted({one.category for one in self.findings} - {self.incident.category}))

    @cached_property
    def locations(self) -> tuple[Location, ...]:
        """All locations of all findings, each once."""
        return tuple(dict.fromkeys(place for one in self.findings for place in one.locations))

    @cached_property
    def commits(self) -> tuple[str, ...]:
        """The commits that introduced something or acted, earliest first."""
        dated: set[tuple[int, str]] = set()
        for one in self.findings:
            if one.introduced is not None:
                dated.add((one.introduced.time, one.introduced.commit))
            else:
                dated.update((0, place.commit) for place in one.locations if place.commit)
        return tuple(dict.fromkeys(commit for _, commit in sorted(dated)))[:MAX_ROWS]

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """Every path concerned, sorted."""
        return tuple(sorted({place.path for place in self.locations if place.path}))

    def concerns(self, category: Category) -> bool:
        """Whether the category is the incident's own or one of its findings'."""
        return category is self.incident.category or category in self.secondary


def cases(report: Report) -> Iterator[Case]:
    """One case for each incident of a report, in its order."""
    members: dict[str, list[Finding]] = defaultdict(list)
    at_path: dict[str, set[str]] = defaultdict(set)
    for one in report.findings:
        if one.incident is not None:
            members[one.incident].append(one)
            for place in one.locations:
                if place.path:
                    at_path[place.path].add(one.incident)
    for incident in report.incidents:
        found = members[incident.id]
        paths = {place.path for one in found for place in one.locations}
        near = {other for path in paths for other in at_path.get(path, ())}
        yield Case(report, incident, found, sorted(near - {incident.id}))


def describe(place: Location) -> str:
    """One location in words: `config/app.yml:12 (commit 1a2b…, in HEAD)`."""
    name = place.path or (place.commit or place.where.value)
    line = f":{place.line}" if place.line is not None and place.path else ""
    return f"{name}{line} ({', '.join(_details(place))})"


def _details(place: Location) -> list[str]:
    words = [_WHERE_WORDS[place.where]] if place.where in _WHERE_WORDS else []
    if place.tracking is Tracking.IGNORED:
        words.append("ignored by git")
    elif place.tracking is Tracking.UNTRACKED:
        words.append("not tracked")
    if place.commit is not None:
        words.append(f"commit {place.commit[:12]}")
    if place.where is Where.COMMIT:
        state = presence(place)
        if state is Presence.HEAD:
            words.append("in HEAD")
        elif state is Presence.HISTORY:
            words.append("in history only")
    return words
