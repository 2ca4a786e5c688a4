"""Cursor: ignore files for tools and index; the terminal is another matter.

Whether `.cursorignore` holds in the terminal is contradicted by Cursor's own pages (the ignore-file
page says no, the sandbox's announcement says yes for sandboxed commands): unknown, never blocked.
"""

import re

from scanner.model import Basis, Channel, Verdict
from scanner.reach.evaluator import Answer, Evaluator, excluded_elsewhere, git_ignored
from scanner.reach.formats import jsonc
from scanner.reach.matching.gitignore import Hit, IgnoreFile, decide, excludes, parse, parse_file
from scanner.reach.matching.links import Links
from scanner.reach.settings.cursor_settings import read_cursor_settings
from scanner.reach.settings.link_doubt import doubt_by_link
from scanner.reach.settings.vscode_settings import user_layers
from scanner.reach.tree import Place

IGNORE, INDEXING_IGNORE = ".cursorignore", ".cursorindexingignore"
GLOBAL_LIST = parse_file(
    "Global Cursor Ignore List",
    "**/.env\n**/.env.*\n**/credentials.json\n**/credentials.*.json\n**/secret.json\n"
    "**/secrets.json\n**/*.key\n**/*.pem\n**/*.pfx\n**/*.p12\n**/*.crt\n**/*.cer\n**/id_rsa\n"
    "**/id_dsa\n**/.ssh/id_*\n.git\n",
)
"""The user setting as it is shipped; anyone may change it."""
GLOBAL_KEY = "cursor.general.globalCursorIgnoreList"
ALLOWLISTS_FIRST = ">= 3.6; before, the sandbox took commands whatever the allowlist said"
_ROOT_WORKTREE = re.compile(r"^[\"']?(?:\$\{?ROOT_WORKTREE_PATH\}?|%ROOT_WORKTREE_PATH%)[/\\]")
_COPIERS = frozenset({"cp", "ln", "rsync", "install", "copy", "xcopy", "mklink"})


