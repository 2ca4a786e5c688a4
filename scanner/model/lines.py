"""Who wrote which line: what notes claim, and what became of it in the lines that survive."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

import msgspec

from scanner.model.kinds import Problem
from scanner.model.report import RepositoryInfo


class Span(msgspec.Struct, frozen=True, array_like=True):
    """Lines `first` to `last` of one version of one file; both count, both from 1."""

    first: int
    last: int


class Author(StrEnum):
    """Who a note says wrote some lines."""

    AGENT = "agent"
    HUMAN = "human"


class Form(StrEnum):
    """The standards in which line evidence is recorded."""

    GIT_AI = "git-ai"
    AGENT_TRACE = "agent-trace"
    AGENTBLAME = "agentblame"
    WHOGITIT = "whogitit"
    ENTIRE = "entire"


class Claim(msgspec.Struct, frozen=True):
    """One statement about lines of one file, in the version that the annotated commit has."""

    path: str
    """As the tool wrote it: free text, to be compared with real paths and never opened."""
    author: Author
    agent: str | None
    """An id of rules/agents, `unnamed-agent` for a tool that is not known there; None: a person."""
    spans: tuple[Span, ...]
    """Sorted, none touching another. Empty: the file is named, its lines are not."""


class Reading(msgspec.Struct, frozen=True):
    """What one note, record or checkpoint says."""

    claims: tuple[Claim, ...] = ()
    revision: str | None = None
    """The commit it names itself, where its form does that (Agent Trace)."""
    complaints: tuple[str, ...] = ()
    """What of it could not be used, in fixed words that quote nothing of it. Each kind once."""


class Origin(StrEnum):
    """How the origin of a surviving line is known. Strongest first."""

    ATTESTED = "attested"
    """A note on the very commit that brought the line says that an agent wrote it."""
    MARKED = "marked"
    """The commit carries an agent's mark; nothing is said of the line."""
    HUMAN = "human"
    """A note on the commit says that a person wrote it."""
    BOT = "bot"
    """The commit carries the mark of an automation that is not AI, and no agent's."""
    UNKNOWN = "unknown"
    """No evidence. Never "human"."""
    CUT_OFF = "cut-off"
    """The history ends before the commit that brought it (a shallow clone)."""


class Shares(msgspec.Struct, frozen=True):
    """Counts of surviving lines. `attested`, `marked` and `bots` are by agent id; all counts
    together are `lines`."""

    lines: int = 0
    attested: Mapping[str, int] = {}
    marked: Mapping[str, int] = {}
    human: int = 0
    bots: Mapping[str, int] = {}
    unknown: int = 0
    cut_off: int = 0
    contradictory: int = 0
    """Lines that notes give to an agent and to a person, which are then `unknown`, or to several
    agents, which are then attested for `unnamed-agent`."""

    @property
    def agents(self) -> int:
        """Lines that an agent wrote, attested or by the commit's mark only."""
        return sum(self.attested.values()) + sum(self.marked.values())

    def of(self, agent: str) -> int:
        """The same for one agent."""
        return self.attested.get(agent, 0) + self.marked.get(agent, 0)


class FileLines(msgspec.Struct, frozen=True):
    """One file that was counted."""

    path: str
    blob: str
    shares: Shares


class DirectoryLines(msgspec.Struct, frozen=True):
    """One directory with everything below it; the root is the empty path."""

    path: str
    files: int
    shares: Shares


class Skip(StrEnum):
    """Why a file of the tree is not counted."""

    BINARY = "binary"
    EMPTY = "empty"
    LINK = "symbolic link"
    SUBMODULE = "submodule"
    EXCLUDED = "excluded"
    """By `--exclude`, or not in `--include`."""
    GENERATED = "generated"
    VENDORED = "vendored"
    LOCK = "lock file"
    OVERSIZE = "too large"
    UNREADABLE = "unreadable"
    """The blob, or history it needs, is missing or damaged. Makes the result incomplete."""


