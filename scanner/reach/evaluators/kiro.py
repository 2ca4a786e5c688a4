"""Kiro, the editor and the command line: the user's own permission rules, and ignore files.

A repository brings steering files and servers, never permissions: those stand in the user's home
(`~/.kiro`). An ignore file works in the editor only, and only where a setting lists its name.
"""

import re
from collections.abc import Iterator, Sequence

from scanner.model import Basis, Channel, ConcernKind, Verdict
from scanner.reach.evaluator import Answer, Evaluator
from scanner.reach.formats import jsonc
from scanner.reach.matching.gitignore import Hit, IgnoreFile, decide
from scanner.reach.matching.literal import literal_pattern
from scanner.reach.settings.cli_agents import read_agent
from scanner.reach.settings.inclusion import Inclusion, load_rules
from scanner.reach.settings.kiro_permissions import Cover, Permissions, read_permissions
from scanner.reach.tree import Place, Tree
from scanner.rules.context import LoadRule, LoadWhen

WORKSPACE = ".vscode/settings.json"
_PERMISSIONS, _GLOBAL_IGNORE = ".kiro/settings/permissions.yaml", ".kiro/settings/kiroignore"
_USER_SETTINGS = (
    ".config/Kiro/User/settings.json",
    "Library/Application Support/Kiro/User/settings.json",
    "AppData/Roaming/Kiro/User/settings.json",
)
_IGNORE_KEY, _TRUSTED_KEY = "kiroAgent.agentIgnoreFiles", "kiroAgent.trustedCommands"
_NEW, _OLD = "IDE >= 1.0, CLI >= 3.0", "IDE < 1.0"
_REFERENCE = re.compile(r"#\[\[file:([^\]\r\n]{1,512})\]\]")
_STEERING = Inclusion(
    "inclusion",
    {
        "always": LoadWhen.START,
        "fileMatch": LoadWhen.MATCHING,
        "auto": LoadWhen.DESCRIBED,
        "manual": LoadWhen.MANUAL,
    },
    LoadWhen.START,
)


