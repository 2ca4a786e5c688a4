"""The value of an expression: sources, what carries them on, and what stops them.

Precision before recall: only listed calls and operators carry a secret on. A comparison, a length,
a hash, a client object made with the key, any call that is not known: all clean.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import libcst as cst

from scanner.dataflow.names import SecretNames, is_test, looks_live
from scanner.dataflow.source import SourceFile, dotted
from scanner.dataflow.values import CLEAN, MAX_NAMES, Scope, Step, Value, any_of
from scanner.rules.dataflow import FlowRule

_MUTATORS = frozenset({"append", "add", "extend", "insert", "update", "appendleft"})


class Called(NamedTuple):
    """A call with everything about it already evaluated, so that nobody evaluates it twice."""

    node: cst.Call
    name: str | None
    """Dotted, through the file's imports."""
    receiver: Value
    arguments: tuple[Value, ...]
    """One each, in the order of `node.args`."""


OnCall = Callable[[Called], None]


class Expressions:
    """Evaluates for one file and one rule. `on_call` hears of every call, inner ones first."""

    def __init__(self, source: SourceFile, rule: FlowRule, on_call: OnCall) -> None:
        self._source = source
        self._rule = rule
        self._on_call = on_call
        self._names = SecretNames(rule.names)
        self._in_test = is_test(source.path)
        self._mappings = frozenset(rule.environment.mappings)
        self._getters = frozenset(rule.environment.getters)
        self._calls = frozenset(rule.propagators.calls)
        self._methods = frozenset(rule.propagators.methods)
        self._factories = frozenset(rule.sinks.factories)

    def value(self, node: cst.CSTNode, scope: Scope) -> Value:
        """Also performs the expression's own assignments (`:=`) on the scope."""
        handler = _HANDLERS.get(type(node))
        if handler is not None:
            return handler(self, node, scope)
        # An unknown form: its parts are still looked at for calls and assignments.
        for child in node.children:
            if isinstance(child, cst.BaseExpression | cst.Arg | cst.BaseElement):
                self.value(child, scope)
        return CLEAN

    # -------------------------------------------------------------------------- names, sources

    def _name(self, node: cst.Name | cst.Attribute, scope: Scope) -> Value:
        name = dotted(node)
        if name is None:
            self.value(node.children[0], scope)
            return CLEAN
        found = scope.get(name)
        if found is None and self._source.qualified(node) in self._factories:
            return Value(logger=True)
        return found or CLEAN

    def _subscript(self, node: cst.Subscript, scope: Scope) -> Value:
        index = node.slice[0].slice if len(node.slice) == 1 else None
        key = _constant(index.value) if isinstance(index, cst.Index) else None
        if self._source.qualified(node.value) in self._mappings:
            return self._variable(node, key)
        value = self.value(node.value, scope)
        if isinstance(index, cst.Slice):
            return CLEAN if self._masks(index) else value.without_fields()
        if isinstance(index, cst.Index):
            self.value(index.value, scope)
        # One character of a text shows nothing; an unknown item of a container may be the secret.
        if value.fields is None and key is not None and key.lstrip("-").isdigit():
            return CLEAN
        return value.part(key)

    def _variable(self, node: cst.CSTNode, name: str | None) -> Value:
        if name is None or not self._names.in_environment(name) or not name.isidentifier():
            return CLEAN
        return Value((Step(node, f"reads the environment variable {name[:64]}"),))

    def _masks(self, index: cst.Slice) -> bool:
        lower, upper = _number(index.lower), _number(index.upper)
        limit = self._rule.masking_slice
        if index.lower is None and upper is not None:
            return 0 <= upper <= limit
        if index.upper is None and lower is not None:
            return -limit <= lower < 0
        return lower is not None and upper is not None and 0 <= upper - lower <= limit

    # -------------------------------------------------------------------------- calls

    def _call(self, node: cst.Call, scope: Scope) -> Value:
        name = self._source.qualified(node.func)
        receiver = CLEAN
        if isinstance(node.func, cst.Attribute):
            receiver = self.value(node.func.value, scope)
        elif not isinstance(node.func, cst.Name):
            self.value(node.func, scope)
        arguments = tuple(self.value(argument.value, scope) for argument in node.args)
        self._on_call(Called(node, name, receiver, arguments))
        if name in self._factories:
            return Value(logger=True)
        if self._reads_environment(name):
            return self._from_environment(node, arguments)
        if name in self._calls and name not in scope:
            return any_of(arguments).without_fields().then(node, f"through {name}()")
        if isinstance(node.func, cst.Attribute) and node.func.attr.value in self._methods:
            return self._method(node, node.func.attr.value, receiver, arguments)
        self._mutate(node, arguments, scope)
        return receiver if receiver.logger else CLEAN

    def _mutate(self, node: cst.Call, arguments: Sequence[Value], scope: Scope) -> None:
        """`command.append(token)` puts the secret into what the receiver names."""
        if not isinstance(node.func, cst.Attribute) or node.func.attr.value not in _MUTATORS:
            return
        name, added = dotted(node.func.value), any_of(arguments)
        if name is None or not added.secret or len(scope) >= MAX_NAMES:
            return
        before = scope.get(name, CLEAN)
        fields = None
        if node.func.attr.value == "update" and added.fields is not None:
            fields = {**(before.fields or {}), **added.fields}
        whole = any_of((before, added.then(node, f"put into {name[:64]}")))
        scope[name] = Value(whole.steps, fields)

    def _reads_environment(self, name: str | None) -> bool:
        if name is None:
            return False
        owner, _, method = name.rpartition(".")
        return name in self._getters or (
            owner in self._mappings and method in ("get", "pop", "setdefault")
        )

    def _from_environment(self, node: cst.Call, arguments: Sequence[Value]) -> Value:
        first = node.args[0].value if node.args and node.args[0].keyword is None else None
        value = self._variable(node, _constant(first))
        return value if value.secret else any_of(arguments[1:])

    def _method(
        self, node: cst.Call, method: str, receiver: Value, arguments: Sequence[Value]
    ) -> Value:
        if method in ("get", "pop", "setdefault"):
            key = _constant(node.args[0].value) if node.args else None
            return any_of((receiver.part(key), *arguments[1:])) if receiver.fields else CLEAN
        if method == "join":
            return any_of((*arguments, receiver)).without_fields().then(node, "joined into a text")
        if method in ("format", "format_map"):
            return (
                any_of((*arguments, receiver)).without_fields().then(node, "formatted into a text")
            )
        if method == "replace" and len(node.args) >= 2:
            # `text.replace(token, "***")` takes the secret out.
            if arguments[0].secret:
                return CLEAN
            return any_of((receiver, arguments[1]))
        return receiver

    # -------------------------------------------------------------------------- operators, literals

    def _binary(self, node: cst.BinaryOperation, scope: Scope) -> Value:
        left, right = self.value(node.left, scope), self.value(node.right, scope)
        if isinstance(node.operator, cst.Add):
            return any_of((left, right)).without_fields().then(node, "joined into a text")
        if isinstance(node.operator, cst.Modulo):
            return any_of((left, right)).without_fields().then(node, "formatted into a text")
        if isinstance(node.operator, cst.BitOr):  # dicts
            return any_of((left, right)).without_fields()
        return CLEAN

    def _boolean(self, node: cst.BooleanOperation, scope: Scope) -> Value:
        left, right = self.value(node.left, scope), self.value(node.right, scope)
        # `a and b` is `a` only when `a` is empty.
        return right if isinstance(node.operator, cst.And) else any_of((left, right))

    def _conditional(self, node: cst.IfExp, scope: Scope) -> Value:
        self.value(node.test, scope)
        return any_of((self.value(node.body, scope), self.value(node.orelse, scope)))

    def _formatted(self, node: cst.FormattedString, scope: Scope) -> Value:
        parts = [
            self.value(part.expression, scope)
            for part in node.parts
            if isinstance(part, cst.FormattedStringExpression)
        ]
        return any_of(parts).without_fields().then(node, "formatted into a text")

    def _concatenated(self, node: cst.ConcatenatedString, scope: Scope) -> Value:
        return any_of((self.value(node.left, scope), self.value(node.right, scope)))

    def _dict(self, node: cst.Dict, scope: Scope) -> Value:
        fields: dict[str, Value] = {}
        every: list[Value] = []
        for element in node.elements:
            value = self.value(element.value, scope)
            every.append(value)
            key = _constant(element.key) if isinstance(element, cst.DictElement) else None
            if key is not None:
                fields[key] = value
            else:
                # Another mapping's keys are not known here.
                fields.update(value.fields or {})
        known = all(isinstance(element, cst.DictElement) for element in node.elements)
        whole = any_of(every).then(node, "put into a dict")
        return Value(whole.steps, fields if known or whole.fields is None else None)

    def _sequence(self, node: cst.Tuple | cst.List | cst.Set, scope: Scope) -> Value:
        values = [self.value(element.value, scope) for element in node.elements]
        plain = not any(isinstance(element, cst.StarredElement) for element in node.elements)
        fields = {str(index): value for index, value in enumerate(values)} if plain else None
        return Value(any_of(values).steps, fields)

    def _walrus(self, node: cst.NamedExpr, scope: Scope) -> Value:
        value = self.value(node.value, scope)
        if isinstance(node.target, cst.Name):
            scope[node.target.value] = value.then(node, f"assigned to {node.target.value[:64]}")
        return value

    def _await(self, node: cst.Await, scope: Scope) -> Value:
        return self.value(node.expression, scope)

    def _own_scope(self, node: cst.CSTNode, scope: Scope) -> Value:
        """Lambdas and comprehensions bind names of their own; what they give is not followed."""
        return CLEAN

    # -------------------------------------------------------------------------- for assignments

    def key(self, node: cst.Subscript) -> str | None:
        """The constant that a subscript asks for."""
        index = node.slice[0].slice if len(node.slice) == 1 else None
        return _constant(index.value) if isinstance(index, cst.Index) else None

    def literal(self, name: str, node: cst.BaseExpression) -> Value:
        """A hard-coded credential, when both the name and the literal look like one."""
        text = None if self._in_test else _constant(node)
        variable = name.rpartition(".")[2]
        if text is None or not self._names.in_code(variable) or not looks_live(text):
            return CLEAN
        return Value((Step(node, f"a literal in {variable[:64]}"),))


