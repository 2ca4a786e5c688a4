"""The few files inside a git directory that people and tools write secrets into.

A remote's address with a token in it stands in `.git/config`, and an agent with file tools or a
shell reads it like any other file.
"""

from collections.abc import Callable, Iterator

from scanner.gitio import BLOB_LIMIT, Repository
from scanner.model import Batch, Problem
from scanner.sources.disk import TooLarge, Tree
from scanner.sources.packing import MINIMUM, Origin, blob_id, pack

_OWN = ("COMMIT_EDITMSG", "MERGE_MSG", "SQUASH_MSG", "TAG_EDITMSG", "FETCH_HEAD", "config.worktree")
_COMMON = ("config", "description", "info/attributes", "info/exclude", "packed-refs")
_HOOKS_LIMIT = 1_000


class GitFiles:
    """Configuration, hooks, message drafts and the last fetch's addresses; never executed."""

    def __init__(self, repository: Repository, *, limit: int = BLOB_LIMIT) -> None:
        self._repository = repository
        self._limit = limit
        self.origins: dict[str, list[Origin]] = {}
        """Blob id to paths such as `.git/config`; filled by the stream."""

    def streams(self, jobs: int, problems: Callable[[Problem], None]) -> list[Iterator[Batch]]:
        """One iterator, whatever `jobs` is: these are few and small."""
        del jobs
        return [pack(self._contents(problems))]

    def _contents(self, problems: Callable[[Problem], None]) -> Iterator[tuple[str, bytes]]:
        common, own = self._repository.common_dir, self._repository.git_dir
        with Tree(common) as tree:
            yield from self._read(tree, [*_COMMON, *_hooks(tree)], problems)
            if own == common:
                yield from self._read(tree, _OWN, problems)
        if own != common:
            with Tree(own) as tree:
                yield from self._read(tree, _OWN, problems)

    def _read(
        self, tree: Tree, names: list[str] | tuple[str, ...], problems: Callable[[Problem], None]
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
            elif data is not None and len(data) >= MINIMUM:
                blob = blob_id(data, self._repository.object_format)
                places = self.origins.setdefault(blob, [])
                places.append(Origin(path))
                if len(places) == 1:
                    yield blob, data


def _hooks(tree: Tree) -> list[str]:
    return [path for path in tree.walk("hooks", _HOOKS_LIMIT) if not path.endswith(".sample")]
