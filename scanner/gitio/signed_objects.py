"""Commits as their signatures cover them: the object's bytes, and what of them was signed.

`git log` re-encodes messages and indents them, so what was signed can only be taken from the object
itself. Which header holds the signature, and that all headers of its kind are left out of what is
signed, follows `parse_buffer_signed_by_header` in git's commit.c; see also gitformat-signature(5).
"""

import re
from collections.abc import Callable

import msgspec

from scanner.gitio.repository import Repository

ReadCommit = Callable[[str], bytes | None]
"""A commit's object by its full id, without git's own header; None when it can't be read."""

_LINE = re.compile(rb"[^\n]*\n|[^\n]+")
_PREFIX = b"gpgsig"
_HEADERS = {40: b"gpgsig ", 64: b"gpgsig-sha256 "}
"""By the length of the commit's id. In a repository that speaks both formats a commit may carry the
other header as well; that one signs the object's form in the other format, which is not at hand."""


class SignedCommit(msgspec.Struct, frozen=True):
    """A commit object taken apart."""

    payload: bytes
    """What was signed: the object without any signature header."""
    signature: bytes
    """The armoured signature with its line feeds, continuation spaces removed."""


def commit_reader(repository: Repository) -> ReadCommit:
    """Reads commit objects through the one process that the repository keeps for single objects.

    Safe to use from several threads. Replace refs and grafts do not apply.
    """
    reader = repository._reader
    return lambda commit: reader.read(commit, b"commit")


def split_signed(commit: str, data: bytes) -> SignedCommit | None:
    """The payload and the signature of a commit object; None when it carries no signature in its
    repository's own object format. `commit` is its id."""
    header = _HEADERS.get(len(commit))
    if header is None:
        return None
    end = data.find(b"\n\n") + 1
    head, rest = (data[:end], data[end:]) if end else (data, b"")
    payload: list[bytes] = []
    signature: list[bytes] = []
    inside: list[bytes] | None = payload
    # Not `splitlines`, which would break a name that holds a carriage return.
    for line in _LINE.findall(head):
        if line.startswith(b" ") and inside is not payload:
            if inside is not None:
                inside.append(line[1:])
            continue
        if line.startswith(header):
            inside = signature
            signature.append(line[len(header) :])
        elif line.startswith(_PREFIX):
            inside = None
        else:
            inside = payload
            payload.append(line)
    if not signature:
        return None
    return SignedCommit(b"".join(payload) + rest, b"".join(signature))
