"""What all kinds of controls have in common."""

import posixpath
from abc import ABC, abstractmethod
from collections.abc import Sequence
from enum import IntEnum

import msgspec

from scanner.reach.tree import Tree

_SPECIAL = frozenset("*?[]{}()\\!#$~,;|<>\"'`")
"""Characters that mean something in one of the pattern languages; escapes differ between them."""


class Level(IntEnum):
    """How much of the agent's work a control takes away."""

    PATHS = 0  # the named files, nothing else
    SANDBOX = 1  # commands run inside walls that were not there before
    TOOLS = 2  # a whole tool


class Denial(msgspec.Struct, frozen=True, order=True):
    """Files that an agent is to be kept from: one by its path, or all of one name."""

    path: str
    """From the repository's root."""
    by_name: bool = False
    """Every file of this name, in whatever directory."""

    @property
    def name(self) -> str:
        """The file's name."""
        return posixpath.basename(self.path)

    @property
    def pattern(self) -> str:
        """As a line of an ignore file."""
        return self.name if self.by_name else f"/{self.path}"

    @property
    def writable(self) -> bool:
        """Whether every pattern language takes the name literally."""
        text = self.name if self.by_name else self.path
        plain = text.isprintable() and text == text.strip() and not _SPECIAL.intersection(text)
        return plain and not text.startswith("-")


class Control(ABC):
    """One setting of one agent. Descendants say where it stands and how it is written."""

    level: Level = Level.PATHS
    takes_names: bool = True
    """Whether it can deny a name in any directory."""

    @abstractmethod
    def file(self, tree: Tree) -> str | None:
        """The repository path to write to, there or not; None where the control has no place."""

    @abstractmethod
    def write(self, text: str | None, denials: Sequence[Denial]) -> str:
        """The file's text with the denials in it; `text` None: it is a file of its own.

        Says nothing twice. Raises `EditRefusedError` for a text that cannot take them.
        """

    def entry(self, denial: Denial) -> str:
        """What is written for one denial, for a sentence about it."""
        return denial.pattern
