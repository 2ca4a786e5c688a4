"""What a commit message discloses about agents, and who signed the commit off."""

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple

from scanner.attribution import message
from scanner.attribution.attributor import Attributor
from scanner.model import Change, Identity, Mark, Role, Tier, Where
from scanner.rules.agents import AgentFile
from scanner.rules.policy import Form
from scanner.rules.signatures import Field

LONGEST_VALUE: Final = 120
"""Characters of a trailer's value; a longer one is of no form."""
SIGN_OFF: Final = "signed-off-by"
_SHARED: Final = frozenset({"assisted-by", "generated-by", "co-authored-by"})
"""Trailers under which people are thanked as well."""
_SIGNING: Final = re.compile(r"igned-off-by[ \t]?:([^\n]{1,200})", re.IGNORECASE)
_ACCOUNT: Final = re.compile(r"[0-9]+\+")
_DAY: Final = 86_400
_REMEMBERED: Final = 1 << 12
_NOBODY: Final = Identity("", "")


class State(StrEnum):
    """What the best disclosure of a message comes to."""

    RIGHT = "right"
    OTHER_FORM = "other-form"
    NONE = "none"


class Disclosure(NamedTuple):
    """The best disclosure of a message."""

    state: State
    key: str = ""
    """In lower case; a key of the rule data or of the project's settings."""
    line: int | None = None
    """In the message, from 1."""


class SignOff(NamedTuple):
    """A `Signed-off-by` that names an agent."""

    mark: Mark
    line: int


class Trailers:
    """Reads the trailers that a policy is about. Remembers values; build one a process."""

    def __init__(
        self,
        attributor: Attributor,
        agents: Iterable[AgentFile],
        wanted: Form | None,
        known: Iterable[Form],
    ) -> None:
        """`wanted`: the form that is asked for; `known`: all forms, to tell a disclosure in another
        form from none."""
        self._attributor = attributor
        self._addresses = frozenset(_addresses(agents))
        self._wanted = wanted
        self._keys = frozenset(key.lower() for key in wanted.keys) if wanted else frozenset()
        self._values = tuple(re.compile(value) for value in wanted.values) if wanted else ()
        forms = [*known, *([wanted] if wanted else [])]
        self._explicit = {key.lower() for form in forms if form.explicit for key in form.keys}
        self._explicit -= _SHARED
        disclosing = {key.lower() for form in forms for key in form.keys}
        self._disclosing = _beginning(disclosing)
        self._signing = _beginning({SIGN_OFF})
        self._may_be = lru_cache(_REMEMBERED)(self._may_be_an_agent)
        self._named = lru_cache(_REMEMBERED)(self._find_agents)

    def disclosure(self, change: Change) -> Disclosure:
        """The disclosure in the form asked for, else one in another form, else none.

        In doubt it is a right one: a form whose value is free text takes a person's name for a
        tool's, since no list of tools is complete.
        """
        best = Disclosure(State.NONE)
        for line, trailer in _trailers(change.message, self._disclosing):
            if self._is_right(trailer, change):
                return Disclosure(State.RIGHT, trailer.key, line)
            if best.state is State.NONE and self._is_about_an_agent(trailer, change):
                best = Disclosure(State.OTHER_FORM, trailer.key, line)
        return best

    def sign_offs(self, change: Change) -> Iterator[SignOff]:
        """Each agent that signed the change off, once."""
        if not any(map(self._may_be, _SIGNING.findall(change.message))):
            return
        seen: set[str] = set()
        for line, trailer in _trailers(change.message, self._signing):
            for mark in self._agents("co-authored-by", trailer.value, change):
                if mark.agent not in seen:
                    seen.add(mark.agent)
                    yield SignOff(mark, line)

    def _may_be_an_agent(self, value: str) -> bool:
        """False is certain. Some projects have a sign-off on every commit, nearly all by people."""
        person = message.person(value.strip()) if len(value) <= LONGEST_VALUE else None
        if person is None:
            return False
        return person.email in self._addresses or _ACCOUNT.sub("", person.email) in self._addresses

    def _is_right(self, trailer: message.Trailer, change: Change) -> bool:
        wanted, value = self._wanted, trailer.value
        if wanted is None or trailer.key not in self._keys or len(value) > LONGEST_VALUE:
            return False
        if any(expression.fullmatch(value) for expression in self._values):
            return True
        return wanted.or_agent and bool(self._agents(trailer.key, value, change))

    def _is_about_an_agent(self, trailer: message.Trailer, change: Change) -> bool:
        if trailer.key in self._explicit:
            return True
        return bool(self._agents(trailer.key, trailer.value, change))

    def _agents(self, key: str, value: str, change: Change) -> tuple[Mark, ...]:
        if len(value) > LONGEST_VALUE:
            return ()
        return self._named(key, value, change.committer_time // _DAY)

    def _find_agents(self, key: str, value: str, day: int) -> tuple[Mark, ...]:
        """The agents that a trailer alone makes a mark of: what knows an agent from a person."""
        time = day * _DAY
        alone = Change(
            where=Where.COMMIT,
            commit=None,
            parents=(),
            author=_NOBODY,
            author_time=time,
            committer=_NOBODY,
            committer_time=time,
            message=f"-\n\n{key}: {value}",
            paths=(),
        )
        return tuple(
            mark
            for mark in self._attributor.attribute(alone).marks
            if not mark.bot and mark.role is Role.CO_AUTHOR and mark.tier.rank <= Tier.TRAILER.rank
        )


def _addresses(agents: Iterable[AgentFile]) -> Iterator[str]:
    for agent in agents:
        for rule in agent.signatures:
            if Field.CO_AUTHOR in rule.fields:
                yield from rule.values


def _beginning(keys: Iterable[str]) -> re.Pattern[str]:
    names = "|".join(re.escape(key) for key in sorted(keys))
    return re.compile(rf"\s*(?i:{names or '(?!)'})[ \t]?:")


def _trailers(text: str, telling: re.Pattern[str]) -> Iterator[tuple[int, message.Trailer]]:
    for line in message.lines(text, telling):
        trailer = message.trailer(line.text)
        if trailer is not None:
            yield line.number, trailer
