"""Streams commits for counting: no paths unless asked for, and as little work for each as can be.

`Repository.changes` reads a tree diff for every commit, which costs some twenty times the commit
itself. Where only headers and messages matter, git is told not to look at trees, and the usual form
of a commit is taken apart by one expression.
"""

import contextlib
import os
import re
from collections.abc import Callable, Container, Generator, Iterable, Iterator, Sequence
from functools import lru_cache, partial
from typing import IO, NamedTuple, Protocol, TypeVar

import msgspec

from scanner.gitio.log import LOG_OPTIONS, MESSAGE_LIMIT, PATH_OPTIONS, LogParser, tokens
from scanner.gitio.process import Process, Runner
from scanner.gitio.repository import Repository
from scanner.gitio.signature import read_signature
from scanner.model import Change, Identity, PathChange, Problem, Where

_FSCK = "git fsck lists what is damaged; a fresh clone may have it whole"
_TREES = f"a clone made with --filter=tree:0 lacks trees: use a full clone; otherwise {_FSCK}"
_EVERYTHING = ("--exclude=refs/notes/*", "--exclude=refs/stash", "--all")
"""What refs reach, without notes and stash entries, which are no commits of anyone's work."""

_HEAD = re.compile(
    rb"commit ([0-9a-f]{40,64})\ntree [0-9a-f]+\n((?:parent [0-9a-f]+\n)*)"
    rb"author ([^<>\n]*<[^<>\n]*>) (\d{1,12}) [+-]\d+\n"
    rb"committer ([^<>\n]*<[^<>\n]*>) (\d{1,12}) [+-]\d+\n"
)
_PERSON = re.compile(rb"[^<>\n]*<[^<>\n]*>")
_LINES = 8
"""Of a commit with two parents, up to the one behind the committer."""
_TIMES = 24
"""Digits of two times."""
_GROUP = 1 << 18
"""Bytes that are screened at once: far fewer than git prints while they are."""
_NOTES_REFS = 16


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """Which commits, and what of them."""

    revisions: tuple[str, ...] | None
    """Ids as `Repository.resolve_range` gives them; None: what any ref or HEAD reaches, notes and
    stash entries left out."""
    first_parent: bool = False
    """Follow only the first parent of merges."""
    merges: bool = True
    """False: leave merge commits out."""
    only: tuple[str, ...] = ()
    """Pathspecs as gitglossary(7) has them, from the repository's root: only commits that touch
    them. Merges that take over one side as it is do not touch anything."""
    openpgp: bool = True
    """False: pass OpenPGP signatures over, as if there were none. Forges sign most commits of some
    repositories, and reading their keys costs as much as all the rest of a commit."""
    paths: bool = False
    """Say which paths each commit touches. git then reads trees."""


class Screen(Protocol):
    """Tells commits that say nothing from others, before either is taken apart."""

    def telling(self, messages: Sequence[bytes]) -> Container[int]:
        """The indexes of messages, as git prints them with the headers, that may say something."""

    def is_quiet(self, person: Identity) -> bool:
        """Whether an author or a committer says nothing, whoever the other is."""

    def is_quiet_merge(self, subject: str) -> bool:
        """Whether a merge's subject says nothing."""


class Quiet(NamedTuple):
    """A commit that says nothing."""

    commit: str
    author: Identity
    author_time: int
    committer_time: int
    boundary: bool
    merge: bool


class CommitLog:
    """The selected commits, newest first as git orders them, each once.

    A context manager, to be iterated over once: git begins its walk on entering, so that the caller
    may prepare itself meanwhile. Without `Selection.paths` a change's `paths` are empty. A Problem
    stands for what git can't read. Where paths can't be read, the commits behind them come without,
    and a Problem says so. Replace refs, grafts and the mailmap are not applied. One git process,
    and a second one after damage.
    """

    def __init__(self, repository: Repository, selection: Selection) -> None:
        self._selection = selection
        self._stream = _Stream(repository, selection)

    def __enter__(self) -> "CommitLog":
        self._stream.start(paths=self._selection.paths)
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def __iter__(self) -> Iterator[Change | Problem]:
        stream, selection = self._stream, self._selection
        complaint = yield from stream.read(stream.parser.parse)
        if complaint is not None and selection.paths and not selection.only:
            yield Problem("git", stream.last, f"paths from here on not read: {complaint}", _TREES)
            stream.start(paths=False)
            complaint = yield from stream.read(stream.parser.parse)
        yield from self._left_out(complaint)

    def screened(self, screen: Screen) -> Iterator[Change | Quiet | Problem]:
        """The same for a selection without paths, several times as fast where little is said."""
        parser = self._stream.parser
        complaint = yield from self._stream.read(lambda stream: parser.screened(stream, screen))
        yield from self._left_out(complaint)

    def _left_out(self, complaint: str | None) -> Iterator[Problem]:
        stream = self._stream
        if complaint is not None:
            hint = _TREES if self._selection.only else _FSCK
            yield Problem("git", stream.last, f"history behind it can't be read: {complaint}", hint)
        for commit in stream.parser.cut_messages:
            yield Problem("git", commit, f"its message was read up to {MESSAGE_LIMIT} bytes only")


