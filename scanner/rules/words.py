"""A secret rule in words: everything its file says, for `rules show` and the provider pages."""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from scanner.rules.secrets import PART_LINES, SecretRule

_FORMATS: Final = {
    "stated": "stated: a reference below says what such a credential looks like",
    "observed": "observed: known from credentials that were seen, not from the provider's words",
}
_CONFIDENCES: Final = {
    "high": "high: what matches and passes the checks is such a credential",
    "medium": "medium: what matches is likely such a credential; a check may say more",
    "low": "low: other things look like this too",
}
_ASSIGN: Final = (
    "{assign} stands for all that may part a name from its value: = : => , quotes, brackets"
)


class Fact(NamedTuple):
    """One thing to know about a rule."""

    label: str
    """One word in lower case."""
    texts: tuple[str, ...]
    """Each a sentence, or code. Beside line feeds and tabs there are only printable characters:
    others are written as Python writes them."""
    code: bool = False
    """Whether the texts are code: a pattern, a template. Not to be wrapped or escaped."""


def facts(rule: SecretRule, checks: Mapping[str, str]) -> Iterator[Fact]:
    """Everything about a rule but its id and its name, in the order to be read.

    `rule` is as its file has it, with `{assign}` in its pattern; `checks` says by name what a check
    looks at, in one line; a check that is not in it is told by its name alone.
    """
    for fact in _facts(rule, checks):
        yield fact._replace(texts=tuple(map(visible, fact.texts)))


def _facts(rule: SecretRule, checks: Mapping[str, str]) -> Iterator[Fact]:
    yield Fact("severity", (rule.severity.value,))
    yield Fact("confidence", (_CONFIDENCES[rule.confidence.value],))
    yield Fact("format", (_FORMATS[rule.format],))
    if rule.pattern:
        yield _code("pattern", rule.pattern)
    if notes := tuple(_about_pattern(rule)):
        yield Fact("reads", notes)
    yield Fact("checks", tuple(_checks(rule, checks)))
    if halves := tuple(_halves(rule)):
        yield Fact("joined", halves)
    if rule.companion is not None:
        yield _code("beside", rule.companion.pattern)
    if rule.public_prefix:
        yield Fact("shown", (_shown(rule.public_prefix),))
    if rule.examples:
        yield _code("finds", *rule.examples)
    if rule.counter_examples:
        yield _code("silent on", *rule.counter_examples)
    if rule.rotate:
        yield Fact("rotate", (" ".join(rule.rotate.split()),))
    yield Fact("references", rule.references)


def _code(label: str, *texts: str) -> Fact:
    return Fact(label, texts, code=True)


def visible(text: str) -> str:
    """Without what could act on a terminal or reorder a line. Backslashes stay as they are: a
    pattern is there to be copied."""
    return "".join(
        one if one.isprintable() or one in "\n\t" else one.encode("unicode_escape").decode()
        for one in text
    )


def _shown(prefix: str) -> str:
    if prefix.startswith("-----BEGIN"):
        return "its first line, and nothing of the body"
    return f"{prefix} and at most the last two characters"


def _about_pattern(rule: SecretRule) -> Iterator[str]:
    if "{assign}" in rule.pattern:
        yield _ASSIGN
    if "(?P<secret>" in rule.pattern:
        yield "the group `secret` is the credential; what stands around it only tells it"
    if rule.case_insensitive:
        yield "upper and lower case are the same"
    if rule.boundary and rule.pattern:
        yield f"no character of [{rule.boundary}] may stand directly before or behind the secret"


def _checks(rule: SecretRule, checks: Mapping[str, str]) -> Iterator[str]:
    for text in rule.checks:
        meaning = checks.get(text.partition(":")[0], "")
        yield f"{text}: {_lower(meaning)}" if meaning else text
    if not rule.generic:
        yield "placeholder: no word, repetition or sequence that only holds a value's place"


def _lower(sentence: str) -> str:
    """As it stands behind a colon; a name or an acronym at its start stays."""
    first = sentence.split(" ", 1)[0]
    return sentence if first[1:] != first[1:].lower() else sentence[:1].lower() + sentence[1:]


def _halves(rule: SecretRule) -> Iterator[str]:
    if rule.part_of:
        yield (
            f"the public half of {', '.join(rule.part_of)}: within {PART_LINES} lines of one, both "
            "are one finding"
        )
    if rule.generic:
        yield "a generic rule: where a specific rule knows the value, that one speaks"
    if rule.companion is not None:
        yield (
            f"its other half has no mark of its own: what this pattern finds within "
            f"{rule.companion.lines} lines is {rule.companion.rule}"
        )
