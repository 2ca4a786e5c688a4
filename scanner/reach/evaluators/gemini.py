"""Gemini CLI: ignore files for the file tools, nothing for the shell, and `.env` into the process.

Read in the source of google-gemini/gemini-cli: gitIgnoreParser.ts, fileDiscoveryService.ts,
settings.ts, policy/config.ts. Patterns are matched by the npm package `ignore`: upper and lower
case are the same. Workspace settings count once the folder is trusted, which a repository does not
show: they are taken as in force where they widen, never where they narrow.
"""

import posixpath

import msgspec

from scanner.model import Basis, Channel, Tracking, Verdict
from scanner.reach.evaluator import Answer, Evaluator, excluded_elsewhere, git_ignores
from scanner.reach.formats import jsonc
from scanner.reach.matching.gitignore import Hit, IgnoreFile, decide
from scanner.reach.settings.gemini_notes import SHELL_NAMES, endpoint_notes, layer_notes
from scanner.reach.settings.gemini_policies import read_policies
from scanner.reach.settings.gemini_settings import WORKSPACE, GeminiSettings, Layer
from scanner.reach.settings.setting_note import report
from scanner.reach.tree import Place
from scanner.rules.context import LoadRule

IGNORE = ".geminiignore"
_SEARCH = frozenset({"grep_search", "search_file_content", "GrepTool"})
_READERS = (
    frozenset({"read_file", "ReadFileTool"}),
    frozenset({"read_many_files", "ReadManyFilesTool"}),
    _SEARCH,
)
"""The tools that print contents, each under all of its names."""
_SINCE = ">= 0.16"
"""The search takes `no_ignore`: google-gemini/gemini-cli pull request 12677."""
_ALLOWED_PRIORITY = 300
"""Of `tools.allowed` among the user's policies."""
_ENVIRONMENT = (".env", ".gemini/.env")


