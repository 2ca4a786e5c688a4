"""Amp: everything runs unasked unless permission rules are set; the first rule that fits decides.

After Amp's manual. Current releases run tools without approval; `amp.permissions`,
`amp.guardedFiles.allowlist` and `amp.dangerouslyAllowAll` bring the older rule engine back. Its
built-in list is not published, so where no rule fits a command, the answer is unknown.
"""

from collections.abc import Iterator

from scanner.model import Basis, Channel, ConcernKind, Verdict
from scanner.reach.evaluator import Answer, Evaluator, git_ignored
from scanner.reach.formats import jsonc, markdown
from scanner.reach.matching.first_match import (
    Fit,
    covers_everything,
    deciding,
    glob_matcher,
    widest,
)
from scanner.reach.settings.amp_rules import CONTEXTS, AmpRule, Call, parse_rules, path_spellings
from scanner.reach.settings.json_layers import Layer, given_layers, read_layer, reject
from scanner.reach.tree import Place
from scanner.rules.context import Frontmatter, LoadRule

WORKSPACE = (".amp/settings.json", ".amp/settings.jsonc")
USER = (".config/amp/settings.json", ".config/amp/settings.jsonc")
EDITOR = ".vscode/settings.json"
RULES, ALLOW_ALL = "amp.permissions", "amp.dangerouslyAllowAll"
DISABLED, GUARDED = "amp.tools.disable", "amp.guardedFiles.allowlist"
UNSEEN = "user and managed settings not read"
UNSEEN_AT_HOME = "managed settings not read"
_VERDICTS = {
    "allow": Verdict.NO_PROMPT,
    "ask": Verdict.PROMPT,
    "reject": Verdict.BLOCKED,
    "delegate": Verdict.UNKNOWN,
}
_ANOTHER = "every tool"
_PRINTERS = ("cat {0}", "head {0}", "grep -n . {0}", "sed -n p {0}", "python3 -c print {0}")
_HISTORY = ("git show HEAD:{0}", "git log -p", "git diff HEAD~1", "git cat-file -p HEAD:{0}")


