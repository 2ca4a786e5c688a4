"""One JSON document, as `schemas/json.schema.json` states it."""

from typing import BinaryIO

import msgspec

from scanner.model import Report
from scanner.sinks import _convert as convert
from scanner.sinks import _wire as wire
from scanner.sinks._options import Options


def write(report: Report, stream: BinaryIO, options: Options) -> None:
    """Write the document, indented, with a line feed at its end."""
    document = wire.Report(
        schema=wire.SCHEMA,
        tool=convert.tool(report.tool),
        repository=convert.repository(report.repository),
        agents=[convert.agent(agent) for agent in report.agents],
        summary=convert.summary(report, options.exit_code),
        findings=[convert.finding(finding) for finding in report.findings],
        incidents=[convert.incident(incident) for incident in report.incidents],
        problems=[convert.problem(problem) for problem in report.problems],
    )
    stream.write(msgspec.json.format(msgspec.json.encode(document), indent=2))
    stream.write(b"\n")
