"""Options that several commands share, and how they are read."""

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from scanner.errors import ConfigError

F = TypeVar("F", bound=Callable[..., Any])

_STANDARD_INPUT_LIMIT = 256 * 1024 * 1024
# Written out, because importing the model for `--help` would cost more than the rest of it.
SEVERITIES = ("info", "low", "medium", "high", "critical")


def output_options(formats: Sequence[str]) -> Callable[[F], F]:
    """`--format`, of these, text unless another is named, and `--output`."""

    def decorate(function: F) -> F:
        function = click.option(
            *("--output", "-o"),
            type=click.Path(dir_okay=False, path_type=Path),
            help="Write to a file.",
        )(function)
        return click.option(
            *("--format", "-f", "format_"),
            type=click.Choice(formats),
            default="text",
            show_default=True,
            help="For people, or for programs.",
        )(function)

    return decorate


def color_option(function: F) -> F:
    """`--color` and `--no-color`; None where neither is given."""
    return click.option(
        "--color/--no-color", default=None, help="Colour, or none.  [default: on a terminal]"
    )(function)


def fail_on_option(function: F) -> F:
    """`--fail-on`; None stands for the project's own threshold, or else medium."""
    return click.option(
        "--fail-on",
        type=click.Choice([*SEVERITIES, "never"]),
        help="Exit 1 for findings of this severity or above.  [default: medium]",
    )(function)


def min_confidence_option(function: F) -> F:
    """`--min-confidence`; None stands for the project's own, or else medium."""
    return click.option(
        "--min-confidence",
        type=click.Choice(["low", "medium", "high"]),
        help="Leave out findings that are less certain.  [default: medium]",
    )(function)


def other_tools_options(function: F) -> F:
    """`--import`, `--gitleaks-config` and `--rules`: what a user already has."""
    file = click.Path(path_type=Path)
    function = click.option(
        "--rules", multiple=True, type=file, metavar="FILE", help="Rules of your own, as well."
    )(function)
    function = click.option(
        "--gitleaks-config", type=file, metavar="FILE", help="Its rules and allowlists, as well."
    )(function)
    return click.option(
        "--import",
        "imports",
        multiple=True,
        type=file,
        metavar="FILE",
        help="Join the report of another secret scanner.",
    )(function)


def baseline_options(function: F) -> F:
    """`--baseline`, `--write-baseline` and `--baseline-format`."""
    file = click.Path(path_type=Path)
    function = click.option(
        "--baseline-format",
        type=click.Choice(["agentreach", "detect-secrets"]),
        help="The form to write.  [default: agentreach]",
    )(function)
    function = click.option(
        "--write-baseline",
        type=file,
        metavar="FILE",
        help="Accept all findings of this scan in a file.",
    )(function)
    return click.option(
        "--baseline",
        "baselines",
        multiple=True,
        type=file,
        metavar="FILE",
        help="Leave out findings accepted in this file.",
    )(function)


def task_options(function: F) -> F:
    """`--task` and `--task-file`."""
    function = click.option(
        "--task-file",
        type=click.Path(path_type=Path),
        help="A task file that applies to every agent change.",
    )(function)
    return click.option(
        "--task", metavar="ID", help="The task that every agent change belongs to."
    )(function)


def agents_option(function: F) -> F:
    """`--agent`, repeatable."""
    return click.option(
        "--agent",
        "agents",
        multiple=True,
        metavar="AGENT",
        help="Also answer reach for this agent, in use here or not.",
    )(function)


def key_from(file: Path | None) -> bytes | None:
    """The team's key: the option's file, else the environment's AGENTREACH_KEY, else None."""
    if file is None:
        key = os.environb.get(b"AGENTREACH_KEY")
        return key or None
    try:
        data = file.read_bytes().strip()
    except OSError as error:
        raise ConfigError(f"{file}: the key cannot be read: {error.strerror}") from None
    if len(data) < 16:
        raise ConfigError(
            f"{file}: a key of {len(data)} bytes can be guessed",
            hint="make one with: head -c 32 /dev/urandom | base64 > FILE",
        )
    return data


def cache_directory() -> Path | None:
    """`$XDG_CACHE_HOME/agentreach`, else `~/.cache/agentreach`; None where there is no home."""
    base = os.environ.get("XDG_CACHE_HOME")
    try:
        root = Path(base) if base and Path(base).is_absolute() else Path.home() / ".cache"
    except RuntimeError:
        return None
    return root / "agentreach"


def repository_and_subpaths(
    paths: tuple[str, ...],
) -> tuple[Path, tuple[Path, ...], bytes | None]:
    """From the command's PATH arguments to the repository, the parts of it, and standard input."""
    if paths == ("-",):
        data = sys.stdin.buffer.read(_STANDARD_INPUT_LIMIT + 1)
        if len(data) > _STANDARD_INPUT_LIMIT:
            raise click.UsageError("standard input is larger than 256 MiB: scan a file instead")
        return Path(), (), data
    if "-" in paths:
        raise click.UsageError("`-` (standard input) cannot be combined with other paths")
    if not paths:
        return Path(), (), None
    chosen = [Path(path) for path in paths]
    for path in chosen:
        if not path.exists():
            raise click.UsageError(f"{path}: no such file or directory")
    if len(chosen) == 1 and chosen[0].is_dir():
        # Whether it is a repository's root or a part of one is for the scan to find out.
        return chosen[0], (), None
    first = chosen[0]
    return (first if first.is_dir() else first.parent), tuple(chosen), None
