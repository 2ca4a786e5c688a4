"""Writes the records of a report, once each, and never touches one that exists."""

import re
from pathlib import Path

import msgspec
import yaml

from scanner.incidents import log
from scanner.incidents.adopt import Existing, adopt
from scanner.incidents.case import Case, cases
from scanner.incidents.compose import compose, guide
from scanner.incidents.directory import Directory, open_directory
from scanner.incidents.grouping import incident_id
from scanner.incidents.yaml_text import render
from scanner.model import Category, Incident, Problem, Report, Severity

MAX_RECORD = 4 * 1024 * 1024
"""Bytes; a larger record is left alone and reported."""

MAX_DEPTH = 32
"""Nesting of a record; ours have 6."""

_NAME = re.compile(r"AR-[0-9a-f]{8}(?:[0-9a-f]{8})?\.yml")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def write_records(directory: Path, report: Report) -> tuple[Report, tuple[Path, ...]]:
    """Write one `AR-….yml` for each incident that has no record yet, and keep the log.

    Returns the report with `incident.record` set, the ids and states of existing records taken over
    and a `Problem` for each record that cannot be read; and the paths of the new records, sorted. A
    report without incidents changes nothing on disk.

    An existing file is never written to, whatever it holds; see `scanner.incidents.log` for where
    later observations go. Raises `ConfigError` where the directory cannot be used.
    """
    if not report.incidents:
        return report, ()
    data = guide()
    with open_directory(directory, Path(report.repository.path)) as target:
        existing, taken, problems = _existing(target)
        report = adopt(report, existing)
        created = []
        found = list(cases(report))
        for case in found:
            name = f"{case.incident.id}.yml"
            if name not in taken and target.create(
                name, render(compose(case, data)).encode("utf-8")
            ):
                created.append(directory / name)
        problems += log.append(target, found)
    return _with_records(report, directory, problems), tuple(sorted(created))


def open_record(
    directory: Path, report: Report, category: Category, title: str, severity: Severity
) -> Path:
    """Open a record by hand, of any category; the scanner itself assigns only 1, 3 and 4.

    Only the report's tool, repository, coverage and start are used, none of its findings. The same
    title opened twice in one second is the same record. Returns its path; raises `ConfigError`.
    """
    subject = f"hand:{category.value}:{report.started}:{title}"
    incident = Incident(
        id=incident_id(subject),
        category=category,
        title=title,
        severity=severity,
        subject=subject,
        findings=(),
    )
    case = Case(report, incident, ())
    name = f"{incident.id}.yml"
    with open_directory(directory, Path(report.repository.path)) as target:
        target.create(name, render(compose(case, guide())).encode("utf-8"))
        log.append(target, [case])
    return directory / name


def _with_records(report: Report, directory: Path, problems: tuple[Problem, ...]) -> Report:
    shown = _relative(directory, Path(report.repository.path))
    return msgspec.structs.replace(
        report,
        incidents=tuple(
            msgspec.structs.replace(one, record=(shown / f"{one.id}.yml").as_posix())
            for one in report.incidents
        ),
        problems=(*report.problems, *problems),
    )


def _relative(directory: Path, root: Path) -> Path:
    """Relative to the repository where it is inside, so that reports do not name the machine."""
    try:
        return directory.resolve().relative_to(root.resolve())
    except ValueError:
        return directory


def _existing(target: Directory) -> tuple[list[Existing], set[str], tuple[Problem, ...]]:
    """The records that can be read, the names that are taken, and what cannot be read."""
    found: list[Existing] = []
    taken: set[str] = set()
    problems: list[Problem] = []
    for name in target.names():
        if not _NAME.fullmatch(name):
            continue
        taken.add(name)
        try:
            one = _head(target.read(name, MAX_RECORD))
            if f"{one.id}.yml" != name:
                raise ValueError("its id is not its file name")
            found.append(one)
        except (OSError, ValueError, yaml.YAMLError) as error:
            problems.append(_problem(target.path / name, error))
    return found, taken, tuple(problems)


def _head(content: bytes) -> Existing:
    """What a scan has to know of a record, from its parser's events up to the last of it.

    Not loaded as a whole: libyaml's composer overflows the stack on deep nesting, which kills the
    process, and the rest of the file is people's. Raises `ValueError` if anything is missing.
    """
    scalars: dict[str, str] = {}
    subjects: list[str] = []
    key: str | None = None
    depth = 0
    for event in yaml.parse(content, Loader=_LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH or (depth == 1 and not isinstance(event, yaml.MappingStartEvent)):
                raise ValueError("not a mapping, or nested too deeply")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif isinstance(event, yaml.ScalarEvent):
            if depth == 2 and key == "subjects":
                subjects.append(event.value)
            elif depth == 1 and key is None:
                key = event.value
                continue
            elif depth == 1 and key is not None:
                scalars[key] = event.value
        if depth == 1 and not isinstance(event, yaml.MappingStartEvent):
            key = None
        if depth == 1 and subjects and scalars.keys() >= {"id", "status"}:
            return Existing(scalars["id"], scalars["status"], tuple(subjects))
    raise ValueError("id, status or subjects is missing")


def _problem(path: Path, error: Exception) -> Problem:
    if isinstance(error, OSError):
        reason = error.strerror or "cannot be opened"
    elif isinstance(error, yaml.YAMLError):
        mark = getattr(error, "problem_mark", None)
        reason = f"not valid YAML{f', line {mark.line + 1}' if mark else ''}"
    else:
        reason = "not a record: its id, status and subjects must stay as they were written"
    return Problem("record", str(path), f"{reason}; left as it is", hint="mend or remove it")
