"""The commits that `git blame` is told to see through: those named, those of the project's list."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from scanner.errors import ConfigError
from scanner.gitio.blame import parse_ignored
from scanner.gitio.line_history import LineHistory
from scanner.gitio.repository import Repository
from scanner.gitio.values import TreeEntry
from scanner.model.lines import Exactness

PROJECT_FILE = ".git-blame-ignore-revs"
"""What git hosts read by themselves, and what most projects point `blame.ignoreRevsFile` to. That
setting stands in the repository's configuration, which is never obeyed."""
_LARGEST = 1 << 20
_COMMITS = 20_000


class IgnoredRevisions(msgspec.Struct, frozen=True):
    """The commits, sorted, all of them here; and what is worth knowing about the lists."""

    commits: tuple[str, ...]
    notes: tuple[str, ...]


def ignored_revisions(
    repository: Repository,
    history: LineHistory,
    exactness: Exactness,
    by_path: Mapping[str, TreeEntry],
    *,
    project: bool,
) -> IgnoredRevisions:
    """Collect and check them. Raises `ConfigError` for a file that can't be read or is malformed,
    `GitError` for a revision that names no commit; the project's own file is only complained of."""
    named = [repository.resolve(revision) for revision in exactness.ignore_revisions]
    for file in exactness.ignore_revisions_files:
        ids, wrong = parse_ignored(_contents(file))
        if wrong:
            raise ConfigError(
                f"{file}: {wrong} lines are no full commit ids",
                hint="one id of 40 digits a line, comments after #",
            )
        named += ids
    notes: list[str] = []
    entry = by_path.get(PROJECT_FILE)
    if project and exactness.project_file and entry is not None:
        data = (repository.read_blob(entry.blob) or b"")[:_LARGEST]
        ids, wrong = parse_ignored(data)
        named += ids
        notes.append(f"{PROJECT_FILE} names {len(ids)} commits to see through")
        if wrong:
            notes.append(f"{wrong} lines of {PROJECT_FILE} are no full commit ids")
    found = history.sizes(dict.fromkeys(named[:_COMMITS]))
    commits = tuple(sorted(one for one, (kind, _) in found.items() if kind == "commit"))
    missing = len(set(named)) - len(commits)
    if missing:
        notes.append(f"{missing} commits to see through are not in this repository")
    return IgnoredRevisions(commits, tuple(notes))


def _contents(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            data = stream.read(_LARGEST + 1)
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from None
    if len(data) > _LARGEST:
        raise ConfigError(f"{file}: is larger than {_LARGEST >> 20} MiB")
    return data
