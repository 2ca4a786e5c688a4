"""Every value type that crosses a module border. Frozen, and none can hold a secret.

Paths are text decoded with `os.fsdecode` (undecodable bytes survive as surrogates), with
forward slashes and relative to the repository root unless a field says otherwise. Times are whole
seconds since the epoch, UTC. Offsets and columns count bytes; lines and columns start at 1.
"""

from collections.abc import Callable, Iterable, Sequence
from enum import IntEnum, StrEnum
from typing import Protocol

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
        return list(Severity).index(self)


class Confidence(StrEnum):
    """How sure we are that it is true. Ordered by `rank`."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def rank(self) -> int:
        """0 for low to 2 for high."""
        return list(Confidence).index(self)


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


# ------------------------------------------------------------------------------ content and changes


class Batch:
    """Many contents side by side in one buffer, so that one matcher call covers them all.

    Content `i` is `buffer[starts[i]:ends[i]]`; its git blob id (hex) is `blobs[i]`. Contents are
    ordered and do not overlap; bytes between them (object headers) belong to none. The buffer is
    valid until the producer is asked for its next batch: copy what must live longer.
    """

    __slots__ = ("blobs", "buffer", "ends", "size", "starts")

    def __init__(
        self,
        buffer: bytes | bytearray | memoryview,
        size: int,
        blobs: Sequence[str],
        starts: Sequence[int],
        ends: Sequence[int],
    ) -> None:
        self.buffer = buffer
        self.size = size
        """Only the first `size` bytes of the buffer are filled."""
        self.blobs = blobs
        self.starts = starts
        self.ends = ends

    def __len__(self) -> int:
        return len(self.blobs)

    def content(self, index: int) -> bytes:
        """A copy of one content."""
        return bytes(memoryview(self.buffer)[self.starts[index] : self.ends[index]])


class Identity(msgspec.Struct, frozen=True):
    """A name and an e-mail address as a commit states them: free text, never verified."""

    name: str
    email: str


class Signature(msgspec.Struct, frozen=True):
    """A commit's signature as far as it can be read without running a verifier."""

    format: str
    """`openpgp`, `ssh`, `x509` or `unknown`."""
    key: str | None
    """OpenPGP: the issuer key id, 16 upper-case hex digits. SSH: `SHA256:` and the fingerprint."""
    status: str = "unverified"


class PathChange(msgspec.Struct, frozen=True):
    """One path that a change touches. For a merge: against all parents, `old_blobs` one each."""

    status: str
    """A added, M modified, D deleted, T type changed; for a merge one letter per parent."""
    path: str
    old_mode: str
    new_mode: str
    old_blobs: tuple[str, ...]
    """Blob ids before; empty where the path did not exist."""
    new_blob: str | None
    """Blob id after; None when deleted."""


class Change(msgspec.Struct, frozen=True):
    """One commit, or the staged set (`commit` is None)."""

    where: Where
    commit: str | None
    parents: tuple[str, ...]
    author: Identity
    author_time: int
    committer: Identity
    committer_time: int
    message: str
    paths: tuple[PathChange, ...]
    ref: str | None = None
    """One ref that reaches the commit, e.g. `refs/heads/main`."""
    signature: Signature | None = None
    boundary: bool = False
    """The edge of a shallow clone: its paths are the whole tree, not what the commit changed."""

    @property
    def subject(self) -> str:
        """The first line of the message."""
        return self.message.split("\n", 1)[0]


class Files(Protocol):
    """The files of one state of the repository (working tree, or a commit of a bare one)."""

    def read(self, path: str) -> bytes | None:
        """The bytes of a regular file, or None: absent, a directory, a link, or too large."""

    def paths(self) -> Iterable[str]:
        """Every path, sorted."""

    def tracking(self, path: str) -> Tracking:
        """What git makes of the path."""


class Origin(msgspec.Struct, frozen=True):
    """One place where a content lives, before anyone knows whether it holds something."""

    where: Where
    path: str
    blob: str
    tracking: Tracking | None = None
    commit: str | None = None
    ref: str | None = None


ReadBlob = Callable[[str], bytes | None]
"""Reads one blob by id; None when it is missing, corrupt or larger than the limit."""


# ------------------------------------------------------------------------------ matches


class Match(msgspec.Struct, frozen=True):
    """What a content detector yields: a span of a content, never its text."""

    rule: str
    start: int
    end: int
    """The secret is `content[start:end]`."""
    confidence: Confidence
    evidence: tuple[str, ...] = ()
    """Reasons in words, e.g. "checksum valid"; never a part of the secret."""


class BoundaryMatch(msgspec.Struct, frozen=True):
    """One rule broken by one change: an agent acted, or may have acted, outside its task."""

    rule: str
    title: str
    severity: Severity
    confidence: Confidence
    paths: tuple[str, ...]
    """The paths concerned, sorted; the first anchors the finding."""
    evidence: tuple[Evidence, ...]
    task: str | None = None
    line: int | None = None
    """In the first path's new content, where that is known."""
    seeds_incident: bool = False
    remediation: tuple[str, ...] = ()


