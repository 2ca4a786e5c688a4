"""Parses the regular expressions of Go (RE2) into a tree of byte sets.

Grammar and meaning: https://github.com/google/re2/wiki/Syntax. Flags are resolved while reading, so
the tree has none. RE2 counts characters where we count bytes: a character beyond ASCII becomes its
UTF-8 bytes, and a class of such characters any one byte above 127.
"""

import re
import unicodedata
from typing import Final, NoReturn

import msgspec

LONGEST_SOURCE: Final = 20_000
DEEPEST: Final = 60
_MOST_REPEATS: Final = 1000
_ALL: Final = (1 << 256) - 1
_HIGH: Final = _ALL ^ ((1 << 128) - 1)


class UnsupportedExpressionError(Exception):
    """The expression is no RE2, or cannot be run in bounded time; the text says why in words."""


class Chars(msgspec.Struct, frozen=True):
    """One byte out of a set; bit `n` of `mask` stands for byte `n`."""

    mask: int


class Anchor(msgspec.Struct, frozen=True):
    """A test that takes no byte, in the notation of Python's `re`."""

    python: str


class Sequence(msgspec.Struct, frozen=True):
    """One after the other."""

    items: tuple["Node", ...]


class Choice(msgspec.Struct, frozen=True):
    """The first that fits."""

    items: tuple["Node", ...]


class Repeat(msgspec.Struct, frozen=True):
    """`most` None: without end."""

    body: "Node"
    least: int
    most: int | None
    greedy: bool


class Group(msgspec.Struct, frozen=True):
    """A capture group; they are numbered by where they open."""

    body: "Node"


Node = Chars | Anchor | Sequence | Choice | Repeat | Group


def _mask(text: str) -> int:
    mask = 0
    for character in text:
        mask |= 1 << ord(character)
    return mask


def _span(first: int, last: int) -> int:
    return (1 << (last + 1)) - (1 << first)


_DIGIT: Final = _span(0x30, 0x39)
_UPPER: Final = _span(0x41, 0x5A)
_LOWER: Final = _span(0x61, 0x7A)
_WORD: Final = _DIGIT | _UPPER | _LOWER | _mask("_")
_SPACE: Final = _mask("\t\n\f\r ")
_PERL: Final = {"d": _DIGIT, "w": _WORD, "s": _SPACE}
_POSIX: Final = {
    "alnum": _DIGIT | _UPPER | _LOWER,
    "alpha": _UPPER | _LOWER,
    "ascii": _span(0, 127),
    "blank": _mask("\t "),
    "cntrl": _span(0, 31) | _span(127, 127),
    "digit": _DIGIT,
    "graph": _span(0x21, 0x7E),
    "lower": _LOWER,
    "print": _span(0x20, 0x7E),
    "punct": _span(0x21, 0x7E) & ~(_DIGIT | _UPPER | _LOWER),
    "space": _SPACE | _mask("\v"),
    "upper": _UPPER,
    "word": _WORD,
    "xdigit": _DIGIT | _span(0x41, 0x46) | _span(0x61, 0x66),
}
_CONTROL: Final = {"a": 7, "f": 12, "t": 9, "n": 10, "r": 13, "v": 11}
_ANCHORS: Final = {"A": r"\A", "z": r"\Z", "b": r"\b", "B": r"\B"}
_SCRIPTS: Final = (
    *("Arabic", "Armenian", "Bengali", "Cyrillic", "Devanagari", "Georgian", "Greek", "Han"),
    *("Hangul", "Hebrew", "Hiragana", "Katakana", "Tamil", "Thai"),
)
_COUNT: Final = re.compile(r"\{(\d+)(,(\d*))?\}")
_GROUP_NAME: Final = re.compile(r"\?P?<(\w+)>")
_FLAGS: Final = re.compile(r"\?([imsU]*)(?:-([imsU]+))?([:)])")
_PROPERTY: Final = re.compile(r"(\w)|\{(\^?)(\w+)\}")


class GoExpression(msgspec.Struct, frozen=True):
    """A parsed expression."""

    tree: Node
    groups: int
    bytewise: bool
    """A class holds characters beyond ASCII, which are compared byte by byte."""


def parse_go_expression(source: str) -> GoExpression:
    """Raises `UnsupportedExpressionError`."""
    if len(source) > LONGEST_SOURCE:
        raise UnsupportedExpressionError(f"it is longer than {LONGEST_SOURCE} characters")
    parser = _Parser(source)
    tree = parser.whole()
    return GoExpression(tree, parser.groups, parser.bytewise)


