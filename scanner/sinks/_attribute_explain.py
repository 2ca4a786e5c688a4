"""One commit's evidence for reading: in a terminal, as Markdown, or as JSON."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from scanner.model import Identity
from scanner.model.attribute_report import CommitExplanation, ExplainedMark
from scanner.sinks._describe import day, instant, mark, proof
from scanner.sinks._foot import problems
from scanner.sinks._layout import Line, Piece, render, row, wrap
from scanner.sinks._printable import log_safe, printable
from scanner.sinks._reach_markdown import code, escaped
from scanner.sinks.text import STYLES

if TYPE_CHECKING:
    from scanner.sinks._attribute import Drawing


def write(told: CommitExplanation, format_: str, stream: BinaryIO, drawing: "Drawing") -> None:
    """Write it in one of `_attribute.EXPLANATION_FORMATS`."""
    if format_ == "json":
        from scanner.sinks._attribute_json import write_explanation

        write_explanation(told, stream)
    elif format_ == "markdown":
        for text in _markdown(told):
            stream.write(f"{log_safe(text)}\n".encode())
    else:
        width = max(drawing.options.width, 60)
        for line in render(_lines(told, width), STYLES, color=drawing.options.color):
            stream.write(line)


def _person(person: Identity) -> str:
    return f"{person.name} <{person.email}>"


def _when(seconds: int) -> str:
    return instant(seconds) or "an impossible date"


# ------------------------------------------------------------------ in a terminal


def _lines(told: CommitExplanation, width: int) -> Iterator[Line]:
    subject = f'"{printable(told.subject, 120)}"'
    head = [Piece(printable(told.commit), "title"), Piece(f" {day(told.author_time)} {subject}")]
    yield from wrap(head, width, hang=2)
    author = f"{printable(_person(told.author), 120)}, {_when(told.author_time)}"
    committer = f"{printable(_person(told.committer), 120)}, {_when(told.committer_time)}"
    yield from row("author", [Piece(author)], width, hang=2)
    yield from row("committer", [Piece(committer)], width, hang=2)
    yield ()
    label = "MARKS"
    for one in told.marks:
        yield from _mark(one, label, width)
        label = ""
    if not told.marks:
        yield from row(label, [Piece("none")], width, style="title")
    sections = (("NOT THERE", told.missing), ("ABOUT IT", told.about), ("SO", told.conclusion))
    for title, sentences in sections:
        yield ()
        label = title
        for text in sentences:
            yield from row(label, [Piece(printable(text, 600))], width, style="title", hang=2)
            label = ""
        if not sentences:
            yield from row(label, [Piece("nothing to say")], width, style="title")
    if told.problems:
        yield ()
        yield from problems(told.problems, width)


def _mark(one: ExplainedMark, label: str, width: int) -> Iterator[Line]:
    yield from row(label, [Piece(mark(one.mark), "open")], width, style="title", hang=2)
    for fact in one.mark.evidence:
        # The commit is what all of this is about; naming it again says nothing.
        yield from row("", [Piece(f"- {printable(fact.text, 600)}")], width, hang=2)
    yield from row("", [Piece(printable(" ".join(one.meaning), 600), "dim")], width, hang=2)


# ------------------------------------------------------------------ as Markdown


def _markdown(told: CommitExplanation) -> Iterator[str]:
    yield f"# Commit {code(told.commit)}"
    yield ""
    yield f"{escaped(told.subject[:200])}"
    yield ""
    yield f"- author: {escaped(_person(told.author))}, {_when(told.author_time)}"
    yield f"- committer: {escaped(_person(told.committer))}, {_when(told.committer_time)}"
    yield ""
    yield "## Marks"
    yield ""
    for one in told.marks:
        meaning = escaped(" ".join(one.meaning))
        yield f"- **{escaped(mark(one.mark))}**. {meaning}"
        yield from (f"  - {escaped(proof(fact))}" for fact in one.mark.evidence)
    if not told.marks:
        yield "None."
    for title, sentences in (
        ("What was looked for and is not there", told.missing),
        ("What kind of commit it is", told.about),
        ("What it comes to", told.conclusion),
        ("What could not be read", tuple(problem.reason for problem in told.problems)),
    ):
        if sentences:
            yield from ("", f"## {title}", "")
            yield from (f"- {escaped(text)}" for text in sentences)
