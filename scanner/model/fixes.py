"""Settings that would close what agents can see, and what stays open."""

import msgspec

from scanner.model.findings import Finding
from scanner.model.kinds import Problem
from scanner.model.reach import Channel, Verdict


class FileEdit(msgspec.Struct, frozen=True):
    """One settings file as it would be."""

    path: str
    """From the repository's root; plain characters only."""
    before: bytes | None
    """What was read; None where there is no such file."""
    after: bytes
    agents: tuple[str, ...]
    """Names of the agents that it is for."""


class Patch(msgspec.Struct, frozen=True):
    """A file's change as a unified diff that `git apply` takes."""

    path: str
    text: str
    masked: bool
    """A secret stands in the lines and is masked: the text shows the change and cannot be
    applied."""


class Narrowed(msgspec.Struct, frozen=True):
    """A channel that the edits make narrower, for one agent."""

    agent: str
    channel: Channel
    before: Verdict
    after: Verdict
    rows: tuple[int, ...]
    """Numbers from 1 in `Fixes.findings`, ascending."""


class Remaining(msgspec.Struct, frozen=True):
    """What is still open or not known, and why no edit closes it."""

    agents: tuple[str, ...]
    verdict: Verdict
    """The widest of what it speaks of."""
    channels: tuple[Channel, ...]
    rows: tuple[int, ...]
    words: str
    """Why, and what to do, in one sentence without its final stop."""


class Fixes(msgspec.Struct, frozen=True):
    """The smallest set of settings for the agents in use, tried on the reach model."""

    repository: str
    findings: tuple[Finding, ...]
    agents: tuple[str, ...]
    """Names of those that settings are written for."""
    edits: tuple[FileEdit, ...]
    patches: tuple[Patch, ...]
    """In the order of `edits`."""
    narrowed: tuple[Narrowed, ...]
    remaining: tuple[Remaining, ...]
    """Widest first."""
    notes: tuple[str, ...]
    """Sentences."""
    problems: tuple[Problem, ...]
