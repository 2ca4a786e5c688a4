"""What is known of a value while a function is walked: clean, or secret with the way it came."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import libcst as cst

MAX_STEPS = 8
MAX_NAMES = 200
"""Secret names tracked at once; further ones are not. Keeps branching cheap in hostile files."""


class Step(NamedTuple):
    """One place on a value's way, and what happens there. The text never quotes a literal."""

    node: cst.CSTNode
    text: str


class Value(NamedTuple):
    """A value. `steps` is empty when nothing secret is in it.

    `fields` are the known parts of a dict, list or tuple literal: asked for one of them by a
    constant, the others do not matter. `logger` marks a value that is a sink itself.
    """

    steps: tuple[Step, ...] = ()
    fields: Mapping[str, "Value"] | None = None
    logger: bool = False

    @property
    def secret(self) -> bool:
        """Whether printing it would show a secret."""
        return bool(self.steps)

    def then(self, node: cst.CSTNode, text: str) -> "Value":
        """The same value one step on; clean stays clean."""
        if not self.steps or self.steps[-1].text == text:
            return self
        # The source matters most, then what is nearest to the sink.
        kept = self.steps if len(self.steps) < MAX_STEPS else (self.steps[0], *self.steps[2:])
        return self._replace(steps=(*kept, Step(node, text)))

    def part(self, key: str | None) -> "Value":
        """What subscripting by a constant (None: by something unknown) gives."""
        if self.fields is None:
            return Value(self.steps)
        if key is None:
            return Value(self.steps)
        return self.fields.get(key, CLEAN)

    def without_fields(self) -> "Value":
        """The value as text: its parts can no longer be told apart."""
        return self._replace(fields=None)


CLEAN = Value()


def any_of(values: Iterable[Value]) -> Value:
    """A value that may be, or holds, any of these: the first secret one, else clean."""
    found = CLEAN
    for value in values:
        if value.secret:
            return value
        if value.logger:
            found = value
    return found


Scope = dict[str, Value]
"""What dotted names stand for at one point. A clean name is absent."""


def bind(scope: Scope, name: str, value: Value) -> None:
    """Assign: what the name, and its attributes, held before is gone."""
    if not value.secret and not value.logger:
        scope.pop(name, None)
    elif name in scope or len(scope) < MAX_NAMES:
        scope[name] = value
    if "." not in name:
        prefix = name + "."
        for attribute in [known for known in scope if known.startswith(prefix)]:
            del scope[attribute]


def merge(one: Scope, other: Scope) -> Scope:
    """After a branch: a name is secret if it is on either way."""
    return {
        name: any_of((one.get(name, CLEAN), other.get(name, CLEAN))) for name in {**one, **other}
    }
