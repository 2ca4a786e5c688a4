"""A way in: one place of a configuration file that puts a value into an agent's processes."""

from enum import StrEnum

import msgspec

from scanner.model import Problem


class EntryKind(StrEnum):
    """What stands at the place."""

    LITERAL = "literal"  # the value itself
    REFERENCE = "reference"  # a name for a value that is kept elsewhere
    DEFAULT_LITERAL = "default-literal"  # a reference with a literal that counts when it is not set
    PLACEHOLDER = "placeholder"  # a stand-in that a person is to replace
    FORWARDED = "forwarded"  # nothing is written here: the value of the host is passed on


class Carrier(StrEnum):
    """The mechanism that brings the value in."""

    DOTENV = "dotenv"
    ENVRC = "envrc"
    MISE = "mise"
    COMPOSE_ENVIRONMENT = "compose-environment"
    COMPOSE_SECRETS = "compose-secrets"
    CONTAINER_ENV = "devcontainer-container-env"
    REMOTE_ENV = "devcontainer-remote-env"
    CONTAINER_MOUNT = "devcontainer-mount"
    CONTAINER_RUN_ARGUMENTS = "devcontainer-run-arguments"
    CONTAINER_SECRETS = "devcontainer-secrets"
    SETTINGS_ENV = "settings-env"
    TERMINAL_ENV = "terminal-env"
    MCP_ENV = "mcp-env"
    MCP_ARGUMENTS = "mcp-arguments"
    MCP_HEADERS = "mcp-headers"
    MCP_URL = "mcp-url"
    PROVIDER_KEY = "provider-key"
    WORKFLOW_ENV = "workflow-env"
    WORKFLOW_INPUT = "workflow-input"
    WORKFLOW_CHECKOUT = "workflow-checkout"
    SETUP_SCRIPT = "setup-script"
    GIT_CONFIG = "git-config"
    WORKTREE_INCLUDE = "worktreeinclude"
    MANAGER_MANIFEST = "manager-manifest"


class Process(StrEnum):
    """What gets the value."""

    AGENT = "agent"  # the agent's own process
    AGENT_SHELL = "agent-shell"  # the commands that the agent runs
    MCP_SERVER = "mcp-server"
    CONTAINER = "container"
    WORKFLOW_JOB = "workflow-job"
    GIT = "git"
    WORKTREE = "worktree"  # no process: a further copy of the files that agents work in


EVERY_AGENT = ("*",)
"""Concerns whichever agent is started there."""


class Span(msgspec.Struct, frozen=True):
    """Where a value stands. Lines and columns start at 1, columns count characters."""

    line: int
    column: int | None = None
    """Of the value's first character; None where the format does not let us tell."""
    end_line: int | None = None
    """The last line of a value of several; None for one line."""
    end_column: int | None = None
    """Behind the last character, on the last line."""

    def covers(self, line: int, column: int | None = None) -> bool:
        """Whether a place lies inside; a column that is not known on either side does not count."""
        if not self.line <= line <= (self.end_line or self.line):
            return False
        if column is None or self.column is None or self.end_column is None:
            return True
        after_start = line > self.line or column >= self.column
        return after_start and (line < (self.end_line or self.line) or column < self.end_column)


class Entry(msgspec.Struct, frozen=True):
    """One value on its way into a process. It never holds the value, only where it stands."""

    path: str
    line: int
    column: int | None
    name: str
    """The variable, option or header. A text that might itself be a value is not shown."""
    kind: EntryKind
    carrier: Carrier
    processes: tuple[Process, ...]
    """What gets it, in the order of `Process`; empty where nothing known reads the file."""
    agents: tuple[str, ...]
    """Ids of the agents that it concerns, sorted; `("*",)` for whichever is started there."""
    basis: str
    """Who reads it and when, in words without a final stop."""
    reference: str | None = None
    """What a reference names: a variable, `secrets.NAME`, a file, a secrets manager's scheme."""
    end_line: int | None = None
    end_column: int | None = None
    beside_manager: bool = False
    """The same file also takes the same name from a secrets manager."""

    @property
    def span(self) -> Span:
        """Its place as one value."""
        return Span(self.line, self.column, self.end_line, self.end_column)


class Entries(msgspec.Struct, frozen=True):
    """All ways in, by path, line and column, and what could not be read."""

    entries: tuple[Entry, ...] = ()
    problems: tuple[Problem, ...] = ()


_WITH_VALUE = (EntryKind.LITERAL, EntryKind.DEFAULT_LITERAL)

ENV_FILE = "env-file"
HARDCODED = "hardcoded"
ENVIRONMENT = "environment-variable"
MISCONFIGURED = "secrets-manager-misconfiguration"

_ENV_FILES = frozenset({Carrier.DOTENV, Carrier.ENVRC})
_WRITTEN_OUT = frozenset(
    {
        Carrier.MCP_ARGUMENTS,
        Carrier.MCP_HEADERS,
        Carrier.MCP_URL,
        Carrier.PROVIDER_KEY,
        Carrier.WORKFLOW_INPUT,
        Carrier.GIT_CONFIG,
    }
)


def route(entry: Entry) -> str | None:
    """How a secret that was found at this entry's place came in, in the incident record's words.

    None where the place holds no value of its own, so that the entry explains nothing.
    """
    if entry.kind not in _WITH_VALUE:
        return None
    # A workflow's inputs and variables are no secrets: a literal beside them is only a literal.
    plain = (entry.reference or "").startswith(("inputs.", "vars.", "github.", "matrix."))
    if entry.carrier is Carrier.MANAGER_MANIFEST or entry.beside_manager:
        return MISCONFIGURED
    if entry.kind is EntryKind.DEFAULT_LITERAL and not plain:
        return MISCONFIGURED
    if entry.carrier in _ENV_FILES:
        return ENV_FILE
    return HARDCODED if entry.carrier in _WRITTEN_OUT else ENVIRONMENT


def entry_at(entries: Entries, path: str, line: int, column: int | None = None) -> Entry | None:
    """The entry whose value stands there, a literal before a reference; None where there is none.

    `column`: of the secret, counted in characters from 1. It tells values of one line apart, and
    is of use only where the file's line holds no characters outside ASCII before it.
    """
    found = [
        entry for entry in entries.entries if entry.path == path and entry.span.covers(line, column)
    ]
    found.sort(key=lambda entry: (entry.kind not in _WITH_VALUE, entry.line, entry.column or 0))
    return found[0] if found else None
