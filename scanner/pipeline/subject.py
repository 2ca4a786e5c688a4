"""What can be scanned, as the steps of a scan see it."""

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

from scanner.attribution import Attributor
from scanner.gitio.ancestry import Beginning
from scanner.model import Batch, Change, Files, Origin, Problem, RepositoryInfo, Where
from scanner.pipeline.places import Trees
from scanner.pipeline.setup import Setup

if TYPE_CHECKING:
    from scanner.pipeline.introduced_lines import LineEvidence


class Subject(Protocol):
    """What is scanned: a whole repository, a range, the staged set, a directory, standard input."""

    info: RepositoryInfo
    files: Files
    flows_in: Where
    has_commits: bool
    """Commits are part of it."""
    only_introduced: bool
    """Report only secrets that the changes at hand brought in."""

    @property
    def is_long(self) -> bool:
        """Whether there is so much to read that processes of their own pay for themselves."""

    def streams(self, setup: Setup, problems: list[Problem]) -> Sequence[Iterable[Batch]]:
        """The contents, in streams that may be consumed in parallel."""

    def changes(self, setup: Setup) -> Iterable[Change | Problem]:
        """The changes; every call reads them anew."""

    def read_blob(self, blob: str) -> bytes | None:
        """One blob."""

    def trees(self, blobs: Collection[str]) -> Trees:
        """The states at hand, restricted to these blobs."""

    def beginning(self, commit: str) -> Beginning | None:
        """Where a commit stands in the history; None when it is not here."""

    def attributor(self, setup: Setup, problems: list[Problem]) -> Attributor:
        """What tells whose marks a change carries, with all that the repository knows of it."""

    def line_evidence(self, setup: Setup) -> "LineEvidence | None":
        """What tells who wrote a line; None where there is no history."""

    def elsewhere(self, unseen: Collection[str]) -> Iterable[Origin]:
        """Origins outside files; `unseen` are blobs that no change, tree or file accounts for."""

    def in_head(self, path: str, blob: str | None) -> bool | None:
        """Whether HEAD holds this blob at this path; None when there is no HEAD to ask."""

    def flow_paths(self) -> Iterable[str]:
        """Paths whose data flow is to be checked."""

    def file_count(self) -> int:
        """How many files on disk are part of the subject."""

    def notes(self) -> tuple[str, ...]:
        """Limits that are not errors."""
