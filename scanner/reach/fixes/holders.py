"""What sort of file a secret stands in: may an agent be kept from it without losing its work?"""

from collections.abc import Iterable
from enum import StrEnum

from scanner.model import Tracking
from scanner.reach.matching.gitignore import Pattern, excludes, parse

_EXAMPLES = (
    "*.example",
    "*.example.*",
    "*.sample",
    "*.sample.*",
    "*.template",
    "*.template.*",
    "*.tmpl",
    "*.dist",
    "*.defaults",
    "example.env",
    "sample.env",
)
"""Written to be copied: an agent has to read them, and a secret does not belong there."""

_NAMES = (
    ".env",
    ".env.*",
    "id_rsa",
    "id_dsa",
    "id_ecdsa",
    "id_ed25519",
    ".netrc",
    "_netrc",
    ".pgpass",
    ".git-credentials",
    ".my.cnf",
    ".htpasswd",
)
"""Names that mean the same in every directory."""

_PATHS = (
    "*.env",
    ".envrc",
    ".dev.vars",
    "*.pem",
    "*.key",
    "*.p8",
    "*.p12",
    "*.pfx",
    "*.ppk",
    "*.jks",
    "*.keystore",
    "*.kdbx",
    "*.ovpn",
    "*.tfvars",
    "*.tfvars.json",
    "*.tfstate",
    "*.tfstate.backup",
    ".npmrc",
    ".pypirc",
    ".yarnrc.yml",
    ".dockercfg",
    ".docker/config.json",
    ".aws/credentials",
    ".kube/config",
    "kubeconfig",
    "*.kubeconfig",
    "credentials",
    "credentials.json",
    "credentials.yml",
    "credentials.yaml",
    "credentials.toml",
    "credentials.*.json",
    "client_secret*.json",
    "service-account*.json",
    "service_account*.json",
    "secret.json",
    "secrets.json",
    "secrets.yml",
    "secrets.yaml",
    "secrets.toml",
    "secrets.properties",
    "local.properties",
    "master.key",
    "auth.json",
    "secrets/**",
    ".secrets/**",
    "*.log",
    "*.sql",
    "*.dump",
    "*.sqlite",
    "*.sqlite3",
    "*.db",
    "*.csv",
    "*.tsv",
    "*.xlsx",
    "*.parquet",
    "*.har",
)
"""Values and data: an agent can write code without them."""

_CODE = (
    "*.c",
    "*.cc",
    "*.cpp",
    "*.cs",
    "*.go",
    "*.h",
    "*.java",
    "*.js",
    "*.jsx",
    "*.kt",
    "*.md",
    "*.mjs",
    "*.php",
    "*.pl",
    "*.py",
    "*.rb",
    "*.rs",
    "*.scala",
    "*.sh",
    "*.swift",
    "*.ts",
    "*.tsx",
    "*.vue",
)
"""Code, wherever it lies: a directory called `secrets` may hold a package."""


class Kind(StrEnum):
    """What a file is to an agent."""

    NAMED = "named"  # holds secrets by its name alone
    HOLDER = "holder"  # holds secrets or data
    EXAMPLE = "example"
    AGENT = "agent"  # an agent reads it by itself, whatever rules say
    SOURCE = "source"


def kind_of(path: str, tracking: Tracking, agents_own: Iterable[Pattern]) -> Kind:
    """`agents_own`: patterns of settings, instructions and conversations of agents."""
    if any(excludes(pattern, path) for pattern in agents_own):
        return Kind.AGENT
    if _any(_EXAMPLES, path):
        return Kind.EXAMPLE
    if _any(_NAMES, path):
        return Kind.NAMED
    if _any(_CODE, path):
        return Kind.SOURCE
    if _any(_PATHS, path) or tracking is Tracking.IGNORED:
        return Kind.HOLDER
    return Kind.SOURCE


def _any(texts: Iterable[str], path: str) -> bool:
    return any(
        excludes(pattern, path) for text in texts if (pattern := parse(_in_any_directory(text)))
    )


def _in_any_directory(text: str) -> str:
    return f"**/{text}" if "/" in text else text
