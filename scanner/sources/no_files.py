"""The files of something that has none: standard input, a repository without commits."""

from scanner.model import Tracking


class NoFiles:
    """Implements `model.Files` with nothing."""

    def read(self, path: str) -> bytes | None:
        """Nothing."""
        return None

    def paths(self) -> tuple[str, ...]:
        """None."""
        return ()

    def tracking(self, path: str) -> Tracking:
        """Not known."""
        return Tracking.UNKNOWN
