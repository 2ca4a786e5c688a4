"""For people: every line says what, where, who can see it, since when, or what to do."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from scanner.model import AgentUse, Report, Severity
from scanner.sinks._block import block
from scanner.sinks._describe import count, short
from scanner.sinks._foot import coverage, folded, problems, records
from scanner.sinks._group import grouped
from scanner.sinks._layout import Line, Piece, render, wrap
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

_EXITS = {
    0: "nothing at or above --fail-on",
    1: "findings at or above --fail-on",
    3: "incomplete, something was not scanned",
}


def write(report: Report, stream: BinaryIO, options: Options) -> None:
    """Write the report for reading, at `options.width` columns (40 at least)."""
    lines = _report(report, max(options.width, 40), options)
    for line in render(lines, STYLES, color=options.color):
        stream.write(line)


def _report(report: Report, width: int, options: Options) -> Iterator[Line]:
    yield from wrap(_header(report), width, hang=2)
    yield ()
    shown, rest = report.findings[:_FINDINGS], report.findings[_FINDINGS:]
    for group in grouped(shown):
        yield from block(group, report.agents, width, verbose=options.verbose)
        yield ()
    sections = (
        folded(rest, width) if rest else (),
        records(report.incidents, shown, width),
        problems(report.problems, width) if report.problems else (),
        coverage(report, width),
    )
    for section in sections:
        lines = tuple(section)
        yield from lines
        if lines:
            yield ()
    if not report.findings:
        yield from wrap(_nothing(report), width, hang=2)
    yield from wrap(_summary(report, options.exit_code), width, hang=2)


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
    yield Piece(f" · {_agents(report.agents)}")


def _agents(agents: Sequence[AgentUse]) -> str:
    """Those surely in use by name; two dozen read AGENTS.md, so of the others the number."""
    sure = [agent for agent in agents if agent.grade != "weak"]
    weak = len(agents) - len(sure)
    if not sure:
        return f"weak signs of {count(weak, 'agent')}" if weak else "no agent in use"
    more = f", weak signs of {weak} more" if weak else ""
    return f"agents in use: {', '.join(map(_agent, sure))}{more}"


def _agent(agent: AgentUse) -> str:
    commits = f" ({count(agent.commits, 'commit')})" if agent.commits else ""
    return printable(agent.name, 40) + commits


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
        if not any(incident.record for incident in report.incidents):
            yield Piece(" (to write: --incidents DIR)")
    if report.problems:
        yield Piece(f" · {count(len(report.problems), 'problem')}: not all was scanned", "bad")
    yield Piece(f" · {report.seconds:.1f} s")
    if exit_code is not None:
        meaning = _EXITS.get(exit_code)
        if exit_code == 0 and not report.findings:
            meaning = "clean and complete"
        yield Piece(f" · exit {exit_code}" + (f": {meaning}" if meaning else ""))
