"""Ordered rules of which the first that fits decides: Amp's, Auggie's and Junie's permissions.

What a rule says of a call is not always known: a pattern may be a regular expression that is not
worth the risk of running, or look at an argument that depends on the session. So a rule fits, does
not fit, or may fit, and the answer is the set of rules that may decide. Patterns come from the
scanned repository; everything here works in bounded time.
"""

import re
from collections.abc import Callable, Iterable
from enum import IntEnum
from typing import TypeVar

import msgspec

from scanner.model import Verdict
from scanner.reach.matching.glob import Glob, parse_segment, segment_matches

LONGEST_SUBJECT = 160
"""Characters of a command or path that a regular expression is tried on."""
_LONGEST_REGEX = 200
_LONGEST_GLOB = 1_000
_DEAREST = 9
# A repeated group, a look-around, a back reference or a repeat of a repeat can take very long, and
# doubled signs in brackets are sets in one language and not in the other.
_RISKY = re.compile(r"\)[*+?{]|\(\?(?!:|i\))|\\[1-9kgQ]|[*+}?][*+{]|\[\^?\[|--|&&|~~|\|\|")
# Each of these may multiply the work: a repeat by the length of the text, the others by a little.
_COSTS = ((re.compile(r"[*+{]"), 3), (re.compile(r"(?<!\()\?"), 1), (re.compile(r"\("), 2))
_EVERYTHING = frozenset({"", "^", "$", ".*", "^.*", ".*$", "^.*$", ".+", "^.+$", "[\\s\\S]*"})

_MOST_STARS = 2
_BRACKETS = re.compile(r"\[[A-Za-z0-9_.]+\]")
_WILD = {"**": ".*", "*": "[^/]*", "?": "[^/]"}

RuleT = TypeVar("RuleT")

# Where several calls lead to the same text, the widest decides; "unknown" may be as wide as
# "no prompt", so it comes before "prompt".
_WIDEST_FIRST = (Verdict.NO_PROMPT, Verdict.UNKNOWN, Verdict.PROMPT, Verdict.BLOCKED)


class Fit(IntEnum):
    """Whether a rule covers a call. The order lets `min` stand for "and", `max` for "or"."""

    NO = 0
    MAYBE = 1
    YES = 2


def deciding(rules: Iterable[RuleT], fit: Callable[[RuleT], Fit]) -> tuple[tuple[RuleT, ...], bool]:
    """The rules that may decide on a call, in order, and whether a call may pass all of them."""
    found: list[RuleT] = []
    for rule in rules:
        answer = fit(rule)
        if answer is not Fit.NO:
            found.append(rule)
        if answer is Fit.YES:
            return tuple(found), False
    return tuple(found), True


def widest(verdicts: Iterable[Verdict]) -> Verdict:
    """The widest of no-prompt, unknown, prompt and blocked; there must be one."""
    return min(verdicts, key=_WIDEST_FIRST.index)


class Matcher(msgspec.Struct, frozen=True):
    """A pattern made ready to be tried on many texts."""

    glob: Glob | None = None
    expression: re.Pattern[str] | None = None
    whole: bool = False
    """The expression must fit the whole text, not some part of it."""
    always: Fit | None = None
    """The answer whatever the text is."""

    def fits(self, text: str) -> Fit:
        """Whether the pattern covers a text."""
        if self.always is not None:
            return self.always
        if self.glob is not None:
            return Fit.YES if segment_matches(self.glob, text) else Fit.NO
        if self.expression is None or len(text) > LONGEST_SUBJECT:
            return Fit.MAYBE
        found = self.expression.fullmatch(text) if self.whole else self.expression.search(text)
        return Fit.YES if found else Fit.NO


MAY_FIT = Matcher(always=Fit.MAYBE)


def glob_matcher(pattern: str) -> Matcher:
    """`*` stands for any characters, `/` included. A malformed pattern may fit anything."""
    glob = parse_segment(pattern) if len(pattern) <= _LONGEST_GLOB else None
    return Matcher(glob=glob) if glob is not None else MAY_FIT


def path_glob_matcher(pattern: str) -> Matcher:
    """`*` stops at a slash and `**` does not, wherever it stands.

    Braces, and brackets that hold more than letters and digits, are not understood: they may fit.
    """
    brackets = pattern.count("[") != len(_BRACKETS.findall(pattern))
    stars = len(re.findall(r"\*\*?", pattern))
    if "{" in pattern or brackets or stars > _MOST_STARS or len(pattern) > _LONGEST_REGEX:
        return MAY_FIT
    out = "".join(
        _WILD[part] if part in _WILD else part if len(part) > 2 else re.escape(part[-1])
        for part in re.findall(r"\*\*|\*|\?|\[[A-Za-z0-9_.]+\]|\\.|.", pattern, re.DOTALL)
    )
    return Matcher(expression=re.compile(out, re.DOTALL), whole=True)


def regex_matcher(pattern: str) -> Matcher:
    """A JavaScript regular expression that is searched for, where that is cheap and means the same.

    Expressions with repeated groups, look-around, back references or more than a few repeats,
    options and branches are not run: they may fit.
    """
    if regex_is_everything(pattern):
        return Matcher(always=Fit.YES)
    if len(pattern) > _LONGEST_REGEX or _RISKY.search(pattern):
        return MAY_FIT
    if sum(len(sign.findall(pattern)) * cost for sign, cost in _COSTS) > _DEAREST:
        return MAY_FIT
    try:
        return Matcher(expression=re.compile(pattern))
    except (re.error, RecursionError, OverflowError):
        return MAY_FIT


def regex_fits(pattern: str, text: str) -> Fit:
    """One expression on one text, as `regex_matcher` reads it."""
    return regex_matcher(pattern).fits(text)


def covers_everything(pattern: str) -> bool:
    """Whether a glob is nothing but stars."""
    return bool(pattern) and not pattern.strip("*")


def regex_is_everything(pattern: str) -> bool:
    """Whether a regular expression is one of the usual ways to write "anything"."""
    return pattern in _EVERYTHING
