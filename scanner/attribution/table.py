"""All agents' signature rules, laid out for looking up rather than for trying one after another."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from typing import NamedTuple

from scanner.rules.agents import AgentFile
from scanner.rules.signatures import (
    EMAIL_FIELDS,
    EXPRESSION_FIELDS,
    Field,
    SignatureRule,
    Standing,
    line_beginning,
)

CO_AUTHOR_KEYS = frozenset({"co-authored-by", "assisted-by", "generated-by"})
"""Trailers whose value is a person; in lower case."""

NAME_LIMIT = 200
"""Characters of a name beside an address; a longer one matches no rule that looks at names."""

_EXPRESSIONS = 1 << 10
"""Expressions kept compiled; all rules together have fewer."""
_ACCOUNT = re.compile(r"[0-9]+\+(?=[^@]*\[bot\]@users\.noreply\.github\.com$)")


class Entry(NamedTuple):
    """One rule's value in one field."""

    agent: AgentFile
    rule: SignatureRule
    field: Field
    value: str
    expression: str
    """The rule's `name`, or where the values are expressions the value itself. Empty: none."""
    standing: Standing


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
        self._trailers = {key: _Joined(group) for key, group in trailers.items()}
        self._lines: defaultdict[str, list[tuple[str, Entry]]] = defaultdict(list)
        for entry in entries:
            if entry.field is Field.LINE:
                beginning = line_beginning(entry.value)
                self._lines[beginning[0]].append((beginning, entry))
        self._notes = _grouped(entry for entry in entries if entry.field is Field.NOTES)
        self._listed = {
            field: tuple(entry for entry in entries if entry.field is field)
            for field in (
                Field.AUTHOR_SUFFIX,
                Field.COMMITTER_SUFFIX,
            )
        }
        self._suffixes = tuple(one.value for group in self._listed.values() for one in group)
        self._addresses = frozenset(one for group in self._emails.values() for one in group)
        self._branch_names = _Joined(entry for entry in entries if entry.field is Field.BRANCH_NAME)
        self._branches: defaultdict[str, list[Entry]] = defaultdict(list)
        for entry in entries:
            if entry.field is Field.BRANCH:
                self._branches[entry.value.partition("/")[0]].append(entry)
        lines = [text for group in self._lines.values() for text, _ in group]
        footers = {" ".join(footer.lower().split(" ")[:3]) for footer in self._footers}
        keys = {*CO_AUTHOR_KEYS, *self._trailers}
        self.words = frozenset({*keys, *footers, *lines})
        """In lower case; one of them stands in every message of which `speaks` is true."""
        self._beginnings = frozenset({*(f"{key}:" for key in keys), *footers, *lines})

    @cached_property
    def telling(self) -> re.Pattern[str]:
        """Matches the beginning of every line, stripped or not, that some rule could match."""
        return re.compile(_beginning(self._beginnings))

    @cached_property
    def later(self) -> re.Pattern[str]:
        """The same behind a line feed."""
        return re.compile(f"\n{_beginning(self._beginnings)}")

    def speaks(self, message: str) -> bool:
        """Whether reading the message line by line could find anything. False is certain and
        quick; most messages end here."""
        return bool(message) and (  # a staged change has none, and a hook no time to compile
            self.later.search(message) is not None
            or self.telling.match(message) is not None
            # A line may begin behind an escape. One character is found far quicker than two.
            or ("\\" in message and "\\n" in message)
        )

    def knows(self, name: str, email: str) -> bool:
        """Whether some rule names the address, or the end of the name."""
        return name.endswith(self._suffixes) or _plain(email) in self._addresses

    def email(self, field: Field, name: str, email: str) -> Iterator[tuple[Entry, str | None]]:
        """The rules that a name and an address satisfy, with the model that the name states."""
        for entry in self._emails[field].get(_plain(email), ()):
            yield from _matched(entry, name)

    def trailer(self, key: str, value: str) -> Iterable[tuple[Entry, str | None]]:
        """The rules that a trailer satisfies, with the model that it states."""
        joined = self._trailers.get(key)
        return joined.matches(value) if joined is not None else ()

    def footer(self, text: str) -> Iterator[Entry]:
        """The rules that a line (`message.bare`) satisfies."""
        yield from self._footers.get(text, ())
        for beginning, entry in self._lines.get(text[:1].lower(), ()):
            if text[: len(beginning)].lower() == beginning:
                for found, _ in _matched(entry, text):
                    yield found

    def key(self, key: str) -> tuple[Entry, ...]:
        """The rules that a signing key satisfies."""
        return self._keys.get(key, ())

    def suffix(self, field: Field, name: str) -> Iterator[Entry]:
        """The rules that the end of a name satisfies."""
        return (entry for entry in self._listed[field] if name.endswith(entry.value))

    def branch(self, name: str) -> Iterator[Entry]:
        """The rules that a branch's name satisfies."""
        for entry in self._branches.get(name.partition("/")[0], ()):
            if name.startswith(entry.value):
                yield entry
        yield from (entry for entry, _ in self._branch_names.matches(name))

    def note(self, ref: str) -> tuple[Entry, ...]:
        """The rules that a note on the commit in this ref satisfies."""
        return self._notes.get(ref, ())


