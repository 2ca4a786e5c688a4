"""Roo Code: one ignore file at the root, applied to real paths; everything else is asked about."""

import posixpath
from collections.abc import Iterator, Sequence

import msgspec

from scanner.model import Basis, Channel, ConcernKind, Verdict
from scanner.reach.evaluator import Answer, Evaluator, git_ignored
from scanner.reach.formats import jsonc, yaml_nodes
from scanner.reach.matching.first_word import remark
from scanner.reach.matching.gitignore import Hit, decide
from scanner.reach.matching.literal import literal_pattern
from scanner.reach.settings.given_ignore import ignore_of
from scanner.reach.tree import Place, Unreadable
from scanner.rules.context import LoadRule

IGNORE = ".rooignore"
MCP = ".roo/mcp.json"
MODES = ".roomodes"
WORKSPACE = ".vscode/settings.json"
UNSEEN = "what the user approves automatically is not read"
_NOT_RULES = (
    ".bak",
    ".cache",
    ".db",
    ".dump",
    ".lock",
    ".log",
    ".old",
    ".swp",
    ".tmp",
    ".DS_Store",
)


class AgentEvaluator(Evaluator):
    """The extension for VS Code; its successors read the same files."""

    def read(self) -> None:
        """The ignore file, then settings that approve more than they should."""
        self.ignore = ignore_of(self, IGNORE)
        unreadable = isinstance(self.tree.text(IGNORE), Unreadable)
        self.unreadable = unreadable and self.ignore is None
        for path in self.tree.find(IGNORE):
            if path != IGNORE:
                self.concern(
                    ConcernKind.DEAD_CONTROL,
                    path,
                    None,
                    path,
                    "Roo Code reads the ignore file of the workspace's root only",
                    f"put the patterns, with their directory in front, into {IGNORE} at the root",
                    "ignore",
                )
        self._read_servers()
        self._read_modes()
        self._read_commands()

    # ------------------------------------------------------------------ settings

    def _read_servers(self) -> None:
        document = self._document(MCP)
        if document is None:
            return
        servers = jsonc.get(document, "mcpServers")
        if not isinstance(servers, jsonc.Object):
            self._reject(MCP, 1, "mcpServers is missing or no object")
            return
        for name, server in servers.members.items():
            for tool, line in jsonc.strings(jsonc.get(server, "alwaysAllow")):
                if tool == "*":
                    self.concern(
                        ConcernKind.BLANKET_APPROVAL,
                        MCP,
                        line,
                        f"{name}: alwaysAllow *",
                        f"every tool of the server {name} runs unasked where MCP is auto-approved",
                        "name the tools that may run unasked",
                        "mcp",
                        grade=Basis.CONFIG,
                    )

    def _document(self, path: str) -> jsonc.Node | None:
        """A JSON file that Roo parses strictly; None where there is none or it is no JSON."""
        text = self.tree.text(path)
        if not isinstance(text, str):
            if isinstance(text, Unreadable):
                self.problem(path, text.reason)
            return None
        document = jsonc.parse(text)
        if document.error or not document.strict:
            self._reject(path, document.line, document.error or "it is no plain JSON")
            return None
        return document.root

    def _reject(self, path: str, line: int | None, reason: str) -> None:
        self.concern(
            ConcernKind.REJECTED_SETTINGS,
            path,
            line,
            path,
            f"Roo Code ignores the file: {reason}",
            "repair the file; nothing in it counts until then",
            "mcp" if path == MCP else "modes",
        )

    def _read_modes(self) -> None:
        """Modes are YAML, of which JSON is a part."""
        text = self.tree.text(MODES)
        if not isinstance(text, str):
            return
        document = yaml_nodes.parse(text)
        if document.error:
            self._reject(MODES, document.line, document.error)
        elif jsonc.get(document.root, "customModes") is None:
            self._reject(MODES, 1, "customModes is missing")

    def _read_commands(self) -> None:
        text = self.tree.text(WORKSPACE)
        root = jsonc.parse(text).root if isinstance(text, str) else None
        self.commands: list[tuple[str, int]] = []
        if isinstance(root, jsonc.Object):
            allowed = root.members.get("roo-cline.allowedCommands")
            self.commands = list(jsonc.strings(allowed))
        for command, line in self.commands:
            if command.strip() == "*":
                self.concern(
                    ConcernKind.BLANKET_APPROVAL,
                    WORKSPACE,
                    line,
                    "roo-cline.allowedCommands *",
                    "every command runs unasked for whoever lets Roo Code run commands by itself",
                    "name the commands, by prefix, that may run unasked",
                    "commands",
                    grade=Basis.CONFIG,
                )

    # ------------------------------------------------------------------ channels

    def _hit(self, path: str) -> Hit | None:
        """The line that keeps the real file away; a link's own name does not count."""
        real = self.tree.resolve(path)
        if self.ignore is None or real is None:
            return None
        if real == IGNORE:
            return Hit(IGNORE, 1, IGNORE, False)
        hit = decide((self.ignore,), real, fold=True)
        return hit if hit is not None and not hit.negated else None

    def file_tools(self, place: Place) -> Answer:
        """Refused by the ignore file, otherwise asked about."""
        if self.unreadable:
            basis = f"{IGNORE} cannot be read; what it keeps away is not known"
            return Answer(Verdict.UNKNOWN, basis, IGNORE, Basis.UNKNOWN)
        hit = self._hit(place.path)
        if hit is not None:
            basis = f"{hit.text} keeps it from reading, listing, searching and mentions"
            return Answer(Verdict.BLOCKED, basis, hit.source, Basis.CONFIG)
        answer = self.default(Channel.FILE_TOOLS)
        notes = self._notes(place.path)
        if notes:
            return answer.noting(*notes, UNSEEN)
        return answer.noting(*self.dead_controls(place.path), UNSEEN)

    def _notes(self, path: str) -> list[str]:
        """Why a pattern that seems to cover the path does not."""
        if self.ignore is None:
            return []
        named = decide((self.ignore,), path, fold=True)
        if named is not None and not named.negated:
            words = "it is a link, and the file that it leads to is not covered"
            return [f"{named.source} has this name, but {words}"]
        notes = []
        for other in self.tree.find(IGNORE):
            base = posixpath.dirname(other)
            file = self.tree.patterns(other, base) if base else None
            hit = decide((file,), path, fold=True) if file else None
            if hit is not None and not hit.negated:
                notes.append(f"{hit.source} is in a sub-folder and not read")
        return notes

    def shell(self, place: Place) -> Answer:
        """Asked about; the ignore file looks at the first word of a command only."""
        hit = self._hit(place.path)
        return self.default(Channel.SHELL).noting(
            remark(hit, place.path) if hit else "", *self._allowed("cat", "grep", "*"), UNSEEN
        )

    def git_objects(self, place: Place) -> Answer:
        """git is a command; its reading forms are on the default list of what may run unasked."""
        return self.default(Channel.GIT_OBJECTS).noting(*self._allowed("git", "*"), UNSEEN)

    def _allowed(self, *prefixes: str) -> Iterator[str]:
        for command, line in self.commands:
            first = command.strip().split(" ")[0]
            if first in prefixes:
                words = "runs unasked where the user lets commands run by themselves"
                yield f"{first} at {WORKSPACE}:{line} {words}"
                return

    def index(self, place: Place) -> Answer | None:
        """Neither what git ignores nor what the ignore file names is indexed."""
        hit = git_ignored(self.tree, place, fold=True)
        if self._hit(place.path) or (hit is not None and not hit.negated):
            return None
        return super().index(place)

    def loads(self) -> Sequence[LoadRule]:
        """The older single files count only where the directory of rules is empty."""
        return tuple(self._load_rules())

    def _load_rules(self) -> Iterator[LoadRule]:
        filled = any(not path.endswith(_NOT_RULES) for path in self.tree.find("/.roo/rules/**"))
        for rule in self.context.loads:
            if not rule.path.endswith("**/*"):
                if rule.slot != "single" or not filled:
                    yield rule
                continue
            for path in self.tree.find(rule.path):
                if not path.endswith(_NOT_RULES):
                    yield msgspec.structs.replace(rule, path=literal_pattern(path))
