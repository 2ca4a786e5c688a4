"""Draws commits with agents' marks, to be read by hand against what agentreach says of them.

    python bench/sample_commits.py REPOSITORY ... [--each 15] [--seed 5] > sample.csv

From every repository `--each` commits of all refs, written and committed since `--since`: half at
random, so that a share over them means something, and half in turn from each agent in each of its
roles, so that what is rare is read as well. Then `--bots` commits with only the marks of bots that
are not AI. What is drawn depends on the seed, the repositories' order and refs, and the rules.
"""

import argparse
import csv
import random
import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

from scanner.gitio import open_repository
from scanner.gitio.commit_log import Selection, commit_log
from scanner.gitio.signed_objects import commit_reader
from scanner.model import Change, Mark
from scanner.pipeline.signing import RepositoryAttributor
from scanner.rules.agents import AgentFile, load_agents


class Drawn(NamedTuple):
    """One line of the sample."""

    repository: str
    commit: str
    drawn: str
    """`random`, `spread` or `bot`."""
    marks: str
    """`AGENT:ROLE`, several with a space between."""


class Marked(NamedTuple):
    """A commit with marks of AI agents, or only with those of bots."""

    commit: str
    marks: tuple[Mark, ...]

    @property
    def said(self) -> list[str]:
        """What agentreach says, as it stands in the sample."""
        return [f"{mark.agent}:{mark.role}" for mark in self.marks]


def marked(
    repository: Path, agents: tuple[AgentFile, ...], since: int
) -> Iterator[tuple[bool, Marked]]:
    """The repository's marked commits since that time, each with whether an AI agent is on it."""
    with open_repository(repository) as opened:
        attributor = RepositoryAttributor(agents, commit_reader(opened))
        for change in commit_log(opened, Selection(revisions=None)):
            if not isinstance(change, Change) or not change.commit:
                continue
            if min(change.author_time, change.committer_time) < since:
                continue
            marks = attributor.attribute(change).marks
            ours = tuple(mark for mark in marks if not mark.bot)
            if marks:
                yield bool(ours), Marked(change.commit, ours or marks)


def spread(commits: list[Marked], wanted: int, dice: random.Random) -> list[Marked]:
    """Some of the commits, one by one from each agent in each of its roles."""
    groups: dict[str, list[Marked]] = defaultdict(list)
    for one in dice.sample(commits, len(commits)):
        for said in one.said:
            groups[said].append(one)
    found: dict[str, Marked] = {}
    order = dice.sample(sorted(groups), len(groups))
    while len(found) < min(wanted, len(commits)):
        for said in order:
            if groups[said] and len(found) < wanted:
                one = groups[said].pop()
                found.setdefault(one.commit, one)
    return list(found.values())


def draw(
    repository: Path, agents: tuple[AgentFile, ...], options: argparse.Namespace
) -> Iterator[Drawn]:
    """The repository's part of the sample; smaller where it has fewer marked commits."""
    resolved = repository.resolve()
    name = (resolved.parent if resolved.name in (".git", "repo") else resolved).name
    day: date = options.since
    since = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
    dice = random.Random(f"{options.seed} {name}")
    found = sorted(marked(repository, agents, since), key=lambda one: one[1].commit)
    ours = [one for agent, one in found if agent]
    bots = [one for agent, one in found if not agent]
    chosen = dice.sample(ours, min(options.each // 2, len(ours)))
    taken = {one.commit for one in chosen}
    rest = [one for one in ours if one.commit not in taken]
    rows = [("random", one) for one in chosen]
    rows += [("spread", one) for one in spread(rest, options.each - len(chosen), dice)]
    rows += [("bot", one) for one in dice.sample(bots, min(options.bots, len(bots)))]
    for kind, one in rows:
        yield Drawn(name.replace("+", "/"), one.commit, kind, " ".join(one.said))


def main() -> None:
    """Write the sample to standard output."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("repositories", nargs="+", type=Path)
    parser.add_argument("--each", type=int, default=15, help="commits of one repository")
    parser.add_argument("--bots", type=int, default=1, help="more, with bots' marks only")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--since", type=date.fromisoformat, default=date(2025, 1, 1))
    options = parser.parse_args()
    agents = tuple(load_agents())
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(Drawn._fields)
    for repository in options.repositories:
        writer.writerows(draw(repository, agents, options))


if __name__ == "__main__":
    main()
