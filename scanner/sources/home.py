"""A user's home directory, of which only what coding agents read at start is ever opened.

The places are a fixed list: agents' settings, instruction and rule files. Conversations, logins,
caches and everything else in the home are neither listed nor read. Links are followed, since this
is what an agent does and because people keep their settings in a repository of dotfiles.
"""

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from scanner.errors import ConfigError
from scanner.model import Problem, Tracking

LARGEST_FILE = 4 << 20
MOST_FILES = 2_000
"""Files of all places together; a home with more has something else lying there."""


FILES = (
    *(".claude.json", ".env", ".aider.conf.yml", ".aider.model.settings.yml", ".aiderignore"),
    *(".gemini/.env", ".codex/.env", ".qwen/.env", ".aider/.env", ".gooseignore"),
    *(".gitconfig", ".config/git/config", ".config/git/ignore", ".gitignore_global"),
    *(".codeium/.codeiumignore", ".continue/.continueignore", ".kiro/settings/kiroignore"),
    *(".config/AGENTS.md", ".agents/AGENTS.md", ".config/goose/.goosehints"),
    *(".config/goose/.gooseignore", ".local/share/crush/crush.json", ".config/crush/crushrc"),
    *(".cline/data/globalState.json", ".local/share/amazon-q/settings.json"),
    "Library/Application Support/amazon-q/settings.json",
    "AppData/Local/amazon-q/settings.json",
)
"""Single files. `.env` is among them because some agents load it into their environment."""

DIRECTORIES = (
    *(".claude", ".config/claude", ".claude/output-styles", ".codex", ".copilot"),
    *(".gemini", ".gemini/antigravity", ".qwen", ".cursor", ".codeium/windsurf", ".config/devin"),
    *(".codeium/windsurf/memories", ".copilot/agents", ".cline", ".cline/data/settings"),
    *(".roo", ".kilocode", ".config/kilo", ".continue", ".config/opencode", ".config/amp"),
    *(".config/zed", ".config/goose", ".config/goose/permissions", ".config/crush", ".junie"),
    *(".junie/mcp", ".kiro/settings", ".kiro/agents", ".aws/amazonq", ".aws/amazonq/cli-agents"),
    *(".openhands", ".augment", ".factory", ".gemini/antigravity-cli", ".kilo", ".opencode"),
    *(".amp", ".amazonq", ".amazonq/cli-agents", ".config/agents", ".agents"),
)
"""Of each of these directories its own settings and instruction files, by ending."""

TREES = (
    *(".claude/rules", ".claude/agents", ".claude/commands", ".claude/skills", ".codex/rules"),
    *(".codex/skills", ".gemini/policies", ".gemini/commands", ".gemini/extensions"),
    *(".qwen/policies", ".qwen/extensions", ".cursor/rules", ".copilot/instructions"),
    *("Documents/Cline/Rules", ".cline/rules", ".roo/rules", ".kilocode/rules", ".continue/rules"),
    *(
        f"{directory}/{kind}"
        for directory in (".config/opencode", ".opencode", ".config/kilo", ".kilo", ".kilocode")
        for kind in ("agent", "agents", "mode", "modes")
    ),
    *(".junie/rules", ".kiro/steering", ".aws/amazonq/rules"),
    *(".augment/rules", ".factory/droids", ".agents/plugins", ".agents/rules"),
)
"""The same, and of the directories below them."""

_DEPTH = 3
"""Directories below one of `TREES` that are looked into, one inside the other."""

_EDITORS = ("Code", "Code - Insiders", "VSCodium", "Cursor", "Windsurf", "Devin", "Kiro")
_EDITOR_DATA = (".config", "Library/Application Support", "AppData/Roaming")
_EDITOR_FILES = ("settings.json", "mcp.json")

_ENDINGS = (".json", ".jsonc", ".toml", ".yaml", ".yml", ".md", ".mdc", ".rules", ".txt", "rc")
# Logins and records of conversations decide nothing and hold what nobody wants read.
_PRIVATE = re.compile(r"auth|credential|token|secret|oauth|history|session|account|transcript")


def _private(name: str) -> bool:
    return not name.endswith((".md", ".mdc")) and _PRIVATE.search(name) is not None


class HomeFiles:
    """Implements `model.Files` over the agents' own files in a home directory.

    `problems` gains an entry for every file and directory that is there and cannot be read.
    Raises `ConfigError` when `root` is no directory.
    """

    def __init__(self, root: Path) -> None:
        if not root.is_dir():
            raise ConfigError(f"--home: {root} is no directory")
        self.root = root
        self.problems: list[Problem] = []
        self._paths = tuple(sorted(set(self._listed())))
        self._known = frozenset(self._paths)

    def paths(self) -> tuple[str, ...]:
        """The files that agents may read, as far as they are there; relative to the home."""
        return self._paths

    def tracking(self, path: str) -> Tracking:
        """Not known: whether git tracks somebody's home is not asked."""
        return Tracking.UNKNOWN

    def read(self, path: str) -> bytes | None:
        """A listed file's bytes; None for what is not listed, no regular file, or too large."""
        if path not in self._known:
            return None
        try:
            # O_NONBLOCK: a FIFO must not keep us waiting for a writer.
            descriptor = os.open(self.root / path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            with os.fdopen(descriptor, "rb") as file:
                status = os.fstat(file.fileno())
                if not stat.S_ISREG(status.st_mode):
                    return None
                data = file.read(LARGEST_FILE + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            self._problem(path, error)
            return None
        if len(data) > LARGEST_FILE:
            self._note(path, f"it is larger than {LARGEST_FILE >> 20} MiB")
            return None
        return data

    # ------------------------------------------------------------------ listing

    def _listed(self) -> Iterator[str]:
        left = MOST_FILES
        for path in self._candidates():
            if left == 0:
                self._note("", f"there are more than {MOST_FILES} settings files; the rest is left")
                return
            left -= 1
            yield path

    def _candidates(self) -> Iterator[str]:
        editors = (
            f"{data}/{editor}/User/{name}"
            for data in _EDITOR_DATA
            for editor in _EDITORS
            for name in _EDITOR_FILES
        )
        for path in (*FILES, *editors):
            if self._is_file(path):
                yield path
        for directory in DIRECTORIES:
            yield from self._below(directory, 0)
        for directory in TREES:
            yield from self._below(directory, _DEPTH)

    def _below(self, directory: str, depth: int) -> Iterator[str]:
        for name in self._names(directory):
            path = f"{directory}/{name}"
            if name.endswith(_ENDINGS):
                if not _private(name.lower()) and self._is_file(path):
                    yield path
            elif depth and not name.startswith(".") and (self.root / path).is_dir():
                yield from self._below(path, depth - 1)

    def _names(self, directory: str) -> list[str]:
        try:
            with os.scandir(self.root / directory) as listing:
                found = []
                for entry in listing:
                    found.append(entry.name)
                    if len(found) >= MOST_FILES:
                        break
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            self._problem(directory, error)
            return []
        return sorted(found)

    def _is_file(self, path: str) -> bool:
        """Whether there is a file or a link that leads to one; also where it cannot be opened."""
        try:
            return (self.root / path).is_file()
        except OSError:
            return False

    def _problem(self, path: str, error: OSError) -> None:
        self._note(path, f"it cannot be read: {error.strerror}")

    def _note(self, path: str, reason: str) -> None:
        problem = Problem("reach", f"~/{path}".rstrip("/"), reason)
        if problem not in self.problems:
            self.problems.append(problem)
