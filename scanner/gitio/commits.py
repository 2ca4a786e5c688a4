"""Which commits there are to walk, and what is to be said of each one's place."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from scanner.errors import GitError
from scanner.gitio.heads import is_autostash, named_objects
from scanner.gitio.objects import object_kinds, unreachable_commits
from scanner.gitio.process import Runner
from scanner.gitio.reflogs import reflog_ids
from scanner.gitio.walk import Place, Walk
from scanner.model import Change, Problem, Where

Headers = Callable[[str, bytes], None]


class Commits:
    """Walks over the commits of one repository."""

    def __init__(self, runner: Runner, common_dir: Path, boundaries: frozenset[str]) -> None:
        self._runner = runner
        self._common_dir = common_dir
        self._boundaries = boundaries

    def given(
        self, revisions: Sequence[str], headers: Headers | None
    ) -> Iterator[Change | Problem]:
        """What these revisions reach, without what those with a `^` reach."""
        return self._walk(Place(()), headers).changes(["--stdin"], revisions)

    def everything(
        self, *, reflog: bool, unreachable: bool, headers: Headers | None
    ) -> Iterator[Change | Problem]:
        """What refs, stash entries, worktrees and half-way states reach; then the lost ones.

        ORIG_HEAD is a memory of what was, and belongs with the reflogs.
        """
        names = self._named_commits()
        stashes = [*self._stashes(), *(one for one, name in names.items() if is_autostash(name))]
        place = Place(stashes, names)
        former = [one for one, name in names.items() if name.endswith("ORIG_HEAD")]
        starts = [one for one in dict.fromkeys((*stashes, *names)) if one not in former]
        yield from self._walk(place, headers).changes(["--all", "--stdin"], starts)
        if not reflog and not unreachable:
            return
        place.otherwise = Where.REFLOG
        problems: list[Problem] = []
        logged = [*former, *reflog_ids(self._common_dir, problems.append)]
        excluded = [f"^{commit}" for commit in starts]
        selection = ["--ignore-missing", "--reflog", "--stdin", "--not", "--all"]
        yield from self._walk(place, headers).changes(selection, [*logged, *excluded])
        if unreachable:
            place.otherwise = Where.UNREACHABLE
            lost = unreachable_commits(self._runner, [*starts, *logged], problems.append)
            if lost:
                # Each is shown by itself, so that no walk can lead back into what was shown.
                yield from self._walk(place, headers).changes(["--no-walk", "--stdin"], lost)
        yield from problems

    def _walk(self, place: Place, headers: Headers | None) -> Walk:
        return Walk(self._runner, place, self._boundaries, headers)

    def _named_commits(self) -> dict[str, str]:
        """Commits, and tags of commits, that files such as FETCH_HEAD name and that are here."""
        named = named_objects(self._common_dir)
        kinds = object_kinds(self._runner, named)
        return {one: name for one, name in named.items() if kinds.get(one) in ("commit", "tag")}

    def _stashes(self) -> list[str]:
        """The stash's entries; all but the newest stand in its reflog only."""
        tip = self._runner.output(
            ["rev-parse", "--verify", "--quiet", "refs/stash"], accept=(0, 1, 128)
        )
        if not tip:
            return []
        entries = b""
        with contextlib.suppress(GitError):
            entries = self._runner.output(["rev-list", "--walk-reflogs", "refs/stash"])
        return list(dict.fromkeys((tip + entries).decode("ascii").split()))
