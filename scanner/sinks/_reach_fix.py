"""Settings that would close what agents can see: the diff for a program, the report for a person.

The diff goes to one stream alone, so that `agentreach reach --fix | git apply` works.
"""

from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

from scanner.model.fixes import Fixes, Narrowed, Patch
from scanner.sinks import _reach_words as words
from scanner.sinks._describe import CHANNELS, count
from scanner.sinks._foot import problems
from scanner.sinks._layout import Line, Piece, render, row, wrap
from scanner.sinks._options import Options
from scanner.sinks._printable import printable
from scanner.sinks.text import STYLES

_LISTED = 40
_MASKED = "a secret stands in these lines and is masked: git cannot apply this text, --write can"


def write_diff(fixes: Fixes, stream: BinaryIO, *, terminal: bool) -> None:
    """Write the unified diffs, and flush. On a terminal, what would act on it is escaped; to a
    program every byte is as it has to be."""
    for patch in fixes.patches:
        text = _shown(patch) if terminal else patch.text
        stream.write(text.encode())
    stream.flush()


def _shown(patch: Patch) -> str:
    lines = patch.text.removesuffix("\n").split("\n")
    return "".join(f"{line[:1]}{_line(line[1:])}\n" for line in lines)


def _line(text: str) -> str:
    """Tabs indent settings, and a carriage return ends lines: neither acts on a terminal so."""
    body = text.removesuffix("\r")
    return "\t".join(printable(part) for part in body.split("\t"))


def write_report(fixes: Fixes, stream: BinaryIO, options: Options, *, written: bool) -> None:
    """Write what the settings close and what stays open, and flush."""
    width = max(options.width, 60)
    for line in render(_lines(fixes, width, written=written), STYLES, color=options.color):
        stream.write(line)
    stream.flush()


def _lines(fixes: Fixes, width: int, *, written: bool) -> Iterator[Line]:
    yield from wrap(_header(fixes, written=written), width, hang=2)
    yield ()
    sections = (
        _rows(fixes, width),
        _files(fixes, width),
        _closed(fixes, width),
        _open(fixes, width),
        problems(fixes.problems, width) if fixes.problems else (),
        _notes(fixes, width),
    )
    for section in sections:
        lines = tuple(section)
        yield from lines
        if lines:
            yield ()
    yield from wrap([Piece(_end(fixes, written=written))], width)


def _header(fixes: Fixes, *, written: bool) -> Iterator[Piece]:
    yield Piece(printable(fixes.repository, 80) or "repository", "title", whole=True)
    agents = ", ".join(printable(agent, 40) for agent in fixes.agents) or "no agent"
    verb = "written" if written else "proposed"
    yield Piece(f" · settings for {agents} · {count(len(fixes.edits), 'file')} {verb}")


def _rows(fixes: Fixes, width: int) -> Iterator[Line]:
    for index, finding in enumerate(fixes.findings[:_LISTED]):
        pieces = [
            Piece(f"{index + 1} "),
            Piece(words.where(finding), "path", whole=True),
            Piece(f"  {words.what(finding)}"),
        ]
        yield from row("" if index else "ROWS", pieces, width, style="title", hang=4)
    if (more := len(fixes.findings) - _LISTED) > 0:
        yield from row("", [Piece(f"and {more:,} more, as agentreach reach lists them")], width)


def _files(fixes: Fixes, width: int) -> Iterator[Line]:
    for index, (edit, patch) in enumerate(zip(fixes.edits, fixes.patches, strict=True)):
        verb = "new" if edit.before is None else "changed"
        agents = ", ".join(printable(agent, 40) for agent in edit.agents)
        pieces = [
            Piece(printable(edit.path, 300), "path", whole=True),
            Piece(f"  {verb}, for {agents}{f'; {_MASKED}' if patch.masked else ''}"),
        ]
        yield from row("" if index else "FILES", pieces, width, style="title", hang=2)


def _closed(fixes: Fixes, width: int) -> Iterator[Line]:
    for index, one in enumerate(islice(fixes.narrowed, _LISTED)):
        yield from row("" if index else "CLOSES", _change(one), width, style="title", hang=2)
    if (more := len(fixes.narrowed) - _LISTED) > 0:
        yield from row("", [Piece(f"and {more:,} more channels")], width)


def _change(one: Narrowed) -> list[Piece]:
    return [
        Piece(f"{printable(one.agent, 40)}: ", "title"),
        Piece(f"{CHANNELS[one.channel]}, {words.numbered(one.rows)}: "),
        Piece(words.SHORT_VERDICTS[one.before], words.STYLES[one.before]),
        Piece(" -> "),
        Piece(words.SHORT_VERDICTS[one.after], words.STYLES[one.after]),
    ]


def _open(fixes: Fixes, width: int) -> Iterator[Line]:
    for index, one in enumerate(fixes.remaining[:_LISTED]):
        agents = ", ".join(printable(agent, 40) for agent in one.agents)
        ways = ", ".join(CHANNELS[channel] for channel in one.channels)
        pieces = [
            Piece(f"{agents}: ", "title"),
            Piece(words.LONG_VERDICTS[one.verdict], words.STYLES[one.verdict]),
            Piece(f" by {ways}, {words.numbered(one.rows)}: {printable(one.words, 600)}"),
        ]
        yield from row("" if index else "OPEN", pieces, width, style="title", hang=2)
    if (more := len(fixes.remaining) - _LISTED) > 0:
        yield from row("", [Piece(f"and {more:,} more reasons")], width)


def _notes(fixes: Fixes, width: int) -> Iterator[Line]:
    for index, note in enumerate(fixes.notes[:_LISTED]):
        pieces = [Piece(printable(note, 400))]
        yield from row("" if index else "NOTES", pieces, width, style="title", hang=2)


def _end(fixes: Fixes, *, written: bool) -> str:
    if not fixes.edits:
        return "Nothing to write."
    if written:
        return "Written. What was readable until now counts as read: rotate it."
    return "Nothing was written: --write does, or git apply with the diff."
