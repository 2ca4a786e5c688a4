"""The things that can be scanned, each as a `Subject` of the gathering steps."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from scanner.attribution import Attributor
from scanner.config import Config
from scanner.gitio import IndexEntry, Ref, Repository
from scanner.gitio.ancestry import Beginning
from scanner.gitio.presence import Presence
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
from scanner.pipeline.elsewhere import Elsewhere
from scanner.pipeline.file_subjects import Base, Directory, Input, origins_in
from scanner.pipeline.limits import limits
from scanner.pipeline.names import FILE, NO_NAMES, REF, Names, add_work_tree, watched
from scanner.pipeline.places import Trees
from scanner.pipeline.setup import Setup
from scanner.pipeline.subject import Subject
from scanner.sources.git_files import GitFiles
from scanner.sources.worktree import WorkTree

if TYPE_CHECKING:
    from scanner.pipeline.introduced_lines import LineEvidence

_SUBMODULE = "160000"
_LONG_FROM = 16 << 20
"""Bytes of packs; to scan those takes seconds."""


class _InRepository(Base):
    _range: tuple[str, ...] | None = None
    """The part of the history that is looked at; None for all of it."""

    def __init__(self, repository: Repository, work_tree: WorkTree | None, files: Files) -> None:
        self.files = files
        self.info = repository_info(repository)
        self._repository = repository
        self._work_tree = work_tree
        self._names: Names | None = None

    def read_blob(self, blob: str) -> bytes | None:
        """One blob of the object database."""
        return self._repository.read_blob(blob)

    def beginning(self, commit: str) -> Beginning | None:
        """Where a commit stands in the history."""
        return self._repository.beginning(commit)

    def attributor(self, setup: Setup, problems: list[Problem]) -> Attributor:
        """Verifies vendors' signatures, and gives squash commits back what their requests carry."""
        if not self.has_commits:
            return setup.attributor
        from scanner.pipeline.signing import RepositoryAttributor
        from scanner.pipeline.squash import recover

        attributor = RepositoryAttributor.of(self._repository, setup.agents)
        found = recover(self._repository, attributor.attribute, self._range)
        attributor.learn(found.attributions)
        problems += found.problems
        return attributor

    def line_evidence(self, setup: Setup) -> "LineEvidence | None":
        """From notes on commits, and from blame of the files at hand."""
        from scanner.attribution.lines import Tools
        from scanner.pipeline.introduced_blame import LineBlamer
        from scanner.pipeline.introduced_lines import LineEvidence
        from scanner.pipeline.introduced_notes import NoteAttester

        return LineEvidence(
            setup.attributor,
            NoteAttester(self._repository, Tools(setup.agents)),
            LineBlamer(self._repository, self.files),
            {agent.id: agent.name for agent in setup.agents},
        )

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

    def _open_names(self, setup: Setup) -> Names:
        return Names(*setup.worker(), setup.rules)

    def _with_names(self, trees: Trees) -> Trees:
        """The same trees with the names that hold a secret, as far as they were read by now."""
        named = self._names.found() if self._names else NO_NAMES
        if not named.origins:
            return trees
        paths = frozenset(one.path for one in named.origins if one.path in self._head_blobs)
        return msgspec.structs.replace(trees, names=named, head_paths=paths)