class AgentEvaluator(Evaluator):
    """Settings of the workspace replace the user's, key by key."""

    def read(self) -> None:
        """All settings files, what is dangerous in them, and the rules of the one that counts."""
        found = [*given_layers(self, "settings")]
        found += [layer for path in WORKSPACE if (layer := read_layer(self, path, "settings"))]
        home = [read_layer(self, path, "settings", personal=True) for path in USER]
        self.layers = (*found, *(layer for layer in home if layer is not None))
        self.unseen = UNSEEN if self.home is None else UNSEEN_AT_HOME
        self.broken = next((one.broken_at for one in self.layers if one.root is None), "")
        editor = read_layer(self, EDITOR, "settings") if self._mentions_amp(EDITOR) else None
        for layer in (*self.layers, *((editor,) if editor else ())):
            self._point_out(layer)
        self.rules = tuple(self._rules())
        self.allows_all = self._truth(ALLOW_ALL)
        self.active = any(self._node(key) for key in (RULES, GUARDED, ALLOW_ALL))

    def _mentions_amp(self, path: str) -> bool:
        return '"amp.' in self.tree.plain_text(path)

    def _node(self, key: str) -> tuple[Layer, jsonc.Node] | None:
        """A key's value in the first file that has it."""
        for layer in self.layers:
            if layer.root is not None and (node := layer.root.members.get(key)) is not None:
                return layer, node
        return None

    def _truth(self, key: str) -> str:
        """`file:line` where a switch is on, else nothing."""
        found = self._node(key)
        on = found is not None and jsonc.boolean(found[1]) is True
        return found[0].source(found[1]) if found and on else ""

    def _rules(self) -> Iterator[AmpRule]:
        found = self._node(RULES)
        if found is None:
            return
        layer, node = found
        if not isinstance(node, jsonc.Array):
            reject(self, layer, node.line, RULES, f"{RULES} is no list of rules", "permissions")
            self.broken = self.broken or layer.source(node)
        for entry in parse_rules(layer, node):
            if isinstance(entry, AmpRule):
                yield entry
                continue
            words = "a rule without a known tool, action or context; what Amp makes of it, and of"
            words += " the rules after it, is not documented"
            reject(self, layer, entry, RULES, words, "permissions")
            self.broken = self.broken or f"{layer.shown}:{entry}"

    # ------------------------------------------------------------------ concerns

    def _point_out(self, layer: Layer) -> None:
        members = layer.root.members if layer.root is not None else {}
        node = members.get(ALLOW_ALL)
        if node is not None and jsonc.boolean(node) is True:
            self.concern(
                ConcernKind.APPROVAL_BYPASS,
                layer.shown,
                node.line,
                ALLOW_ALL,
                "Amp asks for nothing any more, not even what its permission rules say it should",
                f"remove {ALLOW_ALL} and let {RULES} allow what is needed",
                "permissions",
                personal=layer.personal,
            )
        rules = members.get(RULES)
        for entry in parse_rules(layer, rules) if rules is not None else ():
            if isinstance(entry, AmpRule) and (words := _allows_all_of_a_kind(entry)):
                self.concern(
                    ConcernKind.BLANKET_APPROVAL,
                    layer.shown,
                    entry.line,
                    f"{RULES}: {entry.words}",
                    f"{words} that no earlier rule stops runs unasked",
                    'name what is needed under "tool" and "matches", and let a last rule ask',
                    "permissions",
                    personal=layer.personal,
                )

    # ------------------------------------------------------------------ what decides

    def _candidates(self, call: Call) -> tuple[tuple[AmpRule, ...], bool]:
        return deciding(self.rules, lambda rule: rule.fits(call))

    def _decide(self, calls: list[Call], fallback: Verdict) -> tuple[Verdict, AmpRule | None]:
        """The widest verdict over calls that all show the text, and a rule that says so."""
        reached: list[tuple[Verdict, AmpRule | None]] = []
        for call in calls:
            rules, through = self._candidates(call)
            verdicts = {_VERDICTS[rule.action] for rule in rules}
            verdicts |= {fallback} if through else set()
            verdict = verdicts.pop() if len(verdicts) == 1 else Verdict.UNKNOWN
            reached.append((verdict, rules[0] if rules else None))
        wide = widest(verdict for verdict, _ in reached)
        deciders = [rule for verdict, rule in reached if verdict is wide]
        # Where one of the calls passes all rules, no rule is the reason.
        return wide, None if wide is fallback and None in deciders else deciders[0]

    def _answer(
        self, channel: Channel, calls: list[Call], whole: Call, fallback: Verdict
    ) -> Answer:
        """From the rules; blocked only where every call of the tool, or of all tools, is."""
        verdict, rule = self._decide(calls, fallback)
        if self.allows_all and verdict in (Verdict.PROMPT, fallback):
            basis = f"{ALLOW_ALL} is on, so nothing is asked"
            return Answer(Verdict.NO_PROMPT, basis, self.allows_all, Basis.CONFIG)
        if self.broken and verdict is not Verdict.NO_PROMPT:
            basis = f"{self.broken} is not as the manual has it; what Amp makes of it is not known"
            return Answer(Verdict.UNKNOWN, basis, self.broken, Basis.CONFIG)
        if rule is None:
            return self._by_default(channel, verdict)
        basis = f"the first rule that fits is {rule.words}"
        if verdict is Verdict.BLOCKED and not self._blocks_all(whole):
            basis += "; other calls that show the same text are not covered"
            return Answer(Verdict.UNKNOWN, basis, rule.source, Basis.CONFIG).noting(self.unseen)
        if verdict is Verdict.BLOCKED and self.allows_all:
            basis += f", but {ALLOW_ALL} is on; which of them counts is not documented"
            return Answer(Verdict.UNKNOWN, basis, rule.source, Basis.CONFIG)
        if verdict is Verdict.UNKNOWN:
            basis = f"{rule.words} may decide, which depends on the call or on another program"
        return Answer(verdict, basis, rule.source, Basis.CONFIG).noting(self.unseen)

    def _blocks_all(self, whole: Call) -> bool:
        for context in CONTEXTS:
            rules, through = self._candidates(Call(whole.tool, whole.arguments, context))
            if through or any(rule.action != "reject" for rule in rules):
                return False
        return True

    def _by_default(self, channel: Channel, verdict: Verdict) -> Answer:
        answer = self.default(channel)
        if not self.active or channel is Channel.FILE_TOOLS:
            return answer.noting(*self._guards(channel), self.unseen)
        basis = f"no rule of {RULES} fits; Amp's built-in list decides, which lets some read-only"
        basis += " commands run, and else Amp asks"
        return Answer(verdict, basis, self.reference("permissions")).noting(self.unseen)

    def _guards(self, channel: Channel) -> tuple[str, ...]:
        found = self._node(GUARDED) if channel is Channel.FILE_TOOLS else None
        words = f"{GUARDED} is about changing files without a question, not about reading them"
        return (words,) if found is not None else ()

    def _disabled(self, tool: str) -> Answer | None:
        """The answer where the tool is taken away."""
        found = self._node(DISABLED)
        for text, line in jsonc.strings(found[1]) if found is not None else ():
            fits = glob_matcher(text.removeprefix("builtin:")).fits(tool) is Fit.YES
            if found is not None and fits and not self.broken:
                basis = f"{DISABLED} takes {tool} away"
                return Answer(Verdict.BLOCKED, basis, f"{found[0].shown}:{line}", Basis.CONFIG)
        return None

    # ------------------------------------------------------------------ channels

    def file_tools(self, place: Place) -> Answer:
        """Read and Grep both show contents; other tools read files too, so two rules do not do."""
        if (gone := self._disabled(_ANOTHER)) is not None:
            return gone
        spellings = path_spellings(place.path)
        hit = git_ignored(self.tree, place)
        calls = []
        for context in CONTEXTS:
            calls.append(Call("Read", {"path": spellings}, context))
            if hit is None or hit.negated:
                # A search from the root needs no path; it leaves out what git ignores.
                calls.append(Call("Grep", {}, context))
            calls.append(Call("Grep", {"path": spellings}, context))
        whole = Call(_ANOTHER, {})
        answer = self._answer(Channel.FILE_TOOLS, calls, whole, Verdict.NO_PROMPT)
        return answer.noting(*self.dead_controls(place.path))

    def shell(self, place: Place) -> Answer:
        """Any command that prints the file."""
        return self._commands(Channel.SHELL, [text.format(place.path) for text in _PRINTERS])

    def git_objects(self, place: Place) -> Answer:
        """Any command that prints history."""
        return self._commands(Channel.GIT_OBJECTS, [text.format(place.path) for text in _HISTORY])

    def _commands(self, channel: Channel, commands: list[str]) -> Answer:
        if (gone := self._disabled("Bash")) is not None:
            return gone.noting("toolboxes and MCP servers are other ways to run programs")
        fallback = Verdict.UNKNOWN if self.active else Verdict.NO_PROMPT
        calls = [Call("Bash", {"cmd": (command,)}) for command in commands]
        if self.active:
            calls += [Call("Bash", {"cmd": (command,)}, "subagent") for command in commands]
        return self._answer(channel, calls, Call("Bash", {"cmd": None}), fallback)

    # ------------------------------------------------------------------ prompt

    def loads(self) -> tuple[LoadRule, ...]:
        """Guidance files, and what they mention with `@`: a path, or a glob."""
        return (*self.context.loads, *self._mentioned())

    def _mentioned(self) -> Iterator[LoadRule]:
        for rule, path in self._guidance():
            for found in markdown.imports(self.tree.plain_text(path)):
                pattern = _pattern(path, found.target)
                if pattern is not None:
                    yield LoadRule(
                        pattern,
                        rule.when,
                        f"{path}:{found.line} mentions it, and {rule.basis}",
                        "guidance",
                        Frontmatter(otherwise=rule.when, globs="globs"),
                    )

    def _guidance(self) -> Iterator[tuple[LoadRule, str]]:
        """The guidance files that count: of each directory the one of the first name."""
        taken: set[str] = set()
        for rule in self.context.loads:
            for path in self.tree.find(rule.path) if rule.slot else ():
                directory = path.rpartition("/")[0]
                if directory not in taken:
                    taken.add(directory)
                    yield rule, path


def _allows_all_of_a_kind(rule: AmpRule) -> str:
    """In words what a rule lets run unasked, if that is every call of a kind."""
    if rule.action != "allow" or rule.context == "subagent":
        return ""
    if rule.tools.fits("Bash") is Fit.YES:
        one = rule.conditions[0] if len(rule.conditions) == 1 else None
        every = one is not None and one.argument == "cmd" and one.anything
        return "every shell command" if every or not rule.conditions else ""
    every_server = not rule.conditions and rule.tool.startswith("mcp_")
    every_server = every_server and covers_everything(rule.tool.removeprefix("mcp_").lstrip("_"))
    return "every tool of every MCP server" if every_server else ""


def _pattern(importer: str, target: str) -> str | None:
    """A mention as a gitignore pattern from the root; None outside the repository or malformed."""
    if target.startswith(("/", "~")) or set(target) & set("\\!#") or len(target) > 512:
        return None
    parts = importer.split("/")[:-1]
    for part in target.removesuffix("/").split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/" + "/".join(parts) if parts else None
