"""Ignore patterns as git matches them (gitignore(5), git's dir.c and wildmatch.c), in bounded time.

Patterns come from the scanned repository, so nothing here is turned into a regular expression: a
segment is matched with one backtracking point, `**` likewise over segments, which is quadratic at
worst. With `fold` upper and lower case are the same, as in the npm package `ignore` that several
agents use, whose remaining rules are git's.
"""

from collections.abc import Sequence
from itertools import takewhile

import msgspec

LONGEST_PATTERN = 1024
"""A longer pattern is taken to match nothing: it can never be the reason for a "blocked"."""
MOST_PATTERNS = 10_000
"""Patterns that are read of one file."""

_CLASSES = {
    "alnum": str.isalnum,
    "alpha": str.isalpha,
    "blank": " \t".__contains__,
    "cntrl": lambda char: ord(char) < 32 or ord(char) == 127,
    "digit": str.isdigit,
    "graph": lambda char: char.isprintable() and char != " ",
    "lower": str.islower,
    "print": str.isprintable,
    "punct": lambda char: 32 < ord(char) < 127 and not char.isalnum(),
    "space": str.isspace,
    "upper": str.isupper,
    "xdigit": "0123456789abcdefABCDEF".__contains__,
}


class CharSet(msgspec.Struct, frozen=True):
    """A bracket expression."""

    negated: bool
    ranges: tuple[tuple[str, str], ...]
    classes: tuple[str, ...]

    def holds(self, char: str, fold: bool) -> bool:
        """Whether it matches one character."""
        forms = {char, char.lower(), char.upper()} if fold else {char}
        found = any(low <= form <= high for low, high in self.ranges for form in forms)
        found = found or any(
            _CLASSES[name](form) for name in self.classes for form in forms if len(form) == 1
        )
        return found is not self.negated


class _Star(msgspec.Struct, frozen=True):
    """Any run of characters inside a segment."""


class _Any(msgspec.Struct, frozen=True):
    """Any one character."""


STAR, ANY = _Star(), _Any()
Token = str | CharSet | _Star | _Any


class Glob(msgspec.Struct, frozen=True):
    """A pattern for one segment. `head` and `tail` are the literal characters at its ends, which
    turn nearly every text away before the tokens are looked at."""

    tokens: tuple[Token, ...]
    head: str
    tail: str
    literal: bool
    """There is nothing but `head`."""
    plain: bool
    """`head` and `tail` are ASCII."""


Segment = Glob | None
"""None stands for `**`, any number of whole segments."""
ANYTHING = Glob((STAR,), "", "", literal=False, plain=True)
NOTHING = Glob((), "", "", literal=True, plain=True)


class Pattern(msgspec.Struct, frozen=True):
    """One line of an ignore file."""

    text: str
    line: int
    negated: bool
    directory_only: bool
    anchored: bool
    segments: tuple[Segment, ...]


class IgnoreFile(msgspec.Struct, frozen=True):
    """The patterns of one file, relative to the directory `base` ("" for the root).

    The other fields are the positions of patterns that can match at all, by the lower-case name
    that must be there: a path's last segment, or for anchored patterns its first.
    """

    path: str
    base: str
    patterns: tuple[Pattern, ...]
    by_name: dict[str, tuple[int, ...]]
    by_first: dict[str, tuple[int, ...]]
    unnamed: tuple[int, ...]
    """Patterns that begin (anchored) or consist (the others) of more than literal characters."""

    @classmethod
    def of(cls, path: str, base: str, patterns: Sequence[Pattern]) -> "IgnoreFile":
        """The file with its positions filled in."""
        names: dict[str, list[int]] = {}
        firsts: dict[str, list[int]] = {}
        unnamed: list[int] = []
        for position, pattern in enumerate(patterns):
            glob = pattern.segments[0]
            if glob is None or not glob.literal:
                unnamed.append(position)
            else:
                table = firsts if pattern.anchored else names
                table.setdefault(glob.head.lower(), []).append(position)
        return cls(path, base, tuple(patterns), _frozen(names), _frozen(firsts), tuple(unnamed))

    def candidates(self, parts: Sequence[str]) -> list[Pattern]:
        """The patterns worth trying on a path relative to the base, the last one first."""
        named = self.by_name.get(parts[-1].lower(), ())
        first = self.by_first.get(parts[0].lower(), ())
        return [self.patterns[at] for at in sorted((*named, *first, *self.unnamed), reverse=True)]


