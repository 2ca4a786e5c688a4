"""`agentreach reach`: which agent can see which secret, through what, and what would stop it."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scanner.cli._options import (
    cache_directory,
    color_option,
    key_from,
    min_confidence_option,
    output_options,
    repository_and_subpaths,
)
from scanner.errors import ExitCode

if TYPE_CHECKING:
    from scanner.config import Config
    from scanner.model.matrix import Matrix
    from scanner.pipeline.reach_question import Question
    from scanner.reach.fixes.wishes import Wishes
    from scanner.sinks import Options

# Written out, because importing the model for `--help` would cost more than the rest of it.
_FORMATS = ("text", "json", "markdown", "html")
_VERDICTS = ("auto", "no-prompt", "prompt", "bypass-only", "unknown", "never")
_USERS_HOME = "~"


@click.command()
@click.argument("path", metavar="[PATH]", required=False, type=click.Path(path_type=Path))
@click.option(
    *("--agent", "agents"),
    multiple=True,
    metavar="AGENT",
    help="Only this agent, in use here or not; `all` for every one.",
)
@click.option(
    "--explain",
    nargs=2,
    metavar="SECRET AGENT",
    help="The whole reasoning for one cell. SECRET: a fingerprint's first digits, the id of its "
    "record, PATH:LINE or PATH.",
)
@click.option(
    "--what-if",
    multiple=True,
    metavar="[PATH=]FILE",
    help="As if FILE stood at PATH in the repository; `PATH=` as if nothing did.",
)
@click.option(
    "--home",
    is_flag=False,
    flag_value=_USERS_HOME,
    metavar="[DIR]",
    help="Also read the user's own agent settings, here or in DIR.",
)
@click.option(
    "--settings",
    multiple=True,
    metavar="AGENT=FILE",
    help="Settings of an agent that outrank all others, such as managed ones.",
)
@click.option(
    "--fix",
    is_flag=True,
    help="Show, as a diff, the settings that would close what can be closed; what stays open, and "
    "why, goes to standard error.",
)
@click.option("--write", is_flag=True, help="With --fix: write them into the working tree.")
@click.option(
    "--fix-source",
    is_flag=True,
    help="With --fix: also deny files that an agent works on, where a secret is written in them.",
)
@click.option(
    "--fix-sandbox",
    is_flag=True,
    help="With --fix: also switch on a sandbox that keeps commands from the files.",
)
@click.option(
    "--fix-tools",
    is_flag=True,
    help="With --fix: also take a whole tool away where no narrower rule closes a file.",
)
@click.option(
    "--fix-unsure",
    is_flag=True,
    help="With --fix: also settings of which only the user's own decide whether they count.",
)
@click.option("--no-history", is_flag=True, help="Only the working tree and the index.")
@click.option("--range", "revision_range", metavar="A..B", help="Only what these commits brought.")
@output_options(_FORMATS)
@click.option(
    "--fail-on",
    type=click.Choice(_VERDICTS),
    default="never",
    show_default=True,
    help="Exit 1 when an agent sees a secret this easily, or more easily.",
)
@min_confidence_option
@click.option(
    "--rules",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Rules of your own, as well.",
)
@click.option(
    "--exclude", multiple=True, metavar="GLOB", help="Paths to leave out, in gitignore syntax."
)
@click.option(
    "--jobs", "-j", type=click.IntRange(1, 256), help="Worker threads.  [default: one a core]"
)
@click.option("--key-file", type=click.Path(path_type=Path), help="The team's key for digests.")
@click.option("--no-config", is_flag=True, help="Do not read the repository's .agentreach.yml.")
@color_option
def command(
    path: Path | None,
    agents: tuple[str, ...],
    explain: tuple[str, str] | None,
    what_if: tuple[str, ...],
    home: str | None,
    settings: tuple[str, ...],
    fix: bool,
    write: bool,
    fix_source: bool,
    fix_sandbox: bool,
    fix_tools: bool,
    fix_unsure: bool,
    no_history: bool,
    revision_range: str | None,
    format_: str,
    output: Path | None,
    fail_on: str,
    min_confidence: str | None,
    rules: tuple[Path, ...],
    exclude: tuple[str, ...],
    jobs: int | None,
    key_file: Path | None,
    no_config: bool,
    color: bool | None,
) -> int:
    """Scan a repository, and show for every secret which agent can see it, how easily, and why.

    One row a secret or file with personal data, one column an agent in use here. A cell holds the
    widest verdict over all channels, and the channel that decides. PATH as for scan.

    Exits 0 unless --fail-on says otherwise, 3 when something could not be read.
    """
    from scanner.config import Config
    from scanner.model import Confidence
    from scanner.pipeline.reach_question import Question

    if explain and agents:
        raise click.UsageError("--explain names its agent itself: leave --agent out")
    if explain and (format_ != "text" or output is not None):
        raise click.UsageError("--explain tells in text, on standard output")
    extras = (write, fix_source, fix_sandbox, fix_tools, fix_unsure)
    check_fix(fix, any(extras), bool(explain or what_if), format_ != "text" or output is not None)
    if str(path) == "-":
        raise click.UsageError("standard input is no place that an agent reads: name a repository")
    repository, subpaths, _ = repository_and_subpaths((str(path),) if path else ())
    config = Config(
        path=repository,
        subpaths=subpaths,
        revision_range=revision_range,
        history=not no_history,
        exclude=exclude,
        min_confidence=Confidence(min_confidence) if min_confidence else None,
        rules=rules,
        jobs=jobs,
        cache_directory=cache_directory(),
        key=key_from(key_file),
        project_settings=not no_config,
    )
    question = Question(
        agents=(explain[1],) if explain else agents,
        home=home_directory(home, path),
        settings=settings,
        what_if=what_if,
    )
    if explain:
        return _explain(config, question, explain[0], color)
    if fix:
        from scanner.reach.fixes.wishes import Wishes

        wishes = Wishes(fix_source, fix_sandbox, fix_tools, fix_unsure)
        return _fix(config, question, wishes, write, color)
    return _show(config, question, format_, output, fail_on, color)


def home_directory(value: str | None, path: Path | None) -> Path | None:
    """The directory that `--home` names. Raises `click.UsageError` where its value looks like the
    repository: an option with an optional value takes the word that follows it."""
    if value is None:
        return None
    if value == _USERS_HOME:
        try:
            return Path.home()
        except RuntimeError:
            raise click.UsageError("--home: the home directory is not known") from None
    home = Path(value).expanduser()
    if path is None and (home / ".git").exists():
        raise click.UsageError(
            f"--home took {value} for the home directory, and it is a repository; "
            f"name the repository first: agentreach reach {value} --home"
        )
    return home


def check_fix(fix: bool, extras: bool, other: bool, formatted: bool) -> None:
    """Raises `click.UsageError` for options that do not go together."""
    if extras and not fix:
        raise click.UsageError("--write and --fix-... go with --fix")
    if fix and other:
        raise click.UsageError("--fix is an answer of its own: leave --explain and --what-if out")
    if fix and formatted:
        raise click.UsageError("--fix writes a diff to standard output: it has no other format")


def _fix(
    config: "Config", question: "Question", wishes: "Wishes", write: bool, color: bool | None
) -> int:
    from scanner.cli._progress import watched
    from scanner.pipeline.reach_fix import reach_fixes
    from scanner.sinks._reach_fix import write_diff, write_report

    with watched(sys.stderr.isatty()) as progress:
        fixes = reach_fixes(config, question, wishes, write=write, progress=progress)
    write_diff(fixes, sys.stdout.buffer, terminal=sys.stdout.isatty())
    sys.stdout.flush()
    write_report(fixes, sys.stderr.buffer, _options(color, None), written=write)
    return int(ExitCode.INCOMPLETE if fixes.problems else ExitCode.CLEAN)


def _show(
    config: "Config",
    question: "Question",
    format_: str,
    output: Path | None,
    fail_on: str,
    color: bool | None,
) -> int:
    from scanner.cli._progress import watched
    from scanner.pipeline.reach_matrix import reach_matrix
    from scanner.sinks._reach import write_matrix, write_matrix_file

    with watched(sys.stderr.isatty()) as progress:
        matrix = reach_matrix(config, question, progress)
    code = int(exit_code(matrix, fail_on))
    options = _options(color, code)
    if output is not None:
        write_matrix_file(matrix, format_, output, options)
    else:
        write_matrix(matrix, format_, sys.stdout.buffer, options)
        sys.stdout.flush()
    return code


def _explain(config: "Config", question: "Question", secret: str, color: bool | None) -> int:
    from scanner.cli._progress import watched
    from scanner.pipeline.reach_explain import explain
    from scanner.sinks._reach import write_explanations

    with watched(sys.stderr.isatty()) as progress:
        told = explain(config, question, secret, progress)
    write_explanations(told, sys.stdout.buffer, _options(color, None))
    sys.stdout.flush()
    return int(ExitCode.CLEAN)


def _options(color: bool | None, code: int | None) -> "Options":
    from scanner.cli.scan import terminal_width, wants_color
    from scanner.sinks import Options

    return Options(color=wants_color(color), width=terminal_width(), exit_code=code)


def exit_code(matrix: "Matrix", fail_on: str) -> ExitCode:
    """As for a scan: what was found speaks before what was not read."""
    from scanner.model import Verdict

    if fail_on != "never":
        least = Verdict(fail_on).rank
        if any(number and verdict.rank <= least for verdict, number in matrix.verdicts().items()):
            return ExitCode.FINDINGS
    return ExitCode.INCOMPLETE if matrix.problems else ExitCode.CLEAN
