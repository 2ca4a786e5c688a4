"""The syntactic form in which a value stands beside its name."""

import re
from enum import Enum
from types import MappingProxyType
from typing import Final

from scanner.detectors.candidate import Candidate

_IDENTIFIER: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-$"
_LONGEST_SIDE: Final = 80
_FORWARD: Final = re.compile(rb"api key|[\w.-]{0,80}", re.IGNORECASE)
_QUOTES: Final = b"\"'`"


class Form(Enum):
    """How the value is tied to the name."""

    ASSIGNED = "assigned"  # name = "value", "name": "value", name := "value"
    SETTING = "setting"  # name=value or name: value, without quotes
    ARGUMENT = "argument"  # put("name", "value")
    CALL = "call"  # setName("value")
    COMPARED = "compared"  # name == "value"
    MARKUP = "markup"  # <name>value</name>, name="..." value="..."
    OPTION = "option"  # --name value
    PROSE = "prose"  # the name is value
    JUXTAPOSED = "juxtaposed"  # the name, a space, a quoted text: prose, for the most part
    DEFAULT = "default"  # ${NAME:-value}, getenv("NAME") or "value"


# Rules whose pattern knows the form.
_FORM_OF_RULE: Final = MappingProxyType(
    {
        "generic-authorization": Form.ASSIGNED,
        "generic-element": Form.MARKUP,
        "generic-option": Form.OPTION,
        "generic-pair": Form.MARKUP,
        "generic-prose": Form.PROSE,
    }
)
_COMPARISON: Final = re.compile(rb"==|!=|equals|eq\(|<>", re.IGNORECASE)
_FALLBACK: Final = re.compile(rb"\|\||\?\?|\bor\b|:-|\?:")
_SPOKEN: Final = re.compile(rb"[ \t](?:is|was|are|to)\b|^[ \t]for\b", re.IGNORECASE)

# `"... pass: \"pwd\"", "next"`: the name was the last word of a text, and the text an argument.
_END_OF_TEXT: Final = re.compile(rb"\\[\"'`][\"'`]")


class Place:
    """The name, the form, and whether the value is a closed literal."""

    __slots__ = ("closed", "form", "loose", "name", "name_start", "quote")

    def __init__(self, candidate: Candidate) -> None:
        data, start = candidate.data, candidate.match_start
        if data[start : start + 1] not in _IDENTIFIER:
            start += 1  # the space before an option
        head = data[max(0, start - _LONGEST_SIDE) : start]
        known = head[len(head.rstrip(_IDENTIFIER)) :]
        self.name_start = start - len(known)
        found = _FORWARD.match(data, start, max(start, candidate.start))
        end = found.end() if found else start
        self.name = data[self.name_start : end]
        between = data[end : candidate.start]
        self.quote = between[-1:] if between[-1:] and between[-1:] in _QUOTES else b""
        following = data[candidate.end : candidate.end + 2]
        self.closed = not self.quote or _closes(following, between, self.quote)
        self.form = _FORM_OF_RULE.get(candidate.rule.id) or _form(
            self.name, between, following, quoted=bool(self.quote)
        )
        self.loose = self.form is Form.ARGUMENT and _is_loose(data, self, between)
        """Two arguments of which the first is no literal name: they need not belong together."""


def _is_loose(data: bytes, place: Place, between: bytes) -> bool:
    if _END_OF_TEXT.match(between):
        return True
    previous = data[place.name_start - 1 : place.name_start]
    if previous in (b"=", b" ", b"/") or b")" in between.split(b",", 1)[0]:
        return not place.name.isupper() or b")" in between
    return between[:1] not in (b'"', b"'", b"`", b"\\") and not place.name.isupper()


def _closes(following: bytes, between: bytes, quote: bytes) -> bool:
    if between.endswith(b"\\" + quote):
        return following == b"\\" + quote
    return following[:1] == quote


def _form(name: bytes, between: bytes, following: bytes, *, quoted: bool) -> Form:
    if not quoted:
        return _bare_form(name, between, following)
    if _FALLBACK.search(between):
        return Form.DEFAULT
    if _COMPARISON.search(between) or _COMPARISON.search(name[-8:]):
        return Form.COMPARED
    if b"value" in between or (b">" in between and b"=>" not in between and b"->" not in between):
        return Form.MARKUP
    if b"=" in between or b":" in between or b"<-" in between or b"->" in between:
        return Form.ASSIGNED
    if b"," in between:
        return Form.ARGUMENT
    if b"(" in between:
        return Form.CALL
    if name.startswith(b"-"):
        return Form.OPTION
    if _SPOKEN.search(between):
        return Form.PROSE
    return Form.ASSIGNED if name.isupper() and b"`" not in between else Form.JUXTAPOSED


def _bare_form(name: bytes, between: bytes, following: bytes) -> Form:
    if between.endswith(b">") and following[:1] == b"<":
        return Form.MARKUP
    if name.startswith(b"-"):
        return Form.OPTION
    if (b":-" in between or between == b":") and following[:1] == b"}":
        return Form.DEFAULT
    if b"value" in between:
        return Form.MARKUP
    return Form.PROSE if _SPOKEN.search(between) else Form.SETTING
