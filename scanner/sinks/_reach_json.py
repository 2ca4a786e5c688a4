"""The matrix as one JSON document, as `schemas/reach.schema.json` states it."""

from collections.abc import Iterable
from typing import BinaryIO

import msgspec

from scanner import model
from scanner.model import matrix as model_matrix
from scanner.sinks import _convert as convert
from scanner.sinks import _reach_wire as wire
from scanner.sinks._describe import instant
from scanner.sinks._options import Options
from scanner.sinks._printable import printable


def write(matrix: model_matrix.Matrix, stream: BinaryIO, options: Options) -> None:
    """Write the document, indented, with a line feed at its end."""
    document = wire.Matrix(
        schema=wire.SCHEMA,
        tool=convert.tool(matrix.tool),
        repository=convert.repository(matrix.repository),
        summary=_summary(matrix, options.exit_code),
        columns=[
            wire.Column(
                printable(column.agent),
                printable(column.name),
                convert.agent(column.use) if column.use is not None else None,
            )
            for column in matrix.columns
        ],
        rows=[_row(row) for row in matrix.rows],
        concerns=_concerns(matrix.concerns),
        what_if=_what_if(matrix),
        problems=[convert.problem(problem) for problem in matrix.problems],
    )
    stream.write(msgspec.json.format(msgspec.json.encode(document), indent=2))
    stream.write(b"\n")


def _summary(matrix: model_matrix.Matrix, exit_code: int | None) -> wire.Summary:
    counts = {
        verdict.value.replace("-", "_"): number for verdict, number in matrix.verdicts().items()
    }
    return wire.Summary(
        complete=not matrix.problems,
        rows=len(matrix.rows),
        columns=len(matrix.columns),
        cells=wire.Cells(**counts),
        read=[printable(text) for text in matrix.read],
        unseen=[printable(text) for text in matrix.unseen],
        notes=[printable(text) for text in matrix.notes],
        started=instant(matrix.started),
        scan_seconds=round(matrix.scan_seconds, 3),
        matrix_seconds=round(matrix.matrix_seconds, 3),
        exit_code=exit_code,
    )


def _row(row: model_matrix.Row) -> wire.Row:
    found = convert.finding(row.finding)
    return wire.Row(
        fingerprint=found.fingerprint,
        rule=found.rule,
        category=found.category,
        severity=found.severity,
        title=found.title,
        secret=found.secret,
        incident=found.incident,
        locations=found.locations,
        cells=[_cell(cell) for cell in row.cells],
    )


def _cell(cell: model_matrix.Cell) -> wire.Cell:
    return wire.Cell(
        agent=printable(cell.agent),
        verdict=cell.verdict,
        deciding=[view.reach.channel for view in cell.deciding],
        channels=[_view(view) for view in cell.views],
    )


def _view(view: model_matrix.View) -> wire.View:
    reach = view.reach
    return wire.View(
        channel=reach.channel,
        verdict=reach.verdict,
        basis=printable(reach.basis),
        source=printable(reach.source) if reach.source is not None else None,
        grade=reach.grade,
        versions=printable(reach.versions) if reach.versions is not None else None,
        location=view.place,
    )


def _concerns(concerns: Iterable[model.Concern]) -> list[wire.Concern]:
    return [
        wire.Concern(
            agent=printable(concern.agent),
            kind=concern.kind,
            path=printable(concern.path),
            line=concern.line,
            subject=printable(concern.subject),
            words=printable(concern.words),
            instead=printable(concern.instead),
            reference=printable(concern.reference),
            grade=concern.grade,
            personal=concern.personal,
        )
        for concern in concerns
    ]


def _what_if(matrix: model_matrix.Matrix) -> wire.WhatIf | None:
    what_if = matrix.what_if
    if what_if is None:
        return None
    return wire.WhatIf(
        paths=[printable(path) for path in what_if.paths],
        changes=[
            wire.Change(
                row=change.row,
                fingerprint=printable(matrix.rows[change.row].finding.fingerprint),
                agent=printable(change.agent),
                before=_cell(change.before),
                after=_cell(change.after),
            )
            for change in what_if.changes
        ],
        new_concerns=_concerns(what_if.new_concerns),
        settled_concerns=_concerns(what_if.settled_concerns),
    )
