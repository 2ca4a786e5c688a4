"""Agent files of Amazon Q Developer CLI, which Kiro CLI took over: tools, approvals, paths.

After cli/agent/mod.rs and cli/chat/tools of aws/amazon-q-developer-cli (crates/chat-cli/src). The
files are plain JSON; one that does not fit the format is not loaded.
"""

from enum import StrEnum

import msgspec

from scanner.reach.formats import jsonc
from scanner.reach.matching.glob import parse_segment, segment_matches
from scanner.reach.matching.globset import compile_glob

READ_NAMES = ("fs_read", "read")
SHELL_NAMES = ("execute_bash", "shell", "execute_cmd")
AMAZON_Q_FIELDS = frozenset(
    {"$schema", "name", "description", "prompt", "mcpServers", "tools", "toolAliases"}
    | {"allowedTools", "resources", "hooks", "toolsSettings", "useLegacyMcpJson", "model"}
)
_LISTS = ("tools", "allowedTools", "resources")
_REGEX = frozenset("\\^$.|?*+()[]{}")
_READ_ONLY = frozenset(
    {"ls", "cat", "echo", "pwd", "which", "head", "tail", "find", "grep", "dir", "type"}
)


class Ask(StrEnum):
    """What an agent file makes of one kind of tool call."""

    FREE = "free"
    ASKS = "asks"
    REFUSED = "refused"
    UNSURE = "unsure"


class Ruling(msgspec.Struct, frozen=True):
    """With the line and the words of what decides."""

    ask: Ask
    line: int
    words: str


class CliAgent(msgspec.Struct, frozen=True):
    """One agent file that could be read."""

    path: str
    name: str
    root: jsonc.Object
    error: str = ""
    """Why the program does not load it; "" while it does."""
    error_line: int = 1

    def prompts(self) -> tuple[tuple[str, int], ...]:
        """The files that its `resources` name, as written behind `file://`, with their lines."""
        node = self.root.members.get("resources")
        texts = jsonc.strings(node) if node is not None else ()
        return tuple((text[7:], line) for text, line in texts if text.startswith("file://"))

    def reading(self, path: str) -> Ruling:
        """Opening a file of the workspace. `path`: relative to it, links resolved."""
        settings, line = self._settings(READ_NAMES)
        for pattern, at in _texts(settings, "deniedPaths"):
            covers = denies(pattern, path)
            if covers is None:
                words = f"deniedPaths {pattern} is no path of the workspace, or cannot be evaluated"
                return Ruling(Ask.UNSURE, at, words)
            if covers:
                return Ruling(Ask.REFUSED, at, f"deniedPaths has {pattern}")
        if self._lacks(READ_NAMES):
            line = self._line("tools")
            return Ruling(Ask.REFUSED, line, "its tools have none that reads files")
        return Ruling(Ask.FREE, line, "files of the workspace are read unasked")

    def running(self, command: str) -> Ruling:
        """Running a command line, such as `cat .env` or `git log -p`."""
        settings, line = self._settings(SHELL_NAMES)
        if self._lacks(SHELL_NAMES):
            return Ruling(Ask.REFUSED, self._line("tools"), "its tools have no shell")
        if (approved := self.blanket()) is not None:
            return approved
        for pattern, at in _texts(settings, "allowedCommands"):
            allowed = _command_matches(pattern, command)
            if allowed:
                return Ruling(Ask.FREE, at, f"allowedCommands has {pattern}")
            if allowed is None:
                words = "allowedCommands has an expression that is not evaluated"
                return Ruling(Ask.UNSURE, at, words)
        node = jsonc.get(settings, "autoAllowReadonly")
        if node is not None and jsonc.boolean(node) and command.split(" ", 1)[0] in _READ_ONLY:
            return Ruling(Ask.FREE, node.line, "autoAllowReadonly lets it run unasked")
        node = jsonc.get(settings, "denyByDefault")
        if node is not None and jsonc.boolean(node):
            return Ruling(Ask.REFUSED, node.line, "denyByDefault refuses it")
        return Ruling(Ask.ASKS, line, "shell commands ask")

    def blanket(self) -> Ruling | None:
        """The entry that lets every command run unasked, if there is one."""
        for text, line in _texts(self.root, "allowedTools"):
            if any(_tool_matches(text, name) for name in SHELL_NAMES[:2]):
                return Ruling(Ask.FREE, line, f"allowedTools has {text}")
        settings, _ = self._settings(SHELL_NAMES)
        for text, line in _texts(settings, "allowedCommands"):
            if text in (".*", ".+", "*"):
                return Ruling(Ask.FREE, line, f"allowedCommands has {text}")
        return None

    def _lacks(self, names: tuple[str, ...]) -> bool:
        """`tools` is there and holds none of the names. Without it an agent has no tools at all,
        which nobody writes on purpose, so nothing is concluded from that."""
        texts = [text for text, _ in _texts(self.root, "tools")]
        if not texts:
            return False
        everything = {"*", "@builtin", "@builtin/*", "@builtin/"}
        names = (*names, *(f"@builtin/{name}" for name in names))
        return not any(text in everything or text in names or "*" in text for text in texts)

    def _settings(self, names: tuple[str, ...]) -> tuple[jsonc.Node | None, int]:
        for name in names:
            node = jsonc.get(self.root, "toolsSettings", name)
            if node is not None:
                return node, node.line
        return None, self.root.line

    def _line(self, key: str) -> int:
        node = self.root.members.get(key)
        return node.line if node is not None else self.root.line


