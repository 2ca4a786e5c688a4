"""For people: every line says what, where, who can see it, since when, or what to do."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import BinaryIO

from scanner.model import AgentUse, Finding, Incident, Problem, Report, Severity
from scanner.sinks._block import block
from scanner.sinks._describe import count, short
from scanner.sinks._layout import Line, Piece, render, row, wrap
from scanner.sinks._options import Options
from scanner.sinks._printable import printable

STYLES = {
    "critical": "bold red",
    "high": "red",
    "medium": "yellow",
    "low": "cyan",
    "info": "dim",
    "title": "bold",
    "path": "bold",
    "dim": "dim",
    "open": "red",
    "ask": "yellow",
    "shut": "green",
    "unknown": "magenta",
    "good": "bold green",
    "bad": "bold red",
}

_FINDINGS = 50
"""Findings shown in full; the less severe ones beyond are counted by rule."""
_ROWS = 20
"""Rules in the table of those, kinds of problems, and notes."""

_EXITS = {
    0: "nothing at or above --fail-on",
    1: "findings at or above --fail-on",
    3: "incomplete, something was not scanned",
}


def write(report: Report, stream: BinaryIO, options: Options) -> None:
    """Write the report for reading, at `options.width` columns (40 at least)."""
    lines = _report(report, max(options.width, 40), options.exit_code)
    for line in render(lines, STYLES, color=options.color):
        stream.write(line)


def _report(report: Report, width: int, exit_code: int | None) -> Iterator[Line]:
    yield from wrap(_header(report), width, hang=2)
    yield ()
    records = {incident.id: incident for incident in report.incidents}
    for finding in report.findings[:_FINDINGS]:
        yield from block(finding, report.agents, records, width)
        yield ()
    if len(report.findings) > _FINDINGS:
        yield from _folded(report.findings[_FINDINGS:], width)
        yield ()
    yield from _unattached(report.incidents, report.findings, width)
    if report.problems:
        yield from _problems(report.problems, width)
        yield ()
    notes = list(_notes(report))
    if notes:
        for number, note in enumerate(notes):
            yield from row(
                "" if number else "COVERAGE", [Piece(note)], width, style="title", hang=2
            )
        yield ()
    if not report.findings:
        yield from wrap(_nothing(report), width, hang=2)
    yield from wrap(_summary(report, exit_code), width, hang=2)


# ------------------------------------------------------------------------------ head and foot


def _header(report: Report) -> Iterator[Piece]:
    repository = report.repository
    yield Piece(printable(repository.name, 80) or "repository", "title", whole=True)
    if repository.head:
        branch = f"{printable(repository.branch, 60)} " if repository.branch else ""
        yield Piece(f" · {branch}{short(repository.head)}")
    for fact, words in (
        (not repository.is_git, "not a git repository: no history, no authorship"),
        (repository.bare, "bare"),
        (repository.shallow, "shallow clone"),
        (repository.partial, "partial clone"),
    ):
        if fact:
            yield Piece(f" · {words}", "ask")
    yield Piece(f" · {_looked_at(report)}")
    agents = ", ".join(_agent(agent) for agent in report.agents)
    yield Piece(f" · agents in use: {agents}" if agents else " · no sign of an agent in use")


def _agent(agent: AgentUse) -> str:
    remarks = []
    if agent.commits:
        remarks.append(count(agent.commits, "commit"))
    if agent.grade == "weak":
        remarks.append("weak signs")
    return printable(agent.name, 40) + (f" ({', '.join(remarks)})" if remarks else "")


def _looked_at(report: Report) -> str:
    coverage = report.coverage
    parts = [
        count(number, noun)
        for number, noun in (
            (coverage.commits, "commit"),
            (coverage.blobs, "blob"),
            (coverage.files, "file"),
        )
        if number
    ]
    if not parts:
        return "nothing was looked at"
    return ", ".join(parts) + (f" ({_size(coverage.bytes)})" if coverage.bytes else "")


def _size(number: int) -> str:
    size = float(number)
    for unit in ("B", "kB", "MB"):
        if size < 999.5:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:,.1f} GB"


def _nothing(report: Report) -> Iterator[Piece]:
    looked = _looked_at(report)
    if report.problems:
        yield Piece("Nothing found in what could be read", "bad")
        yield Piece(f" of {looked}. Not everything could: this is no clean result.")
    elif looked == "nothing was looked at":
        yield Piece("Nothing found, but nothing was looked at either.", "ask")
    else:
        yield Piece("Nothing found", "good")
        yield Piece(f" in {looked}.")


def _summary(report: Report, exit_code: int | None) -> Iterator[Piece]:
    by_severity = Counter(finding.severity for finding in report.findings)
    yield Piece(count(len(report.findings), "finding"), "title")
    first = True
    for severity in reversed(Severity):
        if by_severity[severity]:
            yield Piece(": " if first else ", ")
            yield Piece(f"{by_severity[severity]:,} {severity}", severity.value)
            first = False
    if report.incidents:
        yield Piece(f" · {count(len(report.incidents), 'candidate record')}")
    if report.problems:
        yield Piece(f" · {len(report.problems):,} not scanned", "bad")
    yield Piece(f" · {report.seconds:.1f} s")
    if exit_code is not None:
        meaning = _EXITS.get(exit_code)
        if exit_code == 0 and not report.findings:
            meaning = "clean and complete"
        yield Piece(f" · exit {exit_code}" + (f": {meaning}" if meaning else ""))


# ------------------------------------------------------------------------------ what is folded


def _folded(findings: Iterable[Finding], width: int) -> Iterator[Line]:
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


def _unattached(
    incidents: Iterable[Incident], findings: Iterable[Finding], width: int
) -> Iterator[Line]:
    shown = {finding.incident for finding in islice(findings, _FINDINGS)}
    rest = [incident for incident in incidents if incident.id not in shown]
    if not rest:
        return
    for number, incident in enumerate(rest[:_ROWS]):
        pieces = [
            Piece(printable(incident.id, 40)),
            Piece(f" {printable(incident.status, 40)}", "dim"),
            Piece(f"  {printable(incident.title, 120)}"),
        ]
        yield from row("" if number else "RECORDS", pieces, width, style="title", hang=2)
    if len(rest) > _ROWS:
        yield from row("", [Piece(f"and {len(rest) - _ROWS:,} more")], width)
    yield ()


def _problems(problems: tuple[Problem, ...], width: int) -> Iterator[Line]:
    groups: dict[tuple[str, str, str | None], list[str]] = {}
    for problem in problems:
        groups.setdefault((problem.stage, problem.reason, problem.hint), []).append(problem.where)
    first = [Piece(f"{count(len(problems), 'input')}: what is in there is unknown", "bad")]
    yield from row("NOT READ", first, width, style="bad")
    for (stage, reason, hint), wheres in islice(groups.items(), _ROWS):
        pieces = [Piece(f"{printable(stage, 40)}: {printable(reason, 300)}:")]
        for where in wheres[:3]:
            pieces += [Piece(" "), Piece(printable(where, 200), "path", whole=True)]
        if len(wheres) > 3:
            pieces.append(Piece(f" and {len(wheres) - 3:,} more"))
        yield from row("", pieces, width, hang=2)
        if hint:
            yield from row("", [Piece(f"→ {printable(hint, 300)}")], width, hang=2)
    if len(groups) > _ROWS:
        yield from row("", [Piece(f"and {len(groups) - _ROWS:,} other kinds")], width)


def _notes(report: Report) -> Iterator[str]:
    coverage = report.coverage
    if coverage.undeclared_commits:
        yield (
            f"{coverage.undeclared_commits:,} of {count(coverage.agent_commits, 'agent commit')} "
            "had no declared scope: whether they stayed inside their task is unknown"
        )
    if coverage.suppressed:
        yield f"{count(coverage.suppressed, 'finding')} hidden by inline ignores"
    if coverage.baselined:
        yield f"{count(coverage.baselined, 'finding')} hidden by the baseline"
    for note in coverage.notes[:_ROWS]:
        yield printable(note, 400)
    if len(coverage.notes) > _ROWS:
        yield f"and {count(len(coverage.notes) - _ROWS, 'more note')}"
