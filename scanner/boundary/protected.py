"""Protected paths and what the rules say about a change to them."""

from functools import lru_cache
from typing import NamedTuple

from scanner.boundary.globs import Globs
from scanner.boundary.signals import find_signal
from scanner.boundary.view import CREATED, Observation, Signal, View, created, setting_up
from scanner.model import Change, PathChange
from scanner.rules.boundaries import BoundaryFile, BoundaryRule


class Found(NamedTuple):
    """A rule and everything it saw in one change."""

    rule: BoundaryRule
    subject: BoundaryFile
    observations: tuple[Observation, ...]

    @property
    def paths(self) -> tuple[str, ...]:
        """Sorted, each once."""
        return tuple(sorted({observation.path for observation in self.observations}))

    @property
    def doubts(self) -> tuple[str, ...]:
        """Why it may all be no widening; empty when one observation leaves no doubt."""
        doubts = [observation.doubt for observation in self.observations]
        return tuple(dict.fromkeys(doubt for doubt in doubts if doubt)) if all(doubts) else ()


class _Compiled(NamedTuple):
    subject: BoundaryFile
    paths: Globs
    not_paths: Globs
    rules: tuple[tuple[BoundaryRule, Globs, Signal | None], ...]

    def covers(self, path: str) -> bool:
        return path in self.paths and path not in self.not_paths


class Protection:
    """The rules of `rules/boundaries`, compiled once."""

    def __init__(self, files: tuple[BoundaryFile, ...]) -> None:
        self._subjects = tuple(_compile(file) for file in files)
        # A history names the same paths again and again, most of them protected by nothing.
        self._covering = lru_cache(maxsize=100_000)(self._look_up)

    def _look_up(self, path: str) -> tuple[int, ...]:
        return tuple(index for index, subject in enumerate(self._subjects) if subject.covers(path))

    def guarding(self, path: str) -> BoundaryFile | None:
        """The subject that protects a path, if any."""
        for index in self._covering(path):
            if self._subjects[index].subject.protected:
                return self._subjects[index].subject
        return None

    def find(self, view: View) -> list[Found]:
        """Every rule that has something to say, in the rules' order."""
        found: list[Found] = []
        touched_by: dict[int, list[PathChange]] = {}
        for path in view.change.paths:
            for index in self._covering(path.path):
                touched_by.setdefault(index, []).append(path)
        for index in sorted(touched_by):
            subject, touched = self._subjects[index], touched_by[index]
            for rule, globs, signal in subject.rules:
                paths = tuple(path for path in touched if not rule.paths or path.path in globs)
                observations = _observe(rule, signal, view, paths) if paths else []
                if observations:
                    found.append(Found(rule, subject.subject, tuple(observations)))
        return found


def _compile(file: BoundaryFile) -> _Compiled:
    rules = tuple(
        (rule, Globs(rule.paths), find_signal(rule.signal) if rule.signal else None)
        for rule in file.rules
    )
    return _Compiled(file, Globs(file.paths), Globs(file.not_paths), rules)


def _observe(
    rule: BoundaryRule, signal: Signal | None, view: View, paths: tuple[PathChange, ...]
) -> list[Observation]:
    if signal is not None:
        observations = signal(view, paths, rule)
    else:
        observations = [
            Observation(path.path, verb(path), doubt=setting_up(path)) for path in paths
        ]
    if rule.created == "ignore":
        observations = [one for one in observations if one.doubt != CREATED]
    return observations


def verb(path: PathChange) -> str:
    """What happened to a path, in a word."""
    if path.new_blob is None:
        return "deleted"
    return "added" if created(path) else "modified"


def is_root(change: Change) -> bool:
    """The first commit of a history: nothing existed before it."""
    return change.commit is not None and not change.parents