class _Joined:
    """Rules whose expressions are tried on the same text: as one first, which most texts fail."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries = tuple(entries)

    @cached_property
    def _any(self) -> re.Pattern[str]:
        values = (entry.value.replace("(?P<model>", "(?:") for entry in self._entries)
        return re.compile("|".join(f"(?:{value})" for value in values))

    def matches(self, text: str) -> Iterable[tuple[Entry, str | None]]:
        """The rules that the whole text satisfies, with the model that it states."""
        if len(text) > NAME_LIMIT or self._any.fullmatch(text) is None:
            return ()
        return (found for entry in self._entries for found in _matched(entry, text))


def _entries(agents: Iterable[AgentFile]) -> Iterator[Entry]:
    for agent in agents:
        for rule in agent.signatures:
            for field in rule.fields:
                for value in rule.values:
                    expression = value if field in EXPRESSION_FIELDS else rule.name
                    yield Entry(agent, rule, field, value, expression, rule.standing(field))


def _plain(email: str) -> str:
    """In lower case; a `[bot]` account without its number."""
    lowered = email.lower()
    return _ACCOUNT.sub("", lowered, count=1) if "[bot]@" in lowered else lowered


def _grouped(entries: Iterable[Entry]) -> dict[str, tuple[Entry, ...]]:
    found: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        found[entry.value].append(entry)
    return {value: tuple(group) for value, group in found.items()}


def _matched(entry: Entry, text: str) -> Iterator[tuple[Entry, str | None]]:
    if not entry.expression:
        yield entry, None
    elif len(text) <= NAME_LIMIT and (match := _compiled(entry.expression).fullmatch(text)):
        yield entry, match.groupdict().get("model")


@lru_cache(_EXPRESSIONS)
def _compiled(expression: str) -> re.Pattern[str]:
    """Compiled when first needed: most runs meet few agents, and a hook has to be quick."""
    return re.compile(expression)


def _beginning(words: Iterable[str]) -> str:
    """An expression for how every line that carries a mark begins, whatever symbols stand before.

    Nothing it skips can be what it looks for, so it never goes back (`*+`).
    """
    return rf"[^A-Za-z0-9\[\n]*+{_branches(words)}"


def _branches(words: Iterable[str]) -> str:
    """One expression for words in lower case, any case matched, parted letter by letter: each look
    at a letter rules most of them out. A colon may have a blank before it."""
    by_letter: defaultdict[str, set[str]] = defaultdict(set)
    for word in words:
        if not word:
            return ""  # one of them ends here, and the others begin with it
        by_letter[word[0]].add(word[1:])
    parts = []
    for letter, rest in sorted(by_letter.items()):
        one = f"[{letter}{letter.upper()}]" if letter.isalpha() else re.escape(letter)
        parts.append(("[ \\t]?:" if letter == ":" else one) + _branches(rest))
    return parts[0] if len(parts) == 1 else f"(?:{'|'.join(parts)})"