class AgentEvaluator(Evaluator):
    """The command line and the IDE companion, which share settings and tools."""

    def read(self) -> None:
        """Settings of every layer, and ignore files."""
        self.settings = GeminiSettings(self.tree, self.home, self.given)
        for layer in self.settings.layers:
            if layer.error and not isinstance(layer.root, jsonc.Object):
                where = f"{layer.path}:{layer.line}" if "valid" in layer.error else layer.path
                self.problem(where, layer.error)
            report(self, layer_notes(layer))
        for path in _ENVIRONMENT:
            report(self, endpoint_notes(path, self.tree.plain_text(path)))
        self.policies = read_policies(self.home)
        for where, reason in self.policies.broken:
            self.problem(where, reason)
        self.ignore = self.ignore_file(IGNORE)
        self.custom = [
            (layer, file)
            for layer, name, _ in self.settings.entries(
                "context", "fileFiltering", "customIgnoreFilePaths"
            )
            if (file := self._custom(name)) is not None
        ]
        self.uses_git = self.settings.off("context", "fileFiltering", "respectGitIgnore")
        self.uses_own = self.settings.off("context", "fileFiltering", "respectGeminiIgnore")
        self.unknown = tuple(problem.where for problem in self.problems)
        self.unseen = "user and system settings not read"
        if self.settings.seen_user:
            self.unseen = "system settings not read"

    def _custom(self, name: str) -> IgnoreFile | None:
        path = posixpath.normpath(name)
        return None if path.startswith(("/", "..")) else self.ignore_file(path)

    def loads(self) -> tuple[LoadRule, ...]:
        """`context.fileName` renames GEMINI.md, to one name or several."""
        for layer in self.settings.layers:
            names = [text for text, _ in layer.texts("context", "fileName")]
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
        """Refused by an ignore file, tracked or not, but only until the model searches without."""
        if place.path == ".git" or place.path.startswith(".git/"):
            basis = "the ignore filter always leaves .git out of the file tools"
            return self._unless_searched(self.documented(Verdict.BLOCKED, basis, "gitignore"))
        ignored = self._ignored(place)
        if ignored is not None and ignored.verdict is Verdict.BLOCKED:
            return self._unless_searched(ignored)
        taken = [self._ruled(names, "it") or self._taken(names, "it") for names in _READERS]
        if all(taken) and (answer := max(taken, key=_openness)) is not None:
            return answer.noting(self.unseen)
        if ignored is not None:
            return ignored
        answer = self.default(Channel.FILE_TOOLS)
        off = self.uses_git or self.uses_own
        basis = f"no pattern in force covers {place.path}; {answer.basis}"
        remark = f"{off} switches an ignore file off" if off else ""
        return Answer(answer.verdict, basis, answer.source, answer.grade).noting(
            remark, *self.dead_controls(place.path), self.unseen
        )

    def _unless_searched(self, refused: Answer) -> Answer:
        """The filter's answer, where the search that can go without the filter is taken away.

        The model itself gives `grep_search` its `no_ignore`, and a single file as the place.
        """
        search = self._ruled(_SEARCH, "the search") or self._taken(_SEARCH, "the search")
        if search is None or search.verdict is Verdict.NO_PROMPT:
            words = "but grep_search prints its lines where the model sets no_ignore"
            answer = Answer(
                Verdict.NO_PROMPT,
                f"{refused.basis}, {words}",
                refused.source,
                Basis.DERIVED,
                _SINCE,
            )
        else:
            basis = f"{refused.basis}, and {search.basis} ({search.source})"
            answer = Answer(search.verdict, basis, refused.source, Basis.CONFIG)
        return answer.noting(self.unseen)

    def _ignored(self, place: Place) -> Answer | None:
        """What the ignore files say; None where they leave the file open."""
        for path in dict.fromkeys((place.path, self.tree.resolve(place.path) or place.path)):
            hit = self._hit(path, self.custom)
            if hit is not None and not hit.negated:
                sure = [(layer, file) for layer, file in self.custom if layer.sure]
                certain = self._hit(path, sure)
                if certain is not None and not certain.negated:
                    return self._blocked(place, certain)
                basis = f"{hit.path} has {hit.text}; {WORKSPACE} names that file, which counts once"
                basis += " the folder is trusted"
                return Answer(Verdict.UNKNOWN, basis, hit.source, Basis.CONFIG)
        hit = self._hit(place.path, self.custom)
        if self.unknown:
            basis = f"{self.unknown[0]} cannot be read; what it keeps out is not known"
            return Answer(Verdict.UNKNOWN, basis, self.unknown[0], Basis.UNKNOWN)
        back = hit is not None and posixpath.basename(hit.path) != ".gitignore"
        if not self.uses_git and not back and excluded_elsewhere(place, hit):
            basis = "git ignores it by a list outside the tree; of those Gemini CLI reads"
            return self.documented(Verdict.UNKNOWN, f"{basis} .git/info/exclude only", "gitignore")
        return None

    def _hit(self, path: str, custom: list[tuple[Layer, IgnoreFile]]) -> Hit | None:
        """With both kinds on, one list: .gitignore files, .geminiignore, custom files.

        Of the custom files the first that is named has the last word.
        """
        named = tuple(file for _, file in reversed(custom))
        git = () if self.uses_git else git_ignores(self.tree, path)
        own = (self.ignore,) if self.ignore is not None and not self.uses_own else ()
        if not self.uses_git and not self.uses_own:
            return decide((*git, *own, *named), path, fold=True)
        for files in (named, git, own):
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
        basis = f"{hit.path} has {hit.text}, which read_file refuses"
        return Answer(Verdict.BLOCKED, basis, hit.source, Basis.CONFIG)

    # ------------------------------------------------------------------ shell, environment

    def shell(self, place: Place) -> Answer:
        """Ignore files do not hold in the shell, and read-only commands run unasked there."""
        return self._shell(Channel.SHELL)

    def git_objects(self, place: Place) -> Answer:
        """As the shell."""
        return self._shell(Channel.GIT_OBJECTS)

    def _shell(self, channel: Channel) -> Answer:
        taken = self._taken(SHELL_NAMES, "the shell")
        ruled = self._ruled(SHELL_NAMES, "the shell")
        if taken is not None and taken.verdict is Verdict.BLOCKED:
            if ruled is not None and ruled.verdict is Verdict.NO_PROMPT:
                basis = f"{taken.basis} at {taken.source}, but {ruled.basis}"
                return Answer(Verdict.UNKNOWN, basis, ruled.source, Basis.CONFIG)
            return taken.noting(self.unseen)
        if (answer := ruled or taken) is not None:
            return answer.noting(self.unseen)
        for layer, text, line in self.settings.entries("tools", "allowed"):
            if text in SHELL_NAMES:
                basis = f"{text} is in the list of tools that run unasked"
                return Answer(Verdict.NO_PROMPT, basis, layer.source(line), Basis.CONFIG)
        names = "settings.json", ".gemini/policies/"
        broken = next((where for where in self.unknown if any(n in where for n in names)), "")
        if broken:
            basis = f"{broken} cannot be read; it may take the shell away"
            return Answer(Verdict.UNKNOWN, basis, broken, Basis.UNKNOWN)
        return self.default(channel).noting(self.unseen)

    def _ruled(self, names: frozenset[str], what: str) -> Answer | None:
        """The answer of the user's policies; asking is no wall, for safe commands it is skipped."""
        rule = self.policies.decides(names)
        touched = rule or self.policies.touches(names)
        if touched is None:
            return None
        if rule is None:
            basis = f"a policy of the user speaks of some calls of {what}"
            return Answer(Verdict.UNKNOWN, basis, touched.source, Basis.CONFIG)
        if rule.decision == "allow":
            basis = f"a policy of the user lets every call of {what} run unasked"
            return Answer(Verdict.NO_PROMPT, basis, rule.source, Basis.CONFIG)
        if rule.decision == "ask_user":
            return None
        allowed = [
            line for _, text, line in self.settings.entries("tools", "allowed") if text in names
        ]
        if allowed and rule.priority <= _ALLOWED_PRIORITY:
            return None
        basis = f"a policy of the user denies {what}"
        return Answer(Verdict.BLOCKED, basis, rule.source, Basis.CONFIG)

    def _taken(self, names: frozenset[str], what: str) -> Answer | None:
        """The answer where `tools.exclude` or `tools.core` takes a tool away; None where not."""
        doubtful: Answer | None = None
        for layer, text, line in self.settings.entries("tools", "exclude"):
            if text in names:
                basis = f"tools.exclude takes {what} away"
                if layer.sure:
                    return Answer(Verdict.BLOCKED, basis, layer.source(line), Basis.CONFIG)
                basis = f"{text} is excluded here; whether the folder is trusted is not known"
                doubtful = Answer(Verdict.UNKNOWN, basis, layer.source(line), Basis.CONFIG)
        for layer in self.settings.layers:
            node = layer.get("tools", "core")
            if isinstance(node, jsonc.Array):
                return doubtful or self._core(layer, node, names, what)
        return doubtful

    def _core(
        self, layer: Layer, node: jsonc.Array, names: frozenset[str], what: str
    ) -> Answer | None:
        """`tools.core` lists all tools there are; the strongest layer that has one counts."""
        listed = [text for text, _ in jsonc.strings(node)]
        if names & set(listed):
            return None
        source = layer.source(node.line)
        if any(text.partition("(")[0] in names for text in listed):
            basis = f"tools.core leaves some calls of {what} only"
            return Answer(Verdict.UNKNOWN, basis, source, Basis.CONFIG)
        if not layer.sure:
            basis = f"tools.core leaves {what} out; whether the folder is trusted is not known"
            return Answer(Verdict.UNKNOWN, basis, source, Basis.CONFIG)
        return Answer(Verdict.BLOCKED, f"tools.core leaves {what} out", source, Basis.CONFIG)

    def environment(self, place: Place) -> Answer | None:
        """One `.env` is loaded into the process, and so into every command it runs."""
        if place.path not in _ENVIRONMENT:
            return None
        if place.path == ".env":
            if self.tree.exists(".gemini/.env"):
                return None
            for layer in self.settings.layers:
                node = layer.get("advanced", "ignoreLocalEnv")
                if node is None or not jsonc.boolean(node):
                    continue
                if layer.sure:
                    return None
                basis = "advanced.ignoreLocalEnv is set here; it counts once the folder is trusted"
                return Answer(Verdict.UNKNOWN, basis, layer.source(node.line), Basis.CONFIG)
        return self._redacted() or self.default(Channel.ENVIRONMENT)

    def _redacted(self) -> Answer | None:
        """Off unless switched on; by the names and forms of values that it knows."""
        for layer in self.settings.layers:
            node = layer.get("security", "environmentVariableRedaction", "enabled")
            if node is not None and jsonc.boolean(node) and layer.sure:
                basis = "it is loaded, but variables whose names or values look like secrets are"
                basis += " left out of the commands' environment"
                return Answer(Verdict.UNKNOWN, basis, layer.source(node.line), Basis.CONFIG)
        return None


def _openness(answer: Answer | None) -> int:
    """Greater for what stops less: of several readers the most open one decides."""
    return -answer.verdict.rank if answer is not None else 0
