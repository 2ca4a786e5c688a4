"""Amp's permission rules: a tool's name and its arguments, first match.

After the permissions reference of Amp's manual: `matches` maps an argument to a glob whose `*` is
any characters, to a regular expression between slashes, to a list of which one must fit, or to a
literal. A rule may hold for the main thread or for sub-agents only.
"""

from collections.abc import Iterator, Mapping

import msgspec

from scanner.reach.formats import jsonc
from scanner.reach.matching.first_match import (
    MAY_FIT,
    Fit,
    Matcher,
    covers_everything,
    glob_matcher,
    regex_matcher,
)
from scanner.reach.settings.json_layers import Layer

ACTIONS = ("allow", "ask", "reject", "delegate")
CONTEXTS = ("thread", "subagent")
ANY_WORKSPACE = "/any/where/"
"""Stands for the directory that an absolute path begins with, which is not known."""


class Call(msgspec.Struct, frozen=True):
    """A tool call. An argument may have several spellings; None stands for any value at all."""

    tool: str
    arguments: Mapping[str, tuple[str, ...] | None]
    context: str = "thread"


class Condition(msgspec.Struct, frozen=True):
    """What a rule asks of one argument: one of the patterns must fit."""

    argument: str
    patterns: tuple[Matcher, ...]
    anything: bool
    """One of the patterns takes any text."""

    def fits(self, call: Call) -> Fit:
        """Whether a call meets it."""
        if self.argument not in call.arguments:
            # An argument that is not modelled, or a path into a nested one.
            return Fit.MAYBE
        spellings = call.arguments[self.argument]
        if spellings is None:
            return Fit.YES if self.anything else Fit.MAYBE
        answers = {
            max((pattern.fits(text) for pattern in self.patterns), default=Fit.NO)
            for text in spellings
        }
        return answers.pop() if len(answers) == 1 else Fit.MAYBE


class AmpRule(msgspec.Struct, frozen=True):
    """One entry of `amp.permissions`."""

    action: str
    tool: str
    tools: Matcher
    conditions: tuple[Condition, ...]
    context: str | None
    source: str
    line: int

    @property
    def words(self) -> str:
        """The rule as a person would say it; no arguments, which have tokens in them at times."""
        some = " with some arguments" if self.conditions else ""
        where = f" in a {self.context}" if self.context else ""
        return f"{self.action} {self.tool[:60]}{some}{where}"

    def fits(self, call: Call) -> Fit:
        """Whether it covers a call."""
        if self.context is not None and self.context != call.context:
            return Fit.NO
        fit = self.tools.fits(call.tool)
        for condition in self.conditions:
            if fit is Fit.NO:
                return fit
            fit = min(fit, condition.fits(call))
        return fit


def parse_rules(layer: Layer, node: jsonc.Node) -> Iterator[AmpRule | int]:
    """The rules in order; for an entry that is none, its line."""
    for item in node.items if isinstance(node, jsonc.Array) else ():
        tool = jsonc.string(jsonc.get(item, "tool"))
        action = jsonc.string(jsonc.get(item, "action"))
        matches, context = jsonc.get(item, "matches"), jsonc.get(item, "context")
        where = jsonc.string(context)
        wrong = not isinstance(matches, jsonc.Object | None)
        wrong = wrong or (context is not None and where not in CONTEXTS)
        if wrong or not tool or action is None or action not in ACTIONS:
            yield item.line
            continue
        members = matches.members if isinstance(matches, jsonc.Object) else {}
        conditions = tuple(_condition(name, value) for name, value in members.items())
        source = layer.source(item)
        yield AmpRule(action, tool, glob_matcher(tool), conditions, where, source, item.line)


def _condition(name: str, node: jsonc.Node) -> Condition:
    # Numbers, truth values and nested objects never equal a text.
    patterns = [text for text, _ in jsonc.strings(node)]
    anything = any(map(covers_everything, patterns))
    return Condition(name, tuple(map(_pattern, patterns)), anything)


def _pattern(text: str) -> Matcher:
    if len(text) > 1 and text.startswith("/") and text.endswith("/"):
        return regex_matcher(text[1:-1])
    # `$HOME/*`, `$PWD/*`, `~/*`: which directory that is depends on the user.
    return MAY_FIT if "$" in text or text.startswith("~") else glob_matcher(text)


def path_spellings(path: str) -> tuple[str, ...]:
    """How a tool may be handed a path: the manual shows relative and absolute ones."""
    return path, f"{ANY_WORKSPACE}{path}"
