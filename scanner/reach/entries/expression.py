"""Can a stranger make a workflow's `if:` true? GitHub's expressions, over what strangers decide.

https://docs.github.com/en/actions/reference/workflows-and-actions/expressions. A stranger is
somebody without write access who brings about one event. For each part of the condition we ask
whether the stranger can make it true and whether he can make it false; where that cannot be told
from the file, it is unknown, and unknown is never "yes".
"""

import re
from enum import IntEnum
from typing import NamedTuple

LONGEST = 10_000
DEEPEST = 40

_TOKEN = re.compile(
    r"\s*(?:(?P<op>&&|\|\||==|!=|<=|>=|[!<>(),\[\]])|(?P<text>'(?:[^']|'')*')"
    r"|(?P<word>[A-Za-z_*][\w*-]*(?:\.[\w*-]+)*)|(?P<number>-?\d[\w.]*)|(?P<dot>\.[\w*-]+))"
)
_MEMBERS = frozenset({"owner", "member", "collaborator"})
_PERSON = re.compile(
    r"github\.(?:triggering_)?actor(?:_id)?|github\.event\.(?:[\w-]+\.)*(?:user|sender|author)\."
    r"(?:login|id|type)|github\.event\.sender\.(?:login|id|type)"
)
_TEXT = re.compile(
    r"github\.event\.(?:issue|pull_request|comment|review|discussion)\.(?:title|body)"
    r"|github\.head_ref|github\.event\.pull_request\.head\.(?:ref|label)"
)
_OWN_LABELS = re.compile(r"github\.event\.(?:issue|pull_request|discussion)\.labels(?:\.\*\.name)?")
_HEAD_REPOSITORY = re.compile(
    r"github\.event\.pull_request\.head\.repo\.(?:full_name|owner\.login|fork)"
)
_REPOSITORY = re.compile(r"github\.repository(?:_owner)?|github\.event\.repository\.\w+")
_PULL_REQUEST = re.compile(
    r"github\.event\.issue\.pull_request(?:\.\w+)?|github\.event\.pull_request"
)


class Can(IntEnum):
    """Whether the stranger can bring it about."""

    NO = 0
    UNKNOWN = 1
    YES = 2


class Choice(NamedTuple):
    """What the stranger can make a part of the condition come out as."""

    true: Can
    false: Can


FREE = Choice(Can.YES, Can.YES)
TRUE = Choice(Can.YES, Can.NO)
FALSE = Choice(Can.NO, Can.YES)
UNKNOWN = Choice(Can.UNKNOWN, Can.UNKNOWN)


class Event(NamedTuple):
    """What the stranger does."""

    name: str
    action: str | None = None
    """The activity type, e.g. `opened`."""


def can_be_true(text: str, event: Event) -> Can:
    """Whether a stranger's event can make the condition true. Raises nothing; empty is true."""
    text = text.strip()
    if text.startswith("${{") and text.endswith("}}"):
        text = text[3:-2].strip()
    if not text:
        return Can.YES
    if len(text) > LONGEST or "${{" in text:
        return Can.UNKNOWN
    try:
        return _Reader(_tokens(text), event).condition().true
    except _UnclearError:
        return Can.UNKNOWN


class _UnclearError(Exception):
    pass


class _Token(NamedTuple):
    kind: str
    text: str


class _Value(NamedTuple):
    """An operand: a literal, a name, or something with a truth of its own."""

    kind: str
    text: str
    choice: Choice


def _tokens(text: str) -> list[_Token]:
    found = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            if text[at:].strip():
                raise _UnclearError
            break
        kind = match.lastgroup or ""
        found.append(_Token(kind, match.group(kind)))
        at = match.end()
    return found


