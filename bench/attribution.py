"""Measures attribution on real histories: how fast matching is, and what it says of old commits.

    python bench/attribution.py REPOSITORY [REPOSITORY ...] [--commits N]
    python bench/attribution.py REPOSITORY [REPOSITORY ...] --before 2022-11-01

Without `--before`: commits a second of one core for matching alone. git's output is parsed into
changes first, a few thousand at a time, and only the matcher's CPU time is counted, the best of
some runs over the same changes, so that a busy machine tells as little as possible.

With `--before`: every distinct commit of all refs whose author's and committer's dates both lie
before that day, and how many of them an agent is found on. No coding agent existed before November
2022, so each of those is a mistake and is printed. Bots, which did exist, are counted apart.
"""

import argparse
import os
import subprocess
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path

from scanner.attribution import Attributor
from scanner.gitio.log import LOG_OPTIONS, LogParser
from scanner.model import Change, Where
from scanner.rules.agents import load_agents

GROUP = 8_000
"""Changes held in memory at a time."""


def changes(repository: Path, *selection: str) -> Iterator[Change]:
    """The commits of all refs, without their paths, as a scan parses them."""
    command = ["git", "--git-dir", str(repository), "log", *LOG_OPTIONS, "--all", *selection]
    environment = {**os.environ, "GIT_NO_REPLACE_OBJECTS": "1", "GIT_NO_LAZY_FETCH": "1"}
    process = subprocess.Popen([*command, "--"], stdout=subprocess.PIPE, env=environment)
    assert process.stdout is not None
    parser = LogParser(lambda commit, parents, ref: Where.COMMIT, frozenset())
    yield from parser.parse(process.stdout)
    process.stdout.close()
    process.wait()


def groups(stream: Iterator[Change]) -> Iterator[list[Change]]:
    """The changes, some thousands at a time."""
    while group := list(islice(stream, GROUP)):
        yield group


def name_of(repository: Path) -> str:
    """The name of the directory that tells the repository."""
    resolved = repository.resolve()
    return resolved.parent.name if resolved.name in (".git", "repo") else resolved.name


def speed(attributor: Attributor, repository: Path, limit: int, runs: int) -> None:
    """Print a row: commits, commits a second, commits that an agent wrote or had a part in."""
    commits = marked = 0
    seconds = 0.0
    for group in groups(islice(changes(repository), limit)):
        times = []
        for _ in range(runs):
            begun = time.process_time()
            found = [attributor.attribute(change) for change in group]
            times.append(time.process_time() - begun)
        seconds += min(times)
        commits += len(group)
        marked += sum(1 for attribution in found if attribution.agent)
    print(
        f"{name_of(repository):36} {commits:>8,} commits {commits / max(seconds, 1e-9):>10,.0f}/s"
        f"   by an agent {marked:>7,}",
        flush=True,
    )


def old(attributor: Attributor, repositories: Iterable[Path], before: date) -> None:
    """Print a row a repository, every mistake, and the sums."""
    limit = int(datetime(before.year, before.month, before.day, tzinfo=UTC).timestamp())
    seen: set[bytes] = set()
    sums: Counter[str] = Counter()
    for repository in repositories:
        row: Counter[str] = Counter()
        for change in changes(repository, f"--before={before.isoformat()}T00:00:00Z"):
            identity = bytes.fromhex(change.commit or "")
            if max(change.author_time, change.committer_time) >= limit or identity in seen:
                continue
            seen.add(identity)
            row["commits"] += 1
            for mark in attributor.attribute(change).marks:
                row["bots" if mark.bot else "agents"] += 1
                if not mark.bot:
                    texts = "; ".join(piece.text for piece in mark.evidence)
                    print(f"  {change.commit} {mark.agent} {mark.role} {mark.tier}: {texts}")
        print_row(name_of(repository), row)
        sums += row
    print_row("all, distinct", sums)


def print_row(title: str, row: Counter[str]) -> None:
    """One line of the count."""
    if row["commits"]:
        print(
            f"{title:36} {row['commits']:>9,} commits   agents {row['agents']:>3}"
            f"   bots {row['bots']:>7,}",
            flush=True,
        )


def main() -> None:
    """Measure what the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("repositories", nargs="+", type=Path)
    parser.add_argument("--commits", type=int, default=200_000, help="most of one repository")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--before", type=date.fromisoformat, help="count marks on older commits")
    options = parser.parse_args()
    attributor = Attributor(load_agents())
    if options.before:
        old(attributor, options.repositories, options.before)
        return
    for repository in options.repositories:
        speed(attributor, repository, options.commits, options.runs)


if __name__ == "__main__":
    main()
