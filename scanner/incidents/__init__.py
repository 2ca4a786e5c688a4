"""Severity, grouping and the incident record. Proposes and records; confirms nothing."""

from scanner.incidents.grouping import incident_id, seed
from scanner.incidents.paths import PathClass
from scanner.incidents.records import open_record, write_records
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
    "open_record",
    "path_class",
    "seed",
    "severity_table",
    "write_records",
]
