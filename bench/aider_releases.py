"""Compares line shares with the statistics that Aider publishes for each of its releases.

Aider's repository holds `aider/website/_data/blame.yml`: for each release, by author, the lines
that commits since the release before it brought and that survive in it, counted by its
`scripts/blame.py`. Both halves of that are checked. *Lines*: the script's files and blame options
are given as options of ours, and every count by file and author is compared. *Agent*: what our
signatures give to Aider is compared with the lines of the authors that the script takes for Aider.

    python bench/aider_releases.py path/to/aider [--only v0.85.0] [--table]
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import yaml

from scanner.config import Config
from scanner.gitio import open_repository
from scanner.gitio.blame import BlameOptions
from scanner.gitio.line_history import LineHistory
from scanner.model.lines import Exactness, LineQuestion, LineReport
from scanner.pipeline.attribute_lines import run_lines
from scanner.pipeline.line_cache import BlameCache
from scanner.pipeline.line_counts import runs_of
from scanner.pipeline.workers import Silence

STATISTICS = "aider/website/_data/blame.yml"
INCLUDE = (
    *("*.js", "*.py", "*.scm", "*.sh", "*Dockerfile", "*Gemfile"),
    *("/.github/workflows/**/*.yml", "/aider/resources/**/*.yml"),
    *("/aider/website/index.html", "/aider/website/share/index.md"),
    *("/aider/website/_includes/head_custom.html", "/aider/website/_includes/home.css"),
    *("/aider/website/docs/leaderboards/index.md", "/tests/fixtures/languages/**/test.*"),
)
EXCLUDE = ("*prompts.py", "/tests/fixtures/watch*", "/aider/website/install.*")
EXACTNESS = Exactness(moves=100, copies=3, copy_score=100, roots=False, project_file=False)


def main() -> int:
    """Prints one line a release; exits 1 when a count differs."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("repository", type=Path)
    parser.add_argument("--only", action="append", help="a release, by its tag")
    parser.add_argument("--cache", type=Path, help="keep answers of git blame here")
    parser.add_argument("--table", action="store_true", help="print a Markdown table")
    arguments = parser.parse_args()
    with open_repository(arguments.repository, limit=64 << 20) as repository:
        entry = next(one for one in repository.tree_entries("HEAD") if one.path == STATISTICS)
        published = yaml.safe_load(repository.read_blob(entry.blob) or b"")
    releases = [one for one in published if not arguments.only or one["end_tag"] in arguments.only]
    differing = 0
    with tempfile.TemporaryDirectory() as temporary:
        cache = arguments.cache or Path(temporary)
        for release in releases:
            differing += not Comparison(arguments.repository, release, cache).show(arguments.table)
    print(f"{len(releases) - differing} of {len(releases)} releases agree", file=sys.stderr)
    return 1 if differing else 0


class Comparison:
    """One release."""

    def __init__(self, repository: Path, release: dict[str, object], cache: Path) -> None:
        self.release = release
        self.range = f"{release['start_tag']}..{release['end_tag']}"
        question = LineQuestion(
            revision=self.range, include=INCLUDE, exclude=EXCLUDE, exactness=EXACTNESS, notes=False
        )
        begun = time.monotonic()
        self.report = run_lines(Config(path=repository, cache_directory=cache), question, Silence())
        self.seconds = time.monotonic() - begun
        self.files = authors_by_file(repository, self.report, self.range, cache)

    def show(self, table: bool) -> bool:
        """Prints one line; whether every count agrees."""
        published = self.release["file_counts"]
        assert isinstance(published, dict)
        differing = [
            path
            for path in sorted({*published, *self.files})
            if published.get(path, {}) != self.files.get(path, {})
        ]
        by_rule = sum(
            lines
            for counts in self.files.values()
            for author, lines in counts.items()
            if "(aider)" in author.lower()
        )
        cells = (
            self.release["end_tag"],
            self.release["total_lines"],
            self.report.total.lines,
            self.release["aider_total"],
            by_rule,
            self.report.total.of("aider"),
            len(differing),
        )
        separator = " | " if table else "\t"
        line = separator.join(map(str, cells))
        print(f"| {line} |" if table else f"{line}\t{self.seconds:.1f} s", flush=True)
        for path in differing[:6]:
            print(f"    {path}: {published.get(path)} / {self.files.get(path)}", file=sys.stderr)
        return not differing


def authors_by_file(
    path: Path, report: LineReport, revisions: str, cache: Path
) -> dict[str, dict[str, int]]:
    """Lines by file and author, with the script's rule for who counts as Aider."""
    with open_repository(path) as repository:
        history = LineHistory(repository)
        ids = repository.resolve_range(revisions)
        tops = sorted(ids, key=lambda one: one.startswith("^"))
        options = BlameOptions(tuple(tops), report.options)
        answers = BlameCache.open(cache, repository, history, options, ())
        lines: dict[str, Counter[str]] = {}
        for file in report.files:
            blame = answers.find(file.path, file.blob)
            assert blame is not None
            paths = tuple(map(repr, blame.paths))
            for run in runs_of(blame, paths):
                lines.setdefault(file.path, Counter())[run.commit] += run.count
        commits = {commit for counts in lines.values() for commit in counts}
        names = {}
        for change in history.commits(commits):
            name = change.author.name
            message = change.message.lower()
            if message.startswith("aider:") or "co-authored-by: aider" in message:
                name += " (aider)"
            names[change.commit] = name
    found: dict[str, dict[str, int]] = {}
    for file_path, counts in lines.items():
        authors: Counter[str] = Counter()
        for commit, number in counts.items():
            authors[names[commit]] += number
        found[file_path] = dict(authors)
    return found


if __name__ == "__main__":
    sys.exit(main())
