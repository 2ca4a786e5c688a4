"""Windsurf, now Devin Desktop: ignore files for index and tools, a user's policy for commands.

https://docs.devin.ai/desktop/context-awareness/devin-ignore: `.devinignore` and `.codeiumignore`
are for the index, `.windsurfignore` for the agent's file access; none holds in the terminal.
"""

from collections.abc import Iterator, Sequence
from typing import TypeGuard

from scanner.model import Basis, Channel, ConcernKind, Verdict
from scanner.reach.evaluator import Answer, Evaluator, excluded_elsewhere, git_ignored
from scanner.reach.formats import jsonc
from scanner.reach.matching.first_match import widest
from scanner.reach.matching.gitignore import Hit, decide, parse_file
from scanner.reach.matching.links import Links
from scanner.reach.matching.programs import READERS, RUNNERS, program_of
from scanner.reach.settings.fetched_commands import note_fetched_commands
from scanner.reach.settings.json_layers import read_layer
from scanner.reach.settings.link_doubt import doubt_by_link
from scanner.reach.settings.trigger_rules import trigger_rules
from scanner.reach.settings.vscode_settings import Scope, Setting, read_vscode
from scanner.reach.tree import Place
from scanner.rules.context import LoadRule

ACCESS_IGNORE = ".windsurfignore"
INDEX_IGNORES = (".devinignore", ".codeiumignore")
GLOBAL_IGNORE = ".codeium/.codeiumignore"
HOOKS = ".windsurf/hooks.json"
RULES = ("**/.windsurf/rules/**/*.md", "**/.devin/rules/**/*.md")
PREFIXES = ("windsurf", "devin")
SURE = (Scope.GIVEN, Scope.USER)
"""Where settings stand that count without doubt."""
POLICY, ALLOWED, SEES_IGNORED = (
    "autoExecutionPolicy",
    "cascadeCommandsAllowList",
    "allowCascadeAccessGitignoreFiles",
)