class _Reader:
    """Recursive descent in the order of precedence: `||`, `&&`, comparisons, `!`."""

    def __init__(self, tokens: list[_Token], event: Event) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0
        self._event = event

    def condition(self) -> Choice:
        choice = self._either().choice
        if self._at != len(self._tokens):
            raise _UnclearError
        return choice

    def _take(self, text: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at] == _Token("op", text):
            self._at += 1
            return True
        return False

    def _either(self) -> _Value:
        self._depth += 1
        if self._depth > DEEPEST:
            raise _UnclearError
        left = self._both()
        while self._take("||"):
            right = self._both().choice
            one = left.choice
            choice = Choice(max(one.true, right.true), min(one.false, right.false))
            left = _Value("truth", "", choice)
        self._depth -= 1
        return left

    def _both(self) -> _Value:
        left = self._comparison()
        while self._take("&&"):
            right = self._comparison().choice
            one = left.choice
            choice = Choice(min(one.true, right.true), max(one.false, right.false))
            left = _Value("truth", "", choice)
        return left

    def _comparison(self) -> _Value:
        left = self._negation()
        for operator in ("==", "!="):
            if self._take(operator):
                choice = _equal(left, self._negation(), self._event)
                if operator == "!=":
                    choice = Choice(choice.false, choice.true)
                return _Value("truth", "", choice)
        if any(self._take(operator) for operator in ("<=", ">=", "<", ">")):
            self._negation()
            return _Value("truth", "", UNKNOWN)
        return left

    def _negation(self) -> _Value:
        if self._take("!"):
            choice = self._negation().choice
            return _Value("truth", "", Choice(choice.false, choice.true))
        return self._operand()

    def _operand(self) -> _Value:
        if self._take("("):
            inner = self._either()
            if not self._take(")"):
                raise _UnclearError
            return inner
        if self._at >= len(self._tokens):
            raise _UnclearError
        token = self._tokens[self._at]
        self._at += 1
        if token.kind == "text":
            text = token.text[1:-1].replace("''", "'")
            return _Value("text", text, TRUE if text else FALSE)
        if token.kind == "number":
            return _Value("text", token.text, FALSE if token.text == "0" else TRUE)
        if token.kind != "word":
            raise _UnclearError
        if self._take("("):
            return self._call(token.text.lower())
        return self._name(token.text)

    def _name(self, name: str) -> _Value:
        while self._take("["):
            index = self._operand()
            if not self._take("]"):
                raise _UnclearError
            name += f".{index.text}"
        while self._at < len(self._tokens) and self._tokens[self._at].kind == "dot":
            name += self._tokens[self._at].text
            self._at += 1
        lower = name.lower()
        if lower in ("true", "false"):
            return _Value("text", lower, TRUE if lower == "true" else FALSE)
        return _Value("name", lower, _truth(lower, self._event))

    def _call(self, function: str) -> _Value:
        arguments: list[_Value] = []
        while not self._take(")"):
            arguments.append(self._either())
            if not self._take(",") and not (
                self._at < len(self._tokens) and self._tokens[self._at].text == ")"
            ):
                raise _UnclearError
        return _Value("call", function, _called(function, arguments))


def _called(function: str, arguments: list[_Value]) -> Choice:
    if function in ("always", "success"):
        return TRUE
    if function in ("contains", "startswith", "endswith") and len(arguments) == 2:
        inside = arguments[0]
        if _OWN_LABELS.fullmatch(inside.text):
            return FALSE  # labels take triage access; what a stranger opens has none
        if _TEXT.fullmatch(inside.text):
            return FREE
        if any(_PERSON.fullmatch(one.text) for one in arguments):
            return _people(arguments)
        if any(one.text.endswith("author_association") for one in arguments):
            return UNKNOWN
    return UNKNOWN


def _people(arguments: list[_Value]) -> Choice:
    """A person in a list, or a name with `[bot]` at its end."""
    if any(one.kind == "text" and one.text.lower().endswith("[bot]") for one in arguments):
        return FALSE
    return FALSE if any(one.kind == "call" for one in arguments) else UNKNOWN


def _truth(name: str, event: Event) -> Choice:
    """A name by itself: is there anything?"""
    if _PULL_REQUEST.fullmatch(name):
        return _about_pull_request(event)
    if _HEAD_REPOSITORY.fullmatch(name) and name.endswith("fork"):
        return TRUE
    return FREE if _TEXT.fullmatch(name) else UNKNOWN


def _about_pull_request(event: Event) -> Choice:
    if event.name.startswith("pull_request"):
        return TRUE
    return FREE if event.name == "issue_comment" else FALSE


def _equal(left: _Value, right: _Value, event: Event) -> Choice:
    if left.kind != "name":
        left, right = right, left
    name, text = left.text, right.text.lower()
    if left.kind != "name":
        return UNKNOWN
    if name == "github.event_name" and right.kind == "text":
        return TRUE if text == event.name else FALSE
    if name == "github.event.action" and right.kind == "text" and event.action:
        return TRUE if text == event.action else FALSE
    if name.endswith(".author_association") and right.kind == "text":
        return FALSE if text in _MEMBERS else TRUE if text == "none" else UNKNOWN
    if name.endswith(("user.type", "sender.type")) and right.kind == "text":
        return TRUE if text == "user" else FALSE
    if _PERSON.fullmatch(name) or _PERSON.fullmatch(right.text):
        # Equal to a certain person or bot: not a stranger. To a variable: not known.
        return FALSE if right.kind == "text" else UNKNOWN
    if _REPOSITORY.fullmatch(name) and right.kind == "text":
        return TRUE  # meant as "not in forks"
    if _HEAD_REPOSITORY.fullmatch(name):
        if name.endswith("fork") and right.kind == "text":
            return TRUE if text == "true" else FALSE
        return FALSE  # a stranger's branch is in a fork
    if _TEXT.fullmatch(name) and right.kind == "text":
        return FREE
    if name == "github.event.issue.state" and right.kind == "text":
        return TRUE if text == "open" else FALSE
    if _PULL_REQUEST.fullmatch(name) and right.text in ("null", ""):
        choice = _about_pull_request(event)
        return Choice(choice.false, choice.true)
    return UNKNOWN
