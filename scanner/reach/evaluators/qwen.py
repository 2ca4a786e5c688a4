"""Qwen Code: ignore files for the file tools, deny rules for whole tools, `.env` into the process.

Read in the source of QwenLM/qwen-code: qwenIgnoreParser.ts, read-file.ts, ripGrep.ts,
permissions/rule-parser.ts, permission-manager.ts, shellAstParser.ts, environment.ts. The rules
look like Claude Code's and are not: `Read(.env)` means the one at the root, and it does not stop a
search over the directory.
"""

from collections.abc import Sequence

import msgspec

from scanner.model import Basis, Channel, Tracking, Verdict
from scanner.reach.evaluator import Answer, Evaluator, git_ignored
from scanner.reach.formats import jsonc
from scanner.reach.matching.gitignore import Hit, decide, excludes, parse
from scanner.reach.settings.claude_rules import Effect, shown_rule
from scanner.reach.settings.json_layers import given_layers, read_layer
from scanner.reach.settings.qwen_settings import QwenRule, note_dangers, rules_of
from scanner.reach.tree import Place
from scanner.rules.context import LoadRule

SETTINGS, IGNORE = ".qwen/settings.json", ".qwenignore"
CUSTOM = (".agentignore", ".aiignore")
ENV_FILES = (".qwen/.env", ".env")
_FILTERING = "context", "fileFiltering"


