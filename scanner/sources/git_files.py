"""The files inside a git directory that people and tools write secrets into.

A remote's address with a token in it stands in `.git/config`, and an agent with file tools or a
shell reads it like any other file. Reflogs, drafts of messages, hooks, half-way rebases, recorded
merge conflicts and the directories of worktrees and submodules are such files too.
"""

from collections.abc import Callable, Iterable, Iterator

from scanner.gitio import BLOB_LIMIT, Repository
from scanner.model import Batch, Problem
from scanner.sources.disk import TooLarge, Tree
from scanner.sources.git_directory import GitDirectory
from scanner.sources.packing import MINIMUM, Origin, blob_id, pack

LARGE_FILES_LIMIT = 2_000
"""Files of Git LFS that are read."""
LARGE_BYTES_LIMIT = 256 * 1024 * 1024
"""Bytes of them in all."""


class GitFiles:
    """Text files of the git directory, whose paths begin with `.git/` also where it has another
    name; never executed. Those of linked worktrees stand below `.git/worktrees/`."""

    def __init__(self, repository: Repository, *, limit: int = BLOB_LIMIT) -> None:
        self._repository = repository
        self._limit = limit
        self.origins: dict[str, list[Origin]] = {}
        """Blob id to paths such as `.git/config`; filled by the stream."""
        self.notes: tuple[str, ...] = ()
        """What was left out on purpose, in sentences; filled by the stream."""

    def streams(self, jobs: int, problems: Callable[[Problem], None]) -> list[Iterator[Batch]]:
        """One iterator, whatever `jobs` is: these are few and small."""
        del jobs
        return [pack(self._contents(problems))]

    def _contents(self, problems: Callable[[Problem], None]) -> Iterator[tuple[str, bytes]]:
        directory = GitDirectory(self._repository.common_dir, problems)
        with Tree(self._repository.common_dir) as tree:
            yield from self._read(tree, directory.files(), problems)
            yield from self._read_large(tree, directory)
        self.notes = tuple(directory.notes)

    def _read(
        self, tree: Tree, names: Iterable[str], problems: Callable[[Problem], None]
    ) -> Iterator[tuple[str, bytes]]:
        for name in names:
            path = f".git/{name}"
            try:
                data = tree.read(name, self._limit)
            except OSError as error:
                problems(Problem("source", path, f"can't be read: {error.strerror}"))
                continue
            if isinstance(data, TooLarge):
                problems(Problem("source", path, f"{data.size} bytes, larger than the limit"))
            elif data is not None:
                yield from self._new(path, data)

    def _read_large(self, tree: Tree, directory: GitDirectory) -> Iterator[tuple[str, bytes]]:
        """Files of Git LFS. They are mostly media: what is too much is a limit, not an error."""
        left = LARGE_BYTES_LIMIT
        passed = 0
        for number, name in enumerate(directory.large_files):
            data: bytes | TooLarge | None = None
            if number < LARGE_FILES_LIMIT and left > 0:
                try:
                    data = tree.read(name, min(self._limit, left))
                except OSError:
                    data = None
            if isinstance(data, bytes):
                left -= len(data)
                yield from self._new(f".git/{name}", data)
            else:
                passed += 1
        if passed:
            directory.notes.append(
                f"{passed} of {len(directory.large_files)} files of Git LFS in .git/lfs were not"
                f" scanned: they can't be read, are larger than {self._limit} bytes, or are more"
                f" than {LARGE_FILES_LIMIT} files or {LARGE_BYTES_LIMIT} bytes in all"
            )

    def _new(self, path: str, data: bytes) -> Iterator[tuple[str, bytes]]:
        """The content, unless it is too short or was handed out already."""
        if len(data) < MINIMUM:
            return
        blob = blob_id(data, self._repository.object_format)
        places = self.origins.setdefault(blob, [])
        places.append(Origin(path))
        if len(places) == 1:
            yield blob, data
