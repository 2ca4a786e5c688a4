"""Claude Code: permission rules for the file tools, the sandbox for the shell."""

import posixpath

from scanner.model import Basis, Channel, Verdict
from scanner.reach.autoload import Loaded
from scanner.reach.evaluator import Answer, Evaluator
from scanner.reach.formats import jsonc
from scanner.reach.matching.glob import parse_segment, segment_matches
from scanner.reach.settings.claude_concerns import dangers
from scanner.reach.settings.claude_dead import dead
from scanner.reach.settings.claude_files import LOCAL
from scanner.reach.settings.claude_rules import (
    DEAD_PATH_TOOLS,
    REPOSITORY,
    SHELL_TOOLS,
    Cover,
    Coverage,
    Effect,
    PermissionRule,
    carved_out,
    covers_path,
    covers_tool,
)
from scanner.reach.settings.claude_sandbox import sandboxed
from scanner.reach.settings.claude_settings import read_settings
from scanner.reach.settings.claude_shell import covers_command
from scanner.reach.settings.claude_worktrees import INCLUDE, copied
from scanner.reach.tree import Place
from scanner.rules.context import LoadWhen

SERVERS = ".mcp.json"
_OBJECTS = ".git/objects"
_WIDE_MODES = {"bypassPermissions": "2.1.257", "auto": "2.1.142"}
"""Modes that a repository could set before the version; now a person has to choose them."""
_GIT = (
    *("git log -p", "git show HEAD:x", "git diff HEAD~1", "git blame x", "git grep x HEAD"),
    *("git cat-file -p x", "git stash show -p"),
)
"""Ways in which git prints what it holds."""


