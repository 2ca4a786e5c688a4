"""Signature rules: the marks that one agent or bot leaves on the commits it makes.

Every comparison is exact or anchored at both ends. A rule never keys on a person-like name alone, a
vendor's e-mail domain, a word in prose or a bare numeric account id: measured on commits older than
any agent, each of those names people.
"""

import re
from datetime import date
from enum import StrEnum

import msgspec

from scanner.model import Role, Tier


class Field(StrEnum):
    """The part of a commit that a rule reads, and what its `values` are."""

    AUTHOR_EMAIL = "author-email"
    """Whole addresses in lower case. `x[bot]@users.noreply.github.com` also stands for the form
    with a numeric account id before it, whatever the id: GitHub gives no person a name with
    brackets. Any other address has to be equal, id included."""
    COMMITTER_EMAIL = "committer-email"
    """As `author-email`; read only where the author is somebody else."""
    CO_AUTHOR = "co-author"
    """As `author-email`, in a `Co-authored-by`, `Assisted-by` or `Generated-by` trailer."""
    AUTHOR_SUFFIX = "author-name-suffix"
    """Literal ends of the author's name."""
    COMMITTER_SUFFIX = "committer-name-suffix"
    """Literal ends of the committer's name; read only where the author's name has none of them."""
    TRAILER = "trailer"
    """Regular expressions that match the whole value of a trailer named in `keys`."""
    FOOTER = "footer"
    """Whole message lines, without the emoji or other symbols before the first letter or digit."""
    LINE = "line"
    """As `footer`, but regular expressions that match the whole line; each begins with at least
    `LINE_BEGINNING` plain characters and has no `|`."""
    BRANCH = "branch"
    """Prefixes, with their slash, of a branch: one that a merge commit's subject names, or the only
    one that reaches the commit, where the caller knows."""
    BRANCH_NAME = "branch-name"
    """As `branch`, but regular expressions that match the branch's whole name; each asks for a
    number, which machines write into such names and people hardly ever do."""
    NOTES = "notes-ref"
    """Whole refs that hold a note on the commit. That there is one says that a recorder ran, not
    what it recorded."""
    SIGNING_KEY = "signing-key"
    """Key ids as `model.Signature.key` writes them."""


class Standing(msgspec.Struct, frozen=True):
    """What a field says by default when a rule does not say otherwise."""

    tier: Tier
    role: Role


STANDING: dict[Field, Standing] = {
    Field.AUTHOR_EMAIL: Standing(Tier.IDENTITY, Role.AUTHOR),
    Field.COMMITTER_EMAIL: Standing(Tier.IDENTITY, Role.COMMITTER),
    Field.CO_AUTHOR: Standing(Tier.TRAILER, Role.CO_AUTHOR),
    Field.AUTHOR_SUFFIX: Standing(Tier.TRAILER, Role.AUTHOR),
    Field.COMMITTER_SUFFIX: Standing(Tier.TRAILER, Role.COMMITTER),
    Field.TRAILER: Standing(Tier.TRAILER, Role.CO_AUTHOR),
    Field.FOOTER: Standing(Tier.FOOTER, Role.CO_AUTHOR),
    Field.LINE: Standing(Tier.FOOTER, Role.CO_AUTHOR),
    Field.BRANCH: Standing(Tier.BRANCH, Role.CO_AUTHOR),
    Field.BRANCH_NAME: Standing(Tier.BRANCH, Role.CO_AUTHOR),
    Field.NOTES: Standing(Tier.HINT, Role.CO_AUTHOR),
    # Unverified until a verifier runs; and the key proves where a commit object was made, which
    # after a rebase in an agent's sandbox is not who wrote its content.
    Field.SIGNING_KEY: Standing(Tier.IDENTITY, Role.COMMITTER),
}

EMAIL_FIELDS = frozenset({Field.AUTHOR_EMAIL, Field.COMMITTER_EMAIL, Field.CO_AUTHOR})
EXPRESSION_FIELDS = frozenset({Field.TRAILER, Field.LINE, Field.BRANCH_NAME})
"""Those whose values are regular expressions."""

LINE_BEGINNING = 7
"""Plain characters at the beginning of a `line` expression; messages are searched for them."""
_PLAIN = re.compile(r"(?:[\w :/-]|\\\[)*", re.ASCII)


