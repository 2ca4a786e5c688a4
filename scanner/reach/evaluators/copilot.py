"""GitHub Copilot: VS Code's agent, the command line and the cloud agent; the widest way counts.

Content exclusion is a setting of the organisation on the server, so it is only ever mentioned.
"""

from scanner.model import Basis, Channel, Verdict
from scanner.reach import jsonc
from scanner.reach.evaluator import Answer, Evaluator, excluded_elsewhere, git_ignored
from scanner.reach.tree import Place, Unreadable

SETTINGS = ".vscode/settings.json"
EVERYTHING = ("chat.tools.global.autoApprove", "chat.tools.autoApprove")
NOTHING = "chat.tools.terminal.enableAutoApprove"
NO_DEFAULTS = "chat.tools.terminal.ignoreDefaultAutoApproveRules"


class AgentEvaluator(Evaluator):
    """Workspace settings count as VS Code applies them in a trusted workspace."""

    def read(self) -> None:
        """The workspace's settings, in VS Code's JSON with comments."""
        self.settings: jsonc.Node | None = None
        self.broken = False
        text = self.tree.text(SETTINGS)
        if text is None:
            return
        if isinstance(text, Unreadable):
            self.broken = True
            self.problem(SETTINGS, text.reason)
            return
        document = jsonc.parse(text)
        self.settings = document.root
        if document.root is None:
            self.broken = True
            self.problem(f"{SETTINGS}:{document.line}", f"not valid JSON: {document.error}")

    def file_tools(self, place: Place) -> Answer:
        """No control in the repository narrows reading inside the workspace."""
        answer = self.default(Channel.FILE_TOOLS)
        return answer.noting(*self.dead_controls(place.path))

    def index(self, place: Place) -> Answer | None:
        """The local index leaves ignored files out; the remote one holds what was pushed."""
        hit = git_ignored(self.tree, place)
        if place.committed:
            return self.default(Channel.INDEX)
        if hit is not None and not hit.negated:
            basis = f"{hit.path} has {hit.text}; the workspace index leaves it out"
            return Answer(Verdict.BLOCKED, basis, hit.source, Basis.CONFIG)
        return None if excluded_elsewhere(place, hit) else self.default(Channel.INDEX)

    def shell(self, place: Place) -> Answer:
        """VS Code runs cat, grep and the like unasked; the cloud agent runs everything."""
        if (wide := self._everything()) is not None:
            return wide
        answer = self.default(Channel.SHELL)
        narrowed = self._narrowed()
        if narrowed is None or self.broken:
            return answer
        if place.committed:
            words = f"{narrowed.basis} in VS Code; the cloud agent runs commands unasked on the"
            basis = f"{words} committed files"
            return Answer(answer.verdict, basis, answer.source, answer.grade)
        return narrowed

    def git_objects(self, place: Place) -> Answer:
        """Depends on the version of VS Code, unless everything is approved."""
        return self._everything() or self.default(Channel.GIT_OBJECTS)

    def _everything(self) -> Answer | None:
        """A switch that approves every tool."""
        for key in EVERYTHING:
            node = jsonc.get(self.settings, key)
            if node is not None and jsonc.boolean(node):
                basis = f"{key} approves every tool in a trusted workspace"
                source = f"{SETTINGS}:{node.line}"
                return Answer(Verdict.NO_PROMPT, basis, source, Basis.CONFIG)
        return None

    def _narrowed(self) -> Answer | None:
        """A switch that makes the terminal ask; a rule of one's own may approve again."""
        rules = jsonc.get(self.settings, "chat.tools.terminal.autoApprove")
        own = rules.members.values() if isinstance(rules, jsonc.Object) else ()
        approves = any(jsonc.boolean(node) is not False for node in own)
        for key, value in ((NOTHING, False), (NO_DEFAULTS, True)):
            node = jsonc.get(self.settings, key)
            if node is not None and jsonc.boolean(node) is value:
                if key == NO_DEFAULTS and approves:
                    continue
                words = "true" if value else "false"
                basis = f"{key} is {words}, so every command asks"
                return Answer(Verdict.PROMPT, basis, f"{SETTINGS}:{node.line}", Basis.CONFIG)
        return None
