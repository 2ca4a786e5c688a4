"""Draws commits with agents' marks, to be read by hand against what agentreach says of them.

    python bench/sample_commits.py REPOSITORY ... [--each 15] [--seed 5] > sample.csv
    python bench/sample_commits.py REPOSITORY ... --against docs/attribution-sample.csv

The first draws. From every repository `--each` commits of all refs, written and committed since
`--since`: half at random, so that a share over them means something, and half in turn from each
agent in each of its roles, so that what is rare is read as well. Then `--bots` commits with only
the marks of bots that are not AI. What is drawn depends on the seed, on the repository's refs and
on the rules.

The second asks again for commits that somebody has read, prints those for which the answer is not
what was read, and the share of right answers. `read` in that file is `AGENT:ROLE` as in `marks`,
`none` for no agent at all, or `?` where the commit does not tell; that is never a right answer.
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
    """A commit with the marks of AI agents, or of bots where there are only those."""

    commit: str
    marks: tuple[Mark, ...]

    @property
    def said(self) -> list[str]:
        """What agentreach says, as it stands in the sample."""
        return [f"{mark.agent}:{mark.role}" for mark in self.marks]


def name_of(repository: Path) -> str:
    """`OWNER/NAME`, of a directory named `NAME`, `OWNER+NAME` or `OWNER+NAME/repo`."""
    resolved = repository.resolve()
    named = resolved.parent if resolved.name in (".git", "repo") else resolved
    return named.name.replace("+", "/")


def changes(repository: Path, agents: tuple[AgentFile, ...]) -> Iterator[tuple[Change, Marked]]:
    """The commits of all refs, with their marks, signatures verified."""
    with open_repository(repository) as opened:
        attributor = RepositoryAttributor(agents, commit_reader(opened))
        for change in commit_log(opened, Selection(revisions=None)):
            if isinstance(change, Change) and change.commit:
                marks = attributor.attribute(change).marks
                ours = tuple(mark for mark in marks if not mark.bot)
                yield change, Marked(change.commit, ours or marks)


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
    name = name_of(repository)
    day: date = options.since
    since = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
    dice = random.Random(f"{options.seed} {name.replace('/', '+')}")
    found = [
        one
        for change, one in changes(repository, agents)
        if one.marks and min(change.author_time, change.committer_time) >= since
    ]
    found.sort(key=lambda one: one.commit)
    ours = [one for one in found if not one.marks[0].bot]
    bots = [one for one in found if one.marks[0].bot]
    chosen = dice.sample(ours, min(options.each // 2, len(ours)))
    taken = {one.commit for one in chosen}
    rest = [one for one in ours if one.commit not in taken]
    rows = [("random", one) for one in chosen]
    rows += [("spread", one) for one in spread(rest, options.each - len(chosen), dice)]
    rows += [("bot", one) for one in dice.sample(bots, min(options.bots, len(bots)))]
    for kind, one in rows:
        yield Drawn(name, one.commit, kind, " ".join(one.said))


def compare(repositories: list[Path], agents: tuple[AgentFile, ...], file: Path) -> None:
    """Print what differs from what was read, and the share that does not."""
    with file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    said: dict[str, str] = {}
    for repository in repositories:
        mine = {row["commit"] for row in rows if row["repository"] == name_of(repository)}
        if mine:
            for _, one in changes(repository, agents):
                if one.commit in mine:
                    bots = bool(one.marks) and one.marks[0].bot
                    said[one.commit] = ("bot " if bots else "") + " ".join(one.said)
    right = there = 0
    for row in rows:
        answer = said.get(row["commit"])
        if answer is None or row["drawn"] == "bot":
            continue
        there += 1
        names = set() if answer.startswith("bot ") else set(answer.split())
        if names == set(row["read"].split()) - {"none"}:
            right += 1
        else:
            print(
                f"{row['repository']} {row['commit']} read {row['read']}, said {answer or 'none'}"
            )
    print(f"{right} of {there} right, {right / max(there, 1):.1%}")


def main() -> None:
    """Write the sample to standard output, or compare one that was read."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("repositories", nargs="+", type=Path)
    parser.add_argument("--each", type=int, default=15, help="commits of one repository")
    parser.add_argument("--bots", type=int, default=1, help="more, with bots' marks only")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--since", type=date.fromisoformat, default=date(2025, 1, 1))
    parser.add_argument("--against", type=Path, help="a sample that was read")
    options = parser.parse_args()
    agents = tuple(load_agents())
    if options.against:
        compare(options.repositories, agents, options.against)
        return
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(Drawn._fields)
    for repository in options.repositories:
        writer.writerows(draw(repository, agents, options))


if __name__ == "__main__":
    main()
