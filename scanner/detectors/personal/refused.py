"""Contents that name many people because they were published to name them."""

import re
from typing import Final

from scanner.detectors.personal.headings import words
from scanner.detectors.personal.tables import Table

_PROBED: Final = 64 << 10
_PATCH: Final = re.compile(
    rb"^(?:diff --git |From [0-9a-f]{40} |commit [0-9a-f]{40}|Index: |@@ -\d|"
    rb"(?:Signed-off-by|Co-authored-by|Reviewed-by|Acked-by|Tested-by|Author|Committer): )",
    re.MULTILINE | re.IGNORECASE,
)
_LETTER: Final = re.compile(
    rb"^(?:Message-ID:|Received: from|Return-Path:|From - |From \S{1,80}@\S{1,80} )",
    re.MULTILINE | re.IGNORECASE,
)
_LEAST: Final = 3
_CATALOGUE: Final = re.compile(rb"^msg(?:id|str) \"", re.MULTILINE)
# What the records of packages, releases and projects have beside the names of their authors.
_PUBLISHED_WORDS: Final = [
    "license", "licence", "licenses", "licences", "maintainer", "maintainers", "author", "authors",
    "contributor", "contributors", "committer", "committers", "dependencies", "devdependencies",
    "dev-dependencies", "require", "requires", "requires-dev", "homepage", "repository", "commit",
    "commits", "integrity", "resolved", "changelog", "classifiers", "package", "packages",
    "packager", "uploader", "uploaders", "version", "versions", "swagger", "openapi", "doi",
    "orcid", "affiliation", "affiliations", "citekey", "coauthors", "codeowners", "tarball",
    "_npmuser",
]  # fmt: skip
_PUBLISHED: Final = frozenset(_PUBLISHED_WORDS)
_NAMED: Final = re.compile(
    r"(?:[\"'<]|^[ \t-]{0,40})(?P<name>NAMES)[\"']?(?:[ \t]{0,4}[:>]|[ \t]{0,4}=>)".replace(
        "NAMES", "|".join(_PUBLISHED_WORDS)
    ).encode(),
    re.MULTILINE | re.IGNORECASE,
)
_LEAST_PUBLISHED: Final = 2


def is_correspondence(content: bytes) -> bool:
    """Patches, git logs, mail messages and catalogues of translations: the addresses in them belong
    to the form."""
    head = content[:_PROBED]
    return any(_found(form, head) for form in (_PATCH, _LETTER, _CATALOGUE))


def is_published(content: bytes, table: Table) -> bool:
    """Records of software, publications or changes, which name those who made them."""
    named = {
        "".join(words(column.heading)) for column in table.columns if column.heading is not None
    }
    if table.named_values:
        named |= {name["name"].decode().lower() for name in _NAMED.finditer(content[:_PROBED])}
    return len(named & _PUBLISHED) >= _LEAST_PUBLISHED


def _found(expression: re.Pattern[bytes], head: bytes) -> bool:
    return any(count >= _LEAST for count, _ in enumerate(expression.finditer(head), 1))
