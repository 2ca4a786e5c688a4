"""Questions about objects by id: their kinds, what holds them, and which ones nothing reaches."""

import contextlib
import os
import re
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

import msgspec

from scanner.errors import GitError
from scanner.gitio.discovery import Layout, read_small
from scanner.gitio.heads import named_objects, worktree_directories
from scanner.gitio.index_file import parse_index
from scanner.gitio.listing import is_id
from scanner.gitio.process import Process, Runner
from scanner.gitio.reader import BlobReader
from scanner.gitio.values import IndexEntry
from scanner.model import Problem

_READ = 1 << 20
_INDEX_LIMIT = 512 * 1024 * 1024
_COMMIT = re.compile(rb"^([0-9a-f]{40,64}) commit$", re.MULTILINE)
_DANGLING_TREE = re.compile(rb"^dangling tree ([0-9a-f]{40,64})$", re.MULTILINE)
_TAGGED = re.compile(rb"object ([0-9a-f]{40,64})\ntype ([a-z]+)\n")
_NESTING = 64
_FSCK = "git fsck lists what is damaged"


class Held(msgspec.Struct, frozen=True):
    """A blob as a tree or a ref holds it."""

    root: str
    """The id of the tree, or of the blob itself, that was asked about."""
    path: str
    """Below the tree; empty for a blob that is named directly."""
    blob: str


class Objects:
    """Answers about single objects of one repository. For one thread."""

    def __init__(self, runner: Runner, reader: BlobReader, layout: Layout) -> None:
        self._runner = runner
        self._reader = reader
        self._layout = layout

    def kinds(self, ids: Iterable[str]) -> dict[str, str]:
        """`commit`, `tree`, `blob` or `tag` for each of these ids that is here."""
        return object_kinds(self._runner, ids)

    def named(self) -> dict[str, str]:
        """Ids that files such as FETCH_HEAD hold, with the file's name; they may be gone."""
        return named_objects(self._layout.common_dir)

    def held(self, roots: Sequence[str], wanted: Collection[str]) -> Iterator[Held]:
        """Where these trees and blobs hold the `wanted` blobs; of several places the first."""
        return held_blobs(self._runner, roots, wanted)

    def missing(self, roots: Sequence[str]) -> Iterator[str]:
        """What these tags, trees and blobs hold and a partial clone lacks. GitError when git can't
        walk them."""
        return missing_objects(self._runner, roots)

    def dangling_trees(self) -> list[str]:
        """Trees that no commit, tag or tree holds. Slow: git walks all that is reachable."""
        return dangling_trees(self._runner)

    def tag_targets(self, tags: Iterable[str]) -> dict[str, tuple[str, str]]:
        """For each of these tag objects, and each that they hold: the outermost, and the target."""
        return tag_targets(tags, lambda tag: self._reader.read(tag, b"tag"))

    def other_indexes(self, object_format: str) -> Iterator[tuple[str, IndexEntry]]:
        """The entries of other worktrees' indexes, with the index's path in the common directory.

        GitError when one can't be read or is larger than any git writes.
        """
        common = self._layout.common_dir
        for directory in (common, *worktree_directories(common)):
            if directory == self._layout.git_dir:
                continue
            for file in (directory / "index", *sorted(directory.glob("sharedindex.*"))):
                data = read_small(file, _INDEX_LIMIT) or b""
                name = file.relative_to(common).as_posix()
                yield from ((name, entry) for entry in parse_index(data, object_format))


def object_kinds(runner: Runner, ids: Iterable[str]) -> dict[str, str]:
    """`commit`, `tree`, `blob` or `tag` for each of these ids that is here."""
    request = "".join(f"{one}\n" for one in ids if is_id(one)).encode("ascii")
    if not request:
        return {}
    arguments = ["cat-file", "--batch-check=%(objectname) %(objecttype)", "--buffer"]
    answer = runner.output(arguments, stdin=request).decode("ascii", "replace")
    pairs = (line.split(" ") for line in answer.splitlines() if not line.endswith(" missing"))
    return {pair[0]: pair[1] for pair in pairs if len(pair) == 2}


