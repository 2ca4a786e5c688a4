"""Junie: reading the project is free, `.aiignore` makes it ask, commands ask.

After JetBrains' help for the plugin and for the command line. What is allowed unasked stands in
the user's IDE settings, or for the command line in `~/.junie/allowlist.json`, whose first rule
that fits decides. Brave mode is a switch of the session.
"""

from collections.abc import Iterator

import msgspec

from scanner.model import Basis, Channel, ConcernKind, Verdict
from scanner.reach.evaluator import Answer, Evaluator
from scanner.reach.formats import jsonc
from scanner.reach.matching.first_match import Fit, Matcher, deciding, path_glob_matcher, widest
from scanner.reach.matching.gitignore import decide
from scanner.reach.settings.json_layers import Layer, given_layers, read_layer, reject
from scanner.reach.tree import Place
from scanner.rules.context import LoadRule

IGNORE, ALLOWED, IN_PROJECT = ".aiignore", ".junie/allowlist.json", ".junie/AGENTS.md"
UNSEEN = "the user's allowlist and brave mode not read"
ACTIONS = {"allow": Verdict.NO_PROMPT, "ask": Verdict.PROMPT}
_PRINTERS = ("cat {0}", "head {0}", "grep -n . {0}", "sed -n p {0}")
_HISTORY = ("git show HEAD:{0}", "git log -p", "git diff HEAD~1")


class CommandRule(msgspec.Struct, frozen=True):
    """One entry of `rules.executables.rules`."""

    prefix: str | None
    pattern: Matcher
    everything: bool
    """It names every command."""
    action: str
    source: str
    line: int

    def fits(self, command: str) -> Fit:
        """A prefix is literal; a pattern is a glob in which only `**` crosses a slash."""
        if self.prefix is not None:
            return Fit.YES if command.startswith(self.prefix) else Fit.NO
        return self.pattern.fits(command)


class AgentEvaluator(Evaluator):
    """The plugin and the command line."""

    def read(self) -> None:
        """The ignore file, and what the user allows."""
        self.ignore = self.ignore_file(IGNORE)
        self.ignore_is_known = not any(entry.where == IGNORE for entry in self.problems)
        user = read_layer(self, ALLOWED, "allowlist", personal=True)
        self.layers = (*given_layers(self, "allowlist"), *((user,) if user is not None else ()))
        self.rules: tuple[CommandRule, ...] = ()
        for layer in self.layers:
            rules = tuple(self._rules(layer))
            self._point_out(layer, rules)
            self.rules += rules

    def _rules(self, layer: Layer) -> Iterator[CommandRule]:
        node = jsonc.get(layer.root, "rules", "executables", "rules")
        if node is not None and not isinstance(node, jsonc.Array):
            words = "rules.executables.rules is no list of rules"
            reject(self, layer, node.line, "rules.executables", words, "allowlist")
        for item in node.items if isinstance(node, jsonc.Array) else ():
            prefix = jsonc.string(jsonc.get(item, "prefix"))
            pattern = jsonc.string(jsonc.get(item, "pattern"))
            action = jsonc.string(jsonc.get(item, "action"))
            if action not in ACTIONS or (prefix is None) == (pattern is None):
                words = "a rule needs a prefix or a pattern, and allow or ask"
                reject(self, layer, item.line, "rules.executables", words, "allowlist")
            elif action is not None:
                everything = prefix == "" or pattern == "**"
                matcher = path_glob_matcher(pattern or "")
                source = layer.source(item)
                yield CommandRule(prefix, matcher, everything, action, source, item.line)

    def _point_out(self, layer: Layer, rules: tuple[CommandRule, ...]) -> None:
        default = jsonc.get(layer.root, "defaultBehavior")
        if default is not None and jsonc.string(default) == "allow":
            self.concern(
                ConcernKind.APPROVAL_BYPASS,
                layer.shown,
                default.line,
                "defaultBehavior",
                "everything that no rule asks about runs unasked",
                'set it to "ask" and allow what is needed by rules',
                "allowlist",
                personal=layer.personal,
            )
        for rule in rules:
            if rule.everything and rule.action == "allow":
                self.concern(
                    ConcernKind.BLANKET_APPROVAL,
                    layer.shown,
                    rule.line,
                    "rules.executables",
                    "every command that no earlier rule asks about runs unasked",
                    "name the commands that are needed",
                    "allowlist",
                    personal=layer.personal,
                )

    # ------------------------------------------------------------------ channels

    def file_tools(self, place: Place) -> Answer:
        """`.aiignore` of the project's root makes Junie ask; it does not keep it from reading."""
        hit = decide((self.ignore,), place.path) if self.ignore is not None else None
        if hit is not None and not hit.negated:
            basis = f"{IGNORE} has {hit.text}: Junie asks before it views the file"
            return Answer(Verdict.PROMPT, basis, hit.source, Basis.CONFIG)
        answer = self.default(Channel.FILE_TOOLS)
        known = "" if self.ignore_is_known else f"{IGNORE} cannot be read and may make it ask"
        return answer.noting(known, *self.dead_controls(place.path))

    def shell(self, place: Place) -> Answer:
        """Commands ask; ignore files are about Junie's own viewing and editing."""
        return self._commands(Channel.SHELL, [text.format(place.path) for text in _PRINTERS])

    def git_objects(self, place: Place) -> Answer:
        """As the shell, for commands that print history."""
        return self._commands(Channel.GIT_OBJECTS, [text.format(place.path) for text in _HISTORY])

    def _commands(self, channel: Channel, commands: list[str]) -> Answer:
        if not self.layers:
            return self.default(channel).noting(UNSEEN if self.home is None else "")
        reached = [self._decide(command) for command in commands]
        wide = widest(verdict for verdict, _ in reached)
        rule = next((rule for verdict, rule in reached if verdict is wide and rule), None)
        if rule is not None and wide is not Verdict.PROMPT:
            # The rule's text is not said: approved commands have tokens in them now and then.
            basis = f"the first rule of the allowlist that fits is {rule.action}"
            return Answer(wide, basis, rule.source, Basis.CONFIG)
        for layer in self.layers:
            for key, words in (
                ("allowReadonlyCommands", "commands that only read run unasked"),
                ("defaultBehavior", "what no rule names runs unasked"),
            ):
                node = jsonc.get(layer.root, key)
                on = jsonc.boolean(node) is True or jsonc.string(node) == "allow"
                if node is not None and on and any(rule is None for _, rule in reached):
                    return Answer(Verdict.NO_PROMPT, words, layer.source(node), Basis.CONFIG)
        if rule is not None:
            basis = f"the first rule of the allowlist that fits is {rule.action}"
            return Answer(Verdict.PROMPT, basis, rule.source, Basis.CONFIG)
        return self.default(channel)

    def _decide(self, command: str) -> tuple[Verdict, CommandRule | None]:
        rules, through = deciding(self.rules, lambda rule: rule.fits(command))
        verdicts = {ACTIONS[rule.action] for rule in rules}
        verdicts |= {Verdict.PROMPT} if through else set()
        verdict = verdicts.pop() if len(verdicts) == 1 else Verdict.UNKNOWN
        return verdict, rules[0] if rules else None

    # ------------------------------------------------------------------ prompt

    def loads(self) -> tuple[LoadRule, ...]:
        """The root's AGENTS.md gives way to the one in `.junie`."""
        hidden = "/AGENTS.md" if self.tree.exists(IN_PROJECT) else ""
        return tuple(rule for rule in self.context.loads if rule.path != hidden)