class Outside(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a mark outside its rule's window still says."""

    tier: Tier
    role: Role
    note: str
    """Why, in a sentence that the evidence repeats."""


class Window(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The days (UTC, by the committer's date) for which a rule says what it says."""

    since: date | None = None
    """First day."""
    until: date | None = None
    """The day after the last."""
    outside: Outside | None = None
    """None: outside the window the mark is doubtful, as its commit's date is: it counts for no more
    than a footer, and the evidence names the day."""

    def doubt(self) -> str:
        """A sentence for a mark outside, where `outside` does not say why."""
        days = (f"before {self.since}", f"after {self.until}")
        bounds = (self.since, self.until)
        said = " or ".join(text for text, bound in zip(days, bounds, strict=True) if bound)
        return f"The commit's date is wrong or the mark was copied: none was written {said}"

    def holds(self, day: date) -> bool:
        """Whether the day lies inside."""
        return (self.since is None or self.since <= day) and (
            self.until is None or day < self.until
        )


class CommitExample(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole little commit, and what the rule that carries it must make of it."""

    message: str = "Round fees half to even"
    author: str = "Ada Lovelace <ada@example.org>"
    committer: str | None = None
    """None: the author."""
    day: date = date(2026, 3, 1)
    merge: bool = False
    """Whether it has two parents."""
    branches: tuple[str, ...] = ()
    """Refs that alone reach it."""
    notes: tuple[str, ...] = ()
    """Refs that hold a note on it."""
    key: str | None = None
    """The signing key, as in `model.Signature.key`."""
    tier: Tier | None = None
    """The expected tier, role and model; None: not tested."""
    role: Role | None = None
    model: str | None = None


class SignatureRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One mark of one agent."""

    id: str
    """Kebab case, unique in its file."""
    fields: tuple[Field, ...]
    values: tuple[str, ...]
    """What each field is compared with; see `Field`."""
    references: tuple[str, ...] = ()
    """Where the agent's maker, or a public commit, shows the mark. Empty: those of the file."""
    keys: tuple[str, ...] = ()
    """For `trailer`: the trailer keys, compared without case."""
    name: str = ""
    """For the e-mail fields: a regular expression that the whole name beside the address must
    match. Group `model`, in this or a `trailer` expression, is the model's name."""
    tier: Tier | None = None
    """None: the field's own (`STANDING`)."""
    role: Role | None = None
    """The same; only for a rule of one field."""
    window: Window | None = None
    note: str = ""
    """A sentence that the evidence repeats."""
    not_subject: str = ""
    """A regular expression; on a commit whose whole subject it matches the rule says nothing."""
    unnamed: bool = False
    """It says that an agent took part and not which one, and so nothing beside an agent with a name
    that is author or co-author, unless the two name different models."""
    alone: bool = False
    """Of a rule for branches: it holds for every commit that such a branch alone reaches, since the
    agent commits under its user's name. Of other agents' branches what is theirs says so itself."""
    examples: tuple[CommitExample, ...] = ()
    counter_examples: tuple[CommitExample, ...] = ()

    def standing(self, field: Field) -> Standing:
        """Tier and role of this rule's mark in one of its fields."""
        default = STANDING[field]
        return Standing(self.tier or default.tier, self.role or default.role)


def line_beginning(expression: str) -> str:
    """The plain characters that a `line` expression begins with, in lower case."""
    match = _PLAIN.match(expression)
    text = match[0] if match else ""
    if expression[len(text) : len(text) + 1] in ("?", "*", "{"):
        text = text[:-1]  # the last character need not be there
    return text.replace("\\[", "[").lower()


def mistake(rule: SignatureRule) -> str | None:
    """What is wrong with a rule that decoded, in words that name the key; None when nothing is."""
    if not rule.fields or not rule.values or not all(rule.values):
        return "fields and values must not be empty"
    if len(rule.fields) > 1 and rule.role:
        return "role needs a rule of one field"
    if (Field.TRAILER in rule.fields) != bool(rule.keys):
        return "keys belong to the field trailer, and it needs them"
    if rule.alone and not {Field.BRANCH, Field.BRANCH_NAME}.issuperset(rule.fields):
        return "alone belongs to the fields of branches"
    wrong = _mistaken_expression(rule)
    if wrong is None:
        wrong = _mistaken_email(rule) if EMAIL_FIELDS.intersection(rule.fields) else _other(rule)
    if wrong is None and not (rule.examples and rule.counter_examples):
        return "it needs an example and a counter-example"
    return wrong


def _mistaken_expression(rule: SignatureRule) -> str | None:
    expressions = rule.values if EXPRESSION_FIELDS.intersection(rule.fields) else ()
    if expressions and len(rule.fields) > 1:
        return "a field of expressions cannot share a rule with others"
    for expression in (rule.name, rule.not_subject, *expressions):
        try:
            compiled = re.compile(expression)
        except re.error as error:
            return f"{expression!r} is not a regular expression: {error}"
        if compiled.flags != re.UNICODE:  # matchers join expressions
            return f"{expression!r}: flags belong to a group, (?i:...)"
    return None


def _other(rule: SignatureRule) -> str | None:
    """What is wrong with a rule of no e-mail field."""
    if rule.name:
        return "name belongs to the e-mail fields"
    for field in rule.fields:
        for value in rule.values:
            wrong = _mistaken_value(field, value)
            if wrong:
                return f"{value!r}: {wrong}"
    return None


def _mistaken_value(field: Field, value: str) -> str | None:
    match field:
        case Field.BRANCH if not value.endswith("/"):
            return "a branch prefix ends with a slash: hyphenated branches name features"
        case Field.BRANCH_NAME if "[0-9]" not in value:
            return "a branch's name has to ask for a number, [0-9]"
        case Field.NOTES if not value.startswith("refs/"):
            return "a ref begins with refs/"
        case Field.FOOTER if not (value[0].isascii() and (value[0].isalnum() or value[0] == "[")):
            return "a footer begins with a letter, a digit or ["
        case Field.LINE if "|" in value or len(line_beginning(value)) < LINE_BEGINNING:
            return f"a line begins with {LINE_BEGINNING} plain characters, and has no |"
    return None


def _mistaken_email(rule: SignatureRule) -> str | None:
    if not EMAIL_FIELDS.issuperset(rule.fields):
        return "e-mail fields cannot share a rule with others"
    for value in rule.values:
        if value != value.lower() or value.count("@") != 1:
            return f"{value!r} is not an e-mail address in lower case"
        if value.split("+", 1)[0].isdigit() and "[bot]@" in value:
            return f"{value!r}: leave the account id out, a [bot] is known by its name"
    return None