class AgentEvaluator(Evaluator):
    """A repository's settings count unless folder trust is on, which it is not by default."""

    def read(self) -> None:
        """Settings of the repository and the user, those that were named, and ignore files."""
        found = (
            *given_layers(self, "settings"),
            read_layer(self, SETTINGS, "settings"),
            read_layer(self, SETTINGS, "settings", personal=True),
        )
        self.layers = tuple(layer for layer in found if layer is not None)
        self.broken = next((one.broken_at for one in self.layers if one.root is None), "")
        self.rules = tuple(rule for layer in self.layers for rule in rules_of(self, layer))
        for layer in self.layers:
            note_dangers(self, layer)
        self.ignore = self.ignore_file(IGNORE)
        names, self.custom_source = self._custom()
        files = [self.ignore_file(name) for name in names if self.tree.exists(name)]
        self.custom = tuple(file for file in files if file is not None)
        seen = self.home is not None
        self.unseen = "system settings not read" if seen else "user and system settings not read"

    def _custom(self) -> tuple[Sequence[str], str]:
        """`customIgnoreFiles`, which replaces the default names, and where it stands."""
        for layer in self.layers:
            node = jsonc.get(layer.root, *_FILTERING, "customIgnoreFiles")
            if isinstance(node, jsonc.Array):
                names = [text for text, _ in jsonc.strings(node)]
                inside = [one for one in names if one[:1] != "/" and ".." not in one.split("/")]
                return inside, layer.source(node)
        return CUSTOM, ""

    def loads(self) -> tuple[LoadRule, ...]:
        """`context.fileName` replaces QWEN.md and AGENTS.md, by one name or several."""
        for layer in self.layers:
            texts = jsonc.strings(jsonc.get(layer.root, "context", "fileName"))
            names = [name for name, _ in texts if name and not set(name) & set("*?[\\!#")]
            if names:
                rest = [rule for rule in self.context.loads if rule.path not in _INSTRUCTIONS]
                first = self.context.loads[0]
                named = [msgspec.structs.replace(first, path=f"/{name}") for name in names]
                return (*named, *rest)
        return self.context.loads

    # ------------------------------------------------------------------ file tools

    def file_tools(self, place: Place) -> Answer:
        """`.qwenignore` refuses both to open and to search; a rule with a path does neither."""
        hit = decide((self.ignore,), place.path, fold=True) if self.ignore is not None else None
        off = self._switched_off()
        if hit is not None and not hit.negated and not off:
            if (search := self._other_search()) and place.tracking is not Tracking.IGNORED:
                basis = f"{hit.path} has {hit.text}, which opening respects; with {search} the"
                basis += " search is git's own, which does not"
                return Answer(Verdict.NO_PROMPT, basis, hit.source, Basis.DERIVED)
            basis = f"{hit.path} has {hit.text}, which opening and searching both respect"
            return Answer(Verdict.BLOCKED, basis, hit.source, Basis.CONFIG).noting(self.unseen)
        denied = next((one for one in self.rules if one.denies_tool("read_file")), None)
        if denied is not None:
            return self._by_rule(denied, "the tools that read files")
        if self.broken:
            return self._unknown()
        if (doubtful := self._custom_hit(place.path, hit)) is not None and not off:
            basis = f"{doubtful.path} has {doubtful.text}; older versions read .qwenignore alone"
            return Answer(Verdict.UNKNOWN, basis, doubtful.source, Basis.CONFIG)
        if (asked := self._asked("read_file")) is not None:
            return asked
        remarks = [f"{off} lets searches print what is ignored"] if off else []
        return self.default(Channel.FILE_TOOLS).noting(
            *remarks, *self._remarks(place), *self.dead_controls(place.path), self.unseen
        )

    def _other_search(self) -> str:
        """The setting by which `git grep` searches: it knows git's ignore files only."""
        for layer in self.layers:
            node = jsonc.get(layer.root, "tools", "useRipgrep")
            if node is not None:
                off = jsonc.boolean(node) is False
                return f"useRipgrep false at {layer.source(node)}" if off else ""
        return ""

    def _switched_off(self) -> str:
        for layer in self.layers:
            node = jsonc.get(layer.root, *_FILTERING, "respectQwenIgnore")
            if node is not None and jsonc.boolean(node) is False:
                return f"respectQwenIgnore at {layer.source(node)}"
        return ""

    def _custom_hit(self, path: str, own: Hit | None) -> Hit | None:
        """All files are one list with `.qwenignore` last, so a `!` there takes files back in."""
        hit = decide(self.custom, path, fold=True) if own is None else None
        return hit if hit is not None and not hit.negated else None

    def _remarks(self, place: Place) -> list[str]:
        remarks = []
        for rule in self.rules:
            if rule.effect is not Effect.DENY or rule.tool != "read_file" or rule.specifier is None:
                continue
            pattern = parse(f"/{rule.specifier.removeprefix('./').lstrip('/')}")
            if pattern is not None and excludes(pattern, place.path):
                words = "stops opening it, not a search over its directory"
                remarks.append(f"{shown_rule(rule.text)} at {rule.source} {words}")
            elif "/" not in rule.specifier and place.path.endswith(f"/{rule.specifier}"):
                words = "is anchored at the root and does not reach this copy"
                remarks.append(f"{shown_rule(rule.text)} at {rule.source} {words}")
        hidden = git_ignored(self.tree, place)
        if hidden is not None and not hidden.negated:
            remarks.append(f"{hidden.text} at {hidden.source} hides it from searches only")
        return remarks[:3]

    # ------------------------------------------------------------------ rules and trust

    def _by_rule(self, rule: QwenRule, what: str) -> Answer:
        """A deny of a whole tool: the user's own holds, the repository's where it is trusted."""
        basis = f"{shown_rule(rule.text)} takes away {what}"
        if rule.personal or rule.given or self._trusted():
            return Answer(Verdict.BLOCKED, basis, rule.source, Basis.CONFIG).noting(self.unseen)
        basis += ", unless folder trust is on and this folder is not trusted"
        return Answer(Verdict.UNKNOWN, basis, rule.source, Basis.CONFIG)

    def _trusted(self) -> bool:
        """Folder trust is known to be off, as it is by default: every folder counts as trusted."""
        personal = [layer for layer in self.layers if layer.personal]
        if self.home is None or any(layer.root is None for layer in personal):
            return False
        return not any(
            jsonc.boolean(jsonc.get(layer.root, "security", "folderTrust", "enabled"))
            for layer in personal
        )

    def _asked(self, tool: str) -> Answer | None:
        rule = next((one for one in self.rules if one.asks_tool(tool)), None)
        if rule is None:
            return None
        basis = f"{shown_rule(rule.text)} asks first in some approval modes; in auto mode, where"
        basis += " sessions start"
        return Answer(
            Verdict.UNKNOWN, f"{basis}, a classifier may answer", rule.source, Basis.CONFIG
        )

    def _unknown(self) -> Answer:
        basis = "the settings cannot be read; what they deny or allow is not known"
        return Answer(Verdict.UNKNOWN, basis, self.broken, Basis.UNKNOWN)

    # ------------------------------------------------------------------ shell, environment

    def shell(self, place: Place) -> Answer:
        """Read-only commands run unasked; deny rules with a path hold for recognised ones."""
        return self._shell(Channel.SHELL)

    def git_objects(self, place: Place) -> Answer:
        """Read-only git runs unasked too."""
        return self._shell(Channel.GIT_OBJECTS)

    def _shell(self, channel: Channel) -> Answer:
        denied = next((one for one in self.rules if one.denies_tool("run_shell_command")), None)
        if denied is not None:
            basis = f"{shown_rule(denied.text)} takes the shell away; whether the monitor tool goes"
            basis += " with it depends on the version"
            return Answer(Verdict.UNKNOWN, basis, denied.source, Basis.CONFIG)
        if self.broken:
            return self._unknown()
        return self._asked("run_shell_command") or self.default(channel).noting(self.unseen)

    def environment(self, place: Place) -> Answer | None:
        """The nearest `.env` and the `env` block fill variables that are not set yet."""
        for layer in self.layers:
            node = jsonc.get(layer.root, "env")
            if layer.shown == place.path and isinstance(node, jsonc.Object) and node.members:
                basis = "the values of its env block become variables of every command"
                source = layer.source(node)
                return Answer(Verdict.NO_PROMPT, basis, source, Basis.CONFIG)
        loaded = next((path for path in ENV_FILES if self.tree.exists(path)), None)
        if place.path != loaded:
            return None
        if self.home is not None and not self._trusted():
            basis = "folder trust is on: it is loaded once the folder is trusted"
            return Answer(Verdict.UNKNOWN, basis, self.reference("trust"), Basis.DERIVED)
        return self.default(Channel.ENVIRONMENT)


_INSTRUCTIONS = ("/QWEN.md", "/AGENTS.md")