class AgentEvaluator(Evaluator):
    """What settings that are not seen could change is said in the basis."""

    def read(self) -> None:
        """The project's two settings files, the user's, those that were named, and two more."""
        self.settings = read_settings(self.tree, self.home, self.given)
        self.problems += self.settings.problems
        self._by_effect = {
            effect: [rule for rule in self.settings.rules if rule.effect is effect]
            for effect in Effect
        }
        seen = self.home is not None
        self.unseen = "managed settings not read" if seen else "user and managed settings not read"
        self.include = self.ignore_file(INCLUDE)
        for noted in (
            *dangers(self.settings.files, self.settings.rules, self._servers()),
            *dead(self.settings, self._has_directory),
        ):
            self.concern(
                noted.kind,
                noted.path,
                noted.line,
                noted.subject,
                noted.words,
                noted.instead,
                noted.reference,
                personal=noted.personal,
            )

    def _servers(self) -> frozenset[str]:
        """The servers of `.mcp.json` that are started as commands."""
        text = self.tree.text(SERVERS)
        servers = jsonc.get(jsonc.parse(text).root, "mcpServers") if isinstance(text, str) else None
        members = servers.members if isinstance(servers, jsonc.Object) else {}
        return frozenset(name for name, node in members.items() if jsonc.get(node, "command"))

    def _has_directory(self, name: str) -> bool:
        return any(path.startswith(f"{name}/") for path in self.tree.paths)

    # ------------------------------------------------------------------ file tools

    def file_tools(self, place: Place) -> Answer:
        """A deny rule wins over everything, an ask rule over the free reads of the default."""
        denied = self._rule_answer(Effect.DENY, Verdict.BLOCKED, place.path)
        if denied is not None and denied.verdict is Verdict.BLOCKED:
            return denied.noting(self.unseen)
        remarks = self._remarks(place.path)
        if unknown := denied or self._broken():
            return unknown.noting(*remarks)
        asked = self._rule_answer(Effect.ASK, Verdict.PROMPT, place.path)
        if asked is not None:
            return asked.noting(*remarks, self.unseen)
        answer = self.default(Channel.FILE_TOOLS)
        basis = f"no rule covers {place.path}; {answer.basis}"
        return Answer(answer.verdict, basis, answer.source).noting(*remarks, self.unseen)

    def _rule_answer(self, effect: Effect, verdict: Verdict, path: str) -> Answer | None:
        """What the rules of one list say about a path; None when none concerns it."""
        doubtful: Answer | None = None
        rules = self._rules(effect)
        real = self.tree.resolve(path) or path
        for rule in rules:
            coverage = _coverage(rule, path, real)
            bare = covers_tool(rule, "Read")
            if coverage.cover is Cover.NO and not bare:
                continue
            exception = carved_out(rule, rules, path)
            sure = coverage.cover is not Cover.MAYBE and rule.certain and exception is None
            if sure and self._whole(rule, bare):
                verb = "denies" if effect is Effect.DENY else "asks before"
                return Answer(verdict, f"{rule.shown} {verb} reading it", rule.source, Basis.CONFIG)
            note = coverage.note or (
                "Claude Code may not accept the file that it stands in"
                if not rule.certain
                else f"the rule with ! at {exception} may take it out again"
                if exception
                else "the search tools are not denied with it"
            )
            basis = f"{rule.shown} would cover it, but {note}"
            doubtful = doubtful or Answer(Verdict.UNKNOWN, basis, rule.source, Basis.CONFIG)
        return doubtful

    def _whole(self, rule: PermissionRule, bare: bool) -> bool:
        """A bare `Read` takes one tool away; Grep prints contents too and must go with it."""
        if not bare or rule.specifier is not None or covers_tool(rule, "Grep"):
            return True
        others = self._rules(rule.effect)
        return any(covers_tool(other, "Grep") and other.certain for other in others)

    def _rules(self, effect: Effect) -> list[PermissionRule]:
        return self._by_effect[effect]

    def _broken(self) -> Answer | None:
        """Settings that cannot be read could hold anything."""
        if not self.settings.broken:
            return None
        source = self.settings.broken[0]
        basis = "the project's settings cannot be read; if Claude Code cannot either, no rule holds"
        return Answer(Verdict.UNKNOWN, basis, source, Basis.UNKNOWN)

    def _remarks(self, path: str) -> list[str]:
        """What looks like a control of this path and is none, or not here."""
        remarks = self.dead_controls(path)
        for rule in self._rules(Effect.DENY):
            coverage = covers_path(rule, path)
            if coverage.note and coverage.cover is Cover.NO:
                remarks.append(f"{rule.shown} at {rule.source} is there, but {coverage.note}")
            for tool in DEAD_PATH_TOOLS:
                if covers_path(rule, path, tool).cover is Cover.YES:
                    words = "paths count in Read and Edit rules only"
                    remarks.append(f"{rule.shown} at {rule.source} has no effect: {words}")
        return (remarks + list(self.settings.remarks))[:3]

    # ------------------------------------------------------------------ shell

    def shell(self, place: Place) -> Answer:
        """Read-only commands run unasked in every mode; only the sandbox holds all of them."""
        if (tool := self._tool_answer()) is not None:
            return tool
        if self.settings.broken and (broken := self._broken()) is not None:
            return broken
        boxed = self._sandboxed(place.path)
        if boxed is not None and boxed.verdict is not Verdict.NO_PROMPT:
            return boxed
        if (asked := self._asked_for_shell()) is not None:
            return asked
        remarks = [boxed.basis] if boxed is not None else []
        answer = self.default(Channel.SHELL)
        denied = self._rule_answer(Effect.DENY, Verdict.BLOCKED, place.path)
        if denied is not None and denied.verdict is Verdict.BLOCKED:
            words = "stops cat, head, tail and sed, not grep -r or a program that opens the file"
            rule = denied.basis.partition(" denies ")[0]
            basis = f"{rule} at {denied.source} {words}"
            answer = Answer(answer.verdict, basis, self.reference("read-and-edit"), Basis.DERIVED)
        return answer.noting(*remarks, *self._shell_remarks(), self.unseen)

    def _tool_answer(self) -> Answer | None:
        """The shell tools taken away as a whole; a rule for some commands is never enough."""
        rules = [rule for rule in self._rules(Effect.DENY) if rule.certain]
        gone = {
            tool: next((r for r in rules if covers_tool(r, tool)), None) for tool in SHELL_TOOLS
        }
        bash, powershell = gone["Bash"], gone["PowerShell"]
        if bash is None:
            return None
        if powershell is None:
            basis = (
                f"{bash.shown} takes the Bash tool away; the PowerShell tool, where there is one,"
            )
            basis += " is not denied"
            return Answer(Verdict.UNKNOWN, basis, bash.source, Basis.CONFIG).noting(self.unseen)
        basis = f"{bash.shown} and {powershell.shown} take the shell away"
        basis = f"{bash.shown} takes the shell away" if bash is powershell else basis
        return Answer(Verdict.BLOCKED, basis, bash.source, Basis.CONFIG).noting(self.unseen)

    def _asked_for_shell(self) -> Answer | None:
        """An ask rule for the whole tool prompts in every mode, but not for sandboxed commands."""
        if self.settings.sandbox.enabled and self.settings.sandbox.auto_allow:
            return None
        for rule in self._rules(Effect.ASK):
            if rule.certain and covers_tool(rule, "Bash"):
                basis = f"{rule.shown} asks before every command, read-only ones too"
                return Answer(Verdict.PROMPT, basis, rule.source, Basis.CONFIG).noting(self.unseen)
        return None

    def _shell_remarks(self) -> list[str]:
        """What changes less than one may think: a mode, and rules that name single commands."""
        mode = self.settings.mode
        remarks = []
        if mode is not None and mode.name in _WIDE_MODES and mode.scope in REPOSITORY:
            words = f"defaultMode {mode.name} at {mode.source} counts in older versions only"
            remarks = [f"{words} (before {_WIDE_MODES[mode.name]})"]
        partial = [
            rule
            for rule in self._rules(Effect.DENY)
            if rule.tool == "Bash" and not covers_tool(rule, "Bash")
        ]
        if partial:
            first = partial[0]
            remarks.append(f"{first.shown} at {first.source} stops that form of command only")
        return remarks

    def _sandboxed(self, path: str) -> Answer | None:
        boxed = sandboxed(self.settings.sandbox, self._rules(Effect.DENY), path)
        blocked = boxed is not None and boxed.verdict is Verdict.BLOCKED
        return boxed.noting(self.unseen) if boxed is not None and blocked else boxed

    # ------------------------------------------------------------------ git and prompt

    def git_objects(self, place: Place) -> Answer:
        """Read-only git runs unasked in every mode, and path rules do not look into objects."""
        if (tool := self._tool_answer()) is not None:
            return tool
        if (broken := self._broken()) is not None:
            return broken
        boxed = self._sandboxed(_OBJECTS)
        if boxed is not None and boxed.verdict is not Verdict.NO_PROMPT:
            return boxed
        if (asked := self._asked_for_shell()) is not None:
            return asked
        answer = self._git_denied() or self._git_asked()
        return answer or self.default(Channel.GIT_OBJECTS).noting(self.unseen)

    def _git_denied(self) -> Answer | None:
        """`Bash(git ...)` denies: one form of the command, or all of them by that name."""
        rules = self._shell_rules(Effect.DENY, "git")
        if not rules:
            return None
        for rule in rules:
            if rule.certain and all(covers_command(rule.specifier or "", one) for one in _GIT):
                basis = f"{rule.shown} denies the command git by that name; scripts, or git by its"
                basis += " full path, are not matched"
                answer = Answer(Verdict.UNKNOWN, basis, rule.source, Basis.CONFIG)
                return answer.noting(self.unseen)
        words = f"{rules[0].shown} at {rules[0].source} stops that form only"
        return self.default(Channel.GIT_OBJECTS).noting(words, self.unseen)

    def _git_asked(self) -> Answer | None:
        """An ask rule for git prompts in every mode, in the sandbox too; other ways are no reads
        that run unasked."""
        for rule in self._shell_rules(Effect.ASK, "git"):
            if rule.certain and all(covers_command(rule.specifier or "", one) for one in _GIT):
                basis = f"{rule.shown} asks before every git command"
                answer = Answer(Verdict.PROMPT, basis, rule.source, Basis.CONFIG)
                return answer.noting(self.unseen)
        return None

    def _shell_rules(self, effect: Effect, name: str) -> list[PermissionRule]:
        rules = [rule for rule in self._rules(effect) if rule.tool == "Bash" and rule.specifier]
        return [rule for rule in rules if (rule.specifier or "").split(" ")[0].startswith(name)]

    # ------------------------------------------------------------------ other ways

    def environment(self, place: Place) -> Answer | None:
        """The `env` block of a settings file reaches every command that the agent runs."""
        for file in self.settings.files:
            node = file.get("env")
            if file.path != place.path or not isinstance(node, jsonc.Object) or not node.members:
                continue
            basis = "the values of its env block are variables of every command, once the folder is"
            basis += " trusted, and in claude -p at once"
            return Answer(Verdict.NO_PROMPT, basis, file.source(node), Basis.CONFIG)
        return None

    def traces(self, place: Place) -> Answer | None:
        """Conversations are kept in the home; approved commands are in the local settings."""
        if (found := super().traces(place)) is not None or place.path != LOCAL:
            return found
        allowed = next(
            (rule for rule in self._rules(Effect.ALLOW) if rule.file == LOCAL and rule.specifier),
            None,
        )
        if allowed is None:
            return None
        basis = "Claude Code saves approved commands here word for word: what stands in one of them"
        basis += " has been in a conversation"
        return Answer(Verdict.UNKNOWN, basis, allowed.source, Basis.DERIVED)

    def copies(self, place: Place) -> Answer | None:
        """Ignored files that are copied or linked into the worktrees that Claude Code makes."""
        how = copied(self.tree, self.include, self.settings.files, place)
        if how is None:
            return None
        basis = f"{how.words} every worktree that Claude Code makes"
        if how.doubt:
            return Answer(Verdict.UNKNOWN, f"{basis}, but {how.doubt}", how.source, Basis.CONFIG)
        tools, shell = self.file_tools(place), self.shell(place)
        wider = min(tools, shell, key=lambda answer: answer.verdict.rank)
        if wider.verdict is Verdict.BLOCKED:
            return wider.noting(basis)
        return Answer(wider.verdict, f"{basis}, under the same rules", how.source, Basis.CONFIG)

    def prompt(self, loaded: Loaded) -> Answer:
        """Excluded instruction files are unknown: the patterns are for absolute paths."""
        for text, source in self.settings.excludes_instructions:
            last = text.rstrip("/").rpartition("/")[2]
            tokens = parse_segment(last)
            names = {posixpath.basename(loaded.path)}
            if last == "**" or (tokens and any(segment_matches(tokens, name) for name in names)):
                basis = f"claudeMdExcludes has {text}, which may keep it out"
                return Answer(Verdict.UNKNOWN, basis, source, Basis.CONFIG)
        answer = super().prompt(loaded)
        if loaded.when is LoadWhen.START and loaded.grade is Basis.CONFIG:
            return answer.noting("a Read deny rule does not stop an import")
        return answer


def _coverage(rule: PermissionRule, path: str, real: str) -> Coverage:
    """A rule covers a link when it covers the link or the file behind it."""
    coverage = covers_path(rule, path)
    if coverage.cover is Cover.YES or real == path:
        return coverage
    behind = covers_path(rule, real)
    return coverage if behind.cover is Cover.NO else behind
