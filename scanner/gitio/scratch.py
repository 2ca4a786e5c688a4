"""Makes a new repository of our own, for the demonstration: the only code here that writes one."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from scanner.errors import GitError
from scanner.gitio.process import load_git
from scanner.model import Identity

_ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_TEMPLATE_DIR": "",
}


class NewCommit(msgspec.Struct, frozen=True):
    """One commit to make, on top of the one before."""

    message: str
    author: Identity
    time: int
    files: Mapping[str, bytes | None]
    """New contents by path; None deletes the file."""


def create_repository(path: Path, commits: Sequence[NewCommit]) -> None:
    """Make a repository with these commits on `main`, and check the last one out.

    `path` must be empty or absent. Raises `GitError` when git refuses.
    """
    git_class = load_git()
    try:
        path.mkdir(parents=True, exist_ok=True)
        if any(path.iterdir()):
            raise GitError(f"{path} is not empty", hint="name a new directory")
    except OSError as error:
        raise GitError(f"{path}: {error.strerror}") from None
    from git.exc import GitCommandError

    # A git that runs us as its hook exports GIT_DIR and its kin; they must not lead elsewhere.
    environment = _ENVIRONMENT | {
        "GIT_DIR": str(path / ".git"),
        "GIT_WORK_TREE": str(path),
        "GIT_INDEX_FILE": str(path / ".git" / "index"),
    }
    git = git_class(str(path))
    command = git_class.GIT_PYTHON_GIT_EXECUTABLE or "git"
    try:
        git.execute([command, "init", "--quiet", "--initial-branch=main"], env=environment)
        _import(git, command, environment, commits)
        git.execute([command, "checkout", "--quiet", "--force", "main"], env=environment)
    except GitCommandError as error:
        raise GitError(f"git could not make {path}: {str(error.stderr).strip()}") from None


def _import(
    git: "Git",  # type: ignore[name-defined]  # noqa: F821
    command: str,
    environment: dict[str, str],
    commits: Sequence[NewCommit],
) -> None:
    from subprocess import PIPE

    handle = git.execute(
        [command, "fast-import", "--quiet"], istream=PIPE, as_process=True, env=environment
    )
    handle.stdin.write(b"".join(_stream(commits)))
    handle.stdin.close()
    handle.wait()


def _stream(commits: Sequence[NewCommit]) -> list[bytes]:
    """The commits in git-fast-import's input format."""
    lines: list[bytes] = []
    for commit in commits:
        who = f"{commit.author.name} <{commit.author.email}> {commit.time} +0000\n".encode()
        lines += [b"commit refs/heads/main\nauthor ", who, b"committer ", who]
        lines.append(_data(commit.message.encode()))
        for path, data in commit.files.items():
            if data is None:
                lines.append(f"D {path}\n".encode())
            else:
                lines += [f"M 100644 inline {path}\n".encode(), _data(data)]
    return lines


def _data(data: bytes) -> bytes:
    return b"data %d\n%b\n" % (len(data), data)
