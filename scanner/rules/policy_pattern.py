"""Whether a regular expression of a scanned repository is cheap enough to be tried.

The expression comes from the same hands as the text that it is tried on, so both may be made to
keep a matcher busy. Counted are the ways in which the expression could match a text of full length;
a backtracking matcher never tries more of them, whatever the text is.
"""

import importlib
import re
from math import prod
from typing import Any, Final

from scanner.errors import ConfigError

LONGEST_PATTERN: Final = 200
LONGEST_VALUE: Final = 120
"""Characters of a text that an expression is tried on; a longer one does not match."""
_MOST_WAYS: Final = 4_000_000
_MOST_REPEATS: Final = 1000

# As in the secret rules' own check: the only parser that reads exactly what `re` will run.
_parser: Any = importlib.import_module("re._parser")


def refuse_costly(pattern: str) -> None:
    """Raises `ConfigError` for what is no regular expression, and for one that may be slow."""
    if not pattern or len(pattern) > LONGEST_PATTERN:
        raise ConfigError(f"a regular expression has 1 to {LONGEST_PATTERN} characters")
    try:
        tree = _parser.parse(pattern)
        ways = _ways(tree)
        re.compile(pattern)
    except (re.error, OverflowError) as error:
        raise ConfigError(f"not a regular expression: {error}") from None
    except RecursionError:
        raise ConfigError("the regular expression is nested too deeply") from None
    if ways > _MOST_WAYS:
        raise ConfigError(
            "the regular expression may be slow: it has too many repeats that compete for the text"
        )


def _ways(items: Any) -> int:
    return prod(_ways_of(str(kind), value) for kind, value in items)


def _ways_of(kind: str, value: Any) -> int:
    if kind in ("MAX_REPEAT", "MIN_REPEAT"):
        return _ways_to_repeat(*value)
    if kind == "BRANCH":
        return sum(_ways(alternative) for alternative in value[1])
    if kind == "SUBPATTERN":
        return _ways(value[3])
    if kind in ("LITERAL", "NOT_LITERAL", "ANY", "IN", "AT"):
        return 1
    # Look-around, back references, conditions, atomic groups: not needed, and hard to bound.
    raise ConfigError("the regular expression may only use characters, classes, groups and repeats")


def _ways_to_repeat(least: int, most: int, inner: Any) -> int:
    once = _ways(inner)
    most = min(int(most), LONGEST_VALUE + 1)
    if int(least) > _MOST_REPEATS:
        raise ConfigError(f"the regular expression repeats a part more than {_MOST_REPEATS} times")
    if most <= 1:
        return once + (int(least) == 0)
    if once > 1:
        raise ConfigError("the regular expression repeats a part that has a choice in it")
    return max(1, most - int(least) + 1)
