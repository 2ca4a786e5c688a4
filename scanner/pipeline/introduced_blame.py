"""The commits that a few lines at hand come from: the `Blamer` of a scan."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from scanner.errors import GitError
from scanner.gitio import Repository
from scanner.gitio.line_history import LineHistory
from scanner.gitio.line_origins import LineOrigin, line_origins
from scanner.gitio.process import Runner
from scanner.model import Change, Files
from scanner.pipeline.introduced_lines import Blamed, CurrentLine

MOST_FILES: Final = 50
"""Files that are blamed in one scan: one process each."""


class LineBlamer:
    """Answers for one open repository, of files as they are in HEAD."""

    def __init__(self, repository: Repository, files: Files) -> None:
        self._repository = repository
        self._history = LineHistory(repository)
        self._runner: Runner = repository._runner
        self._files = files

    def __call__(self, lines: Sequence[CurrentLine], /) -> Mapping[CurrentLine, Blamed]:
        """See `Blamer`. A file that differs from HEAD is left out, since its lines have other
        numbers there; so are lines that the edge of a shallow clone seems to have brought."""
        wanted: dict[str, set[int]] = {}
        for line in lines:
            wanted.setdefault(line.path, set()).add(line.line)
        origins = {
            CurrentLine(path, number): origin
            for path in self._unchanged(wanted)
            for number, origin in self._origins(path, wanted[path]).items()
        }
        commits = self._commits(origin.commit for origin in origins.values())
        return {
            line: Blamed(commits[origin.commit], origin.path, origin.line)
            for line, origin in origins.items()
            if origin.commit in commits
        }

    def _unchanged(self, paths: Iterable[str]) -> list[str]:
        """The paths whose file at hand is HEAD's, in order, up to a limit."""
        head = self._repository.head
        if head is None:
            return []
        asked = set(paths)
        blobs = {
            entry.path: entry.blob
            for entry in self._repository.tree_entries(head)
            if entry.path in asked
        }
        same = []
        for path in sorted(blobs):
            data = self._files.read(path)
            if data is not None and data == self._repository.read_blob(blobs[path]):
                same.append(path)
        return same[:MOST_FILES]

    def _origins(self, path: str, numbers: set[int]) -> Mapping[int, LineOrigin]:
        head = self._repository.head
        assert head is not None
        try:
            return line_origins(self._runner, head, path, numbers)
        except GitError:
            return {}

    def _commits(self, ids: Iterable[str]) -> dict[str, Change]:
        asked = list(dict.fromkeys(ids))
        found = self._history.commits(asked) if asked else ()
        return {one.commit: one for one in found if one.commit is not None and not one.boundary}