def _constant(node: cst.CSTNode | None) -> str | None:
    """The text of a string or integer literal."""
    if isinstance(node, cst.SimpleString):
        # Not evaluated, which would compile it. With escapes it is neither a key nor a name.
        return None if "\\" in node.value else node.raw_value
    number = _number(node)
    return str(number) if number is not None else None


def _number(node: cst.CSTNode | None) -> int | None:
    if isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Minus):
        inner = _number(node.expression)
        return -inner if inner is not None else None
    if isinstance(node, cst.Integer) and len(node.value) < 10:
        return int(node.evaluated_value)
    return None


_HANDLERS: dict[type[cst.CSTNode], Callable[..., Value]] = {
    cst.Name: Expressions._name,
    cst.Attribute: Expressions._name,
    cst.Subscript: Expressions._subscript,
    cst.Call: Expressions._call,
    cst.BinaryOperation: Expressions._binary,
    cst.BooleanOperation: Expressions._boolean,
    cst.IfExp: Expressions._conditional,
    cst.FormattedString: Expressions._formatted,
    cst.ConcatenatedString: Expressions._concatenated,
    cst.Dict: Expressions._dict,
    cst.Tuple: Expressions._sequence,
    cst.List: Expressions._sequence,
    cst.Set: Expressions._sequence,
    cst.NamedExpr: Expressions._walrus,
    cst.Await: Expressions._await,
    cst.Lambda: Expressions._own_scope,
    cst.ListComp: Expressions._own_scope,
    cst.SetComp: Expressions._own_scope,
    cst.DictComp: Expressions._own_scope,
    cst.GeneratorExp: Expressions._own_scope,
}
