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
    REBASED = "rebased"
    """As committer only, of a commit written well before: a rebase or a cherry-pick."""


class Tier(StrEnum):
    """How strong the evidence is; strongest first. Everything below `signature` can be typed by
    anyone."""

    SIGNATURE = "signature"
    """A vendor's published key, and the signature verified."""
    IDENTITY = "identity"
    TRAILER = "trailer"
    FOOTER = "footer"
    BRANCH = "branch"
    HINT = "hint"
    """Supports other evidence; never a mark by itself."""

    @property
    def rank(self) -> int:
        """0 for the strongest."""
        return list(Tier).index(self)


class SignatureState(StrEnum):
    """What checking a commit's signature brought; the values of `Signature.status`."""

    VERIFIED = "verified"
    """Made with a vendor's published key, and it covers the commit as it stands."""
    BAD = "bad"
    """It names a vendor's published key, and that key did not sign this commit."""
    UNVERIFIED = "unverified"
    """Not checked, for no published key is known for it; keys get replaced, so this says nothing
    against it."""
    UNSUPPORTED = "unsupported"
    """It names a vendor's published key, in a form or with an algorithm that is not read here."""


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

    @property
    def strength(self) -> tuple[bool, bool, int, int, str]:
        """A sort key: agents before bots, what wrote content before what only committed, then the
        strongest tier, the widest role, the id."""
        committed = self.role in (Role.COMMITTER, Role.REBASED)
        return self.bot, committed, self.tier.rank, list(Role).index(self.role), self.agent


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
