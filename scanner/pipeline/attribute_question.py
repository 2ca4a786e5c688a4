"""What `agentreach attribute` is asked, checked before any commit is read."""

import re
from datetime import UTC, datetime, time

import msgspec

from scanner.errors import ConfigError

TABLES = ("agent", "week", "author", "directory", "commit")
"""What commits can be counted by; `agent` is always there."""
DEFAULT_TABLES = ("agent", "week")

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2})?")


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """Which commits to count, and by what."""

    revisions: str | None = None
    """`A..B`, `A...B` or a revision with all its ancestors; None: HEAD."""
    everything: bool = False
    """What any branch, tag or other ref reaches, notes and stash entries left out."""
    since: int | None = None
    until: int | None = None
    date: str = "committer"
    """Whose date `since`, `until` and the weeks go by: `committer`, as git's own options do, or
    `author`."""
    first_parent: bool = False
    merges: bool = True
    paths: tuple[str, ...] = ()
    """git pathspecs from the repository's root."""
    by: frozenset[str] = frozenset(DEFAULT_TABLES)
    depth: int = 1
    mailmap: bool = False
    """Count authors as the `.mailmap` of HEAD calls them. Marks are read from what the commits
    themselves say."""
    squashes: bool = True
    """Give squash commits the marks of their pull requests' commits, where those are here."""
    now: int
    """Seconds since the epoch; later dates are impossible ones."""


def tables(text: str) -> frozenset[str]:
    """The value of `--by`. Raises `ConfigError` for a table that there is not."""
    names = {name.strip() for name in text.split(",")} - {""}
    for name in sorted(names):
        if name not in TABLES:
            raise ConfigError(f"--by: there is no table {name!r}", hint=f"of: {', '.join(TABLES)}")
    return frozenset({*names, "agent"})


def moment(text: str, option: str, *, end: bool) -> int:
    """A day, or a day and a time, in seconds since the epoch.

    A day stands for its first second, with `end` for its last; a time without an offset is in UTC.
    Raises `ConfigError` for anything else: git's own guesses (`last friday`) depend on when they
    are asked and never fail.
    """
    try:
        if _DATE.fullmatch(text):
            day = datetime.strptime(text, "%Y-%m-%d").date()
            clock = time(23, 59, 59) if end else time()
            return int(datetime.combine(day, clock, UTC).timestamp())
        if _INSTANT.fullmatch(text):
            stated = datetime.fromisoformat(text)
            return int((stated if stated.tzinfo else stated.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        pass
    raise ConfigError(
        f"{option}: {text!r} is no date", hint="as in 2026-03-01 or 2026-03-01T09:30:00+02:00"
    )


def check(question: Question) -> None:
    """Raises `ConfigError` where parts of the question contradict each other."""
    if question.everything and question.revisions is not None:
        raise ConfigError("--all stands for every ref: leave the range out")
    if None not in (question.since, question.until) and (
        (question.since or 0) > (question.until or 0)
    ):
        raise ConfigError("--since lies behind --until: no commit can be meant")
