"""What a path is for: source, test, documentation, somebody else's code."""

import re
from collections.abc import Sequence
from enum import StrEnum
from fnmatch import translate
from functools import cache

import msgspec


class PathClass(StrEnum):
    """What a path is for; the least harmless place for a secret first."""

    SOURCE = "source"
    GENERATED = "generated"
    DOCS = "docs"
    EXAMPLE = "example"
    TEST = "test"
    VENDORED = "vendored"
    LOCK = "lock"


class PathRow(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"path_class": "class"}
):
    """One class with the directories and file names that make a path belong to it."""

    path_class: PathClass
    directories: tuple[str, ...] = ()
    """Shell patterns for any one directory of the path, in lower case."""
    files: tuple[str, ...] = ()
    """Shell patterns for the file's name, in lower case."""


def classify(path: str, rows: Sequence[PathRow]) -> PathClass:
    """The class of a repository path (forward slashes); the first row that matches wins."""
    *directories, name = path.lower().split("/")
    for row in rows:
        if row.files and _any_of(row.files).match(name):
            return row.path_class
        if row.directories:
            pattern = _any_of(row.directories)
            if any(pattern.match(directory) for directory in directories):
                return row.path_class
    return PathClass.SOURCE


@cache
def _any_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(translate(pattern) for pattern in patterns))
