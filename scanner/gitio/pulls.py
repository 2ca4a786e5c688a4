"""Heads of pull and merge requests, where a clone or a mirror fetched them, and single commits."""

import re
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from scanner.gitio.repository import Repository
from scanner.gitio.values import Ref
from scanner.gitio.walk import Place, Walk
from scanner.model import Change, Problem

# refs/pull/N/head (GitHub, Gitea), refs/merge-requests/N/head (GitLab), and where usual refspecs
# put them: refs/remotes/origin/pr/N, refs/remotes/origin/pull/N/head, refs/remotes/origin/mr/N.
_PULL = re.compile(
    r"refs/(?:remotes/[\w.-]{1,64}/)?(?:(?P<pull>pull|pr)|merge-requests|mr)"
    r"/(?P<number>[0-9]{1,9})(?:/head)?",
    re.ASCII,
)
_OTHER = re.compile(
    r"refs/(?:remotes/[^/]+/)?(?:pull|pr|merge-requests|mr)/|refs/(?:notes/|stash$)"
)


class PullHead(msgspec.Struct, frozen=True):
    """The commit that a pull or merge request ends in."""

    number: str
    """As messages name it: `#12` for a pull request, `!12` for a merge request."""
    ref: str
    commit: str


def pull_heads(refs: Iterable[Ref]) -> list[PullHead]:
    """The heads among these refs, in their order. Several refs may hold one number: two remotes."""
    found = []
    for ref in refs:
        match = _PULL.fullmatch(ref.name)
        if match is not None and ref.kind == "commit":
            sign = "#" if match["pull"] else "!"
            found.append(PullHead(f"{sign}{int(match['number'])}", ref.name, ref.target))
    return found


def other_tips(refs: Iterable[Ref]) -> tuple[str, ...]:
    """The commits that all other refs hold, each once: branches and tags; no notes, no stash."""
    commits = (
        ref.peeled for ref in refs if ref.peeled_kind == "commit" and _OTHER.match(ref.name) is None
    )
    return tuple(dict.fromkeys(commits))


def single_commits(repository: Repository, commits: Sequence[str]) -> Iterator[Change | Problem]:
    """Just these commits with the paths they touch, in this order. One git process."""
    if not commits:
        return iter(())
    walk = Walk(repository._runner, Place(()), repository.boundaries)
    return walk.changes(["--no-walk=unsorted", "--stdin"], commits)
