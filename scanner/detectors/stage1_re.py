"""Stage 1 without Hyperscan: the standard library's `re`, content by content."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from scanner.detectors.pattern import Plan, required_literals
from scanner.detectors.stage1 import Look, Window
from scanner.detectors.trigger import Trigger
from scanner.model import Batch


class _Sign(NamedTuple):
    """A trigger for the engine `re`."""

    name: str
    pattern: re.Pattern[bytes]
    literals: tuple[bytes, ...]
    """Lower-case strings one of which stands in every match; empty where there is no such set."""

    @classmethod
    def of(cls, trigger: Trigger) -> "_Sign":
        """Compile one."""
        flags = re.IGNORECASE if trigger.case_insensitive else 0
        text = trigger.pattern.encode("ascii")
        return cls(trigger.name, re.compile(text, flags), required_literals(text, flags))


class ReStage1:
    """Without Hyperscan: every content in which one of a rule's required strings stands."""

    def __init__(self, plans: Sequence[Plan], triggers: Sequence[Trigger]) -> None:
        self._always = [number for number, plan in enumerate(plans) if not plan.literals]
        self._rules_of: dict[bytes, list[int]] = {}
        for number, plan in enumerate(plans):
            for literal in plan.literals:
                self._rules_of.setdefault(literal, []).append(number)
        self._triggers = tuple(map(_Sign.of, triggers))

    def look(self, batch: Batch) -> Look:
        """See `Stage1`."""
        look = Look({}, {})
        for content in range(len(batch)):
            data = batch.content(content)
            lower = data.lower()
            rules = set(self._always)
            for literal, own in self._rules_of.items():
                if literal in lower:
                    rules.update(own)
            if rules:
                size = len(data)
                look.windows[content] = [
                    Window(rule, content, 0, size, size) for rule in sorted(rules)
                ]
            signals: dict[str, set[int]] = {}
            for sign in self._triggers:
                if sign.literals and not any(literal in lower for literal in sign.literals):
                    continue
                if ends := _ends(sign.pattern, data):
                    signals.setdefault(sign.name, set()).update(ends)
            if signals:
                look.signals[content] = {name: sorted(ends) for name, ends in signals.items()}
        return look


def _ends(pattern: re.Pattern[bytes], data: bytes) -> set[int]:
    """Where matches end, those that overlap too, as Hyperscan reports them."""
    ends: set[int] = set()
    found = pattern.search(data)
    while found:
        ends.add(found.end())
        found = pattern.search(data, found.start() + 1)
    return ends
