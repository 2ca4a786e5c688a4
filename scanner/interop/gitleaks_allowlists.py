"""Reads the allowlists of a gitleaks configuration."""

from collections.abc import Callable
from typing import Final

import msgspec

from scanner.errors import ConfigError
from scanner.interop.go_regex import translate
from scanner.interop.go_syntax import UnsupportedExpressionError
from scanner.rules.foreign import ForeignAllowlist, ForeignPattern, RegexTarget

_CONDITIONS: Final = {"": False, "OR": False, "||": False, "AND": True, "&&": True}


class AllowlistTable(msgspec.Struct, frozen=True):
    """An `[allowlist]`, `[[allowlists]]` or `[[rules.allowlists]]` table, keys in lower case."""

    description: str = ""
    condition: str = ""
    commits: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    regextarget: str = ""
    regexes: tuple[str, ...] = ()
    stopwords: tuple[str, ...] = ()
    targetrules: tuple[str, ...] = ()


def read_allowlist(
    table: AllowlistTable, where: str, file: str, warn: Callable[[str], None]
) -> ForeignAllowlist | None:
    """What a table allows; None for one that allows nothing.

    An expression that cannot be run is named by `warn`. It is left out where one criterion is
    enough, and takes the allowlist with it where all must hold: never is more hidden than asked.
    Raises `ConfigError` for a word that gitleaks does not know either.
    """
    condition = table.condition.upper()
    if condition not in _CONDITIONS:
        raise ConfigError(f"{file}: {where}: condition {table.condition[:40]!r} is not OR or AND")
    target = table.regextarget or RegexTarget.SECRET
    if target not in tuple(RegexTarget):
        raise ConfigError(
            f"{file}: {where}: regexTarget {table.regextarget[:40]!r} is not secret, match or line"
        )
    paths = _patterns(table.paths, f"{where}: paths", warn)
    regexes = _patterns(table.regexes, f"{where}: regexes", warn)
    whole = len(paths) == len(table.paths) and len(regexes) == len(table.regexes)
    if _CONDITIONS[condition] and not whole:
        warn(f"{where} is left out: with condition AND it would allow more than it says")
        return None
    if not (paths or regexes or table.commits or table.stopwords):
        warn(f"{where} names nothing to allow")
        return None
    return ForeignAllowlist(
        description=" ".join(table.description.split())[:200],
        all_of=_CONDITIONS[condition],
        commits=frozenset(commit.strip().lower() for commit in table.commits),
        paths=paths,
        target=RegexTarget(target),
        regexes=regexes,
        stopwords=tuple(word.lower() for word in table.stopwords if word),
        rules=table.targetrules,
    )


def _patterns(
    sources: tuple[str, ...], where: str, warn: Callable[[str], None]
) -> tuple[ForeignPattern, ...]:
    patterns = []
    for index, source in enumerate(sources):
        try:
            translated = translate(source, yes_or_no=True)
        except UnsupportedExpressionError as error:
            warn(f"{where}[{index}] is left out: {error}")
            continue
        for note in translated.notes:
            warn(f"{where}[{index}]: {note}")
        patterns.append(translated.pattern)
    return tuple(patterns)
