"""Measures `agentreach attribute` beside `git log` printing the same fields, in the same run.

    python bench/attribute.py REPOSITORY... [--commits 50000] [--runs 3]

Prints wall time, user CPU of all processes and the ratios, for the default tables, with authors,
and with directories. Directories are compared with a `git log` that lists paths, since reading
trees is git's own cost. Both read commit objects without a commit graph, as every scan does.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
_FIELDS = "--format=%H%x00%P%x00%an%x00%ae%x00%at%x00%cn%x00%ce%x00%ct%x00%B"
_SETTINGS = ("-c", "core.commitGraph=false", "-c", "core.multiPackIndex=false")
_PATHS = ("--raw", "-c", "--root", "--no-renames", "--no-abbrev")


class Cost(NamedTuple):
    """Seconds."""

    wall: float
    user: float


def git(repository: Path, *arguments: str) -> str:
    """git's output as text."""
    command = ["git", "-C", str(repository), *arguments]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout.strip()


def latest(repository: Path, wanted: int) -> tuple[str, int]:
    """A range of about the newest `wanted` commits that HEAD reaches, and how many it has."""
    line = git(repository, "rev-list", "--first-parent", "HEAD").split()
    low, high = 0, len(line) - 1
    while low < high:
        middle = (low + high) // 2
        if int(git(repository, "rev-list", "--count", f"{line[middle]}..HEAD")) < wanted:
            low = middle + 1
        else:
            high = middle
    span = f"{line[low]}..HEAD"
    return span, int(git(repository, "rev-list", "--count", span))


def cost(command: list[str]) -> Cost:
    """One run, its output thrown away."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 3):
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    # What a process' own children used is added to it when it waits for them.
    return Cost(time.perf_counter() - begun, used.ru_utime)


def compared(repository: Path, span: str, runs: int) -> None:
    """The rows of one repository's table."""
    log = ["git", "-C", str(repository), *_SETTINGS, "log", "-z", "--no-mailmap"]
    # A mirror has pull requests, a clone has none; what recovery costs is a row of its own.
    whole = [sys.executable, "-m", "scanner", "attribute", "-R", str(repository), span]
    here = [*whole, "--no-recovery"]
    rows = (
        ("agent,week", [*log, "--format=raw", span], here),
        ("  same, formatted", [*log, _FIELDS, span], here),
        ("agent,week,author", [*log, "--format=raw", span], [*here, "--by", "week,author"]),
        ("  with recovery", [*log, "--format=raw", span], whole),
        ("agent,directory", [*log, "--format=raw", *_PATHS, span], [*here, "--by", "directory"]),
    )
    for name, theirs, ours in rows:
        pairs = [(cost(theirs), cost(ours)) for _ in range(runs + 1)][1:]
        wall, user = (
            tuple(statistics.median(pair[side][part] for pair in pairs) for side in (0, 1))
            for part in (0, 1)
        )
        print(
            f"  {name:20}{wall[0]:8.2f}{wall[1]:8.2f}{wall[1] / wall[0]:7.2f}x"
            f"{user[0]:9.2f}{user[1]:8.2f}{user[1] / user[0]:7.2f}x"
        )


def main() -> None:
    """Measure each repository in turn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repositories", nargs="+", type=Path)
    parser.add_argument("--commits", type=int, default=50_000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    for repository in options.repositories:
        span, number = latest(repository, options.commits)
        print(f"{repository.parent.name}: {number:,} commits, seconds")
        print(f"  {'':20}{'wall git':>8}{'ours':>8}{'':8}{'user git':>9}{'ours':>8}")
        compared(repository, span, options.runs)


if __name__ == "__main__":
    main()
