"""Patterns for one path segment, as git's wildmatch.c reads them, matched in bounded time.

Nothing is turned into a regular expression: patterns come from the scanned repository, and one
backtracking point keeps the work at the product of the two lengths.
"""

from itertools import takewhile

import msgspec

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


def _one(token: Token, char: str, fold: bool) -> bool:
    if isinstance(token, str):
        return token == char or (fold and token.lower() == char.lower())
    if isinstance(token, CharSet):
        return token.holds(char, fold)
    return token is ANY


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
            # git's wildmatch compares the first character by itself too: `[b-a]` matches `b`.
            ranges.append((low, low))
        ranges.append((low, high))
    return None


def _literal(text: str, at: int) -> tuple[str, int]:
    if text[at] == "\\" and at + 1 < len(text):
        return text[at + 1], at + 2
    return text[at], at + 1
