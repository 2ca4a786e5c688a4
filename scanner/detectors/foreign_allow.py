"""What allowlists of foreign rules say of one match, and of one place."""

import os
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

from scanner.rules.foreign import ForeignAllowlist, ForeignPattern, RegexTarget

_LONGEST_LINE: Final = 10_000


class Subject(NamedTuple):
    """The texts that criteria are tried on. Lives only while one content is looked at."""

    secret: bytes
    match: bytes
    line: bytes

    def __repr__(self) -> str:
        return "<Subject>"


class Allowlists:
    """Compiled allowlists; an allowlist is spoken of by its index."""

    def __init__(self, allowlists: Sequence[ForeignAllowlist]) -> None:
        self._all = tuple(allowlists)
        patterns = {
            pattern for allowlist in self._all for pattern in (*allowlist.paths, *allowlist.regexes)
        }
        self._compiled: Mapping[ForeignPattern, re.Pattern[bytes]] = MappingProxyType(
            {pattern: re.compile(pattern.expression) for pattern in patterns}
        )
        self._stopwords = tuple(
            tuple(word.encode("utf-8", "surrogateescape") for word in allowlist.stopwords)
            for allowlist in self._all
        )

    def allows(self, index: int, subject: Subject) -> bool:
        """Whether the match is allowed wherever it stands."""
        allowlist = self._all[index]
        if not allowlist.judges_contents:
            return False
        if allowlist.all_of and allowlist.judges_places:
            return False
        return self._contents_fit(index, subject)

    def allows_in_places(self, index: int, subject: Subject) -> bool:
        """Whether the match is allowed in those places that `fits_place` names: its contents meet
        an allowlist that asks for contents and places."""
        allowlist = self._all[index]
        mixed = allowlist.all_of and allowlist.judges_places and allowlist.judges_contents
        return mixed and self._contents_fit(index, subject)

    def fits_place(self, index: int, path: str, commit: str | None) -> bool:
        """Whether path and commit meet the criteria that ask for them."""
        allowlist = self._all[index]
        answers = []
        if allowlist.paths:
            data = os.fsencode(path)
            answers.append(any(self._compiled[pattern].search(data) for pattern in allowlist.paths))
        if allowlist.commits:
            answers.append(commit is not None and commit.lower() in allowlist.commits)
        return bool(answers) and (all(answers) if allowlist.all_of else any(answers))

    def allows_place(self, index: int, path: str, commit: str | None) -> bool:
        """Whether everything in this place is allowed, whatever it is."""
        allowlist = self._all[index]
        if allowlist.all_of and allowlist.judges_contents:
            return False
        return self.fits_place(index, path, commit)

    def _contents_fit(self, index: int, subject: Subject) -> bool:
        allowlist = self._all[index]
        answers = []
        if allowlist.regexes:
            text = {
                RegexTarget.SECRET: subject.secret,
                RegexTarget.MATCH: subject.match,
                RegexTarget.LINE: subject.line,
            }[allowlist.target]
            answers.append(
                any(self._compiled[pattern].search(text) for pattern in allowlist.regexes)
            )
        if self._stopwords[index]:
            lower = subject.secret.lower()
            answers.append(any(word in lower for word in self._stopwords[index]))
        return all(answers) if allowlist.all_of else any(answers)


def subject_of(data: bytes, secret: tuple[int, int], match: tuple[int, int]) -> Subject:
    """The texts of one match in its content; a line is cut where it is absurdly long."""
    begin = data.rfind(b"\n", max(0, match[0] - _LONGEST_LINE), match[0]) + 1
    begin = begin or max(0, match[0] - _LONGEST_LINE)
    end = data.find(b"\n", match[1], match[1] + _LONGEST_LINE)
    end = end if end >= 0 else min(len(data), match[1] + _LONGEST_LINE)
    return Subject(data[secret[0] : secret[1]], data[match[0] : match[1]], data[begin:end])
