"""The paths that changes touch."""

from collections.abc import Iterable, Iterator

from scanner.model import Change, Problem


class Touched:
    """The paths that a scan's changes touch, noted while others consume the changes."""

    def __init__(self) -> None:
        self.paths: set[str] = set()

    def noting(self, changes: Iterable[Change | Problem]) -> Iterator[Change | Problem]:
        """The same changes."""
        for change in changes:
            if isinstance(change, Change):
                self.paths.update(path.path for path in change.paths)
            yield change
