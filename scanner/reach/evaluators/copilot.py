"""GitHub Copilot: VS Code's agent, the command line and the cloud agent; the widest way counts.

Content exclusion is a setting of the organisation on the server, so it is only ever mentioned.
Workspace settings count as VS Code applies them in a trusted workspace: in an untrusted one it runs
no agent.
"""

import posixpath
from collections.abc import Sequence

import msgspec

from scanner.model import Basis, Channel, Verdict
from scanner.reach.evaluator import Answer, Evaluator, excluded_elsewhere, git_ignored
from scanner.reach.formats import jsonc
from scanner.reach.matching.programs import READERS, RUNNERS
from scanner.reach.settings import vscode_terminal
from scanner.reach.settings.copilot_concerns import (
    EVERYTHING,
    LEVEL,
    LEVELS_WITHOUT_ASKING,
    check_settings,
)
from scanner.reach.settings.json_layers import Layer, reject
from scanner.reach.settings.vscode_settings import Setting, read_vscode
from scanner.reach.settings.vscode_terminal import TerminalRule, rule_of
from scanner.reach.tree import Place
from scanner.rules.context import LoadRule, LoadWhen

RULES = "chat.tools.terminal.autoApprove"
NOTHING = "chat.tools.terminal.enableAutoApprove"
NO_DEFAULTS = "chat.tools.terminal.ignoreDefaultAutoApproveRules"
FLAGS = (*EVERYTHING, NOTHING, NO_DEFAULTS)
SETUP = (
    ".github/workflows/copilot-setup-steps.yml",
    ".github/workflows/copilot-setup-steps.yaml",
)
INSTRUCTIONS = "chat.instructionsFilesLocations"
ENV_FILE = "python.terminal.useEnvFile"
SANDBOX = "chat.agent.sandbox.fileSystem"


