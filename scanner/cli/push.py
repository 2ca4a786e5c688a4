"""`agentreach push`: the pre-push hook."""

import os
import sys
from pathlib import Path

import click

from scanner.cli._options import cache_directory, fail_on_option, key_from, task_options


@click.command()
@fail_on_option
@task_options
def command(fail_on: str | None, task: str | None, task_file: Path | None) -> int:
    """Scan the commits that are about to be pushed.

    For a pre-push hook, run by pre-commit (which names the commits in PRE_COMMIT_FROM_REF and
    PRE_COMMIT_TO_REF) or by git itself (which names them on standard input).
    """
    from scanner.cli.scan import run
    from scanner.config import Config
    from scanner.errors import ExitCode

    revisions = _from_environment() or _from_standard_input()
    if not revisions:
        click.echo("agentreach: nothing is pushed that is not on the remote already", err=True)
        return int(ExitCode.CLEAN)
    worst = int(ExitCode.CLEAN)
    for revision_range in revisions:
        config = Config(
            revision_range=revision_range,
            task=task,
            task_file=task_file,
            cache_directory=cache_directory(),
            key=key_from(None),
        )
        code = run(config, "text", None, fail_on, None)
        # 1 (findings) is worse than 3 (incomplete), as in a single scan.
        worst = code if worst == 0 or code == int(ExitCode.FINDINGS) else worst
    return worst


def _from_environment() -> list[str]:
    source, target = (os.environ.get(f"PRE_COMMIT_{name}_REF") for name in ("FROM", "TO"))
    if not target:
        return []
    return [f"{source}..{target}" if source and set(source) != {"0"} else target]


def _from_standard_input() -> list[str]:
    """git's own lines: `<local ref> <local id> <remote ref> <remote id>`; zeros mean "none"."""
    if sys.stdin.isatty():
        raise click.UsageError("no commits named: run this as a pre-push hook, or use scan --range")
    ranges = []
    for line in sys.stdin:
        fields = line.split()
        if len(fields) != 4 or set(fields[1]) == {"0"}:
            continue
        known = set(fields[3]) != {"0"}
        ranges.append(f"{fields[3]}..{fields[1]}" if known else fields[1])
    return ranges
