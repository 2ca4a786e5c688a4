"""Everything git is asked about lines, for one repository: blame, additions, notes, and the
headers of chosen commits."""

import contextlib
import os
import tempfile
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from scanner.errors import GitError
from scanner.gitio.added_lines import Added, added_lines
from scanner.gitio.blame import Blame, BlameOptions, blame_file
from scanner.gitio.log import LOG_OPTIONS, LogParser
from scanner.gitio.notes import Note, list_notes
from scanner.gitio.process import Process, Runner
from scanner.gitio.repository import Repository
from scanner.model import Change, Where


class LineHistory:
    """Line questions to one open repository. `blame` is safe from several threads."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._runner: Runner = repository._runner

    def blame(self, path: str, options: BlameOptions) -> Blame:
        """See `blame.blame_file`."""
        return blame_file(self._runner, path, options)

    def added(self, commits: Sequence[str]) -> Iterator[Added]:
        """See `added_lines.added_lines`."""
        return added_lines(self._runner, commits)

    def notes(self, target: str) -> Iterator[Note]:
        """See `notes.list_notes`."""
        return list_notes(self._runner, target)

    def parents(self, revisions: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Every commit that these revisions reach, with its parents, children first; `^<id>`
        leaves out. Where git can't go on, what it reached."""
        found: dict[str, tuple[str, ...]] = {}
        request = "".join(f"{one}\n" for one in revisions).encode("ascii")
        with self._runner.start(["rev-list", "--parents", "--stdin"], stdin=True) as process:
            if process.stdin is not None:
                with contextlib.suppress(BrokenPipeError):
                    process.stdin.write(request)
            process.close_stdin()
            for line in process.stdout:
                commit, *parents = line.decode("ascii", "replace").split()
                found[commit] = tuple(parents)
            process.finish()
        return found

    def commits(self, ids: Iterable[str]) -> Iterator[Change]:
        """These commits in their order, without paths. A missing one ends the listing."""
        parser = LogParser(_no_place, self._repository.boundaries)
        arguments = ["log", *LOG_OPTIONS, "--no-patch", "--no-walk=unsorted", "--stdin", "--"]
        with self._fed(arguments, ids) as process:
            yield from parser.parse(process.stdout)
            process.finish()

    def sizes(self, ids: Iterable[str]) -> dict[str, tuple[str, int]]:
        """Kind and size of each of these objects that is here."""
        found: dict[str, tuple[str, int]] = {}
        arguments = ["cat-file", "--batch-check=%(objectname) %(objecttype) %(objectsize)"]
        with self._fed([*arguments, "--buffer"], ids) as process:
            for line in process.stdout:
                fields = line.decode("ascii", "replace").split()
                if len(fields) == 3:
                    found[fields[0]] = (fields[1], int(fields[2]))
            process.finish()
        return found

    @contextlib.contextmanager
    def _fed(self, arguments: Sequence[str], ids: Iterable[str]) -> Iterator[Process]:
        """A process that is given ids while its output is read, so that neither side waits."""
        request = "".join(f"{one}\n" for one in ids).encode("ascii")
        with self._runner.start(arguments, stdin=True) as process:

            def feed() -> None:
                with contextlib.suppress(BrokenPipeError, ValueError):
                    if process.stdin is not None:
                        process.stdin.write(request)
                process.close_stdin()

            feeder = threading.Thread(target=feed, daemon=True)
            feeder.start()
            yield process
            process.kill()
            feeder.join()

    def first_parents_since(self, old: str, new: str) -> frozenset[str] | None:
        """The paths that commits on the first-parent line from `old` to `new` touch.

        None when `old` does not stand on that line. For a path that none of them touches, `git
        blame` at `new` says the same as at `old`: a commit hands a file that its first parent has
        unchanged down to that parent as a whole (blame.c, pass_blame).
        """
        arguments = ["log", "--first-parent", "-m", "--raw", "-z", "--no-renames", "--no-abbrev"]
        arguments += ["--format=%x00%H %P", "--no-notes", f"{old}..{new}", "--"]
        try:
            output = self._runner.output(arguments)
        except GitError:
            return None
        paths: set[str] = set()
        last = b""
        tokens = iter(output.split(b"\0"))
        for token in tokens:
            text = token.strip(b"\n")
            if text.startswith(b":"):
                paths.add(os.fsdecode(next(tokens, b"")))
            elif text:
                last = text
        first_parent = last.split(b" ")[1:2]
        return frozenset(paths) if first_parent == [old.encode("ascii")] else None


def _no_place(_commit: str, _parents: tuple[str, ...], _ref: str) -> Where:
    return Where.COMMIT


@contextlib.contextmanager
def ignored_file(ids: Sequence[str]) -> Iterator[str | None]:
    """A file of these ids for `BlameOptions.ignored_file`, for the time of the block."""
    if not ids:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="agentreach-") as directory:
        path = Path(directory, "ignored")
        path.write_text("".join(f"{one}\n" for one in ids), "ascii")
        yield str(path)


__all__ = ["Blame", "BlameOptions", "LineHistory", "ignored_file"]
