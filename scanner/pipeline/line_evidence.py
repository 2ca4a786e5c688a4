"""Gathers what notes and records say of the commits that are asked about, and measures it against
what those commits really added."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

import msgspec

from scanner.attribution.lines import (
    Tools,
    common,
    count,
    merged,
    read_agent_trace,
    read_agentblame,
    read_git_ai,
    read_whogitit,
)
from scanner.errors import GitError
from scanner.gitio.line_history import LineHistory
from scanner.gitio.repository import Repository
from scanner.gitio.values import Ref
from scanner.model import Problem
from scanner.model.lines import Author, Claim, EvidenceCounts, Form, Reading, Span

TRACES = ".agent-trace/traces.jsonl"
_OLD_LOGS = "refs/ai/authorship/"
_REMOTE_COPIES = "refs/notes/ai-remote/"
_PLACES = 16
"""Refs of one kind that are read; there is one for each remote."""
_PORTION = 500_000
"""Spans that wait at a time to be measured: what bounds the memory."""
_BROAD = 2
_RECORDS = 200_000
_NOTES = 2_000_000
"""Notes of one place that are looked at."""
_KEPT = 5_000_000
"""Spans that are kept for the lines that survive."""
_TOO_MANY = f"notes claim more than {_KEPT:,} pieces of lines; the rest is left out"

Lines = tuple[str, str]
"""A commit and a path in it."""
Reader = Callable[[bytes, Tools], Reading]


class Place(msgspec.Struct, frozen=True):
    """A ref, or refs of one kind, whose notes are read one after another."""

    form: Form
    name: str
    read: Reader
    target: str | None
    """The notes commit; None for logs in refs of their own, `logs`."""
    logs: tuple[tuple[str, str], ...] = ()
    """Pairs of commit and blob."""


class Evidence(msgspec.Struct, frozen=True):
    """What is claimed of the commits and paths that were wanted."""

    claims: Mapping[Lines, tuple[Claim, ...]]
    counts: tuple[EvidenceCounts, ...]
    problems: tuple[Problem, ...]


class _Count(msgspec.Struct):
    """`EvidenceCounts` while it is counted."""

    records: int = 0
    duplicates: int = 0
    empty: int = 0
    malformed: int = 0
    reached: int = 0
    orphaned: int = 0
    gone: int = 0
    claimed: int = 0
    added: int = 0
    over_broad: int = 0
    unmeasured: int = 0


class _Waiting(msgspec.Struct, frozen=True):
    commit: str
    claims: tuple[Claim, ...]


class Gatherer:
    """Reads all line evidence of one repository.

    `parents` are the commits that the revision reaches, `asked` those of them that are asked about,
    `wanted` the commits and paths that surviving lines come from: only their claims are kept.
    """

    def __init__(
        self,
        repository: Repository,
        history: LineHistory,
        tools: Tools,
        parents: Mapping[str, tuple[str, ...]],
        asked: Collection[str],
        wanted: Collection[Lines],
    ) -> None:
        self._repository = repository
        self._history = history
        self._tools = tools
        self._parents = parents
        self._asked = asked
        self._wanted = wanted
        self._kept: dict[Lines, list[Claim]] = {}
        self._spans = 0
        self._counts: list[EvidenceCounts] = []
        self._problems: list[Problem] = []
        self._spoken: dict[Form, set[str]] = {}

    def gather(self, places: Iterable[Place], traces: bytes | None) -> Evidence:
        """Read all places, and the contents of the traces file, if there is one."""
        for place in places:
            tally = _Count()
            try:
                self._place(place, tally)
            except GitError as error:
                self._problems.append(Problem("attribution", place.name, error.message))
            self._close(place.form, place.name, tally)
        if traces is not None:
            tally = _Count()
            self._traces(traces, tally)
            self._close(Form.AGENT_TRACE, TRACES, tally)
        kept = {lines: tuple(claims) for lines, claims in self._kept.items()}
        return Evidence(kept, tuple(self._counts), tuple(self._problems))

    def _close(self, form: Form, name: str, tally: _Count) -> None:
        counts = EvidenceCounts(form=form, place=name, **msgspec.structs.asdict(tally))
        self._counts.append(counts)

    # ------------------------------------------------------------------ notes

    def _place(self, place: Place, tally: _Count) -> None:
        spoken = self._spoken.setdefault(place.form, set())
        orphans: list[str] = []
        waiting: list[_Waiting] = []
        pending = 0
        for commit, blob in self._notes(place):
            if tally.records >= _NOTES:
                self._complain(place.name, f"only the first {_NOTES:,} notes were read")
                break
            tally.records += 1
            if commit in spoken:
                tally.duplicates += 1
                continue
            spoken.add(commit)
            if commit not in self._asked:
                if commit not in self._parents:
                    orphans.append(commit)
                continue
            tally.reached += 1
            reading = self._reading(place, blob, tally)
            if reading is None or not reading.claims:
                continue
            waiting.append(_Waiting(commit, reading.claims))
            pending += sum(len(claim.spans) for claim in reading.claims)
            if pending > _PORTION:
                self._measure(waiting, tally)
                waiting, pending = [], 0
        self._measure(waiting, tally)
        tally.orphaned = len(orphans)
        tally.gone = len(orphans) - len(self._history.sizes(orphans))

    def _notes(self, place: Place) -> Iterator[tuple[str, str]]:
        if place.target is None:
            yield from place.logs
            return
        for note in self._history.notes(place.target):
            yield note.commit, note.blob

    def _reading(self, place: Place, blob: str, tally: _Count) -> Reading | None:
        data = self._repository.read_blob(blob)
        if data is None:
            tally.malformed += 1
            where = f"{place.name}: {blob}"
            self._complain(where, "a note is missing, damaged or over the size limit")
            return None
        reading = place.read(data, self._tools)
        if reading.complaints:
            tally.malformed += 1
        elif not reading.claims:
            tally.empty += 1
        return reading

    def _complain(self, where: str, reason: str) -> None:
        if not any(problem.reason == reason for problem in self._problems):
            self._problems.append(Problem("attribution", where, reason))

    def _measure(self, waiting: Sequence[_Waiting], tally: _Count) -> None:
        """Intersect claims with what their commits added; keep the wanted ones."""
        by_commit = {one.commit: one.claims for one in waiting}
        measured = set()
        for added in self._history.added(tuple(by_commit)):
            measured.add(added.commit)
            claims = by_commit.get(added.commit, ())
            lines = sum(last - first + 1 for spans in added.paths.values() for first, last in spans)
            claimed = 0
            for path, spans in _by_path(claims).items():
                claimed += count(spans)
                tally.added += count(common(spans, merged(added.paths.get(path, ()))))
            tally.claimed += claimed
            tally.over_broad += claimed > _BROAD * lines
            self._keep(added.commit, claims)
        tally.unmeasured += len(by_commit) - len(measured)

    def _keep(self, commit: str, claims: Iterable[Claim]) -> None:
        for claim in claims:
            lines = (commit, claim.path)
            if lines not in self._wanted:
                continue
            self._spans += len(claim.spans)
            if self._spans > _KEPT:
                self._complain(commit, _TOO_MANY)
                return
            self._kept.setdefault(lines, []).append(claim)

    # ------------------------------------------------------------------ Agent Trace

    def _traces(self, data: bytes, tally: _Count) -> None:
        """Records of the traces file. Each stands for the commit it names or, as the reference
        implementation writes it, for a child of that commit; the first child that added any of the
        lines is taken."""
        readings: list[Reading] = []
        for line in _records(data):
            tally.records += 1
            reading = read_agent_trace(line, self._tools)
            if reading.complaints:
                tally.malformed += 1
            elif not reading.claims:
                tally.empty += 1
            readings.append(reading)
        children = self._children({one.revision for one in readings if one.revision})
        candidates = dict.fromkeys(child for found in children.values() for child in found)
        added = {one.commit: one.paths for one in self._history.added(tuple(candidates))}
        for reading in readings:
            found = children.get(reading.revision or "", ())
            if not reading.claims:
                continue
            if not found:
                tally.orphaned += 1
                continue
            tally.reached += 1
            self._trace(reading, found, added, tally)
        named = {one.revision for one in readings if one.revision and one.revision not in children}
        tally.gone = len(named) - len(self._history.sizes(filter(None, named)))

    def _trace(
        self,
        reading: Reading,
        commits: Sequence[str],
        added: Mapping[str, Mapping[str, Sequence[tuple[int, int]]]],
        tally: _Count,
    ) -> None:
        for claim in reading.claims:
            tally.claimed += count(claim.spans)
            for commit in commits:
                spans = merged(added.get(commit, {}).get(claim.path, ()))
                both = count(common(claim.spans, spans))
                if both:
                    tally.added += both
                    self._keep(commit, (claim,))
                    break

    def _children(self, revisions: Collection[str]) -> dict[str, tuple[str, ...]]:
        """For each revision that is reached: its children that are asked about, then itself."""
        found: dict[str, list[str]] = {one: [] for one in revisions if one in self._parents}
        for commit, parents in self._parents.items():
            if commit in self._asked:
                for parent in parents:
                    if parent in found:
                        found[parent].append(commit)
        return {
            one: (*reversed(children), *((one,) if one in self._asked else ()))
            for one, children in found.items()
        }


def note_places(refs: Iterable[Ref]) -> tuple[Place, ...]:
    """Where line evidence stands, by what it is worth: a ref of one's own before remote copies."""
    readers: dict[str, tuple[Form, Reader]] = {
        "refs/notes/ai": (Form.GIT_AI, read_git_ai),
        "refs/notes/agentblame": (Form.AGENTBLAME, read_agentblame),
        "refs/notes/whogitit": (Form.WHOGITIT, read_whogitit),
        "refs/notes/agent-trace": (Form.AGENT_TRACE, read_agent_trace),
    }
    own: list[Place] = []
    copies: list[Place] = []
    logs: list[tuple[str, str]] = []
    for ref in refs:
        if ref.name in readers:
            form, reader = readers[ref.name]
            own.append(Place(form, ref.name, reader, ref.target))
        elif ref.name.startswith(_REMOTE_COPIES) and len(copies) < _PLACES:
            copies.append(Place(Form.GIT_AI, ref.name, read_git_ai, ref.target))
        elif ref.name.startswith(_OLD_LOGS) and ref.kind == "blob":
            logs.append((ref.name.removeprefix(_OLD_LOGS), ref.target))
    if logs:
        copies.append(Place(Form.GIT_AI, _OLD_LOGS + "*", read_git_ai, None, tuple(logs)))
    return (*own, *copies)


def _by_path(claims: Iterable[Claim]) -> dict[str, tuple[Span, ...]]:
    pairs: dict[str, list[tuple[int, int]]] = {}
    for claim in claims:
        if claim.author is Author.AGENT or claim.spans:
            pairs.setdefault(claim.path, []).extend((one.first, one.last) for one in claim.spans)
    return {path: merged(found) for path, found in pairs.items()}


def _records(data: bytes) -> Iterator[bytes]:
    """The lines that hold something, up to a limit."""
    begin = number = 0
    while begin < len(data) and number < _RECORDS:
        end = data.find(b"\n", begin)
        end = len(data) if end < 0 else end
        line = data[begin:end].strip()
        if line:
            number += 1
            yield line
        begin = end + 1
