"""Which pull request a squash commit came from, and what the request's commits say about it.

A squash merge makes one commit of a branch. Its message is written anew, and the marks of the
branch's commits are often lost; where the branch's head was fetched they can be read there. All of
this is derived: the number in a subject may be another repository's, and a head moves on. Hence
nothing counts unless the squash touches what the branch touched.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

import msgspec

from scanner.model import Attribution, Basis, Change, Evidence, Mark, PathChange, Role, Tier

REQUEST_NUMBER: Final = r"\(#[0-9]{1,9}\)"
"""In the subject of every squash commit, and in other texts as well."""
_SUBJECT: Final = re.compile(r"\(#([0-9]{1,9})\)$")
_REQUEST: Final = re.compile(r"^See merge request (?:\S*)!([0-9]{1,9})[ \t]*$", re.MULTILINE)
_WROTE: Final = (Role.AUTHOR, Role.CO_AUTHOR, Role.SUGGESTION)
_LEAST_SHARED: Final = 0.5
"""The share of all paths of both sides that both touch; below it the number is a coincidence."""
_NAMED_COMMITS: Final = 5
_MODELS: Final = 4


def request_number(change: Change) -> str | None:
    """`#12` or `!12`, as the message of a squash commit names its pull or merge request.

    None for a merge or a first commit. GitHub and Gitea end the subject in `(#12)`; GitLab writes
    `See merge request group/project!12` on a line of its own.
    """
    if len(change.parents) != 1:
        return None
    match = _SUBJECT.search(change.subject.rstrip())
    if match:
        return f"#{int(match[1])}"
    requests = _REQUEST.findall(change.message) if "See merge request" in change.message else []
    return f"!{int(requests[-1])}" if requests else None


def squashed_below(change: Change) -> tuple[str, str] | None:
    """For a merge in which GitLab put a squash: the squash commit's id and the request's number."""
    if len(change.parents) != 2:
        return None
    requests = _REQUEST.findall(change.message) if "See merge request" in change.message else []
    return (change.parents[1], f"!{int(requests[-1])}") if requests else None


def wrote(mark: Mark) -> bool:
    """Whether the mark says that an agent wrote something; only such marks are carried over."""
    return not mark.bot and mark.role in _WROTE and mark.tier is not Tier.HINT


class Relation(StrEnum):
    """How the squash relates to what its branch changed in the end."""

    SAME = "same"
    """The same paths, and each is what it was at the head."""
    WITHIN = "within"
    """Each path of the squash is what it was at the head, and the branch touches others besides:
    what a merge of the base brought, what was taken back, what came later or went in otherwise."""
    PATHS = "paths"
    """The same paths; the contents differ in some, as they do when the base had moved on."""
    MOVED = "moved"
    """Mostly the same paths, with other contents: the head moved afterwards, or a part was merged
    otherwise."""
    NONE = "none"
    """Another piece of work."""


class Touched(NamedTuple):
    """The paths that changes leave changed, each with its last blob. For comparing only."""

    contents: Mapping[str, str | None]

    @classmethod
    def by(cls, changes: Iterable[Sequence[PathChange]]) -> "Touched":
        """`changes` newest first. A path that ends as it began is left out."""
        last: dict[str, str | None] = {}
        first: dict[str, tuple[str, ...]] = {}
        for paths in changes:
            for path in paths:
                last.setdefault(path.path, path.new_blob)
                first[path.path] = path.old_blobs
        return cls(
            {
                path: blob
                for path, blob in last.items()
                if first[path] != (() if blob is None else (blob,))
            }
        )


def relation(squash: Touched, branch: Touched) -> Relation:
    """How a squash relates to its branch, by what both touch."""
    ours, theirs = squash.contents, branch.contents
    shared = ours.keys() & theirs.keys()
    if not shared:
        return Relation.NONE
    if len(shared) == len(ours):
        complete = len(shared) == len(theirs)
        if all(ours[path] == theirs[path] for path in shared):
            return Relation.SAME if complete else Relation.WITHIN
        if complete:
            return Relation.PATHS
    everything = len(ours) + len(theirs) - len(shared)
    return Relation.MOVED if len(shared) >= _LEAST_SHARED * everything else Relation.NONE


class MarkedCommit(NamedTuple):
    """A commit of a branch, with its marks."""

    commit: str
    attribution: Attribution


class Branch(msgspec.Struct, frozen=True):
    """What a pull request's head brings beyond the squash's parent, in the squash's paths."""

    ref: str
    head: str
    commits: int
    """That touch one of the squash's paths; merges left out."""
    marked: tuple[MarkedCommit, ...]
    """Those of them on which an agent left its mark, newest first."""


