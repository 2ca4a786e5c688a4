"""From the marks on a commit to an attribution: which agent, in what role, how sure, and why."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import NamedTuple

from scanner.attribution import message
from scanner.attribution.table import CO_AUTHOR_KEYS, Entry, Table
from scanner.model import Attribution, Change, Evidence, Mark, Role, Tier
from scanner.rules.agents import AgentFile
from scanner.rules.signatures import Field, Standing

_NOTHING = Attribution()
_ROLES = tuple(Role)
_IDENTITIES = 1 << 14
"""Pairs of author and committer remembered; history is written by few people at a time."""
_REMEMBERED = 1 << 10
"""Characters of a pair's names and addresses; a longer one is not remembered."""
_REPEATS = 16
"""Times that one value of a rule is looked at in a message; a squash repeats its trailers."""
_MODELS = 4
"""Model names reported for one mark; a squash can state many."""

# A model's name goes into reports, and it comes from free text, where a credential could have been
# pasted. Reported is only what is built like a model's name, of short words and numbers with
# punctuation between, and names a known family; any other model stays unknown.
_MODEL = re.compile(
    r"(?=.*(?i:claude|opus|sonnet|haiku|fable|gpt|gemini|gemma|grok|qwen|kimi|glm|deepseek|minimax"
    r"|llama|mistral|devstral|codestral|nova|[0-9]\.[0-9]))"
    r"(?:\(?(?:[A-Za-z]{1,12}[0-9]{0,3}[A-Za-z]?|[0-9]{1,8}[A-Za-z]{0,2})\)?(?:[ ./:_-]+|$)){1,12}"
)


class _Hit(NamedTuple):
    """One rule satisfied."""

    entry: Entry
    text: str
    """The evidence. Quotes rule data and positions only, never the commit's free text."""
    model: str | None = None
    doubt: bool = False
    """It may be quoted text."""


class _Weighed(NamedTuple):
    """A hit with what it says on the commit's day."""

    hit: _Hit
    standing: Standing
    notes: tuple[str, ...]


class Attributor:
    """Reads marks by the signature rules of the given agents and bots.

    Reusable for any number of changes, and cheap to ask: nearly all changes without a mark are
    answered by a few lookups. Build one a process: it remembers identities and does not pickle.
    """

    def __init__(self, agents: Iterable[AgentFile]) -> None:
        self._table = Table(agents)
        self._identities = lru_cache(_IDENTITIES)(self._identity_hits)

    def attribute(self, change: Change) -> Attribution:
        """The marks on one change, one for each agent.

        Ordered: agents before bots, agents that wrote content before committers only, then
        strongest tier, strongest role, id. No mark means no evidence; it never means a human.

        `change.ref` is not read: git names for each commit one of the refs that reach it, and a
        commit of the main branch may well get the name of an agent's branch.
        """
        hits = self._identity(change)
        if change.signature is not None or len(change.parents) > 1:
            hits = (*hits, *self._object_hits(change))
        if self._table.speaks(change.message):
            hits = (*hits, *self._message_hits(change))
        return _attribution(hits, change) if hits else _NOTHING

    def _identity(self, change: Change) -> tuple[_Hit, ...]:
        author, committer = change.author, change.committer
        names = (author.name, author.email, committer.name, committer.email)
        if sum(map(len, names)) > _REMEMBERED:
            return self._identity_hits(*names)
        return self._identities(*names)

    def _identity_hits(
        self, author: str, author_email: str, committer: str, committer_email: str
    ) -> tuple[_Hit, ...]:
        table = self._table
        hits = [
            _Hit(entry, f"author e-mail {entry.value}", model)
            for entry, model in table.email(Field.AUTHOR_EMAIL, author, author_email)
        ]
        hits += [
            _Hit(entry, f'author name ends in "{entry.value}"')
            for entry in table.suffix(Field.AUTHOR_SUFFIX, author)
        ]
        if committer_email.lower() != author_email.lower():
            hits += [
                _Hit(entry, f"committer e-mail {entry.value}, another author", model)
                for entry, model in table.email(Field.COMMITTER_EMAIL, committer, committer_email)
            ]
        if committer != author:
            hits += [
                _Hit(entry, f'committer name ends in "{entry.value}", the author\'s does not')
                for entry in table.suffix(Field.COMMITTER_SUFFIX, committer)
            ]
        return tuple(hits)

    def _object_hits(self, change: Change) -> Iterator[_Hit]:
        if change.signature is not None and change.signature.key is not None:
            for entry in self._table.key(change.signature.key):
                yield _Hit(entry, f"signed with key {entry.value} (not verified)")
        if len(change.parents) > 1 and (branch := message.merged_branch(change.subject)):
            for entry in self._table.branch(branch):
                text = f"merges a branch under {entry.value}; the work is in the merged commits"
                yield _Hit(entry, text)

    def _message_hits(self, change: Change) -> Iterator[_Hit]:
        place = " of a merge commit" if len(change.parents) > 1 else ""
        times: Counter[tuple[str, ...]] = Counter()
        for line in message.lines(change.message):
            for hit in self._line_hits(line, f"message line {line.number}{place}"):
                key = (hit.entry.agent.id, hit.entry.rule.id, hit.entry.value, str(hit.doubt))
                times[key] += 1
                if times[key] <= _REPEATS:
                    yield hit

    def _line_hits(self, line: message.Line, where: str) -> Iterator[_Hit]:
        doubt = bool(line.doubt)
        if doubt:
            where += f", {line.doubt}: it may be quoted text"
        for entry in self._table.footer(message.bare(line.text)):
            yield _Hit(entry, f'footer "{entry.value}", {where}', None, doubt)
        trailer = message.trailer(line.text)
        if trailer is None:
            return
        if not line.last:
            where += ", above the last paragraph"
        for entry, model in self._table.trailer(*trailer):
            yield _Hit(entry, f"trailer {trailer.key}, {where}", model, doubt)
        if trailer.key in CO_AUTHOR_KEYS and (person := message.person(trailer.value)):
            for entry, model in self._table.email(Field.CO_AUTHOR, *person):
                text = f"trailer {trailer.key} with {entry.value}, {where}"
                yield _Hit(entry, text, model, doubt)