class AgentEvaluator(Evaluator):
    """Settings of a workspace are never taken as in force: that they count is not documented."""

    def read(self) -> None:
        """Ignore files, hooks, and the settings of workspace and, where known, user."""
        self.access = self.ignore_file(ACCESS_IGNORE)
        self.unindexed = [
            file for name in INDEX_IGNORES if (file := self.ignore_file(name)) is not None
        ]
        text = self.home.plain_text(GLOBAL_IGNORE) if self.home is not None else ""
        if text:
            self.unindexed.append(parse_file(f"~/{GLOBAL_IGNORE}", text))
        self.unreadable = {entry.where for entry in self.problems}
        self.settings = read_vscode(self, "Windsurf", "settings")
        self.read_hook = self._hooks()
        self.links = Links(self.tree)
        self._check_policy()

    def _hooks(self) -> str:
        """Where a hook is asked before a file is read."""
        layer = read_layer(self, HOOKS, "hooks")
        if layer is None:
            return ""
        note_fetched_commands(self, layer, layer.root, "hooks")
        node = jsonc.get(layer.root, "hooks", "pre_read_code")
        return f"{HOOKS}:{node.line}" if isinstance(node, jsonc.Array) and node.items else ""

    def _check_policy(self) -> None:
        for prefix in PREFIXES:
            for setting in self.settings.every(f"{prefix}.{POLICY}"):
                if jsonc.string(setting.node) != "turbo":
                    continue
                words = "every command runs unasked"
                if setting.scope not in SURE:
                    words += ", if the editor takes this from a repository, which is not documented"
                self.concern(
                    ConcernKind.APPROVAL_BYPASS,
                    setting.shown,
                    setting.node.line,
                    setting.key,
                    words,
                    "remove it, and allow single commands instead",
                    "terminal",
                    personal=setting.personal,
                )

    def loads(self) -> Sequence[LoadRule]:
        """Rule files by their triggers, and what needs no head."""
        return (*self.context.loads, *trigger_rules(self.tree, RULES, "rules"))

    def _every(self, name: str) -> list[Setting]:
        """Its values under both prefixes, those that are sure to count first."""
        found = [
            setting for prefix in PREFIXES for setting in self.settings.every(f"{prefix}.{name}")
        ]
        return sorted(found, key=lambda setting: setting.scope not in SURE)

    # ------------------------------------------------------------------ file tools and index

    def file_tools(self, place: Place) -> Answer:
        """`.windsurfignore` is said to hold; the others are said to be for the index."""
        hit = self._inaccessible(place.path)
        if _excludes(hit):
            basis = f"{ACCESS_IGNORE} has {hit.text}, which the agent's file access respects"
            versions = "those named Devin Desktop"
            blocked = Answer(Verdict.BLOCKED, basis, hit.source, Basis.CONFIG, versions)
            return doubt_by_link(
                self.links, place.path, lambda path: _excludes(self._inaccessible(path)), blocked
            )
        if self.unreadable:
            name = min(self.unreadable)
            return Answer(Verdict.UNKNOWN, f"{name} cannot be read", name, Basis.UNKNOWN)
        index_hit = self._unindexed(place.path)
        if _excludes(index_hit):
            basis = f"{index_hit.source} has {index_hit.text}; that file is documented for the"
            basis += f" index, and {ACCESS_IGNORE} for file access"
            return Answer(Verdict.UNKNOWN, basis, index_hit.source, Basis.CONFIG)
        git = git_ignored(self.tree, place)
        if _excludes(git) or excluded_elsewhere(place, git):
            return self._ignored_by_git(git)
        answer = self.default(Channel.FILE_TOOLS)
        hook = self.read_hook
        return answer.noting(f"the hook at {hook} may refuse; it was not run" if hook else "")

    def _ignored_by_git(self, hit: Hit | None) -> Answer:
        for setting in self._every(SEES_IGNORED):
            if jsonc.boolean(setting.node) and setting.scope in SURE:
                basis = f"git ignores it, and {setting.key} lets the agent read such files"
                return Answer(Verdict.NO_PROMPT, basis, setting.source, Basis.CONFIG)
        basis = (
            "git ignores it: the agent may not edit it; whether it may read it is a user setting"
        )
        source = hit.source if hit is not None else self.reference("ignore")
        return Answer(Verdict.UNKNOWN, basis, source, Basis.CONFIG if hit else Basis.DOCUMENTED)

    def _inaccessible(self, path: str) -> Hit | None:
        return decide((self.access,), path) if self.access is not None else None

    def _unindexed(self, path: str) -> Hit | None:
        hits = (decide((file,), path) for file in self.unindexed)
        return next((hit for hit in hits if _excludes(hit)), None)

    def index(self, place: Place) -> Answer | None:
        """Hidden paths, node_modules and what is ignored stay out."""
        parts = place.path.split("/")
        if any(part.startswith(".") or part == "node_modules" for part in parts):
            return None
        git = git_ignored(self.tree, place)
        for hit in (self._unindexed(place.path), git):
            if _excludes(hit):
                basis = f"{hit.path} has {hit.text}, which keeps it out of the index"
                return Answer(Verdict.BLOCKED, basis, hit.source, Basis.CONFIG)
        hit = self._inaccessible(place.path)
        if self.unreadable or excluded_elsewhere(place, git) or _excludes(hit):
            basis = "a list that cannot be read, lies outside the tree or is not documented for the"
            return self.documented(Verdict.UNKNOWN, f"{basis} index may keep it out", "ignore")
        return self.default(Channel.INDEX)

    # ------------------------------------------------------------------ terminal

    def shell(self, place: Place) -> Answer:
        """The user's policy decides."""
        return self._terminal(Channel.SHELL, READERS | RUNNERS)

    def git_objects(self, place: Place) -> Answer:
        """As the terminal."""
        return self._terminal(Channel.GIT_OBJECTS, RUNNERS | {"git"})

    def _terminal(self, channel: Channel, programs: frozenset[str]) -> Answer:
        found = list(self._unasked(programs))
        if found:
            best = widest(answer.verdict for answer in found)
            return next(answer for answer in found if answer.verdict is best)
        unseen = "" if self.home is not None else "user settings not read"
        return self.default(channel).noting(unseen)

    def _unasked(self, programs: frozenset[str]) -> Iterator[Answer]:
        """What lets a command run unasked, or may."""
        for setting in self._every(POLICY):
            line, policy = setting.node.line, jsonc.string(setting.node)
            if policy == "turbo":
                words = "turbo lets every command run unasked"
                yield self._by(setting, line, words, Verdict.NO_PROMPT)
            elif policy == "auto":
                words = "auto lets the model judge which commands run unasked"
                yield self._by(setting, line, words, Verdict.UNKNOWN)
        for setting in self._every(ALLOWED):
            for text, line in jsonc.strings(setting.node):
                if program_of(text) in programs:
                    words = f"{text} is on the allow list"
                    yield self._by(setting, line, words, Verdict.NO_PROMPT)

    def _by(self, setting: Setting, line: int, words: str, verdict: Verdict) -> Answer:
        if setting.scope not in SURE:
            words += "; whether the editor takes it from a repository is not documented"
            verdict = Verdict.UNKNOWN
        return Answer(verdict, words, f"{setting.shown}:{line}", Basis.CONFIG)


def _excludes(hit: Hit | None) -> TypeGuard[Hit]:
    return hit is not None and not hit.negated
