"""What OpenCode and its descendants have in common: tools that last-match rules allow or refuse.

Rules for `read` go by path. Those for `grep` go by the search pattern, so a file that may not be
read is printed line by line as long as searching is allowed at all: only both together close the
file tools. Rules for `bash` go by the command's text.
"""

import posixpath
import re
from collections.abc import Iterator, Sequence

import msgspec

from scanner.model import Basis, Channel, Verdict
from scanner.reach.evaluator import Answer, Evaluator
from scanner.reach.matching.last_match import (
    Action,
    Rule,
    decide,
    flatten,
    widest,
    wildcard_matches,
)
from scanner.reach.matching.links import Links
from scanner.reach.matching.literal import inside, literal_pattern
from scanner.reach.settings.given_ignore import without_ignores
from scanner.reach.settings.last_match_concerns import remarks
from scanner.reach.settings.last_match_settings import Entry, LastMatchSettings
from scanner.reach.tree import Place
from scanner.rules.context import Frontmatter, LoadRule, LoadWhen

PRINTING = (
    "cat {path}",
    "head {path}",
    "grep -n . {path}",
    "sed -n p {path}",
    "git diff --no-index /dev/null {path}",
)
GENERAL = "python3 -c program"
HISTORY = ("git show HEAD:{path}", "git log -p", "git stash show -p", "git cat-file -p HEAD:{path}")
_VERDICTS = {
    Action.ALLOW: Verdict.NO_PROMPT,
    Action.ASK: Verdict.PROMPT,
    Action.DENY: Verdict.BLOCKED,
}
_FILE_PROMPT = re.compile(r"\s*\{file:([^{}]+)\}")
_OUTSIDE = ("/", "~", "$HOME")
_FROM_ROOT = "/\N{REPLACEMENT CHARACTER}/"
"""Stands for the unknown directory above the repository."""


class Variant(msgspec.Struct, frozen=True):
    """The rules of one of the agent's own agents; `name` is "" for those without their own."""

    name: str
    rules: tuple[Rule, ...]

    @property
    def words(self) -> str:
        """For the end of a sentence."""
        return f" (agent {self.name})" if self.name else ""