class AgentEvaluator(Evaluator):
    """The editor's agent; the command line's extra rules are mentioned, as the wider way counts."""

    def read(self) -> None:
        """Ignore files, and the settings of terminal, command line, hooks and cloud agents."""
        self.ignored = self.ignore_file(IGNORE)
        self.unindexed = self.ignore_file(INDEXING_IGNORE)
        self.ignore_is_known = not any(entry.where == IGNORE for entry in self.problems)
        self.settings = read_cursor_settings(self)
        self.links = Links(self.tree)
        self.own_list = self._own_list()

    def _own_list(self) -> IgnoreFile | None:
        """The Global Cursor Ignore List as the user has set it; None where that is not known."""
        if GLOBAL_KEY in self.tree.plain_text(".vscode/settings.json"):
            return None  # whether a workspace may change it is not documented
        for layer in user_layers(self, "Cursor", "ignore"):
            node = jsonc.get(layer.root, GLOBAL_KEY)
            if isinstance(node, jsonc.Array):
                patterns = [parse(text, line) for text, line in jsonc.strings(node)]
                known = [pattern for pattern in patterns if pattern is not None]
                return IgnoreFile.of(layer.shown, "", known)
        return None

    # ------------------------------------------------------------------ file tools and index

    def file_tools(self, place: Place) -> Answer:
        """Blocked by the root's `.cursorignore`; unknown where a user's own list may block."""
        hit = self._ignored(place.path)
        if hit is not None and not hit.negated:
            basis = f"{IGNORE} has {hit.text}; Cursor does not promise complete protection"
            blocked = Answer(Verdict.BLOCKED, basis, hit.source, Basis.CONFIG)
            return doubt_by_link(self.links, place.path, self._is_ignored, blocked)
        if not self.ignore_is_known:
            return Answer(Verdict.UNKNOWN, f"{IGNORE} cannot be read", IGNORE, Basis.UNKNOWN)
        if (nested := self._nested(place.path)) is not None:
            basis = f"{nested.path} is not at the root; whether Cursor reads it is not documented"
            return Answer(Verdict.UNKNOWN, basis, nested.source, Basis.CONFIG)
        listed = self._by_own_list(place.path)
        if listed is not None and hit is not None:
            basis = f"{listed.basis}, and {hit.source} has {hit.text}; which of them wins is not"
            return Answer(Verdict.UNKNOWN, f"{basis} documented", hit.source, Basis.CONFIG)
        if listed is not None:
            return doubt_by_link(
                self.links, place.path, lambda path: self._by_own_list(path) is not None, listed
            )
        if self.own_list is None and decide((GLOBAL_LIST,), place.path) is not None:
            basis = "no rule in the repository covers it; the Global Cursor Ignore List, a user"
            basis += " setting, covers it unless it was changed"
            return self.documented(Verdict.UNKNOWN, basis, "ignore")
        answer = self.default(Channel.FILE_TOOLS)
        return Answer(
            answer.verdict, f"no rule covers {place.path}; {answer.basis}", answer.source
        ).noting(*self._remarks(place.path))

    def _ignored(self, path: str) -> Hit | None:
        return decide((self.ignored,), path) if self.ignored else None

    def _is_ignored(self, path: str) -> bool:
        hit = self._ignored(path)
        return hit is not None and not hit.negated

    def _by_own_list(self, path: str) -> Answer | None:
        """Blocked, where the user's own list names the path; else None."""
        hit = decide((self.own_list,), path) if self.own_list is not None else None
        if hit is None or hit.negated:
            return None
        basis = f"the user's Global Cursor Ignore List has {hit.text}"
        return Answer(Verdict.BLOCKED, basis, hit.source, Basis.CONFIG)

    def _nested(self, path: str) -> Hit | None:
        """A `.cursorignore` below the root that would cover the path."""
        parts = path.split("/")[:-1]
        for depth in range(1, len(parts) + 1):
            base = "/".join(parts[:depth])
            text = self.tree.plain_text(f"{base}/{IGNORE}")
            hit = decide((parse_file(f"{base}/{IGNORE}", text, base),), path) if text else None
            if hit is not None and not hit.negated:
                return hit
        return None

    def _remarks(self, path: str) -> list[str]:
        """Controls that hold for less than one may think."""
        remarks = self.dead_controls(path)
        hit = decide((self.unindexed,), path) if self.unindexed else None
        if hit is not None and not hit.negated:
            remarks.append(f"{hit.source} keeps it out of the index only")
        for rule in self.settings.denied:
            pattern = parse(rule.specifier) if rule.tool == "Read" else None
            if pattern is not None and excludes(pattern, path):
                remarks.append(f"{rule.text} at {rule.source} holds for the command line only")
        if self.settings.read_hook:
            remarks.append(f"the hook at {self.settings.read_hook} may refuse; it was not run")
        return remarks

    def index(self, place: Place) -> Answer | None:
        """Everything is embedded on open, except what four lists leave out."""
        path = place.path
        for hit in (
            self._ignored(path),
            decide((self.unindexed,), path) if self.unindexed else None,
            git_ignored(self.tree, place),
        ):
            if hit is not None and not hit.negated:
                basis = f"{hit.path} has {hit.text}, which keeps it out of the index"
                return Answer(Verdict.BLOCKED, basis, hit.source, Basis.CONFIG)
        if not self.ignore_is_known or excluded_elsewhere(place, git_ignored(self.tree, place)):
            basis = (
                "an ignore list that is not part of the tree, or cannot be read, may keep it out"
            )
            return self.documented(Verdict.UNKNOWN, basis, "ignore")
        if (listed := self._by_own_list(path)) is not None:
            return listed
        if self.own_list is None and decide((GLOBAL_LIST,), path) is not None:
            basis = "Cursor's own ignore list, which a user may change, leaves it out of the index"
            return self.documented(Verdict.UNKNOWN, basis, "ignore")
        return self.default(Channel.INDEX)

    # ------------------------------------------------------------------ terminal

    def shell(self, place: Place) -> Answer:
        """The run mode is a user setting; by default everything runs in a sandbox that reads."""
        if not self.ignore_is_known:
            return self._unknown("it is not readable", IGNORE)
        listed = self._listed(place.path)
        if listed is None:
            return self.default(Channel.SHELL)
        name, words, source = listed
        off = self.settings.unsandboxed
        if off:
            basis = f"type insecure_none takes the terminal's sandbox away, and without it {name}"
            return Answer(Verdict.NO_PROMPT, f"{basis} does not hold there", off, Basis.CONFIG)
        if (entry := self.settings.reader()) is not None:
            basis = f"{entry[0]} is on the terminal's allowlist and so runs unasked outside the"
            basis += f" sandbox, where {name} does not hold"
            return Answer(Verdict.NO_PROMPT, basis, entry[1], Basis.CONFIG, ALLOWLISTS_FIRST)
        return self._unknown(words, source)

    def _listed(self, path: str) -> tuple[str, str, str] | None:
        """An ignore list that has the path: its name, what to say of it, and where it stands."""
        hit = self._ignored(path)
        inside = "inside the terminal's sandbox"
        if hit is not None:
            words = f"{hit.source} has {hit.text}: it holds {inside}, not outside"
            return None if hit.negated else (IGNORE, words, hit.source)
        name = "the Global Cursor Ignore List"
        if (answer := self._by_own_list(path)) is not None:
            return name, f"{answer.basis}, which may hold {inside}", answer.source or ""
        if self.own_list is None and (hit := decide((GLOBAL_LIST,), path)) is not None:
            words = f"{name}, unless the user changed it, has {hit.text} and may hold {inside}"
            return None if hit.negated else (name, words, self.reference("ignore"))
        return None

    def git_objects(self, place: Place) -> Answer:
        """Path rules do not look into objects, unless they take `.git` away from the sandbox."""
        hit = self._ignored(".git/objects")
        if hit is None or hit.negated or self.settings.unsandboxed:
            return self.default(Channel.GIT_OBJECTS)
        if (entry := self.settings.git()) is not None:
            basis = f"{entry[0]} is on the terminal's allowlist: it runs unasked, unsandboxed"
            return Answer(Verdict.NO_PROMPT, basis, entry[1], Basis.CONFIG, ALLOWLISTS_FIRST)
        return self._unknown(
            f"{hit.source} has {hit.text}, which may cover the objects", hit.source
        )

    def _unknown(self, words: str, source: str) -> Answer:
        basis = f"{words}; how the terminal runs is a user setting"
        return Answer(Verdict.UNKNOWN, basis, source, Basis.CONFIG)

    # ------------------------------------------------------------------ copies

    def copies(self, place: Place) -> Answer | None:
        """Cloud agents clone what is committed; a worktree's set-up may copy what is not."""
        for command, source in self.settings.worktree_commands:
            if _copies(command, place.path):
                basis = "the set-up of a new worktree copies it there"
                return Answer(Verdict.NO_PROMPT, basis, source, Basis.CONFIG)
        if place.committed and self.settings.cloud:
            basis = f"{self.settings.cloud} sets up cloud agents, which work on a clone and ask for"
            basis += " no approval"
            return Answer(Verdict.NO_PROMPT, basis, self.settings.cloud, Basis.CONFIG)
        return super().copies(place)


def _copies(command: str, path: str) -> bool:
    """Whether a set-up command copies this path out of the main worktree."""
    words = command.split()
    if not words or words[0] not in _COPIERS:
        return False
    return any(_ROOT_WORKTREE.sub("", word).strip("\"'") == path for word in words[1:])
