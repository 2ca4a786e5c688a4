"""Parses `git log --format=raw --raw -z` into changes.

The stream, as git prints it (NUL shown as `·`):

    commit <id>⇥<ref>⏎tree …⏎parent …⏎author …⏎committer …⏎⏎    message⏎⏎:100644 … M·path··commit …

A commit without paths ends in a line feed; a merge's entries (`::…`) come after a NUL of their own;
an empty token parts a commit with paths from the next. A path may hold anything, `commit …`
included, so the tokens are read strictly in order: what follows an entry is its path, whatever it
looks like.
"""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from typing import IO

from scanner.gitio.signature import read_signature
from scanner.model import Change, Identity, PathChange, Signature, Where

LOG_OPTIONS = (
    *("--format=raw", "-z", "--source", "--encoding=UTF-8", "--no-notes", "--no-mailmap"),
    *("--no-show-signature", "--no-color", "--no-decorate", "--no-expand-tabs"),
)
"""What the parser here expects `git log` to be called with."""
PATH_OPTIONS = (
    *("--root", "-c", "--raw", "--no-abbrev", "--no-renames", "--no-ext-diff", "--no-textconv"),
    *("--ignore-submodules=none", "--no-relative"),
)
"""What is added for the paths; git then reads trees."""

MESSAGE_LIMIT = 1 << 20
"""Bytes of one message that are kept; what is beyond is cut off and said."""
PATHS_LIMIT = 500_000
"""Paths of one commit that are kept. Trees can be built that unfold into billions of paths."""

_CHUNK = 1 << 20
_TOKEN_LIMIT = 4 << 20
_TOKEN_TAIL = 1 << 16

_TIME_MAX = 1 << 40  # some 35,000 years: what is later is no date

_GPGSIG = re.compile(rb"\ngpgsig(?:-sha256)? ([^\n]*(?:\n [^\n]*)*)")
_ABSENT = frozenset({"0" * 40, "0" * 64})

# Anything before `<` is the name; some old tools wrote none, or several brackets.
_PERSON = re.compile(rb"([^<]*)<(.*)>([^>]*)")


class TooManyPathsError(Exception):
    """One commit has more paths than are kept; the stream is of no more use."""

    def __init__(self, change: Change) -> None:
        super().__init__(change.commit)
        self.change = change
        """The commit with the paths read so far."""


class LogParser:
    """Turns the output of one `git log` into changes.

    `place` tells where a change belongs from its id, its parents and the ref git found it by;
    `names` gives other names for what git calls by an id. `headers` is told of the headers of a
    commit that few have, tags of merged branches among them; of signatures it is not.
    """

    def __init__(
        self,
        place: Callable[[str, tuple[str, ...], str], Where],
        boundary: frozenset[str],
        names: Mapping[str, str] | None = None,
        headers: Callable[[str, bytes], None] | None = None,
    ) -> None:
        self._place = place
        self._boundary = boundary
        self._names: Mapping[str, str] = names or {}
        self._headers = headers
        self.cut_messages: list[str] = []
        """Ids of commits whose message was longer than the limit."""

    def parse(self, stream: IO[bytes]) -> Iterator[Change]:
        """The changes in git's order. Ends quietly where the stream ends, complete or not."""
        head: bytes | None = None
        meta: bytes | None = None
        paths: list[PathChange] = []
        for token in tokens(stream):
            if meta is not None:
                paths.append(_path_change(meta, token))
                meta = None
                if len(paths) >= PATHS_LIMIT and head is not None:
                    raise TooManyPathsError(self._change(head, paths))
            elif token.startswith(b":"):
                meta = token
            elif token.startswith(b"commit "):
                if head is not None:
                    yield self._change(head, paths)
                    paths = []
                head, meta = _split_head(token)
        if head is not None:
            yield self._change(head, paths)

    def _change(self, token: bytes, paths: list[PathChange]) -> Change:
        headers, _, body = token.partition(b"\n\n")
        plain, signed, _ = headers.partition(b"\ngpgsig")
        lines = plain.split(b"\n")
        commit, _, ref = lines[0][7:].decode("utf-8", "replace").partition("\t")
        parents: list[str] = []
        author = committer = _NOBODY
        for line in lines[1:]:
            if line.startswith(b"parent "):
                parents.append(line[7:].decode("ascii", "replace"))
            elif line.startswith(b"author ") and author is _NOBODY:
                author = _person(line[7:])
            elif line.startswith(b"committer "):
                committer = _person(line[10:])
                break  # what follows are extra headers
        if self._headers is not None and (extra := _uncommon(headers)):
            self._headers(commit, extra)
        above = tuple(parents)
        return Change(
            where=self._place(commit, above, ref),
            commit=commit,
            parents=above,
            author=author[0],
            author_time=author[1],
            committer=committer[0],
            committer_time=committer[1],
            message=self._message(commit, body),
            paths=tuple(paths),
            ref=ref if ref == "HEAD" or ref.startswith("refs/") else self._names.get(ref),
            signature=_signature(headers) if signed else None,
            boundary=commit in self._boundary,
        )

    def _message(self, commit: str, body: bytes) -> str:
        if len(body) > MESSAGE_LIMIT:
            self.cut_messages.append(commit)
            body = body[:MESSAGE_LIMIT]
        if body.startswith(b"    "):
            body = body[4:]
        return body.replace(b"\n    ", b"\n").decode("utf-8", "replace").rstrip("\n")


