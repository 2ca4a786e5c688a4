"""Headings of columns: taken apart into words, and looked up in the rules' own headings."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from scanner.rules.personal import PersonalRule

LONGEST: Final = 60
"""Characters a heading may have; longer is text."""
_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_]+|\d+")


@lru_cache(maxsize=4096)
def words(heading: str) -> tuple[str, ...]:
    """The words of a heading in lower case and without accents; a number behind it is dropped.

    `CustomerE-Mail2`, `customer_e_mail` and `Customer e-mail` have the same words.
    """
    plain = unicodedata.normalize("NFKD", heading[:LONGEST])
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    found = [word.casefold() for word in _WORDS.findall(plain)]
    while found and found[-1].isdigit():
        found.pop()
    return tuple(found)


class Vocabulary:
    """Which kind of data a heading announces. Immutable; shared by threads."""

    def __init__(self, rules: Iterable[PersonalRule]) -> None:
        self._rules: dict[str, list[PersonalRule]] = {}
        self._never: dict[str, set[str]] = {}
        for rule in rules:
            for column in rule.columns:
                self._rules.setdefault("".join(words(column)), []).append(rule)
            for column in rule.not_columns:
                self._never.setdefault(rule.kind, set()).add("".join(words(column)))

    def rules_of(self, heading: str | None) -> tuple[PersonalRule, ...]:
        """The rules whose heading this one ends with: those of the longest such heading."""
        if not heading or len(heading) > LONGEST:
            return ()
        parts = words(heading)
        tails = ["".join(parts[index:]) for index in range(len(parts))]
        for tail in tails:
            found = self._rules.get(tail)
            if found:
                return tuple(rule for rule in found if not self._is_other(rule, tails))
        return ()

    def _is_other(self, rule: PersonalRule, tails: Iterable[str]) -> bool:
        never = self._never.get(rule.kind)
        return never is not None and any(tail in never for tail in tails)
