"""The whole result of a scan."""

import msgspec

from scanner.model.findings import Finding
from scanner.model.incidents import Incident
from scanner.model.kinds import Problem
from scanner.model.reach import AgentUse


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
    uncertain: int = 0
    """Findings below the confidence that was asked for."""
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
