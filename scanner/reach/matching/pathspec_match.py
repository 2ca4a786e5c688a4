"""Ignore files as Aider reads them, with the GitWildMatch patterns of Python's pathspec.

A pattern matches as in git, but there is one difference: git never looks into a directory that is
excluded, here simply the last line that matches a file or a directory above it decides. So
`secrets/` followed by `!secrets/readme.md` takes the file back in.
"""

import re

import msgspec

from scanner.reach.matching.gitignore import Hit, IgnoreFile, excludes

_UNCLEAR = re.compile(r"!(?:/+|.*\*\*/)")


def decide_by_last_line(file: IgnoreFile, path: str) -> Hit | None:
    """The last line that matches the path or a directory above it; case counts."""
    parts = path.split("/")
    best: Hit | None = None
    for depth in range(1, len(parts) + 1):
        for pattern in file.candidates(parts[:depth]):
            if best is not None and pattern.line <= best.line:
                break
            if excludes(msgspec.structs.replace(pattern, negated=False), path):
                best = Hit(file.path, pattern.line, pattern.text, pattern.negated)
                break
    return best


def invalid_line(text: str) -> int | None:
    """The first line that pathspec refuses, and the whole file with it: `!` or an open escape."""
    for number, line in enumerate(text.splitlines(), 1):
        body = line.rstrip()
        backslashes = len(body) - len(body.rstrip("\\"))
        escaped_space = backslashes and line != body
        if body == "!" or (backslashes % 2 and not escaped_space and not body.startswith("#")):
            return number
    return None


def unclear_line(text: str, after: int) -> int | None:
    """A later line that takes files back in, and that versions of pathspec read differently."""
    for number, line in enumerate(text.splitlines(), 1):
        if number > after and _UNCLEAR.fullmatch(line.rstrip()):
            return number
    return None