class LastMatchEvaluator(Evaluator):
    """The engine; a descendant says which files are read and what holds without any."""

    file_names: Sequence[str] = ()
    """Of settings files, in the repository's root and in its settings directories."""
    directories: Sequence[str] = ()
    """The settings directories of a repository, lowest first."""
    home_directories: Sequence[str] = ()
    defaults: Sequence[Rule] = ()
    rule_head: Frontmatter | None = None
    """How the head of an instruction file narrows when it is loaded, where the agent heeds it."""

    def read(self) -> None:
        """All layers, lowest first, and what is wrong with them."""
        self.settings = LastMatchSettings()
        if self.home is not None:
            for directory in self.home_directories:
                for name in self.file_names:
                    self.settings.read_file(self.home, f"{directory}/{name}", personal=True)
                self.settings.read_agents(self.home, directory, personal=True)
        for name in self.file_names:
            self.settings.read_file(self.tree, name)
        for directory in self.directories:
            for name in self.file_names:
                self.settings.read_file(self.tree, f"{directory}/{name}")
            self.settings.read_agents(self.tree, directory)
        self.settings.read_given(without_ignores(self.given))
        self.links = Links(self.tree)
        variants = tuple(self.all_variants())
        # Many agents differ in what does not matter here; each kind is asked once.
        self.reading = _distinct(variants, ("read", "grep"))
        self.running = _distinct(variants, ("bash",))
        self._point_out()

    def all_variants(self) -> Iterator[Variant]:
        """The rules for agents without their own, then for each that has some."""
        base = (*self.defaults, *flatten(self.settings.user), *self.settings.ordered)
        yield Variant("", base)
        for name, rules in sorted(self.settings.agents.items()):
            if name not in self.settings.disabled:
                yield Variant(name, (*base, *flatten(rules)))

    # ------------------------------------------------------------------ file tools

    def file_tools(self, place: Place) -> Answer:
        """The widest of reading and searching, over all agents."""
        if (broken := self.broken()) is not None:
            return broken
        answers = [self._reading(variant, place.path) for variant in self.reading]
        answer = min(answers, key=lambda one: one.verdict.rank)
        return self._seen(answer.noting(*self.dead_controls(place.path)))

    def _reading(self, variant: Variant, path: str) -> Answer:
        read = self._read(variant, path)
        grep = widest(variant.rules, "grep")
        search = _VERDICTS[grep.action] if grep else Verdict.PROMPT
        if read.verdict.rank <= search.rank:
            if read.verdict is Verdict.BLOCKED and grep is not None:
                return read.noting(f"{grep.text} at {grep.source} takes the search away")
            return read
        verb = "without asking" if search is Verdict.NO_PROMPT else "after asking"
        words = f"grep prints lines of every file {verb}, as its rules are not for paths"
        source = (grep.source if grep else "") or self.reference("grep")
        return Answer(search, f"{read.basis}, but {words}{variant.words}", source, Basis.DERIVED)

    def _read(self, variant: Variant, path: str) -> Answer:
        """The read tool alone, by every name that the file has."""
        rule = decide(variant.rules, "read", path)
        action = rule.action if rule else Action.ASK
        full = decide(variant.rules, "read", _FROM_ROOT + path)
        other = full.action if full else Action.ASK
        doubt = ""
        if action is not other:
            doubt = "versions differ in whether paths begin at the repository or at /"
        elif action is Action.DENY and (wide := _reopened(variant.rules, rule, path)):
            doubt = f"{wide.text} at {wide.source} may let it be read again"
        elif action is not Action.ALLOW and (name := self._open_name(variant, path, action)):
            doubt = f"the link {name} leads to it and no rule of that kind covers this name"
        if rule is None or (not rule.source and not doubt):
            return self._read_default(rule, action)
        if doubt:
            decisive = rule if rule.source or full is None else full
            source = decisive.source or self.reference("permissions")
            basis = f"{decisive.text} may cover it, but {doubt}{variant.words}"
            return Answer(Verdict.UNKNOWN, basis, source, Basis.CONFIG)
        verbs = {Action.ALLOW: "allows reading it", Action.ASK: "asks before reading it"}
        verb = verbs.get(action, "refuses to read it")
        basis = f"{rule.text} {verb}{variant.words}"
        return Answer(_VERDICTS[action], basis, rule.source, Basis.CONFIG)

    def _read_default(self, rule: Rule | None, action: Action) -> Answer:
        """No rule of the settings decides."""
        if action is Action.ALLOW:
            return self.default(Channel.FILE_TOOLS)
        words = f"the default asks before reading {rule.pattern}" if rule else "no rule covers it"
        return Answer(Verdict.PROMPT, words, self.reference("permissions"))

    def _open_name(self, variant: Variant, path: str, action: Action) -> str | None:
        for name in self.links.names(path):
            rule = decide(variant.rules, "read", name)
            if rule is not None and rule.action.rank < action.rank:
                return name
        return None

    # ------------------------------------------------------------------ shell

    def shell(self, place: Place) -> Answer:
        """The widest of the usual ways to print a file."""
        if (broken := self.broken()) is not None:
            return broken
        commands = [text.format(path=place.path) for text in PRINTING]
        answers = [self._running(variant, [*commands, GENERAL]) for variant in self.running]
        answer = min(answers, key=lambda one: one.verdict.rank)
        return self._seen(answer.noting(*self._partial(answer)))

    def git_objects(self, place: Place) -> Answer:
        """git's own commands, or any other program that may run: the objects are only files."""
        if (broken := self.broken()) is not None:
            return broken
        commands = [text.format(path=place.path) for text in HISTORY]
        answers = [self._running(variant, [*commands, GENERAL]) for variant in self.running]
        return self._seen(min(answers, key=lambda one: one.verdict.rank))

    def _running(self, variant: Variant, commands: Sequence[str]) -> Answer:
        """The widest action over commands; blocked only where no command at all is left."""
        decided = [(decide(variant.rules, "bash", command), command) for command in commands]
        rule, command = min(decided, key=lambda pair: _rank(pair[0]))
        action = rule.action if rule else Action.ASK
        source = (rule.source if rule else "") or self.reference("permissions")
        name = " ".join(command.split()[:2]) if command.startswith("git ") else command.split()[0]
        grade = Basis.CONFIG if rule and rule.source else Basis.DOCUMENTED
        if action is not Action.DENY:
            verb = "runs without asking" if action is Action.ALLOW else "asks first"
            why = f"{rule.text}: " if rule and rule.source else ""
            basis = f"{why}{name} {verb}, and no path rule looks into commands{variant.words}"
            return Answer(_VERDICTS[action], basis, source, grade)
        left = widest(variant.rules, "bash")
        if left is not None and left.action is not Action.DENY:
            words = f"{left.text} at {left.source} still lets commands run that may print it"
            basis = f"{rule.text if rule else ''} refuses {name} and its like, but {words}"
            return Answer(Verdict.UNKNOWN, basis + variant.words, source, Basis.CONFIG)
        basis = f"{rule.text if rule else ''} refuses every command{variant.words}"
        return Answer(Verdict.BLOCKED, basis, source, Basis.CONFIG)

    def _partial(self, answer: Answer) -> list[str]:
        """A rule that refuses one form of command and is no wall."""
        if answer.verdict is not Verdict.NO_PROMPT:
            return []
        for rule in self.running[0].rules:
            if rule.permission == "bash" and rule.action is Action.DENY and rule.source:
                return [f"{rule.text} at {rule.source} stops that form of command only"]
        return []

    # ------------------------------------------------------------------ prompt

    def loads(self) -> Sequence[LoadRule]:
        """What the settings name, before what is loaded by its own name."""
        rules = [*self._instructions(), *self._prompts(), *self.context.loads]
        return tuple(rules)

    def _instructions(self) -> Iterator[LoadRule]:
        for entry in self.settings.instructions:
            pattern = inside(entry.text)
            if entry.personal or pattern is None or "://" in entry.text:
                continue
            for path in self.tree.find(f"/{pattern}"):
                # A pattern of the ignore engine also covers what is below a directory.
                if "**" in pattern or path.count("/") == pattern.count("/"):
                    yield self._load_rule(path, LoadWhen.START, entry, "instructions")

    def _prompts(self) -> Iterator[LoadRule]:
        for entry in self.settings.prompts:
            match = _FILE_PROMPT.match(entry.text)
            if match is None or entry.personal:
                continue
            path = inside(match.group(1), posixpath.dirname(entry.path))
            if path is not None and self.tree.exists(path):
                when = LoadWhen.START if entry.key in ("build", "code") else LoadWhen.DESCRIBED
                yield self._load_rule(path, when, entry, f"the prompt of agent {entry.key}")

    def _load_rule(self, path: str, when: LoadWhen, entry: Entry, key: str) -> LoadRule:
        basis = f"{entry.path}:{entry.line} names it for {key}"
        head = self.rule_head if key == "instructions" else None
        return LoadRule(literal_pattern(path), when, basis, "rules", frontmatter=head)

    # ------------------------------------------------------------------ what is wrong

    def _seen(self, answer: Answer) -> Answer:
        """The answer with what could still change it."""
        default = self.context.default(Channel.FILE_TOOLS)
        if answer.versions is None and default is not None:
            answer = msgspec.structs.replace(answer, versions=default.versions)
        if self.home is not None:
            return answer.noting("managed settings and those of the environment not read")
        words = "user and managed settings not read"
        if answer.verdict is Verdict.BLOCKED:
            words += "; in a merge with them their order can open it again"
        return answer.noting(words)

    def broken(self) -> Answer | None:
        """Settings that keep the agent from starting: what holds once it starts is not known."""
        if not self.settings.rejected:
            return None
        first = self.settings.rejected[0]
        basis = f"{first.where} is refused ({first.reason}); what holds once it is repaired is"
        return Answer(Verdict.UNKNOWN, f"{basis} not known", first.where, Basis.UNKNOWN)

    def _point_out(self) -> None:
        for one in self.settings.rejected:
            if one.unread:
                self.problem(one.where, one.reason)
        for remark in remarks(self.settings, self.context_name, self.tree):
            self.concern(
                remark.kind,
                remark.path,
                remark.line,
                remark.subject,
                remark.words,
                remark.instead,
                remark.reference,
                grade=Basis.CONFIG,
                personal=remark.personal,
            )

    context_name = "the agent"


def _distinct(variants: Sequence[Variant], tools: Sequence[str]) -> tuple[Variant, ...]:
    """The variants with the rules for these tools only; of equal ones the first."""
    found: dict[tuple[Rule, ...], Variant] = {}
    for variant in variants:
        rules = tuple(
            rule
            for rule in variant.rules
            if any(wildcard_matches(rule.permission, tool) for tool in tools)
        )
        found.setdefault(rules, Variant(variant.name, rules))
    return tuple(found.values())


def _rank(rule: Rule | None) -> int:
    return rule.action.rank if rule else Action.ASK.rank


def _reopened(rules: Sequence[Rule], deny: Rule | None, path: str) -> Rule | None:
    """A later rule with an absolute path, of which we cannot tell whether it covers the file."""
    at = max((place for place, rule in enumerate(rules) if rule == deny), default=0)
    name = posixpath.basename(path)
    for rule in rules[at + 1 :]:
        absolute = rule.pattern.startswith(_OUTSIDE) and rule.action is not Action.DENY
        last = rule.pattern.rpartition("/")[2]
        if absolute and wildcard_matches(rule.permission, "read") and wildcard_matches(last, name):
            return rule
    return None
