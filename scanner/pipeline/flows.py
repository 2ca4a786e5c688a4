"""Data-flow checks over the Python files of the state at hand."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from scanner.model import Files, FlowMatch, Location, Problem, Tracking, Where


class FoundFlow(NamedTuple):
    """A flow and the place it is in."""

    match: FlowMatch
    location: Location


def check_flows(
    files: Files,
    where: Where,
    paths: Iterable[str],
    excluded: Callable[[str], bool],
    problems: list[Problem],
) -> Iterator[FoundFlow]:
    """Check every Python file that git tracks or would track."""
    from scanner import dataflow

    for path in paths:
        if not path.endswith(".py") or excluded(path):
            continue
        tracking = files.tracking(path)
        if tracking is Tracking.IGNORED:
            continue
        data = files.read(path)
        if data is None or not dataflow.has_trigger(data):
            continue
        result = dataflow.check_file(path, data)
        if isinstance(result, Problem):
            problems.append(result)
            continue
        for match in result:
            yield FoundFlow(
                match, Location(where, path, match.line, match.column, tracking=tracking)
            )
