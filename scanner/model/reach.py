"""What an agent can see, how, and how easily."""

from enum import StrEnum

import msgspec

from scanner.model.kinds import Basis, Evidence


class Channel(StrEnum):
    """The ways by which text in a repository gets to a model."""

    PROMPT = "prompt"
    INDEX = "index"
    FILE_TOOLS = "file-tools"
    SHELL = "shell"
    ENVIRONMENT = "environment"
    GIT_OBJECTS = "git-objects"


class Verdict(StrEnum):
    """How easily an agent gets at something through one channel; widest first."""

    AUTO = "auto"  # loaded without any action
    NO_PROMPT = "no-prompt"  # the agent may, and nobody is asked
    PROMPT = "prompt"  # a person is asked first
    BYPASS_ONLY = "bypass-only"  # only in a mode that switches the asking off
    UNKNOWN = "unknown"  # before "blocked": it may be open
    BLOCKED = "blocked"
    NOT_APPLICABLE = "not-applicable"  # the channel does not exist for this agent or place

    @property
    def rank(self) -> int:
        """0 for the widest."""
        return list(Verdict).index(self)


class Reach(msgspec.Struct, frozen=True):
    """What one agent can see of one place through one channel, and why we think so."""

    agent: str
    channel: Channel
    verdict: Verdict
    basis: str
    """The rule or the documented default that decides, in words."""
    source: str | None = None
    """`path:line` of the deciding configuration, or the documentation's address."""
    grade: Basis = Basis.DOCUMENTED


class AgentUse(msgspec.Struct, frozen=True):
    """An agent that this repository is set up for or has been worked on by."""

    agent: str
    name: str
    grade: str
    """`strong`, `medium`, `weak` (files that several agents read) or `history` (commit marks)."""
    evidence: tuple[Evidence, ...]
    commits: int = 0
    """Commits that carry this agent's mark in the range that was read."""
