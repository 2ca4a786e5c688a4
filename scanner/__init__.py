"""agentreach: what coding agents can reach, wrote and overstepped in a git repository.

The public interface: `scan(Config(...))` returns a `Report`. Names are loaded on first use, so that
importing the package costs nothing on the command line's quick paths.
"""

from typing import TYPE_CHECKING, Any

from scanner.version import __version__

if TYPE_CHECKING:
    from scanner.config import Config
    from scanner.model import Finding, Incident, Problem, Report
    from scanner.pipeline import scan

__all__ = ["Config", "Finding", "Incident", "Problem", "Report", "__version__", "scan"]

_HOMES = {
    "Config": "scanner.config",
    "Finding": "scanner.model",
    "Incident": "scanner.model",
    "Problem": "scanner.model",
    "Report": "scanner.model",
    "scan": "scanner.pipeline",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
