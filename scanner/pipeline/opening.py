"""Finds out what a configuration asks to scan, and opens it."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from scanner.config import DEFAULT_MAX_BYTES, FILE_NAME, Config, Settings, decode_settings
from scanner.config import load_settings as settings_on_disk
from scanner.errors import ConfigError, GitError
from scanner.gitio import Repository, open_repository
from scanner.model import Files, RepositoryInfo
from scanner.pipeline.subject import Subject
from scanner.pipeline.subjects import Changes, Directory, Input, WholeRepository, repository_info
from scanner.sources.commit_tree import CommitTree
from scanner.sources.no_files import NoFiles
from scanner.sources.worktree import WorkTree

_COMMIT = re.compile("[0-9a-f]{7,64}")
_TREES_KEPT = 2


class Opened(NamedTuple):
    """A subject, and what its set-up needs to know."""

    subject: Subject
    settings: Settings
    root: Path | None
    root_commit: Callable[[], str | None]
    read_at: Callable[[str, str], bytes | None]
    """A file's bytes in a commit, by its id in full or short; None when either is not here."""
    part: tuple[str, ...] = ()
    """The files and directories that were asked for, relative to the root; none: everything."""

    def covers(self, path: str) -> bool:
        """Whether a path is part of what was asked for."""
        inside = (path == part or path.startswith(f"{part}/") for part in self.part)
        return not self.part or "." in self.part or any(inside)


@contextmanager
def open_subject(config: Config) -> Iterator[Opened]:
    """Open what is to be scanned, for the time of the block. Raises `ConfigError` or `GitError`."""
    path = config.path.absolute()
    if not path.exists():
        raise ConfigError(f"{config.path}: no such file or directory")
    if config.standard_input is not None:
        yield Opened(Input(config.standard_input), Settings(), None, _no_commit, _no_file)
        return
    try:
        repository = open_repository(path, limit=config.max_bytes or DEFAULT_MAX_BYTES)
    except GitError as error:
        if _needs_repository(config) or _looks_like_repository(path):
            raise
        if error.hint and "install git" in error.hint:
            raise
        yield _plain_directory(config, path)
        return
    with repository:
        yield _in_repository(config, path, repository)


def _no_commit() -> str | None:
    return None


def _no_file(_commit: str, _path: str) -> bytes | None:
    return None


def _needs_repository(config: Config) -> bool:
    return config.staged or config.revision_range is not None


def _looks_like_repository(path: Path) -> bool:
    """A repository that cannot be opened must not be scanned as if it were a mere directory."""
    return any((directory / ".git").exists() for directory in (path, *path.parents))


def _plain_directory(config: Config, path: Path) -> Opened:
    root = path if path.is_dir() else path.parent
    settings = settings_on_disk(root) if config.project_settings else Settings()
    files = _work_tree(config, settings, root, None, ())
    chosen = _work_tree(config, settings, root, None, config.subpaths) if config.subpaths else files
    info = RepositoryInfo(root.name or str(root), str(root), is_git=False)
    part = tuple(_relative(path, root) for path in config.subpaths)
    return Opened(Directory(chosen, info, files), settings, root, _no_commit, _no_file, part)


def _in_repository(config: Config, path: Path, repository: Repository) -> Opened:
    settings = _settings(config, repository)
    root, head = repository.root, repository.head
    parts = config.subpaths or _part(config, path, root)
    work_tree = _work_tree(config, settings, root, repository, ()) if root else None
    files: Files = work_tree or (CommitTree(repository, head) if head else NoFiles())
    subject: Subject
    if _needs_repository(config):
        subject = Changes(repository, work_tree, files, config)
    elif not parts:
        subject = WholeRepository(repository, work_tree, files, config)
    elif root is None:
        raise ConfigError(f"{path}: a bare repository has no files to name")
    else:
        chosen = _work_tree(config, settings, root, repository, parts)
        subject = Directory(chosen, repository_info(repository), files)
    part = tuple(_relative(one, root) for one in parts) if root is not None else ()
    return Opened(subject, settings, root, repository.root_commit, _Commits(repository).read, part)


class _Commits:
    """Reads files of commits that a report names. Such a report goes commit by commit, so the trees
    of the last few are kept."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._trees: dict[str, CommitTree | None] = {}

    def read(self, commit: str, path: str) -> bytes | None:
        """See `Opened.read_at`."""
        if not _COMMIT.fullmatch(commit):
            return None
        if commit not in self._trees:
            while len(self._trees) >= _TREES_KEPT:
                del self._trees[next(iter(self._trees))]
            self._trees[commit] = self._tree(commit)
        tree = self._trees[commit]
        return tree.read(path) if tree is not None else None

    def _tree(self, commit: str) -> CommitTree | None:
        try:
            return CommitTree(self._repository, self._repository.resolve(commit))
        except GitError:
            return None


def _part(config: Config, path: Path, root: Path | None) -> tuple[Path, ...]:
    """A directory inside a work tree stands for itself, not for the whole repository."""
    if root is None or _needs_repository(config):
        return ()
    resolved = path.resolve()
    inside = resolved.is_relative_to(root.resolve()) and resolved != root.resolve()
    # A path inside `.git` names the repository that it belongs to.
    return (path,) if inside and ".git" not in resolved.relative_to(root.resolve()).parts else ()


def _settings(config: Config, repository: Repository) -> Settings:
    if not config.project_settings:
        return Settings()
    if repository.root is not None:
        return settings_on_disk(repository.root)
    if repository.head is None:
        return Settings()
    data = CommitTree(repository, repository.head).read(FILE_NAME)
    return decode_settings(data, f"HEAD:{FILE_NAME}") if data is not None else Settings()


def _work_tree(
    config: Config,
    settings: Settings,
    root: Path,
    repository: Repository | None,
    parts: tuple[Path, ...],
) -> WorkTree:
    return WorkTree(
        root,
        repository,
        only=[_relative(part, root) for part in parts],
        excludes=(*config.exclude, *settings.exclude),
        limit=config.max_bytes or settings.max_bytes,
        # A hook's scan is over commits; what else lies about would only slow it.
        tracked_only=_needs_repository(config),
    )


def _relative(part: Path, root: Path) -> str:
    place = part.parent.resolve() / part.name
    if not place.is_relative_to(root.resolve()):
        raise ConfigError(f"{part} lies outside {root}", hint="scan it by itself")
    return place.relative_to(root.resolve()).as_posix()
