"""Gives back to squash commits the marks that their pull requests' commits carry."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec

from scanner.attribution.squash import (
    REQUEST_NUMBER,
    Branch,
    MarkedCommit,
    Relation,
    Touched,
    derived,
    relation,
    request_number,
    squashed_below,
    wrote,
)
from scanner.gitio import Repository
from scanner.gitio.commit_log import Selection, commit_log
from scanner.gitio.pulls import PullHead, other_tips, pull_heads, single_commits
from scanner.model import Attribution, Change, PathChange, Problem

Attribute = Callable[[Change], Attribution]

_HINT: Final = "attribute a range of the history at a time"


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What bounds the work; what lies beyond is left out, and said."""

    squashes: int = 50_000
    """Squash commits looked at."""
    commits: int = 300_000
    """Commits read behind all heads."""
    branch: int = 1_000
    """Commits of one branch. A longer one is hardly one piece of work: its base is not here."""
    steps: int = 3_000_000
    """Commits walked over for all branches together; branches may be built on one another."""
    paths: int = 2_000_000
    """Paths of branches' commits kept at a time."""


class Recovery(msgspec.Struct, frozen=True):
    """What squash recovery brought."""

    attributions: Mapping[str, Attribution]
    """Of the squash commits that gained a mark, by commit id: the old marks and the derived."""
    examined: int = 0
    """Squash commits without an agent's mark whose pull request's head is here."""
    unrelated: int = 0
    """Those whose pull request carries an agent's marks and touches something else."""
    problems: tuple[Problem, ...] = ()


class _Squash(NamedTuple):
    commit: str
    parent: str
    heads: tuple[PullHead, ...]
    attribution: Attribution


class _Node(NamedTuple):
    parents: tuple[str, ...]
    attribution: Attribution
    boundary: bool


class _Pair(NamedTuple):
    """A squash and a pull request that may be its own, with an agent's mark on some commit."""

    squash: _Squash
    head: PullHead
    commits: tuple[str, ...]
    """All of the request's, merges among them."""


def recover(
    repository: Repository,
    attribute: Attribute,
    revisions: Sequence[str] | None = None,
    limits: Limits | None = None,
) -> Recovery:
    """The marks of pull requests' commits, for the squash commits that lost them.

    `revisions` as `Repository.resolve_range` gives them bound the squash commits; None: those that
    branches and tags reach. The commits of pull requests are found by their refs, wherever they
    are. Four git processes whatever the number of requests, and hardly any work where no such ref
    was fetched. GitError when git can't answer.
    """
    squashes = Squashes(repository, attribute, limits)
    return squashes.recovered_in(revisions) if squashes.possible else Recovery({})


def with_recovered(attribute: Attribute, recovery: Recovery) -> Attribute:
    """`attribute`, but for the commits that recovery has an answer for."""

    def attributed(change: Change) -> Attribution:
        known = recovery.attributions.get(change.commit) if change.commit else None
        return attribute(change) if known is None else known

    return attributed


