"""The objects that files of the git directory name outside `refs`.

`MERGE_HEAD`, `FETCH_HEAD`, `ORIG_HEAD` and their kin, the state of a rebase, cherry-pick or `am`
that was left half-way, and the refs that each linked worktree keeps for itself (bisect, rewritten).
No ref need reach what they name, and git's own `--all` leaves them out. The files are described in
gitrepository-layout(5), gitrevisions(7) and git-worktree(1).
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from scanner.errors import GitError
from scanner.gitio.discovery import read_small

_LIMIT = 1024 * 1024
_FILES_LIMIT = 2_000
_ID = re.compile(rb"(?<![0-9a-zA-Z])([0-9a-f]{64}|[0-9a-f]{40})(?![0-9a-zA-Z])")
_NAME = re.compile(
    r"[A-Z_]+_HEAD|AUTO_MERGE|MERGE_AUTOSTASH|BISECT_EXPECTED_REV|NOTES_MERGE_PARTIAL"
)
_STATES = ("rebase-merge", "rebase-apply", "sequencer")


def named_objects(common_dir: Path) -> dict[str, str]:
    """Object id to the file that names it, relative to the common directory; ids may be gone.

    Of several files the first counts: those of the main worktree, then of the linked ones by name.
    """
    found: dict[str, str] = {}
    for directory in (common_dir, *worktree_directories(common_dir)):
        for path in _files(directory, own_refs=directory != common_dir):
            try:
                data = read_small(path, _LIMIT) or b""
            except GitError:  # a FIFO, or larger than any git writes: the reading of files says so
                continue
            name = path.relative_to(common_dir).as_posix()
            for match in _ID.finditer(data):
                found.setdefault(match[1].decode("ascii"), name)
    return {object_id: name for object_id, name in found.items() if object_id.strip("0")}


def worktree_directories(common_dir: Path) -> list[Path]:
    """The git directories of the linked worktrees, by name."""
    try:
        return sorted(path for path in (common_dir / "worktrees").iterdir() if path.is_dir())
    except OSError:
        return []


def is_autostash(name: str) -> bool:
    """Whether a file named by `named_objects` holds the stash that git made by itself."""
    return name.endswith(("/autostash", "MERGE_AUTOSTASH"))


def _files(directory: Path, *, own_refs: bool) -> Iterator[Path]:
    try:
        paths = sorted(directory.iterdir())
    except OSError:
        return
    yield from (path for path in paths if _NAME.fullmatch(path.name))
    left = _FILES_LIMIT
    for state in (*_STATES, *(("refs",) if own_refs else ())):
        for parent, below, files in os.walk(directory / state):
            below.sort()
            for name in sorted(files)[:left]:
                left -= 1
                yield Path(parent, name)
