"""Names the files inside a git directory that hold text: all but objects, refs and indexes.

gitrepository-layout(5) names most of them; tools and people add others, so what is left out is
listed here and everything else is taken.
"""

import os
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

from scanner.model import Problem

FILES_LIMIT = 20_000
"""Files of one git directory. A clone has some hundreds, mostly reflogs."""

_BINARY = ("index", "index.lock", "shallow")
_DATABASES = ("objects", "refs", "reftable", "annex")
_ALTERNATES = ("objects/info/alternates", "objects/info/http-alternates")


class GitDirectory:
    """Walks one git directory, the ones of submodules and linked worktrees in it included.

    Links are not followed. Paths are relative to it and come nearest first.
    """

    def __init__(self, path: Path, problems: Callable[[Problem], None]) -> None:
        self._path = path
        self._problems = problems
        self.large_files: list[str] = []
        """Files of Git LFS, left to the caller to bound."""
        self.notes: list[str] = []

    def files(self) -> Iterator[str]:
        """Every file that may hold text, up to a limit that is said."""
        waiting = deque([""])
        left = FILES_LIMIT
        while waiting:
            directory = waiting.popleft()
            names, below = self._entries(directory)
            if directory and ".git" in (*names, *below):
                self.notes.append(f".git/{directory} is another work tree and was not scanned")
                continue
            repository = "HEAD" in names and "objects" in below
            if repository:
                names = [name for name in names if not _is_binary(name)] + list(_ALTERNATES)
                below = [name for name in below if name not in _DATABASES]
            if directory and repository:
                self._note_submodule(directory)
            for path in (_join(directory, name) for name in names):
                if path.startswith("lfs/"):
                    self.large_files.append(path)
                elif not (path.startswith("hooks/") and path.endswith(".sample")):
                    left -= 1
                    if left < 0:
                        reason = f"more than {FILES_LIMIT} files in the git directory"
                        self._problems(Problem("source", f".git/{directory}", reason))
                        return
                    yield path
            waiting.extend(_join(directory, name) for name in below)

    def _note_submodule(self, directory: str) -> None:
        self.notes.append(
            f".git/{directory} is a submodule's repository: its configuration, hooks and logs were"
            " scanned, its history was not"
        )

    def _entries(self, directory: str) -> tuple[list[str], list[str]]:
        """The names of regular files and of directories, sorted."""
        files, below = [], []
        try:
            with os.scandir(self._path / directory) as listing:
                for entry in listing:
                    if entry.is_dir(follow_symlinks=False):
                        below.append(entry.name)
                    elif entry.is_file(follow_symlinks=False):
                        files.append(entry.name)
        except OSError as error:
            reason = f"can't be listed: {error.strerror}"
            self._problems(Problem("source", f".git/{directory}".rstrip("/"), reason))
        return sorted(files), sorted(below)


def _is_binary(name: str) -> bool:
    return name in _BINARY or name.startswith("sharedindex.")


def _join(directory: str, name: str) -> str:
    return f"{directory}/{name}" if directory else name
