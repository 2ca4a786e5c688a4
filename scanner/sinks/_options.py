"""What a sink is told beside the report."""

import msgspec


class Options(msgspec.Struct, frozen=True):
    """How to write, decided by the command line; a sink reads no environment and no terminal."""

    color: bool = False
    width: int = 100
    """Columns a line may take; only the text sink breaks lines."""
    exit_code: int | None = None
    """The exit code the run will end with, where it is known already."""
    anchor: str | None = None
    """A tracked file that exists, for formats that must point into the tree when the finding's own
    place is no longer there."""
    verbose: bool = False
    """Also what a first reading does not need: every channel's verdict with its basis, the reasons
    of the severity, all steps. Only the text sink leaves any of that out otherwise."""