def read_agent(path: str, text: str, fields: frozenset[str] | None = None) -> CliAgent:
    """Read one file; what is wrong with it stands in `error`.

    `fields`: all that the format has, where any other makes the program refuse the file.
    """
    stem = path.rpartition("/")[2].removesuffix(".json")
    empty = jsonc.Object(1, {})
    document = jsonc.parse(text)
    if document.root is None:
        return CliAgent(path, stem, empty, f"not valid JSON: {document.error}", document.line)
    if not isinstance(document.root, jsonc.Object):
        return CliAgent(path, stem, empty, "not a JSON object", 1)
    root = document.root
    name = jsonc.string(root.members.get("name")) or stem
    if not document.strict:
        error = "not valid JSON: comments and trailing commas are not allowed"
        return CliAgent(path, name, root, error, document.line)
    for key, node in root.members.items():
        if fields is not None and key not in fields:
            return CliAgent(path, name, root, f"{key} is no field of an agent file", node.line)
        if key in _LISTS and not isinstance(node, jsonc.Array):
            return CliAgent(path, name, root, f"{key} is not a list", node.line)
    return CliAgent(path, name, root)


def denies(pattern: str, path: str) -> bool | None:
    """Whether a path pattern covers a file of the workspace; None where that cannot be known.

    A relative pattern starts at the directory the program was started in: the workspace's root.
    """
    if pattern.startswith("/**"):
        pattern = pattern[1:]
    if pattern.startswith(("/", "~", "$")) or "${" in pattern:
        return None
    parts = [part for part in pattern.split("/") if part != "."]
    if ".." in parts:
        return None
    trimmed = "/".join(parts).rstrip("/")
    if not trimmed:
        return True  # the workspace itself, and with it everything inside
    whole, inside = compile_glob(trimmed), compile_glob(f"{trimmed}/**")
    if whole is None or inside is None:
        return None
    return whole.matches(path) or inside.matches(path)


def _texts(node: jsonc.Node | None, key: str) -> tuple[tuple[str, int], ...]:
    found = jsonc.get(node, key)
    return jsonc.strings(found) if isinstance(found, jsonc.Array) else ()


def _tool_matches(pattern: str, name: str) -> bool:
    """An entry of `allowedTools`: exact, with `*` and `?`, or in the `@builtin` namespace."""
    if pattern in ("@builtin", "@builtin/", "@builtin/*"):
        return True
    pattern = pattern.removeprefix("@builtin/")
    if pattern == name:
        return True
    if pattern.startswith("@") or not set(pattern) & set("*?"):
        return False
    glob = parse_segment(pattern)
    return glob is not None and segment_matches(glob, name)


def _command_matches(pattern: str, command: str) -> bool | None:
    """A regular expression over the whole command. Only `text` and `text.*` are evaluated: the
    expressions come from the scanned repository, and no time limit could be held."""
    prefix = pattern.removesuffix(".*")
    if set(prefix) & _REGEX:
        return None
    return command.startswith(prefix) if prefix != pattern else command == pattern
