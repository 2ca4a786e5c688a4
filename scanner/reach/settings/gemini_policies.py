"""The user's policies of Gemini CLI (`~/.gemini/policies/*.toml`): the highest priority decides.

After docs/reference/policy-engine.md and packages/core/src/policy of gemini-cli. Rules of the user
have priority 4 + n/1000; `tools.exclude` has 4.4, `tools.allowed` 4.3. A rule that holds for some
commands, modes or callers only is never taken as a wall, but it can open one.
"""

from collections.abc import Iterator, Mapping

import msgspec

from scanner.reach.formats.toml_file import read_toml
from scanner.reach.matching.glob import parse_segment, segment_matches
from scanner.reach.tree import Tree

_CONDITIONS = frozenset(
    ("argsPattern", "commandPrefix", "commandRegex", "mcpName", "subagent", "toolAnnotations")
)
_STATES = frozenset({"modes", "interactive"})
_DECISIONS = ("allow", "ask_user", "deny")


class PolicyRule(msgspec.Struct, frozen=True):
    """One `[[rule]]`."""

    tools: tuple[str, ...]
    decision: str
    priority: int
    whole: bool
    """It holds for every call of the tool, in every mode."""
    source: str

    def concerns(self, names: frozenset[str]) -> bool:
        """Whether it speaks of one of a tool's names."""
        return any(_matches(pattern, name) for pattern in self.tools for name in names)


class Policies(msgspec.Struct, frozen=True):
    """All rules that could be read, and the files that could not."""

    rules: tuple[PolicyRule, ...] = ()
    broken: tuple[tuple[str, str], ...] = ()
    """`file` or `file:line` with the reason."""

    def decides(self, names: frozenset[str]) -> PolicyRule | None:
        """The rule for every call of a tool that no other rule can overrule; None if there is
        none. The deny of equal priority wins."""
        spoken = [rule for rule in self.rules if rule.concerns(names)]
        if not spoken:
            return None
        best = max(spoken, key=lambda rule: (rule.priority, rule.whole, rule.decision == "deny"))
        return best if best.whole else None

    def touches(self, names: frozenset[str]) -> PolicyRule | None:
        """Any rule about a tool, the highest priority first."""
        spoken = [rule for rule in self.rules if rule.concerns(names)]
        return max(spoken, key=lambda rule: rule.priority, default=None)


def read_policies(home: Tree | None) -> Policies:
    """The user's policies; none where the home directory is not known."""
    rules: list[PolicyRule] = []
    broken: list[tuple[str, str]] = []
    for path in home.find("/.gemini/policies/*.toml") if home is not None else ():
        file = read_toml(f"~/{path}", home.text(path)) if home is not None else None
        if file is None:
            continue
        if file.error:
            where = f"{file.path}:{file.error_line}" if file.error_line else file.path
            broken.append((where, file.error))
        entries = file.get("rule")
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, Mapping):
                rules += _rule(entry, file.path)
    return Policies(tuple(rules), tuple(broken))


def _rule(entry: Mapping[str, object], source: str) -> Iterator[PolicyRule]:
    decision, priority = entry.get("decision"), entry.get("priority")
    named = entry.get("toolName")
    tools = (named,) if isinstance(named, str) else tuple(named) if isinstance(named, list) else ()
    texts = tuple(text for text in tools if isinstance(text, str))
    valid = decision in _DECISIONS and type(priority) is int and 0 <= priority <= 999
    if valid and texts and isinstance(decision, str) and isinstance(priority, int):
        whole = not (_CONDITIONS | _STATES) & entry.keys()
        yield PolicyRule(texts, decision, priority, whole, source)


def _matches(pattern: str, name: str) -> bool:
    if "*" not in pattern:
        return pattern == name
    glob = parse_segment(pattern)
    return glob is not None and segment_matches(glob, name)
