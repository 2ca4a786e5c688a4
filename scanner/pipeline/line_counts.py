"""From blamed lines, marks and claims to counts: by file, by directory, in all."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from scanner.attribution.lines import UNNAMED
from scanner.gitio.blame import Blame, Run
from scanner.model import Attribution
from scanner.model.lines import Author, Claim, DirectoryLines, FileLines, Shares, Span
from scanner.pipeline.line_evidence import Lines

_HUMAN = "\0human"
_CONTRADICTORY = "\0contradictory"
_SEVERAL = "\0several"


class Segment(msgspec.Struct, frozen=True):
    """Lines of one commit's version of a file about which the claims agree."""

    first: int
    last: int
    author: str
    """An agent's id, or one of the marks of this module."""


class Tally:
    """Counts lines by origin, as `Shares` while it is counted."""

    def __init__(self) -> None:
        self.lines = self.human = self.unknown = self.cut_off = self.contradictory = 0
        self.attested: Counter[str] = Counter()
        self.marked: Counter[str] = Counter()
        self.bots: Counter[str] = Counter()

    def attest(self, author: str, lines: int) -> None:
        """Count lines that a note speaks of."""
        self.lines += lines
        if author == _HUMAN:
            self.human += lines
        elif author == _CONTRADICTORY:
            self.contradictory += lines
            self.unknown += lines
        elif author == _SEVERAL:
            self.contradictory += lines
            self.attested[UNNAMED] += lines
        else:
            self.attested[author] += lines

    def mark(self, attribution: Attribution | None, lines: int) -> None:
        """Count lines of which only the commit is known."""
        self.lines += lines
        agent = attribution.agent if attribution is not None else None
        bot = next((mark for mark in attribution.marks if mark.bot), None) if attribution else None
        if agent is not None:
            self.marked[agent.agent] += lines
        elif bot is not None:
            self.bots[bot.agent] += lines
        else:
            self.unknown += lines

    def cut(self, lines: int) -> None:
        """Count lines whose commit is not known."""
        self.lines += lines
        self.cut_off += lines

    def add(self, shares: Shares) -> None:
        """Count what was counted elsewhere."""
        self.lines += shares.lines
        self.human += shares.human
        self.unknown += shares.unknown
        self.cut_off += shares.cut_off
        self.contradictory += shares.contradictory
        self.attested.update(shares.attested)
        self.marked.update(shares.marked)
        self.bots.update(shares.bots)

    def shares(self) -> Shares:
        """The counts, most lines first."""
        return Shares(
            lines=self.lines,
            attested=_ordered(self.attested),
            marked=_ordered(self.marked),
            human=self.human,
            bots=_ordered(self.bots),
            unknown=self.unknown,
            cut_off=self.cut_off,
            contradictory=self.contradictory,
        )


class LineCounter:
    """Tells the origin of blamed lines."""

    def __init__(
        self,
        marks: Mapping[str, Attribution],
        claims: Mapping[Lines, tuple[Claim, ...]],
        boundaries: frozenset[str],
    ) -> None:
        self._marks = marks
        self._segments = {lines: segments(found) for lines, found in claims.items()}
        self._starts = {
            lines: [one.first for one in found] for lines, found in self._segments.items()
        }
        self._boundaries = boundaries

    def count(self, runs: Iterable[Run]) -> Shares:
        """The origins of these lines."""
        tally = Tally()
        for run in runs:
            if run.commit in self._boundaries:
                tally.cut(run.count)
                continue
            rest = run.count
            for author, lines in self._attested(run):
                tally.attest(author, lines)
                rest -= lines
            if rest:
                tally.mark(self._marks.get(run.commit), rest)
        return tally.shares()

    def _attested(self, run: Run) -> Iterator[tuple[str, int]]:
        key = (run.commit, run.path)
        found = self._segments.get(key)
        if not found:
            return
        last = run.first + run.count - 1
        start = max(0, bisect_right(self._starts[key], run.first) - 1)
        for index in range(start, len(found)):
            segment = found[index]
            if segment.first > last:
                return
            lines = min(last, segment.last) - max(run.first, segment.first) + 1
            if lines > 0:
                yield segment.author, lines


def runs_of(blame: Blame, paths: tuple[str, ...]) -> Iterator[Run]:
    """The runs inside the range. `paths` are the blame's, decoded."""
    numbers = blame.runs
    for index in range(0, len(numbers), 4):
        commit, path, first, lines = numbers[index : index + 4]
        if commit not in blame.outside:
            yield Run(blame.commits[commit], paths[path], first, lines)


def segments(claims: Iterable[Claim]) -> list[Segment]:
    """All claims on one file of one commit, without overlaps, in ascending order.

    Claims of one author add up. Where an agent and a person are both named the lines are
    contradictory; where several agents are, an agent wrote them and it is not known which.
    """
    events: list[tuple[int, int, str]] = []
    for claim in claims:
        author = _HUMAN if claim.author is Author.HUMAN else claim.agent or UNNAMED
        for span in claim.spans:
            events.append((span.first, 1, author))
            events.append((span.last + 1, -1, author))
    events.sort()
    active: Counter[str] = Counter()
    found: list[Segment] = []
    previous = 0
    for line, step, author in events:
        if line > previous:
            _extend(found, Span(previous, line - 1), _author(active))
            previous = line
        active[author] += step
    return found


def _author(active: Counter[str]) -> str | None:
    names = [name for name, times in active.items() if times > 0]
    if len(names) < 2:
        return names[0] if names else None
    if _HUMAN in names:
        return _CONTRADICTORY
    # One tool's name beside "some agent" is no contradiction.
    named = [name for name in names if name != UNNAMED]
    return named[0] if len(named) == 1 else _SEVERAL


def _extend(found: list[Segment], span: Span, author: str | None) -> None:
    if author is None:
        return
    if found and found[-1].author == author and found[-1].last + 1 == span.first:
        found[-1] = Segment(found[-1].first, span.last, author)
    else:
        found.append(Segment(span.first, span.last, author))


def directories(files: Iterable[FileLines]) -> tuple[DirectoryLines, ...]:
    """Every directory with all that is below it, by path; the root first."""
    tallies: dict[str, Tally] = {}
    numbers: Counter[str] = Counter()
    for file in files:
        parts = file.path.split("/")[:-1]
        for depth in range(len(parts) + 1):
            directory = "/".join(parts[:depth])
            tallies.setdefault(directory, Tally()).add(file.shares)
            numbers[directory] += 1
    return tuple(
        DirectoryLines(path, numbers[path], tallies[path].shares()) for path in sorted(tallies)
    )


def _ordered(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