def _frozen(table: dict[str, list[int]]) -> dict[str, tuple[int, ...]]:
    return {name: tuple(positions) for name, positions in table.items()}


class Hit(msgspec.Struct, frozen=True):
    """The pattern that decides on a path; `negated` means that it takes the path back in."""

    path: str
    line: int
    text: str
    negated: bool

    @property
    def source(self) -> str:
        """`file:line`."""
        return f"{self.path}:{self.line}"


def parse_file(path: str, text: str, base: str = "") -> IgnoreFile:
    """The patterns of an ignore file, in order."""
    patterns: list[Pattern] = []
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        if len(patterns) == MOST_PATTERNS:
            break
        if (pattern := parse(line.removesuffix("\r"), number)) is not None:
            patterns.append(pattern)
    return IgnoreFile.of(path, base, patterns)


def parse(line: str, number: int = 0) -> Pattern | None:
    """One line; None for a blank line, a comment and what can match nothing."""
    text = _trim(line)
    if not text or text.startswith("#") or len(text) > LONGEST_PATTERN:
        return None
    negated = text.startswith("!")
    body = text[1:] if negated else text
    directory_only = body.endswith("/")
    body = body[:-1] if directory_only else body
    anchored = "/" in body
    parts = body.removeprefix("/").split("/") if body else []
    if not parts or parts == [""]:
        return None
    segments: list[Segment] = []
    for part in parts:
        if part == "**" and anchored:
            if not segments or segments[-1] is not None:
                segments.append(None)
            continue
        if (glob := parse_segment(part)) is None:
            return None
        segments.append(glob)
    return Pattern(text, number, negated, directory_only, anchored, tuple(segments))


def parse_segment(text: str) -> Glob | None:
    """A pattern without slashes; None if it is malformed and so matches nothing."""
    tokens = _tokens(text)
    if tokens is None:
        return None
    head = "".join(takewhile(_is_char, tokens))  # type: ignore[arg-type]
    tail = "".join(takewhile(_is_char, reversed(tokens)))[::-1]  # type: ignore[arg-type]
    plain = head.isascii() and tail.isascii()
    return Glob(tokens, head, tail, literal=len(head) == len(tokens), plain=plain)


def _is_char(token: Token) -> bool:
    return isinstance(token, str)


def _tokens(text: str) -> tuple[Token, ...] | None:
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        char = text[at]
        at += 1
        if char == "*":
            if not tokens or tokens[-1] is not STAR:
                tokens.append(STAR)
        elif char == "?":
            tokens.append(ANY)
        elif char == "[":
            parsed = _char_set(text, at)
            if parsed is None:
                return None
            token, at = parsed
            tokens.append(token)
        elif char == "\\":
            if at == len(text):
                return None
            tokens.append(text[at])
            at += 1
        else:
            tokens.append(char)
    return tuple(tokens)


def segment_matches(glob: Glob, text: str, fold: bool = False) -> bool:
    """Whether the pattern matches the whole text."""
    head, tail = glob.head, glob.tail
    if fold and glob.plain:
        # Lower case is compared whole only in ASCII, where it never changes a text's length.
        head, tail = head.lower(), tail.lower()
    if not fold or (glob.plain and text.isascii()):
        name = text.lower() if fold else text
        if glob.literal:
            return name == head
        if not (name.startswith(head) and name.endswith(tail)):
            return False
    tokens = glob.tokens
    token = at = 0
    star, resume = -1, 0
    while at < len(text):
        if token < len(tokens) and tokens[token] is STAR:
            star, resume = token, at
            token += 1
        elif token < len(tokens) and _one(tokens[token], text[at], fold):
            token += 1
            at += 1
        elif star >= 0:
            resume += 1
            token, at = star + 1, resume
        else:
            return False
    return all(rest is STAR for rest in tokens[token:])


