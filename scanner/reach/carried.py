"""The environment channel: values that configuration carries into processes, joined by place.

`entries` says what stands where; here it becomes an answer for a place and an agent.
"""

from collections.abc import Sequence
from functools import lru_cache

from scanner.model import Basis, Location, Problem, Verdict, WayIn
from scanner.reach.entries import (
    Entries,
    Entry,
    EntryKind,
    Process,
    entry_at,
    read_entries,
    read_manifests,
    route,
)
from scanner.reach.entries.entry import EVERY_AGENT
from scanner.reach.evaluator import Answer
from scanner.reach.tree import Tree
from scanner.rules.agents import AgentFile

_OWN = frozenset({Process.AGENT, Process.AGENT_SHELL, Process.WORKFLOW_JOB})
_WITH_VALUE = (EntryKind.LITERAL, EntryKind.DEFAULT_LITERAL)


class Carried:
    """What one tree's configuration carries. Immutable; safe to ask from several threads."""

    def __init__(self, tree: Tree, agents: Sequence[AgentFile]) -> None:
        self._manifests = lru_cache(maxsize=1024)(lambda path: read_manifests(tree, [path]))
        found = read_entries(tree, agents)
        self.problems: tuple[Problem, ...] = found.problems
        by_path: dict[str, list[Entry]] = {}
        for entry in found.entries:
            by_path.setdefault(entry.path, []).append(entry)
        self._by_path = {path: Entries(tuple(own)) for path, own in by_path.items()}

    def way_in(self, location: Location) -> WayIn | None:
        """How the value at a place gets in, where configuration says so."""
        entry = self._at(location)
        if entry is None and location.path.endswith((".yaml", ".yml")) and location.line:
            # Only where a secret was found: there are thousands of such files in some trees.
            entry = entry_at(self._manifests(location.path), location.path, location.line)
        if entry is None or (words := route(entry)) is None:
            return None
        return WayIn(words, entry.basis, f"{entry.path}:{entry.line}")

    def answer(self, agent: str, location: Location) -> Answer | None:
        """What an agent's processes get of the value at a place; None where nothing carries it."""
        entry = self._at(location)
        if entry is None or not entry.processes or entry.kind not in _WITH_VALUE:
            return None
        if entry.agents != EVERY_AGENT and agent not in entry.agents:
            return None
        verdict = Verdict.UNKNOWN
        if agent in entry.agents and _OWN.intersection(entry.processes):
            # Loaded is not sent: a command has to print it, or a program to use it.
            verdict = Verdict.NO_PROMPT
        return Answer(verdict, entry.basis, f"{entry.path}:{entry.line}", Basis.CONFIG)

    def _at(self, location: Location) -> Entry | None:
        entries = self._by_path.get(location.path)
        if entries is None or location.line is None:
            return None
        # A column counts bytes here and characters there, so the line decides.
        return entry_at(entries, location.path, location.line)
