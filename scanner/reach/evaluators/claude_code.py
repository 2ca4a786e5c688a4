"""Claude Code: permission rules for the file tools, the sandbox for the shell."""

import posixpath

from scanner.model import Basis, Channel, Verdict
from scanner.reach.autoload import Loaded
from scanner.reach.claude_rules import (
    DEAD_PATH_TOOLS,
    SHELL_TOOLS,
    Cover,
    Effect,
    PermissionRule,
    covers_path,
    covers_tool,
    literal_path,
    may_reach,
)
from scanner.reach.claude_settings import read_settings
from scanner.reach.evaluator import Answer, Evaluator
from scanner.reach.glob import parse_segment, segment_matches
from scanner.reach.tree import Place
from scanner.rules.context import LoadWhen

UNSEEN = "user and managed settings not read"
_OBJECTS = ".git/objects"
_WIDE_MODES = ("bypassPermissions", "auto")
"""Current versions take neither from a project's settings; a person has to choose them."""


class AgentEvaluator(Evaluator):
    """Project settings only; what other settings could change is said in the basis."""

    def read(self) -> None:
        """The two settings files of the project."""
        self.settings = read_settings(self.tree)
        self.problems += self.settings.problems

    # ------------------------------------------------------------------ file tools

    def file_tools(self, place: Place) -> Answer:
        """A deny rule wins over everything, an ask rule over the free reads of the default."""
        remarks = self._remarks(place.path)
        denied = self._rule_answer(Effect.DENY, Verdict.BLOCKED, place.path)
        if denied is not None and denied.verdict is Verdict.BLOCKED:
            return denied.noting(UNSEEN)
        if unknown := denied or self._broken():
            return unknown.noting(*remarks)
        asked = self._rule_answer(Effect.ASK, Verdict.PROMPT, place.path)
        if asked is not None:
            return asked.noting(*remarks, UNSEEN)
        answer = self.default(Channel.FILE_TOOLS)
        basis = f"no rule covers {place.path}; {answer.basis}"
        return Answer(answer.verdict, basis, answer.source).noting(*remarks, UNSEEN)

    def _rule_answer(self, effect: Effect, verdict: Verdict, path: str) -> Answer | None:
        """What the rules of one list say about a path; None when none concerns it."""
        doubtful: Answer | None = None
        for rule in self._rules(effect):
            coverage = covers_path(rule, path)
            bare = covers_tool(rule, "Read")
            if coverage.cover is Cover.NO and not bare:
                continue
            if coverage.cover is not Cover.MAYBE and rule.certain and self._whole(rule, bare):
                verb = "denies" if effect is Effect.DENY else "asks before"
                return Answer(verdict, f"{rule.text} {verb} reading it", rule.source, Basis.CONFIG)
            note = coverage.note or (
                "the search tools are not denied with it"
                if rule.certain
                else "Claude Code may not accept the file that it stands in"
            )
            basis = f"{rule.text} would cover it, but {note}"
            doubtful = doubtful or Answer(Verdict.UNKNOWN, basis, rule.source, Basis.CONFIG)
        return doubtful

    def _whole(self, rule: PermissionRule, bare: bool) -> bool:
        """A bare `Read` takes one tool away; Grep prints contents too and must go with it."""
        if not bare or rule.specifier is not None or covers_tool(rule, "Grep"):
            return True
        others = self._rules(rule.effect)
        return any(covers_tool(other, "Grep") and other.certain for other in others)

    def _rules(self, effect: Effect) -> list[PermissionRule]:
        return [rule for rule in self.settings.rules if rule.effect is effect]

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
            note = covers_path(rule, path).note
            if note and covers_path(rule, path).cover is Cover.NO:
                remarks.append(f"{rule.text} at {rule.source} is there, but {note}")
            for tool in DEAD_PATH_TOOLS:
                if covers_path(rule, path, tool).cover is Cover.YES:
                    words = "paths count in Read and Edit rules only"
                    remarks.append(f"{rule.text} at {rule.source} has no effect: {words}")
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
        return answer.noting(*remarks, *self._shell_remarks(), UNSEEN)

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
                f"{bash.text} takes the Bash tool away; the PowerShell tool, where there is one,"
            )
            basis += " is not denied"
            return Answer(Verdict.UNKNOWN, basis, bash.source, Basis.CONFIG).noting(UNSEEN)
        basis = f"{bash.text} and {powershell.text} take the shell away"
        basis = f"{bash.text} takes the shell away" if bash is powershell else basis
        return Answer(Verdict.BLOCKED, basis, bash.source, Basis.CONFIG).noting(UNSEEN)

    def _asked_for_shell(self) -> Answer | None:
        """An ask rule for the whole tool prompts in every mode, but not for sandboxed commands."""
        if self.settings.sandbox.enabled:
            return None
        for rule in self._rules(Effect.ASK):
            if rule.certain and covers_tool(rule, "Bash"):
                basis = f"{rule.text} asks before every command, read-only ones too"
                return Answer(Verdict.PROMPT, basis, rule.source, Basis.CONFIG).noting(UNSEEN)
        return None

    def _shell_remarks(self) -> list[str]:
        """What changes less than one may think: a mode, and rules that name single commands."""
        mode, source = self.settings.mode or ("", "")
        remarks = []
        if mode in _WIDE_MODES:
            remarks = [f"defaultMode {mode} at {source} counts in older versions only"]
        partial = [
            rule
            for rule in self._rules(Effect.DENY)
            if rule.tool == "Bash" and not covers_tool(rule, "Bash")
        ]
        if partial:
            first = partial[0]
            remarks.append(f"{first.text} at {first.source} stops that form of command only")
        return remarks

    def _sandboxed(self, path: str) -> Answer | None:
        """The sandbox's answer: blocked if it holds for every command, else why it does not."""
        sandbox = self.settings.sandbox
        if not sandbox.enabled:
            return None
        hole = ""
        if sandbox.excluded:
            hole = f"excludedCommands at {sandbox.excluded[0][1]} run outside it"
        if sandbox.allow_unsandboxed:
            hole = "the model may retry outside it (allowUnsandboxedCommands is not false)"
        if not sandbox.fail_if_unavailable:
            hole = "where it is unavailable commands run without it (failIfUnavailable is not true)"
        control = self._denied_in_sandbox(path)
        if control is None:
            words = f"the sandbox at {sandbox.source} may read it"
            return Answer(Verdict.NO_PROMPT, words, sandbox.source, Basis.CONFIG)
        if hole:
            words = f"the sandbox at {sandbox.source} does not hold: {hole}"
            return Answer(Verdict.NO_PROMPT, words, sandbox.source, Basis.CONFIG)
        return control

    def _denied_in_sandbox(self, path: str) -> Answer | None:
        """Blocked by a deny that names the path literally, unknown by one that needs expanding."""
        sandbox = self.settings.sandbox
        verdicts = [
            (literal_path(rule, path), rule.text, rule.source)
            for rule in self._rules(Effect.DENY)
            if rule.certain and covers_path(rule, path).cover is not Cover.NO
        ]
        # A wide deny such as ~/ is lifted again for the project by allowRead ".".
        lifted = any(posixpath.normpath(text) == "." for text, _ in sandbox.allow_read)
        verdicts += [
            (_below(path, text), f"denyRead {text}", source)
            for text, source in sandbox.deny_read
            if _below(path, text) or (_may_cover(path, text) and not (lifted and _wide(text)))
        ]
        if not verdicts:
            return None
        sure = [(text, source) for literal, text, source in verdicts if literal]
        reopened = [source for text, source in sandbox.allow_read if _narrow(path, text)]
        if sandbox.filesystem_disabled or reopened or not sure:
            why = "a wildcard is not expanded by every version of the sandbox"
            why = f"{reopened[0]} lets it be read again" if reopened else why
            why = "filesystem.disabled is set" if sandbox.filesystem_disabled else why
            basis = f"the sandbox may deny it by {verdicts[0][1]}, but {why}"
            return Answer(Verdict.UNKNOWN, basis, verdicts[0][2], Basis.CONFIG)
        basis = f"the sandbox denies reading it to every command, by {sure[0][0]}"
        return Answer(Verdict.BLOCKED, basis, sure[0][1], Basis.CONFIG).noting(UNSEEN)

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
        return self._git_rules() or self.default(Channel.GIT_OBJECTS).noting(UNSEEN)

    def _git_rules(self) -> Answer | None:
        """`Bash(git ...)` denies: one form of the command, or all of them by that name."""
        rules = [
            rule
            for rule in self._rules(Effect.DENY)
            if rule.tool == "Bash" and (rule.specifier or "").split(" ")[0].startswith("git")
        ]
        if not rules:
            return None
        for rule in rules:
            if rule.specifier in ("git *", "git:*", "git*") and rule.certain:
                basis = f"{rule.text} denies the command git by that name; scripts, or git by its"
                basis += " full path, are not matched"
                return Answer(Verdict.UNKNOWN, basis, rule.source, Basis.CONFIG).noting(UNSEEN)
        answer = self.default(Channel.GIT_OBJECTS)
        words = f"{rules[0].text} at {rules[0].source} stops that form only"
        return answer.noting(words, UNSEEN)

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


def _below(path: str, entry: str) -> bool:
    """Whether a sandbox path, relative to the project, names the file or a directory above it."""
    if entry.startswith(("/", "~")) or any(char in entry for char in "*?["):
        return False
    named = posixpath.normpath(entry)
    return named == "." or path == named or path.startswith(f"{named}/")


def _wide(entry: str) -> bool:
    """Whether a sandbox path names a directory outside the project, above it if anything."""
    return entry.startswith(("/", "~")) and not any(char in entry for char in "*?[")


def _may_cover(path: str, entry: str) -> bool:
    """Whether a sandbox path that we cannot place might cover the file."""
    if entry in ("~", "~/", "/", "//"):
        return True
    if not entry.startswith(("/", "~")) and not any(char in entry for char in "*?["):
        return False
    return may_reach(entry.strip("/").removeprefix("~/"), path, absolute=entry.startswith("/"))


def _narrow(path: str, entry: str) -> bool:
    """Whether an `allowRead` path may be as narrow as a deny of the file; wider ones yield."""
    if posixpath.normpath(entry) == ".":
        return False
    return _below(path, entry) or _may_cover(path, entry)
