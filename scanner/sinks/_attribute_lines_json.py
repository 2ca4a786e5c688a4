"""Line shares as one JSON document; `_attribute_lines_wire` states its shape."""

from collections.abc import Mapping
from typing import BinaryIO

import msgspec

from scanner.model.lines import EvidenceCounts, LineReport, Shares
from scanner.sinks import _attribute_lines_wire as wire
from scanner.sinks import _convert as convert
from scanner.sinks._options import Options
from scanner.sinks._printable import printable


def write(report: LineReport, stream: BinaryIO, options: Options) -> None:
    """Write the document, indented, with a line feed at its end."""
    document = wire.Lines(
        schema=wire.SCHEMA,
        repository=convert.repository(report.repository),
        revision=printable(report.revision),
        commit=report.commit,
        blame_options=list(report.options),
        ignored_revisions=report.ignored_revisions,
        complete=report.complete,
        total=_shares(report.total),
        agents={key: printable(name) for key, name in report.names.items()},
        directories=[
            wire.Directory(printable(one.path), one.files, _shares(one.shares))
            for one in report.directories
        ],
        files=[
            wire.File(printable(one.path), one.blob, _shares(one.shares)) for one in report.files
        ],
        skipped=[
            wire.Skipped(one.reason, one.files, [printable(path) for path in one.examples])
            for one in report.skipped
        ],
        evidence=[_evidence(one) for one in report.evidence],
        notes=[printable(note) for note in report.notes],
        problems=[convert.problem(problem) for problem in report.problems],
        seconds=round(report.seconds, 3),
        exit_code=options.exit_code,
    )
    stream.write(msgspec.json.format(msgspec.json.encode(document), indent=2))
    stream.write(b"\n")


def _shares(shares: Shares) -> wire.Shares:
    return wire.Shares(
        lines=shares.lines,
        attested=_by_agent(shares.attested),
        marked=_by_agent(shares.marked),
        human=shares.human,
        bots=_by_agent(shares.bots),
        unknown=shares.unknown,
        cut_off=shares.cut_off,
        contradictory=shares.contradictory,
    )


def _by_agent(counts: Mapping[str, int]) -> dict[str, int]:
    return {printable(agent): number for agent, number in counts.items()}


def _evidence(counts: EvidenceCounts) -> wire.Evidence:
    fields = {name: getattr(counts, name) for name in wire.Evidence.__struct_fields__}
    return wire.Evidence(**{**fields, "place": printable(counts.place)})
