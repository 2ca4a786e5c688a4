"""The files on disk: of a repository's work tree, or of any directory.

An agent reads what is on disk, tracked or not, so ignored files count most. Of the ignored
directories, those that hold installed packages or caches (`node_modules`, `.venv`...) are left out;
any other is read whole up to a number of files, and beyond it only files with names that commonly
hold secrets. `notes` says what was left out.
"""

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path

from scanner.gitio import BLOB_LIMIT, Repository
from scanner.model import Batch, Problem, Tracking
from scanner.sources.disk import TooLarge, Tree
from scanner.sources.exclusion import excluder
from scanner.sources.packing import MINIMUM, Origin, blob_id, pack

INSTALLED = frozenset(
    (
        *("node_modules", "bower_components", ".venv", "venv", ".tox", ".nox", "__pycache__"),
        *("site-packages", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis", ".eggs"),
        *(".gradle", ".m2", ".cargo", "target", ".next", ".nuxt", ".turbo", ".yarn"),
        *(".pnpm-store", "Pods", "DerivedData", ".dart_tool", ".bundle"),
    )
)
"""Names of ignored directories that tools fill with what others published, or with caches."""

SECRET_NAMES = (
    *(".env", ".env.*", "*.env", ".envrc", ".npmrc", ".pypirc", ".netrc", "_netrc", ".pgpass"),
    *("*.pem", "*.key", "*.p12", "*.pfx", "*.jks", "*.keystore", "id_rsa", "id_ed25519"),
    *("id_ecdsa", "id_dsa", "credentials", "credentials.*", "secrets", "secrets.*", "*.tfvars"),
    *("*.tfstate", "*.tfstate.*", "kubeconfig", "*.kubeconfig", "service-account*.json"),
    *(".git-credentials", ".dockercfg", ".htpasswd", "*.ovpn", "*.kdbx", "*.mobileprovision"),
)
"""File names looked for in an ignored directory with too many files to read them all."""

WHOLE_DIRECTORY = 2_000
_WALK_LIMIT = 50_000
_PLAIN_LIMIT = 2_000_000
_CHUNK = 64

Report = Callable[[Problem], None]


class WorkTree:
    """Implements `model.Files`. Paths are relative to `root`; only regular files, no links.

    `only`: paths to which it is confined (a directory stands for all below it). `excludes`: what
    to leave out, in .gitignore syntax. `tracked_only`: do not ask git for other files. Without a
    repository, every file's tracking is unknown.
    """

    def __init__(
        self,
        root: Path,
        repository: Repository | None = None,
        *,
        only: Sequence[str] = (),
        excludes: Iterable[str] = (),
        limit: int = BLOB_LIMIT,
        tracked_only: bool = False,
    ) -> None:
        self.root = root
        self.limit = limit
        self.object_format = repository.object_format if repository else "sha1"
        self.origins: dict[str, list[Origin]] = {}
        """Blob id to the files with that content; complete when all streams have ended."""
        self.notes: tuple[str, ...] = ()
        """What was left out on purpose, in sentences."""
        self._only = tuple(path.strip("/").removeprefix("./") for path in only)
        self._excluded = excluder(tuple(excludes))
        self._lock = threading.Lock()
        listing = _Listing(root, self._only)
        if repository is None:
            found = listing.of_directory()
        else:
            found = listing.of_repository(repository, tracked_only)
        self._tracking = {path: found[path] for path in sorted(found) if self._wanted(path)}
        self.notes = tuple(listing.notes)

    def paths(self) -> tuple[str, ...]:
        """Every path, sorted, whether or not the file still exists or can be read."""
        return tuple(self._tracking)

    def tracking(self, path: str) -> Tracking:
        """What git makes of the path; UNKNOWN for one that is not listed."""
        return self._tracking.get(path, Tracking.UNKNOWN)

    def read(self, path: str) -> bytes | None:
        """A regular file's bytes; None when absent, unreadable, a link, or over the limit."""
        if path.startswith("/"):
            return None
        try:
            with Tree(self.root) as tree:
                data = tree.read(path, self.limit)
        except OSError:
            return None
        return data if isinstance(data, bytes) else None

    def link(self, path: str) -> str | None:
        """A symbolic link's text, not followed; None when the path is no link inside the tree."""
        if path.startswith("/"):
            return None
        try:
            with Tree(self.root) as tree:
                return tree.link(path)
        except OSError:
            return None

    def absent(self, path: str) -> bool:
        """Whether git tracks the file and it is not on disk: deleted, or not checked out."""
        with Tree(self.root) as tree:
            return path in self._tracking and not tree.has(path)

    def streams(self, jobs: int, problems: Report) -> list[Iterator[Batch]]:
        """`jobs` iterators that together hand out each distinct content once."""
        paths = list(self._tracking)
        chunks = iter([paths[start : start + _CHUNK] for start in range(0, len(paths), _CHUNK)])
        return [pack(self._contents(chunks, problems)) for _ in range(jobs)]

    def _contents(
        self, chunks: Iterator[list[str]], problems: Report
    ) -> Iterator[tuple[str, bytes]]:
        with Tree(self.root) as tree:
            while True:
                with self._lock:
                    chunk = next(chunks, None)
                if chunk is None:
                    return
                for path in chunk:
                    data = _read(tree, path, self.limit, problems)
                    if data is None or len(data) < MINIMUM:
                        continue
                    blob = blob_id(data, self.object_format)
                    if self._claim(blob, Origin(path, self._tracking[path])):
                        yield blob, data

    def _claim(self, blob: str, origin: Origin) -> bool:
        """Notes a file's content; True for the first file that has it."""
        with self._lock:
            known = self.origins.setdefault(blob, [])
            known.append(origin)
            return len(known) == 1

    def _wanted(self, path: str) -> bool:
        if self._only and not any(_within(path, allowed) for allowed in self._only):
            return False
        return not self._excluded(path)


class _Listing:
    """Names the files there are, and notes what it leaves out."""

    def __init__(self, root: Path, only: tuple[str, ...]) -> None:
        self._root = root
        self._only = only
        self.notes: list[str] = []
        self._installed: dict[str, list[str]] = {}
        """Directories of installed packages and caches, by their names."""

    def of_directory(self) -> dict[str, Tracking]:
        with Tree(self._root) as tree:
            return dict.fromkeys(tree.walk("", _PLAIN_LIMIT), Tracking.UNKNOWN)

    def of_repository(self, repository: Repository, tracked_only: bool) -> dict[str, Tracking]:
        found: dict[str, Tracking] = {}
        for path in () if tracked_only else repository.ignored():
            for file in self._ignored(path):
                found[file] = Tracking.IGNORED
        nested = []
        for path in () if tracked_only else repository.untracked():
            if path.endswith("/"):
                nested.append(path)
            else:
                found[path] = Tracking.UNTRACKED
        for entry in repository.index_entries():
            if entry.mode == "160000":
                nested.append(f"{entry.path}/")
            elif entry.mode != "120000":
                found[entry.path] = Tracking.TRACKED
        for path in nested:
            self.notes.append(f"{path} is a repository of its own and was not scanned")
        self.notes += self._left_out()
        return found

    def _left_out(self) -> Iterator[str]:
        """One sentence a name: a Python project has a cache in every directory."""
        for name, paths in self._installed.items():
            what = paths[0] if len(paths) == 1 else f"{len(paths)} directories named {name}/"
            was = "was" if len(paths) == 1 else "were"
            yield f"{what} (ignored; installed packages or a cache) {was} not scanned"

    def _ignored(self, path: str) -> Iterator[str]:
        if not path.endswith("/"):
            yield path
            return
        directory = path.rstrip("/")
        if os.path.lexists(self._root / directory / ".git"):
            self.notes.append(f"{path} is a repository of its own and was not scanned")
        elif INSTALLED & set(directory.split("/")) and not self._named(directory):
            self._installed.setdefault(directory.rpartition("/")[2], []).append(path)
        else:
            yield from self._directory(directory)

    def _directory(self, directory: str) -> Iterator[str]:
        with Tree(self._root) as tree:
            files = list(tree.walk(directory, _WALK_LIMIT))
        if len(files) > WHOLE_DIRECTORY and not self._named(directory):
            self.notes.append(
                f"{directory}/ (ignored) holds more than {WHOLE_DIRECTORY} files:"
                " only those with names that commonly hold secrets were scanned"
            )
            files = [file for file in files if _secret_name(file)]
        yield from files

    def _named(self, directory: str) -> bool:
        """Whether the user asked for this directory, or for something inside it."""
        return any(
            _within(allowed, directory) or _within(directory, allowed) for allowed in self._only
        )


def _read(tree: Tree, path: str, limit: int, problems: Report) -> bytes | None:
    try:
        data = tree.read(path, limit)
    except OSError as error:
        problems(Problem("source", path, f"can't be read: {error.strerror}"))
        return None
    if isinstance(data, TooLarge):
        reason = f"{data.size} bytes, larger than the limit of {limit}"
        problems(Problem("source", path, reason, "raise the size limit to include it"))
        return None
    return data


def _within(path: str, directory: str) -> bool:
    return directory in ("", ".", path) or path.startswith(f"{directory}/")


def _secret_name(path: str) -> bool:
    name = path.rpartition("/")[2].lower()
    return any(fnmatch(name, pattern) for pattern in SECRET_NAMES)
