"""Personal data in bulk: looks at contents in which the triggers fired often enough."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Final

from scanner.detectors.personal.headings import LONGEST
from scanner.detectors.personal.judge import Judge, Verdict
from scanner.detectors.personal.readers import read
from scanner.detectors.personal.refused import is_correspondence, is_published
from scanner.detectors.personal.sample import take
from scanner.detectors.personal.tables import MOST_CELLS
from scanner.detectors.personal.triggers import ADDRESS, HEADING
from scanner.detectors.personal.validators.email import ADDRESS as WRITTEN_ADDRESS
from scanner.detectors.personal.validators.email import judge as judge_address
from scanner.detectors.personal.validators.mark import Mark
from scanner.model import Confidence, DataMatch
from scanner.rules.personal import PersonalRule, load_personal_rules

_BINARY_PROBE: Final = 8192
_SMALLEST: Final = 120
"""Bytes; five rows take more."""
_LEAST_ADDRESSES: Final = 4
_LONGEST_RECORD: Final = 40
"""Lines; each record has one hit or more, or every second one where addresses differ."""
_LEAST_HEADINGS: Final = 5
_LEAST_LINES: Final = 5
_PROBED_ADDRESSES: Final = 300
_PROBED_HEADINGS: Final = 400
_PROBED_VALUE: Final = 24
_DIGITS: Final = re.compile(rb"\d{2}|\d[./-]\d")
_BEGINNING: Final = 4096
"""The headings of rows stand among a content's first bytes."""
_MOST_COLUMNS: Final = 20
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
_SEPARATORS: Final = (b",", b";", b"\t", b"|")
_STATEMENTS: Final = (b"insert", b"replace", b"copy", b"create table")


class PersonalDetector:
    """Immutable once made, and shared by threads. Holds nothing of a content it has examined."""

    def __init__(self, rules: Sequence[PersonalRule] | None = None) -> None:
        """`rules` defaults to the shipped ones; they are read when first needed."""
        self._given = tuple(rules) if rules is not None else None

    @cached_property
    def _judge(self) -> Judge:
        rules = load_personal_rules() if self._given is None else self._given
        return Judge(rules)

    def suspects(self, content: bytes, hits: Mapping[str, Sequence[int]]) -> bool:
        """Whether `examine` would read the content at all: cheap enough for a whole history."""
        return (
            len(content) >= _SMALLEST
            and _is_worth_reading(content, hits)
            and b"\0" not in content[:_BINARY_PROBE]
        )

    def examine(self, content: bytes, hits: Mapping[str, Sequence[int]]) -> DataMatch | None:
        """What personal data in bulk a content holds, or None.

        `hits` maps the names of `triggers()` to ascending end offsets in the content. Time and
        memory are bounded whatever the content is; a large one is sampled evenly, which the
        evidence says. Raises `RuleError` only for rules that are wrong.
        """
        if not self.suspects(content, hits) or is_correspondence(content):
            return None
        verdicts = [
            verdict
            for table in read(take(content))
            if not is_published(content, table)
            and (verdict := self._judge.judge(table)) is not None
        ]
        return _match(content, verdicts) if verdicts else None


def _is_worth_reading(content: bytes, hits: Mapping[str, Sequence[int]]) -> bool:
    return _has_telling_headings(content, hits.get(HEADING, ())) or _has_addresses(
        content, hits.get(ADDRESS, ())
    )


