"""One repository, opened for reading. See `open_repository`."""

import os
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Self

from scanner.errors import GitError
from scanner.gitio import ancestry, blobs, trees
from scanner.gitio.commits import Commits
from scanner.gitio.discovery import Layout, discover, read_small
from scanner.gitio.listing import Listing, given, is_id
from scanner.gitio.log import parse_raw_diff
from scanner.gitio.objects import Objects
from scanner.gitio.presence import Presence
from scanner.gitio.process import Runner
from scanner.gitio.reader import BlobReader
from scanner.gitio.tally import Tally
from scanner.gitio.values import BlobCounts, IndexEntry, Ref, TreeEntry
from scanner.gitio.view import Traits, View, inherited_index
from scanner.model import Change, Identity, Problem, Where

BLOB_LIMIT = 10 * 1024 * 1024
"""Bytes. The default for the largest blob that is read."""
_SHALLOW_LIMIT = 64 * 1024 * 1024
_REF_FORMAT = "%(objectname) %(objecttype) %(*objectname) %(*objecttype) %(refname)"


def open_repository(path: Path, *, limit: int = BLOB_LIMIT) -> "Repository":
    """Opens the repository that holds `path`. GitError when there is none, or no usable git.

    Nothing of the repository is written, nothing of its configuration is obeyed, nothing is
    fetched. Use the result as a context manager: it owns a temporary directory and git processes.
    """
    return Repository(discover(path), limit=limit)


def _nothing() -> None:
    pass


