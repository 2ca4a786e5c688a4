"""`agentreach attribute`: which commits, or which lines, bear an agent's mark."""

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scanner.cli._attribute_lines import Lines, lines_options
from scanner.cli._options import cache_directory, color_option, output_options
from scanner.errors import ExitCode

if TYPE_CHECKING:
    from scanner.config import Config
    from scanner.model.attribute_report import AttributeReport, CommitExplanation
    from scanner.pipeline.attribute_question import Question
    from scanner.sinks._attribute import Drawing

# Written out, because importing the sinks for `--help` would cost more than the rest of it.
_FORMATS = ("text", "json", "csv", "markdown", "html", "svg")
_DEFAULT_TABLES = "agent,week"


@click.command()
@click.argument("revisions", metavar="[RANGE]", required=False)
@click.option(
    *("--repository", "-R"),
    type=click.Path(path_type=Path),
    default=Path(),
    metavar="DIR",
    help="The repository.  [default: the one around the current directory]",
)
@click.option("--all", "everything", is_flag=True, help="What any ref reaches, instead of a range.")
@click.option("--commit", metavar="ID", help="Explain one commit: what speaks for an agent or not.")
@click.option(
    "--by",
    metavar="TABLES",
    help="Comma-separated: agent, week, author, directory, commit.  [default: agent,week]",
)
@click.option("--since", metavar="DATE", help="From this day or time on: 2026-03-01.")
@click.option("--until", metavar="DATE", help="Up to this day or time, which still counts.")
@click.option(
    "--date",
    type=click.Choice(["committer", "author"]),
    default="committer",
    show_default=True,
    help="Whose date --since, --until and the weeks go by.",
)
@click.option("--first-parent", is_flag=True, help="Of merges, follow the first parent only.")
@click.option("--no-merges", is_flag=True, help="Leave merge commits out.")
@click.option(
    *("--path", "paths"),
    multiple=True,
    metavar="PATH",
    help="Only commits that touch this path of the repository.",
)
@click.option(
    "--depth",
    type=click.IntRange(1, 20),
    default=1,
    show_default=True,
    help="Levels of directories that --by directory tells apart.",
)
@click.option(
    "--no-recovery",
    is_flag=True,
    help="Do not look for marks that a squash dropped in pull requests that were fetched.",
)
@click.option("--use-mailmap", is_flag=True, help="Count authors as the .mailmap of HEAD does.")
@output_options(_FORMATS)
@color_option
@click.option(
    "--ascii/--blocks",
    "ascii_only",
    default=None,
    help="Draw in ASCII, or with block characters.  [default: by the locale]",
)
@lines_options
def command(
    revisions: str | None,
    repository: Path,
    everything: bool,
    commit: str | None,
    by: str | None,
    since: str | None,
    until: str | None,
    date: str,
    first_parent: bool,
    no_merges: bool,
    paths: tuple[str, ...],
    depth: int,
    no_recovery: bool,
    use_mailmap: bool,
    format_: str,
    output: Path | None,
    color: bool | None,
    ascii_only: bool | None,
    **lines: object,
) -> int:
    """Count the commits that bear a coding agent's mark, by agent, role and strength of evidence.

    RANGE is A..B, A...B or a revision with all its ancestors; HEAD by default. No mark means no
    evidence, never that a person wrote it.

    Exits 0, or 3 when something could not be read.
    """
    from scanner.config import Config
    from scanner.pipeline.attribute_question import Question, moment, tables

    asked = Lines.of(lines)
    history = everything or since or until or first_parent or no_merges or no_recovery
    narrowed = history or use_mailmap or by
    if commit is not None and (revisions or narrowed or paths or asked.wanted):
        raise click.UsageError("--commit is about one commit: leave range, tables and limits out")
    if asked.wanted and narrowed:
        raise click.UsageError(
            "--lines is about the lines of one revision: limits of the history "
            "and tables do not go with it"
        )
    asked.check()
    config = Config(
        path=repository,
        jobs=asked.jobs,
        cache_directory=cache_directory(),
    )
    drawing = _drawing(color, ascii_only, asked.verbose)
    if asked.wanted:
        return asked.show(config, revisions, paths, format_, output, drawing.options)
    if commit is not None:
        return _explain(config, commit, format_, output, drawing)
    question = Question(
        revisions=revisions,
        everything=everything,
        since=moment(since, "--since", end=False) if since is not None else None,
        until=moment(until, "--until", end=True) if until is not None else None,
        date=date,
        first_parent=first_parent,
        merges=not no_merges,
        paths=paths,
        by=tables(f"{by or _DEFAULT_TABLES}{',week' if format_ == 'svg' else ''}"),
        depth=depth,
        mailmap=use_mailmap,
        squashes=not no_recovery,
        now=int(time.time()),
    )
    return _show(config, question, format_, output, drawing)


def _show(
    config: "Config", question: "Question", format_: str, output: Path | None, drawing: "Drawing"
) -> int:
    from scanner.cli._progress import watched
    from scanner.errors import GitError
    from scanner.pipeline.attribute import run_attribute

    with watched(sys.stderr.isatty()) as progress:
        try:
            report = run_attribute(config, question, progress)
        except GitError as error:
            named = question.revisions
            if named and Path(named).is_dir() and " names no commit" in error.message:
                hint = f"to name a repository: agentreach attribute -R {named}"
                raise GitError(error.message, hint=hint) from None
            raise
    return _written(report, format_, output, drawing)


def _explain(
    config: "Config", commit: str, format_: str, output: Path | None, drawing: "Drawing"
) -> int:
    from scanner.pipeline.attribute_explain import explain_commit

    if format_ not in ("text", "json", "markdown"):
        raise click.UsageError(f"--commit cannot be told as {format_}: text, json or markdown")
    return _written(explain_commit(config, commit), format_, output, drawing)


def _written(
    answer: "AttributeReport | CommitExplanation",
    format_: str,
    output: Path | None,
    drawing: "Drawing",
) -> int:
    import msgspec

    from scanner.sinks._attribute import write_attribution, write_attribution_file

    code = int(ExitCode.INCOMPLETE if answer.problems else ExitCode.CLEAN)
    options = msgspec.structs.replace(drawing.options, exit_code=code)
    drawing = msgspec.structs.replace(drawing, options=options)
    if output is not None:
        write_attribution_file(answer, format_, output, drawing)
    else:
        write_attribution(answer, format_, sys.stdout.buffer, drawing)
        sys.stdout.flush()
    return code


def _drawing(color: bool | None, ascii_only: bool | None, verbose: bool) -> "Drawing":
    from scanner.cli.scan import terminal_width, wants_color
    from scanner.sinks import Options
    from scanner.sinks._attribute import Drawing

    options = Options(color=wants_color(color), width=terminal_width(), verbose=verbose)
    return Drawing(options, ascii_only=_needs_ascii() if ascii_only is None else ascii_only)


def _needs_ascii() -> bool:
    """Whether the locale names another character set than UTF-8; without one it is not known, and
    all but the oldest terminals have block characters."""
    names = (os.environ.get(name) for name in ("LC_ALL", "LC_CTYPE", "LANG"))
    locale = next((name for name in names if name), "")
    folded = locale.lower().replace("-", "")
    return bool(locale) and "utf8" not in folded
