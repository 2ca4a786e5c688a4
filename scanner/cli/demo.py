"""`agentreach demo`: a throwaway repository with everything in it, and the real scan of it."""

import shutil
import tempfile
from pathlib import Path

import click

from scanner.cli._options import cache_directory, color_option
from scanner.errors import ExitCode


@click.command()
@click.option(
    "--keep",
    type=click.Path(file_okay=False, path_type=Path),
    help="Make the repository here and leave it, to look around in.",
)
@color_option
def command(keep: Path | None, color: bool | None) -> int:
    """Build a repository in which an agent went too far, and scan it.

    It re-enacts the PocketOS case of April 2026: an infrastructure token in an unrelated file, an
    agent that could reach it, and commits outside the agent's task. The tokens are generated and
    were never live. Nothing is sent anywhere. Exits 0 when the scan found what it should.
    """
    from scanner.cli._scenario import commits, ignored_files
    from scanner.cli.scan import run
    from scanner.config import Config
    from scanner.gitio.scratch import create_repository

    base = keep or Path(tempfile.mkdtemp(prefix="agentreach-demo-"))
    repository = base / "rental-service"
    try:
        create_repository(repository, commits())
        for name, data in ignored_files().items():
            (repository / name).write_bytes(data)
        records = base / "incidents"
        config = Config(path=repository, incidents=records, cache_directory=cache_directory())
        code = run(config, "text", None, "high", color)
        if keep is not None:
            click.echo(f"\nThe repository is in {repository}, the incident records in {records}.")
        else:
            click.echo(
                "\nTo look around in it, and at the incident records: agentreach demo --keep DIR"
            )
    finally:
        if keep is None:
            shutil.rmtree(base, ignore_errors=True)
    return int(ExitCode.CLEAN if code == ExitCode.FINDINGS else ExitCode.BUG)