class AgentEvaluator(Evaluator):
    """What VS Code's settings widen and narrow, and that the cloud agent knows none of them."""

    def read(self) -> None:
        """The settings of workspace, dev container and, where known, user."""
        self.settings = read_vscode(self, "Code", "settings")
        self.rules = tuple(self._rules())
        for key in FLAGS:
            for setting in self.settings.every(key):
                if jsonc.boolean(setting.node) is None:
                    self._reject(setting, f"{key} is neither true nor false")
        check_settings(self, self.settings, self.rules)
        self.setup = next((path for path in SETUP if self.tree.exists(path)), "")

    def _rules(self) -> list[TerminalRule]:
        found = []
        for setting in self.settings.every(RULES):
            if not isinstance(setting.node, jsonc.Object):
                self._reject(setting, f"{RULES} is no object")
        for entry in self.settings.entries(RULES):
            rule = rule_of(
                entry.key, entry.node, entry.source, entry.shown, personal=entry.personal
            )
            if rule is None:
                self._reject(entry, "the value is none of true, false, null and an object")
            else:
                found.append(rule)
        return found

    def _reject(self, setting: Setting, words: str) -> None:
        layer = Layer(setting.shown, None, setting.personal)
        reject(self, layer, setting.node.line, setting.key, words, "settings")

    def loads(self) -> Sequence[LoadRule]:
        """Folders that the workspace names for instructions count like `.github/instructions`."""
        pattern = "/.github/instructions/**/*.instructions.md"
        model = next((rule for rule in self.context.loads if rule.path == pattern), None)
        named = list[LoadRule]()
        for entry in self.settings.entries(INSTRUCTIONS):
            folder = posixpath.normpath(entry.key.strip("/"))
            inside = not folder.startswith(("..", "~")) and not set(folder) & set("*?[\\!#")
            if model is not None and jsonc.boolean(entry.node) and inside and folder != ".":
                path = f"/{folder}/**/*.instructions.md"
                named.append(msgspec.structs.replace(model, path=path))
        return (*self.context.loads, *named, *self._named_files())

    def _named_files(self) -> list[LoadRule]:
        """`{"file": "..."}` in the older setting for instructions on code generation."""
        setting = self.settings.get("github.copilot.chat.codeGeneration.instructions")
        items = setting.node.items if setting and isinstance(setting.node, jsonc.Array) else ()
        rules = []
        for item in items:
            name = jsonc.string(jsonc.get(item, "file"))
            if name and not set(name) & set("*?[\\!#") and not name.startswith(("/", "~", "..")):
                basis = "the workspace's settings put it into every prompt that generates code"
                path = f"/{posixpath.normpath(name)}"
                rules.append(LoadRule(path, LoadWhen.START, basis, "instructions"))
        return rules

    # ------------------------------------------------------------------ file tools and index

    def file_tools(self, place: Place) -> Answer:
        """No control in the repository narrows reading inside the workspace."""
        answer = self.default(Channel.FILE_TOOLS)
        return answer.noting(*self.dead_controls(place.path), self._completions_only(place.path))

    def _completions_only(self, path: str) -> str:
        """`github.copilot.enable` looks like a control of `.env` files: it is for completions."""
        setting = self.settings.get("github.copilot.enable")
        node = jsonc.get(setting.node, "dotenv") if setting else None
        if setting is None or node is None or jsonc.boolean(node) is not False:
            return ""
        if not posixpath.basename(path).startswith(".env"):
            return ""
        return f"github.copilot.enable at {setting.shown}:{node.line} is for completions only"

    def index(self, place: Place) -> Answer | None:
        """The local index leaves ignored files out; the remote one holds what was pushed."""
        hit = git_ignored(self.tree, place)
        if place.committed:
            return self.default(Channel.INDEX)
        if hit is not None and not hit.negated:
            basis = f"{hit.path} has {hit.text}; the workspace index leaves it out"
            return Answer(Verdict.BLOCKED, basis, hit.source, Basis.CONFIG)
        return None if excluded_elsewhere(place, hit) else self.default(Channel.INDEX)

    # ------------------------------------------------------------------ terminal

    def shell(self, place: Place) -> Answer:
        """VS Code runs cat, grep and the like unasked; the cloud agent runs everything."""
        answer = self._terminal(
            Channel.SHELL,
            vscode_terminal.DEFAULT_READERS,
            place.path,
            READERS | RUNNERS,
        )
        answer = self._sandboxed(answer, place.path)
        if answer.verdict is Verdict.NO_PROMPT or not place.committed:
            return answer
        words = f"{answer.basis} in VS Code; the cloud agent runs commands unasked on the"
        return self.documented(Verdict.NO_PROMPT, f"{words} committed files", "cloud")

    def git_objects(self, place: Place) -> Answer:
        """The same rules; how much history the cloud agent's clone holds is not documented."""
        answer = self._terminal(
            Channel.GIT_OBJECTS,
            vscode_terminal.DEFAULT_GIT,
            f"HEAD:{place.path}",
            frozenset({"git"}) | RUNNERS,
        )
        if answer.verdict is Verdict.NO_PROMPT:
            return answer
        words = f"{answer.basis} in VS Code; how much history the cloud agent's clone holds is not"
        return Answer(Verdict.UNKNOWN, f"{words} documented", answer.source, answer.grade)

    def _terminal(
        self, channel: Channel, beginnings: tuple[str, ...], rest: str, capable: frozenset[str]
    ) -> Answer:
        """What VS Code's settings make of a command line."""
        if (wide := self._everything()) is not None:
            return wide
        if self.settings.broken:
            return self.default(channel)
        on, setting = self.settings.flag(NOTHING)
        if on is False and setting is not None:
            basis = f"{NOTHING} is false, so every command asks"
            return Answer(Verdict.PROMPT, basis, setting.source, Basis.CONFIG)
        ignored, setting = self.settings.flag(NO_DEFAULTS)
        found = vscode_terminal.decide(
            self.rules, beginnings, rest, capable=capable, defaults=ignored is not True
        )
        if found.verdict is Verdict.NO_PROMPT and not found.source:
            return self.default(channel)
        basis = found.words
        if found.verdict is Verdict.PROMPT and ignored and setting is not None:
            basis = f"{NO_DEFAULTS} is true, and {basis}"
        source = found.source or (setting.source if setting else self.reference("tools"))
        return Answer(found.verdict, f"{basis} (terminal rules)", source, Basis.CONFIG)

    def _everything(self) -> Answer | None:
        """A switch that approves every tool. A workspace cannot set the global one any more."""
        for key in EVERYTHING:
            on, setting = self.settings.flag(key, application=True)
            if on and setting is not None:
                basis = f"{key} approves every tool"
                return Answer(Verdict.NO_PROMPT, basis, setting.source, Basis.CONFIG)
        setting = self.settings.get(LEVEL)
        if setting is not None and jsonc.string(setting.node) in LEVELS_WITHOUT_ASKING:
            basis = f"{LEVEL} starts sessions in a mode that approves every tool"
            return Answer(Verdict.NO_PROMPT, basis, setting.source, Basis.CONFIG)
        return None

    def _sandboxed(self, answer: Answer, path: str) -> Answer:
        """The terminal's sandbox is a preview, per system; its read denials may hold."""
        for system in ("linux", "mac", "windows"):
            setting = self.settings.get(f"{SANDBOX}.{system}")
            denied = jsonc.get(setting.node, "denyRead") if setting else None
            for text, line in jsonc.strings(denied):
                name = posixpath.normpath(text.removeprefix("./"))
                if setting is not None and (path == name or path.startswith(f"{name}/")):
                    basis = (
                        f"denyRead names it; whether the sandbox for {system} is on is not known"
                    )
                    source = f"{setting.shown}:{line}"
                    return Answer(Verdict.UNKNOWN, basis, source, Basis.CONFIG)
        return answer

    # ------------------------------------------------------------------ environment, copies

    def environment(self, place: Place) -> Answer | None:
        """The Python extension puts one `.env` into every terminal, where a setting says so."""
        on, setting = self.settings.flag(ENV_FILE)
        if not on or setting is None:
            return None
        named = self.settings.get("python.envFile")
        name = (jsonc.string(named.node) if named else None) or ".env"
        path = posixpath.normpath(name.removeprefix("${workspaceFolder}/"))
        if place.path != path:
            return None
        basis = f"{ENV_FILE} puts its variables into every terminal, the agent's too"
        versions = "with the Python Environments extension"
        return Answer(Verdict.NO_PROMPT, basis, setting.source, Basis.CONFIG, versions)

    def copies(self, place: Place) -> Answer | None:
        """The cloud agent works on a clone."""
        if place.committed and self.setup:
            basis = (
                f"{self.setup} sets up the cloud agent, which works on a clone of the repository"
            )
            return Answer(Verdict.NO_PROMPT, basis, self.setup, Basis.CONFIG)
        return super().copies(place)
