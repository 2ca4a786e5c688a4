"""Files with some put in place of what is there, to ask what would be if."""

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from scanner.model import Files, Tracking


@runtime_checkable
class _Links(Protocol):
    def link(self, path: str) -> str | None: ...


@runtime_checkable
class _Absent(Protocol):
    def absent(self, path: str) -> bool: ...


class Overlay:
    """Implements `model.Files` over other files. `changed`: new bytes by path; None takes away."""

    def __init__(self, files: Files, changed: Mapping[str, bytes | None]) -> None:
        self._files = files
        self._changed = dict(changed)
        kept = {path for path in files.paths() if path not in self._changed}
        added = {path for path, data in self._changed.items() if data is not None}
        self._paths = tuple(sorted(kept | added))

    def paths(self) -> tuple[str, ...]:
        """Every path, sorted."""
        return self._paths

    def read(self, path: str) -> bytes | None:
        """The new bytes, or those of the files below."""
        if path in self._changed:
            return self._changed[path]
        return self._files.read(path)

    def tracking(self, path: str) -> Tracking:
        """What git makes of the path; a file that is not there yet is untracked."""
        known = self._files.tracking(path)
        if path in self._changed and known is Tracking.UNKNOWN:
            return Tracking.UNTRACKED
        return known

    def link(self, path: str) -> str | None:
        """A symbolic link's text; what was put in place is a file, whatever stood there."""
        if path in self._changed or not isinstance(self._files, _Links):
            return None
        return self._files.link(path)

    def absent(self, path: str) -> bool:
        """Whether git tracks the file and it is not on disk; nothing that was put in place is."""
        if path in self._changed or not isinstance(self._files, _Absent):
            return False
        return self._files.absent(path)