def _has_addresses(content: bytes, ends: Sequence[int]) -> bool:
    """Whether some different addresses are there that may be a person's; the others of the same
    content may be at other domains."""
    if not _is_dense(content, ends):
        return False
    different: set[bytes] = set()
    for end in ends[:: max(1, len(ends) // _PROBED_ADDRESSES)]:
        at = content.rfind(b"@", max(0, end - 64), end)
        if at < 0:
            continue
        around = content[max(0, at - 64) : end - 1].decode("ascii", "replace")
        for found in WRITTEN_ADDRESS.finditer(around):
            if judge_address(found[0]) is Mark.VALID:
                different.add(found[0].lower().encode())
        if len(different) >= _LEAST_ADDRESSES:
            return True
    return False


def _is_dense(content: bytes, ends: Sequence[int]) -> bool:
    """Whether hits stand as close together as records are long; in a text they are scattered."""
    if not ends:
        return False
    return content.count(b"\n", ends[0], ends[-1]) <= _LONGEST_RECORD * len(ends)


def _has_telling_headings(content: bytes, ends: Sequence[int]) -> bool:
    """Whether headings are repeated, as records do, or stand where a table has its headings."""
    if not ends:
        return False
    if _are_repeated(content, ends):
        return True
    for end in ends[:_LEAST_HEADINGS]:
        if end <= _BEGINNING and _heads_rows(content, end):
            return True
        before = content[max(0, end - _BEGINNING) : end].lower()
        if any(_says(before, word) for word in _STATEMENTS):
            return True
    return False


def _says(text: bytes, word: bytes) -> bool:
    """Whether a word ends where a word of the text ends.

    A regular expression takes twenty times as long, and this is asked of most contents.
    """
    at = text.find(word)
    while at >= 0:
        behind = text[at + len(word) : at + len(word) + 1]
        if not behind.isalnum() and behind != b"_":
            return True
        at = text.find(word, at + 1)
    return False


def _heads_rows(content: bytes, at: int) -> bool:
    """Whether the lines below a position have at least as many separators as its own line has."""
    start = content.rfind(b"\n", 0, at) + 1
    lines = content[start : at + 2 * _BEGINNING].split(b"\n")[: _LEAST_LINES + 1]
    if len(lines) <= _LEAST_LINES:
        return False
    for separator in _SEPARATORS:
        least = lines[0].count(separator)
        fitting = sum(least <= line.count(separator) <= 3 * least for line in lines[1:])
        if least and fitting >= _LEAST_LINES - 1:
            return True
    return False


def _are_repeated(content: bytes, ends: Sequence[int]) -> bool:
    """Whether one heading has different values behind it that hold digits, as in records."""
    if len(ends) < _LEAST_HEADINGS or not _is_dense(content, ends):
        return False
    values: dict[bytes, set[bytes]] = {}
    for end in ends[:: max(1, len(ends) // _PROBED_HEADINGS)]:
        value = content[end : end + _PROBED_VALUE]
        if _DIGITS.search(value):
            known = values.setdefault(content[max(0, end - 6) : end].lower(), set())
            known.add(value)
            if len(known) >= _LEAST_HEADINGS:
                return True
    return False


def _match(content: bytes, verdicts: Sequence[Verdict]) -> DataMatch:
    main = max(verdicts, key=lambda one: (one.confidence.rank, one.table.rows))
    rows = sum(verdict.table.rows for verdict in verdicts)
    start = main.found[0].column.start
    end = min(max(main.found[0].column.end, start), len(content))
    return DataMatch(
        start,
        end,
        rows,
        _counts(verdicts),
        _columns(verdicts),
        _confidence(verdicts),
        _evidence(main, verdicts),
    )


def _confidence(verdicts: Iterable[Verdict]) -> Confidence:
    return max((verdict.confidence for verdict in verdicts), key=lambda level: level.rank)


def _counts(verdicts: Iterable[Verdict]) -> tuple[tuple[str, int], ...]:
    counts: dict[str, int] = {}
    for verdict in verdicts:
        for one in verdict.found:
            rows = min(one.rows, verdict.table.rows)
            counts[one.rule.kind] = counts.get(one.rule.kind, 0) + rows
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _columns(verdicts: Iterable[Verdict]) -> tuple[str, ...]:
    """Headings that ended like one of a rule's: no others, as a first row may be data."""
    names: dict[str, None] = {}
    for verdict in verdicts:
        for one in verdict.found:
            if one.by_heading and one.column.heading:
                plain = _SURROGATE.sub("\ufffd", _CONTROL.sub("", one.column.heading))
                names[plain[:LONGEST]] = None
    return tuple(names)[:_MOST_COLUMNS]


def _evidence(main: Verdict, verdicts: Sequence[Verdict]) -> tuple[str, ...]:
    said = [f"in {main.table.form}"]
    if len(verdicts) > 1:
        said = [f"in {len(verdicts)} tables of {main.table.form}"]
    for verdict in verdicts:
        said += verdict.reasons
    if any(verdict.table.sampled for verdict in verdicts):
        said.append("counts are estimated: of a file this large an even sample was read")
    elif any(verdict.table.rows > MOST_CELLS for verdict in verdicts):
        said.append(f"counts are estimated: {MOST_CELLS} rows, evenly spread, were checked")
    if any(not one.by_heading for one in main.found):
        said.append("some columns are recognised by their values alone")
    return tuple(dict.fromkeys(said))
