"""Who made a commit, as far as marks tell."""

from enum import StrEnum

import msgspec

from scanner.model.kinds import Evidence


class Role(StrEnum):
    """What an agent's mark on a commit says it did."""

    AUTHOR = "author"
    CO_AUTHOR = "co-author"
    SUGGESTION = "suggestion"
    COMMITTER = "committer-only"


class Tier(StrEnum):
    """How strong the evidence is; strongest first. Everything below `signature` can be typed by
    anyone."""

    SIGNATURE = "signature"
    IDENTITY = "identity"
    TRAILER = "trailer"
    FOOTER = "footer"
    BRANCH = "branch"

    @property
    def rank(self) -> int:
        """0 for the strongest."""
        return list(Tier).index(self)


class Mark(msgspec.Struct, frozen=True):
    """One agent's mark on one commit."""

    agent: str
    """The agent's id, the name of its file in rules/agents."""
    name: str
    role: Role
    tier: Tier
    evidence: tuple[Evidence, ...]
    model: str | None = None
    bot: bool = False
    """An automation that is not AI (a dependency bot, a release robot)."""


class Attribution(msgspec.Struct, frozen=True):
    """Who made a commit, as far as marks tell. No marks means no evidence, never "human"."""

    marks: tuple[Mark, ...] = ()

    @property
    def agent(self) -> Mark | None:
        """The strongest mark of an AI agent that acted, if any.

        An accepted suggestion and a commit object made in an agent's sandbox are marks, but a
        person acted there.
        """
        for mark in self.marks:
            if not mark.bot and mark.role in (Role.AUTHOR, Role.CO_AUTHOR):
                return mark
        return None
