"""Gemini CLI: ignore files for the file tools, nothing for the shell, and `.env` into the process.

Read in the source of google-gemini/gemini-cli: gitIgnoreParser.ts, fileDiscoveryService.ts,
settings.ts. Patterns are matched by the npm package `ignore`: upper and lower case are the same.
"""

import posixpath

import msgspec

from scanner.model import Basis, Channel, Tracking, Verdict
from scanner.reach import jsonc
from scanner.reach.evaluator import Answer, Evaluator, excluded_elsewhere, git_ignores
from scanner.reach.gitignore import Hit, IgnoreFile, decide
from scanner.reach.tree import Place, Unreadable
from scanner.rules.context import LoadRule

SETTINGS, IGNORE = ".gemini/settings.json", ".geminiignore"
UNSEEN = "user and system settings not read"


class AgentEvaluator(Evaluator):
    """Workspace settings are taken as in force where they widen, never where they narrow."""

    def read(self) -> None:
        """Settings (comments are accepted by Gemini CLI) and ignore files."""
        self.settings = self._settings()
        self.ignore = self.ignore_file(IGNORE)
        filtering = "context", "fileFiltering"
        custom = jsonc.strings(jsonc.get(self.settings, *filtering, "customIgnoreFilePaths"))
        names = [posixpath.normpath(text) for text, _ in custom]
        files = [self.ignore_file(name) for name in names if not name.startswith(("/", ".."))]
        self.custom: list[IgnoreFile] = [file for file in files if file is not None]
        self.uses_git = self._flag("respectGitIgnore")
        self.uses_own = self._flag("respectGeminiIgnore")
        self.unknown = tuple(problem.where for problem in self.problems)

    def _settings(self) -> jsonc.Node | None:
        text = self.tree.text(SETTINGS)
        if text is None:
            return None
        if isinstance(text, Unreadable):
            self.problem(SETTINGS, text.reason)
            return None
        document = jsonc.parse(text)
        if document.root is None:
            self.problem(f"{SETTINGS}:{document.line}", f"not valid JSON: {document.error}")
        return document.root

    def _flag(self, name: str) -> str:
        """ "" while the switch is on, which is the default, else `file:line` of where it is off."""
        for keys in (("context", "fileFiltering", name), ("fileFiltering", name)):
            node = jsonc.get(self.settings, *keys)
            if node is not None and jsonc.boolean(node) is False:
                return f"{SETTINGS}:{node.line}"
        return ""

    def loads(self) -> tuple[LoadRule, ...]:
        """`context.fileName` renames GEMINI.md, to one name or several."""
        for keys in (("context", "fileName"), ("contextFileName",)):
            names = [text for text, _ in jsonc.strings(jsonc.get(self.settings, *keys))]
            names = [name for name in names if name and not set(name) & set("*?[\\!#")]
            if names:
                return tuple(
                    msgspec.structs.replace(rule, path=rule.path.replace("GEMINI.md", name))
                    for rule in self.context.loads
                    for name in names
                )
        return self.context.loads

    # ------------------------------------------------------------------ file tools

    def file_tools(self, place: Place) -> Answer:
        """Blocked by an ignore file, whether the file is tracked or not."""
        if place.path == ".git" or place.path.startswith(".git/"):
            basis = "the ignore filter always leaves .git out of the file tools"
            return self.documented(Verdict.BLOCKED, basis, "gitignore")
        hit = self._hit(place.path)
        answer = self.default(Channel.FILE_TOOLS)
        if hit is not None and not hit.negated:
            return self._blocked(place, hit)
        if self.unknown:
            basis = f"{self.unknown[0]} cannot be read; what it keeps out is not known"
            return Answer(Verdict.UNKNOWN, basis, self.unknown[0], Basis.UNKNOWN)
        back = hit is not None and posixpath.basename(hit.path) != ".gitignore"
        if not self.uses_git and not back and excluded_elsewhere(place, hit):
            basis = "git ignores it by a list outside the tree; of those Gemini CLI reads"
            return self.documented(Verdict.UNKNOWN, f"{basis} .git/info/exclude only", "gitignore")
        off = self.uses_git or self.uses_own
        basis = f"no pattern in force covers {place.path}; {answer.basis}"
        remark = f"{off} switches an ignore file off" if off else ""
        return Answer(answer.verdict, basis, answer.source, answer.grade).noting(
            remark, *self.dead_controls(place.path), UNSEEN
        )

    def _hit(self, path: str) -> Hit | None:
        """With both kinds on, one list: .gitignore files, .geminiignore, custom files."""
        git = () if self.uses_git else git_ignores(self.tree, path)
        own = (self.ignore,) if self.ignore is not None and not self.uses_own else ()
        if not self.uses_git and not self.uses_own:
            return decide((*git, *own, *self.custom), path, fold=True)
        for files in (tuple(self.custom), git, own):
            hit = decide(files, path, fold=True)
            if hit is not None and not hit.negated:
                return hit
        return None

    def _blocked(self, place: Place, hit: Hit) -> Answer:
        """A `.gitignore` counts only in a git repository."""
        git = posixpath.basename(hit.path) == ".gitignore"
        if git and place.tracking is Tracking.UNKNOWN and not place.committed:
            basis = f"{hit.text} holds if this is a git repository, which is not known here"
            return Answer(Verdict.UNKNOWN, basis, hit.source, Basis.CONFIG)
        basis = f"{hit.path} has {hit.text}, which Gemini CLI's file tools refuse"
        return Answer(Verdict.BLOCKED, basis, hit.source, Basis.CONFIG).noting(UNSEEN)

    # ------------------------------------------------------------------ shell, environment

    def shell(self, place: Place) -> Answer:
        """Ignore files do not hold in the shell; it asks unless the project lets it run."""
        return self._shell(Channel.SHELL)

    def git_objects(self, place: Place) -> Answer:
        """As the shell."""
        return self._shell(Channel.GIT_OBJECTS)

    def _shell(self, channel: Channel) -> Answer:
        answer = self.default(channel)
        for keys in (("tools", "allowed"), ("allowedTools",)):
            for text, line in jsonc.strings(jsonc.get(self.settings, *keys)):
                if text in ("run_shell_command", "ShellTool"):
                    basis = f"{text} is in the list of tools that run unasked"
                    source = f"{SETTINGS}:{line}"
                    return Answer(Verdict.NO_PROMPT, basis, source, Basis.CONFIG)
        for keys in (("tools", "exclude"), ("excludeTools",)):
            for text, line in jsonc.strings(jsonc.get(self.settings, *keys)):
                if text in ("run_shell_command", "ShellTool"):
                    basis = f"{text} is excluded here; whether the folder is trusted is not known"
                    return Answer(Verdict.UNKNOWN, basis, f"{SETTINGS}:{line}", Basis.CONFIG)
        if any(where.startswith(SETTINGS) for where in self.unknown):
            basis = f"{SETTINGS} cannot be read; it may let the shell run unasked"
            return Answer(Verdict.UNKNOWN, basis, SETTINGS, Basis.UNKNOWN)
        return answer.noting(UNSEEN)

    def environment(self, place: Place) -> Answer | None:
        """One `.env` is loaded into the process, and so into every command it runs."""
        if place.path not in (".env", ".gemini/.env"):
            return None
        if place.path == ".env" and self.tree.exists(".gemini/.env"):
            return None
        node = jsonc.get(self.settings, "advanced", "ignoreLocalEnv")
        if node is not None and jsonc.boolean(node):
            basis = "advanced.ignoreLocalEnv is set here; other settings may unset it"
            return Answer(Verdict.UNKNOWN, basis, f"{SETTINGS}:{node.line}", Basis.CONFIG)
        return self.default(Channel.ENVIRONMENT)