def decide(files: Sequence[IgnoreFile], path: str, *, fold: bool = False) -> Hit | None:
    """The pattern that decides on a path, or None. Later files and later lines win.

    A directory that is excluded takes everything below with it: nothing inside can come back.
    """
    parts = path.split("/")
    for depth in range(1, len(parts) + 1):
        directory = depth < len(parts)
        hit = _last(files, parts[:depth], directory, fold)
        if hit is not None and not (directory and hit.negated):
            return hit
        if not directory:
            return hit
    return None


def excludes(pattern: Pattern, path: str, *, fold: bool = False) -> bool:
    """Whether one pattern, taken alone and relative to the root, excludes a path."""
    hit = decide((IgnoreFile.of("", "", (pattern,)),), path, fold=fold)
    return hit is not None and not hit.negated


def _last(
    files: Sequence[IgnoreFile], parts: Sequence[str], directory: bool, fold: bool
) -> Hit | None:
    for file in reversed(files):
        base = file.base.split("/") if file.base else []
        if len(parts) <= len(base) or list(parts[: len(base)]) != base:
            continue
        relative = parts[len(base) :]
        for pattern in file.candidates(relative):
            if _matches(pattern, relative, directory, fold):
                return Hit(file.path, pattern.line, pattern.text, pattern.negated)
    return None


def _matches(pattern: Pattern, parts: Sequence[str], directory: bool, fold: bool) -> bool:
    if pattern.directory_only and not directory:
        return False
    if not pattern.anchored:
        glob = pattern.segments[0]
        return glob is not None and segment_matches(glob, parts[-1], fold)
    return _segments_match(pattern.segments, parts, fold)


def _segments_match(segments: Sequence[Segment], parts: Sequence[str], fold: bool) -> bool:
    """The same walk as `segment_matches`, with `**` in the part of `*`.

    A `**` at the end stands for at least one segment: `a/**` is what is inside a, not a itself.
    """
    inside = bool(segments) and segments[-1] is None
    if inside:
        segments = (*segments[:-1], None, ANYTHING)
    segment = at = 0
    wild, resume = -1, 0
    while at < len(parts):
        glob = segments[segment] if segment < len(segments) else NOTHING
        if glob is None:
            wild, resume = segment, at
            segment += 1
        elif segment_matches(glob, parts[at], fold):
            segment += 1
            at += 1
        elif wild >= 0:
            resume += 1
            segment, at = wild + 1, resume
        else:
            return False
    return segment == len(segments)


def _one(token: Token, char: str, fold: bool) -> bool:
    if isinstance(token, str):
        return token == char or (fold and token.lower() == char.lower())
    if isinstance(token, CharSet):
        return token.holds(char, fold)
    return token is ANY


def _trim(line: str) -> str:
    """Without trailing spaces, unless a backslash protects one."""
    end = at = 0
    while at < len(line):
        if line[at] == "\\":
            at += 2
            end = min(at, len(line))
            continue
        if line[at] != " ":
            end = at + 1
        at += 1
    return line[:end]


def _char_set(text: str, at: int) -> tuple[CharSet, int] | None:
    """The bracket expression whose inside starts at `at`, and the index behind it."""
    negated = text[at : at + 1] in ("!", "^")
    at += negated
    ranges: list[tuple[str, str]] = []
    classes: list[str] = []
    first = True
    while at < len(text):
        char = text[at]
        if char == "]" and not first:
            return CharSet(negated, tuple(ranges), tuple(classes)), at + 1
        first = False
        if text.startswith("[:", at) and (end := text.find(":]", at)) > 0:
            if (name := text[at + 2 : end]) not in _CLASSES:
                return None
            classes.append(name)
            at = end + 2
            continue
        low, at = _literal(text, at)
        high = low
        if text[at : at + 1] == "-" and text[at + 1 : at + 2] not in ("", "]"):
            high, at = _literal(text, at + 1)
        ranges.append((low, high))
    return None


def _literal(text: str, at: int) -> tuple[str, int]:
    if text[at] == "\\" and at + 1 < len(text):
        return text[at + 1], at + 2
    return text[at], at + 1
