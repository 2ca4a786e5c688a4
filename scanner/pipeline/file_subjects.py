"""What is scanned without a repository's help: files on disk, and standard input."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from scanner.attribution import Attributor
from scanner.gitio.ancestry import Beginning
from scanner.model import Batch, Change, Files, Origin, Problem, RepositoryInfo, Where
from scanner.pipeline.places import Trees
from scanner.pipeline.setup import Setup
from scanner.sources.no_files import NoFiles
from scanner.sources.packing import Origin as Place
from scanner.sources.packing import blob_id, pack
from scanner.sources.worktree import WorkTree

if TYPE_CHECKING:
    from scanner.pipeline.introduced_lines import LineEvidence


class Base:
    """What most subjects answer with nothing."""

    flows_in = Where.WORKTREE
    only_introduced = False
    has_commits = False

    @property
    def is_long(self) -> bool:
        """It is not."""
        return False

    def changes(self, setup: Setup) -> Iterable[Change | Problem]:
        """No changes."""
        return ()

    def read_blob(self, blob: str) -> bytes | None:
        """No blobs."""
        return None

    def beginning(self, commit: str) -> Beginning | None:
        """No history."""
        return None

    def attributor(self, setup: Setup, problems: list[Problem]) -> Attributor:
        """What a change tells by itself."""
        return setup.attributor

    def line_evidence(self, setup: Setup) -> "LineEvidence | None":
        """No history."""
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


class Directory(Base):
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
        return Trees(worktree=origins_in(Where.WORKTREE, self._work_tree.origins, blobs))

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


class Input(Base):
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


def origins_in(
    where: Where, found: Mapping[str, list[Place]], blobs: Collection[str]
) -> tuple[Origin, ...]:
    """Places on disk of the blobs that matter."""
    return tuple(
        Origin(where, place.path, blob, place.tracking)
        for blob in blobs
        for place in found.get(blob, ())
    )
