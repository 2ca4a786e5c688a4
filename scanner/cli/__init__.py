"""The command line: one file a command, found by its name and imported when it is called.

Only this package reads the arguments, the environment and the terminal; it alone turns errors into
exit codes.
"""

import os
import pkgutil
import sys
from collections.abc import Sequence
from importlib import import_module

import click

from scanner.errors import ExitCode, ScannerError
from scanner.version import __version__


class _CommandFiles(click.Group):
    """Finds commands by file name, so that a new command is a new file and nothing else."""

    def list_commands(self, context: click.Context) -> list[str]:
        """Names of all command files, sorted."""
        names = (module.name for module in pkgutil.iter_modules(__path__))
        return sorted(name for name in names if not name.startswith("_"))

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """Import the command's file; None when there is no such file."""
        if name not in self.list_commands(context):
            return None
        command: click.Command = import_module(f"{__name__}.{name}").command
        return command


@click.command(
    cls=_CommandFiles,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="agentreach", message="%(prog)s %(version)s")
def cli() -> None:
    """What can coding agents see in this repository, what did they write, where did they step
    outside their task, and what is to be done about it?

    \b
    Exit codes: 0 clean and complete, 1 findings at or above --fail-on, 2 usage or configuration,
    3 something was not scanned, 70 a bug of agentreach, 130 interrupted.
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code; never raises."""
    try:
        result = cli.main(args=arguments, prog_name="agentreach", standalone_mode=False)
        return int(result or 0)
    except click.exceptions.Abort:
        return _interrupted()
    except click.ClickException as error:
        error.show()
        return int(ExitCode.USAGE)
    except ScannerError as error:
        _complain(error)
        return int(ExitCode.USAGE)
    except KeyboardInterrupt:
        return _interrupted()
    except BrokenPipeError:
        # The reader went away (`| head`): nothing is wrong, and nothing more can be said.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return int(ExitCode.INCOMPLETE)
    except Exception:
        return _bug()


def _interrupted() -> int:
    click.echo("agentreach: interrupted", err=True)
    return int(ExitCode.INTERRUPTED)


def _complain(error: ScannerError) -> None:
    from scanner.pipeline.redact import veil
    from scanner.sinks import printable

    click.echo(f"agentreach: {printable(veil(error.message))}", err=True)
    if error.hint:
        click.echo(f"  hint: {printable(veil(error.hint))}", err=True)


def _bug() -> int:
    """A traceback ready to paste: places and types only, since a value could hold a secret."""
    import platform
    import traceback

    kind, _, trace = sys.exc_info()
    click.echo("agentreach: this is a bug in agentreach; please report the lines below", err=True)
    click.echo(
        f"agentreach {__version__}, Python {platform.python_version()}, {sys.platform}", err=True
    )
    for frame in traceback.extract_tb(trace):
        click.echo(f"  {frame.filename}:{frame.lineno} in {frame.name}", err=True)
    click.echo(f"  {kind.__name__ if kind else 'unknown'}", err=True)
    return int(ExitCode.BUG)
