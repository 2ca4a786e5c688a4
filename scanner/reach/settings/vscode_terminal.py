"""Which commands VS Code's agent runs unasked: the rules of `chat.tools.terminal.autoApprove`.

A rule is a command's beginning or a regular expression between slashes; true approves, false asks,
null takes a rule of lower scope away. A command runs unasked if a rule approves it and none of
those that ask fits. Defaults and semantics: microsoft/vscode,
terminalContrib/chatAgentTools/common/terminalChatAgentToolsConfiguration.ts.
Regular expressions come from the scanned repository: only cheap ones are tried, others may fit.
"""

from collections.abc import Collection, Sequence

import msgspec

from scanner.model import Verdict
from scanner.reach.formats import jsonc
from scanner.reach.matching.first_match import Fit, regex_fits, regex_is_everything, widest
from scanner.reach.matching.programs import RUNNERS, program_of

DEFAULT_READERS = ("cat", "head", "tail", "grep", "rg", "sed", "nl", "od", "xxd", "cut", "findstr")
"""Programs that print a file and that the default rules approve."""
DEFAULT_GIT = ("git show", "git log", "git diff", "git grep")
"""What the default rules approve of git and what prints contents."""


class TerminalRule(msgspec.Struct, frozen=True):
    """One entry of the setting. `approve` is None for null."""

    key: str
    approve: bool | None
    source: str
    shown: str
    line: int
    personal: bool

    @property
    def expression(self) -> str | None:
        """The regular expression, flags as Python writes them; None for a plain beginning."""
        if not self.key.startswith("/") or len(self.key) < 2 or "/" not in self.key[1:]:
            return None
        body, _, flags = self.key[1:].rpartition("/")
        return f"(?i){body}" if "i" in flags else body

    @property
    def blanket(self) -> bool:
        """It approves whatever the agent wants to run."""
        if self.approve is not True:
            return False
        if self.expression is not None:
            return regex_is_everything(self.expression.removeprefix("(?i)"))
        return program_of(self.key) in RUNNERS and len(self.key.split()) == 1

    def fit(self, command: str) -> Fit:
        """Whether it speaks of a command."""
        if self.expression is not None:
            return regex_fits(self.expression, command)
        rest = command[len(self.key) :]
        if not self.key or not command.startswith(self.key):
            return Fit.NO
        return Fit.NO if rest[:1].isalnum() or rest[:1] == "_" else Fit.YES


class Decision(msgspec.Struct, frozen=True):
    """How easily the agent gets a command through. `source` is "" where the defaults decide."""

    verdict: Verdict
    words: str
    source: str


def rule_of(
    key: str, node: jsonc.Node, source: str, shown: str, *, personal: bool
) -> TerminalRule | None:
    """One entry as VS Code reads it; None for a value that it does not know."""
    value = node
    if isinstance(node, jsonc.Object):
        approve = node.members.get("approve")
        if approve is None:
            return None
        value = approve
    if not isinstance(value, jsonc.Scalar) or not (value.value is None or _is_flag(value)):
        return None
    approve_it = jsonc.boolean(value)
    return TerminalRule(key, approve_it, source, shown, node.line, personal)


def _is_flag(node: jsonc.Scalar) -> bool:
    return isinstance(node.value, bool)


def decide(
    rules: Sequence[TerminalRule],
    beginnings: Sequence[str],
    rest: str,
    *,
    capable: Collection[str],
    defaults: bool,
) -> Decision:
    """The easiest way to run one of `beginnings` with `rest` behind it, or one of the programs.

    `beginnings` are what the default rules approve, `capable` the programs that lead to the same.
    What is approved beside those may lead there too: that is unknown.
    """
    found = []
    for beginning in dict.fromkeys((*beginnings, *(rule.key for rule in rules if _plain(rule)))):
        default = defaults and beginning in beginnings
        one = _one(rules, beginning, f"{beginning} {rest}", default)
        able = beginning in beginnings or program_of(beginning) in capable
        if one.verdict is Verdict.NO_PROMPT and not able:
            one = Decision(Verdict.UNKNOWN, f"{one.words}; what it prints is not known", one.source)
        found.append(one)
    best = widest(one.verdict for one in found)
    return next(one for one in found if one.verdict is best)


def _plain(rule: TerminalRule) -> bool:
    return rule.expression is None and rule.approve is True


def _one(rules: Sequence[TerminalRule], beginning: str, command: str, default: bool) -> Decision:
    asks = [rule for rule in rules if rule.approve is False]
    if (ask := _first(asks, command, Fit.YES)) is not None:
        return Decision(Verdict.PROMPT, f"{ask.key} is false, so it asks", ask.source)
    doubt = _first(asks, command, Fit.MAYBE)
    unset = any(rule.key == beginning and rule.approve is None for rule in rules)
    approvals = [rule for rule in rules if rule.approve is True]
    approval = _first(approvals, command, Fit.YES)
    if approval is not None or (default and not unset):
        words = f"{approval.key} is true" if approval else "the default rules approve it"
        source = approval.source if approval else ""
        if doubt is None:
            return Decision(Verdict.NO_PROMPT, words, source)
        return Decision(
            Verdict.UNKNOWN, f"{words}, and {doubt.key}, which asks, may fit", doubt.source
        )
    if (maybe := _first(approvals, command, Fit.MAYBE)) is not None:
        return Decision(Verdict.UNKNOWN, f"{maybe.key} may approve it", maybe.source)
    return Decision(Verdict.PROMPT, "no rule approves it", "")


def _first(rules: Sequence[TerminalRule], command: str, fit: Fit) -> TerminalRule | None:
    return next((rule for rule in rules if rule.fit(command) is fit), None)
