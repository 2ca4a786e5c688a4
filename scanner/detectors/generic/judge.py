"""The judgement of a value without a format of its own: what it is called, how it stands there,
what it looks like, and what surrounds it. Cheap tests first: most candidates are hopeless."""

import re
from typing import Final

import msgspec

from scanner.detectors.candidate import Candidate
from scanner.detectors.generic import notation, python_syntax, surroundings
from scanner.detectors.generic.form import Form, Place
from scanner.detectors.generic.language import language
from scanner.detectors.generic.name import Name, NameKind
from scanner.detectors.generic.shape import Look, Shape, is_capitalised, shape
from scanner.detectors.generic.weigh import FAR_FROM_WORDS, by_shape
from scanner.detectors.verdict import Verdict, drop

_LEAST_LENGTH: Final = 4
_LONGEST_LINE: Final = 2000
_FEW_DIGITS: Final = 3
"""As many as a word in a table of texts may hold: `LwM2M`."""
_TEXT_FORMS: Final = frozenset({Form.MARKUP, Form.OPTION, Form.PROSE})
"""Forms that no statement of a program has."""

# A line that is nothing but NAME=VALUE or `name: value`, as in dotenv, INI and YAML files.
_SETTING_START: Final = re.compile(
    rb"^[\s>-]{0,60}(?:(?:#|//|;)[ \t]*)?"
    rb"(?:export\s+|set\s+|setx\s+|ENV\s+|ARG\s+|-e\s+|--env[ =]|-D|\$env:)?"
    rb"[\"']?[\w.\[\]/-]{2,120}[\"']?$"
)
_SETTING_END: Final = re.compile(rb"^(?:[ \t]+[#;].*|[ \t]*\\?)$")
_ENVIRONMENT_PREFIX: Final = re.compile(rb"(?:^|[ \t;&|\"'`])[A-Z][A-Z0-9_]{3,60}$")


def judge_named_value(candidate: Candidate) -> Verdict:
    """`name = value`: is the value a secret, and how sure is that?"""
    if candidate.end - candidate.start < _LEAST_LENGTH:
        return drop("short")
    value = candidate.secret
    reason = notation.reference(value)
    if reason is not None:
        return drop(reason)
    place = Place(candidate)
    name = Name(place.name)
    if name.described:
        return drop("the name says it is no secret")
    if not candidate.line_complete or _line_length(candidate) > _LONGEST_LINE:
        return drop("on a very long line")
    if not place.closed:
        return drop("only the start of a longer text")
    if place.form is Form.JUXTAPOSED:
        return drop("a quotation beside the word")
    if place.loose:
        return drop("arguments that need not belong together")
    if place.form is Form.SETTING and not _is_setting(candidate, place):
        return drop("an expression, not a literal")
    if surroundings.is_pass(place.name) and surroundings.has_fail(candidate.around):
        return drop("what a test shall accept")
    return _judged(candidate, place, name, value)


def _line_length(candidate: Candidate) -> int:
    start, end = candidate.line
    return end - start


def _is_setting(candidate: Candidate, place: Place) -> bool:
    """Whether a bare value stands where settings stand, and not where programs have expressions."""
    before, after = candidate.before, candidate.after
    offset = candidate.line[0]
    if candidate.secret.endswith((b",", b";")):
        return False
    named = before[: place.name_start - offset + len(place.name)]
    between = before[len(named) :]
    if between == b"=" and after[:1] in (b" ", b"\t") and _ENVIRONMENT_PREFIX.search(named):
        return True  # PASSWORD=value command
    if not _SETTING_START.match(named) or not _SETTING_END.match(after):
        return False
    if between[:1] in (b" ", b"\t") and not place.name.isupper():
        return b"." in place.name or not surroundings.is_code(candidate.around)
    return True


def _judged(candidate: Candidate, place: Place, name: Name, value: bytes) -> Verdict:
    reason = notation.something_else(value, quoted=bool(place.quote))
    if reason is not None and not (value.isdigit() and name.kind is NameKind.PASSWORD):
        return drop(reason)
    if notation.is_uuid(value):
        return _uuid(name)
    kind, look = shape(value, language())
    verdict = by_shape(place, name, kind, look)
    if not verdict.drop and place.form not in _TEXT_FORMS:
        verdict = _in_python(candidate, verdict)
    if not verdict.drop:
        verdict = _in_context(candidate, place, name, kind, look, verdict)
    # A chosen password may hold what no provider's token holds: stand-ins were judged here.
    return verdict if verdict.drop else msgspec.structs.replace(verdict, proven=True)


def _uuid(name: Name) -> Verdict:
    if name.kind in (NameKind.KEY, NameKind.PASSWORD) or (
        name.kind is NameKind.SECRET and name.qualified
    ):
        return Verdict("a UUID in the place of a key")
    return drop("a UUID")


def _in_python(candidate: Candidate, verdict: Verdict) -> Verdict:
    """What the syntax tree says, where the content is Python."""
    part = python_syntax.part(candidate)
    if part is not None and part not in python_syntax.KEPT:
        return drop(part.value)
    return verdict


def _in_context(
    candidate: Candidate, place: Place, name: Name, kind: Shape, look: Look, verdict: Verdict
) -> Verdict:
    """What the line and its neighbours take away from the confidence."""
    before = candidate.before
    if look.digits < _FEW_DIGITS and surroundings.is_table_of_texts(candidate.around):
        return drop("one of a table of texts")
    if kind is not Shape.RANDOM and notation.is_code(look.value) and not look.digits:
        return drop("code")
    if name.stand_in:
        return Verdict("its name calls it no real one", step=verdict.step - 1)
    if surroundings.is_example(before, candidate.after):
        return Verdict("its line calls it an example", step=verdict.step - 1)
    if surroundings.in_comment(before) and kind in (Shape.WORD, Shape.DECORATED):
        return Verdict("in a comment", step=verdict.step - 1)
    far = look.size >= 8 and look.excess >= FAR_FROM_WORDS + 0.5
    if is_capitalised(look.value) and not far:
        return Verdict("perhaps a word of another language", step=verdict.step - 1)
    return verdict
