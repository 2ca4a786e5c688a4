"""Augment: the workspace is uploaded to the context engine; ignore files decide on that only.

After docs.augmentcode.com (workspace indexing, permissions, rules). `.augmentignore` comes after
`.gitignore` and may take files back in. Tool permissions hold for Auggie, the command line, and
not for the editors' extension, so by themselves they never close a channel of the agent.
"""

import posixpath
from collections.abc import Iterator, Sequence

import msgspec

from scanner.model import Basis, Channel, ConcernKind, Tracking, Verdict
from scanner.reach.evaluator import Answer, Evaluator, excluded_elsewhere, git_ignored, git_ignores
from scanner.reach.formats import jsonc, markdown
from scanner.reach.matching.first_match import (
    Fit,
    Matcher,
    deciding,
    regex_is_everything,
    regex_matcher,
    widest,
)
from scanner.reach.matching.gitignore import Hit, IgnoreFile, decide
from scanner.reach.matching.links import Links
from scanner.reach.settings.json_layers import Layer, given_layers, read_layer, reject
from scanner.reach.settings.link_doubt import doubt_by_link
from scanner.reach.settings.single_loads import load_one
from scanner.reach.tree import Place
from scanner.rules.context import LoadRule, LoadWhen

IGNORE = ".augmentignore"
SETTINGS = (".augment/settings.local.json", ".augment/settings.json")
RULES = "toolPermissions"
SHELL_TOOL = "launch-process"
UNSEEN = "the user's settings not read"
_TYPES = {
    "allow": Verdict.NO_PROMPT,
    "ask-user": Verdict.PROMPT,
    # The editors' extension does not enforce a denial; there a person is asked.
    "deny": Verdict.PROMPT,
}
_PRINTERS = ("cat {0}", "head {0}", "grep -n . {0}", "sed -n p {0}")
_HISTORY = ("git show HEAD:{0}", "git log -p", "git diff HEAD~1")


class ToolRule(msgspec.Struct, frozen=True):
    """One entry of `toolPermissions`."""

    tool: str
    commands: Matcher
    every_command: bool
    kind: str
    before: bool
    """It is asked before the call, not on the result."""
    source: str
    line: int

    def fits(self, tool: str, command: str) -> Fit:
        """Whether it covers a call."""
        if self.tool != tool:
            return Fit.NO
        fit = self.commands.fits(command)
        return fit if self.before or fit is Fit.NO else Fit.MAYBE


