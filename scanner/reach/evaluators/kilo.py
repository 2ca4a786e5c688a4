"""Kilo Code: OpenCode's rules from version 1.0 on, an ignore file in the line of Roo before."""

from collections.abc import Iterator, Mapping, Sequence

from scanner.model import Basis, Verdict
from scanner.reach.evaluator import Answer
from scanner.reach.matching.gitignore import Hit, decide
from scanner.reach.matching.last_match import Action, Rule, flatten
from scanner.reach.settings.given_ignore import ignore_of
from scanner.reach.settings.last_match_evaluator import LastMatchEvaluator, Variant
from scanner.reach.tree import Place
from scanner.rules.context import Frontmatter, LoadWhen

IGNORE = ".kilocodeignore"
_PRINTING = ("cat", "head", "tail", "less", "grep", "rg", "ag", "sort", "cut", "diff", "printenv")
_HISTORY = ("git log", "git show", "git diff", "git blame", "git cat-file")


def _allowed(commands: Sequence[str]) -> Iterator[Rule]:
    for command in commands:
        yield Rule("bash", f"{command} *", Action.ALLOW)


class AgentEvaluator(LastMatchEvaluator):
    """The extension and the command line, which share settings from version 1.0 on."""

    context_name = "Kilo Code"
    file_names = ("opencode.json", "opencode.jsonc", "kilo.json", "kilo.jsonc")
    directories = (".opencode", ".kilocode", ".kilo")
    home_directories = (".config/kilo", ".kilocode", ".kilo")
    defaults = (
        Rule("*", "*", Action.ALLOW),
        Rule("read", "*", Action.ALLOW),
        Rule("read", "*.env", Action.ASK),
        Rule("read", "*.env.*", Action.ASK),
        Rule("read", "*.env.example", Action.ALLOW),
        Rule("bash", "*", Action.ASK),
        *_allowed(_PRINTING),
    )

    rule_head = Frontmatter(otherwise=LoadWhen.START, globs="paths")

    def read(self) -> None:
        """The ignore file, then the settings."""
        self.ignore = ignore_of(self, IGNORE)
        super().read()

    def all_variants(self) -> Iterator[Variant]:
        """The plan and ask agents have a list of commands of their own, before the settings.

        What the settings deny is repeated for them at the end, so that no later rule lifts it.
        """
        yield from super().all_variants()
        user = (*flatten(self.settings.user), *self.settings.ordered)
        guard = (
            Rule("bash", "*", Action.DENY),
            *_allowed(_PRINTING),
            Rule("bash", "git *", Action.DENY),
            *_allowed(_HISTORY),
        )
        own: Mapping[str, tuple[Rule, ...]] = {
            name: flatten(rules) for name, rules in self.settings.agents.items()
        }
        for name in sorted({"plan", "ask"} - self.settings.disabled):
            denied = tuple(rule for rule in user if rule.action is Action.DENY)
            rules = (*self.defaults, *guard, *user, *denied, *own.get(name, ()))
            yield Variant(name, rules)

    def file_tools(self, place: Place) -> Answer:
        """The rules decide; a `.kilocodeignore` only in some versions and for some tools."""
        answer = super().file_tools(place)
        hit = self._hit(place.path)
        if answer.verdict is Verdict.BLOCKED or hit is None:
            return answer
        if answer.verdict is Verdict.UNKNOWN and not answer.source:
            return answer
        basis = f"{hit.text} keeps the read tool away in versions that apply {IGNORE} themselves;"
        basis += " early 1.x versions translate it with other wildcards, and grep is not shown"
        basis += " to heed it"
        return Answer(Verdict.UNKNOWN, basis, hit.source, Basis.CONFIG)

    def shell(self, place: Place) -> Answer:
        """No ignore file looks into the commands of 1.x."""
        answer = super().shell(place)
        hit = self._hit(place.path)
        if hit is None or answer.verdict is Verdict.BLOCKED:
            return answer
        return answer.noting(f"{hit.source} stops cat and its like in versions below 1.0 only")

    def _hit(self, path: str) -> Hit | None:
        if self.ignore is None:
            return None
        for name in (path, self.tree.resolve(path)):
            hit = decide((self.ignore,), name, fold=True) if name else None
            if hit is not None and not hit.negated:
                return hit
        return None
