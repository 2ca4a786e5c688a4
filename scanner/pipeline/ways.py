"""How an agent with a shell gets at each kind of place, as a command that a person can try.

The commands are git's own plumbing (gitrevisions(7), git-cat-file(1), git-notes(1)); they read, and
change nothing. A secret in a name is not repeated: there the command lists the names.
"""

import shlex
from collections.abc import Iterable

from scanner.model import Basis, Evidence, Location, Where
from scanner.pipeline.names import FILE, HEADER, LINK, REF

_MOST = 4


def ways(locations: Iterable[Location]) -> tuple[Evidence, ...]:
    """One line for each kind of place among these, in their order, of the first of each kind.

    Not more than four: what is beyond is no easier to get at.
    """
    first: dict[tuple[object, ...], Location] = {}
    for location in locations:
        if location.where is not Where.STDIN:
            first.setdefault(_kind(location), location)
    return tuple(Evidence(way(one), Basis.DERIVED) for one in list(first.values())[:_MOST])


def way(location: Location) -> str:
    """The sentence for one place: who can bring it up, and the command that does."""
    name = next((layer for layer in location.inside if layer in (FILE, LINK, REF)), None)
    command = _of_name(location, name) if name else _of_content(location)
    wrapped = [layer for layer in location.inside if not _is_name(layer)]
    tail = f", then undo {', '.join(wrapped)}" if wrapped else ""
    return f"{_who(location)}: {command}{tail}{_until(location)}"


def _kind(location: Location) -> tuple[object, ...]:
    named = tuple(layer for layer in location.inside if _is_name(layer))
    return (location.where, location.commit is None, location.path == "", named)


def _is_name(layer: str) -> bool:
    return layer in (FILE, LINK, REF, HEADER) or layer.startswith("name of the ")


def _who(location: Location) -> str:
    readable = location.where in (Where.WORKTREE, Where.GIT_FILE)
    return "any file tool or shell" if readable and REF not in location.inside else "any shell"


def _of_name(location: Location, name: str) -> str:
    if name == REF:
        return "git for-each-ref"
    if name == LINK:
        return f"readlink {shlex.quote(location.path)}"
    if location.where is Where.WORKTREE:
        return "find . shows the name"
    if location.where is Where.INDEX:
        return "git ls-files"
    commit = location.commit
    return f"git ls-tree -r --name-only {commit}" if commit else "git log --all --name-only"


def _of_content(location: Location) -> str:
    path = shlex.quote(location.path)
    match location.where:
        case Where.WORKTREE | Where.GIT_FILE:
            return f"cat {path}"
        case Where.INDEX:
            return _of_index(location)
        case Where.MESSAGE:
            return f"git cat-file commit {location.commit or 'HEAD'}"
        case Where.TAG:
            return _of_object(location)
        case Where.NOTE:
            return _of_note(location)
        case _ if location.commit is None:
            # At HEAD no commit need be known; what only a ref or nothing holds has just its id.
            at_head = location.in_head and location.where is Where.COMMIT
            return f"git show {_at('HEAD', location.path)}" if at_head else _of_object(location)
        case _:
            return f"git show {_at(location.commit, location.path)}"


def _of_index(location: Location) -> str:
    if location.ref is None:
        return f"git show {_at('', location.path)}"
    if location.ref.startswith(":"):
        return f"git show {_at(location.ref, location.path)}"
    return _of_object(location)


def _of_note(location: Location) -> str:
    # The path is the id of what the note is about, fanned out into directories.
    about = location.path.replace("/", "")
    if location.ref is None or set(about) - set("0123456789abcdef"):
        return f"git show {_at(location.commit or '', location.path)}"
    return f"git notes --ref={shlex.quote(location.ref)} show {about}"


def _of_object(location: Location) -> str:
    return f"git cat-file -p {location.blob}" if location.blob else "git fsck --unreachable"


def _at(revision: str, path: str) -> str:
    return shlex.quote(f"{revision}:{path}")


def _until(location: Location) -> str:
    match location.where:
        case Where.STASH:
            return " (git stash list names it)"
        case Where.REFLOG:
            return " (git reflog --all names it until it expires)"
        case Where.UNREACHABLE:
            return " (git fsck --unreachable names it until git gc prunes it)"
        case _:
            return ""
