"""The things that can be scanned, each as a `Subject` of the gathering steps."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property

import msgspec

from scanner.config import Config
from scanner.gitio import Repository
from scanner.model import (
    Batch,
    Change,
    Files,
    Origin,
    PathChange,
    Problem,
    RepositoryInfo,
    Where,
)
from scanner.pipeline.gather import Subject
from scanner.pipeline.places import Trees
from scanner.pipeline.setup import Setup
from scanner.sources.git_files import GitFiles
from scanner.sources.no_files import NoFiles
from scanner.sources.packing import Origin as Place
from scanner.sources.packing import blob_id, pack
from scanner.sources.worktree import WorkTree

_SUBMODULE = "160000"


class _Base:
    """What most subjects answer with nothing."""

    flows_in = Where.WORKTREE
    only_introduced = False

    def changes(self, setup: Setup) -> Iterable[Change | Problem]:
        """No changes."""
        return ()

    def read_blob(self, blob: str) -> bytes | None:
        """No blobs."""
        return None

    def elsewhere(self, unseen: Collection[str]) -> Iterable[Origin]:
        """No other origins."""
        return ()

    def in_head(self, path: str, blob: str | None) -> bool | None:
        """Not known."""
        return None

    def file_count(self) -> int:
        """No files."""
        return 0

    def notes(self) -> tuple[str, ...]:
        """No limits."""
        return ()


class Directory(_Base):
    """Files on disk: a plain directory, or named files and directories of a work tree."""

    def __init__(self, work_tree: WorkTree, info: RepositoryInfo, files: Files) -> None:
        self.files = files
        self.info = info
        self._work_tree = work_tree

    def streams(self, setup: Setup, problems: list[Problem]) -> list[Iterator[Batch]]:
        """The files, spread over the workers."""
        return self._work_tree.streams(setup.config.workers, problems.append)

    def trees(self, blobs: Collection[str]) -> Trees:
        """The files on disk."""
        return Trees(worktree=_origins(Where.WORKTREE, self._work_tree.origins, blobs))

    def flow_paths(self) -> Iterable[str]:
        """Every file."""
        return self._work_tree.paths()

    def file_count(self) -> int:
        """All of them."""
        return len(self._work_tree.paths())

    def notes(self) -> tuple[str, ...]:
        """What was not looked at."""
        return (
            *self._work_tree.notes,
            "Only these files were looked at: no history, no commits, no attribution.",
        )


class Input(_Base):
    """Standard input."""

    flows_in = Where.STDIN

    def __init__(self, data: bytes) -> None:
        self.info = RepositoryInfo("standard input", "-", is_git=False)
        self.files: Files = NoFiles()
        self._data = data

    def streams(self, setup: Setup, problems: list[Problem]) -> list[Iterator[Batch]]:
        """One stream of one content."""
        return [pack([(blob_id(self._data, "sha1"), self._data)])] if self._data else []

    def trees(self, blobs: Collection[str]) -> Trees:
        """None."""
        return Trees()

    def elsewhere(self, unseen: Collection[str]) -> Iterable[Origin]:
        """The input itself."""
        return (Origin(Where.STDIN, "", blob) for blob in unseen)

    def flow_paths(self) -> Iterable[str]:
        """None: what language it is in cannot be known."""
        return ()


class _InRepository(_Base):
    def __init__(self, repository: Repository, work_tree: WorkTree | None, files: Files) -> None:
        self.files = files
        self.info = repository_info(repository)
        self._repository = repository
        self._work_tree = work_tree

    def read_blob(self, blob: str) -> bytes | None:
        """One blob of the object database."""
        return self._repository.read_blob(blob)

    def file_count(self) -> int:
        """Files on disk."""
        return len(self._work_tree.paths()) if self._work_tree else 0

    @cached_property
    def _head_blobs(self) -> dict[str, str]:
        head = self._repository.head
        if head is None:
            return {}
        return {
            entry.path: entry.blob
            for entry in self._repository.tree_entries(head)
            if entry.mode != _SUBMODULE
        }

    def in_head(self, path: str, blob: str | None) -> bool | None:
        """Whether HEAD holds this blob at this path."""
        if self._repository.head is None:
            return None
        return blob is not None and self._head_blobs.get(path) == blob

    def _head(self, blobs: Collection[str]) -> dict[str, str]:
        return {path: blob for path, blob in self._head_blobs.items() if blob in blobs}


class WholeRepository(_InRepository):
    """Working tree, index and history."""

    def __init__(
        self, repository: Repository, work_tree: WorkTree | None, files: Files, config: Config
    ) -> None:
        super().__init__(repository, work_tree, files)
        self._config = config
        self._git_files = GitFiles(repository)
        self.flows_in = Where.WORKTREE if work_tree else Where.COMMIT

    def streams(self, setup: Setup, problems: list[Problem]) -> list[Iterator[Batch]]:
        """The working tree, tag objects, and the object database (or only what the index names)."""
        streams = self._git_files.streams(1, problems.append)
        if self._work_tree:
            streams += self._work_tree.streams(setup.config.workers, problems.append)
        ids: list[str] | None = None
        if not self._config.history:
            ids = sorted(set(self._index_blobs.values() or self._head_blobs.values()))
        elif tags := self._tags:
            streams += self._blobs(1, sorted(tags), setup, problems)
        return streams + self._blobs(setup.config.workers, ids, setup, problems)

    def _blobs(
        self, jobs: int, ids: list[str] | None, setup: Setup, problems: list[Problem]
    ) -> list[Iterator[Batch]]:
        return self._repository.blob_streams(
            jobs, ids=ids, limit=setup.max_bytes, problems=problems.append
        )

    def changes(self, setup: Setup) -> Iterable[Change | Problem]:
        """All commits, if the history was asked for."""
        if not self._config.history:
            return
        if self._repository.shallow:
            yield Problem(
                "git",
                self.info.path,
                "the clone is shallow: older history is not here and was not scanned",
                hint="git fetch --unshallow, or scan with --no-history or --range",
            )
        yield from self._repository.changes(reflog=self._config.reflog)

    def trees(self, blobs: Collection[str]) -> Trees:
        """All three states."""
        disk = _origins(Where.GIT_FILE, self._git_files.origins, blobs)
        if self._work_tree:
            disk += _origins(Where.WORKTREE, self._work_tree.origins, blobs)
        index = {path: blob for path, blob in self._index_blobs.items() if blob in blobs}
        return Trees(disk, index, self._head(blobs), self._repository.head is not None)

    def elsewhere(self, unseen: Collection[str]) -> Iterable[Origin]:
        """Tag messages, and unreachable blobs if they were asked for."""
        tags = self._tags
        for blob in unseen:
            if blob in tags:
                yield Origin(Where.TAG, tags[blob], blob, ref=tags[blob])
            elif self._config.unreachable:
                yield Origin(Where.UNREACHABLE, "", blob)

    def flow_paths(self) -> Iterable[str]:
        """Every file at hand."""
        return self.files.paths()

    def notes(self) -> tuple[str, ...]:
        """What a full scan leaves out unless asked."""
        notes = list(self._work_tree.notes) if self._work_tree else []
        if not self._config.history:
            notes.append("--no-history: only the working tree and the index were looked at.")
        return tuple(notes)

    @cached_property
    def _index_blobs(self) -> dict[str, str]:
        return {
            entry.path: entry.blob
            for entry in self._repository.index_entries()
            if entry.mode != _SUBMODULE
        }

    @cached_property
    def _tags(self) -> dict[str, str]:
        return {ref.target: ref.name for ref in self._repository.refs() if ref.kind == "tag"}


class Changes(_InRepository):
    """What some changes brought in: a range of commits, or the staged set."""

    only_introduced = True

    def __init__(
        self, repository: Repository, work_tree: WorkTree | None, files: Files, config: Config
    ) -> None:
        super().__init__(repository, work_tree, files)
        self._staged = config.staged
        self._message = config.message
        self._revisions: tuple[str, ...] = ()
        if not config.staged:
            assert config.revision_range is not None
            self._revisions = repository.resolve_range(config.revision_range)
        self.flows_in = Where.INDEX if config.staged else Where.COMMIT

    def changes(self, setup: Setup) -> Iterator[Change | Problem]:
        """The staged change, or the commits of the range."""
        if not self._staged:
            yield from self._repository.changes(self._revisions)
            return
        yield self._staged_change

    @cached_property
    def _staged_change(self) -> Change:
        # Asked for its contents and again for itself: one git process serves both.
        change = self._repository.staged_change()
        if self._message is None:
            return change
        return msgspec.structs.replace(change, message=self._message)

    def streams(self, setup: Setup, problems: list[Problem]) -> list[Iterator[Batch]]:
        """Contents after the changes, and before them: what was there already is not news."""
        return self._repository.blob_streams(
            1 if self._staged else setup.config.workers,
            ids=self._blob_ids(setup),
            limit=setup.max_bytes,
            problems=problems.append,
        )

    def _blob_ids(self, setup: Setup) -> Iterator[str]:
        seen: set[str] = set()
        for path in self._paths(setup):
            for blob in (path.new_blob, *path.old_blobs):
                if blob and blob not in seen:
                    seen.add(blob)
                    yield blob

    def _paths(self, setup: Setup) -> Iterator[PathChange]:
        for change in self.changes(setup):
            if isinstance(change, Change):
                for path in change.paths:
                    if _SUBMODULE not in (path.new_mode, path.old_mode):
                        yield path

    def trees(self, blobs: Collection[str]) -> Trees:
        """HEAD, to tell what is still there."""
        if self._staged:
            return Trees()
        return Trees(head=self._head(blobs), has_head=self._repository.head is not None)

    def flow_paths(self) -> Iterable[str]:
        """None here: flows are checked in the files at hand by a full scan."""
        return ()


def repository_info(repository: Repository) -> RepositoryInfo:
    """What a report says about a repository."""
    return RepositoryInfo(
        name=repository.name,
        path=str(repository.root or repository.common_dir),
        head=repository.head,
        branch=repository.branch,
        object_format=repository.object_format,
        bare=repository.bare,
        shallow=repository.shallow,
        partial=repository.partial,
    )


def _origins(
    where: Where, found: Mapping[str, list[Place]], blobs: Collection[str]
) -> tuple[Origin, ...]:
    """Places on disk of the blobs that matter."""
    return tuple(
        Origin(where, place.path, blob, place.tracking)
        for blob in blobs
        for place in found.get(blob, ())
    )


__all__ = ["Changes", "Directory", "Input", "Subject", "WholeRepository", "repository_info"]
