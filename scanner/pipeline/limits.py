"""What a whole scan can't see or takes from elsewhere, in sentences for the report."""

from collections.abc import Iterator
from pathlib import Path

from scanner.errors import GitError
from scanner.gitio import Repository
from scanner.gitio.discovery import read_small
from scanner.gitio.heads import worktree_directories
from scanner.sources.worktree import WorkTree

_BUNDLE = (b"# v2 git bundle", b"# v3 git bundle")


def limits(repository: Repository, work_tree: WorkTree | None) -> Iterator[str]:
    """Limits that are no errors: what lies outside, and what is packed in a way of its own."""
    common = repository.common_dir
    for line in _lines(common / "objects" / "info" / "alternates"):
        if not line.startswith("#"):
            yield f"objects are borrowed from {line}; they were scanned as part of this repository"
    for place in _other_work_trees(repository):
        yield (
            f"the files of the work tree {place} were not scanned, only what is committed or staged"
            " there"
        )
    if (common / "reftable").is_dir():
        yield "reflogs in reftable form were not scanned; git reflog shows their messages"
    if work_tree is not None:
        for path in work_tree.paths():
            if path.endswith(".bundle") and (work_tree.read(path) or b"").startswith(_BUNDLE):
                yield f"{path} is a bundle of git objects: none was scanned; a clone can be"


def _other_work_trees(repository: Repository) -> Iterator[Path]:
    common = repository.common_dir
    if repository.git_dir != common and common.name == ".git":
        yield common.parent
    for directory in worktree_directories(common):
        if directory != repository.git_dir and (place := _lines(directory / "gitdir")):
            yield Path(place[0]).parent


def _lines(path: Path) -> list[str]:
    try:
        data = read_small(path) or b""
    except GitError:
        return []
    return [line for line in data.decode("utf-8", "surrogateescape").splitlines() if line]