_NOBODY: tuple[Identity, int] = (Identity("", ""), 0)


def tokens(stream: IO[bytes]) -> Iterator[bytes]:
    """The pieces between NULs of what git prints with `-z`. An endless one is cut in the middle:
    both of its ends matter."""
    rest = b""
    descriptor = stream.fileno()
    while chunk := os.read(descriptor, _CHUNK):
        pieces = (rest + chunk).split(b"\0")
        rest = pieces.pop()
        yield from pieces
        if len(rest) > _TOKEN_LIMIT:
            rest = rest[: _TOKEN_LIMIT // 2] + rest[-_TOKEN_TAIL:]
    if rest:
        yield rest


def _split_head(token: bytes) -> tuple[bytes, bytes | None]:
    """Headers and message, and the first entry's data, which git prints without a NUL before it.

    Every line of headers and message ends in a line feed; only an entry's data ends at the NUL.
    """
    if token.endswith(b"\n"):
        return token, None
    head, _, last = token.rpartition(b"\n")
    return (head, last) if last.startswith(b":") else (token, None)


def _path_change(meta: bytes, path: bytes) -> PathChange:
    fields = meta.decode("ascii", "replace").split(" ")
    if fields[0].startswith("::"):
        return _merged_path(fields, path)
    old_mode, new_mode, old, new, status = fields
    return PathChange(
        status=status[:1],
        path=os.fsdecode(path),
        old_mode=old_mode[1:],
        new_mode=new_mode,
        old_blobs=() if old in _ABSENT else (old,),
        new_blob=None if new in _ABSENT else new,
    )


def _merged_path(fields: list[str], path: bytes) -> PathChange:
    """For n parents: n colons, n + 1 modes, n + 1 ids, n status letters."""
    first = fields[0].lstrip(":")
    parents = len(fields[0]) - len(first)
    new = fields[2 * parents + 1]
    return PathChange(
        status=fields[2 * parents + 2],
        path=os.fsdecode(path),
        old_mode=first,
        new_mode=fields[parents],
        old_blobs=tuple(old for old in fields[parents + 1 : -2] if old not in _ABSENT),
        new_blob=None if new in _ABSENT else new,
    )


def parse_raw_diff(data: bytes) -> tuple[PathChange, ...]:
    """The entries of a whole `--raw -z` output without commits. Unmerged paths are left out."""
    pieces = data.split(b"\0")
    changes = [
        _path_change(meta, path) for meta, path in zip(pieces[::2], pieces[1::2], strict=False)
    ]
    return tuple(change for change in changes if change.status != "U")


def _person(line: bytes) -> tuple[Identity, int]:
    """Identity and time of an author or committer line; what can't be read is empty and zero."""
    match = _PERSON.match(line)
    if match is None:
        return Identity(line.decode("utf-8", "replace").strip(), ""), 0
    name, email, when = match.groups()
    identity = Identity(
        name.decode("utf-8", "replace").strip(), email.decode("utf-8", "replace").strip()
    )
    words = when.split()
    try:
        time = int(words[0]) if words else 0
    except ValueError:
        time = 0
    return identity, time if -_TIME_MAX < time < _TIME_MAX else 0


def _uncommon(headers: bytes) -> bytes:
    """The headers behind the committer, without signatures and without the message's encoding."""
    at = headers.find(b"\ncommitter ")
    end = headers.find(b"\n", at + 1) if at >= 0 else -1
    if end < 0:
        return b""
    rest = _GPGSIG.sub(b"", headers[end:]) if b"\ngpgsig" in headers else headers[end:]
    return b"" if rest.startswith(b"\nencoding ") and rest.count(b"\n") == 1 else rest


def _signature(headers: bytes) -> Signature | None:
    match = _GPGSIG.search(headers)
    return read_signature(match[1].replace(b"\n ", b"\n")) if match else None