def _attribution(hits: Iterable[_Hit], change: Change) -> Attribution:
    # The committer's date, because a mark may be added whenever a commit is rewritten.
    day = _day(change.committer_time)
    found: dict[str, list[_Weighed]] = {}
    for hit in hits:
        weighed = _weighed(hit, day)
        if weighed is not None:
            found.setdefault(hit.entry.agent.id, []).append(weighed)
    marks = [_mark(group, change.commit) for group in found.values()]
    marks.sort(
        key=lambda mark: (
            mark.bot,
            mark.role is Role.COMMITTER,
            mark.tier.rank,
            _ROLES.index(mark.role),
            mark.agent,
        )
    )
    return Attribution(tuple(marks)) if marks else _NOTHING


def _weighed(hit: _Hit, day: date) -> _Weighed | None:
    rule = hit.entry.rule
    standing = rule.standing(hit.entry.field)
    notes: tuple[str, ...] = (rule.note,)
    if rule.window is not None and not rule.window.holds(day):
        outside = rule.window.outside
        if outside is None:
            return None
        standing = Standing(outside.tier, outside.role)
        notes = (rule.note, outside.note)
    if hit.doubt and standing.tier.rank < Tier.FOOTER.rank:
        standing = Standing(Tier.FOOTER, standing.role)
    return _Weighed(hit, standing, notes)


def _mark(group: list[_Weighed], commit: str | None) -> Mark:
    """One agent's hits as one mark: the widest role, and the strongest tier that supports it."""
    agent = group[0].hit.entry.agent
    role = min((weighed.standing.role for weighed in group), key=_ROLES.index)
    group = sorted(group, key=lambda weighed: (weighed.standing.role is not role, _rank(weighed)))
    evidence: dict[tuple[str, Field], Evidence] = {}
    models: dict[str, None] = {}
    for weighed in group:
        entry = weighed.hit.entry
        # A note explains its rule's role; beside a wider one it would contradict the mark.
        notes = weighed.notes if weighed.standing.role is role else ()
        text = ". ".join(filter(None, (weighed.hit.text, *notes)))
        # One piece of evidence a rule and field: a squash repeats its trailers.
        evidence.setdefault((entry.rule.id, entry.field), Evidence(text, source=commit))
        model = _model(weighed.hit.model)
        if model is not None and len(models) < _MODELS:
            models[model] = None
    return Mark(
        agent=agent.id,
        name=agent.name,
        role=role,
        tier=group[0].standing.tier,
        evidence=tuple(evidence.values()),
        model=", ".join(models) or None,
        bot=agent.kind == "bot",
    )


def _rank(weighed: _Weighed) -> int:
    return weighed.standing.tier.rank


def _model(text: str | None) -> str | None:
    return text if text is not None and _MODEL.fullmatch(text) else None


def _day(time: int) -> date:
    """The day in UTC; a hostile commit's impossible time is taken for the epoch."""
    try:
        return datetime.fromtimestamp(time, UTC).date()
    except (OverflowError, ValueError, OSError):
        return date(1970, 1, 1)
