"""One JSON object a line, as `schemas/jsonl.schema.json` states it.

The first line is the header, the last the summary: a stream without a summary was cut short.
"""

from collections.abc import Iterator
from typing import BinaryIO, TypeVar

import msgspec

from scanner.model import Report
from scanner.sinks import _convert as convert
from scanner.sinks import _wire as wire
from scanner.sinks._options import Options

Line = TypeVar("Line", bound=wire.AnyLine)


def write(report: Report, stream: BinaryIO, options: Options) -> None:
    """Write the lines, each ended by a line feed."""
    encoder = msgspec.json.Encoder()
    for line in _lines(report, options):
        stream.write(encoder.encode(line) + b"\n")


def _lines(report: Report, options: Options) -> Iterator[wire.AnyLine]:
    yield wire.HeaderLine(
        schema=wire.SCHEMA,
        tool=convert.tool(report.tool),
        repository=convert.repository(report.repository),
        agents=[convert.agent(agent) for agent in report.agents],
    )
    for finding in report.findings:
        yield _tagged(wire.FindingLine, convert.finding(finding))
    for incident in report.incidents:
        yield _tagged(wire.IncidentLine, convert.incident(incident))
    for problem in report.problems:
        yield _tagged(wire.ProblemLine, convert.problem(problem))
    yield _tagged(wire.SummaryLine, convert.summary(report, options.exit_code))


def _tagged(line: type[Line], value: wire.Wire) -> Line:
    return line(**msgspec.structs.asdict(value))