class Skipped(msgspec.Struct, frozen=True):
    """Files that are not counted, for one reason."""

    reason: Skip
    files: int
    examples: tuple[str, ...]
    """A few of the paths, sorted."""


class EvidenceCounts(msgspec.Struct, frozen=True, kw_only=True):
    """What one form of line evidence came to."""

    form: Form
    place: str
    """The ref or file it stands in."""
    records: int = 0
    duplicates: int = 0
    """Records on a commit that another place had spoken of; not read."""
    empty: int = 0
    """Records that are in order and claim nothing."""
    malformed: int = 0
    """Records of which something could not be used."""
    reached: int = 0
    """Records on commits that are asked about: the rest is older than a range, or orphaned."""
    orphaned: int = 0
    """Records on a commit that the revision does not reach, or that is gone."""
    gone: int = 0
    """Of `orphaned`: the commit is not in the repository at all."""
    claimed: int = 0
    """Lines claimed by records on commits that are reached."""
    added: int = 0
    """Of `claimed`: lines that the commit really added. Nothing else counts."""
    over_broad: int = 0
    """Records that claim more than twice the lines that their commit adds."""
    unmeasured: int = 0
    """Records on commits whose additions could not be read; they count for nothing."""


class Exactness(msgspec.Struct, frozen=True, kw_only=True):
    """How git is asked which commit brought a line."""

    moves: int | None = None
    """`-M`: find lines moved within a file. 0: with git's own threshold; else that many
    characters. None: off."""
    copies: int = 0
    """How often `-C` is given, up to 3: copies out of files changed in the same commit, out of the
    commit that made the file, out of any commit."""
    copy_score: int = 0
    """`-C<score>`; 0: git's own threshold."""
    ignore_whitespace: bool = False
    """`-w`."""
    ignore_revisions: tuple[str, ...] = ()
    """Commits to see through."""
    ignore_revisions_files: tuple[Path, ...] = ()
    """The same in files, with comments."""
    roots: bool = True
    """Count the lines of commits without parents. False: leave them out, as `git blame` without
    `--root` marks them as older than anything."""
    project_file: bool = True
    """Also what the revision's own `.git-blame-ignore-revs` names."""


class LineQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """What `agentreach attribute --lines` is asked."""

    revision: str = "HEAD"
    """A commit whose files are counted; or `A..B`: the lines of B that A did not have."""
    paths: tuple[str, ...] = ()
    """Only these files and directories, relative to the root."""
    include: tuple[str, ...] = ()
    """Only files that match, in gitignore syntax; they are counted even when generated, vendored
    or a lock file."""
    exclude: tuple[str, ...] = ()
    """Not these, in gitignore syntax."""
    everything: bool = False
    """Also count generated and vendored files and lock files."""
    exactness: Exactness = Exactness()
    notes: bool = True
    """Read line evidence. Without it every line has its commit's mark or nothing."""


class LineReport(msgspec.Struct, frozen=True, kw_only=True):
    """The answer."""

    repository: RepositoryInfo
    revision: str
    """As asked."""
    commit: str
    """The id whose files are counted."""
    options: tuple[str, ...]
    """The options given to `git blame`."""
    ignored_revisions: int
    """Commits that blame saw through."""
    total: Shares
    directories: tuple[DirectoryLines, ...]
    """By path, the root first."""
    files: tuple[FileLines, ...]
    """By path."""
    skipped: tuple[Skipped, ...]
    evidence: tuple[EvidenceCounts, ...]
    names: Mapping[str, str]
    """Display names of the agents and bots that occur, by id."""
    complete: bool
    """False when a file could not be blamed, or lines are cut off: shares are then of the rest."""
    notes: tuple[str, ...]
    """Limits worth knowing, in sentences."""
    problems: tuple[Problem, ...]
    seconds: float = 0.0