def derived(squash: Attribution, branch: Branch, related: Relation) -> Attribution:
    """The squash's marks with those that its branch's commits carry.

    Bots and mere committers are left out. An agent is the squash's author only if it is the author
    of every commit of the branch; otherwise it had a part. The tier is that of the strongest mark
    in that role, `trailer` at most, and `footer` at most when the head moved. The same attribution
    comes back when there is nothing to add.
    """
    if related is Relation.NONE:
        return squash
    own = {mark.agent: mark for mark in squash.marks}
    found: dict[str, list[tuple[str, Mark]]] = {}
    for one in branch.marked:
        for mark in one.attribution.marks:
            if wrote(mark):
                found.setdefault(mark.agent, []).append((one.commit, mark))
    added = False
    for agent, marks in found.items():
        mark = _derived_mark(marks, branch, related)
        known = own.get(agent)
        if known is None:
            own[agent] = mark
        elif mark.role in _WROTE and _wider(mark.role, known.role):
            evidence = (*mark.evidence, *known.evidence)
            own[agent] = msgspec.structs.replace(mark, evidence=evidence)
        else:
            continue
        added = True
    if not added:
        return squash
    return Attribution(tuple(sorted(own.values(), key=lambda mark: mark.strength)))


def _derived_mark(marks: list[tuple[str, Mark]], branch: Branch, related: Relation) -> Mark:
    commit, strongest = min(marks, key=lambda one: (_wide(one[1].role), one[1].tier.rank))
    role = strongest.role
    authored = sum(mark.role is Role.AUTHOR for _, mark in marks)
    if role is Role.AUTHOR and authored < branch.commits:
        role = Role.CO_AUTHOR
    limit = Tier.FOOTER if related is Relation.MOVED else Tier.TRAILER
    tier = max(strongest.tier, limit, key=lambda one: one.rank)
    models = dict.fromkeys(mark.model for _, mark in marks if mark.model)
    return msgspec.structs.replace(
        strongest,
        role=role,
        tier=tier,
        evidence=(*_evidence(marks, branch, related), *_underlying(commit, strongest)),
        model=", ".join(list(models)[:_MODELS]) or None,
    )


def _evidence(
    marks: list[tuple[str, Mark]], branch: Branch, related: Relation
) -> tuple[Evidence, ...]:
    named = ", ".join(commit[:12] for commit, _ in marks[:_NAMED_COMMITS])
    more = f" and {len(marks) - _NAMED_COMMITS} more" if len(marks) > _NAMED_COMMITS else ""
    of = (
        "the one commit" if branch.commits == 1 else f"{len(marks)} of the {branch.commits} commits"
    )
    carry = "carries its mark" if len(marks) == 1 else "carry its marks"
    carried = f"{of} behind {branch.ref} {carry}: {named}{more}"
    return (
        Evidence(carried, Basis.DERIVED, branch.head),
        Evidence(_RELATIONS[related], Basis.DERIVED, branch.head),
    )


_RELATIONS: Final = {
    Relation.SAME: "the squash touches the paths of that branch and leaves each as it is there",
    Relation.WITHIN: (
        "every path that the squash touches is as it is at that head; the branch touches others too"
    ),
    Relation.PATHS: "the squash touches the paths of that branch, with other contents in some",
    Relation.MOVED: (
        "the squash touches most of that branch's paths, but not the same: the head moved "
        "afterwards, or a part of it was merged otherwise"
    ),
}


def _underlying(commit: str, mark: Mark) -> tuple[Evidence, ...]:
    """The strongest mark's first piece of evidence, as it stands on that commit."""
    if not mark.evidence:
        return ()
    first = mark.evidence[0]
    return (Evidence(f"on {commit[:12]}: {first.text}", Basis.DERIVED, commit),)


def _wide(role: Role) -> int:
    return _WROTE.index(role) if role in _WROTE else len(_WROTE)


def _wider(role: Role, other: Role) -> bool:
    return _wide(role) < _wide(other)
