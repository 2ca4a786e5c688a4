"""`agentreach scan`: the main job."""

import os
import shutil
import sys
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING

import click

from scanner.cli._options import (
    agents_option,
    baseline_options,
    cache_directory,
    color_option,
    fail_on_option,
    key_from,
    min_confidence_option,
    other_tools_options,
    output_options,
    repository_and_subpaths,
    task_options,
)
from scanner.errors import ExitCode

if TYPE_CHECKING:
    from scanner.config import Config
    from scanner.model import Report

# As `scanner.sinks.formats` finds them, by file name, but without importing anything for help.
_SINKS = Path(__file__).parent.parent / "sinks"
_FORMATS = tuple(
    sorted(module.name for module in iter_modules([str(_SINKS)]) if not module.name.startswith("_"))
)


@click.command(context_settings={"ignore_unknown_options": False})
@click.argument("paths", metavar="[PATH]...", nargs=-1)
@click.option("--staged", is_flag=True, help="Only what is staged: for a pre-commit hook.")
@click.option("--range", "revision_range", metavar="A..B", help="Only what these commits brought.")
@click.option("--no-history", is_flag=True, help="Only the working tree and the index.")
@click.option("--reflog", is_flag=True, help="Also commits that only the reflog still names.")
@click.option("--unreachable", is_flag=True, help="Also objects that nothing names any more.")
@output_options(_FORMATS)
@fail_on_option
@baseline_options
@other_tools_options
@click.option(
    "--incidents",
    type=click.Path(file_okay=False, path_type=Path),
    help="Seed incident records here.",
)
@min_confidence_option
@click.option("--archives", is_flag=True, help="Also look into archives, packages and documents.")
@click.option(
    "--exclude", multiple=True, metavar="GLOB", help="Paths to leave out, in gitignore syntax."
)
@click.option("--disable", multiple=True, metavar="RULE", help="Rules to leave out.")
@click.option("--jobs", "-j", type=click.IntRange(1, 256), help="Workers.  [default: one a core]")
@click.option(
    "--max-bytes", type=click.IntRange(1), help="Skip larger contents.  [default: 10 MiB]"
)
@click.option(
    "--engine",
    type=click.Choice(["auto", "hyperscan", "re"]),
    default="auto",
    show_default=True,
    help="What looks for patterns; the findings are the same.",
)
@click.option("--key-file", type=click.Path(path_type=Path), help="The team's key for digests.")
@click.option("--no-config", is_flag=True, help="Do not read the repository's .agentreach.yml.")
@click.option("--verbose", "-v", is_flag=True, help="Every reason and every channel, in full.")
@color_option
@task_options
@agents_option
def command(
    paths: tuple[str, ...],
    staged: bool,
    revision_range: str | None,
    no_history: bool,
    reflog: bool,
    unreachable: bool,
    format_: str,
    output: Path | None,
    fail_on: str | None,
    baselines: tuple[Path, ...],
    write_baseline: Path | None,
    baseline_format: str | None,
    imports: tuple[Path, ...],
    gitleaks_config: Path | None,
    rules: tuple[Path, ...],
    incidents: Path | None,
    min_confidence: str | None,
    archives: bool,
    exclude: tuple[str, ...],
    disable: tuple[str, ...],
    jobs: int | None,
    max_bytes: int | None,
    engine: str,
    key_file: Path | None,
    no_config: bool,
    verbose: bool,
    color: bool | None,
    task: str | None,
    task_file: Path | None,
    agents: tuple[str, ...],
) -> int:
    """Scan a repository: its working tree, its index and its whole history.

    PATH is a repository, working tree or bare. A file, or a directory inside a repository, is
    scanned by itself and without history; `-` scans standard input. With no PATH: the repository
    here.
    """
    from scanner.config import Config
    from scanner.model import Confidence

    if staged and revision_range:
        raise click.UsageError("--staged and --range exclude each other")
    if baseline_format and write_baseline is None:
        raise click.UsageError("--baseline-format says how to write: it needs --write-baseline")
    if imports and (staged or revision_range or paths == ("-",)):
        # A report speaks of files and commits, and which of them are news it does not say.
        raise click.UsageError("--import needs the files: not with --staged, --range or `-`")
    repository, subpaths, standard_input = repository_and_subpaths(paths)
    config = Config(
        path=repository,
        subpaths=subpaths,
        standard_input=standard_input,
        staged=staged,
        revision_range=revision_range,
        history=not no_history,
        reflog=reflog,
        unreachable=unreachable,
        exclude=exclude,
        disable=disable,
        agents=agents,
        min_confidence=Confidence(min_confidence) if min_confidence else None,
        archives=archives,
        baselines=baselines,
        name_for_detect_secrets=baseline_format == "detect-secrets",
        imports=imports,
        gitleaks_config=gitleaks_config,
        rules=rules,
        task=task,
        task_file=task_file,
        incidents=incidents,
        jobs=jobs,
        max_bytes=max_bytes,
        engine=engine,
        cache_directory=cache_directory(),
        key=key_from(key_file),
        project_settings=not no_config,
    )
    return run(config, format_, output, fail_on, color, write_baseline, verbose)


def run(
    config: "Config",
    format_: str,
    output: Path | None,
    fail_on: str | None,
    color: bool | None,
    write_baseline: Path | None = None,
    verbose: bool = False,
) -> int:
    """Scan, write the report, and choose the exit code."""
    from scanner import sinks
    from scanner.cli._progress import watched
    from scanner.model import Severity
    from scanner.pipeline import run as pipeline

    with watched(sys.stderr.isatty()) as progress:
        result = pipeline.run(config, progress)
    report = result.report
    if write_baseline is not None:
        count = result.write_baseline(write_baseline)
        click.echo(f"agentreach: {count} places accepted in {write_baseline}", err=True)
    code = int(exit_code(report, fail_on or (result.fail_on or Severity.MEDIUM).value))
    if output is not None:
        sinks.write_file(
            report, format_, output, exit_code=code, anchor=result.anchor, verbose=verbose
        )
    else:
        sinks.write(
            report,
            format_,
            sys.stdout.buffer,
            color=wants_color(color),
            width=terminal_width(),
            exit_code=code,
            anchor=result.anchor,
            verbose=verbose,
        )
        sys.stdout.flush()
    if write_baseline is not None and not report.problems:
        return int(ExitCode.CLEAN)
    return code


def exit_code(report: "Report", fail_on: str) -> ExitCode:
    """Findings speak before incompleteness: both need a person, the first one sooner."""
    from scanner.model import Severity

    if fail_on != "never":
        threshold = Severity(fail_on).rank
        if any(finding.severity.rank >= threshold for finding in report.findings):
            return ExitCode.FINDINGS
    return ExitCode.INCOMPLETE if report.problems else ExitCode.CLEAN


def wants_color(choice: bool | None) -> bool:
    """The option decides, then NO_COLOR and FORCE_COLOR, then whether a terminal reads."""
    if choice is not None:
        return choice
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def terminal_width() -> int:
    """Columns of the terminal, 100 where there is none; never under 60."""
    return max(60, shutil.get_terminal_size((100, 24)).columns)
