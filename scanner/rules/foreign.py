"""Secret rules of other tools, as far as we run them: the values their readers make of a file.

`scanner.interop` reads such rules, `scanner.detectors.foreign` runs them. A foreign rule is part of
the scanned repository or of somebody's set-up: it is trusted less than ours, so every expression
here has been rewritten and bounded by the reader.
"""

from enum import StrEnum

import msgspec


class RegexTarget(StrEnum):
    """What an allowlist's expressions are tried on."""

    SECRET = "secret"  # noqa: S105 - a word of the format
    MATCH = "match"
    LINE = "line"


class ForeignPattern(msgspec.Struct, frozen=True):
    """One expression in the forms that our engines run."""

    source: str
    """As its author wrote it."""
    expression: bytes
    """For Python's `re`, on bytes. Capture groups have the numbers they had in the source."""
    trigger: bytes | None
    """For Hyperscan: matches wherever the expression does, but says less about where a match ends.
    None where it would fire nearly everywhere."""
    width: int
    """The greatest number of bytes a match may span."""
    groups: int


class ForeignAllowlist(msgspec.Struct, frozen=True):
    """What is not to be reported. The criteria that are given are joined by `all_of`."""

    description: str = ""
    all_of: bool = False
    """Every criterion that is given must hold; else one is enough."""
    commits: frozenset[str] = frozenset()
    """Full ids, lower case."""
    paths: tuple[ForeignPattern, ...] = ()
    target: RegexTarget = RegexTarget.SECRET
    regexes: tuple[ForeignPattern, ...] = ()
    stopwords: tuple[str, ...] = ()
    """Lower case; found anywhere in the secret."""
    rules: tuple[str, ...] = ()
    """Only for these rules; for all when empty."""

    @property
    def judges_contents(self) -> bool:
        """Whether a criterion looks at the secret or around it."""
        return bool(self.regexes or self.stopwords)

    @property
    def judges_places(self) -> bool:
        """Whether a criterion looks at where the secret is."""
        return bool(self.paths or self.commits)


class RequiredRule(msgspec.Struct, frozen=True):
    """Another rule that must match nearby."""

    rule: str
    lines: int | None = None
    columns: int | None = None


class ForeignRule(msgspec.Struct, frozen=True):
    """One rule of another tool."""

    id: str
    """As its author named it, without the tool's name."""
    description: str = ""
    pattern: ForeignPattern | None = None
    """None: every file whose path fits `path` is reported."""
    path: ForeignPattern | None = None
    secret_group: int = 0
    """0: the first group that took part in the match, else the whole match."""
    entropy: float = 0.0
    """In bits a character; the secret must have more. 0 asks for nothing."""
    keywords: tuple[str, ...] = ()
    """Lower case; one of them must stand in the content, whatever its case."""
    tags: tuple[str, ...] = ()
    required: tuple[RequiredRule, ...] = ()
    allowlists: tuple[ForeignAllowlist, ...] = ()
    reported: bool = True
    """False: only there for other rules to require."""
