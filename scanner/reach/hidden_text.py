"""Text in an instruction file that its reader does not see and a model does.

Four kinds, after Unicode's own technical reports 9, 36 and 51 and the "Trojan Source" paper
(Boucher and Anderson, 2021): tag characters, which mirror ASCII without being drawn; controls that
show text in another order than it stands; characters of no width inside words; and chains of
variation selectors, which can carry bytes. What they spell is never decoded into a message.

Left alone, because people write it: joiners between emoji and in scripts that need them, one
variation selector after a character, a byte order mark at the start, flags of England, Scotland
and Wales, single invisible characters.
"""

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum

import msgspec

from scanner.model import Basis, Concern, ConcernKind
from scanner.reach.autoload import Loaded
from scanner.reach.tree import Tree

REFERENCE = "https://www.unicode.org/reports/tr36/"
FEWEST_SELECTORS = 4
FEWEST_INSIDE_A_WORD = 2
FEWEST_ANYWHERE = 8
FEWEST_SCATTERED = 3


class HiddenKind(StrEnum):
    """What hides."""

    TAGS = "tag characters"
    ORDER = "controls that reorder text"
    NO_WIDTH = "characters of no width"
    SELECTORS = "variation selectors in a chain"


class HiddenRun(msgspec.Struct, frozen=True):
    """One place. `line` and `column` count from 1, the column in characters."""

    line: int
    column: int
    kind: HiddenKind
    count: int
    """Characters that are not seen."""


_TAGS = re.compile("[\U000e0000-\U000e007f]+")
# The three subdivision flags: a black flag, its region in tag letters, the closing tag.
_FLAG = re.compile("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{4,6}\U000e007f")
_SELECTORS = re.compile(f"[\ufe00-\ufe0f\U000e0100-\U000e01ef]{{{FEWEST_SELECTORS},}}")
_NO_WIDTH = re.compile("[\u200b-\u200f\u2060-\u2064\ufeff\u180e]+")
_ANY = re.compile(
    "[\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff"
    "\U000e0000-\U000e01ef]"
)
_OPEN = {"\u202a", "\u202b", "\u202d", "\u202e"}
_ISOLATE = {"\u2066", "\u2067", "\u2068"}
_OVERRIDE = {"\u202d", "\u202e"}
_JOINERS = {"\u200c", "\u200d"}
_WORD = re.compile(r"\S+")


def hidden_runs(text: str) -> tuple[HiddenRun, ...]:
    """What hides in a text, by line and column. Linear in its length."""
    if text.isascii() or _ANY.search(text) is None:
        return ()
    found: list[HiddenRun] = []
    for number, line in enumerate(text.split("\n"), 1):
        if line.isascii() or _ANY.search(line) is None:
            continue
        if number == 1 and line.startswith("\ufeff"):
            line = " " + line[1:]
        found += (
            HiddenRun(number, column + 1, kind, count) for column, kind, count in _in_line(line)
        )
    return tuple(sorted(found, key=lambda run: (run.line, run.column, run.kind)))


def hidden_text(agent: str, tree: Tree, loaded: Iterable[Loaded]) -> Iterator[Concern]:
    """A concern for each kind in each file that reaches the prompt."""
    for file in loaded:
        if tree.resolve(file.path) not in (None, file.path):
            # A link: the file that it leads to is loaded under its own name too.
            continue
        runs = [run for run in hidden_runs(tree.plain_text(file.path)) if file.shows(run.line)]
        for kind in dict.fromkeys(run.kind for run in runs):
            same = [run for run in runs if run.kind is kind]
            count, lines = sum(run.count for run in same), len({run.line for run in same})
            where = f"in {lines} lines, first" if lines > 1 else "in one line,"
            words = f"{count} {kind.value} {where} at column {same[0].column}: a person who reads"
            yield Concern(
                agent,
                ConcernKind.HIDDEN_TEXT,
                file.path,
                same[0].line,
                kind.value,
                f"{words} the file does not see them, and the model does",
                "show them with an editor that reveals control characters, see who wrote the line,"
                " and delete them",
                REFERENCE,
                Basis.OBSERVED,
            )


def _in_line(line: str) -> Iterator[tuple[int, HiddenKind, int]]:
    plain = _FLAG.sub(lambda flag: " " * len(flag.group()), line)
    for match in _TAGS.finditer(plain):
        yield match.start(), HiddenKind.TAGS, len(match.group())
    for match in _SELECTORS.finditer(line):
        yield match.start(), HiddenKind.SELECTORS, len(match.group())
    if (order := _reordering(line)) is not None:
        yield order[0], HiddenKind.ORDER, order[1]
    for match in _WORD.finditer(line):
        yield from _no_width(match.group(), match.start())


def _reordering(line: str) -> tuple[int, int] | None:
    """The first control that overrides the order or is not closed on its line, and how many."""
    embeddings: list[int] = []
    isolates: list[int] = []
    wrong: list[int] = []
    for at, char in enumerate(line):
        if char in _OVERRIDE:
            wrong.append(at)
        if char in _OPEN:
            embeddings.append(at)
        elif char in _ISOLATE:
            isolates.append(at)
        elif char == "\u202c" and embeddings:
            embeddings.pop()
        elif char == "\u2069" and isolates:
            isolates.pop()
    bad = sorted({*wrong, *embeddings, *isolates})
    return (bad[0], len(bad)) if bad else None


def _no_width(word: str, start: int) -> Iterator[tuple[int, HiddenKind, int]]:
    """Runs in a word, a long run anywhere, or single ones strewn over a word of Latin letters."""
    strewn: list[int] = []
    for match in _NO_WIDTH.finditer(word):
        at, end = match.span()
        before, behind = word[at - 1 : at], word[end : end + 1]
        count = end - at
        if _joins(match.group(), before, behind):
            continue
        inside = before.isalnum() and behind.isalnum()
        if count >= FEWEST_ANYWHERE or (count >= FEWEST_INSIDE_A_WORD and inside):
            yield start + at, HiddenKind.NO_WIDTH, count
        elif before.isalpha() and behind.isalpha() and before.isascii() and behind.isascii():
            strewn.append(at)
    if len(strewn) >= FEWEST_SCATTERED:
        yield start + strewn[0], HiddenKind.NO_WIDTH, len(strewn)


def _joins(run: str, before: str, behind: str) -> bool:
    """A joiner, or a mark of direction, that the script or the emoji beside it calls for."""
    if not before:
        return False
    if len(run) > 2 or not set(run) <= {*_JOINERS, "\u200b", "\u200e", "\u200f"}:
        return False
    return _needs_joiners(before) or (bool(behind) and _needs_joiners(behind))


def _needs_joiners(char: str) -> bool:
    """Hebrew to Mongolian, other Asian scripts, their presentation forms, symbols and emoji."""
    code = ord(char)
    return (
        0x0590 <= code <= 0x109F
        or 0x1700 <= code <= 0x1CFF
        or 0x2190 <= code <= 0x2BFF
        or 0x2E80 <= code <= 0xD7FF
        or 0xFB1D <= code <= 0xFDFF
        or 0xFE00 <= code <= 0xFE0F
        or 0xFE70 <= code <= 0xFEFC
        or 0x1F000 <= code <= 0x1FAFF
    )
