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
    TRACES = "traces"
    COPIES = "copies"


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
        return _RANKS[self]


_RANKS = {verdict: rank for rank, verdict in enumerate(Verdict)}


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
    versions: str | None = None
    """The agent's versions that the basis holds for, as its vendor or its source says it."""


class ConcernKind(StrEnum):
    """What may be wrong with an agent's setting."""

    DEAD_CONTROL = "dead-control"  # looks like a control, and no version in use reads it
    REJECTED_SETTINGS = "rejected-settings"  # the agent ignores or refuses the file, or a key of it
    APPROVAL_BYPASS = "approval-bypass"  # nobody is asked any more
    BLANKET_APPROVAL = "blanket-approval"  # a rule allows every command, server or tool of a kind
    TRUST_DISABLED = "trust-disabled"  # the repository's own settings count unasked
    SANDBOX_DISABLED = "sandbox-disabled"  # commands run without the walls the agent has
    RUNS_COMMANDS = "runs-commands"  # a hook, helper or setting runs the repository's commands
    REDIRECTED_ENDPOINT = "redirected-endpoint"  # prompts and keys go to another host
    HIDDEN_TEXT = "hidden-text"  # instructions that a reader of the file does not see


class Concern(msgspec.Struct, frozen=True):
    """A setting, an ignore file or an instruction file that a person should look at."""

    agent: str
    kind: ConcernKind
    path: str
    line: int | None
    subject: str
    """What is meant, stable over edits elsewhere in the file: a key, a rule, a file's name."""
    words: str
    """What it does or fails to do, in one sentence without its final stop."""
    instead: str
    """What to do, in one sentence without its final stop."""
    reference: str
    """The address of the vendor's documentation or source that says so."""
    grade: Basis = Basis.DOCUMENTED
    personal: bool = False
    """It stands in the user's own settings, not in the repository."""


class WayIn(msgspec.Struct, frozen=True):
    """How a value that stands at some place gets into an agent's processes."""

    route: str
    """See `Location.route`."""
    words: str
    """Who reads it and when, without a final stop."""
    source: str
    """`path:line`."""


class AgentUse(msgspec.Struct, frozen=True):
    """An agent that this repository is set up for or has been worked on by."""

    agent: str
    name: str
    grade: str
    """`strong`, `medium`, `weak` (files that several agents read) or `history` (commit marks)."""
    evidence: tuple[Evidence, ...]
    commits: int = 0
    """Commits that carry this agent's mark in the range that was read."""