class Squashes:
    """Collects squash commits that no agent's mark stands on, and gives them back their marks."""

    def __init__(
        self, repository: Repository, attribute: Attribute, limits: Limits | None = None
    ) -> None:
        self._repository = repository
        self._attribute = attribute
        self._limits = limits or Limits()
        self._problems: list[Problem] = []
        refs = repository.refs()
        self._tips = other_tips(refs)
        self._heads: dict[str, list[PullHead]] = {}
        for head in pull_heads(refs):
            self._heads.setdefault(head.number, []).append(head)
        self._below: dict[str, str] = {}
        self._found: list[_Squash] = []
        self._is_full = False

    @property
    def possible(self) -> bool:
        """Whether any pull request's head is here."""
        return bool(self._heads)

    @property
    def expression(self) -> str | None:
        """What every message that names a request holds; None where the merge above may name it."""
        return None if any(one.startswith("!") for one in self._heads) else REQUEST_NUMBER

    def add(self, change: Change) -> bool:
        """Take the next change, newest first; whether it is one that may get marks."""
        merged = squashed_below(change)
        if merged is not None:
            self._below[merged[0]] = merged[1]
            return False
        commit = change.commit or ""
        number = request_number(change) or self._below.pop(commit, None)
        if number is None or len(change.parents) != 1 or self._is_full:
            return False
        known = tuple(one for one in self._heads.get(number, ()) if one.commit != commit)
        if not known or (attribution := self._attribute(change)).agent is not None:
            return False
        if len(self._found) >= self._limits.squashes:
            self._is_full = True
            self._left_out(f"more than {len(self._found)} squash commits: older ones")
            return False
        self._found.append(_Squash(commit, change.parents[0], known, attribution))
        return True

    def recovered_in(self, revisions: Sequence[str] | None) -> Recovery:
        """Takes the changes of these revisions, None: of branches and tags; then `recovered`."""
        if wanted := tuple(revisions or self._tips):
            for change in self._changes(Selection(revisions=wanted)):
                self.add(change)
                if self._is_full:
                    break
        return self.recovered()

    def recovered(self) -> Recovery:
        """What the requests' commits say of the changes taken."""
        squashes = self._found
        nodes = self._nodes(squashes)
        pairs = list(self._pairs(squashes, nodes))
        found, unrelated = self._related(pairs, squashes, nodes)
        return Recovery(found, len(squashes), unrelated, tuple(self._problems))

    def _nodes(self, squashes: Sequence[_Squash]) -> dict[str, _Node]:
        """The commits behind the heads, without what any squash was put on top of; none when there
        are too many, for what is missing would be taken for a branch's base."""
        nodes: dict[str, _Node] = {}
        if not squashes:
            return nodes
        for change in self._changes(Selection(revisions=_behind(squashes))):
            if len(nodes) >= self._limits.commits:
                self._left_out(f"more than {len(nodes)} commits of pull requests: they were")
                return {}
            nodes[change.commit or ""] = _Node(
                change.parents, self._attribute(change), change.boundary
            )
        return nodes

    def _pairs(self, squashes: Sequence[_Squash], nodes: Mapping[str, _Node]) -> Iterator[_Pair]:
        steps = 0
        for squash in squashes:
            for head in squash.heads:
                if steps > self._limits.steps:
                    self._left_out("pull requests built on many others: some of them")
                    return
                commits = _commits(head.commit, nodes, self._limits.branch)
                steps += len(commits)
                if any(_is_marked(nodes[commit]) for commit in commits):
                    yield _Pair(squash, head, commits)

    def _related(
        self, pairs: Sequence[_Pair], squashes: Sequence[_Squash], nodes: Mapping[str, _Node]
    ) -> tuple[dict[str, Attribution], int]:
        """The new attributions, and how many squashes are none of their requests' work."""
        found: dict[str, Attribution] = {}
        fitting: set[str] = set()
        asked = {pair.squash.commit for pair in pairs}
        single = single_commits(self._repository, sorted(asked))
        squashed = {change.commit: change.paths for change in self._only(single)}
        touched = self._touched(pairs, squashes) if pairs else {}
        order = {commit: number for number, commit in enumerate(touched)}
        for pair in pairs:
            if not touched.keys() >= set(pair.commits):
                continue
            commits = sorted(pair.commits, key=lambda commit: order[commit])
            own = Touched.by([squashed.get(pair.squash.commit, ())])
            related = relation(own, Touched.by(touched[commit] for commit in commits))
            if related is Relation.NONE:
                continue
            fitting.add(pair.squash.commit)
            branch = _branch(
                pair.head,
                nodes,
                [one for one in commits if any(path.path in own.contents for path in touched[one])],
            )
            before = found.get(pair.squash.commit, pair.squash.attribution)
            after = derived(before, branch, related)
            if after is not before:
                found[pair.squash.commit] = after
        return found, len(asked - fitting)

    def _touched(
        self, pairs: Sequence[_Pair], squashes: Sequence[_Squash]
    ) -> dict[str, tuple[PathChange, ...]]:
        """The paths of the pairs' commits, in the order in which git gives the commits."""
        wanted = {commit for pair in pairs for commit in pair.commits}
        heads = dict.fromkeys(pair.head.commit for pair in pairs)
        touched: dict[str, tuple[PathChange, ...]] = {}
        kept = 0
        for change in self._changes(Selection(revisions=_behind(squashes, heads), paths=True)):
            if change.commit in wanted:
                touched[change.commit] = change.paths
                kept += len(change.paths)
            if kept > self._limits.paths:
                self._left_out(f"more than {self._limits.paths} paths in pull requests: the rest")
                break
        return touched

    def _changes(self, selection: Selection) -> Iterator[Change]:
        return self._only(commit_log(self._repository, selection))

    def _only(self, items: Iterable[Change | Problem]) -> Iterator[Change]:
        for item in items:
            if isinstance(item, Problem):
                self._problems.append(item)
            else:
                yield item

    def _left_out(self, what: str) -> None:
        reason = f"{what} not searched for the marks that squashes dropped"
        self._problems.append(Problem("attribution", "pull requests", reason, _HINT))


def _behind(squashes: Sequence[_Squash], heads: Iterable[str] | None = None) -> tuple[str, ...]:
    """The heads' commits without those that any squash's parent reaches. What is left of a branch
    is never more than the squash's own; of branches built on one another it may be less."""
    if heads is None:
        heads = (head.commit for squash in squashes for head in squash.heads)
    bases = dict.fromkeys(f"^{squash.parent}" for squash in squashes)
    return (*dict.fromkeys(heads), *bases)


def _commits(head: str, nodes: Mapping[str, _Node], limit: int) -> tuple[str, ...]:
    """The branch's commits; none when there are more than the limit, or its base is cut off."""
    seen = {head} if head in nodes else set()
    waiting = list(seen)
    while waiting:
        node = nodes[waiting.pop()]
        if node.boundary:
            return ()
        for parent in node.parents:
            if parent in nodes and parent not in seen:
                seen.add(parent)
                waiting.append(parent)
        if len(seen) > limit:
            return ()
    return tuple(seen)


def _is_marked(node: _Node) -> bool:
    """Whether an agent left a mark of having written it; a merge's content is others' work."""
    return len(node.parents) == 1 and any(wrote(mark) for mark in node.attribution.marks)


def _branch(head: PullHead, nodes: Mapping[str, _Node], commits: Sequence[str]) -> Branch:
    marked = (
        MarkedCommit(commit, nodes[commit].attribution)
        for commit in commits
        if _is_marked(nodes[commit])
    )
    ordinary = sum(len(nodes[commit].parents) == 1 for commit in commits)
    return Branch(head.ref, head.commit, ordinary, tuple(marked))
