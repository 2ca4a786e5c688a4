"""What a report of another tool says, without the secrets."""

import msgspec

from scanner.model import Problem


class ImportedSecret(msgspec.Struct, frozen=True):
    """One secret at one place, as another tool reported it.

    All texts come from the report: hostile, bounded in length, not yet made printable.
    """

    tool: str
    rule: str
    """The tool's own id or name of its rule."""
    path: str
    """As the tool wrote it: often relative to where it ran, sometimes absolute."""
    line: int | None = None
    column: int | None = None
    """In bytes or characters, as the tool counts; good for a hint only."""
    commit: str | None = None
    verified: bool | None = None
    """Whether the provider confirmed it as live. False: the provider refused it. None: not tried,
    or the report does not tell that from being refused."""
    digests: tuple[str, ...] = ()
    """Of the secret; all that our own findings of it could have. Empty where the report holds no
    secret, or a masked one."""
    sha1: str | None = None
    """The handle that detect-secrets has instead of the secret."""
    description: str = ""


class ImportedReport(msgspec.Struct, frozen=True):
    """One report file."""

    source: str
    """The file, as it was named."""
    tool: str
    version: str | None
    secrets: tuple[ImportedSecret, ...]
    """In the order of the report."""
    problems: tuple[Problem, ...] = ()
    """Parts that could not be read."""
    notes: tuple[str, ...] = ()
    """What was left out on purpose, a sentence each."""