class AgentEvaluator(Evaluator):
    """The extension and the command line: the wider of both is the answer."""

    def read(self) -> None:
        """The ignore file and the settings of both scopes."""
        self.ignore = self.ignore_file(IGNORE)
        self.links = Links(self.tree)
        self.ignore_is_known = not any(entry.where == IGNORE for entry in self.problems)
        given = given_layers(self, "permissions")
        project = [layer for path in SETTINGS if (layer := read_layer(self, path, "permissions"))]
        user = read_layer(self, ".augment/settings.json", "permissions", personal=True)
        scopes = [given] if given else [project, [user] if user is not None else []]
        sets = (self._first_rules(layers) for layers in scopes)
        # Whether a project's rules replace the user's is told differently by two versions of the
        # page: each set is asked, and the wider answer counts.
        self.rule_sets = tuple(rules for rules in sets if rules)

    def _first_rules(self, layers: Sequence[Layer]) -> tuple[ToolRule, ...]:
        """Of the files of one scope, the rules of the first that has any."""
        found = [tuple(self._rules(layer)) for layer in layers]
        return next((rules for rules in found if rules), ())

    def _rules(self, layer: Layer) -> Iterator[ToolRule]:
        node = layer.root.members.get(RULES) if layer.root is not None else None
        if node is None:
            return
        if not isinstance(node, jsonc.Array):
            reject(self, layer, node.line, RULES, f"{RULES} is no list of rules", "permissions")
            return
        for item in node.items:
            rule = _rule(layer, item)
            if rule is None:
                words = "a rule without a tool's name or a known permission type"
                reject(self, layer, item.line, RULES, words, "permissions")
                continue
            self._point_out(layer, rule)
            yield rule

    def _point_out(self, layer: Layer, rule: ToolRule) -> None:
        if rule.tool == SHELL_TOOL and rule.kind == "allow" and rule.before and rule.every_command:
            self.concern(
                ConcernKind.BLANKET_APPROVAL,
                layer.shown,
                rule.line,
                f"{RULES}: {SHELL_TOOL}",
                "Auggie runs every shell command that no earlier rule stops without asking",
                "allow what is needed by shellInputRegex and let a last rule ask-user",
                "permissions",
                personal=layer.personal,
            )

    # ------------------------------------------------------------------ index

    def index(self, place: Place) -> Answer | None:
        """Uploaded, unless `.gitignore` or `.augmentignore` leave it out; the latter has the last
        word and may bring back what git ignores."""
        if place.path.startswith(".git/"):
            return None
        hit = self._hit(place.path)
        if hit is not None and not hit.negated:
            if _is_git(hit) and place.tracking is Tracking.UNKNOWN and not place.committed:
                basis = f"{hit.text} holds if this is a git repository, which is not known here"
                return Answer(Verdict.UNKNOWN, basis, hit.source, Basis.CONFIG)
            basis = f"{hit.path} has {hit.text}, which keeps it out of the upload"
            blocked = Answer(Verdict.BLOCKED, basis, hit.source, Basis.CONFIG)
            return doubt_by_link(self.links, place.path, self._is_left_out, blocked)
        if not self.ignore_is_known:
            return Answer(Verdict.UNKNOWN, f"{IGNORE} cannot be read", IGNORE, Basis.UNKNOWN)
        git = git_ignored(self.tree, place)
        if git is not None and not git.negated:
            basis = f"{IGNORE} takes it into the upload, although {git.source} has {git.text}"
            return Answer(Verdict.AUTO, basis, self._taking_back(place.path), Basis.CONFIG)
        if excluded_elsewhere(place, git):
            basis = "git ignores it by a list outside the tree; whether Augment reads that is not"
            return self.documented(Verdict.UNKNOWN, f"{basis} documented", "index")
        return self.default(Channel.INDEX)

    def _is_left_out(self, path: str) -> bool:
        hit = self._hit(path)
        return hit is not None and not hit.negated

    def _hit(self, path: str) -> Hit | None:
        own: tuple[IgnoreFile, ...] = (self.ignore,) if self.ignore is not None else ()
        return decide((*git_ignores(self.tree, path), *own), path)

    def _taking_back(self, path: str) -> str:
        """`file:line` of the pattern that names the path or a directory above it."""
        steps = path.split("/")
        for count in range(len(steps), 0, -1):
            hit = decide((self.ignore,), "/".join(steps[:count])) if self.ignore else None
            if hit is not None and hit.negated:
                return hit.source
        return IGNORE

    # ------------------------------------------------------------------ tools

    def file_tools(self, place: Place) -> Answer:
        """Free in the extension; what holds elsewhere is only mentioned."""
        return self.default(Channel.FILE_TOOLS).noting(*self._remarks(place.path))

    def _remarks(self, path: str) -> Iterator[str]:
        yield from self.dead_controls(path)
        hit = decide((self.ignore,), path) if self.ignore is not None else None
        if hit is not None and not hit.negated:
            yield f"{hit.source} keeps it out of the upload only"
        rules = (rule for rules in self.rule_sets for rule in rules)
        rule = next((one for one in rules if one.tool == "view" and one.kind != "allow"), None)
        if rule is not None:
            yield f"{rule.source} is about view, and holds in Auggie, not in the extension"

    def shell(self, place: Place) -> Answer:
        """Auggie's rules may widen it; they do not bind the extension."""
        return self._commands(Channel.SHELL, [text.format(place.path) for text in _PRINTERS])

    def git_objects(self, place: Place) -> Answer:
        """As the shell, for commands that print history."""
        return self._commands(Channel.GIT_OBJECTS, [text.format(place.path) for text in _HISTORY])

    def _commands(self, channel: Channel, commands: list[str]) -> Answer:
        reached = [self._decide(rules, text) for rules in self.rule_sets for text in commands]
        if not reached:
            return self.default(channel).noting(UNSEEN if self.home is None else "")
        wide = widest(verdict for verdict, _ in reached)
        rule = next((rule for verdict, rule in reached if verdict is wide and rule), None)
        unseen = UNSEEN if self.home is None else ""
        if rule is None:
            return self.default(channel).noting(unseen)
        some = "" if rule.every_command else " with some commands"
        basis = f"in Auggie the first rule that fits is {rule.kind} {rule.tool}{some}"
        if wide is Verdict.PROMPT:
            basis += "; the extension does not know the rule and asks, Agent Auto aside"
        return Answer(wide, basis, rule.source, Basis.CONFIG).noting(unseen)

    def _decide(
        self, listed: tuple[ToolRule, ...], command: str
    ) -> tuple[Verdict, ToolRule | None]:
        """What Auggie and the extension together make of a command, and the rule that says so."""
        rules, through = deciding(listed, lambda rule: rule.fits(SHELL_TOOL, command))
        verdicts = {_TYPES.get(rule.kind, Verdict.UNKNOWN) for rule in rules}
        verdicts |= {Verdict.UNKNOWN} if through else set()
        verdict = verdicts.pop() if len(verdicts) == 1 else Verdict.UNKNOWN
        return verdict, rules[0] if rules else None

    # ------------------------------------------------------------------ prompt

    def loads(self) -> tuple[LoadRule, ...]:
        """Guidelines, and rules by the type that their heads give."""
        return (*self.context.loads, *self._typed_rules())

    def _typed_rules(self) -> Iterator[LoadRule]:
        for path in self.tree.find("/.augment/rules/**/*.md"):
            head = markdown.head(self.tree.plain_text(path))
            kind = "".join(head.values.get("type", ())) if head is not None else ""
            when, basis = LoadWhen.START, "it is a rule that is attached to every prompt"
            if kind == "manual":
                when = LoadWhen.MANUAL
            elif kind in ("agent_requested", "auto"):
                when, basis = LoadWhen.DESCRIBED, "the model may fetch the rule by its description"
            yield load_one(path, when, basis, "rules")


def _rule(layer: Layer, item: jsonc.Node) -> ToolRule | None:
    tool = jsonc.string(jsonc.get(item, "toolName"))
    kind = jsonc.string(jsonc.get(item, "permission", "type"))
    regex = jsonc.get(item, "shellInputRegex")
    known = kind in _TYPES or (kind or "").endswith("-policy")
    if not tool or not kind or not known or (regex is not None and jsonc.string(regex) is None):
        return None
    event = jsonc.string(jsonc.get(item, "eventType")) or "tool-call"
    pattern = jsonc.string(regex) or ""
    every = regex_is_everything(pattern)
    before, source = event == "tool-call", layer.source(item)
    return ToolRule(tool, regex_matcher(pattern), every, kind, before, source, item.line)


def _is_git(hit: Hit) -> bool:
    return posixpath.basename(hit.path) == ".gitignore"
