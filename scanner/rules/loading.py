"""From YAML on disk to typed structs, with the file and the key in every error."""

import contextlib
import hashlib
from functools import cache
from pathlib import Path
from typing import TypeVar

import msgspec

from scanner.cache import read_cached, write_cached
from scanner.errors import RuleError
from scanner.version import __version__

T = TypeVar("T")


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
    name: str, kind: type[T], base: Path | None = None, cached_in: Path | None = None
) -> dict[str, T]:
    """Every `*.yaml` of one rule directory, by file name without suffix, sorted.

    Decoded files are kept in the directory `cached_in`, under the digest of all rule data: reading
    YAML is most of a short scan's time. A damaged or unwritable cache is as good as none.
    """
    kept = cached_in / f"rules-{__version__}-{digest(base)}-{name}.msgpack" if cached_in else None
    if kept is not None and (body := read_cached(kept)) is not None:
        with contextlib.suppress(msgspec.DecodeError):
            return msgspec.msgpack.decode(body, type=dict[str, kind])  # type: ignore[valid-type]
    directory = (base or root()) / name
    files = {path.stem: load_file(path, kind) for path in sorted(directory.glob("*.yaml"))}
    if kept is not None:
        write_cached(kept, msgspec.msgpack.encode(files))
    return files


def digest(base: Path | None = None) -> str:
    """A short digest of all rule data; part of every report and of the caches' keys."""
    return _digest(base or root())


@cache
def _digest(directory: Path) -> str:
    state = hashlib.blake2b(digest_size=8)
    for path in sorted(directory.rglob("*.yaml")):
        state.update(path.relative_to(directory).as_posix().encode() + b"\0")
        state.update(path.read_bytes() + b"\0")
    return state.hexdigest()
