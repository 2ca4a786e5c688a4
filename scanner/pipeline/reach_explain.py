"""Why one agent can, or cannot, see one secret: the whole reasoning, as a person would tell it."""

import re
from collections.abc import Iterable, Iterator, Sequence

from scanner.config import Config
from scanner.errors import ConfigError
from scanner.model import Basis, Channel, Location, Reach, Tracking, Verdict
from scanner.model.matrix import Cell, Column, Explanation, Row, Step, View
from scanner.pipeline.opening import open_subject
from scanner.pipeline.reach_closing import closing
from scanner.pipeline.reach_matrix import Answered, answer
from scanner.pipeline.reach_question import Question
from scanner.pipeline.reach_trace import Trace, trace
from scanner.pipeline.redact import redact
from scanner.pipeline.workers import Progress, Silence
from scanner.rules.agents import AgentFile
from scanner.rules.context import ContextRule

MOST = 5
"""Different answers told at once; a path with more secrets has to be asked about one by one."""
_LISTED = 8
_SHORTEST_HANDLE = 4
_LONGEST_QUOTE = 160
_PLACE = re.compile(r"(?P<path>.+?):(?P<line>[1-9][0-9]{0,8})(?::[0-9]+)?", re.DOTALL)
_HANDLE = re.compile(r"[0-9a-f]+")

_CHANNEL_WORDS = {
    Channel.PROMPT: "its prompt",
    Channel.INDEX: "its index",
    Channel.FILE_TOOLS: "its file tools",
    Channel.SHELL: "its shell",
    Channel.ENVIRONMENT: "its environment",
    Channel.GIT_OBJECTS: "git",
    Channel.TRACES: "its own traces",
    Channel.COPIES: "copies that it makes",
}

_SUMMARIES = {
    Verdict.AUTO: "{agent} gets it without doing anything, through {ways}.",
    Verdict.NO_PROMPT: "{agent} can read it and nobody is asked, through {ways}.",
    Verdict.PROMPT: "{agent} can read it after a person has agreed, through {ways}.",
    Verdict.BYPASS_ONLY: "{agent} can read it only where somebody switched the asking off, through "
    "{ways}.",
    Verdict.UNKNOWN: "Whether {agent} can read it is not known; it may, through {ways}.",
    Verdict.BLOCKED: "Settings that are in force keep {agent} from it in every way that is known.",
    Verdict.NOT_APPLICABLE: "{agent} has no way to it.",
}


def explain(
    config: Config, question: Question, secret: str, progress: Progress | None = None
) -> tuple[Explanation, ...]:
    """Scan, find the secret, and tell what its cell rests on; one answer for secrets that have the
    same one.

    Raises `ConfigError` when nothing, or too much, goes by that name; it says what there is.
    """
    with open_subject(config) as opened:
        answered = answer(opened, config, question, progress or Silence())
        rows = matching(answered.matrix.rows, secret)
        groups: dict[tuple[Reach, ...], list[Row]] = {}
        for row in rows:
            groups.setdefault(tuple(view.reach for view in row.cells[0].views), []).append(row)
        if len(groups) > MOST:
            raise ConfigError(
                f"{secret}: {len(rows)} secrets with {len(groups)} different answers are there",
                hint=f"name one: {_listed(rows)}",
            )
        told = tuple(_explained(same, answered) for same in groups.values())
        # Settings are quoted, and a setting can hold a secret.
        return redact(told, answered.setup.text_session(), answered.setup.rules, ())


def matching(rows: Sequence[Row], secret: str) -> tuple[Row, ...]:
    """The rows that a fingerprint's beginning, a record's id, PATH:LINE or PATH names."""
    text = secret.removeprefix("./")
    place = _PLACE.fullmatch(text)
    found = [row for row in rows if _is_named(row, text)]
    if not found and place is not None:
        at = (place["path"], int(place["line"]))
        found = [row for row in rows if at in {(one.path, one.line) for one in _places(row)}]
    if not found:
        found = [row for row in rows if any(one.path == text for one in _places(row))]
    if not found:
        there = f"there are: {_listed(rows)}" if rows else "the scan found no secret at all"
        raise ConfigError(f"no secret is known by {secret!r}", hint=there)
    return tuple(found)


def _places(row: Row) -> Sequence[Location]:
    return row.finding.locations


def _is_named(row: Row, text: str) -> bool:
    if len(text) < _SHORTEST_HANDLE:
        return False
    lower = text.lower()
    if lower.startswith("ar-"):
        record = row.finding.incident or ""
        return len(lower) > _SHORTEST_HANDLE and record.lower().startswith(lower)
    return _HANDLE.fullmatch(lower) is not None and row.finding.fingerprint.startswith(lower)


def _listed(rows: Sequence[Row]) -> str:
    shown = [
        f"{row.finding.fingerprint[:8]} {_at(row.finding.locations[0])}" for row in rows[:_LISTED]
    ]
    more = len(rows) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _at(place: Location) -> str:
    named = place.path or place.where.value
    return f"{named}:{place.line}" if place.line is not None else named


# ------------------------------------------------------------------ telling