def commit_log(repository: Repository, selection: Selection) -> Iterator[Change | Problem]:
    """The same where nothing is to be prepared."""
    with CommitLog(repository, selection) as log:
        yield from log


def notes_on(repository: Repository, commit: str) -> tuple[str, ...]:
    """The notes refs that have a note on a commit, sorted. One git process a notes ref, sixteen at
    most; an unreadable one counts as having none."""
    runner = _runner(repository)
    refs = [ref.name for ref in repository.refs() if ref.name.startswith("refs/notes/")]
    found = []
    for ref in sorted(refs)[:_NOTES_REFS]:
        arguments = ["notes", f"--ref={ref}", "list", commit]
        if runner.output(arguments, accept=(0, 1, 128)).strip():
            found.append(ref)
    return tuple(found)


def substitutes(repository: Repository) -> tuple[int, bool]:
    """How many replace refs there are, and whether there is a grafts file. Neither is applied."""
    # Asked for all refs, git opens the objects of ten thousands of pull requests.
    names = _runner(repository).output(["for-each-ref", "--format=%(refname)", "refs/replace/"])
    return names.count(b"\n"), (repository.common_dir / "info" / "grafts").is_file()


Item = TypeVar("Item", Change, Change | Quiet)


class _Stream:
    def __init__(self, repository: Repository, selection: Selection) -> None:
        self._runner = _runner(repository)
        self._selection = selection
        self.parser = _Parser(repository.boundaries, openpgp=selection.openpgp)
        self._process: Process | None = None
        self._seen = 0
        self.last = "history"

    def start(self, *, paths: bool) -> None:
        """Has git walk from the first commit not yet seen."""
        self.close()
        self._process = process = self._runner.start(self._arguments(paths=paths), stdin=True)
        process.widen()
        if process.stdin is not None:
            revisions = self._selection.revisions or ()
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write("".join(f"{one}\n" for one in revisions).encode("ascii"))
        process.close_stdin()

    def read(
        self, parse: Callable[[IO[bytes]], Iterator[Item]]
    ) -> Generator[Item | Problem, None, str | None]:
        """What git prints; its complaint if it died."""
        process = self._process
        assert process is not None
        for item in parse(process.stdout):
            self._seen += 1
            self.last = item.commit or self.last
            yield item
        status = process.finish()
        if status:
            return process.complaint or f"git log ended with {status}"
        if process.complaint:
            yield Problem("git", "history", f"git warned: {process.complaint}", _FSCK)
        return None

    def close(self) -> None:
        """Ends git, if it still runs."""
        if self._process is not None:
            self._process.kill()
            self._process = None

    def _arguments(self, *, paths: bool) -> list[str]:
        selection = self._selection
        options = [option for option in LOG_OPTIONS if option != "--source"]
        options += PATH_OPTIONS if paths else ("--no-patch",)
        if selection.first_parent:
            options += ("--first-parent", "-m") if paths else ("--first-parent",)
        if not selection.merges:
            options.append("--no-merges")
        if selection.only:
            # Without it git follows only one of a merge's sides where that explains the outcome.
            options.append("--full-history")
        options.append(f"--skip={self._seen}")
        starts = _EVERYTHING if selection.revisions is None else ()
        literal = [os.fsdecode(os.fsencode(path)) for path in selection.only]
        return ["log", *options, "--stdin", *starts, "--", *literal]


