"""Finds the repository that a path belongs to, without running git.

git's own discovery reads the repository's configuration (`core.worktree`, includes) on the way;
ours looks at names only. See gitrepository-layout(5) for the layout it follows.
"""

import os
import stat
from pathlib import Path

import msgspec

from scanner.errors import GitError

_MAX_POINTER = 65_536


class Layout(msgspec.Struct, frozen=True):
    """Where the parts of a repository are. All paths are absolute and free of symbolic links."""

    root: Path | None
    """The work tree; None for a bare repository or a path inside the git directory of one."""
    git_dir: Path
    """HEAD, index and per-worktree files."""
    common_dir: Path
    """Objects, refs and configuration; differs from `git_dir` in a linked worktree only."""


def discover(path: Path) -> Layout:
    """The repository that holds `path`; the nearest one upwards. GitError when there is none."""
    try:
        start = path.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise GitError(f"{path}: {_reason(error)}") from error
    first = start if start.is_dir() else start.parent
    for directory in (first, *first.parents):
        found = _at(directory)
        if found is not None:
            return found
    raise GitError(
        f"{path} is not inside a git repository",
        hint="give the path of a checkout or of a bare repository",
    )


def read_small(path: Path, limit: int = _MAX_POINTER) -> bytes | None:
    """The bytes of a regular file of at most `limit` bytes, or None when it is absent.

    Never blocks on a FIFO that stands where a file should. GitError for anything else.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except NotADirectoryError:
        return None
    except OSError as error:
        raise GitError(f"{path} can't be read: {_reason(error)}") from error
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise GitError(f"{path} is not a regular file")
        if status.st_size > limit:
            raise GitError(f"{path} is larger than any git writes ({status.st_size} bytes)")
        return file.read(limit + 1)


def _at(directory: Path) -> Layout | None:
    """The layout if this very directory is a work tree's root or a git directory."""
    dot_git = directory / ".git"
    if dot_git.is_dir():
        if _is_git_dir(dot_git):
            git_dir = dot_git.resolve()
            return Layout(directory, git_dir, _common_dir(git_dir))
    elif os.path.lexists(dot_git):
        git_dir = _follow(dot_git)
        return Layout(directory, git_dir, _common_dir(git_dir))
    if _is_git_dir(directory):
        common = _common_dir(directory)
        return Layout(_work_tree_of(directory), directory, common)
    return None


def _follow(dot_git: Path) -> Path:
    """The git directory that a `.git` file of a submodule or linked worktree names."""
    data = read_small(dot_git)
    if data is None or not data.startswith(b"gitdir:"):
        raise GitError(f"{dot_git} is neither a git directory nor a pointer to one")
    target = dot_git.parent / os.fsdecode(data[7:].strip(b" \t\r\n"))
    if not target.is_dir() or not _is_git_dir(target):
        raise GitError(
            f"{dot_git} points to {target}, which is no git directory",
            hint="`git worktree repair` or `git submodule update --init` may mend it",
        )
    git_dir = target.resolve()
    _refuse_foreign(dot_git, git_dir)
    return git_dir


def _refuse_foreign(dot_git: Path, git_dir: Path) -> None:
    """A pointer is believed when the other side agrees, or when it stays with its superproject.

    A linked worktree's git directory names the `.git` file back in `gitdir`; a submodule's lies in
    `modules/` of the repository around it. Anything else (`--separate-git-dir`) has no second
    witness, and believing it would let a hostile checkout have another repository of this machine
    read and reported as its own.
    """
    back = read_small(git_dir / "gitdir")
    if back is not None:
        named = git_dir / os.fsdecode(back.strip(b"\r\n"))
        if named.exists() and named.resolve() == dot_git.resolve():
            return
    else:
        for parent in dot_git.parent.resolve().parents:
            around = _at(parent)
            if around is not None:
                if git_dir.is_relative_to(around.git_dir / "modules"):
                    return
                if git_dir.is_relative_to(around.common_dir / "modules"):
                    return
                break
    raise GitError(
        f"{dot_git} points outside, to {git_dir}, which does not point back",
        hint="scan the git directory itself if it is yours",
    )


def _is_git_dir(path: Path) -> bool:
    """By the test git uses: HEAD, and objects and refs here or in the common directory."""
    if not os.path.lexists(path / "HEAD"):
        return False
    common = _common_dir(path)
    has_refs = (common / "refs").is_dir() or (common / "reftable").is_dir()
    return has_refs and (common / "objects").is_dir()


def _common_dir(git_dir: Path) -> Path:
    data = read_small(git_dir / "commondir")
    if data is None:
        return git_dir.resolve()
    common = (git_dir / os.fsdecode(data.strip(b"\r\n"))).resolve()
    if not git_dir.resolve().is_relative_to(common / "worktrees"):
        raise GitError(f"{git_dir}/commondir points to {common}, which does not hold this worktree")
    return common


def _work_tree_of(git_dir: Path) -> Path | None:
    """The work tree of a git directory that was given itself, or that holds the path given."""
    back = read_small(git_dir / "gitdir")
    if back is not None:
        dot_git = Path(os.path.normpath(git_dir / os.fsdecode(back.strip(b"\r\n"))))
        pointer = read_small(dot_git) if dot_git.is_file() else None
        if pointer is not None and pointer.startswith(b"gitdir:"):
            target = dot_git.parent / os.fsdecode(pointer[7:].strip(b" \t\r\n"))
            if target.resolve() == git_dir.resolve():
                return dot_git.parent.resolve()
        return None
    return git_dir.parent.resolve() if git_dir.name == ".git" else None


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
