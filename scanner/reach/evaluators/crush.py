"""Crush: its file tools open what they are asked for, and its shell has a list of safe beginnings.

Read in the source of charmbracelet/crush: internal/agent/tools/{safe,bash,view,grep}.go,
internal/config/{config,load,resolve}.go, internal/permission/permission.go, main.go. There is no
trust: what a repository configures counts, and lists of all files count together.
"""

import posixpath

import msgspec

from scanner.model import Basis, Channel, ConcernKind, Verdict
from scanner.reach.evaluator import Answer, Evaluator, git_ignores
from scanner.reach.formats import jsonc
from scanner.reach.matching.gitignore import IgnoreFile, decide
from scanner.reach.settings.crush_config import (
    Config,
    own_commands,
    read_config,
    redirected,
    substitutions,
)
from scanner.reach.tree import Place
from scanner.rules.context import LoadRule, LoadWhen

SCRIPTS = (".crushrc", "crushrc")
IGNORE = ".crushignore"
_SECRETS = (".env", "secrets/key", "key.pem", "id_rsa", "credentials.json")
"""Names that nobody would leave out of a listing for their size."""


class AgentEvaluator(Evaluator):
    """Only a tool that is switched off stands in the way; everything else may open more."""

    def read(self) -> None:
        """The configuration of the repository, its state directory and the user."""
        self.configs = read_config(self.tree, self.home, self.given)
        self.unseen = "" if self.home is not None else "user configuration not read"
        self.broken = ""
        for config in self.configs:
            if config.problem is not None:
                self.problems.append(config.problem)
            for complaint in config.complaints:
                self._concern(
                    ConcernKind.REJECTED_SETTINGS,
                    config,
                    complaint.line,
                    complaint.subject,
                    complaint.words,
                    "correct it, and start Crush once to see that it takes the file",
                    "load",
                )
            self.broken = self.broken or config.broken_at
            self._dangers(config)
        for path in SCRIPTS:
            if self.tree.exists(path):
                words = "Crush runs this file as a shell script when it starts here, unasked"
                instead = "keep settings without commands in crush.json, and review changes of both"
                kind = ConcernKind.RUNS_COMMANDS
                self.concern(kind, path, None, path, words, instead, "security")
        self._weak_ignores()

    def _dangers(self, config: Config) -> None:
        for text, line in config.texts("permissions", "allowed_tools"):
            if text in ("bash", "bash:execute"):
                self._concern(
                    ConcernKind.BLANKET_APPROVAL,
                    config,
                    line,
                    "permissions.allowed_tools bash",
                    "every shell command runs without a prompt",
                    "take bash out of the list",
                    "permission",
                )
        if not config.personal:
            self._commands(config)

    def _commands(self, config: Config) -> None:
        for subject, line in substitutions(config):
            self._concern(
                ConcernKind.RUNS_COMMANDS,
                config,
                line,
                subject,
                "the command in this value runs when Crush starts here, unasked",
                "set a variable outside of the repository and name it here",
                "security",
            )
        for subject, line in own_commands(config):
            self._concern(
                ConcernKind.RUNS_COMMANDS,
                config,
                line,
                subject,
                "Crush starts this program of the repository unasked",
                "start it from a place that a pull does not change",
                "security",
            )
        for subject, line, host in redirected(config):
            self._concern(
                ConcernKind.REDIRECTED_ENDPOINT,
                config,
                line,
                subject,
                f"prompts, and the key that the user has for this provider, go to {host}",
                "give your own gateway a provider name of its own, in the user's configuration",
                "load",
            )

    def _concern(
        self,
        kind: ConcernKind,
        config: Config,
        line: int | None,
        subject: str,
        words: str,
        instead: str,
        reference: str,
    ) -> None:
        self.concern(
            kind, config.path, line, subject, words, instead, reference, personal=config.personal
        )

    def _weak_ignores(self) -> None:
        """A `.crushignore` that is to hide secrets hides them from listings only."""
        for path in self.tree.find(IGNORE):
            file = self.tree.patterns(path, posixpath.dirname(path))
            hits = (decide((_at_root(file),), secret) for secret in _SECRETS if file is not None)
            hit = next((hit for hit in hits if hit is not None and not hit.negated), None)
            if hit is not None:
                words = "files named here are left out of ls, glob and grep only; view opens them"
                instead = "keep secrets out of the working directory; Crush has no rule for reading"
                kind = ConcernKind.DEAD_CONTROL
                self.concern(kind, path, hit.line, hit.text, words, instead, "view")

    # ------------------------------------------------------------------ channels

    def file_tools(self, place: Place) -> Answer:
        """Ignore files do not hold for the tool that opens files."""
        if self.broken:
            return self._unknown()
        view, grep = self._disabled("view"), self._disabled("grep")
        answer = self.default(Channel.FILE_TOOLS)
        if view and grep:
            basis = "view and grep are switched off; whether another tool prints it is not known"
            return Answer(Verdict.UNKNOWN, basis, view, Basis.CONFIG)
        if view:
            basis = f"view is switched off at {view}, and grep prints its lines without asking"
            answer = Answer(Verdict.NO_PROMPT, basis, self.reference("grep"), Basis.DERIVED)
        hit = decide(self._ignores(place.path), place.path)
        remark = ""
        if hit is not None and not hit.negated:
            remark = f"{hit.text} at {hit.source} leaves it out of listings only"
        return answer.noting(remark, *self.dead_controls(place.path), self.unseen)

    def _ignores(self, path: str) -> tuple[IgnoreFile, ...]:
        """`.gitignore` and `.crushignore`, from the root down."""
        own = []
        parts = path.split("/")[:-1]
        for depth in range(len(parts) + 1):
            base = "/".join(parts[:depth])
            if (file := self.tree.patterns(posixpath.join(base, IGNORE), base)) is not None:
                own.append(file)
        return (*git_ignores(self.tree, path), *own)

    def shell(self, place: Place) -> Answer:
        """Safe beginnings are enough to print any file without a prompt."""
        return self._shell(Channel.SHELL)

    def git_objects(self, place: Place) -> Answer:
        """`git show`, `git log`, `git diff` are among them."""
        return self._shell(Channel.GIT_OBJECTS)

    def _shell(self, channel: Channel) -> Answer:
        if self.broken:
            return self._unknown()
        if source := self._disabled("bash"):
            return self._without_shell(source)
        for config in self.configs:
            for text, line in config.texts("permissions", "allowed_tools"):
                if text in ("bash", "bash:execute"):
                    basis = f"permissions.allowed_tools has {text}: no command asks"
                    source = f"{config.path}:{line}"
                    return Answer(Verdict.NO_PROMPT, basis, source, Basis.CONFIG)
        return self.default(channel).noting(self.unseen)

    def environment(self, place: Place) -> Answer | None:
        """`.env` of the working directory, and the `env` block of the configuration."""
        if place.path == ".env":
            return self.default(Channel.ENVIRONMENT)
        for config in self.configs:
            node = config.get("env")
            if config.path == place.path and isinstance(node, jsonc.Object) and node.members:
                basis = "the values of its env block are variables of Crush and of every command"
                source = f"{config.path}:{node.line}"
                return Answer(Verdict.NO_PROMPT, basis, source, Basis.CONFIG)
        return None

    def _without_shell(self, source: str) -> Answer:
        """The lists of all configurations are merged; that a higher one never takes anything away
        stands in no document, so where there may be one it is not relied on."""
        path = source.rpartition(":")[0]
        lists = [config for config in self.configs if config.get("options", "disabled_tools")]
        home = self.home is not None and self.home.exists(".config/crush/crushrc")
        if lists[0].path != path or home or any(self.tree.exists(name) for name in SCRIPTS):
            basis = "bash is in options.disabled_tools here, and another configuration outranks it"
            return Answer(Verdict.UNKNOWN, basis, source, Basis.CONFIG)
        basis = "options.disabled_tools takes the bash tool away"
        return Answer(Verdict.BLOCKED, basis, source, Basis.CONFIG).noting(self.unseen)

    def _disabled(self, tool: str) -> str:
        """`file:line` of where a tool is switched off."""
        for config in self.configs:
            for text, line in config.texts("options", "disabled_tools"):
                if text == tool:
                    return f"{config.path}:{line}"
        return ""

    def _unknown(self) -> Answer:
        basis = f"Crush refuses to start with {self.broken}; what it allows once it is correct is"
        return Answer(Verdict.UNKNOWN, f"{basis} not known", self.broken, Basis.UNKNOWN)

    # ------------------------------------------------------------------ prompt

    def loads(self) -> tuple[LoadRule, ...]:
        """`options.context_paths` adds files and directories to the built-in names."""
        rules = list(self.context.loads)
        for config in self.configs:
            for text, line in config.texts("options", "context_paths"):
                path = posixpath.normpath(text)
                if path.startswith(("/", "~", "$", "..")) or set(path) & set("*?[\\!#"):
                    continue
                rule = LoadRule(
                    f"/{path}",
                    LoadWhen.START,
                    f"context_paths at {config.path}:{line} names it, and it is loaded at the start"
                    " of every session",
                    "context",
                )
                rules += [rule, msgspec.structs.replace(rule, path=f"/{path}/**")]
        return tuple(rules)


def _at_root(file: IgnoreFile | None) -> IgnoreFile:
    """The patterns as if they stood at the root: what they are meant for, wherever they are."""
    return IgnoreFile.of(file.path, "", file.patterns) if file else IgnoreFile.of("", "", ())
