"""Cursor: ignore files for tools and index; the terminal is another matter.

Whether `.cursorignore` holds in the terminal is contradicted by Cursor's own pages (the ignore-file
page says no, the sandbox's announcement says yes for sandboxed commands): unknown, never blocked.
"""

from scanner.model import Basis, Channel, Verdict
from scanner.reach import jsonc
from scanner.reach.claude_rules import Effect, parse_rule
from scanner.reach.evaluator import Answer, Evaluator, excluded_elsewhere, git_ignored
from scanner.reach.gitignore import Hit, decide, excludes, parse, parse_file
from scanner.reach.tree import Place

IGNORE, INDEXING_IGNORE = ".cursorignore", ".cursorindexingignore"
CLI, SANDBOX = ".cursor/cli.json", ".cursor/sandbox.json"
GLOBAL_LIST = parse_file(
    "Global Cursor Ignore List",
    "**/.env\n**/.env.*\n**/credentials.json\n**/secrets.json\n**/*.key\n**/*.pem\n**/id_rsa\n.git\n",
)
"""The user setting as it is shipped; anyone may change it."""


class AgentEvaluator(Evaluator):
    """The editor's agent; the command line's extra rules are mentioned, as the wider way counts."""

    def read(self) -> None:
        """Ignore files, the command line's permissions and the sandbox's type."""
        self.ignored = self.ignore_file(IGNORE)
        self.unindexed = self.ignore_file(INDEXING_IGNORE)
        self.ignore_is_known = not any(entry.where == IGNORE for entry in self.problems)
        self.cli = self._json(CLI)
        self.unsandboxed = ""
        kind = jsonc.get(self._json(SANDBOX), "type")
        if kind is not None and jsonc.string(kind) == "insecure_none":
            self.unsandboxed = f"{SANDBOX}:{kind.line}"

    def _json(self, path: str) -> jsonc.Node | None:
        text = self.tree.text(path)
        if text is None:
            return None
        document = jsonc.parse(text if isinstance(text, str) else "")
        if document.root is None:
            self.problem(f"{path}:{document.line}", f"not valid JSON: {document.error}")
        return document.root

    # ------------------------------------------------------------------ file tools and index

    def file_tools(self, place: Place) -> Answer:
        """Blocked by the root's `.cursorignore`; unknown where a user's own list may block."""
        hit = self._ignored(place.path)
        if hit is not None and not hit.negated:
            basis = f"{IGNORE} has {hit.text}; Cursor does not promise complete protection"
            return Answer(Verdict.BLOCKED, basis, hit.source, Basis.CONFIG)
        if not self.ignore_is_known:
            return Answer(Verdict.UNKNOWN, f"{IGNORE} cannot be read", IGNORE, Basis.UNKNOWN)
        if (nested := self._nested(place.path)) is not None:
            basis = f"{nested.path} is not at the root; whether Cursor reads it is not documented"
            return Answer(Verdict.UNKNOWN, basis, nested.source, Basis.CONFIG)
        if decide((GLOBAL_LIST,), place.path) is not None:
            basis = "no rule in the repository covers it; the Global Cursor Ignore List, a user"
            basis += " setting, covers it unless it was changed"
            return self.documented(Verdict.UNKNOWN, basis, "ignore")
        answer = self.default(Channel.FILE_TOOLS)
        return Answer(
            answer.verdict, f"no rule covers {place.path}; {answer.basis}", answer.source
        ).noting(*self._remarks(place.path))

    def _ignored(self, path: str) -> Hit | None:
        return decide((self.ignored,), path) if self.ignored else None

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
        for text, line in jsonc.strings(jsonc.get(self.cli, "permissions", "deny")):
            rule = parse_rule(Effect.DENY, text, f"{CLI}:{line}", True)
            pattern = parse(rule.specifier or "") if rule.tool == "Read" else None
            if pattern is not None and excludes(pattern, path):
                remarks.append(f"{text} at {rule.source} holds for the command line only")
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
        if decide((GLOBAL_LIST,), path) is not None:
            basis = "Cursor's own ignore list, which a user may change, leaves it out of the index"
            return self.documented(Verdict.UNKNOWN, basis, "ignore")
        return self.default(Channel.INDEX)

    # ------------------------------------------------------------------ terminal

    def shell(self, place: Place) -> Answer:
        """The run mode is a user setting; by default everything runs in a sandbox that reads."""
        hit = self._ignored(place.path)
        answer = self.default(Channel.SHELL)
        if hit is None or hit.negated:
            known = self.ignore_is_known
            return answer if known else self._unknown("it is not readable", IGNORE)
        if self.unsandboxed:
            basis = f"type insecure_none takes the terminal's sandbox away, and without it {IGNORE}"
            basis += " does not hold there"
            return Answer(Verdict.NO_PROMPT, basis, self.unsandboxed, Basis.CONFIG)
        words = f"{hit.source} has {hit.text}: it holds inside the terminal's sandbox, not outside"
        return self._unknown(words, hit.source)

    def git_objects(self, place: Place) -> Answer:
        """Path rules do not look into objects, unless they take `.git` away from the sandbox."""
        hit = self._ignored(".git/objects")
        if hit is not None and not hit.negated and not self.unsandboxed:
            return self._unknown(
                f"{hit.source} has {hit.text}, which may cover the objects", hit.source
            )
        return self.default(Channel.GIT_OBJECTS)

    def _unknown(self, words: str, source: str) -> Answer:
        basis = f"{words}; how the terminal runs is a user setting"
        return Answer(Verdict.UNKNOWN, basis, source, Basis.CONFIG)