def held_blobs(runner: Runner, roots: Sequence[str], wanted: Collection[str]) -> Iterator[Held]:
    """Where these trees and blobs hold the `wanted` blobs; of several places the first."""
    if not roots or not wanted:
        return
    first = set(roots)
    root = ""
    arguments = ["rev-list", "--objects", "--ignore-missing", "--stdin"]
    with runner.start(arguments, stdin=True) as process:
        for line in _exchange(process, iter([_lines(roots)])):
            one, _, path = line.partition(b" ")
            name = one.decode("ascii", "replace")
            if name in first and not path:
                root = name
            if name in wanted:
                yield Held(root, os.fsdecode(path), name)


def missing_objects(runner: Runner, roots: Sequence[str]) -> Iterator[str]:
    """What these tags, trees and blobs hold and a partial clone lacks. GitError when git can't walk
    them."""
    if not roots:
        return
    arguments = ["rev-list", "--objects", "--missing=print", "--no-object-names", "--stdin"]
    with runner.start(arguments, stdin=True) as process:
        for line in _exchange(process, iter([_lines(roots)])):
            if line.startswith(b"?"):
                yield line[1:].decode("ascii", "replace")
        if process.finish():
            raise GitError(process.complaint or "objects can't be walked")


def unreachable_commits(
    runner: Runner, named: Sequence[str], problems: Callable[[Problem], None]
) -> list[str]:
    """Commits of the object database that neither refs, reflogs nor `named` commits reach."""
    listing = ["cat-file", "--batch-all-objects", "--unordered", "--buffer"]
    walking = ["rev-list", "--ignore-missing", "--stdin", "--not", "--all", "--reflog"]
    with (
        runner.start([*listing, "--batch-check=%(objectname) %(objecttype)"]) as objects,
        runner.start(walking, stdin=True) as process,
    ):
        lines = _exchange(process, _candidates(objects, named))
        lost = [line.decode("ascii", "replace") for line in lines]
        if process.finish():
            reason = f"unreachable commits can't be told apart: {process.complaint}"
            problems(Problem("git", "objects", reason, _FSCK))
            return []
    return lost


def dangling_trees(runner: Runner) -> list[str]:
    """Trees that no commit, tag or tree holds. git walks all that is reachable to tell."""
    arguments = ["fsck", "--connectivity-only", "--dangling", "--no-progress"]
    # Its status tells of other damage, which is not the question here; 128 is no answer.
    with contextlib.suppress(GitError):
        output = runner.output(arguments, accept=tuple(range(128)))
        return [match.decode("ascii") for match in _DANGLING_TREE.findall(output)]
    return []


def tag_targets(
    tags: Iterable[str], read: Callable[[str], bytes | None]
) -> dict[str, tuple[str, str]]:
    """For each tag object, also those that tags hold: the one it belongs to, and what that holds.

    Values are the outermost tag of `tags` and the id of the object at the end of the chain. `read`
    gives a tag object's bytes.
    """
    found: dict[str, tuple[str, str]] = {}
    for outermost in tags:
        chain, target = [], outermost
        for _ in range(_NESTING):
            match = _TAGGED.match(read(target) or b"")
            if match is None:
                break
            chain.append(target)
            target = match[1].decode("ascii")
            if match[2] != b"tag":
                break
        for one in chain:
            found.setdefault(one, (outermost, target))
    return found


def _candidates(objects: Process, named: Sequence[str]) -> Iterator[bytes]:
    """All commits, and what is known to be named, as lines for a walk's standard input."""
    yield _lines([f"^{one.removeprefix('^')}" for one in named])
    rest = b""
    while data := os.read(objects.stdout.fileno(), _READ):
        block, _, rest = (rest + data).rpartition(b"\n")
        yield b"".join(commit + b"\n" for commit in _COMMIT.findall(block))


def _exchange(process: Process, requests: Iterator[bytes]) -> Iterator[bytes]:
    """Lines of a process that is fed at the same time, so that neither side waits for the other."""

    def feed() -> None:
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError, ValueError):
            for request in requests:
                process.stdin.write(request)
        process.close_stdin()

    feeder = threading.Thread(target=feed, daemon=True)
    feeder.start()
    for line in process.stdout:
        yield line.rstrip(b"\n")
    feeder.join()


def _lines(ids: Sequence[str]) -> bytes:
    return "".join(f"{one}\n" for one in ids).encode("ascii")
