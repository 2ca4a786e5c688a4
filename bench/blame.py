"""Measures line attribution on a repository: its speed, and commits' marks against line evidence.

    python bench/blame.py path/to/repository [--revision HEAD] [--path src] [-M] [-w]
    python bench/blame.py path/to/repository --notes

With `--notes` the git-ai notes on commits of the revision stand for the truth, cut down to the
lines that each commit really added. For each agent: on how many of the commits that hold its lines
a mark was found (recall), and how many of the commits with its mark and a note hold its lines
(precision). Merges are left out: their notes repeat those of the merged commits.
"""

import argparse
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec

from scanner.attribution import Attributor
from scanner.attribution.lines import Tools, common, count, merged
from scanner.config import Config
from scanner.gitio import open_repository
from scanner.gitio.line_history import LineHistory
from scanner.model.lines import Author, Exactness, LineQuestion
from scanner.pipeline.attribute_lines import run_lines
from scanner.pipeline.line_evidence import note_places
from scanner.pipeline.workers import Silence
from scanner.rules.agents import load_agents


class Noted(msgspec.Struct, frozen=True):
    """One commit with a note."""

    commit: str
    agents: dict[str, int]
    """Attested lines that the commit added, by agent."""
    human: int
    claimed: int
    added: int


def main() -> int:
    """Prints tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("repository", type=Path)
    parser.add_argument("--revision", default="HEAD")
    parser.add_argument("--path", action="append", default=[])
    parser.add_argument("--notes", action="store_true")
    parser.add_argument("-M", dest="moves", action="store_true")
    parser.add_argument("-w", dest="whitespace", action="store_true")
    parser.add_argument("--jobs", type=int)
    arguments = parser.parse_args()
    if arguments.notes:
        compare(arguments.repository, arguments.revision)
        return 0
    exactness = Exactness(
        moves=0 if arguments.moves else None, ignore_whitespace=arguments.whitespace
    )
    question = LineQuestion(
        revision=arguments.revision, paths=tuple(arguments.path), exactness=exactness
    )
    with tempfile.TemporaryDirectory() as cache:
        for name in ("first run", "again, cached"):
            time_run(name, arguments.repository, Path(cache), question, arguments.jobs)
    return 0


def time_run(
    name: str, repository: Path, cache: Path, question: LineQuestion, jobs: int | None
) -> None:
    """One run: files, lines, seconds, processor seconds of git and of Python, memory."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    own = time.process_time()
    begun = time.monotonic()
    config = Config(path=repository, cache_directory=cache, jobs=jobs)
    report = run_lines(config, question, Silence())
    elapsed = time.monotonic() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    git = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{name}: {len(report.files):,} files, {report.total.lines:,} lines in {elapsed:.1f} s "
        f"(processor: git {git:.1f} s, Python {time.process_time() - own:.1f} s; {memory} MiB)"
    )


def compare(path: Path, revision: str) -> None:
    """Marks against notes."""
    agents = load_agents()
    with open_repository(path) as repository:
        history = LineHistory(repository)
        parents = history.parents((repository.resolve(revision),))
        single = {commit for commit, above in parents.items() if len(above) < 2}
        noted = {one.commit: one for one in notes(repository, history, Tools(agents), single)}
        attributor = Attributor(agents)
        marks = {}
        for change in history.commits(noted):
            mark = attributor.attribute(change).agent
            marks[change.commit] = mark.agent if mark is not None else None
    tell(noted, marks)


def notes(repository, history, tools, commits) -> Iterator[Noted]:  # type: ignore[no-untyped-def]
    """The git-ai notes on these commits, with what they rightly claim."""
    place = next(one for one in note_places(repository.refs()) if one.name == "refs/notes/ai")
    blobs = {note.commit: note.blob for note in history.notes(place.target)}
    wanted = [commit for commit in blobs if commit in commits]
    for added in history.added(wanted):
        reading = place.read(repository.read_blob(blobs[added.commit]) or b"", tools)
        found: Counter[str] = Counter()
        human = 0
        for claim in reading.claims:
            lines = count(common(claim.spans, merged(added.paths.get(claim.path, ()))))
            if claim.author is Author.HUMAN:
                human += lines
            elif lines:
                found[claim.agent or ""] += lines
        yield Noted(
            added.commit,
            dict(found),
            human,
            sum(count(claim.spans) for claim in reading.claims),
            sum(last - first + 1 for spans in added.paths.values() for first, last in spans),
        )


def tell(noted: dict[str, Noted], marks: dict[str, str | None]) -> None:
    """Prints the tables."""
    holding = [one for one in noted.values() if one.agents]
    marked = [one for one in noted.values() if marks[one.commit] is not None]
    right = sum(1 for one in marked if one.agents)
    print(f"commits with a note: {len(noted):,}; with attested lines of an agent: {len(holding):,}")
    print(f"marked: {len(marked):,}, of these with attested lines: {right:,}")
    found = sum(marks[one.commit] is not None for one in holding)
    print(f"of those with attested lines marked: {found:,}")
    print(
        "| agent | commits with its lines | any mark | its mark | commits with its mark and a note "
        "| any agent's lines | its lines |"
    )
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    everyone = {agent for one in holding for agent in one.agents} | {
        agent for agent in marks.values() if agent is not None
    }
    for agent in sorted(everyone):
        has = [one for one in holding if agent in one.agents]
        any_mark = sum(marks[one.commit] is not None for one in has)
        own_mark = sum(marks[one.commit] == agent for one in has)
        said = [one for one in noted.values() if marks[one.commit] == agent]
        lines = sum(1 for one in said if one.agents)
        own_lines = sum(1 for one in said if agent in one.agents)
        print(
            f"| {agent} | {len(has):,} | {any_mark:,} | {own_mark:,} | {len(said):,} | {lines:,} "
            f"| {own_lines:,} |"
        )
    claimed = sum(one.claimed for one in noted.values())
    kept = sum(sum(one.agents.values()) + one.human for one in noted.values())
    print(f"lines claimed: {claimed:,}; added by the commit: {kept:,}")
    of_marked = [one for one in marked if one.agents]
    attested = sum(sum(one.agents.values()) for one in of_marked)
    added = sum(one.added for one in of_marked)
    print(f"in marked commits with attested lines: {attested:,} of {added:,} added lines attested")


if __name__ == "__main__":
    sys.exit(main())
