"""Ignore files that the caller names stand in for those of the repository."""

import posixpath
from collections.abc import Sequence

from scanner.reach.evaluator import Evaluator
from scanner.reach.matching.gitignore import IgnoreFile, parse_file
from scanner.reach.surroundings import GivenSettings


def ignore_of(evaluator: Evaluator, name: str) -> IgnoreFile | None:
    """The ignore file that an agent reads at the root: the caller's, or the repository's."""
    for entry in reversed(evaluator.given):
        if posixpath.basename(entry.path) == posixpath.basename(name):
            return parse_file(entry.path, entry.text)
    return evaluator.ignore_file(name)


def ignore_text(evaluator: Evaluator, name: str) -> str:
    """The text of that ignore file, "" where there is none."""
    for entry in reversed(evaluator.given):
        if posixpath.basename(entry.path) == posixpath.basename(name):
            return entry.text
    return evaluator.tree.plain_text(name)


def without_ignores(given: Sequence[GivenSettings]) -> tuple[GivenSettings, ...]:
    """The caller's files that are settings in the narrow sense."""
    return tuple(entry for entry in given if not entry.path.endswith("ignore"))
