"""Reads the index, trees and the work tree's untracked paths, as far as git has to be asked."""

import os
from collections.abc import Iterator
from pathlib import Path

from scanner.errors import GitError
from scanner.gitio.process import Runner
from scanner.gitio.values import IndexEntry, TreeEntry

_READ = 1 << 20
_EMPTY_TREE = {
    "sha1": "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    "sha256": "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}


def index_entries(runner: Runner) -> Iterator[IndexEntry]:
    """`git ls-files --stage`: every entry, by path and stage."""
    for record in _records(runner, ["ls-files", "--stage", "--full-name", "-z"]):
        head, _, path = record.partition(b"\t")
        mode, blob, stage = head.decode("ascii").split(" ")
        yield IndexEntry(os.fsdecode(path), mode, blob, int(stage))


def tree_entries(runner: Runner, commit: str) -> Iterator[TreeEntry]:
    """`git ls-tree -r`: every file, link and submodule of a commit, by path."""
    for record in _records(runner, ["ls-tree", "-r", "-z", "--full-tree", commit]):
        head, _, path = record.partition(b"\t")
        mode, _kind, blob = head.decode("ascii").split(" ")
        yield TreeEntry(os.fsdecode(path), mode, blob)


def staged_diff(runner: Runner, object_format: str, head: str | None) -> bytes:
    """The raw difference between HEAD's tree (or no tree) and the index."""
    against = head or _EMPTY_TREE[object_format]
    options = ["--cached", "--raw", "-z", "--no-abbrev", "--no-renames", "--no-ext-diff"]
    return runner.output(
        ["diff-index", *options, "--no-textconv", "--ignore-submodules=none", against, "--"]
    )


def untracked(runner: Runner, root: Path, excludes: Path | None) -> tuple[str, ...]:
    """Files git neither tracks nor ignores, sorted. A nested repository is one path with a `/`."""
    arguments = [*_excludes(excludes), "ls-files", "--others", "--exclude-standard", "-z"]
    return _paths(runner, arguments, root)


def ignored(runner: Runner, root: Path, excludes: Path | None) -> tuple[str, ...]:
    """Ignored files, sorted; a directory with nothing else in it is one path with a `/`."""
    options = ["--others", "--ignored", "--exclude-standard", "--directory", "-z"]
    return _paths(runner, [*_excludes(excludes), "ls-files", *options], root)


def user_excludes(runner: Runner) -> Path | None:
    """The user's own excludes file: part of what decides which files of the work tree are ignored.

    Read from the user's configuration files as git would find them, never from the repository's.
    """
    home = os.environ.get("HOME", "")
    base = Path(os.environ.get("XDG_CONFIG_HOME") or Path(home, ".config")) / "git"
    forced = os.environ.get("GIT_CONFIG_GLOBAL")
    for file in [Path(forced)] if forced else [Path(home, ".gitconfig"), base / "config"]:
        try:
            text = file.read_bytes().lower() if file.is_file() else b""
        except OSError:
            continue
        if b"excludesfile" not in text and b"include" not in text:
            continue
        options = ["--includes", "--type=path", "-z", "--get", "core.excludesFile"]
        value = runner.output(["config", "--file", str(file), *options], accept=(0, 1))
        if value:
            return Path(home) / os.fsdecode(value.rstrip(b"\0"))
    return base / "ignore"


def _excludes(file: Path | None) -> list[str]:
    return ["-c", f"core.excludesFile={file or os.devnull}"]


def _paths(runner: Runner, arguments: list[str], root: Path) -> tuple[str, ...]:
    output = runner.output(arguments, work_tree=root)
    return tuple(sorted(os.fsdecode(path) for path in output.split(b"\0") if path))


def _records(runner: Runner, arguments: list[str]) -> Iterator[bytes]:
    """The NUL-ended records of a git call. GitError when it fails."""
    with runner.start(arguments) as process:
        descriptor = process.stdout.fileno()
        rest = b""
        while data := os.read(descriptor, _READ):
            pieces = (rest + data).split(b"\0")
            rest = pieces.pop()
            yield from pieces
        if process.finish():
            raise GitError(process.complaint or f"git {arguments[0]} failed")
