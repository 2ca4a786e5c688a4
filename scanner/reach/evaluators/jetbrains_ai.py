"""JetBrains AI Assistant: `.noai` switches it off, `.aiignore` leaves files out where it is on.

After JetBrains' help for AI Assistant. `.aiignore` counts only where the IDE's setting enables it,
and the help says that ignored files may still be processed in some cases: unknown, never blocked.
"""

from collections.abc import Iterator

from scanner.model import Basis, Channel, Verdict
from scanner.reach.evaluator import Answer, Evaluator
from scanner.reach.formats import markdown
from scanner.reach.matching.gitignore import decide
from scanner.reach.settings.single_loads import load_one
from scanner.reach.tree import Place
from scanner.rules.context import LoadRule, LoadWhen

OFF, IGNORE = ".noai", ".aiignore"
RULES = "/.aiassistant/rules/**/*.md"


class AgentEvaluator(Evaluator):
    """The plugin's own chat; the agents it can start have their own rules."""

    def read(self) -> None:
        """The ignore file, and whether the plugin is switched off for the project."""
        self.off = self.tree.exists(OFF)
        self.ignore = self.ignore_file(IGNORE)
        self.ignore_is_known = not any(entry.where == IGNORE for entry in self.problems)

    def _switched_off(self) -> Answer | None:
        if not self.off:
            return None
        basis = f"{OFF} in the root switches AI Assistant off for the project, not other plugins"
        return Answer(Verdict.BLOCKED, basis, OFF, Basis.CONFIG)

    def file_tools(self, place: Place) -> Answer:
        """Context of the project, less what is ignored."""
        if (off := self._switched_off()) is not None:
            return off
        hit = decide((self.ignore,), place.path) if self.ignore is not None else None
        if hit is not None and not hit.negated:
            basis = f"{IGNORE} has {hit.text}, which counts where the IDE enables the file, and"
            basis += " JetBrains says that ignored files may still be processed in some cases"
            return Answer(Verdict.UNKNOWN, basis, hit.source, Basis.CONFIG)
        if not self.ignore_is_known:
            return Answer(Verdict.UNKNOWN, f"{IGNORE} cannot be read", IGNORE, Basis.UNKNOWN)
        return self.default(Channel.FILE_TOOLS).noting(*self.dead_controls(place.path))

    def shell(self, place: Place) -> Answer:
        """Not documented, unless the plugin is off."""
        return self._switched_off() or self.default(Channel.SHELL)

    def git_objects(self, place: Place) -> Answer:
        """Not documented, unless the plugin is off."""
        return self._switched_off() or self.default(Channel.GIT_OBJECTS)

    def loads(self) -> tuple[LoadRule, ...]:
        """Project rules, by the type at their head; none where the plugin is off."""
        return () if self.off else tuple(self._rules())

    def _rules(self) -> Iterator[LoadRule]:
        for path in self.tree.find(RULES):
            head = markdown.head(self.tree.plain_text(path))
            kind = " ".join(head.values.get("apply", ())) if head is not None else ""
            when, basis = LoadWhen.START, "project rules join every chat unless they say otherwise"
            if kind == "manually":
                when = LoadWhen.MANUAL
            elif kind == "by model decision":
                when, basis = LoadWhen.DESCRIBED, "the model decides when the rule applies"
            elif kind == "by file patterns":
                when, basis = LoadWhen.MATCHING, "it applies when a file that it names is in play"
            yield load_one(path, when, basis, "rules")
