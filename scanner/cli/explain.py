"""`agentreach explain`: why a value on a line is, or is not, reported."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scanner.cli._options import cache_directory

if TYPE_CHECKING:
    from scanner.pipeline.explain import Consideration

_PLACE = re.compile(r"(?P<path>.+?):(?P<line>[1-9][0-9]{0,8})(?::[0-9]+)?", re.DOTALL)


@click.command()
@click.argument("place", metavar="FILE:LINE")
@click.option("--rev", metavar="COMMIT", help="The file as it is in this commit.")
@click.option("--archives", is_flag=True, help="Also look into archives, packages and documents.")
@click.option("--no-config", is_flag=True, help="Do not read the repository's .agentreach.yml.")
def command(place: str, rev: str | None, archives: bool, no_config: bool) -> int:
    """Explain what a scan makes of a line: which rules matched, what each check said, what spoke
    for or against it, and whether it is shown. Values are masked.

    Exits with 1 when something on the line is reported, and with 0 when nothing is.
    """
    from scanner.config import Config
    from scanner.errors import ExitCode
    from scanner.pipeline.explain import explain_line
    from scanner.sinks import printable

    parsed = _PLACE.fullmatch(place)
    if parsed is None:
        raise click.UsageError(f"{place!r} is not FILE:LINE, as in src/settings.py:12")
    config = Config(
        cache_directory=cache_directory(), archives=archives, project_settings=not no_config
    )
    told = explain_line(config, Path(parsed["path"]), int(parsed["line"]), rev)
    click.echo(f"{printable(told.path)}:{told.line}")
    for one in (*told.considered, *told.wrapped):
        tell(one, told.line)
    if not told.considered and not told.wrapped:
        click.echo("  No rule's pattern matches here: no known format, and no name of a secret")
        click.echo("  with a literal value beside it.")
    for note in told.notes:
        click.echo(f"  note: {printable(note)}")
    reported = any(one.reported for one in (*told.considered, *told.wrapped))
    return int(ExitCode.FINDINGS if reported else ExitCode.CLEAN)


def tell(one: "Consideration", line: int | None = None) -> None:
    """Write one consideration: a heading, what was looked at, the outcome. The line is named where
    it is not the given one."""
    from scanner.sinks import printable

    where = f"column {one.column}" if one.line == line else f"line {one.line}, column {one.column}"
    click.echo(f"  {where}: {one.rule} ({printable(one.name)})  {printable(one.masked)}")
    for step in one.steps:
        click.echo(f"    - {printable(step)}")
    click.echo(f"    = {one.outcome}")