class WholeRepository(_InRepository):
    """Working tree, index and history."""

    def __init__(
        self, repository: Repository, work_tree: WorkTree | None, files: Files, config: Config
    ) -> None:
        super().__init__(repository, work_tree, files)
        self._config = config
        self.has_commits = config.history
        self._git_files = GitFiles(repository)
        self._limits: list[str] = []
        self._present: Presence | None = None
        self.flows_in = Where.WORKTREE if work_tree else Where.COMMIT

    @property
    def is_long(self) -> bool:
        """Whether a whole history is read, and not a short one."""
        return self._config.history and self._repository.packed_bytes >= _LONG_FROM

    def streams(self, setup: Setup, problems: list[Problem]) -> list[Iterable[Batch]]:
        """The working tree, and the object database (or only what the index names)."""
        streams: list[Iterable[Batch]] = [*self._git_files.streams(1, problems.append)]
        if self._work_tree:
            streams += self._work_tree.streams(setup.config.workers, problems.append)
        ids: list[str] | None = None
        if not self._config.history:
            index = {entry.blob for entry in self._index}
            ids = sorted(index or set(self._head_blobs.values()))
        elif self._repository.partial:
            self._present = Presence()
        streams += self._repository.blob_streams(
            setup.config.workers,
            ids=ids,
            limit=setup.max_bytes,
            problems=problems.append,
            present=self._present,
        )
        return streams

    def changes(self, setup: Setup) -> Iterable[Change | Problem]:
        """All commits, if the history was asked for."""
        names = self._names = self._open_names(setup)
        refs = self._repository.refs()
        self._add_names_at_hand(names, refs)
        if not self._config.history:
            return
        if self._repository.shallow:
            yield Problem(
                "git",
                self.info.path,
                "the clone is shallow: older history is not here and was not scanned",
                hint="git fetch --unshallow, or scan with --no-history or --range",
            )
        changes = self._repository.changes(
            reflog=self._config.reflog,
            unreachable=self._config.unreachable,
            headers=names.add_header,
        )
        if self._present is not None:
            # Commits show what they lack themselves; not so a tag of a tree, or a ref to one.
            roots = [ref.target for ref in refs if ref.peeled_kind not in ("commit", "missing")]
            missing = self._repository.objects.missing(roots)
            changes = self._present.lacking(changes, missing, self._repository.counts)
        yield from watched(changes, names)

    def _add_names_at_hand(self, names: Names, refs: Iterable[Ref]) -> None:
        """Names of files, links and refs as they stand, whatever commits say."""
        if self._work_tree:
            add_work_tree(names, self._work_tree, self._index)
        for entry in self._index:
            names.add(entry.path, FILE, Origin(Where.INDEX, entry.path, ""))
        for ref in refs:
            names.add(ref.name, REF, Origin(Where.GIT_FILE, f".git/{ref.name}", "", ref=ref.name))

    def trees(self, blobs: Collection[str]) -> Trees:
        """All three states."""
        disk = origins_in(Where.GIT_FILE, self._git_files.origins, blobs)
        if self._work_tree:
            disk += origins_in(Where.WORKTREE, self._work_tree.origins, blobs)
        index = {
            entry.path: entry.blob
            for entry in self._index
            if entry.blob in blobs and not entry.stage
        }
        # The sides of a merge conflict: three contents at one path.
        disk += tuple(
            Origin(Where.INDEX, entry.path, entry.blob, ref=f":{entry.stage}")
            for entry in self._index
            if entry.blob in blobs and entry.stage
        )
        return self._with_names(
            Trees(disk, index, self._head(blobs), self._repository.head is not None)
        )

    def elsewhere(self, unseen: Collection[str]) -> Iterable[Origin]:
        """Tags, refs without commits, other indexes; what nothing names if it was asked for."""
        return Elsewhere(
            self._repository, unreachable=self._config.unreachable, note=self._limits.append
        ).origins(unseen)

    def flow_paths(self) -> Iterable[str]:
        """Every file at hand."""
        return self.files.paths()

    def notes(self) -> tuple[str, ...]:
        """What a full scan leaves out unless asked."""
        notes = list(self._work_tree.notes) if self._work_tree else []
        if not self._config.history:
            notes.append("--no-history: only the working tree and the index were looked at.")
        notes += (*self._git_files.notes, *limits(self._repository, self._work_tree))
        return (*notes, *self._limits)

    @cached_property
    def _index(self) -> tuple[IndexEntry, ...]:
        entries = self._repository.index_entries()
        return tuple(entry for entry in entries if entry.mode != _SUBMODULE)


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
        self.has_commits = not config.staged
        if not config.staged:
            assert config.revision_range is not None
            self._revisions = self._range = repository.resolve_range(config.revision_range)
        self.flows_in = Where.INDEX if config.staged else Where.COMMIT

    def changes(self, setup: Setup) -> Iterator[Change | Problem]:
        """The staged change, or the commits of the range."""
        names = self._names = self._open_names(setup)
        yield from watched(self._read_changes(names.add_header), names)

    def _read_changes(
        self, headers: Callable[[str, bytes], None] | None = None
    ) -> Iterable[Change | Problem]:
        if self._staged:
            return (self._staged_change,)
        return self._repository.changes(self._revisions, headers=headers)

    @cached_property
    def _staged_change(self) -> Change:
        # Asked for its contents and again for itself: one git process serves both.
        change = self._repository.staged_change()
        if self._message is None:
            return change
        return msgspec.structs.replace(change, message=self._message)

    def streams(self, setup: Setup, problems: list[Problem]) -> Sequence[Iterable[Batch]]:
        """Contents after the changes, and before them: what was there already is not news."""
        return self._repository.blob_streams(
            1 if self._staged else setup.config.workers,
            ids=self._blob_ids(),
            limit=setup.max_bytes,
            problems=problems.append,
        )

    def _blob_ids(self) -> Iterator[str]:
        seen: set[str] = set()
        for path in self._paths():
            for blob in (path.new_blob, *path.old_blobs):
                if blob and blob not in seen:
                    seen.add(blob)
                    yield blob

    def _paths(self) -> Iterator[PathChange]:
        for change in self._read_changes():
            if isinstance(change, Change):
                for path in change.paths:
                    if _SUBMODULE not in (path.new_mode, path.old_mode):
                        yield path

    def trees(self, blobs: Collection[str]) -> Trees:
        """HEAD, to tell what is still there."""
        if self._staged:
            return self._with_names(Trees())
        has_head = self._repository.head is not None
        return self._with_names(Trees(head=self._head(blobs), has_head=has_head))

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


__all__ = ["Changes", "Directory", "Input", "Subject", "WholeRepository", "repository_info"]
