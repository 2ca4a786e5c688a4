"""What one agent reads by itself and what its vendor documents: the `context:` key of an agent.

The data says where an agent leaves traces in a repository, which files it puts into its prompt, and
what each channel does when nothing is configured. How a control narrows a channel is code, in the
module of `scanner.reach` that `evaluator` names.
"""

from enum import StrEnum

import msgspec

from scanner.model import Basis, Channel, Verdict


class LoadWhen(StrEnum):
    """When an agent puts a file into its prompt."""

    START = "start"  # at the start of every session
    NEARBY = "nearby"  # when the agent works in the file's directory
    MATCHING = "matching"  # when a file that the frontmatter's patterns match is in play
    DESCRIBED = "described"  # when the model finds the file's description fitting
    MANUAL = "manual"  # only when a person names it


class Frontmatter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the YAML block at the head of an instruction file decides when it is loaded."""

    otherwise: LoadWhen
    """When none of the keys below decides, or there is no such block."""
    always: str | None = None
    """The key that loads the file at the start when it is true."""
    globs: str | None = None
    """The key whose patterns load the file once a matching file is in play."""
    everything_at_start: bool = False
    """Patterns that match every file (`**`) load it at the start."""
    described: str | None = None
    """The key whose text lets the model choose the file."""


class LoadRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One kind of file that an agent puts into its prompt; the first rule to fit a path counts."""

    path: str
    """A gitignore pattern for paths relative to the repository root."""
    when: LoadWhen
    basis: str
    reference: str
    """A name from `ContextRule.references`."""
    frontmatter: Frontmatter | None = None
    """Decides instead of `when`, where given."""
    imports: int = 0
    """How many hops of `@path` imports are followed; 0 for none."""
    slot: str = ""
    """Of the files of one directory that share a slot, only the one of the first rule is read."""
    max_bytes: int = 0
    """What stands behind this many bytes is not loaded; 0 for no limit."""
    strips_comments: bool = False
    """Block-level HTML comments do not reach the prompt."""


class ChannelDefault(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a channel does when the repository configures nothing."""

    channel: Channel
    verdict: Verdict
    basis: str
    reference: str
    grade: Basis = Basis.DOCUMENTED
    versions: str | None = None
    """The versions it holds for, where the vendor or the source says so: `>= 2.1.208`."""


class DeadFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file that looks like a control and is none."""

    path: str
    """A gitignore pattern for paths relative to the repository root."""
    basis: str
    instead: str
    """What stops the agent instead, in one sentence without its final stop."""
    reference: str
    grade: Basis = Basis.DOCUMENTED


class TraceFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file inside the repository that the agent writes its conversations to."""

    path: str
    """A gitignore pattern for paths relative to the repository root."""
    basis: str
    reference: str
    grade: Basis = Basis.DOCUMENTED


class Doubt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is not known about an agent, for the table in the documentation."""

    what: str
    why: str = ""


class Detection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the agent shows in a repository. Patterns have gitignore syntax."""

    strong: tuple[str, ...] = ()
    """Files that only this agent has."""
    medium: tuple[str, ...] = ()
    """Instruction files of this agent, which some others read too."""
    weak: tuple[str, ...] = ()
    """Files that several agents read, such as AGENTS.md."""
    gitignore: tuple[str, ...] = ()
    """Lines of the root `.gitignore`, written exactly like this (a leading slash aside)."""
    actions: tuple[str, ...] = ()
    """`owner/name` of workflow actions that run the agent."""


class ContextRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The reach model's data for one agent."""

    evaluator: str
    """A module of `scanner.reach` that knows the agent's controls, or `documented` for none."""
    references: dict[str, str]
    """Addresses of the vendor's documentation or source, by a short name."""
    detect: Detection
    defaults: tuple[ChannelDefault, ...]
    """File tools, shell and git objects must be there; a channel left out does not exist."""
    loads: tuple[LoadRule, ...] = ()
    dead: tuple[DeadFile, ...] = ()
    traces: tuple[TraceFile, ...] = ()
    checked: str = ""
    """The day, `YYYY-MM-DD`, on which the references were last compared with this file."""
    unknown: tuple[Doubt, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a name that `references` lacks and a set of defaults that leaves a gap."""
        used = [entry.reference for entry in self.defaults]
        used += [entry.reference for entry in self.loads]
        used += [entry.reference for entry in self.dead]
        used += [entry.reference for entry in self.traces]
        if unknown := sorted(set(used) - set(self.references)):
            raise ValueError(f"references has no {unknown[0]!r}")
        channels = {default.channel for default in self.defaults}
        if missing := {Channel.FILE_TOOLS, Channel.SHELL, Channel.GIT_OBJECTS} - channels:
            raise ValueError(f"defaults lacks {', '.join(sorted(missing))}")
        if any(default.verdict is Verdict.BLOCKED for default in self.defaults):
            raise ValueError("a default cannot be `blocked`: only a control that is there blocks")

    def default(self, channel: Channel) -> ChannelDefault | None:
        """What is documented for a channel, if the agent has it."""
        return next((entry for entry in self.defaults if entry.channel is channel), None)
