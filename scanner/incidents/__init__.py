"""Severity, grouping and the incident record. Proposes and records; confirms nothing.

Writing records is in `scanner.incidents.records`, apart because a scan without `--incidents` does
not need it.
"""

from scanner.incidents.grouping import incident_id, seed
from scanner.incidents.paths import PathClass
from scanner.incidents.severity import (
    Assessment,
    FindingFacts,
    Kind,
    Note,
    Presence,
    assess,
    gather,
    path_class,
    severity_table,
)

__all__ = [
    "Assessment",
    "FindingFacts",
    "Kind",
    "Note",
    "PathClass",
    "Presence",
    "assess",
    "gather",
    "incident_id",
    "path_class",
    "seed",
    "severity_table",
]
