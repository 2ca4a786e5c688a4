"""Every value type that crosses a module border. Frozen, and none can hold a secret.

Paths are text decoded with `os.fsdecode` (undecodable bytes survive as surrogates), with
forward slashes and relative to the repository root unless a field says otherwise. Times are whole
seconds since the epoch, UTC. Offsets and columns count bytes; lines and columns start at 1.
"""

from scanner.model.attribution import Attribution, Mark, Role, SignatureState, Tier
from scanner.model.changes import Change, Identity, PathChange, Signature
from scanner.model.contents import Batch, Files, Origin, ReadBlob, packed
from scanner.model.findings import Event, Finding, Location, Secret
from scanner.model.incidents import Fact, Incident
from scanner.model.kinds import (
    Basis,
    Category,
    Confidence,
    Evidence,
    Problem,
    Severity,
    Tracking,
    Where,
)
from scanner.model.matches import BoundaryMatch, DataMatch, FlowMatch, Layer, Match, Part
from scanner.model.reach import AgentUse, Channel, Concern, ConcernKind, Reach, Verdict, WayIn
from scanner.model.report import Coverage, Report, RepositoryInfo, Tool

__all__ = [
    "AgentUse",
    "Attribution",
    "Basis",
    "Batch",
    "BoundaryMatch",
    "Category",
    "Change",
    "Channel",
    "Concern",
    "ConcernKind",
    "Confidence",
    "Coverage",
    "DataMatch",
    "Event",
    "Evidence",
    "Fact",
    "Files",
    "Finding",
    "FlowMatch",
    "Identity",
    "Incident",
    "Layer",
    "Location",
    "Mark",
    "Match",
    "Origin",
    "Part",
    "PathChange",
    "Problem",
    "Reach",
    "ReadBlob",
    "Report",
    "RepositoryInfo",
    "Role",
    "Secret",
    "Severity",
    "Signature",
    "SignatureState",
    "Tier",
    "Tool",
    "Tracking",
    "Verdict",
    "WayIn",
    "Where",
    "packed",
]
