"""What notes say about a few lines: the `Attester` of a scan.

Unlike `agentreach attribute --lines`, which reads every note there is, this reads only the notes on
commits that brought a finding in: one listing for each notes ref, and one diff for all commits.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from scanner.attribution.lines import Tools
from scanner.errors import GitError
from scanner.gitio import Repository
from scanner.gitio.line_history import LineHistory
from scanner.model.lines import Claim, Span
from scanner.pipeline.introduced_lines import AddedLine, Attestation
from scanner.pipeline.line_evidence import Place, note_places

MOST_NOTES: Final = 4000
"""Notes read in one scan; git names them in no order that matters."""


class NoteAttester:
    """Answers for one open repository. Agent Trace files and Entire checkpoints are not asked:
    neither stands on a commit by its id."""

    def __init__(self, repository: Repository, tools: Tools) -> None:
        self._repository = repository
        self._history = LineHistory(repository)
        self._tools = tools

    def __call__(self, lines: Sequence[AddedLine], /) -> Mapping[AddedLine, Sequence[Attestation]]:
        """See `Attester`. A notes ref that cannot be read answers nothing; the scan of the notes
        themselves says that it could not be read."""
        wanted: dict[str, list[AddedLine]] = {}
        for line in lines:
            wanted.setdefault(line.commit, []).append(line)
        said: dict[AddedLine, list[Attestation]] = {}
        for place, commit, claims in self._claims(wanted):
            for line in wanted[commit]:
                for claim in claims:
                    one = Attestation(claim.author, claim.agent, place.form)
                    if _speaks_of(claim, line) and one not in said.setdefault(line, []):
                        said[line].append(one)
        spoken = [line for line, attestations in said.items() if attestations]
        really = self._really_added(spoken)
        return {line: tuple(said[line]) for line in spoken if line in really}

    def _claims(
        self, wanted: Mapping[str, Sequence[AddedLine]]
    ) -> Iterator[tuple[Place, str, tuple[Claim, ...]]]:
        read = 0
        for place in note_places(self._repository.refs()):
            for commit, blob in self._notes(place):
                if commit not in wanted or read >= MOST_NOTES:
                    continue
                read += 1
                data = self._repository.read_blob(blob)
                if data is not None:
                    yield place, commit, place.read(data, self._tools).claims

    def _notes(self, place: Place) -> Iterator[tuple[str, str]]:
        if place.target is None:
            yield from place.logs
            return
        try:
            for note in self._history.notes(place.target):
                yield note.commit, note.blob
        except GitError:
            return

    def _really_added(self, lines: Sequence[AddedLine]) -> set[AddedLine]:
        """Notes claim far more lines than their commits have; what a commit did not add, it did
        not bring."""
        commits = list(dict.fromkeys(line.commit for line in lines))
        added = {one.commit: one.paths for one in self._history.added(commits)} if commits else {}
        return {
            line
            for line in lines
            if _within(line.line, added.get(line.commit, {}).get(line.path, ()))
        }


def _within(line: int, pairs: Iterable[tuple[int, int]]) -> bool:
    return any(first <= line <= last for first, last in pairs)


def _speaks_of(claim: Claim, line: AddedLine) -> bool:
    return claim.path == line.path and _within(line.line, map(_pair, claim.spans))


def _pair(span: Span) -> tuple[int, int]:
    return span.first, span.last
