"""Google Antigravity, the editor and the command line `agy`: nearly all controls are the user's.

The program is closed source. A repository brings instructions and rules; what the tools may do is
chosen in the application, of which the command line's settings file can be read.
"""

from collections.abc import Sequence

from scanner.model import Basis, Channel, ConcernKind, Tracking, Verdict
from scanner.reach.evaluator import Answer, Evaluator, git_ignored
from scanner.reach.formats import jsonc
from scanner.reach.settings.inclusion import Inclusion, load_rules
from scanner.reach.tree import Place
from scanner.rules.context import LoadRule, LoadWhen

_SETTINGS = ".gemini/antigravity-cli/settings.json"
_RULES = ("/.agents/rules/*.md", "/.agent/rules/*.md")
_TRIGGERS = Inclusion(
    "trigger",
    {
        "always_on": LoadWhen.START,
        "glob": LoadWhen.MATCHING,
        "model_decision": LoadWhen.DESCRIBED,
        "manual": LoadWhen.MANUAL,
    },
    LoadWhen.START,
)
_UNSEEN = "user settings not read"


class AgentEvaluator(Evaluator):
    """Both share one engine; the settings of the editor are not in a file that is documented."""

    def read(self) -> None:
        """The command line's own settings."""
        self.permission: tuple[str, str] | None = None
        """`toolPermission` and its `file:line`."""
        named = [(entry.path, entry.text) for entry in self.given]
        if self.home is not None:
            named.append((f"~/{_SETTINGS}", self.home.plain_text(_SETTINGS)))
        for path, text in named:
            node = jsonc.get(jsonc.parse(text).root, "toolPermission")
            mode = jsonc.string(node)
            if node is not None and mode is not None and self.permission is None:
                self.permission = mode, f"{path}:{node.line}"
                if mode == "always-proceed":
                    self.concern(
                        ConcernKind.APPROVAL_BYPASS,
                        path,
                        node.line,
                        "toolPermission",
                        "no tool asks before it runs",
                        "choose request-review, or proceed-in-sandbox with the sandbox on",
                        "permissions",
                        personal=True,
                    )

    def loads(self) -> Sequence[LoadRule]:
        """The context files and the rules, which may mention further files."""
        rules = list(self.context.loads)
        for pattern in _RULES:
            rules += load_rules(self.tree, pattern, _TRIGGERS, "rules", imports=1)
        return rules

    def file_tools(self, place: Place) -> Answer:
        """Files that git ignores are open or not by a choice in the application."""
        hit = git_ignored(self.tree, place)
        answer = self.default(Channel.FILE_TOOLS).noting(*self.dead_controls(place.path))
        if place.tracking is Tracking.TRACKED:
            return answer
        if (hit is not None and not hit.negated) or place.tracking is Tracking.IGNORED:
            basis = "git ignores it; whether the agent may open such files is a setting of the user"
            source = hit.source if hit is not None else self.reference("settings")
            return Answer(Verdict.UNKNOWN, basis, source, Basis.CONFIG)
        return answer.noting(_UNSEEN if self.home is None else "")

    def shell(self, place: Place) -> Answer:
        """Every command asks, unless the user has chosen otherwise."""
        return self._shell(Channel.SHELL)

    def git_objects(self, place: Place) -> Answer:
        """As the shell."""
        return self._shell(Channel.GIT_OBJECTS)

    def _shell(self, channel: Channel) -> Answer:
        if self.permission is not None:
            mode, source = self.permission
            if mode == "always-proceed":
                basis = "toolPermission always-proceed lets every command run unasked"
                return Answer(Verdict.NO_PROMPT, basis, source, Basis.CONFIG)
            if mode == "proceed-in-sandbox":
                basis = "commands run unasked in the sandbox, which can read the workspace"
                return Answer(Verdict.NO_PROMPT, basis, source, Basis.CONFIG)
        return self.default(channel).noting(_UNSEEN if self.home is None else "")
