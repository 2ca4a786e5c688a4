"""Secret rules: one provider a file in `rules/secrets/`."""

from pathlib import Path
from typing import Literal

import msgspec

from scanner.errors import RuleError
from scanner.model import Confidence, Severity
from scanner.rules.loading import load_directory

ASSIGNMENT = (
    r"""[\\"'\])]{0,3}(?:[ \t]{0,8}(?:=>?|:=?|,)|:[ \t]{0,2}string[ \t]{0,4}="""
    r"""|,?[ \t\r\n]{0,24}[\\"']{0,2}value[\\"']{0,2}[ \t]{0,4}[:=])[ \t]{0,8}[\\"'`]{0,2}"""
)
"""What `{assign}` stands for in a pattern: all that may part a name from its value. It takes
`NAME=value`, `name: value`, `"name": "value"`, `env["NAME"] = 'value'`, `set("NAME", "value")`, the
same inside an escaped JSON string, and the `name: NAME` / `value: ...` pairs of configuration."""

_REST = "[A-Za-z0-9_.-]{0,24}"
TOKEN_NAME = f"token(?:(?:[A-RT-Za-rt-z0-9_.-]|[Ss][A-Za-z]){_REST})?"
"""A name from `token` on, but not `tokens`: in code around models that is a number nearly
everywhere, and a secret nearly nowhere. `tokenString` is another matter."""
CREDENTIAL_NAME = (
    r"(?:(?:pass(?:w(?:or)?d|wort|phrase|code|w|)|pwd|secret|credential"
    r"|(?:api|access|auth|private|signing|encryption|master|account|service|subscription|shared"
    rf"|client|app|session|license|aes|hmac|secret|storage|crypto)[_.-]?key){_REST}"
    rf"|{TOKEN_NAME})"
)
"""What `{name}` stands for in a pattern: a word of a name that names a credential, and its rest."""

_MACROS = {"{assign}": ASSIGNMENT, "{name}": CREDENTIAL_NAME}

PART_LINES = 10
"""How far apart the halves of one credential may stand."""


class Companion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A secret that has no mark of its own, but stands beside a public half that has one."""

    rule: str
    """The rule a match of `pattern` belongs to; its checks are run on it."""
    pattern: str
    """On bytes, as `SecretRule.pattern`; the group `secret` is the credential."""
    lines: int = 3
    """How many lines away it may stand."""


class SecretRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One credential format."""

    id: str
    """Kebab case, unique over all files, e.g. `github-personal-access-token`."""
    name: str
    """What it is, as its provider calls it."""
    pattern: str
    """A regular expression in the subset that Hyperscan and Python's `re` share: no look-around, no
    back-references, no possessive or lazy quantifiers that change what matches. Matched on bytes.
    The group `secret`, if there is one, is the credential; else the whole match is."""
    references: tuple[str, ...]
    """Addresses of the provider's own documentation that states the format."""
    examples: tuple[str, ...]
    """Templates that must match (see `scanner.rules.examples`)."""
    counter_examples: tuple[str, ...]
    """Templates that must not."""
    format: Literal["stated", "observed"] = "observed"
    """`stated`: one of the references says what such a credential looks like, and was read. Else
    the format is known from credentials that were seen, or from memory."""
    severity: Severity = Severity.HIGH
    confidence: Confidence = Confidence.HIGH
    """Before any check speaks; checks raise it or drop the match."""
    case_insensitive: bool = False
    boundary: str = "A-Za-z0-9_"
    """A character class: the byte before and the byte after the secret must not be in it. Empty: no
    such test."""
    checks: tuple[str, ...] = ()
    """Names of functions in `scanner.detectors.checks`, each run on the secret; an argument may
    follow a colon (`entropy:3.5`)."""
    public_prefix: str = ""
    """Leading characters that are the same in every token of this kind and may be shown."""
    rotate: str = ""
    """How to revoke and replace it: where to click or what to run, in one or two sentences."""
    part_of: tuple[str, ...] = ()
    """Rules whose secret this value is the public half of: where one of them matches within
    `PART_LINES` lines, the two are one finding, the other rule's."""
    companion: Companion | None = None
    """What to look for beside a match of this rule."""
    generic: bool = False
    """A `name = value` rule: judged by the shape of the value, and yields to any specific rule."""


class SecretFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One provider."""

    provider: str
    """Kebab case; the file's name."""
    name: str
    url: str
    rules: tuple[SecretRule, ...]


def load_secret_rules(
    base: Path | None = None, *, cached_in: Path | None = None
) -> tuple[SecretRule, ...]:
    """All secret rules, ordered by provider and then as written.

    Raises `RuleError` for a file named unlike its provider and for an id used twice.
    """
    seen: dict[str, str] = {}
    rules: list[SecretRule] = []
    for stem, file in load_directory("secrets", SecretFile, base, cached_in).items():
        if file.provider != stem:
            raise RuleError(f"secrets/{stem}.yaml: provider is {file.provider!r}, not {stem!r}")
        for rule in file.rules:
            if rule.id in seen:
                raise RuleError(
                    f"secrets/{stem}.yaml: rule id {rule.id!r} is taken by {seen[rule.id]}.yaml"
                )
            seen[rule.id] = stem
            for macro, pattern in _MACROS.items():
                if macro in rule.pattern:
                    pattern = rule.pattern.replace(macro, pattern)
                    rule = msgspec.structs.replace(rule, pattern=pattern)
            rules.append(rule)
    return tuple(rules)
