"""Reads the ids that reflogs hold.

Through a view's link to `logs` git finds a reflog it is asked for, but lists none (it follows no
link when it walks that directory). So the files are read here; a reftable repository has none, and
there git's own `--reflog` answers. Their format is in gitrepository-layout(5): the
old id, the new id, who, when and why, a line each.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path

from scanner.errors import GitError
from scanner.gitio.discovery import read_small
from scanner.model import Problem

_LIMIT = 256 * 1024 * 1024
_ENTRY = re.compile(rb"^([0-9a-f]{40,64}) ([0-9a-f]{40,64}) ", re.MULTILINE)


def reflog_ids(common_dir: Path, problems: Callable[[Problem], None]) -> list[str]:
    """Every id in the reflogs of all refs and worktrees, each once; some may be gone by now."""
    roots = [common_dir / "logs", *sorted((common_dir / "worktrees").glob("*/logs"))]
    found: dict[bytes, None] = {}
    for root in roots:
        for directory, below, names in os.walk(root):
            below.sort()
            for name in sorted(names):
                path = Path(directory, name)
                try:
                    data = read_small(path, _LIMIT) or b""
                except GitError as error:
                    problems(Problem("git", str(path), f"reflog not read: {error.message}"))
                    continue
                for pair in _ENTRY.findall(data):
                    found.update(dict.fromkeys(pair))
    return [commit.decode("ascii") for commit in found if commit.strip(b"0")]