class Repository:
    """A repository as git's own objects, refs and index show it.

    Attributes: `root`, the work tree (None when bare); `git_dir` and `common_dir`, which differ in
    a linked worktree; `object_format`, `sha1` or `sha256`; `partial`, whether it is a clone that
    leaves objects out; `counts`, filled by `blob_streams`; `objects`, for questions about single
    objects. Methods raise GitError when git can't
    answer at all; gaps in the data are `Problem`s. Safe for one thread, except where stated.
    """

    def __init__(self, layout: Layout, *, limit: int = BLOB_LIMIT) -> None:
        self.root = layout.root
        self.git_dir = layout.git_dir
        self.common_dir = layout.common_dir
        self.counts = BlobCounts()
        self._index = inherited_index(layout, os.environ)
        self._view = View(layout, self._index)
        try:
            self._runner = Runner(self._view)
            self._view.apply(_traits(self._view, self._runner, layout))
        except BaseException:
            self._view.close()
            raise
        self.object_format = self._view.traits.object_format
        self.partial = self._view.traits.partial
        self._reader = BlobReader(self._runner, limit)
        self.objects = Objects(self._runner, self._reader, layout)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends what still runs and removes the temporary directory."""
        self._reader.close()
        self._view.close()

    # ------------------------------------------------------------------ what it is

    @property
    def bare(self) -> bool:
        """Whether it has no work tree."""
        return self.root is None

    @property
    def name(self) -> str:
        """The directory's name, without `.git`."""
        directory = self.root or self.common_dir
        if directory.name == ".git":
            directory = directory.parent
        return directory.name.removesuffix(".git") or directory.name

    @cached_property
    def boundaries(self) -> frozenset[str]:
        """The commits at which a shallow clone ends; empty for a complete one."""
        data = read_small(self.common_dir / "shallow", _SHALLOW_LIMIT) or b""
        return frozenset(line for line in data.decode("ascii", "replace").split("\n") if line)

    @property
    def packed_bytes(self) -> int:
        """The size of its own packs, without those that it borrows from other repositories."""
        packs = (self.common_dir / "objects" / "pack").glob("*.pack")
        return sum(pack.stat().st_size for pack in packs)

    @property
    def shallow(self) -> bool:
        """Whether the history is cut off."""
        return bool(self.boundaries)

    @cached_property
    def head(self) -> str | None:
        """The commit HEAD stands on; None before the first commit."""
        arguments = ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]
        return self._runner.output(arguments, accept=(0, 1, 128)).decode("ascii").strip() or None

    @cached_property
    def branch(self) -> str | None:
        """The branch HEAD names, born or not, without `refs/heads/`; None when detached."""
        if self._view.traits.ref_storage == "files":
            text = (self._view.path / "HEAD").read_bytes().strip()
            name = os.fsdecode(text.removeprefix(b"ref:").strip())
            return name.removeprefix("refs/heads/") if text.startswith(b"ref:") else None
        output = self._runner.output(["symbolic-ref", "--quiet", "HEAD"], accept=(0, 1, 128))
        return os.fsdecode(output).strip().removeprefix("refs/heads/") or None

    def refs(self) -> tuple[Ref, ...]:
        """All refs by name, of every kind there is: branches, tags, notes, stash, pull requests; as
        they stood when first asked for."""
        return self._refs

    @cached_property
    def _refs(self) -> tuple[Ref, ...]:
        try:
            output = self._runner.output(["for-each-ref", f"--format={_REF_FORMAT}"])
        except GitError:  # it refuses as a whole when one object is missing
            short = "%(objectname) missing   %(refname)"
            output = self._runner.output(["for-each-ref", f"--format={short}"])
        refs = []
        for line in os.fsdecode(output).split("\n")[:-1]:
            target, kind, peeled, peeled_kind, name = line.split(" ", 4)
            refs.append(Ref(name, target, kind, peeled or target, peeled_kind or kind))
        return tuple(refs)

    @cached_property
    def _root_commit(self) -> str | None:
        if self.shallow:
            return None
        start = [self.head] if self.head else ["--all"]
        # Only a salt derives from it, so a commit graph may speed this one up.
        arguments = ["-c", "core.commitGraph=true", "rev-list", "--max-parents=0", *start]
        roots = self._runner.output(arguments, accept=(0, 128)).decode("ascii").split()
        return min(roots, default=None)

    def root_commit(self) -> str | None:
        """The smallest id of a commit without parents that HEAD (or, without one, any ref) reaches.

        None when there is no commit, or when the clone is shallow and the root is not known.
        """
        return self._root_commit

    # ------------------------------------------------------------------ revisions

    def resolve(self, revision: str) -> str:
        """The id of the commit a revision names, in any syntax of gitrevisions(7)."""
        (commit,) = self._revisions(f"{revision}^{{commit}}", revision)
        return commit

    def resolve_range(self, revisions: str) -> tuple[str, ...]:
        """`A..B`, `A...B` or `A` (with all its ancestors) as ids; a leading `^` excludes.

        For `changes`. GitError names the revision that git doesn't know.
        """
        if ".." not in revisions:
            return (self.resolve(revisions),)
        ids = self._revisions(revisions, revisions)
        # rev-parse believes any full id; whether the object is there has to be asked.
        request = "".join(f"{line.removeprefix('^')}\n" for line in ids).encode("ascii")
        answer = self._runner.output(["cat-file", "--batch-check"], stdin=request)
        if b" missing" in answer:
            raise self._unknown(revisions)
        return ids

    def _revisions(self, expression: str, revision: str) -> tuple[str, ...]:
        if revision.startswith("-") or "\0" in revision or "\n" in revision or not revision:
            raise GitError(f"{revision!r} is no revision")
        arguments = ["rev-parse", "--revs-only", "--verify", "--quiet", "--end-of-options"]
        if expression is revision:  # a range: several ids
            arguments = ["rev-parse", "--revs-only", "--end-of-options"]
        try:
            output = self._runner.output([*arguments, expression]).decode("ascii").split()
        except GitError:
            output = []
        ids = tuple(line for line in output if is_id(line.removeprefix("^")))
        if not ids:
            raise self._unknown(revision)
        return ids

    def _unknown(self, revision: str) -> GitError:
        hint = "git log --all shows what there is"
        if self.shallow:
            hint = "the clone is shallow: git fetch --unshallow brings the rest"
        return GitError(f"{revision} names no commit of {self.name}", hint=hint)

    # ------------------------------------------------------------------ commits

    def changes(
        self,
        revisions: Sequence[str] | None = None,
        *,
        reflog: bool = False,
        unreachable: bool = False,
        headers: Callable[[str, bytes], None] | None = None,
    ) -> Iterator[Change | Problem]:
        """Commits with the paths they touch, newest first as git orders them, each once.

        Without `revisions` (ids as `resolve_range` gives them): everything that any ref, HEAD of
        any worktree, stash entry or half-way state (MERGE_HEAD, FETCH_HEAD, a rebase...) reaches;
        with `reflog` then also what only reflogs reach; with `unreachable` also that, and then
        every other commit there is. A merge lists the paths that differ from every parent. In a
        path of mode 160000 (submodule) the blobs are commit ids. Where git can't go on, a Problem
        stands in for what is left out. `headers` is told of each commit's uncommon headers.
        """
        commits = Commits(self._runner, self.common_dir, self.boundaries)
        if revisions is not None:
            return commits.given(revisions, headers)
        return commits.everything(reflog=reflog, unreachable=unreachable, headers=headers)

    def beginning(self, commit: str) -> ancestry.Beginning | None:
        """Where a commit (its id in full) stands in the history; None when it is not here."""
        return ancestry.beginning(self._runner, commit)

    def staged_change(self) -> Change:
        """What the index would commit, as one change without an author, time or message."""
        diff = trees.staged_diff(self._runner, self.object_format, self.head)
        nobody = Identity("", "")
        return Change(
            where=Where.INDEX,
            commit=None,
            parents=(self.head,) if self.head else (),
            author=nobody,
            author_time=0,
            committer=nobody,
            committer_time=0,
            message="",
            paths=parse_raw_diff(diff),
        )

    # ------------------------------------------------------------------ contents

    def blob_streams(
        self,
        jobs: int,
        *,
        ids: Iterable[str] | None = None,
        limit: int = BLOB_LIMIT,
        problems: Callable[[Problem], None],
        present: Presence | None = None,
    ) -> list[blobs.BlobShare]:
        """`jobs` iterables that together hand out each blob once; consume each in its own thread,
        or in its own process, see `BlobShare`.

        Without `ids`: every blob of the object database, and every tag object, reachable or not,
        alternates included.
        With `ids`: these, which may name other objects too, e.g. annotated tags; an id that occurs
        twice is read twice. Blobs under 8 and over `limit` bytes are counted, not handed out. When
        the last stream ends `problems` is told, from that thread, of all that was passed over, and
        `counts` is final. The order of blobs differs from run to run.

        What a partial clone lacks is not in the object database and so not counted here: `present`
        is told what is there, see `Presence.lacking`.
        """
        tally = Tally(self.counts)
        listing = Listing(self._runner, tally, limit, problems, present)
        produce, at_start = (listing, listing.start) if ids is None else (given(ids), _nothing)

        def at_end() -> None:
            for problem in tally.problems(limit, partial=self.partial):
                problems(problem)

        width = 64 if self.object_format == "sha256" else 40
        return blobs.shares(
            self._runner,
            tally,
            produce,
            jobs,
            limit=limit,
            width=width,
            at_start=at_start,
            at_end=at_end,
        )

    def read_blob(self, blob: str) -> bytes | None:
        """One blob; None when missing, damaged or over the limit. Safe from several threads."""
        return self._reader.read(blob)

    def index_entries(self) -> Iterator[IndexEntry]:
        """The index, by path; during `git commit -a` the one being committed."""
        return trees.index_entries(self._runner)

    def tree_entries(self, revision: str) -> Iterator[TreeEntry]:
        """Every file of a commit's tree, by path. GitError when a tree is missing."""
        return trees.tree_entries(self._runner, self.resolve(revision))

    def untracked(self) -> tuple[str, ...]:
        """Files of the work tree that git neither tracks nor ignores, sorted.

        A repository nested in the work tree is one path that ends in `/`; git doesn't look inside.
        """
        return self._listed(trees.untracked)

    def ignored(self) -> tuple[str, ...]:
        """Files of the work tree that git ignores, sorted.

        By .gitignore files, info/exclude and the user's own excludes file. A directory that holds
        nothing else is one path that ends in `/`.
        """
        return self._listed(trees.ignored)

    @cached_property
    def _user_excludes(self) -> Path | None:
        return trees.user_excludes(self._runner)

    def _listed(
        self, command: Callable[[Runner, Path, Path | None], tuple[str, ...]]
    ) -> tuple[str, ...]:
        return command(self._runner, self.root, self._user_excludes) if self.root else ()


