"""The options of `agentreach attribute --lines`, and the way from them to the answer."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from scanner.errors import ExitCode

if TYPE_CHECKING:
    from scanner.config import Config
    from scanner.sinks import Options

F = TypeVar("F", bound=Callable[..., Any])


class Lines(NamedTuple):
    """The options as they were given; the names are those of click."""

    wanted: bool
    moves: int | None
    copies: int
    copy_score: int
    no_root: bool
    whitespace: bool
    ignored: tuple[str, ...]
    ignored_files: tuple[Path, ...]
    no_project_revs: bool
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    everything_counted: bool
    no_notes: bool
    jobs: int | None
    verbose: bool

    @classmethod
    def of(cls, given: Mapping[str, object]) -> "Lines":
        """From click's keyword arguments, which `lines_options` names and types."""
        return cls(**{name: given[name] for name in cls._fields})  # type: ignore[arg-type]

    def check(self) -> None:
        """Raises `click.UsageError` for an option that says nothing without `--lines`."""
        empty = Lines(**{**_NOTHING, "wanted": False})
        if not self.wanted and self != empty:
            raise click.UsageError(
                "-M, -C, -w, --ignore-rev, --include, --exclude and their kin belong to --lines"
            )

    def show(
        self,
        config: "Config",
        revision: str | None,
        paths: tuple[str, ...],
        format_: str,
        output: Path | None,
        options: "Options",
    ) -> int:
        """Count the lines, and write the answer; the exit code."""
        import msgspec

        from scanner.cli._progress import watched
        from scanner.model.lines import Exactness, LineQuestion
        from scanner.pipeline.attribute_lines import run_lines
        from scanner.sinks._attribute_lines import FORMATS, write_lines, write_lines_file

        if format_ not in FORMATS:
            known = ", ".join(FORMATS)
            raise click.UsageError(f"--lines cannot be told as {format_}: {known}")
        question = LineQuestion(
            revision=revision or "HEAD",
            paths=paths,
            include=self.include,
            exclude=self.exclude,
            everything=self.everything_counted,
            exactness=Exactness(
                moves=self.moves,
                copies=self.copies,
                copy_score=self.copy_score,
                roots=not self.no_root,
                ignore_whitespace=self.whitespace,
                ignore_revisions=self.ignored,
                ignore_revisions_files=self.ignored_files,
                project_file=not self.no_project_revs,
            ),
            notes=not self.no_notes,
        )
        with watched(sys.stderr.isatty()) as progress:
            report = run_lines(config, question, progress)
        whole = report.complete and not report.problems
        code = int(ExitCode.CLEAN if whole else ExitCode.INCOMPLETE)
        options = msgspec.structs.replace(options, exit_code=code)
        if output is not None:
            write_lines_file(report, format_, output, options)
        else:
            write_lines(report, format_, sys.stdout.buffer, options)
            sys.stdout.flush()
        return code


def lines_options(function: F) -> F:
    """`--lines` and what goes with it; the option names of git where git has them."""
    options = (
        click.option("--lines", "wanted", is_flag=True, help="Count surviving lines instead."),
        click.option(
            *("-M", "--moves"),
            is_flag=False,
            flag_value=0,
            type=click.IntRange(0, 10_000),
            metavar="[N]",
            help="Lines: see through moves within a file, of N characters or more.",
        ),
        click.option(
            *("-C", "--copies"),
            count=True,
            type=click.IntRange(0, 3),
            help="Lines: see through copies between files; up to three times.",
        ),
        click.option(
            "--copy-score",
            type=click.IntRange(0, 10_000),
            default=0,
            metavar="N",
            help="Lines: copies of N characters or more.",
        ),
        click.option(
            "--no-root", is_flag=True, help="Lines: leave out those of commits without parents."
        ),
        click.option(
            "-w", "whitespace", is_flag=True, help="Lines: see through changes of white space."
        ),
        click.option(
            *("--ignore-rev", "ignored"),
            multiple=True,
            metavar="ID",
            help="Lines: see through this commit.",
        ),
        click.option(
            *("--ignore-revs-file", "ignored_files"),
            multiple=True,
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="Lines: see through the commits that a file lists.",
        ),
        click.option(
            "--no-project-revs",
            is_flag=True,
            help="Lines: do not obey the revision's own .git-blame-ignore-revs.",
        ),
        click.option("--include", multiple=True, metavar="GLOB", help="Lines: only these files."),
        click.option("--exclude", multiple=True, metavar="GLOB", help="Lines: not these files."),
        click.option(
            "--generated",
            "everything_counted",
            is_flag=True,
            help="Lines: count generated and vendored files and lock files too.",
        ),
        click.option("--no-notes", is_flag=True, help="Lines: do not read notes and traces."),
        click.option("--jobs", "-j", type=click.IntRange(1, 256), help="Lines: processes."),
        click.option("--verbose", "-v", is_flag=True, help="Lines: every file."),
    )
    for option in reversed(options):
        function = option(function)
    return function


_NOTHING: Mapping[str, Any] = {
    "moves": None,
    "copies": 0,
    "copy_score": 0,
    "no_root": False,
    "whitespace": False,
    "ignored": (),
    "ignored_files": (),
    "no_project_revs": False,
    "include": (),
    "exclude": (),
    "everything_counted": False,
    "no_notes": False,
    "jobs": None,
    "verbose": False,
}
