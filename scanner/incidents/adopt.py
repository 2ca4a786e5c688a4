"""Matches incidents of a new scan with the records that exist already."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import msgspec

from scanner.incidents.grouping import by_weight, seed, summarise
from scanner.incidents.yaml_text import clean
from scanner.model import Finding, Incident, Report


class Existing(msgspec.Struct, frozen=True):
    """As much of an existing record as a scan has to know."""

    id: str
    status: str
    subjects: tuple[str, ...]
    """As they stand in the file, so what is compared with them has to pass `clean`."""


def adopt(report: Report, existing: Sequence[Existing]) -> Report:
    """The report with the ids of existing records where they cover the same subjects.

    A finding whose subject stands in a record belongs to that record, even if grouping would now
    name its incident otherwise. A secret that no record covers never disappears into a record that
    a person may have closed: it opens an incident of its own if it is reason enough for one.
    """
    record_of = {subject: one for one in reversed(existing) for subject in one.subjects}
    covered = {one.incident for one in report.findings if clean(one.subject) in record_of}
    if not covered - {None}:
        return report
    homes = _homes(report.findings, record_of)
    fresh, fresh_incidents = seed(
        [
            one
            for one in report.findings
            if one.incident in covered and clean(one.subject) not in record_of
        ]
    )
    opened = {one.fingerprint: one.incident for one in fresh if one.incident is not None}
    findings = tuple(
        msgspec.structs.replace(one, incident=_place(one, record_of, opened, homes))
        if one.incident in covered and one.incident is not None
        else one
        for one in report.findings
    )
    untouched = [one for one in report.incidents if one.id not in covered]
    incidents = (*untouched, *fresh_incidents, *_adopted(findings, record_of))
    return msgspec.structs.replace(
        report,
        findings=findings,
        incidents=tuple(sorted(incidents, key=lambda one: (-one.severity.rank, one.id))),
    )


def _homes(findings: Sequence[Finding], record_of: Mapping[str, Existing]) -> dict[str, str]:
    """For each incident of the new scan, the record of its weightiest covered finding."""
    homes: dict[str, str] = {}
    for one in sorted(findings, key=by_weight):
        if one.incident is not None and clean(one.subject) in record_of:
            homes.setdefault(one.incident, record_of[clean(one.subject)].id)
    return homes


def _place(
    one: Finding,
    record_of: Mapping[str, Existing],
    opened: Mapping[str, str],
    homes: Mapping[str, str],
) -> str | None:
    if clean(one.subject) in record_of:
        return record_of[clean(one.subject)].id
    return opened.get(one.fingerprint) or (homes.get(one.incident) if one.incident else None)


def _adopted(findings: Sequence[Finding], record_of: Mapping[str, Existing]) -> list[Incident]:
    records = {one.id: one for one in record_of.values()}
    members: dict[str, list[Finding]] = defaultdict(list)
    for one in findings:
        if one.incident in records:
            members[one.incident].append(one)
    return [
        msgspec.structs.replace(
            summarise(identifier, records[identifier].subjects[0], same),
            status=records[identifier].status,
        )
        for identifier, same in members.items()
    ]