class FlowMatch(msgspec.Struct, frozen=True):
    """Data that flows from a source to a sink inside one file."""

    rule: str
    title: str
    category: Category
    severity: Severity
    confidence: Confidence
    line: int
    column: int
    symbol: str
    """The enclosing function's qualified name, or `<module>`; part of the fingerprint."""
    evidence: tuple[Evidence, ...]
    """Source, steps and sink, in order, each with `path:line`."""
    remediation: tuple[str, ...] = ()


# ------------------------------------------------------------------------------ who


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


# ------------------------------------------------------------------------------ reach


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
    BLOCKED = "blocked"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not-applicable"  # the channel does not exist for this agent or place


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


# ------------------------------------------------------------------------------ findings


class Secret(msgspec.Struct, frozen=True):
    """A secret as it may be spoken of outside the locating function."""

    digest: str
    """Keyed digest: the same secret has the same digest everywhere in one repository's reports."""
    kind: str
    """What it is, e.g. "GitHub personal access token (classic)"."""
    masked: str
    """A few leading and trailing characters where the format's prefix is public, else dots only."""


class Location(msgspec.Struct, frozen=True):
    """One place where a finding is."""

    where: Where
    path: str
    line: int | None = None
    column: int | None = None
    commit: str | None = None
    blob: str | None = None
    tracking: Tracking | None = None
    in_head: bool | None = None
    """The same blob stands in HEAD's tree at this path. None: not known (no HEAD, or not read)."""
    ref: str | None = None
    fingerprint: str = ""
    """Keyed digest of rule, normalised path and secret (or the finding's subject)."""


class Event(msgspec.Struct, frozen=True):
    """A commit that brought something in or took it out."""

    commit: str
    path: str
    author: Identity
    time: int
    """The author's date."""
    committed: int
    subject: str
    exact: bool = True
    """False at the edge of a shallow clone: it happened then or earlier."""


class Finding(msgspec.Struct, frozen=True):
    """One true thing a person should look at."""

    fingerprint: str
    rule: str
    category: Category
    severity: Severity
    confidence: Confidence
    title: str
    locations: tuple[Location, ...]
    """At least one; the most telling first (working tree, index, HEAD, then history)."""
    secret: Secret | None = None
    introduced: Event | None = None
    removed: Event | None = None
    """Set only when nothing in HEAD, the index or the working tree holds it any more."""
    attribution: Attribution | None = None
    """Of the introducing commit (or of the commit that acted); None when there is no commit."""
    reach: tuple[Reach, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    remediation: tuple[str, ...] = ()
    task: str | None = None
    incident: str | None = None
    """The id of the record this finding seeds, if it seeds one."""
    seeds_incident: bool = False
    references: tuple[str, ...] = ()

    @property
    def subject(self) -> str:
        """What makes findings belong together: the secret, the task, or the commit."""
        if self.secret is not None:
            return f"secret:{self.secret.digest}"
        if self.task is not None:
            return f"task:{self.task}"
        commit = self.locations[0].commit
        return f"commit:{commit}" if commit else f"finding:{self.fingerprint}"


# ------------------------------------------------------------------------------ incidents


class Fact(msgspec.Struct, frozen=True, omit_defaults=True):
    """One field of a record. Unknown: `value` is None and `how` tells how to find out."""

    value: str | tuple[str, ...] | int | bool | None
    basis: Basis
    how: str | None = None


class Incident(msgspec.Struct, frozen=True):
    """A candidate incident: findings that belong together. Only a person confirms one."""

    id: str
    """`AR-` and hex digits, the same on every run for the same subject."""
    category: Category
    title: str
    severity: Severity
    subject: str
    findings: tuple[str, ...]
    """Fingerprints, most severe first."""
    status: str = "candidate"
    record: str | None = None
    """Path of the record file, when one was written."""


# ------------------------------------------------------------------------------ the report


class Tool(msgspec.Struct, frozen=True):
    """Which program and rules made the report."""

    version: str
    rules: str
    """Digest of the rule data."""
    engine: str
    """`hyperscan` or `re`."""


class RepositoryInfo(msgspec.Struct, frozen=True):
    """What was scanned."""

    name: str
    path: str
    head: str | None = None
    branch: str | None = None
    object_format: str = "sha1"
    bare: bool = False
    shallow: bool = False
    partial: bool = False
    is_git: bool = True


class Coverage(msgspec.Struct, frozen=True):
    """What was looked at, so that "clean" is only said of that."""

    commits: int = 0
    blobs: int = 0
    files: int = 0
    bytes: int = 0
    agent_commits: int = 0
    undeclared_commits: int = 0
    """Agent-attributed commits for which no task scope was declared."""
    suppressed: int = 0
    baselined: int = 0
    notes: tuple[str, ...] = ()
    """Limits worth knowing that are not errors, in sentences."""


class Report(msgspec.Struct, frozen=True):
    """The whole result of a scan; what every sink writes."""

    tool: Tool
    repository: RepositoryInfo
    agents: tuple[AgentUse, ...]
    findings: tuple[Finding, ...]
    """Most severe first; the order is the same for any number of jobs."""
    incidents: tuple[Incident, ...]
    problems: tuple[Problem, ...]
    coverage: Coverage
    started: int
    seconds: float
