"""The key `attribution` of a project's `.agentreach.yml`: its policy on agents, as written."""

import re
from datetime import date
from typing import Final, Literal

import msgspec

from scanner.errors import ConfigError
from scanner.model import Tier

FORBIDDEN: Final = "forbidden"
"""In place of a form of disclosure: no agent may have a part in a commit."""

_AGENT = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9-]{1,39}")
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_LONGEST_MODEL: Final = 80
_MOST_KEYS: Final = 8
_MOST_MODELS: Final = 50


class ApprovedAgent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An agent that may have a part in commits, with some models only."""

    agent: str
    """The name of its file in rules/agents."""
    models: tuple[str, ...]
    """Shell patterns, compared without case. A mark that names no model is not held against it."""

    def __post_init__(self) -> None:
        if not 1 <= len(self.models) <= _MOST_MODELS:
            raise ValueError(f"1 to {_MOST_MODELS} models, or the agent's id alone for any")
        if any(not 1 <= len(model) <= _LONGEST_MODEL for model in self.models):
            raise ValueError(f"a model has 1 to {_LONGEST_MODEL} characters")


class HouseRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A project's own form of disclosure: a trailer."""

    keys: tuple[str, ...]
    """Its names, of which one has to be there; compared without case."""
    value: str = "[^<>@]+"
    """A regular expression for the whole value. Without one: anything but a mail address."""
    signs_off: bool = True
    """Whether an agent may add Signed-off-by."""

    def __post_init__(self) -> None:
        if not 1 <= len(self.keys) <= _MOST_KEYS:
            raise ValueError(f"1 to {_MOST_KEYS} trailer keys")
        for key in self.keys:
            if not _KEY.fullmatch(key):
                raise ValueError("a trailer's key is 2 to 40 letters, digits and hyphens")
        # Parsing an expression is for those who have one.
        from scanner.rules.policy_pattern import refuse_costly

        try:
            refuse_costly(self.value)
        except ConfigError as error:
            raise ValueError(str(error)) from None


class PolicySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which agents are approved, and what a commit has to say about them.

    Decoding raises `msgspec.ValidationError` for what contradicts itself. Whether the agents and
    the form exist is checked where the rules are at hand (`scanner.attribution.policy`).
    """

    approved: tuple[str | ApprovedAgent, ...] | None = None
    """None: any agent; empty: none."""
    disclosure: str | HouseRule | None = None
    """The id of a form in rules/policy.yaml, `forbidden`, or a rule of the project's own."""
    signs_off: bool | None = None
    """Whether an agent may add Signed-off-by; None: as the form says."""
    since: date | None = None
    """Commits with an older date, by the author or the committer, are never findings."""
    since_commit: str | None = None
    """Commits from before this one are never findings; its id in full."""
    least: Literal["signature", "identity", "trailer", "footer", "branch"] = "trailer"
    """The weakest tier of a mark that counts."""

    def __post_init__(self) -> None:
        if self.since_commit is not None and not _COMMIT.fullmatch(self.since_commit):
            raise ValueError("since_commit is a commit's id in full, 40 or 64 hexadecimal digits")
        if self.disclosure == FORBIDDEN and self.approved:
            raise ValueError("`disclosure: forbidden` and approved agents contradict each other")
        for name in self.agents:
            if not _AGENT.fullmatch(name):
                raise ValueError("an agent is named by its id, such as claude-code")

    @property
    def least_tier(self) -> Tier:
        """The weakest tier of a mark that counts."""
        return Tier(self.least)

    @property
    def agents(self) -> tuple[str, ...]:
        """The ids of the approved agents, as written."""
        return tuple(one if isinstance(one, str) else one.agent for one in self.approved or ())
