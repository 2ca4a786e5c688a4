"""What the readers of all formats share: they read files of a tree and leave entries here."""

import posixpath
from collections.abc import Iterable

import msgspec

from scanner.model import Problem
from scanner.reach.entries.entry import (
    EVERY_AGENT,
    Carrier,
    Entries,
    Entry,
    EntryKind,
    Process,
    Span,
)
from scanner.reach.entries.sheet import Node, SheetError, read_sheet
from scanner.reach.entries.value import Judged, judge, shown_name
from scanner.reach.tree import Tree, Unreadable

_FLAT = frozenset({Carrier.DOTENV, Carrier.ENVRC, Carrier.MISE})
"""Carriers in which one name means one variable, wherever it stands in the file."""
MOST_ENTRIES = 20_000
MOST_LOOKED_AT = 100_000
"""Values, counted as often as they are met: aliases make many of a short file."""
MOST_LINKS = 2_000
_MOST_BASES = 3


class Way(msgspec.Struct, frozen=True):
    """How what stands in a file gets to a process."""

    carrier: Carrier
    processes: tuple[Process, ...]
    agents: tuple[str, ...]
    basis: str


class Link(msgspec.Struct, frozen=True):
    """A file that another one names as a source of variables."""

    target: str
    way: Way


class Collecting:
    """Collects entries and problems."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._entries: list[Entry] = []
        self.full = False
        """A limit was reached: nothing more is noted, and readers may stop."""
        self._looked_at = 0

    def add(
        self, path: str, span: Span, name: str, value: Judged, way: Way, note: str = ""
    ) -> None:
        """Note one value. Beyond the limit nothing more is noted, and a problem says so."""
        if not self._has_room(path, span):
            return
        self._entries.append(
            Entry(
                path=path,
                line=span.line,
                column=span.column,
                name=shown_name(name),
                kind=value.kind,
                carrier=way.carrier,
                processes=tuple(sorted(set(way.processes), key=list(Process).index)),
                agents=tuple(sorted(set(way.agents))),
                basis="; ".join(part for part in (way.basis, note) if part),
                reference=value.reference,
                end_line=span.end_line,
                end_column=span.end_column,
                beside_manager=value.manager,
            )
        )

    def _has_room(self, path: str, span: Span) -> bool:
        self._looked_at += 1
        if len(self._entries) < MOST_ENTRIES and self._looked_at <= MOST_LOOKED_AT:
            return True
        if not self.full:
            self.full = True
            reason = "too many values enter by configuration; those after this one are not known"
            self.problem(path, span.line, reason)
        return False

    def value(self, path: str, name: str, node: Node, way: Way, note: str = "") -> None:
        """Note a scalar of a file; an empty or missing one is nothing."""
        if node.text is None or not self._has_room(path, node.span):
            return
        judged = judge(node.text)
        if judged is not None:
            self.add(path, node.span, name, judged, way, note)

    def forwarded(
        self, path: str, span: Span, name: str, way: Way, reference: str | None = None
    ) -> None:
        """Note a value that is passed on from the host."""
        self.add(path, span, name, Judged(EntryKind.FORWARDED, reference or shown_name(name)), way)

    def problem(self, path: str, line: int | None, reason: str) -> None:
        """Note what could not be read."""
        where = f"{path}:{line}" if line else path
        hint = "correct the file, or leave it out if no tool reads it"
        self.problems.append(Problem("reach", where, reason, hint))

    def done(self) -> Entries:
        """Everything, by path, line and column, each once."""
        ordered = sorted(
            _united(_beside(self._entries)),
            key=lambda one: (one.path, one.line, one.column or 0, one.carrier, one.name),
        )
        return Entries(tuple(ordered), tuple(dict.fromkeys(self.problems)))


class Gathering(Collecting):
    """Collects over the files of one tree."""

    def __init__(self, tree: Tree) -> None:
        super().__init__()
        self.tree = tree
        self.links: list[Link] = []
        self._sheets: dict[str, Node | None] = {}

    def sheet(self, path: str) -> Node | None:
        """The decoded file; None where there is none or it cannot be read, which is noted."""
        if path not in self._sheets:
            self._sheets[path] = self._decoded(path)
        return self._sheets[path]

    def _decoded(self, path: str) -> Node | None:
        text = self.text(path)
        if text is None:
            return None
        try:
            return read_sheet(path, text)
        except SheetError as error:
            self.problem(path, error.line, f"{error.reason}; what it would bring in is not known")
            return None

    def text(self, path: str) -> str | None:
        """The file's text; None where there is none or it cannot be read, which is noted."""
        text = self.tree.text(path)
        if isinstance(text, Unreadable):
            self.problem(path, None, f"{text.reason}; what it would bring in is not known")
            return None
        return text

    def link(self, source: str, target: str, way: Way) -> None:
        """Note that a file names another, relative to its own directory, as an environment file."""
        resolved = within(posixpath.dirname(source), target)
        if resolved is not None and len(self.links) < MOST_LINKS:
            self.links.append(Link(resolved, way))


def _united(entries: Iterable[Entry]) -> list[Entry]:
    """One entry for each value and mechanism, though several services or agents take it."""
    by_place: dict[tuple[object, ...], list[Entry]] = {}
    for one in entries:
        place = (one.path, one.span, one.name, one.kind, one.carrier, one.reference)
        by_place.setdefault(place, []).append(one)
    united = []
    for several in by_place.values():
        agents = {agent for one in several for agent in one.agents}
        processes = {process for one in several for process in one.processes}
        bases = list(dict.fromkeys(one.basis for one in several))
        more = f"; and {len(bases) - _MOST_BASES} more" if len(bases) > _MOST_BASES else ""
        united.append(
            msgspec.structs.replace(
                several[0],
                agents=EVERY_AGENT if "*" in agents else tuple(sorted(agents)),
                processes=tuple(sorted(processes, key=list(Process).index)),
                basis="; ".join(bases[:_MOST_BASES]) + more,
                beside_manager=any(one.beside_manager for one in several),
            )
        )
    return united


def _beside(entries: Iterable[Entry]) -> list[Entry]:
    """Mark the literals for whose name the same file also asks a secrets manager.

    Until here the mark says of a reference that it leads to a manager.
    """
    entries = list(entries)
    managed = {
        (one.path, one.name, one.carrier)
        for one in entries
        if one.beside_manager and one.carrier in _FLAT
    }
    return [
        msgspec.structs.replace(
            one,
            beside_manager=one.kind is EntryKind.LITERAL
            and (one.path, one.name, one.carrier) in managed,
        )
        for one in entries
    ]


def within(directory: str, target: str) -> str | None:
    """A path that a file in the directory names, from the root; None outside or computed.

    The variables that stand for the directory or the root of the project are filled in.
    """
    for root in ("${workspaceFolder}/", "${localWorkspaceFolder}/", "${containerWorkspaceFolder}/"):
        if target.startswith(root):
            directory, target = "", target.removeprefix(root)
    target = target.removeprefix("{{config_root}}/").removeprefix("{{ config_root }}/")
    if not target or target.startswith(("/", "~")) or any(char in target for char in "$`{}*\n\0"):
        return None
    path = posixpath.normpath(posixpath.join(directory, target))
    return None if path.startswith("../") or path in (".", "..") else path