class _Parser:
    """Recursive descent over the text; `_at` is the next character."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0
        self._flags: frozenset[str] = frozenset()
        self._depth = 0
        self.groups = 0
        self.bytewise = False

    def whole(self) -> Node:
        tree = self._choice()
        if self._at < len(self._source):
            self._refuse("a closing parenthesis has no opening one")
        return tree

    def _refuse(self, reason: str) -> NoReturn:
        raise UnsupportedExpressionError(f"at character {self._at + 1}: {reason}")

    def _peek(self) -> str:
        return self._source[self._at : self._at + 1]

    def _take(self) -> str:
        character = self._peek()
        if not character:
            self._refuse("it ends too early")
        self._at += 1
        return character

    def _choice(self) -> Node:
        self._depth += 1
        if self._depth > DEEPEST:
            self._refuse("it is nested too deeply")
        branches = [self._sequence()]
        while self._peek() == "|":
            self._at += 1
            branches.append(self._sequence())
        self._depth -= 1
        if len(branches) == 1:
            return branches[0]
        if all(isinstance(branch, Chars) for branch in branches):
            mask = 0
            for branch in branches:
                mask |= branch.mask if isinstance(branch, Chars) else 0
            return Chars(mask)
        return Choice(tuple(branches))

    def _sequence(self) -> Node:
        items: list[Node] = []
        while (character := self._peek()) and character not in "|)":
            atom = self._atom()
            if atom is not None:
                items.append(self._repeated(atom))
        return items[0] if len(items) == 1 else Sequence(tuple(items))

    def _repeated(self, atom: Node) -> Node:
        bounds = self._bounds()
        if bounds is None:
            return atom
        greedy = "U" not in self._flags
        if self._peek() == "?":
            self._at += 1
            greedy = not greedy
        if self._bounds() is not None:
            self._refuse("a repeat directly behind a repeat")
        least, most = bounds
        if isinstance(atom, Anchor):
            return Sequence(()) if least == 0 else atom
        return Repeat(atom, least, most, greedy)

    def _bounds(self) -> tuple[int, int | None] | None:
        """What `*`, `+`, `?` or `{2,5}` at this place asks for; None when none of them is here."""
        simple = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(self._peek())
        if simple is not None:
            self._at += 1
            return simple
        count = _COUNT.match(self._source, self._at)
        if count is None:
            return None  # Go reads a brace that is no count as itself
        self._at = count.end()
        if len(count[1]) > 4 or len(count[3] or "") > 4:
            self._refuse(f"a repeat of more than {_MOST_REPEATS}")
        least = int(count[1])
        most = least if count[2] is None else int(count[3]) if count[3] else None
        if max(least, most or 0) > _MOST_REPEATS or (most is not None and most < least):
            self._refuse(f"a repeat of more than {_MOST_REPEATS}, or with its bounds swapped")
        return least, most

    def _atom(self) -> Node | None:
        character = self._take()
        if character == "(":
            return self._group()
        if character == "[":
            return self._class()
        if character == ".":
            return Chars(_ALL if "s" in self._flags else _ALL & ~_mask("\n"))
        if character == "^":
            return Anchor("(?m:^)" if "m" in self._flags else r"\A")
        if character == "$":
            return Anchor("(?m:$)" if "m" in self._flags else r"\Z")
        if character == "\\":
            return self._escape()
        if character in "*+?":
            self._refuse("nothing to repeat")
        return self._literal(character)

    def _literal(self, character: str) -> Node:
        if ord(character) < 128:
            return Chars(self._folded(_mask(character)))
        encoded = character.encode("utf-8", "surrogateescape")
        return Sequence(tuple(Chars(1 << byte) for byte in encoded))

    def _folded(self, mask: int) -> int:
        if "i" not in self._flags:
            return mask
        return mask | (mask & _UPPER) << 32 | (mask & _LOWER) >> 32

    def _group(self) -> Node | None:
        before = self._flags
        named = _GROUP_NAME.match(self._source, self._at)
        if named is None and self._peek() == "?":
            flags = _FLAGS.match(self._source, self._at)
            if flags is None:
                self._refuse("Go's expressions have no look-around and no such group")
            self._at = flags.end()
            self._flags = (self._flags | set(flags[1])) - set(flags[2] or "")
            if flags[3] == ")":
                return None  # holds until the group around it ends
            body = self._choice()
        else:
            self._at = named.end() if named else self._at
            self.groups += 1
            body = Group(self._choice())
        if self._take() != ")":
            self._refuse("a group is not closed")
        self._flags = before
        return body

    def _escape(self) -> Node:
        character = self._take()
        if character in _ANCHORS:
            return Anchor(_ANCHORS[character])
        if character == "Q":
            return self._quoted()
        if character == "C":
            return Chars(_ALL)
        self._at -= 1
        mask, wide = self._escaped_set()
        return Chars(self._folded(mask)) if wide is None else self._literal(wide)

    def _quoted(self) -> Node:
        end = self._source.find(r"\E", self._at)
        text = self._source[self._at : end if end >= 0 else len(self._source)]
        self._at = end + 2 if end >= 0 else len(self._source)
        return Sequence(tuple(self._literal(character) for character in text))

    def _escaped_set(self) -> tuple[int, str | None]:
        """What stands behind a backslash: a set of bytes, or one character beyond ASCII."""
        character = self._take()
        if character.lower() in _PERL:
            mask = _PERL[character.lower()]
            return (mask, None) if character.islower() else (_ALL & ~mask, None)
        if character in "pP":
            return self._property(character == "P"), None
        code = self._code(character)
        return (1 << code, None) if code < 128 else (0, chr(code))

    def _code(self, character: str) -> int:
        if character in _CONTROL:
            return _CONTROL[character]
        if character == "x":
            return self._hexadecimal()
        octal = re.compile(r"0[0-7]{0,2}|[1-7][0-7]{1,2}").match(self._source, self._at - 1)
        if octal is not None:
            self._at = octal.end()
            return int(octal[0], 8)
        if character.isalnum():
            self._refuse(f"\\{character} means nothing to Go")
        return ord(character)

    def _hexadecimal(self) -> int:
        found = re.compile(r"([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,6})\}").match(self._source, self._at)
        code = int(found[1] or found[2], 16) if found else -1
        if found is None or code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
            self._refuse("\\x needs two hexadecimal digits, or some in braces")
        self._at = found.end()
        return code

    def _property(self, negated: bool) -> int:
        found = _PROPERTY.match(self._source, self._at)
        name = (found[1] or found[3]) if found else ""
        categories = {unicodedata.category(chr(code)) for code in range(0x3000)}
        mask = sum(
            1 << code for code in range(128) if unicodedata.category(chr(code)).startswith(name)
        )
        if found is None or not (
            name in _SCRIPTS
            or name == "Latin"
            or any(category.startswith(name) for category in categories)
        ):
            self._refuse(f"no Unicode class {name!r} that we know")
        if name == "Latin" or name in _SCRIPTS:
            mask = _UPPER | _LOWER if name == "Latin" else 0
        self._at = found.end()
        self.bytewise = True
        # What is beyond ASCII is in the class, and in its opposite too: bytes cannot tell.
        negated = negated != bool(found[2])
        return (_ALL & ~mask if negated else mask) | _HIGH

    def _class(self) -> Node:
        negated = self._peek() == "^"
        self._at += negated
        mask, wide = 0, []
        first = True
        while first or self._peek() != "]":
            first = False
            low, single = self._member()
            if single is not None and self._is_range():
                self._at += 1
                mask |= self._range(single)
            elif single is not None and ord(single) >= 128:
                wide.append(single)
            else:
                mask |= low
        self._at += 1
        mask = self._folded(mask)
        if negated:
            self.bytewise |= bool(wide)
            return Chars(_ALL & ~mask)
        if not wide:
            return Chars(mask)
        return Choice((Chars(mask), *(self._literal(character) for character in wide)))

    def _is_range(self) -> bool:
        return self._peek() == "-" and self._source[self._at + 1 : self._at + 2] not in ("]", "")

    def _member(self) -> tuple[int, str | None]:
        """A set, and the character if it is a single one (which may begin a range)."""
        posix = re.compile(r"\[:(\^?)(\w+):\]").match(self._source, self._at)
        if posix is not None:
            if posix[2] not in _POSIX:
                self._refuse(f"no class [:{posix[2]}:]")
            self._at = posix.end()
            mask = _POSIX[posix[2]]
            return (_ALL & ~mask, None) if posix[1] else (mask, None)
        character = self._take()
        if character != "\\":
            return (_mask(character) if ord(character) < 128 else 0), character
        mask, wide = self._escaped_set()
        if wide is not None:
            return 0, wide
        return mask, chr(mask.bit_length() - 1) if mask.bit_count() == 1 else None

    def _range(self, first: str) -> int:
        _, last = self._member()
        if last is None or ord(last) < ord(first):
            self._refuse("a range with its ends swapped, or without an end")
        if ord(last) < 128:
            return _span(ord(first), ord(last))
        self.bytewise = True
        return _HIGH | (_span(ord(first), 127) if ord(first) < 128 else 0)