def _traits(view: View, runner: Runner, layout: Layout) -> Traits:
    """Reads the three settings without which objects can't be read, and no other."""
    text = view.raw_config().lower()
    promised = any((layout.common_dir / "objects" / "pack").glob("*.promisor"))
    if b"extensions" not in text and b"promisor" not in text:
        return Traits(partial=promised)
    arguments = ["config", "--file", str(view.config_file), "--no-includes", "--list", "-z"]
    settings = dict(_settings(runner.output(arguments)))
    formats = {"": "sha1", "sha1": "sha1", "sha256": "sha256"}
    storages = {"": "files", "files": "files", "reftable": "reftable"}
    object_format = formats.get(settings.get("extensions.objectformat", "").lower())
    ref_storage = storages.get(settings.get("extensions.refstorage", "").lower())
    if object_format is None or ref_storage is None:
        raise GitError(f"{view.config_file} names an object format or ref storage unknown here")
    partial = promised or any(
        key == "extensions.partialclone"
        or (key.startswith("remote.") and key.endswith(".promisor"))
        for key in settings
    )
    return Traits(object_format, ref_storage, partial)


def _settings(output: bytes) -> Generator[tuple[str, str], None, None]:
    for record in output.split(b"\0"):
        key, _, value = os.fsdecode(record).partition("\n")
        yield key, value
