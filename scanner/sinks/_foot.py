"""What stands below the findings: the folded rest, records, what was not read, coverage."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from scanner.model import Finding, Incident, Problem, Report, Severity
from scanner.sinks._describe import count
from scanner.sinks._layout import Line, Piece, row
from scanner.sinks._printable import printable

_OBJECTS = re.compile(r"[0-9a-f]{40,64}(?:, [0-9a-f]{40,64})*")
_ROWS = 20
"""Rules in the table of the rest, records, kinds of problems, and notes."""


def folded(findings: Iterable[Finding], width: int) -> Iterator[Line]:
    """Findings counted by severity and rule, with the way to see them all."""
    rules: Counter[tuple[str, str]] = Counter()
    paths: dict[tuple[str, str], set[str]] = {}
    for finding in findings:
        key = (finding.severity.value, finding.rule)
        rules[key] += 1
        paths.setdefault(key, set()).add(finding.locations[0].path)
    total = sum(rules.values())
    order = sorted(rules, key=lambda key: (-Severity(key[0]).rank, -rules[key], key[1]))
    digits = max(len(f"{number:,}") for number in rules.values())
    heading = f"{count(total, 'more finding')}, no more severe than those above, by rule:"
    yield from row("AND", [Piece(heading)], width, style="title")
    for severity, rule in order[:_ROWS]:
        key = (severity, rule)
        pieces = [
            Piece(f"{rules[key]:>{digits},}  ", whole=True),
            Piece(severity.ljust(10), severity, whole=True),
            Piece(printable(rule, 80), whole=True),
            Piece(f"  in {count(len(paths[key]), 'path')}", "dim"),
        ]
        yield from row("", pieces, width, hang=digits + 12)
    if len(order) > _ROWS:
        rest = sum(rules[key] for key in order[_ROWS:])
        yield from row("", [Piece(f"and {rest:,} in {len(order) - _ROWS:,} more rows")], width)
    yield from row("", [Piece("to see all of them: --format json or --format jsonl")], width)


def records(incidents: Sequence[Incident], shown: Iterable[Finding], width: int) -> Iterator[Line]:
    """All records where any was written; else those that `shown` does not name."""
    listed = list(incidents)
    if not any(incident.record for incident in incidents):
        named = {finding.incident for finding in shown}
        listed = [incident for incident in incidents if incident.id not in named]
    if not listed:
        return
    folder = _folder(listed)
    columns = [_row(incident, folder) for incident in listed[:_ROWS]]
    widths = [max(len(cells[n]) for cells in columns) for n in range(3)]
    if folder:
        words = [
            Piece("candidates, to be judged by a person, in "),
            Piece(folder, "path", whole=True),
        ]
        yield from row("RECORDS", words, width, style="title", hang=2)
    for number, (incident, cells) in enumerate(zip(listed, columns, strict=False)):
        pieces = [
            Piece(f"{cells[0].ljust(widths[0])}  ", whole=True),
            Piece(f"{cells[1].ljust(widths[1])}  ", incident.severity.value),
            Piece(f"{cells[2].rjust(widths[2])}  "),
            Piece(cells[3]),
        ]
        label = "" if number or folder else "RECORDS"
        yield from row(label, pieces, width, style="title", hang=2)
    if len(listed) > _ROWS:
        yield from row("", [Piece(f"and {len(listed) - _ROWS:,} more")], width)


def _folder(incidents: Sequence[Incident]) -> str:
    """The one directory that holds all of the records; empty where there is none."""
    folders = {one.record.rpartition("/")[0] for one in incidents if one.record}
    return printable(f"{folders.pop()}/") if len(folders) == 1 and "" not in folders else ""


def _row(incident: Incident, folder: str) -> tuple[str, str, str, str]:
    record = printable(incident.record) if incident.record else printable(incident.id, 40)
    return (
        record.removeprefix(folder),
        incident.severity.value,
        count(len(incident.findings), "finding"),
        printable(incident.title, 120),
    )


def problems(found: Sequence[Problem], width: int) -> Iterator[Line]:
    """What was not read and why, the same reason once."""
    groups: dict[tuple[str, str, str | None], list[str]] = {}
    for problem in found:
        groups.setdefault((problem.stage, problem.reason, problem.hint), []).append(problem.where)
    first = [Piece("what is in these is unknown:", "bad")]
    yield from row("NOT READ", first, width, style="bad")
    for (stage, reason, hint), wheres in islice(groups.items(), _ROWS):
        pieces = [Piece(f"{printable(stage, 40)}: {printable(reason, 300)}:")]
        for where in wheres[:3]:
            is_path = _OBJECTS.fullmatch(where) is None
            pieces += [Piece(" "), Piece(printable(where, 200), "path", whole=is_path)]
        if len(wheres) > 3:
            pieces.append(Piece(f" and {len(wheres) - 3:,} more"))
        yield from row("", pieces, width, hang=2)
        if hint:
            yield from row("", [Piece(f"→ {printable(hint, 300)}")], width, hang=2)
    if len(groups) > _ROWS:
        yield from row("", [Piece(f"and {len(groups) - _ROWS:,} other kinds")], width)


def coverage(report: Report, width: int) -> Iterator[Line]:
    """What was left out on purpose or could not be judged."""
    for number, note in enumerate(_notes(report)):
        yield from row("" if number else "COVERAGE", [Piece(note)], width, style="title", hang=2)


def _notes(report: Report) -> Iterator[str]:
    looked = report.coverage
    if looked.undeclared_commits:
        verb = "declares" if looked.undeclared_commits == 1 else "declare"
        yield (
            f"{looked.undeclared_commits:,} of {count(looked.agent_commits, 'agent commit')} "
            f"{verb} no task: scope not checked"
        )
    if looked.suppressed:
        yield f"{count(looked.suppressed, 'finding')} hidden by inline ignores"
    if looked.baselined:
        yield f"{count(looked.baselined, 'finding')} hidden by the baseline"
    if looked.uncertain:
        yield (
            f"{count(looked.uncertain, 'finding')} too uncertain to show; "
            "to see them: --min-confidence low"
        )
    for note in looked.notes[:_ROWS]:
        yield printable(note, 400)
    if len(looked.notes) > _ROWS:
        yield f"and {count(len(looked.notes) - _ROWS, 'more note')}"
