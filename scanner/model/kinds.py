"""The scales and kinds that every part shares, and what supports or limits a statement."""

from collections.abc import Mapping
from enum import IntEnum, StrEnum
from types import MappingProxyType

import msgspec


class Category(IntEnum):
    """The incident taxonomy. The scanner assigns 1, 3 and 4; people open records of all."""

    DATA_EXFILTRATION = 1
    HALLUCINATION = 2
    AGENT_OVERREACH = 3
    CREDENTIAL_EXPOSURE = 4
    SHADOW_AI = 5


class Severity(StrEnum):
    """How much it matters if true. Ordered by `rank`."""

    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for info to 4 for critical."""
        return _SEVERITY_RANKS[self]


class Confidence(StrEnum):
    """How sure we are that it is true. Ordered by `rank`."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def rank(self) -> int:
        """0 for low to 2 for high."""
        return _CONFIDENCE_RANKS[self]


# Sorting asks for ranks by the thousand. One table a scale: both have a "low", and equal texts are
# equal keys.
_SEVERITY_RANKS: Mapping[str, int] = MappingProxyType(
    {severity: rank for rank, severity in enumerate(Severity)}
)
_CONFIDENCE_RANKS: Mapping[str, int] = MappingProxyType(
    {confidence: rank for rank, confidence in enumerate(Confidence)}
)


class Where(StrEnum):
    """The kind of place something was found in."""

    WORKTREE = "worktree"
    INDEX = "index"
    COMMIT = "commit"
    STASH = "stash"
    REFLOG = "reflog"
    UNREACHABLE = "unreachable"
    MESSAGE = "message"  # a commit's message; the path is empty
    TAG = "tag"  # an annotated tag's message; the path is the ref's name
    NOTE = "note"
    GIT_FILE = "git-file"
    STDIN = "stdin"


class Tracking(StrEnum):
    """What git makes of a working-tree file. An ignored `.env` is exactly what an agent reads."""

    TRACKED = "tracked"
    UNTRACKED = "untracked"
    IGNORED = "ignored"
    UNKNOWN = "unknown"


class Basis(StrEnum):
    """How a stated fact is known."""

    OBSERVED = "observed"
    DERIVED = "derived"
    DOCUMENTED = "documented"
    CONFIG = "config"
    HUMAN = "human"
    UNKNOWN = "unknown"


class Evidence(msgspec.Struct, frozen=True, omit_defaults=True):
    """One fact that supports a conclusion, in words a person can check."""

    text: str
    basis: Basis = Basis.OBSERVED
    source: str | None = None
    """`path:line`, a commit id, or the address of the documentation that says so."""


class Problem(msgspec.Struct, frozen=True):
    """Something was not scanned. Every sink shows it; it makes the exit code 3."""

    stage: str
    """`git`, `source`, `detector`, `attribution`, `reach`, `boundary`, `dataflow` or `record`."""
    where: str
    """A path, an object id or a ref: enough to find it again."""
    reason: str
    hint: str | None = None
