"""From YAML on disk to typed structs, with the file and the key in every error."""

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from scanner.cache import read_cached, write_cached
from scanner.errors import RuleError
from scanner.version import __version__

T = TypeVar("T")

_MOST_RULES: Final = 48
"""Files in the cache: one for each directory of rules, in some versions."""
_MOST_DIGESTS: Final = 16


@cache
def root() -> Path:
    """The directory of the rule data: the wheel's own copy, else the checkout's `rules/`.

    An editable install has no copy beside the package, so it always reads the checkout.
    """
    package = Path(__file__).resolve().parent.parent
    for candidate in (package / "_rules", package.parent / "rules"):
        if candidate.is_dir():
            return candidate
    raise RuleError(
        f"no rule data beside {package}", hint="reinstall agentreach: the installation is damaged"
    )


def load_file(path: Path, kind: type[T]) -> T:
    """Decode one YAML file strictly; unknown keys and wrong types raise `RuleError`."""
    import yaml

    # libyaml's loader is about ten times faster; some platforms' wheels lack it.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        raw = yaml.load(path.read_bytes(), Loader=loader)  # noqa: S506 - a safe loader either way
        return msgspec.convert(raw, kind)
    except OSError as error:
        raise RuleError(f"{path}: cannot be read: {error.strerror}") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or str(error)
        raise RuleError(f"{path}{line}: not valid YAML: {problem}") from error
    except msgspec.ValidationError as error:
        raise RuleError(f"{path}: {error}") from error


def load_directory(
    name: str,
    kind: type[T],
    base: Path | None = None,
    cached_in: Path | None = None,
    check: Callable[[Mapping[str, T]], None] | None = None,
) -> dict[str, T]:
    """Every `*.yaml` of one rule directory, by file name without suffix, sorted.

    Decoded files are kept in the directory `cached_in`, under the digest of all rule data: reading
    YAML is most of a short scan's time. A damaged or unwritable cache is as good as none. `check`
    may raise `RuleError`; what is kept has passed it and is not checked again.
    """
    kept = (
        cached_in / f"rules-{__version__}-{digest(base, cached_in)}-{name}.msgpack"
        if cached_in
        else None
    )
    if kept is not None and (body := read_cached(kept)) is not None:
        with contextlib.suppress(msgspec.DecodeError):
            return msgspec.msgpack.decode(body, type=dict[str, kind])  # type: ignore[valid-type]
    directory = (base or root()) / name
    files = {path.stem: load_file(path, kind) for path in sorted(directory.glob("*.yaml"))}
    if check is not None:
        check(files)
    if kept is not None:
        body = msgspec.msgpack.encode(files)
        write_cached(kept, body, alike="rules-*.msgpack", most=_MOST_RULES)
    return files


def digest(base: Path | None = None, cached_in: Path | None = None) -> str:
    """A short digest of all rule data; part of every report and of the caches' keys.

    It is kept in the directory `cached_in` as long as no file changes its size or time: reading
    hundreds of files would take longer than a staged scan.
    """
    return _digest(base or root(), cached_in)


@cache
def _digest(directory: Path, cached_in: Path | None) -> str:
    files = sorted(_files(str(directory)))
    kept = cached_in / f"digest-{_unchanged(files)}.txt" if cached_in else None
    if kept is not None and (body := read_cached(kept)) is not None:
        return body.decode("ascii", "replace")
    state = hashlib.blake2b(digest_size=8)
    for path in map(Path, files):
        state.update(path.relative_to(directory).as_posix().encode() + b"\0")
        state.update(path.read_bytes() + b"\0")
    found = state.hexdigest()
    if kept is not None:
        write_cached(kept, found.encode(), alike="digest-*.txt", most=_MOST_DIGESTS)
    return found


def _files(directory: str) -> Iterator[str]:
    """Every file below a directory; as texts, since path objects cost more than the reading."""
    with os.scandir(directory) as entries:
        for entry in entries:
            if entry.is_dir():
                yield from _files(entry.path)
            else:
                yield entry.path


def _unchanged(files: Iterable[str]) -> str:
    """Names a state of the files without reading them."""
    state = hashlib.blake2b(digest_size=16)
    for path in files:
        facts = os.stat(path)  # noqa: PTH116 - see `_files`
        state.update(f"{path}\0{facts.st_size}\0{facts.st_mtime_ns}\0".encode(errors="replace"))
    return state.hexdigest()