def _explained(rows: Sequence[Row], answered: Answered) -> Explanation:
    row, column = rows[0], answered.matrix.columns[0]
    cell, finding = row.cells[0], row.finding
    agent = next(one for one in answered.setup.agents if one.id == column.agent)
    assert agent.context is not None  # a column is made of agents that are modelled
    seen = trace(answered, agent, [finding.locations[view.place] for view in cell.views])
    views = sorted(cell.views, key=lambda view: view.reach.verdict.rank)
    kind = finding.title if finding.secret is None else f"{finding.title} {finding.secret.masked}"
    others = f" and {len(rows) - 1} more with the same answer" if len(rows) > 1 else ""
    return Explanation(
        title=kind + others,
        place=_standing(finding.locations[0]),
        others=len({place.path for place in finding.locations}) - 1,
        agent=column.agent,
        name=column.name,
        verdict=cell.verdict,
        summary=_summary(column, cell),
        steps=tuple(
            Step(
                view.reach.channel,
                view.reach.verdict,
                tuple(_sentences(view, row, agent.context, answered, seen)),
            )
            for view in views
        ),
        unknown=tuple(_unknown(cell, agent, answered)),
        closing=tuple(closing(row, cell, agent, answered, seen)),
    )


def _standing(place: Location) -> str:
    words = {
        Tracking.IGNORED: "on disk, ignored by git",
        Tracking.TRACKED: "tracked",
        Tracking.UNTRACKED: "on disk, untracked",
    }
    known = words.get(place.tracking) if place.tracking is not None else None
    return f"{_at(place)} ({known or place.where.value})"


def _summary(column: Column, cell: Cell) -> str:
    ways = [_CHANNEL_WORDS[view.reach.channel] for view in cell.deciding]
    return _SUMMARIES[cell.verdict].format(
        agent=column.name, ways=_joined(dict.fromkeys(ways)) or "a channel without an answer"
    )


def _sentences(
    view: View, row: Row, context: ContextRule, answered: Answered, seen: Trace
) -> Iterator[str]:
    """The default, what decides, what was looked for."""
    reach = view.reach
    place = row.finding.locations[view.place]
    if view.place and place.path != row.finding.locations[0].path:
        yield f"This is about {_standing(place)}, where it sees most."
    default = context.default(reach.channel)
    if default is not None and default.basis not in reach.basis:
        yield f"By default {default.basis} ({context.references[default.reference]})."
    yield from _decision(reach, answered)
    if reach.versions:
        yield f"It holds for versions {reach.versions}."
    if reach.channel is Channel.FILE_TOOLS and reach.verdict is not Verdict.NOT_APPLICABLE:
        yield from _looked_for(seen)


def _decision(reach: Reach, answered: Answered) -> Iterator[str]:
    first, *remarks = reach.basis.split("; ")
    quoted = _quoted(reach.source, answered) if reach.source else None
    if quoted is not None:
        yield f"{reach.source} decides: {quoted}"
        yield _sentence(first)
    elif reach.source and reach.source not in first:
        yield f"{_upper(first)} ({reach.source})."
    else:
        yield _sentence(first)
    for remark in remarks:
        if not _is_unread(remark):
            yield _sentence(remark)


def _is_unread(remark: str) -> bool:
    """What was not read holds for all channels, and is told once for them."""
    return remark.endswith(" not read")


def _looked_for(seen: Trace) -> Iterator[str]:
    if seen.found:
        yield f"Read for this: {_joined(seen.found)}."
    if seen.missing:
        yield f"Looked for and not there: {_joined(seen.missing)}."


def _quoted(source: str, answered: Answered) -> str | None:
    """The line that a source names, if it is in the repository or in the home that was read."""
    place = _PLACE.fullmatch(source)
    if place is None or "://" in source:
        return None
    path = place["path"]
    at_home = path.startswith("~/") and answered.home is not None
    files = answered.home if at_home and answered.home is not None else answered.files
    data = files.read(path.removeprefix("~/") if at_home else path)
    if data is None:
        return None
    lines = data.decode("utf-8", "replace").splitlines()
    number = int(place["line"])
    if number > len(lines):
        return None
    text = lines[number - 1].strip()
    return f"`{text if len(text) <= _LONGEST_QUOTE else text[:_LONGEST_QUOTE] + '…'}`"


def _unknown(cell: Cell, agent: AgentFile, answered: Answered) -> Iterator[str]:
    """What would have to be known, and where to look."""
    for view in cell.views:
        reach = view.reach
        if reach.verdict is Verdict.UNKNOWN or reach.grade is Basis.UNKNOWN:
            known = [part for part in reach.basis.split("; ") if not _is_unread(part)]
            yield f"For {_CHANNEL_WORDS[reach.channel]}: {'; '.join(known)}."
    if answered.question.surroundings.home is None:
        yield (
            "The user's own settings were not read: --home reads those of this machine's user, "
            "--home=DIR those of another."
        )
    if not answered.question.surroundings.settings_of(agent.id):
        yield (
            "Managed settings were not read: an administrator knows whether there are any; "
            f"--settings {agent.id}=FILE takes them in."
        )
    yield from _unread(cell)
    for doubt in agent.context.unknown if agent.context is not None else ():
        yield _sentence(f"{doubt.what}: {doubt.why}" if doubt.why else doubt.what)


def _unread(cell: Cell) -> Iterator[str]:
    """What else the engine says that it did not read."""
    parts = (part for view in cell.views for part in view.reach.basis.split("; "))
    for part in dict.fromkeys(filter(_is_unread, parts)):
        if not part.endswith("settings not read"):
            yield _sentence(part)


def _sentence(text: str) -> str:
    stripped = _upper(text.strip())
    return stripped if stripped.endswith((".", "!", "?")) else f"{stripped}."


def _upper(text: str) -> str:
    """A capital for a word; not for a path or a rule, whose case counts."""
    first = text.split(" ", 1)[0]
    return text[:1].upper() + text[1:] if first.isalpha() else text


def _joined(parts: Iterable[str]) -> str:
    listed = list(parts)
    return " and ".join([", ".join(listed[:-1]), listed[-1]] if len(listed) > 1 else listed)
