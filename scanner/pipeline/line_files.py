"""Chooses the files of a revision whose lines are counted, and says why the others are not."""

import re
from collections.abc import Callable, Iterable, Sequence

import msgspec

from scanner.errors import ConfigError
from scanner.gitio.values import TreeEntry
from scanner.model.lines import LineQuestion, Skip, Skipped
from scanner.sources.exclusion import excluder

_EXAMPLES = 5
_BINARY_HEAD = 8000  # what git looks at to tell (xdiff-interface.c, buffer_is_binary)
_MARK_HEAD = 2048

_LOCKS = frozenset(
    (
        *("package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock"),
        *("deno.lock", "cargo.lock", "poetry.lock", "pdm.lock", "uv.lock", "pipfile.lock"),
        *("gemfile.lock", "composer.lock", "go.sum", "go.work.sum", "mix.lock", "pubspec.lock"),
        *("podfile.lock", "package.resolved", "packages.lock.json", "gradle.lockfile"),
        *("flake.lock", "module.bazel.lock", "conda-lock.yml", "paket.lock", "project.assets.json"),
    )
)
_VENDORED = frozenset(
    ("vendor", "vendored", "node_modules", "third_party", "third-party", "bower_components")
)
_GENERATED_NAME = re.compile(
    r".*(?:\.min\.(?:js|css)|\.(?:js|css|mjs|cjs)\.map|_pb2(?:_grpc)?\.pyi?|\.pb\.(?:go|cc|h)"
    r"|\.g\.dart|\.freezed\.dart|\.designer\.cs|\.g\.cs|\.generated\.[a-z]+|_generated\.[a-z]+"
    r"|\.snap)",
    re.DOTALL,
)
# Go's convention (go.dev/s/generatedcode), which other generators follow, and Facebook's.
_GENERATED_MARK = re.compile(
    rb"^.{0,8}Code generated .{0,200}DO NOT EDIT|^.{0,8}@generated\b", re.MULTILINE
)
_MODES = {"120000": Skip.LINK, "160000": Skip.SUBMODULE}


class Chosen(msgspec.Struct, frozen=True):
    """The files to look at, by path, and those that are known to be none before any is read."""

    files: tuple[TreeEntry, ...]
    forced: bool
    """Whether the user named what to count, so that what a file is does not matter."""
    skipped: dict[Skip, list[str]]


def choose_files(entries: Iterable[TreeEntry], question: LineQuestion) -> Chosen:
    """Choose by path. Raises `ConfigError` for a pattern or path that can't be used."""
    wanted = _wanted(question)
    forced = bool(question.include) or question.everything
    files: list[TreeEntry] = []
    skipped: dict[Skip, list[str]] = {}
    for entry in entries:
        asked = wanted(entry.path)
        if asked is None:
            continue
        reason = _MODES.get(entry.mode) if asked else Skip.EXCLUDED
        if reason is None and not forced:
            reason = _kind(entry.path)
        if reason is None:
            files.append(entry)
        else:
            skipped.setdefault(reason, []).append(entry.path)
    return Chosen(tuple(files), forced, skipped)


def unfit(data: bytes, *, forced: bool) -> Skip | None:
    """Why a file with this content is not counted, if it is not."""
    if not data:
        return Skip.EMPTY
    if b"\0" in data[:_BINARY_HEAD]:
        return Skip.BINARY
    if not forced and _GENERATED_MARK.search(data[:_MARK_HEAD]):
        return Skip.GENERATED
    return None


def line_count(data: bytes) -> int:
    """Lines as git counts them: the last one counts without a line feed too."""
    return data.count(b"\n") + (not data.endswith(b"\n") and bool(data))


def summary(skipped: dict[Skip, list[str]]) -> tuple[Skipped, ...]:
    """Counts and examples, in the order of `Skip`."""
    return tuple(
        Skipped(reason, len(skipped[reason]), tuple(sorted(skipped[reason])[:_EXAMPLES]))
        for reason in Skip
        if reason in skipped
    )


def _wanted(question: LineQuestion) -> Callable[[str], bool | None]:
    """True: to be counted; False: left out by a pattern; None: not asked about."""
    parts = tuple(_normal(path) for path in question.paths)
    included = excluder(question.include) if question.include else None
    excluded = excluder(question.exclude)

    def answer(path: str) -> bool | None:
        if not _inside(path, parts):
            return None
        return (included is None or included(path)) and not excluded(path)

    return answer


def _normal(path: str) -> str:
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if path.startswith("/") or ".." in parts:
        raise ConfigError(f"{path!r} is no path inside the repository")
    return "/".join(parts)


def _inside(path: str, parts: Sequence[str]) -> bool:
    if not parts:
        return True
    return any(not part or path == part or path.startswith(f"{part}/") for part in parts)


def _kind(path: str) -> Skip | None:
    *directories, name = path.lower().split("/")
    if not _VENDORED.isdisjoint(directories):
        return Skip.VENDORED
    if name in _LOCKS:
        return Skip.LOCK
    return Skip.GENERATED if _GENERATED_NAME.fullmatch(name) else None
