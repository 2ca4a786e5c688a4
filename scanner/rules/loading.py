"""From YAML on disk to typed structs, with the file and the key in every error."""

import hashlib
from functools import cache
from pathlib import Path
from typing import TypeVar

import msgspec
import yaml

from scanner.errors import RuleError

T = TypeVar("T")

# libyaml's loader is about ten times faster; some platforms' wheels lack it.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


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
    try:
        raw = yaml.load(path.read_bytes(), Loader=_Loader)  # noqa: S506 - a safe loader either way
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


def load_directory(name: str, kind: type[T], base: Path | None = None) -> dict[str, T]:
    """Every `*.yaml` of one rule directory, by file name without suffix, sorted."""
    directory = (base or root()) / name
    return {path.stem: load_file(path, kind) for path in sorted(directory.glob("*.yaml"))}


@cache
def digest(base: Path | None = None) -> str:
    """A short digest of all rule data; part of every report and of the compiled pattern cache's key."""
    state = hashlib.blake2b(digest_size=8)
    directory = base or root()
    for path in sorted(directory.rglob("*.yaml")):
        state.update(path.relative_to(directory).as_posix().encode() + b"\0")
        state.update(path.read_bytes() + b"\0")
    return state.hexdigest()
