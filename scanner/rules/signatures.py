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
    BRANCH = "branch"
    """Prefixes, with their slash, of the branch that a merge commit's subject names."""
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
    Field.BRANCH: Standing(Tier.BRANCH, Role.CO_AUTHOR),
    # Unverified until a verifier runs; and the key proves where a commit object was made, which
    # after a rebase in an agent's sandbox is not who wrote its content.
    Field.SIGNING_KEY: Standing(Tier.IDENTITY, Role.COMMITTER),
}

EMAIL_FIELDS = frozenset({Field.AUTHOR_EMAIL, Field.COMMITTER_EMAIL, Field.CO_AUTHOR})


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
    """None: outside the window the rule does not match."""

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
    """None: the field's own (`STANDING`). Only for a rule of one field; so is `role`."""
    role: Role | None = None
    window: Window | None = None
    note: str = ""
    """A sentence that the evidence repeats."""
    examples: tuple[CommitExample, ...] = ()
    counter_examples: tuple[CommitExample, ...] = ()

    def standing(self, field: Field) -> Standing:
        """Tier and role of this rule's mark in one of its fields."""
        default = STANDING[field]
        return Standing(self.tier or default.tier, self.role or default.role)


def mistake(rule: SignatureRule) -> str | None:
    """What is wrong with a rule that decoded, in words that name the key; None when nothing is."""
    if not rule.fields or not rule.values or not all(rule.values):
        return "fields and values must not be empty"
    if len(rule.fields) > 1 and (rule.tier or rule.role):
        return "tier and role need a rule of one field"
    if (Field.TRAILER in rule.fields) != bool(rule.keys):
        return "keys belong to the field trailer, and it needs them"
    for expression in (rule.name, *(rule.values if Field.TRAILER in rule.fields else ())):
        try:
            re.compile(expression)
        except re.error as error:
            return f"{expression!r} is not a regular expression: {error}"
    if EMAIL_FIELDS.intersection(rule.fields):
        return _mistaken_email(rule)
    if rule.name:
        return "name belongs to the e-mail fields"
    if Field.BRANCH in rule.fields and not all(value.endswith("/") for value in rule.values):
        return "a branch prefix ends with a slash: hyphenated branches name features, not agents"
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
