"""Streams commits for counting: no paths unless asked for, and as little work for each as can be.

`Repository.changes` reads a tree diff for every commit, which costs some twenty times the commit
itself. Where only headers and messages matter, git is told not to look at trees, and the usual form
of a commit is taken apart by one expression.
"""

import contextlib
import fcntl
import os
import re
from collections.abc import Generator, Iterator, Sequence
from functools import lru_cache
from typing import IO

import msgspec

from scanner.gitio.log import LOG_OPTIONS, MESSAGE_LIMIT, PATH_OPTIONS, LogParser
from scanner.gitio.process import Runner
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
_PIPE = 1 << 20
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


def commit_log(repository: Repository, selection: Selection) -> Iterator[Change | Problem]:
    """The selected commits, newest first as git orders them, each once.

    Without `Selection.paths` a change's `paths` are empty. A Problem stands for what git can't
    read. Where paths can't be read, the commits behind them come without, and a Problem says so.
    Replace refs, grafts and the mailmap are not applied. One git process, and a second one after
    damage.
    """
    stream = _Stream(repository, selection)
    complaint = yield from stream.run(paths=selection.paths)
    if complaint is not None and selection.paths and not selection.only:
        yield Problem("git", stream.last, f"paths from here on not read: {complaint}", _TREES)
        complaint = yield from stream.run(paths=False)
    if complaint is not None:
        hint = _TREES if selection.only else _FSCK
        yield Problem("git", stream.last, f"history behind it can't be read: {complaint}", hint)
    for commit in stream.cut_messages:
        yield Problem("git", commit, f"its message was read up to {MESSAGE_LIMIT} bytes only")


def mailmapped(repository: Repository, people: Sequence[Identity]) -> list[Identity]:
    """The people as the `.mailmap` of HEAD calls them, in the order given. One git process.

    One that git could not read as a person stays as it is.
    """
    runner = _runner(repository)
    asked = [person for person in people if _well_formed(person)]
    lines = "".join(f"{person.name} <{person.email}>\n" for person in asked)
    output = runner.output(["check-mailmap", "--stdin"], stdin=lines.encode("utf-8", "replace"))
    answers = output.decode("utf-8", "replace").split("\n")[:-1]
    if len(answers) != len(asked):
        return list(people)
    known = {person: _person(line) for person, line in zip(asked, answers, strict=True)}
    return [known.get(person, person) for person in people]


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
    replaced = sum(ref.name.startswith("refs/replace/") for ref in repository.refs())
    return replaced, (repository.common_dir / "info" / "grafts").is_file()


class _Stream:
    def __init__(self, repository: Repository, selection: Selection) -> None:
        self._runner = _runner(repository)
        self._selection = selection
        self._parser = _Parser(repository.boundaries, openpgp=selection.openpgp)
        self._seen = 0
        self.last = "history"

    @property
    def cut_messages(self) -> Sequence[str]:
        return self._parser.cut_messages

    def run(self, *, paths: bool) -> Generator[Change | Problem, None, str | None]:
        """One git process, from the first commit not yet seen; its complaint if it died."""
        with self._runner.start(self._arguments(paths=paths), stdin=True) as process:
            _widen(process.stdout)
            if process.stdin is not None:
                revisions = self._selection.revisions or ()
                with contextlib.suppress(BrokenPipeError):
                    process.stdin.write("".join(f"{one}\n" for one in revisions).encode("ascii"))
            process.close_stdin()
            for change in self._parser.parse(process.stdout):
                self._seen += 1
                self.last = change.commit or self.last
                yield change
            status = process.finish()
            if status:
                return process.complaint or f"git log ended with {status}"
            if process.complaint:
                yield Problem("git", "history", f"git warned: {process.complaint}", _FSCK)
        return None

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
        self._passed_over = () if openpgp else (b"gpgsig -----BEGIN PGP SIGNATURE",)
        super().__init__(lambda _commit, _parents, _ref: Where.COMMIT, boundary)
        self._people = lru_cache(1 << 14)(_raw_person)

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
            parents=tuple(parents.decode("ascii").replace("parent ", "").split()),
            author=self._people(author),
            author_time=int(authored),
            committer=self._people(committer),
            committer_time=int(committed),
            message=self._message(commit, token[end + 2 :]),
            paths=tuple(paths),
            signature=signature,
            boundary=commit in self._boundary,
        )


def _widen(pipe: IO[bytes]) -> None:
    """A larger pipe spares switching between git and us; where there is none, it works as well."""
    with contextlib.suppress(OSError, AttributeError):
        fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, _PIPE)


def _runner(repository: Repository) -> Runner:
    return repository._runner


def _raw_person(line: bytes) -> Identity:
    name, _, email = line[:-1].partition(b"<")
    return Identity(
        name.decode("utf-8", "replace").strip(), email.decode("utf-8", "replace").strip()
    )


def _person(line: str) -> Identity:
    name, _, email = line.rpartition("<")
    return Identity(name.strip(), email.rstrip(">").strip())


def _well_formed(person: Identity) -> bool:
    text = person.name + person.email
    return bool(person.email) and text.isprintable() and not set("<>") & set(text)
