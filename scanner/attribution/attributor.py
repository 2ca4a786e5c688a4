"""From the marks on a commit to an attribution: which agent, in what role, how sure, and why."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from scanner.attribution import message
from scanner.attribution.marks import Hit, combined
from scanner.attribution.table import CO_AUTHOR_KEYS, Entry, Table
from scanner.model import Attribution, Change, Identity, Mark
from scanner.rules.agents import AgentFile
from scanner.rules.signatures import Field

_NOTHING = Attribution()
_IDENTITIES = 1 << 14
"""Pairs of author and committer remembered; history is written by few people at a time."""
_LINES = 1 << 12
"""Lines remembered, of those that may say something; their length is limited."""
_REMEMBERED = 1 << 8
"""Characters of a name or an address; a pair with a longer one is not remembered."""
_REPEATS = 16
"""Times that one value of a rule is looked at in a message; a squash repeats its trailers."""


class _Said(NamedTuple):
    """A rule that a line satisfies."""

    entry: Entry
    what: str
    model: str | None = None
    trailer: bool = False


class Attributor:
    """Reads marks by the signature rules of the given agents and bots.

    Reusable for any number of changes, and cheap to ask: nearly all changes without a mark are
    answered by a few lookups. Build one a process: it remembers identities and does not pickle.
    """

    def __init__(self, agents: Iterable[AgentFile]) -> None:
        self._table = Table(agents)
        self._identities: dict[tuple[Identity, Identity], tuple[Hit, ...]] = {}
        self._lines = lru_cache(_LINES)(self._said)

    def attribute(
        self, change: Change, *, branches: Iterable[str] = (), notes: Iterable[str] = ()
    ) -> Attribution:
        """The marks on one change, one for each agent.

        `branches` are full names of refs that reach the change while no other ref does, and `notes`
        those of refs that hold a note on it, where the caller knows. `change.ref` is not read: git
        names for each commit one of the refs that reach it, and a commit of the main branch may
        well get the name of an agent's branch.

        Ordered: agents before bots, agents that wrote content before committers only, then
        strongest tier, strongest role, id. No mark means no evidence; it never means a human.
        """
        hits = self._hits(change, branches, notes)
        if not hits:
            return _NOTHING
        marks = combined(hits, change)
        return Attribution(marks) if marks else _NOTHING

    def hints(
        self, change: Change, *, branches: Iterable[str] = (), notes: Iterable[str] = ()
    ) -> tuple[Mark, ...]:
        """What only hints at agents that left no mark. To be shown as a hint, never counted."""
        return combined(self._hits(change, branches, notes), change, hints=True)

    @property
    def words(self) -> frozenset[str]:
        """In lower case; one of them stands in every message that has a mark, in any case, unless
        it is a merge's."""
        return self._table.words

    def is_quiet(self, person: Identity) -> bool:
        """Whether no rule names this author or committer."""
        return not self._table.knows(person.name, person.email)

    def is_quiet_merge(self, subject: str) -> bool:
        """Whether the branch that a merge's subject names is no agent's."""
        branch = message.merged_branch(subject)
        return branch is None or next(iter(self._table.branch(branch)), None) is None

    def branch_marks(self, refs: Iterable[str]) -> dict[str, tuple[Mark, ...]]:
        """For each full ref name of a branch whose name alone is a mark of what only it reaches,
        the marks of its tip. Commits that some other ref reaches as well get none of them."""
        found = {ref: combined(self._branch_hits(ref), None) for ref in refs}
        return {ref: marks for ref, marks in found.items() if marks}

    def _hits(
        self, change: Change, branches: Iterable[str], notes: Iterable[str]
    ) -> tuple[Hit, ...]:
        hits = self._identity(change.author, change.committer)
        if change.signature is not None or len(change.parents) > 1:
            hits = (*hits, *self._object_hits(change))
        if self._table.speaks(change.message):
            hits = (*hits, *self._message_hits(change))
        for ref in branches:
            hits = (*hits, *self._branch_hits(ref))
        for ref in notes:
            hits = (*hits, *(Hit(entry, f"a note in {ref}") for entry in self._table.note(ref)))
        return hits

    def _identity(self, author: Identity, committer: Identity) -> tuple[Hit, ...]:
        pair = author, committer
        known = self._identities.get(pair)
        if known is None:
            names = (author.name, author.email, committer.name, committer.email)
            known = self._identity_hits(*names)
            if len(self._identities) < _IDENTITIES and max(map(len, names)) <= _REMEMBERED:
                self._identities[pair] = known
        return known

    def _identity_hits(
        self, author: str, author_email: str, committer: str, committer_email: str
    ) -> tuple[Hit, ...]:
        table = self._table
        hits = [
            Hit(entry, f"author e-mail {entry.value}", model)
            for entry, model in table.email(Field.AUTHOR_EMAIL, author, author_email)
        ]
        hits += [
            Hit(entry, f'author name ends in "{entry.value}"')
            for entry in table.suffix(Field.AUTHOR_SUFFIX, author)
        ]
        if committer_email.lower() != author_email.lower():
            hits += [
                Hit(entry, f"committer e-mail {entry.value}, another author", model)
                for entry, model in table.email(Field.COMMITTER_EMAIL, committer, committer_email)
            ]
        if committer != author:
            hits += [
                Hit(entry, f'committer name ends in "{entry.value}", the author\'s does not')
                for entry in table.suffix(Field.COMMITTER_SUFFIX, committer)
            ]
        return tuple(hits)

    def _object_hits(self, change: Change) -> Iterator[Hit]:
        if change.signature is not None and change.signature.key is not None:
            for entry in self._table.key(change.signature.key):
                yield Hit(entry, f"signed with key {entry.value} (not verified)")
        if len(change.parents) > 1 and (branch := message.merged_branch(change.subject)):
            for entry in self._table.branch(branch):
                text = f"merges a branch {_named(entry)}; the work is in the merged commits"
                yield Hit(entry, text)

    def _branch_hits(self, ref: str) -> Iterator[Hit]:
        branch = message.branch_of(ref)
        for entry in self._table.branch(branch) if branch is not None else ():
            if entry.rule.alone:
                yield Hit(entry, f"only a branch {_named(entry)} reaches it")

    def _message_hits(self, change: Change) -> list[Hit]:
        place = " of a merge commit" if len(change.parents) > 1 else ""
        times: dict[tuple[int, bool], int] = {}
        found = []
        for line in message.lines(change.message, self._table.telling, self._table.later):
            for hit in self._line_hits(line, place):
                key = (id(hit.entry), hit.doubt)
                times[key] = times.get(key, 0) + 1
                if times[key] <= _REPEATS:
                    found.append(hit)
        return found

    def _line_hits(self, line: message.Line, place: str) -> list[Hit]:
        said = self._lines(line.text)
        if not said:
            return []
        doubt = bool(line.doubt)
        where = f"message line {line.number}{place}"
        if doubt:
            where += f", {line.doubt}: it may be quoted text"
        above = "" if line.last else ", above the last paragraph"
        return [
            Hit(entry, f"{what}, {where}{above if trailer else ''}", model, doubt)
            for entry, what, model, trailer in said
        ]

    def _said(self, text: str) -> tuple[_Said, ...]:
        """What a line says, wherever it stands."""
        table = self._table
        found = [_Said(one, _quoted(one)) for one in table.footer(message.bare(text))]
        trailer = message.trailer(text)
        if trailer is None:
            return tuple(found)
        key = f"trailer {trailer.key}"
        found += [_Said(one, key, model, True) for one, model in table.trailer(*trailer)]
        if trailer.key in CO_AUTHOR_KEYS and (person := message.person(trailer.value)):
            found += [
                _Said(one, f"{key} with {one.value}", model, True)
                for one, model in table.email(Field.CO_AUTHOR, *person)
            ]
        return tuple(found)


def _named(entry: Entry) -> str:
    if entry.field is Field.BRANCH:
        return f"under {entry.value}"
    return f"named as {entry.agent.name} names them"


def _quoted(entry: Entry) -> str:
    return f'footer "{entry.value}"' if entry.field is Field.FOOTER else f"line {entry.rule.id}"
