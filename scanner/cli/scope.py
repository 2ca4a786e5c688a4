"""`agentreach scope`: the commit-msg hook."""

from pathlib import Path

import click

from scanner.cli._options import cache_directory, fail_on_option, key_from, task_options


@click.command()
@click.argument("message_file", type=click.Path(path_type=Path))
@fail_on_option
@task_options
def command(
    message_file: Path, fail_on: str | None, task: str | None, task_file: Path | None
) -> int:
    """Check the commit being made against the task that its message names.

    For a commit-msg hook: MESSAGE_FILE is the file that git hands to it. The task comes from
    --task, from a `Task:` trailer, or from the branch; where none is declared, that is said and
    nothing is claimed. The message itself is scanned for secrets.
    """
    from scanner.cli.scan import run
    from scanner.config import Config
    from scanner.errors import ConfigError

    try:
        message = message_file.read_bytes().decode("utf-8", "surrogateescape")
    except OSError as error:
        raise ConfigError(f"{message_file}: cannot be read: {error.strerror}") from None
    config = Config(
        staged=True,
        contents=False,
        message=_without_comments(message),
        task=task,
        task_file=task_file,
        cache_directory=cache_directory(),
        key=key_from(None),
    )
    return run(config, "text", None, fail_on, None)


def _without_comments(message: str) -> str:
    """What git will keep: no comment lines, nothing below the scissors."""
    kept = []
    for line in message.splitlines():
        if line.startswith("# ") and line.endswith(" >8 ------------------------"):
            break
        if not line.startswith("#"):
            kept.append(line)
    return "\n".join(kept).strip() + "\n"
