"""Codex's permission profiles: which reads a named profile refuses.

After developers.openai.com/codex/permissions. A profile lists what commands may do below
`:workspace_roots` or an absolute path. Of the exact paths that cover a file the most specific
decides; a glob may only deny, and `*` stays in its segment. On Linux a `**` is expanded before a
command starts, down to `glob_scan_max_depth` and no further.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum

import msgspec

from scanner.reach.formats.toml_file import TomlFile
from scanner.reach.matching.gitignore import excludes, parse

DENIED = frozenset({"deny", "none"})
"""`none` is the earlier spelling."""
_ROOTS = (":workspace_roots", ":project_roots")
_GLOB = frozenset("*?[")
_MOST_PARENTS = 8


class Cover(StrEnum):
    """What a profile does to the reading of one path."""

    DENIED = "denied"
    DOUBTFUL = "doubtful"  # it means to deny, but not on every system
    OPEN = "open"


class Finding(msgspec.Struct, frozen=True):
    """The entry of a profile that decides on a path."""

    cover: Cover
    profile: str
    pattern: str
    source: str
    note: str = ""
    """Why a denial is doubtful."""


class _Entry(msgspec.Struct, frozen=True):
    pattern: str
    access: str
    source: str
    relative: bool
    """To the workspace's root; else it stands at the top, as an absolute path or a special one."""


def decide(profile: str, path: str, files: tuple[TomlFile, ...]) -> Finding | None:
    """The entry that decides on a path of the workspace; None where none concerns it.

    `files`: the configuration that defines profiles, the stronger first. Parents that a profile
    `extends` are weaker than itself.
    """
    entries: dict[tuple[bool, str], _Entry] = {}
    depth: object = None
    for file, name in _chain(profile, files):
        for entry in _entries(file, name):
            entries.setdefault((entry.relative, entry.pattern), entry)
        if depth is None:
            depth = file.get("permissions", name, "filesystem", "glob_scan_max_depth")
    limit = depth if isinstance(depth, int) and not isinstance(depth, bool) else None
    denials = [entry for entry in entries.values() if entry.access in DENIED and _is_glob(entry)]
    doubt: Finding | None = None
    for entry in denials:
        if _glob_covers(entry, path):
            note = _too_deep(entry.pattern, path, limit)
            cover = Cover.DOUBTFUL if note else Cover.DENIED
            found = Finding(cover, profile, entry.pattern, entry.source, note)
            if cover is Cover.DENIED:
                return found
            doubt = doubt or found
    exact = [e for e in entries.values() if not _is_glob(e) and _exact_covers(e, path)]
    if exact:
        best = max(exact, key=lambda entry: (_weight(entry), entry.access in DENIED))
        if best.access in DENIED:
            return Finding(Cover.DENIED, profile, best.pattern, best.source)
        return doubt or Finding(Cover.OPEN, profile, best.pattern, best.source)
    return doubt


def denying_profiles(path: str, files: tuple[TomlFile, ...]) -> Iterator[Finding]:
    """For every profile that is defined anywhere: the entry that denies the path, if one does."""
    names = dict.fromkeys(name for file in files for name, _ in file.tables("permissions"))
    for name in names:
        found = decide(name, path, files)
        if found is not None and found.cover is not Cover.OPEN:
            yield found


def _chain(profile: str, files: tuple[TomlFile, ...]) -> Iterator[tuple[TomlFile, str]]:
    """The tables that make up a profile, the strongest first. Built-in parents deny no reads."""
    seen: set[str] = set()
    name: object = profile
    while isinstance(name, str) and name not in seen and len(seen) < _MOST_PARENTS:
        seen.add(name)
        parent: object = None
        for file in files:
            body = file.table("permissions", name)
            if body:
                yield file, name
                parent = parent or body.get("extends")
        name = parent


def _entries(file: TomlFile, name: str) -> Iterator[_Entry]:
    keys = "permissions", name, "filesystem"
    for pattern, access in file.table(*keys).items():
        if isinstance(access, str):
            yield _Entry(pattern, access, file.source(*keys, pattern), not _is_top(pattern))
        elif isinstance(access, Mapping) and pattern in _ROOTS:
            for inner, value in access.items():
                if isinstance(value, str):
                    yield _Entry(inner, value, file.source(*keys, pattern, inner), True)


def _is_top(pattern: str) -> bool:
    return pattern.startswith((":", "/", "~", "\\")) or pattern[1:2] == ":"


def _is_glob(entry: _Entry) -> bool:
    return bool(_GLOB & set(entry.pattern))


def _glob_covers(entry: _Entry, path: str) -> bool:
    if not entry.relative:
        return False
    parsed = parse("/" + entry.pattern.removeprefix("./").lstrip("/"))
    return parsed is not None and excludes(parsed, path)


def _too_deep(pattern: str, path: str, limit: int | None) -> str:
    if "**" not in pattern:
        return ""
    if limit is None:
        return "Linux needs glob_scan_max_depth for a ** and the profile sets none"
    if path.count("/") + 1 > limit:
        return f"on Linux glob_scan_max_depth = {limit} ends the search above it"
    return ""


def _exact_covers(entry: _Entry, path: str) -> bool:
    if not entry.relative:
        return entry.pattern in _ROOTS or entry.pattern == ":root"
    pattern = entry.pattern.removeprefix("./").strip("/")
    return pattern in ("", ".") or path == pattern or path.startswith(f"{pattern}/")


def _weight(entry: _Entry) -> int:
    """More for a more specific path: the whole disk, the workspace, a directory, a file."""
    if not entry.relative:
        return 0 if entry.pattern == ":root" else 1
    pattern = entry.pattern.removeprefix("./").strip("/")
    return 2 if pattern in ("", ".") else 3 + pattern.count("/")
