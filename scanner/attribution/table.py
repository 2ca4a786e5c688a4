"""All agents' signature rules, laid out for looking up rather than for trying one after another."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from scanner.rules.agents import AgentFile
from scanner.rules.signatures import EMAIL_FIELDS, Field, SignatureRule

CO_AUTHOR_KEYS = frozenset({"co-authored-by", "assisted-by", "generated-by"})
"""Trailers whose value is a person; in lower case."""

NAME_LIMIT = 200
"""Characters of a name beside an address; a longer one matches no rule that looks at names."""

_TELLING = 8
"""Letters of a footer's first word that make it rare enough in prose to look for it alone."""

_ACCOUNT = re.compile(r"[0-9]+\+(?=[^@]*\[bot\]@users\.noreply\.github\.com$)")


class Entry(NamedTuple):
    """One rule's value in one field."""

    agent: AgentFile
    rule: SignatureRule
    field: Field
    value: str
    expression: re.Pattern[str] | None
    """The rule's `name`, or for a trailer the value itself."""


class Table:
    """Every rule by what it looks at. Immutable once built; safe to share."""

    def __init__(self, agents: Iterable[AgentFile]) -> None:
        entries = list(_entries(agents))
        self._emails = {
            field: _grouped(entry for entry in entries if entry.field is field)
            for field in EMAIL_FIELDS
        }
        self._keys = _grouped(entry for entry in entries if entry.field is Field.SIGNING_KEY)
        self._footers = _grouped(entry for entry in entries if entry.field is Field.FOOTER)
        trailers: defaultdict[str, list[Entry]] = defaultdict(list)
        for entry in entries:
            if entry.field is Field.TRAILER:
                for key in entry.rule.keys:
                    trailers[key.lower()].append(entry)
        self._trailers = dict(trailers)
        self._affixes = {
            field: tuple(entry for entry in entries if entry.field is field)
            for field in (Field.AUTHOR_SUFFIX, Field.COMMITTER_SUFFIX, Field.BRANCH)
        }
        self._needles = _needles(self._trailers, self._footers)

    def speaks(self, message: str) -> bool:
        """Whether reading the message line by line could find anything. False is certain and
        quick; most messages end here."""
        lowered = message.lower()
        return any(needle in lowered for needle in self._needles)

    def email(self, field: Field, name: str, email: str) -> Iterator[tuple[Entry, str | None]]:
        """The rules that a name and an address satisfy, with the model that the name states."""
        lowered = email.lower()
        if "[bot]@" in lowered:
            lowered = _ACCOUNT.sub("", lowered, count=1)
        for entry in self._emails[field].get(lowered, ()):
            yield from _matched(entry, name)

    def trailer(self, key: str, value: str) -> Iterator[tuple[Entry, str | None]]:
        """The rules that a trailer satisfies, with the model that it states."""
        for entry in self._trailers.get(key, ()):
            yield from _matched(entry, value)

    def footer(self, text: str) -> tuple[Entry, ...]:
        """The rules that a line (`message.bare`) satisfies."""
        return self._footers.get(text, ())

    def key(self, key: str) -> tuple[Entry, ...]:
        """The rules that a signing key satisfies."""
        return self._keys.get(key, ())

    def suffix(self, field: Field, name: str) -> Iterator[Entry]:
        """The rules that the end of a name satisfies."""
        return (entry for entry in self._affixes[field] if name.endswith(entry.value))

    def branch(self, name: str) -> Iterator[Entry]:
        """The rules that the beginning of a branch's name satisfies."""
        return (entry for entry in self._affixes[Field.BRANCH] if name.startswith(entry.value))


def _entries(agents: Iterable[AgentFile]) -> Iterator[Entry]:
    for agent in agents:
        for rule in agent.signatures:
            name = re.compile(rule.name) if rule.name else None
            for field in rule.fields:
                for value in rule.values:
                    expression = re.compile(value) if field is Field.TRAILER else name
                    yield Entry(agent, rule, field, value, expression)


def _grouped(entries: Iterable[Entry]) -> dict[str, tuple[Entry, ...]]:
    found: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        found[entry.value].append(entry)
    return {value: tuple(group) for value, group in found.items()}


def _matched(entry: Entry, text: str) -> Iterator[tuple[Entry, str | None]]:
    if entry.expression is None:
        yield entry, None
    elif len(text) <= NAME_LIMIT and (match := entry.expression.fullmatch(text)):
        yield entry, match.groupdict().get("model")


def _needles(trailers: Iterable[str], footers: Iterable[str]) -> tuple[str, ...]:
    """A few words in lower case of which every message that carries a mark holds one. Fewer are
    quicker, each costs a pass over the message: one that holds another is dropped."""
    words = set(CO_AUTHOR_KEYS) | set(trailers)
    for footer in footers:
        first, _, rest = footer.lower().partition(" ")
        words.add(first if len(first) >= _TELLING else f"{first} {rest.split(' ', 1)[0]}".strip())
    return tuple(sorted(word for word in words if not any(o != word and o in word for o in words)))