class AgentEvaluator(Evaluator):
    """Both surfaces read the same files; where they differ the basis says so."""

    def read(self) -> None:
        """The workspace's settings, and the user's where the home directory is known."""
        self.workspace = self._json(self.tree, WORKSPACE)
        self.permissions = self._user_permissions()
        self.listed, self.listed_at = self._ignore_names()
        self.global_ignore: IgnoreFile | None = None
        if self.home is not None:
            self.global_ignore = self.home.patterns(_GLOBAL_IGNORE, "")
        self.unseen = "" if self.home is not None else "user settings not read"
        if self.permissions is not None and self.permissions.error:
            where = f"{self.permissions.path}:{self.permissions.line}"
            self.problem(where, self.permissions.error)
        self._check_commands()
        self._check_servers()
        self._check_agents()
        self._check_ignore()

    def _json(self, tree: Tree, path: str) -> jsonc.Node | None:
        text = tree.plain_text(path)
        return jsonc.parse(text).root if text else None

    def _user_permissions(self) -> Permissions | None:
        for entry in self.given:
            if entry.path.endswith((".yaml", ".yml")):
                return read_permissions(entry.path, entry.text)
        if self.home is None:
            return None
        text = self.home.text(_PERMISSIONS)
        return read_permissions(f"~/{_PERMISSIONS}", text) if isinstance(text, str) else None

    def _ignore_names(self) -> tuple[frozenset[str] | None, str]:
        """The names that the strongest settings file lists, and where; None where none does."""
        found = [(self.workspace, WORKSPACE)]
        if self.home is not None:
            found += [(self._json(self.home, path), f"~/{path}") for path in _USER_SETTINGS]
        for root, path in found:
            node = jsonc.get(root, _IGNORE_KEY)
            if isinstance(node, jsonc.Array):
                names = frozenset(text for text, _ in jsonc.strings(node))
                return names, f"{path}:{node.line}"
        return None, ""

    # ------------------------------------------------------------------ what is loaded

    def loads(self) -> Sequence[LoadRule]:
        """Steering by the word in its head, and the files that steering refers to."""
        rules = list(self.context.loads)
        for rule in load_rules(self.tree, "/.kiro/steering/*.md", _STEERING, "steering"):
            rules.append(rule)
            if rule.when is not LoadWhen.MANUAL:
                rules += self._referred(rule)
        return rules

    def _referred(self, rule: LoadRule) -> Iterator[LoadRule]:
        for path in self.tree.find(rule.path):
            for match in _REFERENCE.finditer(self.tree.plain_text(path)):
                target = match.group(1).strip().removeprefix("./")
                if target and not target.startswith(("/", "~", "..")):
                    basis = f"{path} refers to it, and of that file: {rule.basis}"
                    yield LoadRule(literal_pattern(target), rule.when, basis, "steering")

    # ------------------------------------------------------------------ file tools

    def file_tools(self, place: Place) -> Answer:
        """The user's rules first; then what ignore files may do in the editor."""
        if (broken := self._broken()) is not None:
            return broken
        path = self.tree.resolve(place.path) or place.path
        ruled = self.permissions.reading(path) if self.permissions is not None else None
        if ruled is not None and self.permissions is not None:
            rule, cover = ruled
            source = f"{self.permissions.path}:{rule.line}"
            if cover is Cover.MAYBE:
                basis = f"the rule {rule.words()} may cover it; how far the pattern reaches is not"
                basis += " documented"
                return Answer(Verdict.UNKNOWN, basis, source, Basis.CONFIG)
            verdict = Verdict.BLOCKED if rule.effect == "deny" else Verdict.PROMPT
            basis = f"the rule {rule.words()} covers it"
            return Answer(verdict, basis, source, Basis.CONFIG, _NEW)
        ignored, remark = self._ignored(path)
        if ignored is not None:
            return ignored
        answer = self.default(Channel.FILE_TOOLS)
        return answer.noting(remark, *self.dead_controls(place.path), self.unseen)

    def _ignored(self, path: str) -> tuple[Answer | None, str]:
        """An answer where an ignore file may hold, else a remark on one that does not."""
        for name in sorted({".kiroignore", *(self.listed or ())}):
            hit = decide(self._ignore_files(name, path), path)
            if hit is None or hit.negated:
                continue
            if self.listed is not None and name not in self.listed:
                words = (
                    f"{hit.source} has no effect: {_IGNORE_KEY} at {self.listed_at} leaves {name}"
                )
                return None, f"{words} out"
            if self.listed is None and self.home is not None:
                return None, f"{hit.source} has no effect: no {_IGNORE_KEY} lists {name}"
            return self._maybe(hit, name), ""
        if self.global_ignore is not None:
            hit = decide((self.global_ignore,), path)
            if hit is not None and not hit.negated:
                basis = f"the user's kiroignore has {hit.text}; the editor leaves the file out,"
                basis += " whether the command line does is not documented"
                return Answer(Verdict.UNKNOWN, basis, f"~/{hit.source}", Basis.CONFIG), ""
        return None, ""

    def _maybe(self, hit: Hit, name: str) -> Answer:
        if self.listed is None:
            basis = f"{hit.path} has {hit.text}; it holds in the editor only where the user's"
            basis += f" {_IGNORE_KEY} lists {name}"
        else:
            basis = f"{hit.path} has {hit.text}, which the editor leaves out; whether the command"
            basis += " line does is not documented"
        return Answer(Verdict.UNKNOWN, basis, hit.source, Basis.CONFIG)

    def _ignore_files(self, name: str, path: str) -> tuple[IgnoreFile, ...]:
        """From the root down to the path's directory."""
        parts = path.split("/")[:-1]
        bases = ["/".join(parts[:depth]) for depth in range(len(parts) + 1)]
        found = [self.tree.patterns(f"{base}/{name}" if base else name, base) for base in bases]
        return tuple(file for file in found if file is not None)

    def _broken(self) -> Answer | None:
        if self.permissions is None or not self.permissions.error:
            return None
        basis = f"{self.permissions.path} cannot be read; what Kiro makes of it is not documented"
        return Answer(Verdict.UNKNOWN, basis, self.permissions.path, Basis.UNKNOWN)

    # ------------------------------------------------------------------ shell

    def shell(self, place: Place) -> Answer:
        """Ignore files do not hold in the shell; the user's rules do."""
        return self._shell(Channel.SHELL, f"cat {place.path}")

    def git_objects(self, place: Place) -> Answer:
        """`git log` is among the commands that run unasked."""
        return self._shell(Channel.GIT_OBJECTS, "git log -p")

    def _shell(self, channel: Channel, command: str) -> Answer:
        if (broken := self._broken()) is not None:
            return broken
        usual = self.default(channel)
        rule = self.permissions.running(command) if self.permissions is not None else None
        if rule is not None and self.permissions is not None:
            source = f"{self.permissions.path}:{rule.line}"
            verdict = {"deny": Verdict.BLOCKED, "ask": Verdict.PROMPT}.get(rule.effect)
            basis = f"the rule {rule.words()} decides"
            return Answer(verdict or Verdict.NO_PROMPT, basis, source, Basis.CONFIG, _NEW)
        for text, line in self._trusted():
            prefix = text.removesuffix("*").rstrip()
            if text == "*" or command == text or (text != prefix and command.startswith(prefix)):
                basis = f"{_TRUSTED_KEY} has {text}; newer versions do not read it"
                source = f"{WORKSPACE}:{line}"
                if usual.verdict is not Verdict.NO_PROMPT:
                    return Answer(Verdict.NO_PROMPT, basis, source, Basis.CONFIG, _OLD)
        return usual.noting(self.unseen)

    def _trusted(self) -> tuple[tuple[str, int], ...]:
        node = jsonc.get(self.workspace, _TRUSTED_KEY)
        return jsonc.strings(node) if isinstance(node, jsonc.Array) else ()

    # ------------------------------------------------------------------ what to look at

    def _check_commands(self) -> None:
        for text, line in self._trusted():
            if text == "*":
                words = "every command runs unasked in the editor before 1.0; newer ones take the"
                words += " user's rules instead"
                instead = "list single commands, or leave the rules to each person"
                kind = ConcernKind.BLANKET_APPROVAL
                self.concern(kind, WORKSPACE, line, f"{_TRUSTED_KEY} *", words, instead, "terminal")
        blanket = self.permissions.blanket() if self.permissions is not None else None
        if blanket is not None and self.permissions is not None:
            words = f"the rule {blanket.words()} lets every command run unasked"
            kind = ConcernKind.BLANKET_APPROVAL
            subject = f"{blanket.effect} {blanket.capability}"
            instead = "allow the commands that are needed, each by its pattern"
            self.concern(
                kind, self.permissions.path, blanket.line, subject, words, instead, "permissions",
                personal=True,
            )  # fmt: skip

    def _check_servers(self) -> None:
        path = ".kiro/settings/mcp.json"
        servers = jsonc.get(self._json(self.tree, path), "mcpServers")
        for name, server in servers.members.items() if isinstance(servers, jsonc.Object) else ():
            node = jsonc.get(server, "autoApprove")
            for text, line in jsonc.strings(node) if node is not None else ():
                if text == "*":
                    words = "every tool of this MCP server runs unasked"
                    subject = f"mcpServers.{name}.autoApprove"
                    kind = ConcernKind.BLANKET_APPROVAL
                    self.concern(kind, path, line, subject, words, "list single tools", "mcp")

    def _check_agents(self) -> None:
        for path in self.tree.find("/.kiro/agents/*.json"):
            agent = read_agent(path, self.tree.plain_text(path))
            blanket = agent.blanket() if not agent.error else None
            if blanket is not None:
                words = f"every command runs unasked in a session with agent {agent.name}"
                words += " of the command line before 3.0"
                instead = "list the commands under toolsSettings.shell.allowedCommands"
                kind = ConcernKind.BLANKET_APPROVAL
                self.concern(kind, path, blanket.line, blanket.words, words, instead, "agents")

    def _check_ignore(self) -> None:
        """An ignore file that no setting in sight turns on."""
        if self.home is None and self.listed is None:
            return
        if ".kiroignore" in (self.listed or ()):
            return
        for path in self.tree.find(".kiroignore"):
            words = f"the editor reads it only where {_IGNORE_KEY} lists .kiroignore, which no"
            words += " settings here do"
            instead = f"add .kiroignore to {_IGNORE_KEY}, and deny the paths in permissions.yaml"
            self.concern(ConcernKind.DEAD_CONTROL, path, None, path, words, instead, "kiroignore")
