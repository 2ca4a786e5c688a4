"""The shape of `agentreach attribute --lines --format json`, version 1; the terms are those of
`_wire`. Counts only: whether a share may be made of them, `complete` says."""

from typing import Final, Literal

from scanner.model.lines import Form, Skip
from scanner.sinks._wire import Problem, Repository, Wire

SCHEMA: Final = "agentreach/attribute-lines/v1"


class Shares(Wire, frozen=True):
    """Lines by origin; `attested`, `marked` and `bots` by agent id. All together are `lines`, but
    for `contradictory`, whose lines are counted as unknown or as an unnamed agent's as well."""

    lines: int
    attested: dict[str, int]
    marked: dict[str, int]
    human: int
    bots: dict[str, int]
    unknown: int
    cut_off: int
    contradictory: int


class File(Wire, frozen=True):
    """One file that was counted."""

    path: str
    blob: str
    shares: Shares


class Directory(Wire, frozen=True):
    """One directory with everything below it; the root is the empty path."""

    path: str
    files: int
    shares: Shares


class Skipped(Wire, frozen=True):
    """Files that are not counted."""

    reason: Skip
    files: int
    examples: list[str]


class Evidence(Wire, frozen=True):
    """What one place's line evidence came to."""

    form: Form
    place: str
    records: int
    reached: int
    orphaned: int
    gone: int
    duplicates: int
    empty: int
    malformed: int
    over_broad: int
    unmeasured: int
    claimed: int
    added: int


class Lines(Wire, frozen=True):
    """The document."""

    schema: Literal["agentreach/attribute-lines/v1"]
    repository: Repository
    revision: str
    commit: str
    blame_options: list[str]
    ignored_revisions: int
    complete: bool
    total: Shares
    agents: dict[str, str]
    directories: list[Directory]
    files: list[File]
    skipped: list[Skipped]
    evidence: list[Evidence]
    notes: list[str]
    problems: list[Problem]
    seconds: float
    exit_code: int | None
