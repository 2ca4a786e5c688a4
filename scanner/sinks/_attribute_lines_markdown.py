"""Line shares as Markdown tables. Everything from the repository is escaped."""

from collections.abc import Iterator
from typing import BinaryIO

from scanner.model.lines import LineReport, Shares
from scanner.sinks import _attribute_lines_words as words
from scanner.sinks._describe import count, short
from scanner.sinks._options import Options
from scanner.sinks._printable import log_safe
from scanner.sinks._reach_markdown import code, escaped


def write(report: LineReport, stream: BinaryIO, options: Options) -> None:
    """Write it with a line feed after every line."""
    for line in _lines(report, verbose=options.verbose):
        stream.write(f"{log_safe(line)}\n".encode())


def _lines(report: LineReport, *, verbose: bool) -> Iterator[str]:
    yield f"## Lines of {escaped(report.repository.name)}"
    yield ""
    counted = f"{count(report.total.lines, 'line')} in {count(len(report.files), 'file')}"
    asked = f"{code(report.revision)} at {short(report.commit)}"
    yield f"{asked}: {counted}, {code(words.revision(report))}."
    yield ""
    yield from _origins(report)
    yield from _agents(report)
    yield from _places(report, verbose=verbose)
    yield from _remarks(report)


def _origins(report: LineReport) -> Iterator[str]:
    yield from _head("origin", "lines", "share", "")
    for name, lines, meaning in words.origins(report.total):
        share = words.percent(lines, report.total.lines, complete=report.complete)
        yield _row(name, f"{lines:,}", _star(share), meaning)
    yield ""


def _agents(report: LineReport) -> Iterator[str]:
    found = tuple(words.agents(report))
    if not found:
        return
    yield from _head("agent", "attested", "by mark", "share")
    for name, attested, marked in found:
        share = words.percent(attested + marked, report.total.lines, complete=report.complete)
        yield _row(escaped(name), f"{attested:,}", f"{marked:,}", _star(share))
    yield ""


def _places(report: LineReport, *, verbose: bool) -> Iterator[str]:
    rows = [(f"{one.path}/", one.shares) for one in words.top_directories(report)]
    if verbose:
        rows = [(file.path, file.shares) for file in report.files]
    if not rows:
        return
    title = "file" if verbose else "directory"
    yield from _head(title, "lines", "attested", "by mark", "human", "unknown", "agents")
    limit = len(rows) if verbose else words.LISTED
    for path, shares in rows[:limit]:
        yield _place(path, shares, report)
    if len(rows) > limit:
        yield ""
        yield f"And {len(rows) - limit:,} more directories."
    yield ""


def _place(path: str, shares: Shares, report: LineReport) -> str:
    numbers = (
        shares.lines,
        sum(shares.attested.values()),
        sum(shares.marked.values()),
        shares.human,
        shares.unknown,
    )
    share = words.percent(shares.agents, shares.lines, complete=report.complete)
    return _row(code(path), *(f"{number:,}" for number in numbers), _star(share))


def _remarks(report: LineReport) -> Iterator[str]:
    if not report.complete:
        yield "- \\* Incomplete: shares are of the lines that could be told."
    for counts in report.evidence:
        yield f"- {counts.form.value}, {code(counts.place)}: {words.evidence(counts)}"
    for skipped in report.skipped:
        yield f"- Left out, {skipped.reason.value}: {count(skipped.files, 'file')}"
    for note in report.notes:
        yield f"- {escaped(note)}"
    for problem in report.problems:
        yield f"- **Not read**: {code(problem.where)}: {escaped(problem.reason)}"


def _head(*names: str) -> Iterator[str]:
    yield _row(*names)
    yield _row("---", *["---:"] * (len(names) - 1))


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _star(share: str) -> str:
    return share.replace("*", "\\*")
