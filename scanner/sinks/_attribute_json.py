"""The attribution tables, or one commit explained, as one JSON document of a shipped schema."""

from typing import TYPE_CHECKING, BinaryIO

import msgspec

from scanner import model
from scanner.model import attribute_report as report_model
from scanner.sinks import _attribute_wire as wire
from scanner.sinks import _convert as convert
from scanner.sinks._describe import instant
from scanner.sinks._printable import printable
from scanner.sinks._wire import Evidence, Mark

if TYPE_CHECKING:
    from scanner.sinks._attribute import Drawing


def write(report: report_model.AttributeReport, stream: BinaryIO, drawing: "Drawing") -> None:
    """Write the document, indented, with a line feed at its end."""
    document = wire.Document(
        schema=wire.SCHEMA,
        tool=convert.tool(report.tool),
        repository=convert.repository(report.repository),
        asked=_asked(report.asked),
        summary=_summary(report, drawing.options.exit_code),
        agents=[_agent(one) for one in report.agents],
        weeks=_groups(report.weeks),
        authors=_groups(report.authors),
        directories=_groups(report.directories),
        commits=None if report.commits is None else [_marked(one) for one in report.commits],
        problems=[convert.problem(problem) for problem in report.problems],
    )
    _put(document, stream)


def write_explanation(told: report_model.CommitExplanation, stream: BinaryIO) -> None:
    """Write one commit's document likewise."""
    document = wire.CommitDocument(
        schema=wire.COMMIT_SCHEMA,
        commit=printable(told.commit),
        subject=printable(told.subject),
        author=_person(told.author),
        author_time=instant(told.author_time),
        committer=_person(told.committer),
        committer_time=instant(told.committer_time),
        outcome=told.outcome,
        marks=[
            wire.ExplainedMark(_mark(one.mark), [printable(text) for text in one.meaning])
            for one in told.marks
        ],
        missing=[printable(text) for text in told.missing],
        about=[printable(text) for text in told.about],
        conclusion=[printable(text) for text in told.conclusion],
        problems=[convert.problem(problem) for problem in told.problems],
    )
    _put(document, stream)


def _put(document: msgspec.Struct, stream: BinaryIO) -> None:
    stream.write(msgspec.json.format(msgspec.json.encode(document), indent=2))
    stream.write(b"\n")


def _asked(asked: report_model.Asked) -> wire.Asked:
    return wire.Asked(
        revisions=printable(asked.revisions),
        since=instant(asked.since) if asked.since is not None else None,
        until=instant(asked.until) if asked.until is not None else None,
        date=asked.date,
        first_parent=asked.first_parent,
        merges=asked.merges,
        paths=[printable(path) for path in asked.paths],
        mailmap=asked.mailmap,
        depth=asked.depth,
    )


def _summary(report: report_model.AttributeReport, exit_code: int | None) -> wire.Summary:
    return wire.Summary(
        complete=not report.problems,
        commits=report.tally.commits,
        merges=report.merges,
        outcomes=_outcomes(report.tally),
        impossible_dates=report.impossible_dates,
        notes=[printable(note) for note in report.notes],
        started=instant(report.started),
        seconds=round(report.seconds, 3),
        exit_code=exit_code,
    )


def _outcomes(tally: report_model.Tally) -> wire.Outcomes:
    return wire.Outcomes(
        **{one.value.replace("-", "_"): number for one, number in tally.outcomes.items()}
    )


def _agent(agent: report_model.Agent) -> wire.Agent:
    return wire.Agent(
        agent=printable(agent.agent),
        name=printable(agent.name),
        bot=agent.bot,
        commits=agent.commits,
        standings=[
            wire.Standing(
                one.role,
                one.tier,
                one.commits,
                instant(one.first) if one.first is not None else None,
                instant(one.last) if one.last is not None else None,
            )
            for one in agent.standings
        ],
        models={printable(name): number for name, number in agent.models.items()},
    )


def _groups(groups: tuple[report_model.Group, ...] | None) -> list[wire.Group] | None:
    if groups is None:
        return None
    return [
        wire.Group(
            key=printable(group.key),
            name=printable(group.name),
            commits=group.tally.commits,
            outcomes=_outcomes(group.tally),
            agents={printable(agent): number for agent, number in group.agents.items()},
        )
        for group in groups
    ]


def _marked(one: report_model.MarkedCommit) -> wire.MarkedCommit:
    return wire.MarkedCommit(
        commit=printable(one.commit),
        time=instant(one.time),
        outcome=one.outcome,
        author=_person(one.author),
        marks=[_mark(mark) for mark in one.marks],
    )


def _person(person: model.Identity) -> wire.Person:
    return wire.Person(printable(person.name), printable(person.email))


def _mark(mark: model.Mark) -> Mark:
    return Mark(
        agent=printable(mark.agent),
        name=printable(mark.name),
        role=mark.role,
        tier=mark.tier,
        model=printable(mark.model) if mark.model is not None else None,
        bot=mark.bot,
        evidence=[
            Evidence(
                printable(fact.text),
                fact.basis,
                printable(fact.source) if fact.source is not None else None,
            )
            for fact in mark.evidence
        ],
    )
