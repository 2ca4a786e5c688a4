"""Paths that are left out on request."""

from collections.abc import Callable, Sequence

from scanner.errors import ConfigError


def excluder(patterns: Sequence[str]) -> Callable[[str], bool]:
    """True for paths that the patterns (gitignore syntax) leave out. Raises `ConfigError`."""
    if not patterns:
        return lambda path: False
    import pathspec

    try:
        spec = pathspec.GitIgnoreSpec.from_lines(patterns)
    except ValueError as error:
        raise ConfigError(f"an exclude pattern is not valid: {error}") from None
    return lambda path: bool(path) and spec.match_file(path)
