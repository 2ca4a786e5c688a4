"""Findings by rules about paths, and by reports of other tools, worked into ours."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from scanner.incidents import Kind, assess, gather
from scanner.model import Confidence, Evidence, Finding, Location, Problem, Severity
from scanner.pipeline.digest import Digester
from scanner.pipeline.findings import FindingBuilder, ReachOf
from scanner.pipeline.opening import Opened
from scanner.pipeline.places import with_fingerprint
from scanner.pipeline.setup import Setup
from scanner.pipeline.subject import Subject
from scanner.sources.packing import blob_id

if TYPE_CHECKING:
    from scanner.rules.foreign import ForeignRule


class WithForeign(NamedTuple):
    """Ours and theirs."""

    findings: tuple[Finding, ...]
    suppressed: int
    """Entries that a comment beside them asks to ignore."""
    notes: tuple[str, ...]
    problems: tuple[Problem, ...]


def with_foreign(
    opened: Opened,
    setup: Setup,
    secrets: Sequence[Finding],
    builder: FindingBuilder,
    reach_of: ReachOf,
) -> WithForeign:
    """Our findings of secrets joined with what the files of other tools say. To be called when the
    contents are scanned."""
    foreign = setup.foreign
    joined = WithForeign(tuple(secrets), 0, (), ())
    if foreign.reports:
        joined = _with_reports(opened, setup, secrets, builder)
    if foreign.rules is None:
        return joined
    by_path = _by_path(opened, setup, reach_of)
    notes = _path_notes(opened, setup)
    return joined._replace(
        findings=(*joined.findings, *by_path),
        notes=(*joined.notes, *notes),
        problems=(*joined.problems, *foreign.rules.problems),
    )


def _with_reports(
    opened: Opened, setup: Setup, secrets: Sequence[Finding], builder: FindingBuilder
) -> WithForeign:
    from scanner.pipeline.import_places import Ground
    from scanner.pipeline.imports import join_imports

    subject = opened.subject
    ground = Ground(
        files=subject.files,
        where=subject.flows_in,
        root=str(opened.root.resolve()) if opened.root is not None else None,
        object_format=subject.info.object_format,
        read_at=opened.read_at,
        in_head=subject.in_head,
        excluded=lambda path: setup.excluded(path) or not opened.covers(path),
    )
    joined = join_imports(setup.foreign.reports, secrets, builder, setup.digester(), ground)
    return WithForeign(joined.findings, joined.suppressed, joined.notes, joined.problems)


def _by_path(opened: Opened, setup: Setup, reach_of: ReachOf) -> list[Finding]:
    """A finding for each file that a rule reports by its path alone."""
    rules = setup.foreign.rules
    assert rules is not None
    if not rules.path_rules:
        return []
    digester = setup.digester()
    paths = (path for path in opened.subject.flow_paths() if not setup.excluded(path))
    return [
        _path_finding(opened, rule, path, rules.source, digester, reach_of)
        for rule, path in rules.fitting_paths(paths)
    ]


def _path_finding(
    opened: Opened,
    rule: "ForeignRule",
    path: str,
    source: str,
    digester: Digester,
    reach_of: ReachOf,
) -> Finding:
    """Of what the file is called, without a word about what is in it."""
    from scanner.detectors.foreign import PREFIX

    name = PREFIX + rule.id
    place = with_fingerprint(_file(opened.subject, path), digester.subject("place", name, path))
    reach = reach_of(place)
    assessment = assess(
        gather(
            kind=Kind.SECRET,
            rule=name,
            severity=Severity.MEDIUM,
            confidence=Confidence.MEDIUM,
            locations=(place,),
            reach=reach,
        )
    )
    said = f"rule of {source}: the file's path fits, its content was not looked at for it"
    return Finding(
        fingerprint=digester.subject("path", name, path),
        rule=name,
        category=assessment.category,
        severity=assessment.severity,
        confidence=Confidence.MEDIUM,
        title=rule.description or rule.id,
        locations=(place,),
        reach=reach,
        evidence=(Evidence(said), assessment.evidence),
        remediation=("See whether the file belongs here; if it holds a secret, revoke that.",),
    )


def _file(subject: Subject, path: str) -> Location:
    data = subject.files.read(path)
    blob = blob_id(data, subject.info.object_format) if data is not None else None
    return Location(
        where=subject.flows_in,
        path=path,
        blob=blob,
        tracking=subject.files.tracking(path),
        in_head=subject.in_head(path, blob) if blob is not None else None,
    )


def _path_notes(opened: Opened, setup: Setup) -> tuple[str, ...]:
    rules = setup.foreign.rules
    if rules is None or not rules.path_rules or not opened.subject.only_introduced:
        return ()
    names = ", ".join(rule.id for rule in rules.path_rules)
    return (f"{rules.source}: rules about paths alone need a scan of the files: {names}",)