class _Parser(LogParser):
    """Takes commits of the usual form apart quickly; all others are left to the patient parser."""

    def __init__(self, boundary: frozenset[str], *, openpgp: bool = True) -> None:
        self._passed_over = () if openpgp else (b"gpgsig -----BEGIN PGP SIGNATURE-----",)
        super().__init__(lambda _commit, _parents, _ref: Where.COMMIT, boundary)
        self._people = lru_cache(1 << 14)(_raw_person)

    def screened(self, stream: IO[bytes], screen: Screen) -> Iterator[Change | Quiet]:
        """What `parse` gives where git prints no paths; of commits that say nothing, only that."""
        silent = lru_cache(1 << 14)(partial(_silent, screen.is_quiet))
        for group in _grouped(tokens(stream)):
            telling = screen.telling(group)
            for index, token in enumerate(group):
                quiet = None
                if index not in telling and len(token) <= MESSAGE_LIMIT:
                    quiet = self._quiet(token, silent, screen.is_quiet_merge)
                yield self._change(token, []) if quiet is None else quiet

    def _quiet(
        self,
        token: bytes,
        silent: Callable[[bytes], Identity | None],
        is_quiet_merge: Callable[[str], bool],
    ) -> Quiet | None:
        """Parting lines takes half as long as matching them: None for all that is not as usual."""
        lines = token.split(b"\n", _LINES)
        try:
            at = 3 if lines[2].startswith(b"parent ") else 2
            merge = lines[at].startswith(b"parent ")
            at += merge
            writer, authored, _ = lines[at].rsplit(b" ", 2)
            maker, committed, _ = lines[at + 1].rsplit(b" ", 2)
            behind = lines[at + 2]
        except (IndexError, ValueError):
            return None
        if not (writer.startswith(b"author ") and maker.startswith(b"committer ")):
            return None
        author = silent(writer[7:])
        if author is None or silent(maker[10:]) is None:
            return None
        if behind and behind not in self._passed_over:
            return None
        if not (authored + committed).isdigit() or len(authored) + len(committed) > _TIMES:
            return None
        if merge and not is_quiet_merge(_subject(token)):
            return None
        commit = lines[0][7:].decode("ascii")
        edge = commit in self._boundary
        return Quiet(commit, author, int(authored), int(committed), edge, merge)

    def _change(self, token: bytes, paths: list[PathChange]) -> Change:
        match = _HEAD.match(token)
        if match is None:
            return super()._change(token, paths)
        start = match.end()
        end = token.find(b"\n\n", start - 1)
        if end < 0:
            return super()._change(token, paths)
        raw, parents, author, authored, committer, committed = match.groups()
        signature = None
        if token.startswith(self._passed_over, start):
            pass
        elif token.startswith(b"gpgsig ", start):
            # What headers may follow stand behind the signature's own end, where nothing is read.
            signature = read_signature(token[start + 7 : end].replace(b"\n ", b"\n"))
        elif token.find(b"gpgsig", start, end) >= 0:
            return super()._change(token, paths)
        commit = raw.decode("ascii")
        return Change(
            where=Where.COMMIT,
            commit=commit,
            parents=tuple(parents.decode("ascii").split()[1::2]),
            author=self._people(author),
            author_time=int(authored),
            committer=self._people(committer),
            committer_time=int(committed),
            message=self._message(commit, token[end + 2 :]),
            paths=tuple(paths),
            signature=signature,
            boundary=commit in self._boundary,
        )


def _grouped(pieces: Iterable[bytes]) -> Iterator[list[bytes]]:
    group: list[bytes] = []
    size = 0
    for piece in pieces:
        group.append(piece)
        size += len(piece)
        if size >= _GROUP:
            yield group
            group, size = [], 0
    if group:
        yield group


def _runner(repository: Repository) -> Runner:
    return repository._runner


def _raw_person(line: bytes) -> Identity:
    name, _, email = line[:-1].partition(b"<")
    return Identity(
        name.decode("utf-8", "replace").strip(), email.decode("utf-8", "replace").strip()
    )


def _silent(is_quiet: Callable[[Identity], bool], line: bytes) -> Identity | None:
    """The person of a header without its key and time, if it is as usual and says nothing."""
    if _PERSON.fullmatch(line) is None:
        return None
    person = _raw_person(line)
    return person if is_quiet(person) else None


def _subject(token: bytes) -> str:
    begin = token.find(b"\n\n") + 2
    return token[begin : token.find(b"\n", begin)].decode("utf-8", "replace").strip()
